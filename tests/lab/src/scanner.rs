//! Domains whose mail is kept, so that a test can read it: one where rspamd and ClamAV look at it first, one where nobody
//! does, one whose server takes what it sends back later, and one that is asked to take what is not for it.

use crate::postfix::{launch, merged};
use crate::process::{self, run};
use anyhow::{Context, Result};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

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

/// Starts them.
pub(crate) fn start(state: &Path, files: &Path) -> Result<()> {
    let read = |name: &str| {
        let path = files.join(name);
        fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))
    };
    for server in &SERVERS {
        let name = format!("scanner-{}", server.name);
        let dir = state.join(&name);
        for folder in ["etc", "queue", "data", "mail"] {
            fs::create_dir_all(dir.join(folder))?;
        }
        run(Command::new("chown").arg("postfix").arg(dir.join("data")))?;
        // Whoever delivers is nobody.
        fs::set_permissions(dir.join("mail"), fs::Permissions::from_mode(0o777))?;
        let domain = format!("{}.consent.test", server.name);
        let fill = |text: &str| {
            text.replace("{{state}}", &state.to_string_lossy())
                .replace("{{dir}}", &dir.to_string_lossy())
                .replace("{{address}}", server.address)
                .replace("{{addresses}}", server.address)
                .replace("{{host}}", &format!("mx.{domain}"))
                .replace("{{domain}}", &domain)
                .replace("{{milter}}", server.milter)
                .replace("{{word}}", server.word)
        };
        fs::write(dir.join("etc/main.cf"), fill(&merged(&read("postfix/main.cf")?, &read("scanner/main.cf")?)))?;
        let own = read("postfix/master.cf")?.replace("{{submission}}\n", &read("scanner/master.cf")?);
        fs::write(dir.join("etc/master.cf"), fill(&own))?;
        fs::write(dir.join("etc/aliases"), "")?;
        fs::write(dir.join("recipients"), "")?;
        fs::write(dir.join("keep.sh"), read("scanner/keep.sh")?)?;
        if !server.milter.is_empty() {
            fs::create_dir_all(dir.join("db"))?;
            fs::write(dir.join("db/lab.ndb"), SIGNATURE)?;
            fs::write(dir.join("tld"), "test\n")?;
            for file in ["clamd.conf", "rspamd.conf"] {
                fs::write(dir.join(file), fill(&read(&format!("scanner/{file}"))?))?;
            }
            process::start(state, "clamd", Command::new("clamd").arg("-c").arg(dir.join("clamd.conf")))?;
            let mut rspamd = Command::new("rspamd");
            process::start(state, "rspamd", rspamd.args(["-f", "-i", "-c"]).arg(dir.join("rspamd.conf")))?;
        }
        launch(state, &name)?;
    }
    Ok(())
}
