//! # banner-internal-address
//!
//! **Objective.** The server does not tell strangers addresses of the inner network.
//!
//! **Evidence.** All replies on ports 25 and 587 of each MX address. The first line of the reply
//! to EHLO is left out, and so is what a reply says of its client: servers repeat our address there.
//! Loopback addresses tell nothing, and four numbers behind a product's name are its version.
//!
//! **Outcomes.**
//! - `internal`: a reply holds a private (RFC 1918), unique local, carrier-grade NAT or link-local
//!   address. Mortal.
//! - `none`: no reply does.
//! - Untested: no reply does, but the server did not take our EHLO.
//!
//! **Source.** RFC 1918, RFC 4193, RFC 6598, RFC 3927.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::disclosure::{Protocol, What, told};
use crate::evidence::{SmtpSession, Step};
use crate::facts::Facts;
use crate::{Finding, Sin};

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
    CHECK.at_each_port(facts, |_, session, subject| vec![finding(facts, session, subject)])
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
            let told = told(Protocol::Smtp, &line);
            let inner = told.spans.iter().filter(|span| span.what == What::InternalAddress);
            let parts: Vec<&str> = inner.filter_map(|span| line.get(span.start..span.end)).collect();
            if !parts.is_empty() {
                let seen = if exchange.sent.is_empty() { Seen::default() } else { Seen::text(format!("→ {}", exchange.sent)) };
                let marked = parts.into_iter().fold(Seen::text(line.clone()), Seen::mark);
                return CHECK.found(facts, Outcome::Internal, subject, seen.and(marked));
            }
        }
    }
    match session.hello() {
        Ok(_) => CHECK.found(facts, Outcome::None, subject, Seen::step(session, Step::Greeting)),
        // A server that hung up at its greeting has said too little to be called clean.
        Err(why) => CHECK.untested(facts, why, subject, Seen::step(session, Step::Greeting)),
    }
}
