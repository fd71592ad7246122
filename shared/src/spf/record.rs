//! SPF records (RFC 7208): the terms of one record and what is wrong with them.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::macros::{self, Piece, pieces};
use crate::evidence::DnsAnswer;

/// What the TXT records of a name hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// SPF records: those that begin with `v=spf1` and a space or their end (section 4.5).
    pub spf: Vec<String>,
    /// Records that were meant to be SPF and are not.
    pub look_alikes: Vec<String>,
}

/// Sorts the TXT records of a name.
pub fn records(answer: &DnsAnswer) -> Records {
    let mut found = Records::default();
    for text in answer.texts() {
        let lower = text.to_ascii_lowercase();
        // RFC 7208 section 4.5: the version is terminated by a space or the end of the record.
        if lower == "v=spf1" || lower.starts_with("v=spf1 ") {
            found.spf.push(text);
        } else if is_look_alike(&lower) {
            found.look_alikes.push(text);
        }
    }
    found
}

fn is_look_alike(lower: &str) -> bool {
    let bare = lower.trim_start_matches(|c: char| c.is_whitespace() || "\"'“”‘’".contains(c));
    let squeezed: String = bare.chars().filter(|c| !c.is_whitespace()).take(7).collect();
    squeezed.starts_with("v=spf1")
        || squeezed.starts_with("spf1")
        || squeezed.starts_with("v=spf:")
        || squeezed.starts_with("v=spf=")
}

/// What a mechanism's match means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qualifier {
    /// `+`, or nothing.
    Pass,
    /// `-`.
    Fail,
    /// `~`.
    SoftFail,
    /// `?`.
    Neutral,
}

/// The prefix lengths behind `a` and `mx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lengths {
    /// For IPv4 addresses.
    pub v4: u8,
    /// For IPv6 addresses.
    pub v6: u8,
}

/// A mechanism (section 5). A text is a domain-spec, macros and all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism<'a> {
    /// `all`.
    All,
    /// `include:`.
    Include(&'a str),
    /// `a`; without a domain-spec it means the domain itself.
    A(Option<&'a str>, Lengths),
    /// `mx`.
    Mx(Option<&'a str>, Lengths),
    /// `ptr`, which section 5.5 says not to use.
    Ptr(Option<&'a str>),
    /// `ip4:`.
    Ip4(Ipv4Addr, u8),
    /// `ip6:`.
    Ip6(Ipv6Addr, u8),
    /// `exists:`.
    Exists(&'a str),
}

/// A mechanism with its qualifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Directive<'a> {
    /// What a match means.
    pub qualifier: Qualifier,
    /// The mechanism.
    pub mechanism: Mechanism<'a>,
    /// The term as it stands in the record.
    pub text: &'a str,
}

/// What one record says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record<'a> {
    /// The mechanisms, in order; those with a fault are not among them.
    pub directives: Vec<Directive<'a>>,
    /// The domain-spec of `redirect`.
    pub redirect: Option<&'a str>,
    /// The domain-spec of `exp`.
    pub exp: Option<&'a str>,
    /// What makes it a permerror (section 4.6).
    pub faults: Vec<Fault>,
}

/// A fault with its place in the record, in octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where the term begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

const NO_DOMAIN: &str = "this is not a domain (RFC 7208 section 7.1)";

/// Reads a record that begins with `v=spf1`.
pub fn parse(text: &str) -> Record<'_> {
    let mut record = Record::default();
    let mut start = 0;
    for (index, term) in text.split(' ').enumerate() {
        let end = start + term.len();
        if index > 0
            && !term.is_empty()
            && let Err(what) = read(term, &mut record)
        {
            record.faults.push(Fault { start, end, what });
        }
        start = end + 1;
    }
    record
}

impl Record<'_> {
    /// The qualifier of `all`.
    pub fn all(&self) -> Option<Qualifier> {
        self.directives.iter().find(|d| d.mechanism == Mechanism::All).map(|d| d.qualifier)
    }

    /// Does it let nobody send: is `-all` its only term?
    pub fn allows_nobody(&self) -> bool {
        let fails = |d: &Directive<'_>| d.mechanism == Mechanism::All && d.qualifier == Qualifier::Fail;
        self.directives.first().is_some_and(fails) && self.faults.is_empty()
    }

    /// Is there a `ptr` mechanism?
    pub fn ptr(&self) -> bool {
        self.directives.iter().any(|d| matches!(d.mechanism, Mechanism::Ptr(_)))
    }
}

fn read<'a>(term: &'a str, record: &mut Record<'a>) -> Result<(), &'static str> {
    if !is_visible(term) {
        return Err(
            "only visible ASCII characters may stand here, and terms are parted by spaces (RFC 7208 section 4.6.1)",
        );
    }
    let Some((name, value)) = modifier(term) else {
        record.directives.push(directive(term)?);
        return Ok(());
    };
    let place = match name.to_ascii_lowercase().as_str() {
        "redirect" => &mut record.redirect,
        "exp" => &mut record.exp,
        _ if pieces(value).all(|piece| piece.is_some()) => return Ok(()),
        _ => return Err("a % must begin a macro (RFC 7208 section 7.1)"),
    };
    if place.is_some() {
        return Err("this modifier may stand only once (RFC 7208 section 6)");
    }
    *place = Some(value);
    domain(Some(value)).map(|_| ())
}

/// Visible ASCII, and no octet that evidence had to write as `\xNN`.
fn is_visible(term: &str) -> bool {
    let escaped = |at: usize| {
        let digits = term.get(at + 2..at + 4);
        digits.is_some_and(|digits| u8::from_str_radix(digits, 16).is_ok_and(|octet| octet > 127))
    };
    term.bytes().all(|b| b.is_ascii_graphic()) && !term.match_indices("\\x").any(|(at, _)| escaped(at))
}

/// `name=value`, where the name is one of a modifier (section 4.6.1).
fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let mut letters = name.chars();
    let well_formed = letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    well_formed.then_some((name, value))
}

fn directive(term: &str) -> Result<Directive<'_>, &'static str> {
    let (qualifier, rest) = match term.chars().next() {
        Some('+') => (Qualifier::Pass, term.strip_prefix('+')),
        Some('-') => (Qualifier::Fail, term.strip_prefix('-')),
        Some('~') => (Qualifier::SoftFail, term.strip_prefix('~')),
        Some('?') => (Qualifier::Neutral, term.strip_prefix('?')),
        _ => (Qualifier::Pass, Some(term)),
    };
    let rest = rest.unwrap_or("");
    let name_end = rest.find([':', '/']).unwrap_or(rest.len());
    let (name, argument) = rest.split_at_checked(name_end).unwrap_or((rest, ""));
    let value = argument.strip_prefix(':');
    let needed = || match value {
        Some(value) if is_domain_spec(value) => Ok(value),
        _ => Err("this mechanism needs a domain (RFC 7208 sections 5.2 and 5.7)"),
    };
    let with_lengths = || {
        let (of_domain, lengths) = split_cidr(argument);
        let domain = if of_domain.is_empty() { None } else { domain(of_domain.strip_prefix(':'))? };
        let lengths = dual_cidr(lengths).ok_or("this is not a prefix length (RFC 7208 section 5.6)")?;
        Ok::<_, &'static str>((domain, lengths))
    };
    let mechanism = match name.to_ascii_lowercase().as_str() {
        "all" if argument.is_empty() => Mechanism::All,
        "all" => return Err("`all` takes nothing behind it (RFC 7208 section 5.1)"),
        "include" => Mechanism::Include(needed()?),
        "exists" => Mechanism::Exists(needed()?),
        "a" => with_lengths().map(|(domain, lengths)| Mechanism::A(domain, lengths))?,
        "mx" => with_lengths().map(|(domain, lengths)| Mechanism::Mx(domain, lengths))?,
        "ptr" if argument.is_empty() => Mechanism::Ptr(None),
        "ptr" => Mechanism::Ptr(domain(value)?),
        "ip4" => network(value, 32)
            .map(|(address, length)| Mechanism::Ip4(address, length))
            .ok_or("this is not an IPv4 network (RFC 7208 section 5.6)")?,
        "ip6" => network(value, 128)
            .map(|(address, length)| Mechanism::Ip6(address, length))
            .ok_or("this is not an IPv6 network (RFC 7208 section 5.6)")?,
        _ => return Err("there is no such mechanism (RFC 7208 section 4.6.1)"),
    };
    Ok(Directive { qualifier, mechanism, text: term })
}

fn domain(value: Option<&str>) -> Result<Option<&str>, &'static str> {
    match value {
        Some(value) if is_domain_spec(value) => Ok(Some(value)),
        _ => Err(NO_DOMAIN),
    }
}

fn network<A: std::str::FromStr>(value: Option<&str>, most: u8) -> Option<(A, u8)> {
    let value = value?;
    let (address, length) = match value.split_once('/') {
        Some((address, length)) => (address, prefix(length, most)?),
        None => (value, most),
    };
    Some((address.parse().ok()?, length))
}

fn prefix(text: &str, most: u8) -> Option<u8> {
    let well_formed = (text == "0" || !text.starts_with('0')) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|length| well_formed && *length <= most)
}

/// Parts `:domain/24//64` before its prefix lengths.
fn split_cidr(argument: &str) -> (&str, &str) {
    let domain = argument.trim_end_matches(|c: char| c.is_ascii_digit() || c == '/');
    let tail = argument.get(domain.len()..).unwrap_or("");
    let at = tail.find('/').map_or(argument.len(), |slash| domain.len() + slash);
    argument.split_at_checked(at).unwrap_or((argument, ""))
}

fn dual_cidr(lengths: &str) -> Option<Lengths> {
    let (v4, v6) = match lengths.split_once("//") {
        Some((v4, v6)) => (v4, prefix(v6, 128)?),
        None => (lengths, 128),
    };
    let v4 = match v4.strip_prefix('/') {
        Some(length) => prefix(length, 32)?,
        None if v4.is_empty() => 32,
        None => return None,
    };
    Some(Lengths { v4, v6 })
}

/// A macro string that ends in a macro or in a dot and a top label (section 7.1).
fn is_domain_spec(text: &str) -> bool {
    let mut last = None;
    for piece in pieces(text) {
        // The macros c, r and t are for explanations only (section 7.2).
        match piece {
            None => return false,
            Some(Piece::Macro(expand)) if macros::for_explanations(expand.letter) => return false,
            piece => last = piece,
        }
    }
    let literal = match last {
        Some(Piece::Literal(literal)) => literal,
        Some(_) => return true,
        None => return false,
    };
    let Some((before, top)) = literal.strip_suffix('.').unwrap_or(literal).rsplit_once('.') else {
        return false;
    };
    let is_top = top.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && top.bytes().any(|b| !b.is_ascii_digit())
        && !top.starts_with('-')
        && !top.ends_with('-');
    // Without a macro it can be seen already that no question can be made of it.
    let whole = literal.len() == text.len();
    is_top && !before.contains("..") && (!whole || (text.len() < 255 && super::askable(text).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Record as DnsRecord;

    fn faults(record: &str) -> Vec<&str> {
        parse(record).faults.iter().map(|f| &record[f.start..f.end]).collect()
    }

    #[test]
    fn records_that_are_right() {
        for record in [
            "v=spf1 -all",
            "v=spf1",
            "v=spf1 mx a:mail.example.org/24//64 ip4:192.0.2.0/24 ip6:2001:db8::/32 include:_spf.example.net ~all",
            "v=spf1 exists:%{ir}.%{l1r+-}._spf.%{d} redirect=_spf.example.org",
            "V=SPF1 A/0 MX//128 PTR:example.org ?ALL",
            "v=spf1 include:%{d2}.example.org exp=explain._spf.%{d} unknown=whatever -all",
            "v=spf1 a:example.org. -all",
        ] {
            assert_eq!(faults(record), [] as [&str; 0], "{record}");
        }
    }

    #[test]
    fn every_fault_is_named_with_its_place() {
        assert_eq!(
            faults(
                "v=spf1 ip4:192.0.2.300 inlcude:a.example include: a:b_ad..example mx/33 all:x exists:%x.example exp=a.example exp=b.example -all"
            ),
            [
                "ip4:192.0.2.300",
                "inlcude:a.example",
                "include:",
                "a:b_ad..example",
                "mx/33",
                "all:x",
                "exists:%x.example",
                "exp=b.example"
            ],
        );
    }

    #[test]
    fn what_a_record_says() {
        assert_eq!(parse("v=spf1 +all").all(), Some(Qualifier::Pass));
        assert_eq!(parse("v=spf1 all").all(), Some(Qualifier::Pass));
        assert_eq!(parse("v=spf1 ?all").all(), Some(Qualifier::Neutral));
        assert_eq!(parse("v=spf1 ~all -all").all(), Some(Qualifier::SoftFail));
        assert!(parse("v=spf1 ptr -all").ptr());
        assert!(parse("v=spf1 redirect=a.example").redirect.is_some());
    }

    #[test]
    fn what_is_a_record() {
        let answer = DnsAnswer {
            records: [
                "v=spf1 -all",
                "v=spf10 -all",
                "spf1 mx",
                "“v=spf1 mx”",
                "v=spf1;mx",
                "google-site-verification=x",
                "V=spf1",
            ]
            .map(|text| DnsRecord::Txt(vec![text.to_owned()]))
            .into(),
            ..DnsAnswer::default()
        };
        let found = records(&answer);
        assert_eq!(found.spf, ["v=spf1 -all", "V=spf1"]);
        assert_eq!(found.look_alikes, ["v=spf10 -all", "spf1 mx", "“v=spf1 mx”", "v=spf1;mx"]);
    }
}
