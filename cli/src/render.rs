//! The report on standard output, for people or for programs.

use std::fmt::Write as _;
use std::io::Write as _;

use shared::finding::Finding;
use shared::visible::visible;
use shared::{Confidence, Report, Sin, Verdict};

use crate::args::Output;
use crate::style::{Style, width, wrap};
use crate::{End, refuse};

/// Prints the report; says how it ends.
pub(crate) fn finish(report: &Report, output: &Output) -> End {
    let text = if output.json {
        match json(report) {
            Ok(json) => json,
            Err(error) => return refuse(End::Unable, &error.to_string()),
        }
    } else {
        Page { style: Style::of_stdout(), width: width(), verbose: output.verbose, out: String::new() }.report(report)
    };
    // A reader that has seen enough and closed the pipe is no failure.
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
    end(report, output.fail_on.verdict())
}

/// A finding that is bad enough counts even where too little was seen for a grade.
fn end(report: &Report, fail_on: Verdict) -> End {
    if report.findings.iter().any(|finding| finding.verdict >= fail_on) {
        End::Found
    } else if report.grade.is_none() {
        End::Unable
    } else {
        End::Clean
    }
}

fn json(report: &Report) -> serde_json::Result<String> {
    serde_json::to_string_pretty(report).map(|text| escaped(&text))
}

/// JSON, in which what a terminal might obey or hide is escaped.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut units = [0; 2];
    for c in text.chars() {
        let mut utf8 = [0; 4];
        let plain = c.encode_utf8(&mut utf8);
        if c == '\n' || visible(plain) == *plain {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

/// Up to so many lines of what was seen are shown as they are.
const SEEN_LINES: usize = 6;

/// A report for people.
struct Page {
    style: Style,
    width: usize,
    verbose: bool,
    out: String,
}

impl Page {
    fn report(mut self, report: &Report) -> String {
        self.head(report);
        for sin in Sin::ALL {
            let findings: Vec<_> = report.findings.iter().filter(|finding| finding.sin == sin).collect();
            self.sin(sin, &findings);
        }
        self.out
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    fn head(&mut self, report: &Report) {
        let grade = report.grade.map_or("no grade", |grade| grade.letter());
        let domain = visible(report.domain.as_str());
        self.line(&format!("{}  {}", self.style.bold(&domain), self.style.bold(grade)));
        self.line(&wrap(&visible(&report.why), 0, self.width));
        let seen = format!(
            "{} points, {} of {} facts seen ({:.0} %), checked at {}",
            report.points,
            report.tested,
            report.total,
            report.coverage * 100.0,
            visible(&report.checked_at)
        );
        self.line(&self.style.dim(&seen));
        self.line("");
        for summary in &report.sins {
            let verdict = self.style.verdict(summary.verdict);
            let seen = self.style.dim(&format!("{} of {} seen", summary.tested, summary.total));
            self.line(&format!("  {verdict} {:>3}  {:<26} {seen}", summary.sin.numeral(), summary.sin.title()));
        }
    }

    fn sin(&mut self, sin: Sin, findings: &[&Finding]) {
        let wanted = |finding: &&Finding| self.verbose || finding.verdict != Verdict::Clean;
        let shown: Vec<&Finding> = findings.iter().copied().filter(wanted).collect();
        if shown.is_empty() {
            return;
        }
        self.line("");
        self.line(&self.style.bold(&format!("{}. {}", sin.numeral(), sin.title())));
        for alike in shown.chunk_by(|a, b| a.verdict == b.verdict && a.fault() == b.fault()) {
            self.group(alike);
        }
    }

    /// The same finding at one or more hosts: said once, seen at each.
    fn group(&mut self, alike: &[&Finding]) {
        let Some(first) = alike.first() else {
            return;
        };
        let suspected = if first.confidence == Some(Confidence::Suspected) { " (suspected)" } else { "" };
        let verdict = self.style.verdict(first.verdict);
        let title = self.style.bold(&format!("{}{suspected}", visible(&first.title)));
        let check = self.style.dim(&format!("[{}: {}]", visible(&first.check), visible(&first.outcome)));
        self.line(&format!("  {verdict} {title} {check}"));
        if first.verdict != Verdict::Clean {
            self.line(&wrap(&visible(&first.why), 4, self.width));
        }
        let shows_seen = self.verbose || first.verdict >= Verdict::Venial;
        for (at, finding) in alike.iter().enumerate() {
            self.line(&format!("    at {}", visible(&finding.subject)));
            let told = alike.iter().take(at).any(|earlier| earlier.seen == finding.seen);
            if shows_seen && !told {
                let seen = if self.verbose { finding.seen.clone() } else { essence(finding) };
                self.block(&seen, "    | ");
            }
        }
        self.remedy(first, alike.len() - 1);
    }

    fn remedy(&mut self, finding: &Finding, others: usize) {
        let Some(remedy) = &finding.remedy else {
            return;
        };
        let others = match others {
            0 => String::new(),
            1 => "; likewise at the other one".to_owned(),
            more => format!("; likewise at the other {more}"),
        };
        let action = format!("{} (about {} min{others})", visible(&remedy.action), remedy.minutes);
        self.line(&format!("    {}", self.style.bold(&action)));
        let shown = if self.verbose { remedy.recipes.len() } else { 1 };
        for recipe in remedy.recipes.iter().take(shown) {
            let place = format!("{}, {}:", visible(&recipe.software), visible(&recipe.place));
            self.line(&format!("    {}", self.style.dim(&place)));
            self.block(&recipe.lines, "      ");
        }
    }

    /// Text that stays as it is, line by line.
    fn block(&mut self, text: &str, margin: &str) {
        if !text.is_empty() {
            for line in visible(text).lines() {
                self.line(&format!("{margin}{line}"));
            }
        }
    }
}

/// What was seen, without the lines of a long conversation that decide nothing.
fn essence(finding: &Finding) -> String {
    let lines: Vec<&str> = finding.seen.split('\n').collect();
    if lines.len() <= SEEN_LINES || finding.marks.is_empty() {
        return finding.seen.clone();
    }
    let mut kept = Vec::new();
    let mut start = 0;
    for line in lines {
        let end = start + line.chars().count();
        let marked = finding.marks.iter().any(|(from, to)| (*from as usize) < end && (*to as usize) > start);
        if marked || line.starts_with("→ ") {
            kept.push(line);
        } else if kept.last() != Some(&"…") {
            kept.push("…");
        }
        start = end + 1;
    }
    kept.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::{Case, DomainName, judge};

    fn report() -> Report {
        let name = |text: &str| DomainName::new(text).unwrap();
        judge(&Case::new(name("h.test"), name("us.test"), "n".into(), 0))
    }

    fn finding(verdict: Verdict) -> Finding {
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

    fn page(report: &Report, verbose: bool) -> String {
        Page { style: Style::new(false), width: 80, verbose, out: String::new() }.report(report)
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
            assert_eq!(end(&report, fail_on), want, "{verdicts:?} {grade:?} {fail_on}");
        }
    }

    #[test]
    fn foreign_text_is_shown_not_obeyed() {
        let mut report = report();
        report.findings = vec![finding(Verdict::Mortal)];
        let text = page(&report, false);
        assert!(text.contains("    | 220 evil \\x1b[31m\\u{202e}name\n"), "{text}");
        let json = json(&report).unwrap();
        assert!(json.contains("220 evil \\u001b[31m\\u202ename"), "{json}");
        assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    }

    #[test]
    fn clean_ones_only_when_asked_for() {
        let mut report = report();
        report.findings = vec![finding(Verdict::Clean)];
        assert!(!page(&report, false).contains("Tells its version"));
        assert!(page(&report, true).contains("✓ clean    Tells its version"));
        report.findings = vec![finding(Verdict::Venial)];
        let text = page(&report, false);
        assert!(text.contains("! venial   Tells its version (suspected) [banner-version: exact]\n    Attackers look for it.\n    at mx.h.test, 192.0.2.1, port 25\n    | 220"), "{text}");
    }

    #[test]
    fn alike_ones_are_said_once() {
        let mut report = report();
        let mut other = finding(Verdict::Mortal);
        other.subject = "mx2.h.test, 192.0.2.2, port 25".into();
        report.findings = vec![finding(Verdict::Mortal), other];
        let text = page(&report, false);
        assert_eq!(text.matches("Attackers look for it.").count(), 1, "{text}");
        assert_eq!(text.matches("| 220 evil").count(), 1, "{text}");
        assert!(
            text.contains("    at mx.h.test, 192.0.2.1, port 25\n") && text.contains("    at mx2.h.test"),
            "{text}"
        );
    }

    #[test]
    fn long_conversations_are_cut_to_what_decides() {
        let mut finding = finding(Verdict::Mortal);
        let rows = [
            ("→ EHLO x\nä\nb\nAUTH\nc\nd\n→ AUTH\n334", vec![(13, 17), (29, 32)], "→ EHLO x\n…\nAUTH\n…\n→ AUTH\n334"),
            ("→ EHLO x\na\nb\nAUTH\nc\nd\n→ AUTH\n334", vec![], "→ EHLO x\na\nb\nAUTH\nc\nd\n→ AUTH\n334"),
            ("a\nb\nc", vec![(0, 1)], "a\nb\nc"),
        ];
        for (seen, marks, want) in rows {
            finding.seen = seen.to_owned();
            finding.marks = marks;
            assert_eq!(essence(&finding), want);
        }
    }
}
