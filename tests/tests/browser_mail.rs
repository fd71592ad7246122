//! In a real browser: a test of outgoing mail from its address to a check that takes it over, with the test files that its
//! page puts together; and the way from a report to active tests.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use fantoccini::{Client, Locator};
use mailsins_tests::page::{attribute, browser, click, devtools, look, state, text};
use mailsins_tests::sink::{Sink, give, received};
use mailsins_tests::{SCAN_LIMIT, Site, dns};
use serde_json::json;

const ME: &str = "me@sender.consent.test";

const PATIENCE: Duration = Duration::from_secs(40);

/// The test files, put together only here.
fn files() -> [(&'static str, &'static str, String); 2] {
    let whole = |backwards: &str| backwards.chars().rev().collect();
    [
        (
            "EICAR, to attach",
            "eicar.com",
            whole(r"*H+H$!ELIF-TSET-SURIVITNA-DRADNATS-RACIE$}7)CC7)^P(45XZP\4[PA@%P!O5X"),
        ),
        ("GTUBE, to paste", "gtube.txt", whole("X43.C*LIAME-TSET-EBU-ITNA-DRADNATS-EBUTG*NENDI2*3NBSN.1NDAQBDJ4C*SJX")),
    ]
}

/// Waits until there is such an element, which a script of the page may bring by loading it anew.
async fn shows(page: &Client, css: &str) -> Result<()> {
    let found = page.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
    if found.is_err() {
        anyhow::bail!("no {css} on {}: {}", page.current_url().await?, text(page, "main").await?);
    }
    Ok(())
}

/// Clicks a link by what it begins with.
async fn follow(page: &Client, label: &str) -> Result<()> {
    let path = format!("//a[starts-with(normalize-space(), '{label}')]");
    let link = page.wait().at_most(PATIENCE).for_element(Locator::XPath(&path)).await;
    link.with_context(|| format!("no link {label}"))?.click().await?;
    Ok(())
}

/// What a file says that the browser saves.
async fn saved(folder: &Path, name: &str) -> Result<String> {
    let begun = Instant::now();
    loop {
        if let Ok(text) = std::fs::read_to_string(folder.join(name)) {
            return Ok(text);
        }
        let there: Vec<_> = std::fs::read_dir(folder)?.flatten().map(|file| file.file_name()).collect();
        ensure!(begun.elapsed() < PATIENCE, "no {name} was saved: {there:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn message(body: &str) -> String {
    format!(
        "From: Me <{ME}>\nTo: Test <t@probe.test>\nSubject: A test\nMessage-ID: <1@sender.consent.test>\n\nHello,\n\n{body}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn outgoing_mail_and_its_test_files() -> Result<()> {
    let (site, sink, page) = (Site::new()?, Sink::open().await?, browser(true).await?);
    // Nobody can click what still scrolls.
    look(&page, "light", "screen").await?;
    page.goto(&format!("{}/mailtest", site.origin)).await?;
    click(&page, "Make an address").await?;
    shows(&page, "[data-mailtest]").await?;
    let address = text(&page, "main pre").await?;
    let sent = sink.through_postfix(ME, &address, &message("this is a test.")).await?;
    give(&site, ME, &address, received(&sent) + &sent.message).await?;
    shows(&page, "[data-outcome=dmarc-pass]").await?;

    // Each button saves the very file, which scanners would find in the page if it stood there.
    let folder = std::env::temp_dir().join(format!("mailsins-saved-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    devtools(&page, "Browser.setDownloadBehavior", json!({ "behavior": "allow", "downloadPath": folder })).await?;
    let source = page.source().await? + &site.get("/mailtest.js").await?.text().await?;
    for (label, name, whole) in files() {
        ensure!(whole.len() == 68 && !source.contains(&whole), "{name} stands in the page or its script");
        click(&page, &format!("Save {label}")).await?;
        let text = saved(&folder, name).await?;
        ensure!(text == whole, "{name}: {text:?}");
    }
    std::fs::remove_dir_all(&folder)?;

    // What its holder says names the file; the page shows when it comes.
    click(&page, "I have sent EICAR").await?;
    shows(&page, "[data-file=eicar]").await?;
    let second = text(&page, "[data-file] + pre").await?;
    let [(_, _, eicar), _] = files();
    let sent = sink.through_postfix(ME, &second, &message(&eicar)).await?;
    give(&site, ME, &second, received(&sent) + &sent.message).await?;
    shows(&page, "[data-outcome=arrived]").await?;

    follow(&page, "Check sender.consent.test with it").await?;
    state(&page, &["complete"], SCAN_LIMIT).await?;
    for (check, outcome) in [("outbound-mail", "dkim-pass"), ("outbound-virus", "arrived")] {
        let finding = format!("article[data-check={check}][data-outcome={outcome}] [data-subject]");
        let of = attribute(&page, &finding, "data-subject").await?;
        ensure!(of == "sender.consent.test", "{check}: {of}");
    }
    page.close().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_report_to_active_tests() -> Result<()> {
    let site = Site::new()?;
    let domain = "clicked.consent.test";
    dns::found(domain, "v=mailsins1; by=probe.test; allow=samples; mailbox=postmaster").await?;
    let (published, _) = site.scan(domain).await?;
    let page = browser(true).await?;
    look(&page, "light", "screen").await?;
    page.goto(&format!("{}/r/{}", site.origin, published.id)).await?;
    state(&page, &["published"], PATIENCE).await?;
    follow(&page, "how, and whether it does").await?;
    let record = text(&page, "#record").await?;
    ensure!(record.contains(&format!("_mailsins.{domain}.")), "{record}");
    follow(&page, "active tests").await?;
    let field = page.wait().at_most(PATIENCE).for_element(Locator::Css("input[name=domain]")).await?;
    field.send_keys(domain).await?;
    click(&page, "Send the code").await?;
    // The page says by itself what became of it: the domain takes no mail.
    shows(&page, "[data-stage=closed]").await?;
    ensure!(page.current_url().await?.path().starts_with("/run/"), "{}", page.current_url().await?);
    let said = text(&page, "main").await?;
    ensure!(said.contains("mail server that could be asked") && said.contains("Nothing yet."), "{said}");
    page.close().await?;
    Ok(())
}
