//! # dkim-key
//!
//! **Objective.** The keys that the domain signs its mail with can be found, read and trusted.
//!
//! **Evidence.** The TXT records at `<selector>._domainkey.` of a domain that sends mail, for the
//! selectors that were named, for those of the providers in its MX and SPF records, and for a few
//! that are in common use (12 guesses in all); and at a made-up one: what a wildcard answers there
//! too is no key.
//!
//! **Outcomes.**
//! - `sound`: a key that receivers can use, RSA of 2048 to 4096 bits or Ed25519.
//! - `weak`: RSA of 1024 to 2047 bits. Venial.
//! - `too-short`: RSA under 1024 bits, which receivers must not accept. Venial: it may be left over.
//! - `faulty`: a record with a fault, so that receivers may discard it. Venial.
//! - `several`: more than one key at a selector, so that nobody knows which counts. Venial.
//! - `long`: RSA over 4096 bits, which receivers need not know. A note.
//! - `bare`: an RSA key without its usual frame. A note.
//! - `testing`: the key says that its mail is a test (`t=y`). A note.
//! - `revoked`: an empty key. A note: the selector is no longer in use.
//! - `dangling`: an alias of a name without a record. A note: providers keep such a spare until
//!   they change keys.
//! - `not-there`: no key at a selector that was named. A note.
//!
//! Without any key it is untested, not absent: DNS has no list of selectors.
//!
//! **Source.** RFC 6376 section 3.6, RFC 8301 section 3, RFC 8463.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::DnsAnswer;
use crate::facts::Facts;
use crate::facts::dkim::{Stands, is_of_wildcard, stands};
use crate::inquiry::RecordType;
use crate::syntax::dkim::{self, Key, Kind};
use crate::{DomainName, Finding, Sin, Unseen};

outcomes! {
    Sound = "sound", Clean, "A sound DKIM key",
        "Receivers can find and read this key, and check with it what is signed by this domain.";
    Weak = "weak", Venial, "The DKIM key is short",
        "Signers should use RSA keys of 2048 bits or more; a shorter one may be broken by who has the means, who can then sign in this domain's name." => LongerDkimKey;
    TooShort = "too-short", Venial, "The DKIM key is far too short",
        "An RSA key under 1024 bits can be broken, so receivers must not accept what it signs. If it is left over from earlier, remove it." => LongerDkimKey;
    Faulty = "faulty", Venial, "The DKIM key record is faulty",
        "The marked parts break the rules of key records, so receivers may discard the key, and signatures that need it fail." => MendDkimKey;
    Several = "several", Venial, "More than one DKIM key at a selector",
        "What receivers do with two key records at one selector is undefined, so signatures may fail." => OneDkimKey;
    Long = "long", Note, "The DKIM key is very long",
        "Receivers need to know RSA keys of up to 4096 bits only, so some can't check what this one signs.";
    Bare = "bare", Note, "The DKIM key is in an unusual form",
        "The RSA key stands there without the frame (SubjectPublicKeyInfo) that nearly everyone publishes. The standard allows it, but some receivers can't read it.";
    Testing = "testing", Note, "The DKIM key is marked as a test",
        "With t=y receivers treat mail whose signature fails as if it had none. Take the flag out once signing works.";
    Revoked = "revoked", Note, "A revoked DKIM key",
        "The key is empty: whatever is still signed with this selector fails. That is how a key is retired.";
    Dangling = "dangling", Note, "A DKIM selector leads to nothing",
        "The selector is an alias of a name that has no key. Many providers keep it so until they change keys; if this provider no longer sends for the domain, remove the alias.";
    NotThere = "not-there", Note, "No DKIM key at the selector that was named",
        "Look for a slip in the name, which stands behind s= in the DKIM-Signature header of a sent mail. If it is right, signatures with it fail.";
}

pub(super) const CHECK: Check = Check {
    id: "dkim-key",
    sin: Sin::DnsErrors,
    title: "DKIM keys",
    source: "RFC 6376 section 3.6, RFC 8301 section 3, RFC 8463",
    consent: false,
    outcomes: ROWS,
    judge,
};

/// The most faults of one record that are told.
const FAULTS_TOLD: usize = 8;

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.exists() == Ok(false) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    // Is there a key that is not revoked?
    let mut keyed = false;
    for name in facts.named_keys() {
        match facts.dns(&name, RecordType::Txt) {
            Ok(answer) => keyed |= at(facts, &name, answer, true, &mut findings),
            Err(why) => findings.push(CHECK.untested(facts, why, &Subject::Name(name), Seen::default())),
        }
    }
    if let Err(why) = guessed(facts, keyed, &mut findings) {
        findings.push(CHECK.untested(facts, why, &Subject::Domain, Seen::default()));
    }
    findings
}

/// Judges what stands at the guessed selectors; why there may be more than was seen.
fn guessed(facts: &Facts<'_>, mut keyed: bool, findings: &mut Vec<Finding>) -> Result<(), Unseen> {
    let guesses = facts.guessed_keys()?;
    if guesses.is_empty() {
        return Ok(());
    }
    let control = facts.dns(&facts.made_up_selector().ok_or(Unseen::NoBase)?, RecordType::Txt)?;
    let mut unseen = None;
    for name in guesses {
        match facts.dns(&name, RecordType::Txt) {
            Ok(answer) if is_of_wildcard(answer, control) => {}
            Ok(answer) => keyed |= at(facts, &name, answer, false, findings),
            Err(why) => unseen = Some(if unseen == Some(Unseen::Pending) { Unseen::Pending } else { why }),
        }
    }
    match (unseen, stands(control)) {
        (Some(why), _) => Err(why),
        _ if keyed => Ok(()),
        (None, Stands::Key(_) | Stands::Several) => Err(Unseen::Wildcard),
        (None, _) => Err(Unseen::NoSelector),
    }
}

/// Judges the answer at one selector, which was `named` or guessed. Is there a key that is not
/// revoked?
fn at(facts: &Facts<'_>, name: &DomainName, answer: &DnsAnswer, named: bool, findings: &mut Vec<Finding>) -> bool {
    let whole = || Seen::dns(name, RecordType::Txt, answer);
    let mut add = |outcome, seen| findings.push(CHECK.found(facts, outcome, &Subject::Name(name.clone()), seen));
    let text = match stands(answer) {
        Stands::Key(text) => text,
        // RFC 6376 section 3.6.2.2: the results are undefined.
        Stands::Several => {
            add(Outcome::Several, whole());
            return true;
        }
        Stands::Dangling => {
            add(Outcome::Dangling, whole());
            return false;
        }
        Stands::Nothing => {
            if named {
                add(Outcome::NotThere, whole());
            }
            return false;
        }
    };
    let key = dkim::parse(&text);
    let outcomes = outcomes(&key);
    let mut seen = Seen::txt(answer.aliases.last().unwrap_or(name).as_str(), &text, marks(&key, &outcomes));
    if let Some(alias) = answer.aliases.first() {
        seen = Seen::text(format!("{name} CNAME {alias}")).and(seen);
    }
    if let Some(size) = size(&key) {
        seen = seen.and(Seen::text(size));
    }
    for fault in key.faults.iter().take(FAULTS_TOLD) {
        seen = seen.and(Seen::text(fault.message));
    }
    for outcome in outcomes {
        add(outcome, seen.clone());
    }
    !key.revoked
}

/// What a key record amounts to.
fn outcomes(key: &Key) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    if key.is_faulty() {
        outcomes.push(Outcome::Faulty);
    } else if key.revoked {
        return vec![Outcome::Revoked];
    }
    match key.kind {
        // RFC 8301 section 3.2: such signatures must not be taken as valid.
        Some(Kind::Rsa { bits: ..1024 }) => outcomes.push(Outcome::TooShort),
        // RFC 8301 section 3.2: signers should use at least 2048 bits.
        Some(Kind::Rsa { bits: 1024..2048 }) => outcomes.push(Outcome::Weak),
        // RFC 8301 section 3.2: verifiers must know up to 4096 bits, and may know more.
        Some(Kind::Rsa { bits: 4097.. }) => outcomes.push(Outcome::Long),
        _ => {}
    }
    if key.is_bare() {
        outcomes.push(Outcome::Bare);
    }
    if key.testing {
        outcomes.push(Outcome::Testing);
    }
    if outcomes.is_empty() {
        outcomes.push(Outcome::Sound);
    }
    outcomes
}

fn marks(key: &Key, outcomes: &[Outcome]) -> Vec<(usize, usize)> {
    let mut marks: Vec<_> = key.faults.iter().take(FAULTS_TOLD).map(|fault| (fault.start, fault.end)).collect();
    marks.extend(outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Revoked | Outcome::Weak | Outcome::TooShort | Outcome::Long => Some(key.key_at),
        Outcome::Testing => Some(key.flags_at),
        _ => None,
    }));
    marks
}

fn size(key: &Key) -> Option<String> {
    key.kind.map(|kind| match kind {
        Kind::Rsa { bits } => format!("RSA, {bits} bits"),
        Kind::Ed25519 => "Ed25519".to_owned(),
    })
}
