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
    let units =
        octets.chunks_exact(2).map(|pair| pair.iter().rev().fold(0_u16, |unit, octet| unit << 8 | u16::from(*octet)));
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
