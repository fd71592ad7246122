//! # error-limit
//!
//! **Objective.** A server does not listen to nonsense for ever.
//!
//! **Evidence.** By consent (`allow=limits`), on port 25 of each MX address that took our code: up to 25 commands that do not exist, one after
//! another.
//!
//! **Outcomes.**
//! - `limited`: it hangs up before, or slows down.
//! - `unlimited`: it answers all of them. A note.
//! - `breaks`: what it answers is no reply. Venial.
//! - Untested: the domain has not consented, or the server would not talk to us.
//!
//! **Source.** RFC 5321 section 4.3.2, and what servers do.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{Exchange, SmtpSession, Step};
use crate::facts::{Facts, Trial};
use crate::syntax::consent::Word;
use crate::{Finding, Sin, Unseen};

/// So long, in milliseconds, takes nobody for a reply to nonsense who does not mean to.
const SLOW_MS: u32 = 1_000;

outcomes! {
    Limited = "limited", Clean, "It has enough of errors in time",
        "The server hangs up, or slows down, when it is told nonsense again and again. That stops who guesses names and passwords.";
    Unlimited = "unlimited", Note, "It answers any number of errors",
        "The server answered 25 commands that do not exist as fast as ever. Whoever guesses names and passwords is as welcome.";
    Breaks = "breaks", Venial, "Errors lead it astray",
        "After some commands that do not exist the server no longer gave replies as SMTP has them." => UpdateServer;
}

pub(super) const CHECK: Check = Check {
    id: "error-limit",
    sin: Sin::NoLimits,
    title: "The limit of errors",
    source: "RFC 5321 section 4.3.2",
    consent: true,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_opened(facts, Word::Limits, |host, subject| {
        match facts.trial(host.address, Trial::Errors).and_then(|session| session.hello().map(|_| session)) {
            Ok(session) => finding(facts, session, subject),
            Err(why) => CHECK.untested(facts, why, subject, Seen::default()),
        }
    })
}

fn finding(facts: &Facts<'_>, session: &SmtpSession, subject: &Subject) -> Finding {
    let bad: Vec<&Exchange> = session.exchanges.iter().filter(|exchange| exchange.step == Step::Bad).collect();
    let seen = || {
        let last = Seen::exchanges(bad.last().copied());
        Seen::text(format!("commands that do not exist: {}, the last one:", bad.len())).and(last)
    };
    let slows = bad.iter().any(|exchange| exchange.took >= SLOW_MS);
    match session.broke {
        Some(Unseen::Garbled | Unseen::Overlong) => CHECK.found(facts, Outcome::Breaks, subject, seen()),
        // RFC 5321 section 3.8: 421, and the connection is closed; some close without a word.
        Some(Unseen::TryLater | Unseen::Closed | Unseen::Reset) if !bad.is_empty() => {
            CHECK.found(facts, Outcome::Limited, subject, seen())
        }
        Some(Unseen::ReplyTimeout | Unseen::OutOfTime) | None if slows => {
            CHECK.found(facts, Outcome::Limited, subject, seen())
        }
        Some(why) => CHECK.untested(facts, why, subject, seen()),
        None => CHECK.found(facts, Outcome::Unlimited, subject, seen()),
    }
}
