//! As much of HTTP/1.1 as it takes to ask a site on this machine: a connection for each request, so that what is
//! measured is the same for all.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// A request.
#[derive(Clone, Debug)]
pub struct Ask {
    pub method: &'static str,
    pub path: String,
    pub body: String,
}

impl Ask {
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), body: String::new() }
    }

    pub fn delete(path: impl Into<String>) -> Self {
        Self { method: "DELETE", path: path.into(), body: String::new() }
    }

    pub fn post(path: impl Into<String>, body: impl Into<String>) -> Self {
        Self { method: "POST", path: path.into(), body: body.into() }
    }

    /// Sends it; the status and the body.
    pub fn send(&self, port: u16) -> Result<(u16, String)> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let Self { method, path, body } = self;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).context("no HTTP response")?;
        let (mut length, mut chunked) = (None, false);
        loop {
            line.clear();
            stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim().split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().ok(),
                "transfer-encoding" => chunked = value.trim() == "chunked",
                _ => {}
            }
        }
        // Not to the connection's end: that comes seconds later.
        let mut body = Vec::new();
        match length {
            _ if chunked => read_chunks(&mut stream, &mut body)?,
            Some(length) => drop(stream.take(length).read_to_end(&mut body)?),
            None => {}
        }
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }

    /// Sends it, and wants success.
    pub fn fetch(&self, port: u16) -> Result<String> {
        let (status, body) = self.send(port)?;
        ensure!(
            (200..300).contains(&status),
            "{} {}: {status} {}",
            self.method,
            self.path,
            body.get(..300).unwrap_or(&body)
        );
        Ok(body)
    }
}

/// A body in chunks (RFC 9112 section 7.1).
fn read_chunks(stream: &mut impl BufRead, body: &mut Vec<u8>) -> Result<()> {
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let size = u64::from_str_radix(line.trim(), 16).context("no chunk")?;
        stream.take(size).read_to_end(body)?;
        stream.read_line(&mut line)?;
        if size == 0 {
            return Ok(());
        }
    }
}
