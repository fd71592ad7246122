//! # open-relay
//!
//! **Objective.** The server does not carry mail from strangers to strangers.
//!
//! **Evidence.** MAIL and RCPT on port 25 of each MX address, never DATA: our own foreign
//! recipient from five senders, then fourteen odd forms of it, as far as the budget lasts: on all ports together a
//! server may refuse us four times in ten minutes. A made-up recipient of the checked domain is the control. On ports 587 and 465 the plain form, without a login,
//! where a recipient of the domain was not refused for lack of one.
//!
//! **Outcomes.**
//! - `relays`: a plain foreign recipient was taken while the made-up local one was refused.
//!   Mortal, suspected: the server might still refuse at DATA.
//! - `relays-odd-form`: an odd form was taken while the same form of a made-up local recipient was
//!   refused. Venial, suspected.
//! - `takes-odd-form`: the same for a form that most servers read as a local name. A note.
//! - `not-relayed`: a foreign recipient was taken, but no message went through: each suspected way was put to the proof by the
//!   owner's consent (`open-relay-proof`). A note.
//! - `refuses`: relaying was refused by name, or the foreign recipient was refused in a
//!   conversation in which a local one was taken.
//! - Untested: the server takes everything, would not talk to us, greylists, serves our own domain,
//!   or was asked so often lately that it gets a rest.
//!
//! **Source.** RFC 5321 sections 3.6 and 7.1.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{Exchange, Purpose, SmtpSession, Step, Variant, Weight};
use crate::facts::{Facts, Host, SMTP};
use crate::syntax::refusal::{Refusal, refusal};
use crate::{Finding, Sin, Unseen, Verdict};

outcomes! {
    Relays = "relays", Mortal suspected, "Relays for strangers",
        "The server accepted a recipient at a foreign domain from a foreign sender, and refused a made-up recipient of its own domain, so it is not simply accepting everything. Spammers find an open relay within hours, and blocklists soon after." => CloseRelay;
    RelaysOdd = "relays-odd-form", Venial suspected, "Takes a disguised foreign recipient",
        "The server accepted a foreign recipient in an old-fashioned form, and refused a made-up local one in the same form. Some servers turn such a form into the foreign address and relay it." => RefuseOddRelay;
    TakesOdd = "takes-odd-form", Note, "Takes an odd recipient form",
        "The server accepted a recipient form that most servers read as a local name. It is probably harmless.";
    NotRelayed = "not-relayed", Note, "Takes foreign recipients, but relays nothing",
        "The server accepted a foreign recipient, but a message to one did not go through it: it was refused in the end, or did not arrive within ten minutes while another one, which did not go through it, did.";
    Refuses = "refuses", Clean, "Refuses to relay",
        "The server refused to carry mail from a stranger to a stranger.";
}

pub(super) const CHECK: Check = Check {
    id: "open-relay",
    sin: Sin::OpenRelay,
    title: "Relaying for strangers",
    source: "RFC 5321 sections 3.6 and 7.1",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = CHECK.at_each_host(facts, |host, session, subject| {
        vec![settled(facts, host, consented(facts, host, host_finding(facts, host, session, subject), subject))]
    });
    let submission = CHECK.at_each_submission(facts, &|_, session, subject| match subject {
        Subject::Port(host, _) if session.step(Step::Rcpt(Purpose::Relay(Variant::Plain))).is_some() => {
            vec![host_finding(facts, host, session, subject)]
        }
        _ => Vec::new(),
    });
    // Where no foreign recipient was asked for there, `submission-auth` says why.
    findings.extend(submission.into_iter().filter(|finding| finding.verdict != Verdict::Untested));
    findings
}

/// What the ways say that were asked by consent, where they say more than the others.
fn consented(facts: &Facts<'_>, host: &Host, finding: Finding, subject: &Subject) -> Finding {
    let more = facts.relay_sessions(host.address).into_iter().skip(1);
    let findings = more.map(|session| host_finding(facts, host, session, subject));
    let weight = |finding: &Finding| match finding.verdict {
        Verdict::Untested => 0,
        Verdict::Clean => 1,
        Verdict::Note => 2,
        Verdict::Venial => 3,
        Verdict::Mortal => 4,
    };
    findings.fold(finding, |worst, other| if weight(&other) > weight(&worst) { other } else { worst })
}

/// A suspicion that was put to the proof, and did not hold, is none.
fn settled(facts: &Facts<'_>, host: &Host, finding: Finding) -> Finding {
    if !matches!(finding.verdict, Verdict::Mortal | Verdict::Venial) || !facts.is_cleared(host) {
        return finding;
    }
    let subject = Subject::Port(host.clone(), SMTP);
    let note = CHECK.found(facts, Outcome::NotRelayed, &subject, Seen::default());
    Finding { seen: finding.seen, marks: finding.marks, ..note }
}

fn host_finding(facts: &Facts<'_>, host: &Host, session: &SmtpSession, subject: &Subject) -> Finding {
    let untested = |why, seen| CHECK.untested(facts, why, subject, seen);
    let foreign = match facts.serves_us(host) {
        Ok(true) => return untested(Unseen::OwnRecipient, Seen::default()),
        Ok(false) => Ok(()),
        // A refusal acquits all the same; a yes proves nothing while it might be our own server.
        Err(Unseen::Pending) => Err(Unseen::Pending),
        Err(_) => Err(Unseen::NoBase),
    };
    let control = session.reply(Step::Rcpt(Purpose::Control)).ok();
    let control_taken = control.is_some_and(|(_, reply)| reply.is_positive());
    let control_refused =
        control.is_some_and(|(_, reply)| matches!(refusal(reply), Refusal::Recipient | Refusal::Relaying));
    let control_seen = || Seen::exchanges(session.step(Step::Rcpt(Purpose::Control)));

    if let Some(taken) = taken(session, Weight::Plain).next() {
        let seen = control_seen().and(transaction(session, Purpose::Relay(taken.0))).mark_reply(taken.1);
        return if let Err(why) = foreign {
            untested(why, seen)
        } else if control_refused {
            CHECK.found(facts, Outcome::Relays, subject, seen)
        } else if control_taken {
            untested(Unseen::AcceptsAll, seen)
        } else {
            // RFC 5321 section 3.6.2 lets a server take and bounce: without the control's refusal
            // a yes proves nothing.
            untested(session.reply(Step::Rcpt(Purpose::Control)).err().unwrap_or(Unseen::UnclearReply), seen)
        };
    }
    for (weight, outcome) in [(Weight::Odd, Outcome::RelaysOdd), (Weight::Note, Outcome::TakesOdd)] {
        let suspect = taken(session, weight).find(|(variant, _)| {
            let shape = session.reply(Step::Rcpt(Purpose::RelayControl(*variant)));
            shape.is_ok_and(|(_, reply)| matches!(refusal(reply), Refusal::Recipient | Refusal::Relaying))
        });
        if let Some((variant, exchange)) = suspect {
            let seen = transaction(session, Purpose::RelayControl(variant))
                .and(transaction(session, Purpose::Relay(variant)))
                .mark_reply(exchange);
            return match foreign {
                Ok(()) => CHECK.found(facts, outcome, subject, seen),
                Err(why) => untested(why, seen),
            };
        }
    }
    refused(facts, session, subject)
}

/// No foreign recipient was taken: was it refused for what it is?
fn refused(facts: &Facts<'_>, session: &SmtpSession, subject: &Subject) -> Finding {
    let local_taken = [Purpose::Postmaster, Purpose::Abuse, Purpose::Control]
        .into_iter()
        .any(|purpose| session.reply(Step::Rcpt(purpose)).is_ok_and(|(_, reply)| reply.is_positive()));
    let mut reason = None;
    for variant in plain() {
        let purpose = Purpose::Relay(variant);
        let Ok((exchange, reply)) = answer(session, purpose) else {
            continue;
        };
        let seen = || transaction(session, purpose).mark_reply(exchange);
        let why = match refusal(reply) {
            Refusal::Relaying => return CHECK.found(facts, Outcome::Refuses, subject, seen()),
            Refusal::Recipient if local_taken => return CHECK.found(facts, Outcome::Refuses, subject, seen()),
            Refusal::Recipient | Refusal::Unclear => Unseen::UnclearReply,
            Refusal::Temporary => Unseen::TryLater,
            Refusal::Client => Unseen::ClientRefused,
        };
        reason.get_or_insert((why, seen()));
    }
    // A whole conversation without a single attempt: others have used the budget up.
    let unasked = session.broke.unwrap_or(Unseen::CourtesyBudget);
    let (why, seen) = reason.unwrap_or_else(|| (unasked, Seen::default()));
    CHECK.untested(facts, why, subject, seen)
}

fn plain() -> impl Iterator<Item = Variant> {
    Variant::ALL.into_iter().filter(|variant| variant.weight() == Weight::Plain)
}

/// The variants of a weight whose recipient was taken.
fn taken(session: &SmtpSession, weight: Weight) -> impl Iterator<Item = (Variant, &Exchange)> {
    Variant::ALL.into_iter().filter(move |variant| variant.weight() == weight).filter_map(|variant| {
        let (exchange, reply) = session.reply(Step::Rcpt(Purpose::Relay(variant))).ok()?;
        reply.is_positive().then_some((variant, exchange))
    })
}

/// The reply that decided a transaction: RCPT's, or MAIL's where that was refused already.
fn answer(session: &SmtpSession, purpose: Purpose) -> Result<(&Exchange, &crate::evidence::Reply), Unseen> {
    match session.reply(Step::Mail(purpose)) {
        Ok((exchange, reply)) if !reply.is_positive() => Ok((exchange, reply)),
        _ => session.reply(Step::Rcpt(purpose)),
    }
}

fn transaction(session: &SmtpSession, purpose: Purpose) -> Seen {
    Seen::step(session, Step::Mail(purpose)).and(Seen::step(session, Step::Rcpt(purpose)))
}
