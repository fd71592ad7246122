//! The Worker's API in workerd: what it refuses, and what nobody can change.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use mailsins_tests::{Site, says};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use shared::api::{Drive, Problem, ScanState};
use shared::{Case, Inquiry, Report, plan};

/// The problem in a response, which must have this status and type.
async fn problem(response: Response, status: u16, kind: &str) -> Result<Problem> {
    let (got, media) = (response.status().as_u16(), response.headers().get("content-type").cloned());
    let text = response.text().await?;
    ensure!(got == status, "{got} instead of {status}: {text}");
    ensure!(media.is_some_and(|media| media == "application/problem+json"), "not a problem document: {text}");
    let problem: Problem = serde_json::from_str(&text)?;
    ensure!(problem.kind == format!("/problems/{kind}") && problem.status == status, "{problem:?}");
    ensure!(!problem.title.is_empty() && !problem.detail.is_empty(), "{problem:?}");
    Ok(problem)
}

async fn ask(site: &Site, scan: &str, inquiries: Value) -> Result<Response> {
    site.send(Method::POST, &format!("/api/v1/scans/{scan}/inquiries"), Some(json!({ "inquiries": inquiries }))).await
}

/// The case that a client builds from what the site told it.
fn case(state: &ScanState) -> Case {
    let mut case = Case::new(state.domain.clone(), state.probe_domain.clone(), state.nonce.clone(), state.started);
    case.admit_private = state.admit_private;
    case.blocklists.clone_from(&state.blocklists);
    for piece in &state.evidence {
        case.add(piece.evidence.clone());
    }
    case
}

/// Turns the crank of a scan as a browser does; `until` may stop it early.
async fn drive(site: &Site, id: &str, until: impl Fn(&Case) -> bool) -> Result<ScanState> {
    let mut asked: BTreeSet<Inquiry> = BTreeSet::new();
    for _ in 0..600 {
        let state = site.state(id).await?;
        let case = case(&state);
        if state.complete || until(&case) {
            return Ok(state);
        }
        let new: Vec<Inquiry> = plan(&case).into_iter().filter(|inquiry| !asked.contains(inquiry)).take(20).collect();
        if !new.is_empty() {
            let response = ask(site, id, serde_json::to_value(&new)?).await?;
            ensure!(response.status() == StatusCode::ACCEPTED, "{} {}", response.status(), response.text().await?);
            asked.extend(new);
        }
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    }
    anyhow::bail!("the scan does not end")
}

#[tokio::test]
async fn only_what_the_plan_asks() -> Result<()> {
    let site = Site::new()?;
    let scan = site.begin("saint.test", Drive::Client).await?;
    ensure!(!scan.inquiries.is_empty() && scan.evidence.is_empty() && scan.admit_private);
    // From the start, and again when the scan's own addresses are known.
    for later in [false, true] {
        if later {
            drive(&site, &scan.id, |case| plan(case).iter().any(|inquiry| matches!(inquiry, Inquiry::Probe { .. })))
                .await?;
        }
        let foreign = [
            json!({"kind": "probe", "address": "10.0.0.1", "port": 25, "script": "smtp-survey"}),
            json!({"kind": "probe", "address": "169.254.169.254", "port": 25, "script": "smtp-survey"}),
            json!({"kind": "probe", "address": "127.0.0.1", "port": 25, "script": "smtp-survey"}),
            json!({"kind": "probe", "address": "127.25.1.1", "port": 22, "script": "smtp-survey"}),
            json!({"kind": "probe", "address": "127.25.1.1", "port": 8053, "script": "smtp-survey"}),
            json!({"kind": "probe", "address": "127.25.2.1", "port": 25, "script": "smtp-survey"}),
            json!({"kind": "probe", "address": "::ffff:127.25.1.1", "port": 25, "script": "smtp-survey"}),
            json!({"kind": "probe", "address": "::1", "port": 25, "script": "smtp-survey"}),
            json!({"kind": "probe", "address": "127.25.1.1", "port": 25, "script": "smtp-recipients", "domain": "sinner.test"}),
            json!({"kind": "probe", "address": "127.25.2.2", "port": 143, "script": "imap-survey"}),
            json!({"kind": "probe", "address": "127.25.1.1", "port": 25, "script": "imap-survey"}),
            json!({"kind": "probe", "address": "127.25.1.1", "port": 993, "script": "imap-survey"}),
            json!({"kind": "dns", "name": "sinner.test", "record": "MX"}),
            json!({"kind": "dns", "name": "internal.example", "record": "A"}),
        ];
        for inquiry in foreign {
            let response = ask(&site, &scan.id, json!([inquiry])).await?;
            let refused = problem(response, 409, "not-asked").await.with_context(|| inquiry.to_string())?;
            ensure!(!refused.inquiries.is_empty(), "it says what the plan does ask");
        }
        let malformed = [
            json!({"kind": "probe", "address": "127.25.1.1", "port": 25, "script": "send-mail"}),
            json!({"kind": "probe", "address": "mx1.saint.test", "port": 25, "script": "smtp-survey"}),
            json!({"kind": "probe", "address": "127.25.1.1", "port": 70000, "script": "smtp-survey"}),
            json!({"kind": "fetch", "url": "http://127.0.0.1/"}),
            json!({"kind": "dns", "name": "saint.test", "record": "ANY"}),
            json!("MX of saint.test"),
        ];
        for inquiry in malformed {
            problem(ask(&site, &scan.id, json!([inquiry])).await?, 422, "bad-shape")
                .await
                .with_context(|| inquiry.to_string())?;
        }
    }
    let many: Vec<Value> =
        (0..21).map(|n| json!({"kind": "dns", "name": format!("n{n}.test"), "record": "A"})).collect();
    problem(ask(&site, &scan.id, json!(many)).await?, 422, "too-many").await?;
    // One foreign inquiry among good ones, and none is asked.
    let before = site.begin("nullmx.test", Drive::Client).await?;
    let mut mixed = serde_json::to_value(&before.inquiries)?;
    mixed.as_array_mut().context("an array")?.push(json!({"kind": "dns", "name": "x.test", "record": "A"}));
    problem(ask(&site, &before.id, mixed).await?, 409, "not-asked").await?;
    let state = site.state(&before.id).await?;
    ensure!(state.evidence.is_empty() && state.asking.is_empty(), "{state:?}");
    Ok(())
}

#[tokio::test]
async fn a_client_says_nothing_of_the_world() -> Result<()> {
    let site = Site::new()?;
    for body in [
        json!({"domain": "saint.test", "evidence": []}),
        json!({"domain": "saint.test", "nonce": "mine"}),
        json!({"domain": "saint.test", "started": 0}),
        json!({"domain": "saint.test", "options": {"admit_private": true}}),
        json!({"domain": "saint.test", "options": {"selectors": ["a b"]}}),
        json!({"domain": "saint.test", "options": {"hosts": ["mail.sinner.test"]}}),
        json!({"domain": "saint.test", "options": {"hosts": ["127.0.0.1"]}}),
        json!({"domain": "saint.test", "options": {"hosts": ["a.saint.test", "b.saint.test", "c.saint.test", "d.saint.test", "e.saint.test", "f.saint.test"]}}),
        json!({"domain": "saint.test", "drive": "both"}),
        json!({"domain": 7}),
        json!([]),
    ] {
        let response = site.send(Method::POST, "/api/v1/scans", Some(body.clone())).await?;
        problem(response, 422, "bad-shape").await.with_context(|| body.to_string())?;
    }
    let scan = site.begin("nullmx.test", Drive::Server).await?;
    site.finish(&scan.id).await?;
    let forged = json!({"grade": "A+", "findings": [], "evidence": []});
    let response = site.send(Method::POST, &format!("/api/v1/scans/{}/report", scan.id), Some(forged)).await?;
    ensure!(response.status().is_success());
    let published: shared::api::Published = response.json().await?;
    let report = site.report(&published.id).await?;
    ensure!(
        !report.findings.is_empty() && report == shared::judge(&report.case()),
        "the report is what its evidence says"
    );
    for method in [Method::PUT, Method::PATCH, Method::POST] {
        let response = site.send(method, &format!("/r/{}", published.id), Some(json!({}))).await?;
        ensure!(response.status() == StatusCode::METHOD_NOT_ALLOWED && response.headers().contains_key("allow"));
    }
    ensure!(site.report(&published.id).await? == report);
    Ok(())
}

#[tokio::test]
async fn what_is_no_domain() -> Result<()> {
    let site = Site::new()?;
    for domain in
        ["", "localhost", "192.0.2.1", "[::1]", "http://127.0.0.1:8053/", "a..b", "exa mple.org", &"x".repeat(300)]
    {
        let response = site.send(Method::POST, "/api/v1/scans", Some(json!({ "domain": domain }))).await?;
        problem(response, 422, "bad-domain").await.with_context(|| domain.to_owned())?;
    }
    for (typed, domain) in [
        ("Someone <me@Saint.test>", "saint.test"),
        ("https://saint.test:8080/x?y", "saint.test"),
        ("bücher.test", "xn--bcher-kva.test"),
    ] {
        ensure!(site.begin(typed, Drive::Client).await?.domain.as_str() == domain, "{typed}");
    }
    problem(site.get("/api/v1/scans").await?, 405, "method-not-allowed").await?;
    problem(site.get("/api/v1/nothing").await?, 404, "not-found").await?;
    problem(site.get(&format!("/api/v1/scans/{}", "0".repeat(64))).await?, 404, "no-scan").await?;
    let big = json!({"domain": "x".repeat(20_000)});
    problem(site.send(Method::POST, "/api/v1/scans", Some(big)).await?, 413, "too-large").await?;
    Ok(())
}

#[tokio::test]
async fn nothing_half_done_is_published() -> Result<()> {
    let site = Site::new()?;
    let scan = site.begin("saint.test", Drive::Client).await?;
    let publish = || site.send(Method::POST, format!("/api/v1/scans/{}/report", scan.id).leak(), None);
    ensure!(!problem(publish().await?, 409, "incomplete").await?.inquiries.is_empty());
    drive(&site, &scan.id, |case| case.evidence().len() > 3).await?;
    problem(publish().await?, 409, "incomplete").await?;
    let cancel = site.send(Method::DELETE, &format!("/api/v1/scans/{}", scan.id), None).await?;
    ensure!(cancel.status().is_success(), "{}", cancel.status());
    problem(publish().await?, 409, "cancelled").await?;
    problem(ask(&site, &scan.id, serde_json::to_value(&scan.inquiries)?).await?, 409, "cancelled").await?;
    ensure!(site.state(&scan.id).await?.cancelled);
    Ok(())
}

#[tokio::test]
async fn a_browser_drives_and_publishes_once() -> Result<()> {
    let site = Site::new()?;
    let scan = site.begin("saint.test", Drive::Client).await?;
    let state = drive(&site, &scan.id, |_| false).await?;
    let own = shared::judge(&case(&state));
    let first = site.publish(&scan.id).await?;
    let again = site.publish(&scan.id).await?;
    ensure!(first.id == again.id && first.url == again.url && first.badge == again.badge);
    ensure!(first.delete_key.is_some() && again.delete_key.is_none(), "the key is told once");
    let report: Report = site.report(&first.id).await?;
    ensure!(report.grade == own.grade && says(&report) == says(&own), "the browser and the site judge alike");
    ensure!(report.grade.is_some_and(|grade| grade.letter() == "A+") && report.missing == 0);
    Ok(())
}

#[tokio::test]
async fn events_can_be_taken_up_again() -> Result<()> {
    let site = Site::new()?;
    let scan = site.begin("saint.test", Drive::Server).await?;
    let state = site.finish(&scan.id).await?;
    let last = state.evidence.len();
    ensure!(state.evidence.iter().map(|piece| piece.seq).eq(1..=last as u64), "numbered from 1 without a gap");
    let path = format!("/api/v1/scans/{}/events", scan.id);
    // The stream of a finished scan ends only when the client goes, so read until its last event.
    let read = |seq: usize| {
        let (site, path) = (&site, &path);
        async move {
            let mut response = site.send_with(Method::GET, path, ("last-event-id", &seq.to_string())).await?;
            ensure!(response.headers().get("content-type").is_some_and(|kind| kind == "text/event-stream"));
            let mut text = String::new();
            while !text.contains("event: done") {
                let chunk = tokio::time::timeout(std::time::Duration::from_secs(10), response.chunk()).await??;
                text += std::str::from_utf8(&chunk.context("the stream ended before its last event")?)?;
            }
            Ok::<_, anyhow::Error>(text)
        }
    };
    let all = read(0).await?;
    ensure!(all.matches("event: evidence").count() == last, "{all}");
    let rest = read(last - 2).await?;
    ensure!(rest.matches("event: evidence").count() == 2 && rest.contains(&format!("id: {last}\n")), "{rest}");
    Ok(())
}

#[tokio::test]
async fn forms_badge_and_deletion() -> Result<()> {
    let site = Site::new()?;
    let (published, report) = site.scan("sinner.test").await?;
    let key = published.delete_key.context("a delete key")?;
    let page = site.get(&format!("/r/{}", published.id)).await?;
    let headers = page.headers().clone();
    let html = page.text().await?;
    for part in
        ["sinner.test", "og:title", "og:description", "Relays for strangers", "250 2.1.5 Ok", "data-grade=\"F\""]
    {
        ensure!(html.contains(part), "the page lacks {part}");
    }
    let policy = headers.get("content-security-policy").context("a content security policy")?.to_str()?;
    ensure!(!policy.contains("unsafe-inline") && policy.contains("default-src 'none'"), "{policy}");
    let markdown = site.get(&format!("/r/{}.md", published.id)).await?.text().await?;
    ensure!(markdown.starts_with("# sinner.test: F") && markdown.contains("Relays for strangers"));

    let badge_path = published.badge.strip_prefix(&site.origin).unwrap_or(&published.badge).to_owned();
    let badge = site.get(&format!("{badge_path}.svg")).await?;
    ensure!(badge.headers().get("content-type").is_some_and(|kind| kind == "image/svg+xml"));
    let svg = badge.text().await?;
    ensure!(svg.starts_with("<svg") && svg.contains("<title>") && svg.contains(">F, "), "{svg}");
    let endpoint: Value = site.get(&format!("{badge_path}.json")).await?.json().await?;
    ensure!(
        endpoint.get("schemaVersion") == Some(&json!(1)) && endpoint.get("label") == Some(&json!("mail sins")),
        "{endpoint}"
    );
    badges_are_cached_and_have_looks(&site, &badge_path).await?;

    let path = format!("/api/v1/reports/{}", published.id);
    problem(site.send(Method::DELETE, &path, None).await?, 403, "wrong-key").await?;
    problem(
        site.send_with(Method::DELETE, &path, ("mailsins-delete-key", &"0".repeat(key.len()))).await?,
        403,
        "wrong-key",
    )
    .await?;
    ensure!(site.report(&published.id).await? == report, "a wrong key deletes nothing");
    let deleted = site.send_with(Method::DELETE, &path, ("mailsins-delete-key", &key)).await?;
    ensure!(deleted.status().is_success(), "{}", deleted.status());
    for path in [
        format!("/r/{}", published.id),
        format!("/r/{}.json", published.id),
        format!("{badge_path}.svg"),
        format!("{badge_path}/card"),
    ] {
        let status = site.get(&path).await?.status().as_u16();
        ensure!(status == 404 || status == 410, "{path} is still there: {status}");
    }
    Ok(())
}

async fn badges_are_cached_and_have_looks(site: &Site, badge: &str) -> Result<()> {
    let text = async |query: &str| -> Result<String> {
        Ok(site.get(&format!("{badge}{query}")).await?.error_for_status()?.text().await?)
    };
    let light = text(".svg").await?;
    ensure!(light == text(".svg?theme=light&style=flat&other=x").await? && !light.contains("<style>"));
    let dark = text(".svg?theme=dark").await?;
    ensure!(dark != light && !dark.contains("<style>"), "{dark}");
    ensure!(text(".svg?theme=auto").await?.contains("@media(prefers-color-scheme:dark)"));
    ensure!(text(".svg?sin=1").await?.contains(">open relay</text>"));
    ensure!(text(".svg?style=seal&sin=1").await?.contains(">I</text>"));
    let sin: Value = serde_json::from_str(&text(".json?sin=1").await?)?;
    ensure!(sin.get("label") == Some(&json!("open relay")) && sin.get("cacheSeconds") == Some(&json!(300)), "{sin}");
    for query in ["sin=0", "sin=8", "sin=x", "theme=pink", "style=huge"] {
        problem(site.get(&format!("{badge}.svg?{query}")).await?, 400, "bad-query").await?;
    }
    for path in [".svg", ".json", "/card"] {
        let path = format!("{badge}{path}");
        let answer = site.get(&path).await?;
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let keep = header("cache-control");
        ensure!(keep.contains("max-age=") && keep.contains("stale-while-revalidate="), "{path}: {keep}");
        ensure!(header("cross-origin-resource-policy") == "cross-origin", "{path}");
        let policy = header("content-security-policy");
        ensure!(policy.contains("default-src 'none'") && !policy.contains("script-src"), "{path}: {policy}");
        ensure!(policy.contains("frame-ancestors *") == path.ends_with("card"), "{path}: {policy}");
        let tag = header("etag").to_owned();
        ensure!(tag.len() > 10, "{path}: {tag}");
        let again = site.send_with(Method::GET, &path, ("if-none-match", &tag)).await?;
        ensure!(again.status() == StatusCode::NOT_MODIFIED && again.text().await?.is_empty(), "{path}");
    }
    let card = text("/card").await?;
    ensure!(card.contains("sinner.test") && !card.contains("<script"), "{card}");
    Ok(())
}

#[tokio::test]
async fn a_report_beside_another() -> Result<()> {
    let site = Site::new()?;
    let (first, _) = site.scan("sinner.test").await?;
    let (second, _) = site.scan("sinner.test").await?;
    let (other, _) = site.scan("saint.test").await?;
    let rows = [
        (first.id.as_str(), "The grade is the same: F."),
        (other.id.as_str(), "is of another domain"),
        (&"0".repeat(32), "is not there any more"),
        ("x", "is not there any more"),
    ];
    for (against, want) in rows {
        let html = site.get(&format!("/r/{}?against={against}", second.id)).await?.error_for_status()?.text().await?;
        ensure!(html.contains(want), "{against}: {want} is missing in {html}");
    }
    Ok(())
}

#[tokio::test]
async fn the_program_comes_packed() -> Result<()> {
    let site = Site::new()?;
    let page = site.get("/").await?.text().await?;
    let list = site.get("/assets.json").await?.text().await?;
    let first = page.split('"').find(|part| part.ends_with(".wasm")).context("the page names no wasm")?;
    let programs: Vec<&str> = list.split('"').filter(|part| part.ends_with(".wasm")).collect();
    ensure!(programs.len() == 2 && programs.contains(&first), "{list}");
    let program = async |path: &str, accepts: &'static str| -> Result<(Option<String>, Vec<u8>)> {
        let response = site.send_with(Method::GET, path, ("accept-encoding", accepts)).await?.error_for_status()?;
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        ensure!(header("content-type").as_deref() == Some("application/wasm"));
        ensure!(header("cache-control").is_some_and(|keep| keep.contains("immutable")));
        Ok((header("content-encoding"), response.bytes().await?.to_vec()))
    };
    for path in programs {
        let (coding, plain) = program(path, "identity").await?;
        ensure!(coding.is_none() && plain.starts_with(b"\0asm"), "{path}: {coding:?}");
        let (coding, packed) = program(path, "br").await?;
        ensure!(coding.as_deref() == Some("br") && packed.len() * 2 < plain.len(), "{coding:?} {}", packed.len());
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut packed.as_slice(), &mut unpacked)?;
        ensure!(unpacked == plain, "{path}");
    }
    for path in ["/app-0000000000000000.wasm", "/engine-0000000000000000.wasm"] {
        problem(site.get(path).await?, 404, "not-found").await?;
    }
    Ok(())
}

#[tokio::test]
async fn one_client_cannot_ask_for_everything() -> Result<()> {
    let site = Site::new()?;
    let client = reqwest::Client::new();
    let mut refused = None;
    for _ in 0..8 {
        let request = client
            .post(format!("{}/api/v1/scans", site.origin))
            .header("mailsins-lab-client", "greedy")
            .json(&json!({"domain": "nullmx.test"}));
        let response = request.send().await?;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            ensure!(response.headers().contains_key("retry-after"));
            refused = Some(problem(response, 429, "rate-limited").await?);
        }
    }
    ensure!(refused.is_some(), "eight scans at once were let through");
    Ok(())
}
