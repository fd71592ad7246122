//! Known names at a word of a line.

use super::products::{CAPITAL, NOUNS, PRODUCTS, PROTOCOLS, SYSTEMS, entries, one_of};
use super::versions::{Version, joined, read};
use super::words::{Shape, Word};

/// Does a product's name begin with this word?
pub(super) fn is_product(words: &[Word<'_>], at: usize) -> bool {
    product(words, at).is_some()
}

/// A known product.
pub(super) struct Named {
    /// How many words it takes.
    pub len: usize,
    /// Where its name begins and ends.
    pub start: usize,
    pub end: usize,
    /// The version that is joined to it.
    pub version: Option<Version>,
}

impl Named {
    const fn whole(word: &Word<'_>) -> Self {
        Self { len: 1, start: word.start, end: word.end(), version: None }
    }
}

/// The known product whose name begins at a word.
pub(super) fn product(words: &[Word<'_>], at: usize) -> Option<Named> {
    let word = words.get(at)?;
    if let Some(len) = phrase(words, at, PRODUCTS) {
        let last = words.get(at + len - 1)?;
        // "ESMTP maddy": right behind the protocol its name needs no capital.
        let placed = at.checked_sub(1).and_then(|at| words.get(at)).is_some_and(|word| one_of(PROTOCOLS, &word.lower));
        let plain = len == 1 && one_of(CAPITAL, &word.lower) && !word.is_capital() && !placed;
        return (!plain).then_some(Named { len, start: word.start, end: last.end(), version: None });
    }
    if word.shape != Shape::Plain {
        return None;
    }
    let counts = |name: &str| {
        let lower = name.to_ascii_lowercase();
        one_of(PRODUCTS, &lower) && (!one_of(CAPITAL, &lower) || word.is_capital())
    };
    if let Some((end, version)) = joined(word.text) {
        let name = word.text.get(..end)?;
        let version = Some(version).filter(|version| version.is_full() || version.marked);
        if counts(name) || name.split(['-', '_', '/']).next().is_some_and(counts) {
            return Some(Named { end: word.start + end, version, ..Named::whole(word) });
        }
        // "SMTP/DeleGate/9.9.13".
        if let Some((protocol, known)) = name.split_once('/')
            && one_of(PROTOCOLS, &protocol.to_ascii_lowercase())
            && counts(known)
        {
            let start = word.start + protocol.len() + 1;
            return Some(Named { start, end: word.start + end, version, ..Named::whole(word) });
        }
    }
    // "Postal/K3JZX8": what stands behind is an id.
    if let Some((name, _)) = word.text.split_once('/').filter(|(name, _)| counts(name)) {
        return Some(Named { end: word.start + name.len(), ..Named::whole(word) });
    }
    // "SimpleEmailService-d-8NZ2MTS1R": so it is.
    let is_id = |id: &str| id.len() > 7 && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if let Some((name, rest)) = word.text.split_once('-')
        && rest.rsplit('-').next().is_some_and(|id| is_id(id) && id.contains(|c: char| c.is_ascii_digit()))
        && counts(name)
    {
        return Some(Named { end: word.start + name.len(), ..Named::whole(word) });
    }
    // "Hamster-SMTP-Server", "SMTP/smap": what stands beside the name says no more.
    let says_nothing = |part: &str| {
        let part = part.to_ascii_lowercase();
        [NOUNS, PROTOCOLS, SYSTEMS, PRODUCTS].into_iter().any(|list| one_of(list, &part))
    };
    let mut from = word.start;
    let mut named = None;
    for part in word.text.split(['-', '_', '/']) {
        if !says_nothing(part) {
            named = None;
            break;
        }
        if counts(part) && named.is_none() {
            named = Some((from, from + part.len()));
        }
        from += part.len() + 1;
    }
    if let Some((start, end)) = named {
        return Some(if start == word.start { Named::whole(word) } else { Named { start, end, ..Named::whole(word) } });
    }
    // "Smail3.2", "FTGate6".
    let name = word.text.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    // "PMDFV6.4".
    let name = name.strip_suffix(['v', 'V']).filter(|name| counts(name)).unwrap_or(name);
    if name.len() > 3 && name.len() < word.text.len() && counts(name) {
        let version = read(word.text.get(name.len()..)?)?;
        let place = Version { start: name.len() + version.start, head: name.len() + version.head, ..version };
        let end = if version.is_full() { word.start + name.len() } else { word.end() };
        return Some(Named { end, version: Some(place).filter(|version| version.is_full()), ..Named::whole(word) });
    }
    None
}

/// The most words that an entry of a sorted list has in common with these; "(tm)" may stand between.
pub(super) fn phrase(words: &[Word<'_>], at: usize, list: &str) -> Option<usize> {
    let first = words.get(at)?.lower.as_str();
    let entries = entries(list, first).take_while(|entry| entry.starts_with(first));
    entries.filter_map(|entry| matched(words.get(at..)?, entry)).max()
}

fn matched(words: &[Word<'_>], entry: &str) -> Option<usize> {
    let mut taken = 0;
    for part in entry.split(' ') {
        while taken > 0 && words.get(taken).is_some_and(|word| word.lower == "tm") {
            taken += 1;
        }
        let word = words.get(taken)?;
        if word.lower != part || taken > 0 && (word.apart || word.opens) {
            return None;
        }
        taken += 1;
    }
    Some(taken)
}
