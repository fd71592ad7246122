//! # tls-cipher
//!
//! **Objective.** Whoever connects gets a cipher that still protects.
//!
//! **Evidence.** At each MX address ports 465 and 587, where people reach their mail also 143, 993, 110, 995 and 4190: the
//! cipher suite that the server picks, behind STARTTLS where the port starts in the clear, from a first message (ClientHello) that offers TLS 1.2 at most and weak suites only:
//! without encryption, for export, RC4, DES, 3DES, and those without forward secrecy. One question with one answer: which
//! other weak suites the server has is not asked. Anonymous suites are not offered: only clients that ask for them get them, no mail
//! program does, and some servers (Postfix) grant them on purpose to senders that check no certificate anyway.
//!
//! **Outcomes.**
//! - `strong`: the server refuses all of them, and a client of today gets a good one.
//! - `client-broken`: a port where users log in takes a suite without encryption, one for export, or an anonymous one. Mortal.
//! - `client-weak`: it takes RC4, DES or 3DES. Venial.
//! - `client-no-secrecy`: it takes a suite without forward secrecy. Venial.
//!
//! Port 25 is not asked: a sender that has nothing better would send in the clear, so a weak cipher is no fault there. A port
//! without TLS is the matter of `starttls`.
//!
//! **Source.** RFC 9325 section 4.1.

use super::build::{Seen, Subject};
use super::tls_version::{answer, refuses, unclear};
use super::{Check, outcomes};
use crate::evidence::{HelloAnswer, Offer};
use crate::facts::{Facts, Today};
use crate::{Finding, Sin, Unseen};

outcomes! {
    Strong = "strong", Clean, "Only strong ciphers",
        "The server refuses the weak ciphers that we know of.";
    ClientBroken = "client-broken", Mortal, "A cipher that protects nothing",
        "Users send their password here, and the server takes a cipher that hides nothing from those who listen, or proves nothing of the server." => DropWeakCiphers;
    ClientWeak = "client-weak", Venial, "A weak cipher is on for users",
        "The server takes RC4, DES or 3DES from programs that know no better. What they encrypt can be read with some effort." => DropWeakCiphers;
    ClientNoSecrecy = "client-no-secrecy", Venial, "A cipher without forward secrecy is on for users",
        "From programs that know no better the server takes ciphers with which whoever gets hold of its key later can read everything that was recorded before." => DropWeakCiphers;
}

pub(super) const CHECK: Check = Check {
    id: "tls-cipher",
    sin: Sin::PlainTextAuthentication,
    title: "Ciphers",
    source: "RFC 9325 section 4.1",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_tls(facts, &[], |port, today, subject, seen| outcome(facts, port, today, subject, seen))
}

fn outcome(
    facts: &Facts<'_>,
    port: u16,
    today: Today<'_>,
    subject: &Subject,
    seen: &mut Seen,
) -> Result<Outcome, Unseen> {
    let answer = answer(facts, subject, port, Offer::Weak, seen)?;
    match answer {
        HelloAnswer::Takes { name, .. } => match weakness(name) {
            None => Err(Unseen::UnclearReply),
            Some(outcome) => Ok(outcome),
        },
        // Our own client has suites with forward secrecy only; without one of them a refusal says
        // little of the server.
        answer if refuses(facts, subject, port, Offer::Weak, answer) => today.works.map(|()| Outcome::Strong),
        other => Err(unclear(other)),
    }
}

/// What is wrong with a suite (RFC 9325 section 4.1: no NULL, no RC4, nothing below 112 bits, no
/// static RSA), on a port where passwords come in.
fn weakness(suite: &str) -> Option<Outcome> {
    let has = |parts: &[&str]| parts.iter().any(|part| suite.contains(part));
    if has(&["_NULL_", "_EXPORT_", "_anon_"]) {
        Some(Outcome::ClientBroken)
    } else if has(&["_RC4_", "_DES_", "_3DES_"]) {
        Some(Outcome::ClientWeak)
    } else {
        suite.starts_with("TLS_RSA_WITH_").then_some(Outcome::ClientNoSecrecy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weaknesses() {
        for (suite, want) in [
            ("TLS_RSA_WITH_NULL_SHA256", Some("client-broken")),
            ("TLS_ECDHE_RSA_WITH_NULL_SHA", Some("client-broken")),
            ("TLS_RSA_EXPORT_WITH_RC4_40_MD5", Some("client-broken")),
            ("TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA", Some("client-broken")),
            ("TLS_DH_anon_WITH_AES_128_CBC_SHA", Some("client-broken")),
            ("TLS_RSA_WITH_RC4_128_SHA", Some("client-weak")),
            ("TLS_DHE_RSA_WITH_DES_CBC_SHA", Some("client-weak")),
            ("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", Some("client-weak")),
            ("TLS_RSA_WITH_AES_256_GCM_SHA384", Some("client-no-secrecy")),
            ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", None),
            ("0x1234", None),
        ] {
            let got = weakness(suite).map(|outcome| super::super::Row::row(outcome).code);
            assert_eq!(got, want, "{suite}");
        }
    }
}
