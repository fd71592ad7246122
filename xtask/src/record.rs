//! `./x lab`, and what it can't do by itself: recording reports by the terminal program.

use crate::process;
use crate::{root, target};
use anyhow::{Context, Result};
use std::fs;
use std::process::Command;

/// Whose reports are kept, and where.
const RECORDED: [(&str, &str); 3] = [
    ("saint.test", "frontend/static/examples/saint.json"),
    ("sinner.test", "frontend/static/examples/sinner.json"),
    ("unsure.test", "tests/recorded/unsure.json"),
];

/// Runs `./x lab`.
pub fn lab(arguments: &[&str]) -> Result<()> {
    if arguments == ["record"] { record() } else { mailsins_lab::command(arguments) }
}

fn record() -> Result<()> {
    process::lab_up()?;
    process::run(Command::new("cargo").args(["build", "--quiet", "-p=mailsins-cli"]).current_dir(root()))?;
    for (domain, file) in RECORDED {
        println!("Scanning {domain}");
        let mut check = Command::new(target().join("debug/mailsins"));
        check.args(["check", domain, "--json"]).envs(mailsins_lab::env());
        // Its exit code tells of sins; whether there is a report is seen in what it printed.
        let printed = check.output().context("start mailsins")?.stdout;
        anyhow::ensure!(printed.starts_with(b"{"), "no report of {domain}");
        fs::write(root().join(file), printed).with_context(|| format!("write {file}"))?;
    }
    process::lab_down()
}
