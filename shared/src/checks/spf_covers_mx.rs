//! # spf-covers-mx
//!
//! **Objective.** The domain's own mail hosts may send for it.
//!
//! **Evidence.** The SPF record evaluated for each address that takes the domain's mail, with
//! postmaster as the sender and the MX name in HELO.
//!
//! **Outcomes.**
//! - `covered`: SPF passes at this address. Clean.
//! - `not-covered`: it does not. Mail may well leave by other hosts, so this is a note.
//!
//! **Source.** RFC 7208 section 4.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::facts::Facts;
use crate::spf::{self, SpfResult, outline};
use crate::{Finding, Sin, Unseen};

outcomes! {
    Covered = "covered", Clean, "SPF covers the mail host",
        "Mail that this host sends for the domain passes SPF.";
    NotCovered = "not-covered", Note, "SPF does not cover the mail host",
        "Mail that this host sends for the domain does not pass SPF. That is right if it only receives; if it also sends, bounces and replies from it may be refused.";
}

pub(super) const CHECK: Check = Check {
    id: "spf-covers-mx",
    sin: Sin::DnsErrors,
    title: "SPF of the mail hosts",
    source: "RFC 7208 section 4",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    match facts.spf_tree() {
        Ok(Some(_)) => {}
        Ok(None) => return Vec::new(),
        Err(why) => return vec![CHECK.untested(facts, why, &Subject::Domain, Seen::default())],
    }
    let hosts = match CHECK.hosts(facts) {
        Ok(hosts) => hosts,
        Err(findings) => return findings,
    };
    let mut findings = Vec::new();
    for host in hosts {
        let outcome = facts.spf_of(&host);
        let subject = Subject::Address(host);
        let evaluation = match outcome {
            spf::Outcome::Done(evaluation) => evaluation,
            spf::Outcome::Lacks(_) => {
                findings.push(CHECK.untested(facts, Unseen::Pending, &subject, Seen::default()));
                continue;
            }
        };
        let seen = Seen::text(outline(&evaluation.tree)).and(Seen::text(format!("result: {}", evaluation.result)));
        findings.extend(match evaluation.result {
            SpfResult::Pass => Some(CHECK.found(facts, Outcome::Covered, &subject, seen)),
            SpfResult::TempError => {
                Some(CHECK.untested(facts, evaluation.unseen.unwrap_or(Unseen::NoBase), &subject, seen))
            }
            // What makes a permerror is said by spf-lookup-limit.
            SpfResult::PermError | SpfResult::None => None,
            _ => Some(CHECK.found(facts, Outcome::NotCovered, &subject, seen)),
        });
    }
    findings
}
