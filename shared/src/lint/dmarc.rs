//! What is wrong with a DMARC record (RFC 9989 section 4.7).

use super::version;
use crate::syntax::dmarc::{BAD_POLICY, parse};
use crate::syntax::{Bad, Fault, parts};

const NO_POLICY: Bad = (
    "missing-policy",
    "Without p receivers take the record for p=none (RFC 9989 section 4.7); only one that agrees to take the reports of others needs none.",
);
const UNUSABLE: Bad = (
    "unusable-policy",
    "The policies are none, quarantine and reject, and with neither those nor a usable rua receivers ignore the record (RFC 9989 section 4.7).",
);
const COMMA: Bad =
    ("comma-for-semicolon", "Tags are parted by semicolons: what stands behind the comma is part of this value.");

const SLASHES: Bad = ("mailto-slashes", "An address stands right behind mailto: (RFC 6068 section 2).");
const LEADING_SPACE: Bad =
    ("bad-version", "Nothing may stand before v=DMARC1, not even a space (RFC 9989 section 4.7).");

pub(super) fn faults(text: &str) -> Vec<Fault> {
    let says = parse(text);
    let ignored = says.has_bad_policy() && says.aggregate.is_empty();
    let mut faults = says.faults;
    for fault in faults.iter_mut().filter(|fault| ignored && fault.code == BAD_POLICY) {
        *fault = Fault::new(UNUSABLE, fault.start, fault.end);
    }
    if says.policy.is_none() {
        faults.push(Fault::new(NO_POLICY, text.len(), text.len()));
    }
    let space = text.len() - text.trim_start().len();
    if (1..text.len()).contains(&space) {
        faults.push(Fault::new(LEADING_SPACE, 0, space));
    }
    for (start, part) in parts(text, ';').skip(1) {
        let tag = part.split('=').next().unwrap_or("").trim();
        if let Some(at) = part.find("mailto://") {
            faults.push(Fault::new(SLASHES, start + at, start + at + 9));
        }
        // In lists of addresses commas are right.
        if !tag.eq_ignore_ascii_case("rua")
            && !tag.eq_ignore_ascii_case("ruf")
            && let Some(at) = part.find(',')
        {
            faults.push(Fault::new(COMMA, start + at, start + at + 1));
        }
    }
    version::with(text, &version::DMARC, faults)
}
