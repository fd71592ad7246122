//! # inbound-spam
//!
//! **Objective.** Incoming mail is looked at for spam.
//!
//! **Evidence.** By consent (`allow=samples`): a clean message to the mailbox that the domain's record names, then one with the
//! test text of spam filters. A refusal is seen; where it went if it was taken, the domain's owner states.
//!
//! **Outcomes.**
//! - `refused`: while it was handed over.
//! - `stopped`: it went to the junk folder or reached nobody, as the owner states.
//! - `delivered`: like the clean message, as the owner states. Note: not every filter knows the text.
//! - `filter-delivered`: the same where the server's own words name a filter that does know it. Venial.
//! - Untested: the domain has not consented, the clean message was not taken or did not arrive, or its owner has not said where
//!   the other went.
//!
//! **Source.** The Generic Test for Unsolicited Bulk Email (GTUBE).

use super::build::{Seen, Subject};
use super::samples::{End, end, seen};
use super::{Check, outcomes};
use crate::facts::{Facts, Host, SMTP, delivered};
use crate::grant::Sample;
use crate::syntax::gateway;
use crate::{Finding, Sin, Unseen};

outcomes! {
    Refused = "refused", Clean, "Spam is refused",
        "The server refused the test text while it was handed over, so that its sender knows.";
    Stopped = "stopped", Clean, "Spam is kept apart",
        "The test text went to the junk folder or reached nobody, as the domain's owner states.";
    Delivered = "delivered", Note, "The test text of spam is delivered",
        "It was delivered like any other message, as the domain's owner states. SpamAssassin, rspamd and those built on them know it; a filter that does not may be as good.";
    FilterDelivered = "filter-delivered", Venial, "The spam filter lets its test text through",
        "The server's words name a filter that knows the test text, and it was delivered like any other message, as the domain's owner states: the filter does not look at this mail." => ScanMail;
}

pub(super) const CHECK: Check = Check {
    id: "inbound-spam",
    sin: Sin::NoScanning,
    title: "Scanning of incoming mail for spam",
    source: "GTUBE",
    consent: true,
    outcomes: ROWS,
    judge,
};

/// Filters that know the test text, as [`gateway`] names them.
const KNOW_IT: [&str; 2] = ["rspamd", "Proxmox Mail Gateway"];

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_opened(facts, |host, subject| finding(facts, host, subject))
}

fn finding(facts: &Facts<'_>, host: &Host, subject: &Subject) -> Result<Finding, Unseen> {
    let said = seen(facts, host.address, &[Sample::Gtube]);
    let (outcome, said) = match (end(facts, host.address, Sample::Gtube)?, filter(facts, host)) {
        (End::Refused, _) => (Outcome::Refused, said),
        (End::Stopped | End::Marked, _) => (Outcome::Stopped, said),
        (End::Delivered, None) => (Outcome::Delivered, said),
        (End::Delivered, Some(words)) => (Outcome::FilterDelivered, said.and(words)),
    };
    Ok(CHECK.found(facts, outcome, subject, said))
}

/// The words that name a filter which knows the text: in the greeting, or in a reply to another sample.
fn filter(facts: &Facts<'_>, host: &Host) -> Option<Seen> {
    let greeting = facts.survey(host.address, SMTP).into_iter().flat_map(|session| session.exchanges.first());
    let others = Sample::VIRUSES.into_iter().filter_map(|sample| facts.delivery(host.address, sample).ok());
    let replies = others.flat_map(|(session, _)| delivered(session));
    greeting.chain(replies).find_map(|exchange| {
        let (name, word) = gateway::of_text(&exchange.reply.as_ref()?.lines.join(" "))?;
        KNOW_IT.contains(&name).then(|| Seen::exchanges([exchange]).mark_folded(word))
    })
}
