//! What came for a test of outgoing mail, and the address that is known to send for the domain.

use std::net::IpAddr;

use super::{Facts, Host};
use crate::evidence::{MailSeen, Sender};
use crate::{DomainName, Inquiry, Unseen};

impl<'a> Facts<'a> {
    /// What the message showed.
    pub fn mail(&self) -> Result<&'a MailSeen, Unseen> {
        if !self.case.mail {
            return Err(Unseen::NoMailTest);
        }
        let evidence = self.evidence(&Inquiry::Mail)?;
        match &evidence.answer {
            Err(why) => Err(*why),
            Ok(_) => evidence.mail().ok_or(Unseen::Failed),
        }
    }

    /// Who is known to send for the domain. DNS only is asked about it: nobody speaks to it.
    pub fn sender(&self) -> Option<&'a Sender> {
        self.mail().ok()?.sender.as_ref()
    }

    /// The name that it gave, where that is a full one.
    pub fn sender_name(&self) -> Option<DomainName> {
        DomainName::new(&self.sender()?.helo).ok().filter(|name| name.labels() > 1)
    }

    /// Is it known that this address sends for the domain?
    pub fn is_sender(&self, address: IpAddr) -> bool {
        self.sender().is_some_and(|sender| sender.address == address)
    }

    /// The address that is known to send, as a host.
    pub fn sending_host(&self) -> Option<Host> {
        let sender = self.sender()?;
        Some(Host { names: self.sender_name().into_iter().collect(), address: sender.address })
    }
}
