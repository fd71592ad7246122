//! `./x fuzz`: libFuzzer over every target of `fuzz/`, and a table.
//!
//! Stable Rust instruments the program by LLVM's own pass, so neither a nightly nor cargo-fuzz is wanted. There is no
//! sanitizer: none of our code is unsafe.

use crate::{process, root, target};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What libFuzzer looks at: which edges were passed, and what was compared with what.
const INSTRUMENTED: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
     -Cllvm-args=-sanitizer-coverage-trace-compares";
/// The longest that one input may take, in seconds, and the most memory of a run, in MB.
const LIMITS: [&str; 2] = ["-timeout=10", "-rss_limit_mb=1024"];

/// What came of one target.
struct Row {
    runs: u64,
    edges: u64,
    inputs: u64,
    peak_mb: u64,
    fault: Option<String>,
}

/// Runs `./x fuzz`.
pub fn run(arguments: &[&str]) -> Result<()> {
    let mut minutes: f64 = 5.0;
    let mut only = None;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match *argument {
            "--minutes" => {
                minutes = rest.next().context("--minutes what?")?.parse().context("--minutes takes a number")?
            }
            name => only = Some(name.to_owned()),
        }
    }
    let targets: Vec<String> =
        targets()?.into_iter().filter(|name| only.as_ref().is_none_or(|one| one == name)).collect();
    if targets.is_empty() {
        bail!("there is no such target: see fuzz/corpus");
    }
    let program = build()?;
    let seconds = ((minutes * 60.0 / targets.len() as f64) as u64).max(1);
    println!("{} targets, {seconds} s each\n", targets.len());
    println!("{:<16}{:>11}{:>9}{:>8}{:>9}{:>8}  crashes", "target", "runs", "a second", "edges", "corpus", "MB");
    let mut faults = Vec::new();
    for name in &targets {
        let begun = Instant::now();
        let row = one(&program, name, seconds)?;
        let rate = row.runs as f64 / begun.elapsed().as_secs_f64();
        let said = row.fault.as_deref().unwrap_or("none");
        println!("{name:<16}{:>11}{rate:>9.0}{:>8}{:>9}{:>8}  {said}", row.runs, row.edges, row.inputs, row.peak_mb);
        faults.extend(row.fault.map(|fault| format!("{name}: {fault}")));
    }
    if !faults.is_empty() {
        bail!("{} of {} targets failed:\n{}", faults.len(), targets.len(), faults.join("\n"));
    }
    Ok(())
}

/// The targets have a folder each.
fn targets() -> Result<Vec<String>> {
    let folders = fs::read_dir(root().join("fuzz/corpus")).context("read fuzz/corpus")?;
    let mut names =
        folders.map(|folder| Ok(folder?.file_name().to_string_lossy().into_owned())).collect::<Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

fn build() -> Result<PathBuf> {
    mailsins_lab::packages::ensure(&[("c++", "g++")])?;
    let version = process::output(Command::new("rustc").arg("-vV").current_dir(root()))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?.to_owned();
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "-p=mailsins-fuzz", "--features=libfuzzer", "--bin=mailsins-fuzz", "--profile=fuzz"]);
    // With a target named, build scripts and macros are not instrumented.
    cargo
        .args(["--target", &host])
        .env("RUSTFLAGS", INSTRUMENTED)
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .current_dir(root());
    process::run(&mut cargo)?;
    Ok(target().join(host).join("fuzz/mailsins-fuzz"))
}

/// Runs one target. What libFuzzer finds on the way is kept in target/fuzz, for the next run to begin with.
fn one(program: &Path, name: &str, seconds: u64) -> Result<Row> {
    let folder = target().join("fuzz").join(name);
    let (found, crashes) = (folder.join("corpus"), folder.join("crashes"));
    let _ = fs::remove_dir_all(&crashes);
    for folder in [&found, &crashes] {
        fs::create_dir_all(folder)?;
    }
    let log = folder.join("log");
    let file = fs::File::create(&log)?;
    let mut libfuzzer = Command::new(program);
    libfuzzer.arg(&found).arg(root().join("fuzz/corpus").join(name)).args(LIMITS);
    libfuzzer.arg(format!("-max_total_time={seconds}")).arg("-print_final_stats=1");
    libfuzzer.arg(format!("-artifact_prefix={}/", crashes.display()));
    libfuzzer.env("MAILSINS_FUZZ_TARGET", name).env("RUST_BACKTRACE", "0");
    libfuzzer.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
    let server = process::start(&mut libfuzzer)?;
    // It ends by itself; one that doesn't has a hang that its own alarm did not see.
    let status = server.ended_within(Duration::from_secs(seconds + 120))?;
    let said = fs::read(&log)?;
    let said = String::from_utf8_lossy(&said);
    let fault = match status {
        Some(status) if status.success() => None,
        Some(_) => Some(fault(&said, &crashes)?),
        None => Some(format!("it did not end: {}", log.display())),
    };
    Ok(Row {
        runs: number(&said, "stat::number_of_executed_units:"),
        edges: number(&said, " cov:"),
        inputs: number(&said, " corp:"),
        peak_mb: number(&said, "stat::peak_rss_mb:"),
        fault,
    })
}

/// What was wrong, and with which input.
fn fault(said: &str, crashes: &Path) -> Result<String> {
    let line = |word: &str| said.lines().find(|line| line.contains(word));
    let words = line("panicked at").or_else(|| line("ERROR: libFuzzer")).unwrap_or("it failed");
    let input = fs::read_dir(crashes)?.next().transpose()?.map(|file| file.path().display().to_string());
    Ok(format!("{words} {}", input.unwrap_or_default()))
}

/// The number behind the last such word.
fn number(said: &str, word: &str) -> u64 {
    let rest = said.rsplit_once(word).map(|(_, rest)| rest.trim_start()).unwrap_or_default();
    rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}
