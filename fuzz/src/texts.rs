//! Texts: records, policies, replies, and what people type.

use std::net::IpAddr;

use shared::disclosure::{self, Protocol};
use shared::evidence::{DnsAnswer, Record, Reply};
use shared::inquiry::RecordType;
use shared::lint::{Kind, lint};
use shared::spf::{self, Lookup, Outcome, Query};
use shared::syntax::{self, Fault, capability, ehlo, gateway, refusal};
use shared::visible::{from_bytes, visible as made_visible};
use shared::{DomainName, HttpsUrl, Unseen};

use crate::source::Source;
use crate::talks::name;

/// All of a text's faults, by a linter, in places that are there.
fn linted(kind: Kind, data: &[u8]) -> String {
    let text = from_bytes(data);
    let found = lint(kind, &text);
    in_place(&text, &found.faults);
    text
}

fn in_place(text: &str, faults: &[Fault]) {
    for fault in faults {
        assert!(text.get(fault.start..fault.end).is_some(), "{text:?} has no such place: {fault:?}");
    }
}

fn txt(text: &str) -> DnsAnswer {
    DnsAnswer { records: vec![Record::Txt(vec![text.to_owned()])], ..DnsAnswer::default() }
}

/// An SPF record.
pub fn spf(data: &[u8]) {
    let text = linted(Kind::Spf, data);
    let record = spf::record::parse(&text);
    let _ = (record.all(), record.allows_nobody(), record.ptr());
    let _ = spf::record::records(&txt(&text));
}

/// Evaluation in a zone in which each line of the input is the answer of some name.
pub fn spf_tree(data: &[u8]) {
    let mut source = Source(data);
    let ip: IpAddr = match source.byte() % 3 {
        0 => [192, 0, 2, source.byte()].into(),
        1 => [0x2606, 0x4700, 0, 0, 0, 0, 0, u16::from(source.byte())].into(),
        _ => [0, 0, 0, 0, 0, 0xffff, 0xc000, 0x0201].into(),
    };
    let mut answers = Vec::new();
    while !source.is_empty() && answers.len() < 32 {
        let text = source.text();
        answers.push(DnsAnswer {
            records: vec![
                Record::Txt(vec![text.clone()]),
                Record::A([192, 0, 2, text.len() as u8].into()),
                Record::Mx { preference: 1, exchange: shared::evidence::Target::Name(name("a.example.org")) },
                Record::Ptr(shared::evidence::Target::Name(name("a.example.org"))),
            ],
            ..DnsAnswer::default()
        });
    }
    let Some(first) = answers.first() else { return };
    let known = |asked: &str, record: RecordType| {
        let sum = asked.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        match (asked, record) {
            ("example.org", RecordType::Txt) => Lookup::Known(first),
            _ if sum % 11 == 10 => Lookup::Unseen(Unseen::ServFail),
            _ => answers.get(sum % (answers.len() + 1)).map_or(Lookup::Missing, Lookup::Known),
        }
    };
    let query = Query {
        ip,
        domain: "example.org",
        sender: "a.b-c@example.org",
        helo: "helo.example.org",
        receiver: "us.example",
        now: 1_795_000_000,
    };
    match spf::check_host(&query, &known) {
        Outcome::Done(done) => assert!(done.lookups <= spf::LOOKUPS_MAX + 1, "{} lookups", done.lookups),
        Outcome::Lacks(lacks) => assert!(!lacks.is_empty() && lacks.len() < 400, "{} lacks", lacks.len()),
    }
    if let Some(Record::Txt(strings)) = first.records.first() {
        let _ = spf::flatten(&name("example.org"), &strings.concat(), &known);
    }
}

/// A DMARC record.
pub fn dmarc(data: &[u8]) {
    let text = linted(Kind::Dmarc, data);
    let _ = syntax::dmarc::parse(&text).has_bad_policy();
    let _ = syntax::dmarc::records(&txt(&text));
}

/// A DKIM key record.
pub fn dkim(data: &[u8]) {
    let text = linted(Kind::Dkim, data);
    let key = syntax::dkim::parse(&text);
    let _ = (key.is_faulty(), key.is_bare(), syntax::dkim::is_key(&text));
}

/// The TXT record of MTA-STS.
pub fn mta_sts_txt(data: &[u8]) {
    let text = linted(Kind::MtaStsTxt, data);
    let _ = syntax::mta_sts::read(&txt(&text));
}

/// The policy of MTA-STS.
pub fn mta_sts_policy(data: &[u8]) {
    let text = linted(Kind::MtaStsPolicy, data);
    let _ = syntax::mta_sts::policy(&text).allows(&name("mx1.example.org"));
}

/// A TLS reporting record.
pub fn tls_rpt(data: &[u8]) {
    let text = linted(Kind::TlsRpt, data);
    let _ = syntax::tls_rpt::read(&txt(&text));
    let _ = syntax::tls_rpt::uris(&text).count();
}

/// A TLSA record.
pub fn tlsa(data: &[u8]) {
    let text = linted(Kind::Tlsa, data);
    let read = syntax::tlsa::parse(&text);
    in_place(&text, &read.faults);
}

/// A BIMI record.
pub fn bimi(data: &[u8]) {
    let text = linted(Kind::Bimi, data);
    let _ = (syntax::bimi::logo(&text), syntax::bimi::certificate(&text), syntax::bimi::records(&txt(&text)));
}

/// Documents in XML: a logo, or what sets mail programs up.
pub fn svg(data: &[u8]) {
    let text = from_bytes(data);
    in_place(&text, &syntax::svg::faults(&text));
    let servers = syntax::autoconfig::read(&text, &name("example.org")).unwrap_or_default();
    assert!(servers.iter().all(|server| server.host.is_host()));
}

/// An SMTP reply: EHLO's keywords, refusals, gateways; and capabilities of IMAP and POP3.
pub fn reply(data: &[u8]) {
    let mut source = Source(data);
    let code = source.number() % 1000;
    let mut lines = Vec::new();
    while !source.is_empty() && lines.len() < 100 {
        lines.push(source.text());
    }
    let text = lines.join("\n");
    for line in &lines {
        let _ = gateway::of_name(line);
    }
    let _ = gateway::of_text(&text);
    if let Some(found) = capability::imap(&lines) {
        let _ = capability::imap_mechanisms(&found);
    }
    if let Some(found) = capability::pop(&lines) {
        let _ = (capability::pop_mechanisms(&found), capability::pop_has(&found, "STLS"));
    }
    let _ = (capability::imap_starttls(&lines), capability::pop_stls(&lines), capability::sieve_starttls(&lines));
    let reply = Reply { code, lines };
    let _ = (ehlo::keywords(&reply), ehlo::offers_auth(&reply, "PLAIN"), ehlo::recipient_limit(&reply));
    let _ = (ehlo::server_name(&reply), refusal::refusal(&reply), refusal::lacks_login(&reply));
}

/// What servers' texts disclose.
pub fn disclosure(data: &[u8]) {
    let mut source = Source(data);
    let kind = *source.pick(&[Kind::SmtpBanner, Kind::ImapBanner, Kind::Pop3Banner]);
    let protocol = match kind {
        Kind::ImapBanner => Protocol::Imap,
        Kind::Pop3Banner => Protocol::Pop3,
        _ => Protocol::Smtp,
    };
    let text = linted(kind, source.0);
    for span in disclosure::told(protocol, &text).spans {
        let shown = text.get(span.start..span.end);
        assert!(shown.is_some_and(|shown| !shown.is_empty()), "{text:?} has no such place: {span:?}");
    }
    let _ = (disclosure::name_kind(&text), shared::disclosure::greeting_name(&text));
}

/// The second message of NTLM: as text, and as what its base64 holds.
pub fn ntlm(data: &[u8]) {
    use base64::Engine;
    let mut message = b"NTLMSSP\0\x02\0\0\0".to_vec();
    message.extend(data);
    let packed = base64::prelude::BASE64_STANDARD.encode(message);
    for text in [from_bytes(data), format!("334 {packed}")] {
        if let Some((_, start, end)) = disclosure::challenge(&text) {
            assert!(text.get(start..end).is_some(), "{text:?} has no such place: {start}..{end}");
        }
    }
}

/// What a person types as a domain, and what a record names as a URL.
pub fn typed(data: &[u8]) {
    let text = from_bytes(data);
    if let Ok(typed) = shared::domain::read_typed(&text, |host| Some(format!("xn--{}", host.len()))) {
        let again = DomainName::new(typed.domain.as_str());
        assert_eq!(again.as_ref(), Ok(&typed.domain));
        assert!(typed.domain.as_str().parse::<IpAddr>().is_err(), "{} is an address", typed.domain);
    }
    if let Ok(url) = HttpsUrl::new(&text) {
        assert_eq!(HttpsUrl::new(url.as_str()).as_ref(), Ok(&url));
        assert!(url.host().parse::<IpAddr>().is_err(), "{url} leads to an address");
        assert!(url.as_str().starts_with("https://") && url.host().contains('.'));
    }
}

/// Foreign text made harmless: nothing hidden is left, and what is harmless stays as it is.
pub fn visible(data: &[u8]) {
    let shown = made_visible(&from_bytes(data));
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
    assert_eq!(made_visible(&shown), shown);
}
