//! Binary formats that come from strangers.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use shared::inquiry::RecordType;
use shared::{Answer, DomainName};

use crate::source::Source;
use crate::talks::name;
use crate::worlds;

pub const TYPES: [RecordType; 10] = [
    RecordType::A,
    RecordType::Aaaa,
    RecordType::Mx,
    RecordType::Txt,
    RecordType::Ptr,
    RecordType::Ns,
    RecordType::Soa,
    RecordType::Tlsa,
    RecordType::Srv,
    RecordType::Spf,
];

/// A DNS message: the first octet chooses what was asked. Its header and question are made to fit, so that what is
/// behind them is reached.
pub fn dns(data: &[u8]) {
    let mut source = Source(data);
    let record = *source.pick(&TYPES);
    let asked = name("example.org");
    let _ = probe::dns::truncated(source.0);
    look(source.0, &asked, record, 0);
    if let Ok(query) = probe::dns::query(&asked, record, false, 0) {
        let question = query.get(12..query.len().saturating_sub(11)).unwrap_or_default();
        let header = [0, 0, 0x81, 0xa0, 0, 1, 0, source.byte(), 0, source.byte(), 0, source.byte()];
        look(&[&header, question, source.0].concat(), &asked, record, 0);
    }
}

fn look(message: &[u8], asked: &DomainName, record: RecordType, id: u16) {
    if let Ok(answer) = probe::dns::answer(message, asked, record, id) {
        assert!(answer.records.len() <= 200 && answer.aliases.len() <= 16);
        worlds::keeps(&Answer::Dns(answer));
    }
}

/// A certificate: PEM as it came, and the same octets as what PEM holds.
pub fn certificate(data: &[u8]) {
    let packed = BASE64_STANDARD.encode(data);
    let packed = format!("-----BEGIN CERTIFICATE-----\n{packed}\n-----END CERTIFICATE-----\n");
    for body in [data, packed.as_bytes()] {
        if let Some(certificate) = probe::pem::certificate(body) {
            let texts = [&certificate.subject, &certificate.issuer].into_iter().chain(&certificate.names);
            for text in texts {
                assert!(text.chars().count() <= 300 && !text.contains('\n'), "{text:?}");
            }
        }
    }
}
