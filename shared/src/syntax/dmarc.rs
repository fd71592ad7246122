//! DMARC records (RFC 9989 sections 4.7 and 4.8).

use crate::DomainName;
use crate::evidence::DnsAnswer;

/// The domains whose DMARC records the tree walk looks for, in order: the domain itself, then its
/// parents of at most seven labels, up to the top (RFC 9989 section 4.10).
pub fn walk(domain: &DomainName) -> Vec<DomainName> {
    let parents = std::iter::successors(domain.parent(), DomainName::parent).filter(|parent| parent.labels() <= 7);
    std::iter::once(domain.clone()).chain(parents).collect()
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

/// What is wrong with a part of a record. Receivers ignore it, or worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Not of the form `tag=value`.
    NotATag,
    /// A tag that RFC 9989 took out: `pct`, `rf`, `ri`.
    Removed,
    /// A tag that nobody knows.
    Unknown,
    /// A tag for the second time.
    Repeated,
    /// A value that the tag does not have.
    BadValue,
    /// Something in `rua` or `ruf` that is not `mailto:` and an address.
    BadAddress,
}

/// A fault and its place in the text, in octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// A mail address that reports go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The address as written.
    pub text: String,
    /// What stands behind its last @.
    pub host: DomainName,
}

/// What a record says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dmarc {
    /// The `p` tag: nothing if it is missing, an error with its text if it is not a policy.
    pub policy: Option<Result<Policy, String>>,
    /// The `sp` tag, for subdomains.
    pub subdomains: Option<Result<Policy, String>>,
    /// The `np` tag, for subdomains that do not exist.
    pub nonexistent: Option<Result<Policy, String>>,
    /// The `psd` tag: is the domain a public suffix, or does it say that it is none?
    pub psd: Option<bool>,
    /// `t=y`: receivers apply the policy one step milder.
    pub testing: bool,
    /// The mail addresses of `rua`, without a size limit.
    pub aggregate: Vec<Address>,
    /// The mail addresses of `ruf`.
    pub failure: Vec<Address>,
    /// Everything that is wrong with it.
    pub faults: Vec<Fault>,
    /// Its tags in lower case, each with the place of the whole part, in octets.
    pub places: Vec<(String, (usize, usize))>,
}

/// Reads a record. Unknown tags are ignored (RFC 9989 section 4.7); of a repeated one the first
/// stands.
pub fn parse(text: &str) -> Dmarc {
    let mut dmarc = Dmarc::default();
    for (start, part) in parts(text, ';') {
        let end = start + part.len();
        let fault = match part.split_once('=') {
            _ if part.is_empty() => None,
            None => Some(FaultKind::NotATag),
            Some((tag, value)) => {
                let tag = tag.trim().to_ascii_lowercase();
                let value = value.trim();
                if dmarc.places.iter().any(|(known, _)| *known == tag) {
                    Some(FaultKind::Repeated)
                } else {
                    let fault = dmarc.read(&tag, value, end - value.len());
                    dmarc.places.push((tag, (start, end)));
                    fault
                }
            }
        };
        dmarc.faults.extend(fault.map(|kind| Fault { kind, start, end }));
    }
    dmarc
}

/// The parts of a list without the space around them, each with its place.
fn parts(text: &str, separator: char) -> impl Iterator<Item = (usize, &str)> {
    let mut next = 0;
    text.split(separator).map(move |part| {
        let start = next + part.len() - part.trim_start().len();
        next += part.len() + separator.len_utf8();
        (start, part.trim())
    })
}

impl Dmarc {
    /// Is one of `p`, `sp` and `np` there, but no policy?
    pub fn has_bad_policy(&self) -> bool {
        [&self.policy, &self.subdomains, &self.nonexistent].into_iter().any(|policy| matches!(policy, Some(Err(_))))
    }

    /// Takes one tag in; what is wrong with it. `at` is the place of its value.
    fn read(&mut self, tag: &str, value: &str, at: usize) -> Option<FaultKind> {
        let word = value.to_ascii_lowercase();
        let policy = || match word.as_str() {
            "none" => Ok(Policy::None),
            "quarantine" => Ok(Policy::Quarantine),
            "reject" => Ok(Policy::Reject),
            _ => Err(value.to_owned()),
        };
        let good = match tag {
            "v" => true,
            "p" => self.policy.insert(policy()).is_ok(),
            "sp" => self.subdomains.insert(policy()).is_ok(),
            "np" => self.nonexistent.insert(policy()).is_ok(),
            "psd" => {
                self.psd = (word == "y" || word == "n").then(|| word == "y");
                self.psd.is_some() || word == "u"
            }
            "t" => {
                self.testing = word == "y";
                self.testing || word == "n"
            }
            "adkim" | "aspf" => word == "r" || word == "s",
            "fo" => word.split(':').all(|option| matches!(option.trim(), "0" | "1" | "d" | "s")),
            "rua" => {
                self.aggregate = self.addresses(value, at);
                true
            }
            "ruf" => {
                self.failure = self.addresses(value, at);
                true
            }
            "pct" | "rf" | "ri" => return Some(FaultKind::Removed),
            _ => return Some(FaultKind::Unknown),
        };
        (!good).then_some(FaultKind::BadValue)
    }

    /// The addresses of a list of `mailto:` URIs, whose place in the record is `at`.
    fn addresses(&mut self, list: &str, at: usize) -> Vec<Address> {
        let mut good = Vec::new();
        for (place, uri) in parts(list, ',') {
            match address(uri) {
                Some(address) => good.push(address),
                None => {
                    let start = at + place;
                    self.faults.push(Fault { kind: FaultKind::BadAddress, start, end: start + uri.len() });
                }
            }
        }
        good
    }
}

/// The address in a `mailto:` URI. RFC 7489 let a size limit such as `!10m` follow.
fn address(uri: &str) -> Option<Address> {
    let (scheme, rest) = uri.split_once(':')?;
    let text = rest.split(['!', '?']).next().unwrap_or(rest);
    let (local, host) = text.rsplit_once('@')?;
    let host = DomainName::new(host).ok()?;
    let good = scheme.eq_ignore_ascii_case("mailto")
        && !local.is_empty()
        && !local.contains(char::is_whitespace)
        && host.labels() > 1;
    good.then(|| Address { text: text.to_owned(), host })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_walk_goes_to_the_top() {
        let names = |d: &str| walk(&d.parse().unwrap()).iter().map(|n| n.to_string()).collect::<Vec<_>>();
        assert_eq!(names("a.example.org"), ["a.example.org", "example.org", "org"]);
        // RFC 9989 section 4.10: a long name is cut to seven labels after the first query.
        let long = names("a.b.c.d.e.f.g.h.i.example.org");
        assert_eq!(long[0], "a.b.c.d.e.f.g.h.i.example.org");
        assert_eq!(long[1], "e.f.g.h.i.example.org");
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
            ("v=DMARC1; p=reject; rua=mailto:a@example.org", Some(Ok(Policy::Reject)), 1),
            ("v=DMARC1;p=Quarantine", Some(Ok(Policy::Quarantine)), 0),
            ("v=DMARC1; rua=MAILTO:a@example.org!10m,mailto:b@example.org", None, 2),
            ("v=DMARC1; p=rejct; rua=https://example.org", Some(Err("rejct".to_owned())), 0),
            ("v=DMARC1; sp=none", None, 0),
        ];
        for (text, policy, reports) in rows {
            let dmarc = parse(text);
            assert_eq!((dmarc.policy, dmarc.aggregate.len()), (policy, reports), "{text}");
        }
        let full = parse("v=DMARC1; p=reject; sp=none; np=quarantine; psd=n; t=y; ruf=mailto:f@r.example.net?x");
        assert_eq!((full.subdomains, full.nonexistent), (Some(Ok(Policy::None)), Some(Ok(Policy::Quarantine))));
        assert_eq!((full.psd, full.testing, full.faults.len()), (Some(false), true, 0));
        assert_eq!(
            (full.failure[0].text.as_str(), full.failure[0].host.as_str()),
            ("f@r.example.net", "r.example.net")
        );
    }

    #[test]
    fn every_fault_has_its_place() {
        let text = "v=DMARC1; p=none; pct=50;reject ; p=reject; ü=1;adkim=x; rua=mailto:a@b.test, c@d.test,; fo=1:d:s;";
        let faults = parse(text).faults;
        let found: Vec<_> = faults.iter().map(|fault| (fault.kind, &text[fault.start..fault.end])).collect();
        use FaultKind::*;
        let want = [
            (Removed, "pct=50"),
            (NotATag, "reject"),
            (Repeated, "p=reject"),
            (Unknown, "ü=1"),
            (BadValue, "adkim=x"),
            (BadAddress, "c@d.test"),
            (BadAddress, ""),
        ];
        assert_eq!(found, want);
    }
}
