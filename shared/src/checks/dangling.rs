//! # dangling
//!
//! **Objective.** No record of the domain names a domain that anyone may register.
//!
//! **Evidence.** MX targets, the names in SPF, and the aliases at `autodiscover`, `autoconfig`, `mta-sts`
//! and the DKIM selectors of dkim-key, where they do not exist (NXDOMAIN); then the NS answers of the
//! registrable part of each and of its ending.
//!
//! **Outcomes.**
//! - `held`: no name leads to nowhere, or the domain that it is in exists.
//! - `free`: the domain that it is in does not exist. Mortal: whoever registers it takes the domain's
//!   mail, sends in its name, or asks its users for their passwords.
//!
//! A name under an ending that does not exist, or whose registrable part is not known for sure, is no
//! finding.
//!
//! **Source.** RFC 2308 section 2.1.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::{Finding, Sin};

outcomes! {
    Held = "held", Clean, "No name is up for grabs",
        "Every name that the domain's mail rests on is in a domain that exists.";
    Free = "free", Mortal, "Anyone may register a name that mail rests on",
        "A record names a domain that does not exist. Whoever registers it gets what the record gives: the mail, the right to send in this domain's name, or its users' logins." => TakeBackName;
}

pub(super) const CHECK: Check = Check {
    id: "dangling",
    sin: Sin::DnsErrors,
    title: "Names that anyone may register",
    source: "RFC 2308 section 2.1",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.exists() == Ok(false) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for lead in facts.leads_to_nowhere() {
        let subject = Subject::Name(lead.name.clone());
        match facts.is_free(&lead) {
            Ok(true) => {
                let mut seen = Seen::text(format!("named by {}: {}", lead.from, lead.name));
                if let Ok(answer) = facts.dns(&lead.registrable, RecordType::Ns) {
                    seen = seen.and(Seen::dns(&lead.registrable, RecordType::Ns, answer));
                }
                findings.push(CHECK.found(facts, Outcome::Free, &subject, seen));
            }
            Ok(false) => {}
            Err(why) => findings.push(CHECK.untested(facts, why, &subject, Seen::default())),
        }
    }
    if findings.is_empty() {
        findings.push(match facts.leads_seen() {
            Ok(()) => CHECK.found(facts, Outcome::Held, &Subject::Domain, Seen::default()),
            Err(why) => CHECK.untested(facts, why, &Subject::Domain, Seen::default()),
        });
    }
    findings
}
