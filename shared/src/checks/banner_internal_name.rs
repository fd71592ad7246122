//! # banner-internal-name
//!
//! **Objective.** The server does not tell strangers the names of the inner network.
//!
//! **Evidence.** The name in the host position of the greeting and of the replies to EHLO and
//! QUIT, on ports 25, 465 and 587 of each MX address.
//!
//! **Outcomes.**
//! - `internal`: it ends in .local, .lan, .internal, .corp, .home.arpa, localdomain or the like.
//!   Mortal.
//! - `single-label`: a bare host name. Venial.
//! - `unresolved`: a public name without an address. A note.
//! - `public`: a public name.
//! - `none`: no name at all, but prose or the name of the software.
//!
//! **Source.** RFC 6762 (.local), RFC 8375 (.home.arpa), RFC 5321 section 4.3.1.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::disclosure::{NameKind, greeting_name};
use crate::evidence::{SmtpSession, Step};
use crate::facts::Facts;
use crate::{DomainName, Finding, Sin, Unseen};

outcomes! {
    Internal = "internal", Mortal, "The server tells an internal name",
        "The name belongs to the inner network. It tells attackers how hosts are called there, which helps them once they have a foot in the door." => HideName;
    SingleLabel = "single-label", Venial, "The server calls itself by a bare host name",
        "A name without a domain is an inner one, and tells how hosts are called there." => HideName;
    Unresolved = "unresolved", Note, "The server's name is not in public DNS",
        "It looks like a public name but has no address, so it may be one of the inner network.";
    Public = "public", Clean, "The server calls itself by a public name",
        "Nothing of the inner network shows in the server's name.";
    None = "none", Clean, "The server gives no name",
        "Nothing of the inner network shows in what the server calls itself.";
}

pub(super) const CHECK: Check = Check {
    id: "banner-internal-name",
    sin: Sin::BannerDisclosure,
    title: "Internal name in the banner",
    source: "RFC 6762, RFC 8375, RFC 5321 section 4.3.1",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_smtp(facts, |_, session, subject| vec![finding(facts, session, subject)])
}

fn finding(facts: &Facts<'_>, session: &SmtpSession, subject: &Subject) -> Finding {
    let mut public = None;
    let mut single = None;
    for exchange in session.exchanges.iter().filter(|e| matches!(e.step, Step::Greeting | Step::Ehlo | Step::Helo | Step::Quit)) {
        let line = exchange.reply.as_ref().and_then(|reply| reply.wire().into_iter().next()).unwrap_or_default();
        let Some((word, kind)) = greeting_name(&line) else {
            continue;
        };
        let seen = || Seen::exchanges([exchange]).mark(word);
        match kind {
            NameKind::Internal => return CHECK.found(facts, Outcome::Internal, subject, seen()),
            // In greeting and EHLO the first word is the host's name; elsewhere it may be prose.
            NameKind::SingleLabel if exchange.step != Step::Quit => single = single.or_else(|| Some(seen())),
            NameKind::Public => public = public.or_else(|| Some((word.to_owned(), seen()))),
            _ => {}
        }
    }
    if let Some(seen) = single {
        return CHECK.found(facts, Outcome::SingleLabel, subject, seen);
    }
    let Some((word, seen)) = public else {
        return match session.reply(Step::Greeting) {
            Ok((exchange, _)) => CHECK.found(facts, Outcome::None, subject, Seen::exchanges([exchange])),
            Err(_) => CHECK.untested(facts, session.broke.unwrap_or(Unseen::NotAsked), subject, Seen::default()),
        };
    };
    let unresolved = DomainName::new(&word).is_ok_and(|name| facts.addresses(&name).is_ok_and(|found| found.is_empty()));
    let outcome = if unresolved { Outcome::Unresolved } else { Outcome::Public };
    CHECK.found(facts, outcome, subject, seen)
}
