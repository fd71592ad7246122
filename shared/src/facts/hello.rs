//! What servers make of old and weak offers of TLS, and of what is said before it begins.

use std::net::IpAddr;

use super::{Facts, Host, IMAP, POP, SIEVE, SMTP, SUBMISSION, SUBMISSIONS, may_knock_again, no_service};
use crate::evidence::{HelloAnswer, LineSession, Offer, SmtpSession, Tls, TlsFault};
use crate::inquiry::{Opening, Script, starts_in_tls};
use crate::{Evidence, Inquiry, Unseen};

/// What a client of today gets of TLS at a port.
#[derive(Clone, Copy, Debug)]
pub struct Today<'a> {
    /// What came of the handshake, where that is kept.
    pub tls: Option<&'a Tls>,
    /// That it went well, or why nothing was seen behind it.
    pub works: Result<(), Unseen>,
    /// It may have failed for want of a version that both have.
    pub may_be_old: bool,
}

impl<'a> Facts<'a> {
    /// What a client of today gets of TLS at a port; nothing where none is offered.
    pub fn today(&self, address: IpAddr, port: u16) -> Result<Option<Today<'a>>, Unseen> {
        self.today.get_or((address, port), || self.work_out_today(address, port))
    }

    fn work_out_today(&self, address: IpAddr, port: u16) -> Result<Option<Today<'a>>, Unseen> {
        let (tls, broke) = if is_smtp(port) {
            match self.survey(address, port) {
                Err(Unseen::NoTls) if starts_in_tls(port) => return Ok(Some(Today::FAILED)),
                Err(why) => return Err(why),
                Ok(session) if !session.starts_in_tls() && !session.offers_starttls()? => return Ok(None),
                Ok(session) => (session.tls.as_ref(), session.broke),
            }
        } else {
            match self.lines(address, port) {
                Err(Unseen::NoTls) if starts_in_tls(port) => return Ok(Some(Today::FAILED)),
                Err(why) => return Err(why),
                Ok(session) if session.tls.is_none() && !session.offers_tls(port)? => return Ok(None),
                Ok(session) => (session.tls.as_ref(), session.broke),
            }
        };
        let fault = tls.ok_or(broke.unwrap_or(Unseen::NotAsked))?.secured().err();
        let works = fault.map_or(Ok(()), |fault| Err(fault.unseen()));
        // Courier says no word of why it gives up.
        let wordless =
            !is_smtp(port) && matches!(fault, Some(TlsFault::Alert | TlsFault::Closed | TlsFault::Misbehaved));
        Ok(Some(Today { tls, works, may_be_old: wordless || fault == Some(TlsFault::Incompatible) }))
    }

    /// The question what a host makes of an offer, once it is its turn. It is for hosts with which TLS
    /// works, or fails for what our end cannot do; after everything else that is asked there.
    pub fn hello_inquiry(&self, address: IpAddr, port: u16, offer: Offer) -> Result<Inquiry, Unseen> {
        let today = self.today(address, port)?.ok_or(Unseen::NotAsked)?;
        match today.works {
            Err(why) if !today.may_be_old => return Err(why),
            _ => self.may_offer(address, port)?,
        }
        match offer {
            Offer::Old => {}
            // A fifth conversation with an MX host would be too many, and weak ciphers are no fault there.
            Offer::Weak if port == SMTP && today.works.is_ok() => return Err(Unseen::NotAsked),
            Offer::Weak => drop(self.hello_conversation(address, port, Offer::Old)?),
        }
        let (opening, host) = match port {
            SMTP | SUBMISSION => (Opening::Smtp, self.tls_name(address)?),
            SUBMISSIONS => (Opening::Nothing, self.tls_name(address)?),
            IMAP => (Opening::Imap, self.client_name(address)?),
            POP => (Opening::Pop, self.client_name(address)?),
            SIEVE => (Opening::Sieve, self.client_name(address)?),
            _ => (Opening::Nothing, self.client_name(address)?),
        };
        Ok(Inquiry::Probe { address, port, host: Some(host), script: Script::Hello(opening, offer) })
    }

    /// May a port be asked for more, now that it has said what it says?
    fn may_offer(&self, address: IpAddr, port: u16) -> Result<(), Unseen> {
        if self.is_spoken_for(address, port)? {
            return Err(Unseen::NotAsked);
        }
        if is_smtp(port) {
            if let Ok(survey) = self.survey(address, port) {
                may_knock_again(survey)?;
            }
            // Whoever did not let us in then is not asked again.
            return match port {
                SMTP if self.is_asked_again(address) => Err(Unseen::CourtesyBudget),
                SMTP => self.recipients(address).map(drop),
                _ => Ok(()),
            };
        }
        match self.lines(address, port) {
            Ok(session) if session.delayed() => Err(Unseen::Delayed),
            _ => Ok(()),
        }
    }

    /// Does another address of the same name stand for this one? That is so on all ports but 25 and 587: a host answers
    /// alike on its addresses, and a scan has questions for so many only.
    pub fn is_spoken_for(&self, address: IpAddr, port: u16) -> Result<bool, Unseen> {
        if matches!(port, SMTP | SUBMISSION) {
            return Ok(false);
        }
        self.spoken_for.get_or((address, port), || self.work_out_spoken_for(address, port))
    }

    fn work_out_spoken_for(&self, address: IpAddr, port: u16) -> Result<bool, Unseen> {
        let (mx, _) = self.known_hosts();
        let clients = self.clients().0.iter().map(|client| &client.host);
        let hosts: Vec<&Host> = if is_smtp(port) { mx.iter().chain(clients).collect() } else { clients.collect() };
        let Some(at) = hosts.iter().position(|host| host.address == address) else { return Ok(false) };
        let name = hosts.get(at).and_then(|host| host.names.first());
        for before in hosts.iter().take(at).filter(|host| host.names.first() == name) {
            let answer = if is_smtp(port) {
                self.survey(before.address, port).err()
            } else {
                self.lines(before.address, port).err()
            };
            match answer {
                Some(why @ (Unseen::Pending | Unseen::OverCap)) => return Err(why),
                Some(why) if no_service(why) => {}
                _ => return Ok(true),
            }
        }
        Ok(false)
    }

    /// What a host answers to an offer.
    pub fn hello(&self, address: IpAddr, port: u16, offer: Offer) -> Result<&'a HelloAnswer, Unseen> {
        let evidence = self.hello_conversation(address, port, offer)?;
        if let Some(hello) = evidence.client_hello() {
            return Ok(&hello.answer);
        }
        // It did not come to that: STARTTLS was refused this time, or the conversation ended before.
        let (tls, broke) = match (evidence.smtp(), evidence.lines()) {
            (Some(session), _) => (session.tls.as_ref(), session.broke),
            (_, Some(session)) => (session.tls.as_ref(), session.broke),
            _ => (None, None),
        };
        let fault = tls.and_then(|tls| tls.secured().err());
        Err(fault.map_or(broke.unwrap_or(Unseen::NotAsked), TlsFault::unseen))
    }

    /// The question whether what is said in the clear behind STARTTLS counts inside TLS: the last one, as it
    /// may be taken amiss.
    pub fn injection_inquiry(&self, address: IpAddr, port: u16) -> Result<Inquiry, Unseen> {
        if starts_in_tls(port) {
            return Err(Unseen::NotAsked);
        }
        self.secured(address, port)?.ok_or(Unseen::NotAsked)?;
        match port {
            SMTP if self.is_asked_again(address) => drop(self.recipients(address)?),
            SMTP => drop(self.hello_conversation(address, port, Offer::Old)?),
            _ => drop(self.hello_conversation(address, port, Offer::Weak)?),
        }
        let host = Some(self.tls_name(address)?);
        Ok(Inquiry::Probe { address, port, host, script: Script::SmtpInjection })
    }

    /// The conversation in which it was said.
    pub fn injection(&self, address: IpAddr, port: u16) -> Result<&'a SmtpSession, Unseen> {
        not_let_in(self.conversation(self.injection_inquiry(address, port)?))
    }

    /// The same question over IMAP, POP3 or ManageSieve, to a server whose TLS works.
    pub fn lines_injection_inquiry(&self, address: IpAddr, port: u16) -> Result<Inquiry, Unseen> {
        self.today(address, port)?.ok_or(Unseen::NotAsked)?.works?;
        if self.lines(address, port).is_ok_and(LineSession::delayed) {
            return Err(Unseen::Delayed);
        }
        let script = match port {
            IMAP => Script::ImapInjection,
            POP => Script::PopInjection,
            _ => Script::SieveInjection,
        };
        let inquiry = Inquiry::Probe { address, port, host: Some(self.client_name(address)?), script };
        // Older reports hold it alone. Where another address stands for this one, there is nothing to be asked before.
        if self.case.get(&inquiry).is_none() && !self.is_spoken_for(address, port)? {
            self.hello_conversation(address, port, Offer::Weak)?;
        }
        Ok(inquiry)
    }

    /// The conversation in which it was said.
    pub fn lines_injection(&self, address: IpAddr, port: u16) -> Result<&'a LineSession, Unseen> {
        let conversation = self.spoken(self.lines_injection_inquiry(address, port)?);
        not_let_in(conversation.and_then(|evidence| evidence.lines().ok_or(Unseen::Failed)))
    }

    fn hello_conversation(&self, address: IpAddr, port: u16, offer: Offer) -> Result<&'a Evidence, Unseen> {
        not_let_in(self.spoken(self.hello_inquiry(address, port, offer)?))
    }
}

impl Today<'_> {
    /// The handshake failed on a port that starts with it; of that nothing is kept.
    const FAILED: Self = Self { tls: None, works: Err(Unseen::NoTls), may_be_old: true };
}

const fn is_smtp(port: u16) -> bool {
    matches!(port, SMTP | SUBMISSION | SUBMISSIONS)
}

/// A host that spoke to us before and does not now has had enough of us.
fn not_let_in<T>(conversation: Result<T, Unseen>) -> Result<T, Unseen> {
    match conversation {
        Err(Unseen::Refused | Unseen::ConnectTimeout | Unseen::Reset | Unseen::Closed) => Err(Unseen::Banned),
        other => other,
    }
}
