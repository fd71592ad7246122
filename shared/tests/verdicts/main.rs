//! One row a check and outcome: minimal evidence, exact findings.

mod clients;
mod dnssec;
mod mta_sts;
mod names;
mod policies;
mod smtp;
#[path = "../support/mod.rs"]
mod support;
mod tls;

use shared::evidence::{Answer, DnsAnswer, FetchFault, Fetched, Path, TlsFault};
use shared::inquiry::Script;
use shared::{Inquiry, Report, Unseen, Verdict};
use support::{
    CAREFUL, Encryption, GOOD, Offered, Server, Shown, Zone, case, lines, lines_in_tls, lines_injected, name, outcomes,
    run, smtp_in_tls, turn,
};

const ZONE: &str = "
    example.org MX 10 mx1.example.org
    example.org TXT v=spf1 mx -all
    example.org A 198.41.0.80
    mail._domainkey.example.org TXT v=DKIM1; k=ed25519; p=LgtgqXvLJCc5s8Qvphzz7JdWOZvbpBPgJ6xuPFgGVU8=
    _dmarc.example.org TXT v=DMARC1; p=reject; rua=mailto:dmarc@example.org
    mx1.example.org A 198.41.0.25
    25.0.41.198.in-addr.arpa PTR mx1.example.org
    probe.example MX 10 mx.probe.example
    mx.probe.example A 198.41.9.9
";

fn check(id: &str, rows: &[(&str, Server<'_>, &[&str])]) {
    for (zone, server, want) in rows {
        assert_eq!(outcomes(id, zone, server), *want, "{id} with {zone}");
    }
}

/// The parts of what was seen that a finding marks.
fn marked(finding: &shared::Finding) -> Vec<String> {
    let part = |(start, end): &(u32, u32)| {
        finding.seen.chars().skip(*start as usize).take((end - start) as usize).collect::<String>()
    };
    finding.marks.iter().map(part).collect()
}

fn zone_with(remove: &str, add: &str) -> String {
    let kept: Vec<&str> = ZONE.lines().filter(|line| remove.is_empty() || !line.trim().starts_with(remove)).collect();
    format!("{}\n{add}", kept.join("\n"))
}

#[test]
fn the_careful_domain_is_clean() {
    let zone = Zone::new(ZONE);
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        _ => Err(Unseen::Refused),
    });
    let bad: Vec<_> = report.findings.iter().filter(|f| !matches!(f.verdict, Verdict::Clean | Verdict::Note)).collect();
    assert!(bad.iter().all(|f| ["needs-consent", "no-mail-test"].contains(&f.outcome.as_str())), "{bad:#?}");
    assert_eq!((report.grade.map(|g| g.letter()), report.coverage, report.points), (Some("A"), 1.0, 100.0));
    assert_eq!(report.missing, 0);
    assert_eq!(shared::judge(&report.case()), report, "a report can be judged again");
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<shared::Report>(&json).unwrap(), report);
}

const IMAP: [&str; 3] = ["* OK", "* CAPABILITY STARTTLS LOGINDISABLED\na1 OK", ""];

const POLICY: &str = "version: STSv1\nmode: enforce\nmx: mx1.example.org\nmax_age: 604800\n";

const STS: &str = "_mta-sts.example.org TXT v=STSv1; id=1";

/// A report by the zone and what stands at the policy's address.
fn with_policy(zone: &str, fetched: &Result<Answer, Unseen>) -> Report {
    let zone = Zone::new(zone);
    run("example.org", &|inquiry| match inquiry {
        Inquiry::Mail => Err(Unseen::NoMailTest),
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        Inquiry::Fetch { url } if url.as_str().contains("autoconfig") => Err(Unseen::FetchFailed),
        Inquiry::Arrival { .. } | Inquiry::Owner { .. } => Err(Unseen::NeedsConsent),
        Inquiry::Fetch { url } => {
            assert_eq!(url.as_str(), "https://mta-sts.example.org/.well-known/mta-sts.txt");
            fetched.clone()
        }
        Inquiry::Probe { .. } => Err(Unseen::Refused),
    })
}

/// What a resolver says of some questions, where it does not just answer.
enum Says {
    /// No answer to anybody.
    Dead,
    /// SERVFAIL, but an answer where checks are disabled.
    Fails,
    /// The same, and it says that it is for the signatures.
    Bogus,
    /// An answer that it does not vouch for.
    Unsigned,
}

/// The outcomes of a check, with their subjects, in a world whose resolver vouches for every
/// answer but these, by name and type.
fn signed(check: &str, zone: &str, server: &Server<'_>, odd: &[(&str, &str, Says)]) -> Vec<String> {
    let report = signed_report(zone, server, odd);
    let of_check = report.findings.iter().filter(|finding| finding.check == check);
    let mut found: Vec<_> = of_check.map(|f| format!("{} {} {}", f.outcome, f.verdict, f.subject)).collect();
    found.sort();
    found
}

fn signed_report(zone: &str, server: &Server<'_>, odd: &[(&str, &str, Says)]) -> Report {
    let zone = Zone::new(zone);
    run("example.org", &|inquiry: &Inquiry| match inquiry {
        Inquiry::Dns { name, record, unchecked } => {
            let says = odd.iter().find(|(owner, kind, _)| {
                (*owner == "*" || *owner == name.as_str()) && (*kind == "*" || *kind == record.to_string())
            });
            let authenticated = match (says.map(|(_, _, says)| says), unchecked) {
                (Some(Says::Dead), _) | (Some(Says::Fails), false) => return Err(Unseen::ServFail),
                (Some(Says::Bogus), false) => return Err(Unseen::Bogus),
                (None, unchecked) => {
                    assert!(!unchecked, "asked in vain: {inquiry}");
                    true
                }
                (Some(_), _) => false,
            };
            match zone.ask(name, *record) {
                Answer::Dns(answer) => Ok(Answer::Dns(DnsAnswer { authenticated, ..answer })),
                other => Ok(other),
            }
        }
        Inquiry::Probe { port: 25, script, .. } => Ok(server.answer(script)),
        _ => Err(Unseen::Refused),
    })
}

/// Points 100, DMARC enforced, and mail protected on its way in; or no mail at all.
#[test]
fn the_best_grade() {
    let grade = |zone: &str, policy: &str| {
        let fetched = Ok(Answer::Fetch(Fetched::new(200, b"text/plain", None, policy.as_bytes())));
        with_policy(zone, &fetched).grade.map(|grade| grade.letter())
    };
    let careful = zone_with("", STS);
    let quarantine = careful.replace("p=reject", "p=quarantine");
    let trial = careful.replace("p=reject", "p=reject; t=y");
    let parked = "example.org MX 0 .\nexample.org TXT v=spf1 -all\n_dmarc.example.org TXT v=DMARC1; p=reject";
    let rows = [
        (careful.as_str(), POLICY.to_owned(), "A+"),
        (&quarantine, POLICY.to_owned(), "A+"),
        (&trial, POLICY.to_owned(), "A"),
        (&careful, POLICY.replace("enforce", "testing"), "A"),
        (&careful, POLICY.replace("mx1.", "mx9."), "B"),
        (ZONE, POLICY.to_owned(), "A"),
        (parked, String::new(), "A+"),
        (&parked.replace("reject", "quarantine"), String::new(), "A"),
    ];
    for (zone, policy, want) in rows {
        assert_eq!(grade(zone, &policy), Some(want), "{zone}\n{policy}");
    }
}

#[test]
fn parked_domains() {
    let parked = |check: &str, dmarc: &str| {
        let lines = format!("example.org MX 0 .\nexample.org TXT v=spf1 -all\n{dmarc}");
        outcomes(check, &format!("{lines}\nprobe.example A 198.41.9.9"), &CAREFUL)
    };
    let dmarc = |tags: &str| format!("_dmarc.example.org TXT v=DMARC1; {tags}");
    assert_eq!(parked("dmarc-record", ""), ["missing-parked venial"]);
    assert_eq!(parked("dmarc-policy", &dmarc("p=reject")), ["enforced clean"]);
    assert_eq!(parked("dmarc-policy", &dmarc("p=quarantine")), ["parked-milder note"]);
    assert_eq!(parked("dmarc-policy", &dmarc("p=none")), ["none venial"]);
    assert_eq!(parked("dmarc-policy", "_dmarc.org TXT v=DMARC1; p=quarantine"), ["enforced clean"], "not its own");
    assert_eq!(parked("spf-record", ""), ["valid clean"]);
}

/// What a remedy says to publish must be safe for whoever pastes it.
#[test]
fn records_to_publish() {
    let lines = |domain: &str, zone: &str, check: &str| {
        let zone = Zone::new(zone);
        let report = run(domain, &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            _ => Err(Unseen::Refused),
        });
        let remedy = report.findings.into_iter().find(|finding| finding.check == check).and_then(|f| f.remedy).unwrap();
        remedy.recipes.into_iter().find(|recipe| recipe.software == "BIND").unwrap().lines
    };
    // A parked subdomain gets a record of its own; the parent's stays as it is.
    let parked = "a.example.org MX 0 .\na.example.org TXT v=spf1 -all\n_dmarc.example.org TXT v=DMARC1; p=none; rua=mailto:d@example.org";
    let said = lines("a.example.org", parked, "dmarc-policy");
    assert!(said.ends_with("_dmarc.a.example.org. 3600 IN TXT \"v=DMARC1; p=reject\""), "{said}");
    let own = parked.replace("_dmarc.", "_dmarc.a.");
    let said = lines("a.example.org", &own, "dmarc-policy");
    assert!(said.ends_with("\"v=DMARC1; p=reject; rua=mailto:d@example.org\""), "{said}");
    // Without MX records, `mx` would let nobody send.
    let said = lines("example.org", "example.org A 198.41.0.25", "spf-record");
    assert!(said.ends_with("\"v=spf1 a ~all\""), "{said}");
    // Nobody's honest record is that long, and nothing hidden is handed on.
    for odd in [format!("v=spf1 {}+all", "ip4:192.0.2.1 ".repeat(500)), "v=spf1 a:\u{7}x.test +all".to_owned()] {
        let said = lines("example.org", &format!("example.org MX 0 .\nexample.org TXT {odd}"), "spf-record");
        assert!(said.len() < 300 && !said.contains('\u{7}'), "{said}");
    }
}
