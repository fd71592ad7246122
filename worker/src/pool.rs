//! Scans that their makers share (docs/adr/0011-max-age.md): whoever gives a `max_age` takes what another such scan
//! saw, and lets others take what this one sees. What is shared is what was seen; never a report, its link or its badge.

use serde::Deserialize;
use worker::Env;

use crate::problem::Refusal;
use crate::routes::scan::{call, object};
use crate::scan::{Make, Order, Seed};
use crate::storage::{self, Call};
use crate::{ids, time};

/// A scan that is offered. D1 takes no 64-bit integers; milliseconds fit a double exactly.
#[derive(Deserialize)]
struct Row {
    scan: String,
}

/// What two scans must have in common to see the same.
pub fn key(make: &Make) -> Result<String, Refusal> {
    let same = (&make.domain, &make.options, &make.probe_domain, &make.blocklists);
    Ok(ids::hash(&serde_json::to_vec(&same)?))
}

/// What the newest scan under this key saw, if it began at most so many seconds ago.
pub async fn find(env: &Env, key: &str, seconds: u32) -> Result<Option<Seed>, Refusal> {
    let since = time::now().saturating_sub(u64::from(seconds) * 1000);
    let query = "SELECT scan FROM shared_scans WHERE key = ? AND started >= ?";
    let values = [key.into(), (since as f64).into()];
    let query = env.d1("DB")?.prepare(query).bind(&values)?;
    let row: Option<Row> = storage::call(Call::Read, query.first(None)).await?;
    let Some(Row { scan }) = row else { return Ok(None) };
    let mut response = call(&object(env, &scan)?, Order::Share, "", None).await?;
    Ok(if response.status_code() == 200 { Some(response.json().await?) } else { None })
}

/// Offers a complete scan, and forgets those that are too old for anyone.
pub async fn offer(env: &Env, key: &str, scan: &str, started: u64) -> Result<(), Refusal> {
    let index = env.d1("DB")?;
    let insert = "INSERT OR REPLACE INTO shared_scans (key, scan, started) VALUES (?, ?, ?)";
    let insert = index.prepare(insert).bind(&[key.into(), scan.into(), (started as f64).into()])?;
    let oldest = time::now().saturating_sub(u64::from(shared::api::MAX_AGE) * 1000);
    let forget = index.prepare("DELETE FROM shared_scans WHERE started < ?").bind(&[(oldest as f64).into()])?;
    storage::call(Call::Write, index.batch(vec![insert, forget])).await?;
    Ok(())
}
