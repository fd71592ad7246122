//! Protocol engines for whoever holds a byte stream: the Worker and the terminal.
//!
//! - [`dns`] builds and reads DNS messages; the driver carries them over UDP, TCP or HTTPS.
//! - [`dialogue`] is what a conversation is to its driver; it does no I/O.
//! - [`smtp`] says what is sent to a mail server and reads what comes back.
//! - [`lines`] does the same for IMAP, POP3 and ManageSieve.
//! - [`letter`] composes the messages of active tests, for whoever consented.
//! - [`tls`] is a TLS client that accepts everything and remembers it.
//! - [`knock`] makes an old or weak offer of TLS.
//! - [`egress`] asks a proxy for a connection, where port 25 is closed to us.
//! - [`arrival`] signs what a receiving host of ours tells the site.
//! - [`dkim`] checks signatures of messages that came to us, and chains of ARC; [`testfile`] finds the harmless file in one.
//! - [`pem`] says what a certificate in a fetched document says.
//! - [`rest`] says how long what was heard answers again.
//! - [`session`] runs a dialogue over any stream, with a deadline on every step.
//!
//! Invariants: nothing here opens a connection or reads a clock, and only [`tls`] draws random
//! numbers (for its keys); only [`smtp`]'s scripts for a granted address send DATA; every buffer has a cap; a peer's bytes cannot
//! make anything panic.

pub mod arrival;
pub mod dialogue;
pub mod dkim;
pub mod dns;
pub mod egress;
pub mod knock;
pub mod letter;
pub mod lines;
mod ntlm;
pub mod pem;
pub mod rest;
pub mod session;
pub mod smtp;
pub mod testfile;
pub mod tls;

use std::future::Future;
use std::time::Duration;

use shared::DomainName;

/// The driver's clock.
pub trait Clock {
    /// Milliseconds since 1970. Must not run backwards during a session.
    fn now(&self) -> u64;

    /// Ends after `for_`.
    fn sleep(&self, for_: Duration) -> impl Future<Output = ()>;
}

/// Who we say we are. The domain must be one that takes bounces, or servers refuse us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The EHLO name, `probe.<domain>`.
    pub helo: String,
    /// The sender, `probe@<domain>`: "F" of the catalogue.
    pub sender: String,
    /// The foreign recipient, `relaytest@<domain>`: "T@D" of the catalogue.
    pub foreign: String,
    /// What is put into messages, where any are sent.
    pub letter: letter::Letter,
}

impl Identity {
    /// The identity at a domain of the driver's own.
    pub fn at(domain: &DomainName) -> Self {
        Self {
            helo: format!("probe.{domain}"),
            sender: format!("probe@{domain}"),
            foreign: format!("relaytest@{domain}"),
            letter: letter::Letter::default(),
        }
    }
}
