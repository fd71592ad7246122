//! # inbound-virus
//!
//! **Objective.** Viruses do not reach mailboxes.
//!
//! **Evidence.** None without consent: the only way to see it is to send a harmless test file.
//!
//! **Outcomes.**
//! - Untested: the domain has not consented.
//!
//! **Source.** The EICAR anti-malware test file.

use super::Check;
use super::build::{Seen, Subject};
use crate::facts::Facts;
use crate::{Finding, Sin, Unseen};

pub(super) const CHECK: Check = Check {
    id: "inbound-virus",
    sin: Sin::NoScanning,
    title: "Scanning of incoming mail for viruses",
    source: "EICAR anti-malware test file",
    consent: true,
    outcomes: &[],
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.takes_mail() == Some(false) {
        return Vec::new();
    }
    vec![CHECK.untested(facts, Unseen::NeedsConsent, &Subject::Domain, Seen::default())]
}
