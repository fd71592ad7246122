//! # line-limit
//!
//! **Objective.** A line that is too long does no harm.
//!
//! **Evidence.** By consent (`allow=limits`), on port 25 of each MX address that took our code: NOOP with an argument, 4,000 octets in all; then a
//! plain NOOP.
//!
//! **Outcomes.**
//! - `refused`: the long line is refused, or the server says that it hangs up.
//! - `taken`: it is taken. A note.
//! - `breaks`: the connection ends without a word, or the short line gets another reply than it should: the server takes parts of the long line
//!   for commands. Venial.
//! - Untested: the domain has not consented, or the server would not talk to us.
//!
//! **Source.** RFC 5321 section 4.5.3.1.4.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{SmtpSession, Step};
use crate::facts::{Facts, Trial};
use crate::syntax::consent::Word;
use crate::{Finding, Sin, Unseen};

outcomes! {
    Refused = "refused", Clean, "Long lines are refused",
        "The server refused a command line of 4,000 octets, and went on as if nothing had been.";
    Taken = "taken", Note, "Long lines are taken",
        "The server took a command line of 4,000 octets. Lines of over 512 need not be taken, but may.";
    Breaks = "breaks", Venial, "A long line leads it astray",
        "After a command line of 4,000 octets the server hung up without a word, or answered the next command wrongly. What breaks it may be of use to whoever looks for a way in." => UpdateServer;
}

pub(super) const CHECK: Check = Check {
    id: "line-limit",
    sin: Sin::NoLimits,
    title: "The limit of lines",
    source: "RFC 5321 section 4.5.3.1.4",
    consent: true,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_opened(facts, Word::Limits, |host, subject| {
        match facts.trial(host.address, Trial::Line).and_then(|session| session.hello().map(|_| session)) {
            Ok(session) => finding(facts, session, subject),
            Err(why) => CHECK.untested(facts, why, subject, Seen::default()),
        }
    })
}

fn finding(facts: &Facts<'_>, session: &SmtpSession, subject: &Subject) -> Finding {
    let long = session.step(Step::LongLine);
    let seen = Seen::exchanges(long.into_iter().chain(session.step(Step::Noop)));
    let reply = long.and_then(|exchange| exchange.reply.as_ref());
    let next = session.step(Step::Noop).and_then(|exchange| exchange.reply.as_ref());
    let found = |outcome| CHECK.found(facts, outcome, subject, seen.clone());
    match (reply, next, session.broke) {
        // RFC 5321 section 4.5.3.1.10: 500, line too long. After it, or with 421, it may hang up.
        (Some(reply), None, Some(Unseen::TryLater | Unseen::Closed | Unseen::Reset)) if reply.code >= 400 => {
            found(Outcome::Refused)
        }
        (Some(reply), Some(next), None) if next.is_positive() => {
            found(if reply.code >= 400 { Outcome::Refused } else { Outcome::Taken })
        }
        (Some(_), Some(_), None) => found(Outcome::Breaks),
        (_, None, Some(Unseen::Closed | Unseen::Reset | Unseen::Garbled)) if long.is_some() => found(Outcome::Breaks),
        (_, _, why) => CHECK.untested(facts, why.unwrap_or(Unseen::NotAsked), subject, seen.clone()),
    }
}
