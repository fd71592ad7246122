//! Texts with a form of their own, names of hosts, and the shapes of versions and words, to the octet.

use shared::disclosure::{NameKind, Protocol, greeting_name, told};

/// The stretches of a text, each with what it discloses.
fn spans(protocol: Protocol, text: &str) -> Vec<(&'static str, &str)> {
    let spans = told(protocol, text).spans;
    spans.iter().map(|span| (span.what.name(), text.get(span.start..span.end).unwrap_or("?"))).collect()
}

type Rows<'a> = &'a [(&'a str, &'a [(&'a str, &'a str)])];

fn check(protocol: Protocol, rows: Rows<'_>) {
    for (text, want) in rows {
        assert_eq!(spans(protocol, text), *want, "{text}");
    }
}

#[test]
fn names_that_greet() {
    let rows = [
        ("220 mx.example.org ESMTP", Some(("mx.example.org", NameKind::Public))),
        ("220 mx.corp ESMTP", Some(("mx.corp", NameKind::Internal))),
        ("220 EX01 ESMTP", Some(("EX01", NameKind::SingleLabel))),
        ("220 mail ESMTP", Some(("mail", NameKind::SingleLabel))),
        ("220 Mail server ready", None),
        ("220 Welcome to the service", None),
        ("220 Haraka ESMTP ready", None),
        ("220 BlueMail ESMTP ready", None),
        ("220 haraka.example.org ESMTP", Some(("haraka.example.org", NameKind::Public))),
        ("220 [192.0.2.1] ESMTP", None),
        ("220", None),
    ];
    for (line, want) in rows {
        assert_eq!(greeting_name(line), want, "{line}");
    }
}

#[test]
fn names_of_hosts() {
    check(
        Protocol::Imap,
        &[
            ("* OK store-3 IMAP4rev1 ready", &[("internal-name", "store-3")]),
            ("* OK store3 Dovecot ready", &[("internal-name", "store3"), ("product", "Dovecot")]),
            ("* OK imap-3 IMAP4rev1 ready", &[]),
            ("* OK pop3srv IMAP4rev1 ready", &[]),
            ("* OK store IMAP4rev1 ready", &[]),
            ("* OK store-3 says hello", &[]),
        ],
    );
    check(
        Protocol::Smtp,
        &[
            ("220 localhost ready", &[("internal-name", "localhost")]),
            ("220 EX01 ready", &[("internal-name", "EX01")]),
            ("220 EX01", &[]),
            ("220 corpmail ready", &[]),
            ("220 corpmail ESMTP", &[("internal-name", "corpmail")]),
            ("220 Foozle SMTP 1.2.3", &[("product", "Foozle"), ("version", "1.2.3")]),
            ("220 FOOZLE SMTP 1.2.3", &[("internal-name", "FOOZLE"), ("version", "1.2.3")]),
            ("220 FOOZLE SMTP", &[("internal-name", "FOOZLE")]),
            ("250-EX01 Hello [192.0.2.1]", &[("internal-name", "EX01")]),
            ("250-EX01 SIZE", &[]),
            ("550 EX01 ESMTP", &[]),
        ],
    );
}

#[test]
fn id_and_implementation() {
    let version = [("product", "Foozle"), ("version", "1.2")];
    check(
        Protocol::Imap,
        &[
            ("* ID (\"name\" \"Foozle\" \"version\" \"1.2\")", &version),
            ("* ID (\"name\" \"Foozle 1.2\")", &version),
            ("* ID (\"name\" \"1.2\")", &[("product", "1.2")]),
            ("* ID (\"name\" NIL \"version\" NIL)", &[]),
            ("* ID (\"name\" NIL \"version\" \"1.2\")", &[("version", "1.2")]),
            ("* ID (\"vendor\" \"Foo GmbH\" \"name\" \"Foozle\")", &[("product", "Foozle")]),
            ("* ID (\"vendor\" \"Foo GmbH\" \"version\" \"1.2\")", &[("product", "Foo GmbH"), ("version", "1.2")]),
            ("* ID (\"command\" \"Dovecot 2.3.4\")", &[("product", "Dovecot"), ("version", "2.3.4")]),
            ("* ID (\"release\" \"7\" \"build\" \"42\")", &[("version", "7"), ("version", "42")]),
            ("* ID (\"name\" \"\" \"os\" \"Linux\")", &[("os", "Linux")]),
            ("* ID NIL", &[]),
            (
                "* ID (\"name\" \"Foozle\" \"version\" \"v1.2-Debian-1.2-3+deb12u1\")",
                &[("product", "Foozle"), ("version", "1.2-Debian-1.2-3+deb12u1"), ("os", "Debian"), ("os", "deb")],
            ),
            (
                "* ID (\"name\" \"Foozle\" \"version\" \"Debian 1.2-3\")",
                &[("product", "Foozle"), ("version", "Debian 1.2-3"), ("os", "Debian")],
            ),
            ("* ID (\"version\" \"vendor\")", &[("version", "vendor")]),
        ],
    );
    check(
        Protocol::Pop3,
        &[
            ("\"IMPLEMENTATION\" \"Foozle 1.2\"", &version),
            ("IMPLEMENTATION Foozle-1.2", &version),
            ("IMPLEMENTATION foozle", &[("product", "foozle")]),
            ("\"IMPLEMENTATION\" \"foozle managesieve 0.36.7\"", &[("product", "foozle"), ("version", "0.36.7")]),
            ("\"IMPLEMENTATION\" \"foozle managesieve v0.36\"", &[("product", "foozle"), ("version", "0.36")]),
            ("\"VERSION\" \"Foozle 1.2\"", &[]),
            ("\"SIEVE\" \"Foozle 1.2\"", &[]),
            ("\"SASL\" \"Foozle 1.2\"", &[]),
            ("CAPABILITY Foozle 1.2", &[]),
        ],
    );
}

#[test]
fn systems_in_full() {
    let rows = [
        ("* ID (\"os\" \"Linux\" \"os-version\" \"5.10.0-28-amd64\")", Some("Linux 5.10.0-28-amd64")),
        ("* ID (\"os-version\" \"13.2-RELEASE-p4\" \"os\" \"FreeBSD\")", Some("FreeBSD 13.2-RELEASE-p4")),
        ("* ID (\"os\" \"Windows\" \"os-version\" \"Windows Server 2019\")", Some("Windows Server 2019")),
        ("* ID (\"os\" \"Linux\" \"os-version\" NIL)", Some("Linux")),
        ("* ID (\"os-version\" \"5.10\")", Some("5.10")),
        ("* ID (\"name\" \"Foozle\")", None),
        ("* OK Dovecot (Debian GNU/Linux 12) ready", Some("Debian GNU/Linux 12")),
        ("* OK Dovecot (Devuan GNU/Linux) ready", Some("Devuan GNU/Linux")),
        ("* OK Dovecot (Debian, GNU/Linux) ready", Some("GNU/Linux")),
        ("* OK Dovecot (GNU/Linux) ready", Some("GNU/Linux")),
    ];
    for (text, want) in rows {
        assert_eq!(told(Protocol::Imap, text).os.as_deref(), want, "{text}");
    }
}

#[test]
fn versions_belong_to_the_product_before_them() {
    let rows = [
        ("220 mx.example.org ESMTP (Nemesis) Haraka/2.8.27", "Haraka"),
        ("220 mx.example.org ESMTP Exim, Postfix 3.1", "Postfix"),
        ("220 mx.example.org ESMTP Exim 4.96, Postfix 3.1", "Exim"),
        ("220 mx.example.org ESMTP Exim 4.96, Postfix", "Exim"),
        ("220 mx.example.org ESMTP Exim, Postfix", "Exim"),
        ("220 mx.example.org ESMTP Cisco IronPort AsyncOS 15.0.1", "Cisco IronPort"),
        ("* ID (\"name\" \"Foozle\" \"command\" \"exim\" \"version\" \"1.2\")", "Foozle"),
    ];
    for (text, want) in rows {
        assert_eq!(told(Protocol::Smtp, text).product.as_deref(), Some(want), "{text}");
    }
}

#[test]
fn shapes_of_versions() {
    let rows = [
        ("Exim", "4.96"),
        ("Exim", "4.96-Foo"),
        ("Exim", "4.96.1rc2"),
        ("Exim", "4.96.el7_9"),
        ("Exim", "8.5.3FP6"),
        ("Exim", "7u4-18.01"),
        ("Exim", "2007e.404"),
        ("Exim", "V1R13"),
        ("Exim", "vM.5.01"),
        ("Exim", "4.96_RC3"),
    ];
    for (product, version) in rows {
        let text = format!("220 mx.example.org ESMTP {product} {version}");
        let shown = version.trim_start_matches("vM.");
        let found = spans(Protocol::Smtp, &text);
        assert_eq!(found[..2], [("product", product), ("version", shown)], "{text}");
    }
    for id in ["4fb4d7f.1", "4e.x", "4.96.abcdefghi", "4.96x7y", "4..96"] {
        let text = format!("220 mx.example.org ESMTP Exim {id}");
        assert_eq!(spans(Protocol::Smtp, &text), [("product", "Exim")], "{text}");
    }
    check(
        Protocol::Smtp,
        &[
            ("220 mx.example.org Smail3.2.1 ready", &[("product", "Smail"), ("version", "3.2.1")]),
            ("220 mx.example.org FTGate6 ready", &[("product", "FTGate6")]),
            (
                "220 mx.example.org ESMTP Postfix-3.7.11-Debian",
                &[("product", "Postfix"), ("version", "3.7.11-Debian"), ("os", "Debian")],
            ),
            (
                "220 mx.example.org ESMTP Exim git2.5.0-Debian",
                &[("product", "Exim"), ("version", "2.5.0-Debian"), ("os", "Debian")],
            ),
            ("220 mx.example.org ESMTP Qpopper-version-4.0.5", &[("product", "Qpopper"), ("version", "4.0.5")]),
            ("220 mx.example.org ESMTP Foozle v. 3.2.1", &[("product", "Foozle"), ("version", "3.2.1")]),
            ("220 mx.example.org ESMTP Foozle v.3.2.1", &[("product", "Foozle"), ("version", "3.2.1")]),
            ("220 mx.example.org ESMTP Foozle ver3.2.1", &[("product", "Foozle"), ("version", "3.2.1")]),
            ("220 mx.example.org ESMTP Foozle! v3.2.1", &[("product", "Foozle"), ("version", "3.2.1")]),
            ("220 mx.example.org ESMTP Foozle! 3.2.1", &[]),
            ("220 mx.example.org Foo.Server.v5.2.1 ready", &[("product", "Foo.Server"), ("version", "5.2.1")]),
            ("220 mx.example.org Foozle SMTP/1.4", &[("product", "Foozle"), ("version", "1.4")]),
            ("220 mx.example.org foozle SMTP 1.4 ready", &[("product", "foozle"), ("version", "1.4")]),
            ("220 mx.example.org Foozle TLS/1.4", &[]),
            ("220 mx.example.org Foozle R3.2 ready", &[("product", "Foozle"), ("version", "R3.2")]),
            ("220 mx.example.org Foozle r12345 ready", &[("product", "Foozle"), ("version", "r12345")]),
            ("220 mx.example.org Foozle r123 ready", &[]),
            (
                "220 mx.example.org Foozle ESMTP Service, 3.2.1 ready",
                &[("product", "Foozle ESMTP Service"), ("version", "3.2.1")],
            ),
            ("220 mx.example.org Foozle Bar v3 ready", &[("product", "Foozle Bar"), ("version", "3")]),
            ("220 mx.example.org ESMTP Foozle 2026.03.05 09.08.07", &[]),
            ("220 mx.example.org ESMTP TLSv1.3 360a.1.3", &[]),
            ("* OK mArLcM ready", &[]),
            ("* OK server 0690.22.28 ready", &[]),
            ("220 mx.example.org Foozle MTA/1.4", &[("product", "Foozle MTA"), ("version", "1.4")]),
            ("220 mx.example.org Foozle ESMTP Server v5 ready", &[("product", "Foozle"), ("version", "5")]),
            ("220 mx.example.org PMDFV6.4 ready", &[("product", "PMDF"), ("version", "6.4")]),
            ("220 mx.example.org SMTP/DeleGate/9.9.13 ready", &[("product", "DeleGate"), ("version", "9.9.13")]),
            ("550 5.7.1 rejected by SpamAssassin 4.0", &[("product", "SpamAssassin"), ("version", "4.0")]),
            ("550 5.7.1 blocked by Barracuda Reputation", &[]),
            ("550 5.7.1 listed by Barracuda", &[]),
            ("220 mx.example.org ESMTP Foozle. 3.2.1", &[]),
            ("220 mx.example.org ESMTP Haraka-d-8NZ2MTS1R", &[("product", "Haraka")]),
            ("220 mx.example.org ESMTP Haraka-2108164273", &[("product", "Haraka")]),
            ("220 mx.example.org ESMTP Haraka-NZZMTSRX", &[]),
            ("220 mx.example.org ESMTP Haraka-8NZ2MTS", &[]),
            ("220 mx.example.org ESMTP Haraka-8nZ2MTS1R", &[]),
            ("220 mx.example.org ESMTP ready; MIME-Version 1.0", &[]),
            ("220 mx.example.org Hello from Exim", &[("product", "Exim")]),
            ("250 mx.example.org Hello Exim [192.0.2.1]", &[]),
            ("250 mx.example.org Hi Exim-01 [192.0.2.1]", &[]),
            ("450 4.7.230 Connecting Exchange server version is out-of-date", &[]),
            ("550 5.7.1 your Exim is old", &[]),
        ],
    );
}

#[test]
fn what_stands_in_front() {
    check(
        Protocol::Smtp,
        &[
            ("250 2.1.5 Exim", &[("product", "Exim")]),
            ("220 5.1.2.3 Exim", &[("product", "Exim")]),
            ("220 http://exim.example/4.96 www.exim.example exim@example.org", &[]),
            (
                "220 mx.example.org Exim\\r\\nPostfix 3.1",
                &[("product", "Exim"), ("product", "Postfix"), ("version", "3.1")],
            ),
            ("220 ä10.1.2.3 via 10.1.2.3", &[("internal-address", "10.1.2.3")]),
        ],
    );
    // The words before an address are looked at from a whole letter on.
    for fill in ["", "a", "ab"] {
        let text = format!("220 mx.example.org {fill}{} at 10.1.2.3", "€".repeat(30));
        assert_eq!(spans(Protocol::Smtp, &text), [("internal-address", "10.1.2.3")], "{text}");
    }
}
