//! Port 25 through proxies that want a login: the whole scan, and what is said where the exit is of no use.

use std::fs;

use anyhow::{Context, Result, ensure};
use mailsins_lab::exit;
use mailsins_tests::{SCAN_LIMIT, Site, says, setting};
use shared::{Finding, Report, Unseen, Verdict};

/// The report by the terminal program, through this exit.
async fn through(egress: &str) -> Result<Report> {
    let mut command = tokio::process::Command::new(setting("MAILSINS_CLI")?);
    command.args(["check", "saint.test", "--json"]).env("MAILSINS_EGRESS", egress).kill_on_drop(true);
    let output = tokio::time::timeout(SCAN_LIMIT, command.output()).await.context("mailsins took too long")??;
    serde_json::from_slice(&output.stdout).with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

fn is_whole(report: &Report) -> Result<()> {
    let letter = report.grade.map_or("none", |grade| grade.letter());
    ensure!(letter == "A+" && (report.coverage - 1.0).abs() < 1e-9, "{letter}: {}", report.why);
    Ok(())
}

/// Whatever is of port 25 is untested for this reason, nothing is held against the host, and the submission port
/// was seen all the same.
fn tells_of(report: &Report, why: Unseen) -> Result<()> {
    ensure!(report.grade.is_none(), "{:?}", report.grade);
    ensure!(report.findings.iter().all(|finding| finding.verdict < Verdict::Venial), "{:#?}", says(report));
    let at = |port: &'static str| {
        let ends = move |finding: &&Finding| finding.subject.ends_with(port) && finding.check != "dane";
        report.findings.iter().filter(ends).collect::<Vec<_>>()
    };
    let smtp = at("port 25");
    ensure!(smtp.len() > 10, "{} findings of port 25", smtp.len());
    for finding in smtp {
        let told = finding.outcome == why.code() && finding.verdict == Verdict::Untested;
        ensure!(told && format!("{finding:?}").contains(why.sentence()), "{finding:#?}");
    }
    ensure!(at("port 587").iter().any(|finding| finding.check == "starttls" && finding.verdict == Verdict::Clean));
    Ok(())
}

#[tokio::test]
async fn the_terminal_program_goes_through_an_exit() -> Result<()> {
    for (egress, log) in [(exit::SOCKS, exit::DANTE_LOG), (exit::HTTP, exit::SQUID_LOG)] {
        is_whole(&through(egress).await?).context(egress)?;
        let log = fs::read_to_string(log)?;
        for host in ["127.25.1.1", "127.25.1.2"] {
            ensure!(log.lines().any(|line| line.contains(host) && line.contains("prober")), "{egress}: {log}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_exit_that_refuses_us_says_nothing_of_hosts() -> Result<()> {
    for egress in [exit::SOCKS, exit::HTTP] {
        tells_of(&through(&egress.replace("hunter2", "wrong")).await?, Unseen::ExitRefused).context(egress)?;
    }
    // Nobody listens there.
    tells_of(&through("socks5://127.25.0.81:1081").await?, Unseen::ExitDown)
}

#[tokio::test]
async fn the_site_goes_through_an_exit_where_port_25_is_closed() -> Result<()> {
    let site = Site::at("MAILSINS_SITE_WITH_EXIT")?;
    let (_, report) = site.scan("saint.test").await?;
    is_whole(&report)?;
    // The proxy tells a refusal from other failures, and what was just reached proves that it is the host's own.
    let (_, report) = site.scan("shut.test").await?;
    let refused = |finding: &Finding| finding.outcome == "refused-everywhere" && finding.verdict == Verdict::Mortal;
    ensure!(report.findings.iter().any(refused), "{:#?}", says(&report));
    Ok(())
}

#[tokio::test]
async fn the_site_says_so_where_port_25_is_closed() -> Result<()> {
    let (_, report) = Site::at("MAILSINS_SITE_WITHOUT_PORT_25")?.scan("saint.test").await?;
    tells_of(&report, Unseen::PortBlocked)
}
