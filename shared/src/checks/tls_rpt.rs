//! # tls-rpt
//!
//! **Objective.** The domain learns when others cannot send to it over TLS.
//!
//! **Evidence.** The TXT records at `_smtp._tls.` of a domain that takes mail.
//!
//! **Outcomes.**
//! - `valid`: one record, with addresses for reports.
//! - `several`: more than one, so that senders use none. Venial.
//! - `invalid`: a record without usable addresses, or one that does not begin as it must. Venial.
//! - `absent`: none. A note.
//!
//! **Source.** RFC 8460 section 3.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::syntax::tls_rpt;
use crate::{Finding, Sin};

outcomes! {
    Valid = "valid", Clean, "Failures of TLS are reported",
        "Senders that cannot deliver over TLS tell this domain so, once a day.";
    Several = "several", Venial, "More than one TLS reporting record",
        "With two records senders act as if there were none, so no reports arrive." => MendTlsRpt;
    Invalid = "invalid", Venial, "The TLS reporting record cannot be used",
        "Senders cannot make out where reports should go, so none arrive." => MendTlsRpt;
    Absent = "absent", Note, "No reports about TLS are asked for",
        "If TLS breaks here, or somebody breaks it on the way, senders have nobody to tell. It matters most to a domain that makes TLS compulsory by MTA-STS or DANE.";
}

pub(super) const CHECK: Check = Check {
    id: "tls-rpt",
    sin: Sin::DnsErrors,
    title: "Reports about TLS",
    source: "RFC 8460 section 3",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let untested = |why| vec![CHECK.untested(facts, why, &Subject::Domain, Seen::default())];
    if let Err(instead) = CHECK.of_mail_domain(facts) {
        return instead;
    }
    let Some(name) = tls_rpt::name(facts.domain()) else {
        return Vec::new();
    };
    let answer = match facts.dns(&name, RecordType::Txt) {
        Ok(answer) => answer,
        Err(why) => return untested(why),
    };
    let found = tls_rpt::read(answer);
    let show = |text: &str, places: Vec<(usize, usize)>| Seen::txt(name.as_str(), text, places);
    let (outcome, seen) = match (found.records.as_slice(), found.look_alikes.as_slice()) {
        ([record], _) => {
            let faults = tls_rpt::faults(record);
            let outcome = if faults.is_empty() { Outcome::Valid } else { Outcome::Invalid };
            (outcome, show(record, faults.iter().map(|fault| (fault.start, fault.end)).collect()))
        }
        ([], []) => (Outcome::Absent, Seen::dns(&name, RecordType::Txt, answer)),
        ([], [other, ..]) => (Outcome::Invalid, show(other, vec![(0, other.len())])),
        // RFC 8460 section 3: unless there is exactly one, there is none.
        _ => (Outcome::Several, Seen::dns(&name, RecordType::Txt, answer)),
    };
    vec![CHECK.found(facts, outcome, &Subject::Domain, seen)]
}
