//! The domain's own zone: its name servers, and the networks that they are in.

use std::net::IpAddr;

use super::Facts;
use crate::evidence::{Record, Target};
use crate::inquiry::RecordType::{A, Aaaa, Ns, Soa};
use crate::{DomainName, Inquiry, Unseen, net};

/// The most name servers that are looked up. Most domains' first two are on different networks.
const SERVERS_MAX: usize = 4;

impl Facts<'_> {
    /// The name servers of the zone that begins at the domain, each once; none where no zone does.
    pub fn name_servers(&self) -> Result<Vec<DomainName>, Unseen> {
        let soa = self.dns(self.domain(), Soa)?;
        if soa.records.is_empty() || !soa.aliases.is_empty() {
            return Ok(Vec::new());
        }
        let records = self.dns(self.domain(), Ns)?.records.iter();
        let mut names: Vec<_> = records
            .filter_map(|record| match record {
                Record::Ns(Target::Name(name)) => Some(name.clone()),
                _ => None,
            })
            .collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// What is still to be asked to know whether they are on different networks.
    pub fn name_server_questions(&self) -> Vec<Inquiry> {
        let servers = self.name_servers().unwrap_or_default();
        if servers.len() < 2 || self.are_apart(&servers) {
            return Vec::new();
        }
        let ask = |servers: &[DomainName], record| -> Vec<_> {
            servers.iter().map(|name| Inquiry::dns(name, record)).collect()
        };
        let few = servers.get(..SERVERS_MAX).unwrap_or(&servers);
        let mut wanted = ask(few.get(..2).unwrap_or(few), A);
        if wanted.iter().all(|inquiry| self.case.get(inquiry).is_some()) {
            wanted = ask(few, A);
            wanted.extend(ask(few, Aaaa));
        }
        wanted
    }

    /// The addresses of all name servers, where each has an IPv4 address and none is apart from the others: all in
    /// one /24, and what has IPv6 in one /48. Nothing where two networks were seen, or a server without an address.
    pub fn name_server_network(&self) -> Result<Option<Vec<IpAddr>>, Unseen> {
        let servers = self.name_servers()?;
        if servers.len() < 2 || self.are_apart(&servers) {
            return Ok(None);
        }
        let mut all = Vec::new();
        for (at, server) in servers.iter().enumerate() {
            if at == SERVERS_MAX {
                return Err(Unseen::OverCap);
            }
            let four = self.dns(server, A)?.records.iter().filter_map(Record::address);
            let before = all.len();
            all.extend(four);
            if all.len() == before {
                return Ok(None);
            }
            all.extend(self.dns(server, Aaaa)?.records.iter().filter_map(Record::address));
        }
        all.sort();
        all.dedup();
        Ok(Some(all))
    }

    /// Were addresses in two networks of one family seen?
    fn are_apart(&self, servers: &[DomainName]) -> bool {
        let answers = servers.iter().flat_map(|name| [self.dns(name, A), self.dns(name, Aaaa)]).flatten();
        let addresses = answers.flat_map(|answer| answer.records.iter().filter_map(Record::address));
        let (mut four, mut six) = (None, None);
        for address in addresses {
            let first = if address.is_ipv4() { &mut four } else { &mut six };
            let network = net::network(address);
            if *first.get_or_insert(network) != network {
                return true;
            }
        }
        false
    }
}
