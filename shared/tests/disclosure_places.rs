//! Where in a text something is disclosed, to the octet, and whose text it is.

use shared::disclosure::{Protocol, What, told};

/// The stretches of a text, each with what it discloses.
fn spans(protocol: Protocol, text: &str) -> Vec<(&'static str, &str)> {
    let spans = told(protocol, text).spans;
    spans.iter().map(|span| (span.what.name(), text.get(span.start..span.end).unwrap_or("?"))).collect()
}

#[test]
fn every_line_has_its_places() {
    let want =
        [("product", "Exim"), ("version", "4.96"), ("product", "Dovecot"), ("os", "Debian"), ("product", "Haraka")];
    // Lines as they come, and as they are written down from logs.
    for text in [
        "220-mx.example.org ESMTP Exim 4.96\n220-by Dovecot (Debian)\n220 Haraka",
        "220-mx.example.org ESMTP Exim 4.96\\r\\n220-by Dovecot (Debian)\\r\\n220 Haraka",
        "220-mx.example.org ESMTP Exim 4.96\\r\\n220-by Dovecot (Debian)\n220 Haraka\n",
        "\n\n220-mx.example.org ESMTP Exim 4.96\n\n220-by Dovecot (Debian)\n220 Haraka",
    ] {
        assert_eq!(spans(Protocol::Smtp, text), want, "{text:?}");
    }
}

#[test]
fn only_the_head_of_a_long_line_is_read() {
    let long = |fill: &str, len: usize| format!("220 mx.example.org {} Postfix", fill.repeat(len / fill.len()));
    assert_eq!(spans(Protocol::Smtp, &long(".", 8000)), [("product", "Postfix")]);
    assert_eq!(spans(Protocol::Smtp, &long(".", 8192)), []);
    // The limit falls between the octets of a letter, whatever stands before.
    for head in ["", "x", "xy"] {
        assert_eq!(spans(Protocol::Smtp, &format!("220 {head}{}", "€".repeat(4000))), [], "{head}");
    }
    // What follows on the next line is read, at its own place.
    let text = format!("{}\n220 mx.example.org ESMTP Exim", long(".", 9000));
    assert_eq!(spans(Protocol::Smtp, &text), [("product", "Exim")]);
}

#[test]
fn ports_have_their_protocol() {
    for (port, want) in [
        (25, Protocol::Smtp),
        (465, Protocol::Smtp),
        (587, Protocol::Smtp),
        (143, Protocol::Imap),
        (993, Protocol::Imap),
        (110, Protocol::Pop3),
        (995, Protocol::Pop3),
        (4190, Protocol::Pop3),
    ] {
        assert_eq!(Protocol::of(port), want, "{port}");
    }
}

#[test]
fn what_is_told_and_what_not() {
    let told = told(Protocol::Smtp, "220 mx.example.org ESMTP Exim 4.96 at 127.0.0.1");
    let all = [
        (What::Product, true),
        (What::Version, true),
        (What::Os, false),
        (What::InternalName, false),
        (What::BareName, false),
        (What::InternalAddress, false),
        (What::Loopback, true),
    ];
    for (what, want) in all {
        assert_eq!(told.has(what), want, "{what:?}");
    }
    assert_eq!(told.discloses(), ["product", "version", "internal-address"]);
}

/// Of names that are in no table: which words belong to them.
#[test]
fn names_and_their_bounds() {
    let rows: &[(&str, &[(&str, &str)])] = &[
        (
            "220 mx.example.org ESMTP Example Soft - Foopost 1.2.3 ready",
            &[("product", "Foopost"), ("version", "1.2.3")],
        ),
        ("220 mx.example.org ESMTP Foopost - 1.2.3 ready", &[("product", "Foopost"), ("version", "1.2.3")]),
        ("220 mx.example.org ESMTP Foopost Server - 1.2.3", &[("product", "Foopost Server"), ("version", "1.2.3")]),
        ("220 mx.example.org ESMTP Foopost; 1.2.3 ready", &[]),
        ("220 mx.example.org ESMTP Foopost [Free Edition] 1.2", &[("product", "Foopost"), ("version", "1.2")]),
        ("220 mx.example.org ESMTP Foopost(tm) Mail 1.2", &[("product", "Foopost(tm) Mail"), ("version", "1.2")]),
    ];
    for (text, want) in rows {
        assert_eq!(spans(Protocol::Smtp, text), *want, "{text}");
    }
}

/// A word of ESMTP's greeting, and the name that it is, or none.
#[test]
fn words_that_are_names_by_their_form() {
    let names = [
        "BlueMail",
        "BlueMail12",
        "MailXy",
        "AbMailCdEf",
        "AbcdefghijklMail",
        "ZZMail",
        "bluesmtpd",
        "blue-smtpd",
        "absmtpd",
        "blueSMTP",
        "BlueIMAP",
        "abcmta",
        "BlueMTA",
    ];
    for name in names {
        assert_eq!(spans(Protocol::Smtp, &format!("220 mx.example.org ESMTP {name}")), [("product", name)], "{name}");
    }
    let none = [
        "MailExchanger",
        "MailServer",
        "AntiSpamMailFilter",
        "BlueMail123",
        "XMailY",
        "AbcdefghijklmMail",
        "AbCdMailEfGh",
        "Blue.Mail",
        "Qmailer",
        "Mailfoo",
        "BlueBird",
        "bluemail",
        "blue1smtpd",
        "bsmtpd",
        "bluesmtp",
        "blue-SMTP",
        "BLUESMTP",
        "abmta",
        "mta",
        "Blue_Mail",
        "IMAPrev1",
        "SMTPmail",
    ];
    for word in none {
        assert_eq!(spans(Protocol::Smtp, &format!("220 mx.example.org ESMTP {word}")), [], "{word}");
    }
    let rows: &[(&str, &[(&str, &str)])] = &[
        // It says whose it is.
        ("220 mx.bluemail.example ESMTP BlueMail", &[]),
        // The software has named itself.
        ("220 mx.example.org ESMTP Exim BlueMail", &[("product", "Exim")]),
        // It need not be the server's own.
        ("550 5.7.1 BlueMail is not wanted", &[]),
        ("220 mx.example.org ready for abcmta", &[]),
    ];
    for (text, want) in rows {
        assert_eq!(spans(Protocol::Smtp, text), *want, "{text}");
    }
}

/// Words with a version in them.
#[test]
fn words_of_a_name_and_a_version() {
    let rows = [
        ("Blue/1.2", "Blue", "1.2"),
        ("blue/1.2", "blue", "1.2"),
        ("Blue-1.2", "Blue", "1.2"),
        ("Abc-1.2", "Abc", "1.2"),
        ("ABCD-1.2", "ABCD", "1.2"),
        ("blue-1.2.3", "blue", "1.2.3"),
        ("EU-1.2.3", "EU", "1.2.3"),
        ("blue_mta-1.2.3", "blue_mta", "1.2.3"),
    ];
    for (word, product, version) in rows {
        let want = [("product", product), ("version", version)];
        assert_eq!(spans(Protocol::Smtp, &format!("220 mx.example.org ESMTP {word}")), want, "{word}");
        assert_eq!(spans(Protocol::Smtp, &format!("550 5.7.1 {word}")), [], "{word}");
    }
    let none = [
        "blue-1.2",
        "EU-1.2",
        "ready-1.2.3",
        "Gateway/1.2.3",
        "IMAP/4.1.1",
        "X-1.2.3",
        "X/1.2",
        "a1/1.2.3",
        "Blue1/1.2.3",
        "Blue/203.0.113.7",
        "Blue-24.11.2026",
        "Blue-2026.11.24",
        "Blue/Green-1.2.3",
        "12/1.2.3",
        "Blue-7",
    ];
    for word in none {
        assert_eq!(spans(Protocol::Smtp, &format!("220 mx.example.org ESMTP {word}")), [], "{word}");
    }
}

/// Names and versions in sentences.
#[test]
fn versions_in_sentences() {
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("220 mx.example.org ESMTP foozle 1.2.3", &[("product", "foozle"), ("version", "1.2.3")]),
        ("220 mx.example.org foozle 1.2.3", &[("product", "foozle"), ("version", "1.2.3")]),
        ("220 mx.example.org lorem foozle 1.2.3", &[]),
        ("220 mx.example.org lorem foozle v1.2.3", &[("product", "foozle"), ("version", "1.2.3")]),
        ("220 mx.example.org ESMTP foo 1.2.3", &[]),
        ("220 mx.example.org ESMTP foozle version 7", &[("version", "7")]),
        ("220 mx.example.org ESMTP Foozle: 2.5", &[]),
        ("220 mx.example.org ESMTP Foozle: v2.5", &[("product", "Foozle"), ("version", "2.5")]),
        ("220 mx.example.org ESMTP Foozle: 2.5.1", &[("product", "Foozle"), ("version", "2.5.1")]),
        ("220 mx.example.org ESMTP lorem Foozle 2.5.1", &[]),
        ("220 mx.example.org ESMTP lorem (Foozle 2.5.1)", &[("product", "Foozle"), ("version", "2.5.1")]),
        ("220 mx.example.org ESMTP lorem (Foozle 2.5)", &[]),
        ("220 mx.example.org ESMTP lorem (Foozle v2.5)", &[("product", "Foozle"), ("version", "2.5")]),
        ("220 mx.example.org ESMTP (lorem) Foozle 2.5", &[("product", "Foozle"), ("version", "2.5")]),
        ("220 mx.example.org ESMTP lorem; Foozle 2.5.1", &[("product", "Foozle"), ("version", "2.5.1")]),
        ("220 mx.example.org ESMTP running Foozle 2.5", &[("product", "Foozle"), ("version", "2.5")]),
        ("220 mx.example.org ESMTP powered by Foozle 2.5", &[("product", "Foozle"), ("version", "2.5")]),
        ("220 mx.example.org ESMTP only Foozle 2.5", &[]),
        // Ids have more digits than names.
        ("220 mx.example.org ESMTP Foozle12 2.5.1", &[("product", "Foozle12"), ("version", "2.5.1")]),
        ("220 mx.example.org ESMTP Foozle123 2.5.1", &[]),
        ("220 mx.example.org ESMTP Ab12 2.5.1", &[]),
    ];
    for (text, want) in rows {
        assert_eq!(spans(Protocol::Smtp, text), *want, "{text}");
    }
}

/// Names without a version, by the place where they stand; the same words in another place are no names.
#[test]
fn names_by_their_place() {
    let product = |protocol, text: &str| {
        let told = told(protocol, text);
        (told.discloses().join(" "), told.product.unwrap_or_default())
    };
    for (text, name) in [
        ("220 mx.example.org Foozle SMTP server ready", "Foozle"),
        ("220 mx.example.org Foozle SMTP relay", "Foozle"),
        ("220 mx.example.org Foozle Gateway ESMTP ready", "Foozle"),
        ("220 mx.example.org ESMTP Foozle Server ready", "Foozle"),
        ("220 mx.example.org [Foozle SMTP Proxy]", "Foozle"),
        ("220 Foozle SMTP server ready", "Foozle"),
        ("220 Foozle: SMTP service ready", "Foozle"),
        ("220 mx.example.org ESMTP Foozle(tm)", "Foozle"),
        ("220 mx.example.org ESMTP powered by Foozle", "Foozle"),
        ("220 mx.example.org ESMTP running Foozle", "Foozle"),
        ("220 mx.example.org ESMTP powered by foomail", "foomail"),
        ("220 mx.example.org ESMTP Foozle Mail Firewall", "Foozle Mail Firewall"),
        ("220 mx.example.org Foozle SMTP Server for users of x", "Foozle"),
        ("220 mx.example.org Foozle(2.5.1)", "Foozle"),
        ("220 mx.example.org ESMTP SpamFoo ready", "SpamFoo"),
        ("220 mx.example.org FooGate ESMTP", "FooGate"),
        ("220 mx.example.org Foozlemail SMTP service ready", "Foozlemail"),
    ] {
        let (discloses, found) = product(Protocol::Smtp, text);
        assert!(discloses.starts_with("product"), "{text}: {discloses}");
        assert_eq!(found, name, "{text}");
    }
    for (text, name) in [
        ("* OK Foozle ready", "Foozle"),
        ("* OK Foozle IMAP ready", "Foozle"),
        ("* OK Foozle IMAP4rev1 server (a) ready", "Foozle"),
        ("* OK imap.example.org FOOZLE IMAP server", "FOOZLE"),
        ("+OK Foozle POP3", "Foozle"),
    ] {
        assert_eq!(product(Protocol::Imap, text), ("product".to_owned(), name.to_owned()), "{text}");
    }
    for text in [
        "220 mx.example.org Foozle SMTP service ready",
        "220 mx.example.org Foozle Ltd SMTP server ready",
        "220 mx.example.org Central SMTP server ready",
        "220 mx.foozle.example Foozle SMTP server ready",
        "220 mx.example.org ESMTP Foozle",
        "220 mx.example.org ESMTP Foozle Server of ours",
        "220 mx.example.org FOOZLE SMTP server ready",
        "220 mx.example.org ESMTP powered by Foozle Hosting",
        "220 mx.example.org ESMTP powered by foozle",
        "220 mx.example.org ESMTP firewall",
        "220 mx.example.org SpamFoo and others help us",
        "220 mx.example.org ESMTP Mail Gateway 5.9.12.34",
        "550 5.7.1 Foozle SMTP server said no",
        "* OK Foozle POP3 service",
        "* OK Backend ready",
        "* OK foozle ready",
    ] {
        let protocol = if text.starts_with('*') { Protocol::Imap } else { Protocol::Smtp };
        assert_eq!(product(protocol, text), (String::new(), String::new()), "{text}");
    }
}

/// A system's own version is none of the product's.
#[test]
fn systems_and_their_versions() {
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("220 mx.example.org Exim (VMS V7.3)", &[("product", "Exim"), ("os", "VMS V7.3")]),
        ("220 mx.example.org Exim on VMS V7.3", &[("product", "Exim"), ("os", "VMS V7.3")]),
        ("220 mx.example.org Exim (HP-UX B.11.31)", &[("product", "Exim"), ("os", "HP-UX B.11.31")]),
        ("220 mx.example.org Exim VMS V7.3", &[("product", "Exim"), ("os", "VMS"), ("version", "7.3")]),
        ("220 mx.example.org Exim (Alpine)", &[("product", "Exim"), ("os", "Alpine")]),
        ("220 mx.example.org Exim of Alpine Tours", &[("product", "Exim")]),
        ("220 mx.example.org ESMTP for Windows users", &[]),
        ("220 mx.example.org Foozle Server for NetWare", &[("product", "Foozle Server"), ("os", "NetWare")]),
    ];
    for (text, want) in rows {
        assert_eq!(spans(Protocol::Smtp, text), *want, "{text}");
    }
}
