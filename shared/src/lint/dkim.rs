//! What is wrong with a DKIM key record: its form, and the strength of its key.

use crate::syntax::dkim::{Kind, parse};
use crate::syntax::{Bad, Fault};

const SHORT: Bad = ("short-key", "Receivers must not accept RSA keys under 1024 bits (RFC 8301 section 3.2).");
const WEAK: Bad = ("weak-key", "RSA keys should have 2048 bits or more (RFC 8301 section 3.2).");
const LONG: Bad = ("long-key", "Receivers need not know RSA keys over 4096 bits (RFC 8301 section 3.2).");
const REVOKED: Bad = ("revoked", "An empty key is revoked: what it signed fails (RFC 6376 section 3.6.1).");
const TESTING: Bad = ("testing", "t=y marks a test: receivers treat such mail as unsigned (RFC 6376 section 3.6.1).");

/// The check dkim-key judges keys by the same sizes.
pub(super) fn faults(text: &str) -> Vec<Fault> {
    let key = parse(text);
    let strength = match key.kind {
        Some(Kind::Rsa { bits: ..1024 }) => Some(SHORT),
        Some(Kind::Rsa { bits: 1024..2048 }) => Some(WEAK),
        Some(Kind::Rsa { bits: 4097.. }) => Some(LONG),
        _ => key.revoked.then_some(REVOKED),
    };
    let testing = key.testing.then_some(TESTING);
    let told = [(strength, key.key_at), (testing, key.flags_at)];
    let told = told.into_iter().filter_map(|(bad, (start, end))| bad.map(|bad| Fault::new(bad, start, end)));
    key.faults.into_iter().chain(told).collect()
}
