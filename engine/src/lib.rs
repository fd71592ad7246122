//! The mail knowledge in a browser: a module of its own, which the pages load when they need it.
//!
//! - Across the boundary go JSON texts and plain numbers. What came from the network is handed
//!   through as it came, and read here only.
//! - A text that can't be read is an answer (`undefined` in JavaScript), never a panic.
//!
//! The other side of the boundary is `frontend/src/engine.rs`; its tests hold both together.

mod model;

use std::io::Write;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use shared::difference::{Judged, difference};
use shared::lint::Kind;
use shared::report::Basis;
use shared::{Case, DomainName, Verdict, judge, picture};
use wasm_bindgen::prelude::wasm_bindgen;

use model::Model;

/// A scan as seen from the browser.
#[wasm_bindgen]
pub struct Scan(Model);

#[wasm_bindgen]
impl Scan {
    /// The scan that the server just made, from its state; `now` is our clock, in milliseconds.
    pub fn open(state: &str, now: f64) -> Option<Scan> {
        Some(Self(Model::new(read(state)?, now as u64)))
    }

    /// The scan's id.
    pub fn id(&self) -> String {
        self.0.id.clone()
    }

    /// The number of the evidence above which the server is to be asked.
    pub fn seq(&self) -> f64 {
        self.0.seq as f64
    }

    /// An event of name `evidence`. Did it change anything?
    pub fn take(&mut self, event: &str) -> Option<bool> {
        Some(self.0.take(read(event)?))
    }

    /// An event of name `asking`. Could it be read?
    pub fn waits(&mut self, event: &str) -> bool {
        read(event).map(|asking| self.0.waits(asking)).is_some()
    }

    /// The server's view of the scan. Could it be read? `idle`: no post of ours is under way.
    pub fn sync(&mut self, state: &str, idle: bool) -> bool {
        read(state).map(|state| self.0.sync(state, idle)).is_some()
    }

    /// What to post now, as a whole body; it counts as asked from here on.
    pub fn next_post(&mut self) -> Option<String> {
        let inquiries = self.0.next();
        if inquiries.is_empty() {
            return None;
        }
        write(&shared::api::Ask { inquiries })
    }

    /// A post came to nothing: what its body named is still to be asked.
    pub fn unask(&mut self, body: &str) {
        if let Some(shared::api::Ask { inquiries }) = read(body) {
            self.0.unask(&inquiries);
        }
    }

    /// Is nothing missing any more?
    pub fn is_complete(&self) -> bool {
        self.0.is_complete()
    }

    /// Was it broken off?
    pub fn is_cancelled(&self) -> bool {
        self.0.case.cancelled
    }

    /// Breaks it off.
    pub fn cancel(&mut self) {
        self.0.case.cancelled = true;
    }

    /// What is being asked, the slowest first and what waits for its turn last: `[[inquiry, stage, milliseconds]]`.
    pub fn slowest(&self, now: f64) -> Option<String> {
        write(&self.0.slowest(now as u64))
    }

    /// The report of what is known so far.
    pub fn report(&self) -> Option<String> {
        write(&judge(&self.0.case))
    }
}

/// The report of a domain of which nothing is known yet: the empty frame.
#[wasm_bindgen]
pub fn blank(domain: &str, now: f64) -> Option<String> {
    let domain = DomainName::new(domain).ok()?;
    write(&judge(&Case::new(domain.clone(), domain, String::new(), now as u64)))
}

/// What changes in a report when it is judged again from its evidence.
#[wasm_bindgen]
pub fn judge_again(report: &str) -> Option<String> {
    let now = judge(&read::<Basis>(report)?.case());
    write(&difference(&read(report)?, &Judged::from(&now)))
}

/// The pictures of a report, judged again from its evidence.
#[wasm_bindgen]
pub fn pictures(report: &str) -> Option<String> {
    write(&picture::pictures(&judge(&read::<Basis>(report)?.case())))
}

#[derive(Serialize)]
struct Lint {
    verdict: Verdict,
    total: usize,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct Fault {
    start: usize,
    end: usize,
    code: &'static str,
    message: &'static str,
    verdict: Verdict,
}

/// What is wrong with a text of this kind: the worst verdict, how many faults there are in total, and
/// so many of them.
#[wasm_bindgen]
pub fn lint(kind: &str, text: &str, most: usize) -> Option<String> {
    let kind = Kind::named(kind)?;
    let shared::lint::Lint { verdict, faults } = shared::lint::lint(kind, text);
    let total = faults.len();
    let fault = |fault: &shared::syntax::Fault| {
        let shared::syntax::Fault { start, end, code, message } = *fault;
        Fault { start, end, code, message, verdict: shared::lint::verdict(kind, code) }
    };
    write(&Lint { verdict, total, faults: faults.iter().take(most).map(fault).collect() })
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    shared::json::read(text)
}

fn write(value: &impl Serialize) -> Option<String> {
    let mut text = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut text, Decimals)).ok()?;
    String::from_utf8(text).ok()
}

/// Compact JSON. Points and coverage have four decimals at most: what writes any number brings tables of powers.
struct Decimals;

impl Formatter for Decimals {
    fn write_f64<W: ?Sized + Write>(&mut self, to: &mut W, value: f64) -> std::io::Result<()> {
        let parts = (value * 10_000.0).round() as u64;
        to.write_all(format!("{}.{:04}", parts / 10_000, parts % 10_000).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &str = r#"{"id":"s","domain":"a.example","options":{},"probe_domain":"probe.example","nonce":"abc",
        "started":1000,"now":5000,"admit_private":false,"cancelled":false,"inquiries":[],"asking":[],"evidence":[],"complete":false}"#;

    #[test]
    fn a_scan_by_texts() {
        let mut scan = Scan::open(STATE, 5_000.0).unwrap();
        assert_eq!((scan.id().as_str(), scan.seq()), ("s", 0.0));
        let body = scan.next_post().unwrap();
        assert!(body.starts_with(r#"{"inquiries":[{"kind":"dns","#), "{body}");
        assert_eq!(scan.next_post(), None);
        scan.unask(&body);
        assert_eq!(scan.next_post().as_deref(), Some(body.as_str()));
        let mx = r#"{"kind":"dns","name":"a.example","record":"MX"}"#;
        assert!(scan.waits(&format!(r#"{{"inquiry":{mx},"since":4000,"stage":"answer"}}"#)));
        assert_eq!(scan.slowest(5_000.0).unwrap(), format!(r#"[[{mx},"answer",1000]]"#));
        let piece =
            format!(r#"{{"seq":1,"evidence":{{"inquiry":{mx},"at":1000,"took":1,"answer":{{"unseen":"refused"}}}}}}"#);
        assert_eq!((scan.take(&piece), scan.take(&piece), scan.seq()), (Some(true), Some(false), 1.0));
        assert!(!scan.is_complete() && !scan.is_cancelled());
        scan.cancel();
        assert!(scan.is_cancelled());
        let report: shared::Report = read(&scan.report().unwrap()).unwrap();
        assert_eq!((report.cancelled, report.evidence.len()), (true, 1));
    }

    #[test]
    fn what_cannot_be_read_is_an_answer() {
        let mut scan = Scan::open(STATE, 0.0).unwrap();
        for bad in ["", "{", "[]", "null", "<!doctype html>"] {
            assert!(Scan::open(bad, 0.0).is_none() && judge_again(bad).is_none(), "{bad}");
            assert!(scan.take(bad).is_none() && !scan.waits(bad) && !scan.sync(bad, true), "{bad}");
            assert!(lint(bad, "v=spf1 -all", 1).is_none(), "{bad}");
            scan.unask(bad);
        }
        assert!(scan.next_post().is_some() && blank("no name", 0.0).is_none());
    }

    #[test]
    fn numbers_are_written_as_they_are() {
        for number in [0.0, 1.0, 0.5, 0.9876, 0.0001, 2.5, 62.5, 87.5, 100.0] {
            assert_eq!(read::<f64>(&write(&number).unwrap()), Some(number));
        }
        let report: shared::Report = read(&blank("a.example", 0.0).unwrap()).unwrap();
        assert_eq!(read(&write(&report).unwrap()), Some(report));
    }

    #[test]
    fn faults_are_cut_and_counted() {
        let found = lint("spf", "v=spf1 a:% b:% c:% d:%", 1).unwrap();
        let found: serde_json::Value = serde_json::from_str(&found).unwrap();
        assert_eq!(found["faults"].as_array().unwrap().len(), 1);
        assert!(found["total"].as_u64().unwrap() > 1, "{found}");
    }
}
