//! For code scanners: SARIF 2.1.0 (OASIS), one run with a result for each finding.
//!
//! The rules are the registry of checks. Foreign text goes through `visible()`, and in messages what SARIF reads
//! as a link or a placeholder is escaped (sections 3.11.5 and 3.11.6).

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::checks::{CHECKS, Check, specification};
use shared::visible::visible;
use shared::{Confidence, Finding, Verdict};

use super::{Writer, escaped};
use crate::checked::{Checked, Subject};
use crate::summary::Row;

/// The schema that the file says it follows.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Where the checks are explained.
const HELP: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/checks/");

pub(super) struct Sarif {
    /// Passes, and what could not be seen, are told as well.
    all: bool,
    results: Vec<Value>,
    domains: Vec<Value>,
    failures: Vec<Value>,
}

impl Sarif {
    pub(super) fn new(all: bool) -> Self {
        Self { all, results: Vec::new(), domains: Vec::new(), failures: Vec::new() }
    }
}

impl Writer for Sarif {
    fn one(&mut self, checked: &Checked) -> String {
        let domain = checked.subject.domain.as_str();
        match &checked.result {
            Ok(report) => {
                let wanted =
                    |finding: &&Finding| self.all || !matches!(finding.verdict, Verdict::Clean | Verdict::Untested);
                self.results.extend(report.findings.iter().filter(wanted).map(|finding| result(checked, finding)));
                self.domains.push(json!({
                    "domain": domain,
                    "grade": report.grade.map(|grade| grade.letter()),
                    "points": report.points,
                    "coverage": report.coverage,
                    "checkedAt": visible(&report.checked_at),
                    "policyVersion": report.policy_version,
                }));
            }
            Err(why) => self.failures.push(json!({
                "level": "error",
                "message": { "text": message(&format!("{domain} was not checked: {why}")) },
            })),
        }
        String::new()
    }

    fn end(&mut self, _rows: &[Row]) -> String {
        let log = json!({
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "mailsins",
                    "informationUri": env!("CARGO_PKG_REPOSITORY"),
                    "version": env!("CARGO_PKG_VERSION"),
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": CHECKS.iter().map(rule).collect::<Vec<_>>(),
                } },
                "columnKind": "unicodeCodePoints",
                "invocations": [{
                    "executionSuccessful": self.failures.is_empty(),
                    "toolExecutionNotifications": std::mem::take(&mut self.failures),
                }],
                "results": std::mem::take(&mut self.results),
                "properties": { "domains": std::mem::take(&mut self.domains) },
            }],
        });
        format!("{}\n", escaped(&format!("{log:#}")))
    }
}

/// A check as a rule.
fn rule(check: &Check) -> Value {
    let worst = check.outcomes.iter().map(|outcome| outcome.verdict).max().unwrap_or(Verdict::Note);
    let help = specification(check.id).unwrap_or_default();
    json!({
        "id": check.id,
        "name": check.id,
        "shortDescription": { "text": message(check.title) },
        "fullDescription": { "text": message(&format!("{}. {}", check.title, check.sin.summary())) },
        "helpUri": format!("{HELP}{}.md", check.id),
        "help": { "text": message(&help), "markdown": help },
        "defaultConfiguration": { "level": level(worst) },
        "properties": {
            "tags": ["mail", format!("sin-{}", u8::from(check.sin))],
            "sin": check.sin.title(),
            "source": check.source,
        },
    })
}

/// Only what fails has a level (section 3.27.10); a note is worth knowing, and no failure.
const fn level(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Mortal => "error",
        Verdict::Venial => "warning",
        Verdict::Note | Verdict::Clean | Verdict::Untested => "none",
    }
}

/// Section 3.27.9: what could not be seen is neither a pass nor a failure.
const fn kind(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Mortal | Verdict::Venial => "fail",
        Verdict::Note => "informational",
        Verdict::Clean => "pass",
        Verdict::Untested => "open",
    }
}

fn result(checked: &Checked, finding: &Finding) -> Value {
    let subject = &checked.subject;
    let sure = if finding.confidence == Some(Confidence::Suspected) { " (suspected)" } else { "" };
    let text = format!("{}{sure}, at {}. {}", finding.title, finding.subject, finding.why);
    let mut result = json!({
        "ruleId": finding.check,
        "kind": kind(finding.verdict),
        "level": level(finding.verdict),
        "message": { "text": message(&text) },
        "locations": [location(subject, finding)],
        "partialFingerprints": {
            "mailsinsFinding/v1": fingerprint(subject, finding),
            // GitHub makes this one of the line's text, which all findings of a domain would have in common.
            "primaryLocationLineHash": format!("{}:1", fingerprint(subject, finding)),
        },
        "properties": {
            "domain": subject.domain.as_str(),
            "subject": visible(&finding.subject),
            "outcome": finding.outcome,
            "verdict": finding.verdict,
            "confidence": finding.confidence,
            "counts": checked.counts(finding),
            "seen": visible(&finding.seen),
            "remedy": finding.remedy.as_ref().map(|remedy| visible(&remedy.action)),
        },
    });
    if let Some(place) = CHECKS.iter().position(|check| check.id == finding.check)
        && let Some(fields) = result.as_object_mut()
    {
        fields.insert("ruleIndex".to_owned(), json!(place));
    }
    result
}

/// A domain has no file but the one that names it. Without one its name stands for it: relative, since scanners of
/// repositories refuse other schemes.
fn location(subject: &Subject, finding: &Finding) -> Value {
    let physical = match &subject.line {
        Some((file, line)) => json!({
            "artifactLocation": { "uri": uri(file) },
            "region": { "startLine": line },
        }),
        None => json!({
            "artifactLocation": { "uri": subject.domain.as_str() },
            "region": { "startLine": 1 },
        }),
    };
    json!({
        "physicalLocation": physical,
        "logicalLocations": [{ "fullyQualifiedName": visible(&finding.subject), "kind": "resource" }],
    })
}

/// A path as a URI reference (RFC 3986).
fn uri(path: &str) -> String {
    let mut out = String::new();
    for octet in path.bytes() {
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(octet)),
            _ => out.push_str(&format!("%{octet:02X}")),
        }
    }
    out
}

/// The same for the same finding of the same subject, in whatever run.
fn fingerprint(subject: &Subject, finding: &Finding) -> String {
    let mut hash = Sha256::new();
    for part in [subject.domain.as_str(), &finding.check, &finding.outcome, &finding.subject] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(16).map(|octet| format!("{octet:02x}")).collect()
}

/// Text in which nothing is a link or a placeholder.
fn message(text: &str) -> String {
    let mut out = String::new();
    for c in visible(text).chars() {
        match c {
            '[' | ']' | '\\' => out.extend(['\\', c]),
            '{' | '}' => out.extend([c, c]),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checked::tests::{checked, finding, report};

    fn log(sarif: &mut Sarif) -> Value {
        let text = sarif.end(&[]);
        assert!(text.chars().all(|c| c == '\n' || visible(&c.to_string()) == c.to_string()), "{text}");
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_result_for_each_finding_that_is_no_pass() {
        let verdicts = [Verdict::Mortal, Verdict::Venial, Verdict::Note, Verdict::Clean, Verdict::Untested];
        let mut report = report();
        report.findings = verdicts.map(finding).to_vec();
        let mut checked = checked(report);
        checked.subject.line = Some(("mail domains.txt".to_owned(), 7));
        for (all, count) in [(false, 3), (true, 5)] {
            let mut sarif = Sarif::new(all);
            assert_eq!(sarif.one(&checked), "");
            let run = &log(&mut sarif)["runs"][0];
            let results = run["results"].as_array().unwrap();
            assert_eq!(results.len(), count);
            let of = |key: &str| results.iter().map(|r| r[key].as_str().unwrap().to_owned()).collect::<Vec<_>>();
            assert_eq!(of("level"), ["error", "warning", "none", "none", "none"][..count]);
            assert_eq!(of("kind"), ["fail", "fail", "informational", "pass", "open"][..count]);
            let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
            for result in results {
                let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
                assert_eq!(rules[rule]["id"], result["ruleId"]);
                let place = &result["locations"][0]["physicalLocation"];
                assert_eq!(place["artifactLocation"]["uri"], "mail%20domains.txt");
                assert_eq!(place["region"]["startLine"], 7);
            }
            assert_eq!(results[0]["properties"]["seen"], "220 evil \\x1b[31m\\u{202e}name");
            assert_eq!(results[0]["properties"]["counts"], true);
            assert_eq!(results[1]["properties"]["counts"], false);
            assert_eq!(run["invocations"][0]["executionSuccessful"], true);
            assert_eq!(run["properties"]["domains"][0]["domain"], "h.test");
        }
    }

    #[test]
    fn fingerprints_tell_findings_apart() {
        let of = |change: fn(&mut Finding)| {
            let mut finding = finding(Verdict::Mortal);
            change(&mut finding);
            fingerprint(&Subject::of("h.test".parse().unwrap()), &finding)
        };
        let same = of(|_| ());
        assert_eq!(same, of(|finding| finding.seen = "elsewhere".into()));
        let changes: [fn(&mut Finding); 3] =
            [|f| f.subject = "mx2".into(), |f| f.outcome = "other".into(), |f| f.check = "other".into()];
        for change in changes {
            assert_ne!(same, of(change));
        }
    }

    #[test]
    fn what_was_not_checked_is_told() {
        let mut checked = checked(report());
        checked.result = Err("no [resolver](0) {0} \u{202e}".to_owned());
        let mut sarif = Sarif::new(false);
        sarif.one(&checked);
        let run = &log(&mut sarif)["runs"][0];
        let told = &run["invocations"][0];
        assert_eq!(told["executionSuccessful"], false);
        assert_eq!(
            told["toolExecutionNotifications"][0]["message"]["text"],
            "h.test was not checked: no \\[resolver\\](0) {{0}} \\\\u{{202e}}"
        );
        assert!(run["results"].as_array().unwrap().is_empty());
    }

    #[test]
    fn paths() {
        for (path, want) in [("a/b-c_d.txt", "a/b-c_d.txt"), ("ä b#?%:", "%C3%A4%20b%23%3F%25%3A")] {
            assert_eq!(uri(path), want);
        }
    }
}
