//! What a domain publishes of its mail: SPF, DMARC, TLS reports, BIMI.

use super::*;

#[test]
fn spf_and_dmarc() {
    let spf = |record: &str| {
        outcomes("spf-record", &zone_with("example.org TXT", &format!("example.org TXT {record}")), &CAREFUL)
    };
    assert_eq!(spf("v=spf1 mx -all"), ["valid clean"]);
    assert_eq!(spf("v=spf1 +all"), ["allows-all mortal"]);
    assert_eq!(spf("v=spf1 mx ?all"), ["neutral-all venial"]);
    assert_eq!(spf("v=spf1 mx"), ["no-all venial"]);
    assert_eq!(spf("v=spf1 redirect=example.net"), ["valid clean"]);
    assert_eq!(spf("v=spf1 ptr -all"), ["ptr venial"]);
    assert_eq!(spf("v=spf1 ip4:1.2.3 -all"), ["permerror mortal"]);
    assert_eq!(spf("spf1 mx -all"), ["missing mortal"]);
    assert_eq!(spf("v=spf1 mx -all\nexample.org TXT v=spf1 -all"), ["several mortal"]);
    assert_eq!(spf("v=spf1 mx -all\nexample.org TXT v=spf1;mx"), ["look-alike note", "valid clean"]);
    assert_eq!(spf("v=spf1 mx -all\nexample.org SPF v=spf1 mx -all"), ["type-99 note", "valid clean"]);
    assert_eq!(spf("hello\nexample.org SPF v=spf1 mx -all"), ["missing mortal", "type-99 note"]);
    assert_eq!(spf("v=spf1 include:a.example.net¦include:b.example.net -all"), ["split venial"]);
    assert_eq!(spf("v=spf1 include:a.example.net ¦include:b.example.net -all"), ["valid clean"]);
    assert_eq!(spf("v=spf1 ip4:198.41.0.1¦mx -all"), ["permerror mortal"]);
    assert_eq!(spf("v=spf1¦mx -all"), ["missing mortal"]);
    assert_eq!(spf("v=spf1 a:a.example.net¦-all"), ["no-all venial", "split venial"]);
    assert_eq!(spf("v=spf1 mx -all\nexample.org TXT include:b.example.net ~all"), ["scattered venial"]);
    assert_eq!(spf("include:b.example.net ~all"), ["missing mortal"]);
    assert_eq!(
        spf("v=spf1 +all\nexample.org TXT include:b.example.net ~all"),
        ["allows-all mortal", "scattered venial"]
    );
    assert_eq!(spf("v=spf1 ip4:1.2.3"), ["permerror mortal"]);
    // The strings of another record are not its own.
    assert_eq!(
        spf("include:a.example.net¦include:b.example.net\nexample.org TXT v=spf1 mx -all"),
        ["scattered venial"]
    );
    assert_eq!(spf("hello¦include:b.example.net\nexample.org TXT v=spf1 mx -all"), ["valid clean"]);
    assert_eq!(spf("hello\nexample.org TXT v=spf1 include:a.example.net¦include:b.example.net -all"), ["split venial"]);
    let parked = zone_with("example.org", "example.org MX 0 .");
    assert_eq!(outcomes("spf-record", &parked, &CAREFUL), ["missing-parked venial"]);

    let dmarc = |lines: &str| outcomes("dmarc-record", &zone_with("_dmarc", lines), &CAREFUL);
    assert_eq!(dmarc("_dmarc.example.org TXT v=DMARC1; p=none"), ["valid clean"]);
    assert_eq!(dmarc("_dmarc.org TXT v=DMARC1; p=none"), ["valid clean"]);
    assert_eq!(dmarc(""), ["missing mortal"]);
    assert_eq!(dmarc("_dmarc.example.org TXT v=DMARC1; rua=mailto:a@example.org"), ["no-policy venial"]);
    assert_eq!(dmarc("_dmarc.example.org TXT v=DMARC1; fo=1"), ["no-policy venial"]);
    assert_eq!(dmarc("_dmarc.example.org TXT v=DMARC1; p=none; rua=dmarc@example.org"), ["valid clean"]);
    assert_eq!(dmarc("_dmarc.example.org TXT v=DMARC1; p=none; rua=mailto:a@example.org!10m"), ["valid clean"]);
    assert_eq!(dmarc("_dmarc.example.org TXT v=DMARC1; p=reject; pct=50"), ["removed-tags note", "valid clean"]);
    assert_eq!(dmarc("_dmarc.example.org TXT v=DMARC1; p=refuse"), ["faults note", "unusable mortal"]);
    let bad_sp = "_dmarc.example.org TXT v=DMARC1; p=reject; sp=no; rua=mailto:a@example.org";
    assert_eq!(dmarc(bad_sp), ["faults note", "no-policy venial"]);
    let old = "_dmarc.example.org TXT v=DMARC1; p=reject; pct=50; ri=1; colour=red; p=none";
    assert_eq!(dmarc(old), ["faults note", "removed-tags note", "valid clean"]);
    assert_eq!(
        dmarc("_dmarc.example.org TXT v=DMARC1; p=none\n_dmarc.example.org TXT v=DMARC1; p=reject"),
        ["several mortal"]
    );
}

/// The zone with these DMARC records instead of its own, and every name on the way up in it.
fn dmarc_of(check: &str, lines: &str) -> Vec<String> {
    outcomes(check, &zone_with("_dmarc", lines), &CAREFUL)
}

#[test]
fn dmarc_policy() {
    let policy = |tags: &str| dmarc_of("dmarc-policy", &format!("_dmarc.example.org TXT v=DMARC1; {tags}"));
    assert_eq!(policy("p=reject"), ["enforced clean"]);
    assert_eq!(policy("p=quarantine; sp=reject; psd=n"), ["enforced clean"]);
    assert_eq!(policy("p=none"), ["none venial"]);
    assert_eq!(policy("p=reject; t=y"), ["testing note"]);
    assert_eq!(policy("p=reject; sp=none"), ["subdomains-open note"]);
    assert_eq!(policy("p=reject; np=none"), ["subdomains-open note"]);
    assert_eq!(policy("rua=mailto:a@example.org"), Vec::<String>::new());
    assert_eq!(policy("p=none\n_dmarc.example.org TXT v=DMARC1; p=reject"), Vec::<String>::new());
    assert_eq!(dmarc_of("dmarc-policy", ""), Vec::<String>::new());
    let of_parent = |tags: &str| dmarc_of("dmarc-policy", &format!("_dmarc.org TXT v=DMARC1; {tags}"));
    assert_eq!(of_parent("p=none; sp=reject; np=none"), ["enforced clean"]);
    assert_eq!(of_parent("p=reject; sp=none"), ["none venial"]);
    assert_eq!(of_parent("p=reject; psd=y"), ["enforced clean"]);
}

/// What was not seen accuses nobody, and a domain's own record shows that there is one.
#[test]
fn dmarc_as_far_as_was_seen() {
    let of = |check: &str, lines: &str, name: &str| {
        signed(check, &zone_with("_dmarc", lines), &CAREFUL, &[(name, "TXT", Says::Dead)])
    };
    let own = "_dmarc.example.org TXT v=DMARC1; p=none; rua=mailto:a@example.org";
    let above = &own.replace("example.org TXT", "org TXT");
    let rows: &[(&str, &str, &str)] = &[
        (own, "_dmarc.example.org", "servfail untested example.org"),
        (own, "example.org", "valid clean example.org"),
        (above, "example.org", "servfail untested example.org"),
        ("", "example.org", "servfail untested example.org"),
        ("", "_dmarc.org", "servfail untested example.org"),
    ];
    for (lines, name, want) in rows {
        assert_eq!(of("dmarc-record", lines, name), [*want], "{lines} without {name}");
        let reports = want.replace("valid", "deliverable");
        let judged = if lines.is_empty() && *name == "example.org" { vec![] } else { vec![reports] };
        assert_eq!(of("dmarc-report-address", lines, name), judged, "{lines} without {name}");
    }
}

/// The records that were met on the way up, and the tags that decide.
#[test]
fn what_dmarc_findings_show_and_mark() {
    let of = |check: &str, domain: &str, lines: &str| {
        let zone = Zone::new(&format!("a.example.org MX 10 mx1.example.org\n{}", zone_with("_dmarc", lines)));
        let report = run(domain, &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            _ => Err(Unseen::Refused),
        });
        report.findings.into_iter().find(|finding| finding.check == check).unwrap()
    };
    let none = |at: &str| format!("_dmarc.{at}: no TXT record that begins with v=DMARC1");
    let two = |at: &str| format!("_dmarc.{at} TXT v=DMARC1; p=none\n_dmarc.{at} TXT v=DMARC1; p=reject");
    let quoted = |at: &str| format!("_dmarc.{at} TXT \"v=DMARC1; p=none\"\n_dmarc.{at} TXT \"v=DMARC1; p=reject\"");
    let met = |lines: &str| of("dmarc-record", "a.example.org", lines).seen;
    let (own, middle, top) = ("a.example.org", "example.org", "org");
    assert_eq!(met(""), [none(own), none(middle), none(top)].join("\n"));
    assert_eq!(met(&two(own)), quoted(own));
    assert_eq!(met(&two(middle)), [none(own), quoted(middle), none(top)].join("\n"));

    let rows: &[(&str, &str, &[&str])] = &[
        ("example.org", "v=DMARC1; p=none; sp=reject", &["p=none"]),
        ("org", "v=DMARC1; p=reject; sp=none", &["sp=none"]),
        ("org", "v=DMARC1; p=none", &["p=none"]),
        ("example.org", "v=DMARC1; p=reject; t=y", &["t=y"]),
    ];
    for (at, text, want) in rows {
        let found = of("dmarc-policy", "example.org", &format!("_dmarc.{at} TXT {text}"));
        assert_eq!(marked(&found), *want, "{at} {text}");
    }
}

#[test]
fn dmarc_report_address() {
    let reports =
        |tags: &str| dmarc_of("dmarc-report-address", &format!("_dmarc.example.org TXT v=DMARC1; p=none; {tags}"));
    assert_eq!(reports("rua=mailto:dmarc@example.org"), ["deliverable clean"]);
    assert_eq!(reports("fo=1"), ["none note"]);
    assert_eq!(reports("rua=dmarc@example.org"), ["malformed venial"]);
    assert_eq!(reports("rua=mailto:a@example.org; ruf=mailto:a@example.org;b@example.org"), ["deliverable clean"]);
    assert_eq!(reports("rua=mailto:a@example.org,b@example.org"), ["malformed venial"]);
    let foreign = "rua=mailto:a@reports.example.net,mailto:b@example.org";
    assert_eq!(reports(foreign), ["unauthorised venial"]);
    let agrees = "\nexample.org._report._dmarc.reports.example.net TXT v=DMARC1";
    assert_eq!(reports(&format!("{foreign}{agrees}")), ["deliverable clean"]);
    // The record must stand at the domain of the DMARC record.
    assert_eq!(
        reports(&format!("{foreign}{}", agrees.replace("example.org", "www.example.org"))),
        ["unauthorised venial"]
    );
    // Of the same organization, by the tree walk.
    assert_eq!(reports("rua=mailto:a@reports.example.org"), ["deliverable clean"]);
    let apart = "rua=mailto:a@r.example.org\n_dmarc.r.example.org TXT v=DMARC1; p=none; psd=n";
    assert_eq!(reports(apart), ["unauthorised venial"]);
    let suffix = "rua=mailto:a@other.org\n_dmarc.org TXT v=DMARC1; p=none; psd=y";
    assert_eq!(reports(suffix), ["unauthorised venial"]);
}

#[test]
fn tls_rpt() {
    let record = |text: &str| {
        let line = format!("_smtp._tls.example.org TXT {text}");
        outcomes("tls-rpt", &zone_with("", &line), &CAREFUL)
    };
    assert_eq!(outcomes("tls-rpt", ZONE, &CAREFUL), ["absent note"]);
    assert_eq!(record("v=TLSRPTv1; rua=mailto:tls@example.net"), ["valid clean"]);
    assert_eq!(record("v=TLSRPTv1; rua=tls@example.net"), ["invalid venial"]);
    assert_eq!(record("v=TLSRPT1; rua=mailto:tls@example.net"), ["invalid venial"]);
    assert_eq!(record("v=spf1 -all"), ["absent note"]);
    let twice = "v=TLSRPTv1; rua=mailto:a@b.test\n_smtp._tls.example.org TXT v=TLSRPTv1; rua=mailto:c@b.test";
    assert_eq!(record(twice), ["several venial"]);
    assert_eq!(outcomes("tls-rpt", &zone_with("example.org MX", "example.org MX 0 ."), &CAREFUL), Vec::<String>::new());
}

#[test]
fn the_tree_walk() {
    let rows = [
        // The name with the fewest labels (RFC 9989 section 4.10.2, rule 3).
        ("_dmarc.b.example.org TXT v=DMARC1; p=none\n_dmarc.example.org TXT v=DMARC1; p=reject", "enforced clean"),
        // A domain that says it is an organization (rule 1).
        ("_dmarc.b.example.org TXT v=DMARC1; p=none; psd=n\n_dmarc.example.org TXT v=DMARC1; p=reject", "none venial"),
        // Below a public suffix: the record one label down (rule 2), else that of the suffix.
        ("_dmarc.example.org TXT v=DMARC1; p=none\n_dmarc.org TXT v=DMARC1; p=reject; psd=y", "none venial"),
        ("_dmarc.b.example.org TXT v=DMARC1; p=none\n_dmarc.org TXT v=DMARC1; p=reject; psd=y", "enforced clean"),
        // Of several, all are discarded.
        (
            "_dmarc.b.example.org TXT v=DMARC1; p=none\n_dmarc.example.org TXT v=DMARC1; p=reject\n_dmarc.example.org TXT v=DMARC1; p=none",
            "none venial",
        ),
        ("_dmarc.a.b.example.org TXT v=DMARC1; p=none\n_dmarc.example.org TXT v=DMARC1; p=reject", "none venial"),
    ];
    for (lines, want) in rows {
        let zone = Zone::new(&format!("a.b.example.org TXT here\na.b.example.org MX 0 .\n{lines}"));
        let report = run("a.b.example.org", &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            _ => Err(Unseen::Refused),
        });
        let found = report.findings.iter().find(|finding| finding.check == "dmarc-policy");
        assert_eq!(found.map(|f| format!("{} {}", f.outcome, f.verdict)).as_deref(), Some(want), "{lines}");
    }
}

/// The verdicts on BIMI, by lines of the zone and what stands at the logo's address.
fn bimi_of(zone: &str, fetched: &Result<Answer, Unseen>) -> Vec<String> {
    let without = zone.replace("; a=https://example.org/vmc.pem", "");
    let mut found = certified_bimi_of(&without, fetched, fetched);
    found.retain(|row| row != "no-certificate note");
    found
}

/// The same, with what stands at the certificate's address.
fn certified_bimi_of(
    zone: &str,
    fetched: &Result<Answer, Unseen>,
    certificate: &Result<Answer, Unseen>,
) -> Vec<String> {
    let zone = Zone::new(zone);
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Mail => Err(Unseen::NoMailTest),
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Fetch { url } if url.as_str().contains("autoconfig") => Err(Unseen::FetchFailed),
        Inquiry::Arrival { .. } | Inquiry::Owner { .. } => Err(Unseen::NeedsConsent),
        Inquiry::Fetch { url } => {
            let certified = url.as_str() == "https://example.org/vmc.pem";
            assert!(certified || url.as_str() == "https://example.org/logo.svg");
            if certified { certificate.clone() } else { fetched.clone() }
        }
        Inquiry::Probe { .. } => Err(Unseen::Refused),
    });
    let of_check = report.findings.iter().filter(|finding| finding.check == "bimi");
    of_check.map(|f| format!("{} {}", f.outcome, f.verdict)).collect()
}

#[test]
fn bimi() {
    let logo = |attributes: &str, rest: &str| {
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.2\" {attributes}><title>E</title>{rest}</svg>"
        );
        Ok(Answer::Fetch(Fetched::new(200, b"image/svg+xml", None, svg.as_bytes())))
    };
    let good = logo("baseProfile=\"tiny-ps\" viewBox=\"0 0 1 1\"", "<path d=\"M0 0\"/>");
    let status = |status| Ok(Answer::Fetch(Fetched::new(status, b"text/html", Some(b"/x"), b"x")));
    let named = "default._bimi.example.org TXT v=BIMI1; l=https://example.org/logo.svg; a=https://example.org/vmc.pem";
    let zone = zone_with("", named);
    let rows: &[(&str, &Result<Answer, Unseen>, &[&str])] = &[
        (ZONE, &good, &["absent note"]),
        (&zone, &good, &["shown clean"]),
        (&zone_with("", "default._bimi.example.org TXT v=BIMI1; l=; a=;"), &good, &["declined note"]),
        (&zone_with("", "default._bimi.example.org TXT v=BIMI1; l=http://example.org/"), &good, &["record venial"]),
        (&zone_with("", "default._bimi.example.org TXT v=spf1 -all"), &good, &["absent note"]),
        (&format!("{zone}\ndefault._bimi.example.org TXT v=BIMI1; l="), &good, &["several venial"]),
        (&zone.replace("logo.svg", "logo.svg#a"), &good, &["no-base untested"]),
        (&zone.replace("p=reject", "p=none"), &good, &["not-enforced venial"]),
        (&zone_with("_dmarc", named), &good, &["not-enforced venial"]),
        (&zone, &logo("", "<script/>"), &["logo venial"]),
        (&zone.replace("p=reject", "p=none"), &logo("", ""), &["not-enforced venial", "logo venial"]),
        (&zone, &logo("baseProfile=\"tiny-ps\" viewBox=\"0 0 2 1\"", ""), &["logo-advice note"]),
        (&zone, &status(404), &["unavailable venial"]),
        (&zone, &status(503), &["unavailable-to-us venial"]),
        (&zone, &status(302), &["redirect note"]),
        (&zone, &Ok(Answer::NotFetched(FetchFault::CertificateExpired)), &["unavailable venial"]),
        (&zone, &Ok(Answer::NotFetched(FetchFault::CertificateUntrusted)), &["unavailable-to-us venial"]),
        (&zone, &Err(Unseen::FetchFailed), &["fetch-failed untested"]),
        (&zone, &Ok(Answer::Fetch(Fetched::new(200, b"image/svg+xml", None, b"\x1f\x8b\x08"))), &["no-base untested"]),
        (&zone, &Ok(Answer::Fetch(Fetched::new(200, b"", None, &[b'a'; 70_000]))), &["overlong untested"]),
        ("example.org MX 0 .\nexample.org TXT v=spf1 -all", &good, &[]),
    ];
    for (zone, fetched, want) in rows {
        assert_eq!(bimi_of(zone, fetched), *want, "{zone}");
    }
    let holds = |names: &[&str], days: std::ops::Range<i64>, mark: bool| {
        let at = |days: i64| i64::try_from(support::STARTED).unwrap() + days * 86_400_000;
        let certificate = shared::evidence::PemCertificate {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            not_before: at(days.start),
            not_after: at(days.end),
            mark,
            ..Default::default()
        };
        Ok(Answer::Fetch(Fetched::new(200, b"", None, b"-----BEGIN").with_certificate(Some(certificate))))
    };
    let text = |text: &str| Ok(Answer::Fetch(Fetched::new(200, b"text/html", None, text.as_bytes())));
    let own = &["example.org"][..];
    let certificates: &[(Result<Answer, Unseen>, &[&str])] = &[
        (holds(own, -1..1, true), &["shown clean", "certified clean"]),
        (holds(&["x.example", "default._bimi.example.org"], -1..1, true), &["shown clean", "certified clean"]),
        (holds(&["*.example.org"], -1..1, true), &["shown clean", "certified clean"]),
        (holds(&["example.net", "org"], -1..1, true), &["certificate venial"]),
        (holds(&[], -1..1, true), &["certificate venial"]),
        (holds(own, -9..-1, true), &["certificate venial"]),
        (holds(own, 1..9, true), &["certificate venial"]),
        (holds(own, -1..1, false), &["certificate venial"]),
        (text("<html>"), &["certificate venial"]),
        (text("-----BEGIN CERTIFICATE-----"), &["shown clean", "no-base untested"]),
        (text(&"a".repeat(70_000)), &["shown clean", "no-base untested"]),
        (status(404), &["certificate-unavailable venial"]),
        (status(503), &["certificate-unavailable-to-us venial"]),
        (status(301), &["shown clean", "redirect note"]),
        (Ok(Answer::NotFetched(FetchFault::NoAddress)), &["certificate-unavailable venial"]),
        (Ok(Answer::NotFetched(FetchFault::Tls)), &["certificate-unavailable-to-us venial"]),
        (Err(Unseen::FetchFailed), &["shown clean", "fetch-failed untested"]),
    ];
    for (certificate, want) in certificates {
        assert_eq!(certified_bimi_of(&zone, &good, certificate), *want, "{certificate:?}");
    }
    for none in ["", "; a=", "; a=self"] {
        let zone = zone.replace("; a=https://example.org/vmc.pem", none);
        assert_eq!(certified_bimi_of(&zone, &good, &good), ["shown clean", "no-certificate note"], "{none}");
    }
    // Of a subdomain without a record, the one beside its DMARC record holds.
    let below = Zone::new(&format!(
        "{}\na.example.org A 198.41.0.80",
        zone_with("", named).replace("; a=https://example.org/vmc.pem", "")
    ));
    let report = run("a.example.org", &|inquiry| match inquiry {
        Inquiry::Mail => Err(Unseen::NoMailTest),
        Inquiry::Dns { name, record, .. } => Ok(below.ask(name, *record)),
        Inquiry::Fetch { .. } | Inquiry::Arrival { .. } | Inquiry::Owner { .. } => good.clone(),
        Inquiry::Probe { .. } => Err(Unseen::Refused),
    });
    assert!(report.findings.iter().any(|finding| finding.check == "bimi" && finding.outcome == "shown"));
}
