//! `./x faults`: what the site leans on breaks while it works. Prints what was promised and what was seen.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use mailsins_tests::faults::{clock, kill, migration, network, storage};
use mailsins_tests::served::Served;
use mailsins_tests::setting;

const PARTS: [&str; 5] = ["kill", "storage", "clock", "network", "migration"];

#[tokio::main]
async fn main() -> Result<()> {
    let (mut rounds, mut parts) = (12, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => {
                rounds = arguments.next().and_then(|text| text.parse().ok()).context("--rounds wants a number")?
            }
            part if PARTS.contains(&part) => parts.push(part.to_owned()),
            other => bail!("there is no part {other}: {}", PARTS.join(", ")),
        }
    }
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|one| one == part);
    let folder = PathBuf::from(setting("MAILSINS_FOLDER")?);
    let begun = Instant::now();
    println!("      {:<47} {:<64}  seen", "fault", "promised");
    let mut rows = Vec::new();
    let mut served = Served::start(&folder.join("site"), &[]).await?;
    if wanted("storage") {
        rows.extend(storage::run(&served, true).await);
    }
    if wanted("clock") {
        rows.extend(clock::run(&served).await);
    }
    if wanted("kill") {
        rows.push(kill::run(&mut served, rounds).await);
    }
    if wanted("migration") {
        rows.push(migration::run(&served, &folder).await);
    }
    served.kill()?;
    if wanted("network") {
        rows.extend(network::run(&folder.join("network")).await?);
    }
    let failed = rows.iter().filter(|row| row.seen.is_err()).count();
    println!("\n{} of {} rows hold, in {:.0} s", rows.len() - failed, rows.len(), begun.elapsed().as_secs_f32());
    if failed > 0 {
        bail!("{failed} rows do not hold");
    }
    Ok(())
}
