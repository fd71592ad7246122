//! Reports for people.

use shared::difference::Difference;
use shared::finding::{Finding, likewise};
use shared::visible::visible;
use shared::{Confidence, Report, Sin, Verdict};

use super::{Look, Writer};
use crate::checked::Checked;
use crate::style::{Style, width, wrap};
use crate::summary::{Row, table};

/// Whole reports and a table of them, or a line each.
pub(super) struct Text {
    pub(super) look: Look,
    pub(super) begun: bool,
}

impl Writer for Text {
    fn one(&mut self, checked: &Checked) -> String {
        let Look { style, verbose, quiet, column, .. } = self.look;
        if quiet {
            return Row::of(checked).line(style, column);
        }
        let Ok(report) = &checked.result else {
            return String::new();
        };
        let gap = if std::mem::replace(&mut self.begun, true) { "\n\n" } else { "" };
        let page = Page { style, width: width(), verbose, out: String::new() };
        format!("{gap}{}\n", page.report(report, checked.difference.as_ref()).trim_end())
    }

    fn end(&mut self, rows: &[Row]) -> String {
        match self.look.several && !self.look.quiet {
            true => format!("\n\n{}", table(rows, self.look.style)),
            false => String::new(),
        }
    }
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
    fn report(mut self, report: &Report, since: Option<&Difference>) -> String {
        self.head(report);
        if let Some(since) = since {
            self.since(since);
        }
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
        // Without a letter the points say nothing.
        let points = report.grade.map(|_| format!("{} points, ", report.points)).unwrap_or_default();
        let seen = format!(
            "{points}{} of {} facts seen ({:.0} %), checked at {}",
            report.tested,
            report.total,
            report.coverage * 100.0,
            visible(&report.checked_at)
        );
        self.line(&self.style.dim(&seen));
        self.line("");
        for summary in &report.sins {
            let verdict = self.style.verdict(summary.verdict);
            let seen = self.style.dim(&report.seen(summary));
            self.line(&format!("  {verdict} {:>3}  {:<26} {seen}", summary.sin.numeral(), summary.sin.title()));
        }
    }

    /// What changed since an older report.
    fn since(&mut self, difference: &Difference) {
        let letter = |side: &shared::difference::Side| side.grade.map_or("no grade", |grade| grade.letter());
        self.line("");
        let (before, after) = (letter(&difference.before), letter(&difference.after));
        let at = visible(&difference.before.checked_at);
        self.line(&self.style.bold(&format!("Since {at}: {before} → {after}")));
        if difference.is_nothing() {
            self.line("  nothing changed");
        }
        for change in &difference.changes {
            let Some(said) = change.after.as_ref().or(change.before.as_ref()) else {
                continue;
            };
            let turn = format!("{:<12}", change.turn.word());
            let turn = match crate::checked::is_news(change.turn) {
                true => self.style.verdict_colour(said.verdict, &turn),
                false => self.style.dim(&turn),
            };
            let (title, subject) = (visible(&said.title), visible(&change.subject));
            let check = self.style.dim(&format!("[{}]", visible(&change.check)));
            self.line(&format!("  {turn} {title} {check} at {subject}"));
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
        self.remedy(first, &likewise(alike.len()));
    }

    fn remedy(&mut self, finding: &Finding, others: &str) {
        let Some(remedy) = &finding.remedy else {
            return;
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
    use crate::checked::tests::{checked, finding, report};
    use shared::difference::difference;

    fn page(report: &Report, verbose: bool) -> String {
        Page { style: Style::plain(), width: 80, verbose, out: String::new() }.report(report, None)
    }

    #[test]
    fn foreign_text_is_shown_not_obeyed() {
        let mut report = report();
        report.findings = vec![finding(Verdict::Mortal)];
        let text = page(&report, false);
        assert!(text.contains("    | 220 evil \\x1b[31m\\u{202e}name\n"), "{text}");
    }

    #[test]
    fn several_reports_and_their_table() {
        let look = Look { style: Style::plain(), verbose: false, quiet: false, several: true, column: 6 };
        let mut text = Text { look, begun: false };
        let first = checked(report());
        let mut second = checked(report());
        second.result = Err("no resolver".to_owned());
        let all = format!("{}{}{}", text.one(&first), text.one(&second), text.one(&first));
        assert_eq!(all.matches("h.test  no grade\n").count(), 2, "{all}");
        assert!(!all.contains("no resolver"));
        let end = text.end(&[Row::of(&first), Row::of(&second)]);
        assert!(end.starts_with("\n\n? h.test  none") && end.ends_with("not checked: no resolver\n"), "{end}");
        let mut quiet = Text { look: Look { quiet: true, ..look }, begun: false };
        assert_eq!(quiet.one(&second), "? h.test  not checked: no resolver\n");
        assert_eq!(quiet.end(&[]), "");
    }

    #[test]
    fn what_changed() {
        let old = report();
        let mut new = report();
        let mut sin = finding(Verdict::Mortal);
        sin.title = "Tells \u{1b}its version".into();
        new.findings = vec![sin];
        let page = |before: &Report, after: &Report| {
            let since = difference(&before.into(), &after.into());
            Page { style: Style::plain(), width: 80, verbose: false, out: String::new() }.report(after, Some(&since))
        };
        let text = page(&old, &new);
        let want = "\nSince 1970-01-01T00:00:00Z: no grade → no grade\n  new          Tells \\x1bits version [banner-version] at mx.h.test, 192.0.2.1, port 25\n";
        assert!(text.contains(want), "{text}");
        assert!(page(&new, &new).contains("no grade\n  nothing changed\n"));
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
