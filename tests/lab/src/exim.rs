//! Exim instances: one configuration, spool and log each, under the lab's state. Debian's package cannot be
//! installed beside Postfix, so it is unpacked and runs in a mount namespace of its own.

use crate::packages::UNPACKED;
use crate::postfix::merged;
use crate::server::Instance;
use crate::{jail, process};
use anyhow::{Context, Result};
use std::fs;

/// Debian's package of the daemon.
pub(crate) const PACKAGE: &str = "exim4-daemon-light";

/// Writes the instance's configuration.
pub(crate) fn write(instance: &Instance<'_>) -> Result<()> {
    for folder in ["etc", "spool"] {
        fs::create_dir_all(instance.dir.join(folder))?;
    }
    let own = instance.own("exim", "exim.conf").unwrap_or_default();
    let text = set(&instance.shared("exim", "exim.conf")?, &own)?;
    let ports = |wanted: &dyn Fn(u16) -> bool| {
        let ports = instance.server.ports.iter().filter(|port| wanted(**port));
        ports.map(ToString::to_string).collect::<Vec<_>>().join(" : ")
    };
    let text = text.replace("{{ports}}", &ports(&|_| true)).replace("{{tls ports}}", &ports(&|port| port == 465));
    fs::write(instance.dir.join("exim.conf"), instance.fill(&text)?)?;
    let aliases = instance.own("exim", "aliases").map_or_else(|| instance.shared("exim", "aliases"), Ok)?;
    fs::write(instance.dir.join("etc/aliases"), aliases)?;
    Ok(())
}

/// Starts an instance whose configuration is written.
pub(crate) fn launch(instance: &Instance<'_>) -> Result<()> {
    let (program, config) = (format!("{UNPACKED}/usr/sbin/exim4"), instance.dir.join("exim.conf"));
    let arguments = [program.as_str(), "-C", &config.to_string_lossy(), "-bdf"];
    process::start(instance.state, &instance.name, &mut jail::command(&instance.dir, "Debian-exim", &arguments))
}

/// A configuration whose main section has these options, instead of those of the same names.
pub(crate) fn set(config: &str, options: &str) -> Result<String> {
    let at = config.find("\nbegin ").context("no section follows the main one")? + 1;
    let (main, sections) = config.split_at_checked(at).context("the main section")?;
    Ok(merged(main, options) + "\n" + sections)
}

#[cfg(test)]
mod tests {
    use super::set;

    #[test]
    fn options_go_into_the_main_section() {
        let config = "a = 1\nhostlist b = *\n\nbegin acl\na = 1\n";
        assert_eq!(
            set(config, "hostlist b = x\nc = 2").unwrap(),
            "a = 1\n\nhostlist b = x\nc = 2\n\nbegin acl\na = 1\n"
        );
        assert!(set("a = 1\n", "a = 2").is_err());
    }
}
