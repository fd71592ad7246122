//! # user-enumeration
//!
//! **Objective.** Strangers cannot ask the server who has a mailbox, or who is behind an alias.
//!
//! **Evidence.** VRFY and EXPN on port 25 of each MX address, for postmaster and for a made-up name, without a domain;
//! and which recipients are taken.
//!
//! **Outcomes.**
//! - `expands`: EXPN says who is behind postmaster, and refuses the made-up name. Mortal.
//! - `verifies`: VRFY confirms postmaster and not the made-up name. Venial.
//! - `silent`: neither tells the two apart; 252 to both, or a refusal of the command, is as it should be.
//! - `by-recipient`: RCPT takes postmaster and refuses a made-up name. A note: it is how refusals must work, since a
//!   server that takes everything has to send bounces to strangers later.
//! - Untested: the server would not answer, or it had refused enough for now.
//!
//! **Source.** RFC 5321 sections 3.5 and 7.3.

use super::build::{Seen, Subject};
use super::recipient::{Fate, fate};
use super::{Check, outcomes};
use crate::evidence::{Person, Purpose, Reply, SmtpSession, Step};
use crate::facts::{Facts, SMTP};
use crate::syntax::refusal::{Refusal, refusal};
use crate::{Finding, Sin, Unseen};

outcomes! {
    Expands = "expands", Mortal, "EXPN tells who is behind an alias",
        "Anyone can ask the server for the members of its aliases and lists: a ready-made list of victims for spam and phishing." => HideUsers;
    Verifies = "verifies", Venial, "VRFY tells who has a mailbox",
        "The server confirms names that exist and denies those that don't, as fast as anyone asks. Attackers collect addresses and login names that way." => HideUsers;
    Silent = "silent", Clean, "VRFY and EXPN tell nothing of users",
        "The server answers alike for a name that exists and for one that doesn't, or not at all.";
    ByRecipient = "by-recipient", Note, "Recipients tell who has a mailbox",
        "A refusal of unknown recipients shows who exists, by design: taking all of them would mean bounces to strangers. Slowing down after several refusals keeps it from being used to collect names.";
}

pub(super) const CHECK: Check = Check {
    id: "user-enumeration",
    sin: Sin::BannerDisclosure,
    title: "What the server tells of its users",
    source: "RFC 5321 sections 3.5 and 7.3",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let commands =
        CHECK.at_each_port(
            facts,
            |port, session, subject| {
                if port == SMTP { vec![finding(facts, session, subject)] } else { Vec::new() }
            },
        );
    let recipients = CHECK.at_each_host(facts, |_, session, subject| match fate(session, Purpose::Postmaster) {
        Fate::Taken(seen) => vec![CHECK.found(facts, Outcome::ByRecipient, subject, seen)],
        _ => Vec::new(),
    });
    // What was not seen of recipients is no gap: only a note hangs on it.
    commands.into_iter().chain(recipients.into_iter().filter(|finding| finding.outcome == "by-recipient")).collect()
}

fn finding(facts: &Facts<'_>, session: &SmtpSession, subject: &Subject) -> Finding {
    let steps = [
        Step::Expn(Person::Postmaster),
        Step::Expn(Person::MadeUp),
        Step::Vrfy(Person::Postmaster),
        Step::Vrfy(Person::MadeUp),
    ];
    let replies = steps.map(|step| session.reply(step));
    let shown = |at: usize| Seen::exchanges(steps.iter().skip(at).take(2).filter_map(|step| session.step(*step)));
    let [expn, expn_control, vrfy, vrfy_control] = replies.map(|reply| reply.map(|(_, reply)| reply));
    if let (Ok(real), Ok(made_up)) = (expn, expn_control)
        && real.code == 250 // RFC 5321 section 3.5.1: the mailboxes
        && is_unknown(made_up)
    {
        return CHECK.found(facts, Outcome::Expands, subject, shown(0));
    }
    if let (Ok(real), Ok(made_up)) = (vrfy, vrfy_control)
        && tells_apart(real, made_up)
    {
        return CHECK.found(facts, Outcome::Verifies, subject, shown(2));
    }
    // The other of the two is only asked for where the first reply leaves something to tell. (Older reports asked VRFY for
    // the made-up name first.)
    let open = match (vrfy, vrfy_control, expn, expn_control) {
        (_, _, Err(why), _) | (Err(why), Err(_), ..) => Some(why),
        (Ok(real), Err(why), ..) if real.is_positive() => Some(why),
        (Err(why), Ok(made_up), ..) if is_answer(made_up) => Some(why),
        (_, _, Ok(real), Err(why)) if real.code == 250 => Some(why),
        (Ok(reply), Err(_), ..) | (_, Ok(reply), ..) if reply.is_temporary() => Some(Unseen::TryLater),
        _ => None,
    };
    match open {
        Some(why) => CHECK.untested(facts, why, subject, shown(2).and(shown(0))),
        None => CHECK.found(facts, Outcome::Silent, subject, shown(2).and(shown(0))),
    }
}

/// Does the server say more of the one than of the other? 252 confirms nothing (RFC 5321 section 3.5.3), but it isn't
/// what it says of the unknown.
fn tells_apart(real: &Reply, made_up: &Reply) -> bool {
    let confirmed = matches!(real.code, 250 | 251);
    (real.is_positive() && is_unknown(made_up)) || (confirmed && made_up.code == 252)
}

/// Is it a word about the name, and not about the command?
fn is_answer(reply: &Reply) -> bool {
    reply.is_positive() || is_unknown(reply)
}

/// RFC 5321 section 3.5.3 has 550, 551 and 553 for it; 501 is about how the name is written, which servers see
/// differently for postmaster (section 4.5.1).
fn is_unknown(reply: &Reply) -> bool {
    matches!(reply.code, 550 | 551 | 553) && refusal(reply) == Refusal::Recipient
}
