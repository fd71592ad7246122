//! # role-names
//!
//! **Objective.** Someone reads mail to the usual role names, and to the contact that the domain's zone names.
//!
//! **Evidence.** RCPT for hostmaster, security, webmaster and noc at the checked domain at each MX address, beside a
//! made-up recipient as control; and for the mailbox of the SOA record, where that is at the domain itself. They
//! are asked for only where the made-up one was refused, as far as the budget of refusals lasts.
//!
//! **Outcomes.**
//! - `accepted`: all of them are taken.
//! - `refused`: one or more of the four names are refused. A note: who offers no such service needs no such name. Not of
//!   a domain that is part of another, by its DMARC record: these names belong to the organization.
//! - `contact-refused`: the mailbox of the SOA record is refused. Venial.
//! - Untested: the control is taken too, the server would not talk to us, or it had refused enough for now.
//!
//! **Source.** RFC 2142 sections 2, 4, 5 and 7, RFC 1035 section 3.3.13.

use super::build::{Seen, Subject};
use super::recipient::{Fate, fate};
use super::{Check, outcomes};
use crate::evidence::{Purpose, Role, SmtpSession};
use crate::facts::Facts;
use crate::{Finding, Sin, Unseen};

outcomes! {
    Accepted = "accepted", Clean, "The role names are reachable",
        "The server takes mail for hostmaster, security, webmaster and noc, and for the zone's contact.";
    Refused = "refused", Note, "A usual role name is refused",
        "Others try these names when they have something to tell: hostmaster about DNS, security about a hole, webmaster about the web site, noc about the network.";
    ContactRefused = "contact-refused", Venial, "Mail to the zone's contact is refused",
        "The domain's SOA record names this mailbox as that of whoever looks after the zone. Nobody who finds a fault in it can tell you." => AcceptContact;
}

pub(super) const CHECK: Check = Check {
    id: "role-names",
    sin: Sin::Rfc2142Names,
    title: "Role names",
    source: "RFC 2142 sections 2, 4, 5 and 7, RFC 1035 section 3.3.13",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_host(facts, |_, session, subject| at_host(facts, session, subject))
}

fn at_host(facts: &Facts<'_>, session: &SmtpSession, subject: &Subject) -> Vec<Finding> {
    let mut findings = Vec::new();
    // RFC 1035 section 3.3.13: RNAME is a mailbox.
    let contact = match facts.contact_purpose() {
        Ok(contact) => contact,
        Err(why) => return vec![CHECK.untested(facts, why, subject, Seen::default())],
    };
    let (mut refused, mut taken, mut unseen) = (Seen::default(), Seen::default(), None);
    match contact.map(|purpose| fate(session, purpose)) {
        Some(Fate::Refused(seen)) => findings.push(CHECK.found(facts, Outcome::ContactRefused, subject, seen)),
        Some(Fate::Unseen(why, seen)) => unseen = Some((why, seen)),
        Some(Fate::Taken(_)) | None => {}
    }
    let names = Role::NAMED.into_iter().map(Purpose::Role);
    for purpose in names.filter(|purpose| contact != Some(*purpose) && !is_part(facts)) {
        match fate(session, purpose) {
            Fate::Refused(seen) => refused = refused.and(seen),
            Fate::Taken(seen) => taken = seen,
            Fate::Unseen(why, seen) => unseen = unseen.or(Some((why, seen))),
        }
    }
    if !refused.is_empty() {
        findings.push(CHECK.found(facts, Outcome::Refused, subject, refused));
    }
    match unseen {
        _ if !findings.is_empty() => {}
        // Not asked: where the made-up name was not refused, that says why.
        Some((unasked @ (Unseen::NotAsked | Unseen::CourtesyBudget), _)) => {
            let (why, seen) = match fate(session, Purpose::Control) {
                Fate::Unseen(why, seen) => (why, seen),
                Fate::Taken(seen) | Fate::Refused(seen) => (unasked, seen),
            };
            findings.push(CHECK.untested(facts, why, subject, seen));
        }
        Some((why, seen)) => findings.push(CHECK.untested(facts, why, subject, seen)),
        None if taken.is_empty() => {}
        None => findings.push(CHECK.found(facts, Outcome::Accepted, subject, taken)),
    }
    findings
}

/// Is the domain part of another's organization (RFC 9989 section 4.10.2)? RFC 2142 section 2 wants these names at
/// the organization's domain only.
fn is_part(facts: &Facts<'_>) -> bool {
    facts
        .dmarc()
        .is_ok_and(|record| record.is_some_and(|record| record.at != *facts.domain() && record.says.psd != Some(true)))
}
