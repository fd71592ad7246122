//! An old or weak offer behind STARTTLS, as octets; what the server answers; and no further.

use std::net::IpAddr;

use sha2::{Digest, Sha256};
use shared::DomainName;
use shared::api::Stage;
use shared::evidence::{Exchange, HelloAnswer, Offer, Step};

use super::Command;
use crate::Identity;
use crate::dialogue::{Event, REPLY_TIMEOUT, ms};
use crate::tls::hello::{Listener, client_hello};

/// The script that makes an offer.
#[derive(Debug)]
pub(super) struct Knock {
    helo: String,
    offer: Offer,
    random: [u8; 32],
    /// There once the offer was made.
    listener: Option<Listener>,
}

impl Knock {
    pub(super) fn new(offer: Offer, identity: &Identity, nonce: &str, peer: IpAddr) -> Self {
        // It only has to differ: no key is ever made of it.
        let random = Sha256::digest(format!("{nonce} {peer} {offer:?}")).into();
        Self { helo: identity.helo.clone(), offer, random, listener: None }
    }

    /// The name that we say in EHLO.
    pub(super) fn helo(&self) -> &str {
        &self.helo
    }

    pub(super) const fn offer(&self) -> Offer {
        self.offer
    }

    /// The commands before STARTTLS; none: QUIT.
    pub(super) fn next_commands(&self, exchanges: &[Exchange]) -> Vec<Command> {
        match exchanges.last().map(|exchange| exchange.step) {
            Some(Step::Greeting) => vec![(Step::Ehlo, format!("EHLO {}", self.helo))],
            _ => Vec::new(),
        }
    }

    /// Was the offer made?
    pub(super) const fn has_spoken(&self) -> bool {
        self.listener.is_some()
    }

    /// What to do once the server is ready: make the offer, then wait since then.
    pub(super) fn next(&mut self, host: &DomainName, since: &mut u64, now: u64) -> Event {
        if self.listener.is_some() {
            return Event::Wait { stage: Stage::Reply, until: *since + ms(REPLY_TIMEOUT) };
        }
        self.listener = Some(Listener::new(self.offer));
        *since = now;
        Event::Send { bytes: client_hello(self.offer, host, self.random), until: now + ms(REPLY_TIMEOUT) }
    }

    /// Takes what the server sent behind the offer; gives the answer once it is whole.
    pub(super) fn received(&mut self, bytes: &[u8]) -> Option<HelloAnswer> {
        self.listener.as_mut()?.take(bytes)
    }
}
