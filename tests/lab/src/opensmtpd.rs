//! OpenSMTPD instances: one configuration and queue each, under the lab's state. Debian's package cannot be
//! installed beside Postfix, so it is unpacked and runs in a mount namespace of its own, for its queue and socket
//! have fixed places.

use crate::packages::UNPACKED;
use crate::server::Instance;
use crate::{jail, process};
use anyhow::Result;
use std::fs;

/// Debian's package.
pub(crate) const PACKAGE: &str = "opensmtpd";

/// Writes the instance's configuration.
pub(crate) fn write(instance: &Instance<'_>) -> Result<()> {
    for folder in ["etc", "spool"] {
        fs::create_dir_all(instance.dir.join(folder))?;
    }
    for file in ["smtpd.conf", "aliases"] {
        let text = instance.own("opensmtpd", file).map_or_else(|| instance.shared("opensmtpd", file), Ok)?;
        fs::write(instance.dir.join("etc").join(file), instance.fill(&text)?)?;
    }
    Ok(())
}

/// Starts an instance whose configuration is written.
pub(crate) fn launch(instance: &Instance<'_>) -> Result<()> {
    let (program, config) = (format!("{UNPACKED}/usr/sbin/smtpd"), instance.dir.join("etc/smtpd.conf"));
    let arguments = [program.as_str(), "-d", "-f", &config.to_string_lossy()];
    process::start(instance.state, &instance.name, &mut jail::command(&instance.dir, "root", &arguments))
}
