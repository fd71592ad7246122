//! The build tools: pinned, installed once, shared by all checkouts of this machine.

use crate::process::{output, run as run_command};
use crate::root;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// For what stable Rust can't do: unwinding in the Worker, a standard library built for size in browsers.
/// Newer nightlies lack the wasm32-unknown-unknown component.
const NIGHTLY: &str = "nightly-2026-05-20";
/// What wrangler wants at least.
const NODE: u32 = 20;
const WORKER_BUILD: &str = "0.8.7";

/// One thing to install.
struct Tool {
    name: String,
    takes: &'static str,
    is_there: fn() -> bool,
    install: fn() -> Result<()>,
}

/// Runs `./x setup`.
pub fn run(_: &[&str]) -> Result<()> {
    let tools = tools();
    for (number, tool) in (1..).zip(&tools) {
        let step = format!("[{number}/{}] {}", tools.len(), tool.name);
        if (tool.is_there)() {
            println!("{step}");
            continue;
        }
        println!("{step}: installing (about {})…", tool.takes);
        (tool.install)().with_context(|| format!("could not install {}", tool.name))?;
        if !(tool.is_there)() {
            bail!("{} was installed and still isn't there", tool.name);
        }
    }
    Ok(())
}

fn tools() -> [Tool; 5] {
    [
        Tool {
            name: format!("node {NODE} or newer, npm"),
            takes: "1 min",
            is_there: || node().is_some_and(|major| major >= NODE) && has("npm"),
            install: install_node,
        },
        Tool { name: "npm packages".into(), takes: "1 min", is_there: npm_is_current, install: install_npm },
        Tool {
            name: format!("Rust {NIGHTLY}"),
            takes: "1 min",
            is_there: || nightly_is_there().unwrap_or(false),
            install: install_nightly,
        },
        Tool {
            name: format!("wasm-bindgen-cli {}", wasm_bindgen()),
            takes: "2 min",
            is_there: || has_version("wasm-bindgen", &wasm_bindgen()),
            // Not --locked: the lock file in its package does not build.
            install: || cargo_install("wasm-bindgen-cli", &wasm_bindgen(), &[]),
        },
        Tool {
            name: format!("worker-build {WORKER_BUILD}"),
            takes: "3 min",
            is_there: || has_version("worker-build", WORKER_BUILD),
            install: || cargo_install("worker-build", WORKER_BUILD, &["--locked"]),
        },
    ]
}

/// A program that cargo installed for us.
pub fn tool(name: &str) -> PathBuf {
    cache().join("tools/bin").join(name)
}

/// A program of an npm package.
pub fn npm_tool(name: &str) -> PathBuf {
    root().join("node_modules/.bin").join(name)
}

/// Makes cargo, and whatever the command starts, use the pinned nightly, also where it says `+nightly`.
pub fn with_nightly(command: &mut Command) -> Result<()> {
    command.env("RUSTUP_HOME", nightly_home()?).env("RUSTUP_TOOLCHAIN", "nightly");
    Ok(())
}

/// A RUSTUP_HOME in which `nightly` is the pinned one.
fn nightly_home() -> Result<PathBuf> {
    let home = cache().join("rustup").join(NIGHTLY);
    let toolchains = home.join("toolchains");
    fs::create_dir_all(&toolchains)?;
    let sysroot = nightly_sysroot()?;
    let dated = sysroot.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let link = toolchains.join(dated.replace(NIGHTLY, "nightly"));
    if fs::read_link(&link).ok().as_deref() != Some(&sysroot) {
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink(&sysroot, &link).context("link the nightly toolchain")?;
    }
    Ok(home)
}

fn cache() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_else(|| "/tmp".into())).join(".cache");
    std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from).join("mailsins")
}

fn has(program: &str) -> bool {
    mailsins_lab::packages::find(program).is_some()
}

/// The major version of the node in PATH.
fn node() -> Option<u32> {
    let version = output(Command::new("node").arg("--version")).ok()?;
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn install_node() -> Result<()> {
    mailsins_lab::packages::ensure(&[("node", "nodejs"), ("npm", "npm")])?;
    match node() {
        Some(major) if major < NODE => {
            bail!("node here is version {major}: install a newer one from https://nodejs.org")
        }
        _ => Ok(()),
    }
}

/// npm writes its own copy of the lock file last.
fn npm_is_current() -> bool {
    let changed = |path: &str| fs::metadata(root().join(path)).and_then(|m| m.modified());
    match (changed("node_modules/.package-lock.json"), changed("package-lock.json")) {
        (Ok(installed), Ok(locked)) => installed >= locked,
        _ => false,
    }
}

fn install_npm() -> Result<()> {
    // The binaries of esbuild and workerd arrive as optional packages: no script need run.
    run_command(
        Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(root()),
    )
}

fn nightly_sysroot() -> Result<PathBuf> {
    let rustc = output(Command::new("rustup").args(["which", "rustc", "--toolchain", NIGHTLY]))?;
    let sysroot = Path::new(rustc.trim()).parent().and_then(Path::parent);
    Ok(sysroot.context("no sysroot")?.to_owned())
}

fn nightly_is_there() -> Result<bool> {
    let lib = nightly_sysroot()?.join("lib/rustlib");
    Ok(lib.join("src/rust/library").exists() && lib.join("wasm32-unknown-unknown/lib").exists())
}

fn install_nightly() -> Result<()> {
    let words = [
        "toolchain",
        "install",
        NIGHTLY,
        "--profile=minimal",
        "--component=rust-src",
        "--target=wasm32-unknown-unknown",
        "--no-self-update",
    ];
    run_command(Command::new("rustup").args(words))
}

/// Must be exactly the library's version.
fn wasm_bindgen() -> String {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap_or_default();
    let version = lock.split("name = \"wasm-bindgen\"\nversion = \"").nth(1).and_then(|rest| rest.split('"').next());
    version.unwrap_or("0.2.130").to_owned()
}

fn has_version(program: &str, version: &str) -> bool {
    output(Command::new(tool(program)).arg("--version"))
        .is_ok_and(|words| words.split_whitespace().any(|word| word == version))
}

fn cargo_install(package: &str, version: &str, options: &[&str]) -> Result<()> {
    let root_option = format!("--root={}", cache().join("tools").display());
    let mut cargo = Command::new("cargo");
    cargo.args(["install", "--quiet", "--force", &root_option, &format!("{package}@{version}")]).args(options);
    // Tools that run for seconds needn't be optimised for minutes.
    cargo.envs([
        ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
        ("CARGO_PROFILE_RELEASE_LTO", "off"),
        ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "64"),
    ]);
    cargo.env_remove("CARGO_TARGET_DIR").current_dir(root());
    run_command(&mut cargo)
}
