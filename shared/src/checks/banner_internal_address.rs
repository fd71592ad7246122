//! # banner-internal-address
//!
//! **Objective.** The server does not tell strangers addresses of the inner network.
//!
//! **Evidence.** All replies on ports 25, 465 and 587 of each MX address, and on ports 143, 993, 110, 995 and 4190 of the
//! hosts where people reach their mail. The first line of the reply
//! to EHLO is left out, and so is what a reply says of its client: servers repeat our address there.
//! Loopback addresses tell nothing, and four numbers behind a product's name are its version.
//!
//! **Outcomes.**
//! - `internal`: a reply holds a private (RFC 1918), unique local, carrier-grade NAT or link-local
//!   address. Mortal.
//! - `none`: no reply does.
//! - Untested: no reply does, but the server did not take our EHLO, or said nothing behind its greeting.
//!
//! **Source.** RFC 1918, RFC 4193, RFC 6598, RFC 3927.

use super::at_hosts::CLIENT_PORTS;
use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::disclosure::{Protocol, What};
use crate::evidence::{LineSession, SmtpSession, Step};
use crate::facts::Facts;
use crate::{Finding, Sin, Unseen};

outcomes! {
    Internal = "internal", Mortal, "The server tells an internal address",
        "The reply holds an address of the inner network. It tells attackers how that network is laid out." => HideAddress;
    None = "none", Clean, "No internal address in what the server says",
        "Nothing of the inner network's addresses shows in the replies.";
}

pub(super) const CHECK: Check = Check {
    id: "banner-internal-address",
    sin: Sin::BannerDisclosure,
    title: "Internal address in replies",
    source: "RFC 1918, RFC 4193, RFC 6598, RFC 3927",
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

/// The line with the inner addresses in it marked, if there are any.
fn inner(facts: &Facts<'_>, protocol: Protocol, line: &str) -> Option<Seen> {
    let told = facts.told(protocol, line);
    let inner = told.spans.iter().filter(|span| span.what == What::InternalAddress);
    let parts: Vec<&str> = inner.filter_map(|span| line.get(span.start..span.end)).collect();
    (!parts.is_empty()).then(|| parts.into_iter().fold(Seen::text(line), Seen::mark))
}

fn finding(facts: &Facts<'_>, session: &SmtpSession, subject: &Subject) -> Finding {
    for exchange in &session.exchanges {
        let Some(reply) = &exchange.reply else {
            continue;
        };
        for (index, line) in reply.wire().into_iter().enumerate() {
            if index == 0 && matches!(exchange.step, Step::Ehlo | Step::Helo) {
                continue;
            }
            if let Some(marked) = inner(facts, Protocol::Smtp, &line) {
                let sent = if exchange.sent.is_empty() {
                    Seen::default()
                } else {
                    Seen::text(format!("→ {}", exchange.sent))
                };
                return CHECK.found(facts, Outcome::Internal, subject, sent.and(marked));
            }
        }
    }
    match session.hello() {
        Ok(_) => CHECK.found(facts, Outcome::None, subject, Seen::step(session, Step::Greeting)),
        // A server that hung up at its greeting has said too little to be called clean.
        Err(why) => CHECK.untested(facts, why, subject, Seen::step(session, Step::Greeting)),
    }
}

/// The same of what a server says over IMAP, POP3 or ManageSieve.
fn client(facts: &Facts<'_>, port: u16, session: &LineSession, subject: &Subject) -> Finding {
    let protocol = Protocol::of(port);
    let lines = session.exchanges.iter().flat_map(|exchange| exchange.reply.iter().flatten());
    if let Some(seen) = lines.into_iter().find_map(|line| inner(facts, protocol, line)) {
        return CHECK.found(facts, Outcome::Internal, subject, seen);
    }
    let greeting = Seen::lines(session.exchanges.first());
    match session.exchanges.len() {
        0 | 1 => CHECK.untested(facts, session.broke.unwrap_or(Unseen::NotAsked), subject, greeting),
        _ => CHECK.found(facts, Outcome::None, subject, greeting),
    }
}
