//! When is the lab up? When every server of it answers in its own way.

use crate::scenario::{Kind, Scenario, Server};
use crate::{RESOLVER, outbound, process, scanner, silent};
use anyhow::{Result, bail};
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long everything together may take to answer.
const PATIENCE: Duration = Duration::from_secs(180);

/// Each address and port must answer in its own way.
pub(crate) fn wait_for_all(state: &Path, scenarios: &[Scenario]) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    wait(state, "unbound, with named behind it,", deadline, dns_answers)?;
    wait(state, "dnsdist", deadline, || doh_answers().is_some())?;
    wait(state, "nginx", deadline, || open(SocketAddr::from(([127, 25, 0, 80], 443))).is_some())?;
    for (name, address) in [("dante", "127.25.0.81:1080"), ("squid", "127.25.0.82:3128"), ("squid", "127.25.0.82:3129")]
    {
        let address = address.parse()?;
        wait(state, name, deadline, || open(address).is_some())?;
    }
    let out: SocketAddr = format!("{}:2525", outbound::ADDRESS).parse()?;
    wait(state, "postfix that sends", deadline, || greets(out).is_some())?;
    for address in scanner::ADDRESSES {
        let address = format!("{address}:25").parse()?;
        wait(state, "postfix that keeps mail", deadline, || greets(address).is_some())?;
    }
    let [filter, ..] = scanner::ADDRESSES;
    for (name, port) in [("clamd", 3310), ("rspamd", scanner::FILTER)] {
        let address = format!("{filter}:{port}").parse()?;
        wait(state, name, deadline, || open(address).is_some())?;
    }
    for scenario in scenarios {
        for server in &scenario.servers {
            wait_until(state, scenario, server, deadline)?;
        }
    }
    Ok(())
}

/// This server must answer on each address and port.
pub(crate) fn wait_for(state: &Path, scenario: &Scenario, server: &Server) -> Result<()> {
    wait_until(state, scenario, server, Instant::now() + PATIENCE)
}

fn wait_until(state: &Path, scenario: &Scenario, server: &Server, deadline: Instant) -> Result<()> {
    for address in server.sockets() {
        let name = format!("{}-{} at {address}", scenario.name, server.name);
        // Inside TLS nobody is greeted in the clear.
        let patient = !server.slow && address.port() != 465;
        wait(state, &name, deadline, || match server.kind {
            Kind::Postfix | Kind::Exim | Kind::Opensmtpd | Kind::Aiosmtpd if patient => greets(address).is_some(),
            Kind::Silent => silent::is_silent(address),
            _ => open(address).is_some(),
        })?;
    }
    Ok(())
}

fn wait(state: &Path, name: &str, deadline: Instant, mut answers: impl FnMut() -> bool) -> Result<()> {
    while !answers() {
        let ended = process::running(state).1;
        if !ended.is_empty() {
            bail!("ended at once: {}", ended.join(" "));
        }
        if Instant::now() > deadline {
            bail!("{name} did not answer within {} s", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn open(address: SocketAddr) -> Option<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    Some(stream)
}

fn greets(address: SocketAddr) -> Option<()> {
    let mut stream = open(address)?;
    let mut greeting = [0; 3];
    stream.read_exact(&mut greeting).ok()?;
    stream.write_all(b"QUIT\r\n").ok()?;
    (&greeting == b"220").then_some(())
}

/// A question for `lab.`, type A, asked over UDP: any NOERROR answer will do.
fn dns_answers() -> bool {
    let ask = || {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(Duration::from_millis(500)))?;
        socket.send_to(b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03lab\0\0\x01\0\x01", (RESOLVER, 53))?;
        let mut answer = [0; 512];
        socket.recv(&mut answer)?;
        Ok::<_, std::io::Error>(answer)
    };
    matches!(ask(), Ok([0x12, 0x34, _, flags, ..]) if flags & 15 == 0)
}

fn doh_answers() -> Option<()> {
    let mut stream = open("127.25.0.53:8053".parse().ok()?)?;
    // The same question in base64url (RFC 8484 section 4.1).
    let request = "GET /dns-query?dns=EjQBAAABAAAAAAAAA2xhYgAAAQAB HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).ok()?;
    let mut status = [0; 12];
    stream.read_exact(&mut status).ok()?;
    (&status == b"HTTP/1.1 200").then_some(())
}

/// The last lines of each log that has any.
pub(crate) fn tail_of_logs(state: &Path) -> String {
    let mut text = String::from("the lab did not come up; the ends of its logs:\n");
    for (name, log) in logs(state) {
        let lines: Vec<&str> = log.lines().collect();
        let from = lines.len().saturating_sub(8);
        text += &format!("== {name}\n{}\n", lines.get(from..).unwrap_or_default().join("\n"));
    }
    text
}

fn logs(state: &Path) -> Vec<(String, String)> {
    let folders = fs::read_dir(state).into_iter().flatten().flatten().map(|e| e.path());
    let files = folders.map(|path| if path.is_dir() { path.join("mail.log") } else { path });
    let logs = files.filter(|path| path.extension().is_some_and(|e| e == "log"));
    logs.filter_map(|path| {
        Some((path.strip_prefix(state).ok()?.display().to_string(), fs::read_to_string(&path).ok()?))
    })
    .filter(|(_, log)| !log.is_empty())
    .collect()
}
