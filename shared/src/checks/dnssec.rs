//! # dnssec
//!
//! **Objective.** Nobody on the way can say where the domain's mail goes but its own zone, and
//! whoever checks its signatures finds them right.
//!
//! **Evidence.** Whether the resolver vouches for its answers (the flag AD) to the questions for
//! the domain's MX records and the addresses of its four preferred MX targets. Where one of them,
//! or the question for the domain's TXT or address records, fails with SERVFAIL, the same question again with
//! checks disabled (the flag CD), and what the resolver says of the failure (extended errors). A
//! target is a subject of its own only where it differs from the domain.
//!
//! **Outcomes.**
//! - `secure`: it vouches for them.
//! - `insecure`: it does not. A note: the zone is not signed, or the resolver does not check.
//! - `bogus`: with checks there is no answer, without them there is one, and the resolver says that
//!   it is for the signatures. Mortal: for everybody who checks, the name does not exist.
//! - `probably-bogus`: the same, but the resolver does not say why; it may have failed for a moment.
//!
//! A zone whose servers give no answer either way is not bogus but dead, and stays untested.
//!
//! **Source.** RFC 4035 sections 3.2 and 5.5, RFC 6840 section 5.8, RFC 8914 section 4.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::DnsAnswer;
use crate::facts::{Facts, Trust};
use crate::inquiry::RecordType;
use crate::{DomainName, Finding, Sin, Unseen};

outcomes! {
    Secure = "secure", Clean, "Where mail goes is signed",
        "The resolver checked the signatures on the answer (DNSSEC), so nobody on the way can have changed it.";
    Insecure = "insecure", Note, "Where mail goes is not known to be signed",
        "The resolver did not vouch for the answer: either the zone is not signed (DNSSEC), or this resolver does not check signatures. Without signatures, whoever can forge DNS answers can take the mail, and DANE cannot work.";
    Bogus = "bogus", Mortal, "The signatures in DNS are wrong",
        "Resolvers that check signatures (DNSSEC) give no answer for this name, so whoever uses one cannot send mail here, nor check mail from here." => MendDnssec;
    ProbablyBogus = "probably-bogus", Mortal suspected, "The signatures in DNS seem to be wrong",
        "The resolver gave an answer only when it was told not to check signatures (DNSSEC). If they are wrong, whoever checks them cannot send mail here, nor check mail from here." => MendDnssec;
}

pub(super) const CHECK: Check = Check {
    id: "dnssec",
    sin: Sin::DnsErrors,
    title: "Signatures in DNS",
    source: "RFC 4035 sections 3.2 and 5.5",
    consent: false,
    outcomes: ROWS,
    judge,
};

/// What the signatures of a name say, with what was seen.
enum State {
    Is(Outcome, Seen),
    /// There is no such name, or no such record.
    Nothing,
    Unseen(Unseen),
}

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let domain = facts.domain();
    let addresses = [RecordType::A, RecordType::Aaaa];
    let all = [RecordType::Mx, RecordType::Txt, RecordType::A, RecordType::Aaaa];
    let of_domain = state(facts, domain, &[RecordType::Mx], &all);
    let mut findings = Vec::new();
    let mut add = |state: State, subject: &Subject| match state {
        State::Is(outcome, seen) => findings.push(CHECK.found(facts, outcome, subject, seen)),
        State::Unseen(why) => findings.push(CHECK.untested(facts, why, subject, Seen::default())),
        State::Nothing => {}
    };
    let same = match &of_domain {
        State::Is(outcome, _) => Some(*outcome),
        _ => None,
    };
    // By name, so that a remedy speaks of the domain and not of its first MX target.
    add(of_domain, &Subject::Name(domain.clone()));
    for target in facts.dane_targets().into_iter().filter(|target| target != domain) {
        match (state(facts, &target, &addresses, &addresses), same) {
            (State::Is(Outcome::Secure, _), Some(Outcome::Secure)) => {}
            (State::Is(Outcome::Insecure, _), Some(Outcome::Insecure)) => {}
            (state, _) => add(state, &Subject::Name(target)),
        }
    }
    findings
}

/// Bogus if one of the questions `all` is, else what those of `first` say: secure only where all of
/// their records are.
fn state(facts: &Facts<'_>, name: &DomainName, first: &[RecordType], all: &[RecordType]) -> State {
    for record in all {
        if let Ok(Trust::Bogus { unchecked, proved }) = facts.trust(name, *record) {
            let outcome = if proved { Outcome::Bogus } else { Outcome::ProbablyBogus };
            return State::Is(outcome, without_checks(name, *record, unchecked));
        }
    }
    let mut worst = State::Nothing;
    for record in first {
        let (outcome, flag, answer) = match facts.trust(name, *record) {
            Ok(Trust::Secure(answer)) => (Outcome::Secure, "signed, and the signature holds (AD)", answer),
            Ok(Trust::Insecure(answer)) if facts.validates() => (
                Outcome::Insecure,
                "not signed: the resolver vouches for other answers, not for this one (no AD)",
                answer,
            ),
            Ok(Trust::Insecure(answer)) => (Outcome::Insecure, "the resolver does not vouch for it (no AD)", answer),
            Ok(Trust::Bogus { .. }) => continue,
            Err(why) => return State::Unseen(why),
        };
        // The domain's answer counts even if it is that there is no such record.
        if answer.nxdomain || (answer.records.is_empty() && first.len() > 1) {
            continue;
        }
        if !matches!(worst, State::Is(Outcome::Insecure, _)) {
            worst = State::Is(outcome, Seen::dns(name, *record, answer).and(Seen::text(flag)).mark(flag));
        }
    }
    worst
}

/// A bogus answer: what stands there, and how that was seen.
pub(super) fn without_checks(name: &DomainName, record: RecordType, unchecked: &DnsAnswer) -> Seen {
    let failed = "SERVFAIL";
    Seen::text(format!("{name} {record}: {failed}"))
        .mark(failed)
        .and(Seen::text("with checks disabled (CD):"))
        .and(Seen::dns(name, record, unchecked))
}
