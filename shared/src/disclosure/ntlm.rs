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

/// The same message (its octets) without what it tells: of each name the first letter, and that there is a build. It
/// reads alike, so that whoever judges it again comes to the same finding.
pub fn mask_challenge(octets: &[u8]) -> Vec<u8> {
    let fixed = octets.get(..FIXED).unwrap_or(octets);
    let mut masked = fixed.to_vec();
    masked.resize(octets.len(), 0);
    if build(octets).is_some()
        && let Some(major) = masked.get_mut(FIXED)
    {
        *major = 1;
    }
    for Place { part, start, end } in places(octets) {
        let kept = match part {
            Part::Head => 4,
            Part::Name => 2,
        };
        let parts = (start..end).enumerate().zip(octets.get(start..end).unwrap_or_default());
        for ((from_start, at), octet) in parts {
            if let Some(place) = masked.get_mut(at) {
                let star = if from_start % 2 == 0 { b'*' } else { 0 };
                *place = if from_start < kept { *octet } else { star };
            }
        }
    }
    masked
}

/// So long is the part of the message whose fields have fixed places; behind it stand the version, and what the fields
/// point to.
const FIXED: usize = 48;

/// A stretch of the message.
struct Place {
    part: Part,
    start: usize,
    end: usize,
}

enum Part {
    /// A name in UTF-16.
    Name,
    /// What says which sort of name follows, and how long it is.
    Head,
}

fn read(octets: &[u8]) -> Challenge {
    let mut names: Vec<String> = Vec::new();
    for Place { start, end, .. } in places(octets).into_iter().filter(|place| matches!(place.part, Part::Name)) {
        let name = octets.get(start..end).and_then(utf16).filter(|name| !name.is_empty());
        if let Some(name) = name.filter(|name| !names.contains(name)) {
            names.push(name);
        }
    }
    Challenge { names, build: build(octets) }
}

/// Where the names stand.
fn places(octets: &[u8]) -> Vec<Place> {
    let mut places = Vec::new();
    if let Some((start, end)) = field(octets, 12) {
        places.push(Place { part: Part::Name, start, end });
    }
    let (mut at, end_of_all) = field(octets, 40).unwrap_or((0, 0));
    // A handful of pairs is what there is; more would be junk.
    for _ in 0..16 {
        let head = octets.get(at..end_of_all).unwrap_or_default();
        let (Some(id), Some(len)) = (u16_at(head, 0), u16_at(head, 2)) else {
            break;
        };
        let (start, end) = (at + 4, at + 4 + usize::from(len));
        if id == 0 || end > end_of_all {
            break;
        }
        places.push(Place { part: Part::Head, start: at, end: start });
        if id <= 5 {
            places.push(Place { part: Part::Name, start, end });
        }
        at = end;
    }
    places
}

/// NTLMSSP_NEGOTIATE_VERSION says that the field behind the target's is filled.
fn build(octets: &[u8]) -> Option<(u8, u8, u16)> {
    u16_at(octets, 22).filter(|flags| flags & 0x0200 != 0)?;
    let (major, minor, build) = (*octets.get(FIXED)?, *octets.get(FIXED + 1)?, u16_at(octets, FIXED + 2)?);
    ((major, build) != (0, 0)).then_some((major, minor, build))
}

fn u16_at(octets: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes([*octets.get(at)?, *octets.get(at + 1)?]))
}

/// Where a field's octets stand: its length stands at a place, its offset four octets behind.
fn field(octets: &[u8], at: usize) -> Option<(usize, usize)> {
    let (len, offset) = (usize::from(u16_at(octets, at)?), usize::from(u16_at(octets, at + 4)?));
    octets.get(offset..offset + len)?;
    Some((offset, offset + len))
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
    fn masks() {
        let names = [(2, "CORP"), (1, "EX01"), (4, "corp.example.org"), (3, "ex01.corp.example.org"), (7, "lateness")];
        let octets = message(&names, Some(17763));
        let masked = mask_challenge(&octets);
        let found = read(&masked);
        assert_eq!(found.names, ["C***", "E***", "c***************", "e********************"]);
        assert_eq!((found.build, masked.len()), (Some((1, 0, 0)), octets.len()));
        assert_eq!(mask_challenge(&masked), masked);
        let shown: String =
            masked.iter().filter(|octet| octet.is_ascii_graphic()).map(|octet| char::from(*octet)).collect();
        assert!(["ORP", "X01", "orp", "example", "ate"].iter().all(|part| !shown.contains(part)), "{shown}");
        assert_eq!(read(&mask_challenge(&message(&names, None))).build, None);
        for len in 0..octets.len() {
            let (cut, masked) = (read(&octets[..len]), read(&mask_challenge(&octets[..len])));
            assert_eq!(cut.build.is_some(), masked.build.is_some(), "{len}");
            assert_eq!(cut.names.len(), masked.names.len(), "{len}");
        }
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
