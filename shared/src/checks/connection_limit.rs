//! # connection-limit
//!
//! **Objective.** One client does not get all of a server's attention.
//!
//! **Evidence.** By consent (`allow=limits`), on port 25 of each MX address that took our code: five connections that are held for three seconds
//! side by side.
//!
//! **Outcomes.**
//! - `limited`: not all of them are greeted.
//! - `takes-five`: they are. A note: a limit may be higher, and five connections are no burden.
//! - Untested: the domain has not consented, or the server would not talk to us.
//!
//! **Source.** What servers do; Postfix takes 50 of one client as it comes.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{Exchange, SmtpSession, Step};
use crate::facts::{Facts, Trial};
use crate::syntax::consent::Word;
use crate::{Finding, Sin};

outcomes! {
    Limited = "limited", Clean, "It limits connections of one client",
        "The server did not greet all of five connections that were open at the same time.";
    TakesFive = "takes-five", Note, "It takes five connections at once",
        "All of five connections that were open at the same time were greeted. A limit may be higher; more are not tried.";
}

pub(super) const CHECK: Check = Check {
    id: "connection-limit",
    sin: Sin::NoLimits,
    title: "The limit of connections",
    source: "What servers do",
    consent: true,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_opened(facts, Word::Limits, |host, subject| match facts.trial(host.address, Trial::Connections) {
        Ok(session) => finding(facts, session, subject),
        Err(why) => CHECK.untested(facts, why, subject, Seen::default()),
    })
}

fn finding(facts: &Facts<'_>, session: &SmtpSession, subject: &Subject) -> Finding {
    let open = |exchange: &&Exchange| exchange.reply.as_ref().is_some_and(|reply| reply.code == 220);
    let connections =
        session.exchanges.iter().filter(|exchange| matches!(exchange.step, Step::Greeting | Step::Beside));
    let (all, greeted) = (connections.clone().count(), connections.clone().filter(open).count());
    let refused = connections.filter(|exchange| !open(exchange));
    let seen = Seen::text(format!("{greeted} of {all} connections were greeted")).and(Seen::exchanges(refused));
    if session.hello().is_err() || all < 2 {
        return CHECK.untested(facts, session.hello().err().unwrap_or(crate::Unseen::NotAsked), subject, seen);
    }
    CHECK.found(facts, if greeted < all { Outcome::Limited } else { Outcome::TakesFive }, subject, seen)
}
