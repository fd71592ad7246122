//! What is wrong with an SPF record (RFC 7208).

use crate::spf::record::{Directive, Mechanism, modifier, parse_behind, terms};
use crate::spf::{LOOKUPS_MAX, Qualifier};
use crate::syntax::{BAD_QUOTES, Bad, Fault, SMART_QUOTES};

/// So many octets go into one UDP answer, with what else stands there (section 3.4).
const LENGTH_MAX: usize = 450;

const MISSING_VERSION: Bad = (
    "missing-version",
    "An SPF record must begin with v=spf1 and a space, or it is not seen at all (RFC 7208 section 4.5).",
);
const BAD_VERSION: Bad =
    ("bad-version", "The version is v=spf1 with a space behind it, or this is no SPF record (RFC 7208 section 4.5).");
const LEADING_SPACE: Bad = (
    "bad-version",
    "Nothing may stand before v=spf1, not even a space, or this is no SPF record (RFC 7208 section 4.5).",
);
const NOT_FIRST: Bad =
    ("version-not-first", "v=spf1 must come first, or this is no SPF record (RFC 7208 section 4.5).");
const REPEATED_VERSION: Bad = (
    "repeated-version",
    "A second record begins here: receivers skip this version, and read the terms behind it as part of the first.",
);
const PLUS_ALL: Bad = ("plus-all", "This lets every host in the world send for the domain.");
const EVERY_ADDRESS: Bad = ("prefix-zero", "A prefix length of 0 lets every host in the world send, as +all does.");
const NEUTRAL_ALL: Bad =
    ("neutral-all", "?all says nothing of other hosts: write -all or ~all (RFC 7208 section 8.2).");
const NO_ALL: Bad = (
    "no-all",
    "Without all or redirect at its end the record says nothing of other hosts, as with ?all (RFC 7208 section 4.7).",
);
const BEHIND_ALL: Bad =
    ("behind-all", "all matches everything, so this term is never looked at (RFC 7208 section 5.1).");
const REDIRECT_IGNORED: Bad = ("redirect-ignored", "Beside all, redirect is ignored (RFC 7208 section 6.1).");
const PTR: Bad = ("ptr", "ptr is slow, unreliable and not to be used any more (RFC 7208 section 5.5).");
const MACRO_P: Bad = ("macro-p", "%{p} is slow and unreliable, and should not be used (RFC 7208 section 7.2).");
const ODD_DOMAIN: Bad = ("odd-domain", "No name in DNS is written so: this should be a plain domain name.");
const REPEATED_TERM: Bad = ("repeated-term", "This term stands in the record already.");
const EQUALS: Bad = (
    "equals-for-colon",
    "With = this is no mechanism but an unknown modifier, which receivers skip: write : (RFC 7208 section 6).",
);
const UNKNOWN_MODIFIER: Bad =
    ("unknown-modifier", "Receivers skip modifiers that they don't know (RFC 7208 section 6).");
const LOOKUPS: Bad = (
    "too-many-lookups",
    "This is the eleventh term that asks DNS, and receivers stop at ten (RFC 7208 section 4.6.4).",
);
const LONG: Bad = (
    "long",
    "Beyond some 450 octets an answer does not fit a UDP packet, and some receivers never see it (RFC 7208 section 3.4).",
);

pub(super) fn faults(text: &str) -> Vec<Fault> {
    let (end, fault) = version(text);
    let record = parse_behind(text, end);
    let all = record.directives.iter().find(|directive| directive.mechanism == Mechanism::All);
    let late = fault.as_ref().is_some_and(|fault| fault.code == NOT_FIRST.0);
    let mut faults: Vec<Fault> = fault.into_iter().collect();
    let last = record.faults.last().map(|fault| fault.end);
    let redirect = modifiers(text, end, all.is_some(), &mut faults);
    if late {
        let first = faults.iter().position(|fault| fault.code == REPEATED_VERSION.0);
        first.map(|at| faults.remove(at)); // it stands there as the version that is late
    }
    let mut add = |bad, start: usize, term: &str| faults.push(Fault::new(bad, start, start + term.len()));
    match all {
        Some(all) if all.qualifier == Qualifier::Pass => add(PLUS_ALL, all.start, all.text),
        Some(all) if all.qualifier == Qualifier::Neutral => add(NEUTRAL_ALL, all.start, all.text),
        // A last term that can't be read may have been meant to be that end.
        None if redirect.is_none() && last != Some(text.trim_end().len()) => add(NO_ALL, text.len(), ""),
        _ => {}
    }
    let reached = all.map_or(record.directives.len(), |all| {
        record.directives.iter().take_while(|directive| directive.start <= all.start).count()
    });
    let (reached, behind) = record.directives.split_at_checked(reached).unwrap_or((&record.directives, &[]));
    behind.iter().for_each(|directive| add(BEHIND_ALL, directive.start, directive.text));
    faults.extend(mechanisms(reached, redirect));
    if text.len() > LENGTH_MAX {
        let start = text.floor_char_boundary(LENGTH_MAX);
        faults.push(Fault::new(LONG, start, text.len()));
    }
    faults.extend(record.faults);
    faults
}

/// Judges the mechanisms that receivers come to, and the redirect that follows them.
fn mechanisms(directives: &[Directive<'_>], redirect: Option<(usize, &str)>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut add = |bad, start: usize, term: &str| faults.push(Fault::new(bad, start, start + term.len()));
    let mut lookups = 0;
    for directive in directives {
        let Directive { start, text, mechanism, qualifier } = *directive;
        let asks = !matches!(mechanism, Mechanism::All | Mechanism::Ip4(..) | Mechanism::Ip6(..));
        lookups += usize::from(asks);
        if asks && lookups == LOOKUPS_MAX + 1 {
            add(LOOKUPS, start, text);
        }
        let zero = match mechanism {
            Mechanism::Ip4(_, length) | Mechanism::Ip6(_, length) => length == 0,
            Mechanism::A(_, lengths) | Mechanism::Mx(_, lengths) => lengths.v4 == 0 || lengths.v6 == 0,
            _ => false,
        };
        if zero && qualifier == Qualifier::Pass {
            add(EVERY_ADDRESS, start, text);
        }
        let value = text.split_once(':').map_or("", |(_, value)| value);
        if value.contains("%{p") || value.contains("%{P") {
            add(MACRO_P, start, text);
        }
        if value.contains("://") || value.starts_with("*.") {
            add(ODD_DOMAIN, start, text);
        }
        if matches!(mechanism, Mechanism::Ptr(_)) {
            add(PTR, start, text);
        }
    }
    if let Some((start, term)) = redirect.filter(|_| lookups == LOOKUPS_MAX) {
        add(LOOKUPS, start, term);
    }
    let mut sorted: Vec<_> = directives.iter().map(|directive| (directive.text, directive.start)).collect();
    sorted.sort_unstable();
    for pair in sorted.windows(2) {
        if let [(before, _), (term, start)] = pair
            && before == term
        {
            add(REPEATED_TERM, *start, term);
        }
    }
    faults
}

/// Where the version ends, and what is wrong with it.
fn version(text: &str) -> (usize, Option<Fault>) {
    let bare = text.trim_start_matches(|c: char| c.is_whitespace() || SMART_QUOTES.contains(&c));
    let before = text.len() - bare.len();
    let word = bare.split(' ').next().unwrap_or("");
    let end = before + word.len();
    let is = |term: &str| term.eq_ignore_ascii_case("v=spf1");
    let fault = match word.get(..6) {
        _ if is(word) && before == 0 => return (end, None),
        Some(head) if is(head) && before > 0 => {
            let quotes = text.trim_start().starts_with(SMART_QUOTES);
            Fault::new(if quotes { BAD_QUOTES } else { LEADING_SPACE }, 0, before)
        }
        Some(head) if is(head) => Fault::new(BAD_VERSION, before + 6, end),
        _ => {
            if let Some((start, term)) = terms(text, before).find(|(_, term)| is(term)) {
                let fault = Fault::new(NOT_FIRST, start, start + term.len());
                return (before, Some(fault));
            }
            let squeezed = word.to_ascii_lowercase();
            if !squeezed.starts_with("v=") && !squeezed.starts_with("spf") && squeezed != "v" {
                return (before, Some(Fault::new(MISSING_VERSION, before, before)));
            }
            Fault::new(BAD_VERSION, before, end)
        }
    };
    (end, Some(fault))
}

/// Judges the modifiers; the place of `redirect`, where it counts.
fn modifiers<'a>(text: &'a str, version: usize, all: bool, faults: &mut Vec<Fault>) -> Option<(usize, &'a str)> {
    let mut redirect = None;
    for (start, term) in terms(text, version) {
        let Some((name, _)) = modifier(term) else { continue };
        let bad = match name.to_ascii_lowercase().as_str() {
            "redirect" if all => REDIRECT_IGNORED,
            "redirect" => {
                redirect.get_or_insert((start, term));
                continue;
            }
            "exp" => continue,
            "v" if term.eq_ignore_ascii_case("v=spf1") => REPEATED_VERSION,
            "all" | "include" | "a" | "mx" | "ptr" | "ip4" | "ip6" | "exists" => EQUALS,
            _ => UNKNOWN_MODIFIER,
        };
        faults.push(Fault::new(bad, start, start + term.len()));
    }
    redirect
}
