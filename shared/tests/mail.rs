//! What a mail of the domain adds to a check: an address that is known to send, and what was found of the mail.

#![allow(clippy::unwrap_used)] // a test may fail

mod support;

use shared::api::{FileTest, SampleTest, TestFile};
use shared::checks::CHECKS;
use shared::evidence::{Answer, MailSeen, Sender, Shown};
use shared::{Inquiry, Report, Unseen, Verdict};
use support::{CAREFUL, STARTED, Zone, case, name, turn};

const ZONE: &str = "
    example.org MX 10 mx1.example.org
    mx1.example.org A 198.41.0.25
    25.0.41.198.in-addr.arpa PTR mx1.example.org
    7.0.41.198.in-addr.arpa PTR out.example.org
    out.example.org A 198.41.0.7
    2.0.0.127.bl.test A 127.0.0.2
    probe.example MX 10 mx.probe.example
    mx.probe.example A 198.41.9.9
";

fn mail(helo: &str, address: &str, shown: &[(&str, &str)]) -> Result<Answer, Unseen> {
    let sender = Sender { helo: helo.to_owned(), address: address.parse().unwrap() };
    let shown = shown.iter().map(|(check, outcome)| Shown {
        check: (*check).to_owned(),
        outcome: (*outcome).to_owned(),
        seen: "seen".to_owned(),
    });
    Ok(Answer::Mail(MailSeen { came: STARTED, sender: Some(sender), shown: shown.collect() }))
}

/// A check with a mail; nothing stands for one without.
fn report(zone: &str, mail: Option<Result<Answer, Unseen>>) -> Report {
    let zone = Zone::new(zone);
    let mut case = case("example.org");
    case.mail = mail.is_some();
    case.blocklists = vec![name("bl.test")];
    turn(case, &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        Inquiry::Mail => mail.clone().unwrap(),
        _ => Err(Unseen::Refused),
    })
}

fn outcomes(report: &Report, check: &str) -> Vec<String> {
    let found = report.findings.iter().filter(|finding| finding.check == check);
    found.map(|finding| format!("{}: {} {}", finding.subject, finding.outcome, finding.verdict)).collect()
}

#[test]
fn an_address_that_sends_is_held_to_more() {
    let of = |zone: &str, helo: &str, check: &str| {
        let found = outcomes(&report(zone, Some(mail(helo, "198.41.0.7", &[]))), check);
        found
            .into_iter()
            .find_map(|one| one.split_once("198.41.0.7: ").map(|(_, said)| said.to_owned()))
            .unwrap_or_default()
    };
    let helo = "out.example.org";
    let without = |line: &str| ZONE.replacen(line, "", 1);
    let no_ptr = without("7.0.41.198.in-addr.arpa PTR out.example.org");
    let unconfirmed = without("out.example.org A 198.41.0.7");
    let generic = ZONE.replace("out.example.org", "198-41-0-7.lines.example");
    let listed = format!("{ZONE}7.0.41.198.bl.test A 127.0.0.4");
    for (zone, helo, check, want) in [
        (ZONE, helo, "ptr-exists", "present clean"),
        (&no_ptr, helo, "ptr-exists", "sender-missing mortal"),
        (ZONE, helo, "ptr-forward-confirmed", "confirmed clean"),
        (&unconfirmed, helo, "ptr-forward-confirmed", "sender-unconfirmed mortal"),
        (&no_ptr, helo, "ptr-forward-confirmed", ""),
        (ZONE, helo, "ptr-generic", "chosen clean"),
        (&generic, helo, "ptr-generic", "sender-generic venial"),
        (ZONE, helo, "helo-name", "resolves clean"),
        (ZONE, "localhost", "helo-name", "sender-not-a-full-name venial"),
        (ZONE, "nowhere.example.org", "helo-name", "sender-unresolved venial"),
        (ZONE, helo, "dnsbl", "unlisted clean"),
        (&listed, helo, "dnsbl", "sender-listed venial"),
    ] {
        assert_eq!(of(zone, helo, check), want, "{check} {helo} {zone}");
    }
}

#[test]
fn an_mx_that_sends_is_no_longer_only_an_mx() {
    let zone = ZONE.replacen("25.0.41.198.in-addr.arpa PTR mx1.example.org", "", 1);
    let of = |mail| outcomes(&report(&zone, mail), "ptr-exists");
    assert_eq!(of(None), ["mx1.example.org, 198.41.0.25: missing note"]);
    let sends = mail("mx1.example.org", "198.41.0.25", &[]);
    assert_eq!(of(Some(sends)), ["mx1.example.org, 198.41.0.25: sender-missing mortal"]);
    // A domain that takes no mail can send.
    let zone = ZONE.replacen("example.org MX 10 mx1.example.org", "example.org MX 0 .", 1);
    let zone = zone.replacen("7.0.41.198.in-addr.arpa PTR out.example.org", "", 1);
    let found = outcomes(&report(&zone, Some(mail("x", "198.41.0.7", &[]))), "ptr-exists");
    assert_eq!(found, ["198.41.0.7: sender-missing mortal"]);
}

#[test]
fn what_was_found_of_the_mail() {
    let shown = [
        ("outbound-mail", "spf-softfail"),
        ("outbound-mail", "dkim-pass"),
        ("outbound-mail", "servfail"),
        ("outbound-mail", "of-a-later-version"),
        ("header-disclosure", "silent"),
        ("outbound-virus", "arrived"),
        ("outbound-limits", "none"),
    ];
    let seen = report(ZONE, Some(mail("out.example.org", "198.41.0.7", &shown)));
    let of = |check: &str| outcomes(&seen, check);
    let all = ["spf-softfail venial", "dkim-pass clean", "servfail untested"].map(|one| format!("example.org: {one}"));
    assert_eq!(of("outbound-mail"), all);
    assert_eq!(of("header-disclosure"), ["example.org: silent clean"]);
    assert_eq!(of("outbound-virus"), ["example.org: arrived mortal"]);
    assert_eq!(of("outbound-limits"), ["example.org: none venial"]);
    let without = report(ZONE, Some(mail("out.example.org", "198.41.0.7", &[])));
    // Sin 6: what leaves is worth 15 points once, and a venial fault 5; sin 7: 5.
    assert_eq!(without.points - seen.points, 25.0);
}

#[test]
fn what_came_with_the_second_mail() {
    let at = 1_790_000_000_000;
    let test = |sent: Option<u64>, came: Option<u64>| FileTest { sent, came };
    let (no, said, here) = (test(None, None), test(Some(at), None), test(None, Some(at)));
    let late = 600_001;
    // Of EICAR, of GTUBE, whether a mail came without either, how much later, and what is said of each.
    for (eicar, gtube, bare, later, want) in [
        (here, no, false, 0, [Some("arrived"), None]),
        (no, here, false, late, [None, Some("spam-arrived")]),
        (said, no, false, late, [Some("stopped"), None]),
        (no, said, false, late, [None, Some("spam-stopped")]),
        (said, said, false, late, [Some("stopped"), Some("spam-stopped")]),
        (said, here, false, late, [Some("stopped"), Some("spam-arrived")]),
        (said, here, false, late - 1, [None, Some("spam-arrived")]),
        (said, no, true, 0, [Some("stripped"), None]),
        (test(Some(at), Some(at)), no, true, 0, [Some("arrived"), None]),
        (no, said, true, 0, [None, Some("spam-stopped")]),
        // Nobody said what was in it.
        (no, no, true, late, [None, None]),
        (no, no, false, late, [None, None]),
    ] {
        let sample = SampleTest { address: "s@probe.test".to_owned(), eicar, gtube, bare: bare.then_some(at) };
        let said = TestFile::ALL.map(|file| sample.outcome(file, at + later));
        assert_eq!(said.each_ref().map(|said| said.as_ref().map(|(outcome, _)| *outcome)), want, "{sample:?}");
        for ((_, seen), file) in said.iter().zip(TestFile::ALL).filter_map(|(said, file)| Some((said.as_ref()?, file)))
        {
            assert!(
                seen.starts_with(file.name()) && seen.matches("EICAR").count() + seen.matches("GTUBE").count() == 1
            );
        }
    }
    let spam = [("outbound-virus", "no-sample"), ("outbound-virus", "spam-stopped")];
    let spam = report(ZONE, Some(mail("out.example.org", "198.41.0.7", &spam)));
    let said = ["example.org: spam-stopped note", "example.org: no-sample untested"];
    assert_eq!(outcomes(&spam, "outbound-virus"), said);
    let spam = report(ZONE, Some(mail("out.example.org", "198.41.0.7", &[("outbound-virus", "spam-arrived")])));
    assert_eq!(outcomes(&spam, "outbound-virus"), ["example.org: spam-arrived note"]);
}

#[test]
fn what_nobody_sent_costs_nothing() {
    let none = report(ZONE, None);
    let ours: Vec<&str> = CHECKS.iter().map(|check| check.id).filter(|id| id.starts_with("outbound-")).collect();
    assert_eq!(ours, ["outbound-mail", "outbound-virus", "outbound-limits"]);
    for check in ours.iter().chain(&["header-disclosure"]) {
        assert_eq!(outcomes(&none, check), ["example.org: no-mail-test untested"]);
    }
    for why in [Unseen::NoMailTest, Unseen::ForeignMail, Unseen::Failed] {
        let other = report(ZONE, Some(Err(why)));
        assert_eq!((other.points, other.coverage, other.total), (none.points, none.coverage, none.total), "{why:?}");
        let found = other.findings.iter().filter(|finding| finding.check.starts_with("outbound-"));
        assert!(found.clone().count() == 3 && found.clone().all(|one| one.verdict == Verdict::Untested), "{why:?}");
    }
    // The mail came, and only it.
    let only = report(ZONE, Some(mail("out.example.org", "198.41.0.7", &[("outbound-mail", "dkim-pass")])));
    assert_eq!(outcomes(&only, "outbound-virus"), ["example.org: no-sample untested"]);
    assert_eq!(outcomes(&only, "outbound-limits"), ["example.org: not-said untested"]);
}
