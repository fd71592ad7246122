//! What DNS blocklists say of the mail hosts (RFC 5782).

use std::net::{IpAddr, Ipv4Addr};

use super::Facts;
use crate::evidence::{DnsAnswer, Record};
use crate::inquiry::RecordType;
use crate::{DomainName, Unseen};

/// The most lists, and the most addresses, that are asked for.
const LISTS_MAX: usize = 3;
const HOSTS_MAX: usize = 4;

/// What every list has and hasn't (RFC 5782 section 5): `127.0.0.2` is listed, `127.0.0.1` is not.
const CONTROLS: [(Ipv4Addr, bool); 2] = [(Ipv4Addr::new(127, 0, 0, 2), true), (Ipv4Addr::new(127, 0, 0, 1), false)];

impl Facts<'_> {
    /// The lists that are asked.
    pub fn blocklists(&self) -> &[DomainName] {
        self.case.blocklists.get(..LISTS_MAX).unwrap_or(&self.case.blocklists)
    }

    /// The addresses of mail hosts that lists are asked for, and that which is known to send: IPv4, as few lists have others.
    pub fn listable(&self) -> Vec<Ipv4Addr> {
        let (hosts, _) = self.hosts();
        let v4 = hosts.into_iter().filter_map(|host| match host.address {
            IpAddr::V4(v4) => Some(v4),
            IpAddr::V6(_) => None,
        });
        let mut listable: Vec<Ipv4Addr> = v4.take(HOSTS_MAX).collect();
        if let Some(IpAddr::V4(sender)) = self.sender().map(|sender| sender.address)
            && !listable.contains(&sender)
        {
            listable.push(sender);
        }
        listable
    }

    /// Is the address on the list? An error unless the list has what every list has.
    pub fn is_listed(&self, list: &DomainName, address: Ipv4Addr) -> Result<bool, Unseen> {
        for (control, listed) in CONTROLS {
            if self.entry(list, control)? != listed {
                return Err(Unseen::NoList);
            }
        }
        self.entry(list, address)
    }

    fn entry(&self, list: &DomainName, address: Ipv4Addr) -> Result<bool, Unseen> {
        let name = entry_name(list, address).ok_or(Unseen::NoBase)?;
        lists(list, self.dns(&name, RecordType::A)?)
    }
}

/// All that must be asked of a list about an address.
pub fn entry_names(list: &DomainName, address: Ipv4Addr) -> Vec<DomainName> {
    let controls = CONTROLS.into_iter().map(|(control, _)| control);
    controls.chain([address]).filter_map(|address| entry_name(list, address)).collect()
}

/// Where a list says whether an address is on it (RFC 5782 section 2.1).
pub fn entry_name(list: &DomainName, address: Ipv4Addr) -> Option<DomainName> {
    let [a, b, c, d] = address.octets();
    list.under(&format!("{d}.{c}.{b}.{a}"))
}

/// Does the answer say that an address is on the list? An error where it says that we may not ask.
fn lists(list: &DomainName, answer: &DnsAnswer) -> Result<bool, Unseen> {
    let mut listed = false;
    for record in &answer.records {
        let Record::A(code) = record else { continue };
        match code.octets() {
            // Spamhaus and others: the question came from a public resolver, or too often.
            [127, 255, 255, _] => return Err(Unseen::NoList),
            // Whole ranges that by their provider's own word send no mail: no listing of this host.
            [127, 0, 0, 10 | 11] if list.as_str().ends_with("spamhaus.org") => {}
            [127, ..] => listed = true,
            // RFC 5782 section 2.1: entries are in 127.0.0.0/8; this is somebody else's answer.
            _ => return Err(Unseen::NoList),
        }
    }
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        let listed = |list: &str, codes: &[[u8; 4]]| {
            let records = codes.iter().map(|code| Record::A((*code).into())).collect();
            lists(&list.parse().unwrap(), &DnsAnswer { records, ..DnsAnswer::default() })
        };
        assert_eq!(listed("bl.example", &[]), Ok(false));
        assert_eq!(listed("bl.example", &[[127, 0, 0, 2]]), Ok(true));
        assert_eq!(listed("zen.spamhaus.org", &[[127, 0, 0, 11]]), Ok(false));
        assert_eq!(listed("zen.spamhaus.org", &[[127, 0, 0, 11], [127, 0, 0, 4]]), Ok(true));
        assert_eq!(listed("zen.spamhaus.org", &[[127, 255, 255, 254]]), Err(Unseen::NoList));
        assert_eq!(listed("bl.example", &[[198, 41, 0, 4]]), Err(Unseen::NoList));
    }
}
