//! Whether the domain of a name that leads to nowhere exists, and the names that mail programs look
//! up of themselves.

use crate::Inquiry;
use crate::facts::{Facts, NAMES};
use crate::inquiry::RecordType;

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    if facts.takes_mail() == Some(true) {
        let names = NAMES.into_iter().filter_map(|label| facts.domain().under(label));
        wanted.extend(names.map(|name| Inquiry::dns(&name, RecordType::A)));
    }
    for lead in facts.leads_to_nowhere() {
        wanted.extend(lead.questions().into_iter().flatten().map(|name| Inquiry::dns(&name, RecordType::Ns)));
    }
}
