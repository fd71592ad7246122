//! Evidence that was recorded from the lab, judged again without a network. `./x lab record`
//! records it anew.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test may read files, and fail

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use shared::{Report, Verdict, judge, plan};

/// A recorded report, and the same case judged by today's policy.
fn replay(file: &str) -> (Report, Report) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    let recorded: Report = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let case = recorded.case();
    assert!(plan(&case).is_empty(), "{file}: today's plan asks for more; record it anew");
    let again = judge(&case);
    (recorded, again)
}

/// What a report says, without its wording.
fn says(report: &Report) -> BTreeSet<(&str, &str, &str, Verdict)> {
    report.findings.iter().map(|f| (f.check.as_str(), f.subject.as_str(), f.outcome.as_str(), f.verdict)).collect()
}

fn verdicts(report: &Report) -> BTreeSet<(u8, Verdict)> {
    report.sins.iter().map(|sin| (sin.sin.into(), sin.verdict)).collect()
}

#[test]
fn what_was_recorded_is_judged_alike() {
    for file in
        ["frontend/static/examples/saint.json", "frontend/static/examples/sinner.json", "tests/recorded/unsure.json"]
    {
        let (recorded, again) = replay(file);
        let why = "the judgement has changed; if that is meant, record it anew";
        assert_eq!(says(&again), says(&recorded), "{file}: {why}");
        assert_eq!((again.grade, again.coverage), (recorded.grade, recorded.coverage), "{file}: {why}");
    }
}

#[test]
fn the_saint_is_clean() {
    let (_, saint) = replay("frontend/static/examples/saint.json");
    let bad: Vec<_> = saint.findings.iter().filter(|finding| finding.verdict >= Verdict::Venial).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    assert!((saint.coverage - 1.0).abs() < f64::EPSILON);
}

#[test]
fn the_sinner_commits_all_that_can_be_seen() {
    let (_, sinner) = replay("frontend/static/examples/sinner.json");
    let mortal: Vec<u8> =
        verdicts(&sinner).into_iter().filter(|(_, v)| *v == Verdict::Mortal).map(|(sin, _)| sin).collect();
    assert_eq!(mortal, [1, 2, 3, 4, 5, 7]);
}

#[test]
fn the_unsure_is_not_accused() {
    let (_, unsure) = replay("tests/recorded/unsure.json");
    let bad: Vec<_> = unsure.findings.iter().filter(|finding| finding.verdict >= Verdict::Venial).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    assert!(unsure.coverage < 1.0);
    let reasons: BTreeSet<&str> =
        unsure.findings.iter().filter(|f| f.verdict == Verdict::Untested).map(|f| f.outcome.as_str()).collect();
    assert!(["try-later", "delayed", "connect-timeout"].iter().all(|why| reasons.contains(why)), "{reasons:?}");
}
