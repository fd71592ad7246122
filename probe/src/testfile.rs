//! The harmless files that every scanner knows, and whether a message carries one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// The files, backwards: whole, they would have scanners take this program for an infected one.
const EICAR: &str = r"*H+H$!ELIF-TSET-SURIVITNA-DRADNATS-RACIE$}7)CC7)^P(45XZP\4[PA@%P!O5X";
const GTUBE: &str = "X43.C*LIAME-TSET-EBU-ITNA-DRADNATS-EBUTG*NENDI2*3NBSN.1NDAQBDJ4C*SJX";

/// The file that every scanner of viruses takes for one.
pub(crate) fn eicar() -> String {
    EICAR.chars().rev().collect()
}

/// The line that makes a message spam.
pub(crate) fn gtube() -> String {
    GTUBE.chars().rev().collect()
}

/// Which one a message carries, in the clear or in base64.
pub fn carried(message: &[u8]) -> Option<&'static str> {
    // Encoders break lines where they like, quoted-printable with a = before.
    let text: Vec<u8> = message.iter().copied().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=').collect();
    [("EICAR", eicar()), ("GTUBE", gtube())].into_iter().find_map(|(name, file)| {
        let mut encoded = STANDARD_NO_PAD.encode(&file);
        // The last digit depends on what follows the file.
        encoded.pop();
        [file, encoded].iter().any(|wanted| contains(&text, wanted.as_bytes())).then_some(name)
    })
}

fn contains(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    /// The published digest of the one, and the head of the other; the page of the test of outgoing mail hands out the same.
    #[test]
    fn they_are_what_scanners_know() {
        let hex: String = Sha256::digest(eicar()).iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(hex, "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f");
        assert!(gtube().starts_with("XJS*C4JDBQADN1.NSBN3*2IDNEN*"), "{}", gtube());
        let page = include_str!("../../frontend/static/mailtest.js").replace(r"\\", r"\");
        assert!(page.contains(EICAR) && page.contains(GTUBE), "mailtest.js has other files");
    }

    #[test]
    fn in_the_clear_and_in_base64() {
        for (name, file) in [("EICAR", eicar()), ("GTUBE", gtube())] {
            assert_eq!((file.len(), file.contains(name)), (68, true));
            let (head, tail) = file.split_at(30);
            for with in [
                file.clone(),
                format!("Hello\r\n{head}=\r\n{tail}\r\n"),
                base64::engine::general_purpose::STANDARD.encode(&file),
                STANDARD_NO_PAD.encode(format!("{file}\r\n")).replacen("RC", "RC\r\n", 1),
            ] {
                assert_eq!(carried(format!("Subject: x\r\n\r\n{with}\r\n").as_bytes()), Some(name), "{with}");
            }
            assert_eq!(carried(head.as_bytes()), None);
        }
        assert_eq!(carried(b""), None);
    }
}
