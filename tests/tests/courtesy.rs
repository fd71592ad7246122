//! What a scan is like for those who are scanned: counted on the wire, and by fail2ban with its stock filters on the logs
//! of real servers. By a site of its own, whose hosts get as much rest as in production and that asks six addresses of a
//! network in a day.

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use futures_util::future::try_join_all;
use mailsins_lab::watch::{AGGRESSIVE, GUARD};
use mailsins_tests::wire::{connections, wire};
use mailsins_tests::{SCAN_LIMIT, Site, setting, terminal};
use shared::api::{Drive, ScanState};
use shared::{Case, Report, Unseen, judge};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::process::Command;
use tokio::sync::{Mutex, MutexGuard};

/// As many as fail2ban lets pass (`maxretry` 5, as Debian has it).
const HARMLESS: usize = 4;

/// The most connections to one address and port in a scan.
const CONNECTIONS_MAX: usize = 4;

/// Someone else, whom fail2ban has to ban.
const VILLAIN: &str = "127.0.0.77";

/// How many callers one gate has at once, and how many of them one scan is: it asks so many ports of its one host.
const CALLERS: usize = 200;
const PORTS: [u16; 8] = [25, 110, 143, 465, 587, 993, 995, 4190];

/// The host of the crowd, and its log, which only root may read.
const SLOW: &str = "127.25.60.5";
const SLOW_LOG: &str = "/run/mailsins-lab/trinity-slow/mail.log";

/// One test after another: each counts, and the crowd keeps a small machine busy. What is there once the watch has begun: nothing,
/// or why it could not.
static WATCH: Mutex<Option<Result<(), String>>> = Mutex::const_new(None);

/// The site, watched, and the turn of whoever uses it.
async fn site() -> Result<(Site, MutexGuard<'static, Option<Result<(), String>>>)> {
    let mut watch = WATCH.lock().await;
    if watch.is_none() {
        let output = Command::new(setting("MAILSINS_X")?).args(["lab", "watch"]).output().await?;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        *watch = Some(if output.status.success() { Ok(()) } else { Err(told) });
    }
    if let Some(Err(why)) = &*watch {
        bail!("nobody watches: {why}");
    }
    Ok((Site::at("MAILSINS_SITE_AT_REST")?, watch))
}

/// How often a jail found us.
fn found(log: &str, jail: &str) -> usize {
    let start = format!("[{jail}] Found ");
    log.lines().filter(|line| line.contains(&start) && !line.contains(VILLAIN)).count()
}

/// Behind a scan: how often each of these jails found us, once it has banned someone else for what it must ban for.
async fn judged(jails: &[(&str, &str)]) -> Result<BTreeMap<String, usize>> {
    for (jail, server) in jails {
        sin(jail, server).await.with_context(|| format!("sin against {jail}"))?;
    }
    let begun = Instant::now();
    loop {
        let log = fs::read_to_string(GUARD).context("nobody is on guard")?;
        if jails.iter().all(|(jail, _)| log.contains(&format!("[{jail}] Ban {VILLAIN}"))) {
            let banned: Vec<&str> =
                log.lines().filter(|line| line.contains("] Ban ") && !line.contains(VILLAIN)).collect();
            ensure!(banned.is_empty(), "banned: {banned:#?}");
            let count = |jail: String| {
                let count = found(&log, &jail);
                (jail, count)
            };
            return Ok(jails
                .iter()
                .flat_map(|(jail, _)| [(*jail).to_owned(), format!("{jail}{AGGRESSIVE}")])
                .map(count)
                .collect());
        }
        ensure!(begun.elapsed() < Duration::from_secs(60), "{VILLAIN} is not banned:\n{log}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Five foreign recipients over SMTP, or five logins in the clear where they are forbidden, from another address.
async fn sin(jail: &str, server: &str) -> Result<()> {
    let login = jail.ends_with("imap");
    for _ in 0..5 {
        let socket = TcpSocket::new_v4()?;
        socket.bind(format!("{VILLAIN}:0").parse()?)?;
        let port = if login { 143 } else { 25 };
        let mut stream = socket.connect(format!("{server}:{port}").parse()?).await?;
        let lines: &[&str] = match login {
            true => &["a LOGIN someone secret", "b LOGOUT"],
            false => &["EHLO villain.test", "MAIL FROM:<a@villain.test>", "RCPT TO:<b@elsewhere.test>", "QUIT"],
        };
        for line in lines {
            let _ = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut [0; 2048])).await?;
            stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        }
        let _ = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut Vec::new())).await?;
    }
    Ok(())
}

fn outcomes(report: &Report, check: &str) -> Vec<(String, String)> {
    let of_check = report.findings.iter().filter(|finding| finding.check == check);
    of_check.map(|finding| (finding.outcome.clone(), finding.subject.clone())).collect()
}

/// "One scan of a three-MX domain opens at most 4 connections to any host and port, and a second one within the cool-down
/// none"; and nobody bans us for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_scan_of_three_hosts() -> Result<()> {
    let (site, _turn) = site().await?;
    let (_, report) = site.scan("trinity.test").await?;
    ensure!(
        outcomes(&report, "open-relay").iter().filter(|(outcome, _)| outcome == "refuses").count() == 3,
        "{report:#?}"
    );
    let three = || async {
        let mut turns = wire("127.25.60.").await?;
        turns.retain(|(_, server, _)| server.ip().to_string() != SLOW);
        connections(&turns)
    };
    let counts = three().await?;
    for host in 1..=3 {
        for port in [25, 465, 587] {
            let count = counts.get(&format!("127.25.60.{host}:{port}").parse()?).copied().unwrap_or_default();
            ensure!(
                (1..=CONNECTIONS_MAX).contains(&count),
                "{count} connections to host {host}, port {port}: {counts:?}"
            );
        }
    }
    ensure!(counts.values().all(|count| *count <= CONNECTIONS_MAX), "{counts:?}");
    println!("connections: {counts:?}");

    site.scan("trinity.test").await?;
    let more = three().await?;
    ensure!(more == counts, "a second scan opened connections: {counts:?}, then {more:?}");

    let jails = [
        ("trinity-mx1", "127.25.60.1"),
        ("trinity-mx2", "127.25.60.2"),
        ("trinity-mx3", "127.25.60.3"),
        ("trinity-imap", "127.25.60.4"),
    ];
    harmless(&jails).await
}

/// Each jail found as much as a scan may leave in its log, and nothing at Dovecot.
async fn harmless(jails: &[(&str, &str)]) -> Result<()> {
    let found = judged(jails).await?;
    println!("found by fail2ban: {found:?}");
    for (jail, _) in jails {
        let count = found.get(*jail).copied().unwrap_or_default();
        let expected = if jail.ends_with("imap") { 0 } else { HARMLESS };
        ensure!(count == expected, "{jail} found {count} instead of {expected}: {found:?}");
    }
    Ok(())
}

/// The same for a domain in perfect order.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_bans_us_for_a_scan() -> Result<()> {
    let (site, _turn) = site().await?;
    site.scan("saint.test").await?;
    let jails = [("saint-mx1", "127.25.1.1"), ("saint-mx2", "127.25.1.2"), ("saint-imap", "127.25.1.3")];
    harmless(&jails).await
}

/// The report on a scan, from what the site saw.
fn judged_by(scan: ScanState) -> Report {
    let mut case = Case::new(scan.domain, scan.probe_domain, scan.nonce, scan.started);
    case.admit_private = scan.admit_private;
    case.blocklists = scan.blocklists;
    for piece in scan.evidence {
        case.add(piece.evidence);
    }
    judge(&case)
}

/// Scans by the site, all at once; how they ended.
async fn at_once(site: &Site, domains: Vec<String>) -> Result<Vec<ScanState>> {
    let begun = try_join_all(domains.iter().map(|domain| site.begin(domain, Drive::Server))).await?;
    let start = Instant::now();
    let mut ended = Vec::new();
    for scan in begun {
        loop {
            // Under such a load a request may be lost; the scan goes on.
            match site.state(&scan.id).await {
                Ok(state) if state.complete => {
                    ended.push(state);
                    break;
                }
                other if start.elapsed() > 2 * SCAN_LIMIT => bail!("the scan {} does not end: {other:?}", scan.id),
                _ => tokio::time::sleep(Duration::from_secs(2)).await,
            }
        }
    }
    Ok(ended)
}

/// Two hundred callers of one gate at once, whose host takes two seconds to greet: they ask eight questions, and each is
/// asked once. Then many domains at that host: it is asked one by one, the list of those who wait has an end, and
/// however many ask, it refuses no more than four times.
#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_at_one_gate() -> Result<()> {
    let (site, _turn) = site().await?;
    // A size that is too large is no refusal of anybody.
    let is_refusal = |line: &&str| line.contains("NOQUEUE: reject:") && !line.contains("552 5.3.4");
    let refused = || fs::read_to_string(SLOW_LOG).unwrap_or_default().lines().filter(is_refusal).count();
    let before = refused();
    let begun = Instant::now();
    let callers = at_once(&site, vec!["busy.trinity.test".to_owned(); CALLERS / PORTS.len()]).await?;
    println!("{} scans of one domain in {:.1} s", callers.len(), begun.elapsed().as_secs_f32());
    let told = |state: &ScanState, why: Unseen| {
        state.evidence.iter().filter(|piece| piece.evidence.answer == Err(why)).count()
    };
    for state in &callers {
        ensure!(told(state, Unseen::GateBusy) == 0, "those who ask the same do not crowd each other out");
        let talks = state.evidence.iter().filter(|piece| piece.evidence.smtp().is_some()).count();
        ensure!(talks >= 2, "{talks} conversations in the scan of {}", state.domain);
    }
    let counts = connections(&wire(SLOW).await?)?;
    let smtp: SocketAddr = SocketAddr::new(SLOW.parse()?, 25);
    let first = counts.get(&smtp).copied().unwrap_or_default();
    ensure!((2..=CONNECTIONS_MAX).contains(&first), "{first} connections for {} scans: {counts:?}", callers.len());
    for port in PORTS.into_iter().filter(|port| *port != smtp.port()) {
        ensure!(counts.get(&SocketAddr::new(smtp.ip(), port)) == Some(&1), "port {port}: {counts:?}");
    }

    let begun = Instant::now();
    let domains = (0..24).map(|number| format!("d{number}.crowd.trinity.test")).collect();
    let strangers = at_once(&site, domains).await?;
    println!("scans of 24 domains in {:.1} s", begun.elapsed().as_secs_f32());
    let busy: usize = strangers.iter().map(|state| told(state, Unseen::GateBusy)).sum();
    ensure!(busy > 0, "the waiting list has no end");
    let counts = connections(&wire(SLOW).await?)?;
    let all = counts.get(&smtp).copied().unwrap_or_default();
    println!("{busy} times busy, {} connections", all - first);
    let answered = |state: &&ScanState| state.evidence.iter().any(|piece| piece.evidence.smtp().is_some());
    ensure!(strangers.iter().filter(answered).count() == strangers.len(), "all heard what the host says of itself");
    let readable = fs::File::open(SLOW_LOG).is_ok();
    ensure!(!readable || refused() - before == HARMLESS, "refused {} times", refused() - before);
    Ok(())
}

/// The day's share of a network: six addresses of eight are asked.
#[tokio::test(flavor = "multi_thread")]
async fn a_network_has_its_share_of_a_day() -> Result<()> {
    let (site, _turn) = site().await?;
    let scan = site.begin("many.trinity.test", Drive::Server).await?;
    let state = site.finish(&scan.id).await?;
    let capped = state.evidence.iter().filter(|piece| piece.evidence.answer == Err(Unseen::GateCap));
    let mut addresses: Vec<String> = capped.map(|piece| format!("{:?}", piece.evidence.inquiry)).collect();
    addresses.iter_mut().for_each(|text| text.truncate(text.find(", port").unwrap_or(0)));
    addresses.sort();
    addresses.dedup();
    ensure!(addresses.len() == 2, "{addresses:?}");
    let asked = connections(&wire("127.25.66.").await?)?;
    let hosts: std::collections::BTreeSet<IpAddr> = asked.keys().map(SocketAddr::ip).collect();
    ensure!(hosts.len() == 6, "{asked:?}");
    Ok(())
}

/// A host is asked again once it has had its rest: by a site that gives it fifteen seconds.
#[tokio::test(flavor = "multi_thread")]
async fn rest_comes_to_an_end() -> Result<()> {
    let (_, _turn) = site().await?;
    let short = Site::new()?;
    let asked = || async { anyhow::Ok(connections(&wire("127.25.4.").await?)?.values().sum::<usize>()) };
    short.scan("nobounce.test").await?;
    let first = asked().await?;
    tokio::time::sleep(Duration::from_secs(16)).await;
    short.scan("nobounce.test").await?;
    let second = asked().await?;
    ensure!(first > 0 && second > first, "{first} connections, then {second}");
    Ok(())
}

/// Whoever does not want to be probed says so at the domain, the MX or the name of the address, and nobody knocks.
#[tokio::test(flavor = "multi_thread")]
async fn who_opted_out_is_not_connected_to() -> Result<()> {
    let (site, _turn) = site().await?;
    for domain in ["out1", "out2", "out3", "in"].map(|name| format!("{name}.trinity.test")) {
        // What the domain itself has taken down nobody is shown; the scan's owner still sees what came of it.
        let scan = site.begin(&domain, Drive::Server).await?;
        let report = judged_by(site.finish(&scan.id).await?);
        let (_, json, errors) = terminal(&["check", &domain, "--json"]).await?;
        let by_terminal: Report = serde_json::from_str(&json).context(errors)?;
        for report in [report, by_terminal] {
            let told = outcomes(&report, "mx-reachable");
            let out = told.iter().all(|(outcome, _)| outcome == Unseen::OptedOut.code());
            ensure!(out == domain.starts_with("out") && !told.is_empty(), "{domain}: {told:?}");
        }
    }
    let asked = connections(&wire("127.25.67.").await?)?;
    let hosts: Vec<String> = asked.keys().map(|socket| socket.ip().to_string()).collect();
    ensure!(!hosts.is_empty() && hosts.iter().all(|host| host == "127.25.67.4"), "{asked:?}");
    Ok(())
}
