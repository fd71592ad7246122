//! The TLSA records that senders find for an MX target (RFC 7672 section 2.2).

use super::{Facts, Trust};
use crate::evidence::{DnsAnswer, Record};
use crate::inquiry::RecordType;
use crate::{DomainName, Unseen};

/// How many MX targets are looked at, the preferred first.
pub const DANE_TARGETS_MAX: usize = 4;

/// The names at which senders look for the records of one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bases {
    /// Asked in turn, until one has secure records.
    pub names: Vec<DomainName>,
    /// Its addresses are signed, so that senders do ask.
    pub secure: bool,
    /// The target is an alias.
    pub alias: bool,
}

/// The TLSA records of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dane<'a> {
    /// Senders use these.
    Secure(DomainName, &'a DnsAnswer),
    /// Records that nobody can trust: they are not signed, or the target's addresses are not.
    Unsigned(DomainName, &'a DnsAnswer),
    /// Records whose signatures are wrong; proved, if the resolver said so.
    Bogus(DomainName, &'a DnsAnswer, bool),
    /// None.
    Absent(DomainName, &'a DnsAnswer),
}

impl<'a> Facts<'a> {
    /// The MX targets whose TLSA records are looked at.
    pub fn dane_targets(&self) -> Vec<DomainName> {
        let mut targets = self.targets();
        targets.truncate(DANE_TARGETS_MAX);
        targets
    }

    /// Where senders look; nothing for a target without addresses.
    pub fn dane_bases(&self, target: &DomainName) -> Result<Option<Bases>, Unseen> {
        let answers = [self.dns(target, RecordType::A)?, self.dns(target, RecordType::Aaaa)?];
        let there = || answers.iter().filter(|answer| !answer.records.is_empty());
        let secure = there().any(|answer| answer.authenticated);
        let Some(end) = there().map(|answer| answer.aliases.last()).next() else {
            return Ok(None);
        };
        // RFC 7672 section 2.2.3: first where a secure chain of aliases ends, then where it begins;
        // only there if the chain is not secure.
        let names = end.filter(|_| secure).into_iter().chain([target]);
        let names = names.filter_map(|name| name.under("_25._tcp")).collect();
        Ok(Some(Bases { names, secure, alias: end.is_some() }))
    }

    /// The TLSA records of a target; nothing for one without addresses.
    pub fn dane(&self, target: &DomainName) -> Result<Option<Dane<'a>>, Unseen> {
        let Some(bases) = self.dane_bases(target)? else {
            return Ok(None);
        };
        let mut last = None;
        for name in bases.names {
            // RFC 7672 section 2.2.2: senders ask only where the addresses are secure, since some
            // servers of unsigned zones fail at this question.
            if !bases.secure {
                self.dns(&name, RecordType::Tlsa)?;
            }
            match self.trust(&name, RecordType::Tlsa)? {
                // An alias that is not secure at its end can be so at its beginning. The records
                // below it are in the zone that holds it, so where they are secure it is as well.
                Trust::Secure(answer) if has_tlsa(answer) && (bases.secure || bases.alias) => {
                    return Ok(Some(Dane::Secure(name, answer)));
                }
                Trust::Secure(answer) | Trust::Insecure(answer) if has_tlsa(answer) => {
                    last = Some(Dane::Unsigned(name, answer));
                }
                Trust::Secure(answer) | Trust::Insecure(answer) => {
                    last = last.or(Some(Dane::Absent(name, answer)));
                }
                Trust::Bogus { unchecked, proved } => return Ok(Some(Dane::Bogus(name, unchecked, proved))),
            }
        }
        Ok(last)
    }
}

fn has_tlsa(answer: &DnsAnswer) -> bool {
    answer.records.iter().any(|record| matches!(record, Record::Tlsa { .. }))
}
