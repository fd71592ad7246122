//! What a report makes of a peer: a domain with one mail server, of which nothing else is seen.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use shared::evidence::{DnsAnswer, Exchange, Record, Reply, SmtpSession, Step, Target};
use shared::inquiry::{RecordType, Script};
use shared::{Answer, Case, Evidence, Inquiry, Unseen, Verdict, judge, plan};

use crate::row::domain;
use crate::world::STARTED;

const SERVER: Ipv4Addr = Ipv4Addr::new(5, 9, 2, 25);

/// What the domain is accused of on the strength of this answer: `check/outcome`, in order of the
/// alphabet.
pub fn accused(script: &Script, answer: Result<Answer, Unseen>) -> Vec<String> {
    let unseen = report(script, &Err(Unseen::Closed));
    report(script, &answer).difference(&unseen).cloned().collect()
}

fn report(script: &Script, answer: &Result<Answer, Unseen>) -> BTreeSet<String> {
    let mut case = Case::new(domain("h.test"), domain("us.test"), "n".to_owned(), STARTED);
    let mut asked = false;
    loop {
        let wanted = plan(&case);
        if wanted.is_empty() {
            break;
        }
        for inquiry in wanted {
            let answer = match &inquiry {
                Inquiry::Dns { name, record, .. } => Ok(Answer::Dns(zone(name.as_str(), *record))),
                Inquiry::Probe { script: this, port: 25 | 110 | 143 | 4190, .. } if this == script => {
                    asked = true;
                    answer.clone()
                }
                // Nobody is asked for recipients who has not greeted.
                Inquiry::Probe { port: 25, .. } if matches!(script, Script::SmtpRecipients { .. }) => Ok(survey()),
                Inquiry::Probe { .. } => Err(Unseen::Closed),
                Inquiry::Fetch { .. } | Inquiry::Arrival { .. } | Inquiry::Owner { .. } => Err(Unseen::FetchFailed),
                Inquiry::Mail => Err(Unseen::NoMailTest),
            };
            case.add(Evidence { inquiry, at: STARTED, took: 0, answer });
        }
    }
    assert!(asked, "{script:?} is never asked");
    let findings = judge(&case).findings;
    let accusing = findings.iter().filter(|finding| matches!(finding.verdict, Verdict::Venial | Verdict::Mortal));
    accusing.map(|finding| format!("{}/{}", finding.check, finding.outcome)).collect()
}

/// A server that says little.
fn survey() -> Answer {
    let said = |step, sent: &str, code, text: &str| Exchange {
        step,
        sent: sent.to_owned(),
        reply: Some(Reply { code, lines: vec![text.to_owned()] }),
        took: 0,
        secure: false,
    };
    let exchanges = vec![
        said(Step::Greeting, "", 220, "mx.h.test"),
        said(Step::Ehlo, "EHLO probe.us.test", 250, "mx.h.test"),
        said(Step::Quit, "QUIT", 221, "bye"),
    ];
    Answer::Smtp(SmtpSession { exchanges, broke: None, spared: false, tls: None, client_hello: None })
}

fn zone(name: &str, record: RecordType) -> DnsAnswer {
    let host = || Target::Name(domain("mx.h.test"));
    let srv = |port| Record::Srv { priority: 0, weight: 0, port, target: host() };
    let records = match (name, record) {
        ("h.test", RecordType::Mx) => vec![Record::Mx { preference: 10, exchange: host() }],
        ("mx.h.test", RecordType::A) => vec![Record::A(SERVER)],
        ("25.2.9.5.in-addr.arpa", RecordType::Ptr) => vec![Record::Ptr(host())],
        ("_imap._tcp.h.test", RecordType::Srv) => vec![srv(143)],
        ("_pop3._tcp.h.test", RecordType::Srv) => vec![srv(110)],
        ("_sieve._tcp.h.test", RecordType::Srv) => vec![srv(4190)],
        _ => return DnsAnswer { nxdomain: !matches!(name, "h.test" | "mx.h.test"), ..DnsAnswer::default() },
    };
    DnsAnswer { records, ..DnsAnswer::default() }
}
