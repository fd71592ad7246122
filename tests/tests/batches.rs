//! Many domains at once, requests that are sent twice, and scans that share what they saw.

use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use mailsins_tests::{SCAN_LIMIT, Site, says};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use shared::api::{BatchState, End, Problem, Progress, Scan};
use shared::api::{Drive, Published};

/// A request with headers of its own, and the JSON that comes back.
async fn post(site: &Site, path: &str, headers: &[(&str, &str)], body: &Value) -> Result<Response> {
    let mut request = reqwest::Client::new().post(format!("{}{path}", site.origin)).json(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Ok(request.send().await?)
}

async fn refused(response: Response, status: u16, kind: &str) -> Result<Problem> {
    let problem: Problem = response.json().await?;
    ensure!(problem.status == status && problem.kind == format!("/problems/{kind}"), "{problem:?}");
    Ok(problem)
}

async fn batch(site: &Site, id: &str) -> Result<BatchState> {
    Ok(site.get(&format!("/api/v1/batches/{id}")).await?.error_for_status()?.json().await?)
}

/// Polls until it is complete, or `until` is true.
async fn poll(site: &Site, id: &str, limit: Duration, until: impl Fn(&BatchState) -> bool) -> Result<BatchState> {
    let begun = Instant::now();
    loop {
        let state = batch(site, id).await?;
        if state.complete || until(&state) {
            return Ok(state);
        }
        if begun.elapsed() > limit {
            bail!("the batch does not get there: {state:#?}");
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

#[tokio::test]
async fn a_batch_is_scanned_and_published() -> Result<()> {
    let site = Site::new()?;
    let domains = ["nullmx.test", "someone@saint.test", "no-such-domain.test", "NULLMX.test", "https://sinner.test/"];
    let response = post(&site, "/api/v1/batches", &[], &json!({ "domains": domains })).await?;
    ensure!(response.status() == StatusCode::CREATED, "{}", response.status());
    let location = response.headers().get("location").context("where it is")?.to_str()?.to_owned();
    let made: BatchState = response.json().await?;
    ensure!(location == format!("/api/v1/batches/{}", made.id));
    let key = made.delete_key.clone().context("a delete key")?;
    let names: Vec<&str> = made.scans.iter().map(|scan| scan.domain.as_str()).collect();
    ensure!(names == ["nullmx.test", "saint.test", "no-such-domain.test", "sinner.test"], "{names:?}");

    let running = |state: &BatchState| state.scans.iter().filter(|scan| scan.progress == Progress::Running).count();
    let most = std::cell::Cell::new(0);
    let state = poll(&site, &made.id, 2 * SCAN_LIMIT, |state| {
        most.set(most.get().max(running(state)));
        false
    })
    .await?;
    ensure!(most.get() <= 3, "{} ran at once", most.get());
    ensure!(state.delete_key.is_none(), "the key is told once");
    for scan in &state.scans {
        ensure!(scan.progress == Progress::Published, "{scan:?}");
        let id = scan.report.as_deref().context("a report")?;
        ensure!(scan.url.as_deref() == Some(&format!("{}/r/{id}", site.origin)), "{scan:?}");
        let (report, summary) = (site.report(id).await?, scan.summary.as_ref().context("a summary")?);
        ensure!(report.domain == scan.domain && report.grade == summary.grade && report.sins == summary.sins);
        // The scan is one as all others.
        ensure!(site.state(scan.scan.as_deref().context("its scan")?).await?.complete);
    }
    let grade = |place: usize| state.scans.get(place)?.summary.as_ref()?.grade.map(|grade| grade.letter());
    ensure!((grade(1), grade(2), grade(3)) == (Some("A+"), None, Some("F")), "{state:#?}");

    let path = format!("/api/v1/reports/{}", state.scans.first().and_then(|scan| scan.report.clone()).context("one")?);
    ensure!(site.send_with(Method::DELETE, &path, ("mailsins-delete-key", &key)).await?.status() == 204);
    Ok(())
}

#[tokio::test]
async fn a_batch_takes_what_it_costs() -> Result<()> {
    let site = Site::new()?;
    // The local runtime's limiter begins anew with each minute of the clock.
    let second = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs() % 60;
    if second > 40 {
        tokio::time::sleep(Duration::from_secs(61 - second)).await;
    }
    let me = ("mailsins-lab-client", "batcher");
    let domains: Vec<String> = (0..7).map(|n| format!("none{n}.test")).collect();
    let response = post(&site, "/api/v1/batches", &[me], &json!({ "domains": domains })).await?;
    let made: BatchState = response.error_for_status()?.json().await?;
    // Seven are more than the limiter grants in a minute: the rest waits, and so does everything else of this client.
    tokio::time::sleep(Duration::from_secs(8)).await;
    let state = batch(&site, &made.id).await?;
    let waiting = state.scans.iter().filter(|scan| scan.progress == Progress::Waiting).count();
    ensure!((1..=2).contains(&waiting), "{waiting} of seven wait: {state:#?}");
    let response = post(&site, "/api/v1/scans", &[me], &json!({ "domain": "nullmx.test" })).await?;
    ensure!(response.headers().get("retry-after").is_some_and(|seconds| seconds == "60"));
    refused(response, 429, "rate-limited").await?;
    let state = poll(&site, &made.id, Duration::from_secs(150), |_| false).await?;
    ensure!(state.scans.iter().all(|scan| scan.progress == Progress::Published), "{state:#?}");
    Ok(())
}

#[tokio::test]
async fn what_is_no_batch() -> Result<()> {
    let site = Site::new()?;
    let many: Vec<String> = (0..51).map(|n| format!("n{n}.test")).collect();
    for (body, kind) in [
        (json!({ "domains": [] }), "bad-shape"),
        (json!({ "domains": many }), "bad-shape"),
        (json!({ "domains": "saint.test" }), "bad-shape"),
        (json!({ "domains": ["saint.test"], "drive": "client" }), "bad-shape"),
        (json!({ "domains": ["saint.test", "sinner.test"], "options": { "hosts": ["a.saint.test"] } }), "bad-shape"),
        (json!({ "domains": ["saint.test", "127.0.0.1"] }), "bad-domain"),
    ] {
        let response = post(&site, "/api/v1/batches", &[], &body).await?;
        let problem = refused(response, 422, kind).await.with_context(|| body.to_string())?;
        ensure!(kind != "bad-domain" || problem.detail.starts_with("domains[1]: "), "{problem:?}");
    }
    for path in [format!("/api/v1/batches/{}", "0".repeat(64)), format!("/api/v1/scans/{}", "f".repeat(64))] {
        let kind = if path.contains("batches") { "no-batch" } else { "no-scan" };
        refused(site.get(&path).await?, 404, kind).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_request_with_a_key_is_done_once() -> Result<()> {
    let site = Site::new()?;
    let key = ("idempotency-key", "8e03978e-40d5-43dd-bc93-6894a57f9324");
    let body = json!({ "domain": "nullmx.test", "drive": "server" });
    let mut ids = std::collections::BTreeSet::new();
    for status in [201, 200, 200] {
        let response = post(&site, "/api/v1/scans", &[key], &body).await?;
        ensure!(response.status() == status, "{}", response.status());
        ids.insert(response.json::<Scan>().await?.state.id);
    }
    ensure!(ids.len() == 1, "{ids:?}");
    let other = json!({ "domain": "saint.test", "drive": "server" });
    refused(post(&site, "/api/v1/scans", &[key], &other).await?, 422, "key-reused").await?;
    // Another client's key of the same name is another key.
    let response = post(&site, "/api/v1/scans", &[key, ("mailsins-lab-client", "someone-else")], &other).await?;
    ensure!(response.status() == 201 && !ids.contains(&response.json::<Scan>().await?.state.id));
    refused(post(&site, "/api/v1/scans", &[("idempotency-key", "short")], &body).await?, 400, "bad-key").await?;

    let body = json!({ "domains": ["nullmx.test"] });
    let mut batches = std::collections::BTreeSet::new();
    for status in [201, 200] {
        let response = post(&site, "/api/v1/batches", &[key], &body).await?;
        ensure!(response.status() == status, "{}", response.status());
        let BatchState { id, delete_key, .. } = response.json().await?;
        batches.insert((id, delete_key.context("whoever lost the answer gets the key again")?));
    }
    ensure!(batches.len() == 1, "{batches:?}");
    let other = json!({ "domains": ["saint.test"] });
    refused(post(&site, "/api/v1/batches", &[key], &other).await?, 422, "key-reused").await?;
    Ok(())
}

/// Begins a scan that shares, and waits for its end.
async fn shared(site: &Site, domain: &str, max_age: u32, drive: Drive) -> Result<Scan> {
    let body = json!({ "domain": domain, "drive": drive, "max_age": max_age });
    let made: Scan = post(site, "/api/v1/scans", &[], &body).await?.error_for_status()?.json().await?;
    if drive == Drive::Server {
        site.finish(&made.state.id).await?;
    }
    Ok(made)
}

#[tokio::test]
async fn what_was_seen_is_shared_by_those_who_say_so() -> Result<()> {
    let site = Site::new()?;
    let domain = "nullmx.test";
    // Somebody who says nothing of it shares nothing.
    let (private, _) = site.scan(domain).await?;
    let first = shared(&site, domain, 600, Drive::Server).await?;
    ensure!(!first.state.complete, "there was nothing to take: {first:?}");
    let (mut again, begun) = (shared(&site, domain, 600, Drive::Client).await?, Instant::now());
    while !again.state.complete && begun.elapsed() < Duration::from_secs(10) {
        // The offer is written behind the end of the scan.
        tokio::time::sleep(Duration::from_millis(300)).await;
        again = shared(&site, domain, 600, Drive::Client).await?;
    }
    ensure!(again.state.complete && again.summary.is_some(), "it is complete at once");
    ensure!(again.state.id != first.state.id && again.state.started == first.state.started);
    let (one, other) = (site.publish(&first.state.id).await?, site.publish(&again.state.id).await?);
    ensure!(one.id != other.id && one.badge != other.badge && one.delete_key != other.delete_key);
    ensure!(other.delete_key.is_some() && one.id != private.id);
    ensure!(says(&site.report(&one.id).await?) == says(&site.report(&other.id).await?));

    // Not what is too old, of another question, or of a client that may have left its scan undone.
    ensure!(!shared(&site, domain, 0, Drive::Client).await?.state.complete);
    let body = json!({ "domain": domain, "max_age": 600, "options": { "selectors": ["s1"] } });
    let other: Scan = post(&site, "/api/v1/scans", &[], &body).await?.error_for_status()?.json().await?;
    ensure!(!other.state.complete);
    ensure!(!site.begin(domain, Drive::Client).await?.complete, "whoever says nothing takes nothing");
    let body = json!({ "domain": domain, "max_age": 3601 });
    refused(post(&site, "/api/v1/scans", &[], &body).await?, 422, "bad-shape").await?;
    Ok(())
}

/// All of a stream, as `curl -N` shows it.
async fn watch(site: &Site, id: &str) -> Result<String> {
    let mut response = site.get(&format!("/api/v1/scans/{id}/events")).await?;
    let mut text = String::new();
    let read = async {
        while let Some(chunk) = response.chunk().await? {
            text += std::str::from_utf8(&chunk)?;
        }
        Ok::<_, anyhow::Error>(())
    };
    tokio::time::timeout(SCAN_LIMIT, read).await.context("the stream does not end")??;
    Ok(text)
}

#[tokio::test]
async fn a_scan_can_be_watched_to_its_end() -> Result<()> {
    let site = Site::new()?;
    let scan = site.begin("nullmx.test", Drive::Server).await?;
    let live = watch(&site, &scan.id).await?;
    let later = watch(&site, &scan.id).await?;
    let published: Published = site.publish(&scan.id).await?;
    let report = site.report(&published.id).await?;
    for text in [&live, &later] {
        let (_, data) = text.rsplit_once("event: done\ndata: ").context("the last event")?;
        let end: End = serde_json::from_str(data.trim_end())?;
        let summary = end.summary.context("what it amounts to")?;
        ensure!(!end.cancelled && summary.grade == report.grade && summary.sins == report.sins, "{summary:?}");
        ensure!(text.matches("event: evidence").count() == report.evidence.len(), "{text}");
    }
    let broken = site.begin("saint.test", Drive::Client).await?;
    site.send(Method::DELETE, &format!("/api/v1/scans/{}", broken.id), None).await?;
    let text = watch(&site, &broken.id).await?;
    ensure!(text.contains(r#"data: {"cancelled":true,"summary":null}"#), "{text}");
    Ok(())
}
