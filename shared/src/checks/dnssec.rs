//! # dnssec
//!
//! **Objective.** Nobody on the way can say where the domain's mail goes but its own zone.
//!
//! **Evidence.** Whether the resolver vouches for its answer to the question for MX records (the
//! flag AD).
//!
//! **Outcomes.**
//! - `secure`: it does.
//! - `insecure`: it does not. A note: the zone is not signed, or the resolver does not validate. A
//!   zone whose signatures are wrong gives no answer at all (SERVFAIL), and stays untested.
//!
//! **Source.** RFC 4035 sections 3.2.3 and 4.3, RFC 6840 section 5.8.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::{Finding, Sin};

outcomes! {
    Secure = "secure", Clean, "Where mail goes is signed",
        "The resolver checked the signatures on the answer (DNSSEC), so nobody on the way can have changed it.";
    Insecure = "insecure", Note, "Where mail goes is not known to be signed",
        "The resolver did not vouch for the answer: either the zone is not signed (DNSSEC), or this resolver does not check signatures. Without signatures, whoever can forge DNS answers can take the mail, and DANE cannot work.";
}

pub(super) const CHECK: Check = Check {
    id: "dnssec",
    sin: Sin::DnsErrors,
    title: "Signatures in DNS",
    source: "RFC 4035 sections 3.2.3 and 4.3",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let domain = facts.domain();
    match facts.dns(domain, RecordType::Mx) {
        Err(why) => vec![CHECK.untested(facts, why, &Subject::Domain, Seen::default())],
        Ok(answer) if answer.nxdomain => Vec::new(),
        Ok(answer) => {
            let (outcome, flag) = if answer.authenticated {
                (Outcome::Secure, "signed, and the signature holds (AD)")
            } else {
                (Outcome::Insecure, "the resolver does not vouch for it (no AD)")
            };
            let seen = Seen::dns(domain, RecordType::Mx, answer).and(Seen::text(flag)).mark(flag);
            vec![CHECK.found(facts, outcome, &Subject::Domain, seen)]
        }
    }
}
