//! One turn of a batch: looks after the scans that run, and begins the next where there is room.

use serde::Deserialize;
use shared::api::{BatchScan, Drive, Progress, Published, Summary};
use shared::case::SCAN_MS;
use worker::{Env, State};

use super::Make;
use super::table::{Pace, Table};
use crate::problem::Refusal;
use crate::routes::scan::{call, object};
use crate::scan::{self, Order};
use crate::{config, limit, time};

/// How many scans run at a time.
const AT_ONCE: usize = 3;

/// The least between two beginnings, in milliseconds: 4 a minute, of a client's 5.
const PACE_MS: u64 = if cfg!(feature = "lab") { 500 } else { 15_000 };

/// The most that is waited before the limiter is asked again, in milliseconds.
const WAIT_MAX_MS: u64 = 60_000;

/// How often running scans are looked at, in milliseconds.
const LOOK_MS: u64 = if cfg!(feature = "lab") { 500 } else { 3_000 };

/// What has not begun within this time never will, in milliseconds.
const BEGIN_MS: u64 = 3600 * 1000;

/// A scan as a batch looks at it.
#[derive(Deserialize)]
struct Standing {
    complete: bool,
    cancelled: bool,
    summary: Option<Summary>,
}

/// Takes a turn. Says in how many milliseconds the next one is due; nothing when the batch is to be forgotten.
pub async fn turn(state: &State, env: &Env) -> Result<Option<u64>, Refusal> {
    let table = Table::of(state);
    let Some(head) = table.head()? else { return Ok(None) };
    let now = time::now();
    let end = head.created + config::day_ms(env);
    if now >= end {
        return Ok(None);
    }
    let mut scans = table.scans()?;
    for (place, scan) in scans.iter_mut().enumerate() {
        if tend(env, &head, scan, now).await? {
            table.put(place, scan)?;
        }
    }
    let running = scans.iter().filter(|scan| scan.progress == Progress::Running).count();
    let next = scans.iter().position(|scan| scan.progress == Progress::Waiting);
    let mut pace = table.pace()?;
    if let Some(place) = next
        && let Some(scan) = scans.get_mut(place)
        && running < AT_ONCE
        && now >= pace.next
    {
        // The first one is what the request itself took.
        let granted = pace.next == 0 || limit::scan_of(head.client.as_deref(), env).await?;
        if granted {
            begin(env, &head, scan).await?;
            table.put(place, scan)?;
        }
        pace = later(pace, granted, now);
        table.set_pace(pace)?;
    }
    Ok(Some(due(&scans, pace, end, now)))
}

/// When the next one may begin: the limiter's no is waited out for longer each time.
fn later(pace: Pace, granted: bool, now: u64) -> Pace {
    let wait = if granted { PACE_MS } else { (pace.wait * 2).clamp(PACE_MS, WAIT_MAX_MS) };
    Pace { next: now + wait, wait }
}

/// In how many milliseconds there is something to do.
fn due(scans: &[BatchScan], pace: Pace, end: u64, now: u64) -> u64 {
    let any = |progress| scans.iter().any(|scan| scan.progress == progress);
    if any(Progress::Running) {
        LOOK_MS
    } else if any(Progress::Waiting) {
        pace.next.saturating_sub(now)
    } else {
        end.saturating_sub(now)
    }
}

/// Looks after a scan: publishes it if it is complete. Says whether it stands otherwise than before.
async fn tend(env: &Env, head: &Make, scan: &mut BatchScan, now: u64) -> Result<bool, Refusal> {
    let late = now.saturating_sub(head.created + BEGIN_MS);
    match (scan.progress, scan.scan.clone()) {
        (Progress::Waiting, _) if late > 0 => scan.progress = Progress::NotBegun,
        (Progress::Running, _) if late > 2 * SCAN_MS => scan.progress = Progress::Failed,
        (Progress::Running, Some(id)) => return look(env, head, scan, &id).await,
        _ => return Ok(false),
    }
    Ok(true)
}

async fn look(env: &Env, head: &Make, scan: &mut BatchScan, id: &str) -> Result<bool, Refusal> {
    let object = object(env, id)?;
    // Without the evidence: no scan has so much.
    let mut response = call(&object, Order::State, &format!("since={}", u32::MAX), None).await?;
    match response.status_code() {
        200 => {}
        500.. => return Ok(false),
        _ => {
            scan.progress = Progress::Failed;
            return Ok(true);
        }
    }
    let Standing { complete, cancelled, summary } = response.json().await?;
    if cancelled {
        scan.progress = Progress::Failed;
        return Ok(true);
    }
    if !complete {
        return Ok(false);
    }
    let publish = scan::Publish { origin: head.origin.clone(), delete_key: Some(head.delete_key.clone()) };
    let mut response = call(&object, Order::Publish, "", Some(serde_json::to_string(&publish)?)).await?;
    match response.status_code() {
        200 => {
            let Published { id, url, badge, .. } = response.json().await?;
            (scan.report, scan.url, scan.badge) = (Some(id), Some(url), Some(badge));
            (scan.summary, scan.progress) = (summary, Progress::Published);
        }
        500.. => return Ok(false),
        _ => scan.progress = Progress::Failed,
    }
    Ok(true)
}

async fn begin(env: &Env, head: &Make, scan: &mut BatchScan) -> Result<(), Refusal> {
    let make = scan::Make {
        domain: scan.domain.clone(),
        options: head.options.clone(),
        probe_domain: head.probe_domain.clone(),
        blocklists: head.blocklists.clone(),
        drive: Drive::Server,
        shared: None,
        mailtest: None,
        seed: None,
        opened: None,
    };
    let id = env.durable_object("SCAN")?.unique_id()?.to_string();
    let response = call(&object(env, &id)?, Order::Make, "", Some(serde_json::to_string(&make)?)).await?;
    (scan.progress, scan.scan) = match response.status_code() {
        201 => (Progress::Running, Some(id)),
        _ => (Progress::Failed, None),
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace() {
        let now = 1_000_000;
        let first = later(Pace::default(), true, now);
        assert_eq!(first, Pace { next: now + PACE_MS, wait: PACE_MS });
        let mut pace = first;
        let mut waits = Vec::new();
        for _ in 0..4 {
            pace = later(pace, false, pace.next);
            waits.push(pace.wait);
        }
        assert!(waits.is_sorted() && waits.iter().all(|wait| (PACE_MS..=WAIT_MAX_MS).contains(wait)), "{waits:?}");
        assert_eq!(later(pace, true, now).wait, PACE_MS, "a yes ends the waiting");
    }
}
