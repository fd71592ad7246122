//! Dovecot instances: one configuration, socket folder and log each, under the lab's state.

use crate::scenario::{Scenario, Server};
use crate::{ca, packages, process};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Writes the instance's configuration.
pub(crate) fn write(state: &Path, files: &Path, scenario: &Scenario, server: &Server) -> Result<()> {
    let name = format!("{}-{}", scenario.name, server.name);
    let dir = state.join(&name);
    for folder in ["run", "state", "mail"] {
        fs::create_dir_all(dir.join(folder))?;
    }
    fs::write(dir.join("nobody"), "")?;
    let addresses: Vec<String> = server.addresses.iter().map(ToString::to_string).collect();
    let shared = fs::read_to_string(files.join("dovecot/dovecot.conf"))?;
    let own = scenario.path.join("dovecot").join(&server.name).join("dovecot.conf");
    let text = shared + &fs::read_to_string(own).unwrap_or_default();
    let text = text.replace("{{dir}}", &dir.to_string_lossy()).replace("{{addresses}}", &addresses.join(", "));
    let text = ca::fill(&text, state, &server.host_in(&scenario.expect.domain), server.certificate)?;
    fs::write(dir.join("dovecot.conf"), text)?;
    Ok(())
}

/// Starts an instance whose configuration is written.
pub(crate) fn launch(state: &Path, name: &str) -> Result<()> {
    let config = state.join(name).join("dovecot.conf");
    let dovecot = packages::find("dovecot").context("dovecot is not installed")?;
    process::start(state, name, Command::new(dovecot).arg("-F").arg("-c").arg(&config))
}
