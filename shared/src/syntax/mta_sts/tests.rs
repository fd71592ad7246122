use super::*;

/// `code:text` of each fault.
fn told(text: &str, faults: &[Fault]) -> Vec<String> {
    faults.iter().map(|fault| format!("{}:{}", fault.code, &text[fault.start..fault.end])).collect()
}

#[test]
fn records() {
    let rows: &[(&str, Option<&str>, &[&str])] = &[
        ("v=STSv1; id=20160831085700Z;", Some("20160831085700Z"), &[]),
        ("v=STSv1;id=1", Some("1"), &[]),
        ("v=STSv1 ; new=thing; id=1 ; ", Some("1"), &[]),
        ("v=STSv1; id=1; new=a=b", Some("1"), &["not-a-field:new=a=b"]),
        ("v=STSv1;", None, &["id-missing:"]),
        ("v=STSv1; id=", None, &["id:id="]),
        ("v=STSv1; id=2026-01-01", None, &["id:id=2026-01-01"]),
        ("v=STSv1; id=a; id=b", Some("a"), &["repeated-field:id=b"]),
        ("v=STSv1; id=ab c; what", None, &["id:id=ab c", "not-a-field:what"]),
        ("v=STSv1; ; id=a", Some("a"), &["not-a-field:"]),
        ("v=STSv1; id=a;;", Some("a"), &["not-a-field:"]),
        ("v=STSv1; v=; id=a", Some("a"), &["not-a-field:v="]),
        ("v=STSv1; new=a b; id=a", Some("a"), &["not-a-field:new=a b"]),
        ("v=STSv1; a!=b; id=a", Some("a"), &["not-a-field:a!=b"]),
        ("v=ST Sv1; id=a", Some("a"), &["version:v=ST Sv1"]),
        ("v=STSv1; ID=a", None, &["id-missing:"]),
        ("v=STSv1", None, &["version:v=STSv1", "id-missing:"]),
        ("v=stsv1; id=a", Some("a"), &["version:v=stsv1"]),
        ("id=a; v=STSv1;", Some("a"), &["version:id=a"]),
        ("", None, &["version:", "id-missing:"]),
    ];
    for (text, id, faults) in rows {
        let read = txt(text);
        assert_eq!(told(text, &read.faults), *faults, "{text}");
        assert_eq!(read.id.as_deref(), *id, "{text}");
    }
    let long = format!("v=STSv1; id={}", "a".repeat(33));
    assert_eq!(txt_faults(&long).len(), 1);
}

#[test]
fn policies() {
    const GOOD: &str = "version: STSv1\nmode: enforce\nmx: mx1.example.org\nmx: *.example.net\nmax_age: 604800\n";
    let rows: &[(&str, &[&str])] = &[
        (GOOD, &[]),
        (&GOOD.replace('\n', "\r\n"), &[]),
        (GOOD.trim_end(), &[]),
        ("max_age:0\nmx:Mail.Example.ORG \nmode:testing\nversion:STSv1\nnew.thing: as you like; ü\n", &[]),
        ("version: STSv1\nmode: none\nmax_age: 86400\n", &[]),
        ("", &["version-missing:", "mode-missing:", "max-age-missing:", "mx-missing:"]),
        (&format!("{GOOD}\n"), &["empty-line:"]),
        (&format!("\u{feff}{GOOD}"), &["not-a-field:\u{feff}version: STSv1", "version-missing:"]),
        (&GOOD.replace("STSv1", "STSv2"), &["version:version: STSv2"]),
        (&GOOD.replace("enforce", "Enforce"), &["mode:mode: Enforce"]),
        (&GOOD.replace("mode", "Mode"), &["mode-missing:"]),
        (&GOOD.replace("604800", "31557601"), &["max-age:max_age: 31557601"]),
        (&GOOD.replace("604800", "1w"), &["max-age:max_age: 1w"]),
        (&GOOD.replace("604800", "+1"), &["max-age:max_age: +1"]),
        (&GOOD.replace("*.example.net", "mx2.example.org."), &["mx:mx: mx2.example.org."]),
        (&GOOD.replace("*.example.net", "mx*.example.org"), &["mx:mx: mx*.example.org"]),
        (&GOOD.replace("*.example.net", "*.*.example.org"), &["mx:mx: *.*.example.org"]),
        (&GOOD.replace("*.example.net", ""), &["mx:mx: "]),
        (&format!("{GOOD}mode: none\n"), &["repeated-field:mode: none"]),
        ("max_age: 1\nmx: a.test\nmode: on\nversion: 1\n", &["mode:mode: on", "version:version: 1"]),
        (&GOOD.replace("enforce", "on").replace('\n', "\r\n"), &["mode:mode: on"]),
        (&GOOD.replace("604800", "31557600"), &[]),
        (&GOOD.replace("604800", "0000604800"), &[]),
        (&GOOD.replace("604800", "00000604800"), &["max-age:max_age: 00000604800"]),
        (&format!("{GOOD}{}: b\n", "a".repeat(32)), &[]),
        (&format!("{GOOD}{}: b\n", "a".repeat(33)), &[&format!("not-a-field:{}: b", "a".repeat(33))]),
        (&format!("{GOOD}a!: b\n"), &["not-a-field:a!: b"]),
        (&format!("{GOOD}-a: b\n"), &["not-a-field:-a: b"]),
        (&format!("{GOOD}# remark\n"), &["not-a-field:# remark"]),
        (&format!("{GOOD} mx: a.test\n"), &["not-a-field: mx: a.test"]),
    ];
    for (text, faults) in rows {
        assert_eq!(told(text, &policy_faults(text)), *faults, "{text:?}");
    }
    assert!(usable(&policy_faults(&format!("{GOOD}\nmode: none\n"))));
    assert!(!usable(&policy_faults(&format!("{GOOD}# remark\n"))));
    let read = policy(GOOD);
    assert_eq!((read.mode, read.max_age), (Some(Mode::Enforce), Some(604_800)));
}

/// RFC 8461 section 4.1.
#[test]
fn matching() {
    let read = policy("mx: mx1.example.org\nmx: *.Example.NET\n");
    let rows = [
        ("mx1.example.org", true),
        ("MX1.example.org", true),
        ("mx2.example.org", false),
        ("a.mx1.example.org", false),
        ("mail.example.net", true),
        ("a.mail.example.net", false),
        ("example.net", false),
        ("xexample.net", false),
    ];
    for (host, want) in rows {
        assert_eq!(read.allows(&DomainName::new(host).unwrap()), want, "{host}");
    }
}

#[test]
fn junk_is_bounded() {
    let junk = "a\n".repeat(32_768);
    assert_eq!(policy_faults(&junk).len(), FAULTS_MAX);
    assert_eq!(txt_faults(&";;".repeat(32_768)).len(), FAULTS_MAX);
    assert_eq!(policy(&"mx: a.example\n".repeat(4_000)).mx.len(), 4_000);
}
