//! # recipient-limit
//!
//! **Objective.** One message goes to as many recipients as senders may count on, and not to any number of them.
//!
//! **Evidence.** `LIMITS RCPTMAX` in the reply to EHLO on port 25 of each MX address. Where the server does not say,
//! only a try with a hundred recipients shows it, and that needs consent.
//!
//! **Outcomes.**
//! - `declared`: from 100 to 999.
//! - `too-low`: under 100, which every server must take. Venial.
//! - `too-high`: 1000 or more. Venial.
//! - Untested: the server does not say, and the domain has not consented.
//!
//! **Source.** RFC 9422, RFC 5321 section 4.5.3.1.8.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{SmtpSession, Step};
use crate::facts::{Facts, SMTP};
use crate::syntax::ehlo;
use crate::{Finding, Sin, Unseen};

/// RFC 5321 section 4.5.3.1.8: every server must be able to take 100 recipients.
const FEWEST: u32 = 100;
const TOO_MANY: u32 = 1000;

outcomes! {
    Declared = "declared", Clean, "There is a limit of recipients",
        "The server says how many recipients a message may have, and the number is sensible.";
    TooLow = "too-low", Venial, "The limit of recipients is too low",
        "Every server must take 100 recipients with one message. Senders that rely on it get refusals, and some lose mail over that." => LimitRecipients;
    TooHigh = "too-high", Venial, "The limit of recipients is very high",
        "One message may go to 1000 recipients or more. Whoever gets hold of one login, or finds one gap, reaches everyone at once." => LimitRecipients;
}

pub(super) const CHECK: Check = Check {
    id: "recipient-limit",
    sin: Sin::NoLimits,
    title: "The limit of recipients",
    source: "RFC 9422, RFC 5321 section 4.5.3.1.8",
    // What a server says of itself is judged without; but most say nothing.
    consent: true,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_port(facts, |port, session, subject| {
        if port == SMTP { vec![finding(facts, session, subject)] } else { Vec::new() }
    })
}

fn finding(facts: &Facts<'_>, session: &SmtpSession, subject: &Subject) -> Finding {
    if let Err(why) = session.hello() {
        return CHECK.untested(facts, why, subject, Seen::default());
    }
    let hellos = session.exchanges.iter().filter(|exchange| exchange.step == Step::Ehlo);
    let mut limits = hellos.filter_map(|exchange| {
        let reply = exchange.reply.as_ref().filter(|reply| reply.is_positive())?;
        let (word, limit) = ehlo::recipient_limit(reply)?;
        Some((Seen::exchanges([exchange]).mark(&word), limit))
    });
    // What holds inside TLS comes last.
    match limits.next_back() {
        Some((seen, limit)) if limit < FEWEST => CHECK.found(facts, Outcome::TooLow, subject, seen),
        Some((seen, limit)) if limit >= TOO_MANY => CHECK.found(facts, Outcome::TooHigh, subject, seen),
        Some((seen, _)) => CHECK.found(facts, Outcome::Declared, subject, seen),
        None => CHECK.untested(facts, Unseen::NeedsConsent, subject, Seen::default()),
    }
}
