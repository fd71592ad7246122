//! Readers of foreign text. Each returns what it understood and what is wrong with the rest.

pub mod autoconfig;
pub mod bimi;
pub mod capability;
pub mod consent;
pub mod dkim;
pub mod dmarc;
pub mod ehlo;
pub mod gateway;
pub mod mta_sts;
pub mod refusal;
pub mod svg;
pub mod tls_rpt;
pub mod tlsa;

/// A fault in a text, with its place: what a linter shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Where it begins, in octets of the text.
    pub start: usize,
    /// Where it ends; a fault of what is missing begins and ends at the same place.
    pub end: usize,
    /// Its stable name in kebab-case.
    pub code: &'static str,
    /// What is wrong, as a sentence for people, with the rule's source.
    pub message: &'static str,
}

/// A fault's code and message, before its place is known.
pub(crate) type Bad = (&'static str, &'static str);

/// Quotes that word processors put in place of straight ones.
pub(crate) const SMART_QUOTES: [char; 8] = ['“', '”', '„', '‘', '’', '‚', '«', '»'];

pub(crate) const BAD_QUOTES: Bad =
    ("smart-quotes", "A word processor put curly quotes here: straight ones belong around the text, none into it.");

/// The parts of a list without the space around them, each with its place.
pub(crate) fn parts(text: &str, separator: char) -> impl Iterator<Item = (usize, &str)> {
    let mut next = 0;
    text.split(separator).map(move |part| {
        let start = next + part.len() - part.trim_start().len();
        next += part.len() + separator.len_utf8();
        (start, part.trim())
    })
}

impl Fault {
    pub(crate) const fn new((code, message): Bad, start: usize, end: usize) -> Self {
        Self { start, end, code, message }
    }
}

/// The host of a URL, of which `https:` was read.
pub(crate) fn https_host(rest: &str) -> Option<&str> {
    rest.strip_prefix("//")?.split(['/', '?', '#', ':']).next()
}
