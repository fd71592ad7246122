//! One row a check and outcome: minimal evidence, exact findings.

mod support;

use shared::evidence::{Answer, DnsAnswer, FetchFault, Fetched, Path, TlsFault};
use shared::inquiry::Script;
use shared::{Inquiry, Report, Unseen, Verdict};
use support::{
    CAREFUL, Encryption, GOOD, Offered, Server, Shown, Zone, case, lines, lines_in_tls, lines_injected, name, run,
    smtp_in_tls, turn,
};

const ZONE: &str = "
    example.org MX 10 mx1.example.org
    example.org TXT v=spf1 mx -all
    example.org A 198.41.0.80
    mail._domainkey.example.org TXT v=DKIM1; k=ed25519; p=LgtgqXvLJCc5s8Qvphzz7JdWOZvbpBPgJ6xuPFgGVU8=
    _dmarc.example.org TXT v=DMARC1; p=reject; rua=mailto:dmarc@example.org
    mx1.example.org A 198.41.0.25
    25.0.41.198.in-addr.arpa PTR mx1.example.org
    probe.example MX 10 mx.probe.example
    mx.probe.example A 198.41.9.9
";

/// The verdicts of a check: `outcome verdict`, sorted, for a zone and a server on port 25.
fn outcomes(check: &str, zone: &str, server: &Server<'_>) -> Vec<String> {
    let zone = Zone::new(zone);
    let report = run("example.org", &|inquiry: &Inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(server.answer(script)),
        _ => Err(Unseen::Refused),
    });
    let of_check = report.findings.iter().filter(|finding| finding.check == check);
    let mut found: Vec<String> = of_check.map(|finding| format!("{} {}", finding.outcome, finding.verdict)).collect();
    found.sort();
    found
}

fn check(id: &str, rows: &[(&str, Server<'_>, &[&str])]) {
    for (zone, server, want) in rows {
        assert_eq!(outcomes(id, zone, server), *want, "{id} with {zone}");
    }
}

/// The parts of what was seen that a finding marks.
fn marked(finding: &shared::Finding) -> Vec<String> {
    let part = |(start, end): &(u32, u32)| {
        finding.seen.chars().skip(*start as usize).take((end - start) as usize).collect::<String>()
    };
    finding.marks.iter().map(part).collect()
}

fn zone_with(remove: &str, add: &str) -> String {
    let kept: Vec<&str> = ZONE.lines().filter(|line| remove.is_empty() || !line.trim().starts_with(remove)).collect();
    format!("{}\n{add}", kept.join("\n"))
}

#[test]
fn the_careful_domain_is_clean() {
    let zone = Zone::new(ZONE);
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        _ => Err(Unseen::Refused),
    });
    let bad: Vec<_> = report.findings.iter().filter(|f| !matches!(f.verdict, Verdict::Clean | Verdict::Note)).collect();
    assert!(bad.iter().all(|f| ["needs-consent", "no-mail-test"].contains(&f.outcome.as_str())), "{bad:#?}");
    assert_eq!((report.grade.map(|g| g.letter()), report.coverage, report.points), (Some("A"), 1.0, 100.0));
    assert_eq!(report.missing, 0);
    assert_eq!(shared::judge(&report.case()), report, "a report can be judged again");
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<shared::Report>(&json).unwrap(), report);
}

#[test]
fn mx_exists() {
    let rows: &[(&str, &str, &[&str])] = &[
        ("", "", &["present clean"]),
        ("example.org MX", "example.org MX 0 .", &["null-mx clean"]),
        ("example.org MX", "example.org MX 10 .", &["null-mx-preference venial"]),
        ("", "example.org MX 0 .", &["broken-null-mx mortal"]),
        ("example.org MX", "", &["implicit venial"]),
        ("example.org", "example.org TXT hello", &["takes-no-mail venial"]),
    ];
    for (remove, add, want) in rows {
        assert_eq!(outcomes("mx-exists", &zone_with(remove, add), &CAREFUL), *want, "{remove} {add}");
    }
    assert_eq!(outcomes("mx-exists", "probe.example A 198.41.9.9", &CAREFUL), ["no-domain note"]);
}

#[test]
fn mx_targets() {
    let rows: &[(&str, &str, &str, &[&str])] = &[
        ("mx-not-cname", "", "", &["host clean"]),
        (
            "mx-not-cname",
            "mx1.example.org A",
            "mx1.example.org CNAME real.example.org\nreal.example.org A 198.41.0.25",
            &["alias venial"],
        ),
        ("mx-resolves", "", "", &["resolves clean"]),
        ("mx-resolves", "", "example.org MX 20 lost.example.org", &["resolves clean", "some-do-not venial"]),
        ("mx-resolves", "", "example.org MX 0 .", &["resolves clean"]),
        ("mx-resolves", "", "example.org MX 20 mx1.example.org", &["resolves clean"]),
        ("mx-resolves", "mx1.example.org A", "", &["none-does mortal"]),
        ("mx-resolves", "example.org MX", "example.org MX 5 localhost", &["none-does mortal"]),
        ("mx-resolves", "example.org MX", "example.org MX 5 198.41.0.25", &["none-does mortal"]),
        ("mx-public-address", "", "", &["public clean"]),
        ("mx-public-address", "mx1.example.org A", "mx1.example.org A 10.0.0.5", &["none-public mortal"]),
        (
            "mx-public-address",
            "",
            "example.org MX 20 in.example.org\nin.example.org A 192.168.1.1",
            &["public clean", "some-private venial"],
        ),
        ("mx-public-address", "mx1.example.org A", "mx1.example.org AAAA ::ffff:8.8.8.8", &["none-public mortal"]),
        ("ptr-exists", "", "", &["present clean"]),
        ("ptr-exists", "25.0.41.198", "", &["missing note"]),
        ("ptr-forward-confirmed", "", "", &["confirmed clean"]),
        (
            "ptr-forward-confirmed",
            "25.0.41.198",
            "25.0.41.198.in-addr.arpa PTR other.example.org",
            &["unconfirmed note"],
        ),
        (
            "ptr-forward-confirmed",
            "25.0.41.198",
            "25.0.41.198.in-addr.arpa PTR other.example.org\nother.example.org A 198.41.0.99",
            &["unconfirmed note"],
        ),
        ("ptr-forward-confirmed", "25.0.41.198", "", &[]),
        ("ipv6", "", "", &["absent note"]),
        ("ipv6", "", "mx1.example.org AAAA 2606:4700::25", &["present clean"]),
        ("ipv6", "", "mx1.example.org AAAA fd00::25", &["absent note"]),
        ("ipv6", "example.org MX", "example.org MX 0 .", &[]),
        ("ptr-generic", "", "", &["chosen clean"]),
        ("ptr-generic", "25.0.41.198", "25.0.41.198.in-addr.arpa PTR 198-41-0-25.dsl.example.net", &["generic note"]),
        ("ptr-generic", "25.0.41.198", "25.0.41.198.in-addr.arpa PTR 198-x41-0-25.dsl.example.net", &["generic note"]),
        ("ptr-generic", "25.0.41.198", "25.0.41.198.in-addr.arpa PTR mx1-2-3-4.example.org", &["chosen clean"]),
        (
            "ptr-generic",
            "mx1.example.org A",
            "mx1.example.org AAAA 2606:4700::25\n5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.7.4.6.0.6.2.ip6.arpa PTR 52000000000000000000000000746062.dsl.example.net",
            &["generic note"],
        ),
        ("ptr-generic", "25.0.41.198", "", &[]),
    ];
    for (id, remove, add, want) in rows {
        assert_eq!(outcomes(id, &zone_with(remove, add), &CAREFUL), *want, "{id} {remove} {add}");
    }
}

/// A target that was not seen may be the one with a public address.
#[test]
fn inner_addresses_as_far_as_was_seen() {
    let more = "example.org MX 20 mx2.example.org\nmx2.example.org A 10.0.0.6\nmx1.example.org A 10.0.0.5";
    let zone = zone_with("mx1.example.org A", more);
    let of = |odd: &[(&str, &str, Says)]| signed("mx-public-address", &zone, &CAREFUL, odd);
    let (mortal, unknown) = ("none-public mortal", "no-base untested");
    assert_eq!(of(&[]), [format!("{mortal} mx1.example.org"), format!("{mortal} mx2.example.org")]);
    let half = format!("{unknown} mx1.example.org");
    assert_eq!(of(&[("mx2.example.org", "AAAA", Says::Dead)]), [half.clone(), format!("{unknown} mx2.example.org")]);
    assert_eq!(of(&[("mx2.example.org", "*", Says::Dead)]), [half, "servfail untested mx2.example.org".to_owned()]);
    let zone = zone_with("mx1.example.org A", "mx1.example.org AAAA fd00::5");
    let six = signed("mx-public-address", &zone, &CAREFUL, &[("mx1.example.org", "A", Says::Dead)]);
    assert_eq!(six, [format!("{unknown} mx1.example.org")]);
}

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

/// What findings about names and SPF show, and which parts of it they mark.
#[test]
fn what_findings_about_names_show_and_mark() {
    let of = |check: &str, remove: &str, add: &str| {
        let zone = Zone::new(&zone_with(remove, add));
        let report = run("example.org", &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            _ => Err(Unseen::Refused),
        });
        report.findings.into_iter().find(|finding| finding.check == check).unwrap()
    };
    let resolves = |remove: &str, add: &str| of("mx-resolves", remove, add).seen;
    let (v4, v6) = ("mx1.example.org A 198.41.0.25", "mx1.example.org AAAA 2606:4700::25");
    assert_eq!(resolves("", ""), v4);
    assert_eq!(resolves("", v6), format!("{v4}\n{v6}"));
    assert_eq!(resolves("mx1.example.org A", v6), format!("mx1.example.org: no A record\n{v6}"));
    let lost = "mx1.example.org: no such name (NXDOMAIN)";
    assert_eq!(resolves("mx1.example.org A", ""), format!("example.org MX 10 mx1.example.org.\n{lost}\n{lost}"));

    let spf = |record: &str| of("spf-record", "example.org TXT", &format!("example.org TXT {record}"));
    let joined = "include:a.example.netinclude:b.example.net";
    assert_eq!(marked(&spf("v=spf1 include:a.example.net¦include:b.example.net -all")), [joined]);
    let lines = |record: &str| spf(record).seen.lines().count();
    assert_eq!(lines("v=spf1 ip4:1.2.3 -all"), 2, "the record and its fault");
    assert_eq!(lines("v=spf1 ip4:1.2.3 include:a.example.net¦include:b.example.net -all"), 3, "and the seam");
    // Records that are none stand in what was seen.
    assert_eq!(spf("hello").seen, "example.org: no TXT record that begins with v=spf1");
    assert_eq!(spf("include:b.example.net ~all").seen, "example.org TXT \"include:b.example.net ~all\"");
    let look_alike = spf("v=spf1;mx");
    assert!(look_alike.seen.starts_with("example.org TXT \"v=spf1;mx\"\n"), "{}", look_alike.seen);
    assert_eq!(marked(&look_alike).len(), 1, "{look_alike:#?}");
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

const POLICY: &str = "version: STSv1\nmode: enforce\nmx: mx1.example.org\nmax_age: 604800\n";
#[test]
fn certificates_of_submission_ports() {
    let of = |id: &str, tls: Encryption| {
        let zone = Zone::new(ZONE);
        let server = Server { tls, ..CAREFUL };
        let report = run("example.org", &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
            Inquiry::Probe { port: 587, host, script, .. } => {
                assert_eq!(host.as_ref(), Some(&name("mx1.example.org")));
                Ok(server.answer(script))
            }
            _ => Err(Unseen::Refused),
        });
        let at_587 = report.findings.iter().filter(|f| f.check == id && f.subject.ends_with("port 587"));
        let mut found: Vec<String> = at_587.map(|f| format!("{} {}", f.outcome, f.verdict)).collect();
        found.sort();
        found
    };
    let shows = |shown| of("tls-certificate", Encryption::Shows(shown));
    assert_eq!(shows(GOOD), ["valid clean"]);
    assert_eq!(shows(Shown { path: Path::Expired, days_left: -1, ..GOOD }), ["expired venial"]);
    assert_eq!(shows(Shown { path: Path::NotYetValid, ..GOOD }), ["expired venial"]);
    let own = Shown { path: Path::UnknownIssuer, self_issued: true, ..GOOD };
    assert_eq!(shows(own), ["self-signed venial"]);
    assert_eq!(shows(Shown { path: Path::Expired, days_left: -1, ..own }), ["expired venial", "self-signed venial"]);
    assert_eq!(shows(Shown { path: Path::UnknownIssuer, ..GOOD }), ["untrusted note"]);
    assert_eq!(shows(Shown { path: Path::BadSignature, ..GOOD }), ["untrusted note"]);
    assert_eq!(shows(Shown { names: &["imap.example.org"], ..GOOD }), ["other-names note"]);
    assert_eq!(shows(Shown { names: &[], ..GOOD }), ["other-names note"], "the common name does not count");
    assert_eq!(shows(Shown { key: ("RSA", 1024), ..GOOD }), ["weak-key venial"]);
    let sha1 = Shown { signature: "RSA-SHA1", path: Path::Other, days_left: 9, ..GOOD };
    assert_eq!(shows(sha1), ["expires-soon note", "weak-signature venial"]);
    assert_eq!(shows(Shown { signature: "RSA-MD5", ..GOOD }), ["weak-signature venial"]);
    assert_eq!(shows(Shown { signature: "RSA-SHA1", ..own }), ["self-signed venial", "weak-signature venial"]);
    assert_eq!(shows(Shown { above: Some(("RSA-SHA1", true)), ..GOOD }), ["valid clean"], "a root's own signature");
    assert_eq!(shows(Shown { above: Some(("RSA-SHA1", false)), ..GOOD }), ["weak-signature venial"]);
    assert_eq!(shows(Shown { self_issued: true, ..GOOD }), ["valid clean"], "somebody trusts it");
    assert_eq!(shows(Shown { path: Path::Expired, days_left: 0, ..GOOD }), ["expired venial"]);
    let cut = Shown { names: &["imap.example.org"], more_names: true, ..GOOD };
    assert_eq!(shows(cut), ["no-certificate untested"], "the name may stand behind the cut");
    assert_eq!(of("starttls", Encryption::Shows(GOOD)), ["offered clean"]);
    assert_eq!(of("starttls", Encryption::Fails(TlsFault::NotTls)), ["submission-fails mortal"]);
    assert_eq!(of("starttls", Encryption::Fails(TlsFault::Timeout)), ["no-tls untested"]);
}

/// RFC 9325 sections 3.1.1 and 4.1: what old and weak offers come to.
#[test]
fn old_and_weak_tls() {
    let of = |tls, old, weak| {
        let zone = Zone::new(ZONE);
        let server = Server { tls, old, weak, ..CAREFUL };
        let report = run("example.org", &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            Inquiry::Probe { address, port: 25 | 587, script, .. } if address.to_string() == "198.41.0.25" => {
                Ok(server.answer(script))
            }
            _ => Err(Unseen::Refused),
        });
        let at = |id: &str, port: &str| {
            let mut of_check = report.findings.iter().filter(|f| f.check == id && f.subject.ends_with(port));
            of_check.next().map(|f| format!("{} {}", f.outcome, f.verdict)).unwrap_or_default()
        };
        [("tls-version", "587"), ("tls-version", "25"), ("tls-cipher", "587")].map(|(id, port)| at(id, port))
    };
    use Offered::{Alert, Fails, Takes};
    let (done, incompatible) = (Encryption::Shows(GOOD), Encryption::Fails(TlsFault::Incompatible));
    let (modern, strong, no_tls) = ("modern clean", "strong clean", "no-tls untested");
    let (aes, null) = ("TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_NULL_SHA");
    let old = Takes(0x0301, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA");
    let weak = |version| Takes(version, aes);
    let unclear = "unclear-reply untested";
    let secrecy = "client-no-secrecy venial";
    let rows = [
        (done, Alert(70), Alert(40), [modern, modern, strong]),
        (done, Alert(40), Alert(70), [modern, modern, strong]),
        (done, Alert(80), Alert(112), [unclear; 3]),
        (done, Fails(TlsFault::Closed), Fails(TlsFault::NotTls), [no_tls; 3]),
        (done, old, weak(0x0303), ["client-old venial", "mx-old note", secrecy]),
        (done, Alert(70), Takes(0x0303, null), [modern, modern, "client-broken mortal"]),
        (done, Alert(70), Takes(0x0303, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"), [modern, modern, "client-weak venial"]),
        (incompatible, old, weak(0x0302), ["client-outdated mortal", "mx-outdated venial", secrecy]),
        // It has TLS 1.2, but nothing there that our own client speaks.
        (incompatible, old, weak(0x0303), ["client-old venial", "mx-old note", secrecy]),
        (incompatible, Alert(70), weak(0x0303), [modern, modern, secrecy]),
        // It may have TLS 1.2 with suites that nobody offered.
        (incompatible, old, Alert(40), [no_tls; 3]),
        (Encryption::Fails(TlsFault::Timeout), old, weak(0x0302), [no_tls; 3]),
        (Encryption::NotReached, old, weak(0x0302), ["not-asked untested"; 3]),
    ];
    for (at, (tls, old, weak, want)) in rows.into_iter().enumerate() {
        assert_eq!(of(tls, old, weak), want, "row {at}");
    }
}

/// RFC 3207 section 4.2: what was said before TLS and is answered inside.
#[test]
fn words_before_tls() {
    let shown = |injected, broken: Option<(Option<TlsFault>, Unseen)>| {
        let zone = Zone::new(ZONE);
        let server = Server { injected, ..CAREFUL };
        let report = run("example.org", &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            Inquiry::Probe { port: 25, script, .. } => {
                let mut answer = server.answer(script);
                if let (Answer::Smtp(session), Some((fault, broke)), Script::SmtpInjection) =
                    (&mut answer, broken, script)
                {
                    session.exchanges.truncate(3);
                    session.broke = Some(broke);
                    session.tls = fault.and_then(|fault| Encryption::Fails(fault).tls());
                    if fault.is_none() {
                        session.exchanges[2].reply = None;
                    }
                }
                Ok(answer)
            }
            _ => Err(Unseen::Refused),
        });
        let mut of_check = report.findings.iter().filter(|f| f.check == "starttls-injection");
        of_check.next().map(|f| format!("{} {}", f.outcome, f.verdict)).unwrap_or_default()
    };
    let bye = "221 2.0.0 Bye";
    let untested = "unclear-reply untested";
    assert_eq!(shown(["", bye], None), "discarded clean");
    assert_eq!(shown(["250 OK", bye], None), "executed mortal");
    assert_eq!(shown(["250 OK", ""], None), untested, "it may be the answer to QUIT");
    assert_eq!(shown(["", "503 5.5.1 EHLO first"], None), untested);
    assert_eq!(shown(["", ""], None), untested);
    assert_eq!(shown(["", bye], Some((None, Unseen::Closed))), "discarded clean");
    assert_eq!(shown(["", bye], Some((None, Unseen::Reset))), "discarded clean");
    assert_eq!(shown(["", bye], Some((None, Unseen::ReplyTimeout))), "reply-timeout untested");
    for (fault, want) in [
        (TlsFault::Refused, "discarded clean"),
        (TlsFault::Closed, "discarded clean"),
        (TlsFault::Alert, "discarded clean"),
        (TlsFault::Misbehaved, "discarded clean"),
        (TlsFault::NotNow, "try-later untested"),
        (TlsFault::Timeout, "no-tls untested"),
        (TlsFault::Failed, "no-tls untested"),
    ] {
        assert_eq!(shown(["", bye], Some((Some(fault), Unseen::NoTls))), want, "{fault:?}");
    }
}

/// Four conversations with a port at most, and old and weak offers come last.
#[test]
fn few_knocks() {
    let script = |inquiry: &Inquiry| serde_json::to_value(inquiry).unwrap()["script"].as_str().unwrap_or("").to_owned();
    let asked = |world: &dyn Fn(&Inquiry) -> Option<Result<Answer, Unseen>>, port: u16| {
        let zone = Zone::new(ZONE);
        let report = run("example.org", &|inquiry| {
            world(inquiry).unwrap_or_else(|| match inquiry {
                Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
                Inquiry::Probe { port: 25 | 587, script, .. } => Ok(CAREFUL.answer(script)),
                _ => Err(Unseen::Refused),
            })
        });
        let at = |inquiry: &Inquiry| matches!(inquiry, Inquiry::Probe { address, port: p, .. } if *p == port && address.to_string() == "198.41.0.25");
        report.evidence.iter().map(|piece| &piece.inquiry).filter(|i| at(i)).map(script).collect::<Vec<_>>()
    };
    let (survey, recipients, old, weak) = ("smtp-survey", "smtp-recipients", "smtp-old-tls", "smtp-weak-tls");
    let injection = "smtp-starttls-injection";
    let usual = |_: &Inquiry| None;
    assert_eq!(asked(&usual, 25), [survey, recipients, old, injection]);
    assert_eq!(asked(&usual, 587), ["submission-survey", old, weak, injection]);
    for (fails, left) in [(recipients, &[survey, recipients][..]), (old, &[survey, recipients, old])] {
        let world = |inquiry: &Inquiry| (script(inquiry) == fails).then_some(Err(Unseen::ConnectTimeout));
        assert_eq!(asked(&world, 25), left);
    }
    let world = |inquiry: &Inquiry| match inquiry {
        Inquiry::Probe { script, .. } => Some(Ok(Server { greeting_took: 11_000, ..CAREFUL }.answer(script))),
        _ => None,
    };
    assert_eq!(asked(&world, 25), [survey]);
    assert_eq!(asked(&world, 587), ["submission-survey"]);
}

/// Recipients are asked for inside TLS where the first handshake worked, else in the clear.
#[test]
fn recipients_inside_tls() {
    let rows = [
        (Encryption::Shows(GOOD), true),
        (Encryption::Fails(TlsFault::Incompatible), false),
        (Encryption::NotReached, false),
    ];
    for (tls, inside) in rows {
        let zone = Zone::new(ZONE);
        let server = Server { tls, ..CAREFUL };
        let report = run("example.org", &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            Inquiry::Probe { port: 25, script, .. } => Ok(server.answer(script)),
            _ => Err(Unseen::Refused),
        });
        let asked = report.evidence.iter().find_map(|piece| match &piece.inquiry {
            Inquiry::Probe { host, script: shared::inquiry::Script::SmtpRecipients { .. }, .. } => Some(host.is_some()),
            _ => None,
        });
        assert_eq!(asked, Some(inside));
    }
}

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

const STS: &str = "_mta-sts.example.org TXT v=STSv1; id=1";

/// A report by the zone and what stands at the policy's address.
fn with_policy(zone: &str, fetched: &Result<Answer, Unseen>) -> Report {
    let zone = Zone::new(zone);
    run("example.org", &|inquiry| match inquiry {
        Inquiry::Mail => Err(Unseen::NoMailTest),
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        Inquiry::Fetch { url } if url.as_str().contains("autoconfig") => Err(Unseen::FetchFailed),
        Inquiry::Arrival { .. } | Inquiry::Owner { .. } => Err(Unseen::NeedsConsent),
        Inquiry::Fetch { url } => {
            assert_eq!(url.as_str(), "https://mta-sts.example.org/.well-known/mta-sts.txt");
            fetched.clone()
        }
        Inquiry::Probe { .. } => Err(Unseen::Refused),
    })
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

/// What a resolver says of some questions, where it does not just answer.
enum Says {
    /// No answer to anybody.
    Dead,
    /// SERVFAIL, but an answer where checks are disabled.
    Fails,
    /// The same, and it says that it is for the signatures.
    Bogus,
    /// An answer that it does not vouch for.
    Unsigned,
}

/// The outcomes of a check, with their subjects, in a world whose resolver vouches for every
/// answer but these, by name and type.
fn signed(check: &str, zone: &str, server: &Server<'_>, odd: &[(&str, &str, Says)]) -> Vec<String> {
    let report = signed_report(zone, server, odd);
    let of_check = report.findings.iter().filter(|finding| finding.check == check);
    let mut found: Vec<_> = of_check.map(|f| format!("{} {} {}", f.outcome, f.verdict, f.subject)).collect();
    found.sort();
    found
}

fn signed_report(zone: &str, server: &Server<'_>, odd: &[(&str, &str, Says)]) -> Report {
    let zone = Zone::new(zone);
    run("example.org", &|inquiry: &Inquiry| match inquiry {
        Inquiry::Dns { name, record, unchecked } => {
            let says = odd.iter().find(|(owner, kind, _)| {
                (*owner == "*" || *owner == name.as_str()) && (*kind == "*" || *kind == record.to_string())
            });
            let authenticated = match (says.map(|(_, _, says)| says), unchecked) {
                (Some(Says::Dead), _) | (Some(Says::Fails), false) => return Err(Unseen::ServFail),
                (Some(Says::Bogus), false) => return Err(Unseen::Bogus),
                (None, unchecked) => {
                    assert!(!unchecked, "asked in vain: {inquiry}");
                    true
                }
                (Some(_), _) => false,
            };
            match zone.ask(name, *record) {
                Answer::Dns(answer) => Ok(Answer::Dns(DnsAnswer { authenticated, ..answer })),
                other => Ok(other),
            }
        }
        Inquiry::Probe { port: 25, script, .. } => Ok(server.answer(script)),
        _ => Err(Unseen::Refused),
    })
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

#[test]
fn zone_health() {
    let zone = |lines: &str| outcomes("zone-health", &zone_with("", lines), &CAREFUL);
    let names = "example.org NS ns1.example.org\nexample.org NS ns2.example.org";
    let servers = format!("{names}\nns1.example.org A 198.41.0.53\nns2.example.org A 198.41.1.53");
    let soa = "example.org SOA ns1.example.org hostmaster.example.org 1 7200 3600 1209600 3600";
    assert_eq!(zone(&format!("{servers}\n{soa}")), ["sound clean"]);
    assert_eq!(zone(&format!("example.org NS ns1.example.org\n{soa}")), ["one-name-server venial"]);
    for contact in [".", "root", "admin\\@example.org"] {
        let odd = soa.replace("hostmaster.example.org", contact);
        assert_eq!(zone(&format!("{servers}\n{odd}")), ["odd-contact note"], "{contact}");
    }
    let dotted = soa.replace("hostmaster.", "post\\.master.");
    assert_eq!(zone(&format!("{servers}\n{dotted}")), ["sound clean"]);
    for timers in ["3600 7200 1209600 3600", "7200 3600 9000 3600", "7200 3600 1209600 604800"] {
        let odd = soa.replace("7200 3600 1209600 3600", timers);
        assert_eq!(zone(&format!("{servers}\n{odd}")), ["odd-timers note"], "{timers}");
    }
    assert_eq!(zone(""), Vec::<String>::new(), "no zone begins here");
    let addresses: &[(&str, &str)] = &[
        ("ns1 A 198.41.0.53\nns2 A 198.41.0.54", "one-network note"),
        ("ns1 A 198.41.0.53\nns2 A 198.41.0.53", "one-network note"),
        ("ns1 A 198.41.0.53\nns2 A 198.41.0.54\nns2 A 198.41.7.54", "sound clean"),
        (
            "ns1 A 198.41.0.53\nns2 A 198.41.0.54\nns1 AAAA 2606:4700:1::1\nns2 AAAA 2606:4700:1:9::1",
            "one-network note",
        ),
        ("ns1 A 198.41.0.53\nns2 A 198.41.0.54\nns1 AAAA 2606:4700:1::1\nns2 AAAA 2606:4700:2::1", "sound clean"),
        // One that only IPv6 leads to is on a network of its own, as far as anybody can tell.
        ("ns1 A 198.41.0.53\nns2 AAAA 2606:4700:2::1", "sound clean"),
    ];
    for (lines, want) in addresses {
        let lines = lines.replace(" A", ".example.org A");
        assert_eq!(zone(&format!("{names}\n{soa}\n{lines}")), [*want], "{lines}");
    }
    let many = (1..6).map(|n| format!("example.org NS ns{n}.example.org\nns{n}.example.org A 198.41.0.{n}\n"));
    assert_eq!(zone(&format!("{}{soa}", many.collect::<String>())), ["over-cap untested"]);
    for slow in ["example.org TTL 900000", "mx1.example.org TTL 900000"] {
        assert_eq!(zone(&format!("{servers}\n{soa}\n{slow}")), ["long-ttl note"], "{slow}");
    }
    assert_eq!(
        zone(&format!("{servers}\n{soa}\nns1.example.org TTL 900000")),
        ["sound clean"],
        "name servers seldom move"
    );
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

/// Points 100, DMARC enforced, and mail protected on its way in; or no mail at all.
#[test]
fn the_best_grade() {
    let grade = |zone: &str, policy: &str| {
        let fetched = Ok(Answer::Fetch(Fetched::new(200, b"text/plain", None, policy.as_bytes())));
        with_policy(zone, &fetched).grade.map(|grade| grade.letter())
    };
    let careful = zone_with("", STS);
    let quarantine = careful.replace("p=reject", "p=quarantine");
    let trial = careful.replace("p=reject", "p=reject; t=y");
    let parked = "example.org MX 0 .\nexample.org TXT v=spf1 -all\n_dmarc.example.org TXT v=DMARC1; p=reject";
    let rows = [
        (careful.as_str(), POLICY.to_owned(), "A+"),
        (&quarantine, POLICY.to_owned(), "A+"),
        (&trial, POLICY.to_owned(), "A"),
        (&careful, POLICY.replace("enforce", "testing"), "A"),
        (&careful, POLICY.replace("mx1.", "mx9."), "B"),
        (ZONE, POLICY.to_owned(), "A"),
        (parked, String::new(), "A+"),
        (&parked.replace("reject", "quarantine"), String::new(), "A"),
    ];
    for (zone, policy, want) in rows {
        assert_eq!(grade(zone, &policy), Some(want), "{zone}\n{policy}");
    }
}

#[test]
fn parked_domains() {
    let parked = |check: &str, dmarc: &str| {
        let lines = format!("example.org MX 0 .\nexample.org TXT v=spf1 -all\n{dmarc}");
        outcomes(check, &format!("{lines}\nprobe.example A 198.41.9.9"), &CAREFUL)
    };
    let dmarc = |tags: &str| format!("_dmarc.example.org TXT v=DMARC1; {tags}");
    assert_eq!(parked("dmarc-record", ""), ["missing-parked venial"]);
    assert_eq!(parked("dmarc-policy", &dmarc("p=reject")), ["enforced clean"]);
    assert_eq!(parked("dmarc-policy", &dmarc("p=quarantine")), ["parked-milder note"]);
    assert_eq!(parked("dmarc-policy", &dmarc("p=none")), ["none venial"]);
    assert_eq!(parked("dmarc-policy", "_dmarc.org TXT v=DMARC1; p=quarantine"), ["enforced clean"], "not its own");
    assert_eq!(parked("spf-record", ""), ["valid clean"]);
}

/// What a remedy says to publish must be safe for whoever pastes it.
#[test]
fn records_to_publish() {
    let lines = |domain: &str, zone: &str, check: &str| {
        let zone = Zone::new(zone);
        let report = run(domain, &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            _ => Err(Unseen::Refused),
        });
        let remedy = report.findings.into_iter().find(|finding| finding.check == check).and_then(|f| f.remedy).unwrap();
        remedy.recipes.into_iter().find(|recipe| recipe.software == "BIND").unwrap().lines
    };
    // A parked subdomain gets a record of its own; the parent's stays as it is.
    let parked = "a.example.org MX 0 .\na.example.org TXT v=spf1 -all\n_dmarc.example.org TXT v=DMARC1; p=none; rua=mailto:d@example.org";
    let said = lines("a.example.org", parked, "dmarc-policy");
    assert!(said.ends_with("_dmarc.a.example.org. 3600 IN TXT \"v=DMARC1; p=reject\""), "{said}");
    let own = parked.replace("_dmarc.", "_dmarc.a.");
    let said = lines("a.example.org", &own, "dmarc-policy");
    assert!(said.ends_with("\"v=DMARC1; p=reject; rua=mailto:d@example.org\""), "{said}");
    // Without MX records, `mx` would let nobody send.
    let said = lines("example.org", "example.org A 198.41.0.25", "spf-record");
    assert!(said.ends_with("\"v=spf1 a ~all\""), "{said}");
    // Nobody's honest record is that long, and nothing hidden is handed on.
    for odd in [format!("v=spf1 {}+all", "ip4:192.0.2.1 ".repeat(500)), "v=spf1 a:\u{7}x.test +all".to_owned()] {
        let said = lines("example.org", &format!("example.org MX 0 .\nexample.org TXT {odd}"), "spf-record");
        assert!(said.len() < 300 && !said.contains('\u{7}'), "{said}");
    }
}

#[test]
fn dangling() {
    let outcome = |remove: &str, add: &str| {
        let add = format!("{add}\ntest NS a.test\nuk NS a.uk");
        outcomes("dangling", &zone_with(remove, &add), &CAREFUL)
    };
    assert_eq!(outcome("", ""), ["held clean"]);
    let spf = "example.org TXT v=spf1 mx include:_spf.gone.test ~all";
    assert_eq!(outcome("example.org TXT", spf), ["free mortal"]);
    assert_eq!(outcome("example.org TXT", &format!("{spf}\ngone.test NS ns.gone.test")), ["held clean"]);
    assert_eq!(outcome("", "autodiscover.example.org CNAME autodiscover.gone.test"), ["free mortal"]);
    assert_eq!(outcome("", "autoconfig.example.org CNAME nowhere.example.org"), ["held clean"]);
    let selectors =
        "s1._domainkey.example.org CNAME s1.dkim.gone.test\ns2._domainkey.example.org CNAME s2.dkim.gone.test";
    assert_eq!(outcome("", selectors), ["free mortal"], "one domain is one finding");
    assert_eq!(outcome("", &format!("{selectors}\ngone.test NS a.test")), ["held clean"], "a provider's spare");
    assert_eq!(outcome("", "example.org MX 20 mx.gone.test"), ["free mortal"]);
    assert_eq!(outcome("", "example.org MX 20 mx.office.lan"), ["held clean"], "there is no such ending");
    let many = (1..=7).map(|n| format!("example.org MX {n}0 mx.taken{n}.test\ntaken{n}.test NS a.test\n"));
    assert_eq!(outcome("", &many.collect::<String>()), ["over-cap untested"]);
    assert_eq!(outcome("", "example.org MX 20 mx.gone.ac.uk"), ["held clean"], "not known what can be registered");
}

#[test]
fn dnsbl() {
    let outcome = |entries: &str| {
        let zone = Zone::new(&format!("{ZONE}\n{entries}"));
        let mut case = case("example.org");
        case.blocklists = vec![name("bl.test")];
        let report = turn(case, &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            _ => Err(Unseen::Refused),
        });
        let found = report.findings.into_iter().find(|finding| finding.check == "dnsbl");
        found.map(|finding| format!("{} {}", finding.outcome, finding.verdict)).unwrap_or_default()
    };
    let works = "2.0.0.127.bl.test A 127.0.0.2";
    assert_eq!(outcome(works), "unlisted clean");
    assert_eq!(outcome(&format!("{works}\n25.0.41.198.bl.test A 127.0.0.4")), "listed note");
    assert_eq!(outcome(""), "no-list untested", "a list without its test entry");
    let all = format!("{works}\n1.0.0.127.bl.test A 127.0.0.2\n25.0.41.198.bl.test A 127.0.0.2");
    assert_eq!(outcome(&all), "no-list untested", "a list of everything");
    let refused = "2.0.0.127.bl.test A 127.255.255.254\n25.0.41.198.bl.test A 127.255.255.254";
    assert_eq!(outcome(refused), "no-list untested");
    assert_eq!(outcomes("dnsbl", ZONE, &CAREFUL), Vec::<String>::new(), "no list was chosen");
}

#[test]
fn open_relay() {
    let taken = "250 2.1.5 Ok";
    check(
        "open-relay",
        &[
            (ZONE, CAREFUL, &["refuses clean"]),
            (ZONE, Server { relay: taken, ..CAREFUL }, &["relays mortal"]),
            (ZONE, Server { relay: taken, control: taken, ..CAREFUL }, &["accepts-all untested"]),
            (ZONE, Server { control: taken, ..CAREFUL }, &["refuses clean"]),
            (ZONE, Server { relay: "550 5.1.1 no such user", ..CAREFUL }, &["refuses clean"]),
            (
                ZONE,
                Server { relay: "550 5.1.1 no such user", postmaster: "550 5.1.1 x", abuse: "550 5.1.1 x", ..CAREFUL },
                &["unclear-reply untested"],
            ),
            (ZONE, Server { relay: "450 4.7.1 Greylisted, see you later", ..CAREFUL }, &["try-later untested"]),
            (
                ZONE,
                Server {
                    relay: "554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.example",
                    ..CAREFUL
                },
                &["client-refused untested"],
            ),
            (ZONE, Server { relay: taken, control: "450 4.2.0 Greylisted", ..CAREFUL }, &["unclear-reply untested"]),
            (ZONE, Server { mail: "550 5.7.1 sender refused", ..CAREFUL }, &["client-refused untested"]),
            (ZONE, Server { mail: "554 5.7.1 Relay access denied", ..CAREFUL }, &["refuses clean"]),
            (
                &zone_with("mx.probe", "mx.probe.example A 198.41.0.25"),
                Server { relay: taken, ..CAREFUL },
                &["own-recipient untested"],
            ),
        ],
    );
}

#[test]
fn what_a_server_says_of_itself() {
    let ehlo = |lines: &'static str| Server { ehlo: lines, ..CAREFUL };
    let fails = |fault| Server { tls: Encryption::Fails(fault), ..CAREFUL };
    check(
        "smtp-cleartext-auth",
        &[
            (ZONE, CAREFUL, &["none clean"]),
            (ZONE, ehlo("250-mx1.example.org\n250-AUTH PLAIN LOGIN\n250 STARTTLS"), &["offered mortal"]),
            (ZONE, ehlo("250-mx1.example.org\n250 AUTH=LOGIN"), &["offered mortal"]),
            (ZONE, ehlo("250-mx1.example.org\n250 AUTH XOAUTH2"), &["offered mortal"]),
            (ZONE, ehlo("250-mx1.example.org\n250 AUTH NTLM CRAM-MD5"), &["challenge-only venial"]),
            (ZONE, Server { auth: "334", ..CAREFUL }, &["accepted mortal"]),
            (ZONE, Server { auth: "454 4.7.0 later", ..CAREFUL }, &["try-later untested"]),
        ],
    );
    check(
        "starttls",
        &[
            (ZONE, CAREFUL, &["offered clean"]),
            (ZONE, ehlo("250 mx1.example.org"), &["mx-without venial"]),
            (ZONE, fails(TlsFault::Refused), &["mx-fails venial"]),
            (ZONE, fails(TlsFault::NotTls), &["mx-fails venial"]),
            (ZONE, fails(TlsFault::NotNow), &["try-later untested"]),
            (ZONE, fails(TlsFault::Incompatible), &["no-tls untested"]),
            (ZONE, fails(TlsFault::Alert), &["no-tls untested"]),
            (ZONE, fails(TlsFault::Closed), &["no-tls untested"]),
            (ZONE, Server { tls: Encryption::NotReached, ..CAREFUL }, &["not-asked untested"]),
            (ZONE, Server { ehlo: "550 5.7.1 go away", ..CAREFUL }, &["client-refused untested"]),
        ],
    );
    let shows = |shown| Server { tls: Encryption::Shows(shown), ..CAREFUL };
    let valueless = "250-mx1.example.org\n250 SIZE";
    check(
        "tls-certificate",
        &[
            (ZONE, CAREFUL, &["valid clean"]),
            (ZONE, shows(Shown { names: &["*.example.org"], ..GOOD }), &["valid clean"]),
            (ZONE, shows(Shown { days_left: 29, ..GOOD }), &["expires-soon note", "valid clean"]),
            (ZONE, shows(Shown { days_left: 30, ..GOOD }), &["valid clean"]),
            (ZONE, shows(Shown { names: &["example.org"], ..GOOD }), &["mx-unverifiable note"]),
            (ZONE, shows(Shown { path: Path::Expired, days_left: -1, ..GOOD }), &["mx-unverifiable note"]),
            (ZONE, shows(Shown { path: Path::UnknownIssuer, self_issued: true, ..GOOD }), &["mx-unverifiable note"]),
            (ZONE, shows(Shown { path: Path::Other, ..GOOD }), &["no-certificate untested"]),
            (ZONE, shows(Shown { key: ("RSA", 1024), ..GOOD }), &["mx-weak note"]),
            (ZONE, shows(Shown { key: ("RSA", 2048), ..GOOD }), &["valid clean"]),
            (ZONE, shows(Shown { signature: "ECDSA-SHA1", path: Path::Other, ..GOOD }), &["mx-weak note"]),
            (ZONE, ehlo("250 mx1.example.org"), &[]),
            (ZONE, fails(TlsFault::Refused), &["no-tls untested"]),
            (ZONE, Server { tls: Encryption::NotReached, ..CAREFUL }, &["not-asked untested"]),
        ],
    );
    check(
        "size-limit",
        &[
            (ZONE, CAREFUL, &["limited clean"]),
            (ZONE, ehlo("250-mx1.example.org\n250 SIZE 0"), &["limited-silently clean"]),
            (ZONE, Server { size: "250 2.1.0 Ok", ..ehlo("250-mx1.example.org\n250 SIZE 0") }, &["none mortal"]),
            (
                ZONE,
                Server { size: "530 5.7.0 Must issue STARTTLS", ..ehlo("250-mx1.example.org\n250 SIZE 0") },
                &["none mortal"],
            ),
            (ZONE, Server { size: "250 2.1.0 Ok", ..ehlo("250-mx1.example.org\n250 SIZE") }, &["none mortal"]),
            (ZONE, ehlo("250-mx1.example.org\n250 SIZE"), &["limited-silently clean"]),
            (
                ZONE,
                Server { size: "530 5.7.0 Must issue STARTTLS", ..ehlo("250-mx1.example.org\n250 SIZE") },
                &["client-refused untested"],
            ),
            (ZONE, Server { size: "552 no", ..ehlo(valueless) }, &["limited-silently clean"]),
            (ZONE, Server { size: "554 5.3.4 too big", ..ehlo(valueless) }, &["limited-silently clean"]),
            (ZONE, Server { size: "554 Message size exceeds limit", ..ehlo(valueless) }, &["limited-silently clean"]),
            (ZONE, Server { size: "451 4.7.1 later", ..ehlo(valueless) }, &["try-later untested"]),
            (ZONE, ehlo("250-mx1.example.org\n250 SIZE 1000"), &["too-small mortal"]),
            (ZONE, ehlo("250-mx1.example.org\n250 SIZE 65536"), &["limited clean"]),
            (ZONE, ehlo("250-mx1.example.org\n250 SIZE 268435456"), &["limited clean"]),
            (ZONE, ehlo("250-mx1.example.org\n250 SIZE 1073741824"), &["too-large venial"]),
            (ZONE, Server { size: "250 2.1.0 Ok", ..CAREFUL }, &["not-enforced note"]),
            (ZONE, ehlo("250 mx1.example.org"), &["undeclared note"]),
        ],
    );
    let greeting = |line: &'static str| Server { greeting: line, ..CAREFUL };
    check(
        "banner-version",
        &[
            (ZONE, CAREFUL, &["silent clean"]),
            (ZONE, Server { ehlo: "550 5.7.1 go away", ..CAREFUL }, &["client-refused untested"]),
            (ZONE, greeting("220 mx1.example.org ESMTP Postfix 3.7.11 (Debian)"), &["version mortal"]),
            (ZONE, greeting("220 mx1.example.org ESMTP Postfix (Debian/GNU)"), &["system venial"]),
            (ZONE, greeting("220 mx1.example.org ESMTP Postfix"), &["product note"]),
            (ZONE, Server { help: "214 This is Sendmail version 8.15.2", ..CAREFUL }, &["version mortal"]),
        ],
    );
    check(
        "banner-internal-name",
        &[
            (ZONE, CAREFUL, &["public clean"]),
            (ZONE, greeting("220 mail.sinner.local ESMTP"), &["internal mortal"]),
            (ZONE, greeting("220 EX01 ESMTP"), &["single-label venial"]),
            (
                ZONE,
                Server { greeting: "220 lost.example.org ESMTP", ehlo: "250 lost.example.org", ..CAREFUL },
                &["unresolved note"],
            ),
        ],
    );
    check(
        "banner-internal-address",
        &[
            (ZONE, Server { ehlo: "550 5.7.1 go away", ..CAREFUL }, &["client-refused untested"]),
            (ZONE, CAREFUL, &["none clean"]),
            (ZONE, greeting("220 mx1.example.org ESMTP at 10.1.2.3"), &["internal mortal"]),
            (ZONE, ehlo("250 mx1.example.org Hello probe [192.168.0.9]"), &["none clean"]),
        ],
    );
    check(
        "helo-name",
        &[
            (ZONE, CAREFUL, &["resolves clean"]),
            (ZONE, greeting("220 lost.example.org ESMTP"), &["unresolved note"]),
            (ZONE, Server { greeting: "220 EX01 ESMTP", ..CAREFUL }, &["not-a-full-name note"]),
        ],
    );
}

/// What a finding shows, and which parts of it it marks.
#[test]
fn what_findings_show_and_mark() {
    let imap = |script: &Script| {
        let tls = Encryption::Shows(GOOD);
        if script.injects() {
            lines_injected(["a2 OK done", "a3 OK bye"], &tls)
        } else {
            lines_in_tls(IMAP, &tls, false)
        }
    };
    let zone = Zone::new(ZONE);
    let ehlo = "250-mx1.example.org\n250-SIZE 52428800\n250-AUTH PLAIN LOGIN\n250 STARTTLS";
    let server = Server { ehlo, injected: ["250 OK", "221 Bye"], ..CAREFUL };
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(server.answer(script)),
        Inquiry::Probe { port: 143, script, .. } => Ok(imap(script)),
        _ => Err(Unseen::Refused),
    });
    let hello =
        "→ EHLO probe.probe.example\n250-mx1.example.org\n250-SIZE 52428800\n250-AUTH PLAIN LOGIN\n250 STARTTLS";
    let agreed = "TLSv1.3 TLS_AES_128_GCM_SHA256 x25519";
    let rows: &[(&str, &str, String, &[&str])] = &[
        (
            "smtp-cleartext-auth",
            "25",
            format!("{hello}\n→ AUTH PLAIN\n503 5.5.1 Error: authentication not enabled"),
            &["AUTH PLAIN LOGIN"],
        ),
        ("size-limit", "25", hello.to_owned(), &["SIZE 52428800"]),
        (
            "starttls",
            "143",
            format!("→ CAPABILITY\n* CAPABILITY STARTTLS LOGINDISABLED\na1 OK\n→ a3 STARTTLS\na3 OK begin\n{agreed}"),
            &["STARTTLS"],
        ),
        (
            "starttls-injection",
            "25",
            "→ STARTTLS\r\nNOOP\n220 2.0.0 Ready to start TLS\n250 OK\n→ QUIT\n221 Bye".to_owned(),
            &["250"],
        ),
        (
            "starttls-injection",
            "143",
            "→ a1 STARTTLS\r\na2 NOOP\na1 OK begin\na2 OK done\n→ a3 LOGOUT\na3 OK bye".to_owned(),
            &["a2 OK done"],
        ),
    ];
    for (check, port, seen, marks) in rows {
        let finding = report.findings.iter().find(|f| f.check == *check && f.subject.ends_with(port)).unwrap();
        assert_eq!(finding.seen, *seen, "{check}");
        assert_eq!(marked(finding), *marks, "{check}");
    }
}

#[test]
fn role_names() {
    let refused = "550 5.1.1 <x>: Recipient address rejected: User unknown";
    let blocked = "550 5.7.1 Service unavailable, client host [192.0.2.1] blocked using bl.example";
    check(
        "postmaster",
        &[
            (ZONE, CAREFUL, &["accepted clean"]),
            (ZONE, Server { postmaster: refused, ..CAREFUL }, &["refused mortal"]),
            (ZONE, Server { bare: refused, ..CAREFUL }, &["bare-refused venial"]),
            (ZONE, Server { postmaster: blocked, ..CAREFUL }, &["client-refused untested"]),
            (ZONE, Server { postmaster: "450 4.7.1 Greylisted", ..CAREFUL }, &["try-later untested"]),
            (ZONE, Server { control: "250 Ok", ..CAREFUL }, &["accepts-all untested"]),
            (ZONE, Server { control: "450 4.7.1 Greylisted", ..CAREFUL }, &["try-later untested"]),
            (ZONE, Server { control: blocked, ..CAREFUL }, &["unclear-reply untested"]),
            (ZONE, Server { mail: "550 5.7.1 sender refused", ..CAREFUL }, &["client-refused untested"]),
        ],
    );
    let foreign =
        zone_with("example.org MX", "example.org MX 10 mx.provider.example\nmx.provider.example A 198.41.0.77");
    check("postmaster", &[(&foreign, Server { bare: refused, ..CAREFUL }, &["bare-refused-shared note"])]);
    check(
        "abuse",
        &[
            (ZONE, CAREFUL, &["accepted clean"]),
            (ZONE, Server { abuse: refused, ..CAREFUL }, &["refused venial"]),
            (ZONE, Server { control: "250 Ok", ..CAREFUL }, &["accepts-all untested"]),
        ],
    );
    check(
        "null-sender",
        &[
            (ZONE, CAREFUL, &["accepted clean"]),
            (ZONE, Server { null_sender: "550 5.7.1 null sender refused", ..CAREFUL }, &["refused mortal"]),
            (ZONE, Server { null_sender: "550 5.5.0 Too many commands", ..CAREFUL }, &["client-refused untested"]),
            (ZONE, Server { null_sender: "503 5.5.1 Sender already given", ..CAREFUL }, &["client-refused untested"]),
            (ZONE, Server { null_sender: "502 5.5.2 not now", ..CAREFUL }, &["client-refused untested"]),
            (ZONE, Server { null_sender: "530 5.7.0 Log in first", ..CAREFUL }, &["client-refused untested"]),
            (
                ZONE,
                Server { null_sender: "550 unsigned return path: BATV wanted", ..CAREFUL },
                &["client-refused untested"],
            ),
            (ZONE, Server { null_sender: "451 4.7.1 later", ..CAREFUL }, &["try-later untested"]),
            (ZONE, Server { postmaster: refused, ..CAREFUL }, &["no-base untested"]),
        ],
    );
}

#[test]
fn patience() {
    let late = Server { greeting_took: 40_000, ..CAREFUL };
    check("greeting-delay", &[(ZONE, CAREFUL, &["prompt clean"]), (ZONE, late, &["deliberate note"])]);
    let late = Server { greeting_took: 40_000, ..CAREFUL };
    check("postmaster", &[(ZONE, late, &["delayed untested"])]);
}

#[test]
fn hosts_that_cannot_be_reached() {
    let zone = Zone::new(&zone_with("", "example.org MX 20 mx2.example.org\nmx2.example.org A 198.41.0.26"));
    let reach = |first: Result<(), Unseen>, second: Result<(), Unseen>| {
        let report = run("example.org", &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            Inquiry::Probe { address, port: 25, script, .. } => {
                let fate = if address.to_string().ends_with("25") { first } else { second };
                fate.map(|()| CAREFUL.answer(script))
            }
            _ => Err(Unseen::Refused),
        });
        let mut found: Vec<_> =
            report.findings.iter().filter(|f| f.check == "mx-reachable").map(|f| f.outcome.clone()).collect();
        found.sort();
        (found, report.grade.map(|grade| grade.letter()))
    };
    let own = |outcomes: [&str; 2]| outcomes.map(str::to_owned).to_vec();
    assert_eq!(reach(Ok(()), Ok(())), (own(["answers", "answers"]), Some("A")));
    assert_eq!(reach(Ok(()), Err(Unseen::Refused)).0, own(["answers", "refused"]));
    assert_eq!(reach(Ok(()), Err(Unseen::ConnectTimeout)).0, own(["answers", "connect-timeout"]));
    assert_eq!(
        reach(Err(Unseen::Refused), Err(Unseen::Refused)),
        (own(["blocked-or-refused", "blocked-or-refused"]), None)
    );
    let (answered, refused, rejected) = (Ok(()), Err(Unseen::Refused), Err(Unseen::Rejected));
    assert_eq!(reach(rejected, rejected), (own(["refused-everywhere", "refused-everywhere"]), None));
    assert_eq!(
        reach(rejected, refused).0,
        own(["blocked-or-refused", "refused"]),
        "one of them may be our end's fault"
    );
    assert_eq!(reach(rejected, Err(Unseen::ConnectTimeout)).0, own(["connect-timeout", "refused"]));
    assert_eq!(reach(rejected, Err(Unseen::NoIpv6)).0, own(["no-ipv6", "refused"]));
    assert_eq!(reach(answered, rejected).0, own(["answers", "refused"]));
    assert_eq!(
        reach(Err(Unseen::PortBlocked), Err(Unseen::PortBlocked)).1,
        None,
        "no letter for a scanner that was shut out"
    );
}

/// A host that could not be looked up may be the one that answers.
#[test]
fn refused_as_far_as_was_seen() {
    let zone = Zone::new(&zone_with("", "example.org MX 20 mx2.example.org\nmx2.example.org A 198.41.0.26"));
    for (hidden, want) in [("", "refused-everywhere mortal"), ("A", "refused venial"), ("AAAA", "refused venial")] {
        let report = run("example.org", &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } if name.as_str() == "mx2.example.org" && record.to_string() == hidden => {
                Err(Unseen::ServFail)
            }
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            Inquiry::Probe { port: 25, .. } => Err(Unseen::Rejected),
            _ => Err(Unseen::Refused),
        });
        let mut found = report.findings.iter().filter(|finding| finding.check == "mx-reachable");
        let first = found.find(|finding| finding.subject.starts_with("mx1"));
        assert_eq!(first.map(|f| format!("{} {}", f.outcome, f.verdict)).as_deref(), Some(want), "{hidden}");
        assert_eq!(report.grade, None);
    }
}

#[test]
fn an_operator_can_opt_out() {
    for at in ["_mailsins.example.org", "_mailsins.mx1.example.org"] {
        let zone = Zone::new(&zone_with("", &format!("{at} TXT v=mailsins1; probe=none")));
        let report = run("example.org", &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            // Of the domain itself its operator may want to hear.
            Inquiry::Fetch { .. } if at.contains("mx1") => Err(Unseen::FetchFailed),
            _ => panic!("asked all the same: {inquiry}"),
        });
        assert!(report.findings.iter().any(|f| f.check == "open-relay" && f.outcome == "opted-out"), "{at}");
        assert_eq!(report.grade, None);
    }
}

#[test]
fn the_resolver_is_down() {
    let report = run("example.org", &|_| Err::<Answer, _>(Unseen::ResolverFailed));
    assert!(report.findings.iter().all(|finding| finding.verdict == Verdict::Untested), "{:#?}", report.findings);
    assert_eq!((report.grade, report.coverage), (None, 0.0));
}

/// What a check says where IMAP and POP3 of the MX host say so: greeting, capabilities, reply to AUTH.
fn client_outcomes(check: &str, zone: &str, imap: [&str; 3], pop: [&str; 3]) -> Vec<String> {
    let zone = Zone::new(zone);
    let said = |[greeting, capability, auth]: [&str; 3]| match greeting {
        "" => Err(Unseen::Refused),
        _ => Ok(lines_in_tls([greeting, capability, auth], &Encryption::Shows(GOOD), false)),
    };
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        Inquiry::Probe { port: 143, .. } => said(imap),
        Inquiry::Probe { port: 110, .. } => said(pop),
        _ => Err(Unseen::Refused),
    });
    let of_check = report.findings.iter().filter(|finding| finding.check == check);
    let mut found: Vec<String> = of_check
        .filter(|finding| !finding.subject.ends_with("port 25"))
        .map(|finding| format!("{} {}", finding.outcome, finding.verdict))
        .collect();
    found.sort();
    found
}

const CLOSED: [&str; 3] = ["", "", ""];

#[test]
fn imap_cleartext_login() {
    let of = |greeting: &str, capability: &str, auth: &str| {
        client_outcomes("imap-cleartext-login", ZONE, [greeting, capability, auth], CLOSED)
    };
    let rows: &[(&str, &str, &str, &[&str])] = &[
        ("", "", "", &[]),
        ("* OK", "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\na1 OK", "", &["none clean"]),
        ("* OK", "* CAPABILITY IMAP4rev1 logindisabled\na1 OK", "", &["none clean"]),
        ("* OK", "* CAPABILITY IMAP4rev1 STARTTLS\na1 OK", "", &["login mortal"]),
        ("* OK", "* CAPABILITY STARTTLS AUTH=PLAIN\na1 OK", "+ ", &["offered mortal"]),
        ("* OK", "* CAPABILITY LOGINDISABLED auth=login\na1 OK", "a2 NO", &["offered mortal"]),
        ("* OK", "* CAPABILITY LOGINDISABLED AUTH=OAUTHBEARER\na1 OK", "", &["offered mortal"]),
        ("* OK", "* CAPABILITY LOGINDISABLED AUTH=SCRAM-SHA-256\na1 OK", "", &["challenge-only note"]),
        ("* OK", "* CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256\na1 OK", "", &["login mortal"]),
        ("* OK", "a1 NO not now", "", &["unclear-reply untested"]),
        ("* OK", "a1 OK nothing listed", "", &["unclear-reply untested"]),
        ("* PREAUTH", "* CAPABILITY IMAP4rev1\na1 OK", "", &["unclear-reply untested"]),
    ];
    for (greeting, capability, auth, want) in rows {
        assert_eq!(of(greeting, capability, auth), *want, "{greeting} {capability}");
    }
}

#[test]
fn pop3_cleartext_login() {
    let rows: &[([&str; 3], &[&str])] = &[
        (CLOSED, &[]),
        (["+OK", "+OK\nTOP\nSTLS", ""], &["none clean"]),
        (["+OK", "+OK\nTOP\nSTLS\nSASL", ""], &["none clean"]),
        (["+OK", "+OK\nUSER\nSTLS", ""], &["user mortal"]),
        (["+OK", "+OK\nuser\nSASL PLAIN", "+ "], &["user mortal"]),
        (["+OK", "+OK\nUSER\nSTLS\nIMPLEMENTATION Courier Mail Server", ""], &["lists-anyway untested"]),
        (["+OK", "+OK\nUSER\nIMPLEMENTATION Courier Mail Server", ""], &["user mortal"]),
        (["+OK", "+OK\nUSER\nSTLS\nSASL PLAIN\nIMPLEMENTATION Courier Mail Server", "+ "], &["user mortal"]),
        (["+OK", "+OK\nSTLS\nSASL CRAM-MD5 PLAIN", "+ "], &["offered mortal"]),
        (["+OK", "+OK\nSASL CRAM-MD5", ""], &["challenge-only note"]),
        (["+OK <1.2@mx>", "-ERR what", ""], &["unclear-reply untested"]),
    ];
    for (pop, want) in rows {
        assert_eq!(client_outcomes("pop3-cleartext-login", ZONE, CLOSED, *pop), *want, "{pop:?}");
    }
}

#[test]
fn starttls_of_imap_and_pop3() {
    let rows: &[([&str; 3], [&str; 3], &[&str])] = &[
        (CLOSED, CLOSED, &[]),
        (["* OK", "* CAPABILITY STARTTLS\na1 OK", ""], ["+OK", "+OK\nSTLS", ""], &["offered clean", "offered clean"]),
        (["* OK", "* CAPABILITY LOGINDISABLED\na1 OK", ""], CLOSED, &["imap-without mortal"]),
        (CLOSED, ["+OK", "+OK\nUSER", ""], &["pop3-without mortal"]),
        (["* OK", "a1 BAD", ""], ["+OK", "-ERR", ""], &["unclear-reply untested", "unclear-reply untested"]),
        (["* PREAUTH", "* CAPABILITY IMAP4rev1\na1 OK", ""], CLOSED, &["unclear-reply untested"]),
    ];
    for (imap, pop, want) in rows {
        assert_eq!(client_outcomes("starttls", ZONE, *imap, *pop), *want, "{imap:?} {pop:?}");
    }
}

/// What a port answers.
type Port = (u16, Result<Answer, Unseen>);

/// What a check says at a port of IMAP, POP3 or submission, in a zone, for answers of these ports.
fn at_ports(check: &str, zone: &str, ports: &[Port]) -> Vec<String> {
    let zone = Zone::new(zone);
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Mail => Err(Unseen::NoMailTest),
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        Inquiry::Probe { port, host, .. } => {
            assert!(host.is_some());
            let known = ports.iter().find(|(known, _)| known == port);
            known.map_or(Err(Unseen::Refused), |(_, answer)| answer.clone())
        }
        Inquiry::Fetch { .. } | Inquiry::Arrival { .. } | Inquiry::Owner { .. } => Err(Unseen::Refused),
    });
    let of_check = report.findings.iter().filter(|finding| finding.check == check);
    let of_check = of_check.filter(|finding| !finding.subject.ends_with("port 25"));
    let mut found: Vec<String> = of_check
        .map(|f| format!("{} {} {}", f.subject.rsplit(' ').next().unwrap_or_default(), f.outcome, f.verdict))
        .collect();
    found.sort();
    found
}

const IMAP: [&str; 3] = ["* OK", "* CAPABILITY STARTTLS LOGINDISABLED\na1 OK", ""];
const POP: [&str; 3] = ["+OK", "+OK\nSTLS", ""];

#[test]
fn implicit_tls() {
    let good = Encryption::Shows(GOOD);
    let imap = || Ok(lines_in_tls(IMAP, &good, false));
    let imaps = || Ok(lines_in_tls(IMAP, &good, true));
    let pop = || Ok(lines_in_tls(POP, &good, false));
    let smtp = || Ok(CAREFUL.answer(&shared::inquiry::Script::SmtpSurvey));
    let rows: &[(&[Port], &[&str])] = &[
        (&[], &[]),
        (&[(143, imap())], &["993 missing venial"]),
        (&[(143, imap()), (993, imaps())], &["993 present clean"]),
        (&[(993, imaps())], &["993 present clean"]),
        (&[(110, pop())], &["995 missing venial"]),
        (&[(110, pop()), (995, Ok(lines_in_tls(POP, &good, true)))], &["995 present clean"]),
        (&[(587, smtp())], &["465 missing venial"]),
        (&[(587, smtp()), (465, Ok(smtp_in_tls(&CAREFUL)))], &["465 present clean"]),
        // Only a refusal says that there is nothing.
        (&[(143, imap()), (993, Err(Unseen::ConnectTimeout))], &["993 connect-timeout untested"]),
        (&[(143, imap()), (993, Err(Unseen::NoTls))], &["993 no-tls untested"]),
        (&[(143, imap()), (993, Err(Unseen::Reset))], &["993 reset untested"]),
        (&[(143, Err(Unseen::GreetingTimeout))], &["993 greeting-timeout untested"]),
        (&[(143, Err(Unseen::ConnectTimeout)), (993, Err(Unseen::ConnectTimeout))], &[]),
        (&[(993, Err(Unseen::NoTls))], &["993 no-tls untested"]),
    ];
    for (ports, want) in rows {
        assert_eq!(at_ports("implicit-tls", ZONE, ports), *want, "{ports:?}");
    }
}

#[test]
fn handshakes_of_imap_and_pop3() {
    let rows: &[(Encryption, &[&str])] = &[
        (Encryption::Shows(GOOD), &["110 offered clean", "143 offered clean"]),
        (Encryption::Fails(TlsFault::Refused), &["110 pop3-fails mortal", "143 imap-fails mortal"]),
        (Encryption::Fails(TlsFault::NotTls), &["110 pop3-fails mortal", "143 imap-fails mortal"]),
        (Encryption::Fails(TlsFault::NotNow), &["110 try-later untested", "143 try-later untested"]),
        (Encryption::Fails(TlsFault::Incompatible), &["110 no-tls untested", "143 no-tls untested"]),
        (Encryption::NotReached, &["110 not-asked untested", "143 not-asked untested"]),
    ];
    for (tls, want) in rows {
        let ports = [(143, Ok(lines_in_tls(IMAP, tls, false))), (110, Ok(lines_in_tls(POP, tls, false)))];
        assert_eq!(at_ports("starttls", ZONE, &ports), *want);
    }
}

/// Words in the clear behind STARTTLS, over IMAP and POP3.
#[test]
fn injection_into_imap_and_pop3() {
    let broken = |port: u16, answer: Answer| {
        let survey = if port == 143 { IMAP } else { POP };
        let zone = Zone::new(ZONE);
        let report = run("example.org", &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            Inquiry::Probe { port: at, script, .. } if *at == port && script.injects() => Ok(answer.clone()),
            Inquiry::Probe { port: at, .. } if *at == port => Ok(lines_in_tls(survey, &Encryption::Shows(GOOD), false)),
            _ => Err(Unseen::Refused),
        });
        let finding = report
            .findings
            .into_iter()
            .find(|f| f.check == "starttls-injection" && f.subject.ends_with(&port.to_string()));
        finding.map(|f| format!("{} {}", f.outcome, f.verdict)).unwrap_or_default()
    };
    let shown = |port: u16, said: [&str; 2], tls: &Encryption| broken(port, lines_injected(said, tls));
    let begun = Encryption::Shows(GOOD);
    for port in [143, 110] {
        assert_eq!(shown(port, ["", "OK bye"], &begun), "discarded clean");
        assert_eq!(shown(port, ["OK done", "OK bye"], &begun), "executed mortal");
        assert_eq!(shown(port, ["", ""], &begun), "unclear-reply untested");
        assert_eq!(shown(port, ["", ""], &Encryption::Fails(TlsFault::Closed)), "discarded clean");
        assert_eq!(shown(port, ["", ""], &Encryption::Fails(TlsFault::NotNow)), "try-later untested");
    }
    // What hung up on the words themselves, and what did so behind its answer to them.
    let hung_up = |port: u16, reply: Option<Vec<String>>| {
        let Answer::Lines(mut session) = lines_injected(["", ""], &Encryption::NotReached) else { unreachable!() };
        session.exchanges[1].reply = reply;
        session.broke = Some(Unseen::Closed);
        broken(port, Answer::Lines(session))
    };
    for port in [143, 110] {
        assert_eq!(hung_up(port, None), "discarded clean");
        assert_eq!(hung_up(port, Some(vec!["a1 OK begin".to_owned()])), "closed untested");
    }
    // Over IMAP the tag says what is answered; over POP3 the one answer may be to QUIT.
    assert_eq!(shown(143, ["OK done", ""], &begun), "executed mortal");
    assert_eq!(shown(110, ["OK done", ""], &begun), "unclear-reply untested");
}

#[test]
fn certificates_of_client_ports() {
    let of = |zone: &str, shown: Shown| {
        let tls = Encryption::Shows(shown);
        let ports = [
            (143, Ok(lines_in_tls(IMAP, &tls, false))),
            (993, Ok(lines_in_tls(IMAP, &tls, true))),
            (110, Ok(lines_in_tls(POP, &tls, false))),
            (995, Ok(lines_in_tls(POP, &tls, true))),
            (465, Ok(smtp_in_tls(&Server { tls, ..CAREFUL }))),
        ];
        at_ports("tls-certificate", zone, &ports)
    };
    let everywhere = |what: &str| ["110", "143", "465", "993", "995"].map(|port| format!("{port} {what}")).to_vec();
    let foreign = Shown { names: &["other.example.net"], ..GOOD };
    assert_eq!(of(ZONE, GOOD), everywhere("valid clean"));
    assert_eq!(of(ZONE, Shown { path: Path::Expired, days_left: -1, ..GOOD }), everywhere("expired venial"));
    assert_eq!(of(ZONE, Shown { key: ("RSA", 1024), ..GOOD }), everywhere("weak-key venial"));
    assert_eq!(of(ZONE, foreign), everywhere("other-names note"), "an MX name is only a guess");
    let told = zone_with("", "_imaps._tcp.example.org SRV 0 1 993 mx1.example.org");
    assert_eq!(of(&told, GOOD), everywhere("valid clean"));
    assert_eq!(of(&told, foreign), everywhere("wrong-name venial"));
    let guessed = zone_with(
        "example.org MX",
        "example.org MX 10 mx.provider.example\nmx.provider.example A 198.41.7.7\nmail.example.org A 198.41.0.9",
    );
    assert_eq!(of(&guessed, foreign)[0], "110 other-names note");
    let clear = [(143, Ok(lines("* OK", "* CAPABILITY LOGINDISABLED\na1 OK", "")))];
    assert_eq!(at_ports("tls-certificate", ZONE, &clear), [""; 0], "without TLS it is the matter of starttls");
    // Mail programs ask for the name that they know, MX or not.
    let two = zone_with("", "_imaps._tcp.example.org SRV 0 1 993 imap.example.org\nimap.example.org A 198.41.0.25");
    let found = of(&two, GOOD);
    assert_eq!(found[2], "465 valid clean");
    assert_eq!(found[3], "993 wrong-name venial");
    // Over the port with TLS no login is too early.
    assert_eq!(
        at_ports(
            "smtp-cleartext-auth",
            ZONE,
            &[(465, Ok(smtp_in_tls(&Server { ehlo: "250-x\n250 AUTH PLAIN", ..CAREFUL })))]
        ),
        [""; 0]
    );
    let leaky = ["* OK Dovecot 2.3.19 ready.", IMAP[1], ""];
    let ports = [(993, Ok(lines_in_tls(leaky, &Encryption::Shows(GOOD), true)))];
    assert_eq!(at_ports("banner-version", ZONE, &ports), ["993 version mortal"]);
    let leaky = Server { greeting: "220 x ESMTP Postfix 3.7.1", ..CAREFUL };
    assert_eq!(at_ports("banner-version", ZONE, &[(465, Ok(smtp_in_tls(&leaky)))]), ["465 version mortal"]);
}

#[test]
fn mail_srv() {
    let host = "mail.example.org A 198.41.0.26\n";
    let srv = |service: &str, data: &str| format!("_{service}._tcp.example.org SRV {data}\n");
    let imaps = srv("imaps", "0 1 993 mail.example.org");
    let rows: &[(String, &[&str])] = &[
        (String::new(), &["absent note"]),
        (imaps.clone(), &["sound clean"]),
        (srv("pop3", "0 0 0 ."), &["sound clean"]),
        (imaps.clone() + &srv("imap", "10 1 143 mail.example.org"), &["sound clean"]),
        (imaps.clone() + &srv("imap", "0 1 143 mail.example.org"), &["sound clean"]),
        (imaps.clone() + &srv("imap", "0 0 0 ."), &["sound clean"]),
        (
            srv("imaps", "10 1 993 mail.example.org") + &srv("imap", "0 1 143 mail.example.org"),
            &["clear-preferred venial"],
        ),
        (srv("imap", "0 1 143 mail.example.org"), &["clear-only note"]),
        (srv("imap", "0 1 143 mail.example.org") + &srv("imaps", "0 0 0 ."), &["clear-only note"]),
        (srv("imaps", "0 1 993 gone.example.org"), &["unresolved venial"]),
        (srv("autodiscover", "0 1 443 gone.example.org"), &["unresolved venial"]),
        (srv("imaps", "0 1 993 alias.example.org") + "alias.example.org CNAME mail.example.org\n", &["alias note"]),
    ];
    for (lines, want) in rows {
        assert_eq!(outcomes("mail-srv", &zone_with("", &format!("{host}{lines}")), &CAREFUL), *want, "{lines}");
    }
    // A wildcard answers for every service, the made-up one too.
    let wild = |name: &shared::DomainName, record| {
        if record == shared::inquiry::RecordType::Srv {
            let target = shared::evidence::Target::Name("gone.example.org".parse().unwrap());
            let records = vec![shared::evidence::Record::Srv { priority: 0, weight: 0, port: 143, target }];
            return Answer::Dns(DnsAnswer { records, ..DnsAnswer::default() });
        }
        Zone::new(ZONE).ask(name, record)
    };
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(wild(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        _ => Err(Unseen::Refused),
    });
    let found: Vec<_> = report.findings.iter().filter(|f| f.check == "mail-srv").map(|f| f.outcome.as_str()).collect();
    assert_eq!(found, ["absent"]);
    assert_eq!(
        outcomes("mail-srv", &zone_with("example.org MX", "example.org MX 0 ."), &CAREFUL),
        Vec::<String>::new()
    );
}

/// Where IMAP is spoken, in the order of the addresses, for a zone and hosts that the person named.
fn asked_over_imap(zone: &str, hosts: &[&str]) -> Vec<String> {
    let zone = Zone::new(zone);
    let mut case = case("example.org");
    case.options.hosts = hosts.iter().map(|host| name(host)).collect();
    let report = turn(case, &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        _ => Err(Unseen::Refused),
    });
    let asked = report.evidence.iter().filter_map(|piece| match &piece.inquiry {
        Inquiry::Probe { address, port: 143, .. } => Some(address.to_string()),
        _ => None,
    });
    asked.collect()
}

#[test]
fn which_hosts_people_use() {
    let own = "198.41.0.25";
    let foreign =
        zone_with("example.org MX", "example.org MX 10 mx.provider.example\nmx.provider.example A 198.41.7.7");
    let six: String = (1..=9)
        .map(|n| format!("_imaps._tcp.example.org SRV {n} 1 993 h{n}.example.net\nh{n}.example.net A 198.41.8.{n}\n"))
        .collect();
    let rows: &[(String, &[&str], &[&str])] = &[
        (ZONE.to_owned(), &[], &[own]),
        // A shared provider's MX is not where the domain's people go.
        (foreign.clone(), &[], &[]),
        (foreign.clone() + "\nimap.example.org A 198.41.0.9\nsmtp.example.org A 10.0.0.9", &[], &["198.41.0.9"]),
        (
            foreign.clone()
                + "\n_imap._tcp.example.org SRV 0 1 143 imap.provider.example\nimap.provider.example A 198.41.7.9",
            &[],
            &["198.41.7.9"],
        ),
        (foreign.clone() + "\n_imap._tcp.example.org SRV 0 0 0 .", &[], &[]),
        (
            foreign.clone() + "\nnew.example.org A 198.41.0.7\nelse.example.net A 198.41.0.8",
            &["new.example.org", "else.example.net"],
            &["198.41.0.7"],
        ),
        // Parked: nothing but what is named.
        (
            zone_with(
                "example.org MX",
                "example.org MX 0 .\nmail.example.org A 198.41.0.9\nnew.example.org A 198.41.0.7",
            ),
            &["new.example.org"],
            &["198.41.0.7"],
        ),
        (zone_with("example.org MX", "example.org MX 0 .\nmail.example.org A 198.41.0.9"), &[], &[]),
        // Two records of a service at most.
        (foreign.clone() + "\n" + &six, &[], &["198.41.8.1", "198.41.8.2"]),
        // An operator who minds.
        (
            foreign.clone() + "\nmail.example.org A 198.41.0.9\n_mailsins.mail.example.org TXT v=mailsins1; probe=none",
            &[],
            &[],
        ),
    ];
    for (zone, hosts, want) in rows {
        assert_eq!(asked_over_imap(zone, hosts), *want, "{zone} {hosts:?}");
    }
    // Where every name below the domain answers, a guess says nothing.
    let zone = Zone::new(&foreign);
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Dns { name, record: shared::inquiry::RecordType::A, .. }
            if name.as_str().ends_with(".example.org") =>
        {
            let records = vec![shared::evidence::Record::A("198.41.0.80".parse().unwrap())];
            Ok(Answer::Dns(DnsAnswer { records, ..DnsAnswer::default() }))
        }
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        _ => Err(Unseen::Refused),
    });
    assert!(!report.evidence.iter().any(|piece| matches!(piece.inquiry, Inquiry::Probe { port: 143, .. })));
}

#[test]
fn a_guessed_host_is_worded_so_and_a_named_one_is_asked_on_port_25() {
    let zone = zone_with(
        "example.org MX",
        "example.org MX 10 mx.provider.example\nmx.provider.example A 198.41.7.7\nmail.example.org A 198.41.0.9\nnew.example.org A 198.41.0.7",
    );
    let zone = Zone::new(&zone);
    let mut case = case("example.org");
    case.options.hosts = vec![name("new.example.org")];
    let report = turn(case, &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        Inquiry::Probe { port: 143, .. } => Ok(lines("* OK Dovecot ready.", "* CAPABILITY AUTH=PLAIN\na1 OK", "+ ")),
        _ => Err(Unseen::Refused),
    });
    let of = |check: &str, subject: &str| {
        let found = report.findings.iter().find(|f| f.check == check && f.subject == subject);
        found.unwrap_or_else(|| panic!("{check} {subject}")).clone()
    };
    let guessed = of("imap-cleartext-login", "mail.example.org, 198.41.0.9, port 143");
    assert!(guessed.why.contains("Nothing but its name"), "{}", guessed.why);
    assert_eq!(guessed.remedy.unwrap().recipes[0].software, "Dovecot");
    let named = of("imap-cleartext-login", "new.example.org, 198.41.0.7, port 143");
    assert!(!named.why.contains("Nothing but its name"), "{}", named.why);
    assert_eq!(of("open-relay", "new.example.org, 198.41.0.7, port 25").outcome, "refuses");
    assert!(
        !report.findings.iter().any(|f| f.subject.starts_with("mail.example.org") && f.subject.ends_with("port 25"))
    );
    assert_eq!(report.grade.map(|grade| grade.letter()), Some("D"));
}

#[test]
fn banners_of_imap_and_pop3() {
    let capability = "* CAPABILITY IMAP4rev1 LITERAL+ LOGINDISABLED STARTTLS\na1 OK";
    let rows: &[([&str; 3], [&str; 3], &[&str])] = &[
        (["* OK [CAPABILITY IMAP4rev1 STARTTLS] ready", capability, ""], CLOSED, &["silent clean"]),
        (["* OK Dovecot ready.", capability, ""], CLOSED, &["product note"]),
        (["* OK Dovecot (Debian) ready.", capability, ""], CLOSED, &["system venial"]),
        (["* OK Dovecot 2.3.19 ready.", capability, ""], CLOSED, &["version mortal"]),
        (CLOSED, ["+OK ready <1896.697170952@mail.test>", "+OK\nSTLS", ""], &["silent clean"]),
        (CLOSED, ["+OK ready", "+OK\nIMPLEMENTATION Cyrus POP3 v2.4.17\nSTLS", ""], &["version mortal"]),
    ];
    for (imap, pop, want) in rows {
        assert_eq!(client_outcomes("banner-version", ZONE, *imap, *pop), *want, "{imap:?} {pop:?}");
    }
}
