use anyhow::{Context, Result, bail};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What root runs to install packages: no service starts now or at the next boot, nothing is removed,
/// and a Postfix that comes new gets no configuration of its own.
const INSTALL: &str = r#"
set -e
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap 'rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
fi
if command -v debconf-set-selections >/dev/null; then
    echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
fi
install() { apt-get install -y -q --no-install-recommends --no-remove "$@" </dev/null; }
install "$@" || { apt-get update -q; install "$@"; }
if [ -d /run/systemd/system ]; then
    for package; do
        case $package in bind9) unit=named ;; sasl2-bin) unit=saslauthd ;; dovecot-*) unit=dovecot ;; dante-server) unit=danted ;; clamav-daemon) unit='clamav-daemon clamav-freshclam' ;; *) unit=$package ;; esac
        systemctl disable --quiet $unit 2>/dev/null || true
    done
fi
"#;

/// Where [`ensure_unpacked`] puts programs.
pub const UNPACKED: &str = "/var/cache/mailsins-lab";

/// What root runs to unpack packages without installing them; the libraries that they name are installed.
const UNPACK: &str = r#"
set -e
export DEBIAN_FRONTEND=noninteractive
folder=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
download() { apt-get download -q -o APT::Sandbox::User=root "$@"; }
download "$@" || { apt-get update -q; download "$@"; }
libraries=$(for deb in *.deb; do dpkg-deb -f "$deb" Depends; echo; done | tr ',' '\n' | sed 's/^ *//; s/[ (|:].*//' | grep '^lib' | sort -u)
apt-get install -y -q --no-install-recommends --no-remove $libraries </dev/null
mkdir -p "$folder"
for deb in *.deb; do dpkg-deb -x "$deb" "$folder"; done
cp /etc/os-release "$folder"
"#;

/// Installs those of `wanted` (program or file, Debian package) that are missing.
///
/// A program is looked for in PATH and the sbin folders; anything with a slash is a file.
///
/// # Errors
/// No apt-get, neither root nor sudo, or apt-get failed.
pub fn ensure(wanted: &[(&str, &str)]) -> Result<()> {
    let mut missing: Vec<&str> =
        wanted.iter().filter(|(what, _)| find(what).is_none()).map(|(_, package)| *package).collect();
    missing.sort_unstable();
    missing.dedup();
    if missing.is_empty() {
        return Ok(());
    }
    as_root(INSTALL, &missing)
}

/// Unpacks Debian packages that cannot be installed beside others (mail servers all conflict with each other)
/// under [`UNPACKED`], for this release of the system, once.
///
/// # Errors
/// As [`ensure`].
pub fn ensure_unpacked(wanted: &[&str]) -> Result<()> {
    let folder = Path::new(UNPACKED);
    let release = |file: &Path| fs::read_to_string(file).unwrap_or_default();
    let fresh = release(&folder.join("os-release")) == release(Path::new("/etc/os-release"));
    if fresh && wanted.iter().all(|package| folder.join("usr/share/doc").join(package).exists()) {
        return Ok(());
    }
    let mut arguments = vec![UNPACKED];
    arguments.extend(wanted);
    as_root(UNPACK, &arguments)
}

/// aiosmtpd's folder under [`UNPACKED`].
pub const AIOSMTPD: &str = "aiosmtpd-1.4.5";

/// pymap's folder there.
pub const PYMAP: &str = "pymap-0.36.7";

/// What [`PYMAP`] holds.
pub const PYMAP_PARTS: [&str; 5] =
    ["pymap==0.36.7", "proxy-protocol==0.11.3", "pysasl==1.2.0", "sievelib==1.2.1", "typing_extensions==4.16.0"];

/// Fetches these packages of PyPI for this Python into a folder under [`UNPACKED`], once. The folder takes its name when it
/// is whole.
///
/// # Errors
/// As [`ensure`].
pub fn ensure_python(python: &str, folder: &str, wanted: &[&str]) -> Result<()> {
    if Path::new(UNPACKED).join(folder).exists() {
        return Ok(());
    }
    const FETCH: &str = r#"
set -e
python=$1
folder=$2/$3
shift 3
mkdir -p "${folder%/*}"
rm -rf "$folder.new"
"$python" -m pip install --quiet --root-user-action=ignore --target "$folder.new" "$@"
mv "$folder.new" "$folder"
"#;
    let mut arguments = vec![python, UNPACKED, folder];
    arguments.extend(wanted);
    as_root(FETCH, &arguments)
}

/// Runs a script of apt-get's with these arguments.
fn as_root(script: &str, arguments: &[&str]) -> Result<()> {
    let names = arguments.join(" ");
    if find("apt-get").is_none() {
        bail!("missing: {names}. This is no Debian or Ubuntu, so please install them by hand.");
    }
    println!("Installing {names} with apt-get{}", if is_root() { "" } else { ", as root through sudo" });
    let mut command = if is_root() {
        Command::new("sh")
    } else if find("sudo").is_some() {
        let mut sudo = Command::new("sudo");
        sudo.arg("sh");
        sudo
    } else {
        bail!("installing {names} needs root or sudo");
    };
    let status = command.args(["-c", script, "sh"]).args(arguments).status().context("start apt-get")?;
    if !status.success() {
        bail!("apt-get could not install {names} ({status}); its own words are above");
    }
    Ok(())
}

/// Where a program is, or the file itself if it exists.
#[must_use]
pub fn find(what: &str) -> Option<PathBuf> {
    if what.contains('/') {
        return Path::new(what).exists().then(|| what.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin"].map(Into::into))
        .map(|folder| folder.join(what))
        .find(|file| file.is_file())
}

/// Whether we are root.
#[must_use]
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}
