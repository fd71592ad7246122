//! # spf-breadth
//!
//! **Objective.** The SPF record lets the domain's own servers send, and not whole networks of
//! strangers.
//!
//! **Evidence.** The networks of all `ip4`, `ip6`, `a` and `mx` terms in the tree of the SPF record.
//! Terms in records at or below the domain are its own, the others its providers'.
//!
//! **Outcomes.**
//! - `narrow`: at most 131072 addresses (2^17, two networks of prefix length 16). Clean.
//! - `wide`: the domain's own terms allow more, or an IPv6 network of a prefix length under 32. Venial.
//! - `wide-providers`: with those of its providers there are more. A note.
//!
//! **Source.** RFC 7208 section 11.1, and good practice.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::facts::Facts;
use crate::spf::{Qualifier, Range};
use crate::{Finding, Sin, Unseen};

/// More addresses than this are wide.
const ADDRESSES: u64 = 1 << 17;

outcomes! {
    Narrow = "narrow", Clean, "SPF allows few enough addresses",
        "The SPF record allows no more addresses than a sender plausibly has.";
    Wide = "wide", Venial, "SPF allows whole networks",
        "The domain's own SPF terms allow more than 131072 addresses, or an IPv6 network larger than a provider's. Whoever controls one of them can send in its name." => NarrowSpf;
    WideProviders = "wide-providers", Note, "The providers in SPF are large",
        "Together with the networks of its providers the record allows more than 131072 addresses. Their other customers can pass SPF too, so sign with DKIM and let DMARC ask for it.";
}

pub(super) const CHECK: Check = Check {
    id: "spf-breadth",
    sin: Sin::DnsErrors,
    title: "The breadth of SPF",
    source: "RFC 7208 section 11.1",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let untested = |why| vec![CHECK.untested(facts, why, &Subject::Domain, Seen::default())];
    let flat = match facts.spf_tree() {
        Ok(Some(flat)) => flat,
        Ok(None) => return Vec::new(),
        Err(why) => return untested(why),
    };
    // Everyone may send: spf-record says so.
    if flat.all == Some(Qualifier::Pass) || flat.everyone.is_some() {
        return Vec::new();
    }
    let own: Vec<&Range> = flat.ranges.iter().filter(|range| range.own).collect();
    let all: Vec<&Range> = flat.ranges.iter().collect();
    let found = |outcome, ranges: &[&Range]| {
        let mut widest = ranges.to_vec();
        widest.sort_by_key(|range| (range.length, range.network));
        widest.dedup();
        let lines = widest.iter().take(5).map(|range| format!("{}/{}", range.network, range.length));
        let count = format!("IPv4 addresses: {}", addresses(ranges));
        let lines: Vec<String> =
            std::iter::once(count).chain(lines).chain(flat.short.iter().take(5).cloned()).collect();
        vec![CHECK.found(facts, outcome, &Subject::Domain, Seen::text(lines.join("\n")))]
    };
    if addresses(&own) > ADDRESSES || !flat.short.is_empty() {
        return found(Outcome::Wide, &own);
    }
    if addresses(&all) > ADDRESSES {
        return found(Outcome::WideProviders, &all);
    }
    match flat.unseen {
        _ if !flat.lacks.is_empty() => untested(Unseen::Pending),
        Some(why) => untested(why),
        None => found(Outcome::Narrow, &all),
    }
}

/// How many addresses these networks hold, each counted once.
fn addresses(ranges: &[&Range]) -> u64 {
    let mut spans: Vec<(u64, u64)> = ranges
        .iter()
        .map(|range| {
            let size = 1_u64 << 32_u32.saturating_sub(u32::from(range.length));
            let start = u64::from(range.network.to_bits()) / size * size;
            (start, start + size)
        })
        .collect();
    spans.sort_unstable();
    let (mut count, mut end) = (0, 0);
    for (start, stop) in spans {
        count += stop.saturating_sub(start.max(end));
        end = end.max(stop);
    }
    count
}
