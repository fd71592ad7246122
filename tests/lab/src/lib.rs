//! # The lab
//!
//! Real servers on loopback aliases in 127.25.0.0/16: BIND (authoritative for a root of its own, so
//! no question leaves the machine), Unbound as the resolver that checks signatures, dnsdist as its
//! DNS-over-HTTPS front, Postfix, rspamd, ClamAV, Exim, OpenSMTPD, Dovecot, Courier, aiosmtpd, pymap, postgrey, nginx, the proxies Dante and Squid, and a
//! host that never answers. A scenario is a folder under `scenarios/`, described in [`scenario`]. A server can be
//! started again with the lines of a remedy in its configuration, described in [`mend`].
//!
//! The addresses are the machine's, so the lab is too: its state lives in [`STATE`] (gone after a
//! reboot, as its addresses and processes are), and any checkout can take it down.

use anyhow::{Context, Result, bail};
use std::io::Read;

mod aiosmtpd;
mod ca;
mod courier;
mod dns;
mod dovecot;
mod exim;
/// Exits to port 25.
pub mod exit;
mod jail;
/// Remedies, tried.
pub mod mend;
mod opensmtpd;
/// A server that sends.
pub mod outbound;
/// Debian packages, installed when missing.
pub mod packages;
mod postfix;
mod process;
mod proxy;
mod pymap;
mod ready;
/// Domains whose mail is kept, and here and there looked at before.
pub mod scanner;
/// Scenario folders and what they expect.
pub mod scenario;
mod server;
mod silent;
/// The receiving host that proves a relay.
pub mod sink;
mod up;
/// Guards that count what we do.
pub mod watch;
mod web;
/// The processes of a site in the local runtime.
pub mod workerd;

pub use ca::CERTIFICATE;
pub use up::{STATE, down, env, owner, root, status, up};
pub use web::{HOOK, HOOKS, HOSTS};

/// Address of the lab's resolver (port 53, UDP and TCP).
pub const RESOLVER: &str = "127.25.0.53";

/// The lab's resolver over HTTP, for whoever has no UDP.
pub const DOH: &str = "http://127.25.0.53:8053/dns-query";

/// Another one, which agrees with it on everything but what tests of agreeing need.
pub const DOH_SECOND: &str = "http://127.25.0.53:8053/second";

/// The lab's name server, which takes updates (RFC 2136) of the zone `consent.test`.
pub const NAME_SERVER: &str = "127.25.100.53:53";

/// The domain that probes send from and name as foreign recipient.
pub const PROBE_DOMAIN: &str = "probe.test";
/// The lab's DNS blocklist.
pub const BLOCKLIST: &str = "bl.test";

/// The `lab` subcommand: `up`, `down`, `env`, `status`, and three hidden ones: `silent ADDRESS:PORT`,
/// as which the running program starts itself, `mend SCENARIO SERVER`, which reads a remedy's place and lines, and
/// `watch`, which starts those who watch us.
///
/// # Errors
/// Whatever kept the lab from coming up or going down, in words for the person at the terminal.
pub fn command(arguments: &[&str]) -> Result<()> {
    match arguments {
        ["up"] => up(),
        ["down"] => down(),
        ["env"] => {
            for (name, value) in env() {
                println!("export {name}={value}");
            }
            Ok(())
        }
        ["status"] => status(),
        ["mend", _, _] if !packages::is_root() => up::as_root(arguments),
        ["mend", scenario, server] => {
            let mut recipe = String::new();
            std::io::stdin().read_to_string(&mut recipe).context("read the remedy")?;
            mend::mend(scenario, server, &recipe)
        }
        ["watch"] if !packages::is_root() => up::as_root(arguments),
        ["watch"] => watch::watch(std::path::Path::new(STATE)),
        ["silent", address] => silent::serve(address),
        _ => bail!("usage: lab up|down|env|status"),
    }
}
