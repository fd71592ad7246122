//! BIND and, before it, dnsdist for DNS over HTTPS.

use crate::process;
use crate::scenario::Scenario;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Addresses of the name server: two, since a healthy zone has two.
pub(crate) const ADDRESSES: [&str; 2] = [crate::RESOLVER, "127.25.100.53"];

/// Writes the zones and starts both servers.
pub(crate) fn start(state: &Path, files: &Path, scenarios: &[Scenario]) -> Result<()> {
    let read =
        |name: &str| fs::read_to_string(files.join("dns").join(name)).with_context(|| format!("read dns/{name}"));
    let zones = state.join("zones");
    fs::create_dir_all(&zones)?;
    let mut reverse = read("reverse.zone")?;
    let mut configuration = read("named.conf")?.replace("{{state}}", &state.to_string_lossy());
    for scenario in scenarios {
        let domain = &scenario.expect.domain;
        if !scenario.path.join("zone").exists() {
            continue;
        }
        fs::copy(scenario.path.join("zone"), zones.join(domain)).with_context(|| format!("zone of {domain}"))?;
        reverse += &fs::read_to_string(scenario.path.join("reverse")).unwrap_or_default();
        configuration += &format!("zone \"{domain}\" {{ type primary; file \"zones/{domain}\"; }};\n");
    }
    fs::write(zones.join("reverse"), reverse)?;
    for zone in ["root", "test", "probe.test", "bl.test"] {
        fs::write(zones.join(zone), read(&format!("{zone}.zone"))?)?;
    }
    fs::write(state.join("named.conf"), configuration)?;
    fs::write(state.join("dnsdist.conf"), read("dnsdist.conf")?)?;
    process::start(state, "named", Command::new("named").args(["-g", "-c"]).arg(state.join("named.conf")))?;
    process::start(
        state,
        "dnsdist",
        Command::new("dnsdist").args(["--supervised", "--disable-syslog", "-C"]).arg(state.join("dnsdist.conf")),
    )?;
    Ok(())
}
