//! The chain of what forwarders say of a message, ARC (RFC 8617): its sets, read from the header. A set is what one of them
//! found, a signature over the message as it left, and a seal over all sets so far.

use super::message::Field;
use super::signature::{Algorithm, Fault, Signature, Tags, of_tags};
use crate::{DomainName, Unseen};

/// The most sets that are looked at; a chain may have 50 (section 4.2.1).
pub const SETS_MAX: usize = 10;

/// A set, its fields by their place in the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// Its ARC-Authentication-Results.
    pub results: usize,
    /// Its ARC-Message-Signature.
    pub message: usize,
    /// Its ARC-Seal.
    pub seal: usize,
    /// The former.
    pub signature: Signature,
    /// The latter.
    pub sealed: Seal,
}

/// What a seal says (section 4.1.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// `a=`.
    pub algorithm: Algorithm,
    /// `d=`: who seals.
    pub domain: DomainName,
    /// `s=`: which key.
    pub selector: String,
    /// `b=`.
    pub signature: Vec<u8>,
}

/// A fault of a chain, and in which set; from 1.
pub type Broken = (usize, Fault);

/// What came of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chain {
    /// There is none.
    None,
    /// All so many sets hold.
    Pass(usize),
    /// This set breaks it.
    Fail(usize, Fault),
    /// A key of this set could not be looked up.
    Unseen(usize, Unseen),
}

/// The sets of a message, the first forwarder's first. An error where they make no chain (section 5.2, steps 1 to 3).
pub fn sets(fields: &[Field]) -> Result<Vec<Set>, Broken> {
    let named = |name: &'static str| {
        let of_name = fields.iter().enumerate().filter(move |(_, field)| field.is(name));
        of_name.map(|(at, field)| (instance(&field.text), at)).collect::<Vec<_>>()
    };
    let (results, messages, seals) =
        (named("ARC-Authentication-Results"), named("ARC-Message-Signature"), named("ARC-Seal"));
    let all = || results.iter().chain(&messages).chain(&seals);
    let Some(last) = all().map(|(instance, _)| *instance).max() else { return Ok(Vec::new()) };
    if all().any(|(instance, _)| *instance == 0) {
        return Err((0, "A field of it does not say in i to which set it belongs."));
    }
    if last > SETS_MAX {
        return Err((last, "It has more sets than we look at."));
    }
    let mut sets = Vec::new();
    for instance in 1..=last {
        let broken = |fault| (instance, fault);
        let one = |list: &[(usize, usize)]| {
            let mut of_set = list.iter().filter(|(of, _)| *of == instance).map(|(_, at)| *at);
            let first = of_set.next().ok_or(broken("A field of the set is missing."))?;
            of_set.next().map_or(Ok(first), |_| Err(broken("A field of the set stands there twice.")))
        };
        let (results, message, seal) = (one(&results)?, one(&messages)?, one(&seals)?);
        let text = |at: usize| fields.get(at).map_or("", |field| field.text.as_str());
        let signature = Tags::read(text(message)).and_then(|tags| of_tags(&tags)).map_err(broken)?;
        let sealed = read_seal(text(seal), instance).map_err(broken)?;
        sets.push(Set { results, message, seal, signature, sealed });
    }
    Ok(sets)
}

fn read_seal(text: &str, instance: usize) -> Result<Seal, Fault> {
    let tags = Tags::read(text)?;
    match (tags.get("cv"), instance) {
        (Some("none"), 1) | (Some("pass"), 2..) => {}
        (Some("fail"), _) => return Err("It says by itself that the chain was broken when it came there (cv=fail)."),
        (Some("none" | "pass"), _) => return Err("Its cv does not fit its place in the chain."),
        _ => return Err("It does not say in cv how it found the chain."),
    }
    if tags.get("h").is_some() {
        return Err("The seal has a tag h."); // section 4.1.3
    }
    let (domain, selector) = tags.signer()?;
    Ok(Seal { algorithm: tags.algorithm()?, domain, selector, signature: tags.signature()? })
}

/// The number of the set that a field belongs to, or 0. It is the first tag of results, and any of the others.
fn instance(text: &str) -> usize {
    let tag = text.split(';').filter_map(|part| part.split_once('=')).find(|(name, _)| name.trim() == "i");
    tag.and_then(|(_, value)| value.trim().parse().ok()).unwrap_or(0)
}
