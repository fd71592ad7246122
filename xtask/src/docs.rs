//! `./x docs`.

use crate::process::run as run_command;
use crate::root;
use anyhow::Result;
use std::process::Command;

/// Writes what the tests of the same names compare.
pub fn run(_: &[&str]) -> Result<()> {
    write(&["-p=mailsins-shared", "--features=openapi", "--test=docs", "--test=openapi"])?;
    write(&["-p=mailsins-cli", "--bin=mailsins", "the_reference_is_current"])?;
    write(&["-p=mailsins-frontend", "--features=browser,learn", "--lib", "manual"])
}

fn write(what: &[&str]) -> Result<()> {
    let mut test = Command::new("cargo");
    test.args(["test", "--quiet"]).args(what).current_dir(root());
    run_command(test.env("MAILSINS_WRITE_DOCS", "1"))
}
