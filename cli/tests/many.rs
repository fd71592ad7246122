//! Many domains in one run, and what they are printed as. Without a network: DNS is a server of the test's own, or
//! reports are replayed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;

use std::fs;

use common::{folder, mailsins, mailsins_with, report, report_of, resolver};
use serde_json::Value;
use shared::evidence::{Record, Target};
use shared::visible::visible;
use shared::{Report, Verdict};

/// Text that would turn a terminal, a table, a tag or a JSON reader over.
const HOSTILE: &str = "v=spf1 a\u{1b}]0;t\u{7}\u{202e} | <b>]]></failure>&amp; ```\r\n# [x](y) {0} \u{fffe}\u{0} ?all";

fn broken(domain: &str) -> Report {
    report_of(domain, Record::Mx { preference: 10, exchange: Target::Odd("no name".to_owned()) }, &[HOSTILE])
}

fn parked(domain: &str) -> Report {
    report_of(domain, Record::Mx { preference: 0, exchange: Target::Root }, &[])
}

fn lines(reports: &[Report]) -> String {
    reports.iter().map(|report| format!("{}\n", serde_json::to_string(report).unwrap())).collect()
}

/// Nothing in it that a terminal would obey or hide.
fn is_harmless(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || visible(&c.to_string()) == c.to_string())
}

#[test]
fn results_come_in_the_order_of_their_names() {
    let server = resolver("v=spf1 -all");
    let input = "# some\nb.test\nme@c.test # by mail\n\na.test\nB.test\n";
    for jobs in ["1", "8"] {
        let arguments = ["check", "z.test", "--from", "-", "--jobs", jobs, "--resolver", &server, "--format"];
        let ran = mailsins(&[&arguments[..], &["json"]].concat(), input);
        let of = |line: &str| serde_json::from_str::<Report>(line).unwrap().domain.to_string();
        let domains: Vec<String> = ran.out.lines().map(of).collect();
        assert_eq!(domains, ["z.test", "b.test", "c.test", "a.test"], "{}", ran.err);
        // Whoever looks at the terminal gets a table all the same.
        assert_eq!(ran.err.matches(" points ").count(), 4, "{}", ran.err);
        assert!(ran.err.contains("You gave a mail address"), "{}", ran.err);

        let ran = mailsins(&[&arguments[..], &["text"]].concat(), input);
        let table: Vec<&str> = ran.out.lines().rev().take(4).collect();
        for (line, domain) in table.iter().rev().zip(["z.test", "b.test", "c.test", "a.test"]) {
            assert!(line.contains(&format!(" {domain}  ")) && line.contains(" mortal "), "{line}");
        }
        assert_eq!(ran.out.matches("facts seen").count(), 4, "{}", ran.out);

        let ran = mailsins(&[&arguments[..], &["text", "--quiet"]].concat(), input);
        assert_eq!((ran.out.lines().count(), ran.err.as_str()), (4, ""), "{}", ran.out);
    }
}

#[test]
fn the_worst_end_counts() {
    let rows: &[(&[Report], &[&str], i32)] = &[
        (&[parked("a.test"), broken("b.test")], &[], 1),
        (&[broken("b.test"), parked("a.test")], &["--fail-on", "venial"], 1),
    ];
    for (reports, more, code) in rows {
        let ran = mailsins(&[&["replay", "-", "--quiet"], *more].concat(), &lines(reports));
        assert_eq!(ran.code, Some(*code), "{}{}", ran.out, ran.err);
    }
    // What can't be checked is worse than what is bad, and hides nothing.
    let ran = mailsins(&["check", "a.test", "b.test", "--resolver", "127.0.0.1:1", "--format", "junit"], "");
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert_eq!(ran.out.matches("<error type=\"not-checked\"").count(), 2, "{}", ran.out);
    assert_eq!(ran.err.matches(".test could not be checked. ").count(), 2, "{}", ran.err);
    assert_eq!(ran.err.matches(".test  not checked: ").count(), 2, "{}", ran.err);
    let ran = mailsins(&["check", "a.test", "b.test", "--resolver", "127.0.0.1:1", "--quiet"], "");
    assert_eq!((ran.code, ran.out.lines().count(), ran.err.as_str()), (Some(3), 2, ""));
    let ran = mailsins(&["check", "a.test", "--resolver", "127.0.0.1:1", "--format", "sarif"], "");
    let sarif: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn foreign_text_is_harmless_in_every_format() {
    let reports = lines(&[broken("a.test"), broken("b.test")]);
    for format in ["text", "json", "markdown", "sarif", "junit"] {
        let ran = mailsins(&["replay", "-", "--format", format, "--verbose"], &reports);
        assert_eq!(ran.code, Some(1), "{format}: {}", ran.err);
        assert!(is_harmless(&ran.out) && is_harmless(&ran.err), "{format}: {}", ran.out);
        assert!(ran.out.contains("v=spf1 a"), "{format} does not show what was seen: {}", ran.out);
        match format {
            "sarif" => {
                let sarif: Value = serde_json::from_str(&ran.out).unwrap();
                let results = sarif["runs"][0]["results"].as_array().unwrap();
                let kinds = |kind: &str| results.iter().filter(|result| result["kind"] == kind).count();
                let findings = broken("a.test").findings;
                let count = |verdict| 2 * findings.iter().filter(|finding| finding.verdict == verdict).count();
                assert_eq!(results.len(), 2 * findings.len());
                assert_eq!((kinds("pass"), kinds("open")), (count(Verdict::Clean), count(Verdict::Untested)));
            }
            "junit" => assert!(!ran.out.contains("<b>") && ran.out.contains("&lt;b&gt;"), "{}", ran.out),
            "markdown" => assert!(ran.out.contains("\n````\n"), "{}", ran.out),
            _ => {}
        }
    }
}

#[test]
fn into_a_file() {
    let file = folder("into-a-file").join("out.json");
    let path = file.to_str().unwrap();
    let ran = mailsins(&["replay", "-", "--json", "--output", path], &lines(&[broken("a.test"), parked("b.test")]));
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert_eq!(ran.err.lines().count(), 2, "{}", ran.err);
    let kept = fs::read_to_string(&file).unwrap();
    assert_eq!(kept.lines().count(), 2);
    // What was written can be replayed, and compared with.
    let again = mailsins(&["replay", path, "--json"], "");
    assert_eq!(again.out, kept);
    // Nothing is lost where the command line makes no sense.
    let ran = mailsins(&["check", "localhost", "--output", path], "");
    assert_eq!((ran.code, fs::read_to_string(&file).unwrap() == kept), (Some(2), true));
    // The colours of a terminal are not for files.
    let ran = mailsins_with(&["replay", path, "--output", path], "", &[("CLICOLOR_FORCE", "1")]);
    assert_eq!(ran.code, Some(1));
    assert!(is_harmless(&fs::read_to_string(&file).unwrap()));
}

#[test]
fn only_what_is_new_fails_against_a_baseline() {
    let folder = folder("baseline");
    let file = |name: &str, reports: &[Report]| {
        let path = folder.join(name);
        fs::write(&path, lines(reports)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (bad, good) = (broken("a.test"), parked("a.test"));
    let both = file("both.json", &[bad.clone(), parked("b.test")]);
    let fine = file("fine.json", std::slice::from_ref(&good));

    // Known faults don't fail, new ones do; what is not in the baseline counts as without one.
    let against = |report: &Report, baseline: &str, more: &[&str]| {
        let arguments = ["replay", "-", "--baseline", baseline];
        mailsins(&[&arguments[..], more].concat(), &lines(std::slice::from_ref(report)))
    };
    let ran = against(&bad, &both, &[]);
    assert!(ran.code != Some(1) && ran.out.contains("nothing changed"), "{:?} {}", ran.code, ran.out);
    let ran = against(&bad, &fine, &[]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    assert!(ran.out.contains("\nSince 2023-11-14T22:13:20Z: ") && ran.out.contains("\n  worse "), "{}", ran.out);
    let ran = against(&good, &both, &["--format", "markdown"]);
    assert!(ran.out.contains("## Since 2023-11-14T22:13:20Z") && ran.out.contains("| better |"), "{}", ran.out);
    assert_eq!(against(&broken("c.test"), &both, &[]).code, Some(1));

    let json: Value = serde_json::from_str(&against(&bad, &fine, &["--json"]).out).unwrap();
    assert_eq!(json["difference"]["changes"][0]["turn"], "worse");
    // A report with a difference is still a report.
    assert_eq!(mailsins(&["replay", "-", "--json"], &json.to_string()).code, Some(1));

    let ran = against(&bad, &both, &["--format", "junit"]);
    assert!(!ran.out.contains("<failure"), "{}", ran.out);
    let ran = against(&bad, &fine, &["--format", "junit"]);
    assert!(ran.out.contains("<failure type=\"mortal\""), "{}", ran.out);
    let ran = against(&bad, &both, &["--quiet"]);
    assert!(ran.out.contains("   0 new "), "{}", ran.out);
}

#[test]
fn a_report_may_be_an_array_or_several() {
    let one = serde_json::to_string_pretty(&report(Record::Mx { preference: 0, exchange: Target::Root })).unwrap();
    for input in [format!("[{one},{one}]"), format!("{one}\n{one}")] {
        let ran = mailsins(&["replay", "-", "--json"], &input);
        assert_eq!(ran.out.lines().count(), 2, "{}", ran.err);
    }
}

/// CI sets the variables of secrets that it does not have so.
#[test]
fn an_empty_variable_is_none() {
    let names = ["EGRESS", "RESOLVER", "CA_FILE", "BLOCKLIST", "PROBE_DOMAIN", "ALLOW_PRIVATE"];
    let names = names.map(|name| format!("MAILSINS_{name}"));
    let empty: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    let ran = mailsins_with(&["check", "example.org", "--resolver", "127.0.0.1:1"], "", &empty);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
}

#[test]
fn completions_and_manual() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = mailsins(&["completions", shell], "");
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(ran.out.contains("fail-on") && ran.out.contains("publish"), "{shell}: {}", ran.out);
    }
    let secret = [("MAILSINS_EGRESS", "https://me:s3cret@exit.example"), ("MAILSINS_SITE", "https://s3cret.example")];
    let ran = mailsins_with(&["man"], "", &secret);
    assert!(ran.code == Some(0) && ran.out.contains(".TH mailsins 1") && !ran.out.contains("s3cret"), "{}", ran.out);
    let folder = folder("man");
    let ran = mailsins_with(&["man", "--dir", folder.to_str().unwrap()], "", &secret);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""), "{}", ran.err);
    let mut pages: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    pages.sort();
    let commands = ["check", "completions", "lint", "man", "publish", "replay", "sink", "spf"];
    let want: Vec<String> = commands.iter().map(|command| format!("mailsins-{command}.1")).collect();
    assert_eq!(pages, [want, vec!["mailsins.1".to_owned()]].concat());
    let check = fs::read_to_string(folder.join("mailsins-check.1")).unwrap();
    assert!(check.contains("mailsins\\-check") && check.contains("baseline") && !check.contains("s3cret"), "{check}");
}
