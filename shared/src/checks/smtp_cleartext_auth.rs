//! # smtp-cleartext-auth
//!
//! **Objective.** Nobody can be made to send a password over SMTP without TLS.
//!
//! **Evidence.** The AUTH keyword of the EHLO reply before TLS on ports 25 and 587 of each MX
//! address, and the reply to AUTH without an initial response, cancelled at once with `*`. We
//! never send a password.
//!
//! **Outcomes.**
//! - `offered`: PLAIN, LOGIN or a bearer mechanism is offered in the clear. Mortal.
//! - `accepted`: it is not offered, but AUTH begins all the same (334). Mortal.
//! - `challenge-only`: only mechanisms that do not send the password itself are offered. Venial.
//! - `none`: no AUTH before TLS.
//!
//! **Source.** RFC 4954 section 4, RFC 8314 section 3.3.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{Mechanism, SmtpSession, Step};
use crate::facts::Facts;
use crate::syntax::ehlo;
use crate::{Finding, Sin, Unseen};

outcomes! {
    Offered = "offered", Mortal, "Offers to take passwords unencrypted",
        "The server offers a login that sends the password, or a token that is as good as one, before the connection is encrypted. Anyone on the path can read it." => AuthNeedsTls;
    Accepted = "accepted", Mortal, "Takes passwords unencrypted without saying so",
        "The server does not offer a login before encryption, yet it begins one when asked (334). Anyone on the path can read a password sent this way." => AuthNeedsTls;
    ChallengeOnly = "challenge-only", Venial, "Offers a login before encryption",
        "The mechanisms offered do not send the password itself, but what they send can be attacked offline, and everything behind the login is readable." => AuthNeedsTls;
    None = "none", Clean, "No login before encryption",
        "The server offers no login on an unencrypted connection and refuses to begin one.";
}

pub(super) const CHECK: Check = Check {
    id: "smtp-cleartext-auth",
    sin: Sin::PlainTextAuthentication,
    title: "Login before encryption",
    source: "RFC 4954 section 4, RFC 8314 section 3.3",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_port(facts, |_, session, subject| vec![port_finding(facts, session, subject)])
}

fn port_finding(facts: &Facts<'_>, session: &SmtpSession, subject: &Subject) -> Finding {
    let (exchange, hello) = match session.hello() {
        Ok(hello) => hello,
        Err(why) => return CHECK.untested(facts, why, subject, Seen::default()),
    };
    let offered: Vec<String> = ehlo::keywords(hello)
        .into_iter()
        .filter(|(keyword, _)| keyword == "AUTH")
        .flat_map(|(_, mechanisms)| mechanisms)
        .map(|mechanism| mechanism.to_ascii_uppercase())
        .collect();
    let auth = session.exchanges.iter().find(|exchange| matches!(exchange.step, Step::Auth(_)));
    let begun = auth.filter(|exchange| exchange.reply.as_ref().is_some_and(|reply| reply.code == 334));
    let auth_seen = || Seen::exchanges(auth);
    let hello_seen = || mark_auth(Seen::exchanges([exchange]), hello);
    // RFC 4954 section 4: PLAIN must not be offered without TLS; LOGIN and bearers are the same.
    if offered.iter().any(|mechanism| sends_secret(mechanism)) {
        let seen = hello_seen().and(auth_seen());
        return CHECK.found(facts, Outcome::Offered, subject, begun.map_or(seen.clone(), |auth| seen.mark_reply(auth)));
    }
    if let Some(auth) = begun {
        return CHECK.found(facts, Outcome::Accepted, subject, auth_seen().mark_reply(auth));
    }
    if !offered.is_empty() {
        return CHECK.found(facts, Outcome::ChallengeOnly, subject, hello_seen());
    }
    match auth.and_then(|exchange| exchange.reply.as_ref()) {
        Some(reply) if reply.is_temporary() => CHECK.untested(facts, Unseen::TryLater, subject, auth_seen()),
        Some(_) => CHECK.found(facts, Outcome::None, subject, hello_seen().and(auth_seen())),
        None => CHECK.untested(facts, session.broke.unwrap_or(Unseen::NotAsked), subject, hello_seen()),
    }
}

/// Does the mechanism send the password, or a token that serves as one?
fn sends_secret(mechanism: &str) -> bool {
    Mechanism::ALL.iter().any(|known| known.name() == mechanism)
}

fn mark_auth(seen: Seen, hello: &crate::evidence::Reply) -> Seen {
    let line = hello.lines.iter().find(|line| line.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("AUTH")));
    match line {
        Some(line) => seen.mark(line),
        None => seen,
    }
}
