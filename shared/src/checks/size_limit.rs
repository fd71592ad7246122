//! # size-limit
//!
//! **Objective.** A single message cannot fill the server.
//!
//! **Evidence.** The SIZE keyword of the EHLO reply on port 25 of each MX address, and the reply
//! to `MAIL FROM:<>` with a SIZE of a tebibyte. No message is sent.
//!
//! **Outcomes.**
//! - `limited`: a sensible limit is declared.
//! - `limited-silently`: none is declared, or SIZE 0, and the tebibyte is refused.
//! - `none`: SIZE 0 or no value, and the tebibyte is taken; or SIZE 0, and nothing is known of the tebibyte. Mortal, suspected: the server might
//!   still refuse at DATA.
//! - `too-small`: under 64 KiB, which every server must take. Mortal.
//! - `too-large`: over 256 MiB. Venial.
//! - `not-enforced`: a limit is declared, and the tebibyte is taken at MAIL. A note.
//! - `undeclared`: no SIZE keyword, so a limit may or may not exist. A note.
//!
//! **Source.** RFC 1870 sections 3 and 6, RFC 5321 section 4.5.3.1.7.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{Purpose, SmtpSession, Step};
use crate::facts::{Facts, SMTP};
use crate::syntax::ehlo;
use crate::{Finding, Sin, Unseen};

/// RFC 5321 section 4.5.3.1.7: every server must take 64K octets.
const SMALLEST: u128 = 64 * 1024;
const LARGEST: u128 = 256 * 1024 * 1024;

outcomes! {
    Limited = "limited", Clean, "There is a size limit",
        "The server says how large a message may be.";
    LimitedSilently = "limited-silently", Clean, "There is a size limit",
        "The server does not declare a limit, but refuses an absurd size.";
    None = "none", Mortal suspected, "No size limit",
        "The server says that a message may be of any size, or agreed to take one of a tebibyte. A single sender could fill its disk." => LimitSize;
    TooSmall = "too-small", Mortal, "The size limit is far too low",
        "Every server must take messages of 64 KiB. Ordinary mail is refused here." => RaiseSize;
    TooLarge = "too-large", Venial, "The size limit is very high",
        "Messages of over 256 MiB are allowed. A few of them at once can fill the disk or the memory of filters." => LowerSize;
    NotEnforced = "not-enforced", Note, "The size limit is not applied at once",
        "The server declares a limit but agreed to a message of a tebibyte. It will probably refuse it later, after the sender has sent it all.";
    Undeclared = "undeclared", Note, "No size limit is declared",
        "The server does not say how large a message may be. It may still have a limit.";
}

pub(super) const CHECK: Check = Check {
    id: "size-limit",
    sin: Sin::NoLimits,
    title: "The size limit",
    source: "RFC 1870 sections 3 and 6, RFC 5321 section 4.5.3.1.7",
    consent: false,
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
    let found = |outcome, seen| CHECK.found(facts, outcome, subject, seen);
    let (exchange, hello) = match session.hello() {
        Ok(hello) => hello,
        Err(why) => return CHECK.untested(facts, why, subject, Seen::default()),
    };
    let seen = Seen::exchanges([exchange]);
    let Some((_, values)) = ehlo::keywords(hello).into_iter().find(|(keyword, _)| keyword == "SIZE") else {
        return found(Outcome::Undeclared, seen);
    };
    let seen = match hello.lines.iter().find(|line| line.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("SIZE")))
    {
        Some(line) => seen.mark(line),
        None => seen,
    };
    let mail = session.reply(Step::Mail(Purpose::Size));
    let with_mail = || match mail {
        Ok((exchange, _)) => seen.clone().and(Seen::exchanges([exchange]).mark_reply(exchange)),
        Err(_) => seen.clone(),
    };
    let taken = mail.map(|(_, reply)| reply.is_positive());
    match values.first().map(|value| value.parse::<u128>()) {
        // It says one thing, and does another.
        Some(Ok(0)) if mail.is_ok_and(|(_, reply)| !reply.is_positive() && is_about_size(reply)) => {
            found(Outcome::LimitedSilently, with_mail())
        }
        Some(Ok(0)) => found(Outcome::None, with_mail()), // RFC 1870 section 3: 0 means no fixed maximum
        Some(Ok(limit)) if limit < SMALLEST => found(Outcome::TooSmall, seen),
        Some(Ok(limit)) if limit > LARGEST => found(Outcome::TooLarge, seen),
        Some(Ok(_)) if taken == Ok(true) => found(Outcome::NotEnforced, with_mail()),
        Some(Ok(_)) => found(Outcome::Limited, seen),
        // RFC 1870 section 3: without a value nothing is said of a limit.
        None | Some(Err(_)) => match mail {
            Ok((_, reply)) if reply.is_positive() => found(Outcome::None, with_mail()),
            Ok((_, reply)) if is_about_size(reply) => found(Outcome::LimitedSilently, with_mail()),
            Ok((_, reply)) if reply.is_temporary() => CHECK.untested(facts, Unseen::TryLater, subject, with_mail()),
            Ok(_) => CHECK.untested(facts, Unseen::ClientRefused, subject, with_mail()),
            Err(why) => CHECK.untested(facts, why, subject, seen),
        },
    }
}

/// RFC 1870 section 6.1: 552 for good, 452 for now; RFC 3463: 5.3.4 is "message too big".
fn is_about_size(reply: &crate::evidence::Reply) -> bool {
    let text = reply.lines.join(" ").to_ascii_lowercase();
    matches!(reply.code, 552 | 452) || text.contains("5.3.4") || text.contains("size")
}
