//! `./x dev`: the site on this machine.

use crate::build::{Kind, build};
use crate::{process, root, setup, site};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// Runs `./x dev`.
pub fn run(arguments: &[&str]) -> Result<()> {
    let port = port(arguments)?;
    if site::answers(port) {
        bail!("something answers on port {port} already; --port takes another");
    }
    let kind = Kind::of(arguments);
    if !arguments.contains(&"--built") {
        setup::run(&[])?;
        if kind == Kind::Lab {
            process::lab_up()?;
        }
        build(kind)?;
    }
    let state = values(arguments, "--state").next().map_or_else(|| root().join(".wrangler/state"), PathBuf::from);
    let vars: Vec<String> = values(arguments, "--var").map(str::to_owned).collect();
    let server = site::serve(kind, port, &state, None, &vars)?;
    println!("\nmailsins is at http://localhost:{port}  (Ctrl-C ends it)");
    if kind == Kind::Lab {
        println!("It asks the lab only: try saint.test, sinner.test and unsure.test.");
    }
    let status = server.wait()?;
    if !status.success() {
        bail!("the site ended: {status}");
    }
    Ok(())
}

fn port(arguments: &[&str]) -> Result<u16> {
    values(arguments, "--port").next().map_or(Ok(8787), |port| port.parse().context("--port wants a number"))
}

/// What stands behind an option, each time that it is given.
fn values<'a>(arguments: &'a [&'a str], option: &'a str) -> impl Iterator<Item = &'a str> {
    let pairs = arguments.iter().zip(arguments.iter().skip(1));
    pairs.filter(move |(name, _)| **name == option).map(|(_, value)| *value)
}
