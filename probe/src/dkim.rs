//! Checks DKIM signatures (RFC 6376 section 6.1.3). The cryptography is the TLS client's provider, which the Worker
//! carries anyway: of RSA keys above 4096 bits it can check no signature.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls::SignatureScheme;
use sha2::{Digest, Sha256};
use shared::outbound::Checked;
use shared::outbound::message::{Field, split};
use shared::outbound::signature::{Algorithm, Canon, Signature};
use shared::syntax::dkim::{Key, Kind, parse};
use x509_parser::prelude::{FromDer, SubjectPublicKeyInfo};

use crate::tls::signature_algorithms;

pub mod arc;

/// A footer is looked for in so many octets at the end of a body.
const FOOTER_MAX: usize = 16 * 1024;

/// Does a signature hold? `message` has CRLF line ends; `nth` says which of its DKIM-Signature fields it is, from 0;
/// `key` is the record of its selector; `now` is in seconds since 1970.
pub fn check(message: &[u8], nth: usize, signature: &Signature, key: &str, now: u64) -> Checked {
    let (fields, body) = split(message);
    let own = fields.iter().filter(|field| field.is("DKIM-Signature")).nth(nth);
    own.map_or(Checked::HeaderAltered, |own| holds(&fields, body, own, signature, key, now))
}

/// Does the signature in this field hold?
fn holds(fields: &[Field], body: &[u8], own: &Field, signature: &Signature, key: &str, now: u64) -> Checked {
    let public = match usable(key, signature.algorithm) {
        Ok(public) => public,
        Err(why) => return why,
    };
    if signature.expires.is_some_and(|until| until < now) {
        return Checked::Expired;
    }
    let body = canonical_body(body, signature.body);
    let signed = match signature.length.map(usize::try_from) {
        None => body.as_slice(),
        Some(length) => match length.ok().and_then(|length| body.get(..length)) {
            Some(head) => head,
            None => return Checked::BodyAltered, // section 3.5: l must not be more than there is
        },
    };
    if Sha256::digest(signed).as_slice() != signature.body_hash.as_slice() {
        let appended = signature.length.is_none() && begins_with(&body, &signature.body_hash);
        return if appended { Checked::Appended } else { Checked::BodyAltered };
    }
    let Some(header) = signed_header(fields, own, signature) else { return Checked::HeaderAltered };
    match verify(&public, signature.algorithm, &header, &signature.signature) {
        Ok(()) => Checked::Pass { partial: signature.length.is_some() },
        Err(why) => why,
    }
}

/// Has the beginning of a body this hash, where only lines at its end were added?
fn begins_with(body: &[u8], hash: &[u8]) -> bool {
    let mut hasher = Sha256::new();
    let (mut at, mut empty) = (0, 0);
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        if line == b"\r\n" {
            empty += 1;
            continue;
        }
        // Empty lines at the end are not signed (section 3.4.3).
        (0..empty).for_each(|_| hasher.update(b"\r\n"));
        empty = 0;
        hasher.update(line);
        if at + FOOTER_MAX > body.len() && hasher.clone().finalize().as_slice() == hash {
            return true;
        }
    }
    false
}

/// A key, and how large it is if it is of RSA.
struct Public {
    key: Vec<u8>,
    large: bool,
}

fn usable(key: &str, algorithm: Algorithm) -> Result<Public, Checked> {
    let record = parse(key);
    if record.revoked {
        return Err(Checked::Revoked);
    }
    let large = matches!(record.kind, Some(Kind::Rsa { bits }) if bits > 4096);
    public_key(key, &record, algorithm).map(|key| Public { key, large }).ok_or(Checked::UnusableKey)
}

fn verify(public: &Public, algorithm: Algorithm, text: &[u8], signature: &[u8]) -> Result<(), Checked> {
    let scheme = match algorithm {
        Algorithm::Rsa => SignatureScheme::RSA_PKCS1_SHA256,
        Algorithm::Ed25519 => SignatureScheme::ED25519,
    };
    // RFC 8463 section 3: Ed25519 signs the hash, not the text.
    let hashed = Sha256::digest(text);
    let text = if algorithm == Algorithm::Ed25519 { hashed.as_slice() } else { text };
    let algorithms = signature_algorithms();
    let known = algorithms.mapping.iter().find(|(known, _)| *known == scheme).map(|(_, list)| *list);
    if known.unwrap_or_default().iter().any(|one| one.verify_signature(&public.key, text, signature).is_ok()) {
        return Ok(());
    }
    Err(if public.large { Checked::UnusableKey } else { Checked::HeaderAltered })
}

/// The key itself, where it is of the kind that the signature wants.
fn public_key(text: &str, record: &Key, algorithm: Algorithm) -> Option<Vec<u8>> {
    let fits = matches!(
        (record.kind, algorithm),
        (Some(Kind::Rsa { .. }), Algorithm::Rsa) | (Some(Kind::Ed25519), Algorithm::Ed25519)
    );
    if !fits || record.is_faulty() {
        return None;
    }
    let data = text.get(record.key_at.0..record.key_at.1)?.split_once('=')?.1;
    let data: String = data.chars().filter(|c| !c.is_whitespace() && *c != '=').collect();
    let der = STANDARD_NO_PAD.decode(data).ok()?;
    if record.is_bare() || algorithm == Algorithm::Ed25519 {
        return Some(der);
    }
    let (_, info) = SubjectPublicKeyInfo::from_der(&der).ok()?;
    Some(info.subject_public_key.data.to_vec())
}

/// Section 3.4.3 and 3.4.4.
fn canonical_body(body: &[u8], canon: Canon) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let bare = line.strip_suffix(b"\r\n").unwrap_or(line);
        match canon {
            Canon::Simple => out.extend_from_slice(bare),
            Canon::Relaxed => relaxed_line(bare, &mut out),
        }
        out.extend_from_slice(b"\r\n");
    }
    while out.ends_with(b"\r\n\r\n") {
        out.truncate(out.len() - 2);
    }
    if out == b"\r\n" && canon == Canon::Relaxed {
        out.clear();
    }
    if out.is_empty() && canon == Canon::Simple {
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// Runs of spaces and tabs become one space, and those at the end go.
fn relaxed_line(line: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    for byte in line {
        match byte {
            b' ' | b'\t' if out.len() > start && out.last() == Some(&b' ') => {}
            b' ' | b'\t' => out.push(b' '),
            byte => out.push(*byte),
        }
    }
    if out.len() > start && out.last() == Some(&b' ') {
        out.pop();
    }
}

/// What the signature signs of the header (section 3.7): the named fields, each time from the bottom up, then the
/// signature's own field without the value of `b`.
fn signed_header(fields: &[Field], own: &Field, signature: &Signature) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut used = vec![false; fields.len()];
    for name in &signature.fields {
        let bottom = fields.iter().zip(used.iter_mut()).rev().find(|(field, used)| !**used && field.is(name));
        // One that is not there signs that nobody adds it (section 5.4).
        let Some((field, used)) = bottom else { continue };
        *used = true;
        canonical_field(field.raw, signature.header, &mut out);
        out.extend_from_slice(b"\r\n");
    }
    canonical_field(&without_signature(own.raw)?, signature.header, &mut out);
    Some(out)
}

/// Section 3.4.1 and 3.4.2.
fn canonical_field(raw: &[u8], canon: Canon, out: &mut Vec<u8>) {
    if canon == Canon::Simple {
        return out.extend_from_slice(raw);
    }
    let colon = raw.iter().position(|byte| *byte == b':').unwrap_or(raw.len());
    let (name, value) = raw.split_at_checked(colon).unwrap_or((raw, &[]));
    out.extend(name.trim_ascii_end().to_ascii_lowercase());
    out.push(b':');
    let unfolded: Vec<u8> = value.iter().skip(1).copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    relaxed_line(unfolded.trim_ascii_start(), out);
}

/// The field without what stands behind `b=`.
fn without_signature(raw: &[u8]) -> Option<Vec<u8>> {
    let colon = raw.iter().position(|byte| *byte == b':')? + 1;
    let mut at = colon;
    for part in raw.get(colon..)?.split_inclusive(|byte| *byte == b';') {
        let equals = part.iter().position(|byte| *byte == b'=');
        let name = equals.and_then(|equals| part.get(..equals)).unwrap_or_default();
        if let Some(equals) = equals.filter(|_| name.trim_ascii() == b"b") {
            let end = at + part.len() - usize::from(part.ends_with(b";"));
            let mut out = raw.get(..at + equals + 1)?.to_vec();
            out.extend_from_slice(raw.get(end..)?);
            return Some(out);
        }
        at += part.len();
    }
    None
}

#[cfg(test)]
mod tests;
