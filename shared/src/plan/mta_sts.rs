//! The MTA-STS record of a domain that takes mail, and the policy that it speaks of (RFC 8461
//! section 3). The policy's host is not asked for in DNS: whoever fetches resolves it.

use crate::Inquiry;
use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::syntax::mta_sts;

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    if facts.takes_mail() != Some(true) {
        return;
    }
    wanted.extend(mta_sts::name(facts.domain()).map(|name| Inquiry::dns(&name, RecordType::Txt)));
    if let Ok(Some(url)) = facts.mta_sts_policy() {
        wanted.push(Inquiry::Fetch { url });
    }
}
