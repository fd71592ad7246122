//! # dmarc-record
//!
//! **Objective.** The domain says what receivers do with mail that only pretends to be from it.
//!
//! **Evidence.** The TXT records at `_dmarc.` of the domain, or else of the first parent that has
//! one.
//!
//! **Outcomes.**
//! - `valid`: one record with a policy.
//! - `missing`: none on the whole walk. Mortal.
//! - `several`: more than one record, so that receivers use none. Mortal.
//! - `unusable`: a policy that is none, and no report address. Mortal: receivers ignore it.
//! - `no-policy`: no usable `p`, so that receivers take it for `p=none`. Venial.
//!
//! **Source.** RFC 9989 sections 4.7 and 4.10.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::syntax::dmarc;
use crate::{Finding, Sin};

outcomes! {
    Valid = "valid", Clean, "DMARC says what to do with forgeries",
        "There is one DMARC record, and it states a policy.";
    Missing = "missing", Mortal, "No DMARC record",
        "Nothing tells receivers what to do with mail that only pretends to be from this domain, and nobody learns of it. Large providers refuse mail from bulk senders without one." => PublishDmarc;
    Several = "several", Mortal, "More than one DMARC record",
        "With two DMARC records, receivers use neither." => OneDmarc;
    Unusable = "unusable", Mortal, "The DMARC record cannot be used",
        "The record states no policy that exists and no address for reports, so receivers ignore it." => DmarcPolicy;
    NoPolicy = "no-policy", Venial, "The DMARC record states no policy",
        "Without a valid p tag receivers take the record for p=none: they report forgeries, and deliver them." => DmarcPolicy;
}

pub(super) const CHECK: Check = Check {
    id: "dmarc-record",
    sin: Sin::DnsErrors,
    title: "The DMARC record",
    source: "RFC 9989 sections 4.7 and 4.10",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let exists = facts.exists();
    if exists == Ok(false) {
        return Vec::new();
    }
    let found = |outcome, seen| vec![CHECK.found(facts, outcome, &Subject::Domain, seen)];
    let mut walked = Seen::default();
    for (index, name) in dmarc::walk(facts.domain()).into_iter().enumerate() {
        // A parent's record is the domain's only if the domain exists.
        if let Err(why) = exists
            && index > 0
        {
            return vec![CHECK.untested(facts, why, &Subject::Domain, walked)];
        }
        let answer = match facts.dns(&name, RecordType::Txt) {
            Ok(answer) => answer,
            Err(why) => return vec![CHECK.untested(facts, why, &Subject::Domain, walked)],
        };
        let records = dmarc::records(answer);
        let show = || Seen::text(records.iter().map(|text| format!("{name} TXT \"{text}\"")).collect::<Vec<_>>().join("\n"));
        match records.as_slice() {
            [] => walked = walked.and(Seen::text(format!("{name}: no TXT record that begins with v=DMARC1"))),
            [record] => {
                let said = dmarc::parse(record);
                let outcome = match said.policy {
                    Some(Ok(_)) => Outcome::Valid,
                    // RFC 9989 section 4.7: without a valid p, a record that asks for reports
                    // counts as p=none; any other is ignored.
                    None | Some(Err(_)) if said.reports => Outcome::NoPolicy,
                    None => Outcome::NoPolicy,
                    Some(Err(_)) => Outcome::Unusable,
                };
                return found(outcome, show());
            }
            _ => return found(Outcome::Several, show()),
        }
    }
    match exists {
        // A domain that does not exist owes no record, so it must be known to exist.
        Err(why) => vec![CHECK.untested(facts, why, &Subject::Domain, walked)],
        Ok(_) => found(Outcome::Missing, walked),
    }
}
