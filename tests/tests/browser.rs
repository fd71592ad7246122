//! The journey of a person in a real browser: type a domain, watch the scan, publish, open the
//! link elsewhere with JavaScript off and on.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use frontend::badge::Colour;
use mailsins_tests::page::{attribute, browser, click, enter, press, state, tab_to, text};
use mailsins_tests::{SCAN_LIMIT, Site, says, setting};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Every finding on the page: check, subject, outcome, verdict.
async fn findings(page: &Client) -> Result<std::collections::BTreeSet<(String, String, String, String)>> {
    let script = "return [...document.querySelectorAll('[data-subject]')].map(e => { const a = e.closest('article').dataset; return [a.check, e.dataset.subject, a.outcome, a.verdict] })";
    let rows: Vec<(String, String, String, String)> = serde_json::from_value(page.execute(script, Vec::new()).await?)?;
    Ok(rows.into_iter().collect())
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

/// Another site, which answers everything with this page; its origin.
async fn other_site(html: String) -> Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{html}",
                html.len()
            );
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    Ok(origin)
}

#[tokio::test(flavor = "multi_thread")]
async fn badges_and_card_show_on_another_origin() -> Result<()> {
    let site = Site::new()?;
    let (published, _) = site.scan("saint.test").await?;
    let badge = published.badge.strip_prefix(&site.origin).unwrap_or(&published.badge);
    let badge = format!("{}{badge}", site.origin);
    let images: String = ["", "?theme=dark", "?theme=auto&style=seal", "?sin=3"]
        .map(|query| format!("<img src=\"{badge}.svg{query}\" alt=\"\">"))
        .concat();
    // A page may look at the pixels of what it fetched by CORS only.
    let (bad, _) = site.scan("sinner.test").await?;
    let bad = format!("{}{}", site.origin, bad.badge.strip_prefix(&site.origin).unwrap_or(&bad.badge));
    let looked_at: String = [(&badge, ""), (&badge, "?theme=dark"), (&bad, "?theme=light"), (&bad, "?style=seal")]
        .map(|(badge, query)| format!("<img crossorigin=\"anonymous\" src=\"{badge}.svg{query}\" alt=\"\">"))
        .concat();
    let missing = format!("<img src=\"{}/badge/{}.svg\" alt=\"\">", site.origin, "0".repeat(32));
    let report = format!("<iframe src=\"{}/r/{}\"></iframe>", site.origin, published.id);
    let html = format!(
        "<!doctype html><title>Status</title>{images}{missing}{looked_at}<iframe id=\"card\" src=\"{badge}/card\"></iframe>{report}"
    );
    let other = other_site(html).await?;
    let page = browser(true).await?;
    page.goto(&other).await?;
    let script = "return [...document.images].map(i => [i.complete, i.naturalWidth, i.naturalHeight])";
    let shown: Vec<(bool, u32, u32)> = serde_json::from_value(page.execute(script, Vec::new()).await?)?;
    let sizes: Vec<u32> = shown.iter().map(|(_, _, height)| *height).collect();
    // The fifth is of no report: there it is seen that the test can tell.
    let want = [20, 20, 120, 20, 0, 20, 20, 20, 120];
    ensure!(shown.iter().all(|(complete, ..)| *complete) && sizes == want, "{shown:?}");
    ensure!(shown.iter().all(|(_, width, height)| (*width == 0) == (*height == 0)), "{shown:?}");
    // Beside the letter, where nothing but the ground is.
    let script = "
      return [...document.images].filter((i) => i.crossOrigin).map((i) => {
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [i.naturalWidth, i.naturalHeight];
        const context = canvas.getContext('2d');
        context.drawImage(i, 0, 0);
        const at = i.naturalHeight > 20 ? [60, 96] : [i.naturalWidth - 6, 2];
        return '#' + [...context.getImageData(...at, 1, 1).data].slice(0, 3).map((n) => n.toString(16).padStart(2, '0')).join('');
      })";
    let pixels: Vec<String> = serde_json::from_value(page.execute(script, Vec::new()).await?)?;
    let want = [Colour::Good.hex(), Colour::Good.bright(), Colour::Bad.hex(), Colour::Bad.hex()];
    ensure!(pixels == want, "{pixels:?}, not {want:?}");
    page.enter_frame(0).await?;
    let card = text(&page, "main").await?;
    ensure!(card.contains("saint.test") && card.contains("Open relay") && card.contains("clean"), "{card}");
    page.enter_parent_frame().await?;
    // The report itself lets nobody frame it.
    page.enter_frame(1).await?;
    ensure!(page.find(Locator::Css("main")).await.is_err(), "a report can be framed");
    page.close().await?;
    Ok(())
}

/// Waits until the page is a report's own; its address.
async fn at_a_report(page: &Client) -> Result<String> {
    let begun = std::time::Instant::now();
    loop {
        let address = page.current_url().await?;
        if address.path().starts_with("/r/") && page.find(Locator::Css("html.js #badge")).await.is_ok() {
            return Ok(address.to_string());
        }
        ensure!(begun.elapsed() < Duration::from_secs(20), "the page is {address}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_journey_by_keyboard_alone() -> Result<()> {
    let site = Site::new()?;
    let page = browser(true).await?;
    let patience = Duration::from_secs(20);
    page.goto(&site.origin).await?;
    state(&page, &["ready"], patience).await?;
    tab_to(&page, "Skip to the content").await?;
    tab_to(&page, "domain").await?;
    page.active_element().await?.send_keys("sinner.test").await?;
    press(&page, Key::Enter).await?;
    state(&page, &["complete"], SCAN_LIMIT).await?;
    enter(&page, "Publish").await?;
    state(&page, &["published"], patience).await?;
    // The focus is at what is new: the next step is the link.
    enter(&page, "http").await?;
    let report = at_a_report(&page).await?;
    tab_to(&page, "Copy link").await?;

    // A finding opens and closes, and its link leads to it.
    tab_to(&page, "Relays for strangers").await?;
    let is_open = "return document.activeElement.parentElement.open";
    ensure!(page.execute(is_open, Vec::new()).await? == true);
    press(&page, Key::Enter).await?;
    ensure!(page.execute(is_open, Vec::new()).await? == false);
    press(&page, Key::Enter).await?;
    enter(&page, "link to this").await?;
    ensure!(page.current_url().await?.fragment().is_some_and(|id| id.starts_with("open-relay-")));

    page.goto(&report).await?;
    state(&page, &["published"], patience).await?;
    enter(&page, "Get the badge").await?;
    ensure!(page.current_url().await?.fragment() == Some("badge"));
    enter(&page, "Copy (HTML)").await?;
    let script = "return document.activeElement.textContent";
    let begun = std::time::Instant::now();
    while page.execute(script, Vec::new()).await? == "Copy (HTML)" {
        ensure!(begun.elapsed() < patience, "the button does not say what came of it");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    // Judged again, nothing changes: it is the same policy.
    page.goto(&report).await?;
    state(&page, &["published"], patience).await?;
    enter(&page, "Judge again").await?;
    let judged = text(&page, "#difference").await?;
    ensure!(judged.contains("The grade is the same: F.") && judged.contains("Nothing else changed."), "{judged}");

    // A second check, and what changed since the first.
    page.goto(&report).await?;
    state(&page, &["published"], patience).await?;
    enter(&page, "Check again").await?;
    state(&page, &["complete"], SCAN_LIMIT).await?;
    enter(&page, "Publish").await?;
    state(&page, &["published"], patience).await?;
    enter(&page, "http").await?;
    at_a_report(&page).await?;
    enter(&page, "What changed since").await?;
    let changed = text(&page, "#difference").await?;
    ensure!(changed.contains("The grade is the same: F."), "{changed}");
    let address = page.current_url().await?;
    ensure!(address.query().is_some_and(|query| query.starts_with("against=")) && !report.contains(address.path()));
    page.close().await?;
    Ok(())
}
