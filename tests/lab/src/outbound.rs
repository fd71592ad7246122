//! A server that sends: Postfix with OpenDKIM, for `sender.consent.test`.

use crate::postfix::{launch, merged};
use crate::process::{self, run};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Its address: clients of tests speak to it on port 2525, and on port 2527 to one that scans what goes out.
pub const ADDRESS: &str = "127.25.69.1";

/// Where it delivers what is for [`crate::PROBE_DOMAIN`]: a test listens there.
pub const DELIVERS_TO: &str = "127.25.0.25:2526";

const NAME: &str = "outbound";

/// Its key as it stands in DNS, made anew: the character strings of a TXT record.
pub(crate) fn key_record(state: &Path) -> Result<String> {
    let dir = state.join(NAME);
    fs::create_dir_all(&dir)?;
    let key = dir.join("key.pem");
    run(Command::new("openssl").args(["genrsa", "-out"]).arg(&key).arg("2048"))?;
    let public = run(Command::new("openssl").args(["rsa", "-pubout", "-in"]).arg(&key))?;
    let data: String = public.lines().filter(|line| !line.starts_with('-')).collect();
    let (head, tail) = data.split_at_checked(data.len() / 2).context("a key of ASCII")?;
    Ok(format!("\"v=DKIM1; k=rsa; p={head}\" \"{tail}\""))
}

/// Starts both, after the zones were written.
pub(crate) fn start(state: &Path, files: &Path) -> Result<()> {
    let dir = state.join(NAME);
    for folder in ["etc", "queue", "data"] {
        fs::create_dir_all(dir.join(folder))?;
    }
    run(Command::new("chown").arg("postfix").arg(dir.join("data")))?;
    let read = |name: &str| fs::read_to_string(files.join(name)).with_context(|| format!("read {name}"));
    let fill = |text: &str| {
        text.replace("{{state}}", &state.to_string_lossy())
            .replace("{{dir}}", &dir.to_string_lossy())
            .replace("{{address}}", ADDRESS)
            .replace("{{addresses}}", ADDRESS)
            .replace("{{host}}", "out.sender.consent.test")
            .replace("{{domain}}", "sender.consent.test")
    };
    fs::write(dir.join("etc/main.cf"), fill(&merged(&read("postfix/main.cf")?, &read("outbound/main.cf")?)))?;
    let own = read("outbound/master.cf")?;
    fs::write(dir.join("etc/master.cf"), fill(&read("postfix/master.cf")?.replace("{{submission}}\n", &own)))?;
    fs::write(dir.join("etc/aliases"), "")?;
    fs::write(dir.join("recipients"), "")?;
    fs::write(dir.join("keys"), format!("key sender.consent.test:s1:{}\n", dir.join("key.pem").display()))?;
    fs::write(dir.join("signing"), "* key\n")?;
    fs::write(dir.join("scanned"), "/EICAR-STANDARD-ANTIVIRUS/ REJECT it carries a virus\n")?;
    fs::write(dir.join("opendkim.conf"), fill(&read("outbound/opendkim.conf")?))?;
    process::start(state, "opendkim", Command::new("opendkim").args(["-f", "-x"]).arg(dir.join("opendkim.conf")))?;
    launch(state, NAME)
}
