//! What can be made to be reached: every way known of writing an address that is not for strangers, wherever a
//! stranger may write one. docs/threat-model.md, server-side request forgery.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod support;

use std::net::IpAddr;

use shared::domain::{BadName, read_typed};
use shared::evidence::Answer;
use shared::inquiry::RecordType;
use shared::net::NotPublic::{self, *};
use shared::net::{is_admitted, not_public};
use shared::{HttpsUrl, Inquiry, Unseen, plan};
use support::{Zone, case, evidence};

/// Addresses as DNS may give them, and what each is.
const ADDRESSES: &[(&str, Option<NotPublic>)] = &[
    ("8.8.8.8", None),
    ("1.1.1.1", None),
    ("9.255.255.255", None),
    ("11.0.0.0", None),
    ("100.63.255.255", None),
    ("100.128.0.0", None),
    ("126.255.255.255", None),
    ("128.0.0.0", None),
    ("169.253.255.255", None),
    ("169.255.0.0", None),
    ("172.15.255.255", None),
    ("172.32.0.0", None),
    ("192.0.1.0", None),
    ("192.167.255.255", None),
    ("192.169.0.0", None),
    ("198.17.255.255", None),
    ("198.20.0.0", None),
    ("223.255.255.255", None),
    ("2000::1", None),
    ("2001:200::1", None),
    ("2606:4700::1111", None),
    ("2620:fe::fe", None),
    ("3ffe::1", None),
    ("0.0.0.0", Some(Special)),
    ("0.1.2.3", Some(Special)),
    ("10.0.0.0", Some(Private)),
    ("10.255.255.255", Some(Private)),
    ("100.64.0.0", Some(SharedCgnat)),
    // A cloud's metadata.
    ("100.100.100.200", Some(SharedCgnat)),
    ("100.127.255.255", Some(SharedCgnat)),
    ("127.0.0.1", Some(Loopback)),
    ("127.255.255.255", Some(Loopback)),
    ("169.254.0.1", Some(LinkLocal)),
    ("169.254.169.254", Some(LinkLocal)),
    ("169.254.170.2", Some(LinkLocal)),
    ("172.16.0.0", Some(Private)),
    ("172.17.0.1", Some(Private)),
    ("172.31.255.255", Some(Private)),
    ("192.0.0.1", Some(Special)),
    ("192.0.0.170", Some(Special)),
    ("192.0.0.192", Some(Special)),
    ("192.0.2.255", Some(Special)),
    ("192.88.99.1", Some(Special)),
    ("192.168.0.0", Some(Private)),
    ("192.168.255.255", Some(Private)),
    ("198.18.0.0", Some(Special)),
    ("198.19.255.255", Some(Special)),
    ("198.51.100.1", Some(Special)),
    ("203.0.113.1", Some(Special)),
    ("224.0.0.1", Some(Special)),
    ("239.255.255.250", Some(Special)),
    ("240.0.0.1", Some(Special)),
    ("255.255.255.255", Some(Special)),
    ("::", Some(Special)),
    ("::1", Some(Loopback)),
    ("::2", Some(Special)),
    ("::127.0.0.1", Some(Special)),
    ("::8.8.8.8", Some(Special)),
    ("::ffff:127.0.0.1", Some(Mapped)),
    ("::ffff:7f00:1", Some(Mapped)),
    ("::ffff:10.0.0.1", Some(Mapped)),
    ("::ffff:169.254.169.254", Some(Mapped)),
    ("::ffff:8.8.8.8", Some(Mapped)),
    ("0:0:0:0:0:ffff:a9fe:a9fe", Some(Mapped)),
    // SIIT (RFC 2765).
    ("::ffff:0:127.0.0.1", Some(Mapped)),
    ("64:ff9b::127.0.0.1", Some(Mapped)),
    ("64:ff9b::a9fe:a9fe", Some(Mapped)),
    ("64:ff9b:1::10.0.0.1", Some(Mapped)),
    ("2002:7f00:1::", Some(Mapped)),
    ("2002:a00:1::1", Some(Mapped)),
    ("2002:808:808::1", Some(Mapped)),
    ("2001::1", Some(Mapped)),
    ("2001:0:4136:e378:8000:63bf:80ff:fffe", Some(Mapped)),
    ("2001:1::1", Some(Special)),
    ("2001:2::1", Some(Special)),
    ("2001:10::1", Some(Special)),
    ("2001:20::1", Some(Special)),
    ("2001:1ff:ffff::1", Some(Special)),
    ("2001:db8::1", Some(Special)),
    ("3fff::1", Some(Special)),
    ("3fff:fff:ffff::1", Some(Special)),
    ("100::1", Some(Special)),
    ("100:0:0:1::1", Some(Special)),
    ("5f00::1", Some(Special)),
    ("fc00::1", Some(UniqueLocal)),
    ("fd00:ec2::254", Some(UniqueLocal)),
    ("fdff:ffff::1", Some(UniqueLocal)),
    ("fe80::1", Some(LinkLocal)),
    ("fe80::5efe:10.0.0.1", Some(LinkLocal)),
    ("febf::1", Some(LinkLocal)),
    ("fec0::1", Some(Special)),
    ("fe00::1", Some(Special)),
    ("ff01::1", Some(Special)),
    ("ff02::1", Some(Special)),
    ("ff0e::1", Some(Special)),
    ("4000::1", Some(Special)),
    ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Some(Special)),
];

#[test]
fn addresses() {
    for (text, want) in ADDRESSES {
        let address: IpAddr = text.parse().unwrap();
        assert_eq!(not_public(address), *want, "{text}");
        assert_eq!(is_admitted(address, false), want.is_none(), "{text}");
        let in_lab = matches!(want, None | Some(Private | Loopback | UniqueLocal));
        assert_eq!(is_admitted(address, true), in_lab, "{text}");
    }
}

/// A domain whose mail goes there is told so, and nobody connects: whichever of its records leads to it.
#[test]
fn no_plan_leads_there() {
    for (text, want) in ADDRESSES {
        let address: IpAddr = text.parse().unwrap();
        let kind = if address.is_ipv4() { "A" } else { "AAAA" };
        let zone = format!(
            "example.org MX 10 mx.example.org\nmx.example.org {kind} {text}\nexample.org {kind} {text}\n\
             _imaps._tcp.example.org SRV 0 1 993 mx.example.org\nimap.example.org {kind} {text}\n\
             mail.example.org {kind} {text}\nmta-sts.example.org {kind} {text}\nexample.org TXT v=spf1 mx -all"
        );
        for admit_private in [false, true] {
            let asked = probed(&zone, admit_private);
            let may = want.is_none() || (admit_private && matches!(want, Some(Private | Loopback | UniqueLocal)));
            assert_eq!(asked.contains(&address), may, "{text}, admitted: {admit_private}");
            assert!(asked.iter().all(|asked| *asked == address), "{asked:?}");
        }
    }
}

/// The addresses that a scan would connect to.
fn probed(zone: &str, admit_private: bool) -> Vec<IpAddr> {
    let zone = Zone::new(zone);
    let mut case = case("example.org");
    case.admit_private = admit_private;
    let mut asked = Vec::new();
    loop {
        let wanted = plan(&case);
        if wanted.is_empty() {
            return asked;
        }
        for inquiry in wanted {
            let answer: Result<Answer, Unseen> = match &inquiry {
                Inquiry::Dns { name, record: RecordType::Ptr, .. } if name.as_str().ends_with("arpa") => {
                    Err(Unseen::ServFail)
                }
                Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
                Inquiry::Probe { address, .. } => {
                    asked.push(*address);
                    Err(Unseen::Refused)
                }
                Inquiry::Fetch { .. } | Inquiry::Arrival { .. } | Inquiry::Owner { .. } => Err(Unseen::Closed),
                Inquiry::Mail => Err(Unseen::NoMailTest),
            };
            case.add(evidence(inquiry, answer));
        }
    }
}

/// Ways of writing an address that some readers understand and others do not. The first word is what a person may
/// type as a domain, or a record may name as host of a URL: neither may lead anywhere.
const ODD_FORMS: &[&str] = &[
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0X7F.0x0.0x0.0x1",
    "0177.0.0.1",
    "0177.0.0.01",
    "017700000001",
    "00000177.0.0.1",
    "127.0.0.1.",
    "127.0.0.0x1",
    "1.0x7f",
    "169.254.43518",
    "169.16689662",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "256.256.256.256",
    "1.2.3.4.5",
    "example.1",
    "example.0x",
    "0",
    "0.0.0.0",
    "[::1]",
    "::1",
    "[::ffff:127.0.0.1]",
    "[fe80::1%25eth0]",
    "fe80::1%eth0",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "localhost",
    "LOCALHOST.",
    "%6c%6f%63%61%6c%68%6f%73%74",
    "%31%32%37.0.0.1",
    "１２７.0.0.1",
    "127。0。0。1",
    "①②⑦.⓪.⓪.①",
    "localhost\0.example.org",
    "exam ple.org",
    "example.org\t",
    "ex\u{ad}ample.org",
    "example.org\\.evil.test",
    "",
    ".",
    "..",
    ".example.org",
    "a..example.org",
];

#[test]
fn no_odd_form_is_a_host() {
    // The kindest IDNA there is: wide and circled digits and dots become plain ones (UTS 46).
    let kind = |host: &str| {
        let plain = host.chars().filter(|c| *c != '\u{ad}').map(|c| match c {
            '。' => '.',
            '１' | '①' => '1',
            '２' | '②' => '2',
            '７' | '⑦' => '7',
            '⓪' => '0',
            other => other,
        });
        Some(plain.collect::<String>())
    };
    for form in ODD_FORMS {
        let url = HttpsUrl::new(&format!("https://{form}/"));
        assert!(url.is_err(), "{form}: {url:?}");
        // An invisible hyphen is taken out, and space around a domain is no part of it.
        let harmless = form.contains('\u{ad}') || *form == "example.org\t";
        let typed = read_typed(form, kind);
        assert_eq!(typed.is_ok(), harmless, "{form}: {typed:?}");
        let quoted = serde_json::to_string(form).unwrap();
        let json = format!(r#"{{"kind":"fetch","url":{}}}"#, quoted.replacen('"', "\"https://", 1));
        assert!(serde_json::from_str::<Inquiry>(&json).is_err(), "{json}");
        // Of the forms that are addresses by any reading, the inquiries take the plain ones only.
        let json = format!(r#"{{"kind":"probe","address":{quoted},"port":25,"script":"smtp-survey"}}"#);
        let plain = form.parse::<IpAddr>().is_ok();
        assert_eq!(serde_json::from_str::<Inquiry>(&json).is_ok(), plain, "{json}");
    }
    for (form, why) in [
        ("127.1", BadName::Address),
        ("0x7f.1", BadName::Address),
        ("https://2130706433/", BadName::Address),
        ("me@0177.0.0.01", BadName::Address),
        ("example.0x", BadName::Address),
    ] {
        assert_eq!(read_typed(form, kind), Err(why), "{form}");
    }
}

#[test]
fn what_a_url_may_be() {
    let host = "logo.example.org";
    for (text, want) in [
        ("https://logo.example.org/", true),
        ("https://logo.example.org:443/", true),
        ("https://logo.example.org./", true),
        ("https://logo.example.org:80/", false),
        ("https://logo.example.org:0443/", false),
        ("https://logo.example.org:/", false),
        ("https://logo.example.org:25/", false),
        ("http://logo.example.org/", false),
        ("gopher://logo.example.org:25/", false),
        ("file:///etc/passwd", false),
        ("https:logo.example.org", false),
        ("https:/logo.example.org/", false),
        ("https:///logo.example.org/", false),
        ("https:\\\\logo.example.org\\", false),
        ("https://user@logo.example.org/", false),
        ("https://127.0.0.1@logo.example.org/", false),
        ("https://logo.example.org@127.0.0.1/", false),
        ("https://logo.example.org%2f@127.0.0.1/", false),
        ("https://logo.example.org\\@127.0.0.1/", false),
        ("https://logo.example.org#@127.0.0.1/", false),
        ("https://127.0.0.1#logo.example.org/", false),
        ("https://127.0.0.1?logo.example.org/", false),
        ("https://logo.example.org\r\nHost: x/", false),
        ("https://logo.example.org/\r\nX: y", false),
        (" https://logo.example.org/", false),
        ("https://metadata.google.internal/", false),
        ("https://router.local/", false),
        ("https://x.localhost/", false),
        ("https://1.0.0.127.in-addr.arpa/", false),
        ("https://x.home.arpa/", false),
        ("https://x.onion/", false),
        ("https://xn--e1afmkfd.xn--p1ai/", true),
        // Names that resolve to loopback are for whoever resolves them: see `no_plan_leads_there`.
        ("https://127.0.0.1.nip.example/", true),
    ] {
        let url = HttpsUrl::new(text);
        assert_eq!(url.is_ok(), want, "{text}: {url:?}");
        if let (Ok(url), true) = (url, text.contains(host)) {
            assert_eq!(url.as_str(), format!("https://{host}/"), "{text}");
        }
    }
}
