//! An old or weak offer of TLS, as octets; what the server answers; and no further. Behind STARTTLS it is part of a
//! dialogue, on a port that starts in TLS it is all of it.

use std::net::IpAddr;
use std::time::Duration;

use sha2::{Digest, Sha256};
use shared::api::Stage;
use shared::evidence::{Handshake, Hello, HelloAnswer, Offer, TlsFault};
use shared::{DomainName, Unseen};

use crate::dialogue::{Event, REPLY_TIMEOUT, ms};
use crate::tls::hello::{Listener, client_hello};

/// The offer and its answer.
#[derive(Debug)]
pub(crate) struct Knock {
    offer: Offer,
    random: [u8; 32],
    /// There once the offer was made.
    listener: Option<Listener>,
}

impl Knock {
    pub(crate) fn new(offer: Offer, nonce: &str, peer: IpAddr) -> Self {
        // It only has to differ: no key is ever made of it.
        let random = Sha256::digest(format!("{nonce} {peer} {offer:?}")).into();
        Self { offer, random, listener: None }
    }

    /// Was the offer made?
    pub(crate) const fn has_spoken(&self) -> bool {
        self.listener.is_some()
    }

    /// What to do once the server is ready: make the offer, then wait since then.
    pub(crate) fn next(&mut self, host: &DomainName, since: &mut u64, now: u64) -> Event {
        if self.listener.is_some() {
            return Event::Wait { stage: Stage::Reply, until: *since + ms(REPLY_TIMEOUT) };
        }
        self.listener = Some(Listener::new(self.offer));
        *since = now;
        Event::Send { bytes: client_hello(self.offer, host, self.random), until: now + ms(REPLY_TIMEOUT) }
    }

    /// Takes what the server sent behind the offer; gives the answer once it is whole.
    pub(crate) fn received(&mut self, bytes: &[u8]) -> Option<HelloAnswer> {
        self.listener.as_mut()?.take(bytes)
    }

    /// The offer with its answer.
    pub(crate) fn hello(&self, answer: HelloAnswer, since: u64, now: u64) -> Hello {
        Hello { offer: self.offer, took: u32::try_from(now.saturating_sub(since)).unwrap_or(u32::MAX), answer }
    }
}

/// How long such a conversation may take: a write and an answer.
const TIMEOUT: Duration = Duration::from_secs(40);

/// The conversation on a port that starts in TLS.
#[derive(Debug)]
pub struct Dialogue {
    knock: Knock,
    host: Option<DomainName>,
    hello: Option<Hello>,
    since: u64,
    /// Known from the first event on.
    deadline: Option<u64>,
    latest: u64,
}

impl Dialogue {
    pub(crate) const fn new(knock: Knock) -> Self {
        Self { knock, host: None, hello: None, since: 0, deadline: None, latest: u64::MAX }
    }

    pub(crate) fn until(mut self, latest: u64) -> Self {
        self.latest = latest;
        self
    }

    /// The name that is asked for.
    pub(crate) fn at(mut self, host: Option<DomainName>) -> Self {
        self.host = host;
        self
    }

    fn heard(&mut self, answer: Option<HelloAnswer>, now: u64) {
        if let (Some(answer), None) = (answer, &self.hello) {
            self.hello = Some(self.knock.hello(answer, self.since, now));
        }
    }
}

impl crate::dialogue::Dialogue for Dialogue {
    type Session = Hello;

    fn next(&mut self, now: u64) -> Event {
        let deadline = *self.deadline.get_or_insert((now + ms(TIMEOUT)).min(self.latest));
        match &self.host {
            Some(host) if self.hello.is_none() => self.knock.next(host, &mut self.since, now).by(deadline.max(now)),
            _ => Event::Done,
        }
    }

    fn received(&mut self, bytes: &[u8], now: u64) {
        let answer = self.knock.received(bytes);
        self.heard(answer, now);
    }

    fn secured(&mut self, _outcome: Handshake, _now: u64) {}

    fn timed_out(&mut self, now: u64) {
        self.heard(Some(HelloAnswer::Failed(TlsFault::Timeout)), now);
    }

    fn ended(&mut self, _why: Unseen) {
        self.heard(Some(HelloAnswer::Failed(TlsFault::Closed)), self.since);
    }

    fn finish(self) -> Result<Hello, Unseen> {
        self.hello.ok_or(Unseen::NotAsked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::Dialogue as _;

    const NOW: u64 = 1_000_000;

    /// One message goes out at once, and its answer is all; without one it is told why.
    #[test]
    fn offers_on_ports_of_tls() {
        let alert = &[21, 3, 2, 0, 2, 2, 70][..];
        let refused = HelloAnswer::Alert { version: 0x0302, level: 2, description: 70 };
        let rows: &[(&[&[u8]], bool, HelloAnswer)] = &[
            (&[alert], true, refused.clone()),
            (&[&alert[..3], &alert[3..]], true, refused),
            (&[&alert[..3]], true, HelloAnswer::Failed(TlsFault::Closed)),
            (&[b"* OK IMAP here\r\n"], true, HelloAnswer::Failed(TlsFault::NotTls)),
            (&[], true, HelloAnswer::Failed(TlsFault::Closed)),
            (&[], false, HelloAnswer::Failed(TlsFault::Timeout)),
        ];
        for (server, closes, want) in rows {
            let host = DomainName::new("imap.h.test").ok();
            let mut dialogue = Dialogue::new(Knock::new(Offer::Old, "n", [192, 0, 2, 1].into())).at(host);
            let (mut coming, mut sent, mut now) = (server.iter(), Vec::new(), NOW);
            loop {
                match dialogue.next(now) {
                    Event::Send { bytes, .. } => sent.push(bytes),
                    Event::Wait { until, .. } => match coming.next() {
                        Some(bytes) => dialogue.received(bytes, now),
                        None if *closes => dialogue.ended(Unseen::Closed),
                        None => {
                            assert_eq!(until, NOW + 30_000);
                            now = until;
                            dialogue.timed_out(now);
                        }
                    },
                    Event::StartTls { .. } => panic!("nobody goes on from there"),
                    Event::Done => break,
                }
            }
            assert!(matches!(sent.as_slice(), [hello] if hello.starts_with(&[22, 3, 1])), "{sent:?}");
            let hello = dialogue.finish().unwrap();
            let took = if *closes { 0 } else { 30_000 };
            assert_eq!((hello.offer, hello.took, &hello.answer), (Offer::Old, took, want));
        }
        let mut nameless = Dialogue::new(Knock::new(Offer::Old, "n", [192, 0, 2, 1].into()));
        assert_eq!(nameless.next(NOW), Event::Done);
        assert_eq!(nameless.finish(), Err(Unseen::NotAsked));
    }
}
