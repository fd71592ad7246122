//! # spf-record
//!
//! **Objective.** The domain says in one valid SPF record what may send its mail.
//!
//! **Evidence.** The TXT records of the domain.
//!
//! **Outcomes.**
//! - `valid`: one record, without a fault.
//! - `missing`: none, for a domain that takes mail. Mortal: anyone can send in its name.
//! - `missing-parked`: none, for a domain that takes no mail. Venial: `v=spf1 -all` would do.
//! - `several`: more than one record, so that receivers use none. Mortal.
//! - `permerror`: a fault, so that receivers use nothing of the record. Mortal.
//! - `allows-all`: `+all` lets everyone send. Mortal.
//! - `neutral-all`: `?all` says nothing of the rest. Venial.
//! - `no-all`: neither `all` nor `redirect` at the end. Venial.
//! - `ptr`: the slow and unreliable `ptr`. Venial.
//! - `look-alike`: beside a valid record stands one that was meant to be SPF. A note.
//!
//! **Source.** RFC 7208 sections 3.2, 4.5, 4.6 and 5.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::spf::record::{self, Qualifier};
use crate::syntax::Fault;
use crate::{Finding, Sin};

outcomes! {
    Valid = "valid", Clean, "SPF says who may send",
        "There is one SPF record, and it can be read.";
    Missing = "missing", Mortal, "No SPF record",
        "Nothing says which servers may send mail for this domain, so anyone can send in its name, and large providers refuse or file away its mail." => PublishSpf;
    MissingParked = "missing-parked", Venial, "No SPF record for a domain without mail",
        "The domain takes no mail and probably sends none, but nothing tells receivers to refuse mail in its name." => PublishNullMx;
    Several = "several", Mortal, "More than one SPF record",
        "With two SPF records, receivers must use neither (permerror), so the domain is as good as without." => OneSpf;
    Permerror = "permerror", Mortal, "The SPF record cannot be read",
        "The marked term is not valid, so receivers use nothing of the record (permerror) and some refuse the mail." => MendSpf;
    AllowsAll = "allows-all", Mortal, "SPF lets everyone send",
        "The record ends in +all: it says that any host in the world may send mail for this domain." => EndSpf;
    NeutralAll = "neutral-all", Venial, "SPF says nothing of other senders",
        "The record ends in ?all, so receivers learn nothing about mail from other hosts." => EndSpf;
    NoAll = "no-all", Venial, "The SPF record has no end",
        "Without all or redirect at its end the record says nothing of other hosts, as if it ended in ?all." => EndSpf;
    Ptr = "ptr", Venial, "The SPF record uses ptr",
        "ptr is slow, breaks easily and must not be used any more; some receivers skip it." => SpfWithoutPtr;
    LookAlike = "look-alike", Note, "A TXT record looks like SPF but is not",
        "Beside the SPF record stands one that was probably meant to be SPF. Receivers ignore it.";
}

pub(super) const CHECK: Check = Check {
    id: "spf-record",
    sin: Sin::DnsErrors,
    title: "The SPF record",
    source: "RFC 7208 sections 3.2, 4.5, 4.6 and 5",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let domain = facts.domain();
    let untested = |why| vec![CHECK.untested(facts, why, &Subject::Domain, Seen::default())];
    if facts.exists() == Ok(false) {
        return Vec::new();
    }
    let answer = match facts.dns(domain, RecordType::Txt) {
        Ok(answer) => answer,
        Err(why) => return untested(why),
    };
    let found = |outcome, seen| CHECK.found(facts, outcome, &Subject::Domain, seen);
    let show = |records: &[String]| Seen::text(records.iter().map(|text| format!("{domain} TXT \"{text}\"")).collect::<Vec<_>>().join("\n"));
    let records = record::records(answer);
    let record = match records.spf.as_slice() {
        [] => {
            let seen = if records.look_alikes.is_empty() {
                Seen::text(format!("{domain}: no TXT record that begins with v=spf1"))
            } else {
                show(&records.look_alikes)
            };
            return match facts.takes_mail() {
                Some(true) => vec![found(Outcome::Missing, seen)],
                Some(false) => vec![found(Outcome::MissingParked, seen)],
                None => untested(facts.route().err().unwrap_or(crate::Unseen::NoBase)),
            };
        }
        [record] => record,
        // RFC 7208 section 4.5: more than one record is a permerror.
        several => return vec![found(Outcome::Several, show(several))],
    };
    let spf = record::parse(record);
    let seen = || show(std::slice::from_ref(record));
    let term = |fault: &Fault| record.get(fault.start..fault.end).unwrap_or("").to_owned();
    let mut findings = Vec::new();
    if !spf.faults.is_empty() {
        let marked = spf.faults.iter().fold(seen(), |seen, fault| seen.mark(&term(fault)));
        let reasons = spf.faults.iter().map(|fault| format!("{}: {}", term(fault), fault.message)).collect::<Vec<_>>().join("\n");
        findings.push(found(Outcome::Permerror, marked.and(Seen::text(reasons))));
    }
    match spf.all() {
        Some(Qualifier::Pass) => findings.push(found(Outcome::AllowsAll, seen().mark("all").mark("+all"))),
        Some(Qualifier::Neutral) => findings.push(found(Outcome::NeutralAll, seen().mark("?all"))),
        // RFC 7208 section 4.7: without a match and without redirect the result is neutral.
        None if spf.redirect.is_none() && spf.faults.is_empty() => findings.push(found(Outcome::NoAll, seen())),
        _ => {}
    }
    if spf.ptr() {
        findings.push(found(Outcome::Ptr, seen().mark("ptr")));
    }
    if findings.is_empty() {
        findings.push(found(Outcome::Valid, seen()));
    }
    if !records.look_alikes.is_empty() {
        findings.push(found(Outcome::LookAlike, show(&records.look_alikes)));
    }
    findings
}
