use super::*;

/// The faults of a text: code and marked text.
fn found(kind: Kind, text: &str) -> (Verdict, Vec<(&'static str, &str)>) {
    let lint = lint(kind, text);
    (lint.verdict, lint.faults.iter().map(|fault| (fault.code, &text[fault.start..fault.end])).collect())
}

type Row = (&'static str, Verdict, &'static [(&'static str, &'static str)]);

fn check(kind: Kind, rows: &[Row]) {
    for (text, verdict, want) in rows {
        assert_eq!(found(kind, text), (*verdict, want.to_vec()), "{text}");
    }
}

use Verdict::{Clean, Mortal, Note, Venial};

#[test]
fn consent() {
    check(
        Kind::Consent,
        &[
            ("v=mailsins1; by=a.test; allow=badge", Clean, &[]),
            ("\"v=mailsins1; by=a.test; \" \"allow=badge\"", Clean, &[]),
            ("v=mailsins1; probe=none", Clean, &[]),
            ("v=mailsins1; by=a.test; allow=badge; probe=none", Note, &[("contradiction", "")]),
            ("v=mailsins1; by=a.test; allow=all", Mortal, &[("unknown-word", "all")]),
            ("V=Mailsins1; by=a.test; allow=badge", Mortal, &[("version-case", "V=Mailsins1")]),
            ("by=a.test; allow=badge; v=mailsins1", Mortal, &[("version-not-first", "v=mailsins1")]),
            ("v=mailsins2; by=a.test; allow=badge", Mortal, &[("bad-version", "v=mailsins2")]),
        ],
    );
}

#[test]
fn spf() {
    check(
        Kind::Spf,
        &[
            ("v=spf1 mx -all", Clean, &[]),
            ("V=SPF1 MX -ALL ", Clean, &[]),
            ("v=spf1 redirect=_spf.example.org", Clean, &[]),
            ("v=spf1 mx", Venial, &[("no-all", "")]),
            ("v=spf1", Venial, &[("no-all", "")]),
            ("v=spf1 mx +all", Mortal, &[("plus-all", "+all")]),
            ("v=spf1 mx all", Mortal, &[("plus-all", "all")]),
            ("v=spf1 mx ?all", Venial, &[("neutral-all", "?all")]),
            ("v=spf1 ip4:0.0.0.0/0 -all", Mortal, &[("prefix-zero", "ip4:0.0.0.0/0")]),
            (
                "v=spf1 a/0 mx//0 ip6:::/0 -all",
                Mortal,
                &[("prefix-zero", "a/0"), ("prefix-zero", "mx//0"), ("prefix-zero", "ip6:::/0")],
            ),
            ("v=spf1 -ip4:0.0.0.0/0 ?a/0 -all", Clean, &[]),
            ("v=spf1 -all ip6:::/0", Note, &[("behind-all", "ip6:::/0")]),
            ("v=spf1 exists:%{p}.a.test -all", Note, &[("macro-p", "exists:%{p}.a.test")]),
            (
                "v=spf1 include:http://example.com a:*.example.com -all",
                Note,
                &[("odd-domain", "include:http://example.com"), ("odd-domain", "a:*.example.com")],
            ),
            ("v=spf1 ptr -all", Venial, &[("ptr", "ptr")]),
            ("v=spf1 -all mx", Note, &[("behind-all", "mx")]),
            ("v=spf1 redirect=a.test -all", Note, &[("redirect-ignored", "redirect=a.test")]),
            ("v=spf1 mx a mx -all", Note, &[("repeated-term", "mx")]),
            ("v=spf1 ip4=192.0.2.1 -all", Venial, &[("equals-for-colon", "ip4=192.0.2.1")]),
            ("v=spf1 mx redirct=a.test -all", Note, &[("unknown-modifier", "redirct=a.test")]),
            (
                "v=spf1 mx -all v=spf1 a -all",
                Venial,
                &[("repeated-version", "v=spf1"), ("behind-all", "a"), ("behind-all", "-all")],
            ),
            ("", Mortal, &[("missing-version", ""), ("no-all", "")]),
            ("mx -all", Mortal, &[("missing-version", "")]),
            ("mx v=spf1 -all", Mortal, &[("version-not-first", "v=spf1")]),
            ("spf1 mx -all", Mortal, &[("bad-version", "spf1")]),
            ("v=spf10 mx -all", Mortal, &[("bad-version", "0")]),
            ("v=spf1;mx -all", Mortal, &[("bad-version", ";mx")]),
            ("v=spf1include:a.test -all", Mortal, &[("bad-version", "include:a.test")]),
            (" v=spf1 -all", Mortal, &[("bad-version", " ")]),
            ("“v=spf1 mx -all”", Mortal, &[("smart-quotes", "“"), ("smart-quotes", "-all”")]),
            ("v=spf1 a\tmx -all", Mortal, &[("bad-space", "a\tmx")]),
            ("v=spf1 a:bücher.test -all", Mortal, &[("not-ascii", "a:bücher.test")]),
            (
                "v=spf1 a:192.0.2.1 ip4:2001:db8::1 ip6:192.0.2.1 -all",
                Mortal,
                &[("bad-domain", "a:192.0.2.1"), ("bad-ip4", "ip4:2001:db8::1"), ("bad-ip6", "ip6:192.0.2.1")],
            ),
            (
                "v=spf1 ip4:192.0.2.0/33 mx/x a//129 ip6:2001:db8::/064 -all",
                Mortal,
                &[
                    ("bad-prefix", "ip4:192.0.2.0/33"),
                    ("bad-prefix", "mx/x"),
                    ("bad-prefix", "a//129"),
                    ("bad-prefix", "ip6:2001:db8::/064"),
                ],
            ),
            (
                "v=spf1 include ip4: a: ptr: redirect=",
                Mortal,
                &[
                    ("missing-value", "include"),
                    ("missing-value", "ip4:"),
                    ("missing-value", "a:"),
                    ("missing-value", "ptr:"),
                    ("missing-value", "redirect="),
                ],
            ),
            (
                "v=spf1 exists:%{x}.a.test exists:%{c}.a.test x=%a exp=a.test exp=b.test all:x",
                Mortal,
                &[
                    ("bad-macro", "exists:%{x}.a.test"),
                    ("macro-of-exp", "exists:%{c}.a.test"),
                    ("bad-macro", "x=%a"),
                    ("unknown-modifier", "x=%a"),
                    ("repeated-modifier", "exp=b.test"),
                    ("unexpected-value", "all:x"),
                ],
            ),
            (
                "v=spf1 a:1.test a:2.test a:3.test a:4.test a:5.test a:6.test a:7.test a:8.test a:9.test mx ip4:192.0.2.1 \
              include:a.test exists:b.test -all",
                Mortal,
                &[("too-many-lookups", "include:a.test")],
            ),
            (
                "v=spf1 a:1.test a:2.test a:3.test a:4.test a:5.test a:6.test a:7.test a:8.test a:9.test mx \
              redirect=a.test",
                Mortal,
                &[("too-many-lookups", "redirect=a.test")],
            ),
        ],
    );
    let long = format!("v=spf1{} -all", " ip4:192.0.2.1/32".repeat(27));
    let lint = lint(Kind::Spf, &long);
    assert_eq!(
        (lint.verdict, lint.faults.last().map(|f| (f.code, f.start, f.end))),
        (Note, Some(("long", 450, long.len())))
    );
}

#[test]
fn five_faults_at_once() {
    let spf = "v=spf1 ip4:192.0.2.300 inlcude:a.test include: mx/33 exists:%x.test -all";
    let lint_of = |kind, text| lint(kind, text).faults.iter().map(|f| (f.code, f.start, f.end)).collect::<Vec<_>>();
    assert_eq!(
        lint_of(Kind::Spf, spf),
        [
            ("bad-ip4", 7, 22),
            ("unknown-mechanism", 23, 37),
            ("missing-value", 38, 46),
            ("bad-prefix", 47, 52),
            ("bad-macro", 53, 67),
        ]
    );
    let dmarc = "v=DMARC1; p=rejct; pct=50; adkim=x; rua=a@b.test,mailto:c@d.test!10m; foo=1";
    assert_eq!(
        lint_of(Kind::Dmarc, dmarc),
        [
            ("bad-policy", 10, 17),
            ("removed-tag", 19, 25),
            ("bad-value", 27, 34),
            ("no-mailto", 40, 48),
            ("size-limit", 64, 68),
            ("unknown-tag", 70, 75),
        ]
    );
}

/// As SubjectPublicKeyInfo.
const RSA_512: &str = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMEHW6gvzxV+iOiYZklxPNbYniPnctuSeh6e+IoczttCyCO53gvhqh/suCce+Ytvr5HR3pGXak9K1FApG5ziNtMCAwEAAQ==";
const RSA_768: &str = "MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhAMK1yYSc7Qce6lCEn6P5XuNR0GmJMm8BB2prORU8z1BLUxACCCODx0eh4n0uG6FYp26GOGZIPCv9r/KaXGAplnIM7otEYeIKxNDI1se88AoDx+pGNhSrlALEjqFGg4u0RQIDAQAB";
const RSA_1024: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCfH06JzZR9lffVlU3KoRbJ71tk+Uah70xHCIvh32ov+2kLFn8g6/8KmONUU1fVLadw/Njsr4HGUckcYazLs0weMqZ7EZCnQBCAggG380qbdLaa1wz3xxg37KIYeHVMAtlTXSOUnysfh4SYZRHSsEPHeVKU/ikTMr0a0OhoS5JrIQIDAQAB";
const RSA_2048: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsc7I7G24BhW7aUWCKF4glKo9mcpHMYLtUoOgC0F6jtpGQcD/4FsTkJDlzC1XPiMRGZYKqbcN8mSFT72/FqfJS0LB4tSlgTij3FhzKJghAGHZOnzSaDgaFdQ0d2j5M6VLnwpANhuFG7t6pbrSJ6mbWyq9KHaHEkQ7ppANkLPN5dpsOGKJtYRqOjDCCRG/XOVt6SI5gDxQDJUnLbf0YoYJHQ7pLqIRyeHqf2acxEKRU1g9JXDMo3Z9xpcdsiqCXJspBc90RTe+j4UwK3HnURQo+KAjrATVYLbV1tZY7y8zEIBfhdo01hv1FNbzyQ1cAcaO4q310+zSa778EI7+fKPdswIDAQAB";
const RSA_4224: &str = "MIICMjANBgkqhkiG9w0BAQEFAAOCAh8AMIICGgKCAhEA0C5DYIVrdMfP+BK1QHbQ9uxvWll/n7LAUQGWufZ+YrLS8zZehXnuLIy91ETw/IJX3XnzPQGUuWBy0ru6YBgJi9unpuO2QQvo0UCmR4YTX8EY0Ojz/z7kni244xyy5tf9RGg8VcoN3QM2xiIDVQN+ioPflAUMV8bLa/2j9yj1fsVDxKZ2dvF8whadW+l92kjUyaHSA6iWkkTn8FgxRDYRPV6AYvCgwuqhxjWKDdCN7Fqi/KhoriCJGQft0CMIv9KsD92iSH99knKJFdHrZWVd31YgznlKGbuQh7TtPK5zogkDIox7Oo5H7vrOiUEJbTaMesRXH7jxjIjkRZVNuUqAB6E+T7MnK9kpFLjRPD8SM5UY+sdovUkU3MXrqnhyY1/jHiZOyzVdXRsdjDQG5TOsTfnT1jIYjvs4Zr05IusY0DkyN1jTJvnxurjbCevaJDcj9TcZDAteW2u9z/7XtsDT0JNisuFD3prW/29HAXLvi2UoNzymFzZO7u7IZkDjeIVfpc8EZ7fCbZj+DXmPjqm7VHpIAyrVekpMb+iHyg/aofu+3aFZKjLaLadPP8xCt/NoG2j2jfin817s4v/vp+v7M3ow7tXyXLJuyLU9RtZ1IZ9WNygWNXBH8rXtFDS71TaJ4la49dZlWqP91h9TrZJO03NEWWVBhO9GC9LEqFRcyJy+q1FgJ/wWZdKNsK7ksBI7AgMBAAE=";

#[test]
fn dkim() {
    let rows = [
        (RSA_512, Mortal, Some("short-key")),
        (RSA_768, Mortal, Some("short-key")),
        (RSA_1024, Venial, Some("weak-key")),
        (RSA_2048, Clean, None),
        (RSA_4224, Note, Some("long-key")),
        ("", Note, Some("revoked")),
    ];
    for (key, verdict, code) in rows {
        let whole = format!("p={key}");
        let want: Vec<_> = code.map(|code| (code, whole.as_str())).into_iter().collect();
        assert_eq!(found(Kind::Dkim, &format!("v=DKIM1; k=rsa; {whole}")), (verdict, want), "{key}");
    }
    let tested = format!("v=DKIM1; t=y:s; p={RSA_2048}");
    assert_eq!(found(Kind::Dkim, &tested), (Note, vec![("testing", "t=y:s")]));
    check(
        Kind::Dkim,
        &[
            ("v=DKIM1; k=ed25519; p=o4dWpPGqhPIK+MBJqg0rWS/TOtur2AU5IyG077d6sn4=", Clean, &[]),
            ("v=DKIM1; t=y; p=", Note, &[("testing", "t=y"), ("revoked", "p=")]),
            ("v=DKIM2; p=", Mortal, &[("bad-version", "v=DKIM2"), ("revoked", "p=")]),
            ("v=DKIM1; p=AAAA", Mortal, &[("not-a-key", "AAAA")]),
        ],
    );
}

#[test]
fn dmarc() {
    check(
        Kind::Dmarc,
        &[
            ("v=DMARC1; p=reject", Clean, &[]),
            (
                "v=DMARC1;p=none;sp=quarantine;np=reject;psd=n;t=y;adkim=r;aspf=s;fo=1:d;ruf=mailto:a@b.test;",
                Clean,
                &[],
            ),
            ("V = DMARC1 ; P=REJECT", Clean, &[]),
            ("v=DMARC1; rua=mailto:a@b.test", Venial, &[("missing-policy", "")]),
            ("v=DMARC1", Venial, &[("missing-policy", "")]),
            ("v=DMARC1; p=rejct; rua=mailto:a@b.test", Venial, &[("bad-policy", "p=rejct")]),
            ("v=DMARC1; p=rejct", Mortal, &[("unusable-policy", "p=rejct")]),
            ("v=DMARC1; p=none; sp=no; np=x", Mortal, &[("unusable-policy", "sp=no"), ("unusable-policy", "np=x")]),
            (
                "v=DMARC1; p=none; pct=100; rf=afrf; ri=86400",
                Note,
                &[("removed-tag", "pct=100"), ("removed-tag", "rf=afrf"), ("removed-tag", "ri=86400")],
            ),
            (
                "v=DMARC1; p=none; t=x; psd=x; fo=2; aspf=strict",
                Note,
                &[("bad-value", "t=x"), ("bad-value", "psd=x"), ("bad-value", "fo=2"), ("bad-value", "aspf=strict")],
            ),
            (
                "v=DMARC1; p=none; p=reject; reject; x=y",
                Note,
                &[("repeated-tag", "p=reject"), ("not-a-tag", "reject"), ("unknown-tag", "x=y")],
            ),
            (
                "v=DMARC1; p=none; rua=a@b.test, mailto:c, mailto:d@e.test",
                Venial,
                &[("no-mailto", "a@b.test"), ("bad-address", "mailto:c")],
            ),
            ("v=DMARC1; p=none; ruf=mailto:d@e.test!5k", Note, &[("size-limit", "!5k")]),
            (" v=DMARC1; p=none", Mortal, &[("bad-version", " ")]),
            ("v=DMARC1; p=none; rua=mailto://a@b.test", Note, &[("mailto-slashes", "mailto://")]),
            ("v=dmarc1; p=none", Mortal, &[("version-case", "v=dmarc1")]),
            ("p=none; v=DMARC1", Mortal, &[("version-not-first", "v=DMARC1")]),
            ("p=none", Mortal, &[("missing-version", "")]),
            ("DMARC1; p=none", Mortal, &[("missing-version", "")]),
            ("v=DMARC2; p=none", Mortal, &[("bad-version", "v=DMARC2")]),
            ("v=DMARC1\\; p=none", Mortal, &[("bad-version", "v=DMARC1\\")]),
            ("v=DMARC1, p=none", Mortal, &[("bad-version", ",")]),
            ("v=DMARC1 p=none; rua=mailto:a@b.test", Mortal, &[("bad-version", "")]),
            (
                "v=DMARC1; p=none, sp=none; rua=mailto:a@b.test",
                Venial,
                &[("bad-policy", "p=none, sp=none"), ("comma-for-semicolon", ",")],
            ),
            (
                "“v=DMARC1; p=none”",
                Mortal,
                &[("smart-quotes", "“"), ("unusable-policy", "p=none”"), ("smart-quotes", "”")],
            ),
        ],
    );
}

#[test]
fn tls_rpt_and_bimi() {
    check(
        Kind::TlsRpt,
        &[
            ("v=TLSRPTv1; rua=mailto:a@b.test", Clean, &[]),
            ("v=TLSRPTv1 ;rua=https://b.test/x,mailto:a@b.test;", Clean, &[]),
            ("v=TLSRPTv1", Mortal, &[("bad-version", ""), ("no-rua", "")]),
            ("v=TLSRPTv1;", Mortal, &[("no-rua", "")]),
            ("v=TLSRPT1; rua=mailto:a@b.test", Mortal, &[("bad-version", "v=TLSRPT1")]),
            ("v=tlsrptv1; rua=mailto:a@b.test", Mortal, &[("version-case", "v=tlsrptv1")]),
            ("v=TLSRPTv1, rua=mailto:a@b.test", Mortal, &[("bad-version", ",")]),
            ("v=TLSRPTv1; rua=a@b.test", Mortal, &[("no-scheme", "a@b.test")]),
            ("v=TLSRPTv1; rua=a@b.test; x", Mortal, &[("no-scheme", "a@b.test"), ("not-a-field", "x")]),
        ],
    );
    check(
        Kind::Bimi,
        &[
            ("v=BIMI1; l=https://b.test/l.svg; a=", Clean, &[]),
            ("v=BIMI1; l=; a=;", Clean, &[]),
            ("v=BIMI1; a=self", Mortal, &[("old-self", "self"), ("missing-location", "")]),
            (
                "v=bimi1; l=http://b.test/l.png",
                Mortal,
                &[("version-case", "v=bimi1"), ("not-https", "http://b.test/l.png")],
            ),
            ("v=BIMI1; l=https://b.test/l.png", Note, &[("not-svg", "https://b.test/l.png")]),
        ],
    );
}

#[test]
fn mta_sts_and_tlsa() {
    check(
        Kind::MtaStsTxt,
        &[
            ("v=STSv1; id=20261124T080000Z", Clean, &[]),
            ("v=STSv1 ;id=1;", Clean, &[]),
            ("v=STSv1; id=1; id=2", Note, &[("repeated-field", "id=2")]),
            ("v=STSv1", Mortal, &[("bad-version", ""), ("id-missing", "")]),
            ("v=STSv1 id=1", Mortal, &[("bad-version", "")]),
            ("v=stsv1; id=1", Mortal, &[("version-case", "v=stsv1")]),
            ("id=1; v=STSv1;", Mortal, &[("version-not-first", "v=STSv1")]),
            ("v=STSv1; id=2026-11-24; x", Mortal, &[("id", "id=2026-11-24"), ("not-a-field", "x")]),
            (r#""v=STSv1; id=1" "2;""#, Clean, &[]),
            (r#""v=STSv1" "; id=1-2""#, Mortal, &[("id", "id=1-2")]),
        ],
    );
    check(
        Kind::MtaStsPolicy,
        &[
            ("version: STSv1\r\nmode: enforce\r\nmx: *.a.test\r\nmax_age: 604800\r\n", Clean, &[]),
            ("version: STSv1\nmode: enforce\nmx: a.test\nmax_age: 3600\n", Note, &[("short-lived", "max_age: 3600")]),
            ("version: STSv1\nmode: testing\nmx: a.test\nmax_age: 3600\n", Clean, &[]),
            ("version: STSv1\nmode: enforce\nmx: 192.0.2.1\nmax_age: 86400\n", Mortal, &[("mx", "mx: 192.0.2.1")]),
            ("version: STSv1\n\nmode: none\nmax_age: 1\n", Note, &[("empty-line", "")]),
            (
                "version: STSv2\nmode: enforced\nmx: mx_1.a.test\nmax_age: 1d\nmode: none\nhello\n",
                Mortal,
                &[
                    ("version", "version: STSv2"),
                    ("mode", "mode: enforced"),
                    ("mx", "mx: mx_1.a.test"),
                    ("max-age", "max_age: 1d"),
                    ("repeated-field", "mode: none"),
                    ("not-a-field", "hello"),
                ],
            ),
        ],
    );
    let sha256 = "5a".repeat(32);
    let rows = [
        (format!("3 1 1 {sha256}"), Clean, vec![]),
        (format!("_25._tcp.mx.a.test. 3600 IN TLSA 3 1 1 ( {sha256} )"), Clean, vec![]),
        (format!("mx IN TLSA 3 1 1 {sha256} ; the old key; gone in MÄRZ\n"), Clean, vec![]),
        (format!("3 1 1 ( ; key\n{sha256} )"), Clean, vec![]),
        (format!("IN TLSA \\# 35 030101{sha256}"), Note, vec![("generic-form", "\\#")]),
        (format!("1 1 1 {sha256}"), Venial, vec![("pkix-usage", "1")]),
        (format!("IN TLSA 3 1 2 {sha256}"), Mortal, vec![("wrong-data", sha256.as_str())]),
    ];
    for (text, verdict, want) in &rows {
        assert_eq!(found(Kind::Tlsa, text), (*verdict, want.clone()), "{text}");
    }
}

#[test]
fn zone_files() {
    check(
        Kind::Spf,
        &[
            (r#""v=spf1 mx -all""#, Clean, &[]),
            (r#""v=spf1 ip4:192.0.2" ".1 -all""#, Clean, &[]),
            (r#""v=spf1 b\252\195\188 -all""#, Mortal, &[("not-ascii", r"b\252\195\188")]),
            ("example.org. 3600 IN TXT ( \"v=spf1 \"\n  \"mx -all\" )", Clean, &[]),
            (r#""v=spf1 " "ip4:192.0.2.300 -a" "ll""#, Mortal, &[("bad-ip4", "ip4:192.0.2.300")]),
            (r#""v=spf1 ip4:192.0" ".2.300" " -all""#, Mortal, &[("bad-ip4", r#"ip4:192.0" ".2.300"#)]),
            (r#""v=spf1 include:a.test" "include:b.test -all""#, Venial, &[("split-without-space", r#"" ""#)]),
            (r#""v=spf1" "mx -all""#, Mortal, &[("split-without-space", r#"" ""#), ("bad-version", "mx")]),
            (r#""v=spf1 m\120 -a\l\l x\"""#, Mortal, &[("unknown-mechanism", r#"x\""#)]),
            (r#""v=spf1 mx"#, Mortal, &[("unbalanced-quotes", "\""), ("no-all", "")]),
        ],
    );
    check(
        Kind::Dmarc,
        &[
            (r#""v=DMARC1; p=no" "ne; rua=mailto:a@b.test""#, Clean, &[]),
            (r#""v=DMARC1; p=none; s" "p=reject""#, Clean, &[]),
            (r#""v=DMARC1\; p=none""#, Clean, &[]),
            (
                r#""v=DMARC1; p=none" "rua=mailto:a@b.test""#,
                Mortal,
                &[("unusable-policy", r#"p=none" "rua=mailto:a@b.test"#), ("split-without-semicolon", r#"" ""#)],
            ),
        ],
    );
}

#[test]
fn long_strings() {
    let key = format!("v=DKIM1; p={}", RSA_2048);
    let whole = format!("\"{key}\"");
    assert_eq!(found(Kind::Dkim, &whole), (Mortal, vec![("string-too-long", key.as_str())]));
    let (head, tail) = key.split_at(255);
    assert_eq!(found(Kind::Dkim, &format!("\"{head}\" \"{tail}\"")), (Clean, vec![]));
    let (head, tail) = key.split_at(256);
    assert_eq!(found(Kind::Dkim, &format!("\"{head}\" \"{tail}\"")), (Mortal, vec![("string-too-long", head)]));
    // Without quotes nothing says how it will be cut.
    assert_eq!(found(Kind::Dkim, &key), (Clean, vec![]));
}

#[test]
fn banners() {
    check(
        Kind::SmtpBanner,
        &[
            ("220 mx1.example.org ESMTP", Clean, &[]),
            ("220 mx1.example.org ESMTP Postfix", Note, &[("product", "Postfix")]),
            ("220 mx1.example.org ESMTP Postfix (Ubuntu)", Venial, &[("product", "Postfix"), ("os", "Ubuntu")]),
            ("mx1 ESMTP Exim 4.96", Mortal, &[("bare-name", "mx1"), ("product", "Exim"), ("version", "4.96")]),
            ("220 \"EX01.corp\" ESMTP", Mortal, &[("internal-name", "EX01.corp")]),
            ("220 mx1 ESMTP", Venial, &[("bare-name", "mx1")]),
            (
                "220-mx1.example.org Exim 4.96\r\n220 via 10.1.2.3 and 127.0.0.1",
                Mortal,
                &[
                    ("product", "Exim"),
                    ("version", "4.96"),
                    ("internal-address", "10.1.2.3"),
                    ("loopback-address", "127.0.0.1"),
                ],
            ),
            (r"220-x.example.org ESMTP\r\n220 Foo 1.2.3", Mortal, &[("product", "Foo"), ("version", "1.2.3")]),
        ],
    );
    check(Kind::ImapBanner, &[("* OK [CAPABILITY IMAP4rev1] Dovecot ready.", Note, &[("product", "Dovecot")])]);
    check(Kind::Pop3Banner, &[("+OK <1.2@mail>", Venial, &[("bare-name", "mail")])]);
    assert!(disclosed(Kind::Spf, "Exim 4.96").is_none());
}

#[test]
fn kinds_have_names() {
    for kind in Kind::ALL {
        assert_eq!(Kind::named(kind.name()), Some(*kind));
    }
    assert_eq!(Kind::named("SPF"), None);
}

/// A row that stands behind another of the same kind and code would never count.
#[test]
fn the_table_has_no_doubles() {
    for (at, (kinds, code, verdict)) in MILDER.iter().enumerate() {
        let same = |other: &[Kind]| other.iter().any(|kind| kinds.contains(kind));
        assert!(MILDER.iter().skip(at + 1).all(|(other, again, _)| again != code || !same(other)), "{code}");
        assert!(*verdict < Mortal, "{code}");
    }
}
