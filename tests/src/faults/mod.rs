//! What `./x faults` breaks, a file a part, and what must hold all the same. `tests/tests/faults.rs` runs some of it with
//! every `./x test`.

pub mod clock;
pub mod kill;
pub mod migration;
pub mod network;
pub mod storage;

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::json;
use shared::api::{Published, ScanState};
use shared::{Report, Verdict, judge};

use crate::Site;

/// A domain that takes no mail: its scan needs DNS only, and takes no time.
pub const QUICK: &str = "nullmx.test";

/// A line of the table.
pub struct Row {
    /// What was broken.
    pub fault: String,
    /// What must hold.
    pub promised: &'static str,
    /// What was seen, or what did not hold.
    pub seen: Result<String>,
}

impl Row {
    /// A line.
    pub fn new(fault: impl Into<String>, promised: &'static str, seen: Result<String>) -> Self {
        let row = Self { fault: fault.into(), promised, seen };
        row.print();
        row
    }

    fn print(&self) {
        match &self.seen {
            Ok(seen) => println!("ok    {:<47} {:<64}  {seen}", self.fault, self.promised),
            Err(error) => println!("FAIL  {:<47} {:<64}  {error:#}", self.fault, self.promised),
        }
    }
}

/// A complete scan of the quick domain: what others saw of it is taken over, so that it costs nothing.
pub async fn complete(site: &Site) -> Result<ScanState> {
    let body = json!({ "domain": QUICK, "drive": "server", "max_age": 3600 });
    let response = site.send(Method::POST, "/api/v1/scans", Some(body)).await?;
    let state: ScanState = response.error_for_status()?.json().await?;
    if state.complete { Ok(state) } else { site.finish(&state.id).await }
}

/// A published report is there and whole: its JSON says what its evidence says, and each other form is there.
pub async fn is_whole(site: &Site, published: &Published) -> Result<()> {
    let report = site.report(&published.id).await.context("the report")?;
    ensure!(report.missing == 0 && !report.findings.is_empty(), "it is not complete");
    ensure!(judge(&report.case()) == report, "it does not say what its evidence says");
    for path in forms(published)? {
        let text = site.get(&path).await?.error_for_status()?.text().await?;
        ensure!(text.len() > 50, "{path}: {text}");
    }
    Ok(())
}

/// Where a report and its badge are.
pub fn forms(published: &Published) -> Result<[String; 6]> {
    let (_, badge) = published.badge.split_once("/badge/").context("a badge")?;
    let id = &published.id;
    Ok([
        format!("/r/{id}.json"),
        format!("/r/{id}"),
        format!("/r/{id}.md"),
        format!("/badge/{badge}.svg"),
        format!("/badge/{badge}.json"),
        format!("/badge/{badge}/card"),
    ])
}

/// What accuses: check, subject and outcome.
pub fn accusations(report: &Report) -> BTreeSet<(String, String, String)> {
    let bad = report.findings.iter().filter(|finding| finding.verdict >= Verdict::Venial);
    bad.map(|finding| (finding.check.clone(), finding.subject.clone(), finding.outcome.clone())).collect()
}
