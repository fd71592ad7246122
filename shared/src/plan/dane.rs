//! The TLSA records of the preferred MX targets (RFC 7672 section 2.2.3), signed or not.

use super::dnssec::unchecked;
use crate::facts::{Dane, Facts, Trust};
use crate::inquiry::RecordType;
use crate::{DomainName, Inquiry};

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    for target in facts.dane_targets() {
        let Ok(Some(bases)) = facts.dane_bases(&target) else {
            continue;
        };
        for name in bases.names {
            wanted.push(Inquiry::dns(&name, RecordType::Tlsa));
            if bases.secure {
                unchecked(facts, &name, RecordType::Tlsa, wanted);
            }
            match facts.trust(&name, RecordType::Tlsa) {
                Ok(Trust::Secure(answer)) if answer.records.is_empty() => {}
                Ok(Trust::Insecure(_)) => {}
                _ => break,
            }
        }
        if let Ok(Some(Dane::Unsigned(..))) = facts.dane(&target) {
            // Whether the resolver checks signatures at all: nearly every top-level domain is signed.
            let top = facts.domain().as_str().rsplit('.').next().unwrap_or_default();
            wanted.extend(DomainName::new(top).map(|top| Inquiry::dns(&top, RecordType::Soa)));
        }
    }
}
