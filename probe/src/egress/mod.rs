//! The exit: how a conversation on port 25 leaves where port 25 is closed to us.
//!
//! Only port 25 needs it: providers block that one and no other port of mail. So the other ports go
//! straight, and the proxy has to let through one port only.
//!
//! [`Egress`] reads what the operator set; [`tunnel`] asks a proxy, over a stream that is open
//! already, for a connection. The target is always an address, never a name. What fails at our end
//! is said to be so, and is no fault of the host.

mod connect;
mod socks;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use percent_encoding::percent_decode_str;
use shared::Unseen;
use tokio::io::{AsyncRead, AsyncWrite, BufReader};
use url::Url;

use crate::Clock;
use crate::session::within;

/// How long a proxy may take to connect us: longer than the 10 s that it should give a host, so that it can
/// still say what came of it. In milliseconds.
const TUNNEL_MS: u64 = 15_000;

/// How much is read ahead of a stream. No more than a session reads at once, which then takes what comes
/// past this buffer.
const BUFFER: usize = 4096;

/// The port of SMTP between servers (RFC 5321 section 4.5.4.2).
const SMTP: u16 = 25;

/// How probes leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Egress {
    /// Straight.
    Direct,
    /// On port 25 through a proxy, else straight.
    Through(Proxy),
}

/// A proxy, and how to log in to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    /// What is spoken with it.
    pub scheme: Scheme,
    /// A host name, or an address without brackets.
    pub host: String,
    /// Its TCP port.
    pub port: u16,
    login: Option<Login>,
}

/// What is spoken with a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// SOCKS version 5 (RFC 1928).
    Socks5,
    /// CONNECT over HTTP (RFC 9110 section 9.3.6).
    Http,
    /// The same inside TLS.
    Https,
}

#[derive(Clone, PartialEq, Eq)]
struct Login {
    user: String,
    password: String,
}

impl Egress {
    /// Reads `direct`, or `scheme://user:password@host:port` with the scheme `https`, `http` or
    /// `socks5`; characters of user and password that a URL does not allow are percent-encoded.
    ///
    /// # Errors
    /// What is wrong with the text, without a word of it: there is a password in it.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text == "direct" {
            return Ok(Self::Direct);
        }
        let form = "it must be direct, or https://, http:// or socks5:// with user:password@host:port, special characters percent-encoded";
        let (name, _) = text.split_once("://").ok_or(form)?;
        let (scheme, usual) = match name.to_ascii_lowercase().as_str() {
            "socks5" => (Scheme::Socks5, 1080),
            "http" => (Scheme::Http, 80),
            "https" => (Scheme::Https, 443),
            _ => return Err(form),
        };
        let url = Url::parse(text).map_err(|_| form)?;
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err("nothing may follow the port; special characters of a password must be percent-encoded");
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = url.port().unwrap_or(usual);
        if host.is_empty() || host.contains('%') || port == 0 {
            return Err(form);
        }
        Ok(Self::Through(Proxy { scheme, host, port, login: login(&url, scheme)? }))
    }

    /// The proxy that conversations on this port go through.
    pub fn proxy(&self, port: u16) -> Option<&Proxy> {
        match self {
            Self::Through(proxy) if port == SMTP => Some(proxy),
            _ => None,
        }
    }
}

fn login(url: &Url, scheme: Scheme) -> Result<Option<Login>, &'static str> {
    let decoded = |text| percent_decode_str(text).decode_utf8().map(Into::into);
    let (Ok(user), Ok(password)) = (decoded(url.username()), decoded(url.password().unwrap_or_default())) else {
        return Err("the user name and the password must be UTF-8");
    };
    let login = Login { user, password };
    let (user, password) = (&login.user, &login.password);
    if user.is_empty() && password.is_empty() {
        return Ok(None);
    }
    if user.is_empty() || password.is_empty() {
        return Err("it needs both a user name and a password, or neither");
    }
    if [user, password].iter().any(|text| text.chars().any(char::is_control)) {
        return Err("the user name and the password may hold no control characters");
    }
    match scheme {
        // RFC 1929 section 2: their lengths are given in one octet.
        Scheme::Socks5 if user.len() > 255 || password.len() > 255 => {
            Err("SOCKS takes user names and passwords of up to 255 octets")
        }
        // RFC 7617 section 2: the first colon ends the user name.
        Scheme::Http | Scheme::Https if user.contains(':') => Err("the user name may hold no colon"),
        _ if user.len() + password.len() > 1024 => Err("the user name and the password are too long"),
        _ => Ok(Some(login)),
    }
}

impl Proxy {
    /// Nobody between us and the proxy can read the password: it goes through TLS, or never leaves this machine.
    pub fn is_confidential(&self) -> bool {
        let is_loopback = |address: IpAddr| address.is_loopback();
        self.scheme == Scheme::Https || self.host == "localhost" || self.host.parse().is_ok_and(is_loopback)
    }
}

/// Logs get neither the user name nor the password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {} {}", self.scheme, self.host, self.port)
    }
}

/// Where no proxy is needed: the type of what [`tunnel`] gives.
pub fn straight<S: AsyncRead>(stream: S) -> BufReader<S> {
    BufReader::with_capacity(BUFFER, stream)
}

/// Asks a proxy, over an open stream, to be connected to `target`. What follows in the stream is the target's;
/// none of it is lost, also where it came together with the proxy's last word.
///
/// # Errors
/// [`Unseen::Refused`] and the like only where the proxy says that this is what the target did.
pub async fn tunnel<S, C>(stream: S, proxy: &Proxy, target: SocketAddr, clock: &C) -> Result<BufReader<S>, Unseen>
where
    S: AsyncRead + AsyncWrite + Unpin,
    C: Clock,
{
    let mut stream = straight(stream);
    let login = proxy.login.as_ref();
    let asked = async {
        match proxy.scheme {
            Scheme::Socks5 => socks::ask(&mut stream, login, target).await,
            Scheme::Http | Scheme::Https => connect::ask(&mut stream, login, target).await,
        }
    };
    // Whether a proxy that says nothing waits for the target, or is itself the matter, can't be told.
    within(clock, clock.now() + TUNNEL_MS, asked).await.unwrap_or(Err(Unseen::ExitUnclear))?;
    Ok(stream)
}

/// A proxy has no way to the target's network.
fn no_route(target: SocketAddr) -> Unseen {
    if target.is_ipv6() { Unseen::NoIpv6 } else { Unseen::Unreachable }
}
