//! What somebody may try against the site itself: races, things used twice, floods, ids of one kind for another, and
//! texts that mean something to a browser. docs/threat-model.md says which attack is held where.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};
use futures_util::future::{join_all, try_join_all};
use mailsins_tests::Site;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::api::{Drive, Published, ScanState};
use shared::case::INQUIRIES_MAX;
use shared::{Evidence, Inquiry, Unseen, judge};

/// How many do the same at once.
const CROWD: usize = 20;

/// A domain whose scan needs DNS only.
const QUICK: &str = "nullmx.test";

/// Markup, for wherever a client's own text may come back.
const MARKUP: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
const MARKUP_IN_PATH: &str = "%3Cscript%3Ealert(1)%3C%2Fscript%3E%22'%3E%3Cimg%20src=x%20onerror=alert(1)%3E";

async fn publish(site: &Site, scan: &str) -> Result<(StatusCode, Option<Published>)> {
    let response = site.send(Method::POST, &format!("/api/v1/scans/{scan}/report"), None).await?;
    let status = response.status();
    Ok((status, if status.is_success() { Some(response.json().await?) } else { None }))
}

/// A scan that is over.
async fn complete(site: &Site, domain: &str) -> Result<ScanState> {
    let scan = site.begin(domain, Drive::Server).await?;
    site.finish(&scan.id).await
}

#[tokio::test]
async fn one_report_and_one_key_however_many_publish() -> Result<()> {
    let site = Site::new()?;
    let scan = complete(&site, QUICK).await?;
    let all = try_join_all((0..CROWD).map(|_| publish(&site, &scan.id))).await?;
    let all: Vec<Published> = all.into_iter().filter_map(|(_, published)| published).collect();
    ensure!(all.len() == CROWD, "{} of {CROWD} were answered", all.len());
    let ids: BTreeSet<&str> = all.iter().map(|published| published.id.as_str()).collect();
    let keys = all.iter().filter(|published| published.delete_key.is_some()).count();
    ensure!(ids.len() == 1 && keys == 1, "{} reports, {keys} keys", ids.len());
    Ok(())
}

#[tokio::test]
async fn what_is_asked_twice_at_once_is_asked_once() -> Result<()> {
    let site = Site::new()?;
    let scan = site.begin("saint.test", Drive::Client).await?;
    let path = format!("/api/v1/scans/{}/inquiries", scan.id);
    for _ in 0..4 {
        let state = site.state(&scan.id).await?;
        let first: Vec<Inquiry> = state.inquiries.into_iter().take(20).collect();
        let body = json!({ "inquiries": first });
        let answers = try_join_all((0..CROWD).map(|_| site.send(Method::POST, &path, Some(body.clone())))).await?;
        ensure!(answers.iter().all(|answer| answer.status() == StatusCode::ACCEPTED));
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    }
    let state = site.state(&scan.id).await?;
    let different: BTreeSet<&Inquiry> = state.evidence.iter().map(|piece| &piece.evidence.inquiry).collect();
    ensure!(
        different.len() == state.evidence.len() && different.len() > 10,
        "{} of {}",
        different.len(),
        state.evidence.len()
    );
    Ok(())
}

/// Untested costs nothing, so a client could leave out what would be bad for a report, or have one without a letter.
#[tokio::test]
async fn what_a_client_leaves_out_is_asked_all_the_same() -> Result<()> {
    let site = Site::new()?;
    // One client asks what it likes, which are names, and the other one nothing at all.
    let scan = site.begin("saint.test", Drive::Client).await?;
    let idle = site.begin(QUICK, Drive::Client).await?;
    let path = format!("/api/v1/scans/{}/inquiries", scan.id);
    for _ in 0..4 {
        let state = site.state(&scan.id).await?;
        let names = state.inquiries.into_iter().filter(|inquiry| matches!(inquiry, Inquiry::Dns { .. })).take(20);
        let body = json!({ "inquiries": names.collect::<Vec<_>>() });
        let answer = site.send(Method::POST, &path, Some(body)).await?;
        ensure!(answer.status() == StatusCode::ACCEPTED, "{}", answer.status());
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    }
    let state = site.finish(&idle.id).await?;
    let given_up = state.evidence.iter().filter(|piece| piece.evidence.answer == Err(Unseen::OutOfTime)).count();
    ensure!(given_up == 0 && state.evidence.len() > 5, "{given_up} of {} were given up", state.evidence.len());
    let state = site.finish(&scan.id).await?;
    let mut pieces = state.evidence.iter().map(|piece| &piece.evidence);
    let is_host = |piece: &Evidence| matches!(piece.inquiry, Inquiry::Probe { .. }) && piece.answer.is_ok();
    ensure!(pieces.any(is_host), "no host was asked");
    for id in [&idle.id, &scan.id] {
        let (_, published) = publish(&site, id).await?;
        let report = site.report(&published.context("published")?.id).await?;
        ensure!(report.grade.is_some() && report.missing == 0, "{:?}, {}", report.grade, report.missing);
    }
    // What has been asked by then may be asked by the client as well.
    let asked: Vec<_> = state.evidence.iter().map(|piece| &piece.evidence.inquiry).take(20).collect();
    let again = site.send(Method::POST, &path, Some(json!({ "inquiries": asked }))).await?;
    ensure!(again.status() == StatusCode::ACCEPTED, "{}", again.status());
    Ok(())
}

#[tokio::test]
async fn a_scan_is_cancelled_or_published() -> Result<()> {
    let site = Site::new()?;
    for _ in 0..5 {
        let scan = site.begin(QUICK, Drive::Server).await?;
        let cancel = async {
            let path = format!("/api/v1/scans/{}", scan.id);
            Ok(site.send(Method::DELETE, &path, None).await?.status())
        };
        let (published, cancelled) = tokio::try_join!(publish(&site, &scan.id), cancel)?;
        ensure!(cancelled.is_success(), "{cancelled}");
        let state = site.state(&scan.id).await?;
        let later = publish(&site, &scan.id).await?;
        match published.1 {
            Some(published) => {
                ensure!(!state.cancelled && later.0 == StatusCode::OK);
                let report = site.report(&published.id).await?;
                ensure!(judge(&report.case()) == report && report.missing == 0);
            }
            None if state.cancelled => ensure!(later.0 == StatusCode::CONFLICT, "{}", later.0),
            // It was not over when it was to be published, and then ended before it could be cancelled.
            None => ensure!(later.0 == StatusCode::OK, "{}", later.0),
        }
    }
    Ok(())
}

#[tokio::test]
async fn nothing_changes_a_report_once_it_is_published() -> Result<()> {
    let site = Site::new()?;
    let scan = complete(&site, QUICK).await?;
    let published = publish(&site, &scan.id).await?.1.context("published")?;
    let before = site.report(&published.id).await?;
    let asked = json!({ "inquiries": before.evidence.iter().map(|piece| &piece.inquiry).take(20).collect::<Vec<_>>() });
    let again = site.send(Method::POST, &format!("/api/v1/scans/{}/inquiries", scan.id), Some(asked)).await?;
    ensure!(again.status() == StatusCode::ACCEPTED, "what is known may be asked, and nobody is: {}", again.status());
    let new = json!({ "inquiries": [{"kind": "dns", "name": "sinner.test", "record": "MX"}] });
    let new = site.send(Method::POST, &format!("/api/v1/scans/{}/inquiries", scan.id), Some(new)).await?;
    ensure!(new.status() == StatusCode::CONFLICT, "{}", new.status());
    let cancel = site.send(Method::DELETE, &format!("/api/v1/scans/{}", scan.id), None).await?;
    ensure!(cancel.status().is_success());
    let state = site.state(&scan.id).await?;
    ensure!(!state.cancelled && state.evidence.len() == scan.evidence.len() && state.asking.is_empty());
    ensure!(site.report(&published.id).await? == before);
    ensure!(publish(&site, &scan.id).await?.1.is_some_and(|again| again.id == published.id));
    Ok(())
}

#[tokio::test]
async fn what_is_deleted_stays_deleted() -> Result<()> {
    let site = Site::new()?;
    let scan = complete(&site, QUICK).await?;
    let published = publish(&site, &scan.id).await?.1.context("published")?;
    let key = published.delete_key.context("a key")?;
    let path = format!("/api/v1/reports/{}", published.id);
    // Keys that are nearly right, and what stands for them elsewhere.
    let nearly: String = key.chars().rev().collect();
    for wrong in [&nearly, &key.to_uppercase(), key.get(..31).context("32 digits")?, "", "*", &published.id, "null"] {
        let answer = site.send_with(Method::DELETE, &path, ("mailsins-delete-key", wrong)).await?;
        ensure!(answer.status() == StatusCode::FORBIDDEN || wrong == key, "{wrong:?}: {}", answer.status());
    }
    let header = ("mailsins-delete-key", key.as_str());
    let all = try_join_all((0..CROWD).map(|_| site.send_with(Method::DELETE, &path, header))).await?;
    for answer in &all {
        ensure!(matches!(answer.status(), StatusCode::NO_CONTENT | StatusCode::GONE), "{}", answer.status());
    }
    ensure!(all.iter().any(|answer| answer.status() == StatusCode::NO_CONTENT));
    let again = publish(&site, &scan.id).await?;
    ensure!(again.0 == StatusCode::GONE, "published again: {}", again.0);
    ensure!(site.get(&format!("/r/{}.json", published.id)).await?.status() == StatusCode::GONE);
    Ok(())
}

#[tokio::test]
async fn an_id_opens_one_kind_of_thing() -> Result<()> {
    let site = Site::new()?;
    let scan = complete(&site, QUICK).await?;
    let published = publish(&site, &scan.id).await?.1.context("published")?;
    let badge = published.badge.rsplit('/').next().context("a badge")?.to_owned();
    let body = json!({ "domains": [QUICK] });
    let batch: Value = site.send(Method::POST, "/api/v1/batches", Some(body)).await?.error_for_status()?.json().await?;
    let batch = batch.get("id").and_then(Value::as_str).context("a batch")?.to_owned();
    let test: Value = site.send(Method::POST, "/api/v1/mailtests", None).await?.error_for_status()?.json().await?;
    let test = test.get("id").and_then(Value::as_str).context("a test")?.to_owned();
    let key = published.delete_key.context("a key")?;
    for (path, holds) in [
        (format!("/api/v1/scans/{batch}"), "a batch's"),
        (format!("/api/v1/batches/{}", scan.id), "a scan's"),
        (format!("/r/{badge}.json"), "a badge's"),
        (format!("/r/{key}.json"), "a key's"),
        (format!("/badge/{}.svg", published.id), "a report's"),
        (format!("/api/v1/mailtests/{}", published.id), "a report's"),
        (format!("/r/{test}.json"), "a test's"),
        (format!("/api/v1/scans/{}", scan.id.replace(['0', '1', '2'], "f")), "nobody's"),
        (format!("/api/v1/scans/{}", scan.id.to_uppercase()), "a scan's in capitals"),
    ] {
        let status = site.get(&path).await?.status();
        ensure!(status == StatusCode::NOT_FOUND, "{path}, which is {holds}: {status}");
    }
    Ok(())
}

/// However much a domain's records lead to, and however much a client names.
#[tokio::test]
async fn a_case_has_an_end() -> Result<()> {
    let site = Site::new()?;
    let selectors: Vec<String> = (0..200).map(|number| format!("s{number}")).collect();
    let body = json!({ "domain": "wide.test", "drive": "server", "options": { "selectors": selectors } });
    let response = site.send(Method::POST, "/api/v1/scans", Some(body)).await?;
    ensure!(response.status() == StatusCode::UNPROCESSABLE_ENTITY, "200 selectors: {}", response.status());
    let state = complete(&site, "wide.test").await?;
    ensure!(state.evidence.len() <= INQUIRIES_MAX, "{}", state.evidence.len());
    let addresses: BTreeSet<String> = state
        .evidence
        .iter()
        .filter_map(|piece| match &piece.evidence.inquiry {
            Inquiry::Probe { address, .. } => Some(address.to_string()),
            _ => None,
        })
        .collect();
    ensure!(addresses.len() <= 12, "{addresses:?}");
    // Bodies that are huge, deep, or say one thing many times.
    let deep = format!("{}{}", "[".repeat(8_000), "]".repeat(8_000));
    let many = format!("{{\"domain\":\"{QUICK}\"{}}}", ",\"domain\":\"a.test\"".repeat(500));
    for (body, statuses) in [(deep, [400, 422]), (many, [400, 422]), ("x".repeat(900_000), [413, 413])] {
        let request = reqwest::Client::new().post(format!("{}/api/v1/scans", site.origin));
        let status = request.header("content-type", "application/json").body(body).send().await?.status();
        ensure!(statuses.contains(&status.as_u16()), "{status}");
    }
    Ok(())
}

/// Each listener holds memory for as long as it stays.
#[tokio::test]
async fn a_scan_has_so_many_listeners() -> Result<()> {
    let site = Site::new()?;
    let scan = site.begin("saint.test", Drive::Client).await?;
    let path = format!("/api/v1/scans/{}/events", scan.id);
    let all = try_join_all((0..60).map(|_| site.get(&path))).await?;
    let refused = all.iter().filter(|answer| answer.status() == StatusCode::TOO_MANY_REQUESTS).count();
    let open = all.iter().filter(|answer| answer.status() == StatusCode::OK).count();
    ensure!(open == 50 && refused == 10, "{open} open, {refused} refused");
    ensure!(!site.state(&scan.id).await?.cancelled, "the scan goes on");
    Ok(())
}

/// One client has so many requests a minute, whatever they are for; the next client has its own.
#[tokio::test]
async fn a_flood_is_one_clients_own() -> Result<()> {
    let site = Site::new()?;
    let name = ("mailsins-lab-client", "flood");
    let mut refused = 0;
    for _ in 0..16 {
        let all = join_all((0..50).map(|_| site.send_with(Method::GET, "/api/v1/checks", name))).await;
        for answer in all {
            let answer = answer?;
            if answer.status() == StatusCode::TOO_MANY_REQUESTS {
                ensure!(answer.headers().contains_key("retry-after"));
                refused += 1;
            }
        }
    }
    // A minute may begin meanwhile.
    ensure!(refused >= 190, "{refused} of 800 were refused");
    let other = site.send_with(Method::GET, "/api/v1/checks", ("mailsins-lab-client", "neighbour")).await?;
    ensure!(other.status() == StatusCode::OK, "{}", other.status());
    Ok(())
}

/// A client's own text never comes back as markup, wherever it stood.
#[tokio::test]
async fn nothing_is_reflected_as_markup() -> Result<()> {
    let site = Site::new()?;
    let scan = complete(&site, QUICK).await?;
    let published = publish(&site, &scan.id).await?.1.context("published")?;
    let badge = published.badge.rsplit('/').next().context("a badge")?.to_owned();
    let (m, id) = (MARKUP_IN_PATH, &published.id);
    let zero = "0".repeat(32);
    for path in [
        format!("/{m}"),
        "//evil.example/index.html".to_owned(),
        "//evil.example/%2e%2e".to_owned(),
        "/%2fevil.example/index.html".to_owned(),
        "/%5cevil.example/index.html".to_owned(),
        format!("/?domain={m}"),
        format!("/scan?domain={m}"),
        format!("/r/{m}"),
        format!("/r/{m}.json"),
        format!("/r/{id}?against={m}"),
        format!("/r/{id}?{m}={m}"),
        format!("/d/{m}"),
        format!("/d/{m}.test"),
        format!("/badge/{m}.svg"),
        format!("/badge/{m}.test.svg"),
        format!("/badge/{badge}.svg?style={m}"),
        format!("/badge/{badge}.svg?label={m}&theme=auto"),
        format!("/badge/{badge}.json?sin={m}"),
        format!("/badge/{badge}/card?theme={m}"),
        format!("/checks/{m}"),
        format!("/mailtest/{m}"),
        format!("/mailtest/{zero}?{m}"),
        format!("/api/{m}"),
        format!("/api/v1/consent/{m}"),
        format!("/api/v1/scans/{}?since={m}", scan.id),
    ] {
        let answer = site.get(&path).await?;
        let headers = answer.headers().clone();
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let text = answer.text().await?;
        for part in ["<script>alert", "<img src=x", "onerror=alert(1)>"] {
            // In JSON it is text, and nobody takes JSON for a page.
            let data = header("content-type").contains("json") && header("x-content-type-options") == "nosniff";
            ensure!(!text.contains(part) || data, "{path}: {text}");
        }
        // The platform leads to a file's one path; never away from here.
        let to = header("location");
        let here = to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/\\");
        ensure!(to.is_empty() || here, "{path} leads to {to}");
    }
    for (path, body) in [
        ("/api/v1/scans", json!({ "domain": MARKUP })),
        ("/api/v1/scans", json!({ "domain": QUICK, MARKUP: 1 })),
        ("/api/v1/batches", json!({ "domains": [MARKUP] })),
    ] {
        let answer = site.send(Method::POST, path, Some(body)).await?;
        let kind = answer.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        ensure!(kind == "application/problem+json", "{path}: {kind}");
    }
    Ok(())
}

/// A page of somebody else's that has its visitor's browser ask us.
#[tokio::test]
async fn other_sites_pages_begin_nothing() -> Result<()> {
    let site = Site::new()?;
    let client = reqwest::Client::new();
    // What a form can send without asking first.
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""] {
        for path in ["/api/v1/scans", "/api/v1/batches"] {
            let request = client.post(format!("{}{path}", site.origin)).header("origin", "https://evil.example");
            let request = if kind.is_empty() { request } else { request.header("content-type", kind) };
            let status =
                request.body(json!({ "domain": QUICK, "domains": [QUICK] }).to_string()).send().await?.status();
            ensure!(status == StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}, {kind}: {status}");
        }
    }
    // What a browser asks before it sends anything else.
    for (path, open) in [("/api/v1/scans", false), ("/api/v1/checks", true)] {
        let request = client.request(Method::OPTIONS, format!("{}{path}", site.origin));
        let request = request.header("origin", "https://evil.example").header("access-control-request-method", "POST");
        let answer = request.send().await?;
        let allowed = answer.headers().get("access-control-allow-methods");
        ensure!(allowed.is_none_or(|methods| open && methods == "GET, HEAD"), "{path}: {allowed:?}");
        ensure!(answer.headers().get("access-control-allow-credentials").is_none());
    }
    Ok(())
}

/// A name that the platform would read, in requests of a stranger's.
#[tokio::test]
async fn inner_words_of_ours_mean_nothing_from_outside() -> Result<()> {
    let site = Site::new()?;
    for (name, value) in
        [("mailsins-class", "internal"), ("mailsins-styles", "'unsafe-inline'"), ("x-forwarded-host", "evil.example")]
    {
        let scan = complete(&site, QUICK).await?;
        let answer = site.send_with(Method::POST, &format!("/api/v1/scans/{}/report", scan.id), (name, value)).await?;
        let headers = format!("{:?}", answer.headers());
        let text = answer.text().await?;
        if headers.contains("unsafe-inline") || headers.contains("mailsins-") || text.contains("evil.example") {
            bail!("{name}: {headers} {text}");
        }
    }
    Ok(())
}
