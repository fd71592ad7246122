//! The header of a message (RFC 5322): its fields, and what stands in those that are judged.

use std::net::IpAddr;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::DomainName;
use crate::visible::from_bytes;

/// The most fields that are read.
const FIELDS_MAX: usize = 300;

/// A field of the header, or of what was meant to be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its name as written.
    pub name: String,
    /// The whole field with its folds, without the last line break.
    pub raw: &'a [u8],
    /// Its body in one line; octets that are no UTF-8 as `\xNN`.
    pub text: String,
}

impl Field<'_> {
    /// Is this its name?
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// With CRLF at the end of each line, as it is on the way (RFC 5321 section 2.3.8).
pub fn with_crlf(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + 64);
    let mut last = 0;
    for byte in raw {
        if *byte == b'\n' && last != b'\r' {
            out.push(b'\r');
        }
        out.push(*byte);
        last = *byte;
    }
    out
}

/// The fields of a message, and its body. Lines end in CRLF.
pub fn split(message: &[u8]) -> (Vec<Field<'_>>, &[u8]) {
    let mut fields: Vec<Field> = Vec::new();
    let mut rest = message;
    while !rest.is_empty() && fields.len() < FIELDS_MAX {
        if let Some(body) = rest.strip_prefix(b"\r\n") {
            return (fields, body);
        }
        let end = field_end(rest);
        let (raw, behind) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        rest = behind;
        let raw = raw.strip_suffix(b"\r\n").unwrap_or(raw);
        let colon = raw.iter().position(|byte| *byte == b':').unwrap_or(raw.len());
        let (name, value) = raw.split_at_checked(colon).unwrap_or((raw, &[]));
        let unfolded: Vec<u8> = value.iter().skip(1).copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
        fields.push(Field {
            name: from_bytes(name).trim().to_owned(),
            raw,
            text: from_bytes(&unfolded).trim().to_owned(),
        });
    }
    (fields, rest)
}

/// Where the field ends that a text begins with: behind the first line break that no space follows.
fn field_end(text: &[u8]) -> usize {
    let breaks = text.windows(2).enumerate().filter(|(_, two)| *two == b"\r\n").map(|(at, _)| at + 2);
    breaks.into_iter().find(|at| !matches!(text.get(*at), Some(b' ' | b'\t'))).unwrap_or(text.len())
}

/// The length of the longest line, in octets without its end.
pub fn longest_line(message: &[u8]) -> usize {
    let lines = message.split(|byte| *byte == b'\n');
    lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line).len()).max().unwrap_or(0)
}

/// Who handed a message to the service that received it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The name in HELO or EHLO.
    pub helo: String,
    /// The address.
    pub address: IpAddr,
}

/// What the receiving service wrote on top: `from <helo> (<address>) by <receiver> …`. Nothing where the topmost
/// Received field is not of this shape or by somebody else: anybody can have written it then.
pub fn hop(fields: &[Field], receiver: &str) -> Option<Hop> {
    let top = fields.iter().find(|field| field.is("Received"))?;
    let mut words = top.text.split_ascii_whitespace();
    let (from, helo, address, by, host) = (words.next()?, words.next()?, words.next()?, words.next()?, words.next()?);
    let address = address.strip_prefix('(')?.strip_suffix(')')?;
    let is_shape = from.eq_ignore_ascii_case("from") && by.eq_ignore_ascii_case("by");
    let hop = Hop { helo: helo.to_owned(), address: address.parse().ok()? };
    (is_shape && host.trim_end_matches(';').eq_ignore_ascii_case(receiver)).then_some(hop)
}

/// Why a message has no author whose domain could be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAuthor {
    /// There is no From field.
    Missing,
    /// There are two, or one with two addresses.
    Several,
    /// There is no address in it, or one without a domain.
    Unreadable,
}

/// The domain in From (RFC 5322 section 3.6.2).
pub fn author(fields: &[Field]) -> Result<DomainName, NoAuthor> {
    let mut from = fields.iter().filter(|field| field.is("From"));
    let field = from.next().ok_or(NoAuthor::Missing)?;
    if from.next().is_some() {
        return Err(NoAuthor::Several);
    }
    let addresses = addresses(&field.text);
    match addresses.as_slice() {
        [] => Err(NoAuthor::Unreadable),
        [one] => {
            let domain = one.rsplit_once('@').and_then(|(_, domain)| DomainName::new(domain.trim()).ok());
            domain.filter(|domain| domain.labels() > 1).ok_or(NoAuthor::Unreadable)
        }
        _ => Err(NoAuthor::Several),
    }
}

/// The addresses in a list of mailboxes (RFC 5322 section 3.4), without what stands in quotes and comments.
fn addresses(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut bare, mut inside) = (String::new(), None::<String>);
    let (mut quoted, mut depth, mut escaped) = (false, 0_usize, false);
    let mut end = |bare: &mut String, inside: &mut Option<String>| {
        let address = inside.take().unwrap_or_else(|| bare.trim().to_owned());
        bare.clear();
        if !address.is_empty() {
            found.push(address);
        }
    };
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted || depth > 0 => escaped = true,
            '"' if depth == 0 => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            '<' => inside = Some(String::new()),
            '>' => {}
            ',' => end(&mut bare, &mut inside),
            c => inside.as_mut().unwrap_or(&mut bare).push(c),
        }
    }
    end(&mut bare, &mut inside);
    found
}

/// A moment in milliseconds since 1970 as a Date field has it (RFC 5322 section 3.3).
pub fn date_text(ms: u64) -> String {
    i64::try_from(ms / 1000)
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .and_then(|time| time.format(&Rfc2822).ok())
        .unwrap_or_default()
}

/// The time in Date, in seconds since 1970 (RFC 5322 section 3.3).
pub fn date(text: &str) -> Option<i64> {
    // A comment may name the zone.
    let bare = text.split('(').next().unwrap_or(text).trim();
    OffsetDateTime::parse(bare, &Rfc2822).ok().map(OffsetDateTime::unix_timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        let message = b"A: 1\r\nB:  two\r\n lines \r\nodd\r\n\r\nbody\r\n.\r\n";
        let (fields, body) = split(message);
        let seen: Vec<_> = fields.iter().map(|field| (field.name.as_str(), field.text.as_str())).collect();
        assert_eq!(seen, [("A", "1"), ("B", "two lines"), ("odd", "")]);
        assert_eq!(body, b"body\r\n.\r\n");
        assert_eq!(fields[1].raw, b"B:  two\r\n lines ");
        assert_eq!(split(b"").0, []);
        assert_eq!(split(b"A: 1").0.len(), 1);
        assert_eq!(split(b"\r\nbody").1, b"body");
        assert_eq!(with_crlf(b"a\nb\r\n\n"), b"a\r\nb\r\n\r\n");
    }

    #[test]
    fn authors() {
        let of = |text: &str| author(&split(format!("From: {text}\r\n").as_bytes()).0).map(|domain| domain.to_string());
        let rows: &[(&str, Result<&str, NoAuthor>)] = &[
            ("me@Example.org", Ok("example.org")),
            ("Me <me@example.org>", Ok("example.org")),
            ("\"a@victim.test\" <me@example.org>", Ok("example.org")),
            ("\"Last, First\" <me@example.org> (home, sweet)", Ok("example.org")),
            ("(x@victim.test) me@example.org", Ok("example.org")),
            ("\"a\\\"<x@victim.test>\" <me@example.org>", Ok("example.org")),
            ("a@example.org, b@example.org", Err(NoAuthor::Several)),
            ("undisclosed", Err(NoAuthor::Unreadable)),
            ("me@localhost", Err(NoAuthor::Unreadable)),
            ("", Err(NoAuthor::Unreadable)),
        ];
        for (text, want) in rows {
            assert_eq!(of(text), want.map(str::to_owned), "{text}");
        }
        assert_eq!(author(&split(b"From: a@b.test\r\nfrom: c@d.test\r\n").0), Err(NoAuthor::Several));
        assert_eq!(author(&[]), Err(NoAuthor::Missing));
    }

    #[test]
    fn hops() {
        let of = |text: &str| hop(&split(format!("X: y\r\n{text}\r\n").as_bytes()).0, "rx.example");
        let own = "Received: from out.example.org (192.0.2.25)\r\n by rx.example (x) id 1\r\n for <t@example>; Thu, 1 Oct 2026 22:02:05 +0000";
        let hop = of(own).unwrap();
        assert_eq!((hop.helo.as_str(), hop.address.to_string().as_str()), ("out.example.org", "192.0.2.25"));
        assert!(of("Received: from h (2001:db8::1) by RX.example; x").is_some());
        for other in [
            "",
            "Received: from out.example.org (192.0.2.25) by other.example id 1",
            "Received: from out.example.org ([192.0.2.25]) by rx.example id 1",
            "Received: from out.example.org (out.example.org [192.0.2.25]) by rx.example id 1",
            "Received: by rx.example (192.0.2.25) from out.example.org id 1",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
        // Only the topmost was written by whoever received it.
        assert_eq!(of(&format!("Received: by nobody.example; x\r\n{own}")), None);
    }

    #[test]
    fn dates() {
        assert_eq!(date("Thu, 01 Oct 2026 22:02:05 +0000"), Some(1_790_892_125));
        assert_eq!(date("Thu, 1 Oct 2026 15:02:05 -0700 (PDT)"), Some(1_790_892_125));
        assert_eq!(date("yesterday"), None);
    }
}
