//! # spf-lookup-limit
//!
//! **Objective.** The SPF record, with all that it includes, stays within what receivers look up.
//!
//! **Evidence.** The tree of records that the domain's SPF record leads to by include and redirect,
//! as for an IPv4 sender that nothing in it matches, and what its terms ask of DNS.
//!
//! **Outcomes.**
//! - `within`: at most eight terms ask DNS. Clean.
//! - `near`: nine or ten do; the next change at a provider can be one too many. A note.
//! - `beyond`: more than ten do, so that receivers give up (permerror). Mortal.
//! - `voids`: more than two lookups bring nothing, so that receivers give up. Mortal.
//! - `loop`: a record leads back to itself, so that receivers give up. Mortal.
//! - `no-record`: an include or redirect names a domain without an SPF record. Mortal.
//! - `faulty`: an include or redirect names a domain whose record can't be used. Mortal.
//! - `many-mx`: a `mx` term leads to more than ten MX records. Mortal.
//!
//! A branch that depends on who sends (macros) or that could not be seen leaves the rest untested,
//! unless what was seen is beyond a limit already.
//!
//! **Source.** RFC 7208 sections 4.6.4, 5.2 and 6.1.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::facts::Facts;
use crate::spf::{LOOKUPS_MAX, Problem, VOIDS_MAX, outline};
use crate::{Finding, Sin, Unseen};

outcomes! {
    Within = "within", Clean, "SPF stays within its limits",
        "Receivers can evaluate the SPF record: it asks for few enough lookups.";
    Near = "near", Note, "SPF is close to its limit of lookups",
        "Receivers stop at ten lookups. One more include, here or at a provider, and they use nothing of the record.";
    Beyond = "beyond", Mortal, "SPF asks for too many lookups",
        "Receivers stop after ten terms that ask DNS and then treat the record as broken (permerror), so mail from servers that stand late in it fails." => ShortenSpf;
    Voids = "voids", Mortal, "SPF names hosts that do not exist",
        "More than two lookups of the record bring nothing, and receivers then treat it as broken (permerror)." => SpfWithoutVoids;
    Loop = "loop", Mortal, "The SPF record leads back to itself",
        "An include or redirect ends where it began, so receivers run into the limit of lookups and treat the record as broken (permerror)." => MendInclude;
    NoRecord = "no-record", Mortal, "SPF includes a domain without SPF",
        "An include or redirect names a domain that has no SPF record. Receivers then treat the whole record as broken (permerror)." => MendInclude;
    Faulty = "faulty", Mortal, "SPF includes a broken record",
        "An include or redirect names a domain whose SPF record can't be used. Receivers then treat the whole record as broken (permerror)." => MendInclude;
    ManyMx = "many-mx", Mortal, "SPF names a domain with too many MX records",
        "A mx term leads to more than ten MX records, and receivers then treat the record as broken (permerror)." => ShortenSpf;
}

pub(super) const CHECK: Check = Check {
    id: "spf-lookup-limit",
    sin: Sin::DnsErrors,
    title: "The limits of SPF",
    source: "RFC 7208 sections 4.6.4, 5.2 and 6.1",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let untested = |why| vec![CHECK.untested(facts, why, &Subject::Domain, Seen::default())];
    let flat = match facts.spf_tree() {
        Ok(Some(flat)) => flat,
        // Without one sound record there is nothing to count: spf-record says so.
        Ok(None) => return Vec::new(),
        Err(why) => return untested(why),
    };
    let found = |outcome, seen| CHECK.found(facts, outcome, &Subject::Domain, seen);
    let tree = || {
        let count = format!("terms that ask DNS: {} of {LOOKUPS_MAX}", flat.lookups);
        Seen::text(outline(&flat.tree)).and(Seen::text(count))
    };
    let mut findings = Vec::new();
    if flat.lookups > LOOKUPS_MAX {
        findings.push(found(Outcome::Beyond, tree()));
    }
    if flat.voids.len() > VOIDS_MAX {
        findings.push(found(Outcome::Voids, Seen::text(format!("no answer:\n{}", flat.voids.join("\n")))));
    }
    for (problem, outcome) in [
        (Problem::Loop, Outcome::Loop),
        (Problem::NoRecord, Outcome::NoRecord),
        (Problem::Faulty, Outcome::Faulty),
        (Problem::ManyMx, Outcome::ManyMx),
    ] {
        let mut names = flat.problems.iter().filter(|(what, _)| *what == problem).map(|(_, name)| name).peekable();
        if names.peek().is_some() {
            findings.push(found(outcome, names.fold(tree(), |seen, name| seen.mark(name))));
        }
    }
    if !findings.is_empty() {
        return findings;
    }
    match flat.unseen {
        _ if !flat.lacks.is_empty() => untested(Unseen::Pending),
        Some(why) => vec![CHECK.untested(facts, why, &Subject::Domain, tree())],
        None if flat.lookups + 1 < LOOKUPS_MAX => vec![found(Outcome::Within, tree())],
        None => vec![found(Outcome::Near, tree())],
    }
}
