//! The platform's clock and timers, and what else an await needs.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, select};
use futures_util::task::{ArcWake, AtomicWaker, waker};
use worker::{Date, Delay};

/// The clock of sessions.
pub struct Clock;

impl probe::Clock for Clock {
    fn now(&self) -> u64 {
        now()
    }

    fn sleep(&self, for_: Duration) -> impl Future<Output = ()> {
        sleep(for_)
    }
}

/// Milliseconds since 1970.
pub fn now() -> u64 {
    let now = Date::now().as_millis();
    #[cfg(feature = "lab")]
    let now = now.saturating_add_signed(crate::lab::clock());
    now
}

/// Waits. Unlike [`Delay`], which wakes whoever polled it first, this wakes whoever polled last.
pub fn sleep(for_: Duration) -> Sleep {
    Sleep { delay: Delay::from(for_), last: Arc::default() }
}

/// What came of `work`, or nothing if that took longer than `limit`.
pub async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), sleep(limit)).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}

/// What came of `work`, or nothing if it panicked. Where panics abort, it never comes back then.
/// Boxed, because futures in futures grow, and unoptimized builds copy them until the stack ends.
pub async fn caught<T>(work: impl Future<Output = T>) -> Option<T> {
    crate::log::panics_by_place();
    AssertUnwindSafe(Box::pin(work)).catch_unwind().await.ok()
}

/// A timer; see [`sleep`].
pub struct Sleep {
    delay: Delay,
    last: Arc<Last>,
}

#[derive(Default)]
struct Last(AtomicWaker);

impl ArcWake for Last {
    fn wake_by_ref(last: &Arc<Self>) {
        last.0.wake();
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.last.0.register(context.waker());
        let waker = waker(self.last.clone());
        Pin::new(&mut self.delay).poll(&mut Context::from_waker(&waker))
    }
}
