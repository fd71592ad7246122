//! The files that the terminal program writes for other programs are valid by the schemas of those, whatever stands in the
//! reports; many domains come to the same as one by one; and a site publishes what the terminal program asks it to.

#![allow(clippy::indexing_slicing, reason = "what JSON does not have is null")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};
use mailsins_tests::{Site, says, setting, terminal};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::Report;
use shared::api::Published;

/// Debian's Python has Debian's jsonschema.
const PYTHON: &str = "/usr/bin/python3";

/// Says what is wrong with a file by a schema; `format` is looked at too.
const VALIDATE: &str = "
import json, sys, jsonschema
schema, document = (json.load(open(name)) for name in sys.argv[1:])
kind = jsonschema.validators.validator_for(schema)
kind.check_schema(schema)
faults = list(kind(schema, format_checker=jsonschema.FormatChecker()).iter_errors(document))
for fault in faults[:5]:
    print('/'.join(map(str, fault.absolute_path)), fault.message[:300], file=sys.stderr)
sys.exit(1 if faults else 0)
";

fn sarif_is_valid(file: &Path) -> Result<Output> {
    let mut python = Command::new(PYTHON);
    Ok(python.args(["-c", VALIDATE]).arg(setting("MAILSINS_SARIF_SCHEMA")?).arg(file).output()?)
}

/// By each of the schemas.
fn junit_is_valid(file: &Path) -> Result<Vec<Output>> {
    let schemas = setting("MAILSINS_JUNIT_SCHEMAS")?;
    let validate = |schema: &str| {
        let mut xmllint = Command::new("xmllint");
        xmllint.args(["--noout", "--nonet", "--schema", schema]).arg(file).output().context("run xmllint")
    };
    schemas.split(':').map(validate).collect()
}

/// A folder of a test's own, empty.
fn folder(of: &str) -> Result<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(of);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Both formats, with and without all that they can tell.
fn both_are_valid(arguments: &[&str], folder: &Path) -> Result<()> {
    for (format, more) in
        [("sarif", &[][..]), ("sarif", &["--verbose"]), ("junit", &[]), ("junit", &["--fail-on", "venial"])]
    {
        let file = folder.join(format);
        let out = file.to_str().context("a path")?;
        let all = [arguments, &["--format", format, "--output", out], more].concat();
        let ran = Command::new(setting("MAILSINS_CLI")?).args(&all).stdin(Stdio::null()).output()?;
        ensure!(ran.status.code().is_some_and(|code| code != 2), "{all:?}: {}", told(&ran));
        let outputs = if format == "sarif" { vec![sarif_is_valid(&file)?] } else { junit_is_valid(&file)? };
        for output in outputs {
            ensure!(output.status.success(), "{all:?}: {}", told(&output));
        }
    }
    Ok(())
}

/// The reports that are kept in the source, and one in which every text is hostile.
fn reports() -> Result<Vec<Value>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let files =
        ["frontend/static/examples/saint.json", "frontend/static/examples/sinner.json", "tests/recorded/unsure.json"];
    let mut reports = Vec::new();
    for file in files {
        reports.push(serde_json::from_str(&fs::read_to_string(root.join(file))?)?);
    }
    let mut hostile: Value = reports.get(1).cloned().context("no report")?;
    hostile.get_mut("evidence").and_then(Value::as_array_mut).context("no evidence")?.iter_mut().for_each(spoil);
    reports.push(hostile);
    Ok(reports)
}

/// Puts into each text that a server said what formats trip over.
fn spoil(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(spoil),
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), &mut *value) {
                    ("lines", Value::Array(lines)) => {
                        for line in lines.iter_mut().filter(|line| line.is_string()) {
                            let text = line.as_str().unwrap_or_default();
                            *line =
                                json!(format!("{text} \u{1b}[31m\u{0}\u{fffe}\u{202e}]]></failure>&<x> {{0}} [a](b)"));
                        }
                    }
                    _ => spoil(value),
                }
            }
        }
        _ => {}
    }
}

#[test]
fn replayed_reports_are_valid() -> Result<()> {
    let folder = folder("replayed")?;
    let reports = reports()?;
    let hostile = reports.last().context("no report")?.to_string();
    ensure!(hostile.contains("]]></failure>"), "nothing was spoiled: the shape of evidence has changed");
    let file = |name: &str, reports: &[Value]| -> Result<String> {
        let path = folder.join(name);
        fs::write(&path, reports.iter().map(|report| format!("{report}\n")).collect::<String>())?;
        Ok(path.to_str().context("a path")?.to_owned())
    };
    let all = file("all.json", &reports)?;
    both_are_valid(&["replay", &all], &folder)?;
    let few = file("few.json", reports.get(..2).context("few")?)?;
    both_are_valid(&["replay", &all, "--baseline", &few], &folder)?;
    // Where nothing could be checked, too.
    both_are_valid(&["check", "h.test", "--resolver", "127.0.0.1:1"], &folder)
}

/// Or a validator that takes everything would be taken for a pass.
#[test]
fn the_validators_find_faults() -> Result<()> {
    let folder = folder("faults")?;
    let sarif = folder.join("sarif");
    for (wrong, words) in [
        (json!({ "version": "2.1.0", "runs": [{ "tool": {} }] }), "driver"),
        (json!({ "version": "2.1.0", "runs": [], "more": 1 }), "more"),
        (json!({ "version": "3", "runs": [] }), "version"),
    ] {
        fs::write(&sarif, wrong.to_string())?;
        let output = sarif_is_valid(&sarif)?;
        ensure!(!output.status.success() && told(&output).contains(words), "{wrong}: {}", told(&output));
    }
    let junit = folder.join("junit");
    for wrong in ["<testsuites><x/></testsuites>", "<testsuites><testsuite/></testsuites>", "<testsuites>"] {
        fs::write(&junit, wrong)?;
        for output in junit_is_valid(&junit)? {
            ensure!(!output.status.success(), "{wrong}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn many_domains_come_to_the_same_as_one_by_one() -> Result<()> {
    let folder = folder("many")?;
    let list = folder.join("domains.txt");
    fs::write(&list, "# of the lab\nsinner.test\nnomail.test # without mail\nsaint.test\n")?;
    let from = list.to_str().context("a path")?;
    let (code, out, errors) = terminal(&["check", "--from", from, "--json"]).await?;
    ensure!(code == 1, "exit code {code}: {errors}");
    let reports: Vec<Report> = out.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let domains: Vec<&str> = reports.iter().map(|report| report.domain.as_str()).collect();
    ensure!(domains == ["sinner.test", "nomail.test", "saint.test"], "{domains:?}");
    for report in &reports {
        let (_, alone, errors) = terminal(&["check", report.domain.as_str(), "--json"]).await?;
        let alone: Report = serde_json::from_str(&alone).with_context(|| errors)?;
        let (here, there) = (says(report), says(&alone));
        let differ: Vec<_> = here.symmetric_difference(&there).collect();
        ensure!(differ.is_empty() && report.grade == alone.grade, "{}: {differ:#?}", report.domain);
    }
    both_are_valid(&["check", "--from", from], &folder)?;
    let sarif: Value = serde_json::from_str(&fs::read_to_string(folder.join("sarif"))?)?;
    let results = sarif["runs"][0]["results"].as_array().context("no results")?;
    for result in results {
        let line = if result["properties"]["domain"] == "sinner.test" { 2 } else { 3 };
        let place = &result["locations"][0]["physicalLocation"];
        ensure!(result["properties"]["domain"] == "saint.test" || place["region"]["startLine"] == line, "{result:#}");
    }
    Ok(())
}

#[tokio::test]
async fn a_site_publishes_what_the_terminal_asks_for() -> Result<()> {
    let site = Site::new()?;
    let (code, out, errors) = terminal(&["publish", "saint.test", "--site", &site.origin, "--json"]).await?;
    ensure!(code == 0, "exit code {code}: {errors}");
    let published: Published = serde_json::from_str(&out)?;
    let report: Report = site.get(&format!("/r/{}.json", published.id)).await?.json().await?;
    ensure!(report.domain.as_str() == "saint.test" && report.missing == 0, "{}", report.why);
    let badge = published.badge.strip_prefix(&site.origin).context("a badge elsewhere")?;
    ensure!(site.get(&format!("{badge}.svg")).await?.status() == StatusCode::OK);
    let key = published.delete_key.context("no key")?;
    let path = format!("/api/v1/reports/{}", published.id);
    let deleted = site.send_with(Method::DELETE, &path, ("Mailsins-Delete-Key", &key)).await?;
    ensure!(deleted.status().is_success(), "{}", deleted.status());

    let (code, out, errors) =
        terminal(&["publish", "saint.test", "--site", &format!("{}/", site.origin), "--quiet"]).await?;
    ensure!(code == 0 && out.lines().count() == 3 && errors.is_empty(), "{out}{errors}");
    Ok(())
}
