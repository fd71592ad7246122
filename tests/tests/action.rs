//! The action for GitHub's CI: its steps that are shell run here as the runner runs them, one after the other, with what they
//! hand on to each other. The steps that are other actions are only looked at.

#![allow(clippy::indexing_slicing, reason = "what JSON does not have is null")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use mailsins_tests::setting;
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../action")
}

/// What a job with this action comes to.
struct Job {
    /// The step that failed.
    failed: Option<String>,
    outputs: BTreeMap<String, String>,
    summary: String,
    log: String,
}

/// Puts values in the place of `${{ … }}`.
fn expand(text: &str, known: &BTreeMap<String, String>) -> Result<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, more)) = rest.split_once("${{") {
        let (name, after) = more.split_once("}}").context("an open ${{")?;
        let value = known.get(name.trim()).with_context(|| format!("nobody says what {} is", name.trim()))?;
        out += &format!("{before}{value}");
        rest = after;
    }
    Ok(out + rest)
}

fn run(of: &str, with: &[(&str, &str)]) -> Result<Job> {
    let action: Value = serde_saphyr::from_str(&fs::read_to_string(folder().join("action.yml"))?)?;
    let work = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("action").join(of);
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(&work)?;
    let mut known = BTreeMap::new();
    for (name, input) in action["inputs"].as_object().context("no inputs")? {
        let default = input["default"].as_str().unwrap_or_default();
        let value = with.iter().find(|(given, _)| given == name).map_or(default, |(_, value)| value);
        known.insert(format!("inputs.{name}"), value.to_owned());
    }
    for (given, _) in with {
        ensure!(known.contains_key(&format!("inputs.{given}")), "there is no input {given}");
    }
    let (output, summary) = (work.join("output"), work.join("summary"));
    let mut job = Job { failed: None, outputs: BTreeMap::new(), summary: String::new(), log: String::new() };
    for step in action["runs"]["steps"].as_array().context("no steps")? {
        let name = step["name"].as_str().context("a step without a name")?;
        let Some(script) = step["run"].as_str() else {
            ensure!(step["uses"].as_str().is_some_and(|uses| uses.contains('@')), "{name} does nothing");
            continue;
        };
        fs::write(&output, "")?;
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).current_dir(&work);
        bash.env("GITHUB_ACTION_PATH", folder()).env("RUNNER_TEMP", &work);
        bash.env("GITHUB_OUTPUT", &output).env("GITHUB_STEP_SUMMARY", &summary);
        for (variable, value) in step["env"].as_object().into_iter().flatten() {
            bash.env(variable, expand(value.as_str().unwrap_or_default(), &known)?);
        }
        let ran = bash.output()?;
        job.log +=
            &format!("== {name}\n{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        if let Some(id) = step["id"].as_str() {
            for line in fs::read_to_string(&output)?.lines() {
                let (name, value) = line.split_once('=').context("an output without a value")?;
                known.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
            }
        }
        if !ran.status.success() {
            job.failed = Some(name.to_owned());
            break;
        }
    }
    for (name, output) in action["outputs"].as_object().context("no outputs")? {
        if let Ok(value) = expand(output["value"].as_str().unwrap_or_default(), &known) {
            job.outputs.insert(name.clone(), value);
        }
    }
    job.summary = fs::read_to_string(&summary).unwrap_or_default();
    // Where the runner of the next step looks for it.
    if let Some(sarif) = job.outputs.get("sarif") {
        let sarif = fs::read_to_string(work.join(sarif)).context("no SARIF file")?;
        let log: Value = serde_json::from_str(&sarif)?;
        if log["version"] != "2.1.0" {
            bail!("{sarif}");
        }
    }
    Ok(job)
}

#[test]
fn a_job_fails_on_deadly_sins_after_it_has_shown_them() -> Result<()> {
    let program = setting("MAILSINS_CLI")?;
    let job =
        run("sins", &[("program", &program), ("domains", "nomail.test\n  sinner.test *"), ("arguments", "--jobs\n2")])?;
    // A word is a word: no file name, and no domain either.
    ensure!(job.failed.as_deref() == Some("Check") && job.log.contains("* can't be checked"), "{}", job.log);

    let job =
        run("sins", &[("program", &program), ("domains", "nomail.test\n  sinner.test"), ("arguments", "--jobs\n2")])?;
    ensure!(job.failed.as_deref() == Some("Say whether it is good enough"), "{}", job.log);
    ensure!(job.outputs.get("code").is_some_and(|code| code == "1"), "{:?}", job.outputs);
    for domain in ["nomail.test", "sinner.test"] {
        let told = job.summary.lines().any(|line| line.starts_with("    ") && line.contains(domain));
        ensure!(told && job.summary.starts_with("### mailsins\n\n"), "{}", job.summary);
    }
    Ok(())
}

#[test]
fn a_job_of_which_too_little_was_seen() -> Result<()> {
    let program = setting("MAILSINS_CLI")?;
    let dark = [("program", program.as_str()), ("domains", "h.test"), ("arguments", "--resolver=127.0.0.1:1")];
    let job = run("dark", &dark)?;
    ensure!(job.failed.as_deref() == Some("Say whether it is good enough"), "{}", job.log);
    ensure!(job.outputs.get("code").is_some_and(|code| code == "3"), "{:?}", job.outputs);
    let job = run("dark", &[&dark[..], &[("unseen", "pass")]].concat())?;
    ensure!(job.failed.is_none() && job.log.contains("::warning::"), "{}", job.log);
    // What is found of another domain is no less found.
    let both = [("program", program.as_str()), ("domains", "no-such-name.test sinner.test"), ("unseen", "pass")];
    let job = run("dark-and-sins", &both)?;
    ensure!(job.outputs.get("code").is_some_and(|code| code == "3"), "{:?}", job.outputs);
    ensure!(job.failed.as_deref() == Some("Say whether it is good enough"), "{}", job.log);
    Ok(())
}

#[test]
fn a_job_against_a_baseline() -> Result<()> {
    let program = setting("MAILSINS_CLI")?;
    let list = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("action-baseline");
    fs::create_dir_all(&list)?;
    let (domains, known) = (list.join("domains.txt"), list.join("known.json"));
    fs::write(&domains, "sinner.test\n")?;
    let ran = Command::new(&program).args(["check", "sinner.test", "--json", "--output"]).arg(&known).output()?;
    ensure!(ran.status.code() == Some(1), "{}", String::from_utf8_lossy(&ran.stderr));
    let path = |file: &Path| file.to_str().context("a path").map(str::to_owned);
    let (domains, known) = (path(&domains)?, path(&known)?);
    let job = run("baseline", &[("program", &program), ("from", &domains), ("baseline", &known)])?;
    ensure!(job.failed.is_none() && job.summary.contains("   0 new"), "{}{}", job.log, job.summary);
    Ok(())
}

#[test]
fn a_program_that_is_not_there() -> Result<()> {
    let job = run("nothing", &[("program", "/does/not/exist")])?;
    ensure!(job.failed.as_deref() == Some("Build mailsins") && job.outputs.is_empty(), "{}", job.log);
    Ok(())
}
