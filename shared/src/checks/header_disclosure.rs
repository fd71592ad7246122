//! # header-disclosure
//!
//! **Objective.** The header of the domain's mail tells strangers nothing of what is inside.
//!
//! **Evidence.** A mail that an address which the domain's SPF record names sent to a one-time address at /mailtest:
//! Received below the topmost, Message-ID, X-Originating-IP and the like, and fields in which programs and filters speak of
//! themselves. A report says in which fields it was found; the text stands on the page of the test only, for a day.
//!
//! **Outcomes.**
//! - `silent`: nothing of that.
//! - `inner-hosts`, `inner-message-id`: names or private addresses of an inner network of the domain's own. `provider-hosts`:
//!   those of the provider that sends for it, which it cannot change.
//! - `origin-address`: the address that the message was written at.
//! - `software`: a program with its version. `filter-details`: which rules a filter went by, and its score.
//!
//! **Source.** RFC 5321 section 7.6 and 7.2.

use super::{Check, rows};
use crate::facts::Facts;
use crate::{Finding, Sin, Unseen};

rows! {
    "silent", Clean, "The header tells nothing of what is inside",
        "No name or address of an inner network, no version, no address of the author's machine.";
    "inner-hosts", Venial, "Received fields name hosts or addresses of an inner network",
        "Whoever gets a mail of the domain learns how its network is named and numbered." => HideHops;
    "inner-message-id", Venial, "The Message-ID names a host of an inner network",
        "Whoever gets a mail of the domain learns the name of a machine inside." => HideHops;
    "provider-hosts", Note, "The header names inner hosts of the provider",
        "They are of whoever sends for the domain, and not the domain's to change.";
    "origin-address", Note, "The header tells the address that the message was written at",
        "Whoever gets a mail learns from which network its author wrote it, often from home." => HideHops;
    "software", Note, "The header tells software and its version",
        "Whoever looks for weak spots learns which program, and how old it is." => HideHops;
    "filter-details", Note, "The header tells which rules the outgoing filter goes by",
        "Spammers who write through the same server learn what to avoid." => HideHops;
}

pub(super) const CHECK: Check = Check {
    id: "header-disclosure",
    sin: Sin::BannerDisclosure,
    title: "What the header of outgoing mail tells",
    source: "RFC 5321 sections 7.2 and 7.6",
    consent: true,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.of_mail(facts, Unseen::ForeignMail)
}
