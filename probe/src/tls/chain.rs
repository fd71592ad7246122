//! Where a chain of certificates leads, by webpki.

use std::time::Duration;

use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use shared::evidence::{Certificate, Path, Secured};
use webpki::{EndEntityCert, Error, KeyUsage, anchor_from_trusted_cert};

use super::{certificate, client};

/// How many certificates above the first are tried as anchors: each try costs signatures.
const ANCHORS_MAX: usize = 4;

/// Reads the chain, and tells where it leads.
pub(super) fn look(secured: &mut Secured, chain: &[CertificateDer<'_>], extra: &[CertificateDer<'_>], now: u64) {
    secured.chain = chain.iter().map(|der| certificate::read(der)).collect();
    let Some((own, others)) = chain.split_first() else { return };
    let time = UnixTime::since_unix_epoch(Duration::from_millis(now));
    let extra = extra.iter().filter_map(|der| anchor_from_trusted_cert(der).ok());
    let anchors: Vec<_> = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().chain(extra).collect();
    let found = verify(own, others, &anchors, time);
    // A signature by a key that is too long for the library reads as a wrong one.
    let checkable = secured.chain.iter().all(is_checkable);
    secured.path = Some(match path(found, secured.chain.first(), secured.truncated, now) {
        Path::BadSignature if !checkable => Path::Other,
        path => path,
    });
    for (certificate, der) in secured.chain.iter_mut().skip(1).zip(others).take(ANCHORS_MAX) {
        certificate.anchors = leads_to(own, others, der, time).filter(|leads| *leads || checkable);
    }
}

/// The longest RSA key by which signatures are checked, in bits.
const RSA_MAX: u32 = 4096;

fn is_checkable(certificate: &Certificate) -> bool {
    let contents = certificate.contents.as_ref();
    contents.is_some_and(|contents| contents.key != "RSA" || contents.bits.is_some_and(|bits| bits <= RSA_MAX))
}

fn verify(
    own: &CertificateDer<'_>,
    others: &[CertificateDer<'_>],
    anchors: &[TrustAnchor<'_>],
    time: UnixTime,
) -> Result<(), Error> {
    let algorithms = client::algorithms().all;
    EndEntityCert::try_from(own)?
        .verify_for_usage(algorithms, anchors, others, time, KeyUsage::server_auth(), None, None)
        .map(drop)
}

/// What the library says, which names one fault only, with what the first certificate says itself.
fn path(found: Result<(), Error>, own: Option<&Certificate>, truncated: bool, now: u64) -> Path {
    let Err(error) = found else { return Path::Trusted };
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    match (own.and_then(|own| own.contents.as_ref()), error) {
        (Some(own), _) if now > own.not_after => Path::Expired,
        (Some(own), _) if now < own.not_before => Path::NotYetValid,
        // Such a one reads `CaUsedAsEndEntity` or `UnsupportedCertVersion` as well.
        (Some(own), _) if own.self_issued => Path::UnknownIssuer,
        (_, Error::CertExpired { .. }) => Path::Expired,
        (_, Error::CertNotValidYet { .. }) => Path::NotYetValid,
        (_, Error::InvalidSignatureForPublicKey) => Path::BadSignature,
        (_, Error::UnknownIssuer) if !truncated => Path::UnknownIssuer,
        _ => Path::Other,
    }
}

/// Does a valid path lead to this certificate as the anchor? Nothing where that can't be told.
fn leads_to(
    own: &CertificateDer<'_>,
    others: &[CertificateDer<'_>],
    anchor: &CertificateDer<'_>,
    time: UnixTime,
) -> Option<bool> {
    let anchor = anchor_from_trusted_cert(anchor).ok()?;
    match verify(own, others, &[anchor], time) {
        Ok(()) => Some(true),
        Err(
            Error::UnknownIssuer
            | Error::InvalidSignatureForPublicKey
            | Error::CertExpired { .. }
            | Error::CertNotValidYet { .. },
        ) => Some(false),
        Err(_) => None,
    }
}
