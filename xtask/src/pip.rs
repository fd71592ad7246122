//! What tests and measurements take from PyPI, fetched once into target/.

use crate::process::run as run_command;
use crate::{root, target};
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The published test suite of RFC 7208, which is not ours to keep here.
pub fn spf_suite() -> Result<PathBuf> {
    const NAME: &str = "pyspf-2.0.14";
    let folder = target().join("pyspf");
    let suite = folder.join(NAME).join("test/rfc7208-tests.yml");
    if suite.exists() {
        return Ok(suite);
    }
    fs::create_dir_all(&folder)?;
    let archive = format!("{NAME}.tar.gz");
    if !folder.join(&archive).exists() {
        let to = folder.to_string_lossy();
        pip(&["download", "pyspf==2.0.14", "--no-deps", "--no-binary", "pyspf", "-d", &to])?;
    }
    run_command(Command::new("tar").arg("-xzf").arg(folder.join(archive)).arg("-C").arg(&folder))?;
    Ok(suite)
}

/// Schemathesis, which asks the site everything that its OpenAPI document allows: the folder of its modules, in which
/// `bin/schemathesis` starts it.
pub fn schemathesis() -> Result<PathBuf> {
    listed("schemathesis", "tests/schemathesis.txt")
}

/// checkdmarc, which `./x bench` asks for the same facts, likewise.
pub fn checkdmarc() -> Result<PathBuf> {
    listed("checkdmarc", "bench/checkdmarc.txt")
}

/// What a list names, in a folder of target/.
fn listed(name: &str, list: &str) -> Result<PathBuf> {
    let wanted = root().join(list);
    let folder = target().join(name);
    let installed = folder.join("requirements.txt");
    if fs::read(&installed).ok() == Some(fs::read(&wanted)?) {
        return Ok(folder);
    }
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let (to, list) = (folder.to_string_lossy(), wanted.to_string_lossy());
    pip(&["install", "--quiet", "--disable-pip-version-check", "--target", &to, "-r", &list])?;
    fs::copy(wanted, installed)?;
    Ok(folder)
}

/// Runs pip, however it is called here.
pub fn pip(arguments: &[&str]) -> Result<()> {
    mailsins_lab::packages::ensure(&[("pip", "python3-pip")])?;
    let by = |program: &str, before: &[&str]| {
        run_command(Command::new(program).args(before).args(arguments).current_dir(root()))
    };
    by("pip", &[]).or_else(|_| by("python3", &["-m", "pip"])).context("fetch from PyPI")
}
