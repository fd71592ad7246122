//! Any server of a scenario: its configuration is written, then it is started.

use crate::scenario::{Kind, Scenario, Server};
use crate::{aiosmtpd, ca, courier, dovecot, exim, opensmtpd, packages, postfix, process, proxy, pymap};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One server, and where its files are.
pub(crate) struct Instance<'a> {
    /// The lab's state.
    pub state: &'a Path,
    /// The lab's own files.
    pub files: &'a Path,
    pub scenario: &'a Scenario,
    pub server: &'a Server,
    /// Its name on the list of processes.
    pub name: String,
    /// Its folder under the state.
    pub dir: PathBuf,
}

impl<'a> Instance<'a> {
    pub(crate) fn new(state: &'a Path, files: &'a Path, scenario: &'a Scenario, server: &'a Server) -> Self {
        let name = format!("{}-{}", scenario.name, server.name);
        Self { state, files, scenario, server, dir: state.join(&name), name }
    }

    /// Writes its configuration as the scenario has it.
    pub(crate) fn write(&self) -> Result<()> {
        let Self { state, files, scenario, server, .. } = self;
        match server.kind {
            Kind::Postfix => postfix::write(state, files, scenario, server),
            Kind::Dovecot => dovecot::write(state, files, scenario, server),
            Kind::Exim => exim::write(self),
            Kind::Opensmtpd => opensmtpd::write(self),
            Kind::Courier => courier::write(self),
            Kind::Nginx => proxy::write(self),
            Kind::Aiosmtpd | Kind::Pymap | Kind::Postgrey | Kind::Silent => Ok(()),
        }
    }

    /// Starts it with the configuration that was written.
    pub(crate) fn launch(&self) -> Result<()> {
        let Self { state, name, server, .. } = self;
        match server.kind {
            Kind::Postfix => postfix::launch(state, name),
            Kind::Dovecot => dovecot::launch(state, name),
            Kind::Exim => exim::launch(self),
            Kind::Opensmtpd => opensmtpd::launch(self),
            Kind::Courier => courier::launch(self),
            Kind::Nginx => proxy::launch(self),
            Kind::Aiosmtpd => aiosmtpd::launch(self),
            Kind::Pymap => pymap::launch(self),
            Kind::Postgrey => postgrey(state, name, server),
            Kind::Silent => {
                for address in server.sockets() {
                    let myself = std::env::current_exe()?;
                    process::start(state, name, Command::new(myself).args(["lab", "silent", &address.to_string()]))?;
                }
                Ok(())
            }
        }
    }

    /// Its addresses, with this between them.
    pub(crate) fn addresses(&self, between: &str) -> String {
        self.server.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
    }

    /// The lab's file of this kind of server, or nothing.
    pub(crate) fn shared(&self, kind: &str, file: &str) -> Result<String> {
        let path = self.files.join(kind).join(file);
        fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))
    }

    /// The scenario's own file for this server.
    pub(crate) fn own(&self, kind: &str, file: &str) -> Option<String> {
        fs::read_to_string(self.scenario.path.join(kind).join(&self.server.name).join(file)).ok()
    }

    /// Puts a copy of its key and chain into its folder and fills in what differs between instances.
    pub(crate) fn fill(&self, text: &str) -> Result<String> {
        let host = self.server.host_in(&self.scenario.expect.domain);
        let certificate = self.dir.join("etc/certificate.pem");
        fs::copy(ca::certificate(self.state, &host, self.server.certificate)?, &certificate)?;
        Ok(text
            .replace("{{dir}}", &self.dir.to_string_lossy())
            .replace("{{addresses}}", &self.addresses(" : "))
            .replace("{{host}}", &host)
            .replace("{{domain}}", &self.scenario.expect.domain)
            .replace("{{certificate}}", &certificate.to_string_lossy()))
    }
}

/// Greylists every recipient from every client, for longer than any scan, with no white list.
fn postgrey(state: &Path, name: &str, server: &Server) -> Result<()> {
    let dir = state.join(name);
    fs::create_dir_all(&dir)?;
    let none = dir.join("nobody");
    fs::write(&none, "")?;
    for address in server.sockets() {
        process::start(
            state,
            name,
            Command::new("postgrey")
                .args(["--user=root", "--group=root", "--auto-whitelist-clients=0"])
                .arg(format!("--delay={}", server.delay.unwrap_or(86_400)))
                .arg(format!("--inet={address}"))
                .arg(format!("--dbdir={}", dir.display()))
                .arg(format!("--whitelist-clients={}", none.display()))
                .arg(format!("--whitelist-recipients={}", none.display())),
        )?;
    }
    Ok(())
}

/// The packages of these kinds of servers: those to install, and those to unpack.
pub(crate) fn packages(kinds: &[Kind]) -> (Vec<(&'static str, &'static str)>, Vec<&'static str>) {
    let (mut install, mut unpack) = (Vec::new(), Vec::new());
    for kind in kinds {
        match kind {
            Kind::Postfix => install.push(("postfix", "postfix")),
            Kind::Dovecot => install.extend([
                ("dovecot", "dovecot-core"),
                ("/usr/lib/dovecot/imap-login", "dovecot-imapd"),
                ("/usr/lib/dovecot/pop3-login", "dovecot-pop3d"),
                ("/usr/lib/dovecot/managesieve-login", "dovecot-managesieved"),
            ]),
            Kind::Aiosmtpd | Kind::Pymap => {
                install.extend([(aiosmtpd::PYTHON, "python3"), ("/usr/lib/python3/dist-packages/pip", "python3-pip")])
            }
            Kind::Nginx => install.push((proxy::MODULE, "libnginx-mod-mail")),
            Kind::Postgrey => install.push(("postgrey", "postgrey")),
            Kind::Exim => unpack.push(exim::PACKAGE),
            Kind::Opensmtpd => unpack.push(opensmtpd::PACKAGE),
            Kind::Courier => unpack.extend(courier::PACKAGES),
            Kind::Silent => {}
        }
    }
    unpack.sort_unstable();
    unpack.dedup();
    (install, unpack)
}

/// Installs and unpacks them.
pub(crate) fn install(kinds: &[Kind], mut wanted: Vec<(&'static str, &'static str)>) -> Result<()> {
    let (install, unpack) = packages(kinds);
    wanted.extend(install);
    packages::ensure(&wanted)?;
    if kinds.contains(&Kind::Aiosmtpd) {
        packages::ensure_python(aiosmtpd::PYTHON, packages::AIOSMTPD, &["aiosmtpd==1.4.5"])?;
    }
    if kinds.contains(&Kind::Pymap) {
        packages::ensure_python(aiosmtpd::PYTHON, packages::PYMAP, &packages::PYMAP_PARTS)?;
    }
    if unpack.is_empty() { Ok(()) } else { packages::ensure_unpacked(&unpack) }
}
