//! # greeting-delay
//!
//! **Objective.** Say how long each server held its greeting back, and conclude nothing from it.
//!
//! **Evidence.** The time from the connection to the greeting on ports 25 and 587.
//!
//! **Outcomes.**
//! - `prompt`: the greeting came within 10 seconds.
//! - `deliberate`: it came later. A note: servers do this on purpose, since spammers do not wait,
//!   and a sender must wait five minutes. We do not knock a second time at such a host.
//!
//! **Source.** RFC 5321 section 4.5.3.2.1.

use super::build::Seen;
use super::{Check, outcomes};
use crate::evidence::Step;
use crate::facts::Facts;
use crate::{Finding, Sin};

outcomes! {
    Prompt = "prompt", Clean, "The greeting comes at once",
        "The server greets without a deliberate delay.";
    Deliberate = "deliberate", Note, "The server holds its greeting back on purpose",
        "Spammers rarely wait, so some servers let strangers wait before they greet. That is allowed (senders must wait up to 5 minutes) and no fault. To be polite we connect only once to such a host, so some other checks stay untested.";
}

pub(super) const CHECK: Check = Check {
    id: "greeting-delay",
    sin: Sin::DnsErrors,
    title: "How long the greeting takes",
    source: "RFC 5321 section 4.5.3.2.1",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_port(facts, |_, session, subject| {
        vec![match session.step(Step::Greeting) {
            Some(greeting) => {
                let outcome = if session.delayed() { Outcome::Deliberate } else { Outcome::Prompt };
                let seen = Seen::exchanges([greeting]);
                let seen = if session.delayed() {
                    Seen::text(format!("(greeting after {} seconds)", greeting.took / 1000)).and(seen)
                } else {
                    seen
                };
                CHECK.found(facts, outcome, subject, seen)
            }
            None => CHECK.untested(facts, session.broke.unwrap_or(crate::Unseen::NotAsked), subject, Seen::default()),
        }]
    })
}
