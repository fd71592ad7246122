//! Conversations with each mail host, after asking whether its operator minds.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::evidence::{SmtpSession, Step};
use crate::facts::{Facts, SMTP, SUBMISSION};
use crate::inquiry::{RecordType, Script};
use crate::plan::route::addresses;
use crate::syntax::ehlo;
use crate::{DomainName, Inquiry};

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut BTreeSet<Inquiry>) {
    for host in facts.hosts().0 {
        wanted.insert(Inquiry::dns(&DomainName::reverse(host.address), RecordType::Ptr));
        for name in facts.pointers(host.address).unwrap_or_default() {
            addresses(&name, wanted);
        }
        for name in facts.opt_out_names(host.address).unwrap_or_default() {
            wanted.insert(Inquiry::dns(&name, RecordType::Txt));
        }
        if facts.opted_out(host.address) == Ok(false) {
            conversations(facts, host.address, wanted);
        }
    }
}

fn conversations(facts: &Facts<'_>, address: IpAddr, wanted: &mut BTreeSet<Inquiry>) {
    let Ok(name) = facts.tls_name(address) else {
        return;
    };
    for port in [SMTP, SUBMISSION] {
        let host = Some(name.clone());
        wanted.insert(Inquiry::Probe { address, port, host, script: Script::SmtpSurvey });
        let Ok(survey) = facts.survey(address, port) else {
            continue;
        };
        for name in said_names(survey) {
            addresses(&name, wanted);
        }
    }
    wanted.extend(facts.recipients_inquiry(address));
}

/// The names that a server calls itself, in its greeting and in its reply to EHLO.
fn said_names(session: &SmtpSession) -> Vec<DomainName> {
    [Step::Greeting, Step::Ehlo, Step::Helo]
        .into_iter()
        .filter_map(|step| session.reply(step).ok())
        .filter_map(|(_, reply)| ehlo::server_name(reply))
        .filter_map(|name| DomainName::new(name).ok())
        .filter(|name| name.labels() > 1)
        .collect()
}
