//! Courier's IMAP and POP3 servers: settings of their own for each instance, under the lab's state. Debian's packages
//! cannot be installed beside Dovecot's, so they are unpacked and run in a mount namespace of their own. Nobody can
//! log in: there is no daemon that knows users.

use crate::server::Instance;
use crate::{jail, process};
use anyhow::{Context, Result};
use std::fs;

/// Debian's packages.
pub(crate) const PACKAGES: [&str; 4] = ["courier-base", "courier-imap", "courier-pop", "courier-authlib"];

/// As Debian's scripts do it: both files of settings, then the daemon with its programs.
const RUN: &str = r#"
set -a
. "$0/courier/$1"
. "$0/courier/$1-ssl"
COURIERTLS=$PWD/usr/bin/couriertls
IMAP_STARTTLS=$IMAPDSTARTTLS
lib=$PWD/usr/lib/courier/courier
case $1 in
imapd) set -- "$@" "$lib/imaplogin" "$PWD/usr/bin/imapd" Maildir ;;
pop3d) set -- "$@" "$lib/courierpop3login" "$lib/courierpop3d" Maildir ;;
esac
address=$2
port=$3
shift 3
case $port in
993) IMAP_TLS=1 && set -- "$COURIERTLS" -server -tcpd "$@" ;;
995) POP3_TLS=1 && set -- "$COURIERTLS" -server -tcpd "$@" ;;
esac
exec usr/sbin/couriertcpd -address="$address" -maxprocs=40 -maxperip=40 -nodnslookup -noidentlookup "$port" "$@"
"#;

/// Writes the instance's settings.
pub(crate) fn write(instance: &Instance<'_>) -> Result<()> {
    for folder in ["etc/courier", "spool"] {
        fs::create_dir_all(instance.dir.join(folder))?;
    }
    for file in ["imapd", "imapd-ssl", "pop3d", "pop3d-ssl"] {
        // Shell, in which the later setting holds.
        let text = instance.shared("courier", file)? + &instance.own("courier", file).unwrap_or_default();
        fs::write(instance.dir.join("etc/courier").join(file), instance.fill(&text)?)?;
    }
    Ok(())
}

/// Starts an instance whose settings are written: a daemon for each address and port.
pub(crate) fn launch(instance: &Instance<'_>) -> Result<()> {
    let etc = instance.dir.join("etc");
    let etc = etc.to_str().context("the lab's state has an odd name")?;
    for socket in instance.server.sockets() {
        let daemon = if [143, 993].contains(&socket.port()) { "imapd" } else { "pop3d" };
        let (address, port) = (socket.ip().to_string(), socket.port().to_string());
        let arguments = ["sh", "-c", RUN, etc, daemon, &address, &port];
        process::start(instance.state, &instance.name, &mut jail::command(&instance.dir, "courier", &arguments))?;
    }
    Ok(())
}
