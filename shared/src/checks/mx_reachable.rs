//! # mx-reachable
//!
//! **Objective.** Something answers on port 25 of each MX address.
//!
//! **Evidence.** The first conversation with each MX address on port 25.
//!
//! **Outcomes.**
//! - `answers`: the server greeted us.
//! - `refused-everywhere`: every MX address refused the connection, and none had answered us before, while our end could
//!   reach another mail server's port 25 within the hour. Mortal: mail for the domain waits, and then comes back.
//! - `refused`: the connection was refused, while another MX address of the domain answered, or our end could reach
//!   another mail server. Venial: senders lose time on it.
//! - Untested: silence and time-outs, which cannot be told from something that drops our packets;
//!   a refusal that cannot be told from being blocked, or by a host that answered before (it has shut us out); and
//!   addresses beyond the twelve that one scan asks.
//!
//! What our end could reach is known to whoever holds the socket, and stands in the evidence as `rejected`. The site says so
//! only where its platform tells a refusal from other failures.
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
    RefusedEverywhere = "refused-everywhere", Mortal, "Every MX host refuses connections",
        "Our end reaches port 25 of other mail servers, and here every address refused the connection. Unless something refuses only us, mail for this domain waits at its senders and then comes back to them." => MxAnswer;
    Refused = "refused", Venial, "An MX host refuses connections",
        "Our end reaches port 25 of other mail servers, and this one refused the connection. Senders that pick it lose time, and if the others fail there is no spare." => MxAnswer;
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
    let everywhere = hosts.iter().all(|host| facts.rejects(host.address)) && facts.all_hosts_seen();
    let mut findings = Vec::new();
    for host in hosts {
        let subject = Subject::Port(host.clone(), SMTP);
        findings.push(match facts.survey(host.address, SMTP) {
            Ok(session) => CHECK.found(facts, Outcome::Answers, &subject, Seen::step(session, Step::Greeting)),
            Err(Unseen::Refused) if any_answered || facts.rejects(host.address) => {
                let seen =
                    Seen::text(format!("{} port {SMTP}: connection refused", host.address)).mark("connection refused");
                let outcome = if everywhere { Outcome::RefusedEverywhere } else { Outcome::Refused };
                CHECK.found(facts, outcome, &subject, seen)
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
