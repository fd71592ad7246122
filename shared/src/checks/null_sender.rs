//! # null-sender
//!
//! **Objective.** Bounces reach the domain.
//!
//! **Evidence.** MAIL FROM:<> and a recipient that the same server took from us a moment before,
//! at each MX address.
//!
//! **Outcomes.**
//! - `accepted`: the null sender may write to it.
//! - `refused`: it may not. Mortal: bounces and callbacks die.
//! - Untested: we could write to nobody there either, the server would not talk to us or had enough of the session, or it
//!   takes bounces to addresses only that it signed (BATV).
//!
//! **Source.** RFC 5321 sections 4.5.5 and 6.1.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{Purpose, SmtpSession, Step};
use crate::facts::Facts;
use crate::syntax::refusal::says_nothing_of_bounces;
use crate::{Finding, Sin, Unseen};

outcomes! {
    Accepted = "accepted", Clean, "Bounces are taken",
        "The server takes mail from the null sender, as delivery reports have it.";
    Refused = "refused", Mortal, "Bounces are refused",
        "The server takes mail for this recipient from us, but not from the null sender <>. Reports of undelivered mail are lost, and servers that verify senders refuse your mail." => AcceptNullSender;
}

pub(super) const CHECK: Check = Check {
    id: "null-sender",
    sin: Sin::Rfc2142Names,
    title: "Bounces",
    source: "RFC 5321 sections 4.5.5 and 6.1",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_host(facts, |_, session, subject| vec![finding(facts, session, subject)])
}

fn finding(facts: &Facts<'_>, session: &SmtpSession, subject: &Subject) -> Finding {
    let (mail, rcpt) = (Step::Mail(Purpose::NullSender), Step::Rcpt(Purpose::NullSender));
    let seen = Seen::step(session, mail).and(Seen::step(session, rcpt));
    let answer = match session.reply(mail) {
        Ok((exchange, reply)) if !reply.is_positive() => Ok((exchange, reply)),
        Ok(_) => session.reply(rcpt),
        Err(why) => Err(why),
    };
    match answer {
        Err(Unseen::NotAsked | Unseen::CourtesyBudget) => CHECK.untested(facts, why_not_asked(session), subject, seen),
        Err(why) => CHECK.untested(facts, why, subject, seen),
        Ok((_, reply)) if reply.is_positive() => CHECK.found(facts, Outcome::Accepted, subject, seen),
        Ok((_, reply)) if reply.is_temporary() => CHECK.untested(facts, Unseen::TryLater, subject, seen),
        Ok((_, reply)) if says_nothing_of_bounces(reply) => CHECK.untested(facts, Unseen::ClientRefused, subject, seen),
        // The same recipient was taken from us, so it is the sender that is refused.
        Ok((exchange, _)) => CHECK.found(facts, Outcome::Refused, subject, seen.mark_reply(exchange)),
    }
}

/// The null sender is tried only with a recipient that we may write to. Why was there none?
fn why_not_asked(session: &SmtpSession) -> Unseen {
    let replies = [Purpose::Postmaster, Purpose::Abuse].map(|purpose| session.reply(Step::Rcpt(purpose)));
    let answers = || replies.iter().flatten().map(|(_, reply)| reply);
    if answers().any(|reply| reply.is_temporary()) {
        Unseen::TryLater
    } else if session.spared && (answers().count() < replies.len() || answers().any(|reply| reply.is_positive())) {
        Unseen::CourtesyBudget
    } else {
        Unseen::NoBase
    }
}
