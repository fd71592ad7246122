//! A program's wall time and its most memory.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// How often is looked.
const TICK: Duration = Duration::from_millis(2);

/// What a run took.
pub struct Run {
    pub seconds: f64,
    pub peak_mb: f64,
}

/// Runs a command to its end, with what it prints in a file. How it ends says nothing here.
pub fn run(output: &Path, command: &[String]) -> Result<Run> {
    let (program, arguments) = command.split_first().context("no command")?;
    let file = fs::File::create(output)?;
    let begun = Instant::now();
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(file).stderr(Stdio::null());
    let mut child = command.spawn().with_context(|| format!("start {program}"))?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kb = 0;
    loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        peak_kb = peak_kb.max(line.split_whitespace().next().and_then(|digits| digits.parse().ok()).unwrap_or(0));
        if child.try_wait()?.is_some() {
            return Ok(Run { seconds: begun.elapsed().as_secs_f64(), peak_mb: f64::from(peak_kb) / 1024.0 });
        }
        sleep(TICK);
    }
}
