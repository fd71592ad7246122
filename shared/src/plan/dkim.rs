//! The DKIM keys: at the selectors that were named; and of a domain that sends, at those that it
//! may have, with a made-up one to tell a wildcard.

use crate::Inquiry;
use crate::facts::Facts;
use crate::inquiry::RecordType;

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    let mut names: Vec<_> = facts.named_keys().collect();
    let guesses = facts.guessed_keys().unwrap_or_default();
    if !guesses.is_empty() {
        names.extend(facts.made_up_selector());
    }
    names.extend(guesses);
    wanted.extend(names.iter().map(|name| Inquiry::dns(name, RecordType::Txt)));
}
