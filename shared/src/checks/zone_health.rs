//! # zone-health
//!
//! **Objective.** The domain's own zone answers when one name server fails, and names somebody who
//! looks after it.
//!
//! **Evidence.** The SOA and NS answers of the domain, where a zone begins there; the addresses of its name servers, of
//! four at most and until two networks are seen; the TTLs of its MX records and of the addresses of MX hosts within it.
//! A resolver tells what is left of a TTL, so one that is too short cannot be told from one that is nearly over; some cut
//! long ones.
//!
//! **Outcomes.**
//! - `sound`: two or more name servers, a contact, and timers that fit together.
//! - `one-name-server`: fewer than two. Venial.
//! - `one-network`: all name servers are in one /24, and those with IPv6 in one /48. A note.
//! - `long-ttl`: MX records, or the addresses that they lead to, are kept for more than a week. A note.
//! - `odd-contact`: the contact in the SOA record is no mail address: the root, one label, or
//!   written with an @. A note.
//! - `odd-timers`: retry is longer than refresh, expire is shorter than both together, or the time
//!   that "no such name" is remembered is over a day. A note.
//!
//! **Source.** RFC 1034 section 4.1, RFC 2182 sections 3.1 and 5, RFC 1035 section 3.3.13, RFC 1912
//! section 2.2, RFC 2308 section 5.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{Record, Target};
use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::{Finding, Sin};

outcomes! {
    Sound = "sound", Clean, "The zone is in order",
        "Several name servers answer for this domain, and its zone names a contact.";
    OneNameServer = "one-name-server", Venial, "Only one name server",
        "When it fails, nobody can look up where mail goes, and receivers can no longer check mail from this domain." => SecondNameServer;
    OneNetwork = "one-network", Note, "All name servers are in one network",
        "When that network is down or cut off, nobody can look up where mail goes. Name servers belong in different places.";
    LongTtl = "long-ttl", Note, "Changes take over a week to arrive",
        "Resolvers may keep the old answer for more than a week, so mail goes to the old host for that long after a move.";
    OddContact = "odd-contact", Note, "The zone's contact is no mail address",
        "The SOA record names whoever looks after the zone, as a mail address with a dot in place of the @. Nobody can write to this one.";
    OddTimers = "odd-timers", Note, "The zone's timers do not fit together",
        "Secondary name servers may drop the zone while they still try to refresh it, or a name that is newly made may stay unknown for more than a day.";
}

pub(super) const CHECK: Check = Check {
    id: "zone-health",
    sin: Sin::DnsErrors,
    title: "The domain's zone",
    source: "RFC 1034 section 4.1, RFC 2182 sections 3.1 and 5, RFC 1912 section 2.2",
    consent: false,
    outcomes: ROWS,
    judge,
};

/// A day, in seconds.
const DAY: u32 = 86_400;

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let domain = facts.domain();
    let untested = |why| vec![CHECK.untested(facts, why, &Subject::Domain, Seen::default())];
    let answers = (facts.dns(domain, RecordType::Soa), facts.dns(domain, RecordType::Ns));
    let (Ok(soa), Ok(ns)) = answers else {
        return untested(answers.0.err().or(answers.1.err()).unwrap_or(crate::Unseen::NoBase));
    };
    // No zone begins at an alias, nor where no SOA record is: a parent's zone holds the name.
    let Some(Record::Soa { contact, refresh, retry, expire, minimum, .. }) =
        soa.records.first().filter(|_| soa.aliases.is_empty())
    else {
        return Vec::new();
    };
    let found =
        |outcome, record, answer| CHECK.found(facts, outcome, &Subject::Domain, Seen::dns(domain, record, answer));
    let mut servers = ns.records.clone();
    servers.sort();
    servers.dedup();
    let mut findings = Vec::new();
    if servers.len() < 2 {
        findings.push(found(Outcome::OneNameServer, RecordType::Ns, ns));
    }
    // RFC 2182 section 3.1: at topologically and geographically dispersed locations.
    match facts.name_server_network() {
        Ok(Some(addresses)) => {
            let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            let seen = Seen::dns(domain, RecordType::Ns, ns).and(Seen::text(addresses.join("\n")));
            findings.push(CHECK.found(facts, Outcome::OneNetwork, &Subject::Domain, seen));
        }
        Ok(None) => {}
        Err(why) => findings.extend(untested(why)),
    }
    let within = facts.targets().into_iter().filter(|target| target.is_within(domain));
    let addresses = within.flat_map(|name| [(name.clone(), RecordType::A), (name, RecordType::Aaaa)]);
    let mut long = [(domain.clone(), RecordType::Mx)].into_iter().chain(addresses);
    let long = long.find_map(|(name, record)| {
        let answer = facts.dns(&name, record).ok()?;
        Some((Seen::dns(&name, record, answer), answer.ttl?))
    });
    if let Some((seen, ttl)) = long {
        let seen = seen.and(Seen::text(format!("TTL {ttl}: {} days", ttl / DAY)));
        findings.push(CHECK.found(facts, Outcome::LongTtl, &Subject::Domain, seen));
    }
    let odd = match contact {
        Target::Root => true,
        Target::Name(name) => name.labels() < 2,
        Target::Odd(text) => text.contains('@'),
    };
    if odd {
        findings.push(found(Outcome::OddContact, RecordType::Soa, soa));
    }
    if retry > refresh || *expire < refresh.saturating_add(*retry) || *minimum > DAY {
        findings.push(found(Outcome::OddTimers, RecordType::Soa, soa));
    }
    if findings.is_empty() {
        findings.push(found(Outcome::Sound, RecordType::Ns, ns));
    }
    findings
}
