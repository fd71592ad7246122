//! What `./x bench` measures with: pure functions, a long way to the lab, the critical path of a scan.

mod cases;
mod cpu;
mod delay;
mod http;
mod limit;
mod pure;
mod row;
mod site;
mod spf;
mod timed;
mod timing;

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use cpu::Group;
use mailsins_lab::workerd::Workerd;
use site::Site;

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = arguments.split_first() else { bail!("no command") };
    let code = match (command.as_str(), rest) {
        ("delay", [milliseconds, command @ ..]) => {
            delay::run(Duration::from_millis(milliseconds.parse().context("milliseconds")?), command)?
        }
        ("delay-near", [own, other, microseconds, command @ ..]) => {
            let rtt = Duration::from_micros(microseconds.parse().context("microseconds")?);
            delay::near(Path::new(own), Path::new(other), rtt, command)?
        }
        ("pure", [recorded, milliseconds]) => {
            let within = Duration::from_millis(milliseconds.parse().context("milliseconds")?);
            pure::rows(&std::fs::read_to_string(recorded)?, within)?.iter().for_each(|row| println!("{row}"));
            0
        }
        ("repeat", [recorded, what, times]) => {
            pure::repeat(what, times.parse().context("times")?, &std::fs::read_to_string(recorded)?)?;
            0
        }
        ("counted", []) => {
            pure::COUNTED.iter().for_each(|what| println!("{what}"));
            0
        }
        ("timed", [output, command @ ..]) => {
            let run = timed::run(Path::new(output), command)?;
            println!("{} {}", run.seconds, run.peak_mb);
            0
        }
        ("site", [port, empty_port, count]) => {
            let (site, empty) = (worker(port)?, worker(empty_port)?);
            let rows = site::rows(&site, &empty, count.parse().context("count")?)?;
            rows.iter().for_each(|row| println!("{row}"));
            0
        }
        ("site-scan", [port, domain]) => {
            let site = Site { port: port.parse().context("port")?, group: Group::default() };
            let begun = Instant::now();
            site::scanned(&site, domain)?;
            println!("{}", begun.elapsed().as_secs_f64());
            0
        }
        ("published", [port]) => {
            let site = worker(port)?;
            let (page, badge) = site::publish(&site)?;
            println!("{} {page} {badge}", site.port);
            0
        }
        ("limit", [file]) => {
            let limit = limit::of(&std::fs::read_to_string(file)?)?;
            println!("{} {}", limit.wall, limit.path);
            for (what, begun, took) in limit.steps.iter().rev() {
                println!("{begun:>7}{took:>7}  {what}");
            }
            0
        }
        _ => bail!("unknown: {command}"),
    };
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// The Worker behind the port of wrangler's proxy, without it.
fn worker(port: &str) -> Result<Site> {
    let worker = Workerd::of(port.parse().context("port")?)?.worker()?;
    Ok(Site { port: worker.door()?, group: Group(worker.ids()) })
}
