//! docs/self-hosting.md tells the truth of its commands: each has a mark, what is marked as run is run here or is a step of
//! `./x test`, and of what is not, the pinned wrangler knows the command at least.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};
use mailsins_tests::setting;

/// Commands that are steps of `./x test`, and what there runs them.
const STEPS: [(&str, &str); 3] = [
    ("./x setup", "setup::run(&[])"),
    ("./x deploy --dry-run", "deploy::run(&[\"--dry-run\"])"),
    ("./x dev", "site::serve(Kind::Production"),
];

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn page() -> Result<String> {
    Ok(fs::read_to_string(Path::new(ROOT).join("docs/self-hosting.md"))?)
}

/// The blocks of a language.
fn blocks<'a>(page: &'a str, language: &'a str) -> impl Iterator<Item = &'a str> {
    let fence = format!("```{language}\n");
    page.match_indices("\n```")
        .map(|(at, _)| at + 1)
        .filter_map(move |at| page.get(at..)?.strip_prefix(&fence)?.split("```").next())
}

/// Each command of the page, and whether it is marked as run.
fn commands(page: &str) -> Result<Vec<(&str, bool)>> {
    let mut commands = Vec::new();
    for line in blocks(page, "sh").flat_map(str::lines).filter(|line| !line.is_empty() && !line.starts_with("SITE=")) {
        let (command, mark) = line.split_once(" # ").with_context(|| format!("without a mark: {line}"))?;
        let is_run = mark.starts_with("run");
        ensure!(is_run || mark.starts_with("not run"), "neither run nor not run: {line}");
        commands.push((command.trim(), is_run));
    }
    Ok(commands)
}

/// A folder of a test's own, empty.
fn folder(of: &str) -> Result<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(of);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn sh(command: &str) -> Result<Output> {
    let mut sh = Command::new("bash");
    sh.args(["-euo", "pipefail", "-c", command]).current_dir(ROOT).stdin(Stdio::null());
    sh.env("SITE", setting("MAILSINS_SITE")?).env("WRANGLER_SEND_METRICS", "false").env("CI", "true");
    sh.output().with_context(|| format!("start {command}"))
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn what_is_marked_as_run_runs() -> Result<()> {
    let page = page()?;
    let steps = fs::read_to_string(Path::new(ROOT).join("xtask/src/test.rs"))?;
    let state = folder("self-hosting")?;
    let mut ran = 0;
    for (command, _) in commands(&page)?.into_iter().filter(|(_, is_run)| *is_run) {
        if let Some((_, step)) = STEPS.iter().find(|(known, _)| *known == command) {
            ensure!(steps.contains(step), "{command} is no step of ./x test any more");
            continue;
        }
        // Against the lab, and beside whatever storage there is here.
        let here = command.replace("example.org", "nullmx.test");
        let here = here.replace("--local", &format!("--local --persist-to {}", state.display()));
        let output = sh(&here)?;
        let said = told(&output);
        ensure!(output.status.success() && !said.trim().is_empty() && said.trim() != "null", "{here}: {said}");
        ran += 1;
    }
    ensure!(ran >= 3, "only {ran} commands ran");
    Ok(())
}

#[test]
fn wrangler_knows_what_is_not_run() -> Result<()> {
    let page = page()?;
    let not_run = commands(&page)?.into_iter().filter(|(_, is_run)| !is_run);
    let theirs: BTreeSet<&str> =
        not_run.filter_map(|(command, _)| Some(command.split_once("npx wrangler ")?.1)).collect();
    ensure!(theirs.len() >= 6, "{theirs:?}");
    for command in theirs {
        let said = told(&sh(&format!("node_modules/.bin/wrangler {command} --help"))?);
        // `wrangler d1 create <name>`: words, then what they take.
        let usage = said.lines().find(|line| line.starts_with("wrangler")).unwrap_or_default();
        let words: Vec<&str> =
            usage.split(' ').skip(1).take_while(|word| word.starts_with(char::is_alphabetic)).collect();
        let given: Vec<&str> = command.split(' ').collect();
        ensure!(!words.is_empty() && given.starts_with(&words), "wrangler does not know {command}: {said}");
        for option in given.iter().filter(|word| word.starts_with("--")) {
            ensure!(said.contains(option), "wrangler {command} has no {option}: {said}");
        }
    }
    Ok(())
}

#[test]
fn a_command_without_a_mark_is_found() {
    assert!(commands("\n```sh\nrm -r x\n```\n").is_err());
    assert!(commands("\n```sh\nrm -r x # perhaps run\n```\n").is_err());
    let marked = "\n```sh\na   # run\nSITE=x\n\nb | c # not run: why\n```\n```text\nd\n```\n";
    assert_eq!(commands(marked).ok(), Some(vec![("a", true), ("b | c", false)]));
}

#[test]
fn the_exits_configurations_are_parsed() -> Result<()> {
    let page = page()?;
    let folder = folder("self-hosting-exit")?;
    let squid = blocks(&page, "text").find(|text| text.starts_with("https_port")).context("no squid.conf")?;
    // A certificate and users that are here.
    let certificate = "/run/mailsins-lab/ca/exit.probe.test.pem";
    let squid = squid.replace("/etc/squid/exit.pem", certificate).replace("/etc/squid/users", "/dev/null");
    let danted = blocks(&page, "text").find(|text| text.starts_with("logoutput")).context("no danted.conf")?;
    let danted = danted.replace("external: eth0", "external: lo");
    for (name, text, command, fault) in [
        ("squid.conf", squid, "squid -k parse -f", "http_access allow known"),
        ("danted.conf", danted, "danted -V -f", "socksmethod: username"),
    ] {
        let file = folder.join(name);
        fs::write(&file, &text)?;
        let output = sh(&format!("{command} {}", file.display()))?;
        ensure!(output.status.success(), "{name}: {}", told(&output));
        // Or a parser that takes everything would be taken for a pass.
        ensure!(text.contains(fault), "{fault} is not in {name}");
        fs::write(&file, text.replace(fault, "no such: word"))?;
        let output = sh(&format!("{command} {}", file.display()))?;
        ensure!(!output.status.success(), "{name} may say anything: {}", told(&output));
    }
    Ok(())
}
