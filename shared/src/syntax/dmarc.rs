//! DMARC records (RFC 9989 section 4.7).

use crate::DomainName;
use crate::evidence::DnsAnswer;

/// The names at which a domain's DMARC record is looked for, in order: its own, then the tree
/// walk (RFC 9989 section 4.10): parents of at most seven labels, up to the top.
pub fn walk(domain: &DomainName) -> Vec<DomainName> {
    let mut names = vec![domain.clone()];
    let mut next = domain.parent();
    while let Some(parent) = next {
        next = parent.parent();
        if parent.labels() <= 7 {
            names.push(parent);
        }
    }
    names.iter().filter_map(|name| name.under("_dmarc")).collect()
}

/// The DMARC records among the TXT records of a name. Anything that does not begin with the
/// version is not one (RFC 9989 section 4.7).
pub fn records(answer: &DnsAnswer) -> Vec<String> {
    answer.texts().into_iter().filter(|text| is_record(text)).collect()
}

fn is_record(text: &str) -> bool {
    let first = text.split(';').next().unwrap_or("");
    first.split_once('=').is_some_and(|(tag, value)| tag.trim().eq_ignore_ascii_case("v") && value.trim() == "DMARC1")
}

/// What a receiver does with mail that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    /// Nothing.
    None,
    /// Treats it as suspicious.
    Quarantine,
    /// Refuses it.
    Reject,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dmarc {
    /// The `p` tag: nothing if it is missing, an error with its text if it is not a policy.
    pub policy: Option<Result<Policy, String>>,
    /// Whether `rua` names at least one `mailto:` address.
    pub reports: bool,
}

/// Reads a record. Unknown tags are ignored (RFC 9989 section 4.7).
pub fn parse(text: &str) -> Dmarc {
    let mut dmarc = Dmarc { policy: None, reports: false };
    for part in text.split(';') {
        let Some((tag, value)) = part.split_once('=') else {
            continue;
        };
        let value = value.trim();
        match tag.trim().to_ascii_lowercase().as_str() {
            "p" if dmarc.policy.is_none() => {
                dmarc.policy = Some(match value.to_ascii_lowercase().as_str() {
                    "none" => Ok(Policy::None),
                    "quarantine" => Ok(Policy::Quarantine),
                    "reject" => Ok(Policy::Reject),
                    _ => Err(value.to_owned()),
                });
            }
            "rua" => {
                dmarc.reports = value.split(',').any(|uri| {
                    let uri = uri.trim().to_ascii_lowercase();
                    uri.strip_prefix("mailto:").is_some_and(|address| address.contains('@'))
                });
            }
            _ => {}
        }
    }
    dmarc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_walk_goes_to_the_top() {
        let names = |d: &str| walk(&d.parse().unwrap()).iter().map(|n| n.to_string()).collect::<Vec<_>>();
        assert_eq!(names("a.example.org"), ["_dmarc.a.example.org", "_dmarc.example.org", "_dmarc.org"]);
        // RFC 9989 section 4.10: a long name is cut to seven labels after the first query.
        let long = names("a.b.c.d.e.f.g.h.i.example.org");
        assert_eq!(long[0], "_dmarc.a.b.c.d.e.f.g.h.i.example.org");
        assert_eq!(long[1], "_dmarc.e.f.g.h.i.example.org");
        assert_eq!(long.len(), 8);
    }

    #[test]
    fn what_is_a_record() {
        for yes in ["v=DMARC1", "v=DMARC1; p=none", "v = DMARC1 ;p=none"] {
            assert!(is_record(yes), "{yes}");
        }
        for no in ["v=dmarc1; p=none", "v=DMARC2", "p=none; v=DMARC1", "v=spf1 -all", "", "v=DMARC1x;"] {
            assert!(!is_record(no), "{no}");
        }
    }

    #[test]
    fn what_a_record_says() {
        let rows = [
            ("v=DMARC1; p=reject; rua=mailto:a@example.org", Some(Ok(Policy::Reject)), true),
            ("v=DMARC1;p=Quarantine", Some(Ok(Policy::Quarantine)), false),
            ("v=DMARC1; rua=mailto:a@example.org!10m,mailto:b@example.org", None, true),
            ("v=DMARC1; p=rejct; rua=https://example.org", Some(Err("rejct".to_owned())), false),
            ("v=DMARC1; sp=none", None, false),
        ];
        for (text, policy, reports) in rows {
            assert_eq!(parse(text), Dmarc { policy, reports }, "{text}");
        }
    }
}
