//! The headers of every route, graded as observatories grade them: each answer, whatever its status, gets every point.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use mailsins_tests::Site;
use reqwest::header::HeaderMap;
use reqwest::{Method, Response};
use serde_json::Value;
use shared::api::Drive;

/// Pages and files that are no routes of the API.
const PAGES: [&str; 13] = [
    "/",
    "/scan",
    "/about",
    "/checks",
    "/checks/spf-record",
    "/mailtest",
    "/mailtest/00000000000000000000000000000000",
    "/sitemap.xml",
    "/robots.txt",
    "/assets.json",
    "/no/such/page",
    "/checks/no-such-check",
    "/app-0000000000000000.wasm",
];

/// The policy's directives.
fn directives(policy: &str) -> BTreeMap<&str, Vec<&str>> {
    let parts = policy.split(';').map(str::split_whitespace);
    parts.filter_map(|mut words| Some((words.next()?, words.collect()))).collect()
}

/// What is wrong with an answer's headers.
fn faults(path: &str, headers: &HeaderMap) -> Vec<String> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = header("content-type");
    let kind_of = |name: &str| kind.starts_with(name);
    let (card, badge) =
        (path.ends_with("/card") && !kind_of("application/"), path.starts_with("/badge/") && kind_of("image/"));
    let policy = directives(header("content-security-policy"));
    let is = |name: &str, want: &[&str]| policy.get(name).is_some_and(|values| values == want);
    let age = header("strict-transport-security").strip_prefix("max-age=").and_then(|text| text.parse::<u64>().ok());
    let open = header("cross-origin-resource-policy") == "cross-origin";
    let unsafe_words =
        ["'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "*", "http:", "https:", "'strict-dynamic'"];
    let sources = policy.iter().filter(|(name, _)| !matches!(**name, "frame-ancestors" | "sandbox"));
    let careless: Vec<&&str> =
        sources.flat_map(|(_, values)| values).filter(|value| unsafe_words.contains(value)).collect();
    let rules = [
        (is("default-src", &["'none'"]), "default-src is not 'none'"),
        (careless.is_empty(), "the policy allows what it should not"),
        (
            policy
                .get("script-src")
                .is_none_or(|values| values.iter().all(|value| ["'self'", "'wasm-unsafe-eval'"].contains(value))),
            "script-src",
        ),
        (is("base-uri", &["'none'"]), "base-uri is not 'none'"),
        (policy.contains_key("form-action"), "form-action is missing"),
        (is("frame-ancestors", &["'none'"]) || card && is("frame-ancestors", &["*"]), "it may be framed"),
        (!(card || badge) || policy.contains_key("sandbox"), "what others show is not in a sandbox"),
        (age >= Some(31_536_000), "strict-transport-security is shorter than a year"),
        (header("x-content-type-options") == "nosniff", "no nosniff"),
        (header("referrer-policy") == "no-referrer", "a referrer is sent"),
        (header("cross-origin-opener-policy") == "same-origin", "cross-origin-opener-policy"),
        (open || header("cross-origin-resource-policy") == "same-origin", "cross-origin-resource-policy"),
        (header("permissions-policy").contains("camera=()"), "permissions-policy"),
        (headers.get("set-cookie").is_none(), "a cookie"),
        (headers.get("access-control-allow-origin").is_none() || open, "other sites may read it"),
        (headers.get("access-control-allow-credentials").is_none(), "with credentials"),
        (headers.get("x-powered-by").is_none(), "x-powered-by"),
        (
            headers.get("content-type").is_none()
                || kind.starts_with("application/")
                || kind.starts_with("image/")
                || kind.contains("charset=utf-8")
                || kind == "text/event-stream",
            "a text without its charset",
        ),
        (headers.keys().all(|name| !name.as_str().starts_with("mailsins-")), "an inner header of ours"),
    ];
    rules
        .into_iter()
        .filter(|(holds, _)| !holds)
        .map(|(_, fault)| format!("{path}: {fault}: {policy:?} {kind}"))
        .collect()
}

async fn graded(site: &Site, wrong: &mut Vec<String>, path: &str) -> Result<Response> {
    let answer = site.get(path).await?;
    wrong.extend(faults(path, answer.headers()));
    Ok(answer)
}

#[tokio::test]
async fn every_answer_gets_every_point() -> Result<()> {
    let site = Site::new()?;
    let (published, _) = site.scan("nullmx.test").await?;
    let scan = site.begin("nullmx.test", Drive::Server).await?;
    let badge = published.badge.rsplit('/').next().context("a badge")?;
    let mut wrong = Vec::new();
    // The document lists every route there is (`as_documented` in worker/src/router.rs).
    let document: Value = site.get("/api/openapi.json").await?.json().await?;
    let paths = document.get("paths").and_then(Value::as_object).context("paths")?;
    let mut good = 0;
    for template in paths.keys() {
        let of_object = template.starts_with("/api/v1/scans/") || template.starts_with("/api/v1/batches/");
        let id = if of_object { &scan.id } else { &published.id };
        let real = template.replace("{id}", id).replace("{badge}", badge).replace("{domain}", "saint.test");
        let none = "0".repeat(if of_object { 64 } else { 32 });
        let nobody = template.replace("{id}", &none).replace("{badge}", &none).replace("{domain}", "nobody.test");
        for path in [real, nobody] {
            good += usize::from(graded(&site, &mut wrong, &path).await?.status().is_success());
            for method in [Method::HEAD, Method::OPTIONS, Method::PUT] {
                let answer = site.send(method, &path, None).await?;
                wrong.extend(faults(&path, answer.headers()));
            }
        }
    }
    ensure!(good > 10, "only {good} answers were good ones");
    for path in PAGES {
        graded(&site, &mut wrong, path).await?;
    }
    for query in ["?theme=auto", "?theme=dark&style=seal", "?style=seal&theme=auto", "?sin=1", "?theme=pink"] {
        graded(&site, &mut wrong, &format!("/badge/{badge}.svg{query}")).await?;
    }
    // The files that the page names.
    let page = site.get("/").await?.text().await?;
    let files: Vec<&str> = page.split('"').filter(|part| part.starts_with('/') && part.contains('.')).collect();
    ensure!(files.len() >= 3, "{files:?}");
    for file in files {
        graded(&site, &mut wrong, file).await?;
    }
    ensure!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}
