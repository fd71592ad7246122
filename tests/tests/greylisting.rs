//! A server that puts strangers off (Debian's postgrey, with Postfix), and a terminal program that comes back.

use std::collections::BTreeMap;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use mailsins_tests::setting;
use shared::inquiry::Script;
use shared::{Inquiry, Report, Verdict};
use tokio::process::Command;

/// How long the program waits here, in milliseconds: longer than the server wants. Outside of tests it is ten minutes.
const AGAIN_MS: u64 = 5_000;

/// The report of a sender whom the server does not know yet.
async fn scan(name: &str, arguments: &[&str]) -> Result<Report> {
    let mut command = Command::new(setting("MAILSINS_CLI")?);
    command.args([
        "check",
        "shy.test",
        "--json",
        "--probe-domain",
        &format!("{name}{}.probe.test", std::process::id()),
    ]);
    command.args(arguments).env("MAILSINS_LAB_AGAIN_MS", AGAIN_MS.to_string()).stdin(Stdio::null());
    let output = command.output().await.context("start mailsins")?;
    serde_json::from_slice(&output.stdout).with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

fn outcome<'a>(report: &'a Report, check: &str) -> Option<(&'a str, Verdict)> {
    let found = report.findings.iter().find(|finding| finding.check == check);
    found.map(|finding| (finding.outcome.as_str(), finding.verdict))
}

const CHECKS: [&str; 3] = ["postmaster", "abuse", "null-sender"];

#[tokio::test]
async fn who_comes_back_is_let_in() -> Result<()> {
    let hasty = scan("hasty", &[]).await?;
    for check in CHECKS {
        ensure!(outcome(&hasty, check).is_some_and(|(_, verdict)| verdict == Verdict::Untested), "{check}");
    }
    ensure!(
        outcome(&hasty, "postmaster") == Some(("try-later", Verdict::Untested)),
        "{:?}",
        outcome(&hasty, "postmaster")
    );

    let patient = scan("patient", &["--patient"]).await?;
    for check in ["postmaster", "abuse"] {
        ensure!(
            outcome(&patient, check) == Some(("accepted", Verdict::Clean)),
            "{check} {:?}",
            outcome(&patient, check)
        );
    }
    let times = |wanted: bool| {
        let mut pieces = patient.evidence.iter();
        let asked = |inquiry: &Inquiry| matches!(inquiry, Inquiry::Probe { script: Script::SmtpRecipients { again, .. }, .. } if *again == wanted);
        pieces.find(|piece| asked(&piece.inquiry)).map(|piece| (piece.at, piece.at + u64::from(piece.took)))
    };
    let (first, second) = (times(false).context("not asked")?, times(true).context("not asked again")?);
    ensure!(second.0 >= first.1 + AGAIN_MS, "{first:?} {second:?}");
    let mut connections: BTreeMap<_, usize> = BTreeMap::new();
    for piece in &patient.evidence {
        if let Inquiry::Probe { address, port, .. } = &piece.inquiry {
            *connections.entry((*address, *port)).or_default() += 1;
        }
    }
    ensure!(connections.values().all(|count| *count <= 4), "{connections:?}");
    Ok(())
}
