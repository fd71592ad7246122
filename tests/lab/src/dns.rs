//! BIND, which holds every zone; before it Unbound, which checks signatures; before that dnsdist for
//! DNS over HTTPS.

use crate::process::{self, run};
use crate::scenario::{Scenario, Signing};
use crate::{ca, outbound};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Addresses of the resolver and of the name server: a healthy zone has two of those, and nobody
/// but the resolver asks them.
pub(crate) const ADDRESSES: [&str; 2] = [crate::RESOLVER, "127.25.100.53"];

/// The zone that the resolver trusts, and that holds the keys of all signed ones.
const TOP: &str = "test";

/// Writes the zones and starts the servers.
pub(crate) fn start(state: &Path, files: &Path, scenarios: &[Scenario]) -> Result<()> {
    let read =
        |name: &str| fs::read_to_string(files.join("dns").join(name)).with_context(|| format!("read dns/{name}"));
    let zones = state.join("zones");
    fs::create_dir_all(&zones)?;
    let mut reverse = read("reverse.zone")?;
    let mut top = read("test.zone")?;
    let mut configuration = read("named.conf")?.replace("{{state}}", &state.to_string_lossy());
    for scenario in scenarios {
        let domain = &scenario.expect.domain;
        reverse += &fs::read_to_string(scenario.path.join("reverse")).unwrap_or_default();
        if scenario.dns.zone != Signing::Dead && !scenario.path.join("zone").exists() {
            continue; // there is no such domain
        }
        if scenario.dns.zone == Signing::Dead {
            top += &format!("{domain}. NS ns.{domain}.\nns.{domain}. A 127.25.0.99 ; nobody listens there\n");
            continue;
        }
        let zone = fs::read_to_string(scenario.path.join("zone")).with_context(|| format!("zone of {domain}"))?;
        fs::write(zones.join(domain), with_keys(state, scenario, zone)?)?;
        top += &format!("{domain}. NS ns.lab.\n");
        if scenario.dns.zone != Signing::Unsigned {
            top += &sign(&zones, domain, scenario.dns.zone)?;
        }
        if let Some((old, new)) = &scenario.dns.alter {
            let file = zones.join(domain);
            let text = fs::read_to_string(&file)?;
            ensure!(text.contains(old), "{domain}: there is no {old} to alter");
            fs::write(file, text.replace(old, new))?;
        }
        configuration += &format!("zone \"{domain}\" {{ type primary; file \"zones/{domain}\"; }};\n");
    }
    fs::write(zones.join("reverse"), reverse)?;
    for zone in ["root", "probe.test", "proof.test", "bl.test"] {
        fs::write(zones.join(zone), read(&format!("{zone}.zone"))?)?;
    }
    let consent = read("consent.test.zone")?.replace("{{dkim}}", &outbound::key_record(state)?);
    fs::write(zones.join("consent.test"), consent)?;
    fs::write(zones.join(TOP), top)?;
    fs::write(zones.join("anchor"), sign(&zones, TOP, Signing::Signed)?)?;
    fs::write(state.join("named.conf"), configuration)?;
    fs::write(state.join("unbound.conf"), read("unbound.conf")?.replace("{{state}}", &state.to_string_lossy()))?;
    fs::write(state.join("dnsdist.conf"), read("dnsdist.conf")?)?;
    process::start(state, "named", Command::new("named").args(["-g", "-c"]).arg(state.join("named.conf")))?;
    process::start(state, "unbound", Command::new("unbound").args(["-d", "-c"]).arg(state.join("unbound.conf")))?;
    process::start(
        state,
        "dnsdist",
        Command::new("dnsdist").args(["--supervised", "--disable-syslog", "-C"]).arg(state.join("dnsdist.conf")),
    )?;
    Ok(())
}

/// A zone with the digests of keys in it, which are made for that.
fn with_keys(state: &Path, scenario: &Scenario, mut zone: String) -> Result<String> {
    if zone.contains("{{key ca}}") {
        zone = zone.replace("{{key ca}}", &ca::key_digest(state, "ca")?);
    }
    for server in &scenario.servers {
        let place = format!("{{{{key {}}}}}", server.name);
        if zone.contains(&place) {
            let host = server.host_in(&scenario.expect.domain);
            ca::certificate(state, &host, server.certificate)?;
            zone = zone.replace(&place, &ca::key_digest(state, &host)?);
        }
    }
    ensure!(!zone.contains("{{"), "{}: there is something to fill in the zone that nobody knows", scenario.name);
    Ok(zone)
}

/// Signs a zone in its place with a new key; the DS records for its parent come back.
fn sign(zones: &Path, zone: &str, how: Signing) -> Result<String> {
    let mut make = Command::new("dnssec-keygen");
    make.args(["-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "-n", "ZONE", zone]);
    let key = run(make.current_dir(zones))?.trim().to_owned();
    let file = zones.join(zone);
    let text = fs::read_to_string(&file)?;
    fs::write(&file, format!("{text}\n$INCLUDE {key}.key\n"))?;
    // One key signs everything (-z); a record a line, so that one can be altered.
    let mut sign = Command::new("dnssec-signzone");
    sign.args(["-q", "-z", "-P", "-O", "full", "-o", zone, "-f", zone]);
    if how == Signing::Expired {
        sign.args(["-s", "20240101000000", "-e", "20240201000000"]);
    }
    run(sign.args([zone, &key]).current_dir(zones))?;
    fs::read_to_string(zones.join(format!("dsset-{zone}."))).with_context(|| format!("DS records of {zone}"))
}
