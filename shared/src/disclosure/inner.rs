//! Names and addresses of inner networks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::What;
use super::products::{NOUNS, PLAIN, PROTOCOLS, one_of};
use crate::net::{NotPublic, not_public};

/// What the name that a server gives itself tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// It ends in a suffix that only inner networks use.
    Internal,
    /// It is a single label.
    SingleLabel,
    /// It could be looked up.
    Public,
}

/// Suffixes that the public DNS does not have: RFC 6762 (local), RFC 8375 (home.arpa), RFC 6761
/// (localhost), and those that ICANN will not delegate (internal; corp, home, lan and intranet by
/// name collision).
const INTERNAL: &[&str] = &[
    "local",
    "lan",
    "internal",
    "corp",
    "home.arpa",
    "localdomain",
    "localnet",
    "intranet",
    "home",
    "private",
    "intra",
    "loc",
    "localhost",
];

/// Judges the name that a server gives itself; nothing where it is not a name at all.
pub fn name_kind(name: &str) -> Option<NameKind> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let is_name = !name.is_empty()
        && name.parse::<IpAddr>().is_err()
        && name.bytes().any(|b| b.is_ascii_alphabetic())
        && name.split('.').all(|label| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        });
    if !is_name {
        return None;
    }
    let ends_in = |suffix: &str| name.strip_suffix(suffix).is_some_and(|head| head.ends_with('.'));
    Some(if INTERNAL.iter().any(|suffix| ends_in(suffix)) {
        NameKind::Internal
    } else if !name.contains('.') {
        NameKind::SingleLabel
    } else {
        NameKind::Public
    })
}

/// Is this single word more likely said than a host's name?
pub(super) fn is_prose(lower: &str) -> bool {
    // Hosts are called mail, mx and smtp too.
    let host =
        matches!(lower, "mail" | "mx" | "smtp" | "server" | "mailserver" | "relay" | "gateway" | "mailhost" | "mta");
    !host && (one_of(PLAIN, lower) || one_of(NOUNS, lower) || one_of(PROTOCOLS, lower))
}

/// Addresses of inner networks in a text, with their places: RFC 1918, unique local, CGNAT and
/// link-local ones, and loopback ones as such. What the server repeats of its client is left out.
pub(super) fn addresses(text: &str) -> Vec<(What, usize, usize)> {
    let mut found = Vec::new();
    let mut start = None;
    for at in text.char_indices().map(Some).chain([None]) {
        let (index, belongs) = match at {
            Some((index, c)) => (index, c.is_ascii_hexdigit() || c == '.' || c == ':'),
            None => (text.len(), false),
        };
        match (start, belongs) {
            (None, true) => start = Some(index),
            (Some(from), false) => {
                let from = from + literal_tag(text, from);
                let run = text.get(from..index).unwrap_or("");
                // A leading "::" belongs to an IPv6 address; of the inner ranges only loopback has it.
                let core =
                    if run.starts_with("::1") { run.trim_end_matches('.') } else { run.trim_matches(['.', ':']) };
                let left = run.find(core).unwrap_or(0);
                if let Some(what) = inner(core)
                    && !joined_to_word(text, from, index)
                    && !is_echo(text, from)
                {
                    found.push((what, from + left, from + left + core.len()));
                }
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// RFC 5321 section 4.1.3: in a literal `IPv6:` stands before the address, in either case. How much of it is in the
/// run of digits that begins here.
fn literal_tag(text: &str, start: usize) -> usize {
    let is_tag = start
        .checked_sub(3)
        .and_then(|from| text.get(from..start + 2))
        .is_some_and(|tag| tag.eq_ignore_ascii_case("IPv6:"));
    if is_tag { 2 } else { 0 }
}

/// Is this run of digits part of a longer word, such as a host name or a version?
fn joined_to_word(text: &str, start: usize, end: usize) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let before = text.get(..start).and_then(|head| head.chars().next_back());
    let after = text.get(end..).and_then(|tail| tail.chars().next());
    before.is_some_and(joins) || after.is_some_and(joins)
}

/// Does the server speak of its client here: "Hello x [10.1.2.3]", "requests from 10.1.2.3"?
pub(super) fn is_echo(text: &str, start: usize) -> bool {
    let mut from = start.saturating_sub(60);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let before = text.get(from..start).unwrap_or("");
    // "Hello, this is 10.44.2.1" is of the server again.
    if before.trim_end().to_ascii_lowercase().ends_with("this is") {
        return false;
    }
    let words = before.rsplit(|c: char| !c.is_alphanumeric() && c != '.' && c != '-').filter(|word| !word.is_empty());
    words.take(5).any(|word| {
        ["hello", "hi", "you", "your", "from", "client", "pleased", "service,"]
            .iter()
            .any(|cue| word.eq_ignore_ascii_case(cue))
    })
}

/// What an address is, if it is of an inner network.
pub(super) fn inner(text: &str) -> Option<What> {
    let address: IpAddr = match text.parse::<Ipv4Addr>() {
        Ok(v4) => v4.into(),
        Err(_) => match text.parse::<Ipv6Addr>() {
            Ok(v6) => v6.into(),
            // "10.1.2.3:25" names a port as well.
            Err(_) => text.rsplit_once(':')?.0.parse::<Ipv4Addr>().ok()?.into(),
        },
    };
    match not_public(address)? {
        NotPublic::Private | NotPublic::UniqueLocal | NotPublic::SharedCgnat | NotPublic::LinkLocal => {
            Some(What::InternalAddress)
        }
        NotPublic::Loopback => Some(What::Loopback),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        use NameKind::*;
        let rows = [
            ("mail.example.org", Some(Public)),
            ("MAIL.sinner.LOCAL.", Some(Internal)),
            ("localhost.localdomain", Some(Internal)),
            ("ex01.ad.corp", Some(Internal)),
            ("router.home.arpa", Some(Internal)),
            ("EX01", Some(SingleLabel)),
            ("glocal.example", Some(Public)),
            ("mx.lab.test", Some(Public)),
            ("internal.example.org", Some(Public)),
            ("[192.0.2.1]", None),
            ("192.0.2.1", None),
            ("a..b", None),
            ("***", None),
        ];
        for (name, want) in rows {
            assert_eq!(name_kind(name), want, "{name}");
        }
    }

    #[test]
    fn inner_addresses() {
        let rows: &[(&str, &[&str])] = &[
            ("relay 192.168.7.1:25 and fd00::25 via 172.16.0.1.", &["192.168.7.1:25", "fd00::25", "172.16.0.1"]),
            ("100.64.3.4 169.254.1.1 fe80::1", &["100.64.3.4", "169.254.1.1", "fe80::1"]),
            ("8.8.8.8 2.1.5 Ok", &[]),
            ("127.0.0.1 ::1", &["127.0.0.1", "::1"]),
            ("host10.1.2.3 ip-10-0-0-1 10.1.2.3.example.org 10.1.2", &[]),
            ("Hello probe [10.1.2.3], nice to meet you", &[]),
            ("ready for requests from 10.1.2.3", &[]),
            ("relay [IPv6:fd12:3456::1] and [ipv6:FE80::1]:25", &["fd12:3456::1", "FE80::1"]),
            ("at [IPv6:::1]", &["::1"]),
            ("[IPv6:2606:4700::1] IPv6:x IPv6: 6:fd12:3456::1", &[]),
            ("250-mx Hello [IPv6:fd12:3456::1]", &[]),
            ("250-mx Hello probe.example.org [IPv6:fe80::1], pleased to meet you", &[]),
            ("", &[]),
        ];
        for (text, want) in rows {
            let found: Vec<&str> = addresses(text).iter().map(|(_, s, e)| &text[*s..*e]).collect();
            assert_eq!(found, *want, "{text}");
        }
    }
}
