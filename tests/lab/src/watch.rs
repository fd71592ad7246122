//! Who watches us: fail2ban with its stock filters on the logs of some servers, and tcpdump on the wire.

use crate::packages::{self, ensure};
use crate::process;
use crate::root;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Each connection to a port of mail that begins or ends, a line each, in tcpdump's words.
pub const WIRE: &str = "/run/mailsins-lab/wire.log";

/// What fail2ban finds and whom it would ban, a line each.
pub const GUARD: &str = "/run/mailsins-lab/fail2ban/fail2ban.log";

/// What is added to a jail's name where its filter looks for everything that it knows.
pub const AGGRESSIVE: &str = "-aggressive";

/// The jails, by server, and their filters.
pub const JAILS: [(&str, &str); 7] = [
    ("saint-mx1", "postfix"),
    ("saint-mx2", "postfix"),
    ("saint-imap", "dovecot"),
    ("trinity-mx1", "postfix"),
    ("trinity-mx2", "postfix"),
    ("trinity-mx3", "postfix"),
    ("trinity-imap", "dovecot"),
];

/// How long both may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where a conversation begins or ends.
const FILTER: &str = "tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0 and net 127.25.0.0/16 and \
                      (port 25 or port 110 or port 143 or port 465 or port 587 or port 993 or port 995 or port 4190)";

/// Starts both, or starts them again, so that what happened before is forgotten.
pub(crate) fn watch(state: &Path) -> Result<()> {
    ensure(&[("fail2ban-server", "fail2ban"), ("tcpdump", "tcpdump")])?;
    let _held = process::hold(state)?;
    let folder = state.join("fail2ban");
    for name in ["fail2ban", "wire"] {
        process::stop(state, name)?;
    }
    let _ = fs::remove_dir_all(&folder);
    let _ = fs::remove_file(WIRE);
    fs::create_dir_all(folder.join("action.d"))?;
    let files = root().join("fail2ban");
    let read = |name: &str| fs::read_to_string(files.join(name)).with_context(|| format!("read fail2ban/{name}"));
    let filled = read("fail2ban.conf")?.replace("{{dir}}", &folder.to_string_lossy());
    fs::write(folder.join("fail2ban.conf"), filled)?;
    fs::write(folder.join("action.d/record.conf"), read("record.conf")?)?;
    fs::write(folder.join("jail.conf"), read("jail.conf")? + &jails(state))?;
    std::os::unix::fs::symlink("/etc/fail2ban/filter.d", folder.join("filter.d"))?;

    let server = packages::find("fail2ban-server").context("fail2ban is not installed")?;
    process::start(state, "fail2ban", Command::new(server).arg("-xf").arg("-c").arg(&folder).arg("start"))?;
    let tcpdump = packages::find("tcpdump").context("tcpdump is not installed")?;
    let arguments = ["-i", "lo", "-nn", "-tt", "-l", "--immediate-mode", FILTER];
    process::start(state, "wire", Command::new(tcpdump).args(arguments))?;
    let says = |log: &str, text: &str| fs::read_to_string(log).unwrap_or_default().matches(text).count();
    let deadline = Instant::now() + PATIENCE;
    while says(WIRE, "listening on") == 0 || says(GUARD, "' started") < 2 * JAILS.len() {
        if Instant::now() > deadline {
            let log = fs::read_to_string(state.join("fail2ban.log")).unwrap_or_default();
            bail!("fail2ban or tcpdump did not start within {} s: {log}", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// The jails' settings. Those that look for everything never ban: they are there for their figures.
fn jails(state: &Path) -> String {
    let jail = |(name, filter): &(&str, &str)| {
        let log = state.join(name).join("mail.log");
        let log = log.display();
        format!(
            "\n[{name}]\nfilter = {filter}\nlogpath = {log} tail\n\
             \n[{name}{AGGRESSIVE}]\nfilter = {filter}[mode=aggressive]\nmaxretry = 1000\nlogpath = {log} tail\n"
        )
    };
    JAILS.iter().map(jail).collect()
}
