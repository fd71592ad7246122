//! # inbound-gateway
//!
//! **Objective.** Incoming mail is filtered before it reaches mailboxes.
//!
//! **Evidence.** The names of the MX hosts, and their greetings on port 25, against a table of known filters and of
//! providers that filter.
//!
//! **Outcomes.**
//! - `recognised`: mail goes through one of them. A note, never a pass: whether it filters this domain's mail is for its
//!   owner to set.
//! - Untested: none was recognised. Most filters cannot be seen from outside; only a harmless test file shows whether one
//!   is there, and that needs consent.
//!
//! **Source.** The names that providers give in their set-up guides.

use super::Check;
use super::build::{Seen, Subject};
use super::outcomes;
use crate::evidence::Step;
use crate::facts::{Facts, SMTP};
use crate::syntax::gateway;
use crate::{Finding, Sin, Unseen};

outcomes! {
    Recognised = "recognised", Note, "Incoming mail passes a known filter",
        "Whether it filters this domain's mail, and how strictly, is for its owner to set; it cannot be seen from outside.";
}

pub(super) const CHECK: Check = Check {
    id: "inbound-gateway",
    sin: Sin::NoScanning,
    title: "The filter of incoming mail",
    source: "Providers' set-up guides",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    if let Err(findings) = CHECK.of_mail_domain(facts) {
        return findings;
    }
    let mut named: Vec<(&str, Seen)> = Vec::new();
    let mut add = |name, seen: Seen| match named.iter_mut().find(|(known, _)| *known == name) {
        Some((_, known)) => *known = known.clone().and(seen),
        None => named.push((name, seen)),
    };
    for target in facts.targets() {
        if let Some(name) = gateway::of_name(target.as_str()) {
            add(name, Seen::text(format!("MX {target}")));
        }
    }
    for host in facts.hosts().0 {
        let greeting = facts.survey(host.address, SMTP).ok().and_then(|session| session.step(Step::Greeting));
        let text = greeting.and_then(|greeting| greeting.reply.as_ref()).map(|reply| reply.lines.join(" "));
        if let Some((name, word)) = text.and_then(|text| gateway::of_text(&text)) {
            add(name, Seen::exchanges(greeting).mark_folded(word));
        }
    }
    let subject = Subject::Domain;
    if named.is_empty() {
        let targets: Vec<String> = facts.targets().iter().map(|target| format!("MX {target}")).collect();
        return vec![CHECK.untested(facts, Unseen::NeedsConsent, &subject, Seen::text(targets.join("\n")))];
    }
    let of = |(name, seen)| {
        let mut finding = CHECK.found(facts, Outcome::Recognised, &subject, seen);
        finding.title = format!("Incoming mail passes {name}");
        finding
    };
    named.into_iter().map(of).collect()
}
