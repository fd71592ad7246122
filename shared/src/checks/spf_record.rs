//! # spf-record
//!
//! **Objective.** The domain says in one valid SPF record what may send its mail.
//!
//! **Evidence.** The TXT records of the domain, those that its SPF record leads to, and those of the type 99, which SPF
//! had once.
//!
//! **Outcomes.**
//! - `valid`: one record, without a fault.
//! - `missing`: none, for a domain that takes mail. Mortal: anyone can send in its name.
//! - `missing-parked`: none, for a domain that takes no mail. Venial: `v=spf1 -all` would do.
//! - `several`: more than one record, so that receivers use none. Mortal.
//! - `permerror`: a fault, so that receivers use nothing of the record. Mortal.
//! - `allows-all`: `+all` lets everyone send, or a prefix length of 0, or an include or redirect that surely leads to
//!   one of these. Mortal.
//! - `neutral-all`: `?all` says nothing of the rest. Venial.
//! - `no-all`: neither `all` nor `redirect` at the end. Venial.
//! - `ptr`: the slow and unreliable `ptr`. Venial.
//! - `split`: the record is written as several strings, and two terms become one where they are joined, since nothing
//!   is put between them. Venial, suspected: the strings may have been cut on purpose. Where the joined term is no valid
//!   one, it is told with `permerror` instead.
//! - `scattered`: beside the record stand TXT records of nothing but SPF terms, which nobody reads. Venial, suspected.
//! - `look-alike`: beside a valid record stands one that was meant to be SPF: another version, something before it, no space behind it.
//!   A note. Without a valid one it is shown with `missing`, and what is wrong with it.
//! - `type-99`: a record of the type 99, which receivers do not look at. A note.
//!
//! **Source.** RFC 7208 sections 3.1 to 3.3, 4.5, 4.6 and 5.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{DnsAnswer, Record};
use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::lint;
use crate::spf::record::{self, Qualifier};
use crate::syntax::Fault;
use crate::{Finding, Sin, Verdict};

/// Why terms run together.
const JOINED: &str = "The strings of the record are joined without a space between them (RFC 7208 section 3.3).";

/// What is said of a record that is none, where the linter says nothing of its beginning.
const NOT_FIRST: &str = "It does not begin with v=spf1 and a space (RFC 7208 section 4.5).";

/// The faults for which a record is none.
const BEGINNINGS: [&str; 5] =
    ["bad-version", "missing-version", "version-not-first", "smart-quotes", "unbalanced-quotes"];

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
        "The marked term, or what it leads to, says that any host in the world may send mail for this domain: +all, or a prefix length of 0." => EndSpf;
    NeutralAll = "neutral-all", Venial, "SPF says nothing of other senders",
        "The record ends in ?all, so receivers learn nothing about mail from other hosts." => EndSpf;
    NoAll = "no-all", Venial, "The SPF record has no end",
        "Without all or redirect at its end the record says nothing of other hosts, as if it ended in ?all." => EndSpf;
    Ptr = "ptr", Venial, "The SPF record uses ptr",
        "ptr is slow, breaks easily and must not be used any more; some receivers skip it." => SpfWithoutPtr;
    Split = "split", Venial suspected, "Two terms of the SPF record run together",
        "The strings of a record are joined without a space, so what ends one string and what begins the next become one term, and neither holds." => SplitSpf;
    Scattered = "scattered", Venial suspected, "Parts of the SPF record stand apart",
        "Receivers read only the TXT record that begins with v=spf1. What the others allow is not allowed." => OneSpf;
    LookAlike = "look-alike", Note, "A TXT record looks like SPF but is not",
        "Beside the SPF record stands one that was probably meant to be SPF. Receivers ignore it.";
    Type99 = "type-99", Note, "An SPF record of the old type",
        "SPF records of the type SPF (99) were given up in 2014. Receivers look at TXT records only, so this one can go.";
}

pub(super) const CHECK: Check = Check {
    id: "spf-record",
    sin: Sin::DnsErrors,
    title: "The SPF record",
    source: "RFC 7208 sections 3.1 to 3.3, 4.5, 4.6 and 5",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.exists() == Ok(false) {
        return Vec::new();
    }
    let domain = facts.domain();
    let mut findings = match facts.dns(domain, RecordType::Txt) {
        Ok(answer) => of_txt(facts, answer),
        Err(why) => vec![CHECK.untested(facts, why, &Subject::Domain, Seen::default())],
    };
    // RFC 7208 section 3.1: TXT only.
    let old = facts.dns(domain, RecordType::Spf).ok().filter(|answer| !answer.records.is_empty());
    findings.extend(
        old.map(|old| CHECK.found(facts, Outcome::Type99, &Subject::Domain, Seen::dns(domain, RecordType::Spf, old))),
    );
    findings
}

fn of_txt(facts: &Facts<'_>, answer: &DnsAnswer) -> Vec<Finding> {
    let domain = facts.domain();
    let found = |outcome, seen| CHECK.found(facts, outcome, &Subject::Domain, seen);
    let records = record::records(answer);
    let record = match records.spf.as_slice() {
        [] => {
            let seen = if records.look_alikes.is_empty() && records.parts.is_empty() {
                Seen::text(format!("{domain}: no TXT record that begins with v=spf1"))
            } else {
                look_alikes(facts, &records.look_alikes).and(show(facts, &records.parts))
            };
            return match facts.takes_mail() {
                Some(true) => vec![found(Outcome::Missing, seen)],
                Some(false) => vec![found(Outcome::MissingParked, seen)],
                None => {
                    let why = facts.route().err().unwrap_or(crate::Unseen::NoBase);
                    vec![CHECK.untested(facts, why, &Subject::Domain, Seen::default())]
                }
            };
        }
        [record] => record,
        // RFC 7208 section 4.5: more than one record is a permerror.
        several => return vec![found(Outcome::Several, show(facts, several))],
    };
    let mut findings = of_record(facts, record, &glued(answer, record));
    if !records.parts.is_empty() {
        // Said of the record as it is, this would be no good news.
        findings.retain(|finding| finding.verdict != Verdict::Clean);
        findings.push(found(Outcome::Scattered, show(facts, &records.spf).and(show(facts, &records.parts))));
    }
    if !records.look_alikes.is_empty() {
        findings.push(found(Outcome::LookAlike, look_alikes(facts, &records.look_alikes)));
    }
    findings
}

/// What is said of the one record, with the seams where terms run together.
fn of_record(facts: &Facts<'_>, record: &str, seams: &[usize]) -> Vec<Finding> {
    let found = |outcome, seen| CHECK.found(facts, outcome, &Subject::Domain, seen);
    let spf = record::parse(record);
    let seen = || Seen::txt(facts.domain().as_str(), record, []);
    let term = |fault: &Fault| record.get(fault.start..fault.end).unwrap_or("").to_owned();
    let joined = |at: &usize| {
        let start = record.get(..*at).and_then(|before| before.rfind(' ')).map_or(0, |space| space + 1);
        let end = record.get(*at..).and_then(|behind| behind.find(' ')).map_or(record.len(), |space| at + space);
        (start, end)
    };
    let mut findings = Vec::new();
    if !spf.faults.is_empty() {
        let marked = spf.faults.iter().fold(seen(), |seen, fault| seen.mark(&term(fault)));
        let mut reasons: Vec<_> =
            spf.faults.iter().map(|fault| format!("{}: {}", term(fault), fault.message)).collect();
        if !seams.is_empty() {
            reasons.push(JOINED.to_owned());
        }
        findings.push(found(Outcome::Permerror, marked.and(Seen::text(reasons.join("\n")))));
    } else if !seams.is_empty() {
        let marked = Seen::txt(facts.domain().as_str(), record, seams.iter().map(joined));
        findings.push(found(Outcome::Split, marked.and(Seen::text(JOINED))));
    }
    let everyone = facts.spf_tree().ok().flatten().and_then(|flat| flat.everyone);
    match spf.all() {
        Some(Qualifier::Pass) => findings.push(found(Outcome::AllowsAll, seen().mark("all").mark("+all"))),
        // RFC 7208 sections 5.2 and 6.1: who passes there passes here.
        _ if let Some(term) = everyone => findings.push(found(Outcome::AllowsAll, seen().mark(&term))),
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
    findings
}

/// The seams of this record where two terms become one.
fn glued(answer: &DnsAnswer, record: &str) -> Vec<usize> {
    let strings = answer.records.iter().find_map(|found| match found {
        Record::Txt(strings) if strings.concat() == record => Some(strings.as_slice()),
        _ => None,
    });
    record::glued(strings.unwrap_or_default())
}

fn show(facts: &Facts<'_>, records: &[String]) -> Seen {
    let domain = facts.domain();
    Seen::text(records.iter().map(|text| format!("{domain} TXT \"{text}\"")).collect::<Vec<_>>().join("\n"))
}

/// Records that are none, each with what is wrong with its beginning.
fn look_alikes(facts: &Facts<'_>, texts: &[String]) -> Seen {
    texts.iter().fold(Seen::default(), |seen, text| {
        let faults = lint::spf(text);
        let fault = faults.iter().find(|fault| BEGINNINGS.contains(&fault.code));
        let place = fault.map(|fault| (fault.start, fault.end));
        let why = fault.map_or(NOT_FIRST, |fault| fault.message);
        seen.and(Seen::txt(facts.domain().as_str(), text, place)).and(Seen::text(why))
    })
}
