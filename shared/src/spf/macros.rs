//! Macros (RFC 7208 section 7).

use std::net::IpAddr;

use super::Query;

/// A part of a macro string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text that stands for itself; also what `%%`, `%_` and `%-` stand for.
    Literal(&'a str),
    /// The same, where the string did not hold it literally.
    Escape(&'static str),
    /// `%{…}`.
    Macro(Expand<'a>),
}

/// A macro with its transformers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Expand<'a> {
    /// The letter, in lower case.
    pub(super) letter: char,
    escape: bool,
    keep: usize,
    reverse: bool,
    delimiters: &'a str,
}

/// The parts of a macro string. `None` stands for a `%` that begins no macro, and is the last.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Option<Piece<'_>>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(after) = rest.strip_prefix('%') else {
            let (literal, next) = rest.split_at_checked(rest.find('%').unwrap_or(rest.len()))?;
            rest = next;
            return Some(Some(Piece::Literal(literal)));
        };
        for (escape, means) in [("%", "%"), ("_", " "), ("-", "%20")] {
            if let Some(next) = after.strip_prefix(escape) {
                rest = next;
                return Some(Some(Piece::Escape(means)));
            }
        }
        let found = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (piece, next) = found.map_or((None, ""), |(body, next)| (expand(body), next));
        rest = if piece.is_some() { next } else { "" };
        Some(piece.map(Piece::Macro))
    })
}

fn expand(body: &str) -> Option<Expand<'_>> {
    let mut letters = body.chars();
    let first = letters.next()?;
    let letter = first.to_ascii_lowercase();
    let transformers = letters.as_str();
    let behind = transformers.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = transformers.strip_suffix(behind).unwrap_or("");
    let keep = if digits.is_empty() { usize::MAX } else { digits.parse().unwrap_or(usize::MAX) };
    let delimiters = behind.strip_prefix(['r', 'R']);
    let reverse = delimiters.is_some();
    let delimiters = delimiters.unwrap_or(behind);
    let well_formed = "slodiphcrtv".contains(letter) && keep > 0 && delimiters.chars().all(|c| ".-+,/_=".contains(c));
    well_formed.then_some(Expand { letter, escape: first != letter, keep, reverse, delimiters })
}

/// Is this macro for explanations only (section 7.2)?
pub(super) fn for_explanations(letter: char) -> bool {
    matches!(letter, 'c' | 'r' | 't')
}

/// Does what this string stands for depend on who sends, and not only on the domain?
pub(super) fn depends_on_sender(text: &str) -> bool {
    pieces(text).any(|piece| matches!(piece, Some(Piece::Macro(expand)) if !matches!(expand.letter, 'd' | 'o')))
}

/// What a macro string stands for. `validated` gives the value of `%{p}`. Nothing for a string
/// with a fault.
pub(super) fn replace<E>(
    text: &str,
    query: &Query<'_>,
    domain: &str,
    mut validated: impl FnMut() -> Result<String, E>,
) -> Result<Option<String>, E> {
    let (local, of_sender) = query.mailbox();
    let mut done = String::new();
    for piece in pieces(text) {
        let expand = match piece {
            None => return Ok(None),
            Some(Piece::Literal(text) | Piece::Escape(text)) => {
                done.push_str(text);
                continue;
            }
            Some(Piece::Macro(expand)) => expand,
        };
        let value = match expand.letter {
            's' => format!("{local}@{of_sender}"),
            'l' => local.to_owned(),
            'o' => of_sender.to_owned(),
            'd' => domain.to_owned(),
            'i' => dotted(query.ip),
            'p' => validated()?,
            'v' => if query.ip.is_ipv4() { "in-addr" } else { "ip6" }.to_owned(),
            'h' => query.helo.to_owned(),
            'c' => query.ip.to_string(),
            'r' if query.receiver.is_empty() => "unknown".to_owned(),
            'r' => query.receiver.to_owned(),
            _ => query.now.to_string(),
        };
        expand.transform(&value, &mut done);
    }
    Ok(Some(done))
}

impl Expand<'_> {
    fn transform(&self, value: &str, done: &mut String) {
        let delimiters = if self.delimiters.is_empty() { "." } else { self.delimiters };
        let mut parts: Vec<&str> = value.split(|c| delimiters.contains(c)).collect();
        if self.reverse {
            parts.reverse();
        }
        let first = parts.len().saturating_sub(self.keep);
        let changed = parts.into_iter().skip(first).collect::<Vec<_>>().join(".");
        let value = if self.delimiters.is_empty() && !self.reverse && first == 0 { value } else { &changed };
        for byte in value.bytes().filter(|_| self.escape) {
            // RFC 3986 section 2.3.
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                done.push(char::from(byte));
            } else {
                done.push_str(&format!("%{byte:02X}"));
            }
        }
        if !self.escape {
            done.push_str(value);
        }
    }
}

/// An address as `%{i}` writes it: IPv6 in nibbles (section 7.3).
fn dotted(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let nibbles: Vec<String> = v6.octets().iter().map(|o| format!("{:X}.{:X}", o >> 4, o & 15)).collect();
            nibbles.join(".")
        }
    }
}
