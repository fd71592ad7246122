//! Readers of foreign text. Each returns what it understood and what is wrong with the rest.

pub mod banner;
pub mod dmarc;
pub mod ehlo;
pub mod mta_sts;
pub mod refusal;
pub mod tls_rpt;

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
