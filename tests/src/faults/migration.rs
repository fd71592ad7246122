//! The database is changed under a site that works: what a deploy does before the new Worker is there.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use shared::api::Published;
use tokio::process::Command;

use super::{Row, complete, is_whole};
use crate::served::Served;
use crate::{Site, setting};

/// A migration as they are: a table, an index, a column.
const MIGRATION: &str = "CREATE TABLE later (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;
CREATE INDEX later_by_age ON later (at);
ALTER TABLE reports ADD COLUMN later TEXT NOT NULL DEFAULT 'nothing';
INSERT INTO later (id, at) SELECT id, created FROM reports;
";

/// How many publish and read at once.
const CLIENTS: usize = 4;

/// How often it is applied where the other side writes just then: here the database is a file that two processes open, at
/// D1 it has one server.
const TRIES: usize = 10;

/// What the clients saw.
#[derive(Default)]
struct Seen {
    published: Vec<Published>,
    failed: usize,
}

/// All of it; the site's database stays changed.
pub async fn run(served: &Served, folder: &Path) -> Row {
    let seen = migrate(served, folder).await;
    Row::new("a migration while requests run", "each answer is right or says that it failed; nothing is lost", seen)
}

async fn migrate(served: &Served, folder: &Path) -> Result<String> {
    complete(&served.site).await?;
    let over = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (over, origin) = (Arc::clone(&over), served.site.origin.clone());
            tokio::spawn(async move {
                let site = Site::on(origin)?;
                let mut seen = Seen::default();
                while !over.load(Ordering::Relaxed) {
                    match publish(&site).await? {
                        Some(published) => seen.published.push(published),
                        None => seen.failed += 1,
                    }
                }
                anyhow::Ok(seen)
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let applied = apply(served, folder).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    over.store(true, Ordering::Relaxed);
    let (mut published, mut failed) = (Vec::new(), 0);
    for client in clients {
        let seen = client.await??;
        published.extend(seen.published);
        failed += seen.failed;
    }
    applied?;
    ensure!(published.len() > 10, "only {} reports were published", published.len());
    for report in &published {
        is_whole(&served.site, report).await.with_context(|| report.id.clone())?;
    }
    Ok(format!("{} reports published meanwhile, {failed} refused, all whole", published.len()))
}

/// Publishes and reads; nothing where the site says that something failed at its end.
async fn publish(site: &Site) -> Result<Option<Published>> {
    let scan = complete(site).await?.id;
    let response = site.send(reqwest::Method::POST, &format!("/api/v1/scans/{scan}/report"), None).await?;
    if response.status().is_server_error() {
        return Ok(None);
    }
    let published: Published = response.error_for_status()?.json().await?;
    let status = site.get(&format!("/r/{}", published.id)).await?.status();
    ensure!(status.is_success() || status.is_server_error(), "{status}");
    Ok(Some(published))
}

/// As `./x deploy` does it, with one migration more.
async fn apply(served: &Served, folder: &Path) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the workspace")?;
    let migrations = folder.join("migrations");
    std::fs::create_dir_all(&migrations)?;
    for file in std::fs::read_dir(root.join("worker/migrations"))? {
        let file = file?;
        std::fs::copy(file.path(), migrations.join(file.file_name()))?;
    }
    std::fs::write(migrations.join("9999_later.sql"), MIGRATION)?;
    let settings = std::fs::read_to_string(root.join("wrangler.toml"))?;
    let here = migrations.to_string_lossy();
    let settings = settings.replace("migrations_dir = \"worker/migrations\"", &format!("migrations_dir = \"{here}\""));
    ensure!(settings.contains(&*here), "wrangler.toml names no folder of migrations");
    let file = folder.join("wrangler.toml");
    std::fs::write(&file, settings)?;
    for _ in 0..TRIES {
        let mut wrangler = Command::new(setting("MAILSINS_WRANGLER")?);
        wrangler.args(["d1", "migrations", "apply", "mailsins", "--local", "--config"]).arg(&file);
        wrangler.arg("--persist-to").arg(served.state()).current_dir(root);
        wrangler.envs([("WRANGLER_SEND_METRICS", "false"), ("CLOUDFLARE_CF_FETCH_ENABLED", "false"), ("CI", "true")]);
        let output = wrangler.output().await?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        ensure!(said.contains("SQLITE_BUSY"), "{said}");
    }
    bail!("the database was locked {TRIES} times")
}
