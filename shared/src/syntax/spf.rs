//! SPF records (RFC 7208): the terms of one record and what is wrong with them.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::DomainName;
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

/// What one record says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spf {
    /// The qualifier of `all`.
    pub all: Option<Qualifier>,
    /// There is a `redirect` modifier.
    pub redirect: bool,
    /// There is a `ptr` mechanism, which RFC 7208 section 5.5 says not to use.
    pub ptr: bool,
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

/// Reads a record that begins with `v=spf1`.
pub fn parse(text: &str) -> Spf {
    let mut spf = Spf::default();
    let mut exp = false;
    let mut start = 0;
    for (index, term) in text.split(' ').enumerate() {
        let end = start + term.len();
        if index > 0 && !term.is_empty() {
            let what = match modifier(term) {
                Some((name, value)) => {
                    let twice = match name.to_ascii_lowercase().as_str() {
                        "redirect" => std::mem::replace(&mut spf.redirect, true),
                        "exp" => std::mem::replace(&mut exp, true),
                        _ => false,
                    };
                    let known = name.eq_ignore_ascii_case("redirect") || name.eq_ignore_ascii_case("exp");
                    if twice {
                        Some("this modifier may stand only once (RFC 7208 section 6)")
                    } else if known && !is_domain_spec(value) {
                        Some("this is not a domain (RFC 7208 section 7.1)")
                    } else {
                        macros(value)
                            .then_some(())
                            .map_or(Some("a % must begin a macro (RFC 7208 section 7.1)"), |()| None)
                    }
                }
                None => mechanism(term, &mut spf).err(),
            };
            if let Some(what) = what {
                spf.faults.push(Fault { start, end, what });
            }
        }
        start = end + 1;
    }
    spf
}

/// `name=value`, where the name is one of a modifier (section 4.6.1).
fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let mut letters = name.chars();
    let well_formed = letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    well_formed.then_some((name, value))
}

fn mechanism(term: &str, spf: &mut Spf) -> Result<(), &'static str> {
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
    match name.to_ascii_lowercase().as_str() {
        "all" if argument.is_empty() => {
            spf.all.get_or_insert(qualifier);
            Ok(())
        }
        "all" => Err("`all` takes nothing behind it (RFC 7208 section 5.1)"),
        "include" | "exists" => match value {
            Some(domain) if is_domain_spec(domain) => Ok(()),
            _ => Err("this mechanism needs a domain (RFC 7208 sections 5.2 and 5.7)"),
        },
        "a" | "mx" => {
            let (domain, lengths) = split_cidr(argument);
            let domain_ok = match domain.strip_prefix(':') {
                Some(domain) => is_domain_spec(domain),
                None => domain.is_empty(),
            };
            match (domain_ok, dual_cidr(lengths)) {
                (true, true) => Ok(()),
                (false, _) => Err("this is not a domain (RFC 7208 section 7.1)"),
                _ => Err("this is not a prefix length (RFC 7208 section 5.6)"),
            }
        }
        "ptr" => {
            spf.ptr = true;
            match value {
                Some(domain) if is_domain_spec(domain) => Ok(()),
                None if argument.is_empty() => Ok(()),
                _ => Err("this is not a domain (RFC 7208 section 7.1)"),
            }
        }
        "ip4" => network::<Ipv4Addr>(value, 32).ok_or("this is not an IPv4 network (RFC 7208 section 5.6)"),
        "ip6" => network::<Ipv6Addr>(value, 128).ok_or("this is not an IPv6 network (RFC 7208 section 5.6)"),
        _ => Err("there is no such mechanism (RFC 7208 section 4.6.1)"),
    }
}

fn network<A: std::str::FromStr>(value: Option<&str>, most: u8) -> Option<()> {
    let value = value?;
    let (address, length) = match value.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (value, None),
    };
    address.parse::<A>().ok()?;
    length.is_none_or(|length| prefix(length, most)).then_some(())
}

fn prefix(text: &str, most: u8) -> bool {
    let no_zero = text == "0" || !text.starts_with('0');
    no_zero && text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u8>().is_ok_and(|length| length <= most)
}

/// Parts `:domain/24//64` before its prefix lengths.
fn split_cidr(argument: &str) -> (&str, &str) {
    let is_length = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'/');
    for (at, _) in argument.match_indices('/') {
        if let Some((domain, lengths)) = argument.split_at_checked(at)
            && is_length(lengths)
        {
            return (domain, lengths);
        }
    }
    (argument, "")
}

fn dual_cidr(lengths: &str) -> bool {
    let (v4, v6) = match lengths.split_once("//") {
        Some((v4, v6)) => (v4, Some(v6)),
        None => (lengths, None),
    };
    let v4_ok = match v4.strip_prefix('/') {
        Some(length) => prefix(length, 32),
        None => v4.is_empty(),
    };
    v4_ok && v6.is_none_or(|length| prefix(length, 128))
}

/// A domain, or a macro string whose end is a label or a macro (section 7.1).
fn is_domain_spec(text: &str) -> bool {
    if text.contains('%') {
        return macros(text);
    }
    let text = text.strip_suffix('.').unwrap_or(text);
    let last_is_label = text.rsplit('.').next().is_some_and(|label| {
        label.bytes().any(|b| !b.is_ascii_digit()) && !label.starts_with('-') && !label.ends_with('-')
    });
    text.contains('.') && last_is_label && DomainName::new(text).is_ok()
}

/// Is every `%` the beginning of a macro (section 7.1)?
fn macros(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('%') {
        if let Some(next) = ["%", "_", "-"].iter().find_map(|escape| after.strip_prefix(escape)) {
            rest = next;
            continue;
        }
        let Some((body, next)) = after.strip_prefix('{').and_then(|inner| inner.split_once('}')) else {
            return false;
        };
        let mut letters = body.chars();
        if !letters.next().is_some_and(|c| "slodiphcrtv".contains(c.to_ascii_lowercase())) {
            return false;
        }
        let transformers = letters.as_str().trim_start_matches(|c: char| c.is_ascii_digit());
        let transformers = transformers.strip_prefix(['r', 'R']).unwrap_or(transformers);
        if !transformers.chars().all(|c| ".-+,/_=".contains(c)) {
            return false;
        }
        rest = next;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Record;

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
        assert_eq!(parse("v=spf1 +all").all, Some(Qualifier::Pass));
        assert_eq!(parse("v=spf1 all").all, Some(Qualifier::Pass));
        assert_eq!(parse("v=spf1 ?all").all, Some(Qualifier::Neutral));
        assert_eq!(parse("v=spf1 ~all -all").all, Some(Qualifier::SoftFail));
        assert!(parse("v=spf1 ptr -all").ptr);
        assert!(parse("v=spf1 redirect=a.example").redirect);
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
            .map(|text| Record::Txt(vec![text.to_owned()]))
            .into(),
            ..DnsAnswer::default()
        };
        let found = records(&answer);
        assert_eq!(found.spf, ["v=spf1 -all", "V=spf1"]);
        assert_eq!(found.look_alikes, ["v=spf10 -all", "spf1 mx", "“v=spf1 mx”", "v=spf1;mx"]);
    }
}
