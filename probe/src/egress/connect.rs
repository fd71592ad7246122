//! HTTP's CONNECT (RFC 9110 section 9.3.6) with Basic authentication (RFC 7617).

use std::io;
use std::net::SocketAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use httparse::{EMPTY_HEADER, Header, Response, Status};
use shared::Unseen;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Login, no_route};

/// Longest head of a response, in octets; with those that only announce it, of all.
const HEAD_MAX: u64 = 16_384;

/// Most fields of a response.
const FIELDS_MAX: usize = 64;

pub(super) async fn ask<S>(stream: &mut S, login: Option<&Login>, target: SocketAddr) -> Result<(), Unseen>
where
    S: AsyncBufRead + AsyncWrite + Unpin,
{
    let request = request(login, target);
    // A proxy that hangs up may have said why before.
    let _ = stream.write_all(request.as_bytes()).await;
    let _ = stream.flush().await;
    // Never more than the heads: what follows is the target's greeting.
    let mut limited = stream.take(HEAD_MAX);
    loop {
        let head = head(&mut limited).await.map_err(|_| Unseen::ExitDown)?;
        let mut fields = [EMPTY_HEADER; FIELDS_MAX];
        let mut response = Response::new(&mut fields);
        let Ok(Status::Complete(_)) = response.parse(&head) else { return Err(Unseen::ExitDown) };
        match response.code.unwrap_or_default() {
            // RFC 9110 section 15.2: more is to come.
            100..=199 => {}
            200..=299 => return Ok(()),
            // A bad request, a wrong password, a rule: no 4xx is about the target.
            400..=499 => return Err(Unseen::ExitRefused),
            500..=599 => return Err(told(response.headers, target).unwrap_or(Unseen::ExitUnclear)),
            _ => return Err(Unseen::ExitDown),
        }
    }
}

fn request(login: Option<&Login>, target: SocketAddr) -> String {
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if let Some(Login { user, password }) = login {
        request += "Proxy-Authorization: Basic ";
        BASE64_STANDARD.encode_string(format!("{user}:{password}"), &mut request);
        request += "\r\n";
    }
    request + "\r\n"
}

/// Up to and with the empty line.
async fn head<S: AsyncBufRead + Unpin>(stream: &mut S) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\n\r\n") && !head.ends_with(b"\n\n") {
        if stream.read_until(b'\n', &mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head)
}

/// What came of the connection to the target, where the proxy says more than its status does.
fn told(fields: &[Header<'_>], target: SocketAddr) -> Option<Unseen> {
    fields.iter().find_map(|field| {
        let value = std::str::from_utf8(field.value).unwrap_or_default().trim();
        if field.name.eq_ignore_ascii_case("Proxy-Status") {
            by_status(value, target)
        } else if field.name.eq_ignore_ascii_case("X-Squid-Error") {
            by_squid(value, target)
        } else {
            None
        }
    })
}

/// RFC 9209 section 2.3.
fn by_status(value: &str, target: SocketAddr) -> Option<Unseen> {
    let mut errors = value.split([';', ',']).filter_map(|part| part.trim().strip_prefix("error="));
    // Of several proxies in a row, one may mean another.
    match (errors.next()?, errors.next()) {
        ("connection_refused", None) => Some(Unseen::Refused),
        ("connection_timeout", None) => Some(Unseen::ConnectTimeout),
        ("destination_ip_unroutable", None) => Some(no_route(target)),
        ("destination_ip_prohibited", None) => Some(Unseen::ExitRefused),
        _ => None,
    }
}

/// The name of Squid's page, and Linux's number of the error.
fn by_squid(value: &str, target: SocketAddr) -> Option<Unseen> {
    match value {
        "ERR_CONNECT_FAIL 111" => Some(Unseen::Refused),
        "ERR_CONNECT_FAIL 110" => Some(Unseen::ConnectTimeout),
        "ERR_CONNECT_FAIL 113" => Some(Unseen::Unreachable),
        "ERR_CONNECT_FAIL 101" => Some(no_route(target)),
        _ => None,
    }
}
