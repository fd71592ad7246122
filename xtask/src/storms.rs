//! `./x faults` and `./x load`: a site of the lab, under what it may meet. The programs are the tests crate's.

use crate::build::{Kind, build};
use crate::{process, root, setup, target};
use anyhow::Result;
use std::fs;
use std::process::Command;

/// Runs `./x faults`.
pub fn faults(arguments: &[&str]) -> Result<()> {
    storm("faults", arguments)
}

/// Runs `./x load`.
pub fn load(arguments: &[&str]) -> Result<()> {
    storm("load", arguments)
}

fn storm(program: &str, arguments: &[&str]) -> Result<()> {
    setup::run(&[])?;
    build(Kind::Lab)?;
    process::lab_up()?;
    let folder = target().join(program);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let mut storm = Command::new("cargo");
    storm.args(["run", "--quiet", "-p=mailsins-tests", &format!("--bin={program}"), "--"]).args(arguments);
    storm
        .current_dir(root())
        .env("RUST_LIB_BACKTRACE", "0")
        .env("MAILSINS_X", std::env::current_exe()?)
        .env("MAILSINS_FOLDER", folder);
    storm.env("MAILSINS_WRANGLER", setup::npm_tool("wrangler"));
    process::run(&mut storm)
}
