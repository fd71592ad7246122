//! Whole scans, near and far, beside their critical path and beside other tools.

use super::{Plan, Row, mailsins, median, program};
use crate::build::Kind;
use crate::{pip, process, root, site, target};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Two mail hosts, one for people's mailboxes, everything signed and published.
const DOMAIN: &str = "saint.test";

/// Another domain, with hosts of its own.
const OTHER: &str = "trinity.test";

/// Where its hosts are, and the ports of mail.
const ADDRESSES: [&str; 3] = ["127.25.1.1", "127.25.1.2", "127.25.1.3"];
const PORTS: &str = "25,110,143,465,587,993,995,4190";

/// What nmap finds out of what we do: commands, relaying, NTLM, capabilities, certificates, versions and ciphers of TLS.
const SCRIPTS: &str = "smtp-commands,smtp-open-relay,smtp-ntlm-info,imap-capabilities,imap-ntlm-info,pop3-capabilities,\
                       pop3-ntlm-info,ssl-cert,ssl-enum-ciphers";

/// How far off other tools are measured, in milliseconds.
const BESIDE: u32 = 50;

pub fn rows(plan: &Plan) -> Result<Vec<Row>> {
    super::lab()?;
    let folder = target().join("speed/scans");
    fs::create_dir_all(&folder)?;
    let mut rows = Vec::new();
    for distance in plan.distances {
        println!("Scanning {DOMAIN}, {distance} ms off");
        let (row, limit) = terminal(plan, *distance, &folder)?;
        rows.extend([row, by_site(plan, *distance, limit, &folder)?]);
    }
    if plan.whole {
        println!("Asking checkdmarc and nmap, {BESIDE} ms off");
        rows.extend(beside(&folder)?);
    }
    Ok(rows)
}

/// The program `mailsins`.
fn terminal(plan: &Plan, distance: u32, folder: &Path) -> Result<(Row, f64)> {
    let report = folder.join("terminal.json");
    let mut runs = Vec::new();
    for _ in 0..plan.scans {
        let (seconds, mb) = timed(distance, &report, &check())?;
        runs.push((seconds, mb, limit(&report)?));
    }
    let path = median(runs.iter().map(|run| run.2).collect());
    Ok((row("by the terminal", distance, &runs), path))
}

fn check() -> Vec<String> {
    vec![mailsins().display().to_string(), "check".into(), DOMAIN.into(), "--json".into()]
}

fn row(who: &str, distance: u32, runs: &[(f64, f64, f64)]) -> Row {
    let of = |part: fn(&(f64, f64, f64)) -> f64| median(runs.iter().map(part).collect());
    let (wall, mb, ratio) = (of(|run| run.0), of(|run| run.1), of(|run| run.0 / run.2));
    let memory = if mb > 0.0 { format!(", {mb:.0} MB at most") } else { String::new() };
    [
        format!("scan {who}, round trip {distance} ms"),
        format!("{wall:.2} s{memory}"),
        format!("critical path {:.2} s: {ratio:.2}×", of(|run| run.2)),
    ]
}

/// The critical path of a report, in seconds.
fn limit(report: &Path) -> Result<f64> {
    let printed = process::output(Command::new(program()).arg("limit").arg(report))?;
    let words = printed.lines().next().and_then(|line| line.split(' ').nth(1)).context("no limit")?;
    Ok(words.parse::<f64>()? / 1e3)
}

/// Runs a command so far off; its wall time in seconds and its peak memory in MB.
fn timed(distance: u32, output: &Path, words: &[String]) -> Result<(f64, f64)> {
    let mut command = delayed(distance);
    command.arg(program()).arg("timed").arg(output).args(words);
    let printed = process::output(command.envs(mailsins_lab::env()))?;
    let mut numbers = printed.split_whitespace().map(str::parse::<f64>);
    let mut next = || numbers.next().context("no time")?.context("read the time");
    Ok((next()?, next()?))
}

/// To be continued by a command: it runs in a network from which the lab is so far off.
fn delayed(distance: u32) -> Command {
    let mut command = Command::new(program());
    command.args(["delay", &distance.to_string()]).current_dir(root());
    command
}

/// The site, in the same place: the time that whoever asked for the scan waited. The limit is the terminal's, whose
/// answers had to queue for nothing.
fn by_site(plan: &Plan, distance: u32, limit: f64, folder: &Path) -> Result<Row> {
    let mut runs = Vec::new();
    for _ in 0..plan.scans {
        let mut command = delayed(distance);
        command.arg(std::env::current_exe()?).args(["bench", "far"]).arg(folder);
        process::output(&mut command)?;
        let seconds = fs::read_to_string(folder.join("seconds"))?.trim().parse::<f64>()?;
        runs.push((seconds, 0.0, limit));
    }
    Ok(row("by the site", distance, &runs))
}

/// `bench far`, which nobody else calls: a site in the network that it is started in, and a scan by it. It is a new one each
/// time, since a gate that has heard a host does not ask it again so soon.
pub fn far(folder: &Path) -> Result<()> {
    let (port, state) = (site::free_port()?, folder.join("state"));
    let _ = fs::remove_dir_all(&state);
    let _site = site::serve(Kind::Lab, port, &state, Some(&folder.join("site.log")), &[])?;
    let scan = |domain: &str| process::output(Command::new(program()).args(["site-scan", &port.to_string(), domain]));
    // The first one compiles.
    scan(OTHER)?;
    fs::write(folder.join("seconds"), scan(DOMAIN)?).context("keep the time")
}

/// checkdmarc and nmap, for the same facts.
fn beside(folder: &Path) -> Result<Vec<Row>> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let modules = pip::checkdmarc()?;
    let checkdmarc = [
        "env".to_owned(),
        format!("PYTHONPATH={}", modules.display()),
        format!("SSL_CERT_FILE={}", mailsins_lab::CERTIFICATE),
        modules.join("bin/checkdmarc").display().to_string(),
    ];
    let dmarc = [&checkdmarc[..], &words(&["--check-mx-tls", "-n", mailsins_lab::RESOLVER, "--", DOMAIN])].concat();
    let nmap = [&words(&["nmap", "-n", "-Pn", "-p", PORTS, "--script", SCRIPTS])[..], &words(&ADDRESSES)].concat();
    let (ours, _) = timed(BESIDE, &folder.join("ours.json"), &check())?;
    let said = folder.join("checkdmarc.json");
    let (dmarc, _) = timed(BESIDE, &said, &dmarc)?;
    ensure!(fs::read_to_string(&said)?.contains("\"starttls\""), "checkdmarc said nothing: {}", said.display());
    let said = folder.join("nmap.txt");
    let (nmap, _) = timed(BESIDE, &said, &nmap)?;
    ensure!(fs::read_to_string(&said)?.contains("ssl-enum-ciphers"), "nmap said nothing: {}", said.display());
    let row = |what: &str, seconds: f64, beside: String| {
        [format!("{what}, round trip {BESIDE} ms"), format!("{seconds:.2} s"), beside]
    };
    Ok(vec![
        row("mailsins check", ours, String::new()),
        row("checkdmarc --check-mx-tls", dmarc, format!("{:.1} times ours", dmarc / ours)),
        row("nmap's scripts for the same hosts", nmap, format!("{:.1} times ours", nmap / ours)),
        row("both", dmarc + nmap, format!("{:.1} times ours", (dmarc + nmap) / ours)),
    ])
}
