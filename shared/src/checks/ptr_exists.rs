//! # ptr-exists
//!
//! **Objective.** The addresses of mail hosts have names.
//!
//! **Evidence.** The PTR answer of each MX address.
//!
//! **Outcomes.**
//! - `present`: the address has a name.
//! - `missing`: it has none. A note for an address that only receives; receivers refuse mail from
//!   a *sending* address without one.
//!
//! **Source.** RFC 1912 section 2.1.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::{DomainName, Finding, Sin};

outcomes! {
    Present = "present", Clean, "The address has a name",
        "The reverse zone gives this address a name.";
    Missing = "missing", Note, "The address has no name",
        "The reverse zone gives no name for this address. If mail is also sent from here, many receivers will refuse it." => NameAddress;
}

pub(super) const CHECK: Check = Check {
    id: "ptr-exists",
    sin: Sin::DnsErrors,
    title: "Names of MX addresses",
    source: "RFC 1912 section 2.1",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let hosts = match CHECK.hosts(facts) {
        Ok(hosts) => hosts,
        Err(finding) => return finding,
    };
    let finding = |host: crate::facts::Host| {
        let reverse = DomainName::reverse(host.address);
        let subject = Subject::Address(host);
        match facts.dns(&reverse, RecordType::Ptr) {
            Err(why) => CHECK.untested(facts, why, &subject, Seen::default()),
            Ok(answer) => {
                let outcome = if answer.records.is_empty() { Outcome::Missing } else { Outcome::Present };
                CHECK.found(facts, outcome, &subject, Seen::dns(&reverse, RecordType::Ptr, answer))
            }
        }
    };
    hosts.into_iter().map(finding).collect()
}
