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

use anyhow::{Context, Result, bail, ensure};

use cpu::Group;
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
        ("site", [port, group, empty_port, empty_group, count]) => {
            let (site, empty) = (running(port, group)?, running(empty_port, empty_group)?);
            let rows = site::rows(&site, &empty, count.parse().context("count")?)?;
            rows.iter().for_each(|row| println!("{row}"));
            0
        }
        ("site-scan", [port, domain]) => {
            let site = Site { port: port.parse().context("port")?, group: Group::of(0, "") };
            let begun = Instant::now();
            site::scanned(&site, domain)?;
            println!("{}", begun.elapsed().as_secs_f64());
            0
        }
        ("published", [port]) => {
            let site = Site { port: port.parse().context("port")?, group: Group::of(0, "") };
            let (page, badge) = site::publish(&site)?;
            println!("{page} {badge}");
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

/// A site by its port and its group of processes.
fn running(port: &str, group: &str) -> Result<Site> {
    let group = Group::of(group.parse().context("group")?, "workerd");
    ensure!(!group.is_empty(), "no workerd in that group");
    Ok(Site { port: port.parse().context("port")?, group })
}
