//! What is packed into base64: the names in an NTLM challenge, and Exchange's name for itself.

use super::inner::{NameKind, name_kind};
use crate::syntax::dkim::base64;

/// What the second message of NTLM tells anyone who asks ([MS-NLMP] section 2.2.1.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// NetBIOS and Active Directory names of the host, its domain and its forest, each once.
    pub names: Vec<String>,
    /// The system's version: major, minor, build.
    pub build: Option<(u8, u8, u16)>,
}

/// The base64 of `NTLMSSP`, its zero and the number of the message.
const SIGNATURE: &str = "TlRMTVNTUAACAAAA";

/// An NTLM challenge in a text, with its place.
pub fn challenge(text: &str) -> Option<(Challenge, usize, usize)> {
    let start = text.find(SIGNATURE)?;
    let rest = text.get(start..)?;
    let len = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')).count();
    let octets = base64(rest.get(..len)?).ok()?;
    Some((read(&octets), start, start + len))
}

fn read(octets: &[u8]) -> Challenge {
    let mut found = Challenge::default();
    let mut name = |octets: &[u8]| {
        let name = utf16(octets).filter(|name| !name.is_empty());
        if let Some(name) = name.filter(|name| !found.names.contains(name)) {
            found.names.push(name);
        }
    };
    if let Some(target) = field(octets, 12) {
        name(target);
    }
    let mut info = field(octets, 40).unwrap_or(&[]);
    // A handful of pairs is what there is; more would be junk.
    for _ in 0..16 {
        let (Some(id), Some(len)) = (u16_at(info, 0), u16_at(info, 2)) else {
            break;
        };
        let end = 4 + usize::from(len);
        match (id, info.get(4..end)) {
            (1..=5, Some(value)) => name(value),
            (0, _) | (_, None) => break,
            _ => {}
        }
        info = info.get(end..).unwrap_or(&[]);
    }
    // NTLMSSP_NEGOTIATE_VERSION says that the field behind the target's is filled.
    if u16_at(octets, 22).is_some_and(|flags| flags & 0x0200 != 0)
        && let (Some(&major), Some(&minor), Some(build)) = (octets.get(48), octets.get(49), u16_at(octets, 50))
        && (major, build) != (0, 0)
    {
        found.build = Some((major, minor, build));
    }
    found
}

fn u16_at(octets: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes([*octets.get(at)?, *octets.get(at + 1)?]))
}

/// A field's octets: its length stands at a place, its offset four octets behind.
fn field(octets: &[u8], at: usize) -> Option<&[u8]> {
    let (len, offset) = (usize::from(u16_at(octets, at)?), usize::from(u16_at(octets, at + 4)?));
    octets.get(offset..offset + len)
}

fn utf16(octets: &[u8]) -> Option<String> {
    let units = octets.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair));
    char::decode_utf16(units).map(Result::ok).collect()
}

/// Exchange ends its greetings of IMAP and POP3 with the server's name, in UTF-16 and base64, in
/// brackets: its kind, name and place.
pub(super) fn exchange_name(line: &str) -> Option<(NameKind, String, usize, usize)> {
    let inside = line.trim_end().strip_suffix(']')?;
    let start = inside.rfind('[')? + 1;
    let text = inside.get(start..).filter(|text| (12..=400).contains(&text.len()))?;
    let octets = base64(text).ok()?;
    // Of ASCII every second octet is zero: nothing else in base64 looks so.
    if octets.len() % 2 != 0 || octets.iter().skip(1).step_by(2).any(|octet| *octet != 0) {
        return None;
    }
    let name = utf16(&octets)?;
    Some((name_kind(&name)?, name, start, start + text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    /// The second message of NTLM with these pairs; `build` fills the version.
    fn message(pairs: &[(u16, &str)], build: Option<u16>) -> Vec<u8> {
        let mut info = Vec::new();
        for (id, value) in pairs {
            info.extend(id.to_le_bytes());
            info.extend((utf16(value).len() as u16).to_le_bytes());
            info.extend(utf16(value));
        }
        info.extend([0; 4]);
        let mut octets = b"NTLMSSP\0\x02\0\0\0".to_vec();
        let target = utf16("CORP");
        octets.extend([target.len() as u8, 0, target.len() as u8, 0, 56, 0, 0, 0]);
        octets.extend([0, 0, 0, if build.is_some() { 2 } else { 0 }]);
        octets.extend([7; 8]);
        octets.extend([0; 8]);
        octets.extend([info.len() as u8, 0, info.len() as u8, 0, 56 + target.len() as u8, 0, 0, 0]);
        octets.extend([10, 0]);
        octets.extend(build.unwrap_or(0).to_le_bytes());
        octets.extend([0, 0, 0, 15]);
        octets.extend(target);
        octets.extend(info);
        octets
    }

    fn encoded(octets: &[u8]) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for three in octets.chunks(3) {
            let bits = three.iter().chain(&[0, 0]).take(3).fold(0_usize, |bits, octet| bits << 8 | usize::from(*octet));
            for at in 0..=three.len() {
                text.push(char::from(LETTERS[bits >> (18 - 6 * at) & 63]));
            }
        }
        text
    }

    #[test]
    fn challenges() {
        let names = [(2, "CORP"), (1, "EX01"), (4, "corp.example.org"), (3, "ex01.corp.example.org")];
        let line = format!("334 {}", encoded(&message(&names, Some(17763))));
        let (found, start, end) = challenge(&line).unwrap();
        assert_eq!(found.names, ["CORP", "EX01", "corp.example.org", "ex01.corp.example.org"]);
        assert_eq!((found.build, start, end), (Some((10, 0, 17763)), 4, line.len()));
        let told = super::super::told(super::super::Protocol::Smtp, &line);
        assert_eq!((told.discloses(), told.os.as_deref()), (vec!["os", "internal-name"], Some("Windows 10.0.17763")));

        let (found, ..) = challenge(&encoded(&message(&names, None))).unwrap();
        assert_eq!(found.build, None);
        for len in 12..80 {
            let octets = message(&names, Some(1));
            assert!(challenge(&encoded(&octets[..len])).is_some_and(|(found, ..)| found.names.len() < 4));
        }
        assert_eq!(challenge("334 UGFzc3dvcmQ6"), None);
    }

    #[test]
    fn names_of_exchange() {
        let line = |name: &str| format!("* OK The service is ready. [{}]", encoded(&utf16(name)));
        let name = |line: &str| exchange_name(line).map(|(kind, name, ..)| (kind, name));
        assert_eq!(name(&line("EX01.corp.local")), Some((NameKind::Internal, "EX01.corp.local".to_owned())));
        assert_eq!(name(&line("mail.example.org")), Some((NameKind::Public, "mail.example.org".to_owned())));
        assert_eq!(name("* OK ready [08DE2B1A2C3D4E5F]"), None);
        assert_eq!(name("* OK ready ["), None);
    }
}
