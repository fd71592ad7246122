//! The rule that turns findings into a letter, and the sentence that says why.

#![allow(clippy::float_cmp)] // the prices are exact in binary

mod support;

use shared::facts::Facts;
use shared::grade::{Grade, grade, points, price, why};
use shared::{Case, Confidence, Finding, Inquiry, Sin, Unseen, Verdict};
use support::{CAREFUL, Zone, run};

const ZONE: &str = "
    example.org MX 10 mx1.example.org
    example.org TXT v=spf1 mx -all
    mx1.example.org A 198.41.0.25
    probe.example MX 10 mx.probe.example
    mx.probe.example A 198.41.9.9
";

/// A case where only this address answers.
fn seen(zone: &str, answers: &str) -> Case {
    let zone = Zone::new(zone);
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { address, port: 25, script, .. } if address.to_string() == answers => {
            Ok(CAREFUL.answer(script))
        }
        _ => Err(Unseen::ConnectTimeout),
    });
    report.case()
}

fn finding(check: &str, outcome: &str, verdict: Verdict, confidence: Option<Confidence>) -> Finding {
    Finding {
        sin: Sin::DnsErrors,
        check: check.to_owned(),
        outcome: outcome.to_owned(),
        verdict,
        confidence,
        subject: "example.org".to_owned(),
        title: format!("Title of {outcome}"),
        why: String::new(),
        seen: String::new(),
        marks: Vec::new(),
        remedy: None,
    }
}

const PROVED: Option<Confidence> = Some(Confidence::Proved);
const SUSPECTED: Option<Confidence> = Some(Confidence::Suspected);

#[test]
fn prices() {
    let rows = [
        (Sin::OpenRelay, Verdict::Mortal, PROVED, 25.0),
        (Sin::OpenRelay, Verdict::Mortal, SUSPECTED, 12.5),
        (Sin::PlainTextAuthentication, Verdict::Mortal, PROVED, 25.0),
        (Sin::DnsErrors, Verdict::Mortal, PROVED, 15.0),
        (Sin::DnsErrors, Verdict::Mortal, SUSPECTED, 7.5),
        (Sin::OpenRelay, Verdict::Venial, PROVED, 5.0),
        (Sin::DnsErrors, Verdict::Venial, SUSPECTED, 2.5),
        (Sin::DnsErrors, Verdict::Note, None, 0.0),
        (Sin::OpenRelay, Verdict::Clean, None, 0.0),
        (Sin::OpenRelay, Verdict::Untested, None, 0.0),
    ];
    for (sin, verdict, confidence, want) in rows {
        let finding = Finding { sin, ..finding("a", "b", verdict, confidence) };
        assert_eq!(price(&finding), want, "{sin:?} {verdict} {confidence:?}");
        assert_eq!(points(&[finding]), 100.0 - want);
    }
    let mortal = |check: &str, sin| Finding { sin, ..finding(check, "b", Verdict::Mortal, PROVED) };
    let venial = finding("a", "c", Verdict::Venial, PROVED);
    let dns = Sin::DnsErrors;
    assert_eq!(points(&[]), 100.0);
    assert_eq!(points(&[venial.clone(), mortal("a", dns), venial]), 85.0, "a check costs its worst");
    assert_eq!(points(&[mortal("a", dns), mortal("b", dns)]), 70.0);
    assert_eq!(points(&[mortal("a", dns), mortal("b", dns), mortal("c", dns)]), 60.0, "a sin costs 40 at most");
    let relay = Sin::OpenRelay;
    assert_eq!(points(&[mortal("a", dns), mortal("b", relay), mortal("c", relay)]), 45.0);
}

#[test]
fn letters_by_points_and_coverage() {
    let case = seen(ZONE, "198.41.0.25");
    let facts = Facts::new(&case);
    let clean = |check: &str, outcome: &str| finding(check, outcome, Verdict::Clean, None);
    let sound = [clean("dmarc-policy", "enforced"), clean("mta-sts", "enforced")];
    let rows = [
        (100.0, 0.9, Some("A+")),
        (100.0, 0.89, Some("A")),
        (99.0, 1.0, Some("A")),
        (90.0, 1.0, Some("A")),
        (89.0, 1.0, Some("B")),
        (75.0, 1.0, Some("B")),
        (74.0, 1.0, Some("C")),
        (60.0, 1.0, Some("C")),
        (59.0, 1.0, Some("D")),
        (45.0, 1.0, Some("D")),
        (44.0, 1.0, Some("F")),
        (100.0, 0.5, Some("A")),
        (100.0, 0.49, None),
    ];
    for (points, coverage, want) in rows {
        assert_eq!(grade(&facts, &sound, points, coverage).map(Grade::letter), want, "{points} {coverage}");
    }
    let dane = clean("dane", "matches");
    for (findings, want) in [
        (&[clean("dmarc-policy", "enforced")][..], Grade::A),
        (&[clean("mta-sts", "enforced"), dane.clone()], Grade::A),
        (&[clean("dmarc-policy", "enforced"), dane.clone()], Grade::APlus),
        (&[clean("dmarc-policy", "enforced"), dane, clean("dane", "absent")], Grade::A),
    ] {
        assert_eq!(grade(&facts, findings, 100.0, 1.0), Some(want), "{findings:#?}");
    }
}

#[test]
fn letters_by_findings() {
    let case = seen(ZONE, "198.41.0.25");
    let facts = Facts::new(&case);
    let (mortal, venial) = (Verdict::Mortal, Verdict::Venial);
    let rows = [
        ("mx-exists", "no-domain", Verdict::Note, None, None),
        ("mx-exists", "broken-null-mx", mortal, PROVED, Some("F")),
        ("mx-resolves", "none-does", mortal, PROVED, Some("F")),
        ("mx-resolves", "some-do-not", venial, PROVED, Some("A")),
        ("mx-public-address", "none-public", mortal, PROVED, Some("F")),
        ("open-relay", "relays", mortal, PROVED, Some("F")),
        ("open-relay", "relays", mortal, SUSPECTED, Some("D")),
        ("open-relay", "relays-odd-form", venial, PROVED, Some("A")),
        ("open-relay-proof", "relays", mortal, PROVED, Some("F")),
        ("smtp-cleartext-auth", "offered", mortal, PROVED, Some("D")),
        ("imap-cleartext-login", "login", mortal, PROVED, Some("D")),
        ("pop3-cleartext-login", "user", mortal, PROVED, Some("D")),
        ("starttls", "imap-without", mortal, PROVED, Some("A")),
    ];
    for (check, outcome, verdict, confidence, want) in rows {
        let found = grade(&facts, &[finding(check, outcome, verdict, confidence)], 95.0, 1.0);
        assert_eq!(found.map(Grade::letter), want, "{check} {outcome} {confidence:?}");
    }
}

/// There is no letter where fewer than half of the hosts answered, or none is known.
#[test]
fn letters_by_hosts() {
    let two = format!("{ZONE}\nexample.org MX 20 mx2.example.org\nmx2.example.org A 198.41.0.26");
    let three = format!("{two}\nexample.org MX 30 mx3.example.org\nmx3.example.org A 198.41.0.27");
    let lost = ZONE.replace("mx1.example.org A", "mx9.example.org A");
    let parked = ZONE.replace("MX 10 mx1.example.org", "MX 0 .");
    for (zone, answers, want) in [
        (ZONE, "198.41.0.25", Some(Grade::A)),
        (ZONE, "198.41.0.99", None),
        (&two, "198.41.0.25", Some(Grade::A)),
        (&three, "198.41.0.25", None),
        (&lost, "198.41.0.25", None),
        (&parked, "198.41.0.25", Some(Grade::A)),
    ] {
        let case = seen(zone, answers);
        assert_eq!(grade(&Facts::new(&case), &[], 95.0, 1.0), want, "{zone}");
    }
}

#[test]
fn the_sentence() {
    let case = seen(ZONE, "198.41.0.25");
    let facts = Facts::new(&case);
    let mortal = |outcome: &str| finding("a", outcome, Verdict::Mortal, PROVED);
    let venial = |outcome: &str| finding("a", outcome, Verdict::Venial, PROVED);
    let rows: &[(&[Finding], &str)] = &[
        (&[], "No sin was found"),
        (&[finding("a", "n", Verdict::Note, None)], "No sin was found"),
        (&[mortal("m")], "1 mortal fault: title of m"),
        (&[mortal("m"), mortal("m")], "1 mortal fault: title of m"),
        (&[mortal("m"), mortal("o")], "2 mortal faults: title of m, title of o"),
        (&[venial("v"), venial("w")], "2 venial faults: title of v, title of w"),
        (&[venial("v"), mortal("m")], "1 mortal and 1 venial fault: title of m, title of v"),
        (&[venial("v"), mortal("m"), venial("w")], "1 mortal and 2 venial faults, above all: title of m, title of v"),
    ];
    for (findings, want) in rows {
        assert_eq!(why(&facts, Some(Grade::B), findings), format!("{want}."));
        let unseen = format!("{want}, but too little could be seen for a grade.");
        assert_eq!(why(&facts, None, findings), unseen);
    }
    let gone = finding("mx-exists", "no-domain", Verdict::Note, None);
    let said = "DNS knows no domain of this name, so there is nothing to grade.";
    assert_eq!(why(&facts, None, &[gone]), said);
    for (check, outcome) in [("mx-exists", "present"), ("other", "no-domain")] {
        let other = finding(check, outcome, Verdict::Clean, None);
        assert_eq!(why(&facts, Some(Grade::A), &[other]), "No sin was found.");
    }
    let acronym = Finding { title: "TLS fails".to_owned(), ..mortal("m") };
    assert_eq!(why(&facts, Some(Grade::B), &[acronym]), "1 mortal fault: TLS fails.");
    let parked = seen(&ZONE.replace("MX 10 mx1.example.org", "MX 0 ."), "");
    let said = why(&Facts::new(&parked), Some(Grade::A), &[]);
    assert!(said.starts_with("No sin was found. This domain takes no mail"), "{said}");
    let dark = run("example.org", &|_| Err(Unseen::ServFail)).case();
    let said = "Where its mail goes could not be seen, so there is no grade.";
    assert_eq!(why(&Facts::new(&dark), None, &[]), said);
}
