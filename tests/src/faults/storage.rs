//! Storage that fails, is slow, or does what it denies: one call at a time, and together.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use futures_util::future::try_join_all;
use reqwest::{Method, Response, StatusCode};
use shared::api::Published;

use super::{Row, complete, forms, is_whole};
use crate::Site;
use crate::served::Served;

/// What `worker/src/lab.rs` understands. The last ones are together.
const FAULTS: [&str; 18] = [
    "r2-put=fail",
    "r2-put=lost",
    "r2-put=slow",
    "r2-get=fail",
    "r2-get=slow",
    "r2-delete=fail",
    "r2-delete=lost",
    "body=cut",
    "body=flipped",
    "body=empty",
    "d1-read=fail",
    "d1-read=slow",
    "d1-write=fail",
    "d1-write=lost",
    "d1-write=slow",
    "r2-put=lost, d1-write=fail",
    "r2-get=slow, d1-read=fail, r2-delete=lost",
    "r2-put=fail, r2-get=fail, d1-write=fail",
];

/// The same, for those that never answer: each takes its deadline.
const SILENT: [&str; 4] = ["r2-put=hang", "r2-get=hang", "d1-read=hang", "d1-write=hang"];

/// The longest that a request may take while storage is silent.
const PATIENCE: Duration = Duration::from_secs(25);

/// All of it.
pub async fn run(served: &Served, with_silent: bool) -> Vec<Row> {
    let silent = if with_silent { &SILENT[..] } else { &[] };
    let mut rows = Vec::new();
    for fault in FAULTS.iter().chain(silent) {
        let seen = one(served, fault).await;
        let _ = served.wrong("").await;
        rows.push(Row::new(*fault, "an answer is right or says that it failed; later all is there", seen));
    }
    rows
}

async fn one(served: &Served, fault: &str) -> Result<String> {
    let site = &served.site;
    let stays = publish(site).await?;
    let goes = publish(site).await?;
    let mut before = Vec::new();
    for path in forms(&stays)? {
        before.push((path.clone(), site.get(&path).await?.text().await?));
    }
    let scan = complete(site).await?.id;

    served.wrong(fault).await?;
    let (mut right, mut failed) = (0, 0);
    let begun = Instant::now();
    let answers = try_join_all(before.iter().map(|(path, _)| site.get(path))).await?;
    for ((path, text), response) in before.iter().zip(answers) {
        if is_failure(&response, path)? {
            failed += 1;
        } else {
            ensure!(response.status() == StatusCode::OK, "{path}: {}", response.status());
            ensure!(response.text().await? == *text, "{path} says something else");
            right += 1;
        }
    }
    let path = format!("/api/v1/scans/{scan}/report");
    let response = site.send(Method::POST, &path, None).await?;
    let told = if is_failure(&response, &path)? { None } else { Some(response.json::<Published>().await?) };
    let path = format!("/api/v1/reports/{}", goes.id);
    let key = goes.delete_key.clone().context("a key")?;
    let response = site.send_with(Method::DELETE, &path, ("mailsins-delete-key", &key)).await?;
    let deleted = !is_failure(&response, &path)?;
    // A scan needs no storage of reports.
    complete(site).await.context("a scan beside it")?;
    let took = begun.elapsed();
    ensure!(took < PATIENCE * 10, "{took:?}");

    served.wrong("").await?;
    let again = site.publish(&scan).await.context("published once more")?;
    match &told {
        Some(told) => ensure!(told.id == again.id && told.delete_key.is_some(), "another report"),
        None => ensure!(again.delete_key.is_some(), "nobody was told the key"),
    }
    is_whole(site, &again).await?;
    is_whole(site, &stays).await?;
    let response = site.send_with(Method::DELETE, &path, ("mailsins-delete-key", &key)).await?;
    let is_gone = response.status() == StatusCode::GONE;
    ensure!(is_gone || !deleted && response.status().is_success(), "deleted again: {}", response.status());
    for path in forms(&goes)? {
        let status = site.get(&path).await?.status();
        ensure!(matches!(status.as_u16(), 404 | 410), "{path} was deleted, and answers {status}");
    }
    let word = |done: bool| if done { "done" } else { "refused" };
    Ok(format!(
        "reads: {right} right, {failed} failed; publishing {}, deleting {}; {:.1} s",
        word(told.is_some()),
        word(deleted),
        took.as_secs_f32()
    ))
}

async fn publish(site: &Site) -> Result<Published> {
    site.publish(&complete(site).await?.id).await
}

/// Whether an answer says that something failed at our end.
fn is_failure(response: &Response, path: &str) -> Result<bool> {
    let status = response.status();
    if status.is_success() {
        return Ok(false);
    }
    if !status.is_server_error() {
        bail!("{path} blames the client: {status}");
    }
    let keep = response.headers().get("cache-control").map(|value| value.as_bytes());
    ensure!(keep == Some(b"no-store".as_slice()), "{path}: a failure is kept");
    Ok(true)
}
