//! A case: a domain, options, a nonce, a start, and the evidence so far.

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::grant::ACTIVE_MS;
use crate::inquiry::Script;
use crate::{DomainName, Evidence, Grant, Inquiry, Unseen};

/// How long a scan may take, in milliseconds. What is missing then is untested.
pub const SCAN_MS: u64 = 110_000;

/// How long after it deferred recipients a host is asked once more, in milliseconds, where a scan may last so long. Greylisting
/// seldom wants more than five minutes; but guards count deferrals, too, and forget them after ten.
pub const AGAIN_MS: u64 = 610_000;

/// The most inquiries of one scan.
pub const INQUIRIES_MAX: usize = 200;

/// The most DKIM selectors that a person can name.
pub const SELECTORS_MAX: usize = 10;

/// The most hosts that a person can name.
pub const HOSTS_MAX: usize = 5;

/// Choices of the person who asks. They only ever add inquiries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// DKIM selectors that the domain signs with, as [`selectors`] reads them.
    #[cfg_attr(feature = "openapi", schemars(length(max = SELECTORS_MAX)))]
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "checked")]
    pub selectors: Vec<String>,
    /// Hosts of the domain that are to be looked at, of [`HOSTS_MAX`] at most; see [`Options::check`].
    #[cfg_attr(feature = "openapi", schemars(length(max = HOSTS_MAX)))]
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "few")]
    pub hosts: Vec<DomainName>,
}

impl Options {
    /// Are the named hosts the domain itself, or below it? An error is a sentence for the person.
    pub fn check(&self, domain: &DomainName) -> Result<(), String> {
        match self.hosts.iter().find(|host| !host.is_within(domain) || !host.is_host()) {
            Some(host) => Err(format!("{host} is not a host of {domain}.")),
            None => Ok(()),
        }
    }
}

fn few<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<DomainName>, D::Error> {
    let mut hosts = Vec::<DomainName>::deserialize(from)?;
    if hosts.len() > HOSTS_MAX {
        return Err(D::Error::custom(format!("At most {HOSTS_MAX} hosts can be named.")));
    }
    hosts.sort();
    hosts.dedup();
    Ok(hosts)
}

/// Reads the selectors that a person named: in lower case, each once, and without the
/// `._domainkey.example.org` that some add. An error is a sentence for the person.
pub fn selectors(named: &[String]) -> Result<Vec<String>, String> {
    let mut selectors = Vec::new();
    for text in named {
        // RFC 6376 section 3.1: a selector may have dots, as a domain name has.
        let name = text.trim().to_ascii_lowercase();
        let name = DomainName::new(name.split("._domainkey").next().unwrap_or(&name))
            .map_err(|why| format!("This is not a DKIM selector: {why}."))?
            .to_string();
        if !selectors.contains(&name) {
            selectors.push(name);
        }
        if selectors.len() > SELECTORS_MAX {
            return Err(too_many());
        }
    }
    Ok(selectors)
}

fn too_many() -> String {
    format!("At most {SELECTORS_MAX} DKIM selectors can be named.")
}

fn checked<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let named: Vec<String> = Vec::deserialize(from)?;
    if named.len() > SELECTORS_MAX {
        return Err(D::Error::custom(too_many()));
    }
    selectors(&named).map_err(D::Error::custom)
}

/// Everything that is known of a domain in one scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The checked domain.
    pub domain: DomainName,
    /// The choices.
    pub options: Options,
    /// The driver's own domain: its EHLO name, sender and foreign recipient are there.
    pub probe_domain: DomainName,
    /// Random text from the driver; made-up names derive from it.
    pub nonce: String,
    /// When the scan began, in milliseconds since 1970. This is "now" for every check.
    pub started: u64,
    /// The scan was broken off: no letter, and nothing to publish.
    pub cancelled: bool,
    /// Loopback and private addresses count as public: only in the lab, or in a terminal whose
    /// user said so. The site's production build never sets it.
    pub admit_private: bool,
    /// The DNS blocklists that the driver's operator chose (RFC 5782).
    pub blocklists: Vec<DomainName>,
    /// The driver was named a test of outgoing mail ([`Inquiry::Mail`]).
    pub mail: bool,
    /// Hosts that defer recipients are asked once more so many milliseconds later (see [`Case::due`]); without it
    /// they are not.
    pub again: Option<u64>,
    /// What the domain's owner opened, with a code that was typed back. No client sets it.
    pub grant: Option<Grant>,
    evidence: BTreeMap<Inquiry, Evidence>,
}

impl Case {
    /// A case without evidence. Its start is cut to the second, as a report tells it.
    pub fn new(domain: DomainName, probe_domain: DomainName, nonce: String, started: u64) -> Self {
        let started = started / 1000 * 1000;
        Self {
            domain,
            options: Options::default(),
            probe_domain,
            nonce,
            started,
            cancelled: false,
            admit_private: false,
            blocklists: Vec::new(),
            mail: false,
            again: None,
            grant: None,
            evidence: BTreeMap::new(),
        }
    }

    /// Adds a piece of evidence. First answers stand: a second one to the same inquiry is dropped,
    /// and `false` comes back.
    pub fn add(&mut self, evidence: Evidence) -> bool {
        if self.evidence.contains_key(&evidence.inquiry) {
            return false;
        }
        self.evidence.insert(evidence.inquiry.clone(), evidence);
        true
    }

    /// The evidence of an inquiry.
    pub fn get(&self, inquiry: &Inquiry) -> Option<&Evidence> {
        self.evidence.get(inquiry)
    }

    /// When an inquiry of the plan may be asked, in milliseconds since 1970: mostly at once.
    pub fn due(&self, inquiry: &Inquiry) -> u64 {
        let mut first = inquiry.clone();
        if let Inquiry::Probe { script: Script::SmtpRecipients { again, .. }, .. } = &mut first
            && std::mem::take(again)
        {
            let ended = self.get(&first).map_or(self.started, |first| first.at + u64::from(first.took));
            return ended + self.again.unwrap_or(AGAIN_MS);
        }
        0
    }

    /// How long the scan may take, in milliseconds.
    pub const fn limit_ms(&self) -> u64 {
        if self.grant.is_some() { ACTIVE_MS } else { SCAN_MS }
    }

    /// All evidence, sorted by inquiry.
    pub fn evidence(&self) -> impl ExactSizeIterator<Item = &Evidence> {
        self.evidence.values()
    }

    /// Marks everything that is still missing as unseen, until the plan is empty. Returns what it
    /// added. This is how a scan that is out of time comes to its end.
    pub fn give_up(&mut self, at: u64, why: Unseen) -> Vec<Evidence> {
        let mut added = Vec::new();
        loop {
            let missing = crate::plan(self);
            if missing.is_empty() {
                return added;
            }
            for inquiry in missing {
                let evidence = Evidence { inquiry, at, took: 0, answer: Err(why) };
                if self.add(evidence.clone()) {
                    added.push(evidence);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_in_json() {
        let read = |json: &str| serde_json::from_str::<Options>(json).map(|options| options.selectors);
        assert_eq!(read("{}").unwrap(), [""; 0]);
        assert_eq!(serde_json::to_string(&Options::default()).unwrap(), "{}");
        let named = r#"{"selectors":["S1"," a.b ","s1._domainkey.example.org","under_score"]}"#;
        assert_eq!(read(named).unwrap(), ["s1", "a.b", "under_score"]);
        let many: Vec<_> = (0..11).map(|n| format!("\"s{n}\"")).collect();
        assert!(read(&format!("{{\"selectors\":[{}]}}", ["\"s1\""; 11].join(","))).is_err(), "counted as named");
        for bad in ["[\"\"]", "[\"a b\"]", "[\"a..b\"]", "[1]", "\"s1\"", &format!("[{}]", many.join(","))] {
            assert!(read(&format!("{{\"selectors\":{bad}}}")).is_err(), "{bad}");
        }
        assert!(read(r#"{"admit_private":true}"#).is_err());
        let domain: DomainName = "example.org".parse().unwrap();
        let hosts = |json: &str| serde_json::from_str::<Options>(&format!("{{\"hosts\":{json}}}"));
        let named = hosts(r#"["new.Example.org","example.org","new.example.org"]"#).unwrap();
        assert_eq!((named.hosts.len(), named.check(&domain)), (2, Ok(())));
        for foreign in [r#"["example.net"]"#, r#"["badexample.org"]"#, r#"["_x.example.org"]"#, r#"["org"]"#] {
            assert!(hosts(foreign).unwrap().check(&domain).is_err(), "{foreign}");
        }
        for bad in [r#"["192.0.2.1:25"]"#, "[\"\"]", r#"["a.x","b.x","c.x","d.x","e.x","f.x"]"#, "\"a.x\""] {
            assert!(hosts(bad).is_err(), "{bad}");
        }
    }
}
