//! SPF records (RFC 7208): the terms of one record and what is wrong with them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::macros::{self, Piece, pieces};
use crate::evidence::DnsAnswer;
use crate::syntax::{self, Bad, Fault};

/// What the TXT records of a name hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// SPF records: those that begin with `v=spf1` and a space or their end (section 4.5).
    pub spf: Vec<String>,
    /// Records that were meant to be SPF and are not.
    pub look_alikes: Vec<String>,
    /// Records of nothing but SPF terms, without the version: parts of a record that was put into several.
    pub parts: Vec<String>,
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
        } else if is_part(&text) {
            found.parts.push(text);
        }
    }
    found
}

/// Is it terms and nothing else, and one among them that means nothing but SPF?
fn is_part(text: &str) -> bool {
    const TELLING: [&str; 7] = ["include:", "ip4:", "ip6:", "redirect=", "-all", "~all", "?all"];
    let mut telling = false;
    let all = terms(text, 0).all(|(_, term)| {
        telling |= TELLING.iter().any(|word| term.starts_with(word));
        is_term(term)
    });
    all && telling
}

fn is_term(term: &str) -> bool {
    let known = modifier(term).is_some_and(|(name, _)| matches!(name, "redirect" | "exp"));
    known || directive(term, 0).is_ok()
}

/// Is what ends before a seam a whole SPF term, and what begins behind it one, too?
pub(crate) fn splits_terms(before: &str, behind: &str) -> bool {
    let left = before.rsplit(' ').next().unwrap_or("");
    let right = behind.split(' ').next().unwrap_or("");
    // A name may have been cut, such as `a:mx.example.c` `a`: no top-level domain has one letter.
    let cut =
        left.rsplit_once('.').is_some_and(|(_, top)| top.len() < 2) && right.bytes().all(|b| b.is_ascii_alphabetic());
    (is_term(left) || left.eq_ignore_ascii_case("v=spf1")) && is_term(right) && !cut
}

/// The seams of a record, in octets of its text, where two terms become one, since its strings are joined without a
/// space (section 3.3). A string that is full was cut by a machine, and proves nothing.
pub fn glued(strings: &[String]) -> Vec<usize> {
    let mut seams = Vec::new();
    let mut end = 0;
    for pair in strings.windows(2) {
        let [before, behind] = pair else { continue };
        end += before.len();
        if before.len() < 255 && splits_terms(before, behind) {
            seams.push(end);
        }
    }
    seams
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
    /// Where it begins, in octets of the record.
    pub start: usize,
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

const BAD_DOMAIN: Bad = ("bad-domain", "This is not a domain name (RFC 7208 section 7.1).");
const ADDRESS: Bad =
    ("bad-domain", "An address is not a domain name: it belongs behind ip4: or ip6: (RFC 7208 section 5.6).");
const BAD_MACRO: Bad = ("bad-macro", "A % must begin a macro such as %{i}, or be %%, %_ or %- (RFC 7208 section 7.1).");
const MACRO_OF_EXP: Bad = ("macro-of-exp", "The macros c, r and t are for explanations only (RFC 7208 section 7.2).");
const BAD_PREFIX: Bad =
    ("bad-prefix", "This is not a prefix length: at most /32 for IPv4, //128 for IPv6 (RFC 7208 section 5.6).");
const MISSING_VALUE: Bad = ("missing-value", "This term needs a value behind it (RFC 7208 sections 5 and 6).");
const NO_VALUE: Bad = ("unexpected-value", "Nothing may stand behind all (RFC 7208 section 5.1).");
const REPEATED: Bad = ("repeated-modifier", "This modifier may stand only once (RFC 7208 section 6).");
const BAD_IP4: Bad = ("bad-ip4", "This is not an IPv4 address or network (RFC 7208 section 5.6).");
const BAD_IP6: Bad = ("bad-ip6", "This is not an IPv6 address or network (RFC 7208 section 5.6).");
const NOT_ASCII: Bad = ("not-ascii", "Only visible ASCII characters may stand here (RFC 7208 section 4.6.1).");
const BAD_SPACE: Bad = (
    "bad-space",
    "Terms are parted by spaces, not by tabs, line breaks or other white space (RFC 7208 section 4.6.1).",
);
const UNKNOWN: Bad = (
    "unknown-mechanism",
    "There is no such mechanism; they are all, include, a, mx, ptr, ip4, ip6 and exists (RFC 7208 section 5).",
);

/// Reads a record that begins with `v=spf1`.
pub fn parse(text: &str) -> Record<'_> {
    parse_behind(text, text.find(' ').unwrap_or(text.len()))
}

/// Reads the terms behind a version that ends at this octet.
pub(crate) fn parse_behind(text: &str, version: usize) -> Record<'_> {
    let mut record = Record::default();
    for (start, term) in terms(text, version) {
        if let Err(bad) = read(term, start, &mut record) {
            record.faults.push(Fault::new(bad, start, start + term.len()));
        }
    }
    record
}

/// The terms behind a version that ends at this octet, with their places.
pub(crate) fn terms(text: &str, version: usize) -> impl Iterator<Item = (usize, &str)> {
    let mut next = version;
    let all = text.get(version..).unwrap_or("").split(' ').map(move |term| {
        let start = next;
        next += term.len() + 1;
        (start, term)
    });
    all.filter(|(_, term)| !term.is_empty())
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

fn read<'a>(term: &'a str, start: usize, record: &mut Record<'a>) -> Result<(), Bad> {
    if !is_visible(term) {
        return Err(if term.contains(char::is_whitespace) {
            BAD_SPACE
        } else if term.contains(syntax::SMART_QUOTES) {
            syntax::BAD_QUOTES
        } else {
            NOT_ASCII
        });
    }
    let Some((name, value)) = modifier(term) else {
        record.directives.push(directive(term, start)?);
        return Ok(());
    };
    let place = match name.to_ascii_lowercase().as_str() {
        "redirect" => &mut record.redirect,
        "exp" => &mut record.exp,
        _ if pieces(value).all(|piece| piece.is_some()) => return Ok(()),
        _ => return Err(BAD_MACRO),
    };
    if place.is_some() {
        return Err(REPEATED);
    }
    *place = Some(value);
    domain_spec(value)
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
pub(crate) fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let mut letters = name.chars();
    let well_formed = letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    well_formed.then_some((name, value))
}

/// Reads a mechanism with its qualifier, which begins at `start`.
pub(crate) fn directive(term: &str, start: usize) -> Result<Directive<'_>, Bad> {
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
    // What stands behind the colon; a mechanism that has to have it has no prefix length.
    let value = argument.strip_prefix(':');
    let needed = || {
        let value = if argument.is_empty() { Err(MISSING_VALUE) } else { value.ok_or(BAD_DOMAIN) }?;
        domain_spec(value).map(|()| value)
    };
    let with_lengths = || {
        let (of_domain, lengths) = split_cidr(argument);
        let domain = of_domain.strip_prefix(':');
        domain.map_or(if of_domain.is_empty() { Ok(()) } else { Err(BAD_PREFIX) }, domain_spec)?;
        Ok::<_, Bad>((domain, dual_cidr(lengths).ok_or(BAD_PREFIX)?))
    };
    let mechanism = match name.to_ascii_lowercase().as_str() {
        "all" if argument.is_empty() => Mechanism::All,
        "all" => return Err(NO_VALUE),
        "include" => Mechanism::Include(needed()?),
        "exists" => Mechanism::Exists(needed()?),
        "a" => with_lengths().map(|(domain, lengths)| Mechanism::A(domain, lengths))?,
        "mx" => with_lengths().map(|(domain, lengths)| Mechanism::Mx(domain, lengths))?,
        "ptr" if argument.is_empty() => Mechanism::Ptr(None),
        "ptr" => Mechanism::Ptr(Some(needed()?)),
        "ip4" => network(value, 32, BAD_IP4).map(|(address, length)| Mechanism::Ip4(address, length))?,
        "ip6" => network(value, 128, BAD_IP6).map(|(address, length)| Mechanism::Ip6(address, length))?,
        _ => return Err(UNKNOWN),
    };
    Ok(Directive { qualifier, mechanism, text: term, start })
}

fn network<A: std::str::FromStr>(value: Option<&str>, most: u8, bad: Bad) -> Result<(A, u8), Bad> {
    let value = value.filter(|value| !value.is_empty()).ok_or(MISSING_VALUE)?;
    let (address, length) = value.split_once('/').map_or((value, None), |(address, length)| (address, Some(length)));
    let address = address.parse().map_err(|_| bad)?;
    let length = length.map_or(Some(most), |length| prefix(length, most)).ok_or(BAD_PREFIX)?;
    Ok((address, length))
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
    let v4 = v4.strip_prefix('/').map_or(Some(32), |length| prefix(length, 32))?;
    Some(Lengths { v4, v6 })
}

/// A macro string that ends in a macro or in a dot and a top label (section 7.1).
fn domain_spec(text: &str) -> Result<(), Bad> {
    if text.parse::<IpAddr>().is_ok() {
        return Err(ADDRESS);
    }
    let mut last = None;
    for piece in pieces(text) {
        // The macros c, r and t are for explanations only (section 7.2).
        match piece {
            None => return Err(BAD_MACRO),
            Some(Piece::Macro(expand)) if macros::for_explanations(expand.letter) => return Err(MACRO_OF_EXP),
            piece => last = piece,
        }
    }
    let literal = match last {
        Some(Piece::Literal(literal)) => literal,
        Some(_) => return Ok(()),
        None => return Err(MISSING_VALUE),
    };
    let (_, top) = literal.strip_suffix('.').unwrap_or(literal).rsplit_once('.').ok_or(BAD_DOMAIN)?;
    let is_top = top.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && top.bytes().any(|b| !b.is_ascii_digit())
        && !top.starts_with('-')
        && !top.ends_with('-');
    // Without a macro it can be seen already that no question can be made of it.
    let whole = literal.len() == text.len();
    let good = is_top && !literal.contains("..") && (!whole || (text.len() < 255 && super::askable(text).is_some()));
    good.then_some(()).ok_or(BAD_DOMAIN)
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
            "v=spf1 a:b.ex1/24 -all",
            "v=spf1 exists:\\x7f.a-1.x\\x.example.org -all",
        ] {
            assert_eq!(faults(record), [] as [&str; 0], "{record}");
        }
        // How long the labels get is up to the macros.
        assert_eq!(faults(&format!("v=spf1 exists:{}.example -all", "%{i}".repeat(70))), [] as [&str; 0]);
        let long = |count| format!("v=spf1 a:{}.example", "a.".repeat(122) + &"a".repeat(count));
        assert_eq!((faults(&long(2)).len(), faults(&long(3)).len()), (0, 1));
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
        for term in [
            "a:caf\\xe9.example",
            "a:caf\\x80.example",
            "exists:%{d*}.a.example",
            "exists:%{d0}.a.example",
            "exists:%{d}.a..example",
            "exists:%{t}.a.example",
            "ip4:192.0.2.0/+5",
            "ip4:192.0.2.0/024",
            "ip6:2001:db8::/129",
            "mx//129",
            "a:b.example//",
            "a:.example",
            "a:b.-example",
            "a:b.example-",
            "a:b.1",
            "1x=y",
            "x!=y",
        ] {
            assert_eq!(faults(&format!("v=spf1 {term} -all")), [term]);
        }
    }

    #[test]
    fn what_a_record_says() {
        assert_eq!(parse("v=spf1 +all").all(), Some(Qualifier::Pass));
        assert_eq!(parse("v=spf1 all").all(), Some(Qualifier::Pass));
        assert_eq!(parse("v=spf1 ?all").all(), Some(Qualifier::Neutral));
        assert_eq!(parse("v=spf1 ~all -all").all(), Some(Qualifier::SoftFail));
        assert!(parse("v=spf1 ptr -all").ptr());
        assert!(parse("v=spf1 redirect=a.example").redirect.is_some());
        for (record, nobody) in
            [("v=spf1 -all", true), ("v=spf1 ~all", false), ("v=spf1 -mx -all", false), ("v=spf1 -all x:y", false)]
        {
            assert_eq!(parse(record).allows_nobody(), nobody, "{record}");
        }
        for (term, domain, v4, v6) in [
            ("a", None, 32, 128),
            ("a/24", None, 24, 128),
            ("a//64", None, 32, 64),
            ("a/0//0", None, 0, 0),
            ("a:b.ex1/24", Some("b.ex1"), 24, 128),
        ] {
            let mechanism = directive(term, 0).map(|found| found.mechanism);
            assert_eq!(mechanism, Ok(Mechanism::A(domain, Lengths { v4, v6 })), "{term}");
        }
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
                "v = spf1 mx",
                "v=spf:mx",
                "v=spf=1 mx",
                " \"v=spf1 mx\"",
            ]
            .map(|text| DnsRecord::Txt(vec![text.to_owned()]))
            .into(),
            ..DnsAnswer::default()
        };
        let found = records(&answer);
        assert_eq!(found.spf, ["v=spf1 -all", "V=spf1"]);
        assert_eq!(
            found.look_alikes,
            [
                "v=spf10 -all",
                "spf1 mx",
                "“v=spf1 mx”",
                "v=spf1;mx",
                "v = spf1 mx",
                "v=spf:mx",
                "v=spf=1 mx",
                " \"v=spf1 mx\""
            ]
        );
    }

    #[test]
    fn parts_of_a_record() {
        for part in ["include:a.example", "mx ip4:192.0.2.1 -all", "a ~all", "redirect=a.example", "exp=a.example -all"]
        {
            assert!(is_part(part), "{part}");
        }
        for other in [
            "",
            "a",
            "mx a",
            "include: a.example",
            "ip4:192.0.2.1 and some text",
            "MS=ms1",
            "MS=ms1 -all",
            "k=rsa; p=-all",
        ] {
            assert!(!is_part(other), "{other}");
        }
    }

    #[test]
    fn seams() {
        let full = format!("v=spf1{} include:a.example", " mx".repeat(77));
        assert_eq!(full.len(), 255);
        let rows: &[(&[&str], &[usize])] = &[
            (&["v=spf1 mx -all"], &[]),
            (&["v=spf1 include:a.example ", "mx -all"], &[]),
            (&["v=spf1 include:a.example", " mx -all"], &[]),
            (&["v=spf1 include:a.exa", "mple mx -all"], &[]),
            (&["v=spf1 a:mx.example.c", "a -all"], &[]),
            (&["v=spf1 a:mx.example.ca", "a -all"], &[22]),
            (&["v=spf1 a:mx.example.c", "ip4:192.0.2.1 -all"], &[21]),
            (&["v=spf1", "mx -all"], &[6]),
            (&["v=spf1 ", "include:a.example", "include:b.example -all"], &[24]),
            (&["v=spf1 a:a.example", "-all"], &[18]),
            (&["v=spf1 ip4:192.0.2.1", "0 -all"], &[]),
            (&[&full, "mx -all"], &[]),
        ];
        for (strings, want) in rows {
            let strings: Vec<String> = strings.iter().map(|text| (*text).to_owned()).collect();
            assert_eq!(glued(&strings), *want, "{strings:?}");
        }
    }
}
