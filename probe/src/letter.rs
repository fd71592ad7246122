//! The messages of active tests: each says what it is, who asked for it, and how to stop it; and carries at most one
//! harmless sample.
//!
//! Everything in them is ours or was read strictly (names, local parts, tokens), so nothing of it can end a line.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use shared::DomainName;
use shared::grant::{Sample, Token};
use shared::local_part::LocalPart;
use shared::outbound::message::date_text;

use crate::testfile::{eicar, gtube};

/// What the driver puts into its messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    /// The page of the run.
    pub link: String,
    /// When it is sent, in milliseconds since 1970.
    pub at: u64,
    /// The code that opens the tests; then this is the message that brings it.
    pub code: Option<String>,
}

/// Who writes to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The author, an address of ours.
    pub author: String,
    /// Our own domain.
    pub site: String,
    /// The checked domain.
    pub domain: DomainName,
    /// The mailbox there.
    pub mailbox: LocalPart,
    /// What tells the message from all others.
    pub token: Token,
}

/// Where a bounce of a message comes to.
pub fn bounce_address(token: &Token, site: &str) -> String {
    format!("b-{}@{site}", token.as_str())
}

/// A whole message, as it is before the dots at the beginnings of lines are doubled.
pub fn message(envelope: &Envelope, sample: Sample, letter: &Letter) -> Vec<u8> {
    let Envelope { author, site, domain, mailbox, token } = envelope;
    let token = token.as_str();
    let subject = match &letter.code {
        Some(_) => "your code".to_owned(),
        None => sample.words().to_owned(),
    };
    let mut text = format!(
        "Date: {}\r\nFrom: mailsins <{author}>\r\nTo: <{}@{domain}>\r\nSubject: [mailsins test of {domain}] {subject}\r\n\
         Message-ID: <{token}@{site}>\r\nAuto-Submitted: auto-generated\r\n",
        date_text(letter.at),
        mailbox.as_str()
    );
    if !letter.link.is_empty() {
        let _ = write!(text, "List-Unsubscribe: <{}>\r\n", letter.link);
    }
    text += "MIME-Version: 1.0\r\n";
    let body = body(domain, sample, letter);
    match sample {
        Sample::Control => text += &format!("{PLAIN}\r\n{body}"),
        Sample::Gtube => text += &format!("{PLAIN}\r\n{body}\r\n{}\r\n", gtube()),
        carrier => {
            let _ = write!(
                text,
                "Content-Type: multipart/mixed; boundary=\"{token}\"\r\n\r\n--{token}\r\n{PLAIN}\r\n{body}\r\n--{token}\r\n{}--{token}--\r\n",
                part(carrier)
            );
        }
    }
    text.into_bytes()
}

/// What goes over the wire behind DATA: no line begins with a dot that is not doubled, and a lone dot ends it (RFC 5321
/// section 4.5.2).
pub fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 8);
    let mut at_start = true;
    for octet in message {
        if at_start && *octet == b'.' {
            out.push(b'.');
        }
        at_start = *octet == b'\n';
        out.push(*octet);
    }
    if !at_start {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

const PLAIN: &str = "Content-Type: text/plain; charset=us-ascii\r\n";

fn body(domain: &DomainName, sample: Sample, letter: &Letter) -> String {
    let what = match (&letter.code, sample) {
        (Some(code), _) => format!(
            "The code is {code}. Type it at the address below, and tests can begin.\r\nWithout it nothing more is sent."
        ),
        (None, Sample::Control) => "This one carries nothing: it must arrive, or the others say nothing.".to_owned(),
        (None, _) => format!("It carries a harmless sample that every filter knows: {}.", sample.words()),
    };
    format!(
        "This is a test of the mail servers of {domain}.\r\n{what}\r\n\r\nWho asked: whoever keeps the DNS of {domain}, by the TXT record at\r\n\
         _mailsins.{domain}\r\nWhat else is sent, and the results:\r\n{}\r\nTo stop it: take that record away, or make it v=mailsins1; probe=none\r\n",
        letter.link
    )
}

/// The part of a message that carries EICAR.
fn part(sample: Sample) -> String {
    let file = eicar().into_bytes();
    let (kind, name, file) = match sample {
        Sample::EicarZip => ("application/zip", "eicar.zip", zip("eicar.com", &file)),
        Sample::EicarZipZip => ("application/zip", "eicar2.zip", zip("eicar.zip", &zip("eicar.com", &file))),
        Sample::EicarRenamed => ("image/jpeg", "picture.jpg", file),
        Sample::EicarInline => ("text/plain", "", file),
        _ => ("application/octet-stream", "eicar.com", file),
    };
    let place = if name.is_empty() { "inline".to_owned() } else { format!("attachment; filename=\"{name}\"") };
    let mut text =
        format!("Content-Type: {kind}\r\nContent-Disposition: {place}\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    // RFC 2045 section 6.8: at most 76 characters a line.
    for line in STANDARD.encode(file).as_bytes().chunks(76) {
        text.extend(line.iter().copied().map(char::from));
        text += "\r\n";
    }
    text
}

/// An archive of one file, which it holds as it is (PKWARE APPNOTE sections 4.3.7, 4.3.12, 4.3.16).
fn zip(name: &str, file: &[u8]) -> Vec<u8> {
    let length = |of: usize| u32::try_from(of).unwrap_or(u32::MAX).to_le_bytes();
    let short = |of: usize| u16::try_from(of).unwrap_or(u16::MAX).to_le_bytes();
    // Version 1.0, no flags, stored, midnight of the first day that can be told.
    let mut common = vec![10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
    common.extend(crc32(file).to_le_bytes());
    common.extend([length(file.len()), length(file.len())].concat());
    common.extend(short(name.len()));
    common.extend([0, 0]);
    let local = [b"PK\x03\x04", common.as_slice(), name.as_bytes(), file].concat();
    let entry = [b"PK\x01\x02\x0a\0", common.as_slice(), &[0; 14], name.as_bytes()].concat();
    let end =
        [b"PK\x05\x06\0\0\0\0\x01\0\x01\0".as_slice(), &length(entry.len()), &length(local.len()), &[0, 0]].concat();
    [local, entry, end].concat()
}

fn crc32(octets: &[u8]) -> u32 {
    let step = |crc: u32| (0..8).fold(crc, |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()));
    !octets.iter().fold(!0, |crc, octet| step(crc ^ u32::from(*octet)))
}

#[cfg(test)]
mod tests {
    use shared::outbound::Mail;

    use super::*;

    fn envelope() -> Envelope {
        Envelope {
            author: "probe@us.test".to_owned(),
            site: "us.test".to_owned(),
            domain: DomainName::new("h.test").unwrap(),
            mailbox: LocalPart::new("post.master").unwrap(),
            token: Token::of("nonce", "x"),
        }
    }

    fn letter() -> Letter {
        Letter { link: "https://us.test/run/0123".to_owned(), at: 1_791_000_000_000, code: None }
    }

    #[test]
    fn checksum() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn every_message_is_well_formed() {
        for sample in Sample::ALL {
            let bytes = message(&envelope(), sample, &letter());
            let text = String::from_utf8(bytes.clone()).unwrap();
            assert!(text.is_ascii() && text.ends_with("\r\n"), "{sample:?}");
            assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{sample:?}");
            assert!(text.split("\r\n").all(|line| line.len() <= 200), "{sample:?}");
            let mail = Mail::read(&bytes, "b-x@us.test", "receiver.test", 1_791_000_000);
            let count = |name: &str| mail.fields.iter().filter(|field| field.is(name)).count();
            for name in ["Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "List-Unsubscribe"] {
                assert_eq!(count(name), 1, "{sample:?}: {name}");
            }
            for part in ["who keeps", "_mailsins.h.test", "https://us.test/run/0123", "probe=none"] {
                let part = part.replace("who keeps", "whoever keeps the DNS of h.test");
                assert!(text.contains(&part), "{sample:?} lacks {part}");
            }
            assert!(!text.contains(&eicar()), "{sample:?}: it travels encoded");
            assert_eq!(text.contains(&gtube()), sample == Sample::Gtube);
        }
        let code = Letter { code: Some("ABCD-EFGH".to_owned()), ..letter() };
        let text = String::from_utf8(message(&envelope(), Sample::Control, &code)).unwrap();
        assert!(text.contains("The code is ABCD-EFGH."));
    }

    #[test]
    fn dots() {
        assert_eq!(stuffed(b".a\r\nb\r\n..\r\n"), b"..a\r\nb\r\n...\r\n.\r\n");
        assert_eq!(stuffed(b"a"), b"a\r\n.\r\n");
        assert_eq!(stuffed(b""), b".\r\n");
    }

    /// What another reader finds in the archives.
    #[test]
    fn archives() {
        let inner = zip("a.txt", b"hello");
        let outer = zip("b.zip", &inner);
        assert_eq!(inner.len(), 30 + 5 + 5 + 46 + 5 + 22);
        assert!(outer.windows(inner.len()).any(|window| window == inner));
        let end = &inner[inner.len() - 22..];
        let at = u32::from_le_bytes(end[16..20].try_into().unwrap()) as usize;
        assert_eq!(&inner[at..at + 4], b"PK\x01\x02");
        assert_eq!(&inner[at + 46..at + 51], b"a.txt");
    }
}
