//! Conversations that a domain's owner has asked for: proofs of a relay, limits, what ends a message. Each is bounded as the
//! catalogue says, whatever the server answers, and none goes on where the server says no.
//!
//! - [`transaction`] is one MAIL and RCPT, with a message behind it where one is to be sent.
//! - [`many`] is one MAIL with up to 101 recipients, and no message.
//! - [`letter`] is what the messages say.
//! - Here: bad commands, a long line, and a connection that is only held.

mod letter;
mod many;
#[cfg(test)]
mod tests;
mod transaction;

use std::net::IpAddr;

use shared::evidence::{Exchange, Step};
use shared::inquiry::Script;

use super::{Command, last_code, variant};
use crate::Identity;
pub(super) use many::Many;
pub(super) use transaction::Transaction;

/// How many bad commands are sent at most. Postfix hangs up after 20.
const BAD_MAX: usize = 25;

/// The length of the long line with its end, in octets. RFC 5321 section 4.5.3.1.4 says 512.
const LONG_LINE: usize = 4_000;

/// A conversation by consent.
#[derive(Debug)]
pub(super) enum Trial {
    /// One MAIL and RCPT.
    Transaction(Box<Transaction>),
    /// One MAIL and many RCPT.
    Many(Box<Many>),
    /// Commands that do not exist.
    Errors(String),
    /// A line that is longer than lines may be.
    LongLine(String),
    /// Nothing: the connection is held beside others.
    Held(String),
}

impl Trial {
    /// That of a script, if it is one.
    pub(super) fn of(script: &Script, identity: &Identity, nonce: &str, peer: IpAddr) -> Option<Self> {
        let helo = || identity.helo.clone();
        Some(match script {
            Script::RecipientLimit { domain } => Self::Many(Box::new(Many::new(domain, identity))),
            Script::ErrorLimit => Self::Errors(helo()),
            Script::LineLimit => Self::LongLine(helo()),
            Script::ConnectionLimit => Self::Held(helo()),
            Script::RelayProof { domain, .. } | Script::Smuggling { domain, .. } | Script::Gateway { domain, .. } => {
                let names = variant::Names::new(domain, identity, nonce, peer);
                Self::Transaction(Box::new(Transaction::of(script, names, identity, peer)?))
            }
            _ => return None,
        })
    }

    /// The name that we say in EHLO.
    pub(super) fn helo(&self) -> &str {
        match self {
            Self::Transaction(transaction) => transaction.helo(),
            Self::Many(many) => many.helo(),
            Self::Errors(helo) | Self::LongLine(helo) | Self::Held(helo) => helo,
        }
    }

    /// The commands that follow what was said so far; none: QUIT. `now` is in milliseconds since 1970.
    pub(super) fn next(&self, exchanges: &[Exchange], now: u64) -> Vec<Command> {
        let helo = self.helo();
        match exchanges.last().map(|last| last.step) {
            None => Vec::new(),
            Some(Step::Greeting) => vec![(Step::Ehlo, format!("EHLO {helo}"))],
            Some(Step::Ehlo) if last_code(exchanges) != 250 => vec![(Step::Helo, format!("HELO {helo}"))],
            Some(last) => match self {
                Self::Transaction(transaction) => transaction.next(last, exchanges, now).into_iter().collect(),
                Self::Many(many) => many.next(last, exchanges),
                Self::Errors(_) => {
                    let sent = exchanges.iter().filter(|exchange| exchange.step == Step::Bad).count();
                    (sent..BAD_MAX).take(1).map(|_| (Step::Bad, "XMAILSINS".to_owned())).collect()
                }
                Self::LongLine(_) => long_line(last).into_iter().collect(),
                Self::Held(_) => Vec::new(),
            },
        }
    }

    /// May a message have ended where only something like an end stood?
    pub(super) fn may_split(&self) -> bool {
        matches!(self, Self::Transaction(transaction) if transaction.may_split())
    }
}

/// NOOP may have an argument (RFC 5321 section 4.1.1.9). The plain one behind it shows whether the server still knows where
/// it is.
fn long_line(last: Step) -> Option<Command> {
    match last {
        Step::LongLine => Some((Step::Noop, "NOOP".to_owned())),
        Step::Noop => None,
        _ => Some((Step::LongLine, format!("NOOP {}", "x".repeat(LONG_LINE - "NOOP \r\n".len())))),
    }
}
