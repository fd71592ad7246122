//! Which DMARC record holds for a domain (RFC 9989 section 4.10).

use super::Facts;
use crate::inquiry::RecordType;
use crate::syntax::dmarc::{Dmarc, Policy, parse, records, walk};
use crate::{DomainName, Unseen};

/// The most hosts of reports that are looked at.
const REPORT_HOSTS_MAX: usize = 8;

/// The only DMARC record at a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Where it stands, without `_dmarc.`.
    pub at: DomainName,
    /// Its text.
    pub text: String,
    /// What it says.
    pub says: Dmarc,
}

impl Published {
    /// What it says of mail from a domain, its own or one below: of a parent's record `sp`, if there is
    /// one (RFC 9989 section 4.10.1); `np` is for names that do not exist.
    pub fn policy_for(&self, domain: &DomainName) -> Option<&Result<Policy, String>> {
        let inherited = self.at != *domain;
        self.says.subdomains.as_ref().filter(|_| inherited).or(self.says.policy.as_ref())
    }

    /// The hosts that its reports go to, each once, without the record's own domain; at most
    /// [`REPORT_HOSTS_MAX`].
    pub fn report_hosts(&self) -> Vec<&DomainName> {
        let mut hosts: Vec<_> = self.says.aggregate.iter().chain(&self.says.failure).map(|to| &to.host).collect();
        hosts.retain(|host| **host != self.at);
        hosts.sort();
        hosts.dedup();
        hosts.truncate(REPORT_HOSTS_MAX);
        hosts
    }

    /// Where a host says that it takes the reports (RFC 9990, Verifying External Destinations).
    pub fn report_name(&self, host: &DomainName) -> Option<DomainName> {
        host.under(&format!("{}._report._dmarc", self.at))
    }
}

impl Facts<'_> {
    /// The DMARC records at `_dmarc.` of a domain.
    pub fn dmarc_at(&self, domain: &DomainName) -> Result<Vec<String>, Unseen> {
        // Where the name would be too long there can be no record.
        domain.under("_dmarc").map_or(Ok(Vec::new()), |name| Ok(records(self.dns(&name, RecordType::Txt)?)))
    }

    /// The records that the tree walk meets, the longest name first. Where a domain has several,
    /// all of them are discarded (RFC 9989 section 4.10, steps 2 and 7).
    fn dmarc_walk(&self, start: &DomainName) -> Result<Vec<Published>, Unseen> {
        let mut met = Vec::new();
        for at in walk(start) {
            let Ok([text]) = <[String; 1]>::try_from(self.dmarc_at(&at)?) else {
                continue;
            };
            let says = parse(&text);
            let last = says.psd == Some(false) || (says.psd == Some(true) && at != *start);
            met.push(Published { at, text, says });
            if last {
                break;
            }
        }
        Ok(met)
    }

    /// The record that receivers apply to mail from the domain: its own, else that of its
    /// organizational domain, else that of the public suffix above it (RFC 9989 section 4.10.1).
    /// The domain must exist.
    pub fn dmarc(&self) -> Result<Option<Published>, Unseen> {
        let domain = self.domain();
        let mut own = self.dmarc_at(domain)?;
        match (own.pop(), own.is_empty()) {
            (Some(text), true) => {
                let says = parse(&text);
                return Ok(Some(Published { at: domain.clone(), text, says }));
            }
            // RFC 7489 section 6.6.3 stops here, and RFC 9989 goes on: nothing that can be built on.
            (Some(_), false) => return Ok(None),
            (None, _) => {}
        }
        let mut met = self.dmarc_walk(domain)?;
        let Some(top) = met.pop() else {
            return Ok(None);
        };
        // RFC 9989 section 4.10.2: below a public suffix, the domain one label down; else the
        // name with the fewest labels, which the walk meets last.
        let organization = met.pop().filter(|below| below.at.labels() == top.at.labels() + 1);
        Ok(Some(if top.says.psd == Some(true) { organization.unwrap_or(top) } else { top }))
    }

    /// Does the host agree to take the reports of a record? Nothing is known where the name would
    /// be too long to ask for.
    pub fn agrees_to_reports(&self, record: &Published, host: &DomainName) -> Result<bool, Unseen> {
        let name = record.report_name(host).ok_or(Unseen::NoBase)?;
        Ok(!records(self.dns(&name, RecordType::Txt)?).is_empty())
    }

    /// Does the host agree to take the reports, or need not, being of the same organization?
    pub fn takes_reports(&self, record: &Published, host: &DomainName) -> Result<bool, Unseen> {
        Ok(self.agrees_to_reports(record, host)? || self.organization(&record.at)? == self.organization(host)?)
    }

    /// The organizational domain of a domain (RFC 9989 section 4.10.2).
    pub fn organization(&self, domain: &DomainName) -> Result<DomainName, Unseen> {
        let mut met = self.dmarc_walk(domain)?;
        let Some(top) = met.pop() else {
            return Ok(domain.clone());
        };
        if top.says.psd != Some(true) || top.at == *domain {
            return Ok(top.at);
        }
        let below = std::iter::successors(Some(domain.clone()), DomainName::parent);
        Ok(below.into_iter().find(|name| name.labels() == top.at.labels() + 1).unwrap_or(top.at))
    }
}
