//! Whole scans of domains whose name servers and mail servers say what the input says.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use shared::case::INQUIRIES_MAX;
use shared::evidence::{DnsAnswer, FetchFault, Fetched, Record, Target};
use shared::facts::Facts;
use shared::inquiry::{RecordType, Script};
use shared::{Answer, Case, DomainName, Evidence, Inquiry, Report, Unseen, Verdict, judge, plan};

use crate::source::Source;
use crate::stream::NOW;
use crate::talks::{HOST, NAME, name, talk};

/// An answer is the same again when it is read from its JSON, by either reader.
pub fn keeps(answer: &Answer) {
    let Ok(json) = serde_json::to_string(answer) else { panic!("no JSON of {answer:?}") };
    assert_eq!(serde_json::from_str::<Answer>(&json).ok().as_ref(), Some(answer), "{json}");
    assert_eq!(shared::json::read::<Answer>(&json).as_ref(), Some(answer), "{json}");
}

/// Judges a domain at whose only host this came of a conversation.
pub fn judged(script: &Script, port: u16, answer: Result<Answer, Unseen>) {
    if let Ok(answer) = &answer {
        keeps(answer);
    }
    let mut case = quiet().clone();
    let host = Some(name(NAME));
    // Storing a report and reading it again takes far longer than a conversation: one in sixteen does for all.
    let roll = format!("{answer:?}").len() % 16;
    case.add(piece(Inquiry::Probe { address: HOST, port, host, script: script.clone() }, answer));
    match roll {
        0 => drop(sound(&case)),
        _ => drop(judge(&case)),
    }
}

/// What holds for every case: its report is the same again when it is judged from what was stored.
pub fn sound(case: &Case) -> Report {
    let report = judge(case);
    let _ = plan(case);
    let Ok(json) = serde_json::to_string(&report) else { panic!("no JSON of a report") };
    let again: Report = serde_json::from_str(&json).unwrap_or_else(|why| panic!("{why}: {json}"));
    assert!(again == report, "not the same again: {json}");
    assert!(judge(&again.case()) == report, "judged otherwise: {json}");
    let markdown = shared::report::markdown(&report);
    assert!(!markdown.chars().any(|c| c.is_control() && c != '\n'), "{markdown:?}");
    report
}

fn piece(inquiry: Inquiry, answer: Result<Answer, Unseen>) -> Evidence {
    Evidence { inquiry, at: NOW + 5, took: 7, answer }
}

/// A domain with one host, of which nothing but its DNS is known.
fn quiet() -> &'static Case {
    static QUIET: OnceLock<Case> = OnceLock::new();
    QUIET.get_or_init(|| {
        let mut case = fresh();
        let only = |record| Answer::Dns(DnsAnswer { records: vec![record], ..DnsAnswer::default() });
        let target = || Target::Name(name(NAME));
        let reverse = DomainName::reverse(HOST);
        loop {
            let wanted: Vec<_> = plan(&case).into_iter().filter(|i| !matches!(i, Inquiry::Probe { .. })).collect();
            if wanted.is_empty() {
                return case;
            }
            for inquiry in wanted {
                let answer = match &inquiry {
                    Inquiry::Dns { name, record: RecordType::Mx, .. } if name.as_str() == "example.org" => {
                        Ok(only(Record::Mx { preference: 10, exchange: target() }))
                    }
                    Inquiry::Dns { name, record: RecordType::A, .. } if name.as_str() == NAME => {
                        Ok(only(Record::A([198, 41, 0, 4].into())))
                    }
                    Inquiry::Dns { name, record: RecordType::Ptr, .. } if *name == reverse => {
                        Ok(only(Record::Ptr(target())))
                    }
                    Inquiry::Dns { .. } => Ok(Answer::Dns(DnsAnswer::default())),
                    _ => Err(Unseen::Closed),
                };
                case.add(piece(inquiry, answer));
            }
        }
    })
}

fn fresh() -> Case {
    Case::new(name("example.org"), name("probe.example"), "n0nce".to_owned(), NOW)
}

/// A whole scan: it ends, asks nothing twice, and accuses nobody of what is hidden from it.
pub fn world(data: &[u8]) {
    let mut source = Source(data);
    let hide = source.byte();
    let mut case = fresh();
    if source.byte() % 2 == 1 {
        case.options.selectors = vec!["named".to_owned()];
        case.options.hosts = vec![name("mail.example.org")];
    }
    let mut asked = BTreeSet::new();
    loop {
        let wanted = plan(&case);
        if wanted.is_empty() {
            break;
        }
        for inquiry in wanted {
            assert!(asked.insert(inquiry.clone()), "asked twice: {inquiry}");
            let answer = answer(&mut source, &inquiry);
            case.add(piece(inquiry, answer));
        }
        assert!(asked.len() <= INQUIRIES_MAX, "it does not end");
    }
    let report = sound(&case);
    let facts = Facts::new(&case);
    let opted_out = report.findings.iter().any(|finding| finding.outcome == Unseen::OptedOut.code());
    // Hiding an opt-out, or one of too many addresses, lets what was seen there in.
    if opted_out || facts.hosts().1 || facts.clients().1 || asked.len() == INQUIRIES_MAX {
        return;
    }
    let before = accused(&report);
    for hidden in case.evidence().skip(usize::from(hide)).take(2) {
        let mut less = fresh();
        less.options = case.options.clone();
        for known in case.evidence() {
            let answer = if known.inquiry == hidden.inquiry { Err(Unseen::Closed) } else { known.answer.clone() };
            less.add(Evidence { answer, ..known.clone() });
        }
        let after = accused(&judge(&less));
        let new: Vec<_> = after.difference(&before).collect();
        assert!(new.is_empty(), "hiding {} accuses {new:?}", hidden.inquiry);
    }
}

/// Who is accused of what; a host is told by its address.
fn accused(report: &Report) -> BTreeSet<(String, String)> {
    let bad = report.findings.iter().filter(|finding| matches!(finding.verdict, Verdict::Mortal | Verdict::Venial));
    bad.map(|finding| {
        let subject = finding.subject.split_once(", ").map_or(finding.subject.as_str(), |(_, address)| address);
        (finding.check.clone(), subject.to_owned())
    })
    .collect()
}

fn answer(source: &mut Source<'_>, inquiry: &Inquiry) -> Result<Answer, Unseen> {
    if source.is_empty() {
        return match inquiry {
            Inquiry::Dns { .. } => Ok(Answer::Dns(DnsAnswer::default())),
            _ => Err(Unseen::Refused),
        };
    }
    match inquiry {
        Inquiry::Dns { record, .. } => dns(source, *record).map(Answer::Dns),
        Inquiry::Probe { port, host, script, .. } => {
            let says: Vec<u8> =
                (0..usize::from(source.byte()) % 24).flat_map(|_| [source.line(), &b"\r\n"[..]].concat()).collect();
            talk(script, host.clone(), *port, &says, usize::MAX)
        }
        Inquiry::Mail => Err(Unseen::NoMailTest),
        Inquiry::Arrival { .. } | Inquiry::Owner { .. } => Err(Unseen::NeedsConsent),
        Inquiry::Fetch { .. } => match usize::from(source.byte()) {
            fault if fault < FetchFault::ALL.len() => Ok(Answer::NotFetched(FetchFault::ALL[fault])),
            255 => Err(Unseen::Closed),
            choice => {
                let status = *[200, 200, 301, 404].get(choice % 8).unwrap_or(&200);
                let kind = *source.pick(&[&b"text/plain"[..], b"image/svg+xml", b"text/html; charset=\xff"]);
                let length = usize::from(source.number() % 512);
                Ok(Answer::Fetch(Fetched::new(status, kind, None, source.take(length))))
            }
        },
    }
}

fn dns(source: &mut Source<'_>, record: RecordType) -> Result<DnsAnswer, Unseen> {
    let head = source.byte();
    if head >= 0xf8 {
        return Err(*source.pick(Unseen::ALL));
    }
    let mut answer = DnsAnswer { nxdomain: head & 0x70 == 0x70, authenticated: head & 8 != 0, ..DnsAnswer::default() };
    if answer.nxdomain {
        return Ok(answer);
    }
    if head & 0x60 == 0x40 {
        answer.aliases.extend(DomainName::new(&source.text()));
    }
    for _ in 0..head & 3 {
        let record = one(source, record);
        answer.records.push(record);
    }
    Ok(answer)
}

fn target(source: &mut Source<'_>) -> Target {
    const NAMES: [&str; 6] =
        [NAME, "mx2.example.org", "example.org", "mx.provider.example", "localhost", "mail.example.org"];
    match usize::from(source.byte()) {
        choice if choice < NAMES.len() => Target::Name(name(NAMES[choice])),
        6 => Target::Root,
        _ => {
            let text = source.text();
            DomainName::new(&text).map_or(Target::Odd(text), Target::Name)
        }
    }
}

fn one(source: &mut Source<'_>, record: RecordType) -> Record {
    match record {
        RecordType::A => {
            const NETS: [[u8; 3]; 5] = [[198, 41, 0], [198, 41, 1], [10, 0, 0], [127, 0, 0], [169, 254, 169]];
            let [a, b, c] = *source.pick(&NETS);
            Record::A([a, b, c, source.byte()].into())
        }
        RecordType::Aaaa => {
            let first = *source.pick(&[0x2606, 0xfe80, 0xfd00, 0x2002, 0]);
            Record::Aaaa([first, 0x4700, 0, 0, 0, 0, 0, source.number()].into())
        }
        RecordType::Mx => Record::Mx { preference: source.byte().into(), exchange: target(source) },
        RecordType::Ptr => Record::Ptr(target(source)),
        RecordType::Ns => Record::Ns(target(source)),
        RecordType::Soa => {
            let mut seconds = || u32::from(source.number()).pow(2);
            let (serial, refresh, retry, expire, minimum) = (seconds(), seconds(), seconds(), seconds(), seconds());
            Record::Soa { primary: target(source), contact: target(source), serial, refresh, retry, expire, minimum }
        }
        RecordType::Tlsa => {
            let (usage, selector, matching) = (source.byte() % 5, source.byte() % 3, source.byte() % 3);
            let data = source.line().iter().map(|octet| format!("{octet:02x}")).collect();
            Record::Tlsa { usage, selector, matching, data }
        }
        RecordType::Srv => Record::Srv {
            priority: source.byte().into(),
            weight: source.byte().into(),
            port: source.number(),
            target: target(source),
        },
        RecordType::Spf => Record::Spf(vec![source.text()]),
        RecordType::Txt => {
            let strings = usize::from(source.byte() % 8 == 7) + 1;
            Record::Txt((0..strings).map(|_| source.text()).collect())
        }
    }
}
