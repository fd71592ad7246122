//! Postfix instances: one configuration, queue and log each, under the lab's state.

use crate::ca;
use crate::packages;
use crate::process::{self, run};
use crate::scenario::{Scenario, Server};
use anyhow::{Context, Result};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// Debian's place of the program that runs all the others.
const MASTER: &str = "/usr/lib/postfix/sbin/master";

/// The SASL account that all instances share.
pub(crate) fn prepare(state: &Path) -> Result<()> {
    let sasl = state.join("sasl");
    fs::create_dir_all(&sasl)?;
    for domain in ["saint.test", "sinner.test"] {
        let script = format!("printf lab-password | saslpasswd2 -p -c -f {}/sasldb2 -u {domain} lab", sasl.display());
        run(Command::new("sh").args(["-c", &script]))?;
    }
    // A published password for a mailbox that discards: anybody may read it, smtpd must.
    fs::set_permissions(sasl.join("sasldb2"), fs::Permissions::from_mode(0o644))?;
    Ok(())
}

/// Writes the instance's configuration.
pub(crate) fn write(state: &Path, files: &Path, scenario: &Scenario, server: &Server) -> Result<()> {
    let name = format!("{}-{}", scenario.name, server.name);
    let dir = state.join(&name);
    let own = scenario.path.join("postfix").join(&server.name);
    for folder in ["etc/sasl", "queue", "data"] {
        fs::create_dir_all(dir.join(folder))?;
    }
    run(Command::new("chown").arg("postfix").arg(dir.join("data")))?;

    let host = server.host_in(&scenario.expect.domain);
    let addresses: Vec<String> = server.addresses.iter().map(ToString::to_string).collect();
    let fill = |text: &str| {
        let text = text
            .replace("{{state}}", &state.to_string_lossy())
            .replace("{{dir}}", &dir.to_string_lossy())
            .replace("{{addresses}}", &addresses.join(", "))
            .replace("{{host}}", &host)
            .replace("{{domain}}", &scenario.expect.domain);
        ca::fill(&text, state, &host, server.certificate)
    };
    let shared = fs::read_to_string(files.join("postfix/main.cf"))?;
    let mine = fs::read_to_string(own.join("main.cf")).unwrap_or_default();
    fs::write(dir.join("etc/main.cf"), fill(&merged(&shared, &mine))?)?;

    // Debian's libsasl2 looks beside main.cf.
    fs::write(dir.join("etc/sasl/smtpd.conf"), fill(&fs::read_to_string(files.join("postfix/smtpd-sasl.conf"))?)?)?;
    let mut submission = String::new();
    for (port, file) in [(587, "postfix/submission.cf"), (465, "postfix/submissions.cf")] {
        if server.ports.contains(&port) {
            submission += &fs::read_to_string(files.join(file))?;
        }
    }
    let master = fs::read_to_string(files.join("postfix/master.cf"))?;
    fs::write(dir.join("etc/master.cf"), master.replace("{{submission}}", &submission))?;

    let list = [own.join("recipients"), files.join("postfix/recipients")];
    let list = list.iter().find(|file| file.exists()).context("no recipients file")?;
    fs::copy(list, dir.join("recipients"))?;
    fs::write(dir.join("etc/aliases"), fs::read_to_string(own.join("aliases")).unwrap_or_default())?;
    Ok(())
}

/// Starts an instance whose configuration is written.
pub(crate) fn launch(state: &Path, name: &str) -> Result<()> {
    let etc = state.join(name).join("etc");
    run(Command::new("postalias").arg("-c").arg(&etc).arg(etc.join("aliases")))?;
    let postfix = packages::find("postfix").context("postfix is not installed")?;
    run(Command::new(&postfix).arg("-c").arg(&etc).arg("check"))?;
    // `postfix start-fg` would leave its master in a session that we don't know.
    process::start(state, name, Command::new(MASTER).arg("-c").arg(&etc))
}

/// `shared` without the parameters that `own` sets, then `own`. Shared parameters are one line each.
pub(crate) fn merged(shared: &str, own: &str) -> String {
    let parameter = |line: &str| {
        let (name, _) = line.split_once('=')?;
        (!line.starts_with(['#', ' ', '\t'])).then(|| name.trim().to_owned())
    };
    let replaced: Vec<String> = own.lines().filter_map(parameter).collect();
    let kept = shared.lines().filter(|line| parameter(line).is_none_or(|name| !replaced.contains(&name)));
    kept.chain(own.lines()).fold(String::new(), |text, line| text + line + "\n")
}

#[cfg(test)]
mod tests {
    use super::merged;

    #[test]
    fn own_parameters_replace_shared_ones() {
        for (shared, own, result) in [
            ("a = 1\nb = 2\n", "", "a = 1\nb = 2\n"),
            ("a = 1\nb = 2\n", "a = 3\n", "b = 2\na = 3\n"),
            ("a = 1\n", "b =\n  c = 2\n", "a = 1\nb =\n  c = 2\n"),
            ("# a = 1\n", "a = 2\n", "# a = 1\na = 2\n"),
        ] {
            assert_eq!(merged(shared, own), result, "{shared:?} with {own:?}");
        }
    }
}
