//! Names that the domain's mail rests on and that lead to nowhere.

use super::Facts;
use crate::evidence::DnsAnswer;
use crate::inquiry::RecordType;
use crate::spf::Problem;
use crate::{DomainName, Unseen};

/// The names below the domain that mail programs and senders look up of themselves.
pub const NAMES: [&str; 3] = ["autodiscover", "autoconfig", "mta-sts"];

/// The most names that are followed to their registrable part.
const LEADS_MAX: usize = 6;

/// Public suffixes of two labels under which many names are registered. The whole list would be
/// half of the browser's download; a suffix that is missing here costs a finding, never makes one.
const SUFFIXES: [&str; 24] = [
    "co.uk", "org.uk", "me.uk", "ltd.uk", "com.au", "net.au", "org.au", "co.nz", "org.nz", "co.jp", "or.jp", "ne.jp",
    "com.br", "net.br", "co.za", "com.mx", "co.in", "com.tr", "com.pl", "com.cn", "com.ar", "co.kr", "com.sg", "co.il",
];

/// Endings under which not everyone can register.
const CLOSED: [&str; 8] = ["arpa", "gov", "mil", "edu", "int", "local", "internal", "onion"];

/// A name that does not exist, and where it is named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lead {
    /// The registrable domain that the name is in.
    pub registrable: DomainName,
    /// The name.
    pub name: DomainName,
    /// What names it: "MX", "SPF", or the name that is an alias of it.
    pub from: String,
}

impl Lead {
    /// The questions that say whether the registrable domain is free: whether there is such an
    /// ending at all, and whether there is such a domain.
    pub fn questions(&self) -> [Option<DomainName>; 2] {
        let top = std::iter::successors(Some(self.registrable.clone()), DomainName::parent).last();
        [top, Some(self.registrable.clone())]
    }
}

impl Facts<'_> {
    /// Could anyone register the domain that a lead is in?
    pub fn is_free(&self, lead: &Lead) -> Result<bool, Unseen> {
        let [top, registrable] = lead.questions().map(|name| self.dns(&name.ok_or(Unseen::NoBase)?, RecordType::Ns));
        // Under an ending that does not exist (a name of somebody's own network) nobody can.
        Ok(!top?.nxdomain && registrable?.nxdomain)
    }

    /// The names outside of the domain that its mail rests on and that do not exist, sorted; at most
    /// [`LEADS_MAX`].
    pub fn leads_to_nowhere(&self) -> Vec<Lead> {
        let mut leads = self.all_leads();
        leads.truncate(LEADS_MAX);
        leads
    }

    fn all_leads(&self) -> Vec<Lead> {
        let mut leads = Vec::new();
        for target in self.targets() {
            self.follow(&target, RecordType::A, "MX", &mut leads);
        }
        let flat = self.spf_tree().ok().flatten().unwrap_or_default();
        for (problem, name) in &flat.problems {
            if let (Problem::NoRecord, Ok(name)) = (problem, DomainName::new(name)) {
                self.follow(&name, RecordType::Txt, "SPF", &mut leads);
            }
        }
        for void in &flat.voids {
            if let Some(name) = void.strip_prefix("A of ").and_then(|name| DomainName::new(name).ok()) {
                self.follow(&name, RecordType::A, "SPF", &mut leads);
            }
        }
        for label in NAMES {
            if let Some(name) = self.domain().under(label) {
                self.follow(&name, RecordType::A, name.as_str(), &mut leads);
            }
        }
        for name in self.named_keys().chain(self.guessed_keys().unwrap_or_default()) {
            self.follow(&name, RecordType::Txt, name.as_str(), &mut leads);
        }
        leads.sort();
        // One question, and one thing to mend, however many names are in it.
        leads.dedup_by(|a, b| a.registrable == b.registrable);
        leads
    }

    /// Were all the names seen that could lead to nowhere, and are they few enough to be followed?
    pub fn leads_seen(&self) -> Result<(), Unseen> {
        self.route()?;
        for target in self.targets() {
            self.dns(&target, RecordType::A)?;
        }
        if let Some(flat) = self.spf_tree()? {
            if !flat.lacks.is_empty() {
                return Err(Unseen::Pending);
            }
            flat.unseen.map_or(Ok(()), Err)?;
        }
        if self.takes_mail() == Some(true) {
            for name in NAMES.into_iter().filter_map(|label| self.domain().under(label)) {
                self.dns(&name, RecordType::A)?;
            }
        }
        for name in self.named_keys().chain(self.guessed_keys()?) {
            self.dns(&name, RecordType::Txt)?;
        }
        if self.all_leads().len() > LEADS_MAX { Err(Unseen::OverCap) } else { Ok(()) }
    }

    fn follow(&self, name: &DomainName, record: RecordType, from: &str, leads: &mut Vec<Lead>) {
        let Ok(answer) = self.dns(name, record) else {
            return;
        };
        let end = end(name, answer);
        if answer.nxdomain
            && !end.is_within(self.domain())
            && let Some(registrable) = registrable(end)
            && !self.domain().is_within(&registrable)
        {
            leads.push(Lead { name: end.clone(), registrable, from: from.to_owned() });
        }
    }
}

/// The last name of an answer's chain: the one that its code speaks of (RFC 2308 section 2.1).
fn end<'a>(name: &'a DomainName, answer: &'a DnsAnswer) -> &'a DomainName {
    answer.aliases.last().unwrap_or(name)
}

/// The part of a name that can be registered, where that is known.
fn registrable(name: &DomainName) -> Option<DomainName> {
    let suffix = |labels: usize| {
        let skip = name.labels().checked_sub(labels)?;
        Some(name.as_str().split('.').skip(skip).collect::<Vec<_>>().join("."))
    };
    let top = suffix(1)?;
    // A top of digits only is an address where a name belongs.
    if CLOSED.contains(&top.as_str()) || top.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let second = suffix(2)?;
    // Below a two-letter country there may be suffixes that are not in our list.
    let labels = match (SUFFIXES.contains(&second.as_str()), top.len()) {
        (true, _) => 3,
        (false, 2) if second.split('.').next().is_some_and(|label| label.len() <= 3) => return None,
        _ => 2,
    };
    DomainName::new(&suffix(labels)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_registered() {
        let rows = [
            ("mail.gone.example", Some("gone.example")),
            ("gone.example", Some("gone.example")),
            ("a.b.gone.co.uk", Some("gone.co.uk")),
            ("co.uk", None),
            ("mx.gone.ac.uk", None),
            ("mx.gone.de", Some("gone.de")),
            ("mx.agency.gov", None),
            ("example", None),
            ("198.41.0.25", None),
        ];
        for (name, want) in rows {
            let found = registrable(&name.parse().unwrap());
            assert_eq!(found.as_ref().map(DomainName::as_str), want, "{name}");
        }
    }
}
