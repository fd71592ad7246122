//! The only place that opens a socket to a mail server.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_channel::oneshot;
use probe::dialogue::Talk;
use probe::egress::{self, Egress, Proxy, Scheme};
use probe::session::{self, CONNECT_TIMEOUT};
use probe::tls::Authorities;
use shared::api::Stage;
use shared::net::is_admitted;
use shared::{Answer, Unseen};
use tokio::io::{AsyncRead, AsyncWrite, BufReader, ReadBuf};
use worker::{SecureTransport, Socket};

use crate::time;

/// The ports that a probe may go to: those that mail is spoken on.
const PORTS: [u16; 8] = [25, 110, 143, 465, 587, 993, 995, 4190];

/// How long a socket may take to close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the host's next conversation waits for that.
const CLOSE_WAIT: Duration = Duration::from_secs(1);

/// A conversation keeps deadlines of its own; this one is for what they might miss.
const LAST_RESORT: Duration = Duration::from_secs(180);

/// May this be connected to? In production, only public unicast addresses.
pub fn is_allowed(address: IpAddr, port: u16) -> bool {
    PORTS.contains(&port) && is_admitted(address, cfg!(feature = "lab"))
}

/// How conversations leave.
pub struct Way {
    /// As the operator says.
    pub egress: Egress,
    /// The lab plays the edge, which lets nobody connect to port 25.
    pub prohibited: bool,
}

/// Connects, holds a conversation, and closes.
pub async fn converse(
    address: IpAddr,
    port: u16,
    way: &Way,
    talk: Talk,
    authorities: &Authorities,
    mut on_stage: impl FnMut(Stage),
) -> Result<Answer, Unseen> {
    if !is_allowed(address, port) {
        return Err(Unseen::Failed);
    }
    on_stage(Stage::Connecting);
    let mut wire = connect(SocketAddr::new(address, port), way).await?;
    let session = session::run(&mut wire, talk, &time::Clock, authorities, on_stage);
    let heard = time::within(LAST_RESORT, session).await;
    // Who comes next finds the host alone.
    let _ = time::within(CLOSE_WAIT, wire.get_mut().close()).await;
    heard.unwrap_or(Err(Unseen::Failed))
}

async fn connect(target: SocketAddr, way: &Way) -> Result<BufReader<Wire>, Unseen> {
    let (address, port) = (target.ip(), target.port());
    if let Some(proxy) = way.egress.proxy(port) {
        let way = through(proxy, target).await;
        if let Err(why @ (Unseen::ExitDown | Unseen::ExitRefused)) = way {
            crate::log::exit(why);
        }
        return way;
    }
    let failed = |error: worker::Error| why(&error.to_string(), address);
    if way.prohibited && port == 25 {
        return Err(why(PROHIBITED, address));
    }
    let wire = open(host(&address.to_string()), port, SecureTransport::Off, failed).await?;
    wire.map(egress::straight).ok_or(Unseen::ConnectTimeout)
}

async fn through(proxy: &Proxy, target: SocketAddr) -> Result<BufReader<Wire>, Unseen> {
    let secure = if proxy.scheme == Scheme::Https { SecureTransport::On } else { SecureTransport::Off };
    let down = |_| Unseen::ExitDown;
    let wire = open(host(&proxy.host), proxy.port, secure, down).await?.ok_or(Unseen::ExitDown)?;
    // Like a plain refusal: the gate knows whether it is surely the host's own, over IPv4.
    egress::tunnel(wire, proxy, target, &time::Clock).await.map_err(|why| match why {
        Unseen::Refused if target.is_ipv4() => Unseen::Rejected,
        other => other,
    })
}

/// As the platform wants it: IPv6 addresses in brackets.
fn host(name: &str) -> String {
    if name.contains(':') { format!("[{name}]") } else { name.to_owned() }
}

/// An open connection, or nothing if it did not open in time.
async fn open(
    host: String,
    port: u16,
    secure: SecureTransport,
    failed: impl Fn(worker::Error) -> Unseen,
) -> Result<Option<Wire>, Unseen> {
    let socket = Socket::builder().secure_transport(secure).connect(host, port).map_err(&failed)?;
    let wire = Wire(Some(socket));
    let Some(socket) = &wire.0 else { return Err(Unseen::Failed) };
    match time::within(CONNECT_TIMEOUT, socket.opened()).await {
        Some(Ok(_)) => Ok(Some(wire)),
        Some(Err(error)) => Err(failed(error)),
        None => Ok(None),
    }
}

/// The edge's own words.
const PROHIBITED: &str = "Error: Connections to port 25 are prohibited";

/// What the platform's error means. It has no codes, only texts.
fn why(text: &str, address: IpAddr) -> Unseen {
    let text = text.to_ascii_lowercase();
    let says = |part: &str| text.contains(part);
    if says("prohibited") {
        Unseen::PortBlocked
    } else if says("connection refused") && address.is_ipv4() {
        // By the host, or by our own end: the gate, which alone may know, makes a plain refusal of it or
        // lets it stand.
        Unseen::Rejected
    } else if says("refused") {
        Unseen::Refused
    } else if says("reset") {
        Unseen::Reset
    } else if says("timed out") {
        Unseen::ConnectTimeout
    } else if address.is_ipv6() {
        // "proxy request failed, cannot connect to the specified address" is all that is said of
        // most failures. Over IPv6 the likeliest is that our end has none, which must not be held
        // against the host.
        Unseen::NoIpv6
    } else if says("unreachable") || says("no route") {
        Unseen::Unreachable
    } else {
        // Over IPv4 the same text means a refusal, by the host or by something on the way. Whether
        // port 25 is open at our end shows at the other hosts.
        Unseen::Refused
    }
}

/// A socket that is closed when it is dropped; the platform would leave it open.
struct Wire(Option<Socket>);

impl Drop for Wire {
    fn drop(&mut self) {
        drop(self.close());
    }
}

impl Wire {
    /// Begins to close the socket, whether or not anybody waits until it is.
    fn close(&mut self) -> oneshot::Receiver<()> {
        let (closed, is_closed) = oneshot::channel();
        if let Some(mut socket) = self.0.take() {
            wasm_bindgen_futures::spawn_local(async move {
                let _ = time::within(CLOSE_TIMEOUT, socket.close()).await;
                let _ = closed.send(());
            });
        }
        is_closed
    }

    fn socket(self: Pin<&mut Self>) -> io::Result<Pin<&mut Socket>> {
        self.get_mut().0.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.socket()?.poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.socket()?.poll_write(context, buffer)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket()?.poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket()?.poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors() {
        let v4: IpAddr = "192.0.2.1".parse().unwrap();
        let v6: IpAddr = "2001:db8::1".parse().unwrap();
        let rows = [
            (PROHIBITED, v4, Unseen::PortBlocked),
            ("Error: connect(): Connection refused", v4, Unseen::Rejected),
            ("Error: connect(): Connection refused", v6, Unseen::Refused),
            ("Error: connect(): Network is unreachable", v4, Unseen::Unreachable),
            ("Error: connect(): Network is unreachable", v6, Unseen::NoIpv6),
            ("Error: connect(): Connection timed out", v4, Unseen::ConnectTimeout),
            ("Error: proxy request failed, cannot connect to the specified address", v4, Unseen::Refused),
            ("Error: proxy request failed, cannot connect to the specified address", v6, Unseen::NoIpv6),
        ];
        for (text, address, want) in rows {
            assert_eq!(why(text, address), want, "{text}");
        }
    }

    #[test]
    fn targets() {
        let allowed = |address: &str, port| is_allowed(address.parse().unwrap(), port);
        assert!(PORTS.into_iter().all(|port| allowed("8.8.8.8", port)));
        assert!(
            !allowed("8.8.8.8", 80)
                && !allowed("8.8.8.8", 22)
                && !allowed("169.254.169.254", 25)
                && !allowed("::ffff:8.8.8.8", 25)
        );
        assert_eq!(allowed("127.0.0.1", 25), cfg!(feature = "lab"));
    }
}
