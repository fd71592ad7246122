//! What changed from one report of a domain to another.
//!
//! For whoever looks at a report beside an older one: the page of a report (`?against=`), the history of a domain, and
//! `mailsins check --baseline`. It compares what the reports say, so that two judgements of the same evidence by two
//! policies can be compared as well. Of a stored report it reads no more than that ([`Judged`]), so that one of another
//! version, whose evidence may have another shape, can still be compared.

use serde::{Deserialize, Serialize};

use crate::grade::Grade;
use crate::{Confidence, DomainName, Finding, Report, Sin, Verdict};

/// What of a report can be compared: from a report by [`From`], or from a report's JSON.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Judged {
    /// The checked domain.
    pub domain: DomainName,
    checked_at: String,
    policy_version: u32,
    grade: Option<Grade>,
    points: f64,
    coverage: f64,
    findings: Vec<Brief>,
}

/// What of a finding is compared, or shown with what is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Brief {
    sin: Sin,
    check: String,
    outcome: String,
    verdict: Verdict,
    confidence: Option<Confidence>,
    subject: String,
    title: String,
}

/// What changed between two reports: made by [`difference`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The older report.
    pub before: Side,
    /// The newer one.
    pub after: Side,
    /// What they say differently, the worst first ([`Turn`]'s order), then by sin.
    pub changes: Vec<Change>,
}

/// One of two reports that are compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// When its scan began, RFC 3339 in UTC.
    pub checked_at: String,
    /// The policy that judged.
    pub policy_version: u32,
    /// The letter, where there was one.
    pub grade: Option<Grade>,
    /// Points out of 100 before caps.
    pub points: f64,
    /// The share of facts that could be seen, 0 to 1.
    pub coverage: f64,
}

/// What is said differently of one subject by one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which way it went.
    pub turn: Turn,
    /// The sin that the check belongs to.
    pub sin: Sin,
    /// The check's id.
    pub check: String,
    /// What it is about. Foreign text: show it through [`crate::visible::visible`].
    pub subject: String,
    /// What was said before, if anything.
    pub before: Option<Said>,
    /// What is said now, if anything.
    pub after: Option<Said>,
}

/// What a finding says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The outcome's stable name.
    pub outcome: String,
    /// What it is worth.
    pub verdict: Verdict,
    /// How sure it is.
    pub confidence: Option<Confidence>,
    /// The headline. Foreign text.
    pub title: String,
}

/// Which way something went. Ordered by how much it asks for attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Turn {
    /// A fault that is new, or worse than it was; of a subject that was there, in a fact that was seen before.
    Worse,
    /// A fault of which the older report says nothing: there was no such subject, or it could not be seen. Nothing says
    /// that it was not there before.
    New,
    /// Seen before and not seen now. Nothing says that it is mended.
    Lost,
    /// Another outcome of the same worth.
    Other,
    /// No fault now, or a lighter one; in a fact that was seen both times.
    Better,
    /// A fault of a subject that is not looked at any more.
    Gone,
    /// Right, and not seen before.
    Shown,
}

impl Turn {
    /// The word on the page.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::New => "new",
            Self::Lost => "not seen now",
            Self::Other => "changed",
            Self::Better => "better",
            Self::Gone => "gone",
            Self::Shown => "seen now",
        }
    }
}

impl Difference {
    /// Is a fault there that the older report does not have? What a baseline in CI is asked for; `at_least` is
    /// [`Verdict::Venial`] or [`Verdict::Mortal`].
    pub fn has_new_fault(&self, at_least: Verdict) -> bool {
        let at_least = at_least.max(Verdict::Venial);
        let is_new = |change: &Change| {
            matches!(change.turn, Turn::Worse | Turn::New | Turn::Other)
                && change.after.as_ref().is_some_and(|said| said.verdict >= at_least)
        };
        self.changes.iter().any(is_new)
    }

    /// Do both say the same, letter included?
    pub fn is_nothing(&self) -> bool {
        self.changes.is_empty() && self.before.grade == self.after.grade
    }
}

/// Compares two reports, which should be of one domain. Findings are alike by check and subject; what differs is outcome,
/// verdict and confidence. Two reasons why something could not be seen are no difference, and neither is something harmless
/// that comes or goes with its subject. A function of the sets of findings: their order does not matter.
pub fn difference(before: &Judged, after: &Judged) -> Difference {
    // By check and subject; there are some hundred findings at most.
    let mut pairs: Vec<[Vec<&Brief>; 2]> = Vec::new();
    for (side, judged) in [before, after].into_iter().enumerate() {
        for finding in &judged.findings {
            let is_there = |pair: &[Vec<&Brief>; 2]| {
                let one = pair.iter().flatten().next();
                one.is_some_and(|one| (&one.check, &one.subject) == (&finding.check, &finding.subject))
            };
            let at = pairs.iter().position(is_there).unwrap_or_else(|| {
                pairs.push(Default::default());
                pairs.len() - 1
            });
            if let Some(list) = pairs.get_mut(at).and_then(|pair| pair.get_mut(side)) {
                list.push(finding);
            }
        }
    }
    let mut changes: Vec<Change> = pairs.into_iter().flat_map(|[before, after]| compare(before, after)).collect();
    changes.sort_by(|a, b| (a.turn, a.sin, &a.check, &a.subject).cmp(&(b.turn, b.sin, &b.check, &b.subject)));
    Difference { before: before.side(), after: after.side(), changes }
}

impl Judged {
    fn side(&self) -> Side {
        Side {
            checked_at: self.checked_at.clone(),
            policy_version: self.policy_version,
            grade: self.grade,
            points: self.points,
            coverage: self.coverage,
        }
    }
}

impl From<&Report> for Judged {
    fn from(report: &Report) -> Self {
        let brief = |finding: &Finding| Brief {
            sin: finding.sin,
            check: finding.check.clone(),
            outcome: finding.outcome.clone(),
            verdict: finding.verdict,
            confidence: finding.confidence,
            subject: finding.subject.clone(),
            title: finding.title.clone(),
        };
        Self {
            domain: report.domain.clone(),
            checked_at: report.checked_at.clone(),
            policy_version: report.policy_version,
            grade: report.grade,
            points: report.points,
            coverage: report.coverage,
            findings: report.findings.iter().map(brief).collect(),
        }
    }
}

/// What one check says of one subject, before and after: mostly one finding each.
fn compare<'a>(mut before: Vec<&'a Brief>, mut after: Vec<&'a Brief>) -> Vec<Change> {
    before.retain(|old| match after.iter().position(|new| says(old) == says(new)) {
        Some(same) => {
            after.remove(same);
            false
        }
        None => true,
    });
    // The worst against the worst.
    for list in [&mut before, &mut after] {
        list.sort_by_key(|f| (std::cmp::Reverse(f.verdict), f.outcome.as_str()));
    }
    let rows = before.len().max(after.len());
    (0..rows).filter_map(|row| change(before.get(row).copied(), after.get(row).copied())).collect()
}

fn says(finding: &Brief) -> (&str, Verdict, Option<Confidence>) {
    (&finding.outcome, finding.verdict, finding.confidence)
}

fn change(before: Option<&Brief>, after: Option<&Brief>) -> Option<Change> {
    let turn = turn(before.map(|f| f.verdict), after.map(|f| f.verdict))?;
    let either = after.or(before)?;
    let said = |finding: &Brief| Said {
        outcome: finding.outcome.clone(),
        verdict: finding.verdict,
        confidence: finding.confidence,
        title: finding.title.clone(),
    };
    Some(Change {
        turn,
        sin: either.sin,
        check: either.check.clone(),
        subject: either.subject.clone(),
        before: before.map(said),
        after: after.map(said),
    })
}

/// Which way a fact went; nothing where that is no news.
fn turn(before: Option<Verdict>, after: Option<Verdict>) -> Option<Turn> {
    /// How bad something is that was seen.
    const fn rank(verdict: Verdict) -> Option<u8> {
        match verdict {
            Verdict::Untested => None,
            Verdict::Note | Verdict::Clean => Some(0),
            Verdict::Venial => Some(1),
            Verdict::Mortal => Some(2),
        }
    }
    let (old, new) = (before.map(rank), after.map(rank));
    match (old, new) {
        (Some(Some(old)), Some(Some(new))) => Some(match new.cmp(&old) {
            std::cmp::Ordering::Greater => Turn::Worse,
            std::cmp::Ordering::Less => Turn::Better,
            std::cmp::Ordering::Equal => Turn::Other,
        }),
        (Some(Some(_)), Some(None)) => Some(Turn::Lost),
        (Some(None) | None, Some(Some(1..))) => Some(Turn::New),
        (Some(None), Some(Some(0))) => Some(Turn::Shown),
        (Some(Some(1..)), None) => Some(Turn::Gone),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Case, DomainName, judge};

    fn finding(check: &str, subject: &str, outcome: &str, verdict: Verdict) -> Finding {
        Finding {
            sin: Sin::DnsErrors,
            check: check.to_owned(),
            outcome: outcome.to_owned(),
            verdict,
            confidence: (verdict >= Verdict::Venial).then_some(Confidence::Proved),
            subject: subject.to_owned(),
            title: format!("{check} {outcome}"),
            why: String::new(),
            seen: String::new(),
            marks: Vec::new(),
            remedy: None,
        }
    }

    fn report(findings: Vec<Finding>, grade: Grade) -> Report {
        let name = DomainName::new("a.example").unwrap();
        Report { findings, grade: Some(grade), ..judge(&Case::new(name.clone(), name, "n".to_owned(), 0)) }
    }

    fn compared(before: &Report, after: &Report) -> Difference {
        // What is read from JSON is what stands in the report.
        let read: Judged = serde_json::from_str(&serde_json::to_string(before).unwrap()).unwrap();
        assert_eq!(read, Judged::from(before));
        difference(&read, &after.into())
    }

    #[test]
    fn which_way_it_went() {
        use Verdict::{Clean, Mortal, Note, Untested, Venial};
        let rows = [
            (Some(Clean), Some(Clean), None),
            (Some(Clean), Some(Mortal), Some(Turn::Worse)),
            (Some(Venial), Some(Mortal), Some(Turn::Worse)),
            (Some(Mortal), Some(Venial), Some(Turn::Better)),
            (Some(Mortal), Some(Clean), Some(Turn::Better)),
            (Some(Untested), Some(Venial), Some(Turn::New)),
            (None, Some(Mortal), Some(Turn::New)),
            (None, Some(Clean), None),
            (None, Some(Untested), None),
            (Some(Mortal), None, Some(Turn::Gone)),
            (Some(Note), None, None),
            (Some(Mortal), Some(Untested), Some(Turn::Lost)),
            (Some(Clean), Some(Untested), Some(Turn::Lost)),
            (Some(Untested), Some(Clean), Some(Turn::Shown)),
            (Some(Untested), Some(Untested), None),
            (Some(Untested), None, None),
        ];
        for (before, after, want) in rows {
            let side = |verdict: Option<Verdict>, outcome: &str| {
                let outcome = if before == after { "same" } else { outcome };
                report(verdict.map(|v| finding("c", "s", outcome, v)).into_iter().collect(), Grade::A)
            };
            let got = compared(&side(before, "old"), &side(after, "new"));
            assert_eq!(got.changes.first().map(|c| c.turn), want, "{before:?} {after:?}");
            assert_eq!(got.is_nothing(), want.is_none(), "{before:?} {after:?}");
        }
        let other = compared(
            &report(vec![finding("c", "s", "x", Mortal)], Grade::F),
            &report(vec![finding("c", "s", "y", Mortal)], Grade::F),
        );
        assert_eq!(other.changes.first().map(|c| c.turn), Some(Turn::Other));
        let reasons = compared(
            &report(vec![finding("c", "s", "refused", Untested)], Grade::F),
            &report(vec![finding("c", "s", "reset", Untested)], Grade::F),
        );
        assert!(reasons.is_nothing());
    }

    #[test]
    fn several_findings_of_one_subject() {
        let before = report(
            vec![
                finding("c", "s", "one", Verdict::Venial),
                finding("c", "s", "two", Verdict::Mortal),
                finding("d", "s", "same", Verdict::Clean),
            ],
            Grade::D,
        );
        let after = report(
            vec![
                finding("d", "s", "same", Verdict::Clean),
                finding("c", "s", "three", Verdict::Venial),
                finding("c", "s", "two", Verdict::Mortal),
                finding("c", "s", "four", Verdict::Mortal),
            ],
            Grade::F,
        );
        let got = compared(&before, &after);
        let rows: Vec<_> = got
            .changes
            .iter()
            .map(|c| {
                (c.turn, c.before.as_ref().map(|s| s.outcome.as_str()), c.after.as_ref().map(|s| s.outcome.as_str()))
            })
            .collect();
        assert_eq!(rows, [(Turn::Worse, Some("one"), Some("four")), (Turn::New, None, Some("three"))]);
        assert_eq!((got.before.grade, got.after.grade), (Some(Grade::D), Some(Grade::F)));
        assert!(got.has_new_fault(Verdict::Mortal));
        // Against itself, in another order, there is nothing.
        let mut turned = after.clone();
        turned.findings.reverse();
        assert!(compared(&turned, &after).is_nothing());
        // What is lost is no new fault.
        let lost = compared(&before, &report(vec![finding("c", "s", "reset", Verdict::Untested)], Grade::D));
        assert!(!lost.has_new_fault(Verdict::Venial) && lost.changes.iter().any(|c| c.turn == Turn::Lost));
    }

    #[test]
    fn in_json_and_back() {
        let got =
            compared(&report(Vec::new(), Grade::A), &report(vec![finding("c", "s", "x", Verdict::Mortal)], Grade::F));
        let json = serde_json::to_string(&got).unwrap();
        assert!(json.contains(r#""turn":"new""#), "{json}");
        assert_eq!(serde_json::from_str::<Difference>(&json).unwrap(), got);
    }
}
