//! How many recipients one message may have: the role names of the domain, each of them again and again, up to one more than every
//! server must take (RFC 5321 section 4.5.3.1.8). No message follows.

use shared::DomainName;
use shared::evidence::{Exchange, Purpose, Reply, Step};
use shared::syntax::ehlo;
use shared::syntax::refusal::too_many_recipients;

use super::super::Command;
use crate::Identity;

/// So many are asked to be taken.
const RECIPIENTS: usize = 101;

/// So many travel together where that is allowed: as many may be refused at the limit.
const FLIGHT: usize = 5;

/// RFC 2142, and RFC 5321 section 4.5.1.
const ROLES: [&str; 6] = ["postmaster", "abuse", "hostmaster", "webmaster", "security", "noc"];

/// One transaction with many recipients.
#[derive(Debug)]
pub(in crate::smtp) struct Many {
    helo: String,
    sender: String,
    domain: DomainName,
}

impl Many {
    pub(super) fn new(domain: &DomainName, identity: &Identity) -> Self {
        Self { helo: identity.helo.clone(), sender: identity.sender.clone(), domain: domain.clone() }
    }

    pub(super) fn helo(&self) -> &str {
        &self.helo
    }

    pub(super) fn next(&self, last: Step, exchanges: &[Exchange]) -> Vec<Command> {
        match last {
            Step::Ehlo | Step::Helo => {
                vec![(Step::Mail(Purpose::Nth(0)), format!("MAIL FROM:<{}>", self.sender))]
            }
            Step::Mail(_) | Step::Rcpt(_) => self.rcpts(exchanges),
            _ => Vec::new(),
        }
    }

    fn rcpts(&self, exchanges: &[Exchange]) -> Vec<Command> {
        if exchanges.iter().any(|e| matches!(e.step, Step::Mail(_)) && !welcome(e.reply.as_ref())) {
            return Vec::new();
        }
        let asked: Vec<&Exchange> = exchanges.iter().filter(|e| matches!(e.step, Step::Rcpt(_))).collect();
        let taken = asked.iter().filter(|e| welcome(e.reply.as_ref())).count();
        // A name that was taken once is refused for no other reason than the number.
        let full = asked.iter().enumerate().any(|(index, e)| {
            !welcome(e.reply.as_ref()) && (index >= ROLES.len() || e.reply.as_ref().is_some_and(too_many_recipients))
        });
        let names: Vec<&str> = if asked.len() < ROLES.len() {
            ROLES.iter().skip(asked.len()).copied().collect()
        } else {
            let first = ROLES.iter().zip(&asked);
            let takers: Vec<&str> = first.filter(|(_, e)| welcome(e.reply.as_ref())).map(|(name, _)| *name).collect();
            takers.iter().copied().cycle().skip(taken).take(RECIPIENTS.saturating_sub(taken)).collect()
        };
        if full || names.is_empty() {
            return vec![(Step::Rset, "RSET".to_owned())];
        }
        let together = if pipelining(exchanges) { FLIGHT } else { 1 };
        let numbered = names.into_iter().take(together).zip(asked.len()..);
        numbered
            .filter_map(|(name, index)| {
                let nth = Purpose::Nth(u8::try_from(index).ok()?);
                Some((Step::Rcpt(nth), format!("RCPT TO:<{name}@{}>", self.domain)))
            })
            .collect()
    }
}

fn welcome(reply: Option<&Reply>) -> bool {
    reply.is_some_and(|reply| reply.code < 400)
}

fn pipelining(exchanges: &[Exchange]) -> bool {
    super::super::ehlo(exchanges).is_some_and(|reply| ehlo::has(reply, "PIPELINING"))
}
