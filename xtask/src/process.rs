//! Subprocesses: each in a process group of its own, on one list, and gone when we are: at the end,
//! on failure, on Ctrl-C.

use anyhow::{Context, Result, anyhow, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

/// Process groups that run.
static GROUPS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// The lab was brought up by us and goes down with us.
static OUR_LAB: Mutex<bool> = Mutex::new(false);

/// Held while ending, and while a subprocess is started: nothing new starts once the end has begun.
static ENDING: Mutex<()> = Mutex::new(());

/// On Ctrl-C, and when told to end: ends everything first.
pub fn handle_signals() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("listen for signals")?;
    spawn(move || {
        if let Some(signal) = signals.forever().next() {
            // Kept to the end: the main thread waits at its next step until we are gone.
            let _ending = ENDING.lock();
            end_everything();
            std::process::exit(128 + signal);
        }
    });
    Ok(())
}

/// Ends every subprocess that still runs, and the lab if it is ours.
pub fn end_all() {
    let _ending = ENDING.lock();
    end_everything();
}

fn end_everything() {
    let groups = GROUPS.lock().map(|mut groups| std::mem::take(&mut *groups)).unwrap_or_default();
    for group in groups {
        end(group);
    }
    let ours = OUR_LAB.lock().is_ok_and(|mut ours| std::mem::take(&mut *ours));
    if ours && let Err(error) = mailsins_lab::down() {
        eprintln!("the lab did not go down: {error:#}");
    }
}

/// Brings the lab up, to go down with us; one that is up already stays up.
pub fn lab_up() -> Result<()> {
    if mailsins_lab::owner().is_none() {
        // Before it is up, since a half-started lab has to go as well.
        *OUR_LAB.lock().map_err(|_| anyhow!("a thread panicked"))? = true;
    }
    if !mailsins_lab::packages::is_root() {
        // sudo may want to ask for a password, so it can't be in a group of its own.
        return mailsins_lab::up();
    }
    run(Command::new(std::env::current_exe()?).args(["lab", "up"]))
}

/// Takes the lab down now, if it is ours.
pub fn lab_down() -> Result<()> {
    let ours = OUR_LAB.lock().is_ok_and(|mut ours| std::mem::take(&mut *ours));
    if ours { mailsins_lab::down() } else { Ok(()) }
}

/// Runs a command to its end, with our output.
pub fn run(command: &mut Command) -> Result<()> {
    let server = start(command)?;
    let words = server.words.clone();
    let status = server.wait()?;
    if !status.success() {
        bail!("{words}: {status}");
    }
    Ok(())
}

/// Runs a command to its end and returns what it printed.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("start {}", words(command)))?;
    if !output.status.success() {
        bail!("{}: {}\n{}", words(command), output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A running subprocess; dropping it ends it and its children.
pub struct Server {
    child: Child,
    /// Its command line.
    pub words: String,
}

/// Starts a command as head of a process group.
pub fn start(command: &mut Command) -> Result<Server> {
    let words = words(command);
    let _ending = ENDING.lock();
    let child = command.stdin(Stdio::null()).process_group(0).spawn().with_context(|| format!("start {words}"))?;
    if let Ok(mut groups) = GROUPS.lock() {
        groups.push(child.id());
    }
    Ok(Server { child, words })
}

impl Server {
    /// Waits for its own end.
    pub fn wait(mut self) -> Result<std::process::ExitStatus> {
        let status = self.child.wait().with_context(|| format!("wait for {}", self.words))?;
        forget(self.child.id());
        Ok(status)
    }

    /// Waits for its own end, but not for longer than this.
    pub fn ended_within(mut self, patience: Duration) -> Result<Option<std::process::ExitStatus>> {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().with_context(|| format!("wait for {}", self.words))? {
                forget(self.child.id());
                return Ok(Some(status));
            }
            sleep(Duration::from_millis(100));
        }
        Ok(None)
    }

    /// Waits until `answers`, as long as it lives and at most for `patience`.
    pub fn ready(&mut self, patience: Duration, answers: impl Fn() -> bool) -> Result<()> {
        let deadline = Instant::now() + patience;
        while !answers() {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended: {status}", self.words);
            }
            if Instant::now() > deadline {
                bail!("{} did not answer within {} s", self.words, patience.as_secs());
            }
            sleep(Duration::from_millis(200));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let group = self.child.id();
        if forget(group) {
            end(group);
            let _ = self.child.wait();
        }
    }
}

/// Takes a group off the list; whether it was there.
fn forget(group: u32) -> bool {
    GROUPS.lock().is_ok_and(|mut groups| {
        let before = groups.len();
        groups.retain(|g| *g != group);
        groups.len() < before
    })
}

/// Asks the group to end, and insists after 5 s.
fn end(group: u32) {
    let signal = |signal: &str| {
        let script = format!("kill -s {signal} -- -{group}");
        Command::new("sh").args(["-c", &script]).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
    };
    let deadline = Instant::now() + Duration::from_secs(5);
    signal("TERM");
    while signal("0") && Instant::now() < deadline {
        // A child that has ended but was not waited for keeps its group: look whether it is one.
        if std::fs::read_to_string(format!("/proc/{group}/stat")).is_ok_and(|stat| stat.contains(") Z ")) {
            break;
        }
        sleep(Duration::from_millis(50));
    }
    signal("KILL");
}

fn words(command: &Command) -> String {
    let all = std::iter::once(command.get_program()).chain(command.get_args());
    all.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
