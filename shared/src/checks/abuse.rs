//! # abuse
//!
//! **Objective.** Someone reads mail to abuse.
//!
//! **Evidence.** RCPT for abuse at the checked domain at each MX address, beside a made-up
//! recipient as control.
//!
//! **Outcomes.**
//! - `accepted`: it is taken.
//! - `refused`: it is refused. Venial.
//! - Untested: the control is taken too, or the server would not talk to us.
//!
//! **Source.** RFC 2142 sections 2 and 4.

use super::recipient::{Fate, fate};
use super::{Check, outcomes};
use crate::evidence::Purpose;
use crate::facts::Facts;
use crate::{Finding, Sin};

outcomes! {
    Accepted = "accepted", Clean, "abuse is reachable",
        "The server takes mail for abuse.";
    Refused = "refused", Venial, "Mail to abuse is refused",
        "abuse is where others report spam and attacks that come from your domain. If nobody can tell you, they block you." => AcceptAbuse;
}

pub(super) const CHECK: Check = Check {
    id: "abuse",
    sin: Sin::Rfc2142Names,
    title: "abuse",
    source: "RFC 2142 sections 2 and 4",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_host(facts, |_, session, subject| {
        vec![match fate(session, Purpose::Abuse) {
            Fate::Taken(seen) => CHECK.found(facts, Outcome::Accepted, subject, seen),
            Fate::Refused(seen) => CHECK.found(facts, Outcome::Refused, subject, seen),
            Fate::Unseen(why, seen) => CHECK.untested(facts, why, subject, seen),
        }]
    })
}
