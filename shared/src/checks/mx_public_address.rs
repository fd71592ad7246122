//! # mx-public-address
//!
//! **Objective.** The addresses of MX targets can be reached from the Internet.
//!
//! **Evidence.** The A and AAAA answers of each MX target.
//!
//! **Outcomes.**
//! - `public`: all of the target's addresses are public.
//! - `some-private`: a private, loopback, link-local, carrier-grade NAT, unique local, mapped or
//!   reserved address stands among them, while the domain has a public one. Venial.
//! - `none-public`: no MX target of the domain has a public address. Mortal: mail cannot arrive.
//!
//! **Source.** RFC 6890 section 2.2.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::facts::Facts;
use crate::net::{is_admitted, not_public};
use crate::{DomainName, Finding, Sin};

outcomes! {
    Public = "public", Clean, "The mail server has a public address",
        "Everyone can reach the addresses of this MX target.";
    SomePrivate = "some-private", Venial, "An MX target has an address that nobody can reach",
        "One of the addresses belongs to an inner network or is reserved. Senders that try it fail, and mail is delayed." => MxPublic;
    NonePublic = "none-public", Mortal, "No MX target has an address that anybody can reach",
        "All the addresses belong to inner networks or are reserved, so no mail can arrive from outside." => MxPublic;
}

pub(super) const CHECK: Check = Check {
    id: "mx-public-address",
    sin: Sin::DnsErrors,
    title: "MX addresses are public",
    source: "RFC 6890 section 2.2",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let targets: Vec<_> = facts.targets().into_iter().map(|target| (facts.addresses(&target), target)).collect();
    let admitted = |address| is_admitted(address, facts.case.admit_private);
    let any_public = targets.iter().any(|(found, _)| found.iter().flatten().any(|address| admitted(*address)));
    // A target that was not seen might be the public one.
    let all_seen = targets.iter().all(|(found, target)| found.is_ok() && both_seen(facts, target));
    let mut findings = Vec::new();
    for (found, target) in targets {
        let subject = Subject::Name(target.clone());
        let addresses = match found {
            Ok(addresses) => addresses,
            Err(why) => {
                findings.push(CHECK.untested(facts, why, &subject, Seen::default()));
                continue;
            }
        };
        let Some(inner) = addresses.iter().find(|address| !admitted(**address)) else {
            // No address at all is mx-resolves' matter.
            if let Some(first) = addresses.first() {
                let seen = Seen::text(format!("{target}: {first}"));
                findings.push(CHECK.found(facts, Outcome::Public, &subject, seen));
            }
            continue;
        };
        let kind = not_public(*inner).map_or("", |kind| kind.words());
        let seen = Seen::text(format!("{target}: {inner}, {kind}")).mark(&inner.to_string());
        findings.push(if any_public {
            CHECK.found(facts, Outcome::SomePrivate, &subject, seen)
        } else if all_seen {
            CHECK.found(facts, Outcome::NonePublic, &subject, seen)
        } else {
            CHECK.untested(facts, crate::Unseen::NoBase, &subject, seen)
        });
    }
    findings
}

fn both_seen(facts: &Facts<'_>, target: &DomainName) -> bool {
    use crate::inquiry::RecordType::{A, Aaaa};
    facts.dns(target, A).is_ok() && facts.dns(target, Aaaa).is_ok()
}
