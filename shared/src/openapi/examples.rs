//! Examples, made of the types themselves.

use serde_json::{Value, json};

use super::check_list;
use crate::api::{
    Ask, BatchScan, BatchState, ConsentState, Drive, End, MailTest, MailTestWord, NewArrival, NewBatch, NewRun,
    NewScan, Problem, Progress, Published, Run, RunCode, RunStage, Scan, ScanState, Statement, Summary, TestFile,
};
use crate::grade::Grade;
use crate::grant::{Choice, Question, Sample, Token};
use crate::inquiry::RecordType;
use crate::local_part::LocalPart;
use crate::problem::Kind;
use crate::report::SinSummary;
use crate::syntax::consent::Word;
use crate::{DomainName, Inquiry, Options, Sin, Verdict};

const SCAN: &str = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";
const BATCH: &str = "ba7c4000ba7c4000ba7c4000ba7c4000ba7c4000ba7c4000ba7c4000ba7c4000";
const REPORT: &str = "0123456789abcdef0123456789abcdef";
const BADGE: &str = "fedcba9876543210fedcba9876543210";
const STARTED: u64 = 1_795_515_072_000;

fn value<T: serde::Serialize>(of: &T) -> Value {
    serde_json::to_value(of).unwrap_or_default()
}

/// An example of an answer.
fn example<T: serde::Serialize>(of: &T) -> Value {
    json!({ "value": value(of) })
}

fn domain(name: &str) -> Option<DomainName> {
    DomainName::new(name).ok()
}

pub(super) fn problem(kind: Kind) -> Value {
    let (status, slug, title, detail) = kind.words();
    value(&Problem {
        kind: format!("/problems/{slug}"),
        title: title.to_owned(),
        status,
        detail: detail.to_owned(),
        inquiries: Vec::new(),
        door: (kind == Kind::NotConsented).then(|| "no-record".to_owned()),
    })
}

pub(super) fn new_scan() -> Value {
    let options = Options { selectors: vec!["2026a".to_owned()], ..Options::default() };
    value(&NewScan { domain: "example.org".to_owned(), options, drive: Drive::Server, max_age: None, mailtest: None })
}

pub(super) fn ask() -> Value {
    let inquiries = domain("example.org").map(|name| Inquiry::dns(&name, RecordType::Mx));
    value(&Ask { inquiries: inquiries.into_iter().collect() })
}

pub(super) fn new_batch() -> Value {
    let domains = ["example.org", "example.net"].map(str::to_owned).to_vec();
    value(&NewBatch { domains, options: Options::default() })
}

fn summary() -> Summary {
    let clean = |sin| SinSummary { sin, verdict: Verdict::Clean, tested: 4, total: 4 };
    Summary {
        grade: Some(Grade::A),
        points: 100.0,
        coverage: 1.0,
        why: "Nothing is wrong.".to_owned(),
        sins: Sin::ALL.map(clean).to_vec(),
    }
}

pub(super) fn scan() -> Value {
    let state = domain("example.org").zip(domain("probe.example")).map(|(domain, probe_domain)| ScanState {
        id: SCAN.to_owned(),
        inquiries: vec![Inquiry::dns(&domain, RecordType::Mx)],
        domain,
        options: Options::default(),
        probe_domain,
        nonce: "5eed5eed5eed5eed".to_owned(),
        started: STARTED,
        now: STARTED + 40,
        admit_private: false,
        blocklists: Vec::new(),
        mail: false,
        grant: None,
        cancelled: false,
        asking: Vec::new(),
        evidence: Vec::new(),
        complete: false,
    });
    state.map(|state| example(&Scan { state, summary: None })).unwrap_or_default()
}

pub(super) fn published() -> Value {
    example(&Published {
        id: REPORT.to_owned(),
        url: format!("https://mailsins.example/r/{REPORT}"),
        badge: format!("https://mailsins.example/badge/{BADGE}"),
        delete_key: Some("00112233445566778899aabbccddeeff".to_owned()),
    })
}

pub(super) fn batch() -> Value {
    let scan = |name, progress, summary: Option<Summary>| {
        domain(name).map(|domain| BatchScan {
            domain,
            progress,
            scan: summary.as_ref().map(|_| SCAN.to_owned()),
            report: summary.as_ref().map(|_| REPORT.to_owned()),
            url: summary.as_ref().map(|_| format!("https://mailsins.example/r/{REPORT}")),
            badge: summary.as_ref().map(|_| format!("https://mailsins.example/badge/{BADGE}")),
            summary,
        })
    };
    let scans =
        [scan("example.org", Progress::Published, Some(summary())), scan("example.net", Progress::Waiting, None)];
    example(&BatchState {
        id: BATCH.to_owned(),
        created: STARTED,
        options: Options::default(),
        complete: false,
        delete_key: None,
        scans: scans.into_iter().flatten().collect(),
    })
}

/// The first check of the list.
pub(super) fn checks() -> Value {
    let mut list = check_list();
    list.checks.truncate(1);
    example(&list)
}

/// A file of the site.
pub(super) fn report() -> Value {
    json!({ "externalValue": "/examples/sinner.json" })
}

/// What `curl -N` shows of a scan's last event.
pub fn last_event() -> String {
    let end = End { cancelled: false, summary: Some(summary()) };
    format!("event: done\ndata: {}\n", value(&end))
}

pub(super) fn consent() -> Value {
    let state = domain("example.org").zip(domain("mailsins.example")).map(|(domain, by)| {
        let record = format!("v=mailsins1; by={by}; allow=history,badge");
        ConsentState {
            name: format!("_mailsins.{domain}"),
            records: vec![record.clone()],
            example: record,
            domain,
            by,
            opted_out: false,
            allow: vec![Word::History, Word::Badge],
            mailbox: None,
            notify: None,
            notify_key: Some("whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=".to_owned()),
            refusal: None,
        }
    });
    state.map(|state| example(&state)).unwrap_or_default()
}

pub(super) fn arrival() -> Value {
    value(&NewArrival {
        token: Token::of("5eed5eed5eed5eed", "relay"),
        sender: "probe@probe.example".to_owned(),
        client: std::net::IpAddr::from([192, 0, 2, 25]),
        header: "Received: from mx.example.org ([192.0.2.25])".to_owned(),
    })
}

pub(super) fn new_run() -> Value {
    value(&NewRun { domain: "example.org".to_owned(), host: None })
}

pub(super) fn run_code() -> Value {
    value(&RunCode { code: "ABCD-2345".to_owned() })
}

pub(super) fn statement() -> Value {
    value(&Statement { question: Question::Where(Sample::EicarZip), choice: Choice::Quarantine })
}

pub(super) fn run() -> Value {
    let run = domain("example.org").zip(LocalPart::new("postmaster")).map(|(domain, mailbox)| Run {
        id: REPORT.to_owned(),
        domain,
        mailbox,
        allow: vec![Word::Samples],
        stage: RunStage::Sending,
        trouble: None,
        address: None,
        tries_left: 5,
        until: STARTED + 86_400_000,
        scan: None,
        questions: Vec::new(),
        log: Vec::new(),
        report: None,
        delete_key: None,
    });
    run.map(|run| example(&run)).unwrap_or_default()
}

pub(super) fn mailtest() -> Value {
    example(&MailTest {
        id: REPORT.to_owned(),
        address: format!("t-{BADGE}@probe.example"),
        expires: STARTED + 86_400_000,
        arrived: None,
        sample: None,
        limited: None,
        of: None,
    })
}

pub(super) fn mailtest_word() -> Value {
    value(&MailTestWord { sent: Some(TestFile::Eicar), limited: Some(true) })
}
