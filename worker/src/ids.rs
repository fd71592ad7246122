//! Random names, and keys that are stored as hashes only.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
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

/// SHA-256 in Base64.
pub fn hash_base64(text: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(text))
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

    /// 128 bits: every digit takes every value, and no two are alike.
    #[test]
    fn random_names() {
        let names: Vec<String> = (0..2000).map(|_| random().unwrap()).collect();
        assert!(names.iter().all(|name| is_id(name)));
        assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), names.len());
        for place in 0..32 {
            let mut counts = std::collections::BTreeMap::<u8, usize>::new();
            names.iter().for_each(|name| *counts.entry(name.as_bytes()[place]).or_default() += 1);
            // 125 of each are likely; a fair one strays so far once in a million runs.
            assert!(
                counts.len() == 16 && counts.values().all(|count| (60..190).contains(count)),
                "{place}: {counts:?}"
            );
        }
    }

    /// What is secret is stored as a hash, and compared by `same`: nothing else in this crate looks at a key.
    #[test]
    fn keys_are_compared_here_only() {
        let store = include_str!("store.rs");
        assert!(!store.contains("delete_hash ==") && !store.contains("== row.delete_hash"));
        assert!(store.contains("ids::same(&row.delete_hash, &ids::hash(key.as_bytes()))"));
    }

    #[test]
    fn sameness() {
        let key = "0123456789abcdef0123456789abcdef";
        for place in 0..key.len() {
            let mut other = key.to_owned();
            other.replace_range(place..=place, "x");
            assert!(!same(key, &other), "{place}");
        }
        assert!(same(key, &key.to_owned()));
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab") && !same("", "a"));
    }
}
