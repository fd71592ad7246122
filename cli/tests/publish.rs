//! `mailsins publish` against a site that is a few canned answers: what is sent, and what is made of refusals.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use common::mailsins;
use serde_json::json;

const SCAN: &str = "/api/v1/scans/abc123";

/// Answers one request after the other, each on a connection of its own; gives what was asked.
fn site(answers: Vec<String>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let heard = std::thread::spawn(move || {
        let mut heard = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut request, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(count) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = count.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
                if request.is_empty() {
                    request = line.trim().trim_end_matches(" HTTP/1.1").to_owned();
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            heard.push(format!("{request} {}", String::from_utf8(body).unwrap()).trim().to_owned());
            stream.write_all(answer.as_bytes()).unwrap();
        }
        heard
    });
    (address, heard)
}

fn answer(status: &str, more: &str, body: &serde_json::Value) -> String {
    let body = body.to_string();
    format!("HTTP/1.1 {status}\r\n{more}Connection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn state(complete: bool) -> serde_json::Value {
    json!({
        "id": "abc123", "domain": "h.test", "options": {}, "probe_domain": "us.test", "nonce": "n", "started": 0,
        "now": 12_000, "admit_private": false, "cancelled": false, "inquiries": [], "evidence": [],
        "asking": [{ "inquiry": { "kind": "dns", "name": "h.test", "record": "MX" }, "since": 2000, "stage": "answer" }],
        "complete": complete,
    })
}

fn published() -> serde_json::Value {
    json!({ "id": "r", "url": "https://site.example/r/r", "badge": "https://site.example/badge/b", "delete_key": "k\u{1b}[31m" })
}

fn problem(kind: &str, status: u16) -> serde_json::Value {
    json!({ "type": format!("/problems/{kind}"), "title": "No\u{1b}[31m", "status": status, "detail": "Because \u{202e}." })
}

#[test]
fn a_site_scans_and_publishes() {
    let later = answer("429 Too Many Requests", "Retry-After: 1\r\n", &problem("rate-limited", 429));
    let answers = vec![
        later.clone(),
        answer("201 Created", "", &state(false)),
        answer("200 OK", "", &state(true)),
        later,
        answer("201 Created", "", &published()),
    ];
    let (address, heard) = site(answers);
    let ran =
        mailsins(&["publish", "Me@h.test", "--site", &address, "--selector", "2026a", "--host", "new.h.test"], "");
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let heard = heard.join().unwrap();
    let (first, body) = heard[0].split_once('{').unwrap();
    assert_eq!(first.trim(), "POST /api/v1/scans");
    // The domain alone, not the mailbox; and no evidence.
    let body: serde_json::Value = serde_json::from_str(&format!("{{{body}")).unwrap();
    let options = json!({ "selectors": ["2026a"], "hosts": ["new.h.test"] });
    assert_eq!(body, json!({ "domain": "h.test", "drive": "server", "options": options }));
    let report = format!("POST {SCAN}/report");
    assert_eq!(heard[1], heard[0]);
    assert_eq!(heard[2..], [format!("GET {SCAN}?since=0"), report.clone(), report]);
    assert!(ran.out.contains("report      https://site.example/r/r\n"), "{}", ran.out);
    assert!(ran.out.contains("https://site.example/badge/b.svg\n") && ran.out.contains("k\\x1b[31m"), "{}", ran.out);
    assert!(ran.err.contains("Trying again in 1 s") && ran.err.contains("MX of h.test: 10 s"), "{}", ran.err);
    assert!(!ran.err.contains('\u{1b}') && !ran.err.contains('\u{202e}'), "{}", ran.err);
}

#[test]
fn as_json_and_quietly() {
    let (address, heard) = site(vec![answer("201 Created", "", &state(true)), answer("200 OK", "", &published())]);
    let ran = mailsins(&["publish", "h.test", "--site", &address, "--json", "--quiet", "--max-age", "600"], "");
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&ran.out).unwrap(), published());
    assert!(!ran.out.contains('\u{1b}'));
    let heard = heard.join().unwrap();
    assert!(heard.len() == 2 && heard[0].contains("\"max_age\":600"), "{heard:?}");
}

#[test]
fn what_is_refused_is_told() {
    let mut foreign = state(true);
    foreign["id"] = json!("../../x");
    let mut cancelled = state(false);
    cancelled["cancelled"] = json!(true);
    let rows: Vec<(String, &str)> = vec![
        (
            answer("422 Unprocessable", "", &problem("bad-domain", 422)),
            "No\\x1b[31m: Because \\u{202e}. (/problems/bad-domain)",
        ),
        (
            answer("429 Too Many Requests", "Retry-After: 100000\r\n", &problem("rate-limited", 429)),
            "come back in 100000 seconds",
        ),
        (answer("503 Unavailable", "", &problem("misconfigured", 503)), "/problems/misconfigured"),
        (answer("500 Oops", "", &json!("<html>")), "status 500"),
        (answer("302 Found", "Location: https://elsewhere.example/\r\n", &json!(null)), "status 302"),
        (answer("200 OK", "", &json!({ "id": 5 })), "does not answer as a mailsins site does"),
        (answer("201 Created", "", &foreign), "an id that is none"),
        (answer("201 Created", "", &cancelled), "broken the scan off"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}".to_owned(), "broke off"),
    ];
    for (answer, words) in rows {
        let (address, heard) = site(vec![answer]);
        let ran = mailsins(&["publish", "h.test", "--site", &address], "");
        assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""), "{words}: {}", ran.err);
        assert!(ran.err.contains(words) && !ran.err.contains('\u{1b}'), "{words}: {}", ran.err);
        assert_eq!(heard.join().unwrap().len(), 1);
    }
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ran = mailsins(&["publish", "h.test", "--site", &format!("http://{nobody}")], "");
    assert!(ran.code == Some(3) && ran.err.contains("could not be reached"), "{}", ran.err);
}
