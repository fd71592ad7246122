//! A line as words: the status in front of them, and what each may be.

use super::products::{MARKERS, one_of};
use super::versions::read;

/// A word with its place.
pub(super) struct Word<'a> {
    /// Where it begins, in octets of the line.
    pub start: usize,
    pub text: &'a str,
    pub lower: String,
    pub shape: Shape,
    /// Does a sentence, a clause or a quote end before it?
    pub apart: bool,
    /// Does a bracket open before it?
    pub opens: bool,
}

impl Word<'_> {
    pub(super) const fn end(&self) -> usize {
        self.start + self.text.len()
    }

    pub(super) fn is_capital(&self) -> bool {
        self.text.starts_with(|c: char| c.is_uppercase())
    }

    /// "eXpurgate" is a name as well.
    pub(super) fn has_capital(&self) -> bool {
        self.text.contains(|c: char| c.is_uppercase())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Plain,
    /// A name with a dot, which could be a host's.
    Host,
    /// A URL or a mail address: neither names what runs here.
    Address,
}

/// What a line begins with.
#[derive(Clone, Copy, Default)]
pub(super) struct Front {
    /// Where the text behind it begins.
    pub len: usize,
    /// The reply code of SMTP, or 0; an error of another protocol counts as 500.
    pub code: u16,
    /// Is it a status of IMAP, POP3 or ManageSieve?
    pub other: bool,
}

/// The status in front of a line: `220 `, `250-`, `550 5.7.1 `, `* OK `, `+OK `, `-ERR `, `OK `, and
/// the bracketed code behind those of IMAP.
pub(super) fn front(line: &str) -> Front {
    let blank = line.len() - line.trim_start().len();
    let text = line.get(blank..).unwrap_or("");
    if let Some(digits) = text.get(..3).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
        && text.get(3..).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '-']))
    {
        let rest = text.get(4..).unwrap_or("");
        let len = blank + text.len() - rest.len() + enhanced(rest);
        return Front { len, code: digits.parse().unwrap_or(0), other: false };
    }
    for (status, code) in
        [("* OK", 0), ("* PREAUTH", 0), ("* BYE", 500), ("+OK", 0), ("-ERR", 500), ("OK", 0), ("BYE", 500), ("NO", 500)]
    {
        let head = text.get(..status.len()).unwrap_or("");
        let rest = text.get(status.len()..).unwrap_or("");
        if head.eq_ignore_ascii_case(status) && (rest.is_empty() || rest.starts_with([' ', '\t'])) {
            let bare = rest.trim_start();
            let len = blank + text.len() - bare.len() + response_code(bare);
            return Front { len, code, other: true };
        }
    }
    Front { len: blank, ..Front::default() }
}

/// The length of an enhanced status code (RFC 3463) at the head of a text, or 0.
fn enhanced(text: &str) -> usize {
    let word = text.split(' ').next().unwrap_or("");
    if is_enhanced(word) { word.len() } else { 0 }
}

/// Is this word an enhanced status code?
fn is_enhanced(word: &str) -> bool {
    let number = |part: &str| part.len() <= 3 && !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut parts = word.split('.');
    matches!(parts.next(), Some("2" | "4" | "5"))
        && parts.next().is_some_and(number)
        && parts.next().is_some_and(number)
        && parts.next().is_none()
}

/// The length of a response code in brackets (RFC 9051 section 7.1, RFC 2449 section 8), or 0.
fn response_code(text: &str) -> usize {
    let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(inner, _)| inner) else {
        return 0;
    };
    let word = inner.split(' ').next().unwrap_or("");
    let known =
        ["CAPABILITY", "ALERT", "REFERRAL", "UNAVAILABLE", "SYS/TEMP", "SYS/PERM", "IN-USE", "LOGIN-DELAY", "AUTH"];
    if known.contains(&word) { inner.len() + 2 } else { 0 }
}

/// The words of a line from a place on; edges of punctuation belong to none.
pub(super) fn words(line: &str, from: usize) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut gap = Gap::default();
    let mut start = from;
    let text = line.get(from..).unwrap_or("");
    for (at, c) in text.char_indices().map(|(at, c)| (from + at, c)) {
        if c == '\\' && line.get(at..).is_some_and(|rest| rest.starts_with("\\r\\n")) {
            break;
        }
        if c.is_whitespace() || "()[]{}<>,;\"|\\".contains(c) {
            split(line, start, at, &mut gap, &mut words);
            gap.apart |= matches!(c, ';' | '|' | '"' | '>' | '\n');
            gap.opens |= matches!(c, '(' | '[' | '<');
            start = at + c.len_utf8();
        }
    }
    let end = line.strip_suffix("\\r\\n").unwrap_or(line).len();
    split(line, start, end, &mut gap, &mut words);
    words
}

/// What stands between two words.
#[derive(Default)]
struct Gap {
    apart: bool,
    /// Does it do so with an exclamation mark only?
    shouted: bool,
    opens: bool,
}

fn split<'a>(line: &'a str, start: usize, end: usize, gap: &mut Gap, words: &mut Vec<Word<'a>>) {
    let chunk = line.get(start..end).unwrap_or("");
    if chunk.contains("://") || chunk.starts_with("www.") || chunk.contains('@') {
        push(chunk, start, Some(Shape::Address), gap, words);
        return;
    }
    let mut from = 0;
    let mut before = ' ';
    for (at, c) in chunk.char_indices() {
        // "Version:6.0" is two words, "10:11:12" is one.
        if c == '=' || (c == ':' && before.is_alphabetic()) {
            push(chunk.get(from..at).unwrap_or(""), start + from, None, gap, words);
            from = at + 1;
        }
        before = c;
    }
    push(chunk.get(from..).unwrap_or(""), start + from, None, gap, words);
}

fn push<'a>(piece: &'a str, start: usize, shape: Option<Shape>, gap: &mut Gap, words: &mut Vec<Word<'a>>) {
    let edge = |c: char| "-.:/*#_~+'!?`$%&^".contains(c);
    let head = piece.trim_start_matches(edge);
    let text = head.trim_end_matches(edge);
    if text.is_empty() {
        // A dash alone parts no name from its version, a sentence's end does.
        gap.apart |= piece.contains(['!', '?', '.', '/']);
        return;
    }
    let shape = shape.unwrap_or(if is_host(text) { Shape::Host } else { Shape::Plain });
    // "KEN! v5.2.1": some names end so.
    let goes_on = gap.shouted && read(text).is_some_and(|version| version.marked);
    words.push(Word {
        start: start + piece.len() - head.len(),
        text,
        lower: text.to_ascii_lowercase(),
        shape,
        apart: gap.apart && !goes_on,
        opens: gap.opens,
    });
    let tail = head.get(text.len()..).unwrap_or("");
    // "v. 3.2.1" is no sentence's end.
    let short = tail == "." && text.len() < 5 && one_of(MARKERS, &text.to_ascii_lowercase());
    let apart = !short && tail.contains(['!', '?', '.']);
    *gap = Gap { apart, shouted: tail == "!", opens: false };
}

/// Could this be a host's name: labels with dots, the last of letters?
fn is_host(word: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_') || !b.is_ascii())
    };
    let Some((head, last)) = word.rsplit_once('.') else {
        return false;
    };
    let last_is_name = last.len() > 1 && last.bytes().all(|b| b.is_ascii_alphabetic()) || last.starts_with("xn--");
    // "2.3.7.GA" is a version, "163.com" is a name.
    let version = head.contains('.') && head.split('.').all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    last_is_name && !version && head.split('.').all(label)
}
