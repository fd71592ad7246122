//! What holds for every domain, however strange: over made-up worlds, in every order.

#![allow(clippy::indexing_slicing, clippy::unwrap_used)] // a test may fail

mod support;

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use shared::Grant;
use shared::case::INQUIRIES_MAX;
use shared::checks::CHECKS;
use shared::difference::{Difference, Judged, difference};
use shared::evidence::{
    Answer, Arrival, DnsAnswer, FetchFault, Fetched, MailSeen, Path, PemCertificate, Record, Sender, SmtpSession,
    Target, TlsFault,
};
use shared::grant::Choice;
use shared::inquiry::{RecordType, Script};
use shared::syntax::consent::Word;
use shared::{Case, Evidence, Inquiry, Report, Unseen, Verdict, judge, plan};
use support::{CAREFUL, Encryption, GOOD, Offered, Server, Shown, case, evidence, name};

/// A number that depends on the seed and the text only (FNV-1a, then a mix).
fn dice(seed: u64, text: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ seed;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 29)
}

fn pick<'a>(seed: u64, salt: &str, choices: &[&'a str]) -> &'a str {
    choices[(dice(seed, salt) % choices.len() as u64) as usize]
}

/// A world that answers the same inquiry always alike, and is often unkind.
fn answer(seed: u64, inquiry: &Inquiry) -> Result<Answer, Unseen> {
    let key = inquiry.to_string();
    if dice(seed, &format!("fails {key}")).is_multiple_of(7) {
        let why = dice(seed, &format!("why {key}")) % Unseen::ALL.len() as u64;
        return Err(Unseen::ALL[why as usize]);
    }
    if let Inquiry::Probe { port: 465 | 993 | 995, .. } = inquiry
        && dice(seed, &format!("closed {key}")).is_multiple_of(3)
    {
        return Err(Unseen::Refused);
    }
    match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(Answer::Dns(dns(seed, name.as_str(), &key, *record))),
        Inquiry::Probe { script: Script::ImapSurvey | Script::PopSurvey | Script::SieveSurvey, port, .. } => {
            spoken(seed, &key, *port)
        }
        Inquiry::Probe { script: Script::ImapInjection | Script::PopInjection | Script::SieveInjection, .. } => {
            let answers = [["", "OK bye"], ["OK done", "OK bye"], ["OK done", ""], ["", ""]];
            let fails = dice(seed, &format!("injection {key}")).is_multiple_of(3);
            let tls = if fails { Encryption::Fails(TlsFault::Closed) } else { Encryption::Shows(support::GOOD) };
            let place = dice(seed, &format!("injected {key}")) % 4;
            Ok(support::lines_injected(answers.into_iter().nth(place as usize).unwrap(), &tls))
        }
        Inquiry::Probe { script: Script::Deliver { .. }, .. } => {
            let said = |what: &str, yes| pick(seed, &format!("{what} {key}"), &[yes, yes, yes, "451 later", "554 no"]);
            let data = pick(seed, &format!("data {key}"), &["250 taken", "250 taken", "554 5.7.1 rspamd", "451 later"]);
            Ok(support::delivery([said("mail", "250 x"), said("rcpt", "250 x"), said("354", "354 x"), data]))
        }
        // Domains where nothing answers, or nearly so.
        Inquiry::Probe { port: 25, script: Script::SmtpSurvey, .. }
            if dice(seed, "shut").is_multiple_of(4) && !dice(seed, &format!("shut {key}")).is_multiple_of(5) =>
        {
            Err(Unseen::Rejected)
        }
        Inquiry::Probe { script, .. } => {
            let choose = |what: &str, choices: &[&'static str]| pick(seed, &format!("{what} {key}"), choices);
            let rcpt = |what: &str| {
                choose(
                    what,
                    &[
                        "250 2.1.5 Ok",
                        "550 5.1.1 User unknown",
                        "554 5.7.1 Relay access denied",
                        "450 4.7.1 Greylisted",
                        "550 5.7.1 blocked using bl.example",
                        "599 ?",
                    ],
                )
            };
            let server = Server {
                greeting: choose(
                    "greeting",
                    &[
                        "220 mx1.example.org ESMTP",
                        "220 EX01 ESMTP Postfix 3.7.1",
                        "554 no",
                        "220 a.local at 10.1.1.1",
                        "421 busy",
                    ],
                ),
                ehlo: choose(
                    "ehlo",
                    &[
                        CAREFUL.ehlo,
                        "250-x\n250-AUTH PLAIN\n250 SIZE",
                        "502 what",
                        "250-lost.example\n250 SIZE 0",
                        "250 x",
                    ],
                ),
                help: choose("help", &[CAREFUL.help, "214 Exim 4.96"]),
                auth: choose("auth", &[CAREFUL.auth, "334", "454 later"]),
                size: choose("size", &[CAREFUL.size, "250 Ok", "530 TLS first"]),
                mail: choose("mail", &["250 Ok", "250 Ok", "250 Ok", "550 5.7.1 no", "451 later"]),
                postmaster: rcpt("postmaster"),
                bare: rcpt("bare"),
                abuse: rcpt("abuse"),
                control: rcpt("control"),
                ntlm: [
                    choose("ntlm", &["", "334 ", "504 no"]),
                    choose(
                        "type 2",
                        &[
                            "",
                            "535 no",
                            "334 TlRMTVNTUAACAAAACAAIADgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABwAHABAAAAAAAAAAAAAAABDAE8AUgBQAAIACABDAE8AUgBQAAEACABFAFgAMAAxAAAAAAA=",
                        ],
                    ),
                ],
                vrfy: [
                    choose("vrfy", &["", "250 2.1.5 <postmaster@x>", "252 2.0.0 x"]),
                    choose("vrfy no", &["252 2.0.0 x", "550 5.1.1 User unknown", "502 what"]),
                ],
                expn: [
                    choose("expn", &["502 what", "250 <a@x>", "450 later"]),
                    choose("expn no", &["", "550 5.1.1 User unknown", "250 <b@x>"]),
                ],
                roles: [rcpt("contact"), rcpt("hostmaster"), rcpt("security"), rcpt("webmaster"), rcpt("noc")],
                null_sender: rcpt("null"),
                submission: rcpt("submission"),
                relay: rcpt("relay"),
                tls: encryption(dice(seed, &format!("tls {key}"))),
                old: OFFERED[dice(seed, &format!("old {key}")) as usize % OFFERED.len()],
                weak: OFFERED[dice(seed, &format!("weak {key}")) as usize % OFFERED.len()],
                injected: [choose("injected", &["", "250 Ok"]), choose("bye", &["221 Bye", "250 Ok", ""])],
                greeting_took: if dice(seed, &format!("late {key}")).is_multiple_of(4) { 30_000 } else { 30 },
            };
            let answer = match inquiry {
                Inquiry::Probe { port: 465, .. } => support::smtp_in_tls(&server),
                _ => server.answer(script),
            };
            let Answer::Smtp(mut session) = answer else {
                return Err(Unseen::Failed);
            };
            cut(seed, &key, &mut session);
            Ok(Answer::Smtp(session))
        }
        Inquiry::Mail => Ok(Answer::Mail(mail(seed))),
        Inquiry::Arrival { token } => {
            let header = pick(seed, &format!("header {key}"), &["Content-Type: multipart/report", "Subject: away"]);
            let arrival = Arrival {
                at: 0,
                sender: pick(seed, &format!("sender {key}"), &["", "a@example.org"]).to_owned(),
                client: None,
                header: header.to_owned(),
            };
            Ok(Answer::Arrived(dice(seed, token.as_str()).is_multiple_of(2).then_some(arrival)))
        }
        Inquiry::Owner { .. } => {
            let place = dice(seed, &format!("owner {key}")) as usize;
            Ok(Answer::Stated(Choice::PLACES[place % Choice::PLACES.len()]))
        }
        Inquiry::Fetch { .. } => {
            let choose = |what: &str, choices: &[&'static str]| pick(seed, &format!("{what} {key}"), choices);
            let fault = dice(seed, &format!("fault {key}")) as usize % (FetchFault::ALL.len() * 3);
            if let Some(fault) = FetchFault::ALL.get(fault) {
                return Ok(Answer::NotFetched(*fault));
            }
            let status = choose("status", &["200", "200", "200", "301", "404", "503"]).parse().unwrap();
            let kind = choose("kind", &["text/plain", "text/plain", "text/html"]);
            let certificate = (dice(seed, &format!("mark {key}")) % 4).checked_sub(1).map(|roll| PemCertificate {
                names: vec![pick(seed, &key, &["example.org", "elsewhere.example"]).to_owned()],
                not_after: if roll == 0 { 1 } else { i64::MAX },
                mark: true,
                ..PemCertificate::default()
            });
            let fetched = Fetched::new(status, kind.as_bytes(), None, choose("body", &POLICIES).as_bytes());
            Ok(Answer::Fetch(fetched.with_certificate(certificate)))
        }
    }
}

/// IMAP, POP3 or ManageSieve: whole, or broken off somewhere.
fn spoken(seed: u64, key: &str, port: u16) -> Result<Answer, Unseen> {
    let choose = |what: &str, choices: &[&'static str]| pick(seed, &format!("{what} {key}"), choices);
    let tls = encryption(dice(seed, &format!("tls {key}")));
    let said = |greeting, list, auth| support::lines_in_tls([greeting, list, auth], &tls, port == 993 || port == 995);
    let Answer::Lines(mut session) = (if [110, 995].contains(&port) {
        let list = choose(
            "capa",
            &["+OK\nUSER\nSASL PLAIN", "+OK\nSTLS", "+OK\nSASL CRAM-MD5\nSTLS", "-ERR what", "+OK\nSASL LOGIN\nSTLS"],
        );
        said("+OK Dovecot ready.", list, choose("auth", &["", "+ ", "-ERR"]))
    } else {
        let list = choose(
            "capability",
            &[
                "* CAPABILITY IMAP4rev1\na1 OK",
                "* CAPABILITY LOGINDISABLED STARTTLS\na1 OK",
                "* CAPABILITY AUTH=PLAIN STARTTLS\na1 OK",
                "* CAPABILITY LOGINDISABLED AUTH=CRAM-MD5\na1 OK",
                "a1 NO",
            ],
        );
        said(choose("greeting", &["* OK hi", "* PREAUTH hi"]), list, choose("auth", &["", "+ ", "a2 NO"]))
    }) else {
        return Err(Unseen::Failed);
    };
    let at = dice(seed, &format!("cut {key}")) as usize % (session.exchanges.len() * 2);
    if at < session.exchanges.len() {
        session.exchanges.truncate(at + 1);
        session.exchanges[at].reply = None;
        session.broke = Some(Unseen::Closed);
        session.tls = session.tls.filter(|_| port == 993 || port == 995);
    }
    Ok(Answer::Lines(session))
}

const OFFERED: [Offered; 9] = [
    Offered::Alert(70),
    Offered::Alert(40),
    Offered::Alert(80),
    Offered::Fails(TlsFault::Closed),
    Offered::Takes(0x0301, "TLS_RSA_WITH_AES_128_CBC_SHA"),
    Offered::Takes(0x0302, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
    Offered::Takes(0x0303, "TLS_RSA_WITH_NULL_SHA"),
    Offered::Takes(0x0303, "TLS_RSA_WITH_AES_128_GCM_SHA256"),
    Offered::Takes(0x0303, "0xffff"),
];

fn encryption(roll: u64) -> Encryption {
    let bit = |n: u64| roll.is_multiple_of(n);
    let paths = [Path::Trusted, Path::Trusted, Path::UnknownIssuer, Path::Expired, Path::BadSignature, Path::Other];
    match roll % 7 {
        0 => Encryption::NotReached,
        1 => Encryption::Fails(TlsFault::ALL[roll as usize / 7 % TlsFault::ALL.len()]),
        _ => Encryption::Shows(Shown {
            names: if bit(3) { &["*.example.org"] } else { GOOD.names },
            path: paths[roll as usize / 49 % paths.len()],
            self_issued: bit(5),
            key: if bit(11) { ("RSA", 1024) } else { GOOD.key },
            days_left: if bit(13) { 3 } else { 60 },
            anchors: [Some(true), Some(false), None][roll as usize / 343 % 3],
            unverified: bit(17),
            ..GOOD
        }),
    }
}

/// Breaks some conversations off somewhere.
fn cut(seed: u64, key: &str, session: &mut SmtpSession) {
    let at = dice(seed, &format!("cut {key}")) as usize % (session.exchanges.len() * 2);
    if at < session.exchanges.len() {
        session.exchanges.truncate(at + 1);
        session.exchanges[at].reply = None;
        session.broke = Some(Unseen::Closed);
        session.tls = None;
        session.client_hello = None;
    }
}

const POLICIES: [&str; 6] = [
    "version: STSv1\nmode: enforce\nmx: *.example.org\nmax_age: 604800\n",
    "version: STSv1\nmode: enforce\nmx: mx.elsewhere.example\nmax_age: 60\n",
    "version: STSv1\nmode: testing\nmx: mx1.example.org\nmode: none\nmax_age: 604800\n",
    "version: STSv1\nmode: none\nmax_age: 0",
    "<html>",
    "<svg xmlns='http://www.w3.org/2000/svg' version='1.2' baseProfile='tiny-ps'><title>a</title></svg>",
];

const DMARC: [&str; 9] = [
    "hello",
    "hello",
    "v=DMARC1; p=none",
    "v=DMARC1; p=x; pct=5",
    "v=DMARC1; p=reject; rua=mailto:a@example.org,mailto:a@reports.provider.example",
    "v=DMARC1; p=quarantine; sp=none; ruf=mailto:b@example.net; rua=nobody",
    "v=DMARC1; p=none; psd=y; rua=mailto:a@example.net",
    "v=DMARC1; p=reject; psd=n; np=none",
    "v=DMARC1; p=reject; sp=x; t=y",
];

const DKIM: [&str; 6] = [
    "hello",
    support::DKIM,
    "v=DKIM1; p=",
    "v=DKIM1; t=y; h=sha1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMEHW6gvzxV+iOiYZklxPNbYniPnctuSeh6e+IoczttCyCO53gvhqh/suCce+Ytvr5HR3pGXak9K1FApG5ziNtMCAwEAAQ==",
    "p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMEHW6gvzxV+iOiYZklxPNbYniPnctuSeh6e+IoczttCyCO53gvhqh/suCce+Ytvr5HR3pGXak9K1FApG5ziNtMCAwEAAQ==",
    "k=x; v=DKIM1; p=abc",
];

fn dns(seed: u64, asked: &str, key: &str, record: RecordType) -> DnsAnswer {
    // A name that does not exist does not exist for any type, and neither does any name below it.
    let mut names =
        std::iter::successors(Some(asked), |name| Some(name.split_once('.')?.1)).filter(|name| name.contains('.'));
    let nxdomain = names.any(|name| dice(seed, &format!("nx {name}")).is_multiple_of(9));
    let authenticated = dice(seed, &format!("signed {key}")).is_multiple_of(3);
    let mut answer = DnsAnswer { nxdomain, authenticated, ..DnsAnswer::default() };
    if answer.nxdomain {
        return answer;
    }
    if dice(seed, &format!("alias {key}")).is_multiple_of(8) {
        answer.aliases.push(name("alias.example"));
    }
    let hosts = ["mx1.example.org", "mx2.example.org", "mx.provider.example", "localhost", "10.0.0.1"];
    for n in 0..dice(seed, &format!("count {key}")) % 5 {
        let salt = format!("{n} {key}");
        let target = || Target::Name(name(pick(seed, &salt, &hosts)));
        answer.records.push(match record {
            RecordType::A => {
                let net = pick(seed, &format!("net {salt}"), &["198.41.0.", "198.41.1.", "10.0.0.", "127.0.0."]);
                Record::A(format!("{net}{}", dice(seed, &salt) % 20).parse().unwrap())
            }
            RecordType::Aaaa => Record::Aaaa(format!("2606:4700::{:x}", dice(seed, &salt) % 9).parse().unwrap()),
            RecordType::Mx if dice(seed, &format!("root {salt}")).is_multiple_of(9) => {
                Record::Mx { preference: 0, exchange: Target::Root }
            }
            RecordType::Mx => Record::Mx { preference: n as u16, exchange: target() },
            RecordType::Ptr => Record::Ptr(target()),
            RecordType::Ns => Record::Ns(target()),
            RecordType::Soa => Record::Soa {
                primary: target(),
                contact: target(),
                serial: 1,
                refresh: dice(seed, &salt) as u32,
                retry: 900,
                expire: u32::MAX,
                minimum: 60,
            },
            RecordType::Srv => {
                let root = dice(seed, &format!("root {salt}")).is_multiple_of(5);
                let priority = dice(seed, &salt) as u16 % 3;
                Record::Srv { priority, weight: 1, port: 143, target: if root { Target::Root } else { target() } }
            }
            RecordType::Tlsa => {
                let roll = dice(seed, &salt);
                let data = match roll % 5 {
                    0 => String::new(),
                    1 => "a".repeat(64),
                    2 => "c".repeat(64),
                    _ => "5a".repeat(32),
                };
                Record::Tlsa { usage: (roll >> 8) as u8 % 5, selector: (roll >> 16) as u8 % 3, matching: 1, data }
            }
            RecordType::Spf => Record::Spf(vec!["v=spf1 mx -all".to_owned()]),
            RecordType::Txt => Record::Txt(vec![
                pick(
                    seed,
                    &salt,
                    if asked.starts_with("_smtp.") {
                        &["v=TLSRPTv1; rua=mailto:a@example.org", "v=TLSRPTv1; rua=x", "v=spf1 -all"]
                    } else if asked.contains("._domainkey.") {
                        &DKIM
                    } else if asked.starts_with("_mta-sts.") {
                        &["v=STSv1; id=1", "v=STSv1; id=1", "v=STSv1; id=1; id=2", "v=STSv1", "hello"]
                    } else if asked.starts_with("default._bimi.") {
                        &[
                            "v=BIMI1; l=https://example.org/l.svg",
                            "v=BIMI1; l=https://example.org/l.svg; a=https://example.org/m.pem",
                            "v=BIMI1; l=",
                            "v=BIMI1; l=http://x",
                            "hello",
                        ]
                    } else if asked.starts_with("_dmarc.") {
                        &DMARC
                    } else {
                        &[
                            "v=spf1 mx -all",
                            "v=spf1 +all",
                            "v=spf1 bad",
                            "v=spf1 include:a.example.org include:b.example.org redirect=c.example.org",
                            "v=spf1 a:mx1.example.org mx:b.example.org exists:%{i}.c.example.org ip4:10.0.0.0/8 -all",
                            "v=spf1 include:%{i}.example.org include:a.example.org a/14 ?ptr ~all exp=b.example.org",
                            "v=DMARC1; p=none",
                            "include:a.example.org -all",
                            "hello",
                            "v=mailsins1; probe=none",
                        ]
                    },
                )
                .to_owned(),
            ]),
        });
    }
    answer
}

/// Turns the crank to the end, taking what is wanted in an order that `order` decides.
fn turn(seed: u64, order: u64) -> (Case, usize) {
    let mut case = case("example.org");
    case.mail = seed.is_multiple_of(3);
    if seed.is_multiple_of(2) {
        case.options.selectors = vec!["named".to_owned(), "google".to_owned()];
        case.options.hosts = vec![name("new.example.org"), name("mail.example.org"), name("elsewhere.example")];
    }
    if seed.is_multiple_of(3) {
        let addresses = (0..40_u8).map(|n| [198, 41, n / 20, n % 20].into());
        let mailbox = shared::local_part::LocalPart::new("test").unwrap();
        case.grant = Some(Grant { allow: Word::ALL.to_vec(), mailbox, addresses: addresses.collect(), sink: None });
    }
    let mut flight: BTreeSet<Inquiry> = BTreeSet::new();
    let mut asked = 0;
    loop {
        for inquiry in plan(&case) {
            asked += usize::from(flight.insert(inquiry));
        }
        if flight.is_empty() {
            return (case, asked);
        }
        let next = dice(order, &format!("{asked} {}", flight.len())) as usize % flight.len();
        let inquiry = flight.iter().nth(next).cloned().unwrap();
        flight.remove(&inquiry);
        let answer = answer(seed, &inquiry);
        assert!(case.add(evidence(inquiry, answer)), "asked twice");
        assert!(asked <= INQUIRIES_MAX + 50, "it does not end");
    }
}

fn accusations(report: &Report) -> BTreeSet<(String, String)> {
    let bad = report.findings.iter().filter(|finding| matches!(finding.verdict, Verdict::Mortal | Verdict::Venial));
    // A host is told by its address; which of its names comes first may change.
    let subject = |finding: &shared::Finding| {
        finding.subject.split_once(", ").map_or(finding.subject.clone(), |(_, address)| address.to_owned())
    };
    bad.map(|finding| (finding.check.clone(), subject(finding))).collect()
}

fn without(case: &Case, hide: &Inquiry, why: Unseen) -> Case {
    let mut less = Case::new(case.domain.clone(), case.probe_domain.clone(), case.nonce.clone(), case.started);
    less.options = case.options.clone();
    less.mail = case.mail;
    less.grant = case.grant.clone();
    for piece in case.evidence() {
        let answer = if piece.inquiry == *hide { Err(why) } else { piece.answer.clone() };
        less.add(Evidence { answer, ..piece.clone() });
    }
    less
}

fn runs(cases: u32) -> TestRunner {
    // The same worlds each time: a build fails for what it changed.
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

#[test]
fn order_does_not_matter() {
    runs(150)
        .run(&(any::<u64>(), any::<u64>(), any::<u64>()), |(seed, one, other)| {
            let (first, second) = (turn(seed, one).0, turn(seed, other).0);
            if first.evidence().len() < INQUIRIES_MAX && second.evidence().len() < INQUIRIES_MAX {
                // Which hosts are among the first twelve may depend on what came first; what a
                // given set of evidence means may not.
                let mut shuffled =
                    Case::new(first.domain.clone(), first.probe_domain.clone(), first.nonce.clone(), first.started);
                shuffled.options = first.options.clone();
                shuffled.mail = first.mail;
                shuffled.grant = first.grant.clone();
                let mut pieces: Vec<_> = first.evidence().cloned().collect();
                pieces.sort_by_key(|piece| dice(other, &piece.inquiry.to_string()));
                for piece in pieces {
                    shuffled.add(piece);
                }
                prop_assert!(judge(&shuffled) == judge(&first), "the set of evidence alone must decide");
                // A host may be asked before an opt-out at another of its names is known, so the
                // evidence may differ a little; what is found may not.
                if shared::facts::Facts::new(&first).hosts().0.len() < shared::facts::ADDRESSES_MAX {
                    prop_assert!(judge(&second).findings == judge(&first).findings, "the order decided");
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn it_ends_and_asks_nothing_twice() {
    runs(300)
        .run(&(any::<u64>(), any::<u64>()), |(seed, order)| {
            let (case, _) = turn(seed, order);
            prop_assert!(plan(&case).is_empty());
            prop_assert!(case.evidence().len() <= INQUIRIES_MAX + 50);
            prop_assert_eq!(judge(&case).missing, 0);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_scan_that_is_out_of_time_ends() {
    runs(100)
        .run(&(any::<u64>(), 0_usize..40), |(seed, after)| {
            let mut case = case("example.org");
            for _ in 0..after {
                if let Some(inquiry) = plan(&case).into_iter().next() {
                    let answer = answer(seed, &inquiry);
                    case.add(evidence(inquiry, answer));
                }
            }
            let before = accusations(&judge(&case));
            case.give_up(case.started + shared::case::SCAN_MS, Unseen::OutOfTime);
            prop_assert!(plan(&case).is_empty());
            let new: Vec<_> = accusations(&judge(&case)).difference(&before).cloned().collect();
            prop_assert!(new.is_empty(), "accused because time ran out: {:?}", new);
            Ok(())
        })
        .unwrap();
}

/// The heart of it: what is not seen accuses nobody. Hiding any one piece of evidence never adds
/// an accusation.
#[test]
fn nothing_is_accused_on_missing_evidence() {
    runs(50)
        .run(&any::<u64>(), |seed| {
            let (case, _) = turn(seed, 1);
            let all = accusations(&judge(&case));
            let opted_out = judge(&case).findings.iter().any(|finding| finding.outcome == Unseen::OptedOut.code());
            let facts = shared::facts::Facts::new(&case);
            if opted_out || facts.hosts().1 || facts.clients().1 {
                // Hiding an opt-out, or one of too many addresses, lets what was seen there in.
                return Ok(());
            }
            for piece in case.evidence() {
                for why in [Unseen::ServFail, Unseen::Closed, Unseen::ConnectTimeout] {
                    let new: Vec<_> =
                        accusations(&judge(&without(&case, &piece.inquiry, why))).difference(&all).cloned().collect();
                    prop_assert!(new.is_empty(), "hiding {} ({why:?}) accuses {:?}", piece.inquiry, new);
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn nothing_seen_nothing_said() {
    for why in Unseen::ALL {
        let mut case = case("example.org");
        case.give_up(case.started, *why);
        let report = judge(&case);
        assert_eq!(accusations(&report), BTreeSet::new(), "{why:?}");
        assert_eq!(report.grade, None);
        assert!(report.findings.iter().all(|finding| finding.verdict == Verdict::Untested), "{why:?}");
    }
}

#[test]
fn first_answers_stand_and_a_cancelled_case_has_no_letter() {
    let mut case = case("example.org");
    let inquiry = plan(&case).remove(0);
    assert!(case.add(evidence(inquiry.clone(), Err(Unseen::ServFail))));
    assert!(!case.add(evidence(inquiry.clone(), Err(Unseen::Refused))));
    assert_eq!(case.get(&inquiry).map(|piece| &piece.answer), Some(&Err(Unseen::ServFail)));
    case.cancelled = true;
    assert!(plan(&case).is_empty());
    assert_eq!(judge(&case).grade, None);
}

/// Reports are the same again when they are read from JSON, by either reader; compared with itself none has changed, and
/// whoever reads no more of it than can be compared reads the same.
#[test]
fn reports_and_differences_are_kept() {
    runs(60)
        .run(&(any::<u64>(), any::<u64>()), |(one, other)| {
            // Choices are put in order when they are read, which these were not.
            let mut case = turn(one, 1).0;
            case.options = serde_json::from_str(&serde_json::to_string(&case.options).unwrap()).unwrap();
            let (before, after) = (judge(&case), judge(&turn(other, 1).0));
            let json = serde_json::to_string(&before).unwrap();
            let again: Report = serde_json::from_str(&json).unwrap();
            for (kept, made) in again.evidence.iter().zip(&before.evidence) {
                prop_assert_eq!(kept, made);
            }
            for (kept, made) in again.findings.iter().zip(&before.findings) {
                prop_assert_eq!(kept, made);
            }
            prop_assert!(again == before, "not the same again");
            prop_assert!(shared::json::read::<Report>(&json).as_ref() == Some(&before));
            prop_assert!(judge(&before.case()) == before, "judged again it is another");
            let read: Judged = serde_json::from_str(&json).unwrap();
            let (before, after) = (Judged::from(&before), Judged::from(&after));
            prop_assert!(read == before);
            prop_assert!(difference(&before, &before).is_nothing());
            let changed = difference(&before, &after);
            prop_assert!(changed.is_nothing() || one != other);
            let json = serde_json::to_string(&changed).unwrap();
            prop_assert!(serde_json::from_str::<Difference>(&json).unwrap() == changed);
            Ok(())
        })
        .unwrap();
}

/// What a mail showed, by every check that takes it over.
fn mail(seed: u64) -> MailSeen {
    let outcomes = ["outbound-mail", "header-disclosure", "outbound-virus", "outbound-limits"].map(|id| {
        let check = CHECKS.iter().find(|check| check.id == id).unwrap();
        let outcome = check.outcomes[dice(seed, id) as usize % check.outcomes.len()].code;
        shared::evidence::Shown { check: id.to_owned(), outcome: outcome.to_owned(), seen: "seen".to_owned() }
    });
    let helo = ["mx1.example.org", "localhost", ""][dice(seed, "helo") as usize % 3];
    let address = ["192.0.2.1", "198.51.100.7"][dice(seed, "sender") as usize % 2];
    let sender = Sender { helo: helo.to_owned(), address: address.parse().unwrap() };
    let known = dice(seed, "vouched").is_multiple_of(2);
    MailSeen { came: support::STARTED, sender: known.then_some(sender), shown: outcomes.to_vec() }
}
