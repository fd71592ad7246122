//! What the facts say: sins, verdicts, findings.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::remedies::{Recipe, Remedy};

/// The seven deadly sins. In JSON a number from 1 to 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Sin {
    /// 1: strangers can send mail through the server.
    OpenRelay = 1,
    /// 2: passwords cross the network unencrypted.
    PlainTextAuthentication,
    /// 3: the domain's records are wrong.
    DnsErrors,
    /// 4: the server says too much of itself.
    BannerDisclosure,
    /// 5: nobody reads postmaster and abuse.
    Rfc2142Names,
    /// 6: mail is not scanned.
    NoScanning,
    /// 7: nothing is too large or too much.
    NoLimits,
}

impl Sin {
    /// All seven, in order.
    pub const ALL: [Self; 7] = [
        Self::OpenRelay,
        Self::PlainTextAuthentication,
        Self::DnsErrors,
        Self::BannerDisclosure,
        Self::Rfc2142Names,
        Self::NoScanning,
        Self::NoLimits,
    ];

    /// The name on the page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::OpenRelay => "Open relay",
            Self::PlainTextAuthentication => "Plain-text authentication",
            Self::DnsErrors => "DNS errors",
            Self::BannerDisclosure => "Banner disclosure",
            Self::Rfc2142Names => "RFC 2142 names",
            Self::NoScanning => "No mail scanning",
            Self::NoLimits => "No reasonable limits",
        }
    }

    /// The number as a Roman numeral.
    pub const fn numeral(self) -> &'static str {
        match self {
            Self::OpenRelay => "I",
            Self::PlainTextAuthentication => "II",
            Self::DnsErrors => "III",
            Self::BannerDisclosure => "IV",
            Self::Rfc2142Names => "V",
            Self::NoScanning => "VI",
            Self::NoLimits => "VII",
        }
    }

    /// What the sin is, in one sentence.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::OpenRelay => "The server takes mail from strangers to strangers, and spammers find it within hours.",
            Self::PlainTextAuthentication => "Passwords can be sent unencrypted, for anyone on the path to read.",
            Self::DnsErrors => "Records for mail are missing, wrong or contradict each other.",
            Self::BannerDisclosure => "The server tells strangers its version, its internal names or its addresses.",
            Self::Rfc2142Names => "Mail to postmaster and abuse, which every domain owes the world, is refused.",
            Self::NoScanning => "Mail goes in or out without being scanned for viruses and spam.",
            Self::NoLimits => "Nothing stops a message or a sender from being far too large.",
        }
    }
}

impl From<Sin> for u8 {
    fn from(sin: Sin) -> Self {
        sin as Self
    }
}

impl TryFrom<u8> for Sin {
    type Error = String;
    fn try_from(number: u8) -> Result<Self, String> {
        Self::ALL.into_iter().find(|sin| *sin as u8 == number).ok_or_else(|| format!("there is no sin {number}"))
    }
}

/// What a finding is worth. Ordered from harmless to worst, so that the worst is the maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Could not be seen: neither for nor against.
    Untested,
    /// Worth knowing; costs nothing.
    Note,
    /// Seen, and right.
    Clean,
    /// Should be better.
    Venial,
    /// A deadly sin.
    Mortal,
}

impl Verdict {
    /// The word on the page and in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Untested => "untested",
            Self::Note => "note",
            Self::Clean => "clean",
            Self::Venial => "venial",
            Self::Mortal => "mortal",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// How sure a mortal or venial finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// It was seen to be so.
    Proved,
    /// What was seen points to it.
    Suspected,
}

/// One thing that the facts say of one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Finding {
    /// The sin it belongs to.
    pub sin: Sin,
    /// The check's id, such as `mx-exists`.
    pub check: String,
    /// The outcome's stable name; for an untested one, why ([`crate::Unseen::code`]).
    pub outcome: String,
    /// What it is worth.
    pub verdict: Verdict,
    /// How sure it is; only for mortal and venial.
    pub confidence: Option<Confidence>,
    /// What it is about: `sinner.test`, or `mx1.sinner.test, 192.0.2.25, port 25`.
    pub subject: String,
    /// A headline: "Relays for strangers".
    pub title: String,
    /// What it means and why it matters, in a sentence or two.
    pub why: String,
    /// What was seen, verbatim, a line each. Lines of a conversation that we said begin with
    /// "→ ". Foreign text: show it through [`crate::visible::visible`].
    pub seen: String,
    /// The deciding parts of `seen`: start and end, counted in characters.
    pub marks: Vec<(u32, u32)>,
    /// What to change; always there for mortal and venial.
    pub remedy: Option<Remedy>,
}

impl Finding {
    /// Is this the one sort of fault at several hosts? What makes findings alike for the grade.
    pub fn fault(&self) -> (&str, &str) {
        (&self.check, &self.outcome)
    }
}

/// Puts together what differs in its subject only, so that it can be said once. Groups come in the order of their first
/// findings, and none is empty.
pub fn groups<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Vec<&'a Finding>> {
    fn alike(a: &Finding, b: &Finding) -> bool {
        a.fault() == b.fault() && (a.verdict, a.confidence, &a.why) == (b.verdict, b.confidence, &b.why)
    }
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings {
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| alike(first, finding))) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

/// Where else the remedy of a group's first finding belongs, as the end of its headline: empty for one alone.
pub fn likewise(group: usize) -> String {
    match group {
        0 | 1 => String::new(),
        2 => "; likewise at the other one".to_owned(),
        more => format!("; likewise at the other {}", more - 1),
    }
}

/// Are the lines to paste the same for all of these?
pub fn has_one_remedy(group: &[&Finding]) -> bool {
    fn recipes(finding: &Finding) -> Option<&[Recipe]> {
        finding.remedy.as_ref().map(|remedy| remedy.recipes.as_slice())
    }
    group.windows(2).all(|pair| matches!(pair, [a, b] if recipes(a) == recipes(b)))
}
