//! pymap, a server of IMAP and ManageSieve that acts inside TLS on what was said before it. No server of Debian does.

use crate::packages::{PYMAP, UNPACKED};
use crate::server::Instance;
use crate::{aiosmtpd, ca, process};
use anyhow::Result;
use std::fs;
use std::process::Command;

/// Starts one process an address, for both ports.
pub(crate) fn launch(instance: &Instance<'_>) -> Result<()> {
    let Instance { state, scenario, server, name, dir, .. } = instance;
    fs::create_dir_all(dir)?;
    let certificate = ca::certificate(state, &server.host_in(&scenario.expect.domain), server.certificate)?;
    for address in server.addresses.iter().map(ToString::to_string) {
        let mut command = Command::new("env");
        command
            .arg(format!("PYTHONPATH={UNPACKED}/{PYMAP}"))
            .args([aiosmtpd::PYTHON, "-c", "from pymap.main import main; main()"])
            .args(["--host", &address, "--port", "143", "--sieve-host", &address, "--sieve-port", "4190"])
            .args(["--cert", &certificate, "--key", &certificate, "dict"]);
        process::start(state, name, &mut command)?;
    }
    Ok(())
}
