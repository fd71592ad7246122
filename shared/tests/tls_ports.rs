//! Old versions and weak ciphers of TLS on the ports where people log in.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod support;

use std::cell::RefCell;
use std::net::IpAddr;

use shared::evidence::{Hello, HelloAnswer, LineSession, Offer, TlsFault};
use shared::inquiry::{Opening, Script};
use shared::{Answer, Inquiry, Report, Unseen};
use support::{CAREFUL, Encryption, GOOD, Server, Zone, lines_in_tls, run, smtp_in_tls};

const ZONE: &str = "example.org MX 10 mx1.example.org\nmx1.example.org A 198.41.0.1\n\
    example.org TXT v=spf1 mx -all\n_sieve._tcp.example.org SRV 0 1 4190 mx1.example.org";

/// What a server of a port says of itself.
fn survey(port: u16, tls: &Encryption) -> Result<Answer, Unseen> {
    let fails = matches!(tls, Encryption::Fails(_));
    Ok(match port {
        // Of a handshake that fails before the greeting nothing is kept.
        465 | 993 | 995 if fails => return Err(Unseen::NoTls),
        465 => smtp_in_tls(&Server { tls: Encryption::Shows(GOOD), ..CAREFUL }),
        993 => lines_in_tls(["* OK", "* CAPABILITY IMAP4rev1\na1 OK", ""], tls, true),
        995 => lines_in_tls(["+OK", "+OK\nUSER", ""], tls, true),
        143 => lines_in_tls(["* OK", "* CAPABILITY STARTTLS LOGINDISABLED\na1 OK", ""], tls, false),
        110 => lines_in_tls(["+OK", "+OK\nSTLS", ""], tls, false),
        _ => lines_in_tls(["\"STARTTLS\"\nOK", "\"STARTTLS\"\nOK", ""], tls, false),
    })
}

fn offered(port: u16, offer: Offer, answer: &HelloAnswer) -> Answer {
    let hello = Hello { offer, took: 5, answer: answer.clone() };
    match port {
        465 | 993 | 995 => Answer::Hello(hello),
        _ => Answer::Lines(LineSession { exchanges: vec![], broke: None, tls: None, client_hello: Some(hello) }),
    }
}

/// The report where only this port, besides 25, speaks; and what else was asked there.
fn report(port: u16, tls: &Encryption, old: &HelloAnswer, weak: &HelloAnswer) -> (Report, Vec<Script>) {
    let zone = Zone::new(ZONE);
    let asked = RefCell::new(Vec::new());
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        Inquiry::Probe { port: at, script: Script::Hello(opening, offer), .. } if *at == port => {
            let want = match port {
                465 | 993 | 995 => Opening::Nothing,
                143 => Opening::Imap,
                110 => Opening::Pop,
                _ => Opening::Sieve,
            };
            assert_eq!(*opening, want, "{port}");
            asked.borrow_mut().push(Script::Hello(*opening, *offer));
            Ok(offered(port, *offer, if *offer == Offer::Old { old } else { weak }))
        }
        Inquiry::Probe { port: at, script, .. } if *at == port && !script.injects() => survey(port, tls),
        _ => Err(Unseen::Refused),
    });
    (report, asked.into_inner())
}

fn of(report: &Report, check: &str, port: u16) -> String {
    let subject = format!("port {port}");
    let at_port = report.findings.iter().find(|f| f.check == check && f.subject.ends_with(&subject));
    at_port.map(|f| format!("{} {}", f.outcome, f.verdict)).unwrap_or_default()
}

fn takes(version: u16, name: &str) -> HelloAnswer {
    HelloAnswer::Takes { version, suite: 1, name: name.to_owned() }
}

const fn alert(level: u8, description: u8) -> HelloAnswer {
    HelloAnswer::Alert { version: 0x0303, level, description }
}

const PORTS: [u16; 6] = [465, 993, 995, 143, 110, 4190];

#[test]
fn where_people_log_in() {
    let refused = alert(2, 70);
    let closed = HelloAnswer::Failed(TlsFault::Closed);
    let (good, fails) = (Encryption::Shows(GOOD), Encryption::Fails(TlsFault::Incompatible));
    let aes = "TLS_RSA_WITH_AES_128_CBC_SHA";
    let ecdhe = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA";
    for port in PORTS {
        let is_smtp = port == 465;
        // From the first octet on, a shut door looks like that, too.
        let hangs_up = |clean: &'static str| if matches!(port, 465 | 993 | 995) { "no-tls untested" } else { clean };
        let goodbye = |clean: &'static str| if is_smtp { "unclear-reply untested" } else { clean };
        let rows: &[(&Encryption, HelloAnswer, HelloAnswer, &str, &str)] = &[
            (&good, refused.clone(), alert(2, 40), "modern clean", "strong clean"),
            (&good, closed.clone(), closed.clone(), hangs_up("modern clean"), hangs_up("strong clean")),
            (&good, alert(1, 0), alert(1, 0), goodbye("modern clean"), goodbye("strong clean")),
            (&good, takes(0x0302, ecdhe), alert(2, 40), "client-old venial", "strong clean"),
            (&good, refused.clone(), takes(0x0303, aes), "modern clean", "client-no-secrecy venial"),
            (&good, refused.clone(), takes(0x0303, "TLS_RSA_WITH_RC4_128_SHA"), "modern clean", "client-weak venial"),
            (&good, refused.clone(), takes(0x0303, "TLS_RSA_WITH_NULL_SHA"), "modern clean", "client-broken mortal"),
            (&good, HelloAnswer::Failed(TlsFault::Timeout), alert(2, 40), "no-tls untested", "strong clean"),
            (&good, alert(2, 80), alert(2, 80), "unclear-reply untested", "unclear-reply untested"),
            (&fails, takes(0x0301, aes), takes(0x0301, aes), "client-outdated mortal", "client-no-secrecy venial"),
            (&fails, refused.clone(), takes(0x0303, aes), "modern clean", "client-no-secrecy venial"),
            (&fails, closed.clone(), closed.clone(), "no-tls untested", "no-tls untested"),
            (&fails, refused.clone(), alert(2, 40), "no-tls untested", "no-tls untested"),
        ];
        for (tls, old, weak, version, cipher) in rows {
            let (report, asked) = report(port, tls, old, weak);
            let found = (of(&report, "tls-version", port), of(&report, "tls-cipher", port));
            assert_eq!((found.0.as_str(), found.1.as_str()), (*version, *cipher), "{port} {old:?} {weak:?}");
            assert_eq!(asked.len(), 2, "{port} {old:?}");
        }
    }
}

/// Where the port in the clear hangs up alike, it is a refusal.
#[test]
fn two_ports_of_one_server() {
    let zone = Zone::new(ZONE);
    let good = Encryption::Shows(GOOD);
    let closed = HelloAnswer::Failed(TlsFault::Closed);
    for (clear, want) in [(closed.clone(), "modern clean"), (takes(0x0301, "x"), "no-tls untested")] {
        let report = run("example.org", &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
            Inquiry::Probe { port: 993, script: Script::Hello(_, offer), .. } => Ok(offered(993, *offer, &closed)),
            Inquiry::Probe { port: 143, script: Script::Hello(_, offer), .. } => Ok(offered(143, *offer, &clear)),
            Inquiry::Probe { port: port @ (143 | 993), script, .. } if !script.injects() => survey(*port, &good),
            _ => Err(Unseen::Refused),
        });
        assert_eq!(of(&report, "tls-version", 993), want);
    }
}

/// A handshake that fails for another reason is not tried again with less; without TLS there is nothing to offer.
#[test]
fn who_is_not_asked() {
    let answer = alert(2, 70);
    for (port, fault) in [(143, TlsFault::Refused), (110, TlsFault::NotNow), (4190, TlsFault::NotTls)] {
        let (report, asked) = report(port, &Encryption::Fails(fault), &answer, &answer);
        assert!(of(&report, "tls-version", port).ends_with("untested") && asked.is_empty(), "{port}");
    }
    let (report, asked) = report(143, &Encryption::NotReached, &answer, &answer);
    assert!(of(&report, "tls-version", 143).ends_with("untested") && asked.is_empty());
}

/// Of a host with several addresses the first that answers stands for the others, and four connections to a port are all.
#[test]
fn one_address_stands_for_others() {
    let zone = Zone::new(&format!("{ZONE}\nmx1.example.org A 198.41.0.2\nmx1.example.org A 198.41.0.3"));
    let open: [IpAddr; 2] = [[198, 41, 0, 2].into(), [198, 41, 0, 3].into()];
    let asked = RefCell::new(Vec::new());
    let good = Encryption::Shows(GOOD);
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { address, port, script, .. } if open.contains(address) => {
            asked.borrow_mut().push((*address, *port));
            match script {
                _ if matches!(port, 25 | 587) => Err(Unseen::Refused),
                Script::Hello(_, offer) => Ok(offered(*port, *offer, &alert(2, 70))),
                script if script.injects() => Err(Unseen::Closed),
                _ => survey(*port, &good),
            }
        }
        _ => Err(Unseen::Refused),
    });
    for check in ["tls-version", "tls-cipher"] {
        let at = report.findings.iter().filter(|f| f.check == check && !f.subject.ends_with("port 25"));
        let subjects: Vec<&str> = at.map(|f| f.subject.as_str()).collect();
        assert_eq!(subjects.len(), PORTS.len(), "{subjects:?}");
        assert!(subjects.iter().all(|subject| subject.contains("198.41.0.2,")), "{subjects:?}");
    }
    let asked = asked.into_inner();
    for port in PORTS {
        let times = |address| asked.iter().filter(|at| **at == (address, port)).count();
        let starts_clear = usize::from(matches!(port, 143 | 110 | 4190));
        assert_eq!(open.map(times), [3 + starts_clear, 1 + starts_clear], "{port}");
    }
}
