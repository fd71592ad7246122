//! # open-relay-proof
//!
//! **Objective.** A suspicion of a relay is proved, or dropped.
//!
//! **Evidence.** By consent (`allow=relay`), on port 25 of each MX address that took our code: one message through each suspected
//! variant, at most twelve, to an address at a receiving host of ours that is used once, and whether it arrives there within ten minutes.
//! The ways to relay that the budget of refusals left out are asked as well. Before that, one message goes straight to the receiving host: it
//! must arrive, or nothing is said.
//!
//! **Outcomes.**
//! - `relays`: the message arrived. Mortal, and the grade is F.
//! - `refuses`: every such message was refused in the end, though its recipient had been taken.
//! - `keeps`: at least one was taken, and none arrived within ten minutes. A note: it was not relayed, and not refused.
//! - `not-suspected`: no way to relay was taken, so nothing was sent.
//! - Untested: the domain has not consented, the site has no receiving host, that one is served by the probed host or does not receive,
//!   or the server would not talk to us.
//!
//! **Source.** RFC 5321 sections 3.6 and 7.1.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{Purpose, SmtpSession, Step};
use crate::facts::{Facts, Host, Proof, SMTP};
use crate::report::timestamp;
use crate::syntax::consent::Word;
use crate::{Finding, Sin, Unseen};

outcomes! {
    Relays = "relays", Mortal, "Relays for strangers: a message arrived",
        "A message from a stranger to a stranger went through this server and arrived at our receiving host. Spammers find an open relay within hours, and blocklists soon after." => CloseRelay;
    Refuses = "refuses", Clean, "Refuses to relay in the end",
        "The server took a foreign recipient, and then refused the message.";
    Keeps = "keeps", Note, "Takes foreign mail and does not pass it on",
        "The server took a message from a stranger to a stranger, and it did not arrive within ten minutes. It is no open relay; but whoever mistypes an address is not told.";
    Unsuspected = "not-suspected", Clean, "Nothing was suspected",
        "The server took no way to relay that we know, so there was nothing to prove.";
}

pub(super) const CHECK: Check = Check {
    id: "open-relay-proof",
    sin: Sin::OpenRelay,
    title: "The proof of a relay",
    source: "RFC 5321 sections 3.6 and 7.1",
    consent: true,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_opened(facts, Word::Relay, |host, subject| finding(facts, host, subject))
}

fn finding(facts: &Facts<'_>, host: &Host, subject: &Subject) -> Finding {
    let suspects = facts.suspects(host.address);
    if suspects.is_empty() {
        return match facts.recipients(host.address).err().or_else(|| facts.unasked_ways(host.address)) {
            Some(why) => CHECK.untested(facts, why, subject, Seen::default()),
            None => CHECK.found(facts, Outcome::Unsuspected, subject, Seen::default()),
        };
    }
    let mut kept = None;
    let mut refused = None;
    let mut unseen = None;
    for variant in suspects {
        match facts.proof(host, variant) {
            Ok((session, Proof::Arrived(arrival))) => {
                let client = arrival.client.map(|client| format!(" from {client}")).unwrap_or_default();
                let arrived = format!("arrived{client} at {}\n{}", timestamp(arrival.at), arrival.header);
                let seen = sent(session).and(Seen::text(arrived.trim_end()).mark("arrived"));
                return CHECK.found(facts, Outcome::Relays, subject, seen);
            }
            Ok((session, Proof::Lost)) => kept = kept.or(Some(sent(session))),
            Ok((session, Proof::Refused)) => refused = refused.or(Some(sent(session))),
            Err(why) => unseen = unseen.or(Some(why)),
        }
    }
    match (unseen, kept, refused) {
        (Some(why), seen, _) => CHECK.untested(facts, why, subject, seen.unwrap_or_default()),
        (None, Some(seen), _) => CHECK.found(facts, Outcome::Keeps, subject, seen),
        (None, None, Some(seen)) => CHECK.found(facts, Outcome::Refuses, subject, seen),
        (None, None, None) => CHECK.untested(facts, Unseen::NotAsked, subject, Seen::default()),
    }
}

fn sent(session: &SmtpSession) -> Seen {
    let told = |step| {
        matches!(step, Step::Mail(Purpose::Proof(_)) | Step::Rcpt(Purpose::Proof(_)) | Step::Data | Step::Message)
    };
    Seen::exchanges(session.exchanges.iter().filter(|exchange| told(exchange.step)))
}

impl Check {
    /// Findings for each mail host that the owner opened for this; without consent one for the domain.
    pub(super) fn at_each_opened(
        &self,
        facts: &Facts<'_>,
        word: Word,
        judge: impl Fn(&Host, &Subject) -> Finding,
    ) -> Vec<Finding> {
        if let Err(findings) = self.of_mail_domain(facts) {
            return findings;
        }
        let hosts = facts.opened(word);
        if hosts.is_empty() {
            return vec![self.untested(facts, Unseen::NeedsConsent, &Subject::Domain, Seen::default())];
        }
        hosts.into_iter().map(|host| judge(&host, &Subject::Port(host.clone(), SMTP))).collect()
    }
}
