//! The journey of a person in a real browser: type a domain, watch the scan, publish, open the
//! link elsewhere with JavaScript off and on.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use mailsins_tests::{SCAN_LIMIT, Site, says, setting};
use serde_json::{Value, json};

/// A browser with a fresh profile.
async fn browser(javascript: bool) -> Result<Client> {
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--window-size=1200,1000",
    ];
    let mut options = json!({ "args": arguments });
    if !javascript && let Some(options) = options.as_object_mut() {
        options.insert("prefs".to_owned(), json!({ "profile.managed_default_content_settings.javascript": 2 }));
    }
    let capabilities = json!({ "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" } });
    let Value::Object(capabilities) = capabilities else { anyhow::bail!("not an object") };
    let address = setting("MAILSINS_WEBDRIVER")?;
    Ok(ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&address).await?)
}

/// Waits until the page's `data-state` is one of these, and says which.
async fn state(page: &Client, wanted: &[&str], limit: Duration) -> Result<String> {
    let begun = std::time::Instant::now();
    loop {
        let found = match page.find(Locator::Css("main[data-state]")).await {
            Ok(main) => main.attr("data-state").await.ok().flatten().unwrap_or_default(),
            Err(_) => String::new(),
        };
        if wanted.contains(&found.as_str()) {
            return Ok(found);
        }
        ensure!(begun.elapsed() < limit, "the page is {found:?}, not one of {wanted:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn text(page: &Client, css: &str) -> Result<String> {
    let found = page.wait().at_most(Duration::from_secs(10)).for_element(Locator::Css(css)).await;
    Ok(found.with_context(|| format!("no {css}"))?.text().await?)
}

async fn attribute(page: &Client, css: &str, name: &str) -> Result<String> {
    let found = page.wait().at_most(Duration::from_secs(10)).for_element(Locator::Css(css)).await;
    found.with_context(|| format!("no {css}"))?.attr(name).await?.with_context(|| format!("{css} has no {name}"))
}

/// Every finding on the page: check, subject, outcome, verdict.
async fn findings(page: &Client) -> Result<std::collections::BTreeSet<(String, String, String, String)>> {
    let script = "return [...document.querySelectorAll('article[data-check]')].map(a => [a.dataset.check, a.dataset.subject, a.dataset.outcome, a.dataset.verdict])";
    let rows: Vec<(String, String, String, String)> = serde_json::from_value(page.execute(script, Vec::new()).await?)?;
    Ok(rows.into_iter().collect())
}

async fn click(page: &Client, label: &str) -> Result<()> {
    let path = format!("//button[normalize-space()='{label}']");
    page.wait().at_most(Duration::from_secs(10)).for_element(Locator::XPath(&path)).await?.click().await?;
    Ok(())
}

async fn type_domain(page: &Client, origin: &str, typed: &str) -> Result<()> {
    page.goto(origin).await?;
    let field = page.wait().at_most(Duration::from_secs(20)).for_element(Locator::Css("input#domain")).await?;
    state(page, &["ready"], Duration::from_secs(20)).await?;
    field.send_keys(typed).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_typed_domain_to_a_shared_report() -> Result<()> {
    let site = Site::new()?;
    let page = browser(true).await?;
    type_domain(&page, &site.origin, "Postmaster <postmaster@Sinner.test>").await?;
    ensure!(text(&page, "#domain-note").await?.contains("sinner.test"), "it says what it made of the address");
    click(&page, "Check").await?;
    state(&page, &["complete"], SCAN_LIMIT).await?;
    ensure!(attribute(&page, "[data-grade]", "data-grade").await? == "F");
    let on_screen = findings(&page).await?;

    click(&page, "Publish").await?;
    state(&page, &["published"], Duration::from_secs(20)).await?;
    let link = attribute(&page, "a#report-link", "href").await?;
    let link = if link.starts_with('/') { format!("{}{link}", site.origin) } else { link };
    let id = link.rsplit('/').next().context("an id")?.to_owned();
    page.close().await?;

    let report = site.report(&id).await?;
    ensure!(
        says(&report) == on_screen,
        "the page and the published report differ: {:#?}",
        says(&report).symmetric_difference(&on_screen).collect::<Vec<_>>()
    );
    for number in [1_u8, 2, 3, 4, 5, 7] {
        let sin = report.sins.iter().find(|sin| u8::from(sin.sin) == number).context("a sin")?;
        ensure!(sin.verdict == shared::Verdict::Mortal, "sin {number} is {}", sin.verdict);
    }

    for javascript in [false, true] {
        let page = browser(javascript).await?;
        page.goto(&link).await?;
        ensure!(attribute(&page, "[data-grade]", "data-grade").await? == "F", "javascript: {javascript}");
        if javascript {
            ensure!(findings(&page).await? == on_screen);
        }
        let source = page.source().await?;
        for part in
            ["Relays for strangers", "250 2.1.5 Ok", "v=spf1 +all", "Postfix 3.7.11", "smtpd_relay_restrictions"]
        {
            ensure!(source.contains(part), "javascript: {javascript}: {part} is missing");
        }
        let visible = text(&page, "main").await?;
        ensure!(visible.contains("Relays for strangers") && visible.contains("sinner.test"), "{visible}");
        page.close().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_scan_shows_what_it_waits_for_and_can_be_cancelled() -> Result<()> {
    let site = Site::new()?;
    let page = browser(true).await?;
    page.goto(&format!("{}/scan?domain=unsure.test", site.origin)).await?;
    state(&page, &["scanning"], Duration::from_secs(20)).await?;
    let begun = std::time::Instant::now();
    loop {
        let shown = text(&page, "main").await?;
        if shown.contains("mx2.unsure.test") && shown.contains("greeting") {
            break;
        }
        ensure!(begun.elapsed() < Duration::from_secs(30), "it does not say what it waits for: {shown}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    click(&page, "Cancel").await?;
    state(&page, &["cancelled"], Duration::from_secs(10)).await?;
    ensure!(attribute(&page, "[data-grade]", "data-grade").await? == "none");
    page.close().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn examples_errors_and_pages_that_are_not_there() -> Result<()> {
    let site = Site::new()?;
    let page = browser(true).await?;
    for (example, grade) in [("saint", "A+"), ("sinner", "F")] {
        page.goto(&format!("{}/example/{example}", site.origin)).await?;
        ensure!(attribute(&page, "[data-grade]", "data-grade").await? == grade, "{example}");
    }
    page.goto(&format!("{}/lint/spf", site.origin)).await?;
    click(&page, "Try an example").await?;
    let faults = text(&page, "ul.outcomes").await?;
    ensure!(faults.contains("ip4:192.0.2.300") && faults.contains("inlcude"), "{faults}");
    page.goto(&format!("{}/checks/open-relay", site.origin)).await?;
    ensure!(text(&page, "main").await?.contains("open-relay"));
    type_domain(&page, &site.origin, "localhost").await?;
    click(&page, "Check").await?;
    ensure!(text(&page, "#domain-error").await?.contains("no dot"), "{}", text(&page, "#domain-error").await?);
    page.goto(&format!("{}/scan?domain=no-such-domain.test", site.origin)).await?;
    state(&page, &["complete"], SCAN_LIMIT).await?;
    ensure!(text(&page, "main").await?.contains("no domain of this name"), "{}", text(&page, "main").await?);
    page.goto(&format!("{}/no/such/page", site.origin)).await?;
    ensure!(text(&page, "main").await?.contains("no such page"), "{}", text(&page, "main").await?);
    page.goto(&format!("{}/r/{}", site.origin, "0".repeat(32))).await?;
    ensure!(text(&page, "main").await?.contains("no such report"), "{}", text(&page, "main").await?);
    page.close().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_network_there_is_a_message_and_no_spinner() -> Result<()> {
    let origin = setting("MAILSINS_SITE_WITHOUT_DNS")?;
    let page = browser(true).await?;
    page.goto(&format!("{origin}/example/sinner")).await?;
    ensure!(attribute(&page, "[data-grade]", "data-grade").await? == "F");
    type_domain(&page, &origin, "example.org").await?;
    click(&page, "Check").await?;
    state(&page, &["failed"], Duration::from_secs(60)).await?;
    let shown = text(&page, "main").await?;
    ensure!(shown.contains("Our resolver could not be reached") && shown.contains("nothing is concluded"), "{shown}");
    ensure!(attribute(&page, "[data-grade]", "data-grade").await? == "none");
    page.close().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_badge_shows_in_another_page() -> Result<()> {
    let site = Site::new()?;
    let (published, report) = site.scan("saint.test").await?;
    let badge = published.badge.strip_prefix(&site.origin).unwrap_or(&published.badge).to_owned();
    let page = browser(true).await?;
    // An SVG document that is not well-formed shows the browser's error page instead of its title.
    page.goto(&format!("{}{badge}.svg", site.origin)).await?;
    let script = "return [document.documentElement.localName, document.querySelector('title').textContent, document.documentElement.getBoundingClientRect().height]";
    let (root, title, height): (String, String, f64) = serde_json::from_value(page.execute(script, Vec::new()).await?)?;
    ensure!(root == "svg" && (height - 20.0).abs() < 0.5, "{root} {height}");
    ensure!(title.contains(report.grade.map_or("", |grade| grade.letter())) && title.contains("saint.test"), "{title}");
    page.close().await?;
    Ok(())
}
