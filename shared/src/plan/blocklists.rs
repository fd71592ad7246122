//! The entries of mail hosts in DNS blocklists, and what shows that a list works (RFC 5782).

use crate::Inquiry;
use crate::facts::{Facts, entry_name, entry_names};
use crate::inquiry::RecordType;

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    for list in facts.blocklists() {
        for address in facts.listable() {
            let names = entry_names(list, address);
            wanted.extend(names.into_iter().map(|name| Inquiry::dns(&name, RecordType::A)));
            // Why it is listed (RFC 5782 section 2.1).
            if facts.is_listed(list, address) == Ok(true) {
                wanted.extend(entry_name(list, address).map(|name| Inquiry::dns(&name, RecordType::Txt)));
            }
        }
    }
}
