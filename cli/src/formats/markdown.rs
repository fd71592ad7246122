//! Reports for tickets and wikis: the site's own Markdown, with what changed, and a table of several.

use std::fmt::Write as _;

use shared::difference::Difference;
use shared::report::{inline, markdown};

use super::Writer;
use crate::checked::Checked;
use crate::summary::Row;

pub(super) struct Markdown {
    pub(super) several: bool,
    pub(super) begun: bool,
}

impl Writer for Markdown {
    fn one(&mut self, checked: &Checked) -> String {
        let Ok(report) = &checked.result else {
            return String::new();
        };
        let gap = if std::mem::replace(&mut self.begun, true) { "\n" } else { "" };
        let since = checked.difference.as_ref().map(since).unwrap_or_default();
        format!("{gap}{}\n{since}", markdown(report).trim_end())
    }

    fn end(&mut self, rows: &[Row]) -> String {
        if !self.several {
            return String::new();
        }
        let mut out = "\n# Summary\n\n| domain | grade | mortal | venial | seen |\n|---|---|---|---|---|\n".to_owned();
        for row in rows {
            let cells: Vec<String> = row.cells().iter().map(|cell| inline(cell)).collect();
            let _ = writeln!(out, "| {} |", cells.join(" | "));
        }
        out
    }
}

/// What changed since an older report.
fn since(difference: &Difference) -> String {
    let letter = |side: &shared::difference::Side| side.grade.map_or("no grade", |grade| grade.letter());
    let mut out = format!(
        "\n## Since {}\n\n{} → {}\n",
        inline(&difference.before.checked_at),
        letter(&difference.before),
        letter(&difference.after)
    );
    match difference.changes.is_empty() {
        true => out.push_str("\nNothing changed.\n"),
        false => out.push_str("\n| | finding | check | at |\n|---|---|---|---|\n"),
    }
    for change in &difference.changes {
        let said = change.after.as_ref().or(change.before.as_ref());
        let title = said.map(|said| inline(&said.title)).unwrap_or_default();
        let (check, subject) = (inline(&change.check), inline(&change.subject));
        let _ = writeln!(out, "| {} | {title} | {check} | {subject} |", change.turn.word());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checked::tests::{checked, finding, report};
    use shared::Verdict;

    #[test]
    fn foreign_text_stays_in_its_cell() {
        let mut new = report();
        let mut sin = finding(Verdict::Mortal);
        sin.subject = "mx | <b>\n[x](y) \u{202e}".into();
        new.findings = vec![sin];
        let mut checked = checked(new.clone());
        checked.difference = Some(shared::difference::difference(&(&report()).into(), &(&new).into()));
        let mut markdown = Markdown { several: true, begun: false };
        let text = markdown.one(&checked);
        let row = "| new | Tells its version | banner-version | mx \\| \\<b\\> \\[x\\](y) \\\\u{202e} |\n";
        assert!(text.starts_with("# h.test: no grade\n") && text.ends_with(row), "{text}");
        checked.result = Err("no | resolver".to_owned());
        assert_eq!(markdown.one(&checked), "");
        let end = markdown.end(&[Row::of(&checked)]);
        assert!(end.ends_with("| h.test | not checked: no \\| resolver |  |  |  |\n"), "{end}");
        assert_eq!(Markdown { several: false, begun: true }.end(&[]), "");
    }
}
