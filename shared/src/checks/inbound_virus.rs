//! # inbound-virus
//!
//! **Objective.** Viruses do not reach mailboxes.
//!
//! **Evidence.** By consent (`allow=samples`): a clean message to the mailbox that the domain's record names, then the harmless
//! test file that every scanner knows, one message each: attached, in a ZIP archive, in one inside another, named as a
//! picture, and inline in Base64. A refusal is seen; where a message went that was taken, the domain's owner states.
//!
//! **Outcomes.**
//! - `refused`: each of them, while it was handed over.
//! - `stopped`: those that were taken reached nobody, as the owner states.
//! - `marked`: some lie in the junk folder, and the clean message does not. Note.
//! - `some-delivered`: some were delivered like the clean message, as the owner states. Venial.
//! - `delivered`: all of them. Mortal.
//! - Untested: the domain has not consented, the clean message was not taken or did not arrive, or its owner has not said where
//!   the others went.
//!
//! **Source.** The EICAR anti-malware test file.

use super::build::Subject;
use super::samples::{End, end, seen};
use super::{Check, outcomes};
use crate::facts::{Facts, Host};
use crate::grant::Sample;
use crate::{Finding, Sin, Unseen};

outcomes! {
    Refused = "refused", Clean, "Viruses are refused",
        "The server refused each form of the test file while it was handed over, so that its sender knows.";
    Stopped = "stopped", Clean, "Viruses are stopped",
        "None of the test files that the server took reached a mailbox, as the domain's owner states.";
    Marked = "marked", Note, "Viruses go to the junk folder",
        "Some of the test files lie in the junk folder, as the domain's owner states: one click away from who is curious.";
    SomeDelivered = "some-delivered", Venial, "Some viruses are delivered",
        "Some forms of the test file were delivered like any other message, as the domain's owner states. Those who send viruses try all of them." => ScanMail;
    Delivered = "delivered", Mortal, "Viruses are delivered",
        "Every form of the test file was delivered like any other message, as the domain's owner states. Nothing looks for viruses here." => ScanMail;
}

pub(super) const CHECK: Check = Check {
    id: "inbound-virus",
    sin: Sin::NoScanning,
    title: "Scanning of incoming mail for viruses",
    source: "EICAR anti-malware test file",
    consent: true,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_opened(facts, |host, subject| finding(facts, host, subject))
}

fn finding(facts: &Facts<'_>, host: &Host, subject: &Subject) -> Result<Finding, Unseen> {
    let ends: Vec<_> = Sample::VIRUSES.iter().map(|sample| end(facts, host.address, *sample)).collect();
    let all = |want: End| ends.iter().all(|end| *end == Ok(want));
    let any = |want: End| ends.contains(&Ok(want));
    let outcome = if all(End::Delivered) {
        Outcome::Delivered
    } else if any(End::Delivered) {
        Outcome::SomeDelivered
    } else if let Some(why) = ends.iter().find_map(|end| end.err()) {
        return Err(why);
    } else if any(End::Marked) {
        Outcome::Marked
    } else if any(End::Stopped) {
        Outcome::Stopped
    } else {
        Outcome::Refused
    };
    Ok(CHECK.found(facts, outcome, subject, seen(facts, host.address, &Sample::VIRUSES)))
}
