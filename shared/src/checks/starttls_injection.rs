//! # starttls-injection
//!
//! **Objective.** What somebody on the path puts before the handshake does not count behind it.
//!
//! **Evidence.** One conversation on ports 25 and 587, the last with that port: STARTTLS and NOOP in one piece in
//! the clear, and inside TLS nothing but QUIT.
//!
//! **Outcomes.**
//! - `discarded`: inside TLS the server answers QUIT only; or it refuses STARTTLS, fails the handshake or hangs up, as it
//!   may when it sees the fraud.
//! - `executed`: inside TLS it answers NOOP, then QUIT. Mortal: whoever is on the path can put commands before those of
//!   a user who believes the connection safe, and have mail and passwords sent elsewhere.
//!
//! Any other answer is untested.
//!
//! **Source.** RFC 3207 section 4.2, CVE-2011-0411.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{Exchange, SmtpSession, Step, Tls, TlsFault};
use crate::facts::Facts;
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
    source: "RFC 3207 section 4.2, CVE-2011-0411",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
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
    let broke = session.broke.unwrap_or(Unseen::NotAsked);
    match session.tls.as_ref().map(Tls::secured) {
        Some(Ok(_)) => {}
        Some(Err(fault @ (TlsFault::NotNow | TlsFault::Timeout | TlsFault::Overlong | TlsFault::Failed))) => {
            return Err(fault.unseen());
        }
        Some(Err(_)) => return Ok(Outcome::Discarded),
        // It hung up on what we said.
        None => {
            let unanswered = matches!(session.step(Step::StartTls), Some(Exchange { reply: None, .. }));
            let hung_up = unanswered && matches!(broke, Unseen::Closed | Unseen::Reset);
            return if hung_up { Ok(Outcome::Discarded) } else { Err(broke) };
        }
    }
    match session.step(Step::Quit).and_then(|quit| quit.reply.as_ref()) {
        Some(reply) if reply.code == 221 => {
            Ok(if session.step(Step::Injected).is_some() { Outcome::Executed } else { Outcome::Discarded })
        }
        _ => Err(Unseen::UnclearReply),
    }
}
