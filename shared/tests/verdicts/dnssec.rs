//! DNSSEC and DANE.

use super::*;

#[test]
fn dnssec() {
    let outcome = |lines: &str, signed: bool| {
        let zone = Zone::new(lines);
        let report = run("example.org", &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => match zone.ask(name, *record) {
                Answer::Dns(answer) => Ok(Answer::Dns(DnsAnswer { authenticated: signed, ..answer })),
                other => Ok(other),
            },
            _ => Err(Unseen::Refused),
        });
        report.findings.into_iter().find(|f| f.check == "dnssec").map(|f| format!("{} {}", f.outcome, f.verdict))
    };
    assert_eq!(outcome(ZONE, true).as_deref(), Some("secure clean"));
    assert_eq!(outcome(ZONE, false).as_deref(), Some("insecure note"));
    assert_eq!(outcome("probe.example A 198.41.9.9", true), None);
}

#[test]
fn dnssec_bogus_is_not_dead() {
    let of = |odd: &[(&str, &str, Says)]| signed("dnssec", ZONE, &CAREFUL, odd);
    let domain = |outcome: &str| vec![format!("{outcome} example.org")];
    assert_eq!(of(&[]), domain("secure clean"));
    assert_eq!(of(&[("*", "*", Says::Unsigned)]), domain("insecure note"));
    assert_eq!(of(&[("example.org", "MX", Says::Bogus)]), domain("bogus mortal"));
    assert_eq!(of(&[("example.org", "MX", Says::Fails)]), domain("probably-bogus mortal"));
    assert_eq!(of(&[("example.org", "*", Says::Dead)]), domain("servfail untested"));
    assert_eq!(of(&[("example.org", "TXT", Says::Dead)]), domain("secure clean"));
    assert_eq!(
        of(&[("example.org", "TXT", Says::Bogus)]),
        ["bogus mortal example.org", "secure clean mx1.example.org"]
    );
    let host = |outcome: &str| {
        let mut both = vec!["secure clean example.org".to_owned(), format!("{outcome} mx1.example.org")];
        both.sort();
        both
    };
    assert_eq!(of(&[("mx1.example.org", "*", Says::Unsigned)]), host("insecure note"));
    assert_eq!(of(&[("mx1.example.org", "AAAA", Says::Bogus)]), host("bogus mortal"));
    assert_eq!(of(&[("mx1.example.org", "A", Says::Fails)]), host("probably-bogus mortal"));
    assert_eq!(of(&[("mx1.example.org", "A", Says::Dead)]), host("servfail untested"));
    let unsigned = [("example.org", "*", Says::Unsigned)];
    assert_eq!(of(&unsigned), ["insecure note example.org", "secure clean mx1.example.org"]);
    let implicit = signed("dnssec", &zone_with("example.org MX", ""), &CAREFUL, &[("example.org", "A", Says::Bogus)]);
    assert_eq!(implicit, domain("bogus mortal"));
}

#[test]
fn dane() {
    const PLAIN: Server<'_> = Server { ehlo: "250-mx1.example.org\n250 SIZE 52428800", ..CAREFUL };
    const AT: &str = "_25._tcp.mx1.example.org";
    let key = "a".repeat(64);
    let of = |lines: &str, server: &Server<'_>, odd: &[(&str, &str, Says)]| {
        signed("dane", &zone_with("", &lines.replace("KEY", &key)), server, odd)
    };
    let one = |outcome: &str| vec![format!("{outcome} mx1.example.org")];
    let matches = || vec!["matches clean mx1.example.org, 198.41.0.25, port 25".to_owned()];
    let good = format!("{AT} TLSA 3 1 1 KEY");
    let pkix = format!("{AT} TLSA 1 1 1 KEY\n{AT} TLSA 3 1 2 KEY");
    let silent = "no-starttls mortal mx1.example.org, 198.41.0.25, port 25";
    assert_eq!(of("", &CAREFUL, &[]), one("absent note"));
    assert_eq!(of(&good, &CAREFUL, &[]), matches());
    assert_eq!(of(&good, &PLAIN, &[]), [silent]);
    let rejects = Server { ehlo: "550 5.7.1 go away", ..CAREFUL };
    assert_eq!(of(&good, &rejects, &[]), one("client-refused untested"));
    assert_eq!(of(&pkix, &CAREFUL, &[]), one("unusable venial"));
    assert_eq!(of(&pkix, &PLAIN, &[]), [silent, "unusable venial mx1.example.org"]);
    assert_eq!(of(&format!("{pkix}\n{good}"), &CAREFUL, &[]), matches());
    assert_eq!(of(&good, &PLAIN, &[("example.org", "MX", Says::Unsigned)]), one("mx-unsigned note"));
    assert_eq!(of(&good, &CAREFUL, &[(AT, "TLSA", Says::Unsigned)]), one("unsigned venial"));
    assert_eq!(of(&good, &CAREFUL, &[("mx1.example.org", "*", Says::Unsigned)]), one("unsigned venial"));
    assert_eq!(of(&good, &CAREFUL, &[("*", "*", Says::Unsigned)]), one("no-base untested"), "it checks nothing");
    assert_eq!(of(&good, &CAREFUL, &[(AT, "TLSA", Says::Bogus)]), one("bogus mortal"));
    assert_eq!(of(&good, &CAREFUL, &[(AT, "TLSA", Says::Fails)]), one("probably-bogus mortal"));
    assert_eq!(of(&good, &CAREFUL, &[(AT, "TLSA", Says::Dead)]), one("servfail untested"));
    let unsigned_host = [("mx1.example.org", "*", Says::Unsigned), (AT, "TLSA", Says::Fails)];
    assert_eq!(of(&good, &CAREFUL, &unsigned_host), one("servfail untested"), "senders would not ask");
    assert_eq!(of(&good, &CAREFUL, &[("mx1.example.org", "A", Says::Dead)]), one("servfail untested"));
    assert_eq!(signed("dane", &zone_with("example.org MX", "example.org MX 0 ."), &CAREFUL, &[]), Vec::<String>::new());
}

/// RFC 7672 section 2.2.3: where an alias leads, then the alias itself.
#[test]
fn dane_of_an_alias() {
    let key = "a".repeat(64);
    let of = |lines: &str, odd: &[(&str, &str, Says)]| {
        let alias = "mx1.example.org CNAME real.example.net\nreal.example.net A 198.41.0.25";
        let lines = lines.replace("KEY", &key);
        signed("dane", &zone_with("mx1.example.org", &format!("{alias}\n{lines}")), &CAREFUL, odd)
    };
    let one = |outcome: &str| vec![format!("{outcome} mx1.example.org")];
    let matches = || vec!["matches clean mx1.example.org, 198.41.0.25, port 25".to_owned()];
    let (first, second) = ("_25._tcp.real.example.net", "_25._tcp.mx1.example.org");
    let good = |at: &str| format!("{at} TLSA 3 1 1 KEY\n");
    let pkix = |at: &str| format!("{at} TLSA 0 0 1 KEY\n");
    assert_eq!(of(&(good(first) + &pkix(second)), &[]), matches());
    assert_eq!(of(&good(second), &[]), matches());
    assert_eq!(of(&(pkix(first) + &good(second)), &[]), one("unusable venial"));
    assert_eq!(of(&(pkix(first) + &good(second)), &[(first, "*", Says::Unsigned)]), matches());
    assert_eq!(of(&good(second), &[(first, "*", Says::Bogus)]), one("bogus mortal"));
    // The end of the alias is not signed: only its beginning counts.
    let unsigned = [("mx1.example.org", "*", Says::Unsigned)];
    assert_eq!(of(&(pkix(first) + &good(second)), &unsigned), matches());
    assert_eq!(of(&pkix(first), &unsigned), one("absent note"));
    // The TLSA name may be an alias itself.
    let elsewhere = format!("{first} CNAME tlsa.example.net\ntlsa.example.net TLSA 3 1 1 {key}");
    assert_eq!(of(&elsewhere, &[]), matches());
}

/// What the records must match (RFC 7671 section 5, RFC 7672 section 3.1).
#[test]
fn dane_and_the_certificate() {
    const AT: &str = "_25._tcp.mx1.example.org";
    let of = |records: &[&str], shown: Shown| {
        let lines: Vec<String> = records.iter().map(|record| format!("{AT} TLSA {record}")).collect();
        let server = Server { tls: Encryption::Shows(shown), ..CAREFUL };
        let found = signed("dane", &zone_with("", &lines.join("\n")), &server, &[]);
        found.join("; ").replace(" mx1.example.org, 198.41.0.25, port 25", "").replace(" mx1.example.org", "")
    };
    let of = |records: &[&str], shown: Shown| {
        let long: Vec<String> = records
            .iter()
            .map(|record| {
                let (head, data) = record.rsplit_once(' ').unwrap();
                // A single letter stands for a digest of it alone.
                let times = if data.len() > 1 {
                    1
                } else if head.ends_with('2') {
                    128
                } else {
                    64
                };
                format!("{head} {}", data.repeat(times))
            })
            .collect();
        of(&long.iter().map(String::as_str).collect::<Vec<_>>(), shown)
    };
    let bad = Shown { path: Path::UnknownIssuer, names: &["other.example"], common: "other.example", ..GOOD };
    let rows: &[(&[&str], Shown, &str)] = &[
        (&["3 1 1 a"], GOOD, "matches clean"),
        (&["3 1 2 a"], GOOD, "matches clean"),
        (&["3 0 1 b"], GOOD, "matches clean"),
        (&["3 0 2 b"], GOOD, "matches clean"),
        (&["3 0 0 30300203"], GOOD, "matches clean"),
        (&["3 1 0 3002"], GOOD, "matches clean"),
        (&["3 1 1 b"], GOOD, "mismatch mortal"),
        (&["3 0 1 a"], GOOD, "mismatch mortal"),
        (&["3 1 0 3003"], GOOD, "mismatch mortal"),
        (&["3 1 1 c"], GOOD, "mismatch mortal"),
        (&["3 1 1 e", "3 1 1 a"], GOOD, "matches clean"),
        (&["1 1 1 e", "3 1 1 a"], GOOD, "matches clean"),
        (&["1 1 1 a", "3 1 1 e"], GOOD, "mismatch mortal"),
        // Neither names nor dates nor authorities matter to usage 3.
        (&["3 1 1 a"], Shown { days_left: -3, self_issued: true, ..bad }, "matches clean"),
        (&["2 1 1 c"], GOOD, "matches clean"),
        (&["2 0 1 d"], GOOD, "matches clean"),
        (&["2 1 1 a"], GOOD, "mismatch mortal"),
        (&["2 1 1 c"], Shown { anchors: Some(false), ..GOOD }, "mismatch mortal"),
        (&["2 1 1 c"], Shown { anchors: None, ..GOOD }, "no-certificate untested"),
        (&["2 1 1 c"], bad, "mismatch mortal"),
        (&["2 1 1 c"], Shown { names: &["*.example.org"], ..bad }, "matches clean"),
        (&["2 1 1 c"], Shown { names: &["example.org"], ..bad }, "matches clean"),
        (&["2 1 1 c"], Shown { names: &[], common: "mx1.example.org", ..GOOD }, "matches clean"),
        (&["2 1 1 c", "3 1 1 a"], bad, "matches clean"),
        // An anchor that stands in DNS need not be sent.
        (&["2 1 0 3003"], GOOD, "no-certificate untested"),
        // Whether the server has the key was not seen.
        (&["3 1 1 a"], Shown { unverified: true, ..GOOD }, "no-certificate untested"),
        (&["3 1 1 e"], Shown { unverified: true, ..GOOD }, "no-certificate untested"),
    ];
    for (records, shown, want) in rows {
        assert_eq!(of(records, *shown), *want, "{records:?}");
    }
    let with = |letter: &str| zone_with("", &format!("{AT} TLSA 3 1 1 {}", letter.repeat(64)));
    let grade = |zone: &str, odd: &[(&str, &str, Says)]| signed_report(zone, &CAREFUL, odd).grade.map(|g| g.letter());
    assert_eq!(grade(&with("a"), &[]), Some("A+"), "DANE does what MTA-STS does");
    assert_eq!(grade(&with("a"), &[("example.org", "MX", Says::Unsigned)]), Some("A"));
    let second = "example.org MX 20 mx2.example.org\nmx2.example.org A 198.41.0.26";
    let report = signed_report(&format!("{}\n{second}", with("a")), &CAREFUL, &[]);
    assert_ne!(report.grade.map(|grade| grade.letter()), Some("A+"), "the other host has none");
    let report = signed_report(&with("e"), &CAREFUL, &[]);
    let mismatch = report.findings.iter().find(|finding| finding.outcome == "mismatch").unwrap();
    let lines = &mismatch.remedy.as_ref().unwrap().recipes[0].lines;
    assert!(lines.ends_with(&format!("\n{AT}. 3600 IN TLSA 3 1 1 {}", "a".repeat(64))), "{lines}");
    let failed = Server { tls: Encryption::Fails(TlsFault::Alert), ..CAREFUL };
    let zone = zone_with("", &format!("{AT} TLSA 3 1 1 {}", "a".repeat(64)));
    assert_eq!(signed("dane", &zone, &failed, &[]), ["no-tls untested mx1.example.org"]);
    // Two names at one address: it was asked for the certificate of the first only.
    let second = "example.org MX 20 mx2.example.org\nmx2.example.org A 198.41.0.25";
    let zone = zone_with("", &format!("{second}\n_25._tcp.mx2.example.org TLSA 3 1 1 {}", "e".repeat(64)));
    assert_eq!(
        signed("dane", &zone, &CAREFUL, &[]),
        ["absent note mx1.example.org", "no-certificate untested mx2.example.org"]
    );
}

/// Each address and each target is judged by what it showed itself.
#[test]
fn dane_at_each_address() {
    const SILENT: Server<'_> = Server { ehlo: "250-mx1.example.org\n250 SIZE 52428800", ..CAREFUL };
    type Answers<'a> = Result<Server<'a>, Unseen>;
    let of = |lines: &str, first: Answers<'_>, second: Answers<'_>| {
        let lines = lines.replace("BAD", &"e".repeat(64)).replace("KEY", &"a".repeat(64));
        let zone = Zone::new(&zone_with("", &lines));
        let report = run("example.org", &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => match zone.ask(name, *record) {
                Answer::Dns(answer) => Ok(Answer::Dns(DnsAnswer { authenticated: true, ..answer })),
                other => Ok(other),
            },
            Inquiry::Probe { address, port: 25, script, .. } => {
                let server = if address.to_string() == "198.41.0.25" { &first } else { &second };
                server.as_ref().map(|server| server.answer(script)).map_err(|why| *why)
            }
            _ => Err(Unseen::Refused),
        });
        let of_check = report.findings.iter().filter(|finding| finding.check == "dane");
        let mut found: Vec<_> = of_check.map(|f| format!("{} {} {}", f.outcome, f.verdict, f.subject)).collect();
        found.sort();
        found
    };
    let mismatch = "mismatch mortal mx1.example.org, 198.41.0.25, port 25";
    let bad = "_25._tcp.mx1.example.org TLSA 3 1 1 BAD";
    let two = format!("mx1.example.org A 198.41.0.26\n{bad}");
    let away = "connect-timeout untested mx1.example.org, 198.41.0.26, port 25";
    assert_eq!(of(&two, Ok(CAREFUL), Err(Unseen::ConnectTimeout)), [away, mismatch]);
    let ipv6 = format!("mx1.example.org AAAA 2606:4700::25\n{bad}");
    assert_eq!(of(&ipv6, Ok(CAREFUL), Err(Unseen::NoIpv6)), [mismatch], "it is said elsewhere");
    let other =
        "example.org MX 20 mx2.example.org\nmx2.example.org A 198.41.0.26\n_25._tcp.mx2.example.org TLSA 3 1 1 KEY";
    assert_eq!(
        of(other, Ok(SILENT), Ok(CAREFUL)),
        ["absent note mx1.example.org", "matches clean mx2.example.org, 198.41.0.26, port 25"]
    );
}
