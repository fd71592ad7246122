//! What asks nobody: plan, judge, SPF, DNS messages, dialogues.

use std::hint::black_box;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use frontend::server::{Assets, Page, render};
use fuzz::talks::talk;
use shared::inquiry::{RecordType, Script};
use shared::{Case, DomainName, Report, judge, plan};
use tokio::runtime::Runtime;

use crate::cases::{self, Whole};
use crate::row::{Row, number};
use crate::{spf, timing};

/// Everything, each for so long.
pub fn rows(recorded: &str, within: Duration) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (what, whole) in [("typical", cases::typical(recorded)?), ("worst", cases::worst())] {
        let count = whole.case.evidence().len();
        let label = |which: &str| format!("{which}, {what} domain ({count} inquiries)");
        rows.push(Row::new(label("plan"), time(timing::one(within, || plan(&whole.case)))));
        rows.push(Row::new(label("judge"), time(timing::one(within, || judge(&whole.case)))));
        rows.push(Row::new(label("whole scan: plan at each piece, judge"), time(timing::one(within, || scan(&whole)))));
    }
    let shown = Shown::new(recorded)?;
    rows.push(Row::new("a report, read from its JSON", time(timing::one(within, || shown.read()))));
    rows.push(Row::new("the page of a report, written", time(timing::one(within, || shown.page()))));
    rows.extend(spf::rows(within)?);
    rows.push(dns(within)?);
    rows.extend(dialogues(within));
    Ok(rows)
}

/// What a driver asks of the mail knowledge in one scan.
fn scan(whole: &Whole) -> usize {
    let mut case: Case = whole.fresh.clone();
    loop {
        let wanted = plan(&case);
        if wanted.is_empty() {
            return judge(&case).findings.len();
        }
        for inquiry in wanted {
            let Some(known) = whole.case.get(&inquiry) else { continue };
            case.add(known.clone());
            black_box(plan(&case));
        }
    }
}

/// A report that is shown.
struct Shown {
    json: String,
    report: Report,
    runtime: Runtime,
}

impl Shown {
    fn new(recorded: &str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let report: Report = serde_json::from_str(recorded)?;
        Ok(Self { json: serde_json::to_string(&report)?, report, runtime })
    }

    fn read(&self) -> usize {
        serde_json::from_str::<Report>(&self.json).map_or(0, |report| report.evidence.len())
    }

    fn page(&self) -> usize {
        let page = Page::Report {
            id: "0123456789abcdef0123456789abcdef".to_owned(),
            report: Box::new(self.report.clone()),
            badge: "https://example.org/badge/0123456789abcdef0123456789abcdef".to_owned(),
            against: None,
            published: false,
        };
        let assets = Assets { css: "/a.css".to_owned(), js: "/a.js".to_owned(), wasm: "/a.wasm".to_owned() };
        self.runtime.block_on(render(page, &assets, "https://example.org")).len()
    }
}

/// Runs one of these so many times, for whoever counts instructions.
pub fn repeat(what: &str, times: u32, recorded: &str) -> Result<()> {
    let (typical, worst) = (cases::typical(recorded)?, cases::worst());
    let spf = spf::Ours::new();
    let shown = Shown::new(recorded)?;
    for _ in 0..times {
        match what {
            "plan-typical" => drop(black_box(plan(&typical.case))),
            "plan-worst" => drop(black_box(plan(&worst.case))),
            "judge-typical" => drop(black_box(judge(&typical.case))),
            "judge-worst" => drop(black_box(judge(&worst.case))),
            "report-read" => drop(black_box(shown.read())),
            "report-page" => drop(black_box(shown.page())),
            "spf" => drop(black_box(spf.check())),
            _ => bail!("nothing is called {what}"),
        }
    }
    Ok(())
}

/// Those that [`repeat`] knows.
pub const COUNTED: [&str; 7] =
    ["plan-typical", "judge-typical", "plan-worst", "judge-worst", "report-read", "report-page", "spf"];

fn dns(within: Duration) -> Result<Row> {
    // A question for two MX records, the second of which is compressed.
    let name = DomainName::new("example.org").context("a name")?;
    let mut message = vec![0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0];
    let question = b"\x07example\x03org\0\0\x0f\0\x01";
    message.extend_from_slice(question);
    for host in [b"\x03mx1\xc0\x0c", b"\x03mx2\xc0\x0c"] {
        message.extend_from_slice(b"\xc0\x0c\0\x0f\0\x01\0\0\x0e\x10\0\x08\0\x0a");
        message.extend_from_slice(host);
    }
    let read = || probe::dns::answer(&message, &name, RecordType::Mx, 0x1234);
    if read().map(|answer| answer.records.len()) != Ok(2) {
        bail!("the message is not read as it was meant");
    }
    let seconds = timing::one(within, read);
    Ok(Row::new("DNS answer of two MX records, read", time(seconds))
        .with(format!("{:.0} MB/s", message.len() as f64 / seconds / 1e6)))
}

fn dialogues(within: Duration) -> Vec<Row> {
    let long: String = (0..80).map(|n| format!("250-KEYWORD{n} {}\r\n", "x".repeat(80))).collect();
    let surveys = [
        ("SMTP dialogue, a short survey", "220 mx1.example.org ESMTP\r\n250-mx1.example.org\r\n250-SIZE 1000\r\n250 PIPELINING\r\n502 no\r\n503 no\r\n252 maybe\r\n502 no\r\n502 no\r\n502 no\r\n552 no\r\n221 bye\r\n".to_owned()),
        ("SMTP dialogue, a long reply", format!("220 mx1.example.org ESMTP\r\n{long}250 PIPELINING\r\n221 bye\r\n")),
    ];
    surveys
        .into_iter()
        .map(|(what, says)| {
            let seconds = timing::one(within, || talk(&Script::SmtpSurvey, None, 25, says.as_bytes(), usize::MAX));
            Row::new(what, time(seconds)).with(format!("{:.0} MB/s", says.len() as f64 / seconds / 1e6))
        })
        .collect()
}

/// Seconds, for people.
pub fn time(seconds: f64) -> String {
    match seconds {
        s if s >= 0.1 => format!("{} s", number(s)),
        s if s >= 1e-4 => format!("{} ms", number(s * 1e3)),
        s => format!("{} µs", number(s * 1e6)),
    }
}
