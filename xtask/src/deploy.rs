//! `./x deploy`: the site to Cloudflare. docs/self-hosting.md says what has to be there before.

use crate::build::{Kind, build, worker_module};
use crate::process::run as run_command;
use crate::site::wrangler;
use crate::{root, setup, target};
use anyhow::{Context, Result, bail};
use std::fs;

/// What wrangler.toml holds until somebody makes it theirs, and what to do about it.
const NOT_YET: [(&str, &str); 2] = [
    (
        "database_id = \"00000000-0000-0000-0000-000000000000\"",
        "the database: `npx wrangler d1 create mailsins` says its id",
    ),
    ("PROBE_DOMAIN = \"mailsins.example\"", "PROBE_DOMAIN: the domain of the site"),
];

/// Runs `./x deploy`.
pub fn run(arguments: &[&str]) -> Result<()> {
    let dry = arguments.contains(&"--dry-run");
    let settings = fs::read_to_string(root().join("wrangler.toml")).context("read wrangler.toml")?;
    let open = not_yet(&settings);
    if !dry && !open.is_empty() {
        bail!("wrangler.toml does not say yet:\n  {}\nSee docs/self-hosting.md.", open.join("\n  "));
    }
    setup::run(&[])?;
    build(Kind::Production)?;
    let module = worker_module(Kind::Production);
    if dry {
        let folder = target().join("deploy");
        run_command(wrangler(&["deploy"]).arg(module).args(["--dry-run", "--outdir"]).arg(&folder))?;
        println!("\nNothing was sent. What would have been is in {}.", folder.display());
        if !open.is_empty() {
            println!("Before it can be, wrangler.toml must say:\n  {}", open.join("\n  "));
        }
        return Ok(());
    }
    // The new tables first: the Worker that is there does not mind them, the new one needs them.
    run_command(&mut wrangler(&["d1", "migrations", "apply", "mailsins", "--remote"]))?;
    run_command(wrangler(&["deploy"]).arg(module))
}

fn not_yet(settings: &str) -> Vec<&'static str> {
    NOT_YET.iter().filter(|(text, _)| settings.contains(text)).map(|(_, what)| *what).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_fresh_checkout_lacks() {
        let settings = include_str!("../../wrangler.toml");
        assert_eq!(not_yet(settings).len(), NOT_YET.len());
        let own = settings.replace("00000000-0000-0000-0000-000000000000", "12345678-0000-0000-0000-000000000000");
        assert_eq!(not_yet(&own.replace("mailsins.example", "mail.example.org")), [""; 0]);
    }
}
