//! What a server's texts disclose: software, versions, operating systems, addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::net::{NotPublic, not_public};

/// What a stretch of text discloses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The product's name.
    Product,
    /// The operating system or distribution.
    Os,
    /// An exact version or patch level.
    Version,
}

/// A stretch of text that discloses something, in octets of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disclosure {
    /// What.
    pub kind: Kind,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// Mail software by the words that name it, lower case.
const PRODUCTS: &[&str] = &[
    "postfix",
    "exim",
    "sendmail",
    "opensmtpd",
    "qmail",
    "netqmail",
    "s/qmail",
    "courier",
    "haraka",
    "maddy",
    "stalwart",
    "mox",
    "meta1",
    "dovecot",
    "cyrus",
    "zimbra",
    "exchange",
    "microsoft",
    "mailenable",
    "hmailserver",
    "mdaemon",
    "kerio",
    "icewarp",
    "merak",
    "communigate",
    "domino",
    "lotus",
    "groupwise",
    "imail",
    "smartermail",
    "surgemail",
    "axigen",
    "xmail",
    "xmailserver",
    "argosoft",
    "mercury/32",
    "mercury",
    "postoffice",
    "powermta",
    "port25",
    "greenarrow",
    "momentum",
    "ecelerity",
    "halon",
    "barracuda",
    "ironport",
    "fortimail",
    "proxmox",
    "mailcleaner",
    "mailscanner",
    "spamtitan",
    "symantec",
    "trendmicro",
    "imss",
    "sophos",
    "puremessage",
    "mimedefang",
    "amavisd",
    "amavisd-new",
    "rspamd",
    "spamassassin",
    "assp",
    "james",
    "citadel",
    "openexchange",
    "kolab",
    "mailman",
    "listserv",
    "zoho",
    "carrier-grade",
    "mailinabox",
    "iredmail",
    "modoboa",
    "mailcow",
    "poste.io",
    "hornetsecurity",
    "openwave",
    "intermail",
    "sun",
    "oracle",
    "iplanet",
    "messagingserver",
    "scalix",
    "nemesis",
    "vpopmail",
    "smail",
    "zmailer",
    "mmdf",
    "pmdf",
    "openxchange",
    "bongo",
    "james-smtp",
];

/// Operating systems and distributions, lower case.
const SYSTEMS: &[&str] = &[
    "debian",
    "ubuntu",
    "raspbian",
    "centos",
    "redhat",
    "rhel",
    "fedora",
    "suse",
    "opensuse",
    "sles",
    "gentoo",
    "slackware",
    "alpine",
    "archlinux",
    "linux",
    "freebsd",
    "openbsd",
    "netbsd",
    "dragonfly",
    "solaris",
    "sunos",
    "aix",
    "hp-ux",
    "hpux",
    "windows",
    "win32",
    "win64",
    "macos",
    "darwin",
    "osx",
    "unix",
    "debian/gnu",
    "almalinux",
    "rocky",
    "amazon",
];

/// Words that carry a version number of a protocol, not of software.
const PROTOCOLS: &[&str] =
    &["esmtp", "smtp", "esmtps", "imap4rev1", "imap4rev2", "tls", "tlsv1", "ssl", "http", "utf-8", "rfc"];

/// What one text discloses, in order of place. A version counts only beside a product's name or
/// the word "version": bare numbers are queue ids, dates and counters.
pub fn disclosures(text: &str) -> Vec<Disclosure> {
    let words = words(text);
    let mut found = Vec::new();
    // How many more words may stand between a product's name and its version.
    let mut near = 0_u8;
    for (start, word) in words {
        let end = start + word.len();
        let lower = word.to_ascii_lowercase();
        let (name, joined) = split_joined(&lower);
        let is_product = PRODUCTS.contains(&name) || PRODUCTS.contains(&lower.as_str());
        if is_product {
            found.push(Disclosure {
                kind: Kind::Product,
                start,
                end: start + if joined.is_some() { name.len() } else { word.len() },
            });
            near = 5;
            if let Some(version) = joined
                && is_version(version)
            {
                found.push(Disclosure { kind: Kind::Version, start: end - version.len(), end });
                near = 0;
            }
        } else if SYSTEMS.contains(&name) || SYSTEMS.contains(&lower.as_str()) {
            found.push(Disclosure { kind: Kind::Os, start, end });
        } else if matches!(lower.trim_end_matches(':'), "version" | "release" | "build" | "ver" | "patchlevel") {
            near = 3;
        } else if PROTOCOLS.contains(&name) {
            // "ESMTP" may stand between a name and its version.
        } else if near > 0 && is_version(&lower) {
            found.push(Disclosure { kind: Kind::Version, start, end });
            near -= 1;
        } else {
            near = near.saturating_sub(1);
        }
    }
    found
}

/// The words of a text with their places; punctuation around a word does not belong to it.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut rest_start = 0;
    for piece in text.split(|c: char| c.is_whitespace() || "()[]<>,;\"'=@".contains(c)) {
        let trimmed = piece.trim_start_matches(['-', '.', ':', '/', '*', '#']);
        let start = rest_start + piece.len() - trimmed.len();
        let word = trimmed.trim_end_matches(['-', '.', ':', '/', '*', '!']);
        if !word.is_empty() {
            words.push((start, word));
        }
        rest_start += piece.len();
        // The separator's own length: every one above is one character, maybe of several octets.
        rest_start += text.get(rest_start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    }
    words
}

/// `postfix-3.7.11`, `exim_4.96`, `sendmail/8.15.2`: the name, and what is joined to it.
fn split_joined(word: &str) -> (&str, Option<&str>) {
    for (at, c) in word.char_indices() {
        if matches!(c, '-' | '_' | '/') {
            let (name, rest) = word.split_at_checked(at).unwrap_or((word, ""));
            let rest = rest.get(1..).unwrap_or("");
            if rest.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()) {
                return (name, Some(rest));
            }
        }
    }
    (word, None)
}

/// Digits with dots between, such as `4.96`, `v2.3.19.1`, `8.15.2/8.15.2`, `3.7.11-1+deb12u1`. An
/// address or a date is not one.
fn is_version(word: &str) -> bool {
    let word = word.strip_prefix('v').unwrap_or(word);
    let head: &str = word.split(['-', '+', '/', '_', '~']).next().unwrap_or(word);
    let parts: Vec<&str> = head.split('.').collect();
    if head.parse::<Ipv4Addr>().is_ok() && parts.iter().any(|part| part.len() > 2) {
        return false;
    }
    let mut numbers = 0;
    for part in &parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 6 || part.len() - digits > 4 {
            return false;
        }
        numbers += 1;
    }
    numbers >= 2
}

/// Addresses of inner networks in a text: RFC 1918, unique local, CGNAT and link-local ones, with
/// their places in octets. Loopback is every host's own and tells nothing.
pub fn internal_addresses(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = None;
    let ends = text.char_indices().map(Some).chain([None]);
    for at in ends {
        let (index, belongs) = match at {
            Some((index, c)) => (index, c.is_ascii_hexdigit() || c == '.' || c == ':'),
            None => (text.len(), false),
        };
        match (start, belongs) {
            (None, true) => start = Some(index),
            (Some(from), false) => {
                if let Some(run) = text.get(from..index) {
                    let left = run.len() - run.trim_start_matches(['.', ':']).len();
                    // A leading "::" belongs to an IPv6 address; none of the inner ranges has one.
                    let core = run.trim_matches(['.', ':']);
                    if is_internal(core) && !joined_to_word(text, from, index) {
                        found.push((from + left, from + left + core.len()));
                    }
                }
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// Is this run of digits part of a longer word, such as a host name or a version?
fn joined_to_word(text: &str, start: usize, end: usize) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let before = text.get(..start).and_then(|head| head.chars().next_back());
    let after = text.get(end..).and_then(|tail| tail.chars().next());
    before.is_some_and(joins) || after.is_some_and(joins)
}

fn is_internal(text: &str) -> bool {
    let address = match text.parse::<Ipv4Addr>() {
        Ok(v4) => v4.into(),
        Err(_) => match text.parse::<Ipv6Addr>() {
            Ok(v6) => v6.into(),
            // "10.1.2.3:25" names a port as well.
            Err(_) => match text.rsplit_once(':').map(|(address, _)| address.parse::<Ipv4Addr>()) {
                Some(Ok(v4)) => v4.into(),
                _ => return false,
            },
        },
    };
    matches!(
        not_public(address),
        Some(NotPublic::Private | NotPublic::UniqueLocal | NotPublic::SharedCgnat | NotPublic::LinkLocal)
    )
}

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

/// Suffixes that the public DNS does not have: RFC 6762 (local), RFC 8375 (home.arpa), and those
/// that ICANN will not delegate (internal; corp, home, lan and intranet by name collision).
const INTERNAL: &[&str] =
    &["local", "lan", "internal", "corp", "home.arpa", "localdomain", "intranet", "home", "private", "intra"];

/// Judges the name that a server gives itself; nothing where it is not a name at all.
pub fn name_kind(name: &str) -> Option<NameKind> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let is_name = !name.is_empty()
        && name.parse::<std::net::IpAddr>().is_err()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    if !is_name {
        return None;
    }
    let ends_in = |suffix: &str| name.strip_suffix(suffix).is_some_and(|head| head.is_empty() || head.ends_with('.'));
    Some(if INTERNAL.iter().any(|suffix| ends_in(suffix)) {
        NameKind::Internal
    } else if !name.contains('.') {
        NameKind::SingleLabel
    } else {
        NameKind::Public
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(Kind, &str)> {
        disclosures(text).iter().map(|d| (d.kind, &text[d.start..d.end])).collect()
    }

    #[test]
    fn greetings() {
        use Kind::*;
        let rows: &[(&str, &[(Kind, &str)])] = &[
            ("mx1.example.org ESMTP", &[]),
            ("mx1.example.org ESMTP Postfix", &[(Product, "Postfix")]),
            ("mx1.example.org ESMTP Postfix (Debian/GNU)", &[(Product, "Postfix"), (Os, "Debian/GNU")]),
            (
                "mx1.example.org ESMTP Postfix 3.7.11 (Debian)",
                &[(Product, "Postfix"), (Version, "3.7.11"), (Os, "Debian")],
            ),
            (
                "mail.example.org ESMTP Exim 4.96 Tue, 24 Nov 2026 10:11:12 +0000",
                &[(Product, "Exim"), (Version, "4.96")],
            ),
            (
                "x.example.org ESMTP Sendmail 8.15.2/8.15.2; Tue, 24 Nov 2026 10:11:12 GMT",
                &[(Product, "Sendmail"), (Version, "8.15.2/8.15.2")],
            ),
            (
                "x Microsoft ESMTP MAIL Service, Version: 10.0.14393.4169 ready at Tue, 24 Nov 2026",
                &[(Product, "Microsoft"), (Version, "10.0.14393.4169")],
            ),
            (
                "DB1PEPF0003.mail.protection.outlook.com Microsoft ESMTP MAIL Service ready at Tue, 24 Nov 2026 10:11:12 +0000 [08DE2B1A2C3D4E5F]",
                &[(Product, "Microsoft")],
            ),
            ("mx.google.com ESMTP 4fb4d7f45d1cf-5e44c1aasi123456a12.34 - gsmtp", &[]),
            (
                "mail.example.org ESMTP MailEnable Service, Version: 10.35-- ready at 11/24/26",
                &[(Product, "MailEnable"), (Version, "10.35")],
            ),
            ("hmail.example.org ESMTP hMailServer 5.6.8-B2574", &[(Product, "hMailServer"), (Version, "5.6.8-B2574")]),
            ("example.org ESMTP OpenSMTPD", &[(Product, "OpenSMTPD")]),
            ("mx ESMTP Haraka/3.0.3 ready", &[(Product, "Haraka"), (Version, "3.0.3")]),
            ("mx0.example.org ESMTP mail service ready, TLSv1.2 only", &[]),
            ("mx-10-1-2.example.org ESMTP 1.2.3.4 ready", &[]),
            ("example.org ESMTP ready at 24.11.2026", &[]),
            ("example.org IceWarp 14.1.0.9 x64; Tue", &[(Product, "IceWarp"), (Version, "14.1.0.9")]),
            ("example.org Kerio Connect 10.0.2 patch 1 ESMTP ready", &[(Product, "Kerio"), (Version, "10.0.2")]),
            ("grüße.example ESMTP Postfix 3.7", &[(Product, "Postfix"), (Version, "3.7")]),
        ];
        for (text, want) in rows {
            assert_eq!(told(text), *want, "{text}");
        }
    }

    #[test]
    fn inner_addresses() {
        let rows: &[(&str, &[&str])] = &[
            ("Hello probe [10.1.2.3], nice to meet you", &["10.1.2.3"]),
            ("relay 192.168.7.1:25 and fd00::25 via 172.16.0.1.", &["192.168.7.1:25", "fd00::25", "172.16.0.1"]),
            ("100.64.3.4 169.254.1.1 fe80::1", &["100.64.3.4", "169.254.1.1", "fe80::1"]),
            ("8.8.8.8 127.0.0.1 2.1.5 Ok ::1", &[]),
            ("host10.1.2.3 ip-10-0-0-1 10.1.2.3.example.org 10.1.2", &[]),
            ("", &[]),
        ];
        for (text, want) in rows {
            let found: Vec<&str> = internal_addresses(text).iter().map(|(s, e)| &text[*s..*e]).collect();
            assert_eq!(found, *want, "{text}");
        }
    }

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
            ("[192.0.2.1]", None),
            ("192.0.2.1", None),
            ("***", None),
        ];
        for (name, want) in rows {
            assert_eq!(name_kind(name), want, "{name}");
        }
    }
}
