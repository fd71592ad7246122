//! Domains whose mail is kept, so that a test can read it: one where rspamd and ClamAV look at it first, one where nobody
//! does, one whose server takes what it sends back later, and one that is asked to take what is not for it.

use crate::mend;
use crate::postfix::{launch, merged};
use crate::process::{self, run};
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A server and its domain.
struct Server {
    name: &'static str,
    address: &'static str,
    /// The filter that it asks.
    milter: &'static str,
    /// What its delivery does besides; see `scanner/keep.sh`.
    word: &'static str,
}

const SERVERS: [Server; 4] = [
    Server { name: "scanned", address: "127.25.70.1", milter: "inet:127.25.70.1:11332", word: "" },
    Server { name: "blind", address: "127.25.70.2", milter: "", word: "" },
    Server { name: "late", address: "127.25.70.3", milter: "", word: "late" },
    Server { name: "crowd", address: "127.25.70.4", milter: "", word: "" },
];

/// Their addresses.
pub(crate) const ADDRESSES: [&str; 4] =
    [SERVERS[0].address, SERVERS[1].address, SERVERS[2].address, SERVERS[3].address];

/// The port of the filter.
pub(crate) const FILTER: u16 = 11332;

/// The test file in hexadecimal digits, as a signature of ClamAV's: in any file, anywhere.
const SIGNATURE: &str = "Lab.Eicar:0:*:58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d5354414e444152442d414e544956495255532d544553542d46494c452124482b482a\n";

/// Where what came for `tester` at a domain is kept, a file a message.
#[must_use]
pub fn mailbox(label: &str) -> PathBuf {
    Path::new(crate::STATE).join(format!("scanner-{label}")).join("mail")
}

/// What the filter of a domain asks of a scanner, as rspamd's antivirus module is told; and where the lab's scanner is.
const SCANNER: &str = "127.25.70.1:3310";

/// Starts them.
pub(crate) fn start(state: &Path, files: &Path) -> Result<()> {
    for server in &SERVERS {
        let place = Place { state, files, server };
        place.write("")?;
        if !server.milter.is_empty() {
            let dir = place.dir();
            fs::create_dir_all(dir.join("db"))?;
            fs::write(dir.join("db/lab.ndb"), SIGNATURE)?;
            fs::write(dir.join("clamd.conf"), place.fill(&place.read("scanner/clamd.conf")?))?;
            process::start(state, "clamd", Command::new("clamd").arg("-c").arg(dir.join("clamd.conf")))?;
            place.filter("rspamd", &place.read("scanner/antivirus.conf")?)?;
        }
        launch(state, &place.name())?;
    }
    Ok(())
}

/// Starts one of them again, with the lines of a remedy in its configuration, or with none. Where they are for the filter as
/// well, it gets a filter of its own by them; else the lab's stands for the one that they name.
pub(crate) fn mend(state: &Path, files: &Path, server: &str, recipe: &str) -> Result<()> {
    let server = SERVERS.iter().find(|known| known.name == server).context("no such server")?;
    let place = Place { state, files, server };
    let filter = format!("rspamd-{}", server.name);
    process::stop(state, &place.name())?;
    process::stop(state, &filter)?;
    let (mut own, mut antivirus) = (String::new(), String::new());
    for (file, lines) in recipe.split_once('\n').map(|(place, lines)| mend::lines(place, lines)).unwrap_or_default() {
        match file.as_str() {
            "main.cf" => own += &lines,
            "/etc/rspamd/local.d/antivirus.conf" => antivirus += &lines,
            other => bail!("nothing here reads {other}"),
        }
    }
    let address = if antivirus.is_empty() { SERVERS[0].address } else { server.address };
    place.write(&own.replace("inet:localhost:11332", &format!("inet:{address}:{FILTER}")))?;
    if !antivirus.is_empty() {
        place.filter(&filter, &antivirus.replace("/run/clamav/clamd.ctl", SCANNER))?;
        let begun = Instant::now();
        while TcpStream::connect((server.address, FILTER)).is_err() {
            ensure!(begun.elapsed() < Duration::from_secs(20), "the filter does not answer");
            sleep(Duration::from_millis(100));
        }
    }
    launch(state, &place.name())?;
    let begun = Instant::now();
    while TcpStream::connect((server.address, 25)).is_err() {
        ensure!(begun.elapsed() < Duration::from_secs(20), "the server does not answer");
        sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// Where a server has its files.
struct Place<'a> {
    state: &'a Path,
    files: &'a Path,
    server: &'a Server,
}

impl Place<'_> {
    fn name(&self) -> String {
        format!("scanner-{}", self.server.name)
    }

    fn dir(&self) -> PathBuf {
        self.state.join(self.name())
    }

    fn read(&self, name: &str) -> Result<String> {
        let path = self.files.join(name);
        fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))
    }

    fn fill(&self, text: &str) -> String {
        let Server { name, address, milter, word } = self.server;
        let domain = format!("{name}.consent.test");
        text.replace("{{state}}", &self.state.to_string_lossy())
            .replace("{{dir}}", &self.dir().to_string_lossy())
            .replace("{{address}}", address)
            .replace("{{addresses}}", address)
            .replace("{{host}}", &format!("mx.{domain}"))
            .replace("{{domain}}", &domain)
            .replace("{{milter}}", milter)
            .replace("{{word}}", word)
    }

    /// The server's own configuration, with more parameters.
    fn write(&self, more: &str) -> Result<()> {
        let dir = self.dir();
        for folder in ["etc", "queue", "data", "mail"] {
            fs::create_dir_all(dir.join(folder))?;
        }
        run(Command::new("chown").arg("postfix").arg(dir.join("data")))?;
        // Whoever delivers is nobody.
        fs::set_permissions(dir.join("mail"), fs::Permissions::from_mode(0o777))?;
        let own = merged(&self.read("postfix/main.cf")?, &self.read("scanner/main.cf")?);
        fs::write(dir.join("etc/main.cf"), merged(&self.fill(&own), more))?;
        let own = self.read("postfix/master.cf")?.replace("{{submission}}\n", &self.read("scanner/master.cf")?);
        fs::write(dir.join("etc/master.cf"), self.fill(&own))?;
        fs::write(dir.join("etc/aliases"), "")?;
        fs::write(dir.join("recipients"), "")?;
        fs::write(dir.join("keep.sh"), self.read("scanner/keep.sh")?)?;
        Ok(())
    }

    /// Starts a filter that asks a scanner by these lines.
    fn filter(&self, name: &str, antivirus: &str) -> Result<()> {
        let dir = self.dir();
        fs::write(dir.join("tld"), "test\n")?;
        let text = self.read("scanner/rspamd.conf")?.replace("{{antivirus}}", antivirus);
        fs::write(dir.join("rspamd.conf"), self.fill(&text))?;
        let mut rspamd = Command::new("rspamd");
        process::start(self.state, name, rspamd.args(["-f", "-i", "-c"]).arg(dir.join("rspamd.conf")))
    }
}
