//! DNS messages: the bytes we send, and what is made of answers, hostile ones included.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, NS, PTR, SOA, SRV, TLSA, TXT};
use hickory_proto::rr::{Name, RData, Record as Wire, RecordType as Type};
use mailsins_probe::dns::{answer, query, truncated};
use proptest::prelude::*;
use shared::evidence::{DnsAnswer, Record, Target};
use shared::inquiry::RecordType;
use shared::{DomainName, Unseen};

const ID: u16 = 0x1234;

fn domain(text: &str) -> DomainName {
    DomainName::new(text).unwrap()
}

fn name(text: &str) -> Name {
    Name::from_labels(text.split('.').filter(|l| !l.is_empty()).map(str::as_bytes)).unwrap()
}

fn record(owner: &str, data: RData) -> Wire {
    Wire::from_rdata(name(owner), 60, data)
}

fn cname(owner: &str, target: &str) -> Wire {
    record(owner, RData::CNAME(CNAME(name(target))))
}

fn a(owner: &str, last: u8) -> Wire {
    record(owner, RData::A(A::new(192, 0, 2, last)))
}

/// An answer to "A of x.test".
fn message(records: impl IntoIterator<Item = Wire>) -> Message {
    let mut message = Message::new(ID, MessageType::Response, OpCode::Query);
    message.add_query(Query::query(name("x.test"), Type::A));
    message.add_answers(records);
    message
}

fn read(message: &Message, kind: RecordType) -> Result<DnsAnswer, Unseen> {
    answer(&message.to_vec().unwrap(), &domain("x.test"), kind, ID)
}

#[test]
fn what_is_sent() {
    let want = b"\x12\x34\x01\x20\0\x01\0\0\0\0\0\x01\x06_dmarc\x01x\x04test\0\0\x10\0\x01\0\0\x29\x04\xd0\0\0\0\0\0\0";
    assert_eq!(query(&domain("_dmarc.X.test"), RecordType::Txt, false, ID).unwrap(), want);
    let types = [
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
    for (kind, number) in types.into_iter().zip([1, 28, 15, 16, 12, 2, 6, 52, 33, 99]) {
        for unchecked in [false, true] {
            let bytes = query(&domain("x.test"), kind, unchecked, 0).unwrap();
            // AD always, CD where no checks are wanted.
            let flags = if unchecked { 0x30 } else { 0x20 };
            assert_eq!((bytes[0], bytes[1], bytes[3], bytes[21]), (0, 0, flags, number), "{kind}");
        }
    }
}

#[test]
fn records() {
    let odd = Name::from_labels([b"a.b".as_slice(), b"\xffc d", b"test"]).unwrap();
    let hyphen = name("-mx._x.Test");
    let rows: Vec<(RecordType, Type, RData, Record)> = vec![
        (RecordType::A, Type::A, RData::A(A::new(192, 0, 2, 1)), Record::A([192, 0, 2, 1].into())),
        (
            RecordType::Aaaa,
            Type::AAAA,
            RData::AAAA(AAAA("2001:db8::1".parse().unwrap())),
            Record::Aaaa("2001:db8::1".parse().unwrap()),
        ),
        (
            RecordType::Mx,
            Type::MX,
            RData::MX(MX::new(0, Name::root())),
            Record::Mx { preference: 0, exchange: Target::Root },
        ),
        (
            RecordType::Mx,
            Type::MX,
            RData::MX(MX::new(5, hyphen)),
            Record::Mx { preference: 5, exchange: Target::Name(domain("-mx._x.test")) },
        ),
        (
            RecordType::Ptr,
            Type::PTR,
            RData::PTR(PTR(odd)),
            Record::Ptr(Target::Odd("a\\.b.\\255c\\032d.test".to_owned())),
        ),
        (RecordType::Ns, Type::NS, RData::NS(NS(name("ns1.x.test"))), Record::Ns(Target::Name(domain("ns1.x.test")))),
        (
            RecordType::Soa,
            Type::SOA,
            RData::SOA(SOA::new(
                name("ns1.x.test"),
                Name::from_labels([b"a@x".as_slice(), b"test"]).unwrap(),
                u32::MAX,
                -1,
                2,
                3,
                4,
            )),
            Record::Soa {
                primary: Target::Name(domain("ns1.x.test")),
                contact: Target::Odd("a\\@x.test".to_owned()),
                serial: u32::MAX,
                refresh: u32::MAX,
                retry: 2,
                expire: 3,
                minimum: 4,
            },
        ),
        (
            RecordType::Txt,
            Type::TXT,
            RData::TXT(TXT::from_bytes(vec![b"v=spf1 ", b"caf\xe9", b""])),
            Record::Txt(vec!["v=spf1 ".into(), "caf\\xe9".into(), String::new()]),
        ),
    ];
    let tlsa = |usage: u8, data: &[u8]| {
        let wire = TLSA::new(usage.into(), 1.into(), 255.into(), data.to_vec());
        let hex = data.iter().map(|octet| format!("{octet:02x}")).collect();
        (RecordType::Tlsa, Type::TLSA, RData::TLSA(wire), Record::Tlsa { usage, selector: 1, matching: 255, data: hex })
    };
    let srv = |host: &str, target: Target| {
        let wire = SRV::new(10, 5, 993, name(host));
        let want = Record::Srv { priority: 10, weight: 5, port: 993, target };
        (RecordType::Srv, Type::SRV, RData::SRV(wire), want)
    };
    let rows =
        rows.into_iter().chain([srv("IMAP.x.test", Target::Name(domain("imap.x.test"))), srv(".", Target::Root)]);
    let rows = rows.chain([tlsa(3, b"\x0a\xff\x00"), tlsa(200, b"")]);
    for (kind, wire, data, want) in rows {
        let mut message = Message::new(ID, MessageType::Response, OpCode::Query);
        message.add_query(Query::query(name("X.Test"), wire));
        message.add_answer(record("x.TEST", data));
        assert_eq!(read(&message, kind).map(|answer| answer.records), Ok(vec![want]), "{kind}");
    }
}

#[test]
fn aliases() {
    let chain = (0..40).map(|i| cname(&format!("{i}.test"), &format!("{}.test", i + 1)));
    type Want<'a> = Result<(&'a [&'a str], usize), Unseen>;
    let rows: Vec<(&str, Vec<Wire>, Want)> = vec![
        ("none", vec![a("x.test", 1), a("x.test", 2)], Ok((&[], 2))),
        ("empty", vec![], Ok((&[], 0))),
        ("other owners", vec![a("y.test", 1), cname("y.test", "x.test")], Ok((&[], 0))),
        (
            "out of order",
            vec![a("z.test", 1), cname("y.test", "z.test"), cname("x.test", "y.test")],
            Ok((&["y.test", "z.test"], 1)),
        ),
        ("dangling", vec![cname("x.test", "y.test")], Ok((&["y.test"], 0))),
        ("to itself", vec![cname("x.test", "x.test")], Ok((&["x.test"], 0))),
        (
            "a loop",
            vec![cname("x.test", "y.test"), cname("y.test", "x.test"), a("z.test", 1)],
            Ok((&["y.test", "x.test"], 0)),
        ),
        ("too long", std::iter::once(cname("x.test", "0.test")).chain(chain).collect(), Err(Unseen::OverCap)),
        ("to the root", vec![cname("x.test", "")], Err(Unseen::DnsMalformed)),
        ("too many", (0..201u8).map(|i| a("x.test", i)).collect(), Err(Unseen::OverCap)),
    ];
    for (what, records, want) in rows {
        let got = read(&message(records), RecordType::A);
        let want = want.map(|(aliases, count)| (aliases.iter().map(|a| domain(a)).collect::<Vec<_>>(), count));
        assert_eq!(got.map(|answer| (answer.aliases, answer.records.len())), want, "{what}");
    }
}

#[test]
fn headers() {
    type Change = fn(&mut Message);
    // NXDOMAIN and AD.
    type Want = Result<(bool, bool), Unseen>;
    let rows: &[(&str, Change, Want)] = &[
        ("plain", |_| {}, Ok((false, false))),
        ("AD", |m| m.metadata.authentic_data = true, Ok((false, true))),
        ("NXDOMAIN", |m| m.metadata.response_code = ResponseCode::NXDomain, Ok((true, false))),
        ("SERVFAIL", |m| m.metadata.response_code = ResponseCode::ServFail, Err(Unseen::ServFail)),
        ("REFUSED", |m| m.metadata.response_code = ResponseCode::Refused, Err(Unseen::DnsRefused)),
        (
            "FORMERR without a question",
            |m| {
                m.metadata.response_code = ResponseCode::FormErr;
                m.queries.clear();
            },
            Err(Unseen::DnsRefused),
        ),
        (
            "BADVERS, whose low bits are 0",
            |m| {
                m.metadata.response_code = ResponseCode::BADVERS;
                m.set_edns(Edns::new());
            },
            Err(Unseen::DnsRefused),
        ),
        ("another id", |m| m.metadata.id = 1, Err(Unseen::DnsMalformed)),
        ("a query", |m| m.metadata.message_type = MessageType::Query, Err(Unseen::DnsMalformed)),
        ("no question", |m| m.queries.clear(), Err(Unseen::DnsMalformed)),
        (
            "another question",
            |m| {
                m.queries.clear();
                m.add_query(Query::query(name("y.test"), Type::A));
            },
            Err(Unseen::DnsMalformed),
        ),
        (
            "another type",
            |m| {
                m.queries.clear();
                m.add_query(Query::query(name("x.test"), Type::MX));
            },
            Err(Unseen::DnsMalformed),
        ),
        ("truncated", |m| m.metadata.truncation = true, Err(Unseen::DnsMalformed)),
    ];
    for (what, change, want) in rows {
        let mut message = message([a("x.test", 1)]);
        change(&mut message);
        let got = read(&message, RecordType::A).map(|a| (a.nxdomain, a.authenticated));
        assert_eq!(got, *want, "{what}");
        assert_eq!(truncated(&message.to_vec().unwrap()), *what == "truncated", "{what}");
    }
    assert!(!truncated(b"") && !truncated(b"\x12\x34"));
}

#[test]
fn why_a_resolver_fails() {
    let option = |data: &[u8]| (EdnsCode::Unknown(15), EdnsOption::Unknown(15, data.to_vec()));
    let rows: &[(&[&[u8]], Unseen)] = &[
        (&[], Unseen::ServFail),
        (&[b"\0\x06"], Unseen::Bogus),
        (&[b"\0\x07 expired"], Unseen::Bogus),
        (&[b"\0\x0c"], Unseen::Bogus),
        (&[b"\0\x05"], Unseen::ServFail),
        (&[b"\0\x0d"], Unseen::ServFail),
        (&[b"\x01\x06"], Unseen::ServFail),
        (&[b"\0"], Unseen::ServFail),
        (&[b""], Unseen::ServFail),
        (&[b"\0\x16"], Unseen::NameServersDown),
        (&[b"\0\x17", b"\0\x16"], Unseen::NameServersDown),
        (&[b"\0\x09", b"\0\x16"], Unseen::ServFail),
    ];
    for (options, want) in rows {
        let mut failed = message([]);
        failed.metadata.response_code = ResponseCode::ServFail;
        let mut edns = Edns::new();
        edns.options_mut().options = options.iter().map(|data| option(data)).collect();
        failed.set_edns(edns.clone());
        assert_eq!(read(&failed, RecordType::A), Err(*want), "{options:?}");
        // Beside an answer they change nothing.
        let mut fine = message([a("x.test", 1)]);
        fine.set_edns(edns);
        assert!(read(&fine, RecordType::A).is_ok(), "{options:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300), flips in proptest::collection::vec((0usize..200, any::<u8>()), 0..4)) {
        let read = |bytes: &[u8]| answer(bytes, &domain("x.test"), RecordType::A, ID);
        prop_assert!(read(&bytes).is_err());
        let mut near = message([cname("x.test", "y.test"), a("y.test", 1)]).to_vec().unwrap();
        for (at, value) in flips {
            let at = at % near.len();
            near[at] = value;
        }
        if let Ok(answer) = read(&near) {
            prop_assert!(answer.records.len() <= 200 && answer.aliases.len() <= 16);
        }
    }
}
