//! What the owner of a domain consented to beside messages: proofs of a relay, limits, the way past a filter.
//!
//! What may get us shut out comes last, and one thing at a time: many refusals, then many errors.

use std::net::IpAddr;

use crate::evidence::Variant;
use crate::facts::{Facts, Host, Proof, Trial};
use crate::inquiry::RecordType;
use crate::plan::hosts::may_be_asked;
use crate::plan::route::addresses;
use crate::syntax::consent::Word;
use crate::{Inquiry, Unseen};

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    gateway(facts, wanted);
    smuggling(facts, wanted);
    relay(facts, wanted);
    for host in facts.hosts().0 {
        let address = host.address;
        let open = |word| facts.opened(word).iter().any(|host| host.address == address);
        let (limits, ways) = (open(Word::Limits), open(Word::Relay));
        let trial = |kind| limits.then(|| facts.trial_inquiry(address, kind).ok()).flatten();
        let variants = |rest| ways.then(|| facts.variants_inquiry(address, rest).ok()).flatten();
        let in_turn = [
            trial(Trial::Recipients),
            trial(Trial::Line),
            trial(Trial::Connections),
            variants(false),
            variants(true),
            trial(Trial::Errors),
        ];
        for inquiry in in_turn.into_iter().flatten() {
            if is_busy(facts, address, wanted) || (ways && is_to_be_proved(facts, &host)) {
                break;
            }
            wanted.push(inquiry);
        }
    }
}

/// Is something else still to be said to this address?
fn is_busy(facts: &Facts<'_>, of: IpAddr, wanted: &[Inquiry]) -> bool {
    wanted.iter().any(|inquiry| {
        matches!(inquiry, Inquiry::Probe { address, .. } if *address == of) && facts.case.get(inquiry).is_none()
    })
}

/// Is a proof still to be sent through this host?
fn is_to_be_proved(facts: &Facts<'_>, host: &Host) -> bool {
    facts.suspects(host.address).into_iter().any(|variant| match facts.proof_inquiry(host, variant) {
        Ok(inquiry) => facts.case.get(&inquiry).is_none(),
        Err(why) => why == Unseen::Pending,
    })
}

fn relay(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    let hosts = facts.opened(Word::Relay);
    let suspected = |host: &&Host| !facts.suspects(host.address).is_empty();
    let Some(sink) = facts.sink().ok().filter(|_| hosts.iter().any(|host| suspected(&host))) else {
        return;
    };
    wanted.push(Inquiry::dns(sink, RecordType::Mx));
    if facts.dns(sink, RecordType::Mx).is_ok() {
        for target in facts.targets_of(sink) {
            addresses(&target, wanted);
        }
    }
    if let Ok(inquiry) = facts.sink_inquiry() {
        if facts.case.get(&inquiry).is_some_and(|evidence| evidence.answer.is_ok()) {
            wanted.push(facts.sink_arrival());
        }
        wanted.push(inquiry);
    }
    for host in &hosts {
        for variant in facts.suspects(host.address) {
            wanted.extend(facts.proof_inquiry(host, variant));
            let arrival = facts.proof_arrival(host.address, variant);
            let lost = facts.proof(host, variant);
            // It is waited for where the message was taken.
            if lost.is_err_and(|why| why == Unseen::Pending) && is_sent(facts, host, variant)
                || matches!(lost, Ok((_, Proof::Arrived(_) | Proof::Lost)))
            {
                wanted.push(arrival);
            }
        }
    }
}

fn is_sent(facts: &Facts<'_>, host: &Host, variant: Variant) -> bool {
    facts.proof_inquiry(host, variant).is_ok_and(|inquiry| facts.case.get(&inquiry).is_some())
}

fn smuggling(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    for host in facts.opened(Word::Limits) {
        wanted.extend(facts.smuggling_inquiry(host.address));
    }
}

fn gateway(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    if !facts.is_granted(Word::Limits) {
        return;
    }
    if let Some(name) = facts.tenant_host() {
        addresses(&name, wanted);
    }
    for host in facts.backends() {
        if may_be_asked(facts, host.address, wanted) {
            wanted.extend(facts.gateway_inquiry(&host));
        }
    }
}
