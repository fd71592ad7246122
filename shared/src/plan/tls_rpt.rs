//! The TLS reporting record of a domain that takes mail (RFC 8460 section 3).

use crate::Inquiry;
use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::syntax::tls_rpt;

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    if facts.takes_mail() == Some(true) {
        wanted.extend(tls_rpt::name(facts.domain()).map(|name| Inquiry::dns(&name, RecordType::Txt)));
    }
}
