//! Servers that put recipients off: they are asked once more where a scan may last so long.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod support;

use std::cell::RefCell;

use shared::case::AGAIN_MS;
use shared::inquiry::Script;
use shared::{Inquiry, Report, Unseen, judge, plan};
use support::{CAREFUL, STARTED, Server, Zone, case, evidence, turn};

const ZONE: &str = "example.org MX 10 mx1.example.org\nmx1.example.org A 198.41.0.25\nexample.org TXT v=spf1 mx -all";
const GREY: &str = "450 4.2.0 <x@example.org>: Recipient address rejected: Greylisted";

const PUTS_OFF: Server<'static> =
    Server { postmaster: GREY, bare: GREY, abuse: GREY, control: GREY, roles: [GREY; 5], ..CAREFUL };

/// The report, and how often each script was sent.
fn scan(again: Option<u64>, first: &Server<'_>, second: Result<&Server<'_>, Unseen>) -> (Report, Vec<String>) {
    let zone = Zone::new(ZONE);
    let asked = RefCell::new(Vec::new());
    let mut case = case("example.org");
    case.again = again;
    let report = turn(case, &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => {
            let text = serde_json::to_value(inquiry).unwrap();
            asked.borrow_mut().push(text.get("script").unwrap().as_str().unwrap().to_owned());
            match script {
                Script::SmtpRecipients { again: true, .. } => second.map(|server| server.answer(script)),
                script => Ok(first.answer(script)),
            }
        }
        _ => Err(Unseen::Refused),
    });
    (report, asked.into_inner())
}

fn of(report: &Report, check: &str) -> String {
    let found = report.findings.iter().find(|f| f.check == check).unwrap();
    format!("{} {}", found.outcome, found.verdict)
}

#[test]
fn once_more() {
    let whole = ["smtp-survey", "smtp-recipients", "smtp-old-tls", "smtp-starttls-injection"];
    let patient = ["smtp-survey", "smtp-recipients", "smtp-recipients-again", "smtp-starttls-injection"];
    let busy = Server { postmaster: "421 4.3.2 closing", ..CAREFUL };
    type Row<'a> = (Option<u64>, &'a Server<'a>, Result<&'a Server<'a>, Unseen>, &'a [&'a str], &'a str);
    let rows: &[Row<'_>] = &[
        (None, &PUTS_OFF, Ok(&CAREFUL), &whole, "try-later untested"),
        (Some(AGAIN_MS), &PUTS_OFF, Ok(&CAREFUL), &patient, "accepted clean"),
        (Some(AGAIN_MS), &PUTS_OFF, Ok(&PUTS_OFF), &patient, "try-later untested"),
        (Some(AGAIN_MS), &PUTS_OFF, Err(Unseen::Refused), &patient, "try-later untested"),
        (Some(AGAIN_MS), &CAREFUL, Err(Unseen::Failed), &whole, "accepted clean"),
        (Some(AGAIN_MS), &busy, Err(Unseen::Failed), &whole, "try-later untested"),
    ];
    for (n, (again, first, second, scripts, want)) in rows.iter().enumerate() {
        let (report, asked) = scan(*again, first, *second);
        assert_eq!(asked, *scripts, "row {n}");
        assert_eq!(of(&report, "postmaster"), *want, "row {n}");
        // Whoever judges it again needs not know how patient the scan was.
        let mut case = report.case();
        assert_eq!(case.again, None);
        assert!(plan(&case).is_empty());
        assert_eq!(judge(&case).findings, report.findings);
        // Neither does evidence of a second try ask for more.
        case.again = *again;
        assert!(plan(&case).is_empty(), "{:?}", plan(&case));
    }
}

/// Not before the time is over, which begins when the first conversation ends.
#[test]
fn when() {
    let mut case = case("example.org");
    case.again = Some(AGAIN_MS);
    let probe = |again| Inquiry::Probe {
        address: [198, 41, 0, 25].into(),
        port: 25,
        host: None,
        script: Script::SmtpRecipients { domain: "example.org".parse().unwrap(), contact: None, again },
    };
    case.add(evidence(probe(false), Err(Unseen::Failed)));
    assert_eq!(case.due(&probe(false)), 0);
    assert_eq!(case.due(&probe(true)), STARTED + 5 + 7 + 610_000);
}
