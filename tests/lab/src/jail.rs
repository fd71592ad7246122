//! Servers that were unpacked, not installed ([`crate::packages::ensure_unpacked`]): each runs in a mount namespace
//! of its own, in which its users exist and /var is its own. The machine's files stay as they are.

use crate::packages::UNPACKED;
use std::path::Path;
use std::process::Command;

/// `$0` is the instance's folder, `$1` the folder of the unpacked packages, `$2` who owns the instance's files.
/// Several programs of one instance may start side by side. The numbers of the users are out of the way of those that Debian gives.
const SCRIPT: &str = r#"
set -e
mkdir -p "$0/var/run" "$0/var/spool" "$0/var/lib/opensmtpd/empty" "$0/var/cache/${1##*/}"
passwd=$0/passwd.$$
group=$0/group.$$
cp /etc/passwd "$passwd"
cp /etc/group "$group"
number=61840
for user in Debian-exim opensmtpd opensmtpq courier; do
    number=$((number + 1))
    grep -q "^$user:" /etc/passwd || echo "$user:x:$number:$number::/nonexistent:/usr/sbin/nologin" >>"$passwd"
    grep -q "^$user:" /etc/group || echo "$user:x:$number:" >>"$group"
done
mount --bind "$passwd" /etc/passwd
mount --bind "$group" /etc/group
chown -R "$2" "$0/etc" "$0/spool"
mount --bind "$1" "$0/var/cache/${1##*/}"
mount --rbind "$0/var" /var
export LD_LIBRARY_PATH="$1/usr/lib:$1/usr/lib/courier-authlib"
cd "$1"
shift 2
exec "$@"
"#;

/// Runs `program` with its arguments for the instance in `dir`, the working folder being that of the unpacked
/// packages; `owner` gets the instance's files.
pub(crate) fn command(dir: &Path, owner: &str, program: &[&str]) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", SCRIPT]).arg(dir).args([UNPACKED, owner]).args(program);
    command
}
