//! # tls-version
//!
//! **Objective.** Whoever connects gets a version of TLS that still protects.
//!
//! **Evidence.** On ports 25 and 587 of each MX address, and on port 587 where people reach their mail: the version
//! that a client of today gets behind STARTTLS; the answer to a first message (ClientHello) that offers TLS 1.1 at most; and,
//! where a client of today gets nothing, the answer to one that offers TLS 1.2 at most. A server answers with the newest
//! version that both have, so these tell what is on, without going from version to version. Nobody goes on from the answer.
//!
//! **Outcomes.**
//! - `modern`: TLS 1.2 or newer works, and the server refuses what is older.
//! - `submission-outdated`: a submission port has nothing above TLS 1.1. Mortal.
//! - `submission-old`: it has TLS 1.2 or newer, but takes TLS 1.1 or older too. Venial.
//! - `mx-outdated`: port 25 has nothing above TLS 1.1. Venial.
//! - `mx-old`: it takes TLS 1.1 or older too. A note: a sender that has nothing better would send in the clear.
//!
//! A port without TLS is the matter of `starttls`. A server that answers the old offer by hanging up may do so for another
//! reason, so nothing is concluded from that.
//!
//! **Source.** RFC 8996, RFC 8997, RFC 9325 section 3.1.1.

use super::build::{Seen, Subject};
use super::{Check, Row, outcomes};
use crate::evidence::{HelloAnswer, Offer, SmtpSession, TLS11, Tls, TlsFault};
use crate::facts::{Facts, SMTP};
use crate::{Finding, Sin, Unseen};

outcomes! {
    Modern = "modern", Clean, "Only current versions of TLS",
        "The server speaks TLS 1.2 or newer and refuses what is older.";
    SubmissionOutdated = "submission-outdated", Mortal, "Nothing but outdated TLS for passwords",
        "Users hand in their mail here with their password, and the newest version on offer is TLS 1.1 or older, which has known weaknesses. Current mail programs do not connect at all." => OfferModernTls;
    SubmissionOld = "submission-old", Venial, "Outdated TLS is still on for users",
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
    CHECK.at_each_port(facts, |port, session, subject| {
        CHECK.of_offers(facts, session, subject, |seen| outcome(facts, port, session, subject, seen))
    })
}

impl Check {
    /// The finding of a port that says STARTTLS, from what it answers to offers.
    pub(super) fn of_offers<O: Row>(
        &self,
        facts: &Facts<'_>,
        session: &SmtpSession,
        subject: &Subject,
        outcome: impl FnOnce(&mut Seen) -> Result<O, Unseen>,
    ) -> Vec<Finding> {
        let offers = session.offers_starttls();
        if offers == Ok(false) {
            return Vec::new();
        }
        let mut seen = Seen::tls(session.tls.as_ref());
        vec![match offers.and_then(|_| outcome(&mut seen)) {
            Ok(outcome) => self.found(facts, outcome, subject, seen),
            Err(why) => self.untested(facts, why, subject, seen),
        }]
    }
}

fn outcome(
    facts: &Facts<'_>,
    port: u16,
    session: &SmtpSession,
    subject: &Subject,
    seen: &mut Seen,
) -> Result<Outcome, Unseen> {
    let mut ask = |offer| answer(facts, subject, port, offer, seen);
    // Our own client speaks nothing below TLS 1.2.
    if let Err(why) = session.secured() {
        if session.tls.as_ref().and_then(|tls| Tls::secured(tls).err()) != Some(TlsFault::Incompatible) {
            return Err(why);
        }
        match ask(Offer::Weak)? {
            // RFC 5246 appendix E.1: with TLS 1.2 on offer, a server that had it would say so.
            HelloAnswer::Takes { version, .. } if *version <= TLS11 => {
                return Ok(if port == SMTP { Outcome::MxOutdated } else { Outcome::SubmissionOutdated });
            }
            HelloAnswer::Takes { .. } => {}
            _ => return Err(why),
        }
    }
    match ask(Offer::Old)? {
        HelloAnswer::Takes { .. } if port == SMTP => Ok(Outcome::MxOld),
        HelloAnswer::Takes { .. } => Ok(Outcome::SubmissionOld),
        refusal if refusal.is_refusal() => Ok(Outcome::Modern),
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

/// Why an answer that is neither a yes nor a no says nothing.
pub(super) const fn unclear(answer: &HelloAnswer) -> Unseen {
    match answer {
        HelloAnswer::Failed(fault) => fault.unseen(),
        _ => Unseen::UnclearReply,
    }
}
