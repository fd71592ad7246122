//! Runs a dialogue over a stream, with a deadline on every read and write.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use shared::Unseen;
use shared::api::Stage;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::Clock;
use crate::dialogue::{Dialogue, Event};
use crate::tls::{self, Authorities, Tls};

/// How long a driver waits for a connection to open.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long closing may take; nothing depends on it.
const CLOSE_TIMEOUT_MS: u64 = 1_000;

/// Holds the conversation over a stream that is already open. Once the server has greeted there is
/// a session, whole or broken off (`broke`); before that there is only a reason.
///
/// `on_stage` is told whenever what is being waited for changes: the greeting, then replies.
/// `authorities` are trusted besides the widely trusted ones.
pub async fn run<S, C, D>(
    mut stream: S,
    mut dialogue: D,
    clock: &C,
    authorities: &Authorities,
    mut on_stage: impl FnMut(Stage),
) -> Result<D::Session, Unseen>
where
    S: AsyncRead + AsyncWrite + Unpin,
    C: Clock,
    D: Dialogue,
{
    let mut buffer = [0; 4096];
    let mut stage = None;
    let mut inside: Option<Tls> = None;
    // A write may fail although the server's last words are still to be read.
    let mut write_failed = None;
    loop {
        match dialogue.next(clock.now()) {
            Event::Send { bytes, until } => {
                let bytes = inside.as_mut().map_or_else(|| bytes.clone(), |tls| tls.seal(&bytes));
                let write = async {
                    stream.write_all(&bytes).await?;
                    stream.flush().await
                };
                match within(clock, until, write).await {
                    None => dialogue.timed_out(clock.now()),
                    Some(Err(error)) => write_failed = Some(broken(&error)),
                    Some(Ok(())) => {}
                }
            }
            Event::Wait { stage: waits_for, until } => {
                if stage.replace(waits_for) != Some(waits_for) {
                    on_stage(waits_for);
                }
                let read = stream.read(&mut buffer);
                match within(clock, until, read).await {
                    None => dialogue.timed_out(clock.now()),
                    Some(Err(error)) => dialogue.ended(write_failed.unwrap_or(broken(&error))),
                    Some(Ok(0)) => dialogue.ended(write_failed.unwrap_or(Unseen::Closed)),
                    Some(Ok(count)) => {
                        let bytes = buffer.get(..count).unwrap_or_default();
                        match inside.as_mut().map(|tls| tls.open(bytes)) {
                            None => dialogue.received(bytes, clock.now()),
                            Some(Ok(bytes)) => dialogue.received(&bytes, clock.now()),
                            Some(Err(why)) => dialogue.ended(why),
                        }
                    }
                }
            }
            Event::StartTls { host, look, until } => {
                let authorities = look.then_some(authorities);
                let (outcome, tls) = tls::handshake(&mut stream, clock, &host, authorities, until).await;
                inside = tls;
                dialogue.secured(outcome, clock.now());
                let early = inside.as_mut().map(Tls::early).unwrap_or_default();
                if !early.is_empty() {
                    dialogue.received(&early, clock.now());
                }
            }
            Event::Done => break,
        }
    }
    let close = async {
        if let Some(tls) = &mut inside {
            stream.write_all(&tls.close()).await?;
        }
        stream.shutdown().await
    };
    let _ = within(clock, clock.now() + CLOSE_TIMEOUT_MS, close).await;
    dialogue.finish()
}

/// What a failed connection attempt says.
pub fn connect_error(error: &io::Error, address: IpAddr) -> Unseen {
    // EAFNOSUPPORT has no kind of its own (97 on Linux, 47 on BSD and macOS).
    let no_family = matches!(error.raw_os_error(), Some(97 | 47));
    match error.kind() {
        ErrorKind::NetworkUnreachable | ErrorKind::AddrNotAvailable if address.is_ipv6() => Unseen::NoIpv6,
        _ if no_family && address.is_ipv6() => Unseen::NoIpv6,
        ErrorKind::ConnectionRefused => Unseen::Refused,
        ErrorKind::TimedOut => Unseen::ConnectTimeout,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => Unseen::Unreachable,
        _ => stream_error(error).unwrap_or(Unseen::Failed),
    }
}

/// What a failed read or write says.
fn broken(error: &io::Error) -> Unseen {
    match error.kind() {
        ErrorKind::TimedOut => Unseen::ReplyTimeout,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => Unseen::Unreachable,
        _ => stream_error(error).unwrap_or(Unseen::Closed),
    }
}

fn stream_error(error: &io::Error) -> Option<Unseen> {
    match error.kind() {
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => Some(Unseen::Reset),
        ErrorKind::UnexpectedEof | ErrorKind::NotConnected => Some(Unseen::Closed),
        _ => None,
    }
}

/// What `work` gives, or nothing if it is not done by `until` (milliseconds since 1970).
pub(crate) async fn within<C: Clock, T>(clock: &C, until: u64, work: impl Future<Output = T>) -> Option<T> {
    let left = Duration::from_millis(until.saturating_sub(clock.now()));
    match select(pin!(work), pin!(clock.sleep(left))).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}
