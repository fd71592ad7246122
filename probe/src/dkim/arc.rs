//! Checks chains of ARC sets (RFC 8617 section 5.2).

use shared::outbound::Checked;
use shared::outbound::arc::{Broken, Chain, Set};
use shared::outbound::message::split;
use shared::outbound::signature::Canon;
use shared::{DomainName, Unseen};

use super::{canonical_field, holds, usable, verify, without_signature};

/// The record of a key, by domain and selector; nothing where there is none.
pub type Keys<'a> = dyn Fn(&DomainName, &str) -> Result<Option<String>, Unseen> + 'a;

/// Does the chain of a message hold? `sets` is what was read of it; `now` is in seconds since 1970.
pub fn check(message: &[u8], sets: &Result<Vec<Set>, Broken>, keys: &Keys, now: u64) -> Chain {
    let sets = match sets {
        Ok(sets) => sets,
        Err((instance, fault)) => return Chain::Fail(*instance, fault),
    };
    let Some(last) = sets.last() else { return Chain::None };
    let (fields, body) = split(message);
    // Step 4: of the signatures over messages, only the last is of the message as it is.
    let key = match keys(&last.signature.domain, &last.signature.selector) {
        Err(why) => return Chain::Unseen(sets.len(), why),
        Ok(key) => key,
    };
    let checked = match (key, fields.get(last.message)) {
        (Some(key), Some(own)) => holds(&fields, body, own, &last.signature, &key, now),
        _ => Checked::NoKey,
    };
    if !matches!(checked, Checked::Pass { .. }) {
        return Chain::Fail(sets.len(), message_fault(checked));
    }
    // Step 6: each seal is over all sets up to its own.
    for (at, set) in sets.iter().enumerate().rev() {
        let key = match keys(&set.sealed.domain, &set.sealed.selector) {
            Err(why) => return Chain::Unseen(at + 1, why),
            Ok(key) => key,
        };
        let sealed = key.ok_or(Checked::NoKey).and_then(|key| {
            let public = usable(&key, set.sealed.algorithm)?;
            let text = sealed_text(&fields, sets.get(..=at).unwrap_or_default()).ok_or(Checked::HeaderAltered)?;
            verify(&public, set.sealed.algorithm, &text, &set.sealed.signature)
        });
        if let Err(why) = sealed {
            return Chain::Fail(at + 1, seal_fault(why));
        }
    }
    Chain::Pass(sets.len())
}

/// What the last seal of these sets is over (section 5.1.1).
fn sealed_text(fields: &[shared::outbound::message::Field], sets: &[Set]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for (at, set) in sets.iter().enumerate() {
        for field in [set.results, set.message] {
            canonical_field(fields.get(field)?.raw, Canon::Relaxed, &mut out);
            out.extend_from_slice(b"\r\n");
        }
        let seal = fields.get(set.seal)?.raw;
        if at + 1 == sets.len() {
            canonical_field(&without_signature(seal)?, Canon::Relaxed, &mut out);
        } else {
            canonical_field(seal, Canon::Relaxed, &mut out);
            out.extend_from_slice(b"\r\n");
        }
    }
    Some(out)
}

const fn message_fault(checked: Checked) -> &'static str {
    match checked {
        Checked::BodyAltered | Checked::Appended => "Its signature fails: the body is not the one that was signed.",
        Checked::NoKey => "The key of its signature is not in DNS.",
        Checked::Revoked | Checked::UnusableKey => "The key of its signature cannot be used.",
        Checked::Expired => "Its signature has expired.",
        Checked::HeaderAltered | Checked::Pass { .. } | Checked::Unseen(_) => {
            "Its signature fails: the header is not the one that was signed."
        }
    }
}

const fn seal_fault(checked: Checked) -> &'static str {
    match checked {
        Checked::NoKey => "The key of its seal is not in DNS.",
        Checked::Revoked | Checked::UnusableKey => "The key of its seal cannot be used.",
        _ => "Its seal fails: a field of the chain was changed.",
    }
}

#[cfg(test)]
mod tests;
