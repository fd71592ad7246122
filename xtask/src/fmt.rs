//! `./x fmt`.

use crate::process::run as run_command;
use crate::root;
use anyhow::Result;
use std::process::Command;

/// Formats the code.
pub fn run(_: &[&str]) -> Result<()> {
    run_command(Command::new("cargo").arg("fmt").current_dir(root()))
}
