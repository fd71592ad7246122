//! A line a domain.

use shared::Verdict;
use shared::grade::faults;
use shared::visible::visible;

use crate::End;
use crate::checked::{Checked, is_news};
use crate::style::Style;

/// What a line tells.
pub(crate) struct Row {
    pub(crate) domain: String,
    pub(crate) end: End,
    told: Result<Told, String>,
}

struct Told {
    grade: &'static str,
    points: Option<f64>,
    mortal: usize,
    venial: usize,
    seen: f64,
    /// How many findings are new or worse, of those that count; nothing without a baseline.
    new: Option<usize>,
}

impl Row {
    pub(crate) fn of(checked: &Checked) -> Self {
        let told = checked.result.as_ref().map_err(Clone::clone).map(|report| {
            let faults = faults(&report.findings);
            let count = |verdict| faults.iter().filter(|finding| finding.verdict == verdict).count();
            let new = |difference: &shared::difference::Difference| {
                let bad = |said: &shared::difference::Said| said.verdict >= Verdict::Venial;
                let changes = difference.changes.iter().filter(|change| is_news(change.turn));
                changes.filter(|change| change.after.as_ref().is_some_and(bad)).count()
            };
            Told {
                grade: report.grade.map_or("none", |grade| grade.letter()),
                points: report.grade.map(|_| report.points),
                mortal: count(Verdict::Mortal),
                venial: count(Verdict::Venial),
                seen: report.coverage,
                new: checked.difference.as_ref().map(new),
            }
        });
        Self { domain: checked.subject.domain.to_string(), end: checked.end(), told }
    }

    /// The line, with the domain in a column of this width.
    pub(crate) fn line(&self, style: Style, column: usize) -> String {
        let (sign, verdict) = match self.end {
            End::Clean => ('✓', Verdict::Clean),
            End::Found => ('✗', Verdict::Mortal),
            End::Usage | End::Unable => ('?', Verdict::Untested),
        };
        let sign = style.verdict_colour(verdict, &sign.to_string());
        let domain = format!("{:<column$}", visible(&self.domain));
        match &self.told {
            Ok(told) => {
                // Without a letter the points say nothing.
                let points = told.points.map_or_else(|| " ".repeat(12), |points| format!("{points:>5.1} points"));
                let new = told.new.map(|new| format!("{new:>4} new")).unwrap_or_default();
                format!(
                    "{sign} {domain}  {:<4} {points} {:>3} mortal {:>3} venial{new} {:>4.0} % seen\n",
                    told.grade,
                    told.mortal,
                    told.venial,
                    told.seen * 100.0
                )
            }
            Err(why) => format!("{sign} {domain}  not checked: {}\n", visible(why).replace('\n', " ")),
        }
    }

    /// The line as cells of a table.
    pub(crate) fn cells(&self) -> [String; 5] {
        match &self.told {
            Ok(told) => [
                self.domain.clone(),
                told.grade.to_owned(),
                told.mortal.to_string(),
                told.venial.to_string(),
                format!("{:.0} %", told.seen * 100.0),
            ],
            Err(why) => {
                [self.domain.clone(), format!("not checked: {why}"), String::new(), String::new(), String::new()]
            }
        }
    }
}

/// All lines.
pub(crate) fn table(rows: &[Row], style: Style) -> String {
    let column = rows.iter().map(|row| row.domain.len()).max().unwrap_or(0);
    rows.iter().map(|row| row.line(style, column)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checked::tests::{checked, finding, report};

    #[test]
    fn lines() {
        let mut fine = report();
        fine.findings = vec![finding(Verdict::Venial), finding(Verdict::Venial)];
        fine.grade = Some(shared::grade::Grade::A);
        (fine.points, fine.coverage) = (92.5, 0.98);
        let mut sinful = checked(fine.clone());
        sinful.fail_on = Verdict::Venial;
        let mut unseen = checked(report());
        unseen.subject.domain = "long-name.test".parse().unwrap();
        unseen.result = Err("no\nresolver \u{1b}[31m".to_owned());
        let rows = [Row::of(&checked(fine)), Row::of(&sinful), Row::of(&unseen)];
        assert_eq!(
            table(&rows, Style::plain()),
            "✓ h.test          A     92.5 points   0 mortal   1 venial   98 % seen\n\
             ✗ h.test          A     92.5 points   0 mortal   1 venial   98 % seen\n\
             ? long-name.test  not checked: no resolver \\x1b[31m\n"
        );
    }
}
