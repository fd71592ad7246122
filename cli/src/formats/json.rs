//! Reports with all their evidence: one for people to look at too, several a line each.

use std::fmt::Write as _;

use serde::Serialize;
use shared::Report;
use shared::difference::Difference;
use shared::visible::visible;

use super::Writer;
use crate::checked::Checked;

pub(super) struct Json {
    pub(super) several: bool,
}

#[derive(Serialize)]
struct Compared<'a> {
    #[serde(flatten)]
    report: &'a Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<&'a Difference>,
}

impl Writer for Json {
    fn one(&mut self, checked: &Checked) -> String {
        let Ok(report) = &checked.result else {
            return String::new();
        };
        let compared = Compared { report, difference: checked.difference.as_ref() };
        let json = match self.several {
            true => serde_json::to_string(&compared),
            false => serde_json::to_string_pretty(&compared),
        };
        // Nothing in a report can fail: its keys are texts, and its numbers come from sums.
        json.map(|json| format!("{}\n", escaped(&json))).unwrap_or_default()
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checked::tests::{checked, finding, report};
    use shared::Verdict;

    #[test]
    fn one_or_a_line_each() {
        let mut report = report();
        report.findings = vec![finding(Verdict::Mortal)];
        let mut checked = checked(report.clone());
        let one = Json { several: false }.one(&checked);
        assert!(one.contains("220 evil \\u001b[31m\\u202ename") && one.lines().count() > 10, "{one}");
        assert_eq!(serde_json::from_str::<Report>(&one).unwrap(), report);
        checked.difference = Some(shared::difference::difference(&(&report).into(), &(&report).into()));
        let line = Json { several: true }.one(&checked);
        assert_eq!(line.lines().count(), 1);
        assert_eq!(serde_json::from_str::<Report>(&line).unwrap(), report);
        assert!(serde_json::from_str::<serde_json::Value>(&line).unwrap()["difference"]["changes"].is_array());
        checked.result = Err("no resolver".to_owned());
        assert_eq!(Json { several: true }.one(&checked), "");
    }
}
