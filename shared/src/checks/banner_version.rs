//! # banner-version
//!
//! **Objective.** The server does not tell strangers exactly what to attack.
//!
//! **Evidence.** The greeting and the replies to EHLO, HELP and QUIT on ports 25, 465 and 587 of each
//! MX address, of all other replies those that name a product with its version; and the greeting,
//! farewell, ID and capabilities of IMAP, POP3 and ManageSieve, on ports 143, 993, 110, 995 and 4190 of the hosts
//! where people reach their mail. Queue ids, dates, versions of protocols and public host names are no
//! disclosure.
//!
//! **Outcomes.**
//! - `version`: an exact version, patch level or build date of the software. Mortal.
//! - `system`: the operating system or distribution. Venial.
//! - `product`: only the product's name. A note.
//! - `silent`: none of these.
//! - Untested: none of these, but the server did not take our EHLO.
//!
//! **Source.** CWE-200; RFC 5321 section 7.4 allows to withhold it.

use super::at_hosts::CLIENT_PORTS;
use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::disclosure::{Protocol, Told, What};
use crate::evidence::{LineSession, LineStep, SmtpSession, Step};
use crate::facts::Facts;
use crate::{Finding, Sin, Unseen};

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
    CHECK.at_each_conversation(
        facts,
        CLIENT_PORTS,
        |session, subject| finding(facts, session, subject),
        |port, session, subject| client(facts, port, session, subject),
    )
}

/// From the best to the worst.
const RANKS: [What; 3] = [What::Product, What::Os, What::Version];

/// The line that says the most, and its rank.
#[derive(Default)]
struct Worst(Option<(usize, Seen)>);

impl Worst {
    fn take(&mut self, told: &Told, line: &str) {
        let Some(rank) = RANKS.iter().rposition(|what| told.has(*what)) else {
            return;
        };
        if self.0.as_ref().is_none_or(|(known, _)| rank > *known) {
            let spans = told.spans.iter().filter(|span| RANKS.contains(&span.what));
            let parts = spans.filter_map(|span| line.get(span.start..span.end));
            self.0 = Some((rank, parts.fold(Seen::text(line), Seen::mark)));
        }
    }

    fn found(self) -> Option<(Outcome, Seen)> {
        let (rank, seen) = self.0?;
        let outcome = match RANKS.get(rank) {
            Some(What::Version) => Outcome::Version,
            Some(What::Os) => Outcome::System,
            _ => Outcome::Product,
        };
        Some((outcome, seen))
    }
}

fn finding(facts: &Facts<'_>, session: &SmtpSession, subject: &Subject) -> Finding {
    let mut worst = Worst::default();
    for exchange in &session.exchanges {
        let own = matches!(exchange.step, Step::Greeting | Step::Ehlo | Step::Helo | Step::Help | Step::Quit);
        for line in exchange.reply.iter().flat_map(|reply| reply.wire()) {
            let told = facts.told(Protocol::Smtp, &line);
            // Elsewhere a server may speak of others: a filter, a list of addresses, the client.
            if own || (told.has(What::Version) && told.has(What::Product)) {
                worst.take(&told, &line);
            }
        }
    }
    let greeting = Seen::step(session, Step::Greeting);
    match (worst.found(), session.hello()) {
        (Some((outcome, seen)), _) => CHECK.found(facts, outcome, subject, seen),
        // A server that hung up at its greeting has said too little to be called silent.
        (None, Err(why)) => CHECK.untested(facts, why, subject, greeting),
        (None, Ok(_)) => CHECK.found(facts, Outcome::Silent, subject, greeting),
    }
}

/// Does a server tell of itself here? Challenges are no texts.
const fn tells(step: LineStep) -> bool {
    !matches!(step, LineStep::Auth(_) | LineStep::Ntlm | LineStep::NtlmNegotiate | LineStep::AuthCancel)
}

/// The same from what a server says over IMAP, POP3 or ManageSieve.
fn client(facts: &Facts<'_>, port: u16, session: &LineSession, subject: &Subject) -> Finding {
    let protocol = Protocol::of(port);
    let mut worst = Worst::default();
    for exchange in session.exchanges.iter().filter(|exchange| tells(exchange.step)) {
        for line in exchange.reply.iter().flatten() {
            worst.take(&facts.told(protocol, line), line);
        }
    }
    let greeting = Seen::lines(session.exchanges.first());
    match worst.found() {
        Some((outcome, seen)) => CHECK.found(facts, outcome, subject, seen),
        None if session.exchanges.len() == 1 => {
            CHECK.untested(facts, session.broke.unwrap_or(Unseen::NotAsked), subject, greeting)
        }
        None => CHECK.found(facts, Outcome::Silent, subject, greeting),
    }
}
