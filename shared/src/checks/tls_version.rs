//! # tls-version
//!
//! **Objective.** Whoever connects gets a version of TLS that still protects.
//!
//! **Evidence.** At each MX address ports 25, 465 and 587, where people reach their mail also 143, 993, 110, 995 and 4190
//! (behind STARTTLS where the port starts in the clear): the version that a client of today gets; the answer to a first
//! message (ClientHello) that offers TLS 1.1 at most; and, where a client of today gets nothing, the answer to one that offers
//! TLS 1.2 at most. A server answers with the newest version that both have, so these tell what is on, without going from
//! version to version. Nobody goes on from the answer. Of a name with several addresses the first that answers is asked, except on
//! ports 25 and 587.
//!
//! **Outcomes.**
//! - `modern`: TLS 1.2 or newer works, and the server refuses what is older.
//! - `client-outdated`: a port where users log in has nothing above TLS 1.1. Mortal.
//! - `client-old`: it has TLS 1.2 or newer, but takes TLS 1.1 or older too. Venial.
//! - `mx-outdated`: port 25 has nothing above TLS 1.1. Venial.
//! - `mx-old`: it takes TLS 1.1 or older too. A note: a sender that has nothing better would send in the clear.
//!
//! A port without TLS is the matter of `starttls`. A server of SMTP that answers the old offer by hanging up may do so for another
//! reason, so nothing is concluded from that. The usual servers of IMAP, POP3 and ManageSieve refuse it just so (Dovecot, Courier), and
//! there it counts as a refusal, on a port where a client of today gets in; on 993 and 995, where a shut door looks the same, if 143 and
//! 110 refuse it alike.
//!
//! **Source.** RFC 8996, RFC 8997, RFC 9325 section 3.1.1.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{HelloAnswer, Offer, TLS11};
use crate::facts::{Facts, IMAP, IMAPS, POP, POPS, SMTP, SUBMISSION, SUBMISSIONS, Today};
use crate::{Finding, Sin, Unseen};

outcomes! {
    Modern = "modern", Clean, "Only current versions of TLS",
        "The server speaks TLS 1.2 or newer and refuses what is older.";
    ClientOutdated = "client-outdated", Mortal, "Nothing but outdated TLS for passwords",
        "Users send their password here, and the newest version on offer is TLS 1.1 or older, which has known weaknesses. Current mail programs do not connect at all." => OfferModernTls;
    ClientOld = "client-old", Venial, "Outdated TLS is still on for users",
        "The server speaks current TLS, but takes TLS 1.1 or older from programs that know no better, and their passwords are then less safe." => DropOldTls;
    MxOutdated = "mx-outdated", Venial, "Mail arrives over outdated TLS only",
        "The newest version on offer is TLS 1.1 or older. Current mail servers no longer speak it, so they send in the clear, or not at all." => OfferModernTls;
    MxOld = "mx-old", Note, "Outdated TLS is still on for senders",
        "The server takes TLS 1.1 or older from senders that have nothing better. They would send in the clear otherwise, so that is no worse.";
}

pub(super) const CHECK: Check = Check {
    id: "tls-version",
    sin: Sin::PlainTextAuthentication,
    title: "Versions of TLS",
    source: "RFC 8996, RFC 8997, RFC 9325 section 3.1.1",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_tls(facts, &[SMTP], |port, today, subject, seen| outcome(facts, port, today, subject, seen))
}

fn outcome(
    facts: &Facts<'_>,
    port: u16,
    today: Today<'_>,
    subject: &Subject,
    seen: &mut Seen,
) -> Result<Outcome, Unseen> {
    let mut ask = |offer| answer(facts, subject, port, offer, seen);
    // Our own client speaks nothing below TLS 1.2.
    if let Err(why) = today.works {
        if !today.may_be_old {
            return Err(why);
        }
        match ask(Offer::Weak)? {
            // RFC 5246 appendix E.1: with TLS 1.2 on offer, a server that had it would say so.
            HelloAnswer::Takes { version, .. } if *version <= TLS11 => {
                return Ok(if port == SMTP { Outcome::MxOutdated } else { Outcome::ClientOutdated });
            }
            HelloAnswer::Takes { .. } => {}
            _ => return Err(why),
        }
    }
    match ask(Offer::Old)? {
        HelloAnswer::Takes { .. } if port == SMTP => Ok(Outcome::MxOld),
        HelloAnswer::Takes { .. } => Ok(Outcome::ClientOld),
        answer if refuses(facts, subject, port, Offer::Old, answer) => Ok(Outcome::Modern),
        other => Err(unclear(other)),
    }
}

/// The answer to an offer, which is then among what was seen.
pub(super) fn answer<'a>(
    facts: &Facts<'a>,
    subject: &Subject,
    port: u16,
    offer: Offer,
    seen: &mut Seen,
) -> Result<&'a HelloAnswer, Unseen> {
    let Subject::Port(host, _) = subject else { return Err(Unseen::NoBase) };
    let answer = facts.hello(host.address, port, offer)?;
    let line = Seen::text(format!("{}: {}", offer.text(), answer.text()));
    *seen = std::mem::take(seen).and(line.mark(&answer.text()));
    Ok(answer)
}

/// Does a server that takes current TLS decidedly not take an offer?
pub(super) fn refuses(facts: &Facts<'_>, subject: &Subject, port: u16, offer: Offer, answer: &HelloAnswer) -> bool {
    if answer.is_refusal() || matches!(port, SMTP | SUBMISSION | SUBMISSIONS) {
        return answer.is_refusal();
    }
    // Dovecot sends no alert, and Courier a goodbye only.
    match (port, answer) {
        // Nothing was said before, so the door may have been shut: the port that starts in the clear has to say so, too.
        (IMAPS | POPS, HelloAnswer::Failed(_)) => {
            let Subject::Port(host, _) = subject else { return false };
            let clear = facts.hello(host.address, if port == IMAPS { IMAP } else { POP }, offer);
            answer.hangs_up() && clear.is_ok_and(|clear| clear.is_refusal() || clear.hangs_up())
        }
        _ => answer.hangs_up(),
    }
}

/// Why an answer that is neither a yes nor a no says nothing.
pub(super) const fn unclear(answer: &HelloAnswer) -> Unseen {
    match answer {
        HelloAnswer::Failed(fault) => fault.unseen(),
        _ => Unseen::UnclearReply,
    }
}
