//! # dmarc-record
//!
//! **Objective.** The domain says what receivers do with mail that only pretends to be from it.
//!
//! **Evidence.** The TXT records at `_dmarc.` of the domain, or else those of the whole tree walk
//! above it: the record of the organizational domain, or of the public suffix if that has none.
//!
//! **Outcomes.**
//! - `valid`: one record with a policy.
//! - `missing`: none on the whole walk. Mortal.
//! - `missing-parked`: none, for a domain that neither takes nor sends mail. Venial.
//! - `several`: more than one record, so that receivers use none. Mortal.
//! - `unusable`: a policy that is none, and no report address. Mortal: receivers ignore it.
//! - `no-policy`: no usable `p`, or an `sp` or `np` that is none, so that receivers take it for
//!   `p=none`. Venial.
//! - `removed-tags`: `pct`, `rf` or `ri`, which RFC 9989 took out. A note.
//! - `faults`: something that receivers skip: a tag that nobody knows, one that stands twice, a
//!   value that the tag does not have, a part that is no tag. A note.
//!
//! **Source.** RFC 9989 sections 4.7, 4.8 and 4.10.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::facts::{Facts, Published};
use crate::syntax::dmarc::{BAD_ADDRESSES, REMOVED, SIZE_LIMIT, walk};
use crate::{Finding, Sin};

outcomes! {
    Valid = "valid", Clean, "DMARC says what to do with forgeries",
        "There is one DMARC record, and it states a policy.";
    Missing = "missing", Mortal, "No DMARC record",
        "Nothing tells receivers what to do with mail that only pretends to be from this domain, and nobody learns of it. Large providers refuse mail from bulk senders without one." => PublishDmarc;
    MissingParked = "missing-parked", Venial, "No DMARC record for a domain without mail",
        "The domain neither takes nor sends mail, so receivers could refuse all that pretends to be from it, but nothing tells them to." => PublishDmarc;
    Several = "several", Mortal, "More than one DMARC record",
        "With two DMARC records, receivers use neither." => OneDmarc;
    Unusable = "unusable", Mortal, "The DMARC record cannot be used",
        "The record states no policy that exists and no address for reports, so receivers ignore it." => DmarcPolicy;
    NoPolicy = "no-policy", Venial, "The DMARC record states no usable policy",
        "Without a valid p tag, or with an sp or np tag that is not valid, receivers take the record for p=none: they report forgeries, and deliver them." => DmarcPolicy;
    RemovedTags = "removed-tags", Note, "The DMARC record has tags that no longer count",
        "RFC 9989 took out pct, rf and ri. Today's receivers skip them, and older ones may still follow them, so the record means different things to different receivers.";
    Faults = "faults", Note, "Parts of the DMARC record are skipped",
        "Receivers skip the marked parts, so whatever they were meant to say is not said.";
}

pub(super) const CHECK: Check = Check {
    id: "dmarc-record",
    sin: Sin::DnsErrors,
    title: "The DMARC record",
    source: "RFC 9989 sections 4.7, 4.8 and 4.10",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.exists() == Ok(false) {
        return Vec::new();
    }
    let untested = |why| vec![CHECK.untested(facts, why, &Subject::Domain, walked(facts).0)];
    match facts.dmarc() {
        Err(why) => untested(why),
        Ok(Some(record)) if record.at == *facts.domain() => record_findings(facts, &record),
        // A parent's record is the domain's, and the domain owes one, only if the domain exists.
        found => match (facts.exists(), found) {
            (Err(why), _) => untested(why),
            (Ok(_), Ok(Some(record))) => record_findings(facts, &record),
            (Ok(_), _) => {
                let (seen, several) = walked(facts);
                let outcome = match several {
                    true => Outcome::Several,
                    false if facts.is_parked() => Outcome::MissingParked,
                    false => Outcome::Missing,
                };
                vec![CHECK.found(facts, outcome, &Subject::Domain, seen)]
            }
        },
    }
}

fn record_findings(facts: &Facts<'_>, record: &Published) -> Vec<Finding> {
    let says = &record.says;
    let wrong = says.has_bad_policy();
    let outcome = match says.policy {
        Some(Ok(_)) if !wrong => Outcome::Valid,
        // RFC 9989 section 4.7: without a valid p, a record that asks for reports counts as
        // p=none; any other is ignored.
        _ if !says.aggregate.is_empty() || !wrong => Outcome::NoPolicy,
        _ => Outcome::Unusable,
    };
    let mut findings = Vec::new();
    for outcome in [outcome, Outcome::RemovedTags, Outcome::Faults] {
        let counts = |code| match outcome {
            Outcome::RemovedTags => code == REMOVED,
            // Where reports go is judged by dmarc-report-address.
            Outcome::Faults => code != REMOVED && code != SIZE_LIMIT && !BAD_ADDRESSES.contains(&code),
            _ => false,
        };
        let places: Vec<_> =
            says.faults.iter().filter(|fault| counts(fault.code)).map(|fault| (fault.start, fault.end)).collect();
        if !places.is_empty() || findings.is_empty() {
            let seen = Seen::txt(&format!("_dmarc.{}", record.at), &record.text, places);
            findings.push(CHECK.found(facts, outcome, &Subject::Domain, seen));
        }
    }
    findings
}

/// What was met at each name of the walk, and whether one has several records.
fn walked(facts: &Facts<'_>) -> (Seen, bool) {
    let mut seen = Seen::default();
    let mut several = false;
    for at in walk(facts.domain()) {
        let name = format!("_dmarc.{at}");
        // What is above an answer that is missing was not met.
        let Ok(records) = facts.dmarc_at(&at) else {
            break;
        };
        several |= records.len() > 1;
        for text in &records {
            seen = seen.and(Seen::txt(&name, text, None));
        }
        if records.len() > 1 && at == *facts.domain() {
            break;
        }
        if records.is_empty() {
            seen = seen.and(Seen::text(format!("{name}: no TXT record that begins with v=DMARC1")));
        }
    }
    (seen, several)
}
