//! `./x bench`: one table, all of it measured in one run. The crate `bench/` measures; here is what has to run for that.

mod scans;
mod site;

use crate::build::{Kind, build};
use crate::process;
use crate::{assets, root, setup, target, test};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A domain of the lab, as the site shows it.
const RECORDED: &str = "frontend/static/examples/saint.json";

/// How much is measured.
struct Plan {
    /// For how long each pure function, in milliseconds.
    milliseconds: u32,
    /// How many requests of each route.
    requests: u32,
    /// How many scans at each distance.
    scans: u32,
    /// How far the lab is off, in milliseconds of a round trip.
    distances: &'static [u32],
    /// Other tools as well, and whatever takes long.
    whole: bool,
}

const WHOLE: Plan = Plan { milliseconds: 1500, requests: 300, scans: 3, distances: &[0, 50, 200], whole: true };
const QUICK: Plan = Plan { milliseconds: 200, requests: 60, scans: 1, distances: &[50], whole: false };

/// A line: what, how much, beside what.
type Row = [String; 3];

/// What measures a part of it, by the part's name.
type Part = (&'static str, fn(&Plan) -> Result<Vec<Row>>);

/// Runs `./x bench`.
pub fn run(arguments: &[&str]) -> Result<()> {
    if let ["far", folder] = arguments {
        return scans::far(Path::new(folder));
    }
    let plan = if arguments.contains(&"--quick") { QUICK } else { WHOLE };
    let only = |part: &str| match arguments.iter().position(|a| *a == "--only") {
        Some(at) => arguments.get(at + 1) == Some(&part),
        None => true,
    };
    mailsins_lab::packages::ensure(&[("unshare", "util-linux"), ("ip", "iproute2"), ("wrk", "wrk")])?;
    if plan.whole {
        mailsins_lab::packages::ensure(&[("nmap", "nmap"), ("valgrind", "valgrind")])?;
    }
    setup::run(&[])?;
    programs()?;
    let parts: [Part; 4] = [("pure", pure), ("wasm", wasm), ("site", site::rows), ("scans", scans::rows)];
    let (mut rows, mut failures) = (Vec::new(), Vec::new());
    for (name, part) in parts.into_iter().filter(|(name, _)| only(name)) {
        // What was measured is worth telling, whatever became of the rest.
        match part(&plan) {
            Ok(more) => rows.extend(more),
            Err(why) => failures.push(format!("{name}: {why:#}")),
        }
    }
    process::lab_down()?;
    print(&rows);
    if !failures.is_empty() {
        bail!("{}", failures.join("\n"));
    }
    Ok(())
}

fn pure(plan: &Plan) -> Result<Vec<Row>> {
    println!("Measuring what asks nobody");
    let mut rows = measured(&["pure", RECORDED, &plan.milliseconds.to_string()])?;
    if plan.whole {
        rows.extend(instructions()?);
    }
    Ok(rows)
}

fn wasm(plan: &Plan) -> Result<Vec<Row>> {
    build(Kind::Production)?;
    let mut rows = engine(plan.milliseconds)?;
    rows.extend(test::sizes()?.into_iter().map(|(name, sent, limit)| {
        [format!("size as sent, {name}"), format!("{sent} bytes"), format!("{limit} allowed")]
    }));
    Ok(rows)
}

/// The lab's site, built, and its lab.
fn lab() -> Result<()> {
    build(Kind::Lab)?;
    process::lab_up()
}

/// The program that measures.
fn program() -> PathBuf {
    target().join("speed/mailsins-bench")
}

/// The program whose scans are measured, built alike.
fn mailsins() -> PathBuf {
    target().join("speed/mailsins")
}

fn programs() -> Result<()> {
    println!("Building what measures");
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--profile=speed", "-p=mailsins-bench", "-p=mailsins-cli"]);
    cargo.arg("--features=mailsins-bench/beside").current_dir(root());
    process::run(&mut cargo)
}

/// The lines that the program that measures prints.
fn measured(arguments: &[&str]) -> Result<Vec<Row>> {
    rows_of(Command::new(program()).args(arguments).current_dir(root()))
}

fn rows_of(command: &mut Command) -> Result<Vec<Row>> {
    let printed = process::output(command)?;
    let row = |line: &str| {
        let mut parts = line.split('\t').map(str::to_owned);
        [parts.next(), parts.next(), parts.next()].map(Option::unwrap_or_default)
    };
    Ok(printed.lines().map(row).collect())
}

/// How many instructions: what no other work on the machine changes.
fn instructions() -> Result<Vec<Row>> {
    println!("Counting instructions");
    let out = target().join("speed/callgrind.out");
    let count = |what: &str, times: &str| -> Result<u64> {
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--tool=callgrind", &format!("--callgrind-out-file={}", out.display())]);
        valgrind.arg(program()).args(["repeat", RECORDED, what, times]).current_dir(root());
        process::output(&mut valgrind)?;
        let text = fs::read_to_string(&out)?;
        let summary = text.lines().find_map(|line| line.strip_prefix("summary: ").or(line.strip_prefix("totals: ")));
        summary.and_then(|digits| digits.trim().parse().ok()).context("valgrind counted nothing")
    };
    let mut rows = Vec::new();
    for what in process::output(Command::new(program()).arg("counted"))?.lines() {
        let each = count(what, "3")?.saturating_sub(count(what, "1")?) / 2;
        rows.push([format!("instructions, {what}"), format!("{:.3} million", each as f64 / 1e6), String::new()]);
    }
    Ok(rows)
}

/// The browser's module, in Node.
fn engine(milliseconds: u32) -> Result<Vec<Row>> {
    let files = fs::read_dir(assets::dist())?.flatten().map(|file| file.path());
    let named = |path: &PathBuf, kind: &str| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with(&format!("{}-", assets::ENGINE)) && name.ends_with(kind)
    };
    let files: Vec<PathBuf> = files.collect();
    let of = |kind: &str| files.iter().find(|file| named(file, kind)).context("the engine is not built");
    // Node takes a script for a module by its name only.
    let script = target().join("speed/engine.mjs");
    fs::copy(of(".js")?, &script)?;
    let mut node = Command::new("node");
    node.arg("bench/engine.mjs").arg(&script).arg(of(".wasm")?).arg(RECORDED).arg(milliseconds.to_string());
    rows_of(node.current_dir(root()))
}

fn print(rows: &[Row]) {
    let wide =
        |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let (a, b, c) = (wide(0), wide(1), wide(2));
    println!("\n| {:a$} | {:b$} | {:c$} |", "what", "measured", "beside");
    println!("|{}|{}|{}|", "-".repeat(a + 2), "-".repeat(b + 2), "-".repeat(c + 2));
    for [what, value, beside] in rows {
        println!("| {what:a$} | {value:b$} | {beside:c$} |");
    }
}

/// The middle of some numbers.
fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or(f64::NAN)
}
