//! Takes the pictures of docs/images, by `./x screenshots`: each page in both colour schemes, on a telephone and on paper.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fantoccini::Client;
use mailsins_tests::page::{browser, devtools, look, state};
use mailsins_tests::{Site, setting};
use serde_json::json;

/// The most that a picture may weigh, in bytes.
const WEIGHT_MAX: usize = 200_000;

/// How a page is looked at: a name, a colour scheme, a medium, width and greatest height in pixels.
const LOOKS: [(&str, &str, &str, u32, u32); 4] = [
    ("light", "light", "screen", 1200, 1800),
    ("dark", "dark", "screen", 1200, 1800),
    ("narrow", "light", "screen", 375, 1600),
    ("print", "light", "print", 794, 1123),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let site = Site::new()?;
    let (published, _) = site.scan("sinner.test").await?;
    let report = format!("/r/{}", published.id);
    let page = browser(true).await?;
    let patience = Duration::from_secs(30);
    for (name, path, wanted) in [
        ("home", "/", "ready"),
        ("report", report.as_str(), "published"),
        ("learn", "/checks", "ready"),
        ("error", "/no/such/page", "ready"),
    ] {
        page.goto(&format!("{}{path}", site.origin)).await?;
        state(&page, &[wanted], patience).await?;
        take(&page, name).await?;
    }
    // One that goes on for as long as the pictures take: a server of its holds its greeting back.
    page.goto(&format!("{}/scan?domain=unsure.test", site.origin)).await?;
    state(&page, &["scanning"], patience).await?;
    tokio::time::sleep(Duration::from_secs(4)).await;
    take(&page, "scan").await?;
    page.close().await?;
    Ok(())
}

async fn take(page: &Client, name: &str) -> Result<()> {
    for (kind, scheme, medium, width, height) in LOOKS {
        look(page, scheme, medium).await?;
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        devtools(page, "Emulation.setDeviceMetricsOverride", metrics).await?;
        if medium == "print" {
            // What printing does, and its margins, which a picture has not.
            let script = "dispatchEvent(new Event('beforeprint')); document.body.style.padding = '16mm 15mm'";
            page.execute(script, Vec::new()).await?;
        }
        let script = "scrollTo(0, 0); return document.documentElement.scrollHeight";
        let whole: u32 = serde_json::from_value(page.execute(script, Vec::new()).await?)?;
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": whole.min(height), "scale": 1 });
        let picture = json!({ "format": "webp", "quality": 82, "captureBeyondViewport": true, "clip": clip });
        let taken = devtools(page, "Page.captureScreenshot", picture).await?;
        let bytes = STANDARD.decode(taken.get("data").and_then(|data| data.as_str()).context("no picture")?)?;
        let file = PathBuf::from(setting("MAILSINS_PICTURES")?).join(format!("{name}-{kind}.webp"));
        println!("{} ({} bytes)", file.display(), bytes.len());
        ensure!(bytes.len() < WEIGHT_MAX, "{} is too heavy", file.display());
        std::fs::write(&file, bytes).with_context(|| format!("write {}", file.display()))?;
    }
    Ok(())
}
