//! The whole tree of a domain's record, as for an IPv4 sender that nothing in it matches: what the
//! limits of RFC 7208 section 4.6.4 have to hold for.

use std::net::{IpAddr, Ipv4Addr};

use super::evaluate::{exchanges, is_void};
use super::macros::{depends_on_sender, replace};
use super::record::{Directive, Mechanism, Qualifier, Record, parse, records};
use super::{Branch, Known, LOOKUPS_MAX, Lacks, Lookup, Query, SpfResult, VOIDS_MAX, askable, lack};
use crate::evidence::{DnsAnswer, Record as DnsRecord};
use crate::inquiry::RecordType;
use crate::{DomainName, Unseen};

/// Where the walk ends. Beyond [`LOOKUPS_MAX`] nothing changes, but a number is worth seeing.
const WALK_MAX: usize = 2 * LOOKUPS_MAX;

/// What the tree of a record holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flat {
    /// How many terms ask DNS; where there are more than twenty, the walk ended there.
    pub lookups: usize,
    /// The questions of terms that bring nothing.
    pub voids: Vec<String>,
    /// What makes receivers give up, with the name where it is.
    pub problems: Vec<(Problem, String)>,
    /// The IPv4 networks that may send.
    pub ranges: Vec<Range>,
    /// The domain's own IPv6 networks of more than what a provider gets: a prefix length under 32.
    pub short: Vec<String>,
    /// The term of the record itself by which every host passes, where that is sure.
    pub everyone: Option<String>,
    /// The qualifier of `all` in the record itself.
    pub all: Option<Qualifier>,
    /// What is still to be asked.
    pub lacks: Lacks,
    /// Why a part of the tree could not be seen.
    pub unseen: Option<Unseen>,
    /// The terms.
    pub tree: Vec<Branch>,
}

/// What makes receivers give up (permerror).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A record that leads back to itself.
    Loop,
    /// An include or redirect to a name without an SPF record (sections 5.2 and 6.1).
    NoRecord,
    /// An include or redirect to a name whose record has a fault, or that has two.
    Faulty,
    /// More than ten MX records (section 4.6.4).
    ManyMx,
}

/// A network that may send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// It stands in a record of the domain's own, or of a name below it.
    pub own: bool,
    /// The address.
    pub network: Ipv4Addr,
    /// The length of its prefix.
    pub length: u8,
}

/// Walks the tree of this record of a domain. What is missing is named all at once, and what could
/// not be seen is passed by.
pub fn flatten(domain: &DomainName, text: &str, known: &Known<'_, '_>) -> Flat {
    let path = vec![domain.to_string()];
    let mut walk = Walk { domain, known, flat: Flat::default(), path, term: String::new(), astray: false };
    let mut tree = Vec::new();
    let record = parse(text);
    walk.record(&record, domain.as_str(), true, &mut tree);
    Flat { tree, all: record.all(), ..walk.flat }
}

struct Walk<'w, 'k, 'a> {
    domain: &'w DomainName,
    known: &'w Known<'k, 'a>,
    flat: Flat,
    /// The names whose records are being walked.
    path: Vec<String>,
    /// The term of the record itself that is being walked.
    term: String,
    /// Has who comes here passed a term that may have led astray, such as `?a`?
    astray: bool,
}

impl<'a> Walk<'_, '_, 'a> {
    fn record(&mut self, record: &Record<'_>, domain: &str, passes: bool, tree: &mut Vec<Branch>) {
        for directive in &record.directives {
            if self.flat.lookups > WALK_MAX {
                return;
            }
            self.enter(directive.text);
            if directive.mechanism == Mechanism::All {
                // Who is included with `+all` lets everyone send.
                if passes && directive.qualifier == Qualifier::Pass {
                    let range = Range { own: self.is_own(domain), network: Ipv4Addr::UNSPECIFIED, length: 0 };
                    self.flat.ranges.push(range);
                    self.everyone();
                }
                return;
            }
            self.directive(directive, domain, passes, tree);
        }
        if let Some(redirect) = record.redirect {
            self.enter(redirect);
            self.lead(redirect, format!("redirect={redirect}"), domain, passes, tree);
        }
    }

    fn enter(&mut self, term: &str) {
        if self.path.len() == 1 {
            term.clone_into(&mut self.term);
        }
    }

    /// Who comes here passes. Is it sure that everyone does, and nothing made receivers give up before?
    fn everyone(&mut self) {
        let flat = &mut self.flat;
        let over = flat.lookups > LOOKUPS_MAX || flat.voids.len() > VOIDS_MAX;
        let seen = flat.unseen.is_none() && flat.lacks.is_empty();
        if seen && !over && !self.astray && flat.problems.is_empty() {
            flat.everyone.get_or_insert_with(|| self.term.clone());
        }
    }

    fn directive(&mut self, directive: &Directive<'_>, domain: &str, passes: bool, tree: &mut Vec<Branch>) {
        let plus = directive.qualifier == Qualifier::Pass;
        let passes = passes && plus;
        let own = self.is_own(domain);
        // What other networks name is not everyone, whatever becomes of them.
        self.astray |= !plus && !matches!(directive.mechanism, Mechanism::Ip4(..) | Mechanism::Ip6(..));
        let (spec, record, length) = match directive.mechanism {
            Mechanism::Include(spec) => {
                let astray = self.astray;
                self.lead(spec, directive.text.to_owned(), domain, passes, tree);
                self.astray = astray; // who fails there only goes on (section 5.2)
                return;
            }
            Mechanism::Ip4(network, length) => {
                self.allow(passes.then_some(Range { own, network, length }));
                return;
            }
            Mechanism::Ip6(_, length) if passes => {
                if length == 0 {
                    self.everyone();
                } else if own && length < 32 {
                    self.flat.short.push(directive.text.to_owned());
                }
                return;
            }
            Mechanism::All | Mechanism::Ip6(..) => return,
            Mechanism::Exists(spec) => (Some(spec), RecordType::A, 33),
            Mechanism::A(spec, lengths) => (spec, RecordType::A, lengths.v4),
            Mechanism::Mx(spec, lengths) => (spec, RecordType::Mx, lengths.v4),
            // Whose PTR records are asked depends on the sender.
            Mechanism::Ptr(spec) => (spec, RecordType::Ptr, 33),
        };
        self.flat.lookups += 1;
        let name = self.name(spec, domain);
        let mut branch = leaf(directive.text, name.as_deref(), "counted");
        let name = name.filter(|_| record != RecordType::Ptr);
        let answer = match name.as_deref().map(|name| self.ask(name, record)) {
            Some(Ok(answer)) => answer,
            Some(Err(word)) => {
                branch.result = word;
                None
            }
            None => None,
        };
        tree.push(branch);
        let (Some(name), Some(answer)) = (name, answer) else {
            return;
        };
        if is_void(answer) {
            self.flat.voids.push(format!("{record} of {name}"));
        }
        let add = |walk: &mut Self, answer: &DnsAnswer| {
            for address in answer.records.iter().filter_map(DnsRecord::address) {
                if let IpAddr::V4(network) = address
                    && length <= 32
                    && passes
                {
                    walk.allow(Some(Range { own, network, length }));
                }
            }
        };
        if record == RecordType::A {
            add(self, answer);
        } else if answer.records.len() > LOOKUPS_MAX {
            self.flat.problems.push((Problem::ManyMx, name));
        } else if length < 32 && self.flat.lookups <= LOOKUPS_MAX {
            for exchange in exchanges(answer) {
                if let Ok(Some(answer)) = self.ask(exchange, RecordType::A) {
                    add(self, answer);
                }
            }
        }
    }

    fn allow(&mut self, range: Option<Range>) {
        if range.as_ref().is_some_and(|range| range.length == 0) {
            self.everyone();
        }
        self.flat.ranges.extend(range);
    }

    fn is_own(&self, domain: &str) -> bool {
        domain.strip_suffix(self.domain.as_str()).is_some_and(|head| head.is_empty() || head.ends_with('.'))
    }

    /// Follows an include or a redirect.
    fn lead(&mut self, spec: &str, term: String, domain: &str, passes: bool, tree: &mut Vec<Branch>) {
        if self.flat.lookups > WALK_MAX {
            return;
        }
        self.flat.lookups += 1;
        let before = self.flat.lookups;
        let name = self.name(Some(spec), domain);
        let mut branch = leaf(&term, name.as_deref(), "depends on the sender");
        match name {
            Some(name) => branch.result = self.follow(&name, passes, &mut branch.branches),
            None => {
                self.flat.unseen.get_or_insert(Unseen::NoBase);
            }
        }
        branch.lookups += self.flat.lookups - before;
        tree.push(branch);
    }

    fn follow(&mut self, name: &str, passes: bool, tree: &mut Vec<Branch>) -> &'static str {
        if self.path.iter().any(|at| at == name) {
            self.flat.problems.push((Problem::Loop, name.to_owned()));
            return "leads back to itself";
        }
        let answer = match self.ask(name, RecordType::Txt) {
            Ok(answer) => answer,
            Err(word) => return word,
        };
        let texts = answer.map(|answer| records(answer).spf).unwrap_or_default();
        let problem = match texts.as_slice() {
            [] => Problem::NoRecord,
            [text] => {
                let record = parse(text);
                if record.faults.is_empty() {
                    self.path.push(name.to_owned());
                    self.record(&record, name, passes, tree);
                    self.path.pop();
                    return "counted";
                }
                Problem::Faulty
            }
            _ => Problem::Faulty,
        };
        self.flat.problems.push((problem, name.to_owned()));
        SpfResult::PermError.word()
    }

    /// The name that a term leads to; nothing where that depends on the sender.
    fn name(&self, spec: Option<&str>, domain: &str) -> Option<String> {
        let Some(spec) = spec else {
            return Some(domain.to_owned());
        };
        if depends_on_sender(spec) {
            return None;
        }
        let ip = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let query = Query { ip, domain, sender: self.domain.as_str(), helo: "", receiver: "", now: 0 };
        let name = replace(spec, &query, domain, || Err(())).ok().flatten()?;
        Some(askable(&name).unwrap_or(name))
    }

    /// What is known; nothing for a name of which no question can be made. An error says in a word
    /// why the answer is not there.
    fn ask(&mut self, name: &str, record: RecordType) -> Result<Option<&'a DnsAnswer>, &'static str> {
        let Some(name) = askable(name) else {
            return Ok(None);
        };
        match (self.known)(&name, record) {
            Lookup::Known(answer) => Ok(Some(answer)),
            Lookup::Unseen(why) => {
                self.flat.unseen.get_or_insert(why);
                Err("could not be seen")
            }
            Lookup::Missing => {
                lack(&mut self.flat.lacks, name, record);
                Err("not known yet")
            }
        }
    }
}

fn leaf(term: &str, name: Option<&str>, result: &'static str) -> Branch {
    let name = name.unwrap_or_default().to_owned();
    Branch { term: term.to_owned(), name, lookups: 1, result, branches: Vec::new() }
}
