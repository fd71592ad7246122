//! The code that opens tests: eight characters out of 32 that nobody mistakes for others, 40 bits.

use crate::ids;
use crate::problem::{Kind, Refusal};

const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const LENGTH: usize = 8;

/// How many codes of a run can be tried.
pub const TRIES: u8 = 5;

/// A new one, as it stands in the message.
pub fn new() -> Result<String, Refusal> {
    let mut random = [0; LENGTH];
    getrandom::fill(&mut random).map_err(|_| Refusal::of(Kind::Internal))?;
    let mut code: String =
        random.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32))).map(|c| char::from(*c)).collect();
    code.insert(LENGTH / 2, '-');
    Ok(code)
}

/// What is kept of it.
pub fn digest(run: &str, typed: &str) -> String {
    let code: String = typed.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    ids::hash(format!("{run} {}", code.to_ascii_uppercase()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_typed() {
        let known = digest("run", "ABCD-2345");
        for same in ["abcd2345", " ABCD 2345 ", "ABCD–2345"] {
            assert!(ids::same(&digest("run", same), &known), "{same}");
        }
        for other in ["", "ABCD-2346", "ABCD-23455"] {
            assert!(!ids::same(&digest("run", other), &known), "{other}");
        }
        assert_ne!(digest("other run", "ABCD-2345"), known);
        let distinct: std::collections::BTreeSet<_> = ALPHABET.iter().collect();
        assert!(distinct.len() == 32 && !ALPHABET.iter().any(|c| b"IO01".contains(c)));
    }
}
