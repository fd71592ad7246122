//! What was tried by consent beside the messages: proofs of a relay, limits, the way past a filter.

use std::net::IpAddr;

use super::{Facts, Host, SMTP, Source};
use crate::evidence::{Arrival, Purpose, SmtpSession, Step, Variant, Weight};
use crate::grant::Token;
use crate::inquiry::Script;
use crate::net::is_admitted;
use crate::syntax::consent::Word;
use crate::syntax::gateway;
use crate::syntax::refusal::{Refusal, refusal};
use crate::{DomainName, Inquiry, Unseen};

/// At most so many variants are proved at a host.
const PROOFS_MAX: usize = 12;

/// What came of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof<'a> {
    /// The message came to our receiving host.
    Arrived(&'a Arrival),
    /// The server refused it after all.
    Refused,
    /// The server took it, and nothing came.
    Lost,
}

/// A limit that is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trial {
    /// How many recipients.
    Recipients,
    /// A long line.
    Line,
    /// Five connections at once.
    Connections,
    /// Bad commands.
    Errors,
}

impl<'a> Facts<'a> {
    /// The domain of our receiving host.
    pub fn sink(&self) -> Result<&'a DomainName, Unseen> {
        let grant = self.case.grant.as_ref().ok_or(Unseen::NeedsConsent)?;
        grant.sink.as_ref().ok_or(Unseen::NoSink)
    }

    /// The message that goes straight to our receiving host: what does not come otherwise says something only if this one does.
    pub fn sink_inquiry(&self) -> Result<Inquiry, Unseen> {
        let sink = self.sink()?;
        self.dns(sink, crate::inquiry::RecordType::Mx)?;
        let target = self.targets_of(sink).into_iter().next().ok_or(Unseen::SinkDown)?;
        let mut addresses = self.addresses(&target)?.into_iter();
        let address =
            addresses.find(|address| is_admitted(*address, self.case.admit_private)).ok_or(Unseen::SinkDown)?;
        Ok(self.proving(address, None, sink, None))
    }

    /// Whether that one arrived.
    pub fn sink_arrival(&self) -> Inquiry {
        Inquiry::Arrival { token: self.proof_token(None) }
    }

    fn proof_token(&self, of: Option<(IpAddr, Variant)>) -> Token {
        match of {
            None => Token::of(&self.case.nonce, "sink"),
            Some((address, variant)) => {
                let nth = Variant::ALL.iter().position(|other| *other == variant).unwrap_or_default();
                self.token(address, &format!("relay {nth}"))
            }
        }
    }

    fn proving(
        &self,
        address: IpAddr,
        host: Option<DomainName>,
        sink: &DomainName,
        variant: Option<Variant>,
    ) -> Inquiry {
        let script = Script::RelayProof {
            domain: self.domain().clone(),
            sink: sink.clone(),
            variant,
            token: self.proof_token(variant.map(|variant| (address, variant))),
        };
        Inquiry::Probe { address, port: SMTP, host, script }
    }

    /// The message through a server, once our receiving host is known to receive, and to be no host of that server's own.
    pub fn proof_inquiry(&self, host: &Host, variant: Variant) -> Result<Inquiry, Unseen> {
        let sink = self.sink()?;
        if self.serves(sink, host)? {
            return Err(Unseen::OwnRecipient);
        }
        if self.evidence(&self.sink_inquiry()?)?.answer.is_err() {
            return Err(Unseen::SinkDown);
        }
        match self.arrival(&self.sink_arrival())? {
            Some(_) => Ok(self.proving(host.address, self.active_host(host.address)?, sink, Some(variant))),
            None => Err(Unseen::SinkDown),
        }
    }

    /// Whether the message through that server arrived.
    pub fn proof_arrival(&self, address: IpAddr, variant: Variant) -> Inquiry {
        Inquiry::Arrival { token: self.proof_token(Some((address, variant))) }
    }

    /// What came of it.
    pub fn proof(&self, host: &Host, variant: Variant) -> Result<(&'a SmtpSession, Proof<'a>), Unseen> {
        let session = self.conversation(self.proof_inquiry(host, variant)?)?;
        let purpose = Purpose::Proof(variant);
        for step in [Step::Mail(purpose), Step::Rcpt(purpose), Step::Data, Step::Message] {
            let (_, reply) = session.reply(step)?;
            if reply.code >= 400 {
                return if reply.is_temporary() { Err(Unseen::TryLater) } else { Ok((session, Proof::Refused)) };
            }
        }
        let arrival = self.arrival(&self.proof_arrival(host.address, variant))?;
        Ok((session, arrival.map_or(Proof::Lost, Proof::Arrived)))
    }

    fn arrival(&self, inquiry: &Inquiry) -> Result<Option<&'a Arrival>, Unseen> {
        let evidence = self.evidence(inquiry)?;
        match &evidence.answer {
            Err(why) => Err(*why),
            Ok(_) => evidence.arrived().ok_or(Unseen::Failed),
        }
    }

    /// The conversations about ways to relay, those by consent last.
    pub fn relay_sessions(&self, address: IpAddr) -> Vec<&'a SmtpSession> {
        let halves = [false, true].map(|rest| self.variants_inquiry(address, rest).and_then(|i| self.conversation(i)));
        self.recipients(address).into_iter().chain(halves.into_iter().flatten()).collect()
    }

    /// Why some of the ways to relay were not asked for, if that is so. Those that want the server's name may have no form of their own, and
    /// forms that are worth a note at most are no loss: Exim hangs up when it has had enough of them.
    pub fn unasked_ways(&self, address: IpAddr) -> Option<Unseen> {
        let sessions = self.relay_sessions(address);
        let answered = |variant: Variant| {
            let refused = |session: &&SmtpSession| {
                session.reply(Step::Mail(Purpose::Relay(variant))).is_ok_and(|(_, reply)| reply.code >= 400)
            };
            let said = |session: &&SmtpSession| session.reply(Step::Rcpt(Purpose::Relay(variant))).is_ok();
            sessions.iter().any(|session| refused(session) || said(session))
        };
        let named = [Variant::ServerSender, Variant::PercentServer, Variant::RouteServer, Variant::DoubleAt];
        let matters = |variant: &Variant| variant.weight() != Weight::Note && !named.contains(variant);
        let whole = Variant::ALL.into_iter().filter(matters).all(answered);
        [false, true].into_iter().find_map(|rest| {
            match self.variants_inquiry(address, rest).and_then(|inquiry| self.conversation(inquiry)) {
                Err(why) => Some(why),
                // A server that hangs up behind the last of them has told all.
                Ok(session) => session.broke.filter(|_| !whole),
            }
        })
    }

    /// The question for one half of the variants that the courtesy budget leaves out.
    pub fn variants_inquiry(&self, address: IpAddr, rest: bool) -> Result<Inquiry, Unseen> {
        if !self.is_granted(Word::Relay) {
            return Err(Unseen::NeedsConsent);
        }
        let script = Script::RelayVariants { domain: self.domain().clone(), rest };
        Ok(Inquiry::Probe { address, port: SMTP, host: self.active_host(address)?, script })
    }

    /// The variants that a host is suspected to relay by, the plain ones first. A host that takes every plain recipient is asked
    /// as well: only a message shows what it does with it.
    pub fn suspects(&self, address: IpAddr) -> Vec<Variant> {
        let sessions = self.relay_sessions(address);
        let suspicious = |variant: &Variant| {
            sessions.iter().any(|session| {
                let taken = session.reply(Step::Rcpt(Purpose::Relay(*variant))).is_ok_and(|(_, r)| r.is_positive());
                let control = || session.reply(Step::Rcpt(Purpose::RelayControl(*variant)));
                let refused =
                    || control().is_ok_and(|(_, r)| matches!(refusal(r), Refusal::Recipient | Refusal::Relaying));
                taken && (variant.weight() == Weight::Plain || refused())
            })
        };
        // They come by weight.
        let mut found: Vec<Variant> = Variant::ALL.into_iter().filter(suspicious).collect();
        found.truncate(PROOFS_MAX);
        found
    }

    /// Was every suspicion of a relay there put to the proof, and did none hold?
    pub fn is_cleared(&self, host: &Host) -> bool {
        let suspects = self.suspects(host.address);
        let kept = |variant: &Variant| {
            self.proof(host, *variant).is_ok_and(|(_, proof)| matches!(proof, Proof::Refused | Proof::Lost))
        };
        self.is_granted(Word::Relay) && (1..PROOFS_MAX).contains(&suspects.len()) && suspects.iter().all(kept)
    }

    /// The question for a limit, once it is that host's turn.
    pub fn trial_inquiry(&self, address: IpAddr, trial: Trial) -> Result<Inquiry, Unseen> {
        if !self.is_granted(Word::Limits) {
            return Err(Unseen::NeedsConsent);
        }
        let secured = self.active_host(address)?;
        let (host, script) = match trial {
            Trial::Recipients => (secured, Script::RecipientLimit { domain: self.domain().clone() }),
            // Where a login or TLS is wanted first makes no difference to these.
            Trial::Line => (None, Script::LineLimit),
            Trial::Connections => (None, Script::ConnectionLimit),
            Trial::Errors => (None, Script::ErrorLimit),
        };
        Ok(Inquiry::Probe { address, port: SMTP, host, script })
    }

    /// What came of it.
    pub fn trial(&self, address: IpAddr, trial: Trial) -> Result<&'a SmtpSession, Unseen> {
        self.conversation(self.trial_inquiry(address, trial)?)
    }

    /// The question what a server takes for the end of a message.
    pub fn smuggling_inquiry(&self, address: IpAddr) -> Result<Inquiry, Unseen> {
        let grant = self.case.grant.as_ref().filter(|grant| grant.allows(Word::Limits));
        let script = Script::Smuggling {
            domain: self.domain().clone(),
            mailbox: grant.ok_or(Unseen::NeedsConsent)?.mailbox.clone(),
            token: self.token(address, "end of a message"),
        };
        Ok(Inquiry::Probe { address, port: SMTP, host: self.active_host(address)?, script })
    }

    /// What came of it.
    pub fn smuggling(&self, address: IpAddr) -> Result<&'a SmtpSession, Unseen> {
        self.conversation(self.smuggling_inquiry(address)?)
    }

    /// Does the domain's mail go through a known filter?
    pub fn is_filtered(&self) -> bool {
        let greets = |host: &Host| {
            let greeting = self.survey(host.address, SMTP).ok().and_then(|session| session.step(Step::Greeting));
            let text = greeting.and_then(|greeting| greeting.reply.as_ref()).map(|reply| reply.lines.join(" "));
            text.is_some_and(|text| gateway::of_text(&text).is_some())
        };
        self.targets().iter().any(|target| gateway::of_name(target.as_str()).is_some())
            || self.hosts().0.iter().any(greets)
    }

    /// The name of the domain's own host at Microsoft 365, if it is a tenant there: dots become hyphens. Names with hyphens
    /// of their own get others, which nobody can guess.
    pub fn tenant_host(&self) -> Option<DomainName> {
        const PROVIDER: &str = "mail.protection.outlook.com";
        let plain = !self.domain().as_str().contains('-');
        let at_provider = |target: &DomainName| target.as_str().ends_with(PROVIDER);
        let wanted = plain && self.is_filtered() && !self.targets().iter().any(at_provider);
        wanted.then(|| DomainName::new(&format!("{}.{PROVIDER}", self.domain().as_str().replace('.', "-"))).ok())?
    }

    /// The hosts behind the filter: those that somebody named, and the tenant's own at its provider.
    pub fn backends(&self) -> Vec<Host> {
        if !self.is_granted(Word::Limits) || !self.is_filtered() {
            return Vec::new();
        }
        let named = self.clients().0.iter().filter(|client| client.source == Source::Named);
        let mut hosts: Vec<Host> = named.map(|client| client.host.clone()).collect();
        if let Some(name) = self.tenant_host() {
            let addresses = self.addresses(&name).unwrap_or_default().into_iter();
            let admitted = addresses.filter(|address| is_admitted(*address, self.case.admit_private));
            // They are all alike.
            hosts.extend(admitted.take(1).map(|address| Host { names: vec![name.clone()], address }));
        }
        let exchangers = self.hosts().0;
        hosts.retain(|host| !exchangers.iter().any(|exchanger| exchanger.address == host.address));
        hosts
    }

    /// The question whether it takes mail from strangers.
    pub fn gateway_inquiry(&self, host: &Host) -> Result<Inquiry, Unseen> {
        let grant = self.case.grant.as_ref().ok_or(Unseen::NeedsConsent)?;
        let script = Script::Gateway { domain: self.domain().clone(), mailbox: grant.mailbox.clone() };
        Ok(Inquiry::Probe { address: host.address, port: SMTP, host: host.names.first().cloned(), script })
    }

    /// What came of it.
    pub fn past_gateway(&self, host: &Host) -> Result<&'a SmtpSession, Unseen> {
        self.conversation(self.gateway_inquiry(host)?)
    }
}
