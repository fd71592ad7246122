//! The DMARC records that decide: the domain's own, else those of the tree walk (RFC 9989
//! section 4.10); and whether other hosts take the reports (RFC 9990, Verifying External Destinations).

use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::syntax::dmarc::walk;
use crate::{DomainName, Inquiry};

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    record(facts.domain(), wanted);
    // The parents matter only to a domain that is known to have no record.
    if facts.dmarc_at(facts.domain()).is_ok_and(|own| own.is_empty()) {
        whole_walk(facts.domain(), wanted);
    }
    let Ok(Some(published)) = facts.dmarc() else {
        return;
    };
    for host in published.report_hosts() {
        wanted.extend(published.report_name(host).map(|name| Inquiry::dns(&name, RecordType::Txt)));
        // A host that does not agree may be of the same organization.
        if facts.agrees_to_reports(&published, host) == Ok(false) {
            whole_walk(&published.at, wanted);
            whole_walk(host, wanted);
        }
    }
}

/// The record of each domain on the walk, all at once: it seldom ends before the top.
fn whole_walk(start: &DomainName, wanted: &mut Vec<Inquiry>) {
    for domain in walk(start) {
        record(&domain, wanted);
    }
}

fn record(domain: &DomainName, wanted: &mut Vec<Inquiry>) {
    wanted.extend(domain.under("_dmarc").map(|name| Inquiry::dns(&name, RecordType::Txt)));
}
