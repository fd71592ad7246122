//! The exact record to publish: today's with the fault mended and nothing else changed.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::Fix;
use crate::DomainName;
use crate::evidence::Record;
use crate::facts::{Dane, Facts, Route};
use crate::inquiry::RecordType;
use crate::spf::record::{Mechanism, Qualifier, glued, parse, records};
use crate::spf::{LOOKUPS_MAX, Problem};
use crate::syntax::dmarc::{self, Dmarc, Policy};
use crate::syntax::tls_rpt;

/// A TXT record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Txt {
    /// Where it goes, without a dot at the end.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl Txt {
    /// The record as a line of a zone (RFC 1035 section 5), its text in strings of at most 255
    /// octets.
    pub fn zone_line(&self) -> String {
        let mut strings = vec![String::new()];
        let mut room = 255;
        for letter in self.text.chars() {
            if letter.len_utf8() > room {
                strings.push(String::new());
                room = 255;
            }
            room -= letter.len_utf8();
            if let Some(last) = strings.last_mut() {
                if matches!(letter, '"' | '\\') {
                    last.push('\\');
                }
                last.push(letter);
            }
        }
        let strings: Vec<_> = strings.into_iter().map(|text| format!("\"{text}\"")).collect();
        format!("{}. 3600 IN TXT {}", self.name, strings.join(" "))
    }
}

/// A TLSA record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tlsa {
    /// Where it goes, without a dot at the end.
    pub name: String,
    /// Its four fields.
    pub data: String,
}

/// The record of the key that an MX host shows today (usage 3, selector 1, SHA-256: what RFC 7672
/// section 3.1 recommends), where it was seen and is held by the server.
pub(crate) fn served_key(facts: &Facts<'_>, host: &str) -> Option<Tlsa> {
    let target = DomainName::new(host).ok()?;
    let mut shown = facts.hosts_of(&target).into_iter().filter_map(|host| facts.shown_to(&target, &host).ok()?);
    let first = shown.next()?;
    let key = &first.own()?.key_sha256;
    // Hosts of one name that show several keys need several records, which is for people to sort out.
    let same = shown.all(|secured| secured.own().is_some_and(|own| own.key_sha256 == *key));
    let at = match facts.dane(&target).ok()?? {
        Dane::Secure(at, _) | Dane::Unsigned(at, _) | Dane::Bogus(at, ..) | Dane::Absent(at, _) => at,
    };
    (same && first.unverified.is_none()).then(|| Tlsa { name: at.to_string(), data: format!("3 1 1 {key}") })
}

/// The record that mends this, where it can be made from what was seen.
pub(crate) fn next(fix: Fix, facts: &Facts<'_>) -> Option<Txt> {
    let domain = facts.domain();
    let spf = |text: String| Some(Txt { name: domain.to_string(), text });
    match fix {
        Fix::PublishSpf => spf(format!("v=spf1 {} ~all", provider(facts))),
        Fix::OneSpf => spf(merged(&scattered_spf(facts)?)),
        Fix::SplitSpf => spf(respaced(facts)?),
        Fix::MendSpf => spf(mended(own_spf(facts)?.first()?)),
        Fix::EndSpf => {
            let everyone = facts.spf_tree().ok().flatten().and_then(|flat| flat.everyone);
            spf(ended(&without(own_spf(facts)?.first()?, |term| Some(term) == everyone.as_deref())))
        }
        Fix::SpfWithoutPtr => spf(without_ptr(own_spf(facts)?.first()?)),
        Fix::SpfWithoutVoids => spf(without_dead(facts, true)?),
        Fix::MendInclude => spf(without_dead(facts, false)?),
        Fix::ShortenSpf => spf(shortened(facts)?),
        Fix::PublishDmarc | Fix::OneDmarc | Fix::DmarcPolicy | Fix::EnforceDmarc | Fix::MendReportAddress => {
            dmarc_record(fix, facts)
        }
        Fix::MendTlsRpt => {
            let name = tls_rpt::name(domain)?;
            let found = facts.dns(&name, RecordType::Txt).ok().map(tls_rpt::read);
            let uris = found.iter().flat_map(|found| found.records.iter().chain(&found.look_alikes));
            let uris: Vec<&str> = uris.flat_map(|text| tls_rpt::uris(text)).collect();
            let own = format!("mailto:tls-reports@{domain}");
            let rua = if uris.is_empty() { own } else { uris.join(",") };
            Some(Txt { name: name.to_string(), text: format!("v=TLSRPTv1; rua={rua}") })
        }
        _ => None,
    }
}

/// The longest record that is mended, in octets. No honest one is as long, and the work below grows
/// with the square of it.
const RECORD_MAX: usize = 2_048;

/// Is it a text that may stand in the lines to paste: short enough, and nothing hidden in it?
fn is_presentable(text: &str) -> bool {
    text.len() <= RECORD_MAX && !text.chars().any(char::is_control)
}

fn own_spf(facts: &Facts<'_>) -> Option<Vec<String>> {
    let found = records(facts.dns(facts.domain(), RecordType::Txt).ok()?);
    let texts = if found.spf.is_empty() { found.look_alikes } else { found.spf };
    (!texts.is_empty() && texts.iter().all(|text| is_presentable(text))).then_some(texts)
}

/// The domain's records, and after them their parts that stand apart, each as a record.
fn scattered_spf(facts: &Facts<'_>) -> Option<Vec<String>> {
    let mut texts = own_spf(facts)?;
    if let ([text], Some(spaced)) = (texts.as_mut_slice(), respaced(facts)) {
        *text = spaced;
    }
    let parts = records(facts.dns(facts.domain(), RecordType::Txt).ok()?).parts;
    texts.extend(parts.into_iter().filter(|part| is_presentable(part)).map(|part| format!("v=spf1 {part}")));
    Some(texts)
}

/// The record with a space wherever two terms run together at a seam of its strings.
fn respaced(facts: &Facts<'_>) -> Option<String> {
    let text = own_spf(facts)?.into_iter().next()?;
    let mut answers = facts.dns(facts.domain(), RecordType::Txt).ok()?.records.iter();
    let seams = answers.find_map(|record| match record {
        Record::Txt(strings) if strings.concat() == text => Some(glued(strings)),
        _ => None,
    })?;
    let mut spaced = String::new();
    let mut from = 0;
    for seam in seams.into_iter().chain([text.len()]) {
        if from > 0 {
            spaced.push(' ');
        }
        spaced += text.get(from..seam)?;
        from = seam;
    }
    Some(spaced)
}

/// What sends for a domain whose mail these hosts take: the providers' own words, else `mx`.
fn provider(facts: &Facts<'_>) -> &'static str {
    const PROVIDERS: [(&str, &str); 6] = [
        ("google.com", "include:_spf.google.com"),
        ("googlemail.com", "include:_spf.google.com"),
        ("mail.protection.outlook.com", "include:spf.protection.outlook.com"),
        ("messagingengine.com", "include:spf.messagingengine.com"),
        ("protonmail.ch", "include:_spf.protonmail.ch"),
        ("mail.icloud.com", "include:icloud.com"),
    ];
    let of = |name: &DomainName| {
        PROVIDERS.iter().find(|(suffix, _)| DomainName::new(suffix).is_ok_and(|suffix| name.is_within(&suffix)))
    };
    match facts.targets().iter().find_map(of) {
        Some((_, include)) => include,
        // Without MX records `mx` would let nobody send.
        None if facts.route() == Ok(Route::Implicit) => "a",
        None => "mx",
    }
}

/// The record with each faulty term written right, or left out where nobody can know how.
fn mended(text: &str) -> String {
    let body = text.trim_matches(|c: char| c.is_whitespace() || QUOTES.contains(&c));
    let mut terms: Vec<String> = Vec::new();
    let mut words = body.split_whitespace().skip(1).peekable();
    while let Some(word) = words.next() {
        // `include: example.org`
        let joined = words.peek().filter(|_| word.ends_with([':', '='])).map(|next| format!("{word}{next}"));
        if let Some(joined) = joined.filter(|term| is_sound(term)) {
            terms.push(joined);
            words.next();
        } else if let Some(term) = sound(word) {
            terms.push(term);
        }
    }
    let record = format!("v=spf1 {}", terms.join(" "));
    let says = parse(&record);
    if says.all().is_none() && says.redirect.is_none() { ended(&record) } else { record }
}

const QUOTES: [char; 7] = ['"', '\'', '“', '”', '‘', '’', '`'];

fn is_sound(term: &str) -> bool {
    parse(&format!("v=spf1 {term}")).faults.is_empty()
}

/// A term as it was probably meant; nothing where that can't be known.
fn sound(word: &str) -> Option<String> {
    let bare = word.trim_matches(|c: char| ",;".contains(c) || QUOTES.contains(&c)).trim_end_matches('.');
    if is_sound(word) && word == bare {
        return Some(word.to_owned());
    }
    let sign = if bare.starts_with(['+', '-', '~', '?']) { bare.get(..1)? } else { "" };
    let rest = bare.get(sign.len()..)?;
    let (name, value) = rest.split_once([':', '=']).unwrap_or((rest, ""));
    let (name, value) = (name.to_ascii_lowercase(), value.trim_matches(|c: char| QUOTES.contains(&c)));
    let address = value.split('/').next().unwrap_or(value);
    let meant = match name.as_str() {
        "ip4" | "ip6" | "ip" | "ipv4" | "ipv6" | "a" if address.parse::<Ipv4Addr>().is_ok() => format!("ip4:{value}"),
        "ip4" | "ip6" | "ip" | "ipv4" | "ipv6" | "a" if address.parse::<Ipv6Addr>().is_ok() => format!("ip6:{value}"),
        "ip4" | "ip6" | "ip" | "ipv4" | "ipv6" => format!("a:{value}"),
        "redirect" | "exp" => format!("{name}={value}"),
        _ if value.is_empty() => name,
        _ => format!("{name}:{value}"),
    };
    Some(format!("{sign}{meant}")).filter(|term| is_sound(term))
}

/// The record with its `all` at the end, and that one not open to everyone.
fn ended(text: &str) -> String {
    // A redirect beside `all` is never followed (RFC 7208 section 6.1).
    without(text, |term| is_all(term) || term.to_ascii_lowercase().starts_with("redirect=")) + " ~all"
}

fn is_all(term: &str) -> bool {
    term.trim_start_matches(['+', '-', '~', '?']).eq_ignore_ascii_case("all")
}

/// The record without these terms.
fn without(text: &str, drop: impl Fn(&str) -> bool) -> String {
    let kept: Vec<&str> = text.split(' ').filter(|term| !term.is_empty() && !drop(term)).collect();
    kept.join(" ")
}

/// All terms of several records once, under the mildest of their ends.
fn merged(texts: &[String]) -> String {
    let mut terms: Vec<&str> = Vec::new();
    let mut strict = true;
    for text in texts {
        for term in text.split(' ').skip(1).filter(|term| !term.is_empty()) {
            if is_all(term) {
                strict &= term.starts_with('-');
            } else if !terms.contains(&term) && is_sound(term) && !term.to_ascii_lowercase().starts_with("redirect=") {
                terms.push(term);
            }
        }
    }
    terms.insert(0, "v=spf1");
    terms.push(if strict { "-all" } else { "~all" });
    terms.join(" ")
}

fn without_ptr(text: &str) -> String {
    let says = parse(text);
    let kept = |term: &str| says.directives.iter().any(|d| d.text == term && !matches!(d.mechanism, Mechanism::Ptr(_)));
    let others = says.directives.iter().any(|d| !matches!(d.mechanism, Mechanism::Ptr(_) | Mechanism::All));
    let short = without(text, |term| says.directives.iter().any(|d| d.text == term) && !kept(term));
    // Where ptr was all that let anyone send, the mail servers stay.
    if others { short } else { short.replacen("v=spf1", "v=spf1 mx", 1) }
}

/// The domain's own record without its terms that lead nowhere: lookups that bring nothing, or
/// includes of what is no record. Nothing where the cause is in somebody else's record.
fn without_dead(facts: &Facts<'_>, voids: bool) -> Option<String> {
    let flat = facts.spf_tree().ok()??;
    let text = own_spf(facts)?.into_iter().next()?;
    let says = parse(&text);
    let named = |spec: Option<&str>| spec.map_or(facts.domain().to_string(), str::to_ascii_lowercase);
    let is_void = |mechanism: &Mechanism<'_>| {
        let (record, spec) = match mechanism {
            Mechanism::A(spec, _) => (RecordType::A, *spec),
            Mechanism::Exists(spec) => (RecordType::A, Some(*spec)),
            Mechanism::Mx(spec, _) => (RecordType::Mx, *spec),
            _ => return false,
        };
        flat.voids.contains(&format!("{record} of {}", named(spec)))
    };
    let broken = |name: &str| {
        let leads_nowhere =
            |(problem, at): &(Problem, String)| *problem != Problem::ManyMx && at.eq_ignore_ascii_case(name);
        flat.problems.iter().any(leads_nowhere)
    };
    let dead = |term: &str| {
        let directive = says.directives.iter().find(|d| d.text == term);
        match directive.map(|d| d.mechanism) {
            Some(Mechanism::Include(spec)) => !voids && broken(spec),
            Some(mechanism) => voids && is_void(&mechanism),
            None => !voids && says.redirect.is_some_and(|name| term.ends_with(name) && broken(name)),
        }
    };
    let short = without(&text, dead);
    let changed = short != without(&text, |_| false);
    let open = |record: &str| parse(record).all().is_none() && parse(record).redirect.is_none();
    changed.then(|| if open(&short) { ended(&short) } else { short })
}

/// The record with each `a` and `mx` written as the addresses behind it, if that is enough.
fn shortened(facts: &Facts<'_>) -> Option<String> {
    let text = own_spf(facts)?.into_iter().next()?;
    let says = parse(&text);
    let mut terms = vec!["v=spf1".to_owned()];
    let mut saved = 0;
    for term in text.split(' ').skip(1).filter(|term| !term.is_empty()) {
        let directive = says.directives.iter().find(|d| d.text == term && d.qualifier == Qualifier::Pass);
        let written = match directive.map(|d| d.mechanism) {
            Some(Mechanism::A(spec, lengths)) if (lengths.v4, lengths.v6) == (32, 128) => {
                let name = spec.map_or(Ok(facts.domain().clone()), DomainName::new).ok();
                name.and_then(|name| written_out(facts, &[name]))
            }
            Some(Mechanism::Mx(None, lengths)) if (lengths.v4, lengths.v6) == (32, 128) => {
                written_out(facts, &facts.targets())
            }
            _ => None,
        };
        saved += usize::from(written.is_some());
        for term in written.unwrap_or_else(|| vec![term.to_owned()]) {
            if !terms.contains(&term) {
                terms.push(term);
            }
        }
    }
    let lookups = facts.spf_tree().ok()??.lookups;
    (saved > 0 && lookups.saturating_sub(saved) <= LOOKUPS_MAX).then(|| terms.join(" "))
}

/// The addresses of these names as terms, where both families of each are known.
fn written_out(facts: &Facts<'_>, names: &[DomainName]) -> Option<Vec<String>> {
    let mut terms = Vec::new();
    for name in names {
        for (family, word) in [(RecordType::A, "ip4"), (RecordType::Aaaa, "ip6")] {
            let answer = facts.dns(name, family).ok()?;
            terms.extend(answer.records.iter().filter_map(|r| r.address()).map(|address| format!("{word}:{address}")));
        }
    }
    Some(terms).filter(|terms| !terms.is_empty())
}

fn dmarc_record(fix: Fix, facts: &Facts<'_>) -> Option<Txt> {
    let domain = facts.domain();
    let own = |text: String| Some(Txt { name: format!("_dmarc.{domain}"), text });
    let rua = format!("mailto:dmarc@{domain}");
    match fix {
        Fix::PublishDmarc if facts.is_parked() => return own("v=DMARC1; p=reject".to_owned()),
        Fix::PublishDmarc => return own(format!("v=DMARC1; p=none; rua={rua}")),
        Fix::OneDmarc => {
            let mut all = facts.dmarc_at(domain).ok()?;
            all.retain(|text| is_presentable(text));
            return own(all.into_iter().max_by_key(|text| meant_policy(&dmarc::parse(text)))?);
        }
        _ => {}
    }
    let record = facts.dmarc().ok()??;
    let text = Some(&record.text).filter(|text| is_presentable(text))?;
    let inherited = record.at != *domain;
    let now = meant_policy(&record.says);
    let text = match fix {
        // A record of its own: the parent's is for others, too.
        Fix::EnforceDmarc if facts.is_parked() && inherited => return own("v=DMARC1; p=reject".to_owned()),
        Fix::EnforceDmarc if facts.is_parked() => with_tag(text, "p", "reject"),
        Fix::EnforceDmarc if inherited && record.says.subdomains.is_some() => with_tag(text, "sp", "quarantine"),
        // First the reports, which say whose mail would be hit.
        Fix::EnforceDmarc if record.says.aggregate.is_empty() => with_policy(text, now, &rua),
        Fix::EnforceDmarc => with_tag(text, "p", "quarantine"),
        Fix::DmarcPolicy => with_policy(text, now, &rua),
        _ => with_addresses(text),
    };
    Some(Txt { name: format!("_dmarc.{}", record.at), text })
}

/// The policy that was probably meant: a misspelt one is known by its first letter.
fn meant_policy(says: &Dmarc) -> Policy {
    match &says.policy {
        Some(Ok(policy)) => *policy,
        Some(Err(text)) => match text.bytes().next().map(|b| b.to_ascii_lowercase()) {
            Some(b'r') => Policy::Reject,
            Some(b'q') => Policy::Quarantine,
            _ => Policy::None,
        },
        None => Policy::None,
    }
}

/// The record with this policy behind its version, with somewhere for the reports to go.
fn with_policy(text: &str, policy: Policy, rua: &str) -> String {
    let word = match policy {
        Policy::None => "none",
        Policy::Quarantine => "quarantine",
        Policy::Reject => "reject",
    };
    let mut record = with_tag(text, "p", word);
    for tag in ["sp", "np"] {
        let says = dmarc::parse(&record);
        let bad = if tag == "sp" { says.subdomains } else { says.nonexistent };
        if matches!(bad, Some(Err(_))) {
            record = with_tag(&record, tag, word);
        }
    }
    if dmarc::parse(&record).aggregate.is_empty() { with_tag(&record, "rua", rua) } else { record }
}

/// The record with this tag: where it stands, else behind the version (a policy) or at the end.
fn with_tag(text: &str, tag: &str, value: &str) -> String {
    let says = dmarc::parse(text);
    let place = says.places.iter().find(|(known, _)| known == tag).map(|(_, place)| *place);
    if let Some((start, end)) = place {
        let (before, after) = (text.get(..start).unwrap_or(text), text.get(end..).unwrap_or(""));
        return format!("{before}{tag}={value}{after}");
    }
    let (head, tail) = text.split_once(';').unwrap_or((text, ""));
    let tail = tail.trim().trim_end_matches(';');
    match (tag, tail) {
        (_, "") => format!("{head}; {tag}={value}"),
        ("p", _) => format!("{head}; {tag}={value}; {tail}"),
        _ => format!("{head}; {tail}; {tag}={value}"),
    }
}

/// The record with `mailto:` before each address, and without what is none.
fn with_addresses(text: &str) -> String {
    let mut record = text.to_owned();
    for tag in ["rua", "ruf"] {
        let places = dmarc::parse(&record).places;
        let Some((_, (start, end))) = places.iter().find(|(known, _)| known == tag) else {
            continue;
        };
        let list = record.get(*start..*end).and_then(|part| part.split_once('=')).map_or("", |(_, list)| list);
        let addresses: Vec<String> = list
            .split([',', ' '])
            .map(str::trim)
            .filter(|uri| !uri.is_empty())
            .map(|uri| if uri.contains(':') { uri.to_owned() } else { format!("mailto:{uri}") })
            .filter(|uri| !dmarc::parse(&format!("v=DMARC1; rua={uri}")).aggregate.is_empty())
            .collect();
        if !addresses.is_empty() {
            record = with_tag(&record, tag, &addresses.join(","));
        }
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_mended_and_nothing_else_changed() {
        let rows = [
            ("v=spf1 mx ip4:192.0.2.1 -all", "v=spf1 mx ip4:192.0.2.1 -all"),
            ("v=spf1 ip:192.0.2.1 ipv6:2001:db8::1 -all", "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all"),
            ("v=spf1 ip4:2001:db8::1 ip4:mail.example.org ~all", "v=spf1 ip6:2001:db8::1 a:mail.example.org ~all"),
            ("v=spf1 include: _spf.example.org a:192.0.2.7 -all", "v=spf1 include:_spf.example.org ip4:192.0.2.7 -all"),
            ("v=spf1 ip4:1.2.3 mx, -all;", "v=spf1 mx -all"),
            ("v=spf1 redirect:example.org", "v=spf1 redirect=example.org"),
            ("v=spf1 mx include:example.org/24", "v=spf1 mx ~all"),
            ("“v=spf1 mx -all”", "v=spf1 mx -all"),
        ];
        for (text, want) in rows {
            let record = mended(text);
            assert_eq!(record, want, "{text}");
            assert_eq!(parse(&record).faults, [], "{text}");
        }
    }

    #[test]
    fn ends_merges_and_ptr() {
        assert_eq!(ended("v=spf1 mx +all"), "v=spf1 mx ~all");
        assert_eq!(ended("v=spf1 mx redirect=a.test ?all"), "v=spf1 mx ~all");
        assert_eq!(ended("v=spf1 mx"), "v=spf1 mx ~all");
        let merge = |a: &str, b: &str| merged(&[a.to_owned(), b.to_owned()]);
        assert_eq!(merge("v=spf1 mx -all", "v=spf1 mx include:a.test -all"), "v=spf1 mx include:a.test -all");
        assert_eq!(merge("v=spf1 mx -all", "v=spf1 a ?all"), "v=spf1 mx a ~all");
        assert_eq!(merge("v=spf1 a:x.all -all", "v=spf1 mx -ALL"), "v=spf1 a:x.all mx -all");
        assert_eq!(without_ptr("v=spf1 a ptr:x.test -all"), "v=spf1 a -all");
        assert_eq!(without_ptr("v=spf1 ptr -all"), "v=spf1 mx -all");
    }

    #[test]
    fn dmarc_goes_one_step() {
        let policy = |text: &str, policy| with_policy(text, policy, "mailto:r@a.test");
        assert_eq!(policy("v=DMARC1", Policy::None), "v=DMARC1; p=none; rua=mailto:r@a.test");
        assert_eq!(
            policy("v=DMARC1; p=rejct; rua=mailto:x@a.test; fo=1", Policy::Reject),
            "v=DMARC1; p=reject; rua=mailto:x@a.test; fo=1"
        );
        assert_eq!(
            policy("v=DMARC1;p=none;sp=no", Policy::None),
            "v=DMARC1;p=none;sp=none; rua=mailto:r@a.test".replace("v=DMARC1;p", "v=DMARC1; p")
        );
        assert_eq!(with_tag("v=DMARC1; p=none; fo=1", "p", "quarantine"), "v=DMARC1; p=quarantine; fo=1");
        assert_eq!(
            with_addresses("v=DMARC1; p=none; rua=a@b.test, mailto:c@d.test https://x.test"),
            "v=DMARC1; p=none; rua=mailto:a@b.test,mailto:c@d.test"
        );
    }

    #[test]
    fn zone_lines_are_split_and_escaped() {
        let line = Txt { name: "a.test".to_owned(), text: "x\"".repeat(150) }.zone_line();
        assert_eq!(line.matches("\" \"").count(), 1);
        assert!(line.starts_with("a.test. 3600 IN TXT \"x\\\"x"), "{line}");
    }
}
