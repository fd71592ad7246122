//! What a certificate says, and its digests.

use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256, Sha512};
use shared::evidence::{Certificate, Contents, NAMES_MAX};
use shared::visible::from_bytes;
use x509_parser::prelude::*;
use x509_parser::public_key::PublicKey;

use crate::dns::hex;

/// The longest text that is kept, in characters.
const TEXT_MAX: usize = 300;

/// Reads a certificate. One that cannot be read has digests all the same.
pub(super) fn read(der: &[u8]) -> Certificate {
    let contents = X509Certificate::from_der(der).ok().and_then(|(_, certificate)| contents(der, &certificate));
    Certificate {
        der: BASE64_STANDARD.encode(der),
        sha256: hex(&Sha256::digest(der)),
        sha512: hex(&Sha512::digest(der)),
        contents,
        anchors: None,
    }
}

fn contents(der: &[u8], certificate: &X509Certificate<'_>) -> Option<Contents> {
    let key = certificate.public_key();
    let (key_name, bits) = key_of(key);
    let (mut names, mut addresses) = (Vec::new(), Vec::new());
    if let Ok(Some(extension)) = certificate.subject_alternative_name() {
        for name in &extension.value.general_names {
            match name {
                GeneralName::DNSName(name) => names.push(name.to_ascii_lowercase()),
                GeneralName::IPAddress(octets) => addresses.extend(address(octets)),
                _ => {}
            }
        }
    }
    let more_names = names.len() > NAMES_MAX;
    names.truncate(NAMES_MAX);
    addresses.truncate(NAMES_MAX);
    let common = certificate.subject().iter_common_name().last().and_then(|name| name.as_str().ok());
    Some(Contents {
        subject: cut(&certificate.subject().to_string()),
        issuer: cut(&certificate.issuer().to_string()),
        names: names.iter().map(|name| cut(name)).collect(),
        more_names,
        addresses,
        common_name: common.map(|name| cut(&name.to_ascii_lowercase())),
        not_before: certificate.validity().not_before.timestamp().checked_mul(1000)?,
        not_after: certificate.validity().not_after.timestamp().checked_mul(1000)?,
        key: key_name,
        bits,
        key_sha256: hex(&Sha256::digest(key.raw)),
        key_sha512: hex(&Sha512::digest(key.raw)),
        key_at: place(der, key.raw)?,
        signature: signature(&certificate.signature_algorithm.algorithm.to_id_string()),
        authority: certificate.is_ca(),
        self_issued: certificate.subject().as_raw() == certificate.issuer().as_raw(),
    })
}

/// Where the part stands in the whole that it was cut out of.
fn place(whole: &[u8], part: &[u8]) -> Option<(u32, u32)> {
    let start = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
    let end = start.checked_add(part.len())?;
    (whole.get(start..end)? == part).then_some(())?;
    Some((u32::try_from(start).ok()?, u32::try_from(end).ok()?))
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok()
}

/// A bounded text of one line: a line feed within it would forge the next one.
fn cut(text: &str) -> String {
    from_bytes(text.as_bytes()).replace('\n', "\\x0a").replace('\r', "\\x0d").chars().take(TEXT_MAX).collect()
}

/// Sort and length of a key (RFC 3279, RFC 5480, RFC 8410).
fn key_of(key: &SubjectPublicKeyInfo<'_>) -> (String, Option<u32>) {
    let oid = key.algorithm.algorithm.to_id_string();
    let curve = || key.algorithm.parameters.as_ref().and_then(|p| p.as_oid().ok()).map(|oid| oid.to_id_string());
    let (name, bits) = match oid.as_str() {
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => {
            let bits = match key.parsed() {
                Ok(PublicKey::RSA(rsa)) => u32::try_from(rsa.key_size()).ok(),
                _ => None,
            };
            ("RSA", bits)
        }
        "1.2.840.10045.2.1" => match curve().as_deref() {
            Some("1.2.840.10045.3.1.7") => ("P-256", Some(256)),
            Some("1.3.132.0.34") => ("P-384", Some(384)),
            Some("1.3.132.0.35") => ("P-521", Some(521)),
            _ => ("EC", None),
        },
        "1.3.101.112" => ("Ed25519", Some(256)),
        "1.3.101.113" => ("Ed448", Some(456)),
        other => (other, None),
    };
    (name.to_owned(), bits)
}

/// The name of a signature algorithm (RFC 4055, RFC 5758, RFC 8410).
fn signature(oid: &str) -> String {
    match oid {
        "1.2.840.113549.1.1.4" => "RSA-MD5",
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => "RSA-SHA1",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.2.840.113549.1.1.11" => "RSA-SHA256",
        "1.2.840.113549.1.1.12" => "RSA-SHA384",
        "1.2.840.113549.1.1.13" => "RSA-SHA512",
        "1.2.840.10040.4.3" => "DSA-SHA1",
        "1.2.840.10045.4.1" => "ECDSA-SHA1",
        "1.2.840.10045.4.3.2" => "ECDSA-SHA256",
        "1.2.840.10045.4.3.3" => "ECDSA-SHA384",
        "1.2.840.10045.4.3.4" => "ECDSA-SHA512",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        other => other,
    }
    .to_owned()
}
