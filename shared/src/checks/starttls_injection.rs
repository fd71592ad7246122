//! # starttls-injection
//!
//! **Objective.** What somebody on the path puts before the handshake does not count behind it.
//!
//! **Evidence.** One conversation on ports 25, 587, 143, 110 and 4190, the last with that port: STARTTLS (STLS) and NOOP
//! in one piece in the clear, and inside TLS nothing but QUIT or LOGOUT.
//!
//! **Outcomes.**
//! - `discarded`: inside TLS the server answers the farewell only; or it refuses STARTTLS, fails the handshake or hangs
//!   up, as it may when it sees the fraud.
//! - `executed`: inside TLS it answers NOOP, too. Mortal: whoever is on the path can put commands before those of
//!   a user who believes the connection safe, and have mail and passwords sent elsewhere.
//!
//! Any other answer is untested.
//!
//! **Source.** RFC 3207 section 4.2, RFC 9051 section 6.2.1, RFC 2595 section 4, CVE-2011-0411.

use super::at_hosts::one_for_all;
use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{Exchange, LineExchange, LineSession, LineStep, SmtpSession, Step, Tls, TlsFault};
use crate::facts::{Facts, IMAP, POP, SIEVE, offers_tls};
use crate::syntax::capability;
use crate::{Finding, Sin, Unseen};

outcomes! {
    Discarded = "discarded", Clean, "What is said before TLS is forgotten",
        "The server does not act inside TLS on what was said before it.";
    Executed = "executed", Mortal, "Strangers can put commands into encrypted connections",
        "The server acts inside TLS on what was said before it began. Whoever is on the path can put commands before those of a user, and have mail or a password sent where they like." => ForgetBeforeTls;
}

pub(super) const CHECK: Check = Check {
    id: "starttls-injection",
    sin: Sin::PlainTextAuthentication,
    title: "Commands before TLS",
    source: "RFC 3207 section 4.2, RFC 9051 section 6.2.1, RFC 2595 section 4, CVE-2011-0411",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = at_ports(facts);
    findings.extend(
        CHECK.at_each_client(facts, &[IMAP, POP, SIEVE], |port, survey, subject| {
            at_client(facts, port, survey, subject)
        }),
    );
    one_for_all(facts, findings)
}

fn at_client(facts: &Facts<'_>, port: u16, survey: &LineSession, subject: &Subject) -> Vec<Finding> {
    let Subject::Port(host, _) = subject else { return Vec::new() };
    let offers = match port {
        SIEVE => survey.reply(LineStep::Greeting).map(|(_, lines)| Some(capability::sieve_starttls(lines))),
        _ => survey.reply(LineStep::Capability).map(|(_, lines)| offers_tls(port, lines)),
    };
    if offers == Ok(Some(false)) {
        return Vec::new();
    }
    let session = match facts.lines_injection(host.address, port) {
        Ok(session) => session,
        Err(why) => return vec![CHECK.untested(facts, why, subject, Seen::default())],
    };
    let last = [LineStep::StartTls, LineStep::Injected, LineStep::Logout];
    let seen = Seen::lines(session.exchanges.iter().filter(|exchange| last.contains(&exchange.step)));
    let injected = session.exchanges.iter().find(|exchange| exchange.step == LineStep::Injected);
    let answer = injected.and_then(|exchange| exchange.reply.as_ref()?.last().cloned());
    vec![match line_outcome(port, session) {
        Ok(Outcome::Executed) => CHECK.found(facts, Outcome::Executed, subject, seen.mark(&answer.unwrap_or_default())),
        Ok(outcome) => CHECK.found(facts, outcome, subject, seen),
        Err(why) => CHECK.untested(facts, why, subject, seen),
    }]
}

fn line_outcome(port: u16, session: &LineSession) -> Result<Outcome, Unseen> {
    let begun = session.exchanges.iter().find(|exchange| exchange.step == LineStep::StartTls);
    let unanswered = matches!(begun, Some(LineExchange { reply: None, .. }));
    if let Some(outcome) = outside(session.tls.as_ref(), unanswered, session.broke) {
        return outcome;
    }
    let injected = session.exchanges.iter().any(|exchange| exchange.step == LineStep::Injected);
    match session.reply(LineStep::Logout) {
        Ok(_) if injected => Ok(Outcome::Executed),
        Ok(_) => Ok(Outcome::Discarded),
        // Over IMAP the answer says which command it is for.
        Err(_) if injected && port == IMAP => Ok(Outcome::Executed),
        Err(_) => Err(Unseen::UnclearReply),
    }
}

fn at_ports(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_port(facts, |port, survey, subject| {
        let Subject::Port(host, _) = subject else { return Vec::new() };
        if survey.offers_starttls() == Ok(false) {
            return Vec::new();
        }
        let session = match facts.injection(host.address, port) {
            Ok(session) => session,
            Err(why) => return vec![CHECK.untested(facts, why, subject, Seen::default())],
        };
        let last = [Step::StartTls, Step::Injected, Step::Quit];
        let seen = Seen::exchanges(session.exchanges.iter().filter(|exchange| last.contains(&exchange.step)));
        vec![match outcome(session) {
            Ok(Outcome::Executed) => CHECK.found(facts, Outcome::Executed, subject, seen.mark("250")),
            Ok(outcome) => CHECK.found(facts, outcome, subject, seen),
            Err(why) => CHECK.untested(facts, why, subject, seen),
        }]
    })
}

fn outcome(session: &SmtpSession) -> Result<Outcome, Unseen> {
    let unanswered = matches!(session.step(Step::StartTls), Some(Exchange { reply: None, .. }));
    if let Some(outcome) = outside(session.tls.as_ref(), unanswered, session.broke) {
        return outcome;
    }
    match session.step(Step::Quit).and_then(|quit| quit.reply.as_ref()) {
        Some(reply) if reply.code == 221 => {
            Ok(if session.step(Step::Injected).is_some() { Outcome::Executed } else { Outcome::Discarded })
        }
        _ => Err(Unseen::UnclearReply),
    }
}

/// What came of it where TLS did not begin; nothing where it did.
fn outside(tls: Option<&Tls>, unanswered: bool, broke: Option<Unseen>) -> Option<Result<Outcome, Unseen>> {
    match tls.map(Tls::secured) {
        Some(Ok(_)) => None,
        Some(Err(fault @ (TlsFault::NotNow | TlsFault::Timeout | TlsFault::Overlong | TlsFault::Failed))) => {
            Some(Err(fault.unseen()))
        }
        Some(Err(_)) => Some(Ok(Outcome::Discarded)),
        // It hung up on what we said.
        None if unanswered && matches!(broke, Some(Unseen::Closed | Unseen::Reset)) => Some(Ok(Outcome::Discarded)),
        None => Some(Err(broke.unwrap_or(Unseen::NotAsked))),
    }
}
