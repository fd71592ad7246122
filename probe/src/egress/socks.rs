//! SOCKS version 5 (RFC 1928) with a user name and a password (RFC 1929).

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use shared::Unseen;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_socks::Error;
use tokio_socks::io::AsyncSocket;
use tokio_socks::tcp::Socks5Stream;

use super::{Login, no_route};

pub(super) async fn ask<S>(stream: &mut S, login: Option<&Login>, target: SocketAddr) -> Result<(), Unseen>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let socket = Socket(stream);
    let asked = match login {
        None => Socks5Stream::connect_with_socket(socket, target).await,
        Some(Login { user, password }) => {
            Socks5Stream::connect_with_password_and_socket(socket, target, user, password).await
        }
    };
    asked.map(drop).map_err(|error| why(&error, target))
}

/// RFC 1928 section 6 and RFC 1929 section 2.
fn why(error: &Error, target: SocketAddr) -> Unseen {
    match error {
        Error::ConnectionRefused => Unseen::Refused,
        Error::HostUnreachable => Unseen::Unreachable,
        Error::NetworkUnreachable => no_route(target),
        Error::AddressTypeNotSupported if target.is_ipv6() => Unseen::NoIpv6,
        // "TTL expired"; Dante says it of a connection that timed out.
        Error::TtlExpired => Unseen::ConnectTimeout,
        Error::GeneralSocksServerFailure => Unseen::ExitUnclear,
        Error::ConnectionNotAllowedByRuleset
        | Error::PasswordAuthFailure(_)
        | Error::NoAcceptableAuthMethods
        | Error::AuthorizationRequired => Unseen::ExitRefused,
        _ => Unseen::ExitDown,
    }
}

/// A stream as the crate wants it. (Its own adapter for tokio's traits brings sockets, which wasm has not.)
struct Socket<'a, S>(&'a mut S);

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncSocket for Socket<'_, S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &mut [u8]) -> Poll<io::Result<usize>> {
        let stream = self.get_mut();
        // The crate itself never flushes.
        ready!(Pin::new(&mut *stream.0).poll_flush(context))?;
        let mut buffer = ReadBuf::new(bytes);
        ready!(Pin::new(&mut *stream.0).poll_read(context, &mut buffer))?;
        Poll::Ready(Ok(buffer.filled().len()))
    }

    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.get_mut().0).poll_write(context, bytes)
    }
}
