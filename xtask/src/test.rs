//! `./x test`: what must be green, step by step, stopping at the first that isn't.

use crate::build::{Kind, build, wasm_target, worker_module};
use crate::process::{self, Server, run as run_command, start};
use crate::{assets, audit, deploy, fmt, pip, root, schemas, setup, site, target, wasm};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

type Step = (&'static str, fn() -> Result<()>);

/// Steps that need neither a built site nor the lab.
const QUICK: [Step; 5] = [
    ("format", fmt::check),
    ("clippy, native", clippy),
    ("clippy, wasm", clippy_wasm),
    ("unit tests", unit_tests),
    ("shared asks for nothing", shared_asks_for_nothing),
];

const SLOW: [Step; 9] = [
    ("tools", || setup::run(&[])),
    ("licences, bans, sources", audit::rules),
    // Builds it, and has wrangler make of it what would be sent.
    ("site, production", || deploy::run(&["--dry-run"])),
    ("sizes", || sizes().map(drop)),
    ("site, lab", || build(Kind::Lab)),
    ("lab", lab),
    ("the SPF suite is there", || pip::spf_suite().map(drop)),
    ("schemathesis is there", || pip::schemathesis().map(drop)),
    ("scenarios, API, browser", against_the_lab),
];

/// Most that the Worker may weigh, gzipped, in bytes.
const WORKER_LIMIT: u64 = 1_572_864; // 1.5 MiB
/// Most that a browser may have to load for a first page, as it is sent, in bytes.
const APP_LIMIT: u64 = 180_000;
/// Most that it may have to load beside it before a scan, as it is sent, in bytes.
const ENGINE_LIMIT: u64 = 300_000;

/// A step failed; the summary says which.
#[derive(Debug)]
pub struct Failed;

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a step failed")
    }
}

impl std::error::Error for Failed {}

/// Runs `./x test`.
pub fn run(arguments: &[&str]) -> Result<()> {
    if let Some(("--only", suites)) = arguments.split_first().map(|(first, rest)| (*first, rest)) {
        return only(suites);
    }
    let steps: Vec<Step> = match arguments.contains(&"--quick") {
        true => QUICK.to_vec(),
        false => QUICK.into_iter().chain(SLOW).collect(),
    };
    let mut passed: Vec<(&str, Duration)> = Vec::new();
    let mut failure = None;
    for (number, (name, step)) in steps.iter().enumerate() {
        println!("\n=== [{}/{}] {name}", number + 1, steps.len());
        let begun = Instant::now();
        if let Err(error) = step() {
            failure = Some((*name, begun.elapsed(), error));
            break;
        }
        passed.push((name, begun.elapsed()));
    }
    if let Err(error) = process::lab_down() {
        failure.get_or_insert(("lab goes down", Duration::ZERO, error));
    }

    println!();
    for (name, took) in &passed {
        println!("  ok    {name:<28}{:>7.1} s", took.as_secs_f32());
    }
    if let Some((name, took, error)) = &failure {
        println!("  FAIL  {name:<28}{:>7.1} s\n\n{error:#}\n", took.as_secs_f32());
    }
    println!("{} passed, {} failed", passed.len(), usize::from(failure.is_some()));
    match failure {
        Some(_) => Err(Failed.into()),
        None => Ok(()),
    }
}

fn clippy() -> Result<()> {
    let packages = [
        "-p=mailsins-shared",
        "-p=mailsins-engine",
        "-p=mailsins-probe",
        "-p=mailsins-cli",
        "-p=mailsins-fuzz",
        "-p=mailsins-bench",
        "-p=mailsins-tests",
        "-p=mailsins-lab",
        "-p=xtask",
    ];
    let features = ["--features=mailsins-shared/openapi"];
    cargo(&[&["clippy", "--all-targets"], &packages[..], &features, &["--", "-D", "warnings"]].concat())
}

fn clippy_wasm() -> Result<()> {
    let warnings = ["--", "-D", "warnings"];
    for package in [
        &["-p=mailsins-frontend", "--no-default-features", "--features=browser"][..],
        &["-p=mailsins-engine"],
        &["-p=mailsins-worker"],
        &["-p=mailsins-worker", "--features=lab"],
    ] {
        cargo_wasm(&[&["clippy"], package, &warnings].concat())?;
    }
    Ok(())
}

fn unit_tests() -> Result<()> {
    // Those of shared/ and cli/ also say whether the generated pages of docs/ and the OpenAPI document are current.
    let packages = ["-p=mailsins-shared", "-p=mailsins-probe", "-p=mailsins-cli", "-p=mailsins-lab", "-p=xtask"];
    cargo(&[&["test", "--features=mailsins-shared/openapi"], &packages[..]].concat())?;
    cargo(&["test", "-p=mailsins-engine"])?;
    // The corpus and its mutations; `./x fuzz` looks for more.
    cargo(&["test", "-p=mailsins-fuzz", "-p=mailsins-bench"])?;
    cargo(&["test", "-p=mailsins-frontend", "--features=browser,learn"])?;
    cargo(&["test", "-p=mailsins-worker"])
}

/// The mail knowledge has no clock, no random numbers, no sockets: its wasm imports nothing.
fn shared_asks_for_nothing() -> Result<()> {
    // The linker is told to keep what nobody calls, or there would be nothing to look at.
    let keep = ["--", "-C", "link-dead-code", "-C", "link-arg=--no-gc-sections"];
    cargo_wasm(&[&["rustc", "-p=mailsins-shared", "--lib", "--crate-type=cdylib"], &keep[..]].concat())?;
    let file = wasm_target().join("wasm32-unknown-unknown/debug/shared.wasm");
    let module = wasm::read(&fs::read(&file).with_context(|| format!("read {}", file.display()))?)?;
    if module.functions < 100 {
        bail!("only {} functions in {}: the linker dropped what should be looked at", module.functions, file.display());
    }
    if !module.imports.is_empty() {
        bail!("shared imports {}", module.imports.join(", "));
    }
    println!("{} functions, no import", module.functions);
    Ok(())
}

/// What visitors and the platform get, in bytes as sent: name, size, limit. One above its limit is an error.
pub fn sizes() -> Result<Vec<(&'static str, u64, u64)>> {
    let mut found = Vec::new();
    let worker = worker_module(Kind::Production);
    let worker_files = [worker.with_file_name("index_bg.wasm"), worker];
    let list = fs::read_to_string(assets::dist().join("assets.json"))?;
    let named = list.split('"').filter_map(|word| word.strip_prefix('/')).map(|name| assets::dist().join(name));
    let files: Vec<PathBuf> = named.chain([assets::dist().join("index.html")]).collect();
    let of_engine = |file: &PathBuf| {
        file.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&format!("{}-", assets::ENGINE)))
    };
    let (engine_files, app_files): (Vec<_>, Vec<_>) = files.into_iter().partition(of_engine);
    for (name, files, limit) in [
        ("Worker", &worker_files[..], WORKER_LIMIT),
        (assets::APP, &app_files, APP_LIMIT),
        (assets::ENGINE, &engine_files, ENGINE_LIMIT),
    ] {
        let (mut sum, mut plain) = (0, 0);
        for file in files {
            let gzip = gzipped(file)?;
            // The build packs the wasm in Brotli, and the Worker sends that; the edge gzips the rest.
            sum += fs::metadata(assets::packed(file)).map_or(gzip, |packed| packed.len());
            plain += gzip;
        }
        println!("{name}: {sum} of {limit} bytes as sent, {plain} with gzip alone");
        if sum >= limit {
            bail!("the {name}'s part is too big: {sum} bytes as sent, {limit} allowed");
        }
        found.push((name, sum, limit));
    }
    Ok(found)
}

fn gzipped(file: &PathBuf) -> Result<u64> {
    let output =
        Command::new("gzip").args(["-9", "-c"]).arg(file).stdin(Stdio::null()).output().context("start gzip")?;
    if !output.status.success() {
        bail!("gzip {}: {}", file.display(), String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout.len() as u64)
}

/// A fresh lab: one of this checkout that is up may be of yesterday's files.
fn lab() -> Result<()> {
    if mailsins_lab::owner().is_some_and(|owner| owner == mailsins_lab::root()) {
        mailsins_lab::down()?;
    }
    process::lab_up()
}

/// These suites of the tests crate, over the site that the lab's build made last.
fn only(suites: &[&str]) -> Result<()> {
    if suites.is_empty() {
        bail!("say which: the names of files in tests/tests");
    }
    let ran = lab().and_then(|()| these_against_the_lab(suites));
    process::lab_down().and(ran)
}

fn against_the_lab() -> Result<()> {
    these_against_the_lab(&[])
}

/// The tests crate, or some of its suites, with a site and a browser driver of its own. Its environment:
/// MAILSINS_SITE, MAILSINS_SITE_LOG (a file), MAILSINS_SITE_WITHOUT_DNS, MAILSINS_SITE_WITH_EXIT, MAILSINS_SITE_WITHOUT_PORT_25,
/// MAILSINS_SITE_WITH_TWO_RESOLVERS, MAILSINS_SITE_AT_REST, MAILSINS_SITE_THAT_FORGETS and MAILSINS_WEBDRIVER (addresses), MAILSINS_STATE_THAT_FORGETS (a folder), MAILSINS_FIRST_RESOLVER (a port),
/// MAILSINS_CLI (the program), MAILSINS_X (this program), MAILSINS_FOLDER (a folder for a site of a test's own), MAILSINS_SPF_SUITE (a file), MAILSINS_SCHEMATHESIS (a folder),
/// MAILSINS_SARIF_SCHEMA and MAILSINS_JUNIT_SCHEMAS (files, with colons between), and `./x lab env`.
fn these_against_the_lab(suites: &[&str]) -> Result<()> {
    let wanted = [("curl", "curl"), ("jq", "jq"), ("openssl", "openssl"), ("java", "default-jre-headless")];
    mailsins_lab::packages::ensure(&wanted)?;
    cargo(&["build", "-p=mailsins-cli"])?;
    let folder = target().join("site-under-test");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let (site_port, dark_port, driver_port) = (site::free_port()?, site::free_port()?, site::free_port()?);
    let log = folder.join("site.log");
    let _site =
        site::serve(Kind::Lab, site_port, &folder.join("state"), Some(&log), &[]).with_context(|| tail(&log))?;
    // What is deployed, without a network: nobody listens at its resolver.
    let nobody = format!("RESOLVERS:http://127.0.0.1:{}/dns-query", site::free_port()?);
    let contact = "CONTACT:mail <us@example.org>".to_owned();
    let dark_log = folder.join("dark.log");
    let _dark = site::serve(Kind::Production, dark_port, &folder.join("dark"), Some(&dark_log), &[nobody, contact])
        .with_context(|| tail(&dark_log))?;
    // Where port 25 is closed, as it is on the platform's edge: with an exit, and without one.
    let (exit_port, closed_port) = (site::free_port()?, site::free_port()?);
    let closed = "LAB_PORT_25:prohibited".to_owned();
    let through = format!("PROBE_EGRESS:{}", mailsins_lab::exit::HTTPS);
    let exit_log = folder.join("exit.log");
    let _exit = site::serve(Kind::Lab, exit_port, &folder.join("exit"), Some(&exit_log), &[closed.clone(), through])
        .with_context(|| tail(&exit_log))?;
    let closed_log = folder.join("closed.log");
    // The same one asks a resolver first that is there only while a test plays it.
    let first = site::free_port()?;
    let two = format!("RESOLVERS:http://127.0.0.1:{first}/dns-query,{}", mailsins_lab::DOH);
    let _closed = site::serve(Kind::Lab, closed_port, &folder.join("closed"), Some(&closed_log), &[closed, two])
        .with_context(|| tail(&closed_log))?;
    // Whose hosts get as much rest as in production, and that asks few addresses of a network.
    let (rest_port, rest_log) = (site::free_port()?, folder.join("rest.log"));
    let rest = ["LAB_REST:production".to_owned(), "NETWORK_CAP:6".to_owned()];
    let _rest = site::serve(Kind::Lab, rest_port, &folder.join("rest"), Some(&rest_log), &rest)
        .with_context(|| tail(&rest_log))?;
    // Which forgets in seconds what is kept for a day or a year.
    let (brief_port, brief_log) = (site::free_port()?, folder.join("brief.log"));
    let brief = ["LAB_KEPT:12000".to_owned()];
    let _brief = site::serve(Kind::Lab, brief_port, &folder.join("brief"), Some(&brief_log), &brief)
        .with_context(|| tail(&brief_log))?;
    let _driver = webdriver(driver_port, &folder.join("chromedriver.log"))?;

    let mut tests = Command::new("cargo");
    tests
        .args(["test", "-p=mailsins-tests", "--no-fail-fast"])
        .args(suites.iter().map(|suite| format!("--test={suite}")))
        .env("RUST_LIB_BACKTRACE", "0")
        .current_dir(root())
        .envs(mailsins_lab::env());
    tests.env("MAILSINS_SITE", format!("http://127.0.0.1:{site_port}"));
    tests.env("MAILSINS_SITE_LOG", &log);
    tests.env("MAILSINS_SITE_WITHOUT_DNS", format!("http://127.0.0.1:{dark_port}"));
    tests.env("MAILSINS_SITE_WITH_EXIT", format!("http://127.0.0.1:{exit_port}"));
    tests.env("MAILSINS_SITE_WITHOUT_PORT_25", format!("http://127.0.0.1:{closed_port}"));
    tests.env("MAILSINS_SITE_WITH_TWO_RESOLVERS", format!("http://127.0.0.1:{closed_port}"));
    tests.env("MAILSINS_FIRST_RESOLVER", first.to_string());
    tests.env("MAILSINS_SITE_AT_REST", format!("http://127.0.0.1:{rest_port}"));
    tests.env("MAILSINS_SITE_THAT_FORGETS", format!("http://127.0.0.1:{brief_port}"));
    tests.env("MAILSINS_STATE_THAT_FORGETS", folder.join("brief"));
    tests.env("MAILSINS_WEBDRIVER", format!("http://127.0.0.1:{driver_port}"));
    tests.env("MAILSINS_SPF_SUITE", pip::spf_suite()?);
    tests.env("MAILSINS_SCHEMATHESIS", pip::schemathesis()?);
    tests.envs(schemas::variables()?);
    tests.env("MAILSINS_CLI", target().join("debug/mailsins"));
    tests.env("MAILSINS_X", std::env::current_exe()?);
    tests.env("MAILSINS_FOLDER", folder.join("faults"));
    run_command(&mut tests).with_context(|| tail(&log))?;
    if !suites.is_empty() {
        return Ok(());
    }
    nothing_secret_in(&[log, dark_log, exit_log, closed_log, rest_log, brief_log, folder.join("faults/site.log")])
}

/// What the Worker logged names nobody and opens nothing: no domain or address of the lab, no mailbox, no password of an exit, and
/// nothing that could be an id or a key. Lines of wrangler's own, which quote requests and settings, are not the Worker's.
fn nothing_secret_in(logs: &[PathBuf]) -> Result<()> {
    let mut lines = 0;
    for log in logs {
        let text = fs::read_to_string(log).with_context(|| format!("read {}", log.display()))?;
        for line in text.lines().filter(|line| line.contains("{\"")) {
            lines += 1;
            let words = ["hunter2", ".test", "127.25.", "@"];
            let hex = line.split(|c: char| !c.is_ascii_hexdigit()).any(|run| run.len() >= 32);
            if hex || words.iter().any(|word| line.contains(word)) {
                bail!("{} tells too much: {line}", log.display());
            }
        }
    }
    println!("{lines} lines were logged, and nothing secret in them");
    if lines < 100 {
        bail!("that is too few: is it still logged?");
    }
    Ok(())
}

/// A driver of browsers on this port.
pub fn webdriver(port: u16, log: &PathBuf) -> Result<Server> {
    mailsins_lab::packages::ensure(&[("chromium", "chromium"), ("chromedriver", "chromium-driver")])?;
    let log = fs::File::create(log)?;
    let mut command = Command::new("chromedriver");
    command.arg(format!("--port={port}")).stdout(log.try_clone()?).stderr(log);
    let mut server = start(&mut command)?;
    server.ready(Duration::from_secs(20), || site::answers(port))?;
    Ok(server)
}

/// The end of a log, for whoever has to find out what went wrong.
fn tail(log: &PathBuf) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let end = lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n");
    format!("the end of {}:\n{end}\n", log.display())
}

fn cargo(arguments: &[&str]) -> Result<()> {
    run_command(Command::new("cargo").args(arguments).current_dir(root()))
}

/// For wasm32, in the browser build's own folder.
fn cargo_wasm(arguments: &[&str]) -> Result<()> {
    let (first, rest) = arguments.split_first().context("no cargo command")?;
    let mut command = Command::new("cargo");
    command.arg(first).arg("--target=wasm32-unknown-unknown").args(rest);
    run_command(command.env("CARGO_TARGET_DIR", wasm_target()).current_dir(root()))
}
