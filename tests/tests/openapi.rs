//! The API as it is documented: schemathesis asks everything that the OpenAPI document allows, and much that it does not.
//! And what pages of other sites may read.

#![allow(clippy::indexing_slicing)] // JSON that lacks something fails the test

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use mailsins_tests::{Site, setting};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::api::Drive;

/// What is not checked, and why:
/// - `positive_data_acceptance`: no schema can say which texts are domains, so some that fit it are refused.
/// - `use_after_free`: DELETE of a scan breaks it off; it can still be looked at.
const NOT_CHECKED: &str = "positive_data_acceptance,use_after_free";

/// What is tried, with which routes, and for how many seconds. Alone, the stream of events is that of a scan that has
/// ended; with the others it would be those of scans that they begin, and be waited for.
const TRIED: [(&str, &str, &str); 3] = [
    ("examples,coverage,fuzzing", "--exclude-operation-id", "40"),
    ("examples,coverage,fuzzing", "--include-operation-id", "10"),
    ("stateful", "--exclude-operation-id", "25"),
];

/// Puts an id that exists into the document, where it has a parameter of this name below this path.
fn fill(document: &mut Value, below: &str, name: &str, id: &str) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, item) in paths.into_iter().flatten().filter(|(path, _)| path.starts_with(below)) {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            // What would be deleted is wanted by the others.
            let id = if method == "delete" { "0".repeat(id.len()) } else { id.to_owned() };
            let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
            for parameter in parameters.into_iter().flatten().filter(|parameter| parameter["name"] == *name) {
                parameter["example"] = json!(id);
            }
        }
        let _ = path;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_nothing() -> Result<()> {
    let site = Site::new()?;
    let scan = site.begin("saint.test", Drive::Server).await?;
    site.finish(&scan.id).await?;
    let published = site.publish(&scan.id).await?;
    let batch = json!({ "domains": ["nullmx.test"] });
    let batch: Value = site.send(Method::POST, "/api/v1/batches", Some(batch)).await?.json().await?;
    let badge = published.badge.rsplit('/').next().context("a badge's id")?;

    let mut document: Value = site.get("/api/openapi.json").await?.error_for_status()?.json().await?;
    fill(&mut document, "/api/v1/scans/", "id", &scan.id);
    fill(&mut document, "/api/v1/batches/", "id", batch["id"].as_str().context("an id")?);
    fill(&mut document, "/r/", "id", &published.id);
    fill(&mut document, "/api/v1/reports/", "id", &published.id);
    fill(&mut document, "/badge/", "badge", badge);
    let folder = tempdir()?;
    let file = folder.join("openapi.json");
    fs::write(&file, document.to_string())?;

    let modules = setting("MAILSINS_SCHEMATHESIS")?;
    for (phases, events, seconds) in TRIED {
        let mut command = tokio::process::Command::new(format!("{modules}/bin/schemathesis"));
        command.env("PYTHONPATH", &modules).env("NO_COLOR", "1").current_dir(&folder).kill_on_drop(true);
        // One worker: Python 3.11 cannot read source text in two threads at a time.
        command.arg("run").arg(&file).args(["--url", &site.origin, "--seed=1", "--max-examples=25", "--workers=1"]);
        command.args([
            events,
            "scanEvents",
            "--phases",
            phases,
            "--max-time",
            seconds,
            "--checks=all",
            "--exclude-checks",
            NOT_CHECKED,
        ]);
        command.args(["--continue-on-failure", "--request-timeout=30", "--warnings=off"]);
        let output = tokio::time::timeout(Duration::from_secs(300), command.output()).await.context("no end")??;
        let said = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
        ensure!(said.contains("No issues found") && !said.contains("No tests were run"), "{said}");
        println!("{said}");
    }
    // What there was is still there: nothing of it could be changed from outside.
    ensure!(site.get(&format!("/r/{}.json", published.id)).await?.status() == StatusCode::OK);
    Ok(())
}

fn tempdir() -> Result<std::path::PathBuf> {
    let folder = std::env::temp_dir().join(format!("mailsins-schemathesis-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The commands of docs/api.md and the page /api, against domains of the lab.
#[tokio::test]
async fn documented_commands_run() -> Result<()> {
    let site = Site::new()?;
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/api.md"))?;
    let script = page.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).context("no commands")?;
    let (_, script) = script.split_once('\n').context("the site's address")?;
    let script = script.replace("example.org", "nullmx.test").replace("example.net", "noend.test");
    let mut command = tokio::process::Command::new("bash");
    command.args(["-euo", "pipefail", "-c", &script.replace("sleep 15", "sleep 1")]);
    command.env("SITE", &site.origin).kill_on_drop(true);
    let output =
        tokio::time::timeout(Duration::from_secs(240), command.output()).await.context("it does not end")??;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    for part in ["event: done\ndata: {\"cancelled\":false,\"summary\":{", "\"delete_key\": \"", "\nnullmx.test A+ http"]
    {
        ensure!(said.contains(part), "{part} is not in:\n{said}");
    }
    Ok(())
}

#[tokio::test]
async fn other_sites_may_read_what_is_only_read() -> Result<()> {
    let site = Site::new()?;
    let (published, _) = site.scan("nullmx.test").await?;
    let scan = site.begin("nullmx.test", Drive::Client).await?;
    let badge = published.badge.strip_prefix(&site.origin).context("a path")?;
    let id = &published.id;
    let gone = "0".repeat(32);
    for (path, open) in [
        (format!("/r/{id}.json"), true),
        (format!("/r/{id}.md"), true),
        (format!("/r/{gone}.json"), true),
        (format!("{badge}.svg"), true),
        (format!("{badge}.json"), true),
        ("/api/openapi.json".to_owned(), true),
        ("/api/v1/checks".to_owned(), true),
        (format!("/r/{id}"), false),
        (format!("/api/v1/scans/{}", scan.id), false),
        (format!("/api/v1/scans/{}/events", "0".repeat(64)), false),
        ("/api/v1/scans".to_owned(), false),
        (format!("/api/v1/reports/{id}"), false),
        (format!("/api/v1/batches/{}", "0".repeat(64)), false),
        ("/api/v1/nothing".to_owned(), false),
    ] {
        let answer = site.send_with(Method::GET, &path, ("origin", "https://elsewhere.example")).await?;
        let headers = answer.headers();
        let want = open.then_some("*");
        ensure!(header(headers, "access-control-allow-origin") == want, "{path}: {headers:?}");
        ensure!(header(headers, "access-control-allow-credentials").is_none(), "{path}");
        let shown = if open { "cross-origin" } else { "same-origin" };
        ensure!(header(headers, "cross-origin-resource-policy") == Some(shown), "{path}");
        // What a browser asks before it sends something of another site's.
        let before = site.send_with(Method::OPTIONS, &path, ("access-control-request-method", "DELETE")).await?;
        ensure!(before.status() == 204 && header(before.headers(), "allow").is_some(), "{path}");
        let methods = header(before.headers(), "access-control-allow-methods");
        ensure!(methods == open.then_some("GET, HEAD"), "{path}: {methods:?}");
    }
    Ok(())
}

#[tokio::test]
async fn documents_of_the_api_are_served() -> Result<()> {
    let site = Site::new()?;
    for path in ["/api/openapi.json", "/api/v1/checks"] {
        let first = site.get(path).await?.error_for_status()?;
        ensure!(header(first.headers(), "content-type") == Some("application/json"), "{path}");
        let tag = header(first.headers(), "etag").context("a tag")?.to_owned();
        let again = site.send_with(Method::GET, path, ("if-none-match", &tag)).await?;
        ensure!(again.status() == StatusCode::NOT_MODIFIED, "{path}: {}", again.status());
    }
    let checks: Value = site.get("/api/v1/checks").await?.json().await?;
    ensure!(checks["checks"].as_array().is_some_and(|checks| checks.len() == shared::checks::CHECKS.len()));
    let pages = shared::problem::Kind::ALL.iter().map(|kind| (format!("/problems/{}", kind.slug()), kind.words().2));
    for (path, title) in pages.chain([("/api".to_owned(), "The API")]) {
        let page = site.get(&path).await?;
        let kind = header(page.headers(), "content-type").unwrap_or_default().to_owned();
        let html = page.error_for_status().with_context(|| path.clone())?.text().await?;
        ensure!(kind.starts_with("text/html") && html.contains(&format!("<h1>{title}</h1>")), "{path}: {html}");
        if html.contains("<script") {
            bail!("{path} needs no script");
        }
    }
    Ok(())
}
