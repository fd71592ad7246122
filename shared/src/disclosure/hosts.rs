//! Where a host's name stands, and which names are of the inner network.

use super::guess::is_compound;
use super::inner::{NameKind, is_echo, is_prose, name_kind};
use super::named::is_product;
use super::products::{PROTOCOLS, SERVERS, one_of};
use super::versions::{Version, read};
use super::words::{Front, Shape, Word, front, words};
use super::{Disclosure, Protocol, What};

/// The name that an SMTP greeting or reply puts in its first place, and its kind; nothing where
/// prose or a product stands there.
pub fn greeting_name(line: &str) -> Option<(&str, NameKind)> {
    let front = front(line);
    let words = words(line, front.len);
    let first = words.first()?;
    let kind = name_kind(first.text)?;
    if kind == NameKind::SingleLabel && (is_prose_here(first) || is_software(&words)) {
        return None;
    }
    Some((first.text, kind))
}

/// Finds the names; says how many words at the head are a host's name.
pub(super) fn names(
    protocol: Protocol,
    front: Front,
    line: &str,
    words: &[Word<'_>],
    found: &mut Vec<Disclosure>,
) -> usize {
    let Some(first) = words.first() else {
        return 0;
    };
    for word in words {
        let name = match word.shape {
            Shape::Host => word.text,
            // The timestamp of APOP holds the host's name (RFC 1939 section 7).
            Shape::Address if front.other => word.text.rsplit_once('@').map_or("", |(_, host)| host),
            _ => continue,
        };
        let what = match name_kind(name) {
            Some(NameKind::Internal) => What::InternalName,
            Some(NameKind::SingleLabel) if word.shape == Shape::Address => What::BareName,
            _ => continue,
        };
        if word.shape == Shape::Address || !is_echo(line, word.start) {
            found.push(Disclosure { what, start: word.end() - name.len(), end: word.end() });
        }
    }
    if first.shape == Shape::Host {
        // "David.fx" is a product.
        return usize::from(!is_product(words, 0));
    }
    if name_kind(first.text) != Some(NameKind::SingleLabel) || is_prose_here(first) || is_software(words) {
        return 0;
    }
    // "UserGate: SMTP service ready": nobody puts a colon behind a host's name.
    if line.get(first.end()..).is_some_and(|rest| rest.starts_with(": ")) {
        return 0;
    }
    let second = words.get(1).filter(|second| !second.apart);
    let digit = first.text.len() > 2 && first.text.contains(|c: char| c.is_ascii_digit() || c == '-');
    let before_protocol = second.is_some_and(|word| one_of(PROTOCOLS, &word.lower));
    let before_product = second.is_some() && is_product(words, 1);
    let is_name = if first.lower == "localhost" {
        true
    } else if front.other || protocol != Protocol::Smtp {
        let served = ["pop", "imap"].into_iter().any(|protocol| first.lower.contains(protocol));
        digit && !served && first.text.contains(|c: char| c.is_ascii_digit()) && (before_protocol || before_product)
    } else {
        let greets = matches!(front.code, 0 | 220);
        let hello = front.code == 250 && second.is_some_and(|word| matches!(word.lower.as_str(), "hello" | "hi"));
        // "NetGuard SMTP Proxy 5.00.12" is a product.
        let mixed = first.has_capital() && first.text.contains(|c: char| c.is_ascii_lowercase()) && !digit;
        let versioned = words.iter().skip(1).take(6).any(|word| read(word.text).is_some_and(Version::is_full))
            || words.get(2).is_some_and(|word| !word.apart && one_of(SERVERS, &word.lower));
        let named = before_protocol && !(mixed && versioned) || before_product || digit && words.len() > 1;
        hello || greets && named
    };
    if is_name {
        found.push(Disclosure { what: What::BareName, start: first.start, end: first.end() });
    }
    usize::from(is_name)
}

/// Does a product's name stand first?
fn is_software(words: &[Word<'_>]) -> bool {
    is_product(words, 0) || words.first().is_some_and(is_compound)
}

/// A word of prose; "mail" is a host's name as well, "Mail" begins a sentence.
fn is_prose_here(word: &Word<'_>) -> bool {
    let sentence = word.is_capital() && word.text.contains(|c: char| c.is_ascii_lowercase());
    is_prose(&word.lower) || sentence && super::products::one_of(super::products::NOUNS, &word.lower)
}
