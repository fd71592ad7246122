//! For CI servers: JUnit XML as the Jenkins xUnit plugin's schema has it, a suite for each domain and a case for
//! each check of each subject.
//!
//! The crate quick-junit writes attributes that no schema has, so it is written with quick-xml.

use std::io;

use quick_xml::Writer as Xml;
use quick_xml::events::{BytesDecl, BytesText, Event};
use shared::visible::visible;
use shared::{Confidence, Finding, Report, Verdict};

use super::Writer;
use crate::checked::Checked;
use crate::summary::Row;

#[derive(Default)]
pub(super) struct Junit {
    suites: Vec<Suite>,
}

/// What is kept of a domain: its report may be large.
struct Suite {
    name: String,
    /// When the scan began, RFC 3339; and how long it took, in milliseconds.
    begun: Option<(String, u64)>,
    cases: Vec<Case>,
}

struct Case {
    class: String,
    name: String,
    fate: Fate,
    /// What is said besides.
    out: String,
}

enum Fate {
    Passed,
    /// What kind, in a line, and at length.
    Failed(&'static str, String, String),
    Skipped(String),
    Error(String),
}

impl Writer for Junit {
    fn one(&mut self, checked: &Checked) -> String {
        let name = checked.subject.domain.to_string();
        let suite = match &checked.result {
            Ok(report) => {
                let begun = Some((report.checked_at.clone(), report.took));
                Suite { cases: cases(checked, report), begun, name }
            }
            Err(why) => {
                let (class, case) = (format!("mailsins.{name}"), "scan".to_owned());
                let case = Case { class, name: case, fate: Fate::Error(why.clone()), out: String::new() };
                Suite { name, begun: None, cases: vec![case] }
            }
        };
        self.suites.push(suite);
        String::new()
    }

    fn end(&mut self, _rows: &[Row]) -> String {
        let mut xml = Xml::new_with_indent(Vec::new(), b' ', 2);
        // It writes to memory, which does not fail.
        match self.write(&mut xml) {
            Ok(()) => format!("{}\n", String::from_utf8_lossy(&xml.into_inner())),
            Err(_) => String::new(),
        }
    }
}

/// One case for each check of each subject, the findings of which are told together; the worst one decides.
fn cases(checked: &Checked, report: &Report) -> Vec<Case> {
    let mut groups: Vec<(&str, &str, Vec<&Finding>)> = Vec::new();
    for finding in &report.findings {
        match groups.iter_mut().find(|(check, subject, _)| *check == finding.check && *subject == finding.subject) {
            Some((_, _, group)) => group.push(finding),
            None => groups.push((&finding.check, &finding.subject, vec![finding])),
        }
    }
    groups.into_iter().filter_map(|(_, _, group)| case(checked, &group)).collect()
}

fn case(checked: &Checked, group: &[&Finding]) -> Option<Case> {
    let worst = group.iter().max_by_key(|finding| (checked.counts(finding), finding.verdict))?;
    let told: Vec<String> = group.iter().map(|finding| at_length(finding)).collect();
    let told = told.join("\n\n");
    let (fate, out) = match worst.verdict {
        _ if checked.counts(worst) => (Fate::Failed(worst.verdict.word(), in_short(worst), told), String::new()),
        Verdict::Untested => (Fate::Skipped(format!("{}: {}", worst.outcome, worst.why)), String::new()),
        Verdict::Clean => (Fate::Passed, String::new()),
        _ => (Fate::Passed, told),
    };
    Some(Case {
        class: format!("mailsins.{}.sin-{}", checked.subject.domain, u8::from(worst.sin)),
        name: format!("{}: {}", worst.check, worst.subject),
        fate,
        out,
    })
}

fn in_short(finding: &Finding) -> String {
    let sure = if finding.confidence == Some(Confidence::Suspected) { " (suspected)" } else { "" };
    format!("{}{sure}", finding.title)
}

fn at_length(finding: &Finding) -> String {
    let mut parts = vec![format!("{}: {}", finding.verdict, in_short(finding)), finding.why.clone()];
    if !finding.seen.is_empty() {
        parts.push(format!("seen:\n{}", finding.seen));
    }
    if let Some(remedy) = &finding.remedy {
        parts.push(format!("to do: {} (about {} min)", remedy.action, remedy.minutes));
    }
    parts.join("\n")
}

impl Junit {
    fn write(&self, xml: &mut Xml<Vec<u8>>) -> io::Result<()> {
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let all = || self.suites.iter().flat_map(|suite| &suite.cases);
        let [tests, failures, errors, _] = counts(all());
        let total: u64 = self.suites.iter().filter_map(|suite| suite.begun.as_ref()).map(|(_, took)| took).sum();
        xml.create_element("testsuites")
            .with_attributes([
                ("name", "mailsins"),
                ("time", &seconds(total)),
                ("tests", &tests),
                ("failures", &failures),
                ("errors", &errors),
            ])
            .write_inner_content(|xml| self.suites.iter().try_for_each(|suite| suite.write(xml)))?;
        Ok(())
    }
}

impl Suite {
    fn write(&self, xml: &mut Xml<Vec<u8>>) -> io::Result<()> {
        let [tests, failures, errors, skipped] = counts(self.cases.iter());
        let mut element = xml.create_element("testsuite").with_attributes([
            ("name", attribute(&self.name).as_str()),
            ("tests", &tests),
            ("failures", &failures),
            ("errors", &errors),
            ("skipped", &skipped),
        ]);
        if let Some((at, took)) = &self.begun {
            element = element.with_attributes([("time", seconds(*took).as_str()), ("timestamp", &attribute(at))]);
        }
        element.write_inner_content(|xml| self.cases.iter().try_for_each(|case| case.write(xml)))?;
        Ok(())
    }
}

impl Case {
    fn write(&self, xml: &mut Xml<Vec<u8>>) -> io::Result<()> {
        let (class, name) = (attribute(&self.class), attribute(&self.name));
        let element =
            xml.create_element("testcase").with_attributes([("name", name.as_str()), ("classname", class.as_str())]);
        if matches!(self.fate, Fate::Passed) && self.out.is_empty() {
            element.write_empty()?;
            return Ok(());
        }
        element.write_inner_content(|xml| {
            match &self.fate {
                Fate::Passed => {}
                Fate::Failed(kind, short, long) => {
                    let short = attribute(short);
                    let failure = xml.create_element("failure");
                    let failure = failure.with_attributes([("type", *kind), ("message", short.as_str())]);
                    failure.write_text_content(BytesText::new(&text(long)))?;
                }
                Fate::Skipped(why) => {
                    let why = attribute(why);
                    xml.create_element("skipped").with_attribute(("message", why.as_str())).write_empty()?;
                }
                Fate::Error(why) => {
                    let why = attribute(why);
                    let error = xml.create_element("error");
                    error.with_attributes([("type", "not-checked"), ("message", why.as_str())]).write_empty()?;
                }
            }
            if !self.out.is_empty() {
                xml.create_element("system-out").write_text_content(BytesText::new(&text(&self.out)))?;
            }
            Ok(())
        })?;
        Ok(())
    }
}

/// How many cases there are, have failed, could not be run, and are skipped.
fn counts<'a>(cases: impl Iterator<Item = &'a Case>) -> [String; 4] {
    let mut counts = [0_usize; 4];
    let [tests, failures, errors, skipped] = &mut counts;
    for case in cases {
        *tests += 1;
        match case.fate {
            Fate::Passed => {}
            Fate::Failed(..) => *failures += 1,
            Fate::Error(_) => *errors += 1,
            Fate::Skipped(_) => *skipped += 1,
        }
    }
    counts.map(|count| count.to_string())
}

/// The schema of Surefire has at most three digits behind the point.
fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

/// Text that XML 1.0 can hold (section 2.2): control characters are visible by now, two more are no characters.
fn text(foreign: &str) -> String {
    visible(foreign).replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}")
}

/// The same on one line.
fn attribute(foreign: &str) -> String {
    text(foreign).replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checked::tests::{checked, finding, report};

    fn xml(checked: &[&Checked]) -> String {
        let mut junit = Junit::default();
        checked.iter().for_each(|checked| assert_eq!(junit.one(checked), ""));
        junit.end(&[])
    }

    #[test]
    fn a_case_for_each_check_of_each_subject() {
        let verdicts = [Verdict::Mortal, Verdict::Venial, Verdict::Note, Verdict::Clean, Verdict::Untested];
        let mut report = report();
        report.took = 1_234_567;
        report.findings = verdicts
            .into_iter()
            .map(|verdict| Finding { subject: format!("{verdict}.test"), ..finding(verdict) })
            .collect();
        // A second finding of the same subject makes no case of its own.
        report.findings.push(Finding { subject: "mortal.test".into(), ..finding(Verdict::Venial) });
        let text = xml(&[&checked(report)]);
        let wants = [
            "<testsuites name=\"mailsins\" time=\"1234.567\" tests=\"5\" failures=\"1\" errors=\"0\">\n",
            "<testsuite name=\"h.test\" tests=\"5\" failures=\"1\" errors=\"0\" skipped=\"1\" time=\"1234.567\" ",
            "<testcase name=\"banner-version: mortal.test\" classname=\"mailsins.h.test.sin-4\">\n",
            "<failure type=\"mortal\" message=\"Tells its version (suspected)\">mortal: Tells its version",
            "<testcase name=\"banner-version: clean.test\" classname=\"mailsins.h.test.sin-4\"/>",
            "<skipped message=\"exact: Attackers look for it.\"/>",
            "<system-out>note: Tells its version\n",
        ];
        for want in wants {
            assert!(text.contains(want), "{want}: {text}");
        }
        assert_eq!(text.matches("<testcase ").count(), 5);
    }

    #[test]
    fn foreign_text_is_text() {
        let mut report = report();
        let mut sin = finding(Verdict::Mortal);
        sin.subject = "a\"b<c>&\n\u{0}\u{ffff}".into();
        sin.title = "]]> --> \u{1b}".into();
        sin.seen = "220 </failure><x> ]]> &amp; \u{fffe}\u{8}\r\n\u{202e}".into();
        report.findings = vec![sin];
        let mut failed = checked(report.clone());
        failed.result = Err("<no> \u{7} \"resolver\"".into());
        let text = xml(&[&checked(report), &failed]);
        let wants = [
            "name=\"banner-version: a&quot;b&lt;c&gt;&amp; \\x00\\u{ffff}\"",
            "220 &lt;/failure&gt;&lt;x&gt; ]]&gt; &amp;amp; \\u{fffe}\\x08\\x0d\n\\u{202e}",
            "<error type=\"not-checked\" message=\"&lt;no&gt; \\x07 &quot;resolver&quot;\"/>",
        ];
        for want in wants {
            assert!(text.contains(want), "{want}: {text}");
        }
        assert!(text.chars().all(|c| c == '\n' || visible(&c.to_string()) == c.to_string()), "{text}");
    }
}
