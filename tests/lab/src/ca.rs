//! The lab's certificate authority, and what it signs.

use crate::process::run;
use anyhow::Result;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The authority's certificate, for whoever is to trust it.
pub const CERTIFICATE: &str = "/run/mailsins-lab/ca.pem";

/// Makes the authority, and a certificate that nobody vouches for.
pub(crate) fn prepare(state: &Path) -> Result<()> {
    let ca = state.join("ca");
    fs::create_dir_all(&ca)?;
    openssl(
        &ca,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=mailsins-lab -keyout ca.key -out ca.pem",
    )?;
    openssl(
        &ca,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=mta-sts.untrusted.test \
         -addext subjectAltName=DNS:mta-sts.untrusted.test -addext basicConstraints=critical,CA:FALSE \
         -keyout self-signed.key -out self-signed.crt",
    )?;
    bundle(&ca, "self-signed", &["self-signed.key", "self-signed.crt"])?;
    fs::copy(ca.join("ca.pem"), state.join("ca.pem"))?;
    Ok(())
}

/// Key and chain of `host`, signed by the lab's authority, in one file.
pub(crate) fn certificate(state: &Path, host: &str) -> Result<String> {
    let ca = state.join("ca");
    openssl(
        &ca,
        &format!(
            "req -x509 -CA ca.pem -CAkey ca.key -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN={host} \
         -addext subjectAltName=DNS:{host} -addext basicConstraints=critical,CA:FALSE -keyout {host}.key -out {host}.crt"
        ),
    )?;
    let file = bundle(&ca, host, &[&format!("{host}.key"), &format!("{host}.crt"), "ca.pem"])?;
    Ok(file.to_string_lossy().into_owned())
}

/// One file of several, which nobody else may read.
fn bundle(ca: &Path, name: &str, parts: &[&str]) -> Result<PathBuf> {
    let mut chain = String::new();
    for part in parts {
        chain += &fs::read_to_string(ca.join(part))?;
    }
    let file = ca.join(format!("{name}.pem"));
    fs::write(&file, chain)?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

fn openssl(folder: &Path, arguments: &str) -> Result<()> {
    run(Command::new("openssl").args(arguments.split_whitespace()).current_dir(folder)).map(drop)
}
