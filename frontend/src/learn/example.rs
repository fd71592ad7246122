//! What a check saw of real servers: our lab's, as recorded, judged by today's rules.

use shared::{Finding, Report, Verdict, judge};

/// Those that have a page of their own, by name.
const SHOWN: [(&str, &str); 2] = [
    ("saint", include_str!("../../static/examples/saint.json")),
    ("sinner", include_str!("../../static/examples/sinner.json")),
];

const RECORDED: [&str; 3] = [SHOWN[0].1, SHOWN[1].1, include_str!("../../../tests/recorded/unsure.json")];

/// The reports of those that have a page of their own.
pub(super) fn reports() -> impl Iterator<Item = (&'static str, Report)> {
    let judged = |json| serde_json::from_str::<Report>(json).ok().map(|report| judge(&report.case()));
    SHOWN.into_iter().filter_map(move |(name, json)| Some((name, judged(json)?)))
}

/// All findings of the recorded scans.
pub(super) fn all() -> Vec<Finding> {
    let reports = RECORDED.iter().filter_map(|json| serde_json::from_str::<Report>(json).ok());
    reports.flat_map(|report| judge(&report.case()).findings).collect()
}

/// The worst of a check, where it accuses somebody.
pub(super) fn bad<'a>(examples: &'a [Finding], check: &str) -> Option<&'a Finding> {
    shown(examples, check).filter(|finding| finding.verdict >= Verdict::Venial).max_by_key(|finding| finding.verdict)
}

/// One where all is well.
pub(super) fn good<'a>(examples: &'a [Finding], check: &str) -> Option<&'a Finding> {
    shown(examples, check).find(|finding| finding.verdict == Verdict::Clean)
}

fn shown<'a>(examples: &'a [Finding], check: &str) -> impl Iterator<Item = &'a Finding> {
    examples.iter().filter(move |finding| finding.check == check && !finding.seen.is_empty())
}
