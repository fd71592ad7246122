//! The pages in docs/ that are generated from the checks are current.
//! `MAILSINS_WRITE_DOCS=1` writes them.

#![allow(clippy::disallowed_methods, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // a test may read files, and fail

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use shared::checks::{CHECKS, Check, specification};
use shared::{Confidence, POLICY_VERSION, Sin, Unseen, Verdict};

const MADE: &str = "<!-- Generated from shared/src by `./x docs`. Edit the source, not this page. -->\n";

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

fn worth(outcome: &shared::checks::Outcome) -> String {
    let sure = if outcome.confidence == Some(Confidence::Suspected) { ", suspected" } else { "" };
    format!("{}{sure}", outcome.verdict)
}

fn check_page(check: &Check) -> String {
    let mut page = format!("{MADE}\n{}", specification(check.id).unwrap());
    let _ = write!(page, "\nSin {}: {}.\n", check.sin.numeral(), check.sin.title());
    if !check.outcomes.is_empty() {
        page += "\n| outcome | verdict | headline | why |\n|---|---|---|---|\n";
    }
    for outcome in check.outcomes {
        let _ = writeln!(page, "| `{}` | {} | {} | {} |", outcome.code, worth(outcome), outcome.title, outcome.why);
    }
    page
}

fn checks_page() -> String {
    let mut page =
        format!("{MADE}\n# The checks\n\n| check | sin | looks at | outcomes | source |\n|---|---|---|---|---|\n");
    for check in CHECKS {
        let outcomes: Vec<_> =
            check.outcomes.iter().map(|outcome| format!("`{}` {}", outcome.code, worth(outcome))).collect();
        let outcomes = if outcomes.is_empty() { "with consent only".to_owned() } else { outcomes.join(", ") };
        let _ = writeln!(
            page,
            "| [{id}]({id}.md) | {} | {} | {outcomes} | {} |",
            check.sin.numeral(),
            check.title,
            check.source,
            id = check.id
        );
    }
    page
}

fn grading_page() -> String {
    let mut page = format!(
        "{MADE}
# How the grade is made

Policy {POLICY_VERSION}. Anyone can do the sum from a report's findings.

1. **Verdicts.** A finding is *mortal* (a sin), *venial* (should be better), *clean*, a *note* (worth knowing, costs
   nothing) or *untested* (with its reason). What could not be seen is never held against anyone, and never counted in
   anyone's favour.
2. **Points.** 100, less the cost of each check. A check costs what its worst finding costs, on however many hosts:

   | | sins I and II | sins III to VII |
   |---|---|---|
   | mortal | 25 | 15 |
   | mortal, suspected | 12.5 | 7.5 |
   | venial | 5 | 5 |
   | venial, suspected | 2.5 | 2.5 |

   One sin costs at most 40.
3. **Letter.** A from 90, B from 75, C from 60, D from 45, else F.
4. **Caps.** A proved open relay is F, a suspected one no better than D. Passwords in the clear are no better than D. A
   domain whose mail cannot arrive (no MX target with an address that anybody can reach, or a Null MX beside others) is F.
5. **A+** wants 100 points, coverage from 90 %, an enforced DMARC policy, and, of a domain that takes mail, enforced
   MTA-STS, or DANE records that match at every MX host that was looked at.
6. **Coverage.** A fact is one check of one subject, such as `starttls` at one address and port. Coverage is the share of
   the facts that apply to the domain and need no consent that could be seen. A fact that is untested only because the
   scanner has no IPv6 is left out.
7. **No letter** is given under half coverage, when fewer than half of the MX addresses answered EHLO (a domain that takes
   no mail excepted), when the domain does not exist, when where its mail goes could not be seen, or when the scan was
   broken off: a scanner that was shut out proves nothing.

## The sins

"
    );
    for sin in Sin::ALL {
        let _ = writeln!(page, "- **{} {}.** {}", sin.numeral(), sin.title(), sin.summary());
    }
    page += "\n## What each check costs\n\n| check | outcome | verdict |\n|---|---|---|\n";
    for check in CHECKS {
        for outcome in check.outcomes.iter().filter(|outcome| outcome.verdict >= Verdict::Venial) {
            let _ =
                writeln!(page, "| [{id}](checks/{id}.md) | `{}` | {} |", outcome.code, worth(outcome), id = check.id);
        }
    }
    page += "\n## Why something is untested\n\nThe `outcome` of an untested finding is one of these.\n\n| reason | in words |\n|---|---|\n";
    for why in Unseen::ALL {
        let _ = writeln!(page, "| `{}` | {} |", why.code(), why.sentence());
    }
    page
}

/// What shows by consent only, of a domain of the lab that gives it.
const BY_CONSENT: &str = "tests/tests/limits.rs, by consent of the lab's vow.test";
const BY_CONSENT_TABLE: &str = "a table of tests: no server of the lab that consents does so";
const SAMPLES: &str = "tests/tests/active.rs, by consent of domains below the lab's consent.test";

/// What no scenario can show, and why.
const NOT_IN_THE_LAB: [(&str, &str, &str); 40] = [
    ("inbound-virus", "refused", SAMPLES),
    ("inbound-virus", "stopped", SAMPLES),
    ("inbound-virus", "marked", BY_CONSENT_TABLE),
    ("inbound-virus", "some-delivered", BY_CONSENT_TABLE),
    ("inbound-virus", "delivered", SAMPLES),
    ("inbound-spam", "refused", SAMPLES),
    ("inbound-spam", "stopped", BY_CONSENT_TABLE),
    ("inbound-spam", "delivered", SAMPLES),
    ("inbound-spam", "filter-delivered", BY_CONSENT_TABLE),
    ("backscatter", "refused", SAMPLES),
    ("backscatter", "silent", SAMPLES),
    ("backscatter", "bounced", SAMPLES),
    ("open-relay", "not-relayed", BY_CONSENT),
    ("open-relay-proof", "relays", BY_CONSENT),
    ("open-relay-proof", "refuses", BY_CONSENT),
    ("open-relay-proof", "keeps", BY_CONSENT),
    ("open-relay-proof", "not-suspected", BY_CONSENT),
    ("gateway-bypass", "open", BY_CONSENT),
    ("gateway-bypass", "closed", BY_CONSENT),
    ("smtp-smuggling", "second-message", BY_CONSENT),
    ("smtp-smuggling", "one-message", BY_CONSENT),
    ("smtp-smuggling", "reads-on", BY_CONSENT_TABLE),
    ("smtp-smuggling", "refused", BY_CONSENT_TABLE),
    ("recipient-limit", "limited", BY_CONSENT),
    ("recipient-limit", "none-at-101", BY_CONSENT),
    ("error-limit", "limited", BY_CONSENT),
    ("error-limit", "unlimited", BY_CONSENT),
    ("error-limit", "breaks", BY_CONSENT_TABLE),
    ("line-limit", "refused", BY_CONSENT),
    ("line-limit", "taken", BY_CONSENT),
    ("line-limit", "breaks", BY_CONSENT_TABLE),
    ("connection-limit", "limited", BY_CONSENT),
    ("connection-limit", "takes-five", BY_CONSENT),
    (
        "open-relay",
        "relays-odd-form",
        "tables of tests: a server that refuses the plain forms has used up the budget before",
    ),
    (
        "open-relay",
        "takes-odd-form",
        "tables of tests: a server that refuses the plain forms has used up the budget before",
    ),
    ("smtp-cleartext-auth", "accepted", "a table of tests: the lab's servers begin no login that they don't offer"),
    ("banner-internal-name", "none", "a table of tests: the lab's servers say their name in reply to EHLO"),
    ("ntlm-disclosure", "silent", "a table of tests: the lab's servers that speak NTLM tell names"),
    ("dnssec", "probably-bogus", "a table of tests: the lab's resolver says why it fails"),
    ("dane", "probably-bogus", "a table of tests: the lab's resolver says why it fails"),
];

/// The scenarios that must come to an outcome, by their expect.toml.
fn scenarios() -> BTreeMap<(String, String), Vec<String>> {
    let mut proofs: BTreeMap<_, Vec<String>> = BTreeMap::new();
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/lab/scenarios");
    for folder in fs::read_dir(folders).unwrap().map(|entry| entry.unwrap().path()) {
        let expect: toml::Table = fs::read_to_string(folder.join("expect.toml")).unwrap().parse().unwrap();
        let name = expect["domain"].as_str().unwrap();
        for pattern in expect.get("must").and_then(toml::Value::as_array).into_iter().flatten() {
            let text = |key: &str| pattern.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
            let names = proofs.entry((text("check"), text("outcome"))).or_default();
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
    proofs.values_mut().for_each(|names| names.sort());
    proofs
}

/// What proves an outcome that takes a mail of the domain: tests that name it.
fn by_mail(check: &str, code: &str) -> Option<String> {
    let of_mail = check.starts_with("outbound-") || check == "header-disclosure" || code.starts_with("sender-");
    let named = |file: &str| {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file)).unwrap();
        text.contains(&format!("\"{code}\"")) || text.contains(&format!("\"{code} "))
    };
    if !of_mail {
        None
    } else if named("tests/tests/mailtest.rs") {
        Some("mail that the lab's Postfix and OpenDKIM send".to_owned())
    } else if named("shared/src/outbound/tests.rs") || named("shared/tests/mail.rs") {
        Some("a table of tests: messages written by hand".to_owned())
    } else {
        None
    }
}

fn scenarios_page() -> String {
    let mut page = format!(
        "{MADE}
# What proves each outcome

Each check with what it can say, and the domains of the lab whose scan must say it: by the site and by the terminal
program, on each run of `./x test`. A domain's zone and servers, which are real ones, are in tests/lab/scenarios.

| check | outcome | verdict | scenarios |
|---|---|---|---|
"
    );
    let proofs = scenarios();
    for check in CHECKS {
        for outcome in check.outcomes {
            let shown = proofs.get(&(check.id.to_owned(), outcome.code.to_owned())).map(|names| names.join(", "));
            let elsewhere = NOT_IN_THE_LAB.iter().find(|(id, code, _)| *id == check.id && *code == outcome.code);
            let by = match (shown.or_else(|| by_mail(check.id, outcome.code)), elsewhere) {
                (Some(names), None) => names,
                (None, Some((_, _, why))) => (*why).to_owned(),
                (Some(_), Some(_)) => panic!("{} {} is in the lab after all", check.id, outcome.code),
                (None, None) => panic!("no scenario of tests/lab must come to {} {}", check.id, outcome.code),
            };
            let _ = writeln!(
                page,
                "| [{id}](checks/{id}.md) | `{}` | {} | {by} |",
                outcome.code,
                worth(outcome),
                id = check.id
            );
        }
    }
    page
}

#[test]
fn generated_pages_are_current() {
    let mut pages = vec![
        ("grading.md".to_owned(), grading_page()),
        ("scenarios.md".to_owned(), scenarios_page()),
        ("checks/README.md".to_owned(), checks_page()),
    ];
    pages.extend(CHECKS.iter().map(|check| (format!("checks/{}.md", check.id), check_page(check))));
    let write = std::env::var_os("MAILSINS_WRITE_DOCS").is_some();
    for (path, text) in &pages {
        let file = docs().join(path);
        if write {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, text).unwrap();
        }
        let there = fs::read_to_string(&file).unwrap_or_default();
        assert!(there == *text, "docs/{path} is not current: run ./x docs");
    }
    let mut pages_there: Vec<_> = fs::read_dir(docs().join("checks"))
        .unwrap()
        .map(|entry| format!("checks/{}", entry.unwrap().file_name().display()))
        .collect();
    pages_there.retain(|page| !pages.iter().any(|(path, _)| path == page));
    assert!(pages_there.is_empty(), "pages without a check: {pages_there:?}");
}
