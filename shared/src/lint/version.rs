//! The version that a list of tags must begin with, and what people write instead.

use crate::syntax::{BAD_QUOTES, Bad, Fault, SMART_QUOTES, bimi, consent, dmarc, parts};

/// How a kind of record begins, and its tags.
pub(super) struct Version {
    /// What stands behind `v=`.
    word: &'static str,
    /// Must the semicolon stand there, and `v=` be written just so (RFC 8460 section 3, RFC 8461 section 3.1)?
    strict: bool,
    pub(super) tags: &'static [&'static str],
}

pub(super) const DMARC: Version = Version { word: "DMARC1", strict: false, tags: &dmarc::TAGS };
pub(super) const BIMI: Version = Version { word: "BIMI1", strict: false, tags: &bimi::TAGS };
pub(super) const CONSENT: Version = Version { word: "mailsins1", strict: false, tags: &consent::TAGS };
pub(super) const MTA_STS: Version = Version { word: "STSv1", strict: true, tags: &["v", "id"] };
pub(super) const TLS_RPT: Version = Version { word: "TLSRPTv1", strict: true, tags: &["v", "rua"] };

const MISSING: Bad = ("missing-version", "The record must begin with its version, or it is not seen at all.");
const NOT_FIRST: Bad = ("version-not-first", "The version must come first, or the record is not seen at all.");
const CASE: Bad = ("version-case", "The version must be written just so: case and spaces count here.");
const OTHER: Bad = ("bad-version", "This is not the version that receivers look for.");
const COMMA: Bad = ("bad-version", "A semicolon must follow the version, not a comma.");
const SEMICOLON: Bad = ("bad-version", "A semicolon must follow the version.");

/// The faults of the version, and of the rest those that do not come of it.
pub(super) fn with(text: &str, version: &Version, mut faults: Vec<Fault>) -> Vec<Fault> {
    let Some(own) = version.fault(text) else {
        return faults;
    };
    let first = parts(text, ';').next().map_or(0, |(start, part)| start + part.len());
    // Without its semicolon the version takes the next tag in.
    let swallows = (own.message == COMMA.1 || own.message == SEMICOLON.1) && own.start < first;
    faults.retain(|fault| {
        let missing = fault.start == fault.end;
        let odd = matches!(fault.code, "not-a-tag" | "unknown-tag" | "not-a-field");
        !(swallows && missing) && !(odd && fault.start < first)
    });
    faults.push(own);
    // A word processor puts them at both ends.
    if let Some(bare) = text.trim_end().strip_suffix(SMART_QUOTES)
        && text.trim_start().starts_with(SMART_QUOTES)
        && !bare.is_empty()
    {
        faults.push(Fault::new(BAD_QUOTES, bare.len(), text.trim_end().len()));
    }
    faults
}

impl Version {
    fn fault(&self, text: &str) -> Option<Fault> {
        let (start, first) = parts(text, ';').next()?;
        let end = start + first.len();
        let bare = first.trim_start_matches(SMART_QUOTES);
        let quotes = first.len() - bare.len();
        if quotes > 0 {
            return Some(Fault::new(BAD_QUOTES, start, start + quotes));
        }
        if self.is(first) && (!self.strict || self.begins(text)) {
            return None;
        }
        let fold = self.is_but_for_case(first);
        // The octet behind the version, where it stands there with something glued to it.
        let glued =
            first.find([',', ' ', '\t']).filter(|at| first.get(..*at).is_some_and(|head| self.is_but_for_case(head)));
        let later = || parts(text, ';').skip(1).find(|(_, part)| self.is_but_for_case(part));
        Some(match first.split_once('=') {
            _ if self.is(first) && !text.contains(';') => Fault::new(SEMICOLON, end, end),
            _ if fold || self.is(first) => Fault::new(CASE, start, end),
            _ if let Some(at) = glued => {
                let at = start + at;
                let comma = first.get(at - start..).is_some_and(|rest| rest.trim_start().starts_with(','));
                if comma { Fault::new(COMMA, at, at + 1) } else { Fault::new(SEMICOLON, at, at) }
            }
            _ if let Some((at, part)) = later() => Fault::new(NOT_FIRST, at, at + part.len()),
            Some((tag, _)) if tag.trim().eq_ignore_ascii_case("v") => Fault::new(OTHER, start, end),
            _ => Fault::new(MISSING, start, start),
        })
    }

    /// Is this part the version? Names of tags are read in either case.
    fn is(&self, part: &str) -> bool {
        part.split_once('=')
            .is_some_and(|(tag, value)| tag.trim().eq_ignore_ascii_case("v") && value.trim() == self.word)
    }

    fn is_but_for_case(&self, part: &str) -> bool {
        part.split_once('=').is_some_and(|(tag, value)| {
            tag.trim().eq_ignore_ascii_case("v") && value.trim().eq_ignore_ascii_case(self.word)
        })
    }

    /// Does the text begin with `v=`, the word, perhaps space, and a semicolon?
    fn begins(&self, text: &str) -> bool {
        let rest = text.strip_prefix("v=").and_then(|rest| rest.strip_prefix(self.word));
        rest.is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with(';'))
    }
}
