//! # dnsbl
//!
//! **Objective.** No blocklist names the domain's mail hosts.
//!
//! **Evidence.** The entries of at most four IPv4 addresses of MX hosts, and of the one that a mail of the domain came from
//! where the domain's SPF record lets it send, in the blocklists that this
//! checker's operator chose, at most three, and of each list the two entries that show that it works.
//!
//! **Outcomes.**
//! - `unlisted`: no list names the address.
//! - `listed`: a list does. A note: receivers look up who sends, and an MX host need not send.
//! - `sender-listed`: a list does, and mail of the domain came from the address.
//!
//! A list that refuses our resolver, or has not what every list has, leaves this untested. An entry
//! for a whole range that by its provider's own word sends no mail is no listing.
//!
//! **Source.** RFC 5782 sections 2.1 and 5.

use std::net::IpAddr;

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::facts::{Facts, entry_name};
use crate::inquiry::RecordType;
use crate::{Finding, Sin};

outcomes! {
    Unlisted = "unlisted", Clean, "No blocklist names this host",
        "None of the blocklists that answered us lists the address.";
    Listed = "listed", Note, "A blocklist names this host",
        "Receivers that use this list refuse mail from the address. An MX host need not send, but if this one does, its mail is lost." => LeaveBlocklist;
    SenderListed = "sender-listed", Venial, "A blocklist names the sending address",
        "The domain's mail comes from this address, and receivers that use this list refuse it." => LeaveBlocklist;
}

pub(super) const CHECK: Check = Check {
    id: "dnsbl",
    sin: Sin::DnsErrors,
    title: "Blocklists",
    source: "RFC 5782 sections 2.1 and 5",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let (mut hosts, _) = facts.hosts();
    hosts.extend(facts.sending_host());
    let mut findings = Vec::new();
    for address in facts.listable() {
        let Some(host) = hosts.iter().find(|host| host.address == IpAddr::V4(address)) else { continue };
        let subject = Subject::Address(host.clone());
        let (mut listed, mut unlisted, mut unseen) = (Seen::default(), Seen::default(), None);
        for list in facts.blocklists() {
            match facts.is_listed(list, address) {
                Ok(true) => listed = listed.and(entry(facts, list, address)),
                Ok(false) => unlisted = unlisted.and(Seen::text(format!("not on {list}"))),
                Err(why) => unseen = Some(why),
            }
        }
        if !listed.is_empty() {
            let sends = facts.is_sender(IpAddr::V4(address));
            let outcome = if sends { Outcome::SenderListed } else { Outcome::Listed };
            findings.push(CHECK.found(facts, outcome, &subject, listed));
        } else if let Some(why) = unseen {
            findings.push(CHECK.untested(facts, why, &subject, unlisted));
        } else if !unlisted.is_empty() {
            findings.push(CHECK.found(facts, Outcome::Unlisted, &subject, unlisted));
        }
    }
    findings
}

fn entry(facts: &Facts<'_>, list: &crate::DomainName, address: std::net::Ipv4Addr) -> Seen {
    let mut seen = Seen::default();
    for record in [RecordType::A, RecordType::Txt] {
        if let Some(name) = entry_name(list, address)
            && let Ok(answer) = facts.dns(&name, record)
            && !answer.records.is_empty()
        {
            seen = seen.and(Seen::dns(&name, record, answer));
        }
    }
    seen
}
