//! What servers showed inside TLS, and what senders who check it would say.

use std::net::IpAddr;

use super::{DELAY_MS, Facts, Host, POP, SIEVE, SMTP};
use crate::evidence::{LineSession, LineStep, Path, Record, Secured, SmtpSession, TlsFault};
use crate::syntax::{capability, dkim, ehlo};
use crate::{DomainName, Unseen};

/// What a sender who checks an MX host's certificate finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It is in order.
    Fine,
    /// It is not: why, as a sentence.
    Fails(&'static str),
}

impl TlsFault {
    /// Why what lies behind the handshake was not seen.
    pub const fn unseen(self) -> Unseen {
        match self {
            Self::NotNow => Unseen::TryLater,
            _ => Unseen::NoTls,
        }
    }
}

impl SmtpSession {
    /// Does the server offer STARTTLS, in the clear?
    pub fn offers_starttls(&self) -> Result<bool, Unseen> {
        Ok(ehlo::has(self.hello()?.1, "STARTTLS"))
    }

    /// Was it held inside TLS from the start?
    pub fn starts_in_tls(&self) -> bool {
        self.exchanges.first().is_some_and(|greeting| greeting.secure)
    }

    /// What was agreed on; nothing where no TLS is offered.
    pub fn secured(&self) -> Result<Option<&Secured>, Unseen> {
        if !self.starts_in_tls() && !self.offers_starttls()? {
            return Ok(None);
        }
        let tls = self.tls.as_ref().ok_or(self.broke.unwrap_or(Unseen::NotAsked))?;
        tls.secured().map(Some).map_err(TlsFault::unseen)
    }
}

impl LineSession {
    /// What was agreed on over IMAP or POP3, whose port in the clear this was if it began there;
    /// nothing where no TLS is offered.
    pub fn secured(&self, port: u16) -> Result<Option<&Secured>, Unseen> {
        if let Some(tls) = &self.tls {
            return tls.secured().map(Some).map_err(TlsFault::unseen);
        }
        if self.offers_tls(port)? { Err(self.broke.unwrap_or(Unseen::NotAsked)) } else { Ok(None) }
    }

    /// Does the server offer TLS, in the clear?
    pub fn offers_tls(&self, port: u16) -> Result<bool, Unseen> {
        // RFC 5804 section 1.7: the greeting of ManageSieve lists the capabilities.
        if port == SIEVE {
            return Ok(capability::sieve_starttls(self.reply(LineStep::Greeting)?.1));
        }
        let (_, lines) = self.reply(LineStep::Capability)?;
        offers_tls(port, lines).ok_or(Unseen::UnclearReply)
    }

    /// Was the greeting held back on purpose?
    pub fn delayed(&self) -> bool {
        self.exchanges.first().is_some_and(|greeting| greeting.took > DELAY_MS)
    }
}

/// Does a list of capabilities of POP3, or on another port of IMAP, offer TLS? Nothing where it is no
/// such list.
pub fn offers_tls(port: u16, lines: &[String]) -> Option<bool> {
    if port == POP { capability::pop_stls(lines) } else { capability::imap_starttls(lines) }
}

impl<'a> Facts<'a> {
    /// What was agreed on at a port; nothing where no TLS is offered.
    pub fn secured(&self, address: IpAddr, port: u16) -> Result<Option<&'a Secured>, Unseen> {
        self.survey(address, port)?.secured()
    }

    /// What an MX target showed at one of its addresses, where it was asked for by this very name:
    /// by another it may show another certificate.
    pub fn shown_to(&self, target: &DomainName, host: &Host) -> Result<Option<&'a Secured>, Unseen> {
        if self.tls_name(host.address)? != *target {
            return Err(Unseen::NoCertificate);
        }
        self.secured(host.address, SMTP)
    }

    /// The addresses of an MX target that are spoken to.
    pub fn hosts_of(&self, target: &DomainName) -> Vec<Host> {
        let mut hosts = self.hosts().0;
        hosts.retain(|host| host.names.contains(target));
        hosts
    }

    /// What a sender who follows MTA-STS finds at an address of an MX target (RFC 8461 section 4.2).
    pub fn checked(&self, target: &DomainName, host: &Host) -> Result<Checked, Unseen> {
        let Some(secured) = self.shown_to(target, host)? else {
            return Ok(Checked::Fails("It does not offer STARTTLS."));
        };
        let own = secured.own().ok_or(Unseen::NoCertificate)?;
        let why = match secured.path {
            Some(Path::Expired) => "The certificate, or one above it, has expired.",
            Some(Path::NotYetValid) => "The certificate, or one above it, is not valid yet.",
            Some(Path::UnknownIssuer) => "The certificate does not lead to a widely trusted authority.",
            Some(Path::BadSignature) => "A signature in the chain of certificates is wrong.",
            // Section 4.2: a DNS name of subjectAltName; the common name does not count.
            _ if !own.names_host(target.as_str()) && !own.more_names => "The certificate is for other names.",
            Some(Path::Trusted) if own.names_host(target.as_str()) => return Ok(Checked::Fine),
            _ => return Err(Unseen::NoCertificate),
        };
        Ok(Checked::Fails(why))
    }
}

/// Does a TLSA record match what a server showed to senders who asked for one of these names?
/// Nothing where that can't be told.
pub fn tlsa_matches(record: &Record, secured: &Secured, names: &[&str]) -> Option<bool> {
    let Record::Tlsa { usage, selector, matching, data } = record else { return Some(false) };
    let (own, above) = secured.chain.split_first()?;
    let is = |certificate| data_is(certificate, *selector, *matching, data);
    match usage {
        // RFC 7671 section 5.1: the server's own; neither its names nor its dates matter.
        3 => is(own),
        // Section 5.2: one above it, to which a valid path leads, and a name that fits (RFC 7672
        // section 3.1.2).
        2 => {
            let Some(anchor) = above.iter().find(|certificate| is(certificate) == Some(true)) else {
                // An anchor that stands in DNS whole need not be sent (RFC 7671 section 5.2.1).
                let sure = *matching != 0 && !secured.truncated && above.iter().all(|c| is(c).is_some());
                return sure.then_some(false);
            };
            let contents = own.contents.as_ref()?;
            let named = names.iter().any(|name| contents.names_host_loosely(name));
            match (anchor.anchors?, named) {
                (true, true) => Some(true),
                (true, false) if contents.more_names => None,
                _ => Some(false),
            }
        }
        _ => Some(false),
    }
}

/// Is this the data of the certificate (RFC 6698 sections 2.1.2 and 2.1.3)?
fn data_is(certificate: &crate::evidence::Certificate, selector: u8, matching: u8, data: &str) -> Option<bool> {
    Some(match (selector, matching) {
        (0, 1) => certificate.sha256 == data,
        (0, 2) => certificate.sha512 == data,
        (1, 1) => certificate.contents.as_ref()?.key_sha256 == data,
        (1, 2) => certificate.contents.as_ref()?.key_sha512 == data,
        (0 | 1, 0) => {
            let whole = dkim::base64(&certificate.der).ok()?;
            let part = match selector {
                0 => whole.as_slice(),
                _ => {
                    let (start, end) = certificate.contents.as_ref()?.key_at;
                    whole.get(start as usize..end as usize)?
                }
            };
            is_hex_of(data, part)
        }
        _ => false,
    })
}

fn is_hex_of(digits: &str, octets: &[u8]) -> bool {
    let mut values = digits.chars().map(|digit| digit.to_digit(16));
    digits.len() == octets.len() * 2
        && octets.iter().all(|octet| {
            values.next() == Some(Some(u32::from(octet >> 4))) && values.next() == Some(Some(u32::from(octet & 15)))
        })
}
