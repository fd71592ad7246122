//! # outbound-virus
//!
//! **Objective.** Viruses do not leave the domain.
//!
//! **Evidence.** After a harmless mail came through, its sender attaches a harmless test file and sends it to a second
//! one-time address at /mailtest. What comes there counts only from an address that the domain's SPF record names.
//!
//! **Outcomes.**
//! - `arrived`: the test file came through.
//! - `spam-arrived`: the test line of spam filters did, which few look for in mail that goes out. A note.
//! - `stripped`: its sender says that the test file was sent, and a mail came without it.
//! - `stopped`: nothing came within 10 minutes after its sender said that the test file was sent, while the harmless mail had
//!   come.
//! - `spam-stopped`: its sender says that the test line of spam filters was sent, and it did not come. A note.
//! - Untested without the harmless mail, or where nobody said that the file was sent. Of a file that nobody sent nothing is
//!   said.
//!
//! **Source.** The EICAR anti-malware test file, and GTUBE.

use super::{Check, rows};
use crate::facts::Facts;
use crate::{Finding, Sin, Unseen};

rows! {
    "arrived", Mortal, "The test file left the domain and came to us",
        "Every virus scanner knows this file. What sends it on does not scan mail that goes out, so a machine or account that was taken over can spread what it likes." => ScanOutbound;
    "spam-arrived", Note, "The test line of spam left the domain and came to us",
        "Spam filters know this line. Few servers look for it in mail that goes out, so it says nothing of viruses: try the file that scanners of viruses know, too.";
    "stripped", Clean, "The mail came without the test file",
        "Something on the way out took the file out of the mail.";
    "stopped", Clean, "The test file was stopped, as its sender states",
        "The harmless mail came through; that with the test file, which its sender says was sent, did not within 10 minutes.";
    "spam-stopped", Note, "The test line of spam was stopped, as its sender states",
        "The harmless mail came through, and this line, which its sender says was sent, did not. It says nothing of viruses: those have a test file of their own.";
}

pub(super) const CHECK: Check = Check {
    id: "outbound-virus",
    sin: Sin::NoScanning,
    title: "Scanning of outgoing mail for viruses",
    source: "EICAR anti-malware test file, GTUBE",
    consent: true,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.of_mail(facts, Unseen::NoSample)
}
