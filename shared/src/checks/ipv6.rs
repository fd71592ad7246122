//! # ipv6
//!
//! **Objective.** Senders that have only IPv6 can deliver.
//!
//! **Evidence.** The AAAA answers of the MX targets.
//!
//! **Outcomes.**
//! - `present`: one of them has an address that can be reached over IPv6.
//! - `absent`: none has. A note: nearly every sender has IPv4 as well.
//!
//! **Source.** RFC 3974, RFC 5321 section 5.1.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::Record;
use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::net::is_admitted;
use crate::{Finding, Sin};

outcomes! {
    Present = "present", Clean, "Mail can come over IPv6",
        "A host that takes mail for this domain has a public IPv6 address.";
    Absent = "absent", Note, "Mail cannot come over IPv6",
        "No host that takes mail for this domain has a public IPv6 address. Nothing is lost today, since nearly every sender has IPv4 too.";
}

pub(super) const CHECK: Check = Check {
    id: "ipv6",
    sin: Sin::DnsErrors,
    title: "Mail over IPv6",
    source: "RFC 3974, RFC 5321 section 5.1",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let untested = |why| vec![CHECK.untested(facts, why, &Subject::Domain, Seen::default())];
    if let Err(instead) = CHECK.of_mail_domain(facts) {
        return instead;
    }
    let mut seen = Seen::default();
    let mut unseen = None;
    for target in facts.targets() {
        match facts.dns(&target, RecordType::Aaaa) {
            Ok(answer) => {
                let line = Seen::dns(&target, RecordType::Aaaa, answer);
                let mut addresses = answer.records.iter().filter_map(Record::address);
                if addresses.any(|address| is_admitted(address, facts.case.admit_private)) {
                    return vec![CHECK.found(facts, Outcome::Present, &Subject::Domain, line)];
                }
                seen = seen.and(line);
            }
            Err(why) => unseen = unseen.or(Some(why)),
        }
    }
    match unseen {
        Some(why) => untested(why),
        None => vec![CHECK.found(facts, Outcome::Absent, &Subject::Domain, seen)],
    }
}
