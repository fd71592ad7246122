//! What came for a test of outgoing mail, and what DNS says of whoever handed it over.

use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::plan::route::addresses;
use crate::{DomainName, Inquiry};

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    if facts.case.mail {
        wanted.push(Inquiry::Mail);
    }
    let Some(sender) = facts.sender() else { return };
    wanted.push(Inquiry::dns(&DomainName::reverse(sender.address), RecordType::Ptr));
    for name in facts.pointers(sender.address).unwrap_or_default().into_iter().chain(facts.sender_name()) {
        addresses(&name, wanted);
    }
}
