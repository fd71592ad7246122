//! The other end: a peer that has said all it will ever say, and a clock on which nothing is late.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use probe::Clock;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A day within all that is valid here.
pub const NOW: u64 = 1_795_000_000_000;

/// What a peer sends, in pieces of this size; then it hangs up. What is sent to it is dropped.
pub struct Peer<'a> {
    /// All it will ever say.
    pub says: &'a [u8],
    /// How many octets come at once, at most.
    pub piece: usize,
}

impl AsyncRead for Peer<'_> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let count = self.piece.max(1).min(self.says.len()).min(into.remaining());
        let (now, later) = self.says.split_at(count);
        into.put_slice(now);
        self.says = later;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Peer<'_> {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Counts how often it is asked. Each look takes a millisecond, so that deadlines pass where there is no end.
#[derive(Default)]
pub struct Ticks(Cell<u64>);

impl Clock for Ticks {
    fn now(&self) -> u64 {
        self.0.set(self.0.get() + 1);
        NOW + self.0.get()
    }

    async fn sleep(&self, for_: Duration) {
        if !for_.is_zero() {
            std::future::pending::<()>().await;
        }
    }
}

/// What comes of work that has everything it waits for.
pub fn at_once<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("it waits, although the peer has hung up"),
    }
}
