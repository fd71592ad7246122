//! # backscatter
//!
//! **Objective.** What a server will not deliver it refuses at once. If it takes it and sends it back later, that goes to whoever
//! was named as the sender, and spam and viruses name others.
//!
//! **Evidence.** By consent (`allow=samples`): each sample has a one-time address of ours as its sender, where a report of
//! non-delivery is waited for, ten minutes long, for those that the server took.
//!
//! **Outcomes.**
//! - `refused`: the server took none of them.
//! - `silent`: nothing came back of those that it took.
//! - `bounced`: a taken one came back. Venial.
//! - Untested: the domain has not consented, or what became of one of them is not known.
//!
//! **Source.** RFC 3464, RFC 5321 section 6.1.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::facts::{Facts, Fate, Host};
use crate::grant::Sample;
use crate::{Finding, Sin, Unseen};

outcomes! {
    Refused = "refused", Clean, "Nothing has to come back",
        "The server refused each sample while it was handed over.";
    Silent = "silent", Clean, "Nothing came back",
        "Of the samples that the server took none came back to their sender within ten minutes.";
    Bounced = "bounced", Venial, "Spam or viruses come back to strangers",
        "The server took a sample and then sent it back to its sender. Those who send spam and viruses name others as senders, who get all that, and blocklists list servers for it." => RefuseAtOnce;
}

pub(super) const CHECK: Check = Check {
    id: "backscatter",
    sin: Sin::NoScanning,
    title: "Mail that comes back to strangers",
    source: "RFC 3464, RFC 5321 section 6.1",
    consent: true,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_opened(facts, |host, subject| finding(facts, host, subject))
}

fn finding(facts: &Facts<'_>, host: &Host, subject: &Subject) -> Result<Finding, Unseen> {
    let (mut unseen, mut taken) = (None, false);
    for sample in Sample::ALL.into_iter().filter(|sample| *sample != Sample::Control) {
        let came_back = match facts.delivery(host.address, sample) {
            Ok((_, Fate::Refused)) => continue,
            Ok((_, Fate::Taken)) => facts.bounced(host.address, sample),
            Err(why) => Err(why),
        };
        match came_back {
            Ok(true) => return Ok(CHECK.found(facts, Outcome::Bounced, subject, bounce(facts, host, sample))),
            Ok(false) => taken = true,
            Err(why) => unseen = unseen.or(Some(why)),
        }
    }
    match unseen {
        Some(why) => Err(why),
        None if taken => Ok(CHECK.found(facts, Outcome::Silent, subject, Seen::default())),
        None => Ok(CHECK.found(facts, Outcome::Refused, subject, Seen::default())),
    }
}

fn bounce(facts: &Facts<'_>, host: &Host, sample: Sample) -> Seen {
    let arrival = facts.evidence(&facts.bounce_inquiry(host.address, sample)).ok().and_then(|piece| piece.arrived()?);
    Seen::text(format!("{}:\n", sample.words()) + &arrival.map(|arrival| arrival.header.clone()).unwrap_or_default())
}
