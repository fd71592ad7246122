//! What a domain's consent brings: its history, its badge, and being checked again; and that all of it ends with the
//! record.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use mailsins_tests::{Site, dns};
use reqwest::Method;
use serde_json::{Value, json};
use shared::api::ScanState;

const BOTH: &str = "v=mailsins1; by=probe.test; allow=history,badge";

/// Longer than the lab's build remembers a record.
const FORGOTTEN: Duration = Duration::from_millis(1_500);

/// The hourly round, now.
async fn round(site: &Site) -> Result<()> {
    let response = site.get("/__scheduled?cron=17+*+*+*+*").await?;
    ensure!(response.status().is_success(), "the round: {}", response.status());
    Ok(())
}

/// A page's status and text.
async fn page(site: &Site, path: &str) -> Result<(u16, String)> {
    let response = site.get(path).await?;
    Ok((response.status().as_u16(), response.text().await?))
}

/// Are search engines told to leave it alone, by its header or in the page?
async fn is_hidden(site: &Site, path: &str) -> Result<bool> {
    let response = site.get(path).await?.error_for_status()?;
    let header = response.headers().get("x-robots-tag").is_some_and(|robots| robots == "noindex");
    let page = response.text().await?.contains("content=\"noindex\"");
    ensure!(header == page || !path.ends_with(|c: char| c.is_ascii_hexdigit()), "{path}: header {header}, page {page}");
    Ok(header || page)
}

/// How many reports the domain's page lists.
fn listed(page: &str) -> usize {
    page.matches("<td><a href=\"/r/").count()
}

#[tokio::test]
async fn a_domain_is_checked_again() -> Result<()> {
    let site = Site::new()?;
    let domain = "again.consent.test";
    let path = format!("/d/{domain}");
    dns::found(domain, "v=mailsins1; by=other.test; allow=history,badge").await?;
    dns::set(domain, &["v=spf1 ?all"]).await?;
    let (published, _) = site.scan(domain).await?;
    let report = format!("/r/{}", published.id);
    ensure!(is_hidden(&site, &report).await?, "search engines may list what nobody consented to");
    let (status, html) = page(&site, &path).await?;
    ensure!(status == 404 && html.contains("speaks to the site other.test") && listed(&html) == 0, "{status} {html}");
    ensure!(site.get(&path).await?.headers().get("x-robots-tag").is_some_and(|robots| robots == "noindex"));
    for ending in ["svg", "json"] {
        let (status, text) = page(&site, &format!("/badge/{domain}.{ending}")).await?;
        ensure!(status == 404 && text.contains("/problems/no-consent"), "{status} {text}");
    }
    // The round leaves it alone.
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_secs(2)).await;
        round(&site).await?;
    }

    // Its operator consents, and mends something.
    dns::say(domain, &[BOTH]).await?;
    dns::set(domain, &["v=spf1 -all"]).await?;
    tokio::time::sleep(FORGOTTEN).await;
    let (status, html) = page(&site, &path).await?;
    ensure!(status == 200 && listed(&html) == 1, "{status} {html}");
    ensure!(!html.contains("noindex") && site.get(&path).await?.headers().get("x-robots-tag").is_none());
    // What it lists may be found; not so its other forms.
    ensure!(!is_hidden(&site, &report).await? && is_hidden(&site, &format!("{report}.json")).await?);
    let (status, svg) = page(&site, &format!("/badge/{domain}.svg")).await?;
    ensure!(status == 200 && svg.contains(domain), "{status} {svg}");
    let endpoint: Value = site.get(&format!("/badge/{domain}.json")).await?.json().await?;
    ensure!(endpoint.get("schemaVersion").is_some(), "{endpoint}");

    let html = until(&site, &path, |html| listed(html) >= 2).await?;
    for part in
        ["<svg", "Grade over time", "What changed since", "data-turn=\"better\"", "It is checked again by itself"]
    {
        ensure!(html.contains(part), "the page lacks {part}: {html}");
    }

    // The record goes, and with it everything that it allowed.
    dns::say(domain, &[]).await?;
    tokio::time::sleep(FORGOTTEN).await;
    let reports = listed(&html);
    for _ in 0..3 {
        round(&site).await?;
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
    ensure!(page(&site, &path).await?.0 == 404 && page(&site, &format!("/badge/{domain}.svg")).await?.0 == 404);
    dns::say(domain, &["v=mailsins1; by=probe.test; allow=history"]).await?;
    tokio::time::sleep(FORGOTTEN).await;
    let (status, html) = page(&site, &path).await?;
    ensure!(status == 200 && listed(&html) <= reports + 1, "checked again without consent: {reports} {html}");
    ensure!(page(&site, &format!("/badge/{domain}.svg")).await?.0 == 404, "badge is a word of its own");
    Ok(())
}

/// Rounds until the page at the path is as it is waited for.
async fn until(site: &Site, path: &str, is: impl Fn(&str) -> bool) -> Result<String> {
    let begun = Instant::now();
    loop {
        round(site).await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let (_, html) = page(site, path).await?;
        if is(&html) {
            return Ok(html);
        }
        ensure!(begun.elapsed() < Duration::from_secs(60), "the round does not come to it: {html}");
    }
}

#[tokio::test]
async fn what_somebody_chose_is_no_history() -> Result<()> {
    let site = Site::new()?;
    let domain = "plain.consent.test";
    dns::found(domain, BOTH).await?;
    let options = serde_json::from_value(json!({ "selectors": ["s1"] }))?;
    site.scan_with(domain, options).await?;
    // Nor what came of a mail that somebody sent, or was to send: any user of the domain can send one that looks bad.
    let test: Value = site.send(Method::POST, "/api/v1/mailtests", None).await?.error_for_status()?.json().await?;
    let body = json!({ "domain": domain, "drive": "server", "mailtest": test.get("id") });
    let scan: ScanState =
        site.send(Method::POST, "/api/v1/scans", Some(body)).await?.error_for_status()?.json().await?;
    site.finish(&scan.id).await?;
    let of_mail = site.publish(&scan.id).await?;
    ensure!(site.report(&of_mail.id).await?.mail, "it has no test of outgoing mail");
    ensure!(is_hidden(&site, &format!("/r/{}", of_mail.id)).await?, "search engines may list it");
    let (status, html) = page(&site, &format!("/d/{domain}")).await?;
    ensure!(status == 200 && listed(&html) == 0, "{status} {html}");
    ensure!(page(&site, &format!("/badge/{domain}.svg")).await?.0 == 404);
    Ok(())
}

#[tokio::test]
async fn the_round_takes_reports_down_for_good() -> Result<()> {
    let site = Site::new()?;
    let domain = "forgotten.consent.test";
    dns::found(domain, BOTH).await?;
    let (published, _) = site.scan(domain).await?;
    dns::say(domain, &["v=mailsins1; probe=none"]).await?;
    tokio::time::sleep(FORGOTTEN).await;
    let status = page(&site, &format!("/d/{domain}")).await?.0;
    ensure!(status == 410, "{status}");
    let begun = Instant::now();
    loop {
        round(&site).await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        // With the record gone again only what was deleted stays away.
        dns::say(domain, &[]).await?;
        tokio::time::sleep(FORGOTTEN).await;
        let (status, text) = page(&site, &format!("/r/{}.json", published.id)).await?;
        if status == 410 && text.contains("/problems/opted-out") {
            break;
        }
        ensure!(begun.elapsed() < Duration::from_secs(60), "it is not deleted: {status}");
        dns::say(domain, &["v=mailsins1; probe=none"]).await?;
        tokio::time::sleep(FORGOTTEN).await;
    }
    let key = published.delete_key.context("a delete key")?;
    let path = format!("/api/v1/reports/{}", published.id);
    let again = site.send_with(Method::DELETE, &path, ("mailsins-delete-key", &key)).await?;
    ensure!(again.status() == 410, "{}", again.status());
    Ok(())
}
