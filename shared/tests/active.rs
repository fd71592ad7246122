//! Active tests: what is asked, and what its answers mean.

#![allow(clippy::indexing_slicing, clippy::unwrap_used)] // a test may fail

mod support;

use shared::evidence::{Answer, Arrival, Step};
use shared::grant::{Choice, Question, Sample};
use shared::inquiry::Script;
use shared::local_part::LocalPart;
use shared::syntax::consent::Word;
use shared::{Case, Grant, Inquiry, Report, Unseen, Verdict};
use support::{CAREFUL, Zone, case, delivery, exchange, name, turn};

const ZONE: &str = "
    example.org MX 10 mx1.example.org
    example.org MX 20 mx2.example.org
    mx1.example.org A 198.41.0.25
    mx2.example.org A 198.41.0.26
    probe.example MX 10 mx.probe.example
    mx.probe.example A 198.41.9.9
";

const TAKEN: [&str; 4] = ["250 ok", "250 ok", "354 go on", "250 queued"];
const SCANNED: [&str; 4] = ["250 ok", "250 ok", "354 go on", "554 5.7.1 virus"];

fn granted(allow: &[Word], addresses: &[&str]) -> Case {
    let mut case = case("example.org");
    let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
    case.grant = Some(Grant { allow: allow.to_vec(), mailbox: LocalPart::new("test").unwrap(), addresses, sink: None });
    case
}

type Said = fn(Sample) -> [&'static str; 4];
type Placed = fn(Sample) -> Option<Choice>;

/// A world where a server says this to samples, and the owner that; `bounce` is the header of what comes back.
fn report(case: Case, said: Said, placed: Placed, bounce: Option<(&str, &str)>) -> Report {
    let zone = Zone::new(ZONE);
    turn(case, &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { script: Script::Deliver { sample, .. }, .. } => Ok(delivery(said(*sample))),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        Inquiry::Arrival { .. } => Ok(Answer::Arrived(bounce.map(|(sender, header)| Arrival {
            at: 0,
            sender: sender.to_owned(),
            client: None,
            header: header.to_owned(),
        }))),
        Inquiry::Owner { question: Question::Where(sample) } => {
            placed(*sample).map(Answer::Stated).ok_or(Unseen::OutOfTime)
        }
        _ => Err(Unseen::Refused),
    })
}

fn said_of(report: &Report) -> [String; 3] {
    ["inbound-virus", "inbound-spam", "backscatter"].map(|check| {
        let of: Vec<_> = report.findings.iter().filter(|finding| finding.check == check).collect();
        assert_eq!(of.len(), 1, "{of:#?}");
        format!("{} {}", of[0].outcome, of[0].verdict)
    })
}

const ONE: &[&str] = &["198.41.0.25"];

#[test]
fn where_samples_end() {
    let clean: Said = |sample| if sample == Sample::Control { TAKEN } else { SCANNED };
    let inbox: Placed = |_| Some(Choice::Inbox);
    let gone: Placed = |sample| Some(if sample == Sample::Control { Choice::Inbox } else { Choice::Nowhere });
    let rows: &[(&str, Said, Placed, [&str; 3])] = &[
        ("scans", clean, |_| None, ["refused clean", "refused clean", "refused clean"]),
        ("blind", |_| TAKEN, inbox, ["delivered mortal", "delivered note", "silent clean"]),
        ("nobody says", |_| TAKEN, |_| None, ["not-stated untested", "not-stated untested", "silent clean"]),
        ("drops", |_| TAKEN, gone, ["stopped clean", "stopped clean", "silent clean"]),
        (
            "quarantines",
            |_| TAKEN,
            |sample| Some(if sample == Sample::Control { Choice::Junk } else { Choice::Quarantine }),
            ["stopped clean", "stopped clean", "silent clean"],
        ),
        (
            "junk",
            |_| TAKEN,
            |sample| Some(if sample == Sample::Control { Choice::Inbox } else { Choice::Junk }),
            ["marked note", "stopped clean", "silent clean"],
        ),
        ("all is junk", |_| TAKEN, |_| Some(Choice::Junk), ["delivered mortal", "delivered note", "silent clean"]),
        (
            "the clean one never came",
            |_| TAKEN,
            |sample| Some(if sample == Sample::Control { Choice::Nowhere } else { Choice::Inbox }),
            ["no-control untested", "no-control untested", "silent clean"],
        ),
        (
            "blind in archives",
            |sample| match sample {
                Sample::EicarZip | Sample::EicarZipZip | Sample::Control | Sample::Gtube => TAKEN,
                _ => SCANNED,
            },
            inbox,
            ["some-delivered venial", "delivered note", "silent clean"],
        ),
        (
            "scanner is down",
            |sample| {
                if sample == Sample::Control { TAKEN } else { ["250 ok", "250 ok", "354 go on", "451 4.7.1 later"] }
            },
            inbox,
            ["try-later untested", "try-later untested", "try-later untested"],
        ),
        (
            "had enough of us",
            |sample| if sample == Sample::Control { TAKEN } else { ["250 ok", "554 5.7.1 too many", "", ""] },
            inbox,
            ["client-refused untested", "client-refused untested", "client-refused untested"],
        ),
        (
            "nothing at DATA",
            |sample| if sample == Sample::Control { TAKEN } else { ["250 ok", "250 ok", "554 no", ""] },
            inbox,
            ["client-refused untested", "client-refused untested", "client-refused untested"],
        ),
        ("not even the clean one", |_| SCANNED, inbox, ["no-control untested"; 3]),
        ("greylists", |_| ["250 ok", "450 4.7.1 later", "", ""], inbox, ["try-later untested"; 3]),
        (
            "a filter that knows it",
            |sample| match sample {
                Sample::Eicar => ["250 ok", "250 ok", "354 go on", "554 5.7.1 rspamd: virus"],
                Sample::Control | Sample::Gtube => TAKEN,
                _ => SCANNED,
            },
            inbox,
            ["refused clean", "filter-delivered venial", "silent clean"],
        ),
    ];
    for (what, said, placed, want) in rows {
        assert_eq!(said_of(&report(granted(&[Word::Samples], ONE), *said, *placed, None)), *want, "{what}");
    }
}

#[test]
fn what_comes_back() {
    let report_of = |bounce| report(granted(&[Word::Samples], ONE), |_| TAKEN, |_| Some(Choice::Nowhere), Some(bounce));
    let dsn = "Content-Type: multipart/report; report-type=delivery-status\nSubject: Undelivered";
    for (bounce, want) in [
        (("", dsn), "bounced venial"),
        // Somebody is on holiday (RFC 3834).
        (("", "Auto-Submitted: auto-replied\nContent-Type: text/plain"), "silent clean"),
        (("someone@example.org", dsn), "silent clean"),
    ] {
        let [_, _, backscatter] = said_of(&report_of(bounce));
        assert_eq!(backscatter, want, "{bounce:?}");
    }
}

fn deliveries(report: &Report) -> Vec<String> {
    let of = report.evidence.iter().filter_map(|piece| match &piece.inquiry {
        Inquiry::Probe { address, port, script: Script::Deliver { domain, mailbox, sample, .. }, .. } => {
            Some(format!("{address}:{port} {}@{domain} {}", mailbox.as_str(), sample.name()))
        }
        _ => None,
    });
    of.collect()
}

#[test]
fn only_what_is_granted_is_sent_and_only_there() {
    let rows: &[(&[Word], &[&str], usize)] = &[
        (&[Word::Samples], ONE, 7),
        (&[Word::Samples], &["198.41.0.25", "198.41.0.26"], 14),
        // None of the domain's mail servers.
        (&[Word::Samples], &["198.41.9.9", "10.0.0.1"], 0),
        (&[Word::History, Word::Badge], ONE, 0),
        (&[Word::Samples], &[], 0),
    ];
    for (allow, addresses, count) in rows {
        let report = report(granted(allow, addresses), |_| TAKEN, |_| Some(Choice::Inbox), None);
        let sent = deliveries(&report);
        assert_eq!(sent.len(), *count, "{allow:?} {addresses:?}: {sent:#?}");
        assert!(sent.iter().all(|line| line.contains(":25 test@example.org ")), "{sent:#?}");
        assert!(sent.iter().all(|line| addresses.iter().any(|address| line.starts_with(address))), "{sent:#?}");
    }
    assert!(deliveries(&report(case("example.org"), |_| TAKEN, |_| None, None)).is_empty());
    let stopped = report(granted(&[Word::Samples], ONE), |_| SCANNED, |_| None, None);
    assert_eq!(deliveries(&stopped), ["198.41.0.25:25 test@example.org control"], "the clean one goes first");
}

#[test]
fn it_counts_only_where_it_was_granted() {
    let of = |case| report(case, |_| TAKEN, |_| Some(Choice::Inbox), None);
    let (without, with) = (of(case("example.org")), of(granted(&[Word::Samples], ONE)));
    assert_eq!((with.total, with.tested), (without.total + 3, without.tested + 3));
    assert_eq!(with.points, without.points - 15.0);
    assert!(without.by_consent().is_none());
    assert!(with.by_consent().unwrap().contains("(samples)") && with.by_consent().unwrap().contains("198.41.0.25"));
    assert!(shared::report::markdown(&with).contains("By consent of the domain"));
    assert_eq!(shared::judge(&with.case()), with, "judged again it is another");
    let waiting = report(granted(&[Word::Samples], ONE), |_| TAKEN, |_| None, None);
    assert!(waiting.coverage < with.coverage, "what its owner did not say is missing");
    assert!(
        waiting.findings.iter().all(|finding| finding.check != "inbound-virus" || finding.verdict == Verdict::Untested)
    );
}

/// Who opted out gets nothing, whatever was granted.
#[test]
fn who_opted_out_gets_nothing() {
    let zone = Zone::new(&format!(
        "{ZONE}\n_mailsins.mx1.example.org TXT v=mailsins1; probe=none\n_mailsins.example.org TXT x"
    ));
    let report = turn(granted(&[Word::Samples], ONE), &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { script, .. } => Ok(CAREFUL.answer(script)),
        _ => Err(Unseen::Refused),
    });
    assert!(deliveries(&report).is_empty());
    assert!(said_of(&report).iter().all(|said| said == "opted-out untested"), "{:?}", said_of(&report));
}

/// What the message with the code waits for.
#[test]
fn the_way_of_the_code() {
    let zone = Zone::new(ZONE);
    let mut case = case("example.org");
    let mut asked = Vec::new();
    loop {
        let open = shared::plan::way(&case);
        if open.is_empty() {
            break;
        }
        for inquiry in open {
            let Inquiry::Dns { name, record, .. } = &inquiry else { panic!("{inquiry}") };
            asked.push(inquiry.to_string());
            let answer = zone.ask(name, *record);
            case.add(support::evidence(inquiry, Ok(answer)));
        }
    }
    let facts = shared::facts::Facts::new(&case);
    let hosts: Vec<_> = facts.hosts().0.iter().map(|host| host.address.to_string()).collect();
    assert_eq!(hosts, ["198.41.0.25", "198.41.0.26"], "in the order of preference");
    assert!(facts.hosts().0.iter().all(|host| facts.is_letter_forbidden(host) == Ok(false)));
    for name in ["_mailsins.example.org", "_mailsins.mx1.example.org", "_mailsins.mx2.example.org"] {
        assert!(asked.contains(&format!("TXT of {name}")), "{name}: {asked:?}");
    }
    assert!(asked.len() < 20, "{asked:?}");
}

/// What resolvers did not answer is nobody's word: neither that there is no server, nor that its operator does not mind.
#[test]
fn the_way_of_the_code_with_a_failing_resolver() {
    let failing = |lost: &str, minds: bool| {
        let more = if minds { "\n_mailsins.mx1.example.org TXT v=mailsins1; probe=none" } else { "" };
        let zone = Zone::new(&format!("{ZONE}{more}"));
        let mut case = case("example.org");
        loop {
            let open = shared::plan::way(&case);
            if open.is_empty() {
                break;
            }
            for inquiry in open {
                let Inquiry::Dns { name, record, .. } = &inquiry else { panic!("{inquiry}") };
                let is_lost = lost.split(',').any(|lost| inquiry.to_string() == lost);
                let answer = if is_lost { Err(Unseen::ServFail) } else { Ok(zone.ask(name, *record)) };
                case.add(support::evidence(inquiry, answer));
            }
        }
        let facts = shared::facts::Facts::new(&case);
        let minds = facts.hosts().0.iter().map(|host| facts.is_letter_forbidden(host)).collect::<Vec<_>>();
        (facts.all_routes(), minds)
    };
    let (lost, no) = (Err(Unseen::ServFail), Ok(false));
    for (names, minds, routes, hosts) in [
        ("", false, Ok(()), vec![no, no]),
        ("MX of example.org", false, Err(Unseen::ServFail), vec![]),
        ("A of mx2.example.org,AAAA of mx2.example.org", false, Err(Unseen::ServFail), vec![no]),
        ("AAAA of mx2.example.org", false, Ok(()), vec![no, no]),
        ("TXT of _mailsins.mx1.example.org", false, Ok(()), vec![lost, no]),
        ("TXT of _mailsins.example.org", false, Ok(()), vec![lost, lost]),
        // One no is heard all the same.
        ("TXT of _mailsins.example.org", true, Ok(()), vec![Ok(true), lost]),
    ] {
        assert_eq!(failing(names, minds), (routes, hosts), "{names}");
    }
}

/// The message itself is no part of the evidence.
#[test]
fn no_message_is_kept() {
    let step = exchange(Step::Message, "(734 octets and a dot)", "250 ok");
    assert!(!serde_json::to_string(&step).unwrap().contains("Subject"));
    assert_eq!(name("example.org").as_str(), "example.org");
}
