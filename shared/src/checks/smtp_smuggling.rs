//! # smtp-smuggling
//!
//! **Objective.** One message stays one message, whatever stands in it.
//!
//! **Evidence.** By consent (`allow=limits`), on port 25 of each MX address that took our code: one message to the named mailbox that holds five
//! look-alikes of its end, such as a dot between bare line feeds, with MAIL, RCPT and DATA of another message to the same mailbox behind each. What
//! is counted is what the server replies to that one message.
//!
//! **Outcomes.**
//! - `second-message`: behind the reply to the message come those to commands within it, up to the one that takes another message. Mortal: who has a
//!   way to such a message through a server that lets look-alikes pass can write in the name of that server's users.
//! - `reads-on`: commands within the message are answered, but no other message is taken. A note.
//! - `one-message`: it is taken, and answered once.
//! - `refused`: it is refused as a whole.
//! - Untested: the domain has not consented, the mailbox was refused, or the server would not talk to us.
//!
//! **Source.** RFC 5321 sections 2.3.8 and 4.1.1.4, CVE-2023-51764, CVE-2023-51765, CVE-2023-51766.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{Exchange, Purpose, SmtpSession, Step};
use crate::facts::Facts;
use crate::syntax::consent::Word;
use crate::{Finding, Sin, Unseen};

outcomes! {
    Second = "second-message", Mortal, "Takes part of a message for another one",
        "The server took something that only looks like the end of a message for its end, and what stood behind it for another message, which it accepted. Through servers that pass such look-alikes on, strangers can send mail to you in the names of those servers' users, past SPF and DMARC." => OneEnd;
    ReadsOn = "reads-on", Note, "Takes a look-alike for the end of a message",
        "The server answered commands that stood within a message, but accepted no other message from there.";
    One = "one-message", Clean, "Only the real end ends a message",
        "The server took a message with look-alikes of its end for the one message that it is.";
    Refused = "refused", Clean, "Refuses messages with look-alikes of an end",
        "The server refused a message that holds look-alikes of its end, as it may.";
}

pub(super) const CHECK: Check = Check {
    id: "smtp-smuggling",
    sin: Sin::NoScanning,
    title: "The end of a message",
    source: "RFC 5321 sections 2.3.8 and 4.1.1.4, CVE-2023-51764",
    consent: true,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_opened(facts, Word::Limits, |host, subject| match facts.smuggling(host.address) {
        Ok(session) => finding(facts, session, subject),
        Err(why) => CHECK.untested(facts, why, subject, Seen::default()),
    })
}

fn finding(facts: &Facts<'_>, session: &SmtpSession, subject: &Subject) -> Finding {
    for step in [Step::Mail(Purpose::Stranger), Step::Rcpt(Purpose::Stranger), Step::Data] {
        match session.reply(step) {
            Ok((_, reply)) if reply.code < 400 => {}
            Ok((exchange, reply)) => {
                let why = if reply.is_temporary() { Unseen::TryLater } else { Unseen::ClientRefused };
                return CHECK.untested(facts, why, subject, Seen::exchanges([exchange]));
            }
            Err(why) => return CHECK.untested(facts, why, subject, Seen::default()),
        }
    }
    let within: Vec<&Exchange> = session.exchanges.iter().filter(|e| e.step == Step::Smuggled).collect();
    let code = |exchange: &Exchange| exchange.reply.as_ref().map_or(0, |reply| reply.code);
    // RFC 5321 section 4.1.1.4: 354 asks for a message, and a positive reply behind it takes one.
    let second = within.windows(2).any(|pair| matches!(pair, [data, end] if code(data) == 354 && code(end) / 100 == 2));
    let message = session.step(Step::Message);
    let seen = Seen::exchanges(message.into_iter().chain(within.iter().copied()));
    match session.reply(Step::Message) {
        _ if second => CHECK.found(facts, Outcome::Second, subject, seen),
        _ if !within.is_empty() => CHECK.found(facts, Outcome::ReadsOn, subject, seen),
        Ok((_, reply)) if reply.is_positive() => CHECK.found(facts, Outcome::One, subject, seen),
        Ok((_, reply)) if reply.is_temporary() && reply.code != 421 => {
            CHECK.untested(facts, Unseen::TryLater, subject, seen)
        }
        Ok(_) => CHECK.found(facts, Outcome::Refused, subject, seen),
        Err(why) => CHECK.untested(facts, why, subject, seen),
    }
}
