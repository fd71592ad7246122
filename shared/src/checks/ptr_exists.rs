//! # ptr-exists
//!
//! **Objective.** The addresses of mail hosts have names.
//!
//! **Evidence.** The PTR answer of each MX address, and of the address that a mail of the domain came from, where the
//! domain's SPF record lets it send.
//!
//! **Outcomes.**
//! - `present`: the address has a name.
//! - `missing`: it has none. A note for an address that only receives; receivers refuse mail from
//!   a *sending* address without one.
//! - `sender-missing`: it has none, and mail of the domain came from it.
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
    SenderMissing = "sender-missing", Mortal, "The sending address has no name",
        "The domain's mail comes from this address, and the reverse zone gives no name for it: the largest receivers refuse such mail." => NameAddress;
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
    let (hosts, mut findings) = CHECK.hosts_and_sender(facts);
    let finding = |host: crate::facts::Host| {
        let reverse = DomainName::reverse(host.address);
        let sends = facts.is_sender(host.address);
        let subject = Subject::Address(host);
        match facts.dns(&reverse, RecordType::Ptr) {
            Err(why) => CHECK.untested(facts, why, &subject, Seen::default()),
            Ok(answer) => {
                let outcome = match (answer.records.is_empty(), sends) {
                    (false, _) => Outcome::Present,
                    (true, true) => Outcome::SenderMissing,
                    (true, false) => Outcome::Missing,
                };
                CHECK.found(facts, outcome, &subject, Seen::dns(&reverse, RecordType::Ptr, answer))
            }
        }
    };
    findings.extend(hosts.into_iter().map(finding));
    findings
}
