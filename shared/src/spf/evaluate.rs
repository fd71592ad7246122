//! `check_host()` (RFC 7208 sections 4 to 6).

use std::net::IpAddr;

use super::macros::replace;
use super::record::{Directive, Lengths, Mechanism, Qualifier, parse, records};
use super::{
    Branch, Evaluation, Known, LOOKUPS_MAX, Lacks, Lookup, Outcome, Query, SpfResult, VOIDS_MAX, askable,
    is_mail_domain, lack,
};
use crate::evidence::{DnsAnswer, Record as DnsRecord, Target};
use crate::inquiry::RecordType;
use crate::{DomainName, Unseen};

/// May this client send for the domain of its sender? Either the result, or the questions whose
/// answers it needs first: all that are known to be needed, and no other.
pub fn check_host(query: &Query<'_>, known: &Known<'_, '_>) -> Outcome {
    // Section 5: an IPv4 address in IPv6 form is an IPv4 address.
    let query = Query { ip: query.ip.to_canonical(), ..query.clone() };
    let mut run = Run { query: &query, known, lacks: Lacks::new(), lookups: 0, voids: 0, problem: None, unseen: None };
    let domain = query.domain;
    let mut tree = Vec::new();
    let mut exp = None;
    // Section 4.3: a malformed domain has no policy.
    let result = match is_mail_domain(domain) {
        true => run.domain(domain, &mut tree, Some(&mut exp)),
        false => Ok(SpfResult::None),
    };
    let result = match result {
        Ok(result) => result,
        Err(Stop::Temp) => SpfResult::TempError,
        Err(Stop::Perm) => SpfResult::PermError,
        Err(Stop::Lacks) => return Outcome::Lacks(run.lacks),
    };
    let explanation = match exp.filter(|_| result == SpfResult::Fail) {
        Some((exp, domain)) => match run.explain(&exp, &domain) {
            Err(Stop::Lacks) => return Outcome::Lacks(run.lacks),
            other => other.ok().flatten(),
        },
        None => None,
    };
    let Run { lookups, voids, problem, unseen, .. } = run;
    let unseen = unseen.filter(|_| result == SpfResult::TempError);
    Outcome::Done(Evaluation { result, explanation, lookups, voids, problem, unseen, tree })
}

/// Why an evaluation goes no further.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    Lacks,
    Temp,
    Perm,
}

struct Run<'r, 'k, 'a> {
    query: &'r Query<'r>,
    known: &'r Known<'k, 'a>,
    lacks: Lacks,
    lookups: usize,
    voids: usize,
    problem: Option<String>,
    unseen: Option<Unseen>,
}

/// The `exp` of a record and the record's domain.
type Exp = Option<(String, String)>;

impl<'a> Run<'_, '_, 'a> {
    /// The result for a domain. Only where `exp` has a place does an explanation count: not in
    /// what is included (section 6.2).
    fn domain(&mut self, domain: &str, tree: &mut Vec<Branch>, exp: Option<&mut Exp>) -> Result<SpfResult, Stop> {
        let Some(answer) = self.ask(domain, RecordType::Txt)? else {
            return Ok(SpfResult::None);
        };
        let spf = records(answer).spf;
        let text = match spf.as_slice() {
            [] => return Ok(SpfResult::None),
            [text] => text,
            // Section 4.5.
            _ => return self.perm(format!("{domain} has more than one SPF record")),
        };
        let record = parse(text);
        // Section 4.6: a fault anywhere is found before anything is evaluated.
        if let Some(fault) = record.faults.first() {
            let term = text.get(fault.start..fault.end).unwrap_or("");
            return self.perm(format!("in the record of {domain}, {term}: {}", fault.message));
        }
        for directive in &record.directives {
            if self.branch(directive, domain, tree)? {
                if let Some(exp) = exp {
                    *exp = record.exp.map(|text| (text.to_owned(), domain.to_owned()));
                }
                return Ok(match directive.qualifier {
                    Qualifier::Pass => SpfResult::Pass,
                    Qualifier::Fail => SpfResult::Fail,
                    Qualifier::SoftFail => SpfResult::SoftFail,
                    Qualifier::Neutral => SpfResult::Neutral,
                });
            }
        }
        // Section 4.7.
        let Some(redirect) = record.redirect else {
            return Ok(SpfResult::Neutral);
        };
        let before = self.lookups;
        let mut branches = Vec::new();
        let name = self.name(redirect, domain)?;
        let result = self.count().and_then(|()| self.domain(&name, &mut branches, exp));
        let result = match result {
            // Section 6.1.
            Ok(SpfResult::None) => self.perm(format!("{name}, which redirect names, has no SPF record")),
            other => other,
        };
        let word = match result {
            Ok(result) => result.word(),
            Err(stop) => stop.word(),
        };
        let lookups = self.lookups - before;
        tree.push(Branch { term: format!("redirect={redirect}"), name, lookups, result: word, branches });
        result
    }

    /// Evaluates a mechanism, and says in the tree what came of it.
    fn branch(&mut self, directive: &Directive<'_>, domain: &str, tree: &mut Vec<Branch>) -> Result<bool, Stop> {
        let before = self.lookups;
        let mut branch = Branch {
            term: directive.text.to_owned(),
            name: String::new(),
            lookups: 0,
            result: "",
            branches: Vec::new(),
        };
        let matches = self.matches(directive.mechanism, domain, &mut branch);
        branch.lookups = self.lookups - before;
        let word = match matches {
            Ok(true) => "match",
            Ok(false) => "no match",
            Err(stop) => stop.word(),
        };
        // An include already says what the record that it led to came to.
        if branch.result.is_empty() {
            branch.result = word;
        }
        tree.push(branch);
        matches
    }

    fn matches(&mut self, mechanism: Mechanism<'_>, domain: &str, branch: &mut Branch) -> Result<bool, Stop> {
        let ip = self.query.ip;
        let (spec, record) = match mechanism {
            Mechanism::All => return Ok(true),
            Mechanism::Ip4(address, length) => return Ok(in_network(ip, address.into(), length)),
            Mechanism::Ip6(address, length) => return Ok(in_network(ip, address.into(), length)),
            Mechanism::Include(spec) => (Some(spec), RecordType::Txt),
            Mechanism::Exists(spec) => (Some(spec), RecordType::A),
            Mechanism::A(spec, _) => (spec, self.family()),
            Mechanism::Mx(spec, _) => (spec, RecordType::Mx),
            Mechanism::Ptr(spec) => (spec, RecordType::Ptr),
        };
        self.count()?;
        let name = match spec {
            Some(spec) => self.name(spec, domain)?,
            None => domain.to_owned(),
        };
        branch.name.clone_from(&name);
        let any = |answer: &DnsAnswer, lengths: Lengths| answer.records.iter().any(|r| within(ip, r, lengths));
        match mechanism {
            Mechanism::Include(_) => {
                let result = self.domain(&name, &mut branch.branches, None)?;
                branch.result = result.word();
                match result {
                    SpfResult::Pass => Ok(true),
                    // Section 5.2.
                    SpfResult::None => self.perm(format!("{name}, which include names, has no SPF record")),
                    _ => Ok(false),
                }
            }
            Mechanism::A(_, lengths) => Ok(self.ask_counted(&name, record)?.is_some_and(|answer| any(answer, lengths))),
            Mechanism::Mx(_, lengths) => {
                let Some(answer) = self.ask_counted(&name, record)? else {
                    return Ok(false);
                };
                // Section 4.6.4.
                if answer.records.len() > LOOKUPS_MAX {
                    return self.perm(format!("{name} has more than {LOOKUPS_MAX} MX records"));
                }
                let mut stop = None;
                for exchange in exchanges(answer) {
                    match self.ask(exchange, self.family()) {
                        Ok(Some(answer)) if any(answer, lengths) => return Ok(true),
                        Ok(_) => {}
                        Err(Stop::Lacks) => stop = Some(Stop::Lacks),
                        Err(why) => stop = stop.or(Some(why)),
                    }
                }
                stop.map_or(Ok(false), Err)
            }
            Mechanism::Exists(_) => {
                Ok(self.ask_counted(&name, record)?.is_some_and(|answer| !answer.records.is_empty()))
            }
            _ => {
                let target = name.strip_suffix('.').unwrap_or(&name).to_ascii_lowercase();
                Ok(self.validated(true)?.iter().any(|name| is_below(name, &target)))
            }
        }
    }

    /// The names of the client's address whose addresses lead back to it (section 5.5).
    fn validated(&mut self, counted: bool) -> Result<Vec<DomainName>, Stop> {
        let reverse = DomainName::reverse(self.query.ip);
        let answer = match counted {
            true => self.ask_counted(reverse.as_str(), RecordType::Ptr),
            false => self.ask(reverse.as_str(), RecordType::Ptr),
        };
        let pointers = match answer {
            Ok(answer) => answer.map(DnsAnswer::pointers).unwrap_or_default(),
            // Section 5.5: an error here only means that nothing matches.
            Err(Stop::Temp) => Vec::new(),
            Err(other) => return Err(other),
        };
        let mut names = Vec::new();
        let mut lacks = false;
        // Section 4.6.4: the rest is ignored.
        for name in pointers.into_iter().take(LOOKUPS_MAX) {
            match self.ask(name.as_str(), self.family()) {
                Ok(Some(answer)) if answer.records.iter().any(|r| r.address() == Some(self.query.ip)) => {
                    names.push(name);
                }
                Err(Stop::Lacks) => lacks = true,
                _ => {}
            }
        }
        if lacks { Err(Stop::Lacks) } else { Ok(names) }
    }

    /// The explanation (section 6.2). Whatever is wrong with it, there is none then.
    fn explain(&mut self, exp: &str, domain: &str) -> Result<Option<String>, Stop> {
        let name = self.name(exp, domain)?;
        let Some(texts) = self.ask(&name, RecordType::Txt)?.map(DnsAnswer::texts) else {
            return Ok(None);
        };
        match texts.as_slice() {
            [text] if text.is_ascii() => self.replace(text, domain),
            _ => Ok(None),
        }
    }

    fn name(&mut self, spec: &str, domain: &str) -> Result<String, Stop> {
        Ok(self.replace(spec, domain)?.unwrap_or_default())
    }

    fn replace(&mut self, text: &str, domain: &str) -> Result<Option<String>, Stop> {
        let query = self.query;
        replace(text, query, domain, || {
            let names = self.validated(false)?;
            // Section 7.3: the domain itself, or a name below it, or any.
            let at = |name: &&DomainName| name.as_str() == domain;
            let best = names.iter().find(at).or_else(|| names.iter().find(|name| is_below(name, domain)));
            Ok(best.or(names.first()).map_or("unknown".to_owned(), DomainName::to_string))
        })
    }

    /// Counts a term that asks DNS (section 4.6.4).
    fn count(&mut self) -> Result<(), Stop> {
        if self.lookups == LOOKUPS_MAX {
            return self.perm(format!("more than {LOOKUPS_MAX} terms ask DNS"));
        }
        self.lookups += 1;
        Ok(())
    }

    /// Asks, and counts an answer that brings nothing (section 4.6.4).
    fn ask_counted(&mut self, name: &str, record: RecordType) -> Result<Option<&'a DnsAnswer>, Stop> {
        let answer = self.ask(name, record)?;
        if answer.is_none_or(is_void) {
            self.voids += 1;
            if self.voids > VOIDS_MAX {
                return self.perm(format!("more than {VOIDS_MAX} lookups bring nothing"));
            }
        }
        Ok(answer)
    }

    /// What is known. Nothing for a name of which no question can be made.
    fn ask(&mut self, name: &str, record: RecordType) -> Result<Option<&'a DnsAnswer>, Stop> {
        let Some(name) = askable(name) else {
            return Ok(None);
        };
        match (self.known)(&name, record) {
            Lookup::Known(answer) => Ok(Some(answer)),
            Lookup::Unseen(why) => {
                self.unseen.get_or_insert(why);
                self.problem.get_or_insert_with(|| format!("{record} of {name}: {why}"));
                Err(Stop::Temp)
            }
            Lookup::Missing => {
                lack(&mut self.lacks, name, record);
                Err(Stop::Lacks)
            }
        }
    }

    fn family(&self) -> RecordType {
        if self.query.ip.is_ipv4() { RecordType::A } else { RecordType::Aaaa }
    }

    fn perm<T>(&mut self, problem: String) -> Result<T, Stop> {
        self.problem = Some(problem);
        Err(Stop::Perm)
    }
}

impl Stop {
    const fn word(self) -> &'static str {
        match self {
            Self::Lacks => "not known yet",
            Self::Temp => SpfResult::TempError.word(),
            Self::Perm => SpfResult::PermError.word(),
        }
    }
}

/// Does this answer bring nothing: no such name, or no record at all (section 4.6.4)?
pub(super) fn is_void(answer: &DnsAnswer) -> bool {
    answer.nxdomain || (answer.records.is_empty() && answer.aliases.is_empty())
}

/// The names of MX records.
pub(super) fn exchanges(answer: &DnsAnswer) -> impl Iterator<Item = &str> {
    answer.records.iter().filter_map(|record| match record {
        DnsRecord::Mx { exchange: Target::Name(name), .. } => Some(name.as_str()),
        DnsRecord::Mx { exchange: Target::Odd(name), .. } => Some(name.as_str()),
        _ => None,
    })
}

fn within(ip: IpAddr, record: &DnsRecord, lengths: Lengths) -> bool {
    record.address().is_some_and(|address| {
        let length = if address.is_ipv4() { lengths.v4 } else { lengths.v6 };
        in_network(ip, address, length)
    })
}

fn in_network(ip: IpAddr, network: IpAddr, length: u8) -> bool {
    let (differ, width) = match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => (u128::from(ip.to_bits() ^ network.to_bits()), 32_u32),
        (IpAddr::V6(ip), IpAddr::V6(network)) => (ip.to_bits() ^ network.to_bits(), 128),
        _ => return false,
    };
    differ.checked_shr(width.saturating_sub(u32::from(length))).unwrap_or(0) == 0
}

fn is_below(name: &DomainName, target: &str) -> bool {
    name.as_str().strip_suffix(target).is_some_and(|head| head.is_empty() || head.ends_with('.'))
}
