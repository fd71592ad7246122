//! The DMARC records that decide: the domain's own, else those of the tree walk (RFC 9989
//! section 4.10).

use std::collections::BTreeSet;

use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::syntax::dmarc::walk;
use crate::{DomainName, Inquiry};

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut BTreeSet<Inquiry>) {
    record(facts.domain(), wanted);
    // The parents matter only to a domain that is known to have no record.
    if facts.dmarc_at(facts.domain()).is_ok_and(|own| own.is_empty()) {
        whole_walk(facts.domain(), wanted);
    }
}

/// The record of each domain on the walk, all at once: it seldom ends before the top.
fn whole_walk(start: &DomainName, wanted: &mut BTreeSet<Inquiry>) {
    for domain in walk(start) {
        record(&domain, wanted);
    }
}

fn record(domain: &DomainName, wanted: &mut BTreeSet<Inquiry>) {
    wanted.extend(domain.under("_dmarc").map(|name| Inquiry::dns(&name, RecordType::Txt)));
}
