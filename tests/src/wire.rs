//! What went over the wire to the lab's mail servers, as `./x lab watch` has tcpdump write it down.

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mailsins_lab::watch::WIRE;

/// A connection that begins, or one that ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The first packet.
    Begins,
    /// Either side's last word.
    Ends,
}

/// What tcpdump saw of connections to addresses that begin like this, in order: who, to where, what.
pub async fn wire(network: &str) -> Result<Vec<(SocketAddr, SocketAddr, Turn)>> {
    // What was sent a moment ago is on its way to the file.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let log = fs::read_to_string(WIRE).context("nobody watches the wire")?;
    let mut turns = Vec::new();
    for line in log.lines() {
        let mut words = line.split_whitespace().skip(1);
        let (Some("IP"), Some(from), Some(">"), Some(to), Some("Flags"), Some(flags)) =
            (words.next(), words.next(), words.next(), words.next(), words.next(), words.next())
        else {
            continue;
        };
        let (Some(from), Some(to)) = (socket(from), socket(to.trim_end_matches(':'))) else { continue };
        let ours = |server: SocketAddr| server.ip().to_string().starts_with(network) && server.port() < 5000;
        let (client, server) = if ours(to) { (from, to) } else { (to, from) };
        if !ours(server) {
            continue;
        }
        match flags.trim_end_matches(',') {
            "[S]" => turns.push((client, server, Turn::Begins)),
            flags if flags.contains(['F', 'R']) => turns.push((client, server, Turn::Ends)),
            _ => {}
        }
    }
    Ok(turns)
}

/// tcpdump's `127.0.0.1.25`.
fn socket(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.rsplit_once('.')?;
    Some(SocketAddr::new(address.parse::<IpAddr>().ok()?, port.parse().ok()?))
}

/// How many connections each address and port got; at most one at a time to each address.
pub fn connections(turns: &[(SocketAddr, SocketAddr, Turn)]) -> Result<BTreeMap<SocketAddr, usize>> {
    let mut counts = BTreeMap::new();
    let mut open: BTreeMap<IpAddr, SocketAddr> = BTreeMap::new();
    for (client, server, turn) in turns {
        match turn {
            Turn::Begins => {
                *counts.entry(*server).or_default() += 1;
                let other = open.insert(server.ip(), *client);
                ensure!(other.is_none(), "two connections at once to {server}: {other:?}, {client}");
            }
            // It is over when either side says so.
            Turn::Ends if open.get(&server.ip()) == Some(client) => drop(open.remove(&server.ip())),
            Turn::Ends => {}
        }
    }
    Ok(counts)
}
