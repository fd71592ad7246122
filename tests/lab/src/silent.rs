//! A host that is switched off behind a firewall that drops: connections neither open nor fail.
//!
//! The kernel completes a connection as long as the listener's backlog has room, and drops what
//! comes after. So: listen with a backlog of 0, take up its room, and never accept.

use anyhow::{Context, Result};
use socket2::{Domain, Socket, Type};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Holds `address` silent until killed.
pub(crate) fn serve(address: &str) -> Result<()> {
    let address: SocketAddr = address.parse().context("silent wants ADDRESS:PORT")?;
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into()).with_context(|| format!("bind {address}"))?;
    socket.listen(0)?;
    let mut held = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
        held.push(stream);
    }
    println!("silent on {address}, {} of our own connections held", held.len());
    loop {
        std::thread::sleep(Duration::from_secs(3600));
    }
}

/// Whether a connection to it neither opens nor fails.
pub(crate) fn is_silent(address: SocketAddr) -> bool {
    let attempt = TcpStream::connect_timeout(&address, Duration::from_millis(1200));
    attempt.is_err_and(|error| error.kind() == std::io::ErrorKind::TimedOut)
}
