//! The first message of NTLM, and the challenge that answers it without what it tells: evidence is published, and what a
//! server tells every stranger need not be told on to all of them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use shared::disclosure::{challenge, mask_challenge};

/// The first message: what it can do, and no name (\[MS-NLMP\] section 2.2.1.1).
pub(crate) const NEGOTIATE: &str = "TlRMTVNTUAABAAAAB4IIAgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADw==";

/// What the base64 of a challenge begins with.
const SIGNATURE: &str = "TlRMTVNTUAACAAAA";

/// The same line of a reply, which is judged alike ([`mask_challenge`]).
pub(crate) fn masked(line: String) -> String {
    if let Some((_, start, end)) = challenge(&line)
        && let (Some(before), Some(text), Some(behind)) = (line.get(..start), line.get(start..end), line.get(end..))
        && let Ok(octets) = BASE64_STANDARD.decode(text)
    {
        return format!("{before}{}{}", BASE64_STANDARD.encode(mask_challenge(&octets)), blank(behind));
    }
    // What cannot be read stays so.
    match line.find(SIGNATURE).map(|start| line.split_at_checked(start + SIGNATURE.len())) {
        Some(Some((before, behind))) => format!("{before}{}", blank(behind)),
        _ => line,
    }
}

fn blank(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '+' | '/') { 'A' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_masked() {
        let name: Vec<u8> = "CORP".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let head = b"NTLMSSP\0\x02\0\0\0\x08\0\x08\0\x30\0\0\0\x05\x02\0\0\x01\x02\x03\x04\x05\x06\x07\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        let text = BASE64_STANDARD.encode([head.as_slice(), &name].concat());
        let line = |text: &str| masked(text.to_owned());
        let shown = line(&text);
        assert_eq!(challenge(&text).unwrap().0.names, ["CORP"]);
        assert_eq!(challenge(&shown).unwrap().0.names, ["C***"]);
        assert_eq!(line(&shown), shown);
        // Nobody can read it; still it might hold the name.
        let (head, tail) = text.split_at(text.len() - 9);
        let broken = line(&format!("{head}!!{tail}"));
        assert!(broken.starts_with(SIGNATURE) && !broken.contains(tail), "{broken}");
        for harmless in ["UGFzc3dvcmQ6", "2.7.0 Authentication failed", ""] {
            assert_eq!(line(harmless), harmless);
        }
    }
}
