//! Every scenario of the lab, by the terminal program and by the site: what the report must and
//! must not say, that both say the same, and that every check has a scenario on both sides.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use mailsins_lab::scenario::{Expect, Scenario, all};
use mailsins_tests::{Site, says, terminal};
use shared::checks::CHECKS;
use shared::{Confidence, Finding, Report, Verdict};

/// Checks that no scenario is clean on: the lab has no IPv6, and nobody looks at certificates yet.
const NOTED_ONLY: [&str; 2] = ["ipv6", "dane"];

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario() -> Result<()> {
    let mut runs = Vec::new();
    for scenario in all()? {
        runs.push(tokio::spawn(
            async move { one(&scenario).await.with_context(|| format!("scenario {}", scenario.name)) },
        ));
    }
    let mut failures = Vec::new();
    let mut seen = BTreeSet::new();
    for run in runs {
        match run.await? {
            Ok(report) => seen.extend(report.findings.into_iter().map(|finding| (finding.check, finding.verdict))),
            Err(error) => failures.push(format!("{error:#}")),
        }
    }
    ensure!(failures.is_empty(), "{}", failures.join("\n\n"));
    for check in CHECKS.iter().filter(|check| !check.consent) {
        let has = |verdicts: &[Verdict]| verdicts.iter().any(|verdict| seen.contains(&(check.id.to_owned(), *verdict)));
        ensure!(has(&[Verdict::Clean]) != NOTED_ONLY.contains(&check.id), "no scenario is clean on {}", check.id);
        ensure!(has(&[Verdict::Note, Verdict::Venial, Verdict::Mortal]), "no scenario sins on {}", check.id);
    }
    Ok(())
}

/// Both ways; what the terminal program found.
async fn one(scenario: &Scenario) -> Result<Report> {
    let domain = scenario.expect.domain.as_str();
    let (code, json, errors) = terminal(&["check", domain, "--json"]).await?;
    let by_terminal: Report = serde_json::from_str(&json).with_context(|| format!("exit code {code}: {errors}"))?;
    check(&scenario.expect, &by_terminal).context("by the terminal program")?;
    let mortal = by_terminal.findings.iter().any(|finding| finding.verdict == Verdict::Mortal);
    let expected = if mortal {
        1
    } else if by_terminal.grade.is_none() {
        3
    } else {
        0
    };
    ensure!(code == expected, "exit code {code} instead of {expected}: {errors}");

    let site = Site::new()?;
    let (_, by_site) = site.scan(domain).await?;
    check(&scenario.expect, &by_site).context("by the site")?;
    let (here, there) = (says(&by_terminal), says(&by_site));
    let differ: Vec<_> = here.symmetric_difference(&there).collect();
    ensure!(differ.is_empty(), "terminal and site differ: {differ:#?}");
    ensure!(by_terminal.grade == by_site.grade, "{:?} and {:?}", by_terminal.grade, by_site.grade);
    Ok(by_terminal)
}

fn check(expect: &Expect, report: &Report) -> Result<()> {
    let all = || {
        report
            .findings
            .iter()
            .map(|f| format!("{} {} {} ({})", f.check, f.outcome, f.verdict, f.subject))
            .collect::<Vec<_>>()
            .join("\n")
    };
    if let Some(grade) = &expect.grade {
        let letter = report.grade.map_or("none", |grade| grade.letter());
        ensure!(letter == grade, "grade {letter} instead of {grade}: {}\n{}", report.why, all());
    }
    if let Some(coverage) = expect.coverage {
        ensure!(
            (report.coverage - coverage).abs() < 1e-9,
            "coverage {} instead of {coverage}\n{}",
            report.coverage,
            all()
        );
    }
    if let Some(below) = expect.coverage_below {
        ensure!(report.coverage < below, "coverage {} is not below {below}\n{}", report.coverage, all());
    }
    if let Some(sins) = &expect.sins_mortal {
        let mortal: Vec<u8> =
            report.sins.iter().filter(|sin| sin.verdict == Verdict::Mortal).map(|sin| sin.sin.into()).collect();
        ensure!(mortal == *sins, "sins {mortal:?} are mortal instead of {sins:?}\n{}", all());
    }
    for pattern in &expect.must {
        ensure!(report.findings.iter().any(|finding| matches(pattern, finding)), "missing: {pattern:?}\n{}", all());
    }
    for pattern in &expect.must_not {
        let wrong = report.findings.iter().find(|finding| matches(pattern, finding));
        ensure!(wrong.is_none(), "must not be: {wrong:#?}");
    }
    for finding in report.findings.iter().filter(|finding| finding.verdict >= Verdict::Venial) {
        ensure!(!finding.seen.is_empty(), "{} cites nothing", finding.check);
        ensure!(finding.remedy.is_some(), "{} has no remedy", finding.check);
    }
    ensure!(report.took < 110_000, "took {} ms", report.took);
    Ok(())
}

fn matches(pattern: &mailsins_lab::scenario::Pattern, finding: &Finding) -> bool {
    let confidence = match finding.confidence {
        Some(Confidence::Proved) => "proved",
        Some(Confidence::Suspected) => "suspected",
        None => "",
    };
    pattern.matches(&finding.check, &finding.outcome, finding.verdict.word(), confidence, &finding.subject)
}
