//! # tls-certificate
//!
//! **Objective.** Whoever connects can tell by its certificate that it is the right server.
//!
//! **Evidence.** The chain of certificates that each MX address shows behind STARTTLS on ports 25 and 587 and on port 465,
//! asked for by the name of the first MX record that leads there; that of each host where people reach their mail there
//! (not on 25), on ports 993 and 995, and behind STARTTLS on 143 and 110, asked for by the surest name that leads there;
//! and whether the chain led to a widely trusted authority (Mozilla's list) at that time. Nobody has asked for other names.
//!
//! **Outcomes.**
//! - `valid`: the certificate is for this host, leads to a widely trusted authority, is within its dates, and its key and
//!   signatures are strong.
//! - `mx-unverifiable`: on port 25, the certificate has expired, is not valid yet, signed itself, leads to no widely trusted
//!   authority, or is for other names. A note: most senders encrypt all the same. What MTA-STS and DANE make of it, `mta-sts`
//!   and `dane` say.
//! - `mx-weak`: on port 25, an RSA key below 2048 bits, or a signature over SHA-1 or MD5. A note.
//! - `expired`: on any other port, the certificate has expired or is not valid yet. Venial.
//! - `self-signed`: there, it is signed by itself. Venial.
//! - `wrong-name`: there, it is for other names than that of an SRV record, or that which the person who asks has named.
//!   Venial.
//! - `other-names`: there, it is for other names than that of an MX host, or one that was guessed. A note, since that is
//!   only a guess at the name that users enter there.
//! - `untrusted`: there, it leads to no widely trusted authority. A note: users may have been given the authority, or
//!   an intermediate certificate is missing.
//! - `weak-key`: there, an RSA key below 2048 bits. Venial.
//! - `weak-signature`: there, a signature over SHA-1 or MD5 in the chain. Venial.
//! - `expires-soon`: less than 30 days are left. A note.
//!
//! A port without TLS is the matter of `starttls`.
//!
//! **Source.** RFC 8314 section 4, RFC 7817, RFC 9525, RFC 9325 section 4.

use super::at_hosts::one_for_all;
use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{Contents, Path, Secured, Tls};
use crate::facts::{Facts, IMAP, IMAPS, POP, POPS, SMTP};
use crate::{DomainName, Finding, Sin, Unseen};

/// A day, in milliseconds.
const DAY_MS: i64 = 86_400_000;

/// Certificates are renewed by then.
const SOON_DAYS: i64 = 30;

outcomes! {
    Valid = "valid", Clean, "A certificate that anyone can check",
        "The certificate is for this host and leads to an authority that is widely trusted.";
    MxUnverifiable = "mx-unverifiable", Note, "Senders cannot check the certificate",
        "Other mail servers encrypt all the same, but cannot tell whether it is this server that they speak to.";
    MxWeak = "mx-weak", Note, "The certificate is weak",
        "A key below 2048 bits or a signature over SHA-1 can be forged by those who take the trouble.";
    Expired = "expired", Venial, "The certificate is not valid now",
        "Mail programs warn of the server or refuse it. Users who learn to click such warnings away will do so when it matters." => RenewCertificate;
    SelfSigned = "self-signed", Venial, "The certificate vouches for itself",
        "Mail programs warn of the server or refuse it, and users cannot tell it from an impostor that asks for their password." => TrustedCertificate;
    WrongName = "wrong-name", Venial, "The certificate is not for the name that users are told",
        "Mail programs that follow this name warn of the server or refuse it, and cannot tell it from an impostor that asks for the password." => TrustedCertificate;
    OtherNames = "other-names", Note, "The certificate is for other names",
        "Users who enter this host's name in their mail program get a warning. If they are told another name, all may be well.";
    Untrusted = "untrusted", Note, "The certificate leads to no authority that we know",
        "Either an intermediate certificate is missing, or the authority is a private one that users must have been given.";
    WeakKey = "weak-key", Venial, "The certificate's key is too short",
        "RSA keys below 2048 bits can be broken, and whoever does so can pose as this server." => StrongCertificate;
    WeakSignature = "weak-signature", Venial, "The certificate has a weak signature",
        "Signatures over SHA-1 and MD5 can be forged, so this certificate proves little; current programs refuse it." => StrongCertificate;
    ExpiresSoon = "expires-soon", Note, "The certificate expires soon",
        "Less than 30 days are left. If nothing renews it by itself, put it into the calendar.";
}

pub(super) const CHECK: Check = Check {
    id: "tls-certificate",
    sin: Sin::PlainTextAuthentication,
    title: "Certificates",
    source: "RFC 8314 section 4, RFC 7817, RFC 9525",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = CHECK.at_each_smtp(facts, |port, session, subject| {
        port_findings(facts, port, session.secured(), session.tls.as_ref(), subject)
    });
    findings.extend(CHECK.at_each_client(facts, &[IMAP, IMAPS, POP, POPS], |port, session, subject| {
        port_findings(facts, port, session.secured(port), session.tls.as_ref(), subject)
    }));
    one_for_all(facts, findings)
}

fn port_findings(
    facts: &Facts<'_>,
    port: u16,
    secured: Result<Option<&Secured>, Unseen>,
    tls: Option<&Tls>,
    subject: &Subject,
) -> Vec<Finding> {
    let untested = |why, seen| vec![CHECK.untested(facts, why, subject, seen)];
    let secured = match secured {
        Ok(Some(secured)) => secured,
        Ok(None) => return Vec::new(),
        Err(why) => return untested(why, Seen::tls(tls)),
    };
    let name = match subject {
        Subject::Port(host, IMAP | IMAPS | POP | POPS) => facts.client_name(host.address),
        Subject::Port(host, _) => facts.tls_name(host.address),
        _ => Err(Unseen::NoBase),
    };
    let (Some(own), Ok(name)) = (secured.own(), name) else {
        return untested(Unseen::NoCertificate, Seen::tls(tls));
    };
    let faults = faults(facts, secured, own, &name, port);
    let found = |outcome| CHECK.found(facts, outcome, subject, Seen::certificate(secured));
    let mut findings: Vec<Finding> = faults.into_iter().map(found).collect();
    let now = i64::try_from(facts.case.started).unwrap_or(i64::MAX);
    let left = own.not_after.saturating_sub(now) / DAY_MS;
    if findings.is_empty() {
        findings = match secured.path {
            Some(Path::Trusted) if own.names_host(name.as_str()) => vec![found(Outcome::Valid)],
            _ => return untested(Unseen::NoCertificate, Seen::certificate(secured)),
        };
    }
    if own.not_after > now && left < SOON_DAYS {
        findings.push(found(Outcome::ExpiresSoon));
    }
    findings
}

/// What is wrong with a chain, for those who connect to this port.
fn faults(facts: &Facts<'_>, secured: &Secured, own: &Contents, name: &DomainName, port: u16) -> Vec<Outcome> {
    let mut faults = Vec::new();
    match secured.path {
        Some(Path::Expired | Path::NotYetValid) => faults.push(Outcome::Expired),
        // What signed itself leads to nobody; it is the stronger word.
        Some(Path::UnknownIssuer | Path::BadSignature) if !own.self_issued => faults.push(Outcome::Untrusted),
        _ => {}
    }
    if own.self_issued && secured.path != Some(Path::Trusted) {
        faults.push(Outcome::SelfSigned);
    }
    // RFC 9525 section 6.3: only DNS names count; today's programs go by that.
    if !own.names_host(name.as_str()) && !own.more_names {
        faults.push(if facts.is_told(name) { Outcome::WrongName } else { Outcome::OtherNames });
    }
    // RFC 9325 section 4.5: at least 112 bits of security, which RSA has from 2048 bits on.
    if own.key == "RSA" && own.bits.is_some_and(|bits| bits < 2048) {
        faults.push(Outcome::WeakKey);
    }
    if secured.chain.iter().filter_map(|certificate| certificate.contents.as_ref()).any(is_weakly_signed) {
        faults.push(Outcome::WeakSignature);
    }
    if port != SMTP {
        return faults;
    }
    // On port 25 most senders check nothing (RFC 7435).
    let weak = |outcome: &Outcome| matches!(outcome, Outcome::WeakKey | Outcome::WeakSignature);
    let mut notes = Vec::new();
    if faults.iter().any(|outcome| !weak(outcome)) {
        notes.push(Outcome::MxUnverifiable);
    }
    if faults.iter().any(weak) {
        notes.push(Outcome::MxWeak);
    }
    notes
}

/// A signature by which somebody could be deceived. Nobody goes by that of a root on itself.
fn is_weakly_signed(contents: &Contents) -> bool {
    !(contents.self_issued && contents.authority)
        && (contents.signature.ends_with("-SHA1") || contents.signature.ends_with("-MD5"))
}
