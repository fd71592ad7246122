//! # banner-version
//!
//! **Objective.** The server does not tell strangers exactly what to attack.
//!
//! **Evidence.** The greeting and the replies to EHLO, HELP and QUIT on ports 25 and 587 of each
//! MX address; and the greeting, farewell, ID and IMPLEMENTATION of IMAP, POP3 and ManageSieve, on ports
//! 143, 110 and 4190 of the hosts where people reach their mail.
//!
//! **Outcomes.**
//! - `version`: an exact version or patch level of the software. Mortal.
//! - `system`: the operating system or distribution. Venial.
//! - `product`: only the product's name. A note.
//! - `silent`: none of these.
//! - Untested: none of these, but the server did not take our EHLO.
//!
//! **Source.** CWE-200; RFC 5321 section 7.4 allows to withhold it.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{LineSession, SmtpSession, Step};
use crate::facts::{Facts, IMAP, POP, SIEVE};
use crate::syntax::banner::{Kind, disclosures};
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
    let mut findings = CHECK.at_each_port(facts, |_, session, subject| vec![finding(facts, session, subject)]);
    findings.extend(CHECK.at_each_client(facts, &[IMAP, POP, SIEVE], |_, session, subject| client(facts, session, subject)));
    if findings.len() > 1 && findings.iter().all(|finding| finding.subject == facts.domain().as_str()) {
        findings.truncate(1);
    }
    findings
}

/// The same from what a server says over IMAP, POP3 or ManageSieve.
fn client(facts: &Facts<'_>, session: &LineSession, subject: &Subject) -> Finding {
    let mut worst: Option<(Kind, Seen)> = None;
    for (line, words) in session.told() {
        let told = disclosures(words);
        let Some(kind) = told.iter().map(|disclosure| disclosure.kind).max() else {
            continue;
        };
        if worst.as_ref().is_none_or(|(known, _)| kind > *known) {
            let parts = told.iter().filter_map(|disclosure| words.get(disclosure.start..disclosure.end));
            worst = Some((kind, parts.fold(Seen::text(line), Seen::mark)));
        }
    }
    let greeting = Seen::lines(session.exchanges.first());
    match worst {
        Some((kind, seen)) => CHECK.found(facts, outcome(kind), subject, seen),
        None if session.exchanges.len() == 1 => {
            CHECK.untested(facts, session.broke.unwrap_or(Unseen::NotAsked), subject, greeting)
        }
        None => CHECK.found(facts, Outcome::Silent, subject, greeting),
    }
}

const fn outcome(kind: Kind) -> Outcome {
    match kind {
        Kind::Version => Outcome::Version,
        Kind::Os => Outcome::System,
        Kind::Product => Outcome::Product,
    }
}

fn finding(facts: &Facts<'_>, session: &SmtpSession, subject: &Subject) -> Finding {
    let mut worst: Option<(Kind, Seen)> = None;
    for exchange in session.exchanges.iter().filter(|e| matches!(e.step, Step::Greeting | Step::Ehlo | Step::Helo | Step::Help | Step::Quit)) {
        for line in exchange.reply.iter().flat_map(|reply| reply.wire()) {
            let told = disclosures(&line);
            let Some(kind) = told.iter().map(|disclosure| disclosure.kind).max() else {
                continue;
            };
            if worst.as_ref().is_none_or(|(known, _)| kind > *known) {
                let parts = told.iter().filter_map(|disclosure| line.get(disclosure.start..disclosure.end));
                worst = Some((kind, parts.fold(Seen::text(line.clone()), Seen::mark)));
            }
        }
    }
    match worst {
        Some((kind, seen)) => {
            CHECK.found(facts, outcome(kind), subject, seen)
        }
        None => match session.hello() {
            // A server that hung up at its greeting has said too little to be called silent.
            Err(why) => CHECK.untested(facts, why, subject, Seen::step(session, Step::Greeting)),
            Ok(_) => CHECK.found(facts, Outcome::Silent, subject, Seen::step(session, Step::Greeting)),
        },
    }
}
