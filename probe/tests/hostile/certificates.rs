//! Certificates that nobody should show, and servers that show them. All keys are Ed25519, whose
//! signatures are of one length, so that a dialogue is as long each time.

use std::sync::{Arc, LazyLock};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, IsCa, KeyPair, PKCS_ED25519,
};
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, server};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::peer::Act;

type Chain = Vec<CertificateDer<'static>>;

static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| Arc::new(rustls_rustcrypto::provider()));

fn key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ED25519).unwrap()
}

fn params(names: Vec<String>) -> CertificateParams {
    let mut params = CertificateParams::new(names).unwrap();
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2028, 1, 1);
    params.distinguished_name.push(DnType::CommonName, "mx.h.test");
    params
}

fn own() -> CertificateParams {
    params(vec!["mx.h.test".to_owned()])
}

fn self_signed(params: CertificateParams) -> Act {
    let key = key();
    let certificate = params.self_signed(&key).unwrap();
    shows(vec![certificate.der().clone()], &key)
}

/// A server that shows whatever it is given, with whichever key.
fn shows(chain: Chain, key: &KeyPair) -> Act {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let key = PROVIDER.key_provider.load_private_key(key).unwrap();
    let always = Always(Arc::new(CertifiedKey::new(chain, key)));
    let config = ServerConfig::builder_with_provider(PROVIDER.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(always));
    Act::Tls(Arc::new(config))
}

#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl server::ResolvesServerCert for Always {
    fn resolve(&self, _: server::ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

/// In order, but for its issuer.
pub fn plain() -> Act {
    self_signed(own())
}

/// One that holds this many octets for nothing.
pub fn heavy(octets: usize) -> Act {
    let mut params = own();
    params.custom_extensions.push(CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![4; octets]));
    self_signed(params)
}

/// One for this many names.
pub fn names(count: usize) -> Act {
    self_signed(params((0..count).map(|n| format!("n{n}.h.test")).collect()))
}

/// So many, each signed by the next one.
pub fn chain(count: usize) -> Act {
    let authority = |name: String| {
        let mut params = params(Vec::new());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        params
    };
    let mut issuer = CertifiedIssuer::self_signed(authority("CA 0".to_owned()), key()).unwrap();
    let mut chain = vec![issuer.der().clone()];
    for n in 1..count - 1 {
        issuer = CertifiedIssuer::signed_by(authority(format!("CA {n}")), key(), &issuer).unwrap();
        chain.push(issuer.der().clone());
    }
    let key = key();
    chain.push(own().signed_by(&key, &issuer).unwrap().der().clone());
    chain.reverse();
    shows(chain, &key)
}

/// What is none.
pub fn rubbish() -> Act {
    shows(vec![CertificateDer::from(vec![0x30, 0x82, 0xff, 0xff, 1, 2, 3])], &key())
}

/// Somebody else's, whose key the server has not.
pub fn stolen() -> Act {
    shows(vec![own().self_signed(&key()).unwrap().der().clone()], &key())
}
