//! The DKIM keys: at the selectors that were named; and of a domain that sends, at those that it
//! may have, with a made-up one to tell a wildcard.

use std::collections::BTreeSet;

use crate::Inquiry;
use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::syntax::dkim;

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut BTreeSet<Inquiry>) {
    let mut names: Vec<_> =
        facts.case.options.selectors.iter().filter_map(|selector| dkim::name(selector, facts.domain())).collect();
    if facts.sends() == Ok(true)
        && let Ok(guesses) = facts.guessed_selectors()
    {
        names.extend(guesses.into_iter().filter_map(|selector| dkim::name(selector, facts.domain())));
        names.extend(facts.made_up_selector());
    }
    wanted.extend(names.iter().map(|name| Inquiry::dns(name, RecordType::Txt)));
}
