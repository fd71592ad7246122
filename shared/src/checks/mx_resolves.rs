//! # mx-resolves
//!
//! **Objective.** Each MX target is a name that has an address.
//!
//! **Evidence.** The MX records, and the A and AAAA answers of each target.
//!
//! **Outcomes.**
//! - `resolves`: the target has an address.
//! - `some-do-not`: this target has none, is `localhost`, or is no name at all, while another
//!   one has. Venial.
//! - `none-does`: no target has an address. Mortal: mail cannot arrive.
//!
//! **Source.** RFC 5321 section 5.1, RFC 1912 section 2.4.

use std::net::IpAddr;

use super::build::{Seen, Subject, data};
use super::{Check, outcomes};
use crate::evidence::{Record, Target};
use crate::facts::{Facts, Route};
use crate::inquiry::RecordType;
use crate::{Finding, Sin, Unseen};

outcomes! {
    Resolves = "resolves", Clean, "The MX target has an address",
        "The host named by the MX record can be found.";
    SomeDoNot = "some-do-not", Venial, "An MX target cannot be found",
        "This MX target has no address, so every sender that picks it wastes a try and mail is delayed." => MxResolve;
    NoneDoes = "none-does", Mortal, "No MX target can be found",
        "None of the hosts named by the MX records has an address, so no mail can arrive." => MxResolve;
}

pub(super) const CHECK: Check = Check {
    id: "mx-resolves",
    sin: Sin::DnsErrors,
    title: "MX targets have addresses",
    source: "RFC 5321 section 5.1, RFC 1912 section 2.4",
    consent: false,
    outcomes: ROWS,
    judge,
};

/// What became of one target.
enum Fate {
    Found,
    Lost(Seen),
    Unseen(Unseen),
}

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let Ok(Route::Mx(targets)) = facts.route() else {
        return Vec::new();
    };
    let mut fates: Vec<(Target, Fate)> = Vec::new();
    for (preference, exchange) in targets {
        if exchange != Target::Root && !fates.iter().any(|(known, _)| *known == exchange) {
            let fate = fate(facts, preference, &exchange);
            fates.push((exchange, fate));
        }
    }
    // Only if every single one was seen to be lost is the domain without a mail server.
    let all_lost = fates.iter().all(|(_, fate)| matches!(fate, Fate::Lost(_)));
    let finding = |(target, fate): (Target, Fate)| {
        let subject = match &target {
            Target::Name(name) => Subject::Name(name.clone()),
            _ => Subject::Domain,
        };
        match fate {
            Fate::Found => CHECK.found(facts, Outcome::Resolves, &subject, addresses(facts, &target)),
            Fate::Lost(seen) if all_lost => CHECK.found(facts, Outcome::NoneDoes, &subject, seen),
            Fate::Lost(seen) => CHECK.found(facts, Outcome::SomeDoNot, &subject, seen),
            Fate::Unseen(why) => CHECK.untested(facts, why, &subject, Seen::default()),
        }
    };
    fates.into_iter().map(finding).collect()
}

fn fate(facts: &Facts<'_>, preference: u16, exchange: &Target) -> Fate {
    let record = || {
        Seen::text(format!("{} MX {}", facts.domain(), data(&Record::Mx { preference, exchange: exchange.clone() })))
    };
    match exchange {
        Target::Name(name) if name.as_str().parse::<IpAddr>().is_ok() || name.labels() == 1 => Fate::Lost(record()),
        Target::Name(name) => {
            let [v4, v6] = [RecordType::A, RecordType::Aaaa].map(|family| facts.dns(name, family));
            match facts.addresses(name) {
                Err(why) => Fate::Unseen(why),
                Ok(found) if !found.is_empty() => Fate::Found,
                Ok(_) => match (v4, v6) {
                    (Ok(_), Ok(_)) => Fate::Lost(record().and(addresses(facts, exchange))),
                    (Err(why), _) | (_, Err(why)) => Fate::Unseen(why),
                },
            }
        }
        Target::Root | Target::Odd(_) => Fate::Lost(record()),
    }
}

fn addresses(facts: &Facts<'_>, target: &Target) -> Seen {
    let Target::Name(name) = target else {
        return Seen::default();
    };
    let mut seen = Seen::default();
    for family in [RecordType::A, RecordType::Aaaa] {
        if let Ok(answer) = facts.dns(name, family)
            && !(family == RecordType::Aaaa
                && answer.records.is_empty()
                && facts.addresses(name).is_ok_and(|a| !a.is_empty()))
        {
            seen = seen.and(Seen::dns(name, family, answer));
        }
    }
    seen
}
