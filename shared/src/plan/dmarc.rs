//! The DMARC record: at the domain, else by the tree walk (RFC 9989 section 4.10).

use std::collections::BTreeSet;

use crate::Inquiry;
use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::syntax::dmarc::walk;

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut BTreeSet<Inquiry>) {
    for name in walk(facts.domain()) {
        wanted.insert(Inquiry::dns(&name, RecordType::Txt));
        match facts.dns(&name, RecordType::Txt) {
            // The walk goes on only past a name that is known to have no record.
            Ok(answer) if crate::syntax::dmarc::records(answer).is_empty() => {}
            _ => return,
        }
    }
}
