//! # ptr-generic
//!
//! **Objective.** The name of a mail host's address is a name for a mail host, not a number that
//! the provider gave to a line.
//!
//! **Evidence.** The PTR answer of each MX address, and of the address that a mail of the domain came from, where the
//! domain's SPF record lets it send. Generic is a name that spells the address: its
//! octets in either order, or as one number in decimal or hexadecimal digits.
//!
//! **Outcomes.**
//! - `chosen`: one of the names does not spell the address.
//! - `generic`: all of them do. A note for an address that only receives; receivers distrust mail
//!   from a *sending* address with such a name.
//! - `sender-generic`: all of them do, and mail of the domain came from the address.
//!
//! **Source.** M3AAWG, Sender Best Common Practices, on reverse DNS.

use std::net::IpAddr;

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::{DomainName, Finding, Sin};

outcomes! {
    Chosen = "chosen", Clean, "The address has a name of its own",
        "Somebody gave this address a name, so it does not look like one of a provider's many lines.";
    Generic = "generic", Note, "The address has a provider's generic name",
        "The name only spells the address, as providers name home lines and rented machines. If mail is also sent from here, many receivers will distrust it." => NameAddress;
    SenderGeneric = "sender-generic", Venial, "The sending address has a provider's generic name",
        "The domain's mail comes from this address, whose name only spells it, as providers name home lines: many receivers distrust such mail." => NameAddress;
}

pub(super) const CHECK: Check = Check {
    id: "ptr-generic",
    sin: Sin::DnsErrors,
    title: "Names made from addresses",
    source: "M3AAWG Sender Best Common Practices",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let (hosts, mut findings) = CHECK.hosts_and_sender(facts);
    let finding = |host: crate::facts::Host| {
        let address = host.address;
        let reverse = DomainName::reverse(address);
        let subject = Subject::Address(host);
        let answer = match facts.dns(&reverse, RecordType::Ptr) {
            Ok(answer) => answer,
            Err(why) => return Some(CHECK.untested(facts, why, &subject, Seen::default())),
        };
        // Where there is no name at all, ptr-exists says so.
        let names = answer.pointers();
        names.first()?;
        let generic = names.iter().all(|name| spells(name, address));
        let outcome = match (generic, facts.is_sender(address)) {
            (false, _) => Outcome::Chosen,
            (true, true) => Outcome::SenderGeneric,
            (true, false) => Outcome::Generic,
        };
        Some(CHECK.found(facts, outcome, &subject, Seen::dns(&reverse, RecordType::Ptr, answer)))
    };
    findings.extend(hosts.into_iter().filter_map(finding));
    findings
}

/// Does the name spell the address?
fn spells(name: &DomainName, address: IpAddr) -> bool {
    let name = name.as_str();
    match address {
        IpAddr::V4(v4) => {
            let octets = v4.octets();
            let numbers: Vec<Option<u16>> = name
                .split(|c: char| !c.is_ascii_digit())
                .filter(|part| !part.is_empty())
                .map(|part| part.parse().ok())
                .collect();
            let run = |window: &[Option<u16>]| {
                let same = |octet: &u8, number: &Option<u16>| *number == Some(u16::from(*octet));
                octets.iter().zip(window).all(|(octet, number)| same(octet, number))
                    || octets.iter().rev().zip(window).all(|(octet, number)| same(octet, number))
            };
            let joined = |digits: fn(&u8) -> String| octets.iter().map(digits).collect::<String>();
            numbers.windows(octets.len()).any(run)
                || name.contains(&joined(|octet| format!("{octet:03}")))
                || name.contains(&joined(|octet| format!("{octet:02x}")))
        }
        IpAddr::V6(v6) => {
            let nibbles: String = v6.octets().iter().map(|octet| format!("{octet:02x}")).collect();
            let backwards: String = nibbles.chars().rev().collect();
            let bare = name.replace(['-', '.'], "");
            bare.contains(&nibbles) || bare.contains(&backwards) || name.contains(&v6.to_string().replace(':', "-"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_spell_an_address() {
        let rows = [
            ("192.0.2.1", "192-0-2-1.dsl.example.net", true),
            ("192.0.2.1", "1.2.0.192.customers.example", true),
            ("192.0.2.1", "ec2-192-0-2-1.compute-1.example", true),
            ("192.0.2.1", "static.192.000.002.001.example", true),
            ("192.0.2.1", "ip192000002001.example", true),
            ("192.0.2.1", "c0000201.dip.example", true),
            ("192.0.2.1", "mx1.example.org", false),
            ("192.0.2.1", "mail-192-0-2.example.org", false),
            ("142.250.102.26", "rb-in-f26.1e100.net", false),
            ("52.101.73.2", "mail-db3eur.inbound.protection.outlook.com", false),
            ("2001:db8::25", "2001-db8--25.v6.example", true),
            ("2001:db8::25", "2001-0db8-0000-0000-0000-0000-0000-0025.example", true),
            ("2001:db8::25", "mx25.example", false),
        ];
        for (address, name, want) in rows {
            assert_eq!(spells(&name.parse().unwrap(), address.parse().unwrap()), want, "{name}");
        }
    }
}
