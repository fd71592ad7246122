//! Delivers one message. Told apart is where it is refused: before the server has seen it, or for what is in it.

use shared::DomainName;
use shared::evidence::{Exchange, Purpose, Step};
use shared::grant::{Sample, Token};
use shared::local_part::LocalPart;

use super::Command;
use crate::Identity;
use crate::letter::{self, Envelope, bounce_address};

/// A message and its envelope.
#[derive(Debug)]
pub(super) struct Deliver {
    helo: String,
    from: String,
    to: String,
    message: Vec<u8>,
}

impl Deliver {
    pub(super) fn new(
        (domain, mailbox): (&DomainName, &LocalPart),
        sample: Sample,
        token: &Token,
        identity: &Identity,
    ) -> Self {
        let site = identity.sender.rsplit('@').next().unwrap_or_default();
        let envelope = Envelope {
            author: identity.sender.clone(),
            site: site.to_owned(),
            domain: domain.clone(),
            mailbox: mailbox.clone(),
            token: token.clone(),
        };
        Self {
            helo: identity.helo.clone(),
            from: bounce_address(token, site),
            to: format!("{}@{domain}", mailbox.as_str()),
            message: letter::message(&envelope, sample, &identity.letter),
        }
    }

    /// The name that we say in EHLO.
    pub(super) fn helo(&self) -> &str {
        &self.helo
    }

    /// What goes over the wire behind DATA.
    pub(super) fn wire(&self) -> Vec<u8> {
        letter::stuffed(&self.message)
    }

    /// The next command; none: QUIT. Commands go one at a time, so that DATA is never sent where a recipient was refused.
    pub(super) fn next(&self, exchanges: &[Exchange]) -> Vec<Command> {
        let Some(last) = exchanges.last() else { return Vec::new() };
        let code = last.reply.as_ref().map_or(0, |reply| reply.code);
        let next = match (last.step, code) {
            (Step::Greeting, _) => (Step::Ehlo, format!("EHLO {}", self.helo)),
            (Step::Ehlo, 500..) => (Step::Helo, format!("HELO {}", self.helo)),
            (Step::Ehlo | Step::Helo, _) => (Step::Mail(Purpose::Deliver), format!("MAIL FROM:<{}>", self.from)),
            (Step::StartTls, _) => (Step::Mail(Purpose::Deliver), format!("MAIL FROM:<{}>", self.from)),
            (Step::Mail(_), ..=399) => (Step::Rcpt(Purpose::Deliver), format!("RCPT TO:<{}>", self.to)),
            (Step::Rcpt(_), ..=399) => (Step::Data, "DATA".to_owned()),
            (Step::Data, 354) => (Step::Message, format!("({} octets and a dot)", self.message.len())),
            _ => return Vec::new(),
        };
        vec![next]
    }
}
