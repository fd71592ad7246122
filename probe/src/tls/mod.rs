//! TLS as a client that accepts everything and remembers it: what was agreed on, which certificates
//! came, whether the server holds their key. What that is worth is judged elsewhere.
//!
//! [`Tls`] does no I/O; [`handshake`] does the first part of it over a stream.

mod certificate;
mod chain;
mod client;
pub(crate) mod hello;
pub(crate) use client::algorithms as signature_algorithms;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use rustls::{AlertDescription, ClientConnection, Error, InvalidMessage};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use shared::evidence::{Handshake, Secured, TlsFault};
use shared::{DomainName, Unseen};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::Clock;
use crate::session::within;
use client::{Recorder, recorder_of};

/// The most octets that a handshake may take: far more than the largest chain.
const HANDSHAKE_MAX: usize = 256 * 1024;

/// The most octets that are read in the whole connection, with TLS's own.
const CONNECTION_MAX: usize = 1024 * 1024;

/// Authorities to trust besides the widely trusted ones.
#[derive(Clone, Debug, Default)]
pub struct Authorities(Vec<CertificateDer<'static>>);

impl Authorities {
    /// The certificates in a PEM text; what is no certificate is passed over.
    pub fn from_pem(pem: &[u8]) -> Self {
        Self(CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect())
    }
}

/// The inside of a connection, without I/O.
pub struct Tls {
    connection: ClientConnection,
    recorder: Arc<Recorder>,
    received: usize,
    /// What came inside together with the end of the handshake.
    early: Vec<u8>,
    /// The server has said goodbye.
    closed: bool,
}

/// Does the handshake over a stream: what came of it, and the inside if it went well.
pub async fn handshake<S, C>(
    stream: &mut S,
    clock: &C,
    host: &DomainName,
    authorities: Option<&Authorities>,
    until: u64,
) -> (Handshake, Option<Tls>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    C: Clock,
{
    let failed = |fault, detail| (Handshake::Failed(fault, detail), None);
    let Ok(mut tls) = Tls::new(host, clock.now()) else { return failed(TlsFault::Failed, None) };
    let mut buffer = [0; 4096];
    loop {
        // Whatever is to be sent is sent first, the last message and alerts too.
        let bytes = tls.out();
        let write = async {
            stream.write_all(&bytes).await?;
            stream.flush().await
        };
        // If that fails, the server's last words may still be there to be read.
        if within(clock, until, write).await.is_none() {
            return failed(TlsFault::Timeout, None);
        }
        if !tls.connection.is_handshaking() {
            let secured = tls.secured(authorities, clock.now());
            return (Handshake::Done(Box::new(secured)), Some(tls));
        }
        let count = match within(clock, until, stream.read(&mut buffer)).await {
            None => return failed(TlsFault::Timeout, None),
            Some(Err(_) | Ok(0)) => return failed(TlsFault::Closed, None),
            Some(Ok(count)) => count,
        };
        let bytes = buffer.get(..count).unwrap_or_default();
        if tls.received == 0 && bytes.first().is_some_and(|kind| !(20..=24).contains(kind)) {
            // RFC 8446 section 5.1: no record begins like this.
            return failed(TlsFault::NotTls, None);
        }
        if tls.received + count > HANDSHAKE_MAX {
            return failed(TlsFault::Overlong, None);
        }
        match tls.take(bytes) {
            Ok(plain) => tls.early.extend(plain),
            Err(error) => {
                let _ = within(clock, until, stream.write_all(&tls.out())).await;
                let (fault, detail) = fault(&error);
                return failed(fault, detail);
            }
        }
    }
}

impl Tls {
    /// A connection that has said nothing yet; `now` in milliseconds since 1970.
    fn new(host: &DomainName, now: u64) -> Result<Self, Error> {
        let recorder = Arc::new(Recorder::new());
        let connection = client::connection(host, now, recorder.clone())?;
        Ok(Self { connection, recorder, received: 0, early: Vec::new(), closed: false })
    }

    /// Takes what came over the wire. What was in it for us waits inside.
    fn take(&mut self, mut bytes: &[u8]) -> Result<Vec<u8>, Error> {
        self.received += bytes.len();
        let mut plain = Vec::new();
        while !bytes.is_empty() {
            let before = bytes.len();
            // The only errors are a full buffer, which is emptied below, and an ended connection.
            let read = self.connection.read_tls(&mut bytes);
            let state = self.connection.process_new_packets()?;
            self.closed |= state.peer_has_closed();
            let start = plain.len();
            plain.resize(start + state.plaintext_bytes_to_read(), 0);
            if let Some(room) = plain.get_mut(start..)
                && std::io::Read::read_exact(&mut self.connection.reader(), room).is_err()
            {
                plain.truncate(start);
            }
            if read.is_err() || bytes.len() == before {
                break;
            }
        }
        Ok(plain)
    }

    /// What is to be sent over the wire.
    fn out(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        while self.connection.wants_write() {
            if self.connection.write_tls(&mut out).is_err() {
                break;
            }
        }
        out
    }

    /// What the server said inside before the handshake was over at our end: it need not wait for that.
    pub fn early(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.early)
    }

    /// Opens what came over the wire; possibly nothing.
    pub fn open(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Unseen> {
        if self.received + bytes.len() > CONNECTION_MAX {
            return Err(Unseen::Overlong);
        }
        match self.take(bytes) {
            Ok(plain) if plain.is_empty() && self.closed => Err(Unseen::Closed),
            Ok(plain) => Ok(plain),
            Err(Error::AlertReceived(_)) => Err(Unseen::Closed),
            Err(_) => Err(Unseen::Garbled),
        }
    }

    /// Closes these octets up for the wire.
    pub fn seal(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = self.out();
        for part in bytes.chunks(16 * 1024) {
            if std::io::Write::write_all(&mut self.connection.writer(), part).is_ok() {
                out.append(&mut self.out());
            }
        }
        out
    }

    /// What says goodbye (RFC 8446 section 6.1).
    pub fn close(&mut self) -> Vec<u8> {
        self.connection.send_close_notify();
        self.out()
    }

    /// What was agreed on. The certificates are looked at only where `authorities` says that somebody
    /// cares.
    fn secured(&self, authorities: Option<&Authorities>, now: u64) -> Secured {
        let suite = self.connection.negotiated_cipher_suite().map(|suite| suite.suite());
        let suite = suite.and_then(|suite| suite.as_str()).unwrap_or_default();
        let group = self.connection.negotiated_key_exchange_group().map(|group| group.name());
        let version = self.connection.protocol_version().and_then(|version| version.as_str()).unwrap_or_default();
        let (certificates, truncated, unverified) = recorder_of(&self.recorder);
        let mut secured = Secured {
            version: version.replace('_', "."),
            // The library marks those of TLS 1.3; IANA does not.
            suite: suite.replacen("TLS13_", "TLS_", 1),
            group: group.and_then(|group| group.as_str()).map(iana_group),
            unverified,
            truncated,
            ..Secured::default()
        };
        if let Some(authorities) = authorities {
            chain::look(&mut secured, &certificates, &authorities.0, now);
        }
        secured
    }
}

/// IANA writes these groups in small letters, and x25519 too.
fn iana_group(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// Whose fault it is, in our words and in the library's.
fn fault(error: &Error) -> (TlsFault, Option<String>) {
    use AlertDescription as Alert;
    let (fault, detail) = match error {
        Error::AlertReceived(alert) => {
            let fault = match alert {
                // RFC 8446 section 6.2: no common parameters, or too weak ones.
                Alert::HandshakeFailure | Alert::ProtocolVersion | Alert::InsufficientSecurity => {
                    TlsFault::Incompatible
                }
                _ => TlsFault::Alert,
            };
            (fault, format!("{alert:?}"))
        }
        Error::PeerIncompatible(why) => (TlsFault::Incompatible, format!("{why:?}")),
        Error::PeerMisbehaved(why) => (TlsFault::Misbehaved, format!("{why:?}")),
        // TLS allows it (RFC 8446 section 4: 16 MB); the library does not.
        Error::InvalidMessage(
            why @ (InvalidMessage::HandshakePayloadTooLarge | InvalidMessage::CertificatePayloadTooLarge),
        ) => (TlsFault::Overlong, format!("{why:?}")),
        Error::InvalidMessage(why) => (TlsFault::Misbehaved, format!("{why:?}")),
        Error::InvalidCertificate(why) => (TlsFault::Misbehaved, format!("{why:?}")),
        Error::InappropriateMessage { .. }
        | Error::InappropriateHandshakeMessage { .. }
        | Error::NoCertificatesPresented
        | Error::PeerSentOversizedRecord
        | Error::DecryptError => (TlsFault::Misbehaved, error.to_string()),
        _ => (TlsFault::Failed, error.to_string()),
    };
    (fault, Some(detail.chars().take(100).collect()))
}
