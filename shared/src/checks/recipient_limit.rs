//! # recipient-limit
//!
//! **Objective.** One message goes to as many recipients as senders may count on, and not to any number of them.
//!
//! **Evidence.** `LIMITS RCPTMAX` in the reply to EHLO on port 25 of each MX address. Where the server does not say, by consent
//! (`allow=limits`), on each address that took our code: one transaction with up to 101 recipients, the role names of the domain again and again,
//! then RSET.
//!
//! **Outcomes.**
//! - `declared`: from 100 to 999.
//! - `limited`: the server does not say, and took 100 recipients of 101.
//! - `too-low`: under 100, which every server must take. Venial.
//! - `too-high`: 1000 or more. Venial.
//! - `none-at-101`: the server does not say, and took 101 recipients. A note: there may be a limit further up.
//! - Untested: the server does not say, and the domain has not consented, or none of the role names was taken.
//!
//! **Source.** RFC 9422, RFC 5321 section 4.5.3.1.8.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{Exchange, Purpose, Reply, SmtpSession, Step};
use crate::facts::{Facts, Host, SMTP, Trial};
use crate::syntax::consent::Word;
use crate::syntax::ehlo;
use crate::syntax::refusal::too_many_recipients;
use crate::{Finding, Sin, Unseen};

/// RFC 5321 section 4.5.3.1.8: every server must be able to take 100 recipients.
const FEWEST: u32 = 100;
const TOO_MANY: u32 = 1000;

outcomes! {
    Declared = "declared", Clean, "There is a limit of recipients",
        "The server says how many recipients a message may have, and the number is sensible.";
    Limited = "limited", Clean, "There is a limit of recipients",
        "The server took as many recipients with one message as it must, and no more.";
    TooLow = "too-low", Venial, "The limit of recipients is too low",
        "Every server must take 100 recipients with one message. Senders that rely on it get refusals, and some lose mail over that." => LimitRecipients;
    TooHigh = "too-high", Venial, "The limit of recipients is very high",
        "One message may go to 1000 recipients or more. Whoever gets hold of one login, or finds one gap, reaches everyone at once." => LimitRecipients;
    NoneSeen = "none-at-101", Note, "No limit of recipients up to 101",
        "The server took 101 recipients with one message. It need take no more than 100; a limit may be further up.";
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
    CHECK.at_each_port(
        facts,
        |port, session, subject| {
            if port == SMTP { vec![finding(facts, session, subject)] } else { Vec::new() }
        },
    )
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
        None => match subject {
            Subject::Port(host, _) => tried(facts, host, subject),
            _ => CHECK.untested(facts, Unseen::NeedsConsent, subject, Seen::default()),
        },
    }
}

/// What came of trying it.
fn tried(facts: &Facts<'_>, host: &Host, subject: &Subject) -> Finding {
    let untested = |why, seen| CHECK.untested(facts, why, subject, seen);
    if !facts.opened(Word::Limits).iter().any(|opened| opened.address == host.address) {
        return untested(Unseen::NeedsConsent, Seen::default());
    }
    let session = match facts.trial(host.address, Trial::Recipients) {
        Ok(session) => session,
        Err(why) => return untested(why, Seen::default()),
    };
    let rcpts = || session.exchanges.iter().filter(|e| matches!(e.step, Step::Rcpt(Purpose::Nth(_))));
    let is_taken = |e: &&Exchange| e.reply.as_ref().is_some_and(Reply::is_positive);
    let taken = u32::try_from(rcpts().filter(is_taken).count()).unwrap_or(u32::MAX);
    let full = rcpts().find(|e| e.reply.as_ref().is_some_and(too_many_recipients));
    let decides = full.or_else(|| rcpts().rfind(is_taken)).or_else(|| rcpts().next_back());
    let seen =
        Seen::text(format!("recipients of one message that were taken: {taken}, then:")).and(Seen::exchanges(decides));
    // Exim counts those that it refused for what they are.
    let before = rcpts().take_while(|e| !e.reply.as_ref().is_some_and(too_many_recipients)).count();
    match full {
        Some(_) if u32::try_from(before).is_ok_and(|before| before < FEWEST) => {
            CHECK.found(facts, Outcome::TooLow, subject, seen)
        }
        Some(_) => CHECK.found(facts, Outcome::Limited, subject, seen),
        None if taken > FEWEST => CHECK.found(facts, Outcome::NoneSeen, subject, seen),
        None => untested(session.broke.unwrap_or(Unseen::UnclearReply), seen),
    }
}
