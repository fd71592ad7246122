//! The report: what a case amounts to.

pub use crate::markdown::{inline, markdown};

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime};

use crate::case::Options;
use crate::checks::CHECKS;
use crate::facts::Facts;
use crate::grade::{self, Grade};
use crate::{Case, DomainName, Evidence, Finding, Grant, POLICY_VERSION, Sin, Unseen, Verdict, plan};

/// A graded report. It carries its evidence, so anyone can judge it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Report {
    /// The checked domain.
    pub domain: DomainName,
    /// The policy that judged ([`POLICY_VERSION`]).
    pub policy_version: u32,
    /// When the scan began, RFC 3339 in UTC.
    pub checked_at: String,
    /// The letter; none where too little could be seen, or the scan was cancelled.
    pub grade: Option<Grade>,
    /// Points out of 100 before caps.
    pub points: f64,
    /// The share of applicable facts that could be seen, 0 to 1, cut to four decimals.
    pub coverage: f64,
    /// How many facts could be seen, of those that apply and need no consent. A fact is one check
    /// of one subject.
    pub tested: u32,
    /// How many facts apply and need no consent.
    pub total: u32,
    /// One sentence that says why the grade.
    pub why: String,
    /// The seven sins, in order.
    pub sins: Vec<SinSummary>,
    /// All findings, by sin, the worst first.
    pub findings: Vec<Finding>,
    /// What is still missing; 0 in a complete report.
    pub missing: u32,
    /// From the case: how long the scan took, in milliseconds.
    pub took: u64,
    /// From the case.
    pub options: Options,
    /// From the case.
    pub probe_domain: DomainName,
    /// From the case.
    pub nonce: String,
    /// From the case.
    pub cancelled: bool,
    /// From the case: private addresses counted as public.
    pub admit_private: bool,
    /// From the case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocklists: Vec<DomainName>,
    /// From the case: a test of outgoing mail was named.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mail: bool,
    /// From the case: what was tested by consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant>,
    /// All evidence, sorted by inquiry.
    pub evidence: Vec<Evidence>,
}

/// What one sin amounts to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct SinSummary {
    /// The sin.
    pub sin: Sin,
    /// The worst verdict of its findings.
    pub verdict: Verdict,
    /// How many of its facts could be seen.
    pub tested: u32,
    /// How many of its facts apply and need no consent.
    pub total: u32,
}

/// Says what a case amounts to. A function of the set of evidence: order does not matter.
pub fn judge(case: &Case) -> Report {
    let facts = Facts::new(case);
    let mut findings: Vec<Finding> = CHECKS.iter().flat_map(|check| (check.judge)(&facts)).collect();
    // The registry's order within a sin and a verdict; the sort is stable.
    findings.sort_by_key(|finding| (finding.sin, std::cmp::Reverse(finding.verdict)));
    let missing = plan(case).len();
    let sins: Vec<SinSummary> = Sin::ALL.into_iter().map(|sin| summary(sin, &findings)).collect();
    let tested: u32 = sins.iter().map(|sin| sin.tested).sum();
    let total: u32 = sins.iter().map(|sin| sin.total).sum();
    // Cut to four decimals, so that it is the same number again when it is read from JSON; not
    // rounded, so that 1 means all.
    let coverage = if total == 0 { 0.0 } else { (f64::from(tested) * 10_000.0 / f64::from(total)).floor() / 10_000.0 };
    let points = grade::points(&findings);
    let grade = if case.cancelled { None } else { grade::grade(&facts, &findings, points, coverage) };
    let finished = case.evidence().map(|evidence| evidence.at.saturating_add(u64::from(evidence.took))).max();
    Report {
        domain: case.domain.clone(),
        policy_version: POLICY_VERSION,
        checked_at: timestamp(case.started),
        grade,
        points,
        coverage,
        tested,
        total,
        why: grade::why(&facts, grade, &findings),
        sins,
        findings,
        missing: u32::try_from(missing).unwrap_or(u32::MAX),
        took: finished.unwrap_or(case.started).saturating_sub(case.started),
        options: case.options.clone(),
        probe_domain: case.probe_domain.clone(),
        nonce: case.nonce.clone(),
        cancelled: case.cancelled,
        admit_private: case.admit_private,
        blocklists: case.blocklists.clone(),
        mail: case.mail,
        grant: case.grant.clone(),
        evidence: case.evidence().cloned().collect(),
    }
}

fn summary(sin: Sin, findings: &[Finding]) -> SinSummary {
    let of_sin = || findings.iter().filter(move |finding| finding.sin == sin);
    let facts = |seen: bool| {
        let mut facts: Vec<_> = of_sin()
            .filter(|finding| counts(finding) && (!seen || finding.verdict != Verdict::Untested))
            .map(|finding| (&finding.check, &finding.subject))
            .collect();
        facts.sort_unstable();
        facts.dedup();
        u32::try_from(facts.len()).unwrap_or(u32::MAX)
    };
    let verdict = of_sin().map(|finding| finding.verdict).max().unwrap_or(Verdict::Untested);
    SinSummary { sin, verdict, tested: facts(true), total: facts(false) }
}

/// Does the finding count for coverage? Not where the domain has to do something first, nor where only our own end
/// lacks IPv6: the host is seen by its other addresses.
fn counts(finding: &Finding) -> bool {
    let outcome = finding.outcome.as_str();
    let needs_doing = || CHECKS.iter().any(|check| check.consent && check.id == finding.check);
    finding.verdict != Verdict::Untested
        || (outcome != Unseen::NeedsConsent.code() && outcome != Unseen::NoIpv6.code() && !needs_doing())
}

/// Milliseconds since 1970 as RFC 3339 in UTC, to the second.
pub fn timestamp(ms: u64) -> String {
    i64::try_from(ms / 1000)
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// The milliseconds of a [`timestamp`]. The crate's reader takes all that RFC 3339 allows, which is much code in a browser.
fn milliseconds(timestamp: &str) -> Option<u64> {
    let (year, rest) = timestamp.strip_suffix('Z')?.split_once('-')?;
    let numbers = rest.split(['-', 'T', ':']).map(|digits| digits.parse().ok()).collect::<Option<Vec<u8>>>()?;
    let [month, day, hour, minute, second] = *numbers.as_slice() else { return None };
    let date = Date::from_calendar_date(year.parse().ok()?, Month::try_from(month).ok()?, day).ok()?;
    let seconds = date.with_hms(hour, minute, second).ok()?.assume_utc().unix_timestamp();
    u64::try_from(seconds).ok()?.checked_mul(1000)
}

impl Report {
    /// What was tested by the domain's consent, as a sentence.
    pub fn by_consent(&self) -> Option<String> {
        let grant = self.grant.as_ref()?;
        let list = |words: Vec<String>| words.join(", ");
        Some(format!(
            "By consent of the domain ({}), tests that send mail or try limits ran at {}.",
            list(grant.allow.iter().map(|word| word.name().to_owned()).collect()),
            list(grant.addresses.iter().map(ToString::to_string).collect()),
        ))
    }

    /// How much of a sin was seen, in words.
    pub fn seen(&self, summary: &SinSummary) -> String {
        let consent = |f: &Finding| f.sin == summary.sin && f.outcome == Unseen::NeedsConsent.code();
        match summary.total {
            0 if self.findings.iter().any(consent) => "needs consent".to_owned(),
            0 => "nothing applies".to_owned(),
            total => format!("{} of {total} seen", summary.tested),
        }
    }

    /// The case that the report was judged from, to judge it again.
    pub fn case(&self) -> Case {
        let basis = Basis {
            domain: self.domain.clone(),
            checked_at: self.checked_at.clone(),
            options: self.options.clone(),
            probe_domain: self.probe_domain.clone(),
            nonce: self.nonce.clone(),
            cancelled: self.cancelled,
            admit_private: self.admit_private,
            blocklists: self.blocklists.clone(),
            mail: self.mail,
            grant: self.grant.clone(),
            evidence: self.evidence.clone(),
        };
        basis.case()
    }
}

/// What of a report its judgement rests on: for whoever reads one only to judge it again.
#[derive(Deserialize)]
pub struct Basis {
    domain: DomainName,
    checked_at: String,
    options: Options,
    probe_domain: DomainName,
    nonce: String,
    cancelled: bool,
    admit_private: bool,
    #[serde(default)]
    blocklists: Vec<DomainName>,
    #[serde(default)]
    mail: bool,
    #[serde(default)]
    grant: Option<Grant>,
    evidence: Vec<Evidence>,
}

impl Basis {
    /// The case.
    pub fn case(self) -> Case {
        let started = milliseconds(&self.checked_at).unwrap_or_default();
        let mut case = Case::new(self.domain, self.probe_domain, self.nonce, started);
        case.options = self.options;
        case.cancelled = self.cancelled;
        case.admit_private = self.admit_private;
        case.blocklists = self.blocklists;
        case.mail = self.mail;
        case.grant = self.grant;
        for evidence in self.evidence {
            case.add(evidence);
        }
        case
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_read_as_they_are_written() {
        for ms in [0, 999, 951_782_400_000, 1_709_251_199_000, 4_102_444_800_000] {
            assert_eq!(milliseconds(&timestamp(ms)), Some(ms / 1000 * 1000), "{}", timestamp(ms));
        }
        for bad in [
            "",
            "Z",
            "2024",
            "2024-02-30T00:00:00Z",
            "2024-02-01T24:00:00Z",
            "2024-02-01T00:00Z",
            "1969-12-31T23:59:59Z",
        ] {
            assert_eq!(milliseconds(bad), None, "{bad}");
        }
    }
}
