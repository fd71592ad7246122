//! The critical path of a scan: how long it would have taken had nothing waited but for what it needs.
//!
//! The plan names inquiries as evidence comes in, each takes as long as its evidence says, and an address is spoken
//! to by one conversation at a time. That is replayed with as many hands as there is work and nothing in between.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use anyhow::{Context, Result};
use shared::report::Basis;
use shared::{Case, Evidence, Inquiry, plan};

/// What a scan took, and could have.
pub struct Limit {
    /// From its first question to its last answer, in milliseconds.
    pub wall: u64,
    /// The critical path, in milliseconds.
    pub path: u64,
    /// What is on it, from the end: inquiry, when it began, how long it took.
    pub steps: Vec<(String, u64, u64)>,
}

/// Of a report, from its JSON.
pub fn of(json: &str) -> Result<Limit> {
    let basis: Basis = serde_json::from_str(json).context("no report")?;
    let whole = basis.case();
    let begun = whole.evidence().map(|e| e.at).min().unwrap_or(0);
    let ended = whole.evidence().map(|e| e.at + u64::from(e.took)).max().unwrap_or(0);
    let mut case = Case::new(whole.domain.clone(), whole.probe_domain.clone(), whole.nonce.clone(), whole.started);
    case.options = whole.options.clone();
    case.admit_private = whole.admit_private;
    case.blocklists.clone_from(&whole.blocklists);
    let (path, steps) = replay(&whole, case);
    Ok(Limit { wall: ended.saturating_sub(begun), path, steps })
}

/// When something began, who was waited for, and when it ends.
struct Done<'a> {
    evidence: &'a Evidence,
    begun: u64,
    after: Option<usize>,
}

fn replay(whole: &Case, mut case: Case) -> (u64, Vec<(String, u64, u64)>) {
    let mut asked: BTreeSet<Inquiry> = BTreeSet::new();
    let mut done: Vec<Done<'_>> = Vec::new();
    // What is under way, by its end; and the last conversation with each address.
    let mut under_way: BTreeSet<(u64, usize)> = BTreeSet::new();
    let mut busy: BTreeMap<IpAddr, (u64, usize)> = BTreeMap::new();
    let (mut now, mut cause) = (0, None);
    loop {
        for inquiry in plan(&case) {
            if !asked.insert(inquiry.clone()) {
                continue;
            }
            let Some(evidence) = whole.get(&inquiry) else { continue };
            let mut from = (now, cause);
            if let Inquiry::Probe { address, .. } = &inquiry
                && let Some((free, last)) = busy.get(address)
                && *free > now
            {
                from = (*free, Some(*last));
            }
            let (number, end) = (done.len(), from.0 + u64::from(evidence.took));
            if let Inquiry::Probe { address, .. } = &inquiry {
                busy.insert(*address, (end, number));
            }
            done.push(Done { evidence, begun: from.0, after: from.1 });
            under_way.insert((end, number));
        }
        let Some((end, number)) = under_way.pop_first() else { break };
        (now, cause) = (end, Some(number));
        if let Some(one) = done.get(number) {
            case.add(one.evidence.clone());
        }
    }
    let mut steps = Vec::new();
    while let Some(one) = cause.and_then(|number| done.get(number)) {
        steps.push((one.evidence.inquiry.to_string(), one.begun, u64::from(one.evidence.took)));
        cause = one.after;
    }
    (now, steps)
}
