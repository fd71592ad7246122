//! Exits to port 25: Dante, which speaks SOCKS, and Squid, which speaks CONNECT. Both want a login, and let
//! through what an exit should: port 25, and no address that isn't the lab's.

use crate::process::run;
use crate::scenario::Certificate;
use crate::{ca, packages, process};
use anyhow::{Context, Result};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// Addresses of Dante and of Squid.
pub(crate) const ADDRESSES: [&str; 2] = ["127.25.0.81", "127.25.0.82"];

/// Dante, with the login that it knows.
pub const SOCKS: &str = "socks5://prober:hunter2@127.25.0.81:1080";

/// Squid in the clear, with the login that it knows.
pub const HTTP: &str = "http://prober:hunter2@127.25.0.82:3128";

/// Squid inside TLS, by a name that is in [`crate::HOSTS`].
pub const HTTPS: &str = "https://prober:hunter2@exit.probe.test:3129";

/// What Squid was asked and what it answered, a line each.
pub const SQUID_LOG: &str = "/run/mailsins-lab/squid/access.log";

/// What Dante was asked.
pub const DANTE_LOG: &str = "/run/mailsins-lab/dante.log";

const NAME: &str = "exit.probe.test";
const USER: &str = "prober";
const PASSWORD: &str = "hunter2";

/// Lines for a hosts file.
pub(crate) fn hosts() -> String {
    format!("\n{} {NAME}", ADDRESSES[1])
}

pub(crate) fn start(state: &Path, files: &Path) -> Result<()> {
    dante(state, files)?;
    squid(state, files)
}

fn template(files: &Path, name: &str) -> Result<String> {
    fs::read_to_string(files.join("exit").join(name)).with_context(|| format!("read exit/{name}"))
}

/// Dante knows the users of the system only. So it gets a system of its own: its passwd and shadow files are
/// laid over the machine's in a mount namespace that nobody else sees.
fn dante(state: &Path, files: &Path) -> Result<()> {
    let folder = state.join("dante");
    fs::create_dir_all(&folder)?;
    let configuration = template(files, "danted.conf")?.replace("{{address}}", ADDRESSES[0]);
    fs::write(folder.join("danted.conf"), configuration)?;
    let hash = run(Command::new("openssl").args(["passwd", "-6", PASSWORD]))?;
    let users = fs::read_to_string("/etc/passwd").context("read /etc/passwd")?;
    fs::write(folder.join("passwd"), format!("{users}\n{USER}:x:65533:65534::/nonexistent:/usr/sbin/nologin\n"))?;
    secret(&folder.join("shadow"), &format!("{USER}:{}:19000:0:99999:7:::\n", hash.trim()))?;
    let script = "mount --bind \"$0/passwd\" /etc/passwd && mount --bind \"$0/shadow\" /etc/shadow \
                  && exec danted -f \"$0/danted.conf\"";
    process::start(state, "dante", Command::new("unshare").args(["--mount", "sh", "-c", script]).arg(&folder))
}

fn squid(state: &Path, files: &Path) -> Result<()> {
    let folder = state.join("squid");
    fs::create_dir_all(&folder)?;
    let hash = run(Command::new("openssl").args(["passwd", "-apr1", PASSWORD]))?;
    fs::write(folder.join("users"), format!("{USER}:{}\n", hash.trim()))?;
    let certificate = ca::certificate(state, NAME, Certificate::Good)?;
    let auth = packages::find(AUTH).context("squid has no basic_ncsa_auth")?;
    let configuration = template(files, "squid.conf")?
        .replace("{{address}}", ADDRESSES[1])
        .replace("{{certificate}}", &certificate)
        .replace("{{auth}}", &auth.to_string_lossy())
        .replace("{{folder}}", &folder.to_string_lossy());
    fs::write(folder.join("squid.conf"), configuration)?;
    // Squid writes as a user of its own.
    run(Command::new("chown").arg("proxy:proxy").arg(&folder))?;
    process::start(state, "squid", Command::new("squid").arg("-NYf").arg(folder.join("squid.conf")))
}

/// What asks Squid's file of users.
pub(crate) const AUTH: &str = "/usr/lib/squid/basic_ncsa_auth";

/// A file that nobody else may read.
fn secret(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).context("close a file to others")
}
