//! `./x docs`.

use crate::process::run as run_command;
use crate::root;
use anyhow::Result;
use std::process::Command;

/// Writes what the test of the same name compares.
pub fn run(_: &[&str]) -> Result<()> {
    let mut test = Command::new("cargo");
    test.args(["test", "--quiet", "-p=mailsins-shared", "--test=docs"]).current_dir(root());
    run_command(test.env("MAILSINS_WRITE_DOCS", "1"))
}
