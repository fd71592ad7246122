//! What a domain's own record allows the site: every door that must stay closed, tried.

use anyhow::{Context, Result, ensure};
use mailsins_tests::{Site, dns};
use shared::api::ConsentState;
use shared::syntax::consent::Word;

async fn read(site: &Site, domain: &str) -> Result<ConsentState> {
    Ok(site.get(&format!("/api/v1/consent/{domain}")).await?.error_for_status()?.json().await?)
}

#[tokio::test]
async fn every_door() -> Result<()> {
    let site = Site::new()?;
    // Domain, why it is refused, how many records were read.
    let rows = [
        ("yes", None, 1),
        ("full", None, 1),
        ("little", None, 1),
        ("silent", Some("no-record"), 0),
        ("nobody", Some("no-record"), 0),
        ("elsewhere", Some("another-site"), 1),
        ("alias", Some("alias"), 1),
        ("wild", Some("wildcard"), 1),
        ("torn", Some("resolvers-disagree"), 1),
        ("deaf", Some("unseen"), 1),
        ("twice", Some("several-records"), 2),
        ("faulty", Some("faulty-record"), 1),
        ("out", Some("opted-out"), 1),
        ("both", Some("opted-out"), 2),
    ];
    for (label, refusal, records) in rows {
        let state = read(&site, &format!("{label}.consent.test")).await?;
        let why = state.refusal.as_ref().map(|refusal| refusal.code.as_str());
        ensure!(why == refusal && state.records.len() == records, "{label}: {state:?}");
        ensure!(state.allow.is_empty() == refusal.is_some(), "{label} allows something in spite of it: {state:?}");
        ensure!(state.opted_out == (refusal == Some("opted-out")), "{label}: {state:?}");
        ensure!(state.refusal.is_none_or(|refusal| refusal.detail.ends_with('.')), "{label} says no sentence");
    }
    let full = read(&site, "full.consent.test").await?;
    ensure!(full.allow == Word::ALL && full.mailbox.as_deref() == Some("postmaster"), "{full:?}");
    ensure!(full.by.as_str() == "probe.test" && full.name == "_mailsins.full.consent.test", "{full:?}");
    let faults = read(&site, "faulty.consent.test").await?.refusal.context("a refusal")?.faults;
    let codes: Vec<_> = faults.iter().map(|fault| fault.code.as_str()).collect();
    ensure!(codes == ["unknown-word", "bad-mailbox"], "{codes:?}");
    let elsewhere = read(&site, "elsewhere.consent.test").await?.refusal.context("a refusal")?;
    ensure!(elsewhere.detail.contains("other.test"), "{elsewhere:?}");
    for no_domain in ["localhost", "a..b", "127.0.0.1%20", &"x".repeat(300)] {
        let status = site.get(&format!("/api/v1/consent/{no_domain}")).await?.status().as_u16();
        ensure!(status == 422, "{no_domain}: {status}");
    }
    Ok(())
}

#[tokio::test]
async fn what_it_offers_to_copy_works() -> Result<()> {
    let site = Site::new()?;
    let domain = "copied.consent.test";
    let example = read(&site, domain).await?.example;
    dns::found(domain, &example).await?;
    let state = read(&site, domain).await?;
    ensure!(state.refusal.is_none() && state.allow == [Word::History, Word::Badge], "{state:?}");
    Ok(())
}

#[tokio::test]
async fn consent_ends_with_its_record() -> Result<()> {
    let site = Site::new()?;
    let domain = "leaves.consent.test";
    dns::found(domain, "v=mailsins1; by=probe.test; allow=history").await?;
    ensure!(read(&site, domain).await?.refusal.is_none());
    dns::say(domain, &[]).await?;
    let state = read(&site, domain).await?;
    ensure!(state.allow.is_empty() && state.refusal.is_some_and(|refusal| refusal.code == "no-record"));
    Ok(())
}

/// A page and its badge, as status codes.
async fn shown(site: &Site, id: &str, badge: &str) -> Result<[u16; 4]> {
    let mut codes = [0; 4];
    let paths = [format!("/r/{id}"), format!("/r/{id}.json"), format!("/r/{id}.md"), format!("{badge}.svg")];
    for (code, path) in codes.iter_mut().zip(paths) {
        *code = site.get(&path).await?.status().as_u16();
    }
    Ok(codes)
}

#[tokio::test]
async fn who_opts_out_is_taken_down() -> Result<()> {
    let site = Site::new()?;
    let domain = "goes.consent.test";
    dns::found(domain, "v=mailsins1; by=probe.test; allow=history,badge").await?;
    let (published, _) = site.scan(domain).await?;
    let badge = published.badge.strip_prefix(&site.origin).unwrap_or(&published.badge).to_owned();
    ensure!(shown(&site, &published.id, &badge).await? == [200; 4]);
    dns::say(domain, &["v=mailsins1; probe=none"]).await?;
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    ensure!(shown(&site, &published.id, &badge).await? == [410; 4]);
    let page = site.get(&format!("/r/{}", published.id)).await?.text().await?;
    ensure!(page.contains("asked not to be probed"), "{page}");
    // Until the round comes by nothing is lost: a record that was a mistake can be taken back.
    dns::say(domain, &[]).await?;
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    ensure!(shown(&site, &published.id, &badge).await? == [200; 4]);
    Ok(())
}
