//! # banner-version
//!
//! **Objective.** The server does not tell strangers exactly what to attack.
//!
//! **Evidence.** The greeting and the replies to EHLO, HELP and QUIT on ports 25 and 587 of each
//! MX address; of all other replies those that name a product with its version. Queue ids, dates,
//! versions of protocols and public host names are none.
//!
//! **Outcomes.**
//! - `version`: an exact version, patch level or build date of the software. Mortal.
//! - `system`: the operating system or distribution. Venial.
//! - `product`: only the product's name. A note.
//! - `silent`: none of these.
//! - Untested: none of these, but the server did not take our EHLO.
//!
//! **Source.** CWE-200; RFC 5321 section 7.4 allows to withhold it.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::disclosure::{Protocol, What, told};
use crate::evidence::{SmtpSession, Step};
use crate::facts::Facts;
use crate::{Finding, Sin};

outcomes! {
    Version = "version", Mortal, "The server names its version",
        "Attackers scan the Internet for exactly this text when a hole in that version becomes known." => HideVersion;
    System = "system", Venial, "The server names its operating system",
        "It tells attackers which system and packages to look up." => HideVersion;
    Product = "product", Note, "The server names its software",
        "Only the product, without a version: little harm, and no need for it.";
    Silent = "silent", Clean, "The server keeps its version to itself",
        "Neither version nor system is in what the server says of itself.";
}

pub(super) const CHECK: Check = Check {
    id: "banner-version",
    sin: Sin::BannerDisclosure,
    title: "Version in the banner",
    source: "CWE-200, RFC 5321 section 7.4",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_port(facts, |_, session, subject| vec![finding(facts, session, subject)])
}

/// From the best to the worst.
const RANKS: [What; 3] = [What::Product, What::Os, What::Version];

fn finding(facts: &Facts<'_>, session: &SmtpSession, subject: &Subject) -> Finding {
    let mut worst: Option<(usize, Seen)> = None;
    for exchange in &session.exchanges {
        let own = matches!(exchange.step, Step::Greeting | Step::Ehlo | Step::Helo | Step::Help | Step::Quit);
        for line in exchange.reply.iter().flat_map(|reply| reply.wire()) {
            let told = told(Protocol::Smtp, &line);
            let Some(rank) = RANKS.iter().rposition(|what| told.has(*what)) else {
                continue;
            };
            // Elsewhere a server may speak of others: a filter, a list of addresses, the client.
            if !own && !(told.has(What::Version) && told.has(What::Product)) {
                continue;
            }
            if worst.as_ref().is_none_or(|(known, _)| rank > *known) {
                let spans = told.spans.iter().filter(|span| RANKS.contains(&span.what));
                let parts = spans.filter_map(|span| line.get(span.start..span.end));
                worst = Some((rank, parts.fold(Seen::text(line.clone()), Seen::mark)));
            }
        }
    }
    match worst {
        Some((rank, seen)) => {
            let outcome = match RANKS.get(rank) {
                Some(What::Version) => Outcome::Version,
                Some(What::Os) => Outcome::System,
                _ => Outcome::Product,
            };
            CHECK.found(facts, outcome, subject, seen)
        }
        None => match session.hello() {
            // A server that hung up at its greeting has said too little to be called silent.
            Err(why) => CHECK.untested(facts, why, subject, Seen::step(session, Step::Greeting)),
            Ok(_) => CHECK.found(facts, Outcome::Silent, subject, Seen::step(session, Step::Greeting)),
        },
    }
}
