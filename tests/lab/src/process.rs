//! Servers of the lab: started detached, written down with their start time, and ended by that record
//! and no other.

use anyhow::{Context, Result, bail};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// One line of the process list: pid, its start time in kernel ticks, name.
struct Record {
    pid: u32,
    started: String,
    name: String,
}

/// Runs to the end and gives what it printed; what it complained of is the error when it fails.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("start {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr).trim_end());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Starts `command` as leader of a session of its own, its output going to `state/name.log`.
pub(crate) fn start(state: &Path, name: &str, command: &mut Command) -> Result<()> {
    let log = state.join(format!("{name}.log"));
    let log = OpenOptions::new().create(true).append(true).open(log).with_context(|| format!("log of {name}"))?;
    let mut detached = Command::new("setsid");
    detached.arg(command.get_program()).args(command.get_args());
    // The child is not waited for: it outlives us.
    detached.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).current_dir(state);
    let mut child = detached.spawn().with_context(|| format!("start {name}"))?;
    let recorded = record(state, name, child.id());
    if recorded.is_err() {
        let _ = child.kill();
    }
    recorded
}

fn record(state: &Path, name: &str, pid: u32) -> Result<()> {
    let gone = || format!("{name} was gone at once");
    let started = stat(pid).and_then(|fields| fields.into_iter().nth(STARTED)).with_context(gone)?;
    let mut list = OpenOptions::new().create(true).append(true).open(state.join("processes"))?;
    writeln!(list, "{pid} {started} {name}").context("write the list of processes")
}

/// Names of those servers on the list that still run, and of those that don't.
pub(crate) fn running(state: &Path) -> (Vec<String>, Vec<String>) {
    let (alive, dead): (Vec<_>, Vec<_>) = records(state).into_iter().partition(alive);
    (alive.into_iter().map(|r| r.name).collect(), dead.into_iter().map(|r| r.name).collect())
}

/// Holds the list of the running lab: one command at a time takes servers off it and puts them on. Free again when the
/// file is dropped.
pub(crate) fn hold(state: &Path) -> Result<File> {
    let list = File::open(state.join("ready")).context("the lab is down")?;
    list.lock().context("hold the lab")?;
    Ok(list)
}

/// Ends every server on the list: asks first, insists after 5 s.
pub(crate) fn stop_all(state: &Path) -> Result<()> {
    end(records(state))
}

/// Ends the servers of this name and takes them off the list.
pub(crate) fn stop(state: &Path, name: &str) -> Result<()> {
    let (named, others): (Vec<_>, Vec<_>) = records(state).into_iter().partition(|record| record.name == name);
    end(named)?;
    let list = others.iter().fold(String::new(), |list, r| list + &format!("{} {} {}\n", r.pid, r.started, r.name));
    fs::write(state.join("processes"), list).context("write the list of processes")
}

fn end(records: Vec<Record>) -> Result<()> {
    let mut left: Vec<Record> = records.into_iter().filter(alive).collect();
    // Children that still hold a socket keep the next server from it.
    let lives = |record: &Record| alive(record) || leads(record.pid);
    for signal in ["TERM", "KILL"] {
        for record in &left {
            // The server leads its own session, so its group is it and its children.
            let _ = Command::new("sh")
                .args(["-c", &format!("kill -s {signal} -- -{}", record.pid)])
                .stderr(Stdio::null())
                .status();
        }
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline && left.iter().any(lives) {
            sleep(Duration::from_millis(50));
        }
        left.retain(lives);
    }
    if !left.is_empty() {
        bail!("still running: {}", left.iter().map(|r| r.name.as_str()).collect::<Vec<_>>().join(" "));
    }
    Ok(())
}

fn records(state: &Path) -> Vec<Record> {
    let text = fs::read_to_string(state.join("processes")).unwrap_or_default();
    text.lines()
        .filter_map(|line| {
            let mut fields = line.splitn(3, ' ');
            Some(Record {
                pid: fields.next()?.parse().ok()?,
                started: fields.next()?.into(),
                name: fields.next()?.into(),
            })
        })
        .collect()
}

/// Pids are used again; a pid with the same start time is the same process. Zombies have ended.
fn alive(record: &Record) -> bool {
    stat(record.pid).is_some_and(|fields| fields.get(STARTED) == Some(&record.started))
}

/// Whether any process of this group lives.
fn leads(group: u32) -> bool {
    let group = group.to_string();
    let pids = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.any(|pid| stat(pid).is_some_and(|fields| fields.get(GROUP) == Some(&group)))
}

/// Fields of [`stat`]: the process group, and the start time in kernel ticks.
const GROUP: usize = 2;
const STARTED: usize = 19;

/// /proc/PID/stat (proc_pid_stat(5)) from field 3, the state, on; what stands before it holds the command, in which
/// anything may stand. Zombies have none.
fn stat(pid: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    (!fields.starts_with('Z')).then(|| fields.split(' ').map(Into::into).collect())
}
