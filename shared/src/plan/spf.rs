//! The TXT records of the domain, where its SPF record is (RFC 7208 section 3.1).

use std::collections::BTreeSet;

use crate::Inquiry;
use crate::facts::Facts;
use crate::inquiry::RecordType;

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut BTreeSet<Inquiry>) {
    wanted.insert(Inquiry::dns(facts.domain(), RecordType::Txt));
}
