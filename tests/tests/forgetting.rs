//! What is kept for a day or a year is gone afterwards, from disk too: on a site on which both are some seconds (`LAB_KEPT`).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;
use mailsins_tests::{Site, setting};
use reqwest::Method;
use serde_json::{Value, json};
use shared::api::Drive;

/// Longer than that site keeps anything.
const YEAR: Duration = Duration::from_secs(14);

/// Prints the tables in which an object's database still has something.
const LOOK: &str = "
import sqlite3, sys
for name in sys.argv[1:]:
    base = sqlite3.connect(f'file:{name}?mode=ro', uri=True)
    tables = [t for (t,) in base.execute(\"SELECT name FROM sqlite_master WHERE type = 'table'\")]
    full = [t for t in tables if not t.startswith('_cf_METADATA') and base.execute(f'SELECT COUNT(*) FROM \"{t}\"').fetchone()[0]]
    print(','.join(full))
";

/// What the objects of a class keep on disk: for each that has anything, the names of its tables.
fn kept(class: &str) -> Result<Vec<String>> {
    let folder = Path::new(&setting("MAILSINS_STATE_THAT_FORGETS")?).join("v3/do").join(format!("mailsins-{class}"));
    let files = files(&folder)?.into_iter().filter(|file| file.extension().is_some_and(|kind| kind == "sqlite"));
    let files = files.filter(|file| file.file_stem().is_some_and(|name| name.len() == 64));
    let output = Command::new("/usr/bin/python3").args(["-c", LOOK]).args(files).output().context("run python3")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout)?;
    Ok(said.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

/// The bodies of reports on disk.
fn bodies() -> Result<usize> {
    let folder = Path::new(&setting("MAILSINS_STATE_THAT_FORGETS")?).join("v3/r2/mailsins-reports/blobs");
    Ok(files(&folder)?.len())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = folder.read_dir().with_context(|| format!("read {}", folder.display()))?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

#[tokio::test]
async fn a_day_and_a_year_later_all_is_gone() -> Result<()> {
    let site = Site::at("MAILSINS_SITE_THAT_FORGETS")?;
    let begun = Instant::now();
    let scan = site.begin("nullmx.test", Drive::Server).await?;
    let batch = json!({ "domains": ["nullmx.test"] });
    let batch: Value = site.send(Method::POST, "/api/v1/batches", Some(batch)).await?.json().await?;
    let test: Value = site.send(Method::POST, "/api/v1/mailtests", None).await?.json().await?;
    site.finish(&scan.id).await?;
    let published = site.publish(&scan.id).await?;
    let id = |of: &Value| of.get("id").and_then(Value::as_str).map(str::to_owned).context("no id");
    let (batch, test) = (id(&batch)?, id(&test)?);
    let paths = [
        (format!("/api/v1/scans/{}", scan.id), 404, "/problems/no-scan"),
        (format!("/api/v1/batches/{batch}"), 404, "/problems/no-batch"),
        (format!("/api/v1/mailtests/{test}"), 404, "/problems/no-mailtest"),
        (format!("/r/{}.json", published.id), 410, "/problems/expired"),
    ];
    for (path, ..) in &paths {
        site.get(path).await?.error_for_status().with_context(|| format!("after {:?}", begun.elapsed()))?;
    }
    ensure!(kept("Scan")?.iter().any(|tables| tables.contains("evidence")), "{:?}", kept("Scan")?);
    ensure!(kept("Batch")?.iter().any(|tables| tables.contains("scans")) && !kept("MailTest")?.is_empty());
    ensure!(bodies()? >= 1);

    // More than a round takes out at once.
    for _ in 0..6 {
        try_join_all((0..4).map(|_| site.scan("nullmx.test"))).await?;
    }
    let made = Instant::now();
    ensure!(bodies()? >= 24, "{} bodies", bodies()?);

    // Nobody asks for any of it: the alarms ring by themselves.
    let gone = || {
        Ok::<_, anyhow::Error>(
            ["Scan", "Batch", "MailTest"].map(kept).into_iter().collect::<Result<Vec<_>>>()?.concat(),
        )
    };
    while !gone()?.is_empty() {
        ensure!(made.elapsed() < Duration::from_secs(60), "left: {:?}", gone()?);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    // One round takes out all reports that are too old, which all are by now.
    tokio::time::sleep(YEAR.saturating_sub(made.elapsed())).await;
    site.get("/__scheduled?cron=17+*+*+*+*").await?.error_for_status()?;
    let rung = Instant::now();
    while bodies()? > 0 {
        ensure!(rung.elapsed() < Duration::from_secs(15), "{} reports are left", bodies()?);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    for (path, status, problem) in &paths {
        let answer = site.get(path).await?;
        let (found, text) = (answer.status().as_u16(), answer.text().await?);
        ensure!(found == *status && text.contains(problem), "{path}: {found} {text}");
    }
    Ok(())
}
