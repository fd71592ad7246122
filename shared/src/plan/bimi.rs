//! The BIMI record of a domain that sends mail, and the logo and certificate that it names. Their
//! hosts are not asked for in DNS: whoever fetches resolves it.

use crate::Inquiry;
use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::syntax::bimi;

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    wanted.extend(bimi::name(facts.domain()).map(|name| Inquiry::dns(&name, RecordType::Txt)));
    let Ok(names) = facts.bimi_names() else { return };
    // The parent's record matters only to a domain that is known to have none.
    for name in &names {
        wanted.push(Inquiry::dns(name, RecordType::Txt));
        if !facts.dns(name, RecordType::Txt).is_ok_and(|answer| bimi::records(answer).is_empty()) {
            break;
        }
    }
    wanted.extend(facts.bimi_documents().unwrap_or_default().into_iter().map(|url| Inquiry::Fetch { url }));
}
