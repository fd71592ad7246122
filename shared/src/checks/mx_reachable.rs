//! # mx-reachable
//!
//! **Objective.** Something answers on port 25 of each MX address.
//!
//! **Evidence.** The first conversation with each MX address on port 25.
//!
//! **Outcomes.**
//! - `answers`: the server greeted us.
//! - `refused`: the connection was refused, while another MX address of the domain answered.
//!   Venial: senders lose time on it.
//! - Untested: silence and time-outs, which cannot be told from something that drops our packets;
//!   a refusal at every address, which cannot be told from being blocked; and addresses beyond
//!   the twelve that one scan asks.
//!
//! **Source.** RFC 5321 section 5.1.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::Step;
use crate::facts::{ADDRESSES_MAX, Facts, SMTP};
use crate::{Finding, Sin, Unseen};

outcomes! {
    Answers = "answers", Clean, "The mail server answers",
        "A server greeted us on port 25.";
    Refused = "refused", Venial, "An MX host refuses connections",
        "Another mail server of this domain answered us, this one refused the connection. Senders that pick it lose time, and if the others fail there is no spare." => MxAnswer;
}

pub(super) const CHECK: Check = Check {
    id: "mx-reachable",
    sin: Sin::DnsErrors,
    title: "MX hosts answer",
    source: "RFC 5321 section 5.1",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let hosts = match CHECK.hosts(facts) {
        Ok(hosts) => hosts,
        Err(finding) => return finding,
    };
    let any_answered = hosts.iter().any(|host| facts.survey(host.address, SMTP).is_ok());
    let mut findings = Vec::new();
    for host in hosts {
        let subject = Subject::Port(host.clone(), SMTP);
        findings.push(match facts.survey(host.address, SMTP) {
            Ok(session) => CHECK.found(facts, Outcome::Answers, &subject, Seen::step(session, Step::Greeting)),
            Err(Unseen::Refused) if any_answered => {
                let seen = Seen::text(format!("{} port {SMTP}: connection refused", host.address)).mark("connection refused");
                CHECK.found(facts, Outcome::Refused, &subject, seen)
            }
            Err(Unseen::Refused) => CHECK.untested(facts, Unseen::BlockedOrRefused, &subject, Seen::default()),
            Err(why) => CHECK.untested(facts, why, &subject, Seen::default()),
        });
    }
    if facts.hosts().1 {
        let seen = Seen::text(format!("more than {ADDRESSES_MAX} MX addresses"));
        findings.push(CHECK.untested(facts, Unseen::OverCap, &Subject::Domain, seen));
    }
    findings
}
