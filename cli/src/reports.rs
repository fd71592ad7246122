//! Reports in files: one, several of them a line each, or an array.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use shared::difference::{Difference, Judged, difference};
use shared::{DomainName, POLICY_VERSION, Report, judge};

/// The largest file of reports that is read, in octets.
const FILE_MAX: u64 = 256 * 1024 * 1024;

/// The reports in a file, or on standard input for `-`. An error is a sentence for people.
pub(crate) fn read(file: &Path) -> Result<Vec<Report>, String> {
    let values = values(file)?;
    values.into_iter().map(|value| serde_json::from_value(value).map_err(|error| no_report(file, &error))).collect()
}

fn values(file: &Path) -> Result<Vec<Value>, String> {
    let text = text(file, FILE_MAX)?;
    let bad = |error: serde_json::Error| no_report(file, &error);
    let found = match text.trim_start().starts_with('[') {
        true => serde_json::from_str(&text).map_err(bad)?,
        false => {
            serde_json::Deserializer::from_str(&text).into_iter().collect::<Result<Vec<Value>, _>>().map_err(bad)?
        }
    };
    if found.is_empty() { Err(format!("there is no report in {}", named(file))) } else { Ok(found) }
}

fn no_report(file: &Path, error: &serde_json::Error) -> String {
    format!("{} is not a mailsins report: {error}", named(file))
}

fn named(file: &Path) -> String {
    if file.as_os_str() == "-" { "standard input".to_owned() } else { file.display().to_string() }
}

/// What stands in a file, or on standard input for `-`.
pub(crate) fn text(file: &Path, most: u64) -> Result<String, String> {
    let read = |mut from: Box<dyn Read>| {
        let mut text = String::new();
        from.read_to_string(&mut text).map(|_| text)
    };
    let text = match file.as_os_str() == "-" {
        true => read(Box::new(std::io::stdin().take(most + 1))),
        false => std::fs::File::open(file).and_then(|opened| read(Box::new(opened.take(most + 1)))),
    };
    let text = text.map_err(|error| format!("{} can't be read: {error}", named(file)))?;
    match text.len() as u64 > most {
        true => Err(format!("{} is longer than {most} octets", named(file))),
        false => Ok(text),
    }
}

/// Former reports, of each domain the youngest.
pub(crate) struct Baseline(BTreeMap<DomainName, (String, Judged)>);

impl Baseline {
    /// From these files; nothing if there are none.
    pub(crate) fn read(files: &[PathBuf]) -> Result<Option<Self>, String> {
        let mut known: BTreeMap<DomainName, (String, Judged)> = BTreeMap::new();
        for file in files {
            for value in values(file)? {
                let judged = Judged::deserialize(&value).map_err(|error| no_report(file, &error))?;
                let at = value.get("checked_at").and_then(Value::as_str).unwrap_or_default().to_owned();
                if known.get(&judged.domain).is_none_or(|(known, _)| *known < at) {
                    known.insert(judged.domain.clone(), (at, judged_today(value, judged)));
                }
            }
        }
        Ok((!files.is_empty()).then_some(Self(known)))
    }

    /// What changed since; nothing if there is no former report of the domain.
    pub(crate) fn difference(&self, report: &Report) -> Option<Difference> {
        self.0.get(&report.domain).map(|(_, before)| difference(before, &report.into()))
    }
}

/// A report of another policy is judged again, so that a rule that changed is no change of the domain; unless it
/// is of a version whose evidence has another shape.
fn judged_today(value: Value, told: Judged) -> Judged {
    let current = value.get("policy_version").and_then(Value::as_u64) == Some(u64::from(POLICY_VERSION));
    match serde_json::from_value::<Report>(value) {
        Ok(report) if !current => Judged::from(&judge(&report.case())),
        _ => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checked::tests::report;

    #[test]
    fn one_or_more_in_a_file() {
        let one = serde_json::to_string(&report()).unwrap();
        let pretty = serde_json::to_string_pretty(&report()).unwrap();
        let file = std::env::temp_dir().join(format!("mailsins-reports-{}.json", std::process::id()));
        let rows = [
            (one.clone(), Ok(1)),
            (format!("{one}\n{one}\n"), Ok(2)),
            (format!(" [{one},\n{pretty}]\n"), Ok(2)),
            (format!("{pretty}\n{pretty}"), Ok(2)),
            ("[]".to_owned(), Err("no report")),
            ("\n".to_owned(), Err("no report")),
            (format!("{one}\n{{"), Err("not a mailsins report")),
            ("{}".to_owned(), Err("not a mailsins report")),
        ];
        for (text, want) in rows {
            std::fs::write(&file, &text).unwrap();
            match (read(&file), want) {
                (Ok(reports), Ok(count)) => assert!(reports.len() == count && reports.iter().all(|r| *r == report())),
                (Err(error), Err(words)) => assert!(error.contains(words), "{error}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
        std::fs::remove_file(&file).unwrap();
    }

    #[test]
    fn the_youngest_report_of_a_domain_counts() {
        let folder = std::env::temp_dir().join(format!("mailsins-baseline-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = |name: &str, report: &Report| {
            let path = folder.join(name);
            std::fs::write(&path, serde_json::to_string(report).unwrap()).unwrap();
            path
        };
        let old = report();
        let mut young = report();
        young.checked_at = "2026-01-02T03:04:05Z".to_owned();
        let files = [file("young.json", &young), file("old.json", &old)];
        let baseline = Baseline::read(&files).unwrap().unwrap();
        assert_eq!(baseline.difference(&old).unwrap().before.checked_at, young.checked_at);
        assert!(Baseline::read(&[]).unwrap().is_none());
        // Of another policy: judged again, from evidence that says nothing.
        let mut other = young.clone();
        other.policy_version += 1;
        other.findings = vec![crate::checked::tests::finding(shared::Verdict::Mortal)];
        let baseline = Baseline::read(&[file("other.json", &other)]).unwrap().unwrap();
        assert!(baseline.difference(&young).unwrap().is_nothing());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
