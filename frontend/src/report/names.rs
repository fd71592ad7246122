//! Which mail host an address belongs to.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use shared::evidence::{Record, Target};
use shared::{DomainName, Evidence, Inquiry};

/// The mail host behind each address that the evidence names. A host with an MX record is
/// preferred to any other name of the same address.
pub(crate) fn hosts<'a>(evidence: impl Iterator<Item = &'a Evidence>) -> BTreeMap<IpAddr, DomainName> {
    let evidence: Vec<&Evidence> = evidence.collect();
    let records = evidence.iter().filter_map(|piece| piece.dns()).flat_map(|answer| &answer.records);
    let exchanges: BTreeSet<&DomainName> = records
        .filter_map(|record| match record {
            Record::Mx { exchange: Target::Name(name), .. } => Some(name),
            _ => None,
        })
        .collect();
    let mut hosts = BTreeMap::new();
    for piece in evidence {
        let (Inquiry::Dns { name, .. }, Some(answer)) = (&piece.inquiry, piece.dns()) else { continue };
        for record in &answer.records {
            let address = match record {
                Record::A(v4) => IpAddr::from(*v4),
                Record::Aaaa(v6) => IpAddr::from(*v6),
                _ => continue,
            };
            if exchanges.contains(name) {
                hosts.insert(address, name.clone());
            } else {
                hosts.entry(address).or_insert_with(|| name.clone());
            }
        }
    }
    hosts
}
