//! The lab's certificate authority, and what it signs.

use crate::process::run;
use crate::scenario::Certificate;
use anyhow::Result;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The authority's certificate, for whoever is to trust it.
pub const CERTIFICATE: &str = "/run/mailsins-lab/ca.pem";

/// How `openssl ca` is to sign; `openssl req` knows no dates in the past.
const SIGNING: &str = "[ca]\ndefault_ca = lab\n[lab]\ndatabase = index\nnew_certs_dir = .\nrand_serial = yes\n\
                       default_md = sha256\npolicy = names\ncopy_extensions = copy\n[names]\ncommonName = supplied\n";

const EC: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256";

/// Makes the authority, and a certificate that nobody vouches for.
pub(crate) fn prepare(state: &Path) -> Result<()> {
    let ca = state.join("ca");
    fs::create_dir_all(&ca)?;
    openssl(&ca, &format!("req -x509 {EC} -nodes -days 90 -subj /CN=mailsins-lab -keyout ca.key -out ca.pem"))?;
    openssl(&ca, &format!("req -x509 {EC} -nodes -days 90 -subj /CN=nobody -keyout nobody.key -out nobody.pem"))?;
    mark(&ca, "saint.test")?;
    make(&ca, "self-signed", "mta-sts.untrusted.test", Certificate::SelfSigned)?;
    fs::write(ca.join("ca.conf"), SIGNING)?;
    fs::write(ca.join("index"), "")?;
    fs::copy(ca.join("ca.pem"), state.join("ca.pem"))?;
    Ok(())
}

/// File `mark.pem`: a certificate for the logo of this domain, with the usage and an empty logotype.
fn mark(ca: &Path, domain: &str) -> Result<()> {
    let arguments = format!(
        "req -x509 -days 90 {EC} -nodes -subj /CN={domain} -addext subjectAltName=DNS:{domain} -addext basicConstraints=critical,CA:FALSE \
         -addext extendedKeyUsage=1.3.6.1.5.5.7.3.31 -addext 1.3.6.1.5.5.7.1.12=DER:3000 -keyout mark.key -out mark.pem"
    );
    openssl(ca, &arguments)
}

/// Key and chain of `host` in one file, made once.
pub(crate) fn certificate(state: &Path, host: &str, kind: Certificate) -> Result<String> {
    made_once(state, host, host, kind)
}

/// A configuration in which `{{certificate}}` is the file of the server's own certificate, and
/// `{{certificate expired}}` that of another one for the same host, and so on.
pub(crate) fn fill(text: &str, state: &Path, host: &str, own: Certificate) -> Result<String> {
    let mut text = text.replace("{{certificate}}", &certificate(state, host, own)?);
    for kind in Certificate::ALL {
        let place = format!("{{{{certificate {}}}}}", kind.name());
        if text.contains(&place) {
            text = text.replace(&place, &made_once(state, &format!("{host}-{}", kind.name()), host, kind)?);
        }
    }
    Ok(text)
}

fn made_once(state: &Path, name: &str, host: &str, kind: Certificate) -> Result<String> {
    let ca = state.join("ca");
    let mut file = ca.join(format!("{name}.pem"));
    if !file.exists() {
        file = make(&ca, name, host, kind)?;
    }
    Ok(file.to_string_lossy().into_owned())
}

/// What a TLSA record of the key in the certificate of `host` holds: its SHA-256; of the authority,
/// if that is the host.
pub(crate) fn key_digest(state: &Path, host: &str) -> Result<String> {
    let file = if host == "ca" { "ca.pem".to_owned() } else { format!("{host}.crt") };
    let script = "openssl x509 -in \"$0\" -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -r";
    let digest = run(Command::new("sh").args(["-c", script, &file]).current_dir(state.join("ca")))?;
    Ok(digest.split_whitespace().next().unwrap_or_default().to_owned())
}

/// Files `name.key`, `name.crt`, and all that a server needs in `name.pem`.
fn make(ca: &Path, name: &str, host: &str, kind: Certificate) -> Result<PathBuf> {
    let key = match kind {
        Certificate::Short => "-newkey rsa:1024",
        Certificate::Rsa => "-newkey rsa:2048",
        _ => EC,
    };
    let host = if kind == Certificate::OtherName { format!("other.{host}") } else { host.to_owned() };
    let request = format!(
        "{key} -nodes -subj /CN={host} -addext subjectAltName=DNS:{host} -addext basicConstraints=critical,CA:FALSE -keyout {name}.key"
    );
    let own = [format!("{name}.key"), format!("{name}.crt")];
    let issuer = if kind == Certificate::Untrusted { "nobody" } else { "ca" };
    match kind {
        Certificate::SelfSigned => {
            openssl(ca, &format!("req -x509 -days 90 {request} -out {name}.crt"))?;
            return bundle(ca, name, &own);
        }
        Certificate::Expired => {
            openssl(ca, &format!("req -new {request} -out {name}.csr"))?;
            openssl(
                ca,
                &format!(
                    "ca -config ca.conf -batch -notext -cert ca.pem -keyfile ca.key -startdate 20240101000000Z \
                     -enddate 20240201000000Z -in {name}.csr -out {name}.crt"
                ),
            )?;
        }
        _ => {
            let days = if kind == Certificate::Soon { 10 } else { 90 };
            let digest = if kind == Certificate::Sha1 { "-sha1" } else { "-sha256" };
            let signed = format!("-CA {issuer}.pem -CAkey {issuer}.key -days {days} {digest}");
            openssl(ca, &format!("req -x509 {signed} {request} -out {name}.crt"))?;
        }
    }
    let [key, certificate] = own;
    bundle(ca, name, &[key, certificate, format!("{issuer}.pem")])
}

/// One file of several, which nobody else may read.
fn bundle(ca: &Path, name: &str, parts: &[String]) -> Result<PathBuf> {
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
