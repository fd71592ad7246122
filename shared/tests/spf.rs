//! SPF beyond one record: what `plan` asks of its tree, and what the checks say of it.

#![allow(clippy::unwrap_used)] // a test may fail

mod support;

use std::collections::{BTreeMap, BTreeSet};

use shared::evidence::{Answer, DnsAnswer};
use shared::inquiry::RecordType;
use shared::spf::{
    Evaluation, Flat, Known, Lacks, Lookup, Outcome, Query, Range, SpfResult, check_host, flatten, outline,
};
use shared::{Inquiry, Unseen, judge, plan};
use support::{CAREFUL, Zone, case, evidence, name, run};

const HOSTS: &str = "
    example.org MX 10 mx1.example.org
    mx1.example.org A 198.41.0.25
    _dmarc.example.org TXT v=DMARC1; p=reject
    probe.example MX 10 mx.probe.example
    mx.probe.example A 198.41.9.9
";

/// The outcomes of the checks about SPF beyond one record, where `dark` can't be seen.
fn outcomes(zone: &str, dark: &str) -> Vec<String> {
    found(zone, dark, &["spf-lookup-limit", "spf-covers-mx", "spf-breadth"])
}

fn found(zone: &str, dark: &str, checks: &[&str]) -> Vec<String> {
    let zone = Zone::new(&format!("{HOSTS}{zone}"));
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Dns { name, .. } if name.as_str() == dark => Err(Unseen::ServFail),
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        _ => Err(Unseen::Refused),
    });
    let mut found = Vec::new();
    for check in checks {
        let of_check = report.findings.iter().filter(|finding| finding.check == *check);
        found.extend(of_check.map(|finding| format!("{} {}", finding.outcome, finding.verdict)));
    }
    found
}

/// `count` lines of a record that asks nothing, at `<prefix>1.example.net` and so on.
fn leaves(prefix: &str, count: usize) -> String {
    (1..=count).map(|n| format!("{prefix}{n}.example.net TXT v=spf1 ip4:198.41.{n}.0/24 -all\n")).collect()
}

fn includes(prefix: &str, count: usize) -> String {
    (1..=count).map(|n| format!("include:{prefix}{n}.example.net ")).collect()
}

#[test]
fn what_a_tree_means() {
    let dead = "a:x1.example.org a:x2.example.org a:x3.example.org";
    let with = |terms: &str, more: &str| format!("example.org TXT v=spf1 {terms}\n{more}");
    let many: String = (1..=11).map(|n| format!("many.example.net MX {n} mx1.example.org\n")).collect();
    let rows: Vec<(String, &str, &[&str])> = vec![
        (with("mx -all", ""), "", &["within clean", "covered clean", "narrow clean"]),
        (with("-all", ""), "", &["within clean", "not-covered note", "narrow clean"]),
        (with("a -all", ""), "", &["within clean", "not-covered note", "narrow clean"]),
        (
            with("ip4:198.41.0.25 -all include:lost.example.net", ""),
            "",
            &["within clean", "covered clean", "narrow clean"],
        ),
        (
            with(&format!("mx {}-all", includes("p", 8)), &leaves("p", 8)),
            "",
            &["near note", "covered clean", "narrow clean"],
        ),
        (
            with(&format!("{}mx -all", includes("p", 9)), &leaves("p", 9)),
            "",
            &["near note", "covered clean", "narrow clean"],
        ),
        (
            with(&format!("mx {}-all", includes("p", 10)), &leaves("p", 10)),
            "",
            &["beyond mortal", "covered clean", "narrow clean"],
        ),
        // Beyond the limit nothing is said of the hosts that stand behind it.
        (with(&format!("{}mx -all", includes("p", 10)), &leaves("p", 10)), "", &["beyond mortal", "narrow clean"]),
        (with(&format!("{dead} mx -all"), ""), "", &["voids mortal", "narrow clean"]),
        (with("mx a:x1.example.org a:x2.example.org -all", ""), "", &["within clean", "covered clean", "narrow clean"]),
        (
            with("mx include:a.example.net -all", "a.example.net TXT v=spf1 include:example.org -all"),
            "",
            &["loop mortal", "covered clean", "narrow clean"],
        ),
        (with("mx redirect=example.org", ""), "", &["loop mortal", "covered clean", "narrow clean"]),
        (
            with("mx include:a.example.net -all", "a.example.net TXT hello"),
            "",
            &["no-record mortal", "covered clean", "narrow clean"],
        ),
        (with("mx redirect=a.example.net", ""), "", &["no-record mortal", "covered clean", "narrow clean"]),
        (
            with("mx include:a.example.net -all", "a.example.net TXT v=spf1 ip4:1.2 -all"),
            "",
            &["faulty mortal", "covered clean", "narrow clean"],
        ),
        (
            with("ip4:198.41.0.25 mx:many.example.net -all", &many),
            "",
            &["many-mx mortal", "covered clean", "narrow clean"],
        ),
        // Who can be included depends on the sender: nobody is accused of that.
        (with("mx include:%{i}.example.net -all", ""), "", &["no-base untested", "covered clean", "no-base untested"]),
        (with("mx exists:%{i}.example.net -all", ""), "", &["within clean", "covered clean", "narrow clean"]),
        (
            with("exists:%{i}.example.net -all", "198.41.0.25.example.net A 127.0.0.2"),
            "",
            &["within clean", "covered clean", "narrow clean"],
        ),
        // What was not seen accuses nobody.
        (
            with("mx include:a.example.net -all", ""),
            "a.example.net",
            &["servfail untested", "covered clean", "servfail untested"],
        ),
        (
            with("include:a.example.net mx -all", ""),
            "a.example.net",
            &["servfail untested", "servfail untested", "servfail untested"],
        ),
        (
            with(&format!("mx a:dark.example.net {dead} -all"), ""),
            "dark.example.net",
            &["voids mortal", "covered clean", "servfail untested"],
        ),
        (with("mx ip4:10.0.0.0/8 -all", ""), "", &["within clean", "covered clean", "wide venial"]),
        (with("mx a:mx1.example.org/14 -all", ""), "", &["within clean", "covered clean", "wide venial"]),
        (
            with("mx ip4:10.0.0.0/16 ip4:10.0.1.0/24 ip4:10.1.0.0/16 -all", ""),
            "",
            &["within clean", "covered clean", "narrow clean"],
        ),
        (with("mx ?ip4:10.0.0.0/8 -all", ""), "", &["within clean", "covered clean", "narrow clean"]),
        (with("mx ?a:mx1.example.org/14 -all", ""), "", &["within clean", "covered clean", "narrow clean"]),
        (
            with("mx include:a.example.net -all", "a.example.net TXT v=spf1 ip4:10.0.0.0/8 -all"),
            "",
            &["within clean", "covered clean", "wide-providers note"],
        ),
        (
            with("mx include:a.example.net -all", "a.example.net TXT v=spf1 +all"),
            "",
            &["within clean", "covered clean"],
        ),
        (with("mx ip6:2000::/3 -all", ""), "", &["within clean", "covered clean", "wide venial"]),
        (with("mx ip6:2001:db8::/32 ?ip6:2000::/3 -all", ""), "", &["within clean", "covered clean", "narrow clean"]),
        (
            with("mx include:a.example.net -all", "a.example.net TXT v=spf1 ip6:2000::/3 -all"),
            "",
            &["within clean", "covered clean", "narrow clean"],
        ),
        (with("+all", ""), "", &["within clean", "covered clean"]),
        // What spf-record says is not said again.
        (with("mx ip4:bad -all", ""), "", &[]),
        (String::new(), "", &[]),
    ];
    for (zone, dark, want) in rows {
        assert_eq!(outcomes(&zone, dark), want, "{zone} without {dark:?}");
    }
}

#[test]
fn who_lets_everyone_send() {
    let open = "open.example.net TXT v=spf1 +all\n\
        nested.example.net TXT v=spf1 ?a ip4:198.41.7.0/24 -all\nsound.example.net TXT v=spf1 ip4:198.41.7.0/24 -all\n\
        far.example.net TXT v=spf1 include:sound.example.net include:open.example.net -all\n\
        six.example.net TXT v=spf1 ip6:::/0 ~all\nbad.example.net TXT v=spf1 ip4:bad -all";
    let dead = "a:x1.example.org a:x2.example.org a:x3.example.org";
    let many = "mx ".repeat(10);
    let rows = [
        ("include:open.example.net -all", "allows-all mortal"),
        ("include:open.example.net ?all", "allows-all mortal"),
        ("mx redirect=open.example.net", "allows-all mortal"),
        // Ten lookups, and two that bring nothing.
        (&format!("{}include:open.example.net -all", "mx ".repeat(9)), "allows-all mortal"),
        ("a:x1.example.org a:x2.example.org include:open.example.net -all", "allows-all mortal"),
        ("mx include:nested.example.net include:far.example.net -all", "allows-all mortal"),
        ("-ip4:192.0.2.1 redirect=far.example.net", "allows-all mortal"),
        ("include:six.example.net -all", "allows-all mortal"),
        ("?ip6:2001:db8::/32 include:open.example.net -all", "allows-all mortal"),
        ("ip4:0.0.0.0/0 -all", "allows-all mortal"),
        ("ip6:::/0 -all", "allows-all mortal"),
        ("mx/0 -all", "allows-all mortal"),
        ("a:mx1.example.org/0 -all", "allows-all mortal"),
        ("a:gone.example.org/0 -all", "valid clean"),
        ("?ip4:0.0.0.0/0 -ip6:::/0 -all", "valid clean"),
        ("?include:open.example.net -all", "valid clean"),
        ("-all include:open.example.net", "valid clean"),
        ("-all redirect=open.example.net", "valid clean"),
        // Who comes that far is not everyone.
        ("?a:mx1.example.org include:open.example.net -all", "valid clean"),
        ("include:bad.example.net include:open.example.net -all", "valid clean"),
        ("include:lost.example.net include:open.example.net -all", "valid clean"),
        ("include:%{i}.example.net include:open.example.net -all", "valid clean"),
        (&format!("{dead} include:open.example.net -all"), "valid clean"),
        (&format!("{many}include:open.example.net -all"), "valid clean"),
    ];
    for (terms, want) in rows {
        let zone = format!("example.org TXT v=spf1 {terms}\n{open}");
        assert_eq!(found(&zone, "", &["spf-record"]), [want], "{terms}");
    }
    let zone = format!("example.org TXT v=spf1 include:sound.example.net include:open.example.net -all\n{open}");
    for dark in ["sound.example.net", "open.example.net"] {
        assert_eq!(found(&zone, dark, &["spf-record"]), ["valid clean"], "without {dark}");
    }
}

/// A tree of ten includes below one, with three MX hosts: how often is asked, and what.
#[test]
fn a_large_tree_is_asked_side_by_side_and_once() {
    let mut zone = format!("example.org TXT v=spf1 {}~all\n", includes("p", 10));
    zone += &leaves("p", 10);
    for n in 1..=3 {
        zone += &format!("example.org MX {n} mx{n}.example.org\nmx{n}.example.org A 198.41.{n}.25\n");
    }
    let zone = Zone::new(&zone);
    let mut case = case("example.org");
    let mut asked = BTreeSet::new();
    let mut rounds: Vec<BTreeSet<String>> = Vec::new();
    loop {
        let wanted = plan(&case);
        if wanted.is_empty() {
            break;
        }
        let mut of_tree = BTreeSet::new();
        for inquiry in wanted {
            assert!(asked.insert(inquiry.clone()), "asked twice: {inquiry}");
            let answer = match &inquiry {
                Inquiry::Dns { name, record, .. } => {
                    if *record == RecordType::Txt && !name.as_str().contains('_') {
                        of_tree.insert(name.to_string());
                    }
                    Ok(zone.ask(name, *record))
                }
                _ => Err(Unseen::Refused),
            };
            case.add(evidence(inquiry, answer));
        }
        rounds.push(of_tree);
    }
    let tree: BTreeSet<String> = (1..=10).map(|n| format!("p{n}.example.net")).collect();
    rounds.retain(|round| !round.is_empty());
    assert_eq!(rounds, [BTreeSet::from(["example.org".to_owned()]), tree]);
    // A record of ip4 terms asks nothing else: the addresses are those of the MX hosts, of the
    // driver's own domain, (IPv4 only) of three service names, and of what mail servers are called; and the domain's own.
    let count = |record: RecordType| {
        asked.iter().filter(|i| matches!(i, Inquiry::Dns { record: r, .. } if *r == record)).count()
    };
    assert_eq!((count(RecordType::Mx), count(RecordType::A), count(RecordType::Aaaa)), (2, 8 + 6, 4));
    let report = judge(&case);
    let covered = report.findings.iter().filter(|finding| finding.outcome == "covered").count();
    assert_eq!(covered, 3);
}

/// The walk ends, however the records lead on.
#[test]
fn an_endless_tree_ends() {
    let mut zone = String::from("example.org TXT v=spf1 include:a1.example.net include:a1.example.net -all\n");
    for n in 1..=40 {
        zone += &format!("a{n}.example.net TXT v=spf1 include:a{0}.example.net include:a{0}.example.net -all\n", n + 1);
    }
    assert_eq!(outcomes(&zone, ""), ["beyond mortal", "narrow clean"]);
}

#[test]
fn what_is_asked_at_once() {
    let zone =
        Zone::new("example.org TXT v=spf1 mx -all\nexample.org MX 1 a.example.org\nexample.org MX 2 b.example.org");
    let mut known = std::collections::BTreeMap::new();
    let query = Query {
        ip: "198.41.0.1".parse().unwrap(),
        domain: "example.org",
        sender: "me@example.org",
        helo: "x.example",
        receiver: "",
        now: 0,
    };
    let mut rounds = Vec::new();
    let evaluation = loop {
        let outcome = check_host(&query, &|name, record| {
            known.get(&(name.to_owned(), record)).map_or(Lookup::Missing, Lookup::Known)
        });
        let lacks = match outcome {
            Outcome::Done(evaluation) => break evaluation,
            Outcome::Lacks(lacks) => lacks,
        };
        rounds.push(lacks.len());
        for (at, record) in lacks {
            let shared::Answer::Dns(answer) = zone.ask(&name(&at), record) else { continue };
            known.insert((at, record), answer);
        }
    };
    assert_eq!(rounds, [1, 1, 2]);
    assert_eq!((evaluation.result, evaluation.lookups, evaluation.voids), (SpfResult::Fail, 1, 0));
    assert_eq!(shared::spf::outline(&evaluation.tree), "mx [1]: no match\n-all: match");
}

/// What a function comes to that is given the answers which it lacks, where `dark` can't be seen.
fn answered<T>(zone: &str, dark: &str, ask: impl Fn(&Known<'_, '_>) -> Result<T, Lacks>) -> T {
    let zone = Zone::new(zone);
    let mut known: BTreeMap<(String, RecordType), Option<DnsAnswer>> = BTreeMap::new();
    loop {
        let lacks = match ask(&|name, record| match known.get(&(name.to_owned(), record)) {
            Some(Some(answer)) => Lookup::Known(answer),
            Some(None) => Lookup::Unseen(Unseen::ServFail),
            None => Lookup::Missing,
        }) {
            Ok(done) => return done,
            Err(lacks) => lacks,
        };
        assert!(!lacks.is_empty(), "it lacks nothing, and yet has no result");
        for (at, record) in lacks {
            let Answer::Dns(answer) = zone.ask(&name(&at), record) else { continue };
            known.insert((at.clone(), record), (at != dark).then_some(answer));
        }
    }
}

fn evaluated(ip: &str, domain: &str, zone: &str, dark: &str) -> Evaluation {
    let ip = ip.parse().unwrap();
    let query = Query { ip, domain, sender: "m-e@example.org", helo: "x.example", receiver: "r.example", now: 5 };
    answered(zone, dark, |known| match check_host(&query, known) {
        Outcome::Done(evaluation) => Ok(evaluation),
        Outcome::Lacks(lacks) => Err(lacks),
    })
}

/// Ten MX hosts of one name, none of them the client.
fn ten() -> String {
    (1..=10).map(|n| format!("ten.example.net MX {n} mx{n}.example.net\nmx{n}.example.net A 198.41.7.{n}\n")).collect()
}

const CLIENT: &str = "198.41.0.25";

/// Beside the published suite.
#[test]
fn results() {
    let aliases: String = (1..=3).map(|n| format!("c{n}.example.org CNAME gone{n}.example.com\n")).collect();
    let pointers = "25.0.41.198.in-addr.arpa PTR mail.example.net\n25.0.41.198.in-addr.arpa PTR mail.example.org\n\
        mail.example.net A 198.41.0.25\nmail.example.org A 198.41.0.25\nmail.example.org.p.example.net A 127.0.0.2";
    let reverse = "25.0.41.198.in-addr.arpa";
    let rows: &[(&str, &str, &str, &str)] = &[
        ("mx:ten.example.net -all", &ten(), "", "fail 1 0 None"),
        ("a:c1.example.org a:c2.example.org -all", &aliases, "", "fail 2 2 None"),
        ("a:c1.example.org a:c2.example.org a:c3.example.org -all", &aliases, "", "permerror 3 3 None"),
        ("a:a.example.org a redirect=b.example.org", "b.example.org TXT v=spf1 ~all", "", "softfail 3 2 None"),
        ("a a a -all", "", "", "permerror 3 3 None"),
        // An alias is an answer.
        ("a:k.example.org -all", "k.example.org CNAME example.org", "", "fail 1 0 None"),
        ("exists:%{p}.p.example.net -all", pointers, "", "pass 1 0 None"),
        ("ptr:example.org. -all", pointers, "", "pass 1 0 None"),
        ("ptr:ple.org -all", pointers, "", "fail 1 0 None"),
        ("ptr:example.org -all", pointers, reverse, "fail 1 0 None"),
        ("a:dark.example.org -all", "", "dark.example.org", "temperror 1 0 Some(ServFail)"),
    ];
    for (terms, more, dark, want) in rows {
        let found = evaluated(CLIENT, "example.org", &format!("example.org TXT v=spf1 {terms}\n{more}"), dark);
        let found = format!("{} {} {} {:?}", found.result, found.lookups, found.voids, found.unseen);
        assert_eq!(found, *want, "{terms} without {dark:?}");
    }
    let zone = "example.org TXT v=spf1 a redirect=b.example.org\nexample.org A 198.41.7.1\n\
        b.example.org TXT v=spf1 -all exp=e.example.org\ne.example.org TXT %{s} (%{l-}) at %{t} by %{r}";
    let found = evaluated(CLIENT, "example.org", zone, "");
    assert_eq!(outline(&found.tree), "a [1]: no match\nredirect=b.example.org [1]: fail\n  -all: match");
    assert_eq!(found.explanation.as_deref(), Some("m-e@example.org (m.e) at 5 by r.example"));
    let zone = zone.replace("-all", "+all");
    assert_eq!(evaluated(CLIENT, "example.org", &zone, "").explanation, None);
    let zone = "example.org TXT v=spf1 ip6:2001:db8::/64 -all";
    for (ip, want) in [("2001:db8::1", SpfResult::Pass), ("2001:db8:0:1::1", SpfResult::Fail)] {
        assert_eq!(evaluated(ip, "example.org", zone, "").result, want, "{ip}");
    }
    // Nothing is asked of what is no mail domain.
    for domain in ["localhost", "a..example"] {
        assert_eq!(evaluated(CLIENT, domain, "localhost TXT v=spf1 -all", "").result, SpfResult::None, "{domain}");
    }
}

#[test]
fn what_a_tree_holds() {
    let flat = |terms: &str, zone: &str| {
        answered(zone, "", |known| {
            let flat: Flat = flatten(&name("example.org"), &format!("v=spf1 {terms}"), known);
            if flat.lacks.is_empty() { Ok(flat) } else { Err(flat.lacks) }
        })
    };
    let zone = "mx1.example.org A 198.41.0.25\nopen.example.net TXT v=spf1 +all\n\
        sub.example.org TXT v=spf1 ip4:198.41.7.0/24\nnotexample.org TXT v=spf1 ip4:198.41.8.0/24";
    for (terms, want) in [
        ("a:mx1.example.org -all", "own 198.41.0.25/32"),
        ("a:mx1.example.org/31 -all", "own 198.41.0.25/31"),
        ("include:open.example.net -all", "0.0.0.0/0"),
        ("?include:open.example.net -all", ""),
        ("include:sub.example.org include:notexample.org -all", "own 198.41.7.0/24 198.41.8.0/24"),
        ("?include:sub.example.org -all", ""),
        ("?a:mx1.example.org -all", ""),
        ("exists:mx1.example.org -all", ""),
        ("ptr:mx1.example.org -all", ""),
    ] {
        let found = flat(terms, zone);
        let range =
            |range: &Range| format!("{}{}/{}", if range.own { "own " } else { "" }, range.network, range.length);
        assert_eq!(found.ranges.iter().map(range).collect::<Vec<_>>().join(" "), want, "{terms}");
        assert_eq!(found.voids, [] as [&str; 0], "{terms}");
    }
    // Beyond ten lookups, the hosts of an mx are not asked for.
    for (before, ranges) in [(0, 10), (9, 10), (10, 0)] {
        let found = flat(&format!("{}mx:ten.example.net/24 -all", "mx ".repeat(before)), &ten());
        assert_eq!((found.problems.len(), found.ranges.len()), (0, ranges), "{before}");
    }
    assert_eq!(flat(&"mx ".repeat(30), zone).lookups, 21);
    assert_eq!(flat(&"include:sub.example.org ".repeat(30), zone).lookups, 21);
    let open = "mx include:open.example.net -all";
    assert_eq!(flat(open, zone).everyone.as_deref(), Some("include:open.example.net"));
    // Not while an answer is lacking.
    let Answer::Dns(all) = Zone::new(zone).ask(&name("open.example.net"), RecordType::Txt) else { return };
    let found = flatten(&name("example.org"), &format!("v=spf1 {open}"), &|_, record| match record {
        RecordType::Txt => Lookup::Known(&all),
        _ => Lookup::Missing,
    });
    assert_eq!((found.everyone, found.lacks.len()), (None, 1));
}
