//! The time and the wire between our client and a hostile peer.
//!
//! Time is real time, and more of it is skipped whenever nothing can happen before the next alarm:
//! no octet is under way, and both ends wait. So a deadline of a minute is kept to the millisecond,
//! takes no time to come, and a machine under load changes nothing.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant};

use mailsins_probe::Clock;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A day within all that is valid here.
pub const STARTED: u64 = 1_795_000_000_000;

/// What both ends share.
#[derive(Clone)]
pub struct World(Rc<State>);

struct State {
    started: Instant,
    skipped: Cell<u64>,
    /// Octets that the peer has sent and the client has not read yet.
    to_client: Cell<usize>,
    to_peer: Cell<usize>,
    /// The peer waits for a time, not for octets.
    idle: Cell<bool>,
    /// Something is under way that is no octet, such as the end of the stream.
    over: Cell<bool>,
    alarms: RefCell<BTreeMap<(u64, u64), Waker>>,
    count: Cell<u64>,
}

impl World {
    pub fn new() -> Self {
        Self(Rc::new(State {
            started: Instant::now(),
            skipped: Cell::new(0),
            to_client: Cell::new(0),
            to_peer: Cell::new(0),
            idle: Cell::new(false),
            over: Cell::new(false),
            alarms: RefCell::default(),
            count: Cell::new(0),
        }))
    }

    /// Lets time pass, for ever.
    pub async fn turn(&self) {
        let state = &self.0;
        loop {
            tokio::time::sleep(Duration::from_millis(1)).await;
            let under_way = state.over.get() || state.to_client.get() > 0;
            let quiet = !under_way && (state.idle.get() || state.to_peer.get() == 0);
            let next = state.alarms.borrow().keys().next().map(|(at, _)| *at);
            let Some(next) = next else { continue };
            let ahead = next.saturating_sub(self.now());
            if ahead > 0 && !quiet {
                continue;
            }
            state.skipped.set(state.skipped.get() + ahead);
            let late = state.alarms.borrow_mut().split_off(&(self.now() + 1, 0));
            let due = state.alarms.replace(late);
            due.into_values().for_each(Waker::wake);
        }
    }

    /// The peer lets this long pass, whatever comes in.
    pub async fn pass(&self, ms: u64) {
        self.0.idle.set(true);
        self.sleep(Duration::from_millis(ms)).await;
        self.0.idle.set(false);
    }

    /// The client has read everything that was sent.
    pub async fn settled(&self) {
        // What the peer does then, it does at once.
        self.0.over.set(true);
        while self.0.to_client.get() > 0 {
            tokio::task::yield_now().await;
        }
        self.0.over.set(false);
    }

    /// The peer has hung up: from now on that is under way.
    pub fn hangs_up(&self) {
        self.0.over.set(true);
    }
}

impl Clock for World {
    fn now(&self) -> u64 {
        STARTED + u64::try_from(self.0.started.elapsed().as_millis()).unwrap() + self.0.skipped.get()
    }

    async fn sleep(&self, for_: Duration) {
        let until = self.now() + u64::try_from(for_.as_millis()).unwrap();
        let id = self.0.count.replace(self.0.count.get() + 1);
        let alarm = Alarm { world: self, key: (until, id) };
        poll_fn(|context| {
            if self.now() >= until {
                return Poll::Ready(());
            }
            self.0.alarms.borrow_mut().insert(alarm.key, context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// Forgotten when nobody waits for it any more, so that time is not skipped to it.
struct Alarm<'a> {
    world: &'a World,
    key: (u64, u64),
}

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        self.world.0.alarms.borrow_mut().remove(&self.key);
    }
}

/// One end of a TCP connection, whose octets are counted.
pub struct Wire {
    stream: TcpStream,
    world: World,
    is_peer: bool,
}

impl Wire {
    pub fn new(stream: TcpStream, world: &World, is_peer: bool) -> Self {
        Self { stream, world: world.clone(), is_peer }
    }

    /// Ends the connection as nobody should.
    pub fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }

    /// The counts of what is sent from here, and of what is read here.
    fn counts(&self) -> (&Cell<usize>, &Cell<usize>) {
        let state = &self.world.0;
        if self.is_peer { (&state.to_client, &state.to_peer) } else { (&state.to_peer, &state.to_client) }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, into))?;
        let (_, read) = self.counts();
        read.set(read.get() - (into.filled().len() - before));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        let (sent, _) = self.counts();
        sent.set(sent.get() + count);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
