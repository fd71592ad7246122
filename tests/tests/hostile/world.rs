//! The time and the wire between the site and a hostile peer: those of the machine.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How long a client may take to read what was sent.
const SETTLED: Duration = Duration::from_millis(400);

#[derive(Clone)]
pub struct World;

impl World {
    /// Lets this long pass.
    pub async fn pass(&self, ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }

    /// The client has had the time to read everything that was sent.
    pub async fn settled(&self) {
        tokio::time::sleep(SETTLED).await;
    }

    /// The peer has hung up.
    pub const fn hangs_up(&self) {}
}

/// The peer's end of a connection.
pub struct Wire(TcpStream);

impl Wire {
    pub const fn new(stream: TcpStream) -> Self {
        Self(stream)
    }

    /// Ends the connection as nobody should.
    pub fn reset(self) {
        let _ = self.0.set_zero_linger();
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
