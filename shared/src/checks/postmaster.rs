//! # postmaster
//!
//! **Objective.** Someone reads mail to postmaster.
//!
//! **Evidence.** RCPT for postmaster at the checked domain and for the bare `<Postmaster>` at each
//! MX address, beside a made-up recipient as control.
//!
//! **Outcomes.**
//! - `accepted`: both are taken.
//! - `refused`: postmaster at the domain is refused. Mortal.
//! - `bare-refused`: only the bare form is refused. Venial; a note (`bare-refused-shared`) at a
//!   host whose name is not the domain's own, since its operator cannot know whose postmaster is
//!   meant.
//! - Untested: the control is taken too, or the server would not talk to us.
//!
//! **Source.** RFC 5321 section 4.5.1, RFC 2142 section 5.

use super::build::Subject;
use super::recipient::{Fate, fate};
use super::{Check, outcomes};
use crate::evidence::{Purpose, SmtpSession};
use crate::facts::{Facts, Host};
use crate::{Finding, Sin};

outcomes! {
    Accepted = "accepted", Clean, "postmaster is reachable",
        "The server takes mail for postmaster.";
    Refused = "refused", Mortal, "Mail to postmaster is refused",
        "Every domain that takes mail must take it for postmaster: that is where others report trouble with your mail." => AcceptPostmaster;
    BareRefused = "bare-refused", Venial, "The bare address postmaster is refused",
        "A mail server must also take mail for postmaster without a domain." => AcceptPostmaster;
    BareRefusedShared = "bare-refused-shared", Note, "The bare address postmaster is refused at a shared host",
        "A server for many domains cannot know whose postmaster is meant. It is the provider's to change, not yours.";
}

pub(super) const CHECK: Check = Check {
    id: "postmaster",
    sin: Sin::Rfc2142Names,
    title: "postmaster",
    source: "RFC 5321 section 4.5.1, RFC 2142 section 5",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_host(facts, |host, session, subject| vec![finding(facts, host, session, subject)])
}

fn finding(facts: &Facts<'_>, host: &Host, session: &SmtpSession, subject: &Subject) -> Finding {
    let seen = match fate(session, Purpose::Postmaster) {
        Fate::Refused(seen) => return CHECK.found(facts, Outcome::Refused, subject, seen),
        Fate::Unseen(why, seen) => return CHECK.untested(facts, why, subject, seen),
        Fate::Taken(seen) => seen,
    };
    match fate(session, Purpose::BarePostmaster) {
        Fate::Refused(seen) if host.names.iter().any(|name| name.is_within(facts.domain())) => {
            CHECK.found(facts, Outcome::BareRefused, subject, seen)
        }
        Fate::Refused(seen) => CHECK.found(facts, Outcome::BareRefusedShared, subject, seen),
        Fate::Taken(bare) => CHECK.found(facts, Outcome::Accepted, subject, seen.and(bare)),
        // The form that counts was taken; the other could not be seen.
        Fate::Unseen(..) => CHECK.found(facts, Outcome::Accepted, subject, seen),
    }
}
