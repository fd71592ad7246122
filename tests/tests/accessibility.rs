//! Everybody can use every page: axe finds nothing in both colour schemes, and nothing is cut off at 320 pixels. The rules
//! are those of the npm package axe-core, which package.json pins.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fantoccini::Client;
use mailsins_tests::page::{browser, click, devtools, look, state, text, width};
use mailsins_tests::{SCAN_LIMIT, Site, dns};
use reqwest::Method;
use serde_json::{Value, json};
use shared::problem::Kind;

/// Runs axe, or of it only the rules that are named: each violation as its rule and the elements.
const RUN: &str = r"
const done = arguments[arguments.length - 1];
const [rules] = arguments;
axe.run(document, { resultTypes: ['violations'], ...(rules && { runOnly: rules }) }).then(
  (found) => done(found.violations.map((v) => `${v.id}: ${v.help}\n  ${v.nodes.slice(0, 5).map((n) => n.html.slice(0, 300)).join('\n  ')}`)),
  (why) => done([`axe failed: ${why}`]));";

/// What is wider than the window, if anything makes the page scroll sideways.
const WIDE: &str = "
const page = document.scrollingElement;
if (page.scrollWidth <= innerWidth) return [];
const wide = [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1);
return [`${page.scrollWidth} pixels`, ...wide.slice(0, 5).map((e) => e.outerHTML.slice(0, 200))];";

fn axe() -> Result<String> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(file).with_context(|| format!("read {file}: ./x setup installs it"))
}

/// Looks at a page as it stands, in both schemes and at 320 pixels.
async fn look_at(page: &Client, axe: &str, what: &str, faults: &mut Vec<String>) -> Result<()> {
    page.execute(axe, Vec::new()).await?;
    // The scheme changes nothing but colours.
    for (scheme, rules) in [("light", Value::Null), ("dark", json!(["color-contrast", "link-in-text-block"]))] {
        look(page, scheme, "screen").await?;
        let found: Vec<String> = serde_json::from_value(page.execute_async(RUN, vec![rules]).await?)?;
        faults.extend(found.into_iter().map(|fault| format!("{what}, {scheme}: {fault}")));
    }
    width(page, 320).await?;
    let wide: Vec<String> = serde_json::from_value(page.execute(WIDE, Vec::new()).await?)?;
    if !wide.is_empty() {
        faults.push(format!("{what} scrolls sideways at 320 pixels: {}", wide.join("\n  ")));
    }
    width(page, 1200).await
}

/// Every fold is open from here on.
async fn open_all(page: &Client) -> Result<Value> {
    Ok(page.execute("document.querySelectorAll('details').forEach((fold) => { fold.open = true })", Vec::new()).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_and_nothing_scrolls_sideways() -> Result<()> {
    let (site, axe) = (Site::new()?, axe()?);
    let page = browser(true).await?;
    let mut faults = Vec::new();
    let patience = Duration::from_secs(20);
    let missing = format!("/r/{}", "0".repeat(32));
    let pages = [
        ("/", "ready"),
        ("/lint", "ready"),
        ("/lint/spf", "ready"),
        ("/checks", "ready"),
        ("/about", "ready"),
        ("/no/such/page", "ready"),
        (missing.as_str(), "ready"),
        ("/example/sinner", "complete"),
        ("/example/saint", "complete"),
    ];
    for (path, wanted) in pages {
        page.goto(&format!("{}{path}", site.origin)).await?;
        state(&page, &[wanted], patience).await?;
        if path == "/lint/spf" {
            click(&page, "Try an example").await?;
            text(&page, "ul.outcomes").await?;
        }
        look_at(&page, &axe, path, &mut faults).await?;
        open_all(&page).await?;
        look_at(&page, &axe, &format!("{path}, opened"), &mut faults).await?;
    }

    page.goto(&format!("{}/scan?domain=unsure.test", site.origin)).await?;
    state(&page, &["scanning"], patience).await?;
    look_at(&page, &axe, "a scan", &mut faults).await?;
    click(&page, "Cancel").await?;
    state(&page, &["cancelled"], patience).await?;
    look_at(&page, &axe, "a cancelled scan", &mut faults).await?;
    page.goto(&format!("{}/scan?domain=a..b", site.origin)).await?;
    state(&page, &["failed"], patience).await?;
    look_at(&page, &axe, "a scan of no domain", &mut faults).await?;

    page.goto(&format!("{}/scan?domain=sinner.test", site.origin)).await?;
    state(&page, &["complete"], SCAN_LIMIT).await?;
    look_at(&page, &axe, "a complete scan", &mut faults).await?;
    click(&page, "Publish").await?;
    state(&page, &["published"], patience).await?;
    look_at(&page, &axe, "a published scan", &mut faults).await?;

    let (published, _) = site.scan("sinner.test").await?;
    let report = format!("{}/r/{}", site.origin, published.id);
    page.goto(&format!("{report}?against={}", published.id)).await?;
    state(&page, &["published"], patience).await?;
    look_at(&page, &axe, "a report", &mut faults).await?;
    open_all(&page).await?;
    look_at(&page, &axe, "a report, opened", &mut faults).await?;
    // The card may run no script, axe's neither: its text is looked at in a page of the test's own.
    let card = published.badge.strip_prefix(&site.origin).unwrap_or(&published.badge);
    let html = site.get(&format!("{card}/card")).await?.error_for_status()?.text().await?;
    page.goto("about:blank").await?;
    let tree = devtools(&page, "Page.getFrameTree", json!({})).await?;
    let frame = tree.pointer("/frameTree/frame/id").context("no frame")?;
    devtools(&page, "Page.setDocumentContent", json!({ "frameId": frame, "html": html })).await?;
    ensure!(text(&page, "main").await?.contains("sinner.test"));
    look_at(&page, &axe, "the card", &mut faults).await?;
    page.close().await?;
    ensure!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    Ok(())
}

/// Pages that only the Worker renders, those of the API, and those that say no.
#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_plain_pages() -> Result<()> {
    let (site, axe) = (Site::new()?, axe()?);
    let mut faults = Vec::new();
    // A history of two reports, with a change and a badge.
    let listed = "looked-at.consent.test";
    dns::found(listed, "v=mailsins1; by=probe.test; allow=history,badge").await?;
    dns::set(listed, &["v=spf1 ?all"]).await?;
    site.scan(listed).await?;
    dns::set(listed, &["v=spf1 -all"]).await?;
    site.scan(listed).await?;
    // One that was deleted, and one whose domain wants none.
    let (deleted, _) = site.scan("nullmx.test").await?;
    let key = deleted.delete_key.context("no key")?;
    let path = format!("/api/v1/reports/{}", deleted.id);
    site.send_with(Method::DELETE, &path, ("Mailsins-Delete-Key", &key)).await?.error_for_status()?;
    let gone = "gone.consent.test";
    dns::found(gone, "v=mailsins1; by=probe.test; allow=history").await?;
    site.scan(gone).await?;
    dns::say(gone, &["v=mailsins1; probe=none"]).await?;
    tokio::time::sleep(Duration::from_millis(1_500)).await;

    let mut pages = vec![
        (format!("/d/{listed}"), 200, "What changed since"),
        ("/d/elsewhere.consent.test".to_owned(), 404, "No history of"),
        ("/d/silent.consent.test".to_owned(), 404, "No history of"),
        (format!("/d/{gone}"), 410, "asked not to be probed"),
        (format!("/r/{}", deleted.id), 410, "was deleted"),
        ("/r/x".to_owned(), 404, "There is no such"),
        ("/mailtest".to_owned(), 200, "outgoing"),
        (format!("/mailtest/{}", "0".repeat(32)), 404, "No such test"),
        ("/api".to_owned(), 200, "/api/v1/scans"),
        ("/problems/".to_owned(), 200, "rate-limited"),
    ];
    for kind in Kind::ALL {
        pages.push((format!("/problems/{}", kind.slug()), 200, kind.words().2));
    }
    let page = browser(true).await?;
    for (path, status, words) in pages {
        let answer = site.get(&path).await?.status();
        page.goto(&format!("{}{path}", site.origin)).await?;
        let shown = text(&page, "main").await?;
        ensure!(shown.contains(words), "{path} does not say {words:?}: {shown}");
        ensure!(answer == status || answer.is_redirection(), "{path}: {answer}");
        look_at(&page, &axe, &path, &mut faults).await?;
    }

    // A test of outgoing mail as it waits for its message.
    page.goto(&format!("{}/mailtest", site.origin)).await?;
    click(&page, "Make an address").await?;
    ensure!(text(&page, "main").await?.contains("@probe.test"));
    look_at(&page, &axe, "a test that waits", &mut faults).await?;
    page.close().await?;
    ensure!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    Ok(())
}

/// Live regions say a sentence a sin: what is polled every 50 ms differs a few times only, however many facts come in.
#[tokio::test(flavor = "multi_thread")]
async fn live_regions_do_not_chatter() -> Result<()> {
    let site = Site::new()?;
    let page = browser(true).await?;
    page.goto(&site.origin).await?;
    state(&page, &["ready"], Duration::from_secs(20)).await?;
    // Counted from before the first page of the scan is drawn.
    let watch = "
      window.said = [];
      new MutationObserver(() => {
        const now = [...document.querySelectorAll('[role=status], [aria-live], [role=alert]')].map((e) => e.textContent.trim()).join('|');
        if (now !== window.said.at(-1)) window.said.push(now);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });";
    page.execute(watch, Vec::new()).await?;
    page.find(fantoccini::Locator::Css("#domain")).await?.send_keys("sinner.test").await?;
    click(&page, "Check").await?;
    state(&page, &["complete"], SCAN_LIMIT).await?;
    let said: Vec<String> = serde_json::from_value(page.execute("return window.said", Vec::new()).await?)?;
    ensure!((2..=16).contains(&said.len()), "{} sentences: {said:#?}", said.len());
    ensure!(said.last().is_some_and(|last| last.contains("The check is done: grade F.")), "{said:#?}");
    page.close().await?;
    Ok(())
}
