//! The processor time of a running site: of all its processes of one name, to the nanosecond.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What an idle process spends in a window all the same, in milliseconds.
const QUIET_MS: f64 = 0.4;

/// Nothing here works for longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The processes of this name in a process group.
#[derive(Clone, Debug)]
pub struct Group(Vec<u32>);

impl Group {
    pub fn of(group: u32, name: &str) -> Self {
        let all = fs::read_dir("/proc").into_iter().flatten().flatten();
        let ids = all.filter_map(|entry| entry.file_name().to_str().and_then(|text| text.parse().ok()));
        Self(ids.filter(|id| belongs(*id, group, name)).collect())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

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

fn belongs(id: u32, group: u32, name: &str) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/{id}/stat")) else { return false };
    let Some((before, after)) = stat.rsplit_once(") ") else { return false };
    let is = before.split_once('(').is_some_and(|(_, comm)| comm == name);
    is && after.split(' ').nth(2).and_then(|text| text.parse().ok()) == Some(group)
}

fn field(id: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
