//! Conversations with each mail host, after asking whether its operator minds.

use std::net::IpAddr;

use crate::evidence::{Offer, SmtpSession, Step};
use crate::facts::{Facts, SMTP, SUBMISSION, SUBMISSIONS};
use crate::inquiry::RecordType;
use crate::plan::route::addresses;
use crate::syntax::ehlo;
use crate::{DomainName, Inquiry, Unseen};

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    for host in facts.hosts().0 {
        if may_be_asked(facts, host.address, wanted) {
            for port in [SMTP, SUBMISSION, SUBMISSIONS] {
                survey(facts, host.address, port, wanted);
            }
        }
    }
}

/// Asks whether the operator of an address minds; says whether it is known that nobody does.
pub(super) fn may_be_asked(facts: &Facts<'_>, address: IpAddr, wanted: &mut Vec<Inquiry>) -> bool {
    wanted.push(Inquiry::dns(&DomainName::reverse(address), RecordType::Ptr));
    for name in facts.pointers(address).unwrap_or_default() {
        addresses(&name, wanted);
    }
    for name in facts.opt_out_names(address).unwrap_or_default() {
        wanted.push(Inquiry::dns(&name, RecordType::Txt));
    }
    facts.opted_out(address) == Ok(false)
}

/// What a host says of itself over SMTP, on port 25 which recipients it takes, and which old versions and
/// weak ciphers of TLS: four conversations with a port at most, one after another.
pub(super) fn survey(facts: &Facts<'_>, address: IpAddr, port: u16, wanted: &mut Vec<Inquiry>) {
    // Older reports hold another survey of submission: that is not asked anew.
    if facts.survey(address, port).err() == Some(Unseen::Pending) {
        wanted.extend(facts.survey_inquiry(address, port));
    }
    let Ok(survey) = facts.survey(address, port) else {
        return offers(facts, address, port, wanted);
    };
    for name in said_names(survey) {
        addresses(&name, wanted);
    }
    // They come last, with what the others left of the budget of refusals.
    let others_asked =
        [SUBMISSION, SUBMISSIONS].iter().all(|port| facts.survey(address, *port).err() != Some(Unseen::Pending));
    if port == SMTP && others_asked {
        wanted.extend(facts.recipients_inquiry(address));
        wanted.extend(facts.again_inquiry(address).ok().filter(|_| facts.case.again.is_some()));
    }
    offers(facts, address, port, wanted);
    wanted.extend(facts.injection_inquiry(address, port));
}

/// What a port makes of old and weak offers of TLS.
pub(super) fn offers(facts: &Facts<'_>, address: IpAddr, port: u16, wanted: &mut Vec<Inquiry>) {
    let both = [Offer::Old, Offer::Weak].map(|offer| facts.hello_inquiry(address, port, offer));
    wanted.extend(both.into_iter().flatten());
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
