//! The hosts that mail programs find: by SRV (RFC 6186, RFC 8314), in the documents of autoconfig, by names that mail servers
//! usually have, and those that the person who asks named; then what they say. The address of `autoconfig.` is asked for
//! with those of other names that may lead to nowhere.

use std::net::IpAddr;

use super::hosts::{may_be_asked, offers, survey};
use super::route::addresses;
use crate::evidence::Target;
use crate::facts::{Client, Facts, IMAP, IMAPS, POP, POPS, SERVICES, SIEVE, SMTP, SUBMISSION, SUBMISSIONS, Source};
use crate::inquiry::RecordType;
use crate::syntax::consent;
use crate::{DomainName, Inquiry};

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    if facts.takes_mail() == Some(true) {
        names(facts, wanted);
    }
    for (name, _) in facts.client_names().unwrap_or_default() {
        addresses(name, wanted);
    }
    for client in &facts.clients().0 {
        if may_be_asked(facts, client.host.address, wanted) {
            conversations(facts, client, wanted);
        }
    }
}

/// The questions that lead to hosts.
fn names(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    let services = SERVICES.into_iter().filter_map(|service| facts.srv_name(service));
    let all: Vec<DomainName> = services.chain(facts.made_up_service()).collect();
    wanted.extend(all.iter().map(|name| Inquiry::dns(name, RecordType::Srv)));
    for record in SERVICES.into_iter().filter_map(|service| facts.srv(service).ok()).flatten() {
        if let Target::Name(name) = record.target {
            addresses(name, wanted);
        }
    }
    let hosts = facts.guesses().chain(facts.made_up_name()).chain([facts.domain().clone()]);
    wanted.extend(hosts.map(|name| Inquiry::dns(&name, RecordType::A)));
    wanted.extend(consent::name(facts.domain()).map(|name| Inquiry::dns(&name, RecordType::Txt)));
    let documents = facts.autoconfig_places().unwrap_or_default();
    wanted.extend(documents.into_iter().map(|url| Inquiry::Fetch { url }));
}

fn conversations(facts: &Facts<'_>, client: &Client, wanted: &mut Vec<Inquiry>) {
    let address = client.host.address;
    if client.source == Source::Named {
        survey(facts, address, SMTP, wanted);
    }
    survey(facts, address, SUBMISSION, wanted);
    survey(facts, address, SUBMISSIONS, wanted);
    let ports = [IMAP, IMAPS, POP, POPS].into_iter().chain(has_sieve(facts, address).then_some(SIEVE));
    for port in ports {
        wanted.extend(facts.lines_inquiry(address, port));
        offers(facts, address, port, wanted);
    }
    wanted.extend([IMAP, POP, SIEVE].into_iter().filter_map(|port| facts.lines_injection_inquiry(address, port).ok()));
}

/// Filters are kept where the mailboxes are.
fn has_sieve(facts: &Facts<'_>, address: IpAddr) -> bool {
    [IMAP, IMAPS].iter().any(|port| facts.lines(address, *port).is_ok())
        || facts.srv("_sieve").is_ok_and(|records| !records.is_empty())
}
