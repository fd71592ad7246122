//! Lighthouse, the npm package that package.json pins, over Debian's Chromium: with its own settings, a slow telephone on a slow
//! network, it gives the pages that people come to at least 95 for performance, and 100 for everything else.

#![allow(clippy::indexing_slicing, reason = "what JSON does not have is null")]

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mailsins_tests::Site;
use serde_json::Value;

/// Category and the least that each page must get.
const LIMITS: [(&str, f64); 4] = [("performance", 0.95), ("accessibility", 1.0), ("best-practices", 1.0), ("seo", 1.0)];

/// What else a machine does makes a page slower and never quicker: the best of so many runs is its performance.
const RUNS: usize = 5;

/// What Lighthouse says where Chromium's trace lacks something, as the start of the page: such a run is begun again.
const AGAIN: &str = "Please run Lighthouse again";

/// How long one run may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a run says of a page; no other trouble than [`AGAIN`] has a second try.
async fn run(url: &str) -> Result<Value> {
    for _ in 1..RUNS {
        match attempt(url).await {
            Err(error) if format!("{error:#}").contains(AGAIN) => println!("{url}: {error:#}"),
            ended => return ended,
        }
    }
    attempt(url).await
}

async fn attempt(url: &str) -> Result<Value> {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../node_modules/.bin/lighthouse");
    let chromium = mailsins_lab::packages::find("chromium").context("no chromium")?;
    let mut lighthouse = tokio::process::Command::new(program);
    lighthouse.arg(url).args(["--output=json", "--output-path=stdout", "--quiet", "--no-enable-error-reporting"]);
    lighthouse.arg(format!("--only-categories={}", LIMITS.map(|(category, _)| category).join(",")));
    lighthouse.arg("--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-quic --disable-dev-shm-usage");
    lighthouse.env("CHROME_PATH", chromium).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, lighthouse.output()).await.context("Lighthouse takes too long")??;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program}: {said}");
    let found: Value = serde_json::from_slice(&output.stdout).with_context(|| said.into_owned())?;
    ensure!(found["runtimeError"].is_null(), "{url}: {}", found["runtimeError"]);
    Ok(found)
}

fn score(found: &Value, category: &str) -> f64 {
    found["categories"][category]["score"].as_f64().unwrap_or_default()
}

/// The audits of a category that count and are not passed, and what they say.
fn failed(found: &Value, category: &str) -> Vec<(String, String)> {
    let counted = found["categories"][category]["auditRefs"].as_array().into_iter().flatten();
    let counted = counted.filter(|audit| audit["weight"].as_f64().is_some_and(|weight| weight > 0.0));
    let audits = counted.filter_map(|audit| Some((audit["id"].as_str()?, found["audits"].get(audit["id"].as_str()?)?)));
    let failed = audits.filter(|(_, audit)| audit["score"].as_f64().is_some_and(|score| score < 0.9));
    let words = |audit: &Value| format!("{} {} {}", audit["title"], audit["displayValue"], audit["details"]["items"]);
    failed.map(|(id, audit)| (id.to_owned(), words(audit))).collect()
}

/// The categories in which a page gets less than it must, each with the audits that cost it that, by the best of up to [`RUNS`] runs.
async fn faults(url: &str) -> Result<Vec<(&'static str, Vec<(String, String)>)>> {
    let [(performance, least), ..] = LIMITS;
    let mut best = run(url).await?;
    let mut runs = 1;
    while runs < RUNS && score(&best, performance) < least {
        let next = run(url).await?;
        runs += 1;
        if score(&next, performance) > score(&best, performance) {
            best = next;
        }
    }
    let scores = LIMITS.map(|(category, _)| format!("{category} {:.0}", score(&best, category) * 100.0));
    println!("{url}: {} (runs: {runs})", scores.join(", "));
    let low = LIMITS.iter().filter(|(category, least)| score(&best, category) < *least);
    Ok(low.map(|(category, _)| (*category, failed(&best, category))).collect())
}

#[tokio::test]
async fn pages_are_quick_and_good() -> Result<()> {
    let site = Site::new()?;
    for path in ["/", "/checks", "/checks/open-relay", "/example/sinner"] {
        let found = faults(&format!("{}{path}", site.origin)).await?;
        ensure!(found.is_empty(), "{path}: {found:#?}");
    }
    // A report that its domain has not consented to is kept from search engines, which is right, and one audit's only complaint.
    let (unlisted, _) = site.scan("sinner.test").await?;
    let found = faults(&format!("{}/r/{}", site.origin, unlisted.id)).await?;
    let audits: Vec<_> = found
        .iter()
        .map(|(category, failed)| (*category, failed.iter().map(|(id, _)| id.as_str()).collect()))
        .collect();
    ensure!(audits == [("seo", vec!["is-crawlable"])], "{found:#?}");
    Ok(())
}
