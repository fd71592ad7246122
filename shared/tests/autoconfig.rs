//! The document that sets mail programs up: where it is looked for, whom it leads to, what it says.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test may fail")]

mod support;

use std::cell::RefCell;

use shared::evidence::{FetchFault, Fetched};
use shared::{Answer, Inquiry, Report, Unseen};
use support::{CAREFUL, Zone, run};

const ZONE: &str = "example.org MX 10 mx1.example.net\nmx1.example.net A 198.41.0.1\n\
    example.org TXT v=spf1 mx -all\nbox.example.org A 198.41.0.7\nprovider.example.com A 198.41.0.8";
const OWN: &str = "https://autoconfig.example.org/mail/config-v1.1.xml";
const WELL_KNOWN: &str = "https://example.org/.well-known/autoconfig/mail/config-v1.1.xml";

fn document(servers: &[(&str, &str, &str)]) -> Result<Answer, Unseen> {
    let server = |(kind, host, socket): &(&str, &str, &str)| {
        let side = if *kind == "smtp" { "outgoing" } else { "incoming" };
        format!(
            "<{side}Server type=\"{kind}\"><hostname>{host}</hostname><socketType>{socket}</socketType></{side}Server>"
        )
    };
    let servers: String = servers.iter().map(server).collect();
    let body = format!("<clientConfig><emailProvider id=\"x\">{servers}</emailProvider></clientConfig>");
    Ok(Answer::Fetch(Fetched::new(200, b"text/xml", None, body.as_bytes())))
}

/// The report, which documents were fetched, and which addresses were asked on other ports than 25.
fn scan(
    zone: &str,
    fetch: &dyn Fn(&str) -> Result<Answer, Unseen>,
) -> (Report, Vec<String>, std::collections::BTreeSet<String>) {
    let zone = Zone::new(zone);
    let (fetched, asked) = (RefCell::default(), RefCell::default());
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        Inquiry::Probe { address, port: 143, .. } => {
            let _: bool = std::collections::BTreeSet::insert(&mut *RefCell::borrow_mut(&asked), address.to_string());
            Err(Unseen::Refused)
        }
        Inquiry::Probe { .. } => Err(Unseen::Refused),
        Inquiry::Fetch { url } => {
            Vec::push(&mut *RefCell::borrow_mut(&fetched), url.to_string());
            fetch(url.as_str())
        }
        other => panic!("{other}"),
    });
    (report, fetched.into_inner(), asked.into_inner())
}

fn mail_srv(report: &Report) -> Vec<String> {
    let found = report.findings.iter().filter(|f| f.check == "mail-srv");
    found.map(|f| format!("{} {} {}", f.subject, f.outcome, f.verdict)).collect()
}

#[test]
fn where_it_is_looked_for() {
    let none = |_: &str| Err(Unseen::FetchFailed);
    let own = "\nautoconfig.example.org A 198.41.0.80";
    let apex = "\nexample.org A 198.41.0.80";
    let wild = "\nautoconfig.example.org A 198.41.0.80\nmailsins-n0nce.example.org A 198.41.0.80";
    let rows: &[(&str, &[&str])] = &[("", &[]), (own, &[OWN]), (apex, &[WELL_KNOWN]), (wild, &[])];
    for (more, want) in rows {
        let (report, fetched, asked) = scan(&format!("{ZONE}{more}"), &none);
        assert_eq!(fetched, *want, "{more}");
        assert!(asked.is_empty(), "{asked:?}");
        assert_eq!(mail_srv(&report), ["example.org absent note"], "{more}");
    }
    let both = scan(&format!("{ZONE}{own}{apex}"), &none).1;
    assert!(both.len() == 2 && both.iter().any(|url| url == OWN), "{both:?}");
    let nobody = scan("example.org MX 0 .\nexample.org A 198.41.0.80\nautoconfig.example.org A 198.41.0.80", &none).1;
    assert!(nobody.is_empty(), "{nobody:?}");
}

#[test]
fn what_it_says() {
    let box_ = "box.example.org";
    let not_found = Ok(Answer::Fetch(Fetched::new(404, b"text/xml", None, b"<clientConfig/>")));
    let moved = Ok(Answer::Fetch(Fetched::new(301, b"", Some(b"https://elsewhere.example/"), b"")));
    let untrusted = Ok(Answer::NotFetched(FetchFault::CertificateUntrusted));
    let late = Err(Unseen::OutOfTime);
    type Row<'a> = (&'a str, Result<Answer, Unseen>, &'a [&'a str], &'a str);
    let rows: &[Row<'_>] = &[
        ("sound", document(&[("imap", box_, "SSL")]), &["198.41.0.7"], "example.org sound clean"),
        ("STARTTLS", document(&[("imap", box_, "STARTTLS")]), &["198.41.0.7"], "example.org sound clean"),
        (
            "a provider's",
            document(&[("smtp", "provider.example.com", "SSL"), ("imap", box_, "SSL")]),
            &["198.41.0.7", "198.41.0.8"],
            "example.org sound clean",
        ),
        (
            "plain first",
            document(&[("imap", box_, "plain"), ("imap", box_, "SSL")]),
            &["198.41.0.7"],
            "autoconfig.example.org autoconfig-plain venial",
        ),
        (
            "plain last",
            document(&[("imap", box_, "SSL"), ("imap", box_, "plain")]),
            &["198.41.0.7"],
            "example.org sound clean",
        ),
        ("none", document(&[]), &[], "example.org absent note"),
        ("not found", not_found, &[], "example.org absent note"),
        ("moved", moved, &[], "example.org absent note"),
        ("untrusted", untrusted, &[], "example.org absent note"),
        ("late", late, &[], "example.org out-of-time untested"),
    ];
    for (name, answer, addresses, want) in rows {
        let zone = format!("{ZONE}\nautoconfig.example.org A 198.41.0.80");
        let (report, _, asked) = scan(&zone, &|_| answer.clone());
        assert_eq!(asked.iter().map(String::as_str).collect::<Vec<_>>(), *addresses, "{name}");
        assert_eq!(mail_srv(&report), [*want], "{name}");
    }
}

/// It can name anybody: only whom a scan may speak to is spoken to, and no more than of other names.
#[test]
fn whom_it_can_lead_to() {
    let zone = format!("{ZONE}\nautoconfig.example.org A 198.41.0.80");
    let inside: String = (0..9).map(|n| format!("\nh{n}.example.com A 10.0.0.{n}")).collect();
    let names: Vec<String> = (0..9).map(|n| format!("h{n}.example.com")).collect();
    let servers: Vec<(&str, &str, &str)> = names.iter().map(|name| ("imap", name.as_str(), "SSL")).collect();
    let (report, _, asked) = scan(&format!("{zone}{inside}"), &|_| document(&servers));
    assert!(asked.is_empty(), "{asked:?}");
    assert!(report.evidence.len() < 100, "{}", report.evidence.len());
    let opted_out = "\n_mailsins.provider.example.com TXT v=mailsins1; probe=none";
    let provider = || document(&[("imap", "provider.example.com", "SSL")]);
    assert!(scan(&format!("{zone}{opted_out}"), &|_| provider()).2.is_empty());
    for literal in ["127.0.0.1", "169.254.169.254", "[::1]", "localhost", "2130706433"] {
        let (_, _, asked) = scan(&zone, &|_| document(&[("imap", literal, "SSL")]));
        assert!(asked.is_empty(), "{literal}: {asked:?}");
    }
}
