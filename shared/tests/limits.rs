//! What is tried by consent beside messages: proofs of a relay, limits, the way past a filter. What is asked and when,
//! and what is made of the answers.

#![allow(clippy::unwrap_used, clippy::panic, clippy::type_complexity)]

mod support;

use shared::evidence::{Answer, Arrival, Exchange, Purpose, SmtpSession, Step, Variant};
use shared::grade::Grade;
use shared::grant::Grant;
use shared::inquiry::Script;
use shared::local_part::LocalPart;
use shared::syntax::consent::Word;
use shared::{Case, Finding, Inquiry, Report, Unseen, Verdict, plan};
use support::{CAREFUL, Server, World, Zone, case, evidence, exchange, name, turn};

const ADDRESS: &str = "198.41.0.4";
const ZONE: &str = "
    example.org MX 10 mx.example.org
    mx.example.org A 198.41.0.4
    probe.example MX 10 mx.probe.example
    mx.probe.example A 198.41.9.9
    proof.example.net MX 10 sink.example.net
    sink.example.net A 198.41.8.8";

/// Takes every foreign recipient, and no made-up one of its own.
const OPEN: Server<'static> = Server { relay: "250 2.1.5 Ok", ..CAREFUL };

fn granted(words: &[Word], sink: Option<&str>) -> Case {
    let mut case = case("example.org");
    case.grant = Some(Grant {
        allow: words.to_vec(),
        mailbox: LocalPart::new("test").unwrap(),
        addresses: vec![ADDRESS.parse().unwrap()],
        sink: sink.map(name),
    });
    case
}

/// The usual answers, but for conversations by consent and for arrivals.
fn world<'a>(
    zone: &str,
    server: &'a Server<'a>,
    consented: &'a dyn Fn(&Inquiry, &Script) -> Result<Answer, Unseen>,
    arrives: &'a dyn Fn(&str) -> Result<bool, Unseen>,
) -> impl Fn(&Inquiry) -> Result<Answer, Unseen> + 'a {
    let zone = Zone::new(&format!("{ZONE}\n{zone}"));
    move |inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { script, .. } if script.is_active() => consented(inquiry, script),
        Inquiry::Probe { port: 25, script, .. } => Ok(server.answer(script)),
        Inquiry::Arrival { token } => arrives(token.as_str()).map(|came| {
            Answer::Arrived(came.then(|| Arrival {
                at: support::STARTED + 9_000,
                sender: "probe@probe.example".to_owned(),
                client: Some(ADDRESS.parse().unwrap()),
                header: "Received: from mx.example.org".to_owned(),
            }))
        }),
        _ => Err(Unseen::ConnectTimeout),
    }
}

fn session(exchanges: Vec<Exchange>, broke: Option<Unseen>) -> Result<Answer, Unseen> {
    let greeting = exchange(Step::Greeting, "", "220 mx.example.org ESMTP");
    let hello = exchange(Step::Ehlo, "EHLO", "250 mx.example.org");
    let exchanges = [vec![greeting, hello], exchanges].concat();
    Ok(Answer::Smtp(SmtpSession { exchanges, broke, spared: false, tls: None, client_hello: None }))
}

fn of<'r>(report: &'r Report, check: &str) -> &'r Finding {
    let mut findings = report.findings.iter().filter(|finding| finding.check == check);
    let (first, more) = (findings.next(), findings.count());
    assert_eq!(more, 0, "{check}: one finding");
    first.unwrap_or_else(|| panic!("{check}: no finding"))
}

/// Delivers, or refuses at this step.
fn delivery(script: &Script, refuses: Option<(Step, &str)>) -> Result<Answer, Unseen> {
    let Script::RelayProof { variant, .. } = script else { return session(Vec::new(), None) };
    let purpose = Purpose::Proof(variant.unwrap_or(Variant::Plain));
    let mut exchanges = Vec::new();
    for (step, said) in [
        (Step::Mail(purpose), "250 ok"),
        (Step::Rcpt(purpose), "250 ok"),
        (Step::Data, "354 go on"),
        (Step::Message, "250 queued"),
    ] {
        match refuses.filter(|(at, _)| *at == step) {
            Some((_, refusal)) => {
                exchanges.push(exchange(step, "x", refusal));
                break;
            }
            None => exchanges.push(exchange(step, "x", said)),
        }
    }
    session(exchanges, None)
}

#[test]
fn a_relay_is_proved_by_the_arrival_and_by_nothing_else() {
    let straight = shared::grant::Token::of("n0nce", "sink");
    let plain = Purpose::Proof(Variant::Plain);
    type Refuses = Option<(Step, &'static str)>;
    // What the server refuses, whether the control and the message arrive; then both findings.
    let rows: &[(&str, Refuses, bool, bool, (&str, Verdict), (&str, Verdict))] = &[
        ("arrives", None, true, true, ("relays", Verdict::Mortal), ("relays", Verdict::Mortal)),
        ("is taken and dropped", None, true, false, ("keeps", Verdict::Note), ("not-relayed", Verdict::Note)),
        (
            "is refused at DATA",
            Some((Step::Data, "554 no")),
            true,
            false,
            ("refuses", Verdict::Clean),
            ("not-relayed", Verdict::Note),
        ),
        (
            "is refused at the end",
            Some((Step::Message, "550 no")),
            true,
            false,
            ("refuses", Verdict::Clean),
            ("not-relayed", Verdict::Note),
        ),
        (
            "is put off",
            Some((Step::Rcpt(plain), "450 later")),
            true,
            false,
            ("try-later", Verdict::Untested),
            ("relays", Verdict::Mortal),
        ),
        ("and nothing arrives here", None, false, false, ("sink-down", Verdict::Untested), ("relays", Verdict::Mortal)),
    ];
    for (what, refuses, control, message, proof, suspicion) in rows {
        let consented = |_: &Inquiry, script: &Script| match script {
            Script::RelayProof { variant: None, .. } => delivery(script, None),
            _ => delivery(script, *refuses),
        };
        let arrives = |token: &str| Ok(if token == straight.as_str() { *control } else { *message });
        let world = world("", &OPEN, &consented, &arrives);
        let report = turn(granted(&[Word::Relay], Some("proof.example.net")), &world);
        let found = |check| (of(&report, check).outcome.as_str(), of(&report, check).verdict);
        assert_eq!((found("open-relay-proof"), found("open-relay")), (*proof, *suspicion), "{what}");
        let accused = suspicion.1 == Verdict::Mortal;
        let want = if proof.0 == "relays" { Some(Grade::F) } else { report.grade };
        assert_eq!(report.grade, want, "{what}");
        assert!(!accused || report.grade <= Some(Grade::D), "{what}: {:?}", report.grade);
        assert!(of(&report, "open-relay").seen.contains("RCPT TO:<relaytest@probe.example>"), "{what}");
    }
}

/// A receiving host of ours that is away proves nothing, and keeps nothing else from being tried.
#[test]
fn our_receiving_host_is_away() {
    let consented = |_: &Inquiry, script: &Script| match script {
        Script::RelayProof { variant: None, .. } => Err(Unseen::Refused),
        _ => delivery(script, None),
    };
    let world = world("", &OPEN, &consented, &|_| Ok(true));
    let report = turn(granted(&[Word::Relay, Word::Limits], Some("proof.example.net")), &world);
    assert_eq!(of(&report, "open-relay-proof").outcome, "sink-down");
    assert_eq!(
        (of(&report, "open-relay").outcome.as_str(), of(&report, "open-relay").verdict),
        ("relays", Verdict::Mortal)
    );
    let pending = report.findings.iter().filter(|finding| finding.outcome == Unseen::Pending.code());
    assert_eq!(pending.map(|finding| &finding.check).collect::<Vec<_>>(), Vec::<&String>::new());
    let asked: Vec<Inquiry> = report.evidence.iter().map(|evidence| evidence.inquiry.clone()).collect();
    assert!(scripts(&asked).iter().all(|script| !matches!(script, Script::RelayProof { variant: Some(_), .. })));
    assert!(scripts(&asked).len() > 3, "{asked:?}");
}

/// All inquiries that a world's case comes to.
fn asked(case: Case, world: &World<'_>) -> Vec<Inquiry> {
    turn(case, world).evidence.into_iter().map(|evidence| evidence.inquiry).collect()
}

fn scripts(inquiries: &[Inquiry]) -> Vec<&Script> {
    inquiries
        .iter()
        .filter_map(|inquiry| match inquiry {
            Inquiry::Probe { script, .. } if script.is_active() => Some(script),
            _ => None,
        })
        .collect()
}

#[test]
fn where_nothing_is_sent() {
    let consented = |_: &Inquiry, script: &Script| delivery(script, None);
    let arrives = |_: &str| Ok(true);
    let sent = |zone: &str, server: &Server<'_>, case: Case| {
        let world = world(zone, server, &consented, &arrives);
        let asked = asked(case, &world);
        scripts(&asked).into_iter().filter(|script| matches!(script, Script::RelayProof { .. })).count()
    };
    let sink = Some("proof.example.net");
    assert!(sent("", &OPEN, granted(&[Word::Relay], sink)) >= 2, "the control, and the message");
    assert_eq!(sent("", &OPEN, case("example.org")), 0, "without consent");
    assert_eq!(sent("", &OPEN, granted(&[Word::Limits, Word::Samples], sink)), 0, "without the word");
    assert_eq!(sent("", &OPEN, granted(&[Word::Relay], None)), 0, "without a receiving host");
    assert_eq!(sent("", &CAREFUL, granted(&[Word::Relay], sink)), 0, "without a suspicion");
    let mut elsewhere = granted(&[Word::Relay, Word::Limits, Word::Samples], sink);
    elsewhere.grant.as_mut().unwrap().addresses = vec!["198.41.0.99".parse().unwrap()];
    let all = world("", &OPEN, &consented, &arrives);
    assert!(scripts(&asked(elsewhere, &all)).is_empty(), "at an address that did not take our code");
    // The receiving host is the probed host's own, by its address, or by the domain of its name.
    for own in [
        "own.example.net MX 10 x.example.net\nx.example.net A 198.41.0.4",
        "own.example.net MX 10 b.example.org\nb.example.org A 198.41.7.7",
    ] {
        let world = world(own, &OPEN, &consented, &arrives);
        let report = turn(granted(&[Word::Relay], Some("own.example.net")), &world);
        assert_eq!(of(&report, "open-relay-proof").outcome, "own-recipient", "{own}");
        assert_eq!(of(&report, "open-relay").verdict, Verdict::Mortal);
    }
}

/// A variant that only the consented conversation comes to.
#[test]
fn odd_ways_by_consent() {
    let odd = Variant::RouteServer;
    let arrives = |_: &str| Ok(true);
    let consented = |_: &Inquiry, script: &Script| match script {
        Script::RelayVariants { rest: true, .. } => session(
            vec![
                exchange(Step::Mail(Purpose::Control), "MAIL", "250 ok"),
                exchange(Step::Rcpt(Purpose::Control), "RCPT", "550 5.1.1 User unknown"),
                exchange(Step::Mail(Purpose::Relay(odd)), "MAIL", "250 ok"),
                exchange(
                    Step::Rcpt(Purpose::Relay(odd)),
                    "RCPT TO:<@mx.example.org:relaytest@probe.example>",
                    "250 ok",
                ),
                exchange(Step::Mail(Purpose::RelayControl(odd)), "MAIL", "250 ok"),
                exchange(Step::Rcpt(Purpose::RelayControl(odd)), "RCPT", "550 5.1.1 User unknown"),
            ],
            None,
        ),
        _ => delivery(script, None),
    };
    let world = world("", &CAREFUL, &consented, &arrives);
    let report = turn(granted(&[Word::Relay], Some("proof.example.net")), &world);
    assert_eq!(of(&report, "open-relay").outcome, "relays-odd-form");
    let proof = of(&report, "open-relay-proof");
    assert_eq!((proof.outcome.as_str(), report.grade), ("relays", Some(Grade::F)));
    assert!(proof.seen.contains("arrived from 198.41.0.4"), "{}", proof.seen);
    assert!(proof.seen.contains("354 go on") && !proof.seen.contains("EHLO"), "{}", proof.seen);
}

/// What an odd form comes to, and a message in it that is refused.
#[test]
fn odd_ways_that_are_none() {
    let later = Server { relay: "450 4.7.1 later", ..CAREFUL };
    let (taken, unknown, denied) = ("250 ok", "550 5.1.1 User unknown", "554 5.7.1 Relay access denied");
    let (route, bang) = (Variant::RouteServer, Variant::Bang);
    // The replies to the form of a foreign and of a local recipient.
    let rows: &[(&Server<'_>, Variant, &str, &str, &str)] = &[
        (&CAREFUL, route, taken, unknown, "not-relayed"),
        (&CAREFUL, bang, taken, unknown, "takes-odd-form"),
        (&CAREFUL, route, taken, taken, "refuses"),
        (&CAREFUL, route, taken, "451 4.3.0 later", "refuses"),
        // A form may be refused for what it is.
        (&later, route, denied, unknown, "try-later"),
    ];
    for (server, odd, foreign, local, want) in rows {
        let consented = |_: &Inquiry, script: &Script| match script {
            Script::RelayVariants { rest: true, .. } => session(
                vec![
                    exchange(Step::Rcpt(Purpose::Relay(*odd)), "RCPT", foreign),
                    exchange(Step::Rcpt(Purpose::RelayControl(*odd)), "RCPT", local),
                ],
                None,
            ),
            Script::RelayProof { variant: None, .. } => delivery(script, None),
            _ => delivery(script, Some((Step::Data, "554 no"))),
        };
        let world = world("", server, &consented, &|_| Ok(true));
        let report = turn(granted(&[Word::Relay], Some("proof.example.net")), &world);
        assert_eq!(of(&report, "open-relay").outcome, *want, "{odd:?} {foreign} {local}");
    }
}

#[test]
fn limits() {
    let nth = |count: u8, then: &str| {
        let taken = (0..count).map(|n| exchange(Step::Rcpt(Purpose::Nth(n)), "RCPT TO:<abuse@example.org>", "250 ok"));
        let last = || exchange(Step::Rcpt(Purpose::Nth(count)), "RCPT TO:<abuse@example.org>", then);
        taken.chain((!then.is_empty()).then(last)).collect::<Vec<_>>()
    };
    let bad = |count: usize, took: u32| -> Vec<Exchange> {
        (0..count).map(|_| Exchange { took, ..exchange(Step::Bad, "XMAILSINS", "500 what?") }).collect()
    };
    let last = |mut bad: Vec<Exchange>, said: &str| {
        bad.push(exchange(Step::Bad, "XMAILSINS", said));
        bad
    };
    let long = |reply: &str, noop: &str| {
        let noop = (!noop.is_empty()).then(|| exchange(Step::Noop, "NOOP", noop));
        let silent = Exchange { reply: None, ..exchange(Step::LongLine, "(4000 octets)", "250 ok") };
        let long = if reply.is_empty() { silent } else { exchange(Step::LongLine, "(4000 octets)", reply) };
        [vec![long], noop.into_iter().collect()].concat()
    };
    let beside = |greetings: [&str; 4]| {
        greetings.map(|said| match said {
            "" => Exchange { reply: None, ..exchange(Step::Beside, "", "220 x") },
            said => exchange(Step::Beside, "", said),
        })
    };
    let hung_up = Some(Unseen::Closed);
    let rows: Vec<(&str, Script, Vec<Exchange>, Option<Unseen>, &str, Verdict)> = {
        let recipients = || Script::RecipientLimit { domain: name("example.org") };
        let (errors, line, five) = (|| Script::ErrorLimit, || Script::LineLimit, || Script::ConnectionLimit);
        vec![
            ("recipient-limit", recipients(), nth(101, ""), None, "none-at-101", Verdict::Note),
            (
                "recipient-limit",
                recipients(),
                nth(100, "452 4.5.3 too many recipients"),
                None,
                "limited",
                Verdict::Clean,
            ),
            (
                "recipient-limit",
                recipients(),
                nth(20, "452 4.5.3 too many recipients"),
                None,
                "too-low",
                Verdict::Venial,
            ),
            ("recipient-limit", recipients(), nth(20, "450 4.7.1 later"), None, "unclear-reply", Verdict::Untested),
            ("recipient-limit", recipients(), nth(0, "550 5.1.1 no"), None, "unclear-reply", Verdict::Untested),
            ("error-limit", errors(), bad(25, 5), None, "unlimited", Verdict::Note),
            ("error-limit", errors(), bad(25, 1_500), None, "limited", Verdict::Clean),
            ("error-limit", errors(), last(bad(3, 5), "421 enough"), Some(Unseen::TryLater), "limited", Verdict::Clean),
            ("error-limit", errors(), bad(3, 5), hung_up, "limited", Verdict::Clean),
            ("error-limit", errors(), bad(3, 5), Some(Unseen::Garbled), "breaks", Verdict::Venial),
            ("error-limit", errors(), Vec::new(), hung_up, "closed", Verdict::Untested),
            ("line-limit", line(), long("500 too long", "250 ok"), None, "refused", Verdict::Clean),
            ("line-limit", line(), long("500 too long", ""), hung_up, "refused", Verdict::Clean),
            ("line-limit", line(), long("250 ok", "250 ok"), None, "taken", Verdict::Note),
            ("line-limit", line(), long("500 what?", "500 what?"), None, "breaks", Verdict::Venial),
            ("line-limit", line(), long("", ""), hung_up, "breaks", Verdict::Venial),
            ("line-limit", line(), long("", ""), Some(Unseen::ReplyTimeout), "reply-timeout", Verdict::Untested),
            ("connection-limit", five(), beside(["220 a"; 4]).to_vec(), None, "takes-five", Verdict::Note),
            ("connection-limit", five(), beside(["220 a", "421 no", "", ""]).to_vec(), None, "limited", Verdict::Clean),
            ("connection-limit", five(), Vec::new(), None, "not-asked", Verdict::Untested),
        ]
    };
    for (check, script, exchanges, broke, outcome, verdict) in rows {
        let consented = |_: &Inquiry, asked: &Script| match asked == &script {
            true => session(exchanges.clone(), broke),
            false => Err(Unseen::Closed),
        };
        let world = world("", &CAREFUL, &consented, &|_| Ok(false));
        let report = turn(granted(&[Word::Limits], None), &world);
        let found = of(&report, check);
        assert_eq!((found.outcome.as_str(), found.verdict), (outcome, verdict), "{check}: {}", found.seen);
    }
}

#[test]
fn without_consent_each_says_so_once() {
    let world = world("", &CAREFUL, &|_, _| Err(Unseen::Failed), &|_| Ok(false));
    let report = turn(case("example.org"), &world);
    for check in
        ["open-relay-proof", "gateway-bypass", "smtp-smuggling", "error-limit", "line-limit", "connection-limit"]
    {
        let found = of(&report, check);
        assert_eq!((found.outcome.as_str(), found.verdict), ("needs-consent", Verdict::Untested), "{check}");
    }
}

/// What may get us shut out comes behind all else, and one thing at a time.
#[test]
fn errors_come_last() {
    let consented = |_: &Inquiry, script: &Script| delivery(script, None);
    let world = world("", &OPEN, &consented, &|_| Ok(true));
    let mut case = granted(&[Word::Relay, Word::Samples, Word::Limits], Some("proof.example.net"));
    let mut order = Vec::new();
    loop {
        let wanted = plan(&case);
        if wanted.is_empty() {
            break;
        }
        let active = scripts(&wanted).len();
        let trials = scripts(&wanted).into_iter().filter(|script| {
            !matches!(script, Script::Deliver { .. } | Script::RelayProof { .. } | Script::Smuggling { .. })
        });
        let trials: Vec<Script> = trials.cloned().collect();
        assert!(trials.is_empty() || (trials.len(), active) == (1, 1), "{wanted:?}");
        order.extend(trials);
        for inquiry in wanted {
            let answer = world(&inquiry);
            case.add(evidence(inquiry, answer));
        }
    }
    let domain = || name("example.org");
    let want = [
        Script::RecipientLimit { domain: domain() },
        Script::LineLimit,
        Script::ConnectionLimit,
        Script::RelayVariants { domain: domain(), rest: false },
        Script::RelayVariants { domain: domain(), rest: true },
        Script::ErrorLimit,
    ];
    assert_eq!(order, want);
}

#[test]
fn what_ends_a_message() {
    let smuggled = |codes: &[&str]| {
        let purpose = Purpose::Stranger;
        let mut all = vec![
            exchange(Step::Mail(purpose), "MAIL", "250 ok"),
            exchange(Step::Rcpt(purpose), "RCPT", "250 ok"),
            exchange(Step::Data, "DATA", "354 go on"),
        ];
        all.extend(codes.iter().take(1).map(|said| exchange(Step::Message, "(1400 octets)", said)));
        all.extend(codes.iter().skip(1).map(|said| exchange(Step::Smuggled, "", said)));
        all
    };
    let rows: &[(&[&str], &str, Verdict)] = &[
        (&["250 queued"], "one-message", Verdict::Clean),
        (&["521 5.5.2 bare <LF> received"], "refused", Verdict::Clean),
        (&["451 later"], "try-later", Verdict::Untested),
        (&["250 queued", "250 ok", "250 ok", "354 go on", "250 queued"], "second-message", Verdict::Mortal),
        (
            &["250 queued", "250 ok", "503 5.5.0 improper use of pipelining", "503 x", "500 x"],
            "reads-on",
            Verdict::Note,
        ),
        (&["250 queued", "250 ok", "250 ok", "354 go on", "554 no"], "reads-on", Verdict::Note),
    ];
    for (codes, outcome, verdict) in rows {
        let consented = |_: &Inquiry, script: &Script| match script {
            Script::Smuggling { .. } => session(smuggled(codes), None),
            _ => Err(Unseen::Closed),
        };
        let world = world("", &CAREFUL, &consented, &|_| Ok(false));
        let report = turn(granted(&[Word::Limits], None), &world);
        let found = of(&report, "smtp-smuggling");
        assert_eq!((found.outcome.as_str(), found.verdict), (*outcome, *verdict), "{codes:?}");
    }
}

#[test]
fn past_the_filter() {
    let zone = "
        example.org MX 10 mx.example.org
        filtered.example MX 10 mx0a-1.pphosted.com
        mx0a-1.pphosted.com A 198.41.0.4
        filtered-example.mail.protection.outlook.com A 198.41.5.5";
    let rows: &[(&str, Verdict, &dyn Fn() -> Result<Answer, Unseen>)] = &[
        ("open", Verdict::Venial, &|| {
            session(
                vec![
                    exchange(Step::Mail(Purpose::Stranger), "MAIL", "250 ok"),
                    exchange(Step::Rcpt(Purpose::Stranger), "RCPT", "250 ok"),
                ],
                None,
            )
        }),
        ("closed", Verdict::Clean, &|| {
            session(
                vec![
                    exchange(Step::Mail(Purpose::Stranger), "MAIL", "250 ok"),
                    exchange(Step::Rcpt(Purpose::Stranger), "RCPT", "550 5.7.51 TenantInboundAttribution"),
                ],
                None,
            )
        }),
        ("closed", Verdict::Clean, &|| Err(Unseen::Refused)),
        ("gate-busy", Verdict::Untested, &|| Err(Unseen::GateBusy)),
    ];
    for (outcome, verdict, answer) in rows {
        let consented = |inquiry: &Inquiry, script: &Script| match (inquiry, script) {
            (Inquiry::Probe { address, .. }, Script::Gateway { .. }) => {
                assert_eq!(address.to_string(), "198.41.5.5");
                answer()
            }
            _ => Err(Unseen::Closed),
        };
        let world = world(zone, &CAREFUL, &consented, &|_| Ok(false));
        let mut case = granted(&[Word::Limits], None);
        case.domain = name("filtered.example");
        let found = turn(case, &world);
        let found = of(&found, "gateway-bypass");
        assert_eq!((found.outcome.as_str(), found.verdict), (*outcome, *verdict));
    }
    let consented = |_: &Inquiry, _: &Script| Err(Unseen::Closed);
    let world = world(zone, &CAREFUL, &consented, &|_| Ok(false));
    let report = turn(granted(&[Word::Limits], None), &world);
    assert_eq!(of(&report, "gateway-bypass").outcome, "no-backend", "no filter, nothing behind it");
}
