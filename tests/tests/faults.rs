//! Some of `./x faults`, by a site of its own: storage that fails, and workerd killed. The rest takes minutes.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use mailsins_tests::faults::{Row, kill, storage};
use mailsins_tests::served::Served;
use mailsins_tests::setting;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_where_storage_fails_and_workerd_is_killed() -> Result<()> {
    let folder = PathBuf::from(setting("MAILSINS_FOLDER")?);
    let mut served = Served::start(&folder, &[]).await?;
    let mut rows: Vec<Row> = storage::run(&served, false).await;
    rows.push(kill::run(&mut served, 2).await);
    let failed: Vec<String> =
        rows.iter().filter_map(|row| Some(format!("{}: {:#}", row.fault, row.seen.as_ref().err()?))).collect();
    ensure!(failed.is_empty(), "\n{}", failed.join("\n"));
    Ok(())
}
