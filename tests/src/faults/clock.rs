//! A clock that jumps while scans run and reports are published.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::StatusCode;
use shared::api::Drive;

use super::{Row, accusations, complete, is_whole};
use crate::SCAN_LIMIT;
use crate::served::Served;

const HOUR: i64 = 3_600_000;

/// By how much, in milliseconds.
const JUMPS: [(&str, i64); 5] = [
    ("a minute ahead", 60_000),
    ("an hour ahead", HOUR),
    ("an hour back", -HOUR),
    ("a day back", -24 * HOUR),
    ("20 hours ahead", 20 * HOUR),
];

/// All of it.
pub async fn run(served: &Served) -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, jump) in JUMPS {
        let seen = during(served, jump).await;
        let _ = served.wrong("").await;
        rows.push(Row::new(
            format!("clock jumps {name} within a scan"),
            "the scan ends; nobody is accused; what is published is whole",
            seen,
        ));
    }
    let seen = expiry(served).await;
    let _ = served.wrong("").await;
    rows.push(Row::new(
        "clock 400 days ahead, and back",
        "reports expire; nothing is lost when it is right again",
        seen,
    ));
    rows
}

async fn during(served: &Served, jump: i64) -> Result<String> {
    let site = &served.site;
    let scan = site.begin("saint.test", Drive::Server).await?;
    tokio::time::sleep(Duration::from_millis(150)).await;
    served.wrong(&format!("clock={jump}")).await?;
    let begun = std::time::Instant::now();
    let state = site.finish(&scan.id).await?;
    ensure!(begun.elapsed() < SCAN_LIMIT);
    let published = site.publish(&scan.id).await?;
    is_whole(site, &published).await?;
    let report = site.report(&published.id).await?;
    let bad = accusations(&report);
    ensure!(bad.is_empty(), "{bad:?}");
    served.wrong("").await?;
    is_whole(site, &published).await.context("when the clock is right again")?;
    let unseen = state.evidence.iter().filter(|piece| piece.evidence.answer.is_err()).count();
    Ok(format!("{} pieces of evidence, {unseen} unseen, {:.1} s", state.evidence.len(), begun.elapsed().as_secs_f32()))
}

async fn expiry(served: &Served) -> Result<String> {
    let site = &served.site;
    let published = site.publish(&complete(site).await?.id).await?;
    served.wrong(&format!("clock={}", 400 * 24 * HOUR)).await?;
    let status = site.get(&format!("/r/{}.json", published.id)).await?.status();
    ensure!(status == StatusCode::GONE, "{status}");
    served.wrong("").await?;
    is_whole(site, &published).await?;
    Ok("410, then whole".to_owned())
}
