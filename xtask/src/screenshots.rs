//! `./x screenshots`: the pictures of docs/images, taken of the site as it is.

use crate::build::{Kind, build};
use crate::{process, root, setup, site, target, test};
use anyhow::{Context, Result};
use std::fs;
use std::process::Command;

/// Runs `./x screenshots`.
pub fn run(_: &[&str]) -> Result<()> {
    setup::run(&[])?;
    build(Kind::Lab)?;
    process::lab_up()?;
    let folder = target().join("screenshots");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let (site_port, driver_port) = (site::free_port()?, site::free_port()?);
    let log = folder.join("site.log");
    let _site = site::serve(Kind::Lab, site_port, &folder.join("state"), Some(&log), &[])
        .with_context(|| format!("see {}", log.display()))?;
    let _driver = test::webdriver(driver_port, &folder.join("chromedriver.log"))?;
    let pictures = root().join("docs/images");
    fs::create_dir_all(&pictures)?;
    let mut take = Command::new("cargo");
    take.args(["run", "--quiet", "-p=mailsins-tests", "--bin=screenshots"]).current_dir(root());
    take.env("MAILSINS_SITE", format!("http://127.0.0.1:{site_port}"));
    take.env("MAILSINS_WEBDRIVER", format!("http://127.0.0.1:{driver_port}"));
    take.env("MAILSINS_PICTURES", pictures);
    process::run(&mut take)
}
