//! The client: its provider of cryptography, and a verifier that takes everything and remembers it.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, IpAddr, Ipv4Addr, ServerName, UnixTime};
use shared::DomainName;
use shared::evidence::CHAIN_MAX;

/// The most octets that are kept of a chain.
const CHAIN_OCTETS_MAX: usize = 64 * 1024;

/// The cryptography: pure Rust, so that it runs in the Worker too.
pub(super) fn provider() -> CryptoProvider {
    rustls_rustcrypto::provider()
}

/// The sorts of signatures that can be checked.
pub(crate) fn algorithms() -> WebPkiSupportedAlgorithms {
    provider().signature_verification_algorithms
}

/// A new connection that asks for `host` and remembers in `recorder`.
pub(super) fn connection(host: &DomainName, now: u64, recorder: Arc<Recorder>) -> Result<ClientConnection, Error> {
    let time = Arc::new(Fixed(UnixTime::since_unix_epoch(std::time::Duration::from_millis(now))));
    let mut config = ClientConfig::builder_with_details(Arc::new(provider()), time)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(recorder)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    // A name that is none for TLS is not asked for.
    let name = ServerName::try_from(host.to_string())
        .unwrap_or(ServerName::IpAddress(IpAddr::V4(Ipv4Addr::from([192, 0, 2, 1]))));
    ClientConnection::new(Arc::new(config), name)
}

/// The driver's time at the beginning of the handshake: there is no other clock in the Worker.
#[derive(Debug)]
struct Fixed(UnixTime);

impl TimeProvider for Fixed {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.0)
    }
}

/// Takes every certificate and every signature, and remembers them.
#[derive(Debug)]
pub(super) struct Recorder {
    algorithms: WebPkiSupportedAlgorithms,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default, Clone)]
struct Seen {
    chain: Vec<CertificateDer<'static>>,
    truncated: bool,
    unverified: Option<String>,
}

impl Recorder {
    pub(super) fn new() -> Self {
        Self { algorithms: algorithms(), seen: Mutex::default() }
    }

    fn signature(&self, result: Result<HandshakeSignatureValid, Error>) -> Result<HandshakeSignatureValid, Error> {
        if let Err(error) = result {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.unverified = Some(error.to_string().chars().take(100).collect());
        }
        Ok(HandshakeSignatureValid::assertion())
    }
}

/// The chain, whether there was more of it, and why the handshake's signature was not verified.
pub(super) fn recorder_of(recorder: &Recorder) -> (Vec<CertificateDer<'static>>, bool, Option<String>) {
    let Seen { chain, truncated, unverified } = recorder.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (chain, truncated, unverified)
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut chain: Vec<CertificateDer<'static>> = Vec::new();
        let mut octets = 0;
        for certificate in std::iter::once(own).chain(others) {
            octets += certificate.len();
            if chain.len() < CHAIN_MAX && octets <= CHAIN_OCTETS_MAX {
                chain.push(certificate.clone().into_owned());
            }
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.truncated = chain.len() <= others.len();
        seen.chain = chain;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signature(verify_tls12_signature(message, certificate, signature, &self.algorithms))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signature(verify_tls13_signature(message, certificate, signature, &self.algorithms))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = self.algorithms.supported_schemes();
        // Not checked, but no reason to be without a handshake.
        schemes.push(SignatureScheme::ECDSA_NISTP521_SHA512);
        schemes
    }
}
