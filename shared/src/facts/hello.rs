//! What servers make of old and weak offers of TLS, and of what is said before it begins.

use std::net::IpAddr;

use super::{DELAY_MS, Facts, IMAP, POP, SMTP, may_knock_again};
use crate::evidence::{HelloAnswer, LineSession, Offer, SmtpSession, Tls, TlsFault};
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
        match (offer, survey.tls.as_ref().map(Tls::secured)) {
            (Offer::Old, _) => {}
            // A fifth conversation with an MX host would be too many, and weak ciphers are no fault there.
            (Offer::Weak, Some(Ok(_))) if port == SMTP => return Err(Unseen::NotAsked),
            (Offer::Weak, _) => drop(self.hello_conversation(address, port, Offer::Old)?),
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

    /// The question whether what is said in the clear behind STARTTLS counts inside TLS: the last one, as it
    /// may be taken amiss.
    pub fn injection_inquiry(&self, address: IpAddr, port: u16) -> Result<Inquiry, Unseen> {
        self.secured(address, port)?.ok_or(Unseen::NotAsked)?;
        let last = if port == SMTP { Offer::Old } else { Offer::Weak };
        self.hello_conversation(address, port, last)?;
        let host = Some(self.tls_name(address)?);
        Ok(Inquiry::Probe { address, port, host, script: Script::SmtpInjection })
    }

    /// The conversation in which it was said.
    pub fn injection(&self, address: IpAddr, port: u16) -> Result<&'a SmtpSession, Unseen> {
        not_let_in(self.conversation(self.injection_inquiry(address, port)?))
    }

    /// The same question over IMAP, POP3 or ManageSieve, to a server whose TLS works.
    pub fn lines_injection_inquiry(&self, address: IpAddr, port: u16) -> Result<Inquiry, Unseen> {
        let survey = self.lines(address, port)?;
        if survey.exchanges.first().is_some_and(|greeting| greeting.took > DELAY_MS) {
            return Err(Unseen::Delayed);
        }
        let tls = survey.tls.as_ref().ok_or(survey.broke.unwrap_or(Unseen::NotAsked))?;
        tls.secured().map_err(TlsFault::unseen)?;
        let script = match port {
            IMAP => Script::ImapInjection,
            POP => Script::PopInjection,
            _ => Script::SieveInjection,
        };
        Ok(Inquiry::Probe { address, port, host: Some(self.client_name(address)?), script })
    }

    /// The conversation in which it was said.
    pub fn lines_injection(&self, address: IpAddr, port: u16) -> Result<&'a LineSession, Unseen> {
        let conversation = self.spoken(self.lines_injection_inquiry(address, port)?);
        not_let_in(conversation.and_then(|evidence| evidence.lines().ok_or(Unseen::Failed)))
    }

    fn hello_conversation(&self, address: IpAddr, port: u16, offer: Offer) -> Result<&'a SmtpSession, Unseen> {
        not_let_in(self.conversation(self.hello_inquiry(address, port, offer)?))
    }
}

/// A host that spoke to us before and does not now has had enough of us.
fn not_let_in<T>(conversation: Result<T, Unseen>) -> Result<T, Unseen> {
    match conversation {
        Err(Unseen::Refused | Unseen::ConnectTimeout | Unseen::Reset | Unseen::Closed) => Err(Unseen::Banned),
        other => other,
    }
}
