//! The published rule that turns findings into a letter.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::{Confidence, Finding, Sin, Verdict};

/// Under this share of facts seen there is no letter.
pub const COVERAGE_MIN: f64 = 0.5;

/// From this share of facts seen on, there can be an A+.
const COVERAGE_BEST: f64 = 0.9;

/// The most that one sin can cost.
const SIN_MAX: f64 = 40.0;

/// The letter of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub enum Grade {
    /// Under 45 points, a proved relay, or mail that cannot arrive.
    F,
    /// From 45 points.
    D,
    /// From 60 points.
    C,
    /// From 75 points.
    B,
    /// From 90 points.
    A,
    /// 100 points, and more (docs/grading.md).
    #[serde(rename = "A+")]
    APlus,
}

impl Grade {
    /// The letter.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::APlus => "A+",
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::F => "F",
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.letter())
    }
}

/// 100 points, less what the findings cost. A check costs what its worst finding costs, however
/// many hosts have it: mortal 25 (sins 1 and 2) or 15, venial 5, a suspected one half.
pub fn points(findings: &[Finding]) -> f64 {
    let mut checks: Vec<(Sin, &str, f64)> = Vec::new();
    for finding in findings {
        let cost = price(finding);
        match checks.iter_mut().find(|(sin, check, _)| (*sin, *check) == (finding.sin, &finding.check)) {
            Some((.., worst)) => *worst = worst.max(cost),
            None => checks.push((finding.sin, &finding.check, cost)),
        }
    }
    let of_sin = |sin| checks.iter().filter(|(of, ..)| *of == sin).map(|(.., cost)| cost).sum::<f64>();
    let cost: f64 = Sin::ALL.into_iter().map(|sin| of_sin(sin).min(SIN_MAX)).sum();
    (100.0 - cost).max(0.0)
}

/// What one finding costs.
pub fn price(finding: &Finding) -> f64 {
    let whole = match (finding.verdict, finding.sin) {
        (Verdict::Mortal, Sin::OpenRelay | Sin::PlainTextAuthentication) => 25.0,
        (Verdict::Mortal, _) => 15.0,
        (Verdict::Venial, _) => 5.0,
        _ => 0.0,
    };
    if finding.confidence == Some(Confidence::Suspected) { whole / 2.0 } else { whole }
}

/// With a mortal finding of these no letter is better than D.
const GRAVE: [&str; 4] = ["open-relay", "smtp-cleartext-auth", "imap-cleartext-login", "pop3-cleartext-login"];

/// The letter, if there may be one.
pub fn grade(facts: &Facts<'_>, findings: &[Finding], points: f64, coverage: f64) -> Option<Grade> {
    let has = |check: &str, outcomes: &[&str]| {
        findings.iter().any(|finding| finding.check == check && outcomes.contains(&finding.outcome.as_str()))
    };
    if has("mx-exists", &["no-domain"]) || facts.takes_mail().is_none() {
        return None;
    }
    // A domain whose mail cannot arrive is F, and there is no host that could have answered.
    if has("mx-resolves", &["none-does"])
        || has("mx-public-address", &["none-public"])
        || has("mx-exists", &["broken-null-mx"])
    {
        return Some(Grade::F);
    }
    let (answered, hosts) = facts.answered();
    let parked = facts.takes_mail() == Some(false);
    if coverage < COVERAGE_MIN || (!parked && (hosts == 0 || answered * 2 < hosts)) {
        return None;
    }
    // One host without DANE is enough to lead mail astray.
    let dane = has("dane", &["matches"])
        && findings.iter().all(|finding| finding.check != "dane" || finding.outcome == "matches");
    let enforced = has("dmarc-policy", &["enforced"]) && (parked || has("mta-sts", &["enforced"]) || dane);
    let by_points = match points {
        100.0.. if coverage >= COVERAGE_BEST && enforced => Grade::APlus,
        90.0.. => Grade::A,
        75.0.. => Grade::B,
        60.0.. => Grade::C,
        45.0.. => Grade::D,
        _ => Grade::F,
    };
    let proved = |check| mortal(findings, check).any(|finding| finding.confidence == Some(Confidence::Proved));
    let cap = if proved("open-relay") || proved("open-relay-proof") {
        Grade::F
    } else if GRAVE.into_iter().any(|check| mortal(findings, check).next().is_some()) {
        Grade::D
    } else {
        Grade::APlus
    };
    Some(by_points.min(cap))
}

fn mortal<'f>(findings: &'f [Finding], check: &'f str) -> impl Iterator<Item = &'f Finding> {
    findings.iter().filter(move |finding| finding.check == check && finding.verdict == Verdict::Mortal)
}

/// The faults of a report, the mortal ones first: one finding of each, at however many hosts it was seen.
pub fn faults(findings: &[Finding]) -> Vec<&Finding> {
    let mut faults: Vec<&Finding> = Vec::new();
    for verdict in [Verdict::Mortal, Verdict::Venial] {
        for finding in findings.iter().filter(|finding| finding.verdict == verdict) {
            if !faults.iter().any(|known| known.fault() == finding.fault()) {
                faults.push(finding);
            }
        }
    }
    faults
}

/// One sentence that says why the grade.
pub fn why(facts: &Facts<'_>, grade: Option<Grade>, findings: &[Finding]) -> String {
    // Findings come by sin, the worst first.
    let worst = faults(findings);
    let mortal = worst.iter().filter(|finding| finding.verdict == Verdict::Mortal).count();
    let venial = worst.len() - mortal;
    let names = worst.iter().take(2).map(|finding| in_a_sentence(&finding.title)).collect::<Vec<_>>().join(", ");
    if findings.iter().any(|finding| finding.check == "mx-exists" && finding.outcome == "no-domain") {
        return "DNS knows no domain of this name, so there is nothing to grade.".to_owned();
    }
    if facts.takes_mail().is_none() {
        return "Where its mail goes could not be seen, so there is no grade.".to_owned();
    }
    let above_all = if worst.len() > 2 { ", above all" } else { "" };
    let found = match (mortal, venial) {
        (0, 0) => "No sin was found".to_owned(),
        (0, n) => format!("{}{above_all}: {names}", count(n, "venial fault")),
        (n, 0) => format!("{}{above_all}: {names}", count(n, "mortal fault")),
        (n, m) => format!("{n} mortal and {}{above_all}: {names}", count(m, "venial fault")),
    };
    match grade {
        None => format!("{found}, but too little could be seen for a grade."),
        Some(_) if facts.takes_mail() == Some(false) => {
            format!("{found}. This domain takes no mail, and is graded on what is right for such a domain.")
        }
        Some(_) => format!("{found}."),
    }
}

/// A headline, which is ours, inside a sentence: its first letter is small, unless it begins a name or acronym.
fn in_a_sentence(title: &str) -> String {
    let mut title = title.to_owned();
    if title.as_bytes().get(1).is_some_and(|second| !second.is_ascii_uppercase())
        && let Some(first) = title.get_mut(..1)
    {
        first.make_ascii_lowercase();
    }
    title
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
