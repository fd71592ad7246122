//! # submission-auth
//!
//! **Objective.** Only users who logged in hand in mail on the ports that are for users.
//!
//! **Evidence.** MAIL from us and RCPT for postmaster at the checked domain on ports 587 and 465, without a login, inside
//! TLS where that is offered. Never DATA.
//!
//! **Outcomes.**
//! - `taken`: a recipient is taken without a login. Venial.
//! - `refused`: MAIL or the recipient is refused for lack of a login, or as relaying.
//! - Untested: it was refused for another reason, the server would not talk to us, or it had refused enough for now.
//!
//! **Source.** RFC 6409 section 4.3.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{Purpose, SmtpSession, Step, Variant};
use crate::facts::Facts;
use crate::syntax::refusal::{Refusal, lacks_login, refusal};
use crate::{Finding, Sin, Unseen};

outcomes! {
    Taken = "taken", Venial, "Takes mail for submission without a login",
        "This port is for the server's own users. Without a login, strangers hand in mail past the checks that port 25 has for them, in the name of whomever they like." => SubmissionNeedsLogin;
    Refused = "refused", Clean, "Submission needs a login",
        "The server took no recipient on this port from somebody who had not logged in.";
}

pub(super) const CHECK: Check = Check {
    id: "submission-auth",
    sin: Sin::OpenRelay,
    title: "Submission without a login",
    source: "RFC 6409 section 4.3",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_submission(facts, &|_, session, subject| vec![finding(facts, session, subject)])
}

fn finding(facts: &Facts<'_>, session: &SmtpSession, subject: &Subject) -> Finding {
    let transaction = |purpose| Seen::step(session, Step::Mail(purpose)).and(Seen::step(session, Step::Rcpt(purpose)));
    let purposes = [Purpose::Postmaster, Purpose::Relay(Variant::Plain), Purpose::Control];
    let taken = purposes.into_iter().find_map(|purpose| {
        let (exchange, reply) = session.reply(Step::Rcpt(purpose)).ok()?;
        reply.is_positive().then(|| transaction(purpose).mark_reply(exchange))
    });
    // RFC 6409 section 4.3: an error, unless the client was authorized by other means; we were not.
    if let Some(seen) = taken {
        return CHECK.found(facts, Outcome::Taken, subject, seen);
    }
    let mail = session.reply(Step::Mail(Purpose::Postmaster));
    let decisive = match mail {
        Ok((_, reply)) if !reply.is_positive() => mail,
        _ => session.reply(Step::Rcpt(Purpose::Postmaster)),
    };
    let (exchange, reply) = match decisive {
        Ok(found) => found,
        Err(why) => return CHECK.untested(facts, why, subject, Seen::default()),
    };
    let seen = transaction(Purpose::Postmaster).mark_reply(exchange);
    let why = match refusal(reply) {
        Refusal::Temporary => Unseen::TryLater,
        _ if lacks_login(reply) => return CHECK.found(facts, Outcome::Refused, subject, seen),
        Refusal::Relaying => return CHECK.found(facts, Outcome::Refused, subject, seen),
        Refusal::Client => Unseen::ClientRefused,
        Refusal::Recipient | Refusal::Unclear => Unseen::UnclearReply,
    };
    CHECK.untested(facts, why, subject, seen)
}
