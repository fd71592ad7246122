//! A running site: workerd, as wrangler starts it.

use crate::build::{Kind, worker_module};
use crate::process::{Server, run, start};
use crate::{root, setup};
use anyhow::{Context, Result};
use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// What signs in the lab: the secret of the first test in RFC 8032 section 7.1, so nobody's.
const NOTIFY_KEY: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

/// Starts the site on a port of the loopback, with its storage under `state` and more variables than
/// wrangler.toml gives it, and waits until it answers.
pub fn serve(kind: Kind, port: u16, state: &Path, log: Option<&Path>, vars: &[String]) -> Result<Server> {
    let mut migrate = wrangler(&["d1", "migrations", "apply", "mailsins", "--local", "--persist-to"]);
    write_to(migrate.arg(state), log)?;
    run(&mut migrate).context("apply the database's migrations")?;

    let mut dev = if kind == Kind::Lab { in_lab(wrangler(&["dev"])) } else { wrangler(&["dev"]) };
    dev.arg(worker_module(kind)).args(["--ip=127.0.0.1", "--test-scheduled", "--show-interactive-dev-session=false"]);
    dev.arg(format!("--port={port}")).arg(format!("--inspector-port={}", free_port()?)).arg("--persist-to").arg(state);
    if kind == Kind::Lab {
        dev.args([
            "--var",
            &format!("RESOLVERS:{},{}", mailsins_lab::DOH, mailsins_lab::DOH_SECOND),
            "--var",
            "PROBE_EGRESS:direct",
        ]);
        dev.args(["--var", &format!("PROBE_DOMAIN:{}", mailsins_lab::PROBE_DOMAIN)]);
        dev.args(["--var", &format!("BLOCKLISTS:{}", mailsins_lab::BLOCKLIST)]);
        dev.args(["--var", &format!("SINK_DOMAIN:{}", mailsins_lab::sink::DOMAIN)]);
        dev.args(["--var", &format!("SINK_SECRET:{}", mailsins_lab::sink::SECRET)]);
        dev.args(["--var", &format!("NOTIFY_KEY:{NOTIFY_KEY}")]);
        let authority = std::fs::read_to_string(mailsins_lab::CERTIFICATE).context("the lab is down")?;
        dev.args(["--var", &format!("LAB_AUTHORITIES:{authority}")]);
    }
    for var in vars {
        dev.args(["--var", var]);
    }
    write_to(&mut dev, log)?;
    let mut server = start(&mut dev)?;
    server.ready(Duration::from_secs(90), || answers(port))?;
    Ok(server)
}

/// A port that nobody listens on.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Whether a request for `/` gets some answer.
pub fn answers(port: u16) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        // To its end: a server logs an error when its client goes early.
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        Ok::<_, std::io::Error>(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with(b"HTTP/1.1 "))
}

/// The pinned wrangler.
pub fn wrangler(arguments: &[&str]) -> Command {
    let mut command = Command::new(setup::npm_tool("wrangler"));
    command.args(arguments).current_dir(root());
    // Nothing but the probes themselves, and what deploys, talks to the network.
    command.envs([("WRANGLER_SEND_METRICS", "false"), ("CLOUDFLARE_CF_FETCH_ENABLED", "false"), ("CI", "true")]);
    command
}

/// The same command, to the end of whose arguments more may be added, in a world where the lab's
/// web hosts have addresses and certificates that count: workerd asks the system for both. Its hosts
/// file is the lab's in a mount namespace of its own, so that nobody else sees it.
fn in_lab(command: Command) -> Command {
    let mut lab = Command::new("unshare");
    if !mailsins_lab::packages::is_root() {
        lab.arg("--map-root-user");
    }
    lab.args(["--mount", "sh", "-c", "mount --bind \"$0\" /etc/hosts && exec \"$@\"", mailsins_lab::HOSTS]);
    lab.arg(command.get_program()).args(command.get_args()).current_dir(root());
    lab.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    lab.env("NODE_EXTRA_CA_CERTS", mailsins_lab::CERTIFICATE);
    lab
}

fn write_to(command: &mut Command, log: Option<&Path>) -> Result<()> {
    if let Some(log) = log {
        let log = File::options().create(true).append(true).open(log).context("open the site's log")?;
        command.stdout(log.try_clone()?).stderr(log);
    }
    Ok(())
}
