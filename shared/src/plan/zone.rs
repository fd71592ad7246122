//! The zone of the domain: its SOA and NS records, and the addresses of its name servers until two
//! networks are seen.

use crate::Inquiry;
use crate::facts::Facts;
use crate::inquiry::RecordType;

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    wanted.extend([RecordType::Soa, RecordType::Ns].map(|record| Inquiry::dns(facts.domain(), record)));
    wanted.extend(facts.name_server_questions());
}
