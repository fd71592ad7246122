//! Names and addresses: MX, the zone, blocklists.

use super::*;

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
