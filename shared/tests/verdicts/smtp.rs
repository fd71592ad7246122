//! What mail hosts say and take on port 25, and where nothing can be said of them.

use super::*;

#[test]
fn open_relay() {
    let taken = "250 2.1.5 Ok";
    check(
        "open-relay",
        &[
            (ZONE, CAREFUL, &["refuses clean"]),
            (ZONE, Server { relay: taken, ..CAREFUL }, &["relays mortal"]),
            (ZONE, Server { relay: taken, control: taken, ..CAREFUL }, &["accepts-all untested"]),
            (ZONE, Server { control: taken, ..CAREFUL }, &["refuses clean"]),
            (ZONE, Server { relay: "550 5.1.1 no such user", ..CAREFUL }, &["refuses clean"]),
            (
                ZONE,
                Server { relay: "550 5.1.1 no such user", postmaster: "550 5.1.1 x", abuse: "550 5.1.1 x", ..CAREFUL },
                &["unclear-reply untested"],
            ),
            (ZONE, Server { relay: "450 4.7.1 Greylisted, see you later", ..CAREFUL }, &["try-later untested"]),
            (
                ZONE,
                Server {
                    relay: "554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.example",
                    ..CAREFUL
                },
                &["client-refused untested"],
            ),
            (ZONE, Server { relay: taken, control: "450 4.2.0 Greylisted", ..CAREFUL }, &["unclear-reply untested"]),
            (ZONE, Server { mail: "550 5.7.1 sender refused", ..CAREFUL }, &["client-refused untested"]),
            (ZONE, Server { mail: "554 5.7.1 Relay access denied", ..CAREFUL }, &["refuses clean"]),
            (
                &zone_with("mx.probe", "mx.probe.example A 198.41.0.25"),
                Server { relay: taken, ..CAREFUL },
                &["own-recipient untested"],
            ),
        ],
    );
}

#[test]
fn what_a_server_says_of_itself() {
    let ehlo = |lines: &'static str| Server { ehlo: lines, ..CAREFUL };
    let fails = |fault| Server { tls: Encryption::Fails(fault), ..CAREFUL };
    check(
        "smtp-cleartext-auth",
        &[
            (ZONE, CAREFUL, &["none clean"]),
            (ZONE, ehlo("250-mx1.example.org\n250-AUTH PLAIN LOGIN\n250 STARTTLS"), &["offered mortal"]),
            (ZONE, ehlo("250-mx1.example.org\n250 AUTH=LOGIN"), &["offered mortal"]),
            (ZONE, ehlo("250-mx1.example.org\n250 AUTH XOAUTH2"), &["offered mortal"]),
            (ZONE, ehlo("250-mx1.example.org\n250 AUTH NTLM CRAM-MD5"), &["challenge-only venial"]),
            (ZONE, Server { auth: "334", ..CAREFUL }, &["accepted mortal"]),
            (ZONE, Server { auth: "454 4.7.0 later", ..CAREFUL }, &["try-later untested"]),
        ],
    );
    check(
        "starttls",
        &[
            (ZONE, CAREFUL, &["offered clean"]),
            (ZONE, ehlo("250 mx1.example.org"), &["mx-without venial"]),
            (ZONE, fails(TlsFault::Refused), &["mx-fails venial"]),
            (ZONE, fails(TlsFault::NotTls), &["mx-fails venial"]),
            (ZONE, fails(TlsFault::NotNow), &["try-later untested"]),
            (ZONE, fails(TlsFault::Incompatible), &["no-tls untested"]),
            (ZONE, fails(TlsFault::Alert), &["no-tls untested"]),
            (ZONE, fails(TlsFault::Closed), &["no-tls untested"]),
            (ZONE, Server { tls: Encryption::NotReached, ..CAREFUL }, &["not-asked untested"]),
            (ZONE, Server { ehlo: "550 5.7.1 go away", ..CAREFUL }, &["client-refused untested"]),
        ],
    );
    let shows = |shown| Server { tls: Encryption::Shows(shown), ..CAREFUL };
    let valueless = "250-mx1.example.org\n250 SIZE";
    check(
        "tls-certificate",
        &[
            (ZONE, CAREFUL, &["valid clean"]),
            (ZONE, shows(Shown { names: &["*.example.org"], ..GOOD }), &["valid clean"]),
            (ZONE, shows(Shown { days_left: 29, ..GOOD }), &["expires-soon note", "valid clean"]),
            (ZONE, shows(Shown { days_left: 30, ..GOOD }), &["valid clean"]),
            (ZONE, shows(Shown { names: &["example.org"], ..GOOD }), &["mx-unverifiable note"]),
            (ZONE, shows(Shown { path: Path::Expired, days_left: -1, ..GOOD }), &["mx-unverifiable note"]),
            (ZONE, shows(Shown { path: Path::UnknownIssuer, self_issued: true, ..GOOD }), &["mx-unverifiable note"]),
            (ZONE, shows(Shown { path: Path::Other, ..GOOD }), &["no-certificate untested"]),
            (ZONE, shows(Shown { key: ("RSA", 1024), ..GOOD }), &["mx-weak note"]),
            (ZONE, shows(Shown { key: ("RSA", 2048), ..GOOD }), &["valid clean"]),
            (ZONE, shows(Shown { signature: "ECDSA-SHA1", path: Path::Other, ..GOOD }), &["mx-weak note"]),
            (ZONE, ehlo("250 mx1.example.org"), &[]),
            (ZONE, fails(TlsFault::Refused), &["no-tls untested"]),
            (ZONE, Server { tls: Encryption::NotReached, ..CAREFUL }, &["not-asked untested"]),
        ],
    );
    check(
        "size-limit",
        &[
            (ZONE, CAREFUL, &["limited clean"]),
            (ZONE, ehlo("250-mx1.example.org\n250 SIZE 0"), &["limited-silently clean"]),
            (ZONE, Server { size: "250 2.1.0 Ok", ..ehlo("250-mx1.example.org\n250 SIZE 0") }, &["none mortal"]),
            (
                ZONE,
                Server { size: "530 5.7.0 Must issue STARTTLS", ..ehlo("250-mx1.example.org\n250 SIZE 0") },
                &["none mortal"],
            ),
            (ZONE, Server { size: "250 2.1.0 Ok", ..ehlo("250-mx1.example.org\n250 SIZE") }, &["none mortal"]),
            (ZONE, ehlo("250-mx1.example.org\n250 SIZE"), &["limited-silently clean"]),
            (
                ZONE,
                Server { size: "530 5.7.0 Must issue STARTTLS", ..ehlo("250-mx1.example.org\n250 SIZE") },
                &["client-refused untested"],
            ),
            (ZONE, Server { size: "552 no", ..ehlo(valueless) }, &["limited-silently clean"]),
            (ZONE, Server { size: "554 5.3.4 too big", ..ehlo(valueless) }, &["limited-silently clean"]),
            (ZONE, Server { size: "554 Message size exceeds limit", ..ehlo(valueless) }, &["limited-silently clean"]),
            (ZONE, Server { size: "451 4.7.1 later", ..ehlo(valueless) }, &["try-later untested"]),
            (ZONE, ehlo("250-mx1.example.org\n250 SIZE 1000"), &["too-small mortal"]),
            (ZONE, ehlo("250-mx1.example.org\n250 SIZE 65536"), &["limited clean"]),
            (ZONE, ehlo("250-mx1.example.org\n250 SIZE 268435456"), &["limited clean"]),
            (ZONE, ehlo("250-mx1.example.org\n250 SIZE 1073741824"), &["too-large venial"]),
            (ZONE, Server { size: "250 2.1.0 Ok", ..CAREFUL }, &["not-enforced note"]),
            (ZONE, ehlo("250 mx1.example.org"), &["undeclared note"]),
        ],
    );
    let greeting = |line: &'static str| Server { greeting: line, ..CAREFUL };
    check(
        "banner-version",
        &[
            (ZONE, CAREFUL, &["silent clean"]),
            (ZONE, Server { ehlo: "550 5.7.1 go away", ..CAREFUL }, &["client-refused untested"]),
            (ZONE, greeting("220 mx1.example.org ESMTP Postfix 3.7.11 (Debian)"), &["version mortal"]),
            (ZONE, greeting("220 mx1.example.org ESMTP Postfix (Debian/GNU)"), &["system venial"]),
            (ZONE, greeting("220 mx1.example.org ESMTP Postfix"), &["product note"]),
            (ZONE, Server { help: "214 This is Sendmail version 8.15.2", ..CAREFUL }, &["version mortal"]),
        ],
    );
    check(
        "banner-internal-name",
        &[
            (ZONE, CAREFUL, &["public clean"]),
            (ZONE, greeting("220 mail.sinner.local ESMTP"), &["internal mortal"]),
            (ZONE, greeting("220 EX01 ESMTP"), &["single-label venial"]),
            (
                ZONE,
                Server { greeting: "220 lost.example.org ESMTP", ehlo: "250 lost.example.org", ..CAREFUL },
                &["unresolved note"],
            ),
        ],
    );
    check(
        "banner-internal-address",
        &[
            (ZONE, Server { ehlo: "550 5.7.1 go away", ..CAREFUL }, &["client-refused untested"]),
            (ZONE, CAREFUL, &["none clean"]),
            (ZONE, greeting("220 mx1.example.org ESMTP at 10.1.2.3"), &["internal mortal"]),
            (ZONE, ehlo("250 mx1.example.org Hello probe [192.168.0.9]"), &["none clean"]),
        ],
    );
    check(
        "helo-name",
        &[
            (ZONE, CAREFUL, &["resolves clean"]),
            (ZONE, greeting("220 lost.example.org ESMTP"), &["unresolved note"]),
            (ZONE, Server { greeting: "220 EX01 ESMTP", ..CAREFUL }, &["not-a-full-name note"]),
        ],
    );
}

/// What a finding shows, and which parts of it it marks.
#[test]
fn what_findings_show_and_mark() {
    let imap = |script: &Script| {
        let tls = Encryption::Shows(GOOD);
        if script.injects() {
            lines_injected(["a2 OK done", "a3 OK bye"], &tls)
        } else {
            lines_in_tls(IMAP, &tls, false)
        }
    };
    let zone = Zone::new(ZONE);
    let ehlo = "250-mx1.example.org\n250-SIZE 52428800\n250-AUTH PLAIN LOGIN\n250 STARTTLS";
    let server = Server { ehlo, injected: ["250 OK", "221 Bye"], ..CAREFUL };
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(server.answer(script)),
        Inquiry::Probe { port: 143, script, .. } => Ok(imap(script)),
        _ => Err(Unseen::Refused),
    });
    let hello =
        "→ EHLO probe.probe.example\n250-mx1.example.org\n250-SIZE 52428800\n250-AUTH PLAIN LOGIN\n250 STARTTLS";
    let agreed = "TLSv1.3 TLS_AES_128_GCM_SHA256 x25519";
    let rows: &[(&str, &str, String, &[&str])] = &[
        (
            "smtp-cleartext-auth",
            "25",
            format!("{hello}\n→ AUTH PLAIN\n503 5.5.1 Error: authentication not enabled"),
            &["AUTH PLAIN LOGIN"],
        ),
        ("size-limit", "25", hello.to_owned(), &["SIZE 52428800"]),
        (
            "starttls",
            "143",
            format!("→ CAPABILITY\n* CAPABILITY STARTTLS LOGINDISABLED\na1 OK\n→ a3 STARTTLS\na3 OK begin\n{agreed}"),
            &["STARTTLS"],
        ),
        (
            "starttls-injection",
            "25",
            "→ STARTTLS\r\nNOOP\n220 2.0.0 Ready to start TLS\n250 OK\n→ QUIT\n221 Bye".to_owned(),
            &["250"],
        ),
        (
            "starttls-injection",
            "143",
            "→ a1 STARTTLS\r\na2 NOOP\na1 OK begin\na2 OK done\n→ a3 LOGOUT\na3 OK bye".to_owned(),
            &["a2 OK done"],
        ),
    ];
    for (check, port, seen, marks) in rows {
        let finding = report.findings.iter().find(|f| f.check == *check && f.subject.ends_with(port)).unwrap();
        assert_eq!(finding.seen, *seen, "{check}");
        assert_eq!(marked(finding), *marks, "{check}");
    }
}

#[test]
fn role_names() {
    let refused = "550 5.1.1 <x>: Recipient address rejected: User unknown";
    let blocked = "550 5.7.1 Service unavailable, client host [192.0.2.1] blocked using bl.example";
    check(
        "postmaster",
        &[
            (ZONE, CAREFUL, &["accepted clean"]),
            (ZONE, Server { postmaster: refused, ..CAREFUL }, &["refused mortal"]),
            (ZONE, Server { bare: refused, ..CAREFUL }, &["bare-refused venial"]),
            (ZONE, Server { postmaster: blocked, ..CAREFUL }, &["client-refused untested"]),
            (ZONE, Server { postmaster: "450 4.7.1 Greylisted", ..CAREFUL }, &["try-later untested"]),
            (ZONE, Server { control: "250 Ok", ..CAREFUL }, &["accepts-all untested"]),
            (ZONE, Server { control: "450 4.7.1 Greylisted", ..CAREFUL }, &["try-later untested"]),
            (ZONE, Server { control: blocked, ..CAREFUL }, &["unclear-reply untested"]),
            (ZONE, Server { mail: "550 5.7.1 sender refused", ..CAREFUL }, &["client-refused untested"]),
        ],
    );
    let foreign =
        zone_with("example.org MX", "example.org MX 10 mx.provider.example\nmx.provider.example A 198.41.0.77");
    check("postmaster", &[(&foreign, Server { bare: refused, ..CAREFUL }, &["bare-refused-shared note"])]);
    check(
        "abuse",
        &[
            (ZONE, CAREFUL, &["accepted clean"]),
            (ZONE, Server { abuse: refused, ..CAREFUL }, &["refused venial"]),
            (ZONE, Server { control: "250 Ok", ..CAREFUL }, &["accepts-all untested"]),
        ],
    );
    check(
        "null-sender",
        &[
            (ZONE, CAREFUL, &["accepted clean"]),
            (ZONE, Server { null_sender: "550 5.7.1 null sender refused", ..CAREFUL }, &["refused mortal"]),
            (ZONE, Server { null_sender: "550 5.5.0 Too many commands", ..CAREFUL }, &["client-refused untested"]),
            (ZONE, Server { null_sender: "503 5.5.1 Sender already given", ..CAREFUL }, &["client-refused untested"]),
            (ZONE, Server { null_sender: "502 5.5.2 not now", ..CAREFUL }, &["client-refused untested"]),
            (ZONE, Server { null_sender: "530 5.7.0 Log in first", ..CAREFUL }, &["client-refused untested"]),
            (
                ZONE,
                Server { null_sender: "550 unsigned return path: BATV wanted", ..CAREFUL },
                &["client-refused untested"],
            ),
            (ZONE, Server { null_sender: "451 4.7.1 later", ..CAREFUL }, &["try-later untested"]),
            (ZONE, Server { postmaster: refused, ..CAREFUL }, &["no-base untested"]),
        ],
    );
}

#[test]
fn patience() {
    let late = Server { greeting_took: 40_000, ..CAREFUL };
    check("greeting-delay", &[(ZONE, CAREFUL, &["prompt clean"]), (ZONE, late, &["deliberate note"])]);
    let late = Server { greeting_took: 40_000, ..CAREFUL };
    check("postmaster", &[(ZONE, late, &["delayed untested"])]);
}

#[test]
fn hosts_that_cannot_be_reached() {
    let zone = Zone::new(&zone_with("", "example.org MX 20 mx2.example.org\nmx2.example.org A 198.41.0.26"));
    let reach = |first: Result<(), Unseen>, second: Result<(), Unseen>| {
        let report = run("example.org", &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            Inquiry::Probe { address, port: 25, script, .. } => {
                let fate = if address.to_string().ends_with("25") { first } else { second };
                fate.map(|()| CAREFUL.answer(script))
            }
            _ => Err(Unseen::Refused),
        });
        let mut found: Vec<_> =
            report.findings.iter().filter(|f| f.check == "mx-reachable").map(|f| f.outcome.clone()).collect();
        found.sort();
        (found, report.grade.map(|grade| grade.letter()))
    };
    let own = |outcomes: [&str; 2]| outcomes.map(str::to_owned).to_vec();
    assert_eq!(reach(Ok(()), Ok(())), (own(["answers", "answers"]), Some("A")));
    assert_eq!(reach(Ok(()), Err(Unseen::Refused)).0, own(["answers", "refused"]));
    assert_eq!(reach(Ok(()), Err(Unseen::ConnectTimeout)).0, own(["answers", "connect-timeout"]));
    assert_eq!(
        reach(Err(Unseen::Refused), Err(Unseen::Refused)),
        (own(["blocked-or-refused", "blocked-or-refused"]), None)
    );
    let (answered, refused, rejected) = (Ok(()), Err(Unseen::Refused), Err(Unseen::Rejected));
    assert_eq!(reach(rejected, rejected), (own(["refused-everywhere", "refused-everywhere"]), None));
    assert_eq!(
        reach(rejected, refused).0,
        own(["blocked-or-refused", "refused"]),
        "one of them may be our end's fault"
    );
    assert_eq!(reach(rejected, Err(Unseen::ConnectTimeout)).0, own(["connect-timeout", "refused"]));
    assert_eq!(reach(rejected, Err(Unseen::NoIpv6)).0, own(["no-ipv6", "refused"]));
    assert_eq!(reach(answered, rejected).0, own(["answers", "refused"]));
    assert_eq!(
        reach(Err(Unseen::PortBlocked), Err(Unseen::PortBlocked)).1,
        None,
        "no letter for a scanner that was shut out"
    );
}

/// A host that could not be looked up may be the one that answers.
#[test]
fn refused_as_far_as_was_seen() {
    let zone = Zone::new(&zone_with("", "example.org MX 20 mx2.example.org\nmx2.example.org A 198.41.0.26"));
    for (hidden, want) in [("", "refused-everywhere mortal"), ("A", "refused venial"), ("AAAA", "refused venial")] {
        let report = run("example.org", &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } if name.as_str() == "mx2.example.org" && record.to_string() == hidden => {
                Err(Unseen::ServFail)
            }
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            Inquiry::Probe { port: 25, .. } => Err(Unseen::Rejected),
            _ => Err(Unseen::Refused),
        });
        let mut found = report.findings.iter().filter(|finding| finding.check == "mx-reachable");
        let first = found.find(|finding| finding.subject.starts_with("mx1"));
        assert_eq!(first.map(|f| format!("{} {}", f.outcome, f.verdict)).as_deref(), Some(want), "{hidden}");
        assert_eq!(report.grade, None);
    }
}

#[test]
fn an_operator_can_opt_out() {
    for at in ["_mailsins.example.org", "_mailsins.mx1.example.org"] {
        let zone = Zone::new(&zone_with("", &format!("{at} TXT v=mailsins1; probe=none")));
        let report = run("example.org", &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            // Of the domain itself its operator may want to hear.
            Inquiry::Fetch { .. } if at.contains("mx1") => Err(Unseen::FetchFailed),
            _ => panic!("asked all the same: {inquiry}"),
        });
        assert!(report.findings.iter().any(|f| f.check == "open-relay" && f.outcome == "opted-out"), "{at}");
        assert_eq!(report.grade, None);
    }
}

#[test]
fn the_resolver_is_down() {
    let report = run("example.org", &|_| Err::<Answer, _>(Unseen::ResolverFailed));
    assert!(report.findings.iter().all(|finding| finding.verdict == Verdict::Untested), "{:#?}", report.findings);
    assert_eq!((report.grade, report.coverage), (None, 0.0));
}
