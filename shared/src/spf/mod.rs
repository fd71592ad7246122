//! Sender Policy Framework (RFC 7208).
//!
//! - [`record`] reads a record: its terms, and every fault with its place.
//! - [`check_host`] is the function of section 4, over answers that are known already.
//! - [`flatten`] walks the whole tree of includes and redirects, as for a sender that nothing
//!   matches.

mod evaluate;
mod macros;
pub mod record;
mod tree;

use std::fmt;
use std::net::IpAddr;

use serde::Serialize;

use crate::evidence::DnsAnswer;
use crate::inquiry::RecordType;
use crate::{DomainName, Unseen};

pub use evaluate::check_host;
pub use record::Qualifier;
pub use tree::{Flat, Problem, Range, flatten};

/// The most terms that ask DNS, and the most names of one `mx` or `ptr` (section 4.6.4).
pub const LOOKUPS_MAX: usize = 10;
/// The most lookups that bring nothing (section 4.6.4).
pub const VOIDS_MAX: usize = 2;

/// What is checked (section 4.1).
#[derive(Clone, Debug)]
pub struct Query<'a> {
    /// The address of the client.
    pub ip: IpAddr,
    /// The domain whose record counts: the sender's, or that in HELO.
    pub domain: &'a str,
    /// The reverse-path, without angle brackets; empty for the null sender.
    pub sender: &'a str,
    /// The name in HELO or EHLO.
    pub helo: &'a str,
    /// The receiving host, for `%{r}`.
    pub receiver: &'a str,
    /// Now, in seconds since 1970, for `%{t}`.
    pub now: u64,
}

impl Query<'_> {
    fn mailbox(&self) -> (&str, &str) {
        mailbox(self.sender, self.helo)
    }
}

/// The local part and the domain of a sender: `postmaster` and HELO where it has none (sections 2.4
/// and 4.3).
pub fn mailbox<'a>(sender: &'a str, helo: &'a str) -> (&'a str, &'a str) {
    let (local, domain) = match sender.rsplit_once('@') {
        Some(mailbox) => mailbox,
        None if sender.is_empty() => ("", helo),
        None => ("", sender),
    };
    (if local.is_empty() { "postmaster" } else { local }, domain)
}

/// What is known of a DNS question.
#[derive(Clone, Copy, Debug)]
pub enum Lookup<'a> {
    /// Its answer.
    Known(&'a DnsAnswer),
    /// It was asked, and nothing could be seen.
    Unseen(Unseen),
    /// It was not asked yet.
    Missing,
}

/// Answers questions from what is known. The name is in lower case and without a last dot; through
/// macros it may hold characters that no [`DomainName`] has.
pub type Known<'f, 'a> = dyn Fn(&str, RecordType) -> Lookup<'a> + 'f;

/// Questions that are still to be asked, each once.
pub type Lacks = Vec<(String, RecordType)>;

fn lack(lacks: &mut Lacks, name: String, record: RecordType) {
    let question = (name, record);
    if !lacks.contains(&question) {
        lacks.push(question);
    }
}

/// What [`check_host`] came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It needs the answers to these questions first.
    Lacks(Lacks),
    /// The result.
    Done(Evaluation),
}

/// The result of [`check_host`] and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// The result.
    pub result: SpfResult,
    /// The domain's explanation of a fail (section 6.2).
    pub explanation: Option<String>,
    /// How many terms asked DNS.
    pub lookups: usize,
    /// How many lookups brought nothing.
    pub voids: usize,
    /// What made it an error.
    pub problem: Option<String>,
    /// What could not be seen, where that made it a temperror.
    pub unseen: Option<Unseen>,
    /// What was evaluated, in order.
    pub tree: Vec<Branch>,
}

/// A term that was evaluated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Branch {
    /// The term as it stands in the record.
    pub term: String,
    /// The name that it led to.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// How many lookups it cost, with all below it.
    pub lookups: usize,
    /// What came of it: "match", "no match", or the result of an include or redirect.
    pub result: &'static str,
    /// The terms of the record that it led to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<Branch>,
}

/// The results of section 2.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpfResult {
    /// There is no record.
    None,
    /// The record says nothing of this client.
    Neutral,
    /// The client may send.
    Pass,
    /// It may not.
    Fail,
    /// It probably may not.
    SoftFail,
    /// A lookup failed; a later check may do better.
    TempError,
    /// The records can't be used.
    PermError,
}

impl SpfResult {
    /// The result in the RFC's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Neutral => "neutral",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::SoftFail => "softfail",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
        }
    }
}

impl fmt::Display for SpfResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The text of a tree, one term a line, indented.
pub fn outline(tree: &[Branch]) -> String {
    fn add(tree: &[Branch], depth: usize, text: &mut String) {
        for branch in tree {
            let cost = if branch.lookups > 0 { format!(" [{}]", branch.lookups) } else { String::new() };
            let line = format!("{:indent$}{}{cost}: {}\n", "", branch.term, branch.result, indent = depth * 2);
            text.push_str(&line);
            add(&branch.branches, depth + 1, text);
        }
    }
    let mut text = String::new();
    add(tree, 0, &mut text);
    text.truncate(text.trim_end().len());
    text
}

/// A name as it is asked for: lower case, no last dot, at most 253 octets (section 7.3). Nothing
/// where no question can be made of it: such a name does not exist.
fn askable(name: &str) -> Option<String> {
    let mut name = name.strip_suffix('.').unwrap_or(name);
    while name.len() > 253 {
        name = name.split_once('.')?.1;
    }
    let labels_fit = name.split('.').all(|label| (1..64).contains(&label.len()));
    labels_fit.then(|| name.to_ascii_lowercase())
}

/// Is this a name that can hold a mail domain (section 4.3)?
fn is_mail_domain(name: &str) -> bool {
    DomainName::new(name).is_ok_and(|name| name.labels() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes() {
        for (sender, want) in [
            ("me@example.org", ("me", "example.org")),
            ("@example.org", ("postmaster", "example.org")),
            ("example.org", ("postmaster", "example.org")),
            ("a@b@example.org", ("a@b", "example.org")),
            ("", ("postmaster", "helo.example")),
        ] {
            assert_eq!(mailbox(sender, "helo.example"), want, "{sender}");
        }
    }

    #[test]
    fn receivers() {
        let ip = IpAddr::from([192, 0, 2, 1]);
        for (receiver, want) in [("", "unknown"), ("r.example", "r.example")] {
            let query = Query { ip, domain: "a.example", sender: "", helo: "", receiver, now: 0 };
            assert_eq!(macros::replace("%{r}", &query, "", || Err(())), Ok(Some(want.to_owned())));
        }
    }

    #[test]
    fn names_of_questions() {
        let label = "a".repeat(63);
        // 253 and 254 octets: the first label of the longer one goes.
        let (fits, cut) = (format!("{label}.{label}.{label}.{}", &label[..61]), format!("b.{label}.{label}.{label}"));
        let long = format!("{cut}.{}", &label[..60]);
        assert_eq!((fits.len(), long.len()), (253, 254));
        assert_eq!(askable(&fits), Some(fits.clone()));
        assert_eq!(askable(&long).as_deref(), long.strip_prefix("b."));
        for (name, want) in [("A.Example.", Some("a.example")), ("a..example", None), (".", None), ("", None)] {
            assert_eq!(askable(name).as_deref(), want, "{name}");
        }
        assert_eq!(askable(&format!("{label}a.example")), None);
    }
}
