//! MTA-STS.

use super::*;

/// RFC 8461 section 4.2: what an enforced policy makes of the certificates.
#[test]
fn certificates_under_mta_sts() {
    let of = |lines: &str, policy: &str, first: Encryption, second: Option<Encryption>| {
        let zone = Zone::new(&zone_with("", &format!("{STS}\n{lines}")));
        let report = run("example.org", &|inquiry| match inquiry {
            Inquiry::Mail => Err(Unseen::NoMailTest),
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            Inquiry::Probe { address, port: 25, script, .. } => {
                let tls = if address.to_string().ends_with("25") { Some(first) } else { second };
                let server = tls.map(|tls| Server { tls, ..CAREFUL });
                server.map(|server| server.answer(script)).ok_or(Unseen::ConnectTimeout)
            }
            Inquiry::Fetch { .. } | Inquiry::Arrival { .. } | Inquiry::Owner { .. } => {
                Ok(Answer::Fetch(Fetched::new(200, b"text/plain", None, policy.as_bytes())))
            }
            Inquiry::Probe { .. } => Err(Unseen::Refused),
        });
        let of_check = report.findings.iter().filter(|finding| finding.check == "mta-sts");
        of_check.map(|f| format!("{} {}", f.outcome, f.verdict)).collect::<Vec<_>>().join("; ")
    };
    let shows = Encryption::Shows;
    let alone = |first| of("", POLICY, first, None);
    let (all, some) = ("mx-certificates mortal", "some-mx-certificates venial");
    let expired = shows(Shown { path: Path::Expired, ..GOOD });
    assert_eq!(alone(shows(GOOD)), "enforced clean");
    assert_eq!(alone(expired), all);
    assert_eq!(alone(shows(Shown { path: Path::UnknownIssuer, ..GOOD })), all);
    assert_eq!(alone(shows(Shown { names: &["example.org"], ..GOOD })), all);
    assert_eq!(alone(shows(Shown { names: &[], ..GOOD })), all, "the common name does not count");
    assert_eq!(alone(shows(Shown { path: Path::Other, ..GOOD })), "enforced clean", "not seen");
    assert_eq!(alone(Encryption::Fails(TlsFault::Alert)), "enforced clean", "not seen");
    let testing = POLICY.replace("enforce", "testing");
    assert_eq!(of("", &testing, expired, None), "testing note");
    let two = "example.org MX 20 mx2.example.org\nmx2.example.org A 198.41.0.26";
    let policy = POLICY.replace("mx1.", "*.");
    let second = shows(Shown { names: &["mx2.example.org"], ..GOOD });
    assert_eq!(of(two, &policy, shows(GOOD), Some(second)), "enforced clean");
    assert_eq!(of(two, &policy, expired, Some(second)), some);
    assert_eq!(of(two, &policy, expired, Some(expired)), all);
    assert_eq!(of(two, &policy, expired, None), some, "the other was not seen");
    assert_eq!(of(two, POLICY, expired, Some(second)), format!("{all}; excludes-some venial"));
}

/// The verdicts on MTA-STS, by the lines of the zone and what stands at the policy's address.
fn mta_sts_of(lines: &str, fetched: Result<Answer, Unseen>) -> Vec<String> {
    let report = with_policy(&zone_with("", lines), &fetched);
    let of_check = report.findings.iter().filter(|finding| finding.check == "mta-sts");
    let mut found: Vec<String> = of_check.map(|f| format!("{} {}", f.outcome, f.verdict)).collect();
    found.sort();
    found
}

#[test]
fn mta_sts() {
    let page = |status, kind: &str, body: &str| {
        Ok(Answer::Fetch(Fetched::new(status, kind.as_bytes(), None, body.as_bytes())))
    };
    let policy = |body: &str| mta_sts_of(STS, page(200, "text/plain; charset=utf-8", body));
    let rows: &[(&str, &[&str])] = &[
        (POLICY, &["enforced clean"]),
        (&POLICY.replace("mx1.", "*."), &["enforced clean"]),
        (&POLICY.replace("mx1.", "mx9."), &["excludes-all mortal"]),
        (&POLICY.replace("mx1.", "*.a."), &["excludes-all mortal"]),
        (&POLICY.replace("enforce", "testing"), &["testing note"]),
        (&POLICY.replace("enforce", "testing").replace("mx1.", "mx9."), &["testing note"]),
        ("version: STSv1\nmode: none\nmax_age: 3600\n", &["none note"]),
        (&POLICY.replace("604800", "3600"), &["enforced clean", "short-lived note"]),
        (&format!("{POLICY}\nmode: none\n"), &["enforced clean", "ignored-parts note"]),
        (&POLICY.replace("enforce", "on"), &["policy venial"]),
        (&POLICY.replace("mx: mx1.example.org\n", ""), &["policy venial"]),
        ("<!doctype html>", &["policy venial"]),
        ("", &["policy venial"]),
        (&"a".repeat(70_000), &["overlong untested"]),
    ];
    for (body, want) in rows {
        assert_eq!(policy(body), *want, "{}", body.get(..90).unwrap_or(body));
    }
    let second = format!("{STS}\nexample.org MX 20 mx2.example.org");
    assert_eq!(mta_sts_of(&second, page(200, "text/plain", POLICY)), ["excludes-some venial"]);
    let twice = format!("{STS}; id=2");
    assert_eq!(mta_sts_of(&twice, page(200, "text/plain", POLICY)), ["enforced clean", "ignored-parts note"]);

    let rows: &[(u16, &str)] = &[
        (404, "unavailable venial"),
        (301, "unavailable venial"),
        (204, "unavailable venial"),
        (403, "unavailable-to-us venial"),
        (503, "unavailable-to-us venial"),
    ];
    for (status, want) in rows {
        assert_eq!(mta_sts_of(STS, page(*status, "text/plain", POLICY)), [*want], "{status}");
    }
    assert_eq!(mta_sts_of(STS, page(200, "text/html", POLICY)), ["media-type venial"]);
    assert_eq!(mta_sts_of(STS, page(200, "", POLICY)), ["media-type venial"]);
    for fault in FetchFault::ALL {
        let want = match fault {
            FetchFault::NoAddress | FetchFault::NotPublic => "unavailable venial",
            FetchFault::CertificateUntrusted => "certificate-untrusted venial",
            FetchFault::Tls => "unavailable-to-us venial",
            _ => "certificate venial",
        };
        assert_eq!(mta_sts_of(STS, Ok(Answer::NotFetched(*fault))), [want], "{fault:?}");
    }
    assert_eq!(mta_sts_of(STS, Err(Unseen::FetchFailed)), ["fetch-failed untested"]);
}

#[test]
fn mta_sts_records() {
    let record = |text: &str| mta_sts_of(&format!("_mta-sts.example.org TXT {text}"), Err(Unseen::FetchFailed));
    assert_eq!(mta_sts_of("", Err(Unseen::FetchFailed)), ["absent note"]);
    assert_eq!(record("v=spf1 -all"), ["absent note"]);
    assert_eq!(record("v=STSv1"), ["record venial"]);
    assert_eq!(record("v=stsv1; id=1"), ["record venial"]);
    assert_eq!(record("v=STSv1;"), ["record venial"]);
    assert_eq!(record("v=STSv1; id=2026-01-01"), ["record venial"]);
    assert_eq!(record("v=STSv1; id=1\n_mta-sts.example.org TXT v=STSv1; id=2"), ["several venial"]);
    assert_eq!(record("v=STSv1; id=1\n_mta-sts.example.org TXT hello"), ["fetch-failed untested"]);
    let parked = zone_with("example.org MX", &format!("example.org MX 0 .\n{STS}"));
    assert_eq!(outcomes("mta-sts", &parked, &CAREFUL), Vec::<String>::new());
}

#[test]
fn a_policy_is_fetched_only_where_one_record_says_so() {
    let rows = [
        ("", 0),
        ("_mta-sts.example.org TXT v=STSv1", 0),
        ("_mta-sts.example.org TXT v=stsv1; id=1", 0),
        (STS, 1),
        ("_mta-sts.example.org TXT v=STSv1; id=!", 1),
        (&format!("{STS}\n_mta-sts.example.org TXT v=spf1"), 1),
        (&format!("{STS}\n{STS}"), 0),
    ];
    for (lines, want) in rows {
        let zone = Zone::new(&zone_with("", lines));
        let report = run("example.org", &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            _ => Err(Unseen::Refused),
        });
        let fetched = report.evidence.iter().filter(|piece| piece.inquiry.to_string().contains("mta-sts.txt")).count();
        assert_eq!(fetched, want, "{lines}");
    }
}

#[test]
fn the_remedy_of_mta_sts_names_the_real_hosts() {
    let zone = Zone::new(&zone_with("", STS));
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Fetch { .. } => Ok(Answer::NotFetched(FetchFault::NoAddress)),
        _ => Err(Unseen::Refused),
    });
    let finding = report.findings.iter().find(|finding| finding.check == "mta-sts").unwrap();
    let lines: Vec<&str> = finding.remedy.iter().flat_map(|r| &r.recipes).map(|recipe| recipe.lines.as_str()).collect();
    assert!(lines.contains(&"version: STSv1\nmode: testing\nmx: mx1.example.org\nmax_age: 86400"), "{lines:?}");
    assert!(lines.contains(&"version: STSv1\nmode: enforce\nmx: mx1.example.org\nmax_age: 1209600"), "{lines:?}");
    assert!(lines.iter().any(|text| text.contains("id=20261118T110640Z")), "{lines:?}");
    for text in lines.iter().filter(|text| text.starts_with("version")) {
        assert_eq!(shared::syntax::mta_sts::policy_faults(text), []);
    }
}
