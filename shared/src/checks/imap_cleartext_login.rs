//! # imap-cleartext-login
//!
//! **Objective.** Nobody can be made to send a password over IMAP without TLS.
//!
//! **Evidence.** The reply to CAPABILITY on port 143 before TLS, at each host where people reach
//! their mail; and the reply to AUTHENTICATE without an initial response, where a mechanism that
//! sends the password is offered, cancelled at once with `*`. We never send a name or password. A
//! port 143 that nothing answers on is no subject.
//!
//! **Outcomes.**
//! - `offered`: PLAIN, LOGIN or a bearer mechanism is offered in the clear. Mortal, STARTTLS or not:
//!   a program that is not made to use TLS does not.
//! - `login`: no such mechanism is offered, but LOGINDISABLED is missing, so the command LOGIN takes
//!   a password in the clear. Mortal.
//! - `challenge-only`: only mechanisms that do not send the password itself are offered. A note.
//! - `none`: no login before TLS.
//! - Untested: the server refuses CAPABILITY, or says that we are logged in already.
//!
//! **Source.** RFC 9051 sections 6.2.1, 6.2.3 and 11.1, RFC 8314 section 3.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{LineSession, LineStep, Mechanism};
use crate::facts::{Facts, IMAP};
use crate::syntax::capability;
use crate::{Finding, Sin, Unseen};

outcomes! {
    Offered = "offered", Mortal, "Offers to take passwords over IMAP unencrypted",
        "The server offers a login that sends the password, or a token that is as good as one, before the connection is encrypted. Anyone on the path can read it." => LoginNeedsTls;
    Login = "login", Mortal, "Takes passwords over IMAP unencrypted",
        "The server does not say LOGINDISABLED, so mail programs may send name and password before the connection is encrypted. Anyone on the path can read them." => LoginNeedsTls;
    ChallengeOnly = "challenge-only", Note, "Offers a login over IMAP before encryption",
        "The mechanisms offered do not send the password itself, but what they send can be attacked offline, and the mail is readable on its way.";
    None = "none", Clean, "No login over IMAP before encryption",
        "The server takes no password on an unencrypted connection.";
}

pub(super) const CHECK: Check = Check {
    id: "imap-cleartext-login",
    sin: Sin::PlainTextAuthentication,
    title: "IMAP login before encryption",
    source: "RFC 9051 sections 6.2.1, 6.2.3 and 11.1, RFC 8314 section 3",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_client(facts, &[IMAP], |_, session, subject| vec![finding(facts, session, subject)])
}

fn finding(facts: &Facts<'_>, session: &LineSession, subject: &Subject) -> Finding {
    let reply = session.reply(LineStep::Capability);
    let (seen, capabilities) = match CHECK.reply_of(facts, reply, capability::imap, subject) {
        Ok(found) => found,
        Err(untested) => return *untested,
    };
    if capability::is_preauth(&session.exchanges) {
        return CHECK.untested(facts, Unseen::UnclearReply, subject, Seen::lines(session.exchanges.first()));
    }
    let offered = capability::imap_mechanisms(&capabilities);
    let secret = Mechanism::ALL.iter().find(|known| offered.contains(&known.name()));
    if let Some(mechanism) = secret {
        let seen = seen.mark_folded(&format!("AUTH={}", mechanism.name())).and(Seen::lines(session.auth()));
        return CHECK.found(facts, Outcome::Offered, subject, seen);
    }
    // RFC 9051 section 6.2.3: a server that does not permit LOGIN must say LOGINDISABLED.
    if !capabilities.iter().any(|word| word == "LOGINDISABLED") {
        return CHECK.found(facts, Outcome::Login, subject, seen);
    }
    let outcome = if offered.is_empty() { Outcome::None } else { Outcome::ChallengeOnly };
    CHECK.found(facts, outcome, subject, seen.mark_folded("LOGINDISABLED"))
}
