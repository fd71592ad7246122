//! Domain names, and reading what a person typed into the domain field.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A DNS name in presentation form: lower case ASCII, no trailing dot, at most 253 octets in
/// labels of at most 63 (RFC 1035 section 2.3.4). Underscores are allowed (RFC 8552).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DomainName(String);

/// Why a text is not a domain name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing was left after trimming.
    #[error("it is empty")]
    Empty,
    /// More than 253 octets.
    #[error("it is longer than 253 characters")]
    TooLong,
    /// A label of no or more than 63 octets.
    #[error("a part between two dots is empty or longer than 63 characters")]
    BadLabel,
    /// A character that no host or service name has.
    #[error("it has a character that no domain name has")]
    BadCharacter,
    /// An address literal, which has no mail policy of its own.
    #[error("it is an IP address: enter the domain behind the @ of a mail address")]
    Address,
    /// A name of one label, such as `localhost`.
    #[error("it has no dot: enter a full domain name such as example.org")]
    SingleLabel,
}

impl DomainName {
    /// Reads a name; case is folded and one trailing dot dropped.
    pub fn new(text: &str) -> Result<Self, BadName> {
        let name = Self::odd(text)?;
        match name.0.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
            true => Ok(name),
            false => Err(BadName::BadCharacter),
        }
    }

    /// The same, of whatever DNS can ask for (RFC 2181 section 11): SPF macros make such names. No
    /// evidence holds one, and JSON can't carry one.
    pub fn odd(text: &str) -> Result<Self, BadName> {
        let text = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        if text.is_empty() {
            return Err(BadName::Empty);
        }
        if text.len() > 253 {
            return Err(BadName::TooLong);
        }
        if text.split('.').any(|label| label.is_empty() || label.len() > 63) {
            return Err(BadName::BadLabel);
        }
        Ok(Self(text))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This name below `label`, as in `_dmarc.` + name; nothing if it would grow too long.
    pub fn under(&self, label: &str) -> Option<Self> {
        Self::new(&format!("{label}.{}", self.0)).ok()
    }

    /// The name without its first label; nothing for a single label.
    pub fn parent(&self) -> Option<Self> {
        self.0.split_once('.').map(|(_, rest)| Self(rest.to_owned()))
    }

    /// How many labels the name has.
    pub fn labels(&self) -> usize {
        self.0.split('.').count()
    }

    /// Is this name `other`, or below it?
    pub fn is_within(&self, other: &Self) -> bool {
        self == other || self.0.strip_suffix(other.as_str()).is_some_and(|head| head.ends_with('.'))
    }

    /// Has the name only the letters, digits and hyphens of a host name (RFC 952, RFC 1123)?
    pub fn is_host(&self) -> bool {
        self.0.split('.').all(|l| !l.contains('_') && !l.starts_with('-') && !l.ends_with('-'))
    }

    /// The name of an address in the reverse zone (RFC 1035 section 3.5, RFC 3596 section 2.5).
    pub fn reverse(address: std::net::IpAddr) -> Self {
        Self(match address {
            std::net::IpAddr::V4(v4) => {
                let [a, b, c, d] = v4.octets();
                format!("{d}.{c}.{b}.{a}.in-addr.arpa")
            }
            std::net::IpAddr::V6(v6) => {
                let nibbles: String = v6.octets().iter().rev().map(|o| format!("{:x}.{:x}.", o & 15, o >> 4)).collect();
                format!("{nibbles}ip6.arpa")
            }
        })
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for DomainName {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        Self::new(text)
    }
}

impl TryFrom<String> for DomainName {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        Self::new(&text)
    }
}

impl From<DomainName> for String {
    fn from(name: DomainName) -> String {
        name.0
    }
}

/// What a person typed, read as a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The domain that will be checked.
    pub domain: DomainName,
    /// What was done to the text to get there, if anything; a sentence for the person.
    pub note: Option<String>,
}

/// Reads a domain, an internationalized domain, a mail address or a URL. `to_ascii` is the
/// driver's IDNA implementation (UTS 46, non-transitional): the browser has one of its own, so
/// that its download need not carry the tables.
pub fn read_typed(text: &str, to_ascii: impl Fn(&str) -> Option<String>) -> Result<Typed, BadName> {
    let trimmed = text.trim();
    let (host, found) = host_part(trimmed);
    let ascii = if host.is_ascii() { host.to_owned() } else { to_ascii(host).ok_or(BadName::BadCharacter)? };
    let bare = ascii.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<std::net::IpAddr>().is_ok() || ends_in_number(bare) {
        return Err(BadName::Address);
    }
    let domain = DomainName::new(&ascii)?;
    if domain.labels() < 2 {
        return Err(BadName::SingleLabel);
    }
    let encoded = !host.is_ascii();
    let note = match (found, encoded) {
        (Some(kind), true) => {
            Some(format!("You gave {kind}: this checks its domain {host}, which DNS knows as {domain}."))
        }
        (Some(kind), false) => Some(format!("You gave {kind}: this checks its domain, {domain}.")),
        (None, true) => Some(format!("DNS knows {host} as {domain}.")),
        (None, false) => None,
    };
    Ok(Typed { domain, note })
}

/// Would others read it as an IPv4 address in one of its odd forms, such as `127.1`, `0x7f.1` or 2130706433? No
/// top-level domain is a number (the URL standard's "ends in a number" checker).
fn ends_in_number(host: &str) -> bool {
    let last = host.strip_suffix('.').unwrap_or(host).rsplit('.').next().unwrap_or_default();
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    !last.is_empty() && (digits(last) || last.strip_prefix("0x").or(last.strip_prefix("0X")).is_some_and(hex))
}

/// The host in a URL or mail address, and what the text was.
fn host_part(text: &str) -> (&str, Option<&'static str>) {
    let (rest, url) = match text.split_once("://") {
        Some((_, rest)) => (rest, true),
        None => match text.get(..7) {
            Some(head) if head.eq_ignore_ascii_case("mailto:") => (text.get(7..).unwrap_or(""), false),
            _ => (text, false),
        },
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let path = authority.len() != rest.len();
    let (host, at) = match authority.rsplit_once('@') {
        Some((_, host)) => (host, true),
        None => (authority, false),
    };
    let host = host.trim_end_matches('>');
    let (host, port) = match host.rsplit_once(':') {
        Some((name, digits)) if !name.contains(':') && digits.bytes().all(|b| b.is_ascii_digit()) => (name, true),
        _ => (host, false),
    };
    let kind = if url || path || port {
        Some("a web address")
    } else if at {
        Some("a mail address")
    } else {
        None
    };
    (host, kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Result<(String, Option<&'static str>), BadName> {
        let ascii = |host: &str| (host == "bücher.example").then(|| "xn--bcher-kva.example".to_owned());
        read_typed(text, ascii).map(|t| {
            let kind = t.note.map(|note| match note {
                n if n.contains("mail address") => "mail",
                n if n.contains("web address") => "web",
                _ => "idn",
            });
            (t.domain.to_string(), kind)
        })
    }

    #[test]
    fn what_people_type() {
        let rows: &[(&str, Result<(&str, Option<&str>), BadName>)] = &[
            ("Example.ORG", Ok(("example.org", None))),
            (" example.org. ", Ok(("example.org", None))),
            ("me@example.org", Ok(("example.org", Some("mail")))),
            ("Me <me@example.org>", Ok(("example.org", Some("mail")))),
            ("mailto:me@example.org?subject=x", Ok(("example.org", Some("web")))),
            ("https://user:pw@example.org:8443/a?b#c", Ok(("example.org", Some("web")))),
            ("example.org/path", Ok(("example.org", Some("web")))),
            ("bücher.example", Ok(("xn--bcher-kva.example", Some("idn")))),
            ("ключ", Err(BadName::BadCharacter)),
            ("localhost", Err(BadName::SingleLabel)),
            ("192.0.2.1", Err(BadName::Address)),
            ("https://[2001:db8::1]/", Err(BadName::Address)),
            ("", Err(BadName::Empty)),
            ("a..b", Err(BadName::BadLabel)),
            ("exa mple.org", Err(BadName::BadCharacter)),
        ];
        for (text, want) in rows {
            let got = typed(text);
            let want = (*want).map(|(d, k)| (d.to_owned(), k));
            assert_eq!(got, want, "{text:?}");
        }
    }

    #[test]
    fn reverse_names() {
        let name = |ip: &str| DomainName::reverse(ip.parse().unwrap()).to_string();
        assert_eq!(name("192.0.2.25"), "25.2.0.192.in-addr.arpa");
        assert!(name("2001:db8::1").starts_with("1.0.0.0.0.0.0."));
        assert!(name("2001:db8::1").ends_with(".8.b.d.0.1.0.0.2.ip6.arpa"));
    }
}
