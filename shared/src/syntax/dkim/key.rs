//! The key in a record: base64, and in it the frame of an RSA key.
//!
//! Both are read by hand. Crates (base64ct, spki, pkcs1) added 6.6 KB of compressed code to the
//! browser's download when this was measured, and none tells all places that are not base64.

/// What a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// RSA, with the size of its modulus.
    Rsa {
        /// In bits.
        bits: usize,
    },
    /// Ed25519 (RFC 8463).
    Ed25519,
}

/// The most places that are told of one text.
const PLACES_MAX: usize = 16;

/// Decodes base64 with white space anywhere inside (RFC 6376 section 2.10). Padding may be missing:
/// the grammar there makes it optional. An error holds the places that are wrong, in octets.
pub(crate) fn base64(text: &str) -> Result<Vec<u8>, Vec<(usize, usize)>> {
    let mut bytes = Vec::new();
    let mut wrong: Vec<(usize, usize)> = Vec::new();
    let (mut bits, mut count, mut padding) = (0_u32, 0_u32, 0);
    for (at, letter) in text.char_indices() {
        let value = match letter {
            'A'..='Z' => letter as u32 - 'A' as u32,
            'a'..='z' => letter as u32 - 'a' as u32 + 26,
            '0'..='9' => letter as u32 - '0' as u32 + 52,
            '+' => 62,
            '/' => 63,
            '=' if padding < 2 => {
                padding += 1;
                continue;
            }
            ' ' | '\t' | '\r' | '\n' => continue,
            _ => 64,
        };
        if value == 64 || padding > 0 {
            let end = at + letter.len_utf8();
            let room = wrong.len() < PLACES_MAX;
            match wrong.last_mut() {
                Some(last) if last.1 == at => last.1 = end,
                _ if room => wrong.push((at, end)),
                _ => {}
            }
            continue;
        }
        bits = (bits << 6 | value) & 0xFFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    // Six bits too many are one letter that begins an octet which never ends: something was cut off.
    if count == 6 && wrong.is_empty() {
        wrong.push((text.len().saturating_sub(1), text.len()));
    }
    if wrong.is_empty() { Ok(bytes) } else { Err(wrong) }
}

/// `rsaEncryption`, 1.2.840.113549.1.1.1 (RFC 8017 appendix C).
const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT: u8 = 0x06;

/// The size of an RSA key's modulus in bits, and whether it is a bare RSAPublicKey (RFC 8017
/// appendix A.1.1), without the SubjectPublicKeyInfo around it (RFC 5280 section 4.1).
pub(super) fn rsa(der: &[u8]) -> Option<(usize, bool)> {
    let (outer, _) = element(SEQUENCE, der)?;
    let Some((algorithm, rest)) = element(SEQUENCE, outer) else {
        return Some((modulus(outer)?, true));
    };
    let (object, _) = element(OBJECT, algorithm)?;
    let (bits, _) = element(BIT_STRING, rest).filter(|_| object == RSA)?;
    // A bit string begins with how many bits of its last octet are unused: none.
    let (inner, _) = element(SEQUENCE, bits.strip_prefix(&[0])?)?;
    Some((modulus(inner)?, false))
}

/// The size of the first of two numbers, modulus and exponent. A private key begins with a zero.
fn modulus(numbers: &[u8]) -> Option<usize> {
    let (modulus, rest) = element(INTEGER, numbers)?;
    element(INTEGER, rest)?;
    let zeros = modulus.iter().take_while(|octet| **octet == 0).count();
    let first = modulus.get(zeros)?;
    Some((modulus.len() - zeros) * 8 - first.leading_zeros() as usize)
}

/// What an element of DER with this tag holds, and what follows it. Lengths of more than two octets
/// are longer than any TXT record.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, rest) = der.split_at_checked(2)?;
    let &[found, short] = head else { return None };
    let (length, rest) = match short {
        0..=0x7F => (usize::from(short), rest),
        0x81 | 0x82 => {
            let (octets, rest) = rest.split_at_checked(usize::from(short & 0x7F))?;
            (octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet)), rest)
        }
        _ => return None,
    };
    if found == tag { rest.split_at_checked(length) } else { None }
}
