//! # helo-name
//!
//! **Objective.** A mail server calls itself by a full name that can be looked up.
//!
//! **Evidence.** The name in the greeting on port 25, or else in the reply to EHLO, and its A and
//! AAAA answers; and those of the name in HELO of an address that a mail of the domain came from, where the domain's SPF
//! record lets it send.
//!
//! **Outcomes.**
//! - `resolves`: it is a full name with an address.
//! - `not-a-full-name`: it is no name, or a single label. A note for a host that only receives.
//! - `unresolved`: it is a full name without an address. A note.
//! - `sender-not-a-full-name`, `sender-unresolved`: the same of a host that sends.
//!
//! **Source.** RFC 5321 sections 4.1.4 and 4.3.1.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{SmtpSession, Step};
use crate::facts::{Facts, SMTP};
use crate::syntax::ehlo;
use crate::{DomainName, Finding, Sin, Unseen};

outcomes! {
    Resolves = "resolves", Clean, "The server gives its full name",
        "The name in the greeting is a full one and has an address.";
    NotFull = "not-a-full-name", Note, "The server does not give a full name",
        "The greeting should begin with the host's full domain name. If mail is also sent from here under this name, some receivers will refuse it.";
    Unresolved = "unresolved", Note, "The server's name for itself has no address",
        "The name in the greeting cannot be looked up. If mail is also sent from here under this name, some receivers will refuse it.";
    SenderNotFull = "sender-not-a-full-name", Venial, "The sending server does not greet with a full name",
        "Receivers look at the name in HELO or EHLO, and many refuse or distrust mail from a server that gives none." => GreetByName;
    SenderUnresolved = "sender-unresolved", Venial, "The sending server's name for itself has no address",
        "Receivers look up the name in HELO or EHLO, and many refuse or distrust mail from a server whose name leads nowhere." => GreetByName;
}

pub(super) const CHECK: Check = Check {
    id: "helo-name",
    sin: Sin::DnsErrors,
    title: "The server's name for itself",
    source: "RFC 5321 sections 4.1.4 and 4.3.1",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings =
        CHECK.at_each_port(
            facts,
            |port, session, subject| {
                if port == SMTP { vec![finding(facts, session, subject)] } else { Vec::new() }
            },
        );
    findings.extend(sender(facts));
    findings
}

fn sender(facts: &Facts<'_>) -> Option<Finding> {
    let subject = Subject::Address(facts.sending_host()?);
    let seen = Seen::text(format!("HELO {}", facts.sender()?.helo));
    let outcome = match facts.sender_name().map(|name| facts.addresses(&name)) {
        None => Outcome::SenderNotFull,
        Some(Ok(addresses)) if addresses.is_empty() => Outcome::SenderUnresolved,
        Some(Ok(_)) => Outcome::Resolves,
        Some(Err(why)) => return Some(CHECK.untested(facts, why, &subject, seen)),
    };
    Some(CHECK.found(facts, outcome, &subject, seen))
}

fn finding(facts: &Facts<'_>, session: &SmtpSession, subject: &Subject) -> Finding {
    let (exchange, greeting) = match session.reply(Step::Greeting) {
        Ok((_, greeting)) if !greeting.is_positive() => {
            return CHECK.untested(facts, session.broke.unwrap_or(Unseen::ClientRefused), subject, Seen::default());
        }
        Ok(greeting) => greeting,
        Err(why) => return CHECK.untested(facts, why, subject, Seen::default()),
    };
    let hello = session.hello().ok().and_then(|(_, hello)| ehlo::server_name(hello));
    let word = ehlo::server_name(greeting).or(hello);
    let seen = Seen::exchanges([exchange]);
    let Some(name) = word.and_then(|word| DomainName::new(word).ok()).filter(|name| name.labels() > 1) else {
        return CHECK.found(facts, Outcome::NotFull, subject, seen);
    };
    let seen = seen.mark(word.unwrap_or(""));
    match facts.addresses(&name) {
        Ok(addresses) if !addresses.is_empty() => CHECK.found(facts, Outcome::Resolves, subject, seen),
        Ok(_) => CHECK.found(facts, Outcome::Unresolved, subject, seen),
        Err(why) => CHECK.untested(facts, why, subject, seen),
    }
}
