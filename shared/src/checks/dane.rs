//! # dane
//!
//! **Objective.** Senders can tell by signed records that they speak to the right server, and
//! nobody on the way can make them do without encryption.
//!
//! **Evidence.** The TLSA records at `_25._tcp.` of the four preferred MX targets (of an alias:
//! where it leads, then of the alias itself), whether the resolver vouches for them, for the
//! addresses and for the MX records, the EHLO replies on port 25 and the certificates that the addresses show there. Where the TLSA question fails
//! with SERVFAIL, the same question again with checks disabled.
//!
//! **Outcomes.**
//! - `matches`: at least one of the records matches the certificate that the host shows: of usage 3 the certificate or its
//!   key, of usage 2 one above it, to which a valid path leads and whose host has the right name. Others beside it may wait
//!   for the next key.
//! - `mismatch`: no usable record matches. Mortal: senders that check DANE do not deliver.
//! - `no-starttls`: there are signed TLSA records for this host, and it offers no STARTTLS. Mortal:
//!   senders that check DANE do not deliver.
//! - `bogus`: the signatures on the TLSA records are wrong. Mortal: senders that check DANE do not
//!   deliver.
//! - `probably-bogus`: the same, but the resolver does not say that it is for the signatures.
//! - `unusable`: none of the records can be used by senders of mail: usage 0 or 1, an unknown
//!   number, or data of the wrong length. Venial: they encrypt, but check nothing.
//! - `unsigned`: there are TLSA records, but they or the target's addresses are not signed. Venial:
//!   senders ignore them.
//! - `mx-unsigned`: the TLSA records are signed, but the MX records that lead to them are not. A
//!   note: some senders use them nevertheless.
//! - `absent`: no TLSA records. A note.
//!
//! An address that is shared with a more preferred MX host was asked for the certificate of that one; what it shows for
//! this one is untested.
//!
//! **Source.** RFC 7672 sections 2.1.2, 2.2 and 3.1, RFC 7671, RFC 6698 section 2.1.

use super::build::{Seen, Subject};
use super::dnssec::without_checks;
use super::{Check, outcomes};
use crate::evidence::{DnsAnswer, Record, Step};
use crate::facts::{Dane, Facts, SMTP, Trust, tlsa_matches};
use crate::inquiry::RecordType;
use crate::syntax::{ehlo, tlsa};
use crate::{DomainName, Finding, Sin, Unseen};

outcomes! {
    Matches = "matches", Clean, "DANE vouches for the server",
        "Senders that check DANE deliver here only over TLS, and only to a server with this key.";
    Mismatch = "mismatch", Mortal, "No TLSA record matches the server's certificate",
        "Senders that check DANE take this server for an impostor and do not deliver. Usually the certificate was renewed with another key, and the record was not." => MendTlsa;
    NoStarttls = "no-starttls", Mortal, "DANE asks for encryption, and the server offers none",
        "Signed TLSA records tell senders to deliver over TLS only, but this server does not offer STARTTLS: senders that check DANE do not deliver." => OfferStartTls;
    Bogus = "bogus", Mortal, "The signatures on the TLSA records are wrong",
        "Senders that check DANE get no answer when they ask for these records, and then must not deliver to this host." => MendDnssec;
    ProbablyBogus = "probably-bogus", Mortal suspected, "The signatures on the TLSA records seem to be wrong",
        "The resolver gave the TLSA answer only when it was told not to check signatures. If they are wrong, senders that check DANE must not deliver to this host." => MendDnssec;
    Unusable = "unusable", Venial, "No TLSA record can be used",
        "Senders that check DANE insist on encryption here, but cannot tell by these records whether they speak to the right server." => MendTlsa;
    Unsigned = "unsigned", Venial, "The TLSA records are not signed",
        "Senders use TLSA records only if they and the host's addresses are signed (DNSSEC), since anybody on the way could have written them otherwise. These protect nobody." => SignZone;
    MxUnsigned = "mx-unsigned", Note, "The way to the TLSA records is not signed",
        "The host's TLSA records are signed, but the MX records that lead to the host are not, so the mail can still be led elsewhere. Some senders use the TLSA records all the same.";
    Absent = "absent", Note, "No DANE",
        "There are no TLSA records for this host. With signed ones, senders that check DANE would refuse to deliver to an impostor, or without encryption.";
}

pub(super) const CHECK: Check = Check {
    id: "dane",
    sin: Sin::DnsErrors,
    title: "DANE",
    source: "RFC 7672 sections 2.1.2, 2.2, 3.1 and 3.2",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    if let Err(instead) = CHECK.of_mail_domain(facts) {
        return instead;
    }
    facts.dane_targets().iter().flat_map(|target| of_target(facts, target)).collect()
}

fn of_target(facts: &Facts<'_>, target: &DomainName) -> Vec<Finding> {
    let subject = Subject::Name(target.clone());
    let untested = |why, seen| vec![CHECK.untested(facts, why, &subject, seen)];
    let found = |outcome, seen| vec![CHECK.found(facts, outcome, &subject, seen)];
    let show = |name: &DomainName, answer: &DnsAnswer| Seen::dns(name, RecordType::Tlsa, answer);
    match facts.dane(target) {
        Err(why) => untested(why, Seen::default()),
        Ok(None) => Vec::new(),
        Ok(Some(Dane::Absent(name, answer))) => found(Outcome::Absent, show(&name, answer)),
        // RFC 7672 section 2.1.2: a failed TLSA question makes the server unreachable.
        Ok(Some(Dane::Bogus(name, unchecked, proved))) => {
            let outcome = if proved { Outcome::Bogus } else { Outcome::ProbablyBogus };
            found(outcome, without_checks(&name, RecordType::Tlsa, unchecked))
        }
        Ok(Some(Dane::Unsigned(name, answer))) => {
            let seen = show(&name, answer);
            // A resolver that checks no signatures vouches for nothing.
            if facts.validates() { found(Outcome::Unsigned, seen) } else { untested(Unseen::NoBase, seen) }
        }
        Ok(Some(Dane::Secure(name, answer))) => of_records(facts, target, &name, answer),
    }
}

fn of_records(facts: &Facts<'_>, target: &DomainName, at: &DomainName, answer: &DnsAnswer) -> Vec<Finding> {
    let subject = Subject::Name(target.clone());
    let seen = &Seen::dns(at, RecordType::Tlsa, answer);
    let mut findings = match facts.trust(facts.domain(), RecordType::Mx) {
        Ok(Trust::Secure(_)) => without_starttls(facts, target, seen),
        // RFC 7672 section 2.2.1: senders may use the records, and need not.
        Ok(_) => return vec![CHECK.found(facts, Outcome::MxUnsigned, &subject, seen.clone())],
        Err(why) => return vec![CHECK.untested(facts, why, &subject, seen.clone())],
    };
    let usable = |record: &&Record| match record {
        Record::Tlsa { usage, selector, matching, data } => tlsa::usable(*usage, *selector, *matching, data),
        _ => false,
    };
    let usable: Vec<&Record> = answer.records.iter().filter(usable).collect();
    if usable.is_empty() {
        // RFC 7672 section 2.2: TLS without authentication.
        findings.push(CHECK.found(facts, Outcome::Unusable, &subject, seen.clone()));
    } else {
        findings.extend(compared(facts, target, at, &usable, seen));
    }
    findings
}

/// The records against what each address of the target shows; one finding for the target where nothing
/// was seen at any.
fn compared(facts: &Facts<'_>, target: &DomainName, at: &DomainName, usable: &[&Record], seen: &Seen) -> Vec<Finding> {
    let base = at.as_str().strip_prefix("_25._tcp.").unwrap_or_default();
    // RFC 7672 section 3.2.2: the name that the mail was on its way to counts as well.
    let names = [target.as_str(), base, facts.domain().as_str()];
    let (mut findings, mut unseen) = (Vec::new(), Vec::new());
    for host in facts.hosts_of(target) {
        let secured = match facts.shown_to(target, &host) {
            Ok(None) => continue, // `no-starttls`
            Ok(Some(secured)) => secured,
            Err(why) => {
                unseen.push((host, why));
                continue;
            }
        };
        let matches: Vec<_> = usable.iter().map(|record| tlsa_matches(record, secured, &names)).collect();
        let seen = seen.clone().and(Seen::digests(secured));
        let subject = Subject::Port(host, SMTP);
        findings.push(if secured.unverified.is_some() {
            CHECK.untested(facts, Unseen::NoCertificate, &subject, seen)
        } else if matches.contains(&Some(true)) {
            CHECK.found(facts, Outcome::Matches, &subject, seen)
        } else if matches.contains(&None) {
            CHECK.untested(facts, Unseen::NoCertificate, &subject, seen)
        } else {
            // RFC 7672 section 2.2: without a match the server must not be used.
            CHECK.found(facts, Outcome::Mismatch, &subject, seen)
        });
    }
    if findings.is_empty()
        && let Some((_, why)) = unseen.first()
    {
        return vec![CHECK.untested(facts, *why, &Subject::Name(target.clone()), seen.clone())];
    }
    let unseen = unseen.into_iter().filter(|(_, why)| *why != Unseen::NoIpv6);
    findings.extend(unseen.map(|(host, why)| CHECK.untested(facts, why, &Subject::Port(host, SMTP), seen.clone())));
    findings
}

/// The hosts behind a target that do not offer STARTTLS. One that was not heard says nothing.
fn without_starttls(facts: &Facts<'_>, target: &DomainName, seen: &Seen) -> Vec<Finding> {
    let mut findings = Vec::new();
    for host in facts.hosts().0.into_iter().filter(|host| host.names.contains(target)) {
        let hello = facts.survey(host.address, SMTP).and_then(|session| session.reply(Step::Ehlo));
        if let Ok((exchange, reply)) = hello
            && reply.is_positive()
            && !ehlo::has(reply, "STARTTLS")
        {
            let seen = seen.clone().and(Seen::exchanges([exchange]));
            findings.push(CHECK.found(facts, Outcome::NoStarttls, &Subject::Port(host, SMTP), seen));
        }
    }
    findings
}
