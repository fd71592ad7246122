//! The shapes of versions.

use std::net::Ipv4Addr;

/// A version in a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Version {
    /// Where it begins in the word, behind its `v`.
    pub start: usize,
    /// Where its digits end, and a tail such as `-Debian-3` begins.
    pub head: usize,
    /// How many numbers it has.
    pub numbers: usize,
    /// Does a `v` stand before it?
    pub marked: bool,
    /// Could it be an IPv4 address?
    pub address: bool,
    /// Is it a date of the form 24.11.2026?
    pub date: bool,
    /// Could it be one of the form 2026.11.24? Some products have such versions.
    pub maybe_date: bool,
}

impl Version {
    /// Is this more than a single number?
    pub(super) const fn is_full(self) -> bool {
        self.numbers > 1 && !self.date
    }
}

/// Reads a word as a version: numbers with dots between them, perhaps behind a `v`, perhaps with a
/// tail: `4.96`, `v2.3.19.1`, `3.7.11-1+deb12u1`, `8.5.3FP6`, `7u4-18.01`, `2007e.404`, `V1R13`.
pub(super) fn read(word: &str) -> Option<Version> {
    let start = mark(word);
    let marked = start > 0;
    let bytes = word.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    let (mut end, mut numbers) = (start, 0);
    loop {
        let digits = bytes.iter().skip(end).take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 || digits > 8 {
            return None;
        }
        end += digits;
        numbers += 1;
        let letter = at(end).to_ascii_lowercase();
        end += match (letter, at(end + 1)) {
            (b'.' | b'u' | b'r' | b'p' | b's' | b'm', b'0'..=b'9') => 1,
            (b'a'..=b'z', b'.') if at(end + 2).is_ascii_digit() => 2,
            _ => break,
        };
    }
    let tail = word.get(end..)?;
    if !is_tail(tail) {
        return None;
    }
    // V1R13 is a version as a whole.
    let whole =
        marked && word.get(start..end)?.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['r', 'R']);
    let start = if whole { 0 } else { start };
    let (maybe_date, date) = if numbers == 3 { years(word.get(start..end)?) } else { (false, false) };
    let address = word.parse::<Ipv4Addr>().is_ok();
    Some(Version { start, head: end, numbers, marked, address, date, maybe_date })
}

/// The length of a `v`, `ver` or `version` at the head, with its dot, or 0.
fn mark(word: &str) -> usize {
    let lower = word.to_ascii_lowercase();
    let rest = ["version", "ver", "v"].into_iter().find_map(|mark| lower.strip_prefix(mark));
    rest.map_or(0, |rest| word.len() - rest.strip_prefix('.').unwrap_or(rest).len())
}

/// What may stand behind the numbers: `FP6`, `FP10HF197`, `rc1-2`, `.post2`, `.el7_9`, `-1+deb12u1`, `#31773`.
fn is_tail(tail: &str) -> bool {
    let Some(first) = tail.chars().next() else {
        return true;
    };
    let rest = match first {
        '-' | '+' | '/' | '_' | '~' | '#' => return true,
        '.' => tail.get(1..).unwrap_or(""),
        // A hotfix upon a fix pack.
        _ => match tail.strip_prefix("FP").map(|pack| pack.trim_start_matches(|c: char| c.is_ascii_digit())) {
            Some(fix) if fix.starts_with(char::is_alphabetic) => fix,
            _ => tail,
        },
    };
    let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let word = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let ends = rest.get(word..).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '+', '/', '_', '~', '#']));
    // An id such as 4fb4d7f has digits between its letters.
    (1..=8).contains(&letters) && rest.bytes().skip(letters).take(word - letters).all(|b| b.is_ascii_digit()) && ends
}

/// Of three numbers, is the first, or the last, a year, and are the others a day and a month?
fn years(numbers: &str) -> (bool, bool) {
    let mut parts = numbers.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let (Some(first), Some(second), Some(third)) = (parts.next(), parts.next(), parts.next()) else {
        return (false, false);
    };
    let year = |number| (1970..2100).contains(&number);
    let small = |number| (1..=31).contains(&number);
    (year(first) && small(second) && small(third), year(third) && small(first) && small(second))
}

/// A version behind letters that belong to it: `git2.5.0`, `sims.4.0`, `vM.5.01`, `SMI-8.6`.
pub(super) fn read_glued(word: &str) -> Option<Version> {
    let letters = word.bytes().take_while(u8::is_ascii_alphabetic).count();
    let joint = usize::from(word.get(letters..)?.starts_with(['.', '-', '_']));
    let skipped = letters + joint;
    let found = read(word.get(skipped..)?).filter(|_| (1..=6).contains(&letters))?;
    // "X2.0" is a version as a whole.
    let skipped = if letters == 1 && joint == 0 { 0 } else { skipped };
    Some(Version { start: skipped + found.start, head: letters + joint + found.head, ..found })
}

/// `Postfix-3.7.11`, `exim_4.96`, `Haraka/2.8.28`, `Cyrus-POP3-v2.4`, `Qpopper-version-4.0.5`: where
/// the name ends, and the version with its place in the word.
pub(super) fn joined(word: &str) -> Option<(usize, Version)> {
    for (at, joint) in word.match_indices(['-', '_', '/', '.']) {
        let rest = word.get(at + 1..)?;
        // "Foo.MailServer.v5.0.2", but not "foo.5.0".
        if joint == "." && !rest.starts_with(['v', 'V']) {
            continue;
        }
        if rest.trim_start_matches(['v', 'V']).starts_with(|c: char| c.is_ascii_digit()) {
            let found = read(rest)?;
            let name = word.get(..at)?;
            let name = name.strip_suffix("-version").unwrap_or(name);
            let place = Version { start: at + 1 + found.start, head: at + 1 + found.head, ..found };
            return Some((name.len(), place));
        }
    }
    None
}

/// What a version is without its configuration and its commit: `8.15.2/8.15.2/Debian-22` is 8.15.2, and so is
/// `8.15.2 (47349e2482)`.
pub(super) fn bare(version: &str) -> &str {
    let version = version.split_once(" (").map_or(version, |(version, _)| version);
    version.split('/').next().unwrap_or(version)
}
