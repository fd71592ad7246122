//! What came of one domain, and how the run ends by it.

use shared::difference::{Change, Difference, Turn};
use shared::{DomainName, Finding, Report, Verdict};

use crate::End;

/// A domain that is checked, and where it was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) domain: DomainName,
    /// The file and line of `--from`; nothing for one of the command line.
    pub(crate) line: Option<(String, usize)>,
}

impl Subject {
    /// One that no file names.
    pub(crate) fn of(domain: DomainName) -> Self {
        Self { domain, line: None }
    }
}

/// What came of one domain.
pub(crate) struct Checked {
    pub(crate) subject: Subject,
    /// Its report, or why there is none: a sentence for people.
    pub(crate) result: Result<Report, String>,
    /// What changed since its report in the baseline, where that holds one.
    pub(crate) difference: Option<Difference>,
    pub(crate) fail_on: Verdict,
}

impl Checked {
    /// A finding that is bad enough counts even where too little was seen for a grade.
    pub(crate) fn end(&self) -> End {
        match &self.result {
            Err(_) => End::Unable,
            Ok(report) if report.findings.iter().any(|finding| self.counts(finding)) => End::Found,
            Ok(report) if report.grade.is_none() => End::Unable,
            Ok(_) => End::Clean,
        }
    }

    /// Does this finding make the run fail? With a baseline only what is new or worse does.
    pub(crate) fn counts(&self, finding: &Finding) -> bool {
        finding.verdict >= self.fail_on
            && (self.difference.is_none() || self.change(finding).is_some_and(|change| is_news(change.turn)))
    }

    /// What changed so that there is this finding.
    pub(crate) fn change(&self, finding: &Finding) -> Option<&Change> {
        self.difference.as_ref()?.changes.iter().find(|change| {
            let same = |said: &shared::difference::Said| {
                said.outcome == finding.outcome
                    && said.verdict == finding.verdict
                    && said.confidence == finding.confidence
            };
            change.check == finding.check
                && change.subject == finding.subject
                && change.after.as_ref().is_some_and(same)
        })
    }
}

/// Is it something that the older report does not say?
pub(crate) const fn is_news(turn: Turn) -> bool {
    matches!(turn, Turn::Worse | Turn::New | Turn::Other)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use shared::{Case, Confidence, Sin, judge};

    pub(crate) fn report() -> Report {
        let name = |text: &str| DomainName::new(text).unwrap();
        judge(&Case::new(name("h.test"), name("us.test"), "n".into(), 0))
    }

    /// A finding in which nothing is what it seems.
    pub(crate) fn finding(verdict: Verdict) -> Finding {
        Finding {
            sin: Sin::BannerDisclosure,
            check: "banner-version".into(),
            outcome: "exact".into(),
            verdict,
            confidence: (verdict >= Verdict::Venial).then_some(Confidence::Suspected),
            subject: "mx.h.test, 192.0.2.1, port 25".into(),
            title: "Tells its version".into(),
            why: "Attackers look for it.".into(),
            seen: "220 evil \u{1b}[31m\u{202e}name".into(),
            marks: vec![],
            remedy: None,
        }
    }

    pub(crate) fn checked(report: Report) -> Checked {
        Checked {
            subject: Subject::of(report.domain.clone()),
            result: Ok(report),
            difference: None,
            fail_on: Verdict::Mortal,
        }
    }

    #[test]
    fn ends() {
        use Verdict::{Clean, Mortal, Note, Untested, Venial};
        let grade = shared::grade::Grade::A;
        let rows = [
            (&[Clean, Note, Untested][..], Some(grade), Mortal, End::Clean),
            (&[Clean, Venial], Some(grade), Mortal, End::Clean),
            (&[Clean, Venial], Some(grade), Venial, End::Found),
            (&[Mortal], Some(grade), Venial, End::Found),
            (&[Mortal], None, Mortal, End::Found),
            (&[Venial], None, Mortal, End::Unable),
            (&[Untested], None, Venial, End::Unable),
        ];
        for (verdicts, grade, fail_on, want) in rows {
            let mut report = report();
            report.grade = grade;
            report.findings = verdicts.iter().map(|verdict| finding(*verdict)).collect();
            let mut checked = checked(report.clone());
            checked.fail_on = fail_on;
            assert_eq!(checked.end(), want, "{verdicts:?} {grade:?} {fail_on}");
            // Against itself nothing is new.
            checked.difference = Some(shared::difference::difference(&(&report).into(), &(&report).into()));
            let want = if grade.is_some() { End::Clean } else { End::Unable };
            assert_eq!(checked.end(), want, "{verdicts:?} {grade:?} {fail_on}");
        }
    }

    #[test]
    fn only_what_is_new_counts() {
        let with = |findings: Vec<Finding>| Report { findings, grade: Some(shared::grade::Grade::F), ..report() };
        let mut other = finding(Verdict::Mortal);
        other.subject = "mx2.h.test, 192.0.2.2, port 25".into();
        let old = with(vec![finding(Verdict::Mortal)]);
        let new = with(vec![finding(Verdict::Mortal), other]);
        let mut checked = checked(new.clone());
        checked.difference = Some(shared::difference::difference(&(&old).into(), &(&new).into()));
        let counts: Vec<bool> = new.findings.iter().map(|finding| checked.counts(finding)).collect();
        assert_eq!((counts, checked.end()), (vec![false, true], End::Found));
    }
}
