//! What a domain's consent opens, and what came of the messages that were sent by it.

use std::net::IpAddr;

use super::{Facts, Host, SMTP};
use crate::evidence::{Exchange, Purpose, Reply, SmtpSession, Step, Tls};
use crate::grant::{Choice, Question, Sample, Token};
use crate::inquiry::{RecordType, Script};
use crate::syntax::consent::{self, Word};
use crate::{DomainName, Inquiry, Unseen};

/// What a server did with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It took it.
    Taken,
    /// It refused it for good when it had seen what is in it.
    Refused,
}

impl<'a> Facts<'a> {
    /// Does the grant of this case allow this?
    pub fn is_granted(&self, word: Word) -> bool {
        self.case.grant.as_ref().is_some_and(|grant| grant.allows(word))
    }

    /// The mail hosts that the grant opens for this: nothing else is ever sent a message.
    pub fn opened(&self, word: Word) -> Vec<Host> {
        let Some(grant) = self.case.grant.as_ref().filter(|grant| grant.allows(word)) else {
            return Vec::new();
        };
        self.hosts().0.into_iter().filter(|host| grant.addresses.contains(&host.address)).collect()
    }

    /// The token of one thing that is sent to a host.
    pub fn token(&self, address: IpAddr, what: &str) -> Token {
        Token::of(&self.case.nonce, &format!("{what} {address}"))
    }

    /// With what a granted conversation is begun: the name to ask for in TLS where that works. It comes behind what is
    /// asked of every host.
    pub fn active_host(&self, address: IpAddr) -> Result<Option<DomainName>, Unseen> {
        let survey = match self.survey(address, SMTP) {
            Err(why @ (Unseen::Pending | Unseen::OverCap | Unseen::OptedOut)) => return Err(why),
            survey => survey,
        };
        if let Err(why @ (Unseen::Pending | Unseen::OverCap)) = self.recipients(address) {
            return Err(why);
        }
        let secured = survey.is_ok_and(|survey| survey.tls.as_ref().is_some_and(|tls| Tls::secured(tls).is_ok()));
        if secured { self.tls_name(address).map(Some) } else { Ok(None) }
    }

    /// The order to deliver a message, once it is its turn: the clean one goes first, and the others only where it was
    /// taken.
    pub fn delivery_inquiry(&self, address: IpAddr, sample: Sample) -> Result<Inquiry, Unseen> {
        let grant = self.case.grant.as_ref().ok_or(Unseen::NeedsConsent)?;
        let host = self.active_host(address)?;
        if sample != Sample::Control && self.delivery(address, Sample::Control)?.1 != Fate::Taken {
            return Err(Unseen::NoControl);
        }
        let script = Script::Deliver {
            domain: self.domain().clone(),
            mailbox: grant.mailbox.clone(),
            sample,
            token: self.token(address, sample.name()),
        };
        Ok(Inquiry::Probe { address, port: SMTP, host, script })
    }

    /// What a server did with a message. A refusal of who sends it, or to whom, says nothing of what is in it.
    pub fn delivery(&self, address: IpAddr, sample: Sample) -> Result<(&'a SmtpSession, Fate), Unseen> {
        let session = self.conversation(self.delivery_inquiry(address, sample)?)?;
        for step in [Step::Mail(Purpose::Deliver), Step::Rcpt(Purpose::Deliver), Step::Data] {
            let (_, reply) = session.reply(step)?;
            if reply.code >= 400 {
                return Err(if reply.is_temporary() { Unseen::TryLater } else { Unseen::ClientRefused });
            }
        }
        match session.reply(Step::Message)? {
            (_, reply) if reply.is_positive() => Ok((session, Fate::Taken)),
            (_, reply) if reply.is_temporary() => Err(Unseen::TryLater),
            (_, Reply { code: 500.., .. }) => Ok((session, Fate::Refused)),
            _ => Err(Unseen::UnclearReply),
        }
    }

    /// What came at the address that a bounce of this message would come to.
    pub fn bounce_inquiry(&self, address: IpAddr, sample: Sample) -> Inquiry {
        Inquiry::Arrival { token: self.token(address, sample.name()) }
    }

    /// Did the message come back, though the server had taken it? Answers of people's mail programs, which also come
    /// from nobody, are no reports (RFC 3464 section 2).
    pub fn bounced(&self, address: IpAddr, sample: Sample) -> Result<bool, Unseen> {
        let evidence = self.evidence(&self.bounce_inquiry(address, sample))?;
        match (&evidence.answer, evidence.arrived()) {
            (Err(why), _) => Err(*why),
            (_, None) => Err(Unseen::Failed),
            (_, Some(arrival)) => Ok(arrival.is_some_and(|arrival| {
                arrival.sender.is_empty() && arrival.header.to_ascii_lowercase().contains("multipart/report")
            })),
        }
    }

    /// The names at which the operator of a mail host can opt out of the message with the code: the domain, the MX names, the
    /// address's own names.
    pub fn letter_names(&self, host: &Host) -> Result<Vec<DomainName>, Unseen> {
        let mut names = vec![self.domain().clone()];
        names.extend(host.names.iter().cloned());
        if let Err(why @ Unseen::Pending) = self.dns(&DomainName::reverse(host.address), RecordType::Ptr) {
            return Err(why);
        }
        names.extend(self.pointers(host.address).unwrap_or_default());
        Ok(names.iter().filter_map(consent::name).collect())
    }

    /// Did they? One no is enough; nobody is taken to have said nothing whose name was not answered.
    pub fn is_letter_forbidden(&self, host: &Host) -> Result<bool, Unseen> {
        let answers = self.letter_names(host)?.into_iter().map(|name| self.dns(&name, RecordType::Txt));
        let answers: Vec<_> = answers.collect();
        if answers.iter().flatten().any(|answer| consent::forbids(answer)) {
            return Ok(true);
        }
        answers.into_iter().find_map(Result::err).map_or(Ok(false), Err)
    }

    /// Was all seen that says where the domain's mail goes? A host of which nothing was heard may be the one that takes the
    /// message with the code.
    pub fn all_routes(&self) -> Result<(), Unseen> {
        self.route()?;
        self.targets().iter().try_for_each(|target| self.addresses(target).map(drop))
    }

    /// What the owner says.
    pub fn stated(&self, question: Question) -> Result<Choice, Unseen> {
        let evidence = self.evidence(&Inquiry::Owner { question })?;
        match &evidence.answer {
            Err(Unseen::OutOfTime) => Err(Unseen::NotStated),
            Err(why) => Err(*why),
            Ok(_) => evidence.stated().ok_or(Unseen::Failed),
        }
    }
}

/// The commands around a message, and the replies to them.
pub fn delivered(session: &SmtpSession) -> impl Iterator<Item = &Exchange> {
    session.exchanges.iter().filter(|exchange| {
        matches!(
            exchange.step,
            Step::Mail(Purpose::Deliver) | Step::Rcpt(Purpose::Deliver) | Step::Data | Step::Message
        )
    })
}
