//! `./x fmt`, and the same as a step of `./x test`.

use crate::process::run as run_command;
use crate::root;
use anyhow::Result;
use std::fs;
use std::process::Command;

/// Formats the code.
pub fn run(_: &[&str]) -> Result<()> {
    rustfmt(&[])
}

/// Fails where the code is not formatted.
pub fn check() -> Result<()> {
    rustfmt(&["--check"])
}

fn rustfmt(how: &[&str]) -> Result<()> {
    run_command(Command::new("cargo").args(["fmt", "--all", "--"]).args(how).current_dir(root()))?;
    // A macro names the modules of the checks, so cargo does not find them.
    let mut checks = Vec::new();
    for entry in fs::read_dir(root().join("shared/src/checks"))? {
        checks.push(entry?.path());
    }
    checks.retain(|path| path.extension().is_some_and(|end| end == "rs"));
    run_command(Command::new("rustfmt").arg("--edition=2024").args(how).args(checks).current_dir(root()))
}
