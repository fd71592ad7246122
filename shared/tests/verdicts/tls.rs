//! TLS of mail hosts.

use super::*;

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
