//! The processor time of a running site: of the process that runs its Worker, to the nanosecond.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What an idle process spends in a window all the same, in milliseconds.
const QUIET_MS: f64 = 0.4;

/// Nothing here works for longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Processes by their numbers.
#[derive(Clone, Debug, Default)]
pub struct Group(pub Vec<u32>);

impl Group {
    /// How long they were on a processor, in milliseconds.
    pub fn spent(&self) -> f64 {
        let tasks =
            self.0.iter().flat_map(|id| fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten());
        let spent = tasks.filter_map(|task| {
            let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        });
        spent.sum::<u64>() as f64 / 1e6
    }

    /// What was spent since, once a window of this length goes by with next to nothing spent in it.
    pub fn until_quiet(&self, since: f64, window: Duration) -> f64 {
        let begun = Instant::now();
        loop {
            let before = self.spent();
            sleep(window);
            if self.spent() - before < QUIET_MS || begun.elapsed() > PATIENCE {
                return before - since;
            }
        }
    }

    /// The most memory that they had at once, each for itself, in MB.
    pub fn peak_mb(&self) -> f64 {
        let peak = |id: &u32| field(*id, "VmHWM:");
        self.0.iter().filter_map(peak).sum::<u64>() as f64 / 1024.0
    }
}

fn field(id: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
