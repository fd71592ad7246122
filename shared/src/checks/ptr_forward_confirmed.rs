//! # ptr-forward-confirmed
//!
//! **Objective.** The name of a mail host's address leads back to the address.
//!
//! **Evidence.** The PTR answer of each MX address, and the A and AAAA answers of its names; and those of the address that
//! a mail of the domain came from, where the domain's SPF record lets it send.
//!
//! **Outcomes.**
//! - `confirmed`: one of the names has the address.
//! - `unconfirmed`: none has. A note for an address that only receives.
//! - `sender-unconfirmed`: none has, and mail of the domain came from the address.
//! - An address without a name is no subject of this check.
//!
//! **Source.** RFC 1912 section 2.1.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::facts::{Facts, Host};
use crate::inquiry::RecordType;
use crate::{DomainName, Finding, Sin};

outcomes! {
    Confirmed = "confirmed", Clean, "The name leads back to the address",
        "The name that the reverse zone gives has this very address.";
    Unconfirmed = "unconfirmed", Note, "The name does not lead back to the address",
        "The reverse zone gives a name that has another address or none. If mail is also sent from here, some receivers will refuse it." => NameAddress;
    SenderUnconfirmed = "sender-unconfirmed", Mortal, "The name of the sending address does not lead back to it",
        "The domain's mail comes from this address, and the name that the reverse zone gives has another address or none: large receivers refuse such mail." => NameAddress;
}

pub(super) const CHECK: Check = Check {
    id: "ptr-forward-confirmed",
    sin: Sin::DnsErrors,
    title: "Names lead back to addresses",
    source: "RFC 1912 section 2.1",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let (hosts, mut findings) = CHECK.hosts_and_sender(facts);
    findings.extend(hosts.into_iter().filter_map(|host| finding(facts, host)));
    findings
}

fn finding(facts: &Facts<'_>, host: Host) -> Option<Finding> {
    let address = host.address;
    let reverse = DomainName::reverse(address);
    let subject = Subject::Address(host);
    let names = match facts.pointers(address) {
        Ok(names) if names.is_empty() => return None,
        Ok(names) => names,
        Err(why) => return Some(CHECK.untested(facts, why, &subject, Seen::default())),
    };
    let family = if address.is_ipv4() { RecordType::A } else { RecordType::Aaaa };
    let mut seen = facts
        .dns(&reverse, RecordType::Ptr)
        .map_or_else(|_| Seen::default(), |answer| Seen::dns(&reverse, RecordType::Ptr, answer));
    let mut unseen = None;
    for name in names {
        match facts.dns(&name, family) {
            Ok(answer) => {
                seen = seen.and(Seen::dns(&name, family, answer));
                if answer.records.iter().any(|record| record.address() == Some(address)) {
                    return Some(CHECK.found(facts, Outcome::Confirmed, &subject, seen));
                }
            }
            Err(why) => unseen = Some(why),
        }
    }
    Some(match unseen {
        Some(why) => CHECK.untested(facts, why, &subject, seen),
        None if facts.is_sender(address) => CHECK.found(facts, Outcome::SenderUnconfirmed, &subject, seen),
        None => CHECK.found(facts, Outcome::Unconfirmed, &subject, seen),
    })
}
