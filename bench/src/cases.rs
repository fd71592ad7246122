//! Domains to plan for and to judge: one of the lab as it was recorded, and the worst that the limits let in.

#[path = "../../shared/tests/support/mod.rs"]
mod support;

use anyhow::{Context, Result};
use shared::case::INQUIRIES_MAX;
use shared::evidence::{DnsAnswer, Fetched, Record, Target};
use shared::inquiry::{RecordType, Script};
use shared::report::Basis;
use shared::{Answer, Case, Evidence, Inquiry, Unseen, plan};

use support::{CAREFUL, GOOD, lines, lines_in_tls, name};

/// A case with all its evidence, and the same without any.
pub struct Whole {
    /// Complete.
    pub case: Case,
    /// At its beginning.
    pub fresh: Case,
}

/// A scan of a domain with two mail hosts, which was recorded in the lab.
pub fn typical(report: &str) -> Result<Whole> {
    let basis: Basis = serde_json::from_str(report).context("read the recorded report")?;
    let case = basis.case();
    let mut fresh = Case::new(case.domain.clone(), case.probe_domain.clone(), case.nonce.clone(), case.started);
    fresh.options = case.options.clone();
    fresh.admit_private = case.admit_private;
    fresh.blocklists.clone_from(&case.blocklists);
    // What the plan no longer asks, or asks anew, would make it another case.
    let case =
        turn(fresh.clone(), &|inquiry| case.get(inquiry).map_or(Err(Unseen::Refused), |known| known.answer.clone()));
    Ok(Whole { case, fresh })
}

/// Twelve addresses that answer on every port, an SPF record that branches, aliases and large answers: as many
/// inquiries as a scan may have.
pub fn worst() -> Whole {
    let mut fresh = support::case("example.org");
    fresh.options.selectors = (0..10).map(|number| format!("selector{number}")).collect();
    fresh.options.hosts = (0..5).map(|number| name(&format!("host{number}.example.org"))).collect();
    let case = turn(fresh.clone(), &large);
    assert!(case.evidence().len() == INQUIRIES_MAX, "{} inquiries are not the most", case.evidence().len());
    Whole { case, fresh }
}

fn turn(mut case: Case, world: &dyn Fn(&Inquiry) -> Result<Answer, Unseen>) -> Case {
    loop {
        let wanted = plan(&case);
        if wanted.is_empty() {
            return case;
        }
        for inquiry in wanted {
            let answer = world(&inquiry);
            case.add(Evidence { at: case.started + 5, took: 7, inquiry, answer });
        }
    }
}

fn large(inquiry: &Inquiry) -> Result<Answer, Unseen> {
    Ok(match inquiry {
        Inquiry::Dns { name, record, .. } => {
            Answer::Dns(DnsAnswer { records: records(name.as_str(), *record), ..DnsAnswer::default() })
        }
        Inquiry::Probe { port, script, .. } => match script {
            Script::ImapSurvey | Script::PopSurvey | Script::SieveSurvey => {
                let said = ["* OK ready", "* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN", "+"];
                let tls = support::Encryption::Shows(GOOD);
                lines_in_tls(said, &tls, matches!(port, 993 | 995))
            }
            Script::ImapInjection | Script::PopInjection | Script::SieveInjection => {
                lines("* OK ready", "* CAPABILITY IMAP4rev1", "")
            }
            _ => CAREFUL.answer(script),
        },
        Inquiry::Fetch { .. } => Answer::Fetch(Fetched::new(
            200,
            b"text/plain",
            None,
            b"version: STSv1\nmode: enforce\nmx: *.example.org\nmax_age: 604800\n",
        )),
        // What takes an operator's consent.
        Inquiry::Mail | Inquiry::Arrival { .. } | Inquiry::Owner { .. } => return Err(Unseen::NotAsked),
    })
}

fn records(name_: &str, record: RecordType) -> Vec<Record> {
    let number: u8 = name_.bytes().fold(0, |sum: u8, byte| sum.wrapping_mul(31).wrapping_add(byte));
    match record {
        RecordType::Mx => (1..=12)
            .map(|n| Record::Mx { preference: n, exchange: Target::Name(name(&format!("mx{n}.example.org"))) })
            .collect(),
        RecordType::A => vec![Record::A([198, 41, 0, number].into())],
        RecordType::Ptr => vec![Record::Ptr(Target::Name(name("mx1.example.org")))],
        RecordType::Txt if name_.starts_with("_dmarc") => {
            vec![Record::Txt(vec!["v=DMARC1; p=reject; rua=mailto:a@example.net,mailto:b@example.com".to_owned()])]
        }
        RecordType::Txt if name_.contains("_domainkey") => vec![Record::Txt(vec![support::DKIM.to_owned()])],
        RecordType::Txt if !name_.starts_with('_') => {
            let ranges: String = (0..40).map(|n| format!("ip4:192.0.{n}.0/24 ")).collect();
            vec![Record::Txt(vec![format!(
                "v=spf1 {ranges}include:i{number}.example.org include:%{{d2}}.example.net mx -all"
            )])]
        }
        RecordType::Ns => (1..=4).map(|n| Record::Ns(Target::Name(name(&format!("ns{n}.example.org"))))).collect(),
        RecordType::Srv => {
            vec![Record::Srv { priority: 0, weight: 1, port: 993, target: Target::Name(name("mail.example.org")) }]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_cases_are_what_they_are_called() {
        super::worst();
        let recorded = include_str!("../../frontend/static/examples/saint.json");
        let typical = super::typical(recorded).unwrap_or_else(|why| panic!("{why:#}"));
        let unseen = typical.case.evidence().filter(|piece| piece.answer.is_err()).count();
        assert!(unseen * 4 < typical.case.evidence().len(), "{unseen} unseen: record it anew");
    }
}
