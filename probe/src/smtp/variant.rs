//! Who writes to whom in each transaction. The letters are those of the catalogue: F our sender,
//! T@D our foreign recipient, S the server's name, I its address, H the checked domain.

use std::net::IpAddr;

use shared::DomainName;
use shared::evidence::{Purpose, Role, Variant};
use shared::local_part::LocalPart;

use crate::Identity;

/// The names that the transactions are made of.
#[derive(Debug)]
pub(super) struct Names {
    /// F.
    pub(super) sender: String,
    /// T and D.
    pub(super) foreign: (String, String),
    /// H.
    pub(super) domain: String,
    /// I, as an address literal (RFC 5321 section 4.1.3).
    pub(super) literal: String,
    /// A local part that nobody has.
    pub(super) control: String,
    /// The local part that the zone names, where it is none of the role names.
    contact: Option<String>,
}

/// Reverse-path and forward-path of a transaction, without their angle brackets.
pub(super) type Paths = (String, String);

impl Names {
    pub(super) fn new(domain: &DomainName, identity: &Identity, nonce: &str, peer: IpAddr) -> Self {
        let (user, host) = identity.foreign.split_once('@').unwrap_or((&identity.foreign, ""));
        Self {
            sender: identity.sender.clone(),
            foreign: (user.to_owned(), host.to_owned()),
            domain: domain.to_string(),
            literal: match peer {
                IpAddr::V4(v4) => format!("[{v4}]"),
                IpAddr::V6(v6) => format!("[IPv6:{v6}]"),
            },
            control: made_up(nonce),
            contact: None,
        }
    }

    /// With the mailbox that the zone names.
    pub(super) fn with_contact(mut self, contact: Option<&LocalPart>) -> Self {
        self.contact = contact.map(|local| local.as_str().to_owned());
        self
    }

    /// The paths of a purpose; none where the server's name is needed and it gave none.
    /// [`Purpose::Size`] has no recipient, [`Purpose::NullSender`] gets its own from the caller, and so do those by consent.
    pub(super) fn paths(&self, purpose: Purpose, server: Option<&str>) -> Option<Paths> {
        let at = |local: &str| format!("{local}@{}", self.domain);
        let (foreign_local, foreign_domain) = &self.foreign;
        match purpose {
            Purpose::Size
            | Purpose::NullSender
            | Purpose::Deliver
            | Purpose::Proof(_)
            | Purpose::Nth(_)
            | Purpose::Stranger => None,
            Purpose::Postmaster => Some((self.sender.clone(), at("postmaster"))),
            Purpose::BarePostmaster => Some((self.sender.clone(), "Postmaster".to_owned())),
            Purpose::Abuse => Some((self.sender.clone(), at("abuse"))),
            Purpose::Control => Some((self.sender.clone(), at(&self.control))),
            Purpose::Role(Role::Contact) => Some((self.sender.clone(), at(self.contact.as_deref()?))),
            Purpose::Role(role) => Some((self.sender.clone(), at(role.name()))),
            Purpose::Relay(variant) => Some((
                self.reverse_path(variant, server)?,
                self.forward_path(variant, foreign_local, foreign_domain, server)?,
            )),
            Purpose::RelayControl(variant) => Some((
                self.reverse_path(variant, server)?,
                self.forward_path(variant, &self.control, &self.domain, server)?,
            )),
        }
    }

    fn reverse_path(&self, variant: Variant, server: Option<&str>) -> Option<String> {
        let local = self.sender.split('@').next().unwrap_or(&self.sender);
        Some(match variant {
            Variant::NullSender => String::new(),
            Variant::LocalSender => format!("postmaster@{}", self.domain),
            Variant::ServerSender => format!("{local}@{}", server?),
            Variant::LiteralSender => format!("{local}@{}", self.literal),
            _ => self.sender.clone(),
        })
    }

    /// The shape of a variant around T and D.
    fn forward_path(&self, variant: Variant, t: &str, d: &str, s: Option<&str>) -> Option<String> {
        let (h, i) = (&self.domain, &self.literal);
        Some(match variant {
            Variant::Plain
            | Variant::NullSender
            | Variant::LocalSender
            | Variant::ServerSender
            | Variant::LiteralSender => format!("{t}@{d}"),
            Variant::PercentDomain => format!("{t}%{d}@{h}"),
            Variant::PercentServer => format!("{t}%{d}@{}", s?),
            Variant::PercentLiteral => format!("{t}%{d}@{i}"),
            Variant::QuotedDomain => format!("\"{t}@{d}\"@{h}"),
            Variant::QuotedLiteral => format!("\"{t}@{d}\"@{i}"),
            Variant::RouteDomain => format!("@{h}:{t}@{d}"),
            Variant::RouteServer => format!("@{}:{t}@{d}", s?),
            Variant::RouteLiteral => format!("@{i}:{t}@{d}"),
            Variant::BangDomain => format!("{d}!{t}@{h}"),
            Variant::Bang => format!("{d}!{t}"),
            Variant::QuotedPercent => format!("\"{t}%{d}\""),
            Variant::Quoted => format!("\"{t}@{d}\""),
            Variant::DoubleAt => format!("{t}@{d}@{}", s?),
            Variant::Bare => t.to_owned(),
        })
    }
}

/// A local part that nobody has.
pub(super) fn made_up(nonce: &str) -> String {
    format!("mailsins-{:08x}", hash(nonce))
}

/// FNV-1a. The nonce is what is unguessable; this only gives it a fixed form.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_every_purpose() {
        let name = |text: &str| DomainName::new(text).unwrap();
        let identity = Identity::at(&name("d.test"));
        let names = Names::new(&name("h.test"), &identity, "nonce", "192.0.2.1".parse().unwrap());
        assert_eq!(names.paths(Purpose::Role(shared::evidence::Role::Contact), None), None);
        let names = names.with_contact(LocalPart::new("first.last").as_ref());
        let v6 = Names::new(&name("h.test"), &identity, "nonce", "2001:db8::1".parse().unwrap());
        assert_eq!(v6.literal, "[IPv6:2001:db8::1]");
        assert_eq!(names.control, "mailsins-f90879f8");
        let f = "probe@d.test";
        use Purpose::*;
        let rows: &[(Purpose, &str, &str)] = &[
            (Postmaster, f, "postmaster@h.test"),
            (BarePostmaster, f, "Postmaster"),
            (Abuse, f, "abuse@h.test"),
            (Control, f, "mailsins-f90879f8@h.test"),
            (Role(shared::evidence::Role::Contact), f, "first.last@h.test"),
            (Role(shared::evidence::Role::Noc), f, "noc@h.test"),
            (Relay(Variant::Plain), f, "relaytest@d.test"),
            (Relay(Variant::NullSender), "", "relaytest@d.test"),
            (Relay(Variant::LocalSender), "postmaster@h.test", "relaytest@d.test"),
            (Relay(Variant::ServerSender), "probe@s.test", "relaytest@d.test"),
            (Relay(Variant::LiteralSender), "probe@[192.0.2.1]", "relaytest@d.test"),
            (Relay(Variant::PercentDomain), f, "relaytest%d.test@h.test"),
            (Relay(Variant::PercentServer), f, "relaytest%d.test@s.test"),
            (Relay(Variant::PercentLiteral), f, "relaytest%d.test@[192.0.2.1]"),
            (Relay(Variant::QuotedDomain), f, "\"relaytest@d.test\"@h.test"),
            (Relay(Variant::QuotedLiteral), f, "\"relaytest@d.test\"@[192.0.2.1]"),
            (Relay(Variant::RouteDomain), f, "@h.test:relaytest@d.test"),
            (Relay(Variant::RouteServer), f, "@s.test:relaytest@d.test"),
            (Relay(Variant::RouteLiteral), f, "@[192.0.2.1]:relaytest@d.test"),
            (Relay(Variant::BangDomain), f, "d.test!relaytest@h.test"),
            (Relay(Variant::Bang), f, "d.test!relaytest"),
            (Relay(Variant::QuotedPercent), f, "\"relaytest%d.test\""),
            (Relay(Variant::Quoted), f, "\"relaytest@d.test\""),
            (Relay(Variant::DoubleAt), f, "relaytest@d.test@s.test"),
            (Relay(Variant::Bare), f, "relaytest"),
            (RelayControl(Variant::PercentServer), f, "mailsins-f90879f8%h.test@s.test"),
            (RelayControl(Variant::QuotedDomain), f, "\"mailsins-f90879f8@h.test\"@h.test"),
            (RelayControl(Variant::Bang), f, "h.test!mailsins-f90879f8"),
            (RelayControl(Variant::Bare), f, "mailsins-f90879f8"),
        ];
        for (purpose, from, to) in rows {
            let want = Some(((*from).to_owned(), (*to).to_owned()));
            assert_eq!(names.paths(*purpose, Some("s.test")), want, "{purpose:?}");
        }
        for variant in Variant::ALL {
            let needs = format!("{variant:?}").contains("Server") || variant == Variant::DoubleAt;
            assert_eq!(names.paths(Relay(variant), None).is_none(), needs, "{variant:?}");
        }
    }
}
