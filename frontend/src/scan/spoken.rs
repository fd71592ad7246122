//! What a scan says aloud: a sentence a sin, not a line a packet.

use shared::{Report, Sin, Verdict};

use crate::report::is_pending;

/// What was said so far of each sin.
#[derive(Default)]
pub(crate) struct Spoken(Vec<(Sin, Verdict)>);

impl Spoken {
    /// The sentences that are new: a sin that is settled, or got worse than was said.
    pub(crate) fn news(&mut self, report: &Report, complete: bool) -> Option<String> {
        let mut said = Vec::new();
        for summary in &report.sins {
            let (sin, verdict) = (summary.sin, summary.verdict);
            let waiting = report.findings.iter().any(|f| f.sin == sin && is_pending(f));
            let settled = complete || (!waiting && summary.tested > 0) || verdict == Verdict::Mortal;
            let before = self.0.iter().filter(|(of, _)| *of == sin).map(|(_, said)| *said).max();
            if settled && before.is_none_or(|before| verdict > before) {
                self.0.push((sin, verdict));
                said.push(format!("{}: {}.", sin.title(), verdict));
            }
        }
        if complete {
            said.push(match report.grade {
                Some(grade) => format!("The check is done: grade {grade}."),
                None => "The check is done: no grade, too little could be seen.".to_owned(),
            });
        }
        (!said.is_empty()).then(|| said.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use shared::{Case, DomainName, judge};

    use super::*;

    #[test]
    fn a_sentence_a_sin() {
        let domain = DomainName::new("a.example").unwrap();
        let mut report = judge(&Case::new(domain.clone(), domain, "abc".into(), 0));
        report.findings.clear();
        for (summary, verdict) in report.sins.iter_mut().zip([Verdict::Clean, Verdict::Mortal]) {
            (summary.verdict, summary.tested) = (verdict, 1);
        }
        for summary in report.sins.iter_mut().skip(2) {
            (summary.verdict, summary.tested) = (Verdict::Untested, 0);
        }
        let mut spoken = Spoken::default();
        assert_eq!(spoken.news(&report, false).unwrap(), "Open relay: clean. Plain-text authentication: mortal.");
        assert_eq!(spoken.news(&report, false), None);
        let last = spoken.news(&report, true).unwrap();
        assert!(last.starts_with("DNS errors: untested.") && last.contains("The check is done: "), "{last}");
        assert!(!last.contains("Open relay"), "{last}");
    }
}
