//! The clock of this driver: the wall clock once, then one that only runs forward.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use probe::Clock;
use tokio::time::{Instant, sleep};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Wall {
    began: u64,
    instant: Instant,
}

impl Wall {
    pub(crate) fn start() -> Self {
        let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { began: millis(began), instant: Instant::now() }
    }

    /// Ends at a time in milliseconds since 1970.
    pub(crate) async fn until(&self, at: u64) {
        sleep(Duration::from_millis(at.saturating_sub(self.now()))).await;
    }
}

impl Clock for Wall {
    fn now(&self) -> u64 {
        self.began + millis(self.instant.elapsed())
    }

    fn sleep(&self, for_: Duration) -> impl Future<Output = ()> {
        sleep(for_)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
