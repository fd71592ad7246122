//! # pop3-cleartext-login
//!
//! **Objective.** Nobody can be made to send a password over POP3 without TLS.
//!
//! **Evidence.** The reply to CAPA on port 110 before TLS, at each host where people reach their
//! mail; and the reply to AUTH without an initial response, where a mechanism that sends the password
//! is offered, cancelled at once with `*`. We never say USER or PASS. A port 110 that nothing answers
//! on is no subject.
//!
//! **Outcomes.**
//! - `user`: the server lists USER in the clear. Mortal, STLS or not.
//! - `offered`: it does not, but PLAIN, LOGIN or a bearer mechanism is offered in the clear. Mortal.
//! - `challenge-only`: only mechanisms that do not send the password itself are offered. A note.
//! - `none`: no login before TLS.
//! - Untested: the server refuses CAPA, and its greeting alone does not say what it takes; or it is
//!   a Courier with STLS, which lists USER even where it refuses it in the clear.
//!
//! **Source.** RFC 2449 section 6, RFC 2595 section 4, RFC 8314 section 3.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{LineSession, LineStep, Mechanism};
use crate::facts::{Facts, POP};
use crate::syntax::capability;
use crate::{Finding, Sin, Unseen};

outcomes! {
    User = "user", Mortal, "Takes passwords over POP3 unencrypted",
        "The server offers USER and PASS before the connection is encrypted. Anyone on the path can read name and password." => LoginNeedsTls;
    Offered = "offered", Mortal, "Offers to take passwords over POP3 unencrypted",
        "The server offers a login that sends the password, or a token that is as good as one, before the connection is encrypted. Anyone on the path can read it." => LoginNeedsTls;
    ChallengeOnly = "challenge-only", Note, "Offers a login over POP3 before encryption",
        "The mechanisms offered do not send the password itself, but what they send can be attacked offline, and the mail is readable on its way.";
    None = "none", Clean, "No login over POP3 before encryption",
        "The server offers no login on an unencrypted connection.";
}

pub(super) const CHECK: Check = Check {
    id: "pop3-cleartext-login",
    sin: Sin::PlainTextAuthentication,
    title: "POP3 login before encryption",
    source: "RFC 2449 section 6, RFC 2595 section 4, RFC 8314 section 3",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_client(facts, &[POP], |_, session, subject| vec![finding(facts, session, subject)])
}

fn finding(facts: &Facts<'_>, session: &LineSession, subject: &Subject) -> Finding {
    let reply = session.reply(LineStep::Capability);
    let (seen, capabilities) = match CHECK.reply_of(facts, reply, capability::pop, subject) {
        Ok(found) => found,
        Err(untested) => return *untested,
    };
    let offered = capability::pop_mechanisms(&capabilities);
    let secret = Mechanism::ALL.iter().find(|known| offered.contains(&known.name()));
    // RFC 2449 section 6.2: USER says that USER and PASS are taken.
    if capability::pop_has(&capabilities, "USER") {
        // Courier does not look at POP3_TLS_REQUIRED for this list.
        let courier = capabilities.iter().any(|words| words.iter().any(|word| word.starts_with("COURIER")));
        if courier && secret.is_none() && capability::pop_has(&capabilities, "STLS") {
            return CHECK.untested(facts, Unseen::ListsAnyway, subject, seen);
        }
        return CHECK.found(facts, Outcome::User, subject, seen.mark_folded("USER").and(Seen::lines(session.auth())));
    }
    if let Some(mechanism) = secret {
        let seen = seen.mark_folded(mechanism.name()).and(Seen::lines(session.auth()));
        return CHECK.found(facts, Outcome::Offered, subject, seen);
    }
    let outcome = if offered.is_empty() { Outcome::None } else { Outcome::ChallengeOnly };
    CHECK.found(facts, outcome, subject, seen)
}
