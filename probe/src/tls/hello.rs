//! The first message of TLS, and what the server answers to it. That tells version and cipher suite
//! without any cryptography, of versions and suites too that our client does not speak.

use rustls::CipherSuite;
use shared::DomainName;
use shared::evidence::{HelloAnswer, Offer, TLS11, TlsFault};
use tls_parser::{TlsMessage, TlsMessageHandshake, TlsRecordType, parse_tls_message_handshake, parse_tls_raw_record};

/// The most octets that are read for an answer, which is one small message.
const ANSWER_MAX: usize = 32 * 1024;

const TLS12: u16 = 0x0303;

/// "We do secure renegotiation" (RFC 5746 section 3.3): without it some servers break off.
const RENEGOTIATION_INFO: u16 = 0x00ff;

/// What clients of TLS 1.0 and 1.1 offered: AES, 3DES and RC4, with and without forward secrecy.
const OLD: [u16; 18] = [
    0x0004, 0x0005, 0x000a, 0x0016, 0x002f, 0x0033, 0x0035, 0x0039, 0x0041, 0x0084, 0xc007, 0xc008, 0xc009, 0xc00a,
    0xc011, 0xc012, 0xc013, 0xc014,
];

/// Without encryption, for export, RC4, DES, 3DES, and those without forward secrecy. Not the
/// anonymous ones: only clients that ask for them get them, no mail program does, and Postfix grants
/// them on purpose to senders that check no certificate anyway.
const WEAK: [u16; 29] = [
    0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x0008, 0x0009, 0x000a, 0x0011, 0x0014, 0x0015, 0x0016, 0x002f,
    0x0035, 0x003b, 0x003c, 0x003d, 0x0041, 0x0084, 0x0096, 0x009c, 0x009d, 0xc006, 0xc007, 0xc008, 0xc010, 0xc011,
    0xc012,
];

/// The suites of an offer, sorted: the weakest stand about first.
const fn suites(offer: Offer) -> &'static [u16] {
    match offer {
        Offer::Old => &OLD,
        Offer::Weak => &WEAK,
    }
}

/// The newest version of an offer. The oldest is the server's affair: it answers with the newest
/// that it has of those (RFC 5246 appendix E.1).
const fn newest(offer: Offer) -> u16 {
    match offer {
        Offer::Old => TLS11,
        Offer::Weak => TLS12,
    }
}

/// A ClientHello in its record (RFC 5246 sections 6.2.1 and 7.4.1.2). Nothing secret comes of
/// `random`, as nobody goes on from there.
pub(crate) fn client_hello(offer: Offer, host: &DomainName, random: [u8; 32]) -> Vec<u8> {
    let mut extensions = extension(0, &vector(&[&[0], vector(host.as_str().as_bytes()).as_slice()].concat()));
    // RFC 8422 section 5.1: x25519, P-256, P-384, P-521, in uncompressed points.
    extensions.extend(extension(10, &vector(&numbers(&[0x001d, 0x0017, 0x0018, 0x0019]))));
    extensions.extend(extension(11, &[1, 0]));
    if newest(offer) == TLS12 {
        // RFC 5246 section 7.4.1.4.1: RSA and ECDSA over SHA-256, -384, -512, -1; RSA-PSS.
        let schemes = [0x0401, 0x0403, 0x0501, 0x0503, 0x0601, 0x0603, 0x0804, 0x0805, 0x0806, 0x0201, 0x0203];
        extensions.extend(extension(13, &vector(&numbers(&schemes))));
    }
    let mut ciphers = numbers(suites(offer));
    ciphers.extend(RENEGOTIATION_INFO.to_be_bytes());
    let body = [
        newest(offer).to_be_bytes().as_slice(),
        &random,
        &[0], // no session to go on with
        &vector(&ciphers),
        &[1, 0], // no compression
        &vector(&extensions),
    ]
    .concat();
    let message = [&[1, 0], vector(&body).as_slice()].concat();
    // Appendix E.1: the record says TLS 1.0, which no server takes amiss.
    [&[22, 3, 1], vector(&message).as_slice()].concat()
}

fn extension(kind: u16, data: &[u8]) -> Vec<u8> {
    [kind.to_be_bytes().as_slice(), &vector(data)].concat()
}

/// The octets behind their number. All are far below 64 KiB.
fn vector(octets: &[u8]) -> Vec<u8> {
    [u16::try_from(octets.len()).unwrap_or(0).to_be_bytes().as_slice(), octets].concat()
}

fn numbers(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// Reads the answer, cut as it may be.
#[derive(Debug)]
pub(crate) struct Listener {
    offer: Offer,
    /// What came and is no whole record yet.
    records: Vec<u8>,
    /// What came of the handshake, out of its records.
    messages: Vec<u8>,
    received: usize,
}

impl Listener {
    pub(crate) const fn new(offer: Offer) -> Self {
        Self { offer, records: Vec::new(), messages: Vec::new(), received: 0 }
    }

    /// Takes what came; gives the answer once it is whole, or cannot become one any more.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Option<HelloAnswer> {
        self.received = self.received.saturating_add(bytes.len());
        if self.received > ANSWER_MAX {
            return Some(HelloAnswer::Failed(TlsFault::Overlong));
        }
        let mut records = std::mem::take(&mut self.records);
        records.extend_from_slice(bytes);
        let mut rest = records.as_slice();
        loop {
            // RFC 5246 section 6.2.1: a type of content, and a version that begins with 3.
            match rest {
                [] => return None,
                [20..=24] | [20..=24, 3, ..] => {}
                _ => return Some(HelloAnswer::Failed(TlsFault::NotTls)),
            }
            let (behind, record) = match parse_tls_raw_record(rest) {
                Ok(read) => read,
                Err(error) if error.is_incomplete() => {
                    self.records = rest.to_vec();
                    return None;
                }
                Err(_) => return Some(HelloAnswer::Failed(TlsFault::Misbehaved)),
            };
            rest = behind;
            match (record.hdr.record_type, record.data) {
                (TlsRecordType::ChangeCipherSpec, _)
                // Section 7.2: a warning is not the end, except for a goodbye.
                | (TlsRecordType::Alert, [1, 1..=255]) => {}
                (TlsRecordType::Alert, [level, description]) => {
                    let version = record.hdr.version.0;
                    return Some(HelloAnswer::Alert { version, level: *level, description: *description });
                }
                (TlsRecordType::Handshake, data) => {
                    self.messages.extend_from_slice(data);
                    if let Some(answer) = self.server_hello() {
                        return Some(answer);
                    }
                }
                _ => return Some(HelloAnswer::Failed(TlsFault::Misbehaved)),
            }
        }
    }

    /// The ServerHello, which must be the first message (section 7.4.1.3), once it is whole.
    fn server_hello(&self) -> Option<HelloAnswer> {
        let misbehaved = Some(HelloAnswer::Failed(TlsFault::Misbehaved));
        let length = match self.messages.as_slice() {
            [] | [2] | [2, _] | [2, _, _] => return None,
            [2, high, middle, low, ..] => u32::from_be_bytes([0, *high, *middle, *low]) as usize,
            _ => return misbehaved,
        };
        // The parser does not tell a message that is not whole from one that is wrong.
        let message = self.messages.get(..length + 4)?;
        let Ok((_, TlsMessage::Handshake(TlsMessageHandshake::ServerHello(hello)))) =
            parse_tls_message_handshake(message)
        else {
            return misbehaved;
        };
        let (version, suite) = (hello.version.0, hello.cipher.0);
        // It chooses among what was offered.
        if !(0x0300..=newest(self.offer)).contains(&version) || !suites(self.offer).contains(&suite) {
            return misbehaved;
        }
        let name = CipherSuite::from(suite).as_str().map_or_else(|| format!("0x{suite:04x}"), str::to_owned);
        Some(HelloAnswer::Takes { version, suite, name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tls_parser::parse_tls_plaintext;

    fn hello(offer: Offer) -> Vec<u8> {
        client_hello(offer, &DomainName::new("mx.h.test").unwrap(), [7; 32])
    }

    #[test]
    fn offers_are_well_formed() {
        for offer in [Offer::Old, Offer::Weak] {
            assert!(suites(offer).is_sorted());
            for suite in suites(offer) {
                let name = CipherSuite::from(*suite).as_str().unwrap();
                assert!(!name.contains("anon"), "{name}");
                let weak = ["NULL", "EXPORT", "RC4", "DES", "TLS_RSA_"].iter().any(|word| name.contains(word));
                assert!(offer == Offer::Old || weak, "{name}");
            }
            let bytes = hello(offer);
            let (rest, record) = parse_tls_plaintext(&bytes).unwrap();
            assert!(rest.is_empty());
            let [TlsMessage::Handshake(TlsMessageHandshake::ClientHello(hello))] = record.msg.as_slice() else {
                panic!("{record:?}")
            };
            assert_eq!(hello.version.0, newest(offer));
            assert_eq!(hello.ciphers.len(), suites(offer).len() + 1);
            let (rest, extensions) = tls_parser::parse_tls_client_hello_extensions(hello.ext.unwrap()).unwrap();
            assert!(rest.is_empty());
            assert_eq!(extensions.len(), if offer == Offer::Old { 3 } else { 4 });
        }
    }

    fn record(kind: u8, data: &[u8]) -> Vec<u8> {
        [&[kind, 3, 2], vector(data).as_slice()].concat()
    }

    fn server_hello(version: u16, suite: u16) -> Vec<u8> {
        let body = [&version.to_be_bytes()[..], &[9; 32], &[0], &suite.to_be_bytes(), &[0]].concat();
        [&[2, 0], vector(&body).as_slice()].concat()
    }

    fn takes(version: u16, suite: u16, name: &str) -> Option<HelloAnswer> {
        Some(HelloAnswer::Takes { version, suite, name: name.to_owned() })
    }

    const fn failed(fault: TlsFault) -> Option<HelloAnswer> {
        Some(HelloAnswer::Failed(fault))
    }

    /// Each answer, in one piece and octet by octet; no octet before the last decides, except where
    /// something cannot become an answer any more.
    #[test]
    fn answers() {
        use Offer::{Old, Weak};
        let aes = "TLS_RSA_WITH_AES_128_CBC_SHA";
        let whole = server_hello(0x0301, 0x002f);
        let alert = |level, description| Some(HelloAnswer::Alert { version: 0x0302, level, description });
        let (head, tail) = whole.split_at(9);
        let rows: Vec<(&str, Offer, Vec<u8>, Option<HelloAnswer>)> = vec![
            ("TLS 1.0", Old, record(22, &whole), takes(0x0301, 0x002f, aes)),
            ("in two records", Old, [record(22, head), record(22, tail)].concat(), takes(0x0301, 0x002f, aes)),
            (
                "behind ChangeCipherSpec",
                Old,
                [record(20, &[1]), record(22, &whole)].concat(),
                takes(0x0301, 0x002f, aes),
            ),
            ("behind a warning", Old, [record(21, &[1, 112]), record(22, &whole)].concat(), takes(0x0301, 0x002f, aes)),
            ("SSLv3", Old, record(22, &server_hello(0x0300, 0x0005)), takes(0x0300, 5, "TLS_RSA_WITH_RC4_128_SHA")),
            (
                "TLS 1.2",
                Weak,
                record(22, &server_hello(0x0303, 0x000a)),
                takes(0x0303, 0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
            ),
            ("protocol_version", Old, record(21, &[2, 70]), alert(2, 70)),
            ("goodbye", Old, record(21, &[1, 0]), alert(1, 0)),
            ("newer than offered", Old, record(22, &server_hello(0x0303, 0x002f)), failed(TlsFault::Misbehaved)),
            ("older than all", Old, record(22, &server_hello(0x0200, 0x002f)), failed(TlsFault::Misbehaved)),
            ("not offered", Weak, record(22, &server_hello(0x0303, 0xc02f)), failed(TlsFault::Misbehaved)),
            ("another message", Old, record(22, &[11, 0, 0, 0]), failed(TlsFault::Misbehaved)),
            ("a short ServerHello", Old, record(22, &[2, 0, 0, 1, 3]), failed(TlsFault::Misbehaved)),
            ("data", Old, record(23, b"x"), failed(TlsFault::Misbehaved)),
            ("an empty alert", Old, record(21, &[]), failed(TlsFault::Misbehaved)),
            ("a record too long", Old, vec![22, 3, 1, 255, 255], failed(TlsFault::Misbehaved)),
            ("nothing whole", Old, record(22, head), None),
            ("nothing", Old, vec![], None),
            ("SMTP", Old, b"500 what?\r\n".to_vec(), failed(TlsFault::NotTls)),
            ("SSLv2", Old, vec![0x80, 0x2e, 4], failed(TlsFault::NotTls)),
            ("version 2", Old, vec![22, 2], failed(TlsFault::NotTls)),
            ("endless", Old, record(20, &[1]).repeat(ANSWER_MAX / 6 + 1), failed(TlsFault::Overlong)),
        ];
        for (name, offer, bytes, want) in rows {
            assert_eq!(Listener::new(offer).take(&bytes), want, "{name}");
            let mut listener = Listener::new(offer);
            let early = bytes.iter().find_map(|octet| listener.take(std::slice::from_ref(octet)));
            assert_eq!(early, want, "{name}, octet by octet");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes(head in prop::collection::vec(prop_oneof![Just(22u8), Just(21), Just(3), Just(2), Just(0), any::<u8>()], 0..80), cut in 1usize..40) {
            let mut listener = Listener::new(Offer::Weak);
            let mut answer = None;
            for part in head.chunks(cut) {
                answer = answer.or_else(|| listener.take(part));
            }
            prop_assert_eq!(answer, Listener::new(Offer::Weak).take(&head));
        }
    }
}
