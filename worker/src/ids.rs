//! Random names, and keys that are stored as hashes only.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::problem::{Kind, Refusal};

/// 128 random bits in hexadecimal.
pub fn random() -> Result<String, Refusal> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Refusal::of(Kind::Internal))?;
    Ok(hex(&bytes))
}

/// Could this be one of ours?
pub fn is_id(text: &str) -> bool {
    text.len() == 32 && is_hex(text)
}

/// Could this be the id of a scan or batch object?
pub fn is_object_id(text: &str) -> bool {
    text.len() == 64 && is_hex(text)
}

/// SHA-256 in hexadecimal.
pub fn hash(text: &[u8]) -> String {
    hex(&Sha256::digest(text))
}

/// Equality that takes as long for a near miss as for a far one.
pub fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(is_id("0123456789abcdef0123456789abcdef"));
        assert!(!is_id("0123456789ABCDEF0123456789abcdef"));
        assert!(!is_id("../../../../../../../../../../.."));
        assert!(!is_object_id("0123456789abcdef0123456789abcdef"));
        assert_eq!(hash(b"").get(..8), Some("e3b0c442"));
    }

    #[test]
    fn sameness() {
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab") && !same("", "a"));
    }
}
