//! DMARC records (RFC 9989 sections 4.7 and 4.8).

use super::{Bad, Fault, parts};
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

/// The code of `pct`, `rf` and `ri`, which RFC 9989 took out.
pub const REMOVED: &str = "removed-tag";
/// The code of a size limit behind an address.
pub const SIZE_LIMIT: &str = "size-limit";
/// The codes of what can't be an address for reports.
pub const BAD_ADDRESSES: [&str; 2] = ["no-mailto", "bad-address"];
/// The code of a `p`, `sp` or `np` that is none.
pub(crate) const BAD_POLICY: &str = "bad-policy";

/// The tags of RFC 9989 section 4.7, and at the end those of RFC 7489 that it took out.
pub(crate) const TAGS: [&str; 14] =
    ["v", "p", "sp", "np", "psd", "t", "adkim", "aspf", "fo", "rua", "ruf", "pct", "rf", "ri"];

const UNKNOWN: Bad = ("unknown-tag", "There is no such tag, so receivers skip it (RFC 9989 section 4.7).");
const NOT_A_TAG: Bad = ("not-a-tag", "This is not of the form tag=value, so receivers skip it (RFC 9989 section 4.7).");
const REPEATED: Bad = ("repeated-tag", "This tag stands here for the second time.");

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
    /// The tags that there are, in lower case, each with the place of the whole part, in octets.
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
            None => Some(NOT_A_TAG),
            Some((tag, value)) => {
                let tag = tag.trim().to_ascii_lowercase();
                let value = value.trim();
                if !TAGS.contains(&tag.as_str()) {
                    Some(UNKNOWN)
                } else if dmarc.places.iter().any(|(known, _)| *known == tag) {
                    Some(REPEATED)
                } else {
                    let fault = dmarc.read(&tag, value, end - value.len());
                    dmarc.places.push((tag, (start, end)));
                    fault
                }
            }
        };
        dmarc.faults.extend(fault.map(|bad| Fault::new(bad, start, end)));
    }
    dmarc
}

impl Dmarc {
    /// Is one of `p`, `sp` and `np` there, but no policy?
    pub fn has_bad_policy(&self) -> bool {
        [&self.policy, &self.subdomains, &self.nonexistent].into_iter().any(|policy| matches!(policy, Some(Err(_))))
    }

    /// Takes one tag in; what is wrong with it. `at` is the place of its value.
    fn read(&mut self, tag: &str, value: &str, at: usize) -> Option<Bad> {
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
            _ => {
                return Some((
                    REMOVED,
                    "RFC 9989 took this tag out: today's receivers skip it, older ones may follow it.",
                ));
            }
        };
        (!good).then_some(match tag {
            "p" | "sp" | "np" => (BAD_POLICY, "The policies are none, quarantine and reject (RFC 9989 section 4.7)."),
            "psd" => ("bad-value", "psd is y, n or u (RFC 9989 section 4.7)."),
            "t" => ("bad-value", "t is y or n (RFC 9989 section 4.7)."),
            "fo" => ("bad-value", "fo is 0, 1, d or s, or several with colons between them (RFC 9989 section 4.7)."),
            _ => ("bad-value", "The alignment is r (relaxed) or s (strict) (RFC 9989 section 4.7)."),
        })
    }

    /// The addresses of a list of `mailto:` URIs, whose place in the record is `at`.
    fn addresses(&mut self, list: &str, at: usize) -> Vec<Address> {
        let mut good = Vec::new();
        for (place, uri) in parts(list, ',') {
            let start = at + place;
            let end = start + uri.len();
            match address(uri) {
                Ok(address) => {
                    // RFC 7489 section 6.2 let a size limit such as `!10m` follow.
                    if let Some(limit) = uri.find('!') {
                        let bad = (SIZE_LIMIT, "RFC 9989 took size limits out: today's receivers ignore this one.");
                        self.faults.push(Fault::new(bad, start + limit, end));
                    }
                    good.push(address);
                }
                Err(bad) => self.faults.push(Fault::new(bad, start, end)),
            }
        }
        good
    }
}

/// The address in a `mailto:` URI, without a size limit.
fn address(uri: &str) -> Result<Address, Bad> {
    let [no_mailto, bad_address] = BAD_ADDRESSES;
    let bare = uri.split_once(':').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("mailto"));
    let (_, rest) =
        bare.ok_or((no_mailto, "Reports go to mailto: and an address, and nowhere else (RFC 9989 section 4.7)."))?;
    let bad = (bad_address, "Behind mailto: stands no mail address (RFC 6068 section 2).");
    let text = rest.split(['!', '?']).next().unwrap_or(rest);
    let (local, host) = text.rsplit_once('@').ok_or(bad)?;
    let host = DomainName::new(host).map_err(|_| bad)?;
    let good = !local.is_empty() && !local.contains(char::is_whitespace) && host.labels() > 1;
    if good { Ok(Address { text: text.to_owned(), host }) } else { Err(bad) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Record;

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
        for no in ["v=dmarc1; p=none", "v=DMARC2", "x=DMARC1", "p=none; v=DMARC1", "v=spf1 -all", "", "v=DMARC1x;"] {
            assert!(!is_record(no), "{no}");
        }
        let texts = ["v=spf1 -all", "v=DMARC1; p=none"].map(|text| Record::Txt(vec![text.to_owned()]));
        let answer = DnsAnswer { records: texts.into(), ..DnsAnswer::default() };
        assert_eq!(records(&answer), ["v=DMARC1; p=none"]);
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
        let found: Vec<_> = faults.iter().map(|fault| (fault.code, &text[fault.start..fault.end])).collect();
        let want = [
            ("removed-tag", "pct=50"),
            ("not-a-tag", "reject"),
            ("repeated-tag", "p=reject"),
            ("unknown-tag", "ü=1"),
            ("bad-value", "adkim=x"),
            ("no-mailto", "c@d.test"),
            ("no-mailto", ""),
        ];
        assert_eq!(found, want);
        assert_eq!(parse("v=DMARC1; p=none; t=n; psd=u; fo=0").faults, []);
        for tag in ["psd", "t", "fo"] {
            let faults = parse(&format!("v=DMARC1; p=none; {tag}=x")).faults;
            assert!(faults.len() == 1 && faults[0].message.starts_with(tag), "{tag}");
        }
        for (uri, code) in [
            ("https:a@b.test", "no-mailto"),
            ("mailto:a@localhost", "bad-address"),
            ("mailto:a b@c.test", "bad-address"),
            ("mailto:@b.test", "bad-address"),
        ] {
            let text = format!("v=DMARC1; p=none; rua={uri}");
            let found: Vec<_> = parse(&text).faults.iter().map(|fault| (fault.code, fault.start)).collect();
            assert_eq!(found, [(code, 22)], "{uri}");
        }
    }
}
