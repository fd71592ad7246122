//! What the Worker sends, rendered from reports made by hand.

#![allow(clippy::unwrap_used)] // the helpers below are tests, too

use shared::api::Problem;
use shared::evidence::{
    DnsAnswer, Exchange, Fetched, LineExchange, LineSession, LineStep, Record, Reply, SmtpSession, Step, Target,
};
use shared::grade::Grade;
use shared::inquiry::{RecordType, Script};
use shared::remedies::{Recipe, Remedy};
use shared::report::SinSummary;
use shared::{
    Answer, Case, Confidence, DomainName, Evidence, Finding, HttpsUrl, Inquiry, Report, Sin, Unseen, Verdict, judge,
};

use crate::badge::{Badge, Colour, FRESH_MS, Theme, flat, seal};
use crate::card::card;
use crate::server::{Against, Assets, Page, render};

/// 2026-11-24T10:11:12Z.
const STARTED: u64 = 1_795_515_072_000;

/// What a hostile server may say: markup, bidirectional override, zero width, a control.
const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\u{202e}txt\u{200b}\u{1b}[31m\"'&amp;";

fn name(text: &str) -> DomainName {
    DomainName::new(text).unwrap()
}

fn finding(sin: Sin, check: &str, verdict: Verdict) -> Finding {
    let bad = verdict >= Verdict::Venial;
    Finding {
        sin,
        check: check.to_owned(),
        outcome: "taken".to_owned(),
        verdict,
        confidence: bad.then_some(Confidence::Suspected),
        subject: "mx1.sinner.test, 192.0.2.25, port 25".to_owned(),
        title: format!("Title of {check}"),
        why: "Why it matters.".to_owned(),
        seen: "→ RCPT TO:<a@b>\n250 grüße Ok".to_owned(),
        marks: vec![(20, 25)],
        remedy: bad.then(|| Remedy {
            action: format!("Mend {check}"),
            minutes: 5,
            recipes: vec![
                Recipe {
                    software: "Postfix".into(),
                    place: "main.cf".into(),
                    lines: "smtpd_banner = $myhostname".into(),
                },
                Recipe { software: "other".into(), place: String::new(), lines: "Look for it.".into() },
            ],
        }),
    }
}

fn report(grade: Option<Grade>, findings: Vec<Finding>) -> Report {
    let sins = Sin::ALL.map(|sin| {
        let verdict = findings.iter().filter(|f| f.sin == sin).map(|f| f.verdict).max().unwrap_or(Verdict::Untested);
        SinSummary { sin, verdict, tested: 3, total: 4 }
    });
    let case = Case::new(name("sinner.test"), name("probe.example"), "abc".into(), STARTED);
    let exchange = Exchange {
        step: Step::Greeting,
        sent: String::new(),
        reply: Some(Reply { code: 220, lines: vec!["one".into(), "two\n250 forged".into()] }),
        took: 12_000,
        secure: false,
    };
    Report {
        grade,
        coverage: 41.0 / 46.0,
        tested: 41,
        total: 46,
        why: "It is an open relay.".into(),
        sins: sins.to_vec(),
        findings,
        took: 6_270,
        evidence: vec![
            dns(
                "sinner.test",
                RecordType::Mx,
                Record::Mx { preference: 10, exchange: Target::Name(name("mx1.sinner.test")) },
            ),
            dns("mx1.sinner.test", RecordType::A, Record::A([192, 0, 2, 25].into())),
            Evidence {
                inquiry: Inquiry::Probe {
                    address: [192, 0, 2, 25].into(),
                    port: 25,
                    host: None,
                    script: Script::SmtpSurvey,
                },
                at: STARTED,
                took: 12_000,
                answer: Ok(Answer::Smtp(SmtpSession {
                    exchanges: vec![exchange],
                    broke: Some(Unseen::Closed),
                    spared: false,
                    tls: None,
                    client_hello: None,
                })),
            },
        ],
        ..judge(&case)
    }
}

fn dns(of: &str, record: RecordType, data: Record) -> Evidence {
    let answer = DnsAnswer { records: vec![data], ..DnsAnswer::default() };
    Evidence { inquiry: Inquiry::dns(&name(of), record), at: STARTED, took: 8, answer: Ok(Answer::Dns(answer)) }
}

/// A report whose every foreign text is hostile.
fn hostile() -> Report {
    let mut f = finding(Sin::OpenRelay, HOSTILE, Verdict::Mortal);
    for text in [&mut f.outcome, &mut f.subject, &mut f.title, &mut f.why, &mut f.seen] {
        *text = HOSTILE.to_owned();
    }
    f.remedy = Some(Remedy {
        action: HOSTILE.into(),
        minutes: 5,
        recipes: vec![
            Recipe { software: HOSTILE.into(), place: HOSTILE.into(), lines: HOSTILE.into() },
            Recipe { software: "other".into(), place: String::new(), lines: HOSTILE.into() },
        ],
    });
    let mut untested = finding(Sin::NoLimits, "size-limit", Verdict::Untested);
    untested.outcome = HOSTILE.into();
    let mut report = report(Some(Grade::F), vec![f, untested]);
    report.why = HOSTILE.into();
    report.checked_at = HOSTILE.into();
    report.evidence.push(dns("h.test", RecordType::Txt, Record::Txt(vec![HOSTILE.into()])));
    report.evidence.push(dns("p.test", RecordType::Ptr, Record::Ptr(Target::Odd(HOSTILE.into()))));
    report.evidence.push(Evidence {
        inquiry: Inquiry::Fetch { url: HttpsUrl::new("https://mta-sts.h.test/").unwrap() },
        at: STARTED,
        took: 9,
        answer: Ok(Answer::Fetch(Fetched {
            status: 301,
            media_type: HOSTILE.into(),
            body: HOSTILE.into(),
            truncated: true,
            redirect: Some(HOSTILE.into()),
            certificate: None,
        })),
    });
    let said = LineExchange {
        step: LineStep::Greeting,
        sent: HOSTILE.into(),
        reply: Some(vec![HOSTILE.into(), "* OK\na1 forged".into()]),
        took: 1,
        secure: false,
    };
    report.evidence.push(Evidence {
        inquiry: Inquiry::Probe { address: [192, 0, 2, 26].into(), port: 143, host: None, script: Script::ImapSurvey },
        at: STARTED,
        took: 9,
        answer: Ok(Answer::Lines(LineSession { exchanges: vec![said], broke: None, tls: None, client_hello: None })),
    });
    if let Some(Ok(Answer::Smtp(session))) = report.evidence.get_mut(2).map(|e| &mut e.answer) {
        let exchange = session.exchanges.first_mut().unwrap();
        exchange.sent = HOSTILE.into();
        exchange.reply = Some(Reply { code: 250, lines: vec![HOSTILE.into()] });
    }
    report
}

async fn page(report: Report) -> String {
    document(Page::Report {
        id: "r1".into(),
        report: Box::new(report),
        badge: "/badge/b1".into(),
        against: None,
        published: false,
    })
    .await
}

async fn document(page: Page) -> String {
    let assets = Assets { js: "/assets/a.js".into(), wasm: "/assets/a.wasm".into(), css: "/assets/a.css".into() };
    render(page, &assets, "https://mailsins.example").await
}

/// Panics if the text lets hostile markup or invisible characters through.
fn assert_harmless(text: &str) {
    for bad in ["<img src=x", "</script><img", "\u{202e}", "\u{200b}", "\u{1b}"] {
        assert!(!text.contains(bad), "{bad:?} in {text}");
    }
}

#[tokio::test]
async fn a_report_shows_what_it_has_to() {
    let findings = vec![
        finding(Sin::OpenRelay, "open-relay", Verdict::Mortal),
        finding(Sin::DnsErrors, "spf-record", Verdict::Clean),
        finding(Sin::NoLimits, "size-limit", Verdict::Note),
    ];
    let html = page(report(Some(Grade::F), findings)).await;
    for part in [
        "<title>sinner.test: grade F · mailsins</title>",
        r#"<meta name="robots" content="noindex">"#,
        r#"<link rel="canonical" href="https://mailsins.example/r/r1">"#,
        r#"<meta property="og:title" content="sinner.test: grade F">"#,
        r#"<meta property="og:description" content="It is an open relay. Checked 24 November 2026.">"#,
        r#"<meta property="og:image" content="https://mailsins.example/badge/b1.svg?style=seal">"#,
        r#"data-state="published""#,
        r#"data-grade="F""#,
        r#"aria-label="Grade F""#,
        "Checked 24 November 2026, 10:11 UTC",
        "41 of 46 facts seen (89 %)",
        "took 6.2 s",
        r#"id="open-relay-taken-mx1-sinner-test-192-0-2-25-port-25""#,
        r#"data-check="open-relay""#,
        r#"data-outcome="taken""#,
        r#"data-verdict="mortal""#,
        "Mortal, suspected",
        "Mend these first",
        "5 min, Postfix",
        "Postfix, in main.cf",
        "1 clean finding",
        r#"href="/r/r1.json""#,
        r#"href="/r/r1.md""#,
        "mx1.sinner.test, 192.0.2.25, port 25",
        "10 mx1.sinner.test",
        "220-one",
        "220 two\\x0a250 forged",
        "(after 12.0 s)",
        Unseen::Closed.sentence(),
        r#"<script type="application/json" id="page">{"report":{"id":"r1""#,
    ] {
        assert!(html.contains(part), "{part} is missing in\n{html}");
    }
    assert!(html.contains("<mark>"), "{html}");
    assert!(!html.contains("<noscript"), "its content is text to a browser with scripts, and breaks hydration");
    assert!(!html.contains(" style="), "the content security policy forbids inline styles");
}

#[tokio::test]
async fn only_a_consented_report_may_be_listed() {
    let report = Box::new(report(None, Vec::new()));
    let html =
        document(Page::Report { id: "r1".into(), report, badge: "/badge/b1".into(), against: None, published: true })
            .await;
    assert!(!html.contains("noindex"), "{html}");
}

#[tokio::test]
async fn the_marked_characters_are_marked() {
    let html = page(report(None, vec![finding(Sin::OpenRelay, "open-relay", Verdict::Mortal)])).await;
    let mark = html.split_once("<mark>").unwrap().1.split_once("</mark>").unwrap().0;
    assert!(mark.contains("grüße"), "{mark}");
}

#[tokio::test]
async fn hostile_text_is_only_ever_text() {
    let html = page(hostile()).await;
    assert!(html.contains("* OK\\x0aa1 forged"), "a line feed within a line forges no other");
    assert_harmless(&html);
    assert_eq!(html.matches("</script>").count(), 2, "the module and the data");
    let data = html.split_once(r#"id="page">"#).unwrap().1.split_once("</script>").unwrap().0;
    let read: crate::served::Served = serde_json::from_str(data).unwrap();
    assert!(matches!(read, crate::served::Served::Report { report, .. } if *report == hostile()));
}

#[tokio::test]
async fn other_pages_have_words() {
    let problem = Problem {
        kind: "/problems/x".into(),
        title: HOSTILE.into(),
        status: 500,
        detail: HOSTILE.into(),
        inquiries: Vec::new(),
        door: None,
    };
    let rows = [
        (Page::NotFound { what: HOSTILE.into() }, "There is no such "),
        (Page::Gone, "This report was deleted"),
        (Page::Error { problem }, "To the first page"),
    ];
    for (page, want) in rows {
        let html = document(page).await;
        assert!(html.contains(want), "{want} is missing in\n{html}");
        assert!(html.contains(r#"<meta name="robots" content="noindex">"#));
        assert_harmless(&html);
    }
}

#[tokio::test]
async fn special_domains_have_their_own_words() {
    let special = |answer: Result<DnsAnswer, Unseen>| {
        let inquiry = Inquiry::dns(&name("sinner.test"), RecordType::Mx);
        let evidence = vec![Evidence { inquiry, at: STARTED, took: 1, answer: answer.map(Answer::Dns) }];
        Report { evidence, ..report(None, Vec::new()) }
    };
    let null = Record::Mx { preference: 0, exchange: Target::Root };
    let rows = [
        (special(Ok(DnsAnswer { nxdomain: true, ..DnsAnswer::default() })), "There is no such domain"),
        (special(Ok(DnsAnswer { records: vec![null], ..DnsAnswer::default() })), "It says that it takes no mail"),
        (special(Err(Unseen::ResolverFailed)), "Our resolver could not be reached"),
    ];
    for (report, want) in rows {
        let html = page(report).await;
        assert!(html.contains(want), "{want} is missing in\n{html}");
    }
}

#[test]
fn badges_say_the_grade() {
    let mortal = |n: usize| (0..n).map(|i| finding(Sin::OpenRelay, &format!("check-{i}"), Verdict::Mortal)).collect();
    let twice = vec![
        finding(Sin::OpenRelay, "open-relay", Verdict::Mortal),
        finding(Sin::OpenRelay, "open-relay", Verdict::Mortal),
    ];
    let day = 24 * 3_600 * 1_000;
    let rows: [(_, Vec<Finding>, _, _, _); 8] = [
        (Some(Grade::APlus), vec![], day, "A+", Colour::Good),
        (Some(Grade::B), vec![], FRESH_MS, "B", Colour::Good),
        (Some(Grade::C), vec![], 0, "C", Colour::Fair),
        (Some(Grade::D), mortal(1), day, "D, 1 mortal", Colour::Bad),
        (Some(Grade::F), mortal(2), day, "F, 2 mortal", Colour::Bad),
        (Some(Grade::F), twice, day, "F, 1 mortal", Colour::Bad),
        (Some(Grade::A), vec![], FRESH_MS + 1, "A, old", Colour::Grey),
        (None, mortal(1), day, "untested", Colour::Grey),
    ];
    for (grade, findings, age, message, colour) in rows {
        let badge = Badge::of(&report(grade, findings), STARTED + age);
        assert_eq!((badge.message.as_str(), badge.colour), (message, colour));
        assert!(
            badge.title.contains("sinner.test") && badge.title.ends_with(|c: char| c.is_alphanumeric()),
            "{}",
            badge.title
        );
        for svg in drawings(&badge) {
            assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>") && svg.contains("role=\"img\""), "{svg}");
            assert!(svg.contains(&format!("<title>{}</title>", badge.title)), "{svg}");
        }
        assert!(flat(&badge, Theme::Light).contains(&format!(">{message}</text>")));
    }
}

#[test]
fn a_hostile_badge_is_harmless() {
    let badge = Badge::of(&hostile(), STARTED);
    let loud = Badge {
        label: HOSTILE.into(),
        message: HOSTILE.into(),
        title: HOSTILE.into(),
        day: HOSTILE.into(),
        ..badge.clone()
    };
    let sin = Badge::of_sin(&hostile(), Sin::OpenRelay, STARTED);
    for svg in [&badge, &loud, &sin].into_iter().flat_map(drawings) {
        assert_harmless(&svg);
        assert!(!svg.contains("</script"), "{svg}");
    }
    let card = card(&hostile(), &loud, HOSTILE);
    assert_harmless(&card);
    assert!(!card.contains("</script") && !card.contains("\"><img"), "{card}");
}

/// Every form of a badge, each of which must be well-formed XML in the namespace of SVG with what readers of it need: a size,
/// a name for those who do not see it, elements that are drawn, and nothing that runs or is loaded.
fn drawings(badge: &Badge) -> Vec<String> {
    let mut drawings = Vec::new();
    for theme in [Theme::Light, Theme::Dark, Theme::Auto] {
        drawings.extend([flat(badge, theme), seal(badge, theme)]);
    }
    for text in &drawings {
        let read = roxmltree::Document::parse(text).unwrap_or_else(|why| panic!("{why}: {text}"));
        let root = read.root_element();
        assert!(root.has_tag_name(("http://www.w3.org/2000/svg", "svg")), "{text}");
        for size in ["width", "height"] {
            assert!(root.attribute(size).is_some_and(|n| n.parse::<u32>().is_ok_and(|n| n > 0)), "{size}: {text}");
        }
        assert!(
            root.attribute("role") == Some("img") && root.attribute("aria-label").is_some_and(|l| !l.is_empty()),
            "{text}"
        );
        for node in read.descendants().filter(roxmltree::Node::is_element) {
            let name = node.tag_name().name();
            let known = ["svg", "title", "style", "clipPath", "rect", "g", "text", "path", "circle"];
            assert!(known.contains(&name), "{name}: {text}");
            for attribute in node.attributes() {
                let name = attribute.name();
                assert!(!name.starts_with("on") && !name.contains("href"), "{name}: {text}");
                if matches!(
                    name,
                    "x" | "y" | "width" | "height" | "cx" | "cy" | "r" | "rx" | "textLength" | "font-size"
                ) {
                    assert!(attribute.value().parse::<f64>().is_ok_and(|n| n >= 0.0), "{name}: {text}");
                }
            }
        }
    }
    drawings
}

#[test]
fn a_badge_of_one_sin() {
    let mut findings =
        vec![finding(Sin::DnsErrors, "spf-record", Verdict::Mortal), finding(Sin::DnsErrors, "dane", Verdict::Venial)];
    findings.push(finding(Sin::DnsErrors, "spf-record", Verdict::Mortal));
    findings.push(finding(Sin::NoLimits, "size-limit", Verdict::Note));
    let report = report(Some(Grade::F), findings);
    let rows = [
        (Sin::DnsErrors, 0, "DNS errors", "1 mortal", Colour::Bad),
        (Sin::DnsErrors, FRESH_MS + 1, "DNS errors", "1 mortal, old", Colour::Grey),
        (Sin::NoLimits, 0, "no reasonable limits", "clean", Colour::Good),
        (Sin::Rfc2142Names, 0, "RFC 2142 names", "untested", Colour::Grey),
    ];
    for (sin, age, label, message, colour) in rows {
        let badge = Badge::of_sin(&report, sin, STARTED + age);
        assert_eq!((badge.label.as_str(), badge.message.as_str(), badge.colour), (label, message, colour));
        assert!(
            badge.title.contains("sinner.test") && badge.title.contains("checked 24 November 2026"),
            "{}",
            badge.title
        );
        assert!(drawings(&badge).iter().all(|svg| svg.contains(&badge.title)));
    }
}

#[test]
fn the_card_says_grade_and_sins() {
    let report = report(Some(Grade::F), vec![finding(Sin::OpenRelay, "open-relay", Verdict::Mortal)]);
    let html = card(&report, &Badge::of(&report, STARTED), "https://mailsins.example/r/r1");
    for part in
        ["sinner.test", "It is an open relay.", "Open relay", "<span>mortal</span>", "24 November 2026", ">F</text>"]
    {
        assert!(html.contains(part), "{part} is missing in {html}");
    }
    assert!(html.contains(r#"<a href="https://mailsins.example/r/r1" target="_blank" rel="noopener">"#), "{html}");
    assert!(!html.contains("<script") && !html.contains("style=\""), "{html}");
}

#[tokio::test]
async fn the_same_of_several_hosts_is_shown_once() {
    let at = |subject: &str, verdict| Finding {
        subject: subject.to_owned(),
        ..finding(Sin::OpenRelay, "open-relay", verdict)
    };
    let mut odd = at("mx3.sinner.test", Verdict::Mortal);
    odd.outcome = "other".to_owned();
    let findings = vec![
        at("mx1.sinner.test", Verdict::Mortal),
        at("mx2.sinner.test", Verdict::Mortal),
        odd,
        at("mx4.sinner.test", Verdict::Venial),
        at("mx5.sinner.test", Verdict::Clean),
    ];
    let html = page(report(Some(Grade::F), findings)).await;
    let shown =
        html.split_once("Mend these first").unwrap().1.split_once(r#"<script type="application/json""#).unwrap().0;
    assert_eq!(shown.matches("<article").count(), 4, "{shown}");
    for subject in 1..=5 {
        assert_eq!(shown.matches(&format!(r#"data-subject="mx{subject}.sinner.test""#)).count(), 1, "{subject}");
        assert_eq!(
            shown
                .matches(&format!(
                    r#"id="open-relay-{}-mx{subject}-sinner-test""#,
                    if subject == 3 { "other" } else { "taken" }
                ))
                .count(),
            1
        );
    }
    assert!(shown.contains("mx1.sinner.test and 1 more"), "{shown}");
    // Mortal ones are open, the others folded; the lines to paste are there once for both hosts.
    let articles: Vec<&str> = shown.split("<article").skip(1).collect();
    for article in articles {
        let is_open = article.split_once("<summary").unwrap().0.contains("<details open");
        assert_eq!(is_open, article.contains(r#"data-verdict="mortal""#), "{article}");
        assert!(article.matches("<pre>smtpd_banner").count() <= 1, "{article}");
    }
}

#[tokio::test]
async fn pictures_say_the_same_in_words() {
    let html = page(report(Some(Grade::F), vec![finding(Sin::OpenRelay, "open-relay", Verdict::Mortal)])).await;
    for part in [
        "The path of a mail",
        "From sinner.test to mx1.sinner.test (MX 10)",
        "In words",
        "The time line of the scan",
        "MX of sinner.test",
    ] {
        assert!(html.contains(part), "{part} is missing in {html}");
    }
    assert!(html.contains(r#"viewBox="0 0 340 "#), "{html}");
}

#[tokio::test]
async fn a_report_beside_an_older_one() {
    let after = report(Some(Grade::F), vec![finding(Sin::OpenRelay, HOSTILE, Verdict::Mortal)]);
    let before = report(Some(Grade::A), Vec::new());
    let difference = shared::difference::difference(&(&before).into(), &(&after).into());
    let rows = [
        (Against::Difference(difference), "The grade was A and is F."),
        (Against::NotFound, "is not there any more"),
        (Against::OtherDomain, "is of another domain"),
    ];
    for (against, want) in rows {
        let report = Box::new(after.clone());
        let against = Some(against);
        let html =
            document(Page::Report { id: "r1".into(), report, badge: "/badge/b1".into(), against, published: false })
                .await;
        assert!(html.contains(want), "{want} is missing in {html}");
        assert_harmless(&html);
    }
}
