//! workerd is killed while reports are published and deleted, and scans run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use reqwest::{Method, StatusCode};
use serde_json::json;
use shared::api::{BatchState, Drive, Progress, Published};
use tokio::sync::Mutex;

use super::{Row, complete, forms, is_whole};
use crate::served::Served;
use crate::{SCAN_LIMIT, Site};

/// Domains that a batch has to scan meanwhile.
const BATCH: [&str; 4] = ["quiet.test", "nomail.test", "nullpref.test", "literalmx.test"];

/// How many publish at once.
const WRITERS: usize = 6;

/// What somebody who publishes was told.
#[derive(Default)]
struct Told {
    /// Scans for which a report was asked, whatever was answered.
    asked: Vec<String>,
    /// Reports that were acknowledged.
    published: Vec<Published>,
    /// Reports whose deletion was asked, and whether it was acknowledged.
    deleted: Vec<(Published, bool)>,
}

/// Kills the site so many times.
pub async fn run(served: &mut Served, rounds: u32) -> Row {
    let seen = storm(served, rounds).await;
    Row::new(
        format!("{rounds} times SIGKILL while publishing"),
        "acknowledged reports are there, whole; none half-written",
        seen,
    )
}

async fn storm(served: &mut Served, rounds: u32) -> Result<String> {
    let told = Arc::new(Mutex::new(Told::default()));
    // A scan that takes its time, begun before each end.
    let mut survivors = Vec::new();
    // Whoever comes first scans; the others take over what was seen.
    complete(&served.site).await?;
    let body = json!({ "domains": BATCH });
    let batch = served.site.send(Method::POST, "/api/v1/batches", Some(body)).await?.error_for_status()?;
    let batch: BatchState = batch.json().await?;
    for round in 0..rounds {
        survivors.push(served.site.begin("saint.test", Drive::Server).await?.id);
        let over = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (told, over, origin) = (Arc::clone(&told), Arc::clone(&over), served.site.origin.clone());
                tokio::spawn(async move {
                    let site = Site::on(origin)?;
                    while !over.load(Ordering::Relaxed) {
                        // Whatever fails here is what the round is about.
                        let _ = publish(&site, &told, writer % 3 == 0).await;
                    }
                    anyhow::Ok(())
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(500 + random(round) % 2000)).await;
        served.kill()?;
        over.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.await??;
        }
        served.again().await?;
    }
    let told = told.lock().await;
    let kept = check(&served.site, &told, &survivors).await?;
    batched(&served.site, &batch.id).await.context("a batch that ran when it was killed")?;
    Ok(kept)
}

/// A batch comes to its end, each domain with one report.
async fn batched(site: &Site, id: &str) -> Result<()> {
    let begun = Instant::now();
    loop {
        let state: BatchState = site.get(&format!("/api/v1/batches/{id}")).await?.error_for_status()?.json().await?;
        if !state.complete {
            ensure!(begun.elapsed() < SCAN_LIMIT, "it does not end: {state:?}");
            tokio::time::sleep(Duration::from_millis(500)).await;
            continue;
        }
        ensure!(state.scans.len() == BATCH.len());
        for scan in state.scans {
            ensure!(scan.progress == Progress::Published, "{scan:?}");
            let (id, url, badge) = (scan.report, scan.url, scan.badge);
            let (id, url, badge) =
                id.zip(url).zip(badge).map(|((id, url), badge)| (id, url, badge)).context("a report")?;
            is_whole(site, &Published { id, url, badge, delete_key: None }).await?;
        }
        return Ok(());
    }
}

/// Publishes a report; where it is one of those, deletes it again.
async fn publish(site: &Site, told: &Mutex<Told>, delete: bool) -> Result<()> {
    let scan = complete(site).await?;
    told.lock().await.asked.push(scan.id.clone());
    let published = site.publish(&scan.id).await?;
    let key = published.delete_key.clone();
    if let Some(key) = key.filter(|_| delete) {
        told.lock().await.deleted.push((published.clone(), false));
        let path = format!("/api/v1/reports/{}", published.id);
        let gone = site.send_with(Method::DELETE, &path, ("mailsins-delete-key", &key)).await?;
        ensure!(gone.status().is_success());
        if let Some(last) = told.lock().await.deleted.iter_mut().find(|(report, _)| report.id == published.id) {
            last.1 = true;
        }
        return Ok(());
    }
    told.lock().await.published.push(published);
    Ok(())
}

async fn check(site: &Site, told: &Told, survivors: &[String]) -> Result<String> {
    ensure!(told.published.len() > 2 * survivors.len(), "only {} reports were published", told.published.len());
    for published in &told.published {
        is_whole(site, published).await.with_context(|| format!("acknowledged: {}", published.id))?;
    }
    // What was asked and not acknowledged is there whole, or not at all; asked once more, it is there.
    let mut resumed = 0;
    for scan in &told.asked {
        let response = site.send(Method::POST, &format!("/api/v1/scans/{scan}/report"), None).await?;
        match response.status() {
            StatusCode::GONE => continue,
            StatusCode::OK => {}
            status => bail!("a scan that was complete before is not published: {status}"),
        }
        let published: Published = response.json().await?;
        if told.published.iter().all(|known| known.id != published.id) {
            resumed += 1;
            if told.deleted.iter().all(|(known, _)| known.id != published.id) {
                is_whole(site, &published).await.with_context(|| format!("resumed: {}", published.id))?;
            }
        }
    }
    let mut gone = 0;
    for (published, _) in told.deleted.iter().filter(|(_, acknowledged)| *acknowledged) {
        for path in forms(published)? {
            let status = site.get(&path).await?.status();
            ensure!(matches!(status.as_u16(), 404 | 410), "{path} was deleted, and answers {status}");
        }
        gone += 1;
    }
    for (published, _) in told.deleted.iter().filter(|(_, acknowledged)| !acknowledged) {
        let status = site.get(&format!("/r/{}.json", published.id)).await?.status();
        match status {
            // Half deleted is deleted: nothing is shown.
            StatusCode::GONE => {}
            _ => is_whole(site, published).await.with_context(|| format!("not deleted: {}", published.id))?,
        }
    }
    for scan in survivors {
        let state = site.finish(scan).await.context("a scan that ran when it was killed")?;
        ensure!(!state.cancelled && state.evidence.len() > 20, "{} pieces of evidence", state.evidence.len());
    }
    Ok(format!(
        "{} acknowledged, {resumed} resumed, {gone} deleted; {} scans and a batch went on",
        told.published.len(),
        survivors.len()
    ))
}

/// Some number; what it is does not matter.
fn random(salt: u32) -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let mixed = (now as u64).wrapping_add(u64::from(salt)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed >> 33
}
