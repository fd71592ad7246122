//! A report as Markdown, for tickets and wikis.

use std::fmt::Write;

use crate::finding::{groups, has_one_remedy, likewise};
use crate::visible::visible;
use crate::{Confidence, Finding, Report, Sin, Verdict};

/// The report as CommonMark. Foreign text stands in fenced blocks only, which it cannot leave.
pub fn markdown(report: &Report) -> String {
    let grade = report.grade.map_or("no grade", |grade| grade.letter());
    let mut out = format!(
        "# {}: {grade}\n\n{}\n\nChecked {} · {} of {} facts seen ({:.0} %) · policy {}\n\n{}| sin | verdict | facts |\n|---|---|---|\n",
        report.domain,
        inline(&report.why),
        report.checked_at,
        report.tested,
        report.total,
        report.coverage * 100.0,
        report.policy_version,
        report.by_consent().map(|words| format!("{}\n\n", inline(&words))).unwrap_or_default(),
    );
    for summary in &report.sins {
        let _ = writeln!(
            out,
            "| {} {} | {} | {} |",
            summary.sin.numeral(),
            summary.sin.title(),
            summary.verdict,
            report.seen(summary)
        );
    }
    for sin in Sin::ALL {
        let findings: Vec<_> = report.findings.iter().filter(|finding| finding.sin == sin).collect();
        if !findings.is_empty() {
            let _ = write!(out, "\n## {}. {}\n", sin.numeral(), sin.title());
        }
        for group in groups(findings) {
            write_group(&mut out, &group);
        }
    }
    out
}

/// What is said of several subjects stands there once.
fn write_group(out: &mut String, group: &[&Finding]) {
    let Some(first) = group.first() else { return };
    let sure = if first.confidence == Some(Confidence::Suspected) { ", suspected" } else { "" };
    let _ = write!(out, "\n### {}: {}{sure}\n\n{}\n", inline(&first.title), first.verdict, inline(&first.why));
    let once = has_one_remedy(group);
    for finding in group {
        let _ = write!(out, "\n- {}\n", inline(&finding.subject));
        if !finding.seen.is_empty() {
            fence(out, &finding.seen);
        }
        if !once {
            write_remedy(out, finding, "");
        }
    }
    if once {
        write_remedy(out, first, &likewise(group.len()));
    }
}

fn write_remedy(out: &mut String, finding: &Finding, others: &str) {
    let Some(remedy) = finding.remedy.as_ref().filter(|_| finding.verdict >= Verdict::Venial) else {
        return;
    };
    let _ = write!(out, "\n**{}** (about {} min{others})\n", inline(&remedy.action), remedy.minutes);
    for recipe in &remedy.recipes {
        let _ = write!(out, "\n{}, {}:\n", inline(&recipe.software), inline(&recipe.place));
        fence(out, &recipe.lines);
    }
}

/// A fenced block whose fence is longer than any run of backticks inside.
fn fence(out: &mut String, text: &str) {
    let text = visible(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let _ = write!(out, "\n{fence}\n{text}\n{fence}\n");
}

/// Foreign text on a line of its own, or in a cell of a table: nothing in it is markup, and it stays on one line.
pub fn inline(text: &str) -> String {
    let mut out = String::new();
    for c in visible(text).replace('\n', " ").chars() {
        if "\\`*_[]<>#|&".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_leave_its_block() {
        let mut out = String::new();
        fence(&mut out, "220 x\n```\n# heading\n````` <script>\u{202e}");
        assert_eq!(out, "\n``````\n220 x\n```\n# heading\n````` <script>\\u{202e}\n``````\n");
        assert_eq!(inline("a*b\n[c](d) <e>"), "a\\*b \\[c\\](d) \\<e\\>");
    }
}
