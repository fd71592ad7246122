//! Every scenario of the lab, by the terminal program and by the site: what the report must and
//! must not say, that both say the same, and that every check has a scenario on both sides.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use mailsins_lab::scenario::{Driver, Expect, Kind, Pattern, Scenario, all};
use mailsins_tests::{Site, says, terminal};
use shared::checks::CHECKS;
use shared::{Confidence, Finding, Options, Report, Verdict};
use tokio::sync::Semaphore;

/// Checks that no scenario is clean on: a filter that was recognised is no pass.
const NOTED_ONLY: [&str; 1] = ["inbound-gateway"];

/// How many scenarios are run at once: a site on a small machine takes no more without losing requests.
const AT_ONCE: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario() -> Result<()> {
    let mut scenarios = all()?;
    // The patient first, so that the rest goes on beside them.
    scenarios.sort_by_key(|scenario| !scenario.servers.iter().any(|server| server.slow || server.kind == Kind::Silent));
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut runs = Vec::new();
    for scenario in scenarios {
        let turns = Arc::clone(&turns);
        runs.push(tokio::spawn(async move {
            let _turn = turns.acquire().await?;
            one(&scenario).await.with_context(|| format!("scenario {}", scenario.name))
        }));
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
    let mut arguments = vec!["check", domain, "--json"];
    arguments.extend(scenario.expect.hosts.iter().flat_map(|host| ["--host", host]));
    arguments.extend(scenario.expect.selectors.iter().flat_map(|selector| ["--selector", selector]));
    let (code, json, errors) = terminal(&arguments).await?;
    let by_terminal: Report = serde_json::from_str(&json).with_context(|| format!("exit code {code}: {errors}"))?;
    check(&scenario.expect, &by_terminal, Driver::Terminal).context("by the terminal program")?;
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
    let hosts = scenario.expect.hosts.iter().map(|host| host.parse()).collect::<Result<_, _>>()?;
    let (_, by_site) = site.scan_with(domain, Options { hosts, selectors: scenario.expect.selectors.clone() }).await?;
    check(&scenario.expect, &by_site, Driver::Site).context("by the site")?;
    // A greylist may open between the two.
    if scenario.servers.iter().any(|server| server.delay.is_some()) {
        return Ok(by_terminal);
    }
    let (mut here, mut there) = (says(&by_terminal), says(&by_site));
    // The site's platform does not say why a fetch failed. What the terminal program sees there is
    // for `expect.toml` to tell; it must be something, and nothing good.
    let hidden: BTreeSet<_> = there.iter().filter(|row| row.2 == "fetch-failed").map(|row| row.0.clone()).collect();
    for check in &hidden {
        let seen = here.iter().filter(|row| row.0 == *check).all(|row| ["venial", "mortal"].contains(&row.3.as_str()));
        ensure!(seen, "the site can't fetch for {check}, where the terminal program finds nothing wrong");
    }
    let told = scenario.expect.must.iter().filter(|pattern| pattern.by.is_some());
    let told: BTreeSet<_> = told.filter_map(|pattern| pattern.check.clone()).collect();
    here.retain(|row| !hidden.contains(&row.0) && !told.contains(&row.0));
    there.retain(|row| !hidden.contains(&row.0) && !told.contains(&row.0));
    let differ: Vec<_> = here.symmetric_difference(&there).collect();
    ensure!(differ.is_empty(), "terminal and site differ: {differ:#?}");
    ensure!(by_terminal.grade == by_site.grade, "{:?} and {:?}", by_terminal.grade, by_site.grade);
    Ok(by_terminal)
}

fn check(expect: &Expect, report: &Report, by: Driver) -> Result<()> {
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
    let concerns = |pattern: &&Pattern| pattern.by.is_none_or(|only| only == by);
    for pattern in expect.must.iter().filter(concerns) {
        ensure!(report.findings.iter().any(|finding| matches(pattern, finding)), "missing: {pattern:?}\n{}", all());
    }
    for pattern in expect.must_not.iter().filter(concerns) {
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

fn matches(pattern: &Pattern, finding: &Finding) -> bool {
    let confidence = match finding.confidence {
        Some(Confidence::Proved) => "proved",
        Some(Confidence::Suspected) => "suspected",
        None => "",
    };
    pattern.matches(&finding.check, &finding.outcome, finding.verdict.word(), confidence, &finding.subject)
}
