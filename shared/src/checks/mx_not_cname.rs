//! # mx-not-cname
//!
//! **Objective.** MX records name hosts, not aliases.
//!
//! **Evidence.** The A answer of each MX target, or else its AAAA answer, and the aliases on the
//! way.
//!
//! **Outcomes.**
//! - `host`: the target has its addresses itself.
//! - `alias`: the target is an alias (CNAME). Venial: some senders refuse it or loop.
//!
//! **Source.** RFC 2181 section 10.3, RFC 5321 section 5.1.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::facts::{Facts, Route};
use crate::inquiry::RecordType;
use crate::{Finding, Sin};

outcomes! {
    Host = "host", Clean, "The MX record names a host",
        "The target of the MX record has addresses of its own.";
    Alias = "alias", Venial, "The MX record names an alias",
        "The target of an MX record must not be a CNAME. Most senders follow it, some do not, and then mail is lost without a trace." => MxToHost;
}

pub(super) const CHECK: Check = Check {
    id: "mx-not-cname",
    sin: Sin::DnsErrors,
    title: "MX targets are hosts",
    source: "RFC 2181 section 10.3, RFC 5321 section 5.1",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    if !matches!(facts.route(), Ok(Route::Mx(_))) {
        return Vec::new();
    }
    let finding = |target| {
        let subject = Subject::Name(target);
        let Subject::Name(target) = &subject else {
            return CHECK.untested(facts, crate::Unseen::Failed, &subject, Seen::default());
        };
        let answers = [RecordType::A, RecordType::Aaaa].map(|family| (family, facts.dns(target, family)));
        // RFC 2181 section 10.3: not an alias, in either family.
        for (family, answer) in &answers {
            if let Ok(answer) = answer
                && let Some(alias) = answer.aliases.first()
            {
                let seen = Seen::dns(target, *family, answer).mark(&format!("CNAME {alias}"));
                return CHECK.found(facts, Outcome::Alias, &subject, seen);
            }
        }
        match &answers {
            [(family, Ok(answer)), _] | [_, (family, Ok(answer))] => {
                CHECK.found(facts, Outcome::Host, &subject, Seen::dns(target, *family, answer))
            }
            [(_, Err(why)), _] => CHECK.untested(facts, *why, &subject, Seen::default()),
        }
    };
    facts.targets().into_iter().map(finding).collect()
}
