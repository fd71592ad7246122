//! Bringing the lab up and down.

use crate::scenario::{Kind, Scenario, all};
use crate::server::{self, Instance};
use crate::{
    BLOCKLIST, DOH, PROBE_DOMAIN, RESOLVER, ca, dns, exit, outbound, packages, postfix, process, ready, scanner, sink,
    web,
};
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Where a running lab keeps its configuration, queues, logs and process list.
pub const STATE: &str = "/run/mailsins-lab";

/// Addresses of scenarios that cannot be reached from here, as if our end had no IPv6.
const NO_ROUTE: &str = "fd25::/16";

/// The lab's own files.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Variables under which the command line program talks to the lab.
#[must_use]
pub fn env() -> [(&'static str, &'static str); 5] {
    [
        ("MAILSINS_RESOLVER", RESOLVER),
        ("MAILSINS_ALLOW_PRIVATE", "1"),
        ("MAILSINS_PROBE_DOMAIN", PROBE_DOMAIN),
        ("MAILSINS_BLOCKLIST", BLOCKLIST),
        ("MAILSINS_CA_FILE", ca::CERTIFICATE),
    ]
}

/// Starts every server of every scenario and waits until each answers. A lab that is up stays up.
///
/// # Errors
/// A missing package that can't be installed, a malformed scenario, or a server that didn't answer, with the end of its log.
pub fn up() -> Result<()> {
    let state = Path::new(STATE);
    if let Some(other) = owner().filter(|owner| *owner != root()) {
        bail!("the lab of another checkout is up: {}. `./x lab down` takes it down.", other.display());
    }
    if owner().is_some() && process::running(state).1.is_empty() && fs::read_to_string(state.join("ready")).is_ok() {
        println!("The lab is up already.");
        return Ok(());
    }
    let scenarios = all()?;
    install(&scenarios)?;
    if !packages::is_root() {
        return as_root(&["up"]);
    }
    let begun = Instant::now();
    clear()?;
    start(state, &scenarios).and_then(|()| ready::wait_for_all(state, &scenarios)).or_else(|error| {
        let logs = ready::tail_of_logs(state);
        clear()?;
        Err(error.context(logs))
    })?;
    fs::write(state.join("ready"), "")?;
    println!("The lab is up after {:.1} s: {}", begun.elapsed().as_secs_f32(), domains(&scenarios));
    Ok(())
}

/// Ends every process of the lab and removes its addresses and state, whichever checkout it belongs to.
///
/// # Errors
/// A process that would not end.
pub fn down() -> Result<()> {
    if !Path::new(STATE).exists() {
        println!("The lab is down.");
        return Ok(());
    }
    if !packages::is_root() {
        return as_root(&["down"]);
    }
    clear()?;
    println!("The lab is down.");
    Ok(())
}

/// Says what runs.
///
/// # Errors
/// A malformed scenario.
pub fn status() -> Result<()> {
    let Some(owner) = owner() else {
        println!("The lab is down.");
        return Ok(());
    };
    let (alive, dead) = process::running(Path::new(STATE));
    println!("The lab of {} is up. Logs: {STATE}/*.log, {STATE}/*/mail.log", owner.display());
    println!("resolver  {RESOLVER} port 53, {DOH}");
    println!("web       {} port 443, trusted by {}", web::ADDRESS, ca::CERTIFICATE);
    println!("exits     {}, {}, {}", exit::SOCKS, exit::HTTP, exit::HTTPS);
    println!("running   {}", alive.join(" "));
    if !dead.is_empty() {
        println!("ended     {}", dead.join(" "));
    }
    for scenario in all()? {
        println!("scenario  {}", scenario.expect.domain);
        for server in &scenario.servers {
            println!("          {:?} {} {:?} ports {:?}", server.kind, server.name, server.addresses, server.ports);
        }
    }
    Ok(())
}

/// The addresses that the lab has besides those of scenarios.
pub(crate) fn own_addresses() -> impl Iterator<Item = &'static str> {
    let one_each = [web::ADDRESS, outbound::ADDRESS, sink::HOST];
    dns::ADDRESSES.into_iter().chain(exit::ADDRESSES).chain(scanner::ADDRESSES).chain(one_each)
}

fn start(state: &Path, scenarios: &[Scenario]) -> Result<()> {
    fs::create_dir_all(state)?;
    fs::write(state.join("owner"), root().to_string_lossy().as_bytes())?;
    let servers = || scenarios.iter().flat_map(|s| &s.servers);
    let addresses: BTreeSet<String> =
        servers().flat_map(|s| &s.addresses).map(ToString::to_string).chain(own_addresses().map(Into::into)).collect();
    let list = addresses.iter().fold(String::new(), |list, address| list + address + "\n");
    fs::write(state.join("addresses"), list)?;
    for address in &addresses {
        ip(&["addr", "add", &format!("{address}/8"), "dev", "lo"])?;
    }
    // Nobody is there, on machines with IPv6 as on those without.
    let _ = ip(&["-6", "route", "add", "throw", NO_ROUTE]);
    ca::prepare(state)?;
    dns::start(state, &root(), scenarios)?;
    web::start(state, &root(), scenarios)?;
    exit::start(state, &root())?;
    postfix::prepare(state)?;
    outbound::start(state, &root())?;
    scanner::start(state, &root())?;
    let files = root();
    for scenario in scenarios {
        for server in &scenario.servers {
            let instance = Instance::new(state, &files, scenario, server);
            instance.write()?;
            instance.launch()?;
        }
    }
    Ok(())
}

/// Ends what runs and removes what was made; nothing there is fine.
fn clear() -> Result<()> {
    let state = Path::new(STATE);
    if !state.exists() {
        return Ok(());
    }
    process::stop_all(state)?;
    for address in fs::read_to_string(state.join("addresses")).unwrap_or_default().lines() {
        let _ = ip(&["addr", "del", &format!("{address}/8"), "dev", "lo"]);
    }
    let _ = ip(&["-6", "route", "del", "throw", NO_ROUTE]);
    fs::remove_dir_all(state).context("remove the lab's state")
}

fn ip(arguments: &[&str]) -> Result<()> {
    let output = Command::new(packages::find("ip").context("ip is not installed")?).args(arguments).output()?;
    let words = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() && !words.contains("File exists") {
        bail!("ip {}: {}", arguments.join(" "), words.trim_end());
    }
    Ok(())
}

/// The `tests/lab` folder of the checkout whose lab is up, or half up.
#[must_use]
pub fn owner() -> Option<PathBuf> {
    fs::read_to_string(Path::new(STATE).join("owner")).ok().map(Into::into)
}

fn domains(scenarios: &[Scenario]) -> String {
    scenarios.iter().map(|s| s.expect.domain.as_str()).collect::<Vec<_>>().join(" ")
}

fn install(scenarios: &[Scenario]) -> Result<()> {
    let wanted = vec![
        ("named", "bind9"),
        ("dnssec-signzone", "bind9-utils"),
        ("unbound", "unbound"),
        ("dnsdist", "dnsdist"),
        ("ip", "iproute2"),
        ("nginx", "nginx"),
        ("openssl", "openssl"),
        ("opendkim", "opendkim"),
        ("rspamd", "rspamd"),
        ("clamd", "clamav-daemon"),
        ("danted", "dante-server"),
        ("squid", "squid"),
        (exit::AUTH, "squid"),
        ("saslpasswd2", "sasl2-bin"),
        ("/usr/share/doc/libsasl2-modules", "libsasl2-modules"),
    ];
    let kinds: Vec<Kind> = scenarios.iter().flat_map(|s| &s.servers).map(|s| s.kind).collect();
    server::install(&kinds, wanted)
}

pub(crate) fn as_root(arguments: &[&str]) -> Result<()> {
    println!("The lab binds ports below 1024 and adds loopback addresses: asking sudo for root.");
    let status = Command::new("sudo").arg(std::env::current_exe()?).arg("lab").args(arguments).status();
    match status.context("start sudo (the lab needs root)")? {
        status if status.success() => Ok(()),
        status => bail!("lab {} as root: {status}", arguments.join(" ")),
    }
}
