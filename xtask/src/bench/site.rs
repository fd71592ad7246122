//! What requests cost the site, and how many it answers.

use super::{Plan, Row, measured, program};
use crate::build::Kind;
use crate::process::{self, Server, start};
use crate::{site, target};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

pub fn rows(plan: &Plan) -> Result<Vec<Row>> {
    super::lab()?;
    println!("Measuring the site");
    let folder = target().join("speed/site");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let (port, empty_port) = (site::free_port()?, site::free_port()?);
    let _site = site::serve(Kind::Lab, port, &folder.join("state"), Some(&folder.join("site.log")), &[])?;
    let _empty = serve_empty(empty_port, &folder)?;
    let text = |number: u32| number.to_string();
    let arguments = [text(port.into()), text(empty_port.into()), text(plan.requests)];
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut rows = measured(&[&["site"], &words[..]].concat())?;
    rows.extend(throughput(plan, port)?);
    Ok(rows)
}

/// The same workerd, with a Worker that does nothing.
fn serve_empty(port: u16, folder: &Path) -> Result<Server> {
    let log = fs::File::create(folder.join("empty.log"))?;
    let configuration = folder.join("wrangler.toml");
    fs::write(&configuration, "name = \"empty\"\ncompatibility_date = \"2026-04-01\"\n")?;
    let mut dev = site::wrangler(&["dev"]);
    dev.arg(crate::root().join("bench/empty.js")).arg("--config").arg(configuration);
    dev.args(["--ip=127.0.0.1", "--show-interactive-dev-session=false", &format!("--port={port}")]);
    dev.arg(format!("--inspector-port={}", site::free_port()?)).stdout(log.try_clone()?).stderr(log);
    let mut server = start(&mut dev)?;
    server.ready(Duration::from_secs(60), || site::answers(port))?;
    Ok(server)
}

/// Requests a second, by wrk, in turn.
fn throughput(plan: &Plan, port: u16) -> Result<Vec<Row>> {
    let printed = process::output(Command::new(program()).args(["published", &port.to_string()]))?;
    let mut words = printed.split_whitespace();
    let mut word = || words.next().context("what was published?");
    let (door, page, badge) = (word()?, word()?, word()?);
    let paths = [
        ("a static asset", "/favicon.svg".to_owned()),
        ("/badge/{id}.svg", format!("/badge/{badge}.svg")),
        ("/r/{id}", format!("/r/{page}")),
        ("/r/{id}.json", format!("/r/{page}.json")),
    ];
    let seconds = if plan.whole { "4s" } else { "2s" };
    let mut rows = Vec::new();
    let mut asset = None;
    for (what, path) in paths {
        let url = format!("http://127.0.0.1:{door}{path}");
        let said = process::output(Command::new("wrk").args(["-t1", "-c16", "-d", seconds, "--latency", &url]))?;
        let after = |word: &str| said.split_once(word).and_then(|(_, rest)| rest.split_whitespace().next());
        let rate: f64 = after("Requests/sec:").context("wrk counted nothing")?.parse()?;
        let beside = match (asset, after("Non-2xx or 3xx responses:")) {
            (_, Some(failed)) => anyhow::bail!("{failed} requests of {path} failed"),
            (Some(asset), None) => {
                format!("{:.2} of the asset; 99 % within {}", rate / asset, after("99%").unwrap_or("?"))
            }
            (None, None) => format!("99 % within {}", after("99%").unwrap_or("?")),
        };
        asset = asset.or(Some(rate));
        rows.push([format!("requests a second, {what}"), format!("{rate:.0}"), beside]);
    }
    Ok(rows)
}
