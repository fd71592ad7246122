//! One MAIL, one RCPT, and where both are taken and a message is to be sent, DATA and the message.

use std::net::IpAddr;

use shared::DomainName;
use shared::evidence::{Exchange, Purpose, Step, Variant};
use shared::inquiry::Script;

use super::super::recipients::server_name;
use super::super::variant::{Names, Paths};
use super::super::{Command, last_code};
use super::letter::Letter;
use crate::Identity;

/// One transaction.
#[derive(Debug)]
pub(in crate::smtp) struct Transaction {
    identity: Identity,
    names: Names,
    domain: DomainName,
    peer: IpAddr,
    what: What,
}

#[derive(Debug)]
enum What {
    /// To a one-time address of ours, in the shape of a variant.
    Proof(Variant, String),
    /// To the named mailbox, with what looks like an end in it.
    Smuggling(String, String),
    /// To the named mailbox, and no message.
    Gateway(String),
}

impl Transaction {
    /// That of a script, if it has one.
    pub(super) fn of(script: &Script, mut names: Names, identity: &Identity, peer: IpAddr) -> Option<Self> {
        let (domain, what) = match script {
            Script::RelayProof { domain, sink, variant, token } => {
                names.foreign = (token.as_str().to_owned(), sink.to_string());
                (domain, What::Proof(variant.unwrap_or(Variant::Plain), token.as_str().to_owned()))
            }
            Script::Smuggling { domain, mailbox, token } => {
                (domain, What::Smuggling(format!("{}@{domain}", mailbox.as_str()), token.as_str().to_owned()))
            }
            Script::Gateway { domain, mailbox } => (domain, What::Gateway(format!("{}@{domain}", mailbox.as_str()))),
            _ => return None,
        };
        Some(Self { identity: identity.clone(), names, domain: domain.clone(), peer, what })
    }

    pub(super) fn helo(&self) -> &str {
        &self.identity.helo
    }

    pub(super) const fn may_split(&self) -> bool {
        matches!(self.what, What::Smuggling(..))
    }

    pub(super) fn next(&self, last: Step, exchanges: &[Exchange], now: u64) -> Option<Command> {
        let (from, to) = self.paths(exchanges)?;
        let purpose = match &self.what {
            What::Proof(variant, _) => Purpose::Proof(*variant),
            What::Smuggling(..) | What::Gateway(_) => Purpose::Stranger,
        };
        let taken = last_code(exchanges) < 400;
        match last {
            Step::Ehlo | Step::Helo => Some((Step::Mail(purpose), format!("MAIL FROM:<{from}>"))),
            Step::Mail(_) if taken => Some((Step::Rcpt(purpose), format!("RCPT TO:<{to}>"))),
            Step::Rcpt(_) if taken && matches!(self.what, What::Gateway(_)) => Some((Step::Rset, "RSET".to_owned())),
            Step::Rcpt(_) if taken => Some((Step::Data, "DATA".to_owned())),
            Step::Data if last_code(exchanges) == 354 => Some((Step::Message, self.message(now)?)),
            _ => None,
        }
    }

    /// None where the shape needs the server's name, and it gave none.
    fn paths(&self, exchanges: &[Exchange]) -> Option<Paths> {
        match &self.what {
            What::Proof(variant, _) => self.names.paths(Purpose::Relay(*variant), server_name(exchanges).as_deref()),
            What::Smuggling(to, _) | What::Gateway(to) => Some((self.identity.sender.clone(), to.clone())),
        }
    }

    fn message(&self, now: u64) -> Option<String> {
        let letter = |to, id| Letter { identity: &self.identity, to, domain: &self.domain, id, now };
        match &self.what {
            What::Proof(_, token) => {
                let (local, at) = &self.names.foreign;
                Some(letter(&format!("{local}@{at}"), token).relay(&self.peer.to_string()))
            }
            What::Smuggling(to, token) => Some(letter(to, token).smuggling()),
            What::Gateway(_) => None,
        }
    }
}
