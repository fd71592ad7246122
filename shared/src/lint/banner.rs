//! What a server's text discloses, as faults.

use super::Kind;
use crate::disclosure::{Protocol, Told, What, told};
use crate::syntax::{Bad, Fault};

const PRODUCT: Bad = ("product", "This names the software.");
const VERSION: Bad =
    ("version", "This tells the exact version: attackers look for it when a hole in that version becomes known.");
const OS: Bad = ("os", "This names the operating system or distribution.");
const INTERNAL: Bad = ("internal-name", "This is a name of the inner network.");
const BARE: Bad = ("bare-name", "This is a host's name without its domain (RFC 5321 section 4.1.2 wants all of it).");
const ADDRESS: Bad = ("internal-address", "This is an address of the inner network.");
const LOOPBACK: Bad = ("loopback-address", "This is the host's address for itself.");

/// What a text discloses, if its kind is one of servers' texts.
pub fn disclosed(kind: Kind, text: &str) -> Option<Told> {
    let protocol = match kind {
        Kind::SmtpBanner => Protocol::Smtp,
        Kind::ImapBanner => Protocol::Imap,
        Kind::Pop3Banner => Protocol::Pop3,
        _ => return None,
    };
    Some(told(protocol, text))
}

pub(super) fn faults(kind: Kind, text: &str) -> Vec<Fault> {
    let spans = disclosed(kind, text).map(|told| told.spans).unwrap_or_default();
    let bad = |what| match what {
        What::Product => PRODUCT,
        What::Version => VERSION,
        What::Os => OS,
        What::InternalName => INTERNAL,
        What::BareName => BARE,
        What::InternalAddress => ADDRESS,
        What::Loopback => LOOPBACK,
    };
    spans.into_iter().map(|span| Fault::new(bad(span.what), span.start, span.end)).collect()
}
