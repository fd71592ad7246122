//! # banner-internal-name
//!
//! **Objective.** The server does not tell strangers the names of the inner network.
//!
//! **Evidence.** The name in the host position of the greeting and of the replies to EHLO and
//! QUIT, on ports 25, 465 and 587 of each MX address; and the names in the greeting and the farewell of IMAP, POP3 and
//! ManageSieve, on ports 143, 993, 110, 995 and 4190 of the hosts where people reach their mail, the timestamp of APOP
//! and the name with which Exchange ends its greeting among them.
//!
//! **Outcomes.**
//! - `internal`: it ends in .local, .lan, .internal, .corp, .home.arpa, localdomain or the like.
//!   Mortal.
//! - `single-label`: a bare host name. Venial.
//! - `unresolved`: a public name without an address. A note.
//! - `public`: a public name.
//! - `none`: no name at all, but prose or the name of the software.
//! - Untested: the server said nothing.
//!
//! **Source.** RFC 6762 (.local), RFC 8375 (.home.arpa), RFC 5321 section 4.3.1, RFC 1939 section 7.

use super::at_hosts::CLIENT_PORTS;
use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::disclosure::{NameKind, Protocol, What, greeting_name, told};
use crate::evidence::{LineSession, LineStep, SmtpSession, Step};
use crate::facts::Facts;
use crate::{DomainName, Finding, Sin, Unseen};

outcomes! {
    Internal = "internal", Mortal, "The server tells an internal name",
        "The name belongs to the inner network. It tells attackers how hosts are called there, which helps them once they have a foot in the door." => HideName;
    SingleLabel = "single-label", Venial, "The server calls itself by a bare host name",
        "A name without a domain is an inner one, and tells how hosts are called there." => HideName;
    Unresolved = "unresolved", Note, "The server's name is not in public DNS",
        "It looks like a public name but has no address, so it may be one of the inner network.";
    Public = "public", Clean, "The server calls itself by a public name",
        "Nothing of the inner network shows in the server's name.";
    None = "none", Clean, "The server gives no name",
        "Nothing of the inner network shows in what the server calls itself.";
}

pub(super) const CHECK: Check = Check {
    id: "banner-internal-name",
    sin: Sin::BannerDisclosure,
    title: "Internal name in the banner",
    source: "RFC 6762, RFC 8375, RFC 5321 section 4.3.1",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_conversation(
        facts,
        CLIENT_PORTS,
        |session, subject| finding(facts, session, subject),
        |port, session, subject| client(facts, port, session, subject),
    )
}

fn finding(facts: &Facts<'_>, session: &SmtpSession, subject: &Subject) -> Finding {
    let mut public = None;
    let mut single = None;
    for exchange in
        session.exchanges.iter().filter(|e| matches!(e.step, Step::Greeting | Step::Ehlo | Step::Helo | Step::Quit))
    {
        let line = exchange.reply.as_ref().and_then(|reply| reply.wire().into_iter().next()).unwrap_or_default();
        let Some((word, kind)) = greeting_name(&line) else {
            continue;
        };
        let seen = || Seen::exchanges([exchange]).mark(word);
        match kind {
            NameKind::Internal => return CHECK.found(facts, Outcome::Internal, subject, seen()),
            // In greeting and EHLO the first word is the host's name; elsewhere it may be prose.
            NameKind::SingleLabel if exchange.step != Step::Quit && !is_software(&line, word) => {
                single = single.or_else(|| Some(seen()))
            }
            NameKind::Public => public = public.or_else(|| Some((word.to_owned(), seen()))),
            _ => {}
        }
    }
    if let Some(seen) = single {
        return CHECK.found(facts, Outcome::SingleLabel, subject, seen);
    }
    let Some((word, seen)) = public else {
        return match session.reply(Step::Greeting) {
            Ok((exchange, _)) => CHECK.found(facts, Outcome::None, subject, Seen::exchanges([exchange])),
            Err(_) => CHECK.untested(facts, session.broke.unwrap_or(Unseen::NotAsked), subject, Seen::default()),
        };
    };
    CHECK.found(facts, public_or_not(facts, &word), subject, seen)
}

/// Does the line begin with software, as in "NetGuard SMTP Proxy 5.00.12"?
fn is_software(line: &str, word: &str) -> bool {
    let told = told(Protocol::Smtp, line);
    let first = told.spans.iter().find(|span| span.what == What::Product);
    first.and_then(|span| line.get(span.start..span.end)).is_some_and(|product| product.starts_with(word))
}

/// Has this name an address, as far as that was asked?
fn public_or_not(facts: &Facts<'_>, word: &str) -> Outcome {
    let unresolved = DomainName::new(word).is_ok_and(|name| facts.addresses(&name).is_ok_and(|found| found.is_empty()));
    if unresolved { Outcome::Unresolved } else { Outcome::Public }
}

/// The same of what a server says over IMAP, POP3 or ManageSieve, where a name may stand anywhere in a greeting.
fn client(facts: &Facts<'_>, port: u16, session: &LineSession, subject: &Subject) -> Finding {
    let own =
        session.exchanges.iter().filter(|exchange| matches!(exchange.step, LineStep::Greeting | LineStep::Logout));
    let lines: Vec<&String> = own.flat_map(|exchange| exchange.reply.iter().flatten()).collect();
    for (what, outcome) in [(What::InternalName, Outcome::Internal), (What::BareName, Outcome::SingleLabel)] {
        for line in &lines {
            let spans = told(Protocol::of(port), line).spans;
            let names: Vec<&str> = spans
                .iter()
                .filter(|span| span.what == what)
                .filter_map(|span| line.get(span.start..span.end))
                .collect();
            if !names.is_empty() {
                return CHECK.found(
                    facts,
                    outcome,
                    subject,
                    names.into_iter().fold(Seen::text(line.as_str()), Seen::mark),
                );
            }
        }
    }
    let greeting = session.exchanges.first();
    let Some(line) = lines.first() else {
        return CHECK.untested(facts, session.broke.unwrap_or(Unseen::NotAsked), subject, Seen::lines(greeting));
    };
    match greeting_name(line) {
        Some((name, NameKind::Public)) => {
            CHECK.found(facts, public_or_not(facts, name), subject, Seen::text(line.as_str()).mark(name))
        }
        _ => CHECK.found(facts, Outcome::None, subject, Seen::lines(greeting)),
    }
}
