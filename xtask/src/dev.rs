//! `./x dev`: the site on this machine.

use crate::build::{Kind, build};
use crate::{process, root, setup, site};
use anyhow::{Context, Result, bail};

/// Runs `./x dev`.
pub fn run(arguments: &[&str]) -> Result<()> {
    let port = port(arguments)?;
    if site::answers(port) {
        bail!("something answers on port {port} already; --port takes another");
    }
    let kind = Kind::of(arguments);
    setup::run(&[])?;
    if kind == Kind::Lab {
        process::lab_up()?;
    }
    build(kind)?;
    let server = site::serve(kind, port, &root().join(".wrangler/state"), None, &[])?;
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
    let mut arguments = arguments.iter();
    match arguments.find(|a| **a == "--port") {
        None => Ok(8787),
        Some(_) => arguments.next().and_then(|p| p.parse().ok()).context("--port wants a number"),
    }
}
