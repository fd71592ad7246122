//! The zone of the domain: its SOA and NS records.

use std::collections::BTreeSet;

use crate::Inquiry;
use crate::facts::Facts;
use crate::inquiry::RecordType;

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut BTreeSet<Inquiry>) {
    wanted.extend([RecordType::Soa, RecordType::Ns].map(|record| Inquiry::dns(facts.domain(), record)));
}
