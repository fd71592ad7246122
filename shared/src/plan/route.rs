//! Where mail goes: MX, or the domain's own addresses, and the addresses of each target.

use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::{DomainName, Inquiry, Unseen};

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    wanted.push(Inquiry::dns(facts.domain(), RecordType::Mx));
    let without_mx = facts.dns(facts.domain(), RecordType::Mx).is_ok_and(|mx| mx.records.is_empty() && !mx.nxdomain);
    if without_mx {
        addresses(facts.domain(), wanted);
    }
    for target in facts.targets() {
        addresses(&target, wanted);
    }
    if facts.takes_mail() == Some(true) {
        own(facts, wanted);
    }
}

/// Both address families of a name.
pub(super) fn addresses(name: &DomainName, wanted: &mut Vec<Inquiry>) {
    wanted.push(Inquiry::dns(name, RecordType::A));
    wanted.push(Inquiry::dns(name, RecordType::Aaaa));
}

/// Where mail to our own foreign recipient goes: a host that serves it is no relay.
fn own(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    let domain = &facts.case.probe_domain;
    wanted.push(Inquiry::dns(domain, RecordType::Mx));
    if facts.dns(domain, RecordType::Mx).err() == Some(Unseen::Pending) {
        return;
    }
    for target in facts.own_targets() {
        addresses(&target, wanted);
    }
}
