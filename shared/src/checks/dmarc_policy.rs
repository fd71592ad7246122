//! # dmarc-policy
//!
//! **Objective.** Mail that only pretends to be from the domain is not delivered as if it were.
//!
//! **Evidence.** The DMARC record that holds for the domain (see dmarc-record): its own `p`; of a
//! parent's record `sp`, or else `p`.
//!
//! **Outcomes.**
//! - `enforced`: quarantine or reject.
//! - `none`: forgeries are reported at most, and delivered. Venial.
//! - `testing`: quarantine or reject, but with `t=y`, so that receivers do one step less. A note.
//! - `parked-milder`: quarantine, for a domain that neither takes nor sends mail. A note.
//! - `subdomains-open`: the domain's own record is enforced, but `sp` or `np` lets forgeries of
//!   its subdomains through. A note.
//!
//! **Source.** RFC 9989 sections 4.7, 4.8 and 4.10.1. Receivers that still follow RFC 7489 do not
//! know `np` and `t`.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::facts::Facts;
use crate::syntax::dmarc::Policy;
use crate::{Finding, Sin};

outcomes! {
    Enforced = "enforced", Clean, "Forgeries are kept out",
        "Receivers treat mail that only pretends to be from this domain as suspicious, or refuse it.";
    None = "none", Venial, "Forgeries are delivered",
        "With the policy none, receivers may report mail that only pretends to be from this domain, but deliver it all the same. It is the right start, while the reports show whose mail would be hit; it protects nobody." => EnforceDmarc;
    Testing = "testing", Note, "The DMARC policy is on trial",
        "With t=y receivers do one step less than the policy says: quarantine instead of reject, nothing instead of quarantine. Older receivers do not know the tag and do what the policy says.";
    ParkedMilder = "parked-milder", Note, "A domain without mail could refuse all",
        "The domain neither takes nor sends mail, so p=reject would hit nobody but forgers." => EnforceDmarc;
    SubdomainsOpen = "subdomains-open", Note, "Forgeries of subdomains are delivered",
        "The policy protects the domain itself, but mail that pretends to be from a name below it is delivered: forgers need only put a word in front.";
}

pub(super) const CHECK: Check = Check {
    id: "dmarc-policy",
    sin: Sin::DnsErrors,
    title: "What DMARC does with forgeries",
    source: "RFC 9989 sections 4.7, 4.8 and 4.10.1",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let exists = facts.exists();
    if exists == Ok(false) {
        return Vec::new();
    }
    let untested = |why| vec![CHECK.untested(facts, why, &Subject::Domain, Seen::default())];
    let record = match facts.dmarc() {
        Ok(Some(record)) => record,
        // None, or several: dmarc-record says so.
        Ok(None) => return Vec::new(),
        Err(why) => return untested(why),
    };
    let inherited = record.at != *facts.domain();
    if let (true, Err(why)) = (inherited, exists) {
        return untested(why);
    }
    let says = &record.says;
    // Of a record without a usable policy dmarc-record speaks.
    let (Some(Ok(policy)), false) = (record.policy_for(facts.domain()), says.has_bad_policy()) else {
        return Vec::new();
    };
    let open = |policy: &Option<Result<Policy, String>>| *policy == Some(Ok(Policy::None));
    let outcome = match policy {
        Policy::None => Outcome::None,
        Policy::Quarantine if !inherited && facts.is_parked() => Outcome::ParkedMilder,
        _ if says.testing => Outcome::Testing,
        _ if !inherited && (open(&says.subdomains) || open(&says.nonexistent)) => Outcome::SubdomainsOpen,
        _ => Outcome::Enforced,
    };
    let tags: &[&str] = match outcome {
        Outcome::None if inherited && says.subdomains.is_some() => &["sp"],
        Outcome::None | Outcome::ParkedMilder => &["p"],
        Outcome::Testing => &["t"],
        Outcome::SubdomainsOpen => &["sp", "np"],
        Outcome::Enforced => &[],
    };
    let places = says.places.iter().filter(|(tag, _)| tags.contains(&tag.as_str())).map(|(_, place)| *place);
    let seen = Seen::txt(&format!("_dmarc.{}", record.at), &record.text, places);
    vec![CHECK.found(facts, outcome, &Subject::Domain, seen)]
}
