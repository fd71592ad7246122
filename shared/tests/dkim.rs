//! DKIM keys: which selectors are asked, and what stands there.

mod support;

use shared::evidence::{Answer, DnsAnswer, Record};
use shared::inquiry::RecordType;
use shared::{Inquiry, Report, Unseen};
use support::{DKIM, Zone, case, turn};

const ZONE: &str = "
    example.org MX 10 mx1.example.org
    example.org TXT v=spf1 mx -all
    mx1.example.org A 198.41.0.25
";

const RSA_512: &str = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMEHW6gvzxV+iOiYZklxPNbYniPnctuSeh6e+IoczttCyCO53gvhqh/suCce+Ytvr5HR3pGXak9K1FApG5ziNtMCAwEAAQ==";
const RSA_1024: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCfH06JzZR9lffVlU3KoRbJ71tk+Uah70xHCIvh32ov+2kLFn8g6/8KmONUU1fVLadw/Njsr4HGUckcYazLs0weMqZ7EZCnQBCAggG380qbdLaa1wz3xxg37KIYeHVMAtlTXSOUnysfh4SYZRHSsEPHeVKU/ikTMr0a0OhoS5JrIQIDAQAB";
const RSA_2048: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0HP2HtTaX4F/u2cXMqqCh0LKsGV0n9pGghxWjXtlCX5zzO4iFVxTUeD/gCkfnsIlh4+6heOwwkfdT3cWTZ0FV/Bb+u9H1nK5XkaOdhgMS+Knqp1A4ZXFtTvv1dxfthD0jScmbYNMnib+AZIFQDNYPHsmJr/WwuN/jpctT67ahsXm3XJzZS7cqHdzbr2xCuOr4f6pdVAT4asGXEf4Ch4pnhnMQiNA9uXRd4p0Z8vnuZdG5zvA0czP+rQFLhX0XtJlzF3KujgSJUTIsMnTK/h613PnKjHdQUbGDb6GjMv/GUGUS+oZYAZ8I50aGiudced6e8/5c2SLU5F7Wft5rJa1PQIDAQAB";
const RSA_2048_BARE: &str = "MIIBCgKCAQEA0HP2HtTaX4F/u2cXMqqCh0LKsGV0n9pGghxWjXtlCX5zzO4iFVxTUeD/gCkfnsIlh4+6heOwwkfdT3cWTZ0FV/Bb+u9H1nK5XkaOdhgMS+Knqp1A4ZXFtTvv1dxfthD0jScmbYNMnib+AZIFQDNYPHsmJr/WwuN/jpctT67ahsXm3XJzZS7cqHdzbr2xCuOr4f6pdVAT4asGXEf4Ch4pnhnMQiNA9uXRd4p0Z8vnuZdG5zvA0czP+rQFLhX0XtJlzF3KujgSJUTIsMnTK/h613PnKjHdQUbGDb6GjMv/GUGUS+oZYAZ8I50aGiudced6e8/5c2SLU5F7Wft5rJa1PQIDAQAB";
const RSA_4104: &str = "MIICIzANBgkqhkiG9w0BAQEFAAOCAhAAMIICCwKCAgIAr6U4gyFhnIXy5GH5X0/O4gMIJ41zWAbQaf/idvuq81luOyACMNu21I6d34uNuz1xBJrUvX+pbBPds9u+79kbXdi8KNwjTkdgvXGRy85Z8HSFmTUeKUf4qBnVm4/e5pNrEPs3lVfe+kndb9cKdmDpEYvjxXOz1FNoM4CrLuVEX80e9PmyDTg1dIquFHBjEz60sjqUx2qRWWj6G45tc8U62ApLflnNVPgshbFOZvzLyLQ1CDNWmvmpqnCmQdO8dFFCu+Q3BCn/5ygzjxgcca2QYCs2zRNDhO76cnSsoA938qBCQm96iGtgWhdG4SyKKeH4WdqVo6sKJVpoB7OYCOb1Kau5OQpr0tMBs32nrsJSQXwxdgS3lKuK8WkgH1cicRfxo43TTSMm+uIs9p7o5G1XenPjvYFFZlIT9pjPxZP+2UcOZc9Z+8l2QTcx58Dr+8NvbMZ4h4ObhtLftDV6tPJyzFhZhim6Wy3ImcTamrsRl16p9kx5irKuxS1wbGX22uYxPzoP4oPPJBfL8aNAH9Wcc+99n0oxDFd6DKlWu5e762UxcCi6oaZ8JOVWfXGAWIhcz/W1CsKkR2SWZIEif57fKESvSL1u+c4qTN3n3iInUNSdujUK2LByAvPQDW7If9kxNVD1SPHsaKe+wvyTJYXsLy3FylcRPGxWkvmX7p4j0HZFAgMBAAE=";

/// The report for a zone and named selectors; names for which `every` is given answer with that.
fn report(zone: &str, every: Option<&str>, named: &[&str]) -> Report {
    let zone = Zone::new(zone);
    let mut case = case("example.org");
    case.options.selectors = named.iter().map(|name| (*name).to_owned()).collect();
    turn(case, &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => match (zone.ask(name, *record), every) {
            (Answer::Dns(answer), Some(text)) if answer.nxdomain && name.as_str().ends_with(".example.org") => {
                let txt = (*record == RecordType::Txt).then(|| Record::Txt(vec![text.to_owned()]));
                Ok(Answer::Dns(DnsAnswer { records: txt.into_iter().collect(), ..DnsAnswer::default() }))
            }
            (answer, _) => Ok(answer),
        },
        _ => Err(Unseen::Refused),
    })
}

/// Its findings, as `selector: outcome verdict`.
fn findings(report: &Report) -> Vec<String> {
    let found = report.findings.iter().filter(|finding| finding.check == "dkim-key");
    let selector = |subject: &str| subject.replace("._domainkey.example.org", "");
    found.map(|f| format!("{}: {} {}", selector(&f.subject), f.outcome, f.verdict)).collect()
}

/// The findings for these records and named selectors.
fn dkim(lines: &str, named: &[&str]) -> Vec<String> {
    findings(&report(&format!("{ZONE}\n{lines}"), None, named))
}

#[test]
fn dkim_key() {
    let none = "example.org: no-selector untested";
    let at = |record: &str| dkim(&format!("mail._domainkey.example.org TXT {record}"), &[]);
    assert_eq!(at(DKIM), ["mail: sound clean"]);
    assert_eq!(at(&format!("v=DKIM1; k=rsa; p={RSA_2048}")), ["mail: sound clean"]);
    assert_eq!(at(&format!("v=DKIM1; k=rsa; p={RSA_1024}")), ["mail: weak venial"]);
    assert_eq!(at(&format!("p={RSA_512}")), ["mail: too-short venial"]);
    assert_eq!(at(&format!("v=DKIM1; p={RSA_4104}")), ["mail: long note"]);
    assert_eq!(at(&format!("v=DKIM1; p={RSA_2048_BARE}")), ["mail: bare note"]);
    assert_eq!(at(&format!("v=DKIM1; t=y; p={RSA_2048}")), ["mail: testing note"]);
    assert_eq!(at(&format!("v=DKIM1; t=y; p={RSA_1024}")), ["mail: weak venial", "mail: testing note"]);
    assert_eq!(at(&format!("v=DKIM1; h=sha1; p={RSA_2048}")), ["mail: faulty venial"]);
    assert_eq!(at("v=DKIM1; k=rsa; p=MIIB\" \"IjAN"), ["mail: faulty venial"]);
    assert_eq!(at("v=DKIM1; p="), ["mail: revoked note", none]);
    assert_eq!(at(&format!("{DKIM}\nmail._domainkey.example.org TXT p=")), ["mail: several venial"]);
    assert_eq!(at(&format!("{DKIM}\nmail._domainkey.example.org TXT checked")), ["mail: sound clean"]);
    assert_eq!(at("v=spf1 -all"), [none]);
    assert_eq!(at(&format!("{DKIM}\ns1._domainkey.example.org TXT p=")), ["mail: sound clean", "s1: revoked note"]);
    assert_eq!(dkim("mail._domainkey.example.org CNAME k.example.net", &[]), ["mail: dangling note", none]);
    let alias = "mail._domainkey.example.org CNAME k.example.net\nk.example.net TXT";
    assert_eq!(dkim(&format!("{alias} {DKIM}"), &[]), ["mail: sound clean"]);
    // A domain that sends nothing needs no key.
    for zone in [
        "example.org MX 10 mx1.example.org\nexample.org TXT v=spf1 -all",
        "example.org MX 0 .",
        "example.org TXT hello",
        "probe.example A 198.41.9.9",
    ] {
        assert_eq!(findings(&report(zone, None, &[])), [""; 0], "{zone}");
    }
    // One that says what it signs with has it looked at.
    let silent = format!("example.org TXT v=spf1 -all\nmine._domainkey.example.org TXT p={RSA_512}");
    assert_eq!(findings(&report(&silent, None, &["mine"])), ["mine: too-short venial"]);
}

#[test]
fn dkim_selectors() {
    let none = "example.org: no-selector untested";
    let at = |selector: &str| format!("{selector}._domainkey.example.org TXT {DKIM}");
    assert_eq!(dkim(&at("2026a"), &[]), [none]);
    assert_eq!(dkim(&at("2026a"), &["2026a"]), ["2026a: sound clean"]);
    assert_eq!(dkim("", &["2026a"]), ["2026a: not-there note", none]);
    assert_eq!(dkim(&at("mail"), &["mail"]), ["mail: sound clean"], "a guess that was named is told once");
    let weak = format!("a.b._domainkey.example.org TXT p={RSA_1024}\n{}", at("google"));
    assert_eq!(dkim(&weak, &["a.b"]), ["a.b: weak venial", "google: sound clean"]);
    // Providers, by MX and by SPF.
    for (mx, include, selector) in [
        ("in1-smtp.messagingengine.com", "x.test", "fm3"),
        ("mail.protonmail.ch", "x.test", "protonmail2"),
        ("mx1.example.org", "sendgrid.net", "s2"),
        ("mx1.example.org", "servers.mcsv.net", "k3"),
        ("mx1.example.org", "zohomail.com", "zmail"),
        ("mx1.example.org", "notmcsv.net", ""),
    ] {
        let lines = format!(
            "example.org MX 10 {mx}\nexample.org TXT v=spf1 include:{include} -all\nexample.org A 198.41.0.80\n{}",
            at(if selector.is_empty() { "k3" } else { selector })
        );
        let want = if selector.is_empty() { none.to_owned() } else { format!("{selector}: sound clean") };
        let report = report(&lines, None, &[]);
        assert_eq!(findings(&report), [want], "{mx} {include}");
        let asked = |piece: &&shared::Evidence| piece.inquiry.to_string().contains("._domainkey.");
        assert_eq!(report.evidence.iter().filter(asked).count(), 13, "12 guesses and a made-up name");
    }
}

#[test]
fn dkim_wildcards() {
    let wild =
        |every: &str, own: &str, named: &[&str]| findings(&report(&format!("{ZONE}\n{own}"), Some(every), named));
    let none = "example.org: no-selector untested";
    let own = format!("mail._domainkey.example.org TXT {DKIM}");
    assert_eq!(wild("v=spf1 -all", "", &[]), [none]);
    assert_eq!(wild("v=DKIM1; p=", "", &[]), ["example.org: wildcard untested"]);
    assert_eq!(wild(&format!("p={RSA_512}"), "", &[]), ["example.org: wildcard untested"]);
    assert_eq!(wild("v=DKIM1; p=", &own, &[]), ["mail: sound clean"]);
    assert_eq!(wild("v=spf1 -all", &own, &[]), ["mail: sound clean"]);
    // Whoever names a selector means what stands there, by whatever record.
    assert_eq!(wild(&format!("p={RSA_1024}"), "", &["mine"]), ["mine: weak venial"]);
    assert_eq!(wild("v=spf1 -all", "", &["mine"]), ["mine: not-there note", none]);
}
