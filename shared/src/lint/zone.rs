//! Text in the quotes of a zone file (RFC 1035 section 5.1): one or several strings, which receivers
//! join without anything between them (RFC 7208 section 3.3).

use super::{Kind, version};
use crate::spf::record::splits_terms;
use crate::syntax::{Bad, Fault};

const NO_SPACE: Bad = (
    "split-without-space",
    "The strings are joined without a space, so two terms become one: end the string before with a space (RFC 7208 section 3.3).",
);
const NO_SEMICOLON: Bad = (
    "split-without-semicolon",
    "The strings are joined as they are, so two tags become one: put a semicolon between them.",
);

const TOO_LONG: Bad =
    ("string-too-long", "A string holds 255 octets at most: end it there and begin another (RFC 1035 section 3.3).");

/// The strings, joined.
pub(super) struct Zone {
    pub(super) text: String,
    /// For each octet of the text, where it begins and ends in what was given.
    places: Vec<(usize, usize)>,
    /// Where a string ends and the next begins, in octets of the text.
    seams: Vec<usize>,
}

/// Reads `"…" "…"`, perhaps in parentheses, perhaps behind `name TTL IN TXT`. Nothing where the text
/// is not that.
pub(super) fn read(given: &str) -> Option<Zone> {
    let first = given.find('"')?;
    let before = given.get(..first)?.trim_end().trim_end_matches('(').trim_end();
    let is_type = |word: &str| word.eq_ignore_ascii_case("TXT");
    if !before.is_empty() && !before.rsplit(char::is_whitespace).next().is_some_and(is_type) {
        return None;
    }
    let mut octets = Vec::new();
    let mut zone = Zone { text: String::new(), places: Vec::new(), seams: Vec::new() };
    let mut bytes = given.bytes().enumerate().skip(first).peekable();
    while let Some((_, byte)) = bytes.next() {
        match byte {
            b'"' if octets.is_empty() => {}
            b'"' => zone.seams.push(octets.len()),
            b')' | b' ' | b'\t' | b'\r' | b'\n' => continue,
            _ => return None,
        }
        loop {
            let (start, byte) = bytes.next()?;
            let octet = match byte {
                b'"' => break,
                b'\\' => escaped(&mut bytes)?,
                plain => plain,
            };
            octets.push(octet);
            let end = bytes.peek().map_or(given.len(), |(at, _)| *at);
            zone.places.push((start, end));
        }
    }
    if std::str::from_utf8(&octets).is_err() {
        // They are no characters: whatever is not ASCII becomes one that no record has, in its place.
        octets.iter_mut().filter(|octet| !octet.is_ascii()).for_each(|octet| *octet = 0x1a);
    }
    zone.text = String::from_utf8(octets).ok()?;
    Some(zone)
}

/// What stands behind a backslash: a character for itself, or the three digits of an octet.
fn escaped(bytes: &mut impl Iterator<Item = (usize, u8)>) -> Option<u8> {
    let digit = |byte: u8| byte.checked_sub(b'0').filter(|digit| *digit < 10);
    let (_, first) = bytes.next()?;
    let Some(hundreds) = digit(first) else {
        return Some(first);
    };
    let mut next = || digit(bytes.next()?.1);
    let (tens, ones) = (next()?, next()?);
    hundreds.checked_mul(100)?.checked_add(tens * 10)?.checked_add(ones)
}

impl Zone {
    /// The strings that are too long, by their place in the text.
    pub(super) fn long(&self) -> Vec<Fault> {
        let ends = self.seams.iter().copied().chain([self.text.len()]);
        let mut from = 0;
        let spans = ends.map(|to| (std::mem::replace(&mut from, to), to));
        spans.filter(|(from, to)| to - from > 255).map(|(from, to)| Fault::new(TOO_LONG, from, to)).collect()
    }

    /// A fault of the text with its place in what was given.
    pub(super) fn place(&self, fault: Fault) -> Fault {
        let end = |at: usize| self.places.get(at.wrapping_sub(1)).or(self.places.first()).map_or(0, |place| place.1);
        let start = self.places.get(fault.start).map_or_else(|| end(fault.start), |place| place.0);
        let end = if fault.end > fault.start { end(fault.end) } else { start };
        Fault { start, end, ..fault }
    }

    /// Where two terms or tags became one, with the place of the quotes in what was given.
    pub(super) fn glued(&self, kind: Kind) -> Vec<Fault> {
        let version = match kind {
            Kind::Spf => None,
            Kind::Dmarc => Some(&version::DMARC),
            Kind::MtaStsTxt => Some(&version::MTA_STS),
            Kind::TlsRpt => Some(&version::TLS_RPT),
            Kind::Bimi => Some(&version::BIMI),
            Kind::Consent => Some(&version::CONSENT),
            _ => return Vec::new(),
        };
        let mut faults = Vec::new();
        let mut from = 0;
        for (index, seam) in self.seams.iter().copied().enumerate() {
            let to = self.seams.get(index + 1).copied().unwrap_or(self.text.len());
            let before = self.text.get(from..seam).unwrap_or("");
            let behind = self.text.get(seam..to).unwrap_or("");
            let bad = match version {
                None if splits_terms(before, behind) => Some(NO_SPACE),
                Some(version) if splits_tags(before, behind, version.tags) => Some(NO_SEMICOLON),
                _ => None,
            };
            let start = self.places.get(seam.wrapping_sub(1)).map_or(0, |place| place.1);
            let end = self.places.get(seam).map_or(start, |place| place.0);
            faults.extend(bad.map(|bad| Fault::new(bad, start, end)));
            from = seam;
        }
        faults
    }
}

/// Does a tag begin behind the seam, though the one before has not ended?
fn splits_tags(before: &str, behind: &str, tags: &[&str]) -> bool {
    let left = before.rsplit(';').next().unwrap_or("");
    let is_tag = |part: &str| part.split_once('=').is_some_and(|(tag, _)| tags.contains(&tag.trim()));
    left.contains('=') && is_tag(behind)
}
