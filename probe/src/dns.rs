//! DNS messages: one question out, one answer in.

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use hickory_proto::rr::{DNSClass, Name, RData, RecordType as Type};
use shared::evidence::{DnsAnswer, Record, TTL_LONG, Target};
use shared::inquiry::RecordType;
use shared::visible::from_bytes;
use shared::{DomainName, Unseen};

/// The largest message, in octets: what the length field over TCP can say (RFC 1035 section 4.2.2).
const MESSAGE_MAX: usize = 65_535;
/// The most records of one answer that are read.
const RECORDS_MAX: usize = 200;
/// The longest chain of aliases that is followed.
const ALIASES_MAX: usize = 16;
/// The EDNS option of extended errors (RFC 8914 section 2).
const EXTENDED_ERROR: u16 = 15;
/// What we can take over UDP without fragments (RFC 9715).
const UDP_PAYLOAD: u16 = 1232;

/// A question for a recursive resolver. RD asks for recursion, AD whether the resolver vouches for
/// the answer (RFC 6840 section 5.7), CD, where `unchecked`, for the answer whatever its signatures
/// (RFC 4035 section 3.2.2). Over HTTPS the id is 0 (RFC 8484 section 4.1).
pub fn query(name: &DomainName, record: RecordType, unchecked: bool, id: u16) -> Result<Vec<u8>, Unseen> {
    let mut message = Message::new(id, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.metadata.authentic_data = true;
    message.metadata.checking_disabled = unchecked;
    message.add_query(Query::query(wire_name(name)?, wire_type(record)));
    let mut edns = Edns::new();
    edns.set_max_payload(UDP_PAYLOAD).set_dnssec_ok(false);
    message.set_edns(edns);
    message.to_vec().map_err(|_| Unseen::Failed)
}

/// Is the answer cut off, so that it must be asked for over TCP (TC, RFC 1035 section 4.1.1)?
pub fn truncated(bytes: &[u8]) -> bool {
    bytes.get(2).is_some_and(|flags| flags & 0x02 != 0)
}

/// Reads the answer to a question. Only NOERROR and NXDOMAIN say something of the name; every other
/// code, and whatever does not answer this very question, is [`Unseen`].
pub fn answer(bytes: &[u8], name: &DomainName, record: RecordType, id: u16) -> Result<DnsAnswer, Unseen> {
    if bytes.len() > MESSAGE_MAX {
        return Err(Unseen::OverCap);
    }
    let message = Message::from_vec(bytes).map_err(|_| Unseen::DnsMalformed)?;
    let header = &message.metadata;
    if header.id != id || header.message_type != MessageType::Response {
        return Err(Unseen::DnsMalformed);
    }
    let nxdomain = match header.response_code {
        ResponseCode::NoError => false,
        ResponseCode::NXDomain => true,
        ResponseCode::ServFail => return Err(why_servfail(&message)),
        _ => return Err(Unseen::DnsRefused),
    };
    let asked = wire_name(name)?;
    let echoed = match message.queries.as_slice() {
        [query] => {
            same(query.name(), &asked) && query.query_type() == wire_type(record) && query.query_class() == DNSClass::IN
        }
        _ => false,
    };
    if !echoed || header.op_code != OpCode::Query || header.truncation {
        return Err(Unseen::DnsMalformed);
    }
    if message.answers.len() > RECORDS_MAX {
        return Err(Unseen::OverCap);
    }
    let (aliases, owner) = follow(&message, asked)?;
    let found: Vec<_> = message
        .answers
        .iter()
        .filter(|r| r.dns_class == DNSClass::IN && same(&r.name, &owner))
        .filter(|r| r.record_type() == wire_type(record))
        .collect();
    let records = found.iter().filter_map(|r| data(&r.data)).collect();
    // Of the top bit on it counts as zero (RFC 2181 section 8).
    let least = found.iter().map(|r| if r.ttl > i32::MAX.cast_unsigned() { 0 } else { r.ttl }).min();
    let ttl = least.filter(|ttl| *ttl > TTL_LONG);
    Ok(DnsAnswer { nxdomain, authenticated: header.authentic_data, aliases, records, ttl })
}

/// What the resolver says of its SERVFAIL, by extended errors (RFC 8914), where all of them agree.
fn why_servfail(message: &Message) -> Unseen {
    let (mut bogus, mut down) = (false, false);
    for (code, option) in message.edns.iter().flat_map(|edns| &edns.options().options) {
        let (EdnsCode::Unknown(EXTENDED_ERROR), EdnsOption::Unknown(_, data)) = (code, option) else {
            continue;
        };
        match data.as_slice() {
            // Sections 4.7 to 4.13: bogus, expired, not yet valid, no DNSKEY, RRSIG, zone key, NSEC.
            [0, 6..=12, ..] => bogus = true,
            // Sections 4.23 and 4.24: no reachable authority, network error.
            [0, 22 | 23, ..] => down = true,
            _ => {}
        }
    }
    match (bogus, down) {
        (true, false) => Unseen::Bogus,
        (false, true) => Unseen::NameServersDown,
        _ => Unseen::ServFail,
    }
}

/// Follows aliases within the answer section; returns them and the name that holds the records.
/// A loop ends where it closes: nothing is there, and that is what the zone says.
fn follow(message: &Message, asked: Name) -> Result<(Vec<DomainName>, Name), Unseen> {
    let mut owner = asked;
    let mut aliases = Vec::new();
    loop {
        let next = message.answers.iter().find_map(|r| match &r.data {
            RData::CNAME(target) if r.dns_class == DNSClass::IN && same(&r.name, &owner) => Some(&target.0),
            _ => None,
        });
        let Some(next) = next else {
            return Ok((aliases, owner));
        };
        // An alias that we can't write down would read as no alias at all.
        let Target::Name(alias) = target(next) else {
            return Err(Unseen::DnsMalformed);
        };
        if aliases.contains(&alias) {
            return Ok((aliases, owner));
        }
        if aliases.len() == ALIASES_MAX {
            return Err(Unseen::OverCap);
        }
        owner = next.clone();
        aliases.push(alias);
    }
}

fn data(data: &RData) -> Option<Record> {
    Some(match data {
        RData::A(a) => Record::A(a.0),
        RData::AAAA(aaaa) => Record::Aaaa(aaaa.0),
        RData::MX(mx) => Record::Mx { preference: mx.preference, exchange: target(&mx.exchange) },
        RData::Unknown { code, rdata } if *code == wire_type(RecordType::Spf) => Record::Spf(strings(&rdata.anything)?),
        RData::TXT(txt) => Record::Txt(txt.txt_data.iter().map(|text| from_bytes(text)).collect()),
        RData::PTR(ptr) => Record::Ptr(target(&ptr.0)),
        RData::NS(ns) => Record::Ns(target(&ns.0)),
        RData::SOA(soa) => Record::Soa {
            primary: target(&soa.mname),
            contact: target(&soa.rname),
            serial: soa.serial,
            // 32 bits without a sign on the wire (RFC 1035 section 3.3.13).
            refresh: soa.refresh.cast_unsigned(),
            retry: soa.retry.cast_unsigned(),
            expire: soa.expire.cast_unsigned(),
            minimum: soa.minimum,
        },
        RData::TLSA(tlsa) => Record::Tlsa {
            usage: tlsa.cert_usage.into(),
            selector: tlsa.selector.into(),
            matching: tlsa.matching.into(),
            data: hex(&tlsa.cert_data),
        },
        RData::SRV(srv) => {
            Record::Srv { priority: srv.priority, weight: srv.weight, port: srv.port, target: target(&srv.target) }
        }
        _ => return None,
    })
}

/// Character strings, each behind its length (RFC 1035 section 3.3); nothing where they do not come out even.
fn strings(mut octets: &[u8]) -> Option<Vec<String>> {
    let mut found = Vec::new();
    while let Some((length, rest)) = octets.split_first() {
        let (string, rest) = rest.split_at_checked(usize::from(*length))?;
        found.push(from_bytes(string));
        octets = rest;
    }
    Some(found)
}

pub(crate) fn hex(octets: &[u8]) -> String {
    let digit = |n: u8| char::from_digit(n.into(), 16).unwrap_or_default();
    octets.iter().flat_map(|octet| [digit(octet >> 4), digit(octet & 15)]).collect()
}

/// A name that a record points to.
fn target(name: &Name) -> Target {
    if name.is_root() {
        return Target::Root;
    }
    let text = presentation(name);
    DomainName::new(&text).map_or(Target::Odd(text), Target::Name)
}

/// Presentation form without the last dot (RFC 1035 section 5.1): a dot inside a label is not one
/// between labels, and what does not print is `\DDD`.
fn presentation(name: &Name) -> String {
    let mut text = String::new();
    for label in name.iter() {
        if !text.is_empty() {
            text.push('.');
        }
        for octet in label {
            match octet {
                b'.' | b'\\' | b'"' | b';' | b'(' | b')' | b'@' | b'$' => {
                    text.extend(['\\', char::from(*octet)]);
                }
                0x21..=0x7e => text.push(char::from(*octet)),
                _ => text.push_str(&format!("\\{octet:03}")),
            }
        }
    }
    text
}

/// Are the names equal, whatever their case (RFC 1035 section 2.3.3)?
fn same(one: &Name, other: &Name) -> bool {
    one.eq_ignore_root(other)
}

fn wire_name(name: &DomainName) -> Result<Name, Unseen> {
    Name::from_labels(name.as_str().split('.').map(str::as_bytes)).map_err(|_| Unseen::Failed)
}

const fn wire_type(record: RecordType) -> Type {
    match record {
        RecordType::A => Type::A,
        RecordType::Aaaa => Type::AAAA,
        RecordType::Mx => Type::MX,
        RecordType::Txt => Type::TXT,
        RecordType::Ptr => Type::PTR,
        RecordType::Ns => Type::NS,
        RecordType::Soa => Type::SOA,
        RecordType::Tlsa => Type::TLSA,
        RecordType::Srv => Type::SRV,
        RecordType::Spf => Type::Unknown(99),
    }
}
