//! Texts with a form of their own: the ID response of IMAP (RFC 2971), and the IMPLEMENTATION that
//! POP3 (RFC 2449) and ManageSieve (RFC 5804) list.

use super::scan::{scan, systems};
use super::words::{Front, words};
use super::{Disclosure, What, versions};

/// Reads a line of such a form; false if it has none. The system's name and version may stand apart: they are put together.
pub(super) fn read(line: &str, front: Front, found: &mut Vec<Disclosure>, os: &mut Option<String>) -> bool {
    let rest = line.get(front.len..).unwrap_or("");
    let bare = rest.strip_prefix("* ").unwrap_or(rest);
    let start = line.len() - bare.len();
    let is = |word: &str| bare.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    if is("ID (") {
        pairs(line, start, found, os);
        return true;
    }
    // RFC 5804 section 1.7: what a server of ManageSieve can; VERSION is the protocol's.
    if is("CAPABILITY ") || is("\"VERSION\"") || is("\"SIEVE\"") || is("\"SASL\"") {
        return true;
    }
    let key = ["\"IMPLEMENTATION\"", "IMPLEMENTATION "].into_iter().find(|key| is(key));
    if let Some(key) = key {
        implementation(line, start + key.len(), found);
    }
    key.is_some()
}

/// Whatever stands there names the software.
fn implementation(line: &str, from: usize, found: &mut Vec<Disclosure>) {
    let words = words(line, from);
    let known = found.len();
    scan(line, &words, 0, Front::default(), found);
    let names = found.iter().skip(known).any(|span| span.what == What::Product);
    if let Some(first) = words.first().filter(|_| !names) {
        let joined = versions::joined(first.text);
        let end = joined.map_or(first.end(), |(name, _)| first.start + name);
        found.push(Disclosure { what: What::Product, start: first.start, end });
        let version = found.iter().skip(known).any(|span| span.what == What::Version);
        if let Some((_, version)) = joined.filter(|_| !version) {
            found.push(Disclosure { what: What::Version, start: first.start + version.start, end: first.end() });
        }
    }
    // "pymap managesieve 0.36.7".
    if !found.iter().skip(known).any(|span| span.what == What::Version)
        && let Some((word, version)) = words.iter().skip(1).find_map(|word| {
            versions::read(word.text).filter(|version| version.is_full()).map(|version| (word, version))
        })
    {
        found.push(Disclosure { what: What::Version, start: word.start + version.start, end: word.end() });
    }
}

/// The quoted strings of an ID response are fields and values by turns.
fn pairs(line: &str, from: usize, found: &mut Vec<Disclosure>, os: &mut Option<String>) {
    let mut field: Option<&str> = None;
    let mut vendor = None;
    let (mut system, mut release) = (None, None);
    let known = found.len();
    let mut at = from;
    while let Some((start, end, next)) = string(line, at) {
        let value = line.get(start..end).unwrap_or("");
        at = next;
        let Some(name) = field.take() else {
            field = Some(value);
            continue;
        };
        if value.eq_ignore_ascii_case("NIL") || value.trim().is_empty() {
            continue;
        }
        // RFC 2971 section 3.3 names the fields.
        let what = match name.to_ascii_lowercase().as_str() {
            "name" => What::Product,
            "version" | "revision" | "release" | "build" | "date" => What::Version,
            "os" => {
                system = Some(value);
                What::Os
            }
            "os-version" => {
                release = Some(value);
                What::Os
            }
            "vendor" => {
                vendor = Some(Disclosure { what: What::Product, start, end });
                continue;
            }
            "command" | "arguments" | "environment" => {
                scan(
                    line.get(..end).unwrap_or(""),
                    &words(line.get(..end).unwrap_or(""), start),
                    0,
                    Front::default(),
                    found,
                );
                continue;
            }
            _ => continue,
        };
        // A name with a version in it tells both.
        let version = (what == What::Product).then(|| words(line.get(..end).unwrap_or(""), start)).and_then(|words| {
            let last = words.last().filter(|_| words.len() > 1)?;
            versions::read(last.text)
                .filter(|version| version.is_full())
                .map(|version| (last.start, last.start + version.start, last.end()))
        });
        match version {
            Some((name_end, version, version_end)) => {
                let name = line.get(start..name_end).unwrap_or("").trim_end().len();
                found.push(Disclosure { what, start, end: start + name });
                found.push(Disclosure { what: What::Version, start: version, end: version_end });
            }
            None if what == What::Version => {
                let mark = versions::read(value).filter(|version| version.is_full()).map_or(0, |version| version.start);
                found.push(Disclosure { what, start: start + mark, end });
                systems(line, start, end, found);
            }
            None => found.push(Disclosure { what, start, end }),
        }
    }
    // "Windows" may stand in the version of the system again.
    if let (Some(system), Some(release)) = (system, release)
        && !release.starts_with(system)
    {
        os.get_or_insert_with(|| format!("{system} {release}"));
    }
    // Who made it tells what it is, where nothing else does.
    if !found.iter().skip(known).any(|span| span.what == What::Product) {
        found.extend(vendor);
    }
}

/// The next quoted string, or NIL: where it begins and ends, and where the rest begins.
fn string(line: &str, from: usize) -> Option<(usize, usize, usize)> {
    let rest = line.get(from..)?;
    let quote = rest.find('"');
    let nil = rest.find("NIL").filter(|nil| quote.is_none_or(|quote| *nil < quote));
    if let Some(nil) = nil {
        return Some((from + nil, from + nil + 3, from + nil + 3));
    }
    let start = from + quote? + 1;
    let len = line.get(start..)?.find('"')?;
    Some((start, start + len, start + len + 1))
}
