//! Bogus told from dead: where a resolver that checks signatures fails, the same question again
//! without a look at them (RFC 4035 section 3.2.2).

use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::{DomainName, Inquiry, Unseen};

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    for record in [RecordType::Mx, RecordType::Txt, RecordType::A, RecordType::Aaaa] {
        unchecked(facts, facts.domain(), record, wanted);
    }
    for target in facts.dane_targets() {
        for record in [RecordType::A, RecordType::Aaaa] {
            unchecked(facts, &target, record, wanted);
        }
    }
}

/// Asks without checks, if the question with them was answered by SERVFAIL.
pub(super) fn unchecked(facts: &Facts<'_>, name: &DomainName, record: RecordType, wanted: &mut Vec<Inquiry>) {
    if matches!(facts.dns(name, record), Err(Unseen::ServFail | Unseen::Bogus)) {
        wanted.push(Inquiry::unchecked(name, record));
    }
}
