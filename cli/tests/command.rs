//! The real binary: its exit codes, what goes to which stream, and replay without a network.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{mailsins, report, resolver};
use shared::Report;
use shared::evidence::{Record, Target};

#[test]
fn a_password_is_not_repeated() {
    let egress = ["check", "example.org", "--egress", "https://me:s3c/ret@exit.example"];
    let ran = mailsins(&egress, "");
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("percent-encoded") && !ran.err.contains("s3c"), "{}", ran.err);
}

#[test]
fn usage() {
    let rows: &[(&[&str], i32, &str)] = &[
        (&[], 2, "Usage"),
        (&["frobnicate"], 2, "unrecognized subcommand"),
        (&["check"], 2, "DOMAIN"),
        (&["check", "localhost"], 2, "no dot"),
        (&["check", "192.0.2.1"], 2, "IP address"),
        (&["check", "exa mple.org"], 2, "Try: mailsins check example.org"),
        (&["check", "example.org", "localhost"], 2, "localhost can't be checked"),
        (&["check", "--from", "/does/not/exist.txt"], 2, "can't be read"),
        (&["check", "--from", "-"], 2, "{} can't be checked"),
        (&["check", "example.org", "--jobs", "0"], 2, "--jobs"),
        (&["check", "example.org", "--format", "xml"], 2, "possible values: text, json, markdown, sarif, junit"),
        (&["check", "example.org", "--json", "--format", "text"], 2, "cannot be used with"),
        (&["check", "example.org", "--quiet", "--verbose"], 2, "cannot be used with"),
        (&["check", "example.org", "--resolver", "127.0.0.1:1", "--output", "/does/not/exist"], 2, "can't be written"),
        (&["check", "example.org", "--resolver", "127.0.0.1:1", "--baseline", "/does/not/exist"], 2, "can't be read"),
        (&["check", "example.org", "--resolver", "127.0.0.1:1", "--baseline", "-"], 2, "not a mailsins report"),
        (&["publish"], 2, "DOMAIN"),
        (&["publish", "example.org"], 2, "--site"),
        (&["publish", "localhost", "--site", "https://site.example"], 2, "no dot"),
        (&["publish", "example.org", "--site", "http://site.example"], 2, "not https"),
        (&["publish", "example.org", "--site", "https://site.example/path"], 2, "no path"),
        (&["publish", "example.org", "--site", "site.example"], 2, "can't be asked"),
        (&["publish", "example.org", "--site", "https://me:x@site.example"], 2, "no path, query or user"),
        (&["publish", "example.org", "--site", "https://site.example", "--max-age", "3601"], 2, "3600"),
        (&["completions", "tcsh"], 2, "possible values: bash"),
        (&["man", "--dir", "/does/not/exist"], 2, "can't be written"),
        (&["check", "\u{1b}[31m.org"], 2, "\\x1b[31m.org"),
        (&["check", "example.org", "--fail-on", "note"], 2, "possible values: mortal, venial"),
        (&["check", "example.org", "--resolver", "dns.example"], 2, "9.9.9.9"),
        (&["check", "example.org", "--resolver", "http://dns.example/"], 2, "in the clear"),
        (&["check", "example.org", "--probe-domain", "local_host"], 2, "host name"),
        (&["check", "example.org", "--timeout", "0"], 2, "0"),
        (&["check", "example.org", "--egress", "ftp://exit.example"], 2, "--egress or MAILSINS_EGRESS"),
        (&["check", "example.org", "--egress", ""], 2, "it must be direct, or https://"),
        (&["check", "example.org", "--egress", "https://me@exit.example"], 2, "both a user name and a password"),
        (&["check", "example.org", "--host", "mail.example.net"], 2, "not a host of example.org"),
        (&["check", "example.org", "--host", "192.0.2.1"], 2, "not a host of example.org"),
        (
            &["check", "example.org", "--resolver", "127.0.0.1:1", "--ca-file", "/does/not/exist.pem"],
            2,
            "can't be used",
        ),
        (&["replay"], 2, "FILE"),
        (&["spf", "example.org"], 2, "--ip"),
        (&["spf", "example.org", "--ip", "example.org"], 2, "invalid IP address"),
        (&["spf", "exa mple.org", "--ip", "192.0.2.1"], 2, "Try: mailsins spf"),
        (&["lint"], 2, "<KIND>"),
        (&["lint", "mx", "x"], 2, "possible values: spf, dmarc"),
        (&["lint", "spf", "v=spf1 -all", "--fail-on", "note"], 2, "possible values: mortal, venial"),
        (&["replay", "/does/not/exist.json"], 2, "can't be read"),
        (&["replay", "-"], 2, "not a mailsins report"),
    ];
    for (arguments, code, words) in rows {
        let ran = mailsins(arguments, "{}");
        assert_eq!(ran.code, Some(*code), "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(words), "{arguments:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{arguments:?}");
    }
}

#[test]
fn help_and_version() {
    let help = mailsins(&["--help"], "");
    assert_eq!(help.code, Some(0));
    for words in ["Examples:", "Exit codes:", "never sends a message", "check", "replay", "publish", "completions"] {
        assert!(help.out.contains(words), "{words}: {}", help.out);
    }
    let check = mailsins(&["check", "--help"], "").out;
    for words in ["--probe-domain", "takes bounces", "--resolver", "--fail-on", "--allow-private", "MAILSINS_RESOLVER"]
    {
        assert!(check.contains(words), "{words}: {check}");
    }
    let version = mailsins(&["--version"], "");
    assert_eq!((version.code, version.out.as_str()), (Some(0), concat!("mailsins ", env!("CARGO_PKG_VERSION"), "\n")));
}

#[test]
fn no_resolver() {
    let ran = mailsins(&["check", "Someone@h.test", "--resolver", "127.0.0.1:1"], "");
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert!(ran.err.contains("You gave a mail address") && ran.err.contains("resolver"), "{}", ran.err);
    assert_eq!(ran.out, "");
}

#[test]
fn spf_without_a_resolver() {
    let ran = mailsins(&["spf", "h.test", "--ip", "192.0.2.1", "--resolver", "127.0.0.1:1"], "");
    assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""), "{}", ran.err);
    assert!(ran.err.contains("--resolver"), "{}", ran.err);
    let help = mailsins(&["spf", "--help"], "").out;
    for words in ["mailsins spf example.org --ip 192.0.2.25", "--sender", "--helo", "--json", "Exit codes:"] {
        assert!(help.contains(words), "{words}: {help}");
    }
}

#[test]
fn spf_says_why() {
    let of = |record: &'static str, more: &[&str]| {
        let server = resolver(record);
        let arguments = [&["spf", "h.test", "--ip", "192.0.2.1", "--resolver", &server], more].concat();
        let ran = mailsins(&arguments, "");
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        ran.out
    };
    let text = of("v=spf1 a ip4:192.0.2.0/24 -all", &[]);
    assert_eq!(
        text,
        "pass: 192.0.2.1 for h.test\nlookups: 1 of 10; without an answer: 1 of 2\n  a [1]: no match\n  ip4:192.0.2.0/24: match\n"
    );
    // A name that no host has can be asked for all the same.
    let odd = of("v=spf1 exists:%{l}.%{d} ?all", &["--sender", "a+b c@h.test", "--json"]);
    let odd: serde_json::Value = serde_json::from_str(&odd).unwrap();
    assert_eq!(odd["result"], "neutral");
    assert_eq!((odd["lookups"].as_u64(), odd["voids"].as_u64()), (Some(1), Some(1)));
    assert_eq!(odd["tree"][0]["name"], "a+b c.h.test");
    assert!(odd["explanation"].is_null());
    assert_eq!(odd.as_object().unwrap().len(), 5);
    // The explanation is a record of the same text here.
    let fail = of("v=spf1 -all exp=why.%{d}", &["--json"]);
    let fail: serde_json::Value = serde_json::from_str(&fail).unwrap();
    assert_eq!(
        (fail["result"].as_str(), fail["explanation"].as_str()),
        (Some("fail"), Some("v=spf1 -all exp=why.h.test"))
    );
    assert!(of("v=spf1 include:%{d} -all", &[]).starts_with("permerror: 192.0.2.1 for h.test\nbecause more than 10"));
}

#[test]
fn replay_judges_again() {
    let broken = report(Record::Mx { preference: 10, exchange: Target::Odd("no name".to_owned()) });
    let json = serde_json::to_string(&broken).unwrap();
    let ran = mailsins(&["replay", "-", "--json"], &json);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert_eq!(serde_json::from_str::<Report>(&ran.out).unwrap(), broken);

    // What the file says of verdicts counts for nothing: its evidence does.
    let mut forged = broken.clone();
    forged.findings.clear();
    forged.policy_version += 1;
    let ran = mailsins(&["replay", "-"], &serde_json::to_string(&forged).unwrap());
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.contains("h.test") && ran.out.contains("mortal") && !ran.out.contains('\u{1b}'), "{}", ran.out);
    assert!(ran.err.contains("policy"), "{}", ran.err);

    let parked = report(Record::Mx { preference: 0, exchange: Target::Root });
    let json = serde_json::to_string(&parked).unwrap();
    let worst = parked.findings.iter().map(|finding| finding.verdict).max().unwrap();
    for fail_on in ["mortal", "venial"] {
        let found = worst.word() == "mortal" || worst.word() == fail_on;
        let want = if found {
            1
        } else if parked.grade.is_none() {
            3
        } else {
            0
        };
        assert_eq!(mailsins(&["replay", "-", "--fail-on", fail_on], &json).code, Some(want), "{fail_on}");
    }
}

#[test]
fn lint_names_every_fault() {
    let rows: &[(&[&str], i32, &[&str])] = &[
        (&["lint", "spf", "v=spf1 mx -all"], 0, &["✓ clean", "v=spf1 mx -all"]),
        (&["lint", "spf", "v=spf1 mx ?all"], 0, &["! venial", "\n            ^^^^", "neutral-all (venial):"]),
        (&["lint", "spf", "v=spf1 mx ?all", "--fail-on", "venial"], 1, &["neutral-all"]),
        (&["lint", "dmarc", "v=DMARC1; p=none; pct=50", "--fail-on", "venial"], 0, &["i note", "removed-tag (note):"]),
        (&["lint", "tls-rpt", "v=TLSRPTv1; rua=me"], 1, &["✗ mortal", "\n                  ^^\n", "no-scheme"]),
        (&["lint", "bimi", "\"v=BIMI1; \" \"l=http://b.test/l.svg\""], 1, &["not-https"]),
        (&["lint", "spf", "v=spf1 \u{1b}[31m -all"], 1, &["\\x1b[31m"]),
        (&["lint", "spf", ""], 1, &["missing-version"]),
        (&["lint", "smtp-banner", "220 mx1.example.org ESMTP"], 0, &["✓ clean", "smtp-banner"]),
        (&["lint", "smtp-banner", "220 mx1.example.org ESMTP Exim"], 0, &["i note", "product (note):"]),
        (&["lint", "imap-banner", "* OK Dovecot (Debian) ready.", "--fail-on", "venial"], 1, &["os (venial):"]),
        (&["lint", "pop3-banner", "+OK QPOP (version 4.0.5) ready"], 1, &["✗ mortal", "version (mortal):"]),
    ];
    for (arguments, code, words) in rows {
        let ran = mailsins(arguments, "");
        assert_eq!(ran.code, Some(*code), "{arguments:?}: {}", ran.err);
        for words in *words {
            assert!(ran.out.contains(words), "{arguments:?}, {words}: {}", ran.out);
        }
        assert!(!ran.out.contains('\u{1b}') && ran.err.is_empty(), "{arguments:?}");
    }
    let help = mailsins(&["lint", "--help"], "").out;
    for words in ["Examples:", "octets", "Exit codes:", "--fail-on", "one record a line", "spf, dmarc"] {
        assert!(help.contains(words), "{words}: {help}");
    }
}

#[test]
fn lint_in_json() {
    let ran = mailsins(&["lint", "spf", "v=spf1 ip4:192.0.2.300 mx\u{202e} ?all", "--json"], "");
    assert_eq!((ran.code, ran.out.lines().count()), (Some(1), 1), "{}", ran.err);
    assert!(!ran.out.contains('\u{202e}'));
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((json["kind"].as_str(), json["verdict"].as_str()), (Some("spf"), Some("mortal")));
    let faults = json["faults"].as_array().unwrap();
    let found: Vec<_> = faults.iter().map(|f| (f["code"].as_str(), f["start"].as_u64(), f["end"].as_u64())).collect();
    assert_eq!(
        found,
        [
            (Some("bad-ip4"), Some(7), Some(22)),
            (Some("not-ascii"), Some(23), Some(28)),
            (Some("neutral-all"), Some(29), Some(33)),
        ]
    );
    assert!(faults.iter().all(|fault| fault["message"].as_str().is_some_and(|message| message.contains("RFC 7208"))));
}

#[test]
fn lint_of_banners_in_json() {
    let input = "220 ex01.corp.local ESMTP Postfix 3.7.11 (Debian) at 10.1.2.3\n220 mx1.example.org ESMTP\n";
    let ran = mailsins(&["lint", "smtp-banner", "-", "--json"], input);
    assert_eq!((ran.code, ran.out.lines().count()), (Some(1), 2), "{}", ran.err);
    let rows: Vec<serde_json::Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let all = ["product", "version", "os", "internal-name", "internal-address"];
    assert_eq!(rows[0]["discloses"], serde_json::json!(all));
    assert_eq!([&rows[0]["product"], &rows[0]["version"], &rows[0]["os"]], ["Postfix", "3.7.11", "Debian"]);
    assert_eq!(rows[0]["spans"][0], serde_json::json!({ "what": "internal-name", "start": 4, "end": 19 }));
    assert_eq!((rows[0]["verdict"].as_str(), rows[1]["verdict"].as_str()), (Some("mortal"), Some("clean")));
    assert!(rows[1]["discloses"].as_array().unwrap().is_empty() && rows[1]["version"].is_null());
}

#[test]
fn lint_reads_lines() {
    let input = "v=spf1 -all\r\n\n  \n\"v=spf1 mx\" \" +all\"\nv=spf1 mx ?all";
    let ran = mailsins(&["lint", "spf", "-", "--json"], input);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let verdict = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["verdict"].to_string();
    assert_eq!(ran.out.lines().map(verdict).collect::<Vec<_>>(), ["\"clean\"", "\"mortal\"", "\"venial\""]);
    assert_eq!(mailsins(&["lint", "spf"], "v=spf1 mx -all\nv=spf1 a -all\n").code, Some(0));

    let empty = mailsins(&["lint", "spf", "-"], "\n\n");
    assert_eq!((empty.code, empty.out.as_str()), (Some(2), ""));
    assert!(empty.err.contains("no record"), "{}", empty.err);

    let long = "x".repeat(64 * 1024);
    assert_eq!(mailsins(&["lint", "spf", "-"], &format!("{long}\r\n")).code, Some(1));
    let ran = mailsins(&["lint", "spf", "-"], &format!("v=spf1 -all\n{long}x\n"));
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("line 2 is longer than 65536 octets"), "{}", ran.err);
    assert_eq!(mailsins(&["lint", "spf", &format!("{long}x")], "").code, Some(2));
}
