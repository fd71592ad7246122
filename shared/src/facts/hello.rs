//! What servers make of old and weak offers of TLS.

use std::net::IpAddr;

use super::{Facts, SMTP, may_knock_again};
use crate::evidence::{HelloAnswer, Offer, Tls, TlsFault};
use crate::inquiry::Script;
use crate::{Inquiry, Unseen};

impl<'a> Facts<'a> {
    /// The question what a host makes of an offer, once it is its turn. It is for hosts with which TLS
    /// works, or fails for what our end cannot do; after everything else that is asked there.
    pub fn hello_inquiry(&self, address: IpAddr, port: u16, offer: Offer) -> Result<Inquiry, Unseen> {
        let survey = self.survey(address, port)?;
        may_knock_again(survey)?;
        match survey.tls.as_ref().map(Tls::secured) {
            Some(Ok(_) | Err(TlsFault::Incompatible)) => {}
            Some(Err(fault)) => return Err(fault.unseen()),
            None => return Err(survey.broke.unwrap_or(Unseen::NotAsked)),
        }
        // Whoever did not let us in then is not asked again.
        if port == SMTP {
            self.recipients(address)?;
        }
        if offer == Offer::Weak {
            self.hello_conversation(address, port, Offer::Old)?;
        }
        let host = Some(self.tls_name(address)?);
        Ok(Inquiry::Probe { address, port, host, script: Script::SmtpHello(offer) })
    }

    /// What a host answers to an offer.
    pub fn hello(&self, address: IpAddr, port: u16, offer: Offer) -> Result<&'a HelloAnswer, Unseen> {
        let session = self.hello_conversation(address, port, offer)?;
        if let Some(hello) = &session.client_hello {
            return Ok(&hello.answer);
        }
        // It did not come to that: STARTTLS was refused this time, or the conversation ended before.
        let fault = session.tls.as_ref().and_then(|tls| tls.secured().err());
        Err(fault.map_or(session.broke.unwrap_or(Unseen::NotAsked), TlsFault::unseen))
    }

    fn hello_conversation(
        &self,
        address: IpAddr,
        port: u16,
        offer: Offer,
    ) -> Result<&'a crate::evidence::SmtpSession, Unseen> {
        match self.conversation(self.hello_inquiry(address, port, offer)?) {
            Err(Unseen::Refused | Unseen::ConnectTimeout | Unseen::Reset | Unseen::Closed) => Err(Unseen::Banned),
            other => other,
        }
    }
}
