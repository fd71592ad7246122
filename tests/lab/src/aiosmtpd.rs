//! aiosmtpd, in the last version that acts inside TLS on what was said before it; it says more in reply to EHLO where
//! that is wanted. No server of Debian does either.

use crate::packages::{AIOSMTPD, UNPACKED};
use crate::server::Instance;
use crate::{ca, process};
use anyhow::Result;
use std::fs;
use std::process::Command;

/// Debian's own, for which the packages were fetched.
pub(crate) const PYTHON: &str = "/usr/bin/python3";

/// Starts one process an address and port.
pub(crate) fn launch(instance: &Instance<'_>) -> Result<()> {
    let Instance { state, files, scenario, server, name, dir } = instance;
    fs::create_dir_all(dir)?;
    let host = server.host_in(&scenario.expect.domain);
    let certificate = ca::certificate(state, &host, server.certificate)?;
    for socket in server.sockets() {
        let mut command = Command::new("env");
        command
            .arg(format!("PYTHONPATH={UNPACKED}/{AIOSMTPD}"))
            .arg(PYTHON)
            .arg(files.join("aiosmtpd/server.py"))
            .args([socket.ip().to_string(), socket.port().to_string(), host.clone(), scenario.expect.domain.clone()])
            .arg(&certificate)
            .args(&server.keywords);
        process::start(state, name, &mut command)?;
    }
    Ok(())
}
