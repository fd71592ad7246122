//! # ntlm-disclosure
//!
//! **Objective.** The server does not tell strangers the names of its Windows domain.
//!
//! **Evidence.** Where AUTH offers NTLM on ports 25, 587 and 465 of each MX address, and on ports 143, 993, 110 and 995 of
//! the hosts where people reach their mail, in the clear or inside TLS: the challenge that
//! answers the first message of NTLM, which holds no credentials. AUTH is then cancelled.
//!
//! **Outcomes.**
//! - `discloses`: the challenge holds names of the host, its domain or its forest, or the build of its system. Mortal.
//!   The finding and the evidence hold the first letter of each, and no more.
//! - `silent`: a challenge without them, or none.
//! - `none`: NTLM is not offered.
//!
//! **Source.** \[MS-NLMP\] section 2.2.1.2.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::disclosure::{Challenge, Protocol, challenge};
use crate::evidence::{LineExchange, LineSession, LineStep, SmtpSession, Step};
use crate::facts::{Facts, IMAP, IMAPS, POP, POPS};
use crate::syntax::{capability, ehlo};
use crate::{Finding, Sin, Unseen};

outcomes! {
    Discloses = "discloses", Mortal, "NTLM tells the names of the Windows domain",
        "Anyone who asks for a login by NTLM is told the inner names of the host and its domain, or the exact build of its system, before any password. Attackers use them to guess logins and to choose their tools." => DropNtlm;
    Silent = "silent", Clean, "NTLM tells no names",
        "The server offers a login by NTLM, but its challenge holds no names.";
    None = "none", Clean, "No login by NTLM",
        "The server offers no login by NTLM to strangers, whose challenge would tell inner names.";
}

pub(super) const CHECK: Check = Check {
    id: "ntlm-disclosure",
    sin: Sin::BannerDisclosure,
    title: "Names in an NTLM challenge",
    source: "[MS-NLMP] section 2.2.1.2",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_conversation(
        facts,
        &[IMAP, IMAPS, POP, POPS],
        |session, subject| finding(facts, session, subject),
        |port, session, subject| client(facts, port, session, subject),
    )
}

fn finding(facts: &Facts<'_>, session: &SmtpSession, subject: &Subject) -> Finding {
    let untested = |why| CHECK.untested(facts, why, subject, Seen::default());
    if let Ok((_, reply)) = session.reply(Step::NtlmNegotiate) {
        let found = reply.lines.iter().find_map(|line| challenge(line)).map(|(challenge, ..)| masked(&challenge));
        return match found {
            Some(seen) if !seen.is_empty() => CHECK.found(facts, Outcome::Discloses, subject, seen),
            None if reply.is_temporary() => untested(Unseen::TryLater),
            // It goes on, with what we cannot read.
            None if reply.code == 334 => untested(Unseen::UnclearReply),
            _ => CHECK.found(facts, Outcome::Silent, subject, Seen::step(session, Step::Ntlm)),
        };
    }
    match session.reply(Step::Ntlm) {
        Ok((_, reply)) if reply.code == 334 => return untested(session.broke.unwrap_or(Unseen::NotAsked)),
        Ok((_, reply)) if reply.is_temporary() => return untested(Unseen::TryLater),
        Ok((exchange, _)) => return CHECK.found(facts, Outcome::Silent, subject, Seen::exchanges([exchange])),
        Err(_) => {}
    }
    // What is offered inside TLS has to have been seen, too.
    if let Err(why) = session.hello().and(session.secured()) {
        return untested(why);
    }
    let mut hellos = session.exchanges.iter().filter(|exchange| matches!(exchange.step, Step::Ehlo | Step::Helo));
    let Some((exchange, reply)) = hellos.next_back().and_then(|e| Some((e, e.reply.as_ref()?))) else {
        return untested(session.broke.unwrap_or(Unseen::NotAsked));
    };
    if ehlo::offers_auth(reply, "NTLM") {
        return untested(session.broke.unwrap_or(Unseen::NotAsked));
    }
    CHECK.found(facts, Outcome::None, subject, Seen::exchanges([exchange]))
}

/// The same over IMAP or POP3.
fn client(facts: &Facts<'_>, port: u16, session: &LineSession, subject: &Subject) -> Finding {
    let untested = |why| CHECK.untested(facts, why, subject, Seen::default());
    let missing = session.broke.unwrap_or(Unseen::NotAsked);
    let silent = |exchange| CHECK.found(facts, Outcome::Silent, subject, Seen::lines([exchange]));
    let begun = session.reply(LineStep::Ntlm);
    if let Ok((exchange, reply)) = session.reply(LineStep::NtlmNegotiate) {
        let found = reply.iter().find_map(|line| challenge(line)).map(|(challenge, ..)| masked(&challenge));
        return match found {
            Some(seen) if !seen.is_empty() => CHECK.found(facts, Outcome::Discloses, subject, seen),
            // It goes on, with what we cannot read.
            None if exchange.goes_on() => untested(Unseen::UnclearReply),
            None if is_temporary(reply) => untested(Unseen::TryLater),
            _ => silent(begun.map_or(exchange, |(begun, _)| begun)),
        };
    }
    match begun {
        Ok((exchange, _)) if exchange.goes_on() => return untested(missing),
        Ok((_, reply)) if is_temporary(reply) => return untested(Unseen::TryLater),
        Ok((exchange, _)) => return silent(exchange),
        Err(_) => {}
    }
    // What is offered inside TLS has to have been seen, too.
    let Some((exchange, list)) =
        session.exchanges.iter().rfind(|exchange| exchange.step == LineStep::Capability).and_then(with_reply)
    else {
        return untested(missing);
    };
    let (read, offers) = match Protocol::of(port) {
        Protocol::Imap => (capability::imap(list).is_some(), capability::imap_offers(list, "NTLM")),
        _ => (capability::pop(list).is_some(), capability::pop_offers(list, "NTLM")),
    };
    match session.secured(port) {
        Err(why) => return untested(why),
        _ if !read => return untested(Unseen::UnclearReply),
        Ok(Some(_)) if !exchange.secure => return untested(missing),
        Ok(_) if offers => return untested(missing),
        Ok(_) => {}
    }
    CHECK.found(facts, Outcome::None, subject, Seen::lines([exchange]))
}

fn with_reply(exchange: &LineExchange) -> Option<(&LineExchange, &[String])> {
    Some((exchange, exchange.reply.as_deref()?))
}

/// Says a server that it would go along at another time (RFC 5530 section 3, RFC 3206 section 4)?
fn is_temporary(reply: &[String]) -> bool {
    reply.last().is_some_and(|line| {
        ["[UNAVAILABLE", "[SYS/TEMP", "[INUSE", "[IN-USE"].into_iter().any(|code| line.contains(code))
    })
}

/// What the challenge tells, without telling it again: a report is read by others.
fn masked(challenge: &Challenge) -> Seen {
    let name = |name: &String| format!("{}… ({} characters)", name.chars().next().unwrap_or('?'), name.chars().count());
    let names = challenge.names.iter().map(name).map(|name| format!("name: {name}"));
    let build = challenge.build.map(|_| "build: Windows …".to_owned());
    Seen::text(names.chain(build).collect::<Vec<_>>().join("\n"))
}
