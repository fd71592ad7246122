//! What mail programs use: IMAP, POP3, submission, and how they find it.

use super::*;

const CLOSED: [&str; 3] = ["", "", ""];
const POP: [&str; 3] = ["+OK", "+OK\nSTLS", ""];

/// What a port answers.
type Port = (u16, Result<Answer, Unseen>);

/// What a check says where IMAP and POP3 of the MX host say so: greeting, capabilities, reply to AUTH.
fn client_outcomes(check: &str, zone: &str, imap: [&str; 3], pop: [&str; 3]) -> Vec<String> {
    let zone = Zone::new(zone);
    let said = |[greeting, capability, auth]: [&str; 3]| match greeting {
        "" => Err(Unseen::Refused),
        _ => Ok(lines_in_tls([greeting, capability, auth], &Encryption::Shows(GOOD), false)),
    };
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        Inquiry::Probe { port: 143, .. } => said(imap),
        Inquiry::Probe { port: 110, .. } => said(pop),
        _ => Err(Unseen::Refused),
    });
    let of_check = report.findings.iter().filter(|finding| finding.check == check);
    let mut found: Vec<String> = of_check
        .filter(|finding| !finding.subject.ends_with("port 25"))
        .map(|finding| format!("{} {}", finding.outcome, finding.verdict))
        .collect();
    found.sort();
    found
}

#[test]
fn imap_cleartext_login() {
    let of = |greeting: &str, capability: &str, auth: &str| {
        client_outcomes("imap-cleartext-login", ZONE, [greeting, capability, auth], CLOSED)
    };
    let rows: &[(&str, &str, &str, &[&str])] = &[
        ("", "", "", &[]),
        ("* OK", "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\na1 OK", "", &["none clean"]),
        ("* OK", "* CAPABILITY IMAP4rev1 logindisabled\na1 OK", "", &["none clean"]),
        ("* OK", "* CAPABILITY IMAP4rev1 STARTTLS\na1 OK", "", &["login mortal"]),
        ("* OK", "* CAPABILITY STARTTLS AUTH=PLAIN\na1 OK", "+ ", &["offered mortal"]),
        ("* OK", "* CAPABILITY LOGINDISABLED auth=login\na1 OK", "a2 NO", &["offered mortal"]),
        ("* OK", "* CAPABILITY LOGINDISABLED AUTH=OAUTHBEARER\na1 OK", "", &["offered mortal"]),
        ("* OK", "* CAPABILITY LOGINDISABLED AUTH=SCRAM-SHA-256\na1 OK", "", &["challenge-only note"]),
        ("* OK", "* CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256\na1 OK", "", &["login mortal"]),
        ("* OK", "a1 NO not now", "", &["unclear-reply untested"]),
        ("* OK", "a1 OK nothing listed", "", &["unclear-reply untested"]),
        ("* PREAUTH", "* CAPABILITY IMAP4rev1\na1 OK", "", &["unclear-reply untested"]),
    ];
    for (greeting, capability, auth, want) in rows {
        assert_eq!(of(greeting, capability, auth), *want, "{greeting} {capability}");
    }
}

#[test]
fn pop3_cleartext_login() {
    let rows: &[([&str; 3], &[&str])] = &[
        (CLOSED, &[]),
        (["+OK", "+OK\nTOP\nSTLS", ""], &["none clean"]),
        (["+OK", "+OK\nTOP\nSTLS\nSASL", ""], &["none clean"]),
        (["+OK", "+OK\nUSER\nSTLS", ""], &["user mortal"]),
        (["+OK", "+OK\nuser\nSASL PLAIN", "+ "], &["user mortal"]),
        (["+OK", "+OK\nUSER\nSTLS\nIMPLEMENTATION Courier Mail Server", ""], &["lists-anyway untested"]),
        (["+OK", "+OK\nUSER\nIMPLEMENTATION Courier Mail Server", ""], &["user mortal"]),
        (["+OK", "+OK\nUSER\nSTLS\nSASL PLAIN\nIMPLEMENTATION Courier Mail Server", "+ "], &["user mortal"]),
        (["+OK", "+OK\nSTLS\nSASL CRAM-MD5 PLAIN", "+ "], &["offered mortal"]),
        (["+OK", "+OK\nSASL CRAM-MD5", ""], &["challenge-only note"]),
        (["+OK <1.2@mx>", "-ERR what", ""], &["unclear-reply untested"]),
    ];
    for (pop, want) in rows {
        assert_eq!(client_outcomes("pop3-cleartext-login", ZONE, CLOSED, *pop), *want, "{pop:?}");
    }
}

#[test]
fn starttls_of_imap_and_pop3() {
    let rows: &[([&str; 3], [&str; 3], &[&str])] = &[
        (CLOSED, CLOSED, &[]),
        (["* OK", "* CAPABILITY STARTTLS\na1 OK", ""], ["+OK", "+OK\nSTLS", ""], &["offered clean", "offered clean"]),
        (["* OK", "* CAPABILITY LOGINDISABLED\na1 OK", ""], CLOSED, &["imap-without mortal"]),
        (CLOSED, ["+OK", "+OK\nUSER", ""], &["pop3-without mortal"]),
        (["* OK", "a1 BAD", ""], ["+OK", "-ERR", ""], &["unclear-reply untested", "unclear-reply untested"]),
        (["* PREAUTH", "* CAPABILITY IMAP4rev1\na1 OK", ""], CLOSED, &["unclear-reply untested"]),
    ];
    for (imap, pop, want) in rows {
        assert_eq!(client_outcomes("starttls", ZONE, *imap, *pop), *want, "{imap:?} {pop:?}");
    }
}

/// What a check says at a port of IMAP, POP3 or submission, in a zone, for answers of these ports.
fn at_ports(check: &str, zone: &str, ports: &[Port]) -> Vec<String> {
    let zone = Zone::new(zone);
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Mail => Err(Unseen::NoMailTest),
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        Inquiry::Probe { port, host, .. } => {
            assert!(host.is_some());
            let known = ports.iter().find(|(known, _)| known == port);
            known.map_or(Err(Unseen::Refused), |(_, answer)| answer.clone())
        }
        Inquiry::Fetch { .. } | Inquiry::Arrival { .. } | Inquiry::Owner { .. } => Err(Unseen::Refused),
    });
    let of_check = report.findings.iter().filter(|finding| finding.check == check);
    let of_check = of_check.filter(|finding| !finding.subject.ends_with("port 25"));
    let mut found: Vec<String> = of_check
        .map(|f| format!("{} {} {}", f.subject.rsplit(' ').next().unwrap_or_default(), f.outcome, f.verdict))
        .collect();
    found.sort();
    found
}

#[test]
fn implicit_tls() {
    let good = Encryption::Shows(GOOD);
    let imap = || Ok(lines_in_tls(IMAP, &good, false));
    let imaps = || Ok(lines_in_tls(IMAP, &good, true));
    let pop = || Ok(lines_in_tls(POP, &good, false));
    let smtp = || Ok(CAREFUL.answer(&shared::inquiry::Script::SmtpSurvey));
    let rows: &[(&[Port], &[&str])] = &[
        (&[], &[]),
        (&[(143, imap())], &["993 missing venial"]),
        (&[(143, imap()), (993, imaps())], &["993 present clean"]),
        (&[(993, imaps())], &["993 present clean"]),
        (&[(110, pop())], &["995 missing venial"]),
        (&[(110, pop()), (995, Ok(lines_in_tls(POP, &good, true)))], &["995 present clean"]),
        (&[(587, smtp())], &["465 missing venial"]),
        (&[(587, smtp()), (465, Ok(smtp_in_tls(&CAREFUL)))], &["465 present clean"]),
        // Only a refusal says that there is nothing.
        (&[(143, imap()), (993, Err(Unseen::ConnectTimeout))], &["993 connect-timeout untested"]),
        (&[(143, imap()), (993, Err(Unseen::NoTls))], &["993 no-tls untested"]),
        (&[(143, imap()), (993, Err(Unseen::Reset))], &["993 reset untested"]),
        (&[(143, Err(Unseen::GreetingTimeout))], &["993 greeting-timeout untested"]),
        (&[(143, Err(Unseen::ConnectTimeout)), (993, Err(Unseen::ConnectTimeout))], &[]),
        (&[(993, Err(Unseen::NoTls))], &["993 no-tls untested"]),
    ];
    for (ports, want) in rows {
        assert_eq!(at_ports("implicit-tls", ZONE, ports), *want, "{ports:?}");
    }
}

#[test]
fn handshakes_of_imap_and_pop3() {
    let rows: &[(Encryption, &[&str])] = &[
        (Encryption::Shows(GOOD), &["110 offered clean", "143 offered clean"]),
        (Encryption::Fails(TlsFault::Refused), &["110 pop3-fails mortal", "143 imap-fails mortal"]),
        (Encryption::Fails(TlsFault::NotTls), &["110 pop3-fails mortal", "143 imap-fails mortal"]),
        (Encryption::Fails(TlsFault::NotNow), &["110 try-later untested", "143 try-later untested"]),
        (Encryption::Fails(TlsFault::Incompatible), &["110 no-tls untested", "143 no-tls untested"]),
        (Encryption::NotReached, &["110 not-asked untested", "143 not-asked untested"]),
    ];
    for (tls, want) in rows {
        let ports = [(143, Ok(lines_in_tls(IMAP, tls, false))), (110, Ok(lines_in_tls(POP, tls, false)))];
        assert_eq!(at_ports("starttls", ZONE, &ports), *want);
    }
}

/// Words in the clear behind STARTTLS, over IMAP and POP3.
#[test]
fn injection_into_imap_and_pop3() {
    let broken = |port: u16, answer: Answer| {
        let survey = if port == 143 { IMAP } else { POP };
        let zone = Zone::new(ZONE);
        let report = run("example.org", &|inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            Inquiry::Probe { port: at, script, .. } if *at == port && script.injects() => Ok(answer.clone()),
            Inquiry::Probe { port: at, .. } if *at == port => Ok(lines_in_tls(survey, &Encryption::Shows(GOOD), false)),
            _ => Err(Unseen::Refused),
        });
        let finding = report
            .findings
            .into_iter()
            .find(|f| f.check == "starttls-injection" && f.subject.ends_with(&port.to_string()));
        finding.map(|f| format!("{} {}", f.outcome, f.verdict)).unwrap_or_default()
    };
    let shown = |port: u16, said: [&str; 2], tls: &Encryption| broken(port, lines_injected(said, tls));
    let begun = Encryption::Shows(GOOD);
    for port in [143, 110] {
        assert_eq!(shown(port, ["", "OK bye"], &begun), "discarded clean");
        assert_eq!(shown(port, ["OK done", "OK bye"], &begun), "executed mortal");
        assert_eq!(shown(port, ["", ""], &begun), "unclear-reply untested");
        assert_eq!(shown(port, ["", ""], &Encryption::Fails(TlsFault::Closed)), "discarded clean");
        assert_eq!(shown(port, ["", ""], &Encryption::Fails(TlsFault::NotNow)), "try-later untested");
    }
    // What hung up on the words themselves, and what did so behind its answer to them.
    let hung_up = |port: u16, reply: Option<Vec<String>>| {
        let Answer::Lines(mut session) = lines_injected(["", ""], &Encryption::NotReached) else { unreachable!() };
        session.exchanges[1].reply = reply;
        session.broke = Some(Unseen::Closed);
        broken(port, Answer::Lines(session))
    };
    for port in [143, 110] {
        assert_eq!(hung_up(port, None), "discarded clean");
        assert_eq!(hung_up(port, Some(vec!["a1 OK begin".to_owned()])), "closed untested");
    }
    // Over IMAP the tag says what is answered; over POP3 the one answer may be to QUIT.
    assert_eq!(shown(143, ["OK done", ""], &begun), "executed mortal");
    assert_eq!(shown(110, ["OK done", ""], &begun), "unclear-reply untested");
}

#[test]
fn certificates_of_client_ports() {
    let of = |zone: &str, shown: Shown| {
        let tls = Encryption::Shows(shown);
        let ports = [
            (143, Ok(lines_in_tls(IMAP, &tls, false))),
            (993, Ok(lines_in_tls(IMAP, &tls, true))),
            (110, Ok(lines_in_tls(POP, &tls, false))),
            (995, Ok(lines_in_tls(POP, &tls, true))),
            (465, Ok(smtp_in_tls(&Server { tls, ..CAREFUL }))),
        ];
        at_ports("tls-certificate", zone, &ports)
    };
    let everywhere = |what: &str| ["110", "143", "465", "993", "995"].map(|port| format!("{port} {what}")).to_vec();
    let foreign = Shown { names: &["other.example.net"], ..GOOD };
    assert_eq!(of(ZONE, GOOD), everywhere("valid clean"));
    assert_eq!(of(ZONE, Shown { path: Path::Expired, days_left: -1, ..GOOD }), everywhere("expired venial"));
    assert_eq!(of(ZONE, Shown { key: ("RSA", 1024), ..GOOD }), everywhere("weak-key venial"));
    assert_eq!(of(ZONE, foreign), everywhere("other-names note"), "an MX name is only a guess");
    let told = zone_with("", "_imaps._tcp.example.org SRV 0 1 993 mx1.example.org");
    assert_eq!(of(&told, GOOD), everywhere("valid clean"));
    assert_eq!(of(&told, foreign), everywhere("wrong-name venial"));
    let guessed = zone_with(
        "example.org MX",
        "example.org MX 10 mx.provider.example\nmx.provider.example A 198.41.7.7\nmail.example.org A 198.41.0.9",
    );
    assert_eq!(of(&guessed, foreign)[0], "110 other-names note");
    let clear = [(143, Ok(lines("* OK", "* CAPABILITY LOGINDISABLED\na1 OK", "")))];
    assert_eq!(at_ports("tls-certificate", ZONE, &clear), [""; 0], "without TLS it is the matter of starttls");
    // Mail programs ask for the name that they know, MX or not.
    let two = zone_with("", "_imaps._tcp.example.org SRV 0 1 993 imap.example.org\nimap.example.org A 198.41.0.25");
    let found = of(&two, GOOD);
    assert_eq!(found[2], "465 valid clean");
    assert_eq!(found[3], "993 wrong-name venial");
    // Over the port with TLS no login is too early.
    assert_eq!(
        at_ports(
            "smtp-cleartext-auth",
            ZONE,
            &[(465, Ok(smtp_in_tls(&Server { ehlo: "250-x\n250 AUTH PLAIN", ..CAREFUL })))]
        ),
        [""; 0]
    );
    let leaky = ["* OK Dovecot 2.3.19 ready.", IMAP[1], ""];
    let ports = [(993, Ok(lines_in_tls(leaky, &Encryption::Shows(GOOD), true)))];
    assert_eq!(at_ports("banner-version", ZONE, &ports), ["993 version mortal"]);
    let leaky = Server { greeting: "220 x ESMTP Postfix 3.7.1", ..CAREFUL };
    assert_eq!(at_ports("banner-version", ZONE, &[(465, Ok(smtp_in_tls(&leaky)))]), ["465 version mortal"]);
}

#[test]
fn mail_srv() {
    let host = "mail.example.org A 198.41.0.26\n";
    let srv = |service: &str, data: &str| format!("_{service}._tcp.example.org SRV {data}\n");
    let imaps = srv("imaps", "0 1 993 mail.example.org");
    let rows: &[(String, &[&str])] = &[
        (String::new(), &["absent note"]),
        (imaps.clone(), &["sound clean"]),
        (srv("pop3", "0 0 0 ."), &["sound clean"]),
        (imaps.clone() + &srv("imap", "10 1 143 mail.example.org"), &["sound clean"]),
        (imaps.clone() + &srv("imap", "0 1 143 mail.example.org"), &["sound clean"]),
        (imaps.clone() + &srv("imap", "0 0 0 ."), &["sound clean"]),
        (
            srv("imaps", "10 1 993 mail.example.org") + &srv("imap", "0 1 143 mail.example.org"),
            &["clear-preferred venial"],
        ),
        (srv("imap", "0 1 143 mail.example.org"), &["clear-only note"]),
        (srv("imap", "0 1 143 mail.example.org") + &srv("imaps", "0 0 0 ."), &["clear-only note"]),
        (srv("imaps", "0 1 993 gone.example.org"), &["unresolved venial"]),
        (srv("autodiscover", "0 1 443 gone.example.org"), &["unresolved venial"]),
        (srv("imaps", "0 1 993 alias.example.org") + "alias.example.org CNAME mail.example.org\n", &["alias note"]),
    ];
    for (lines, want) in rows {
        assert_eq!(outcomes("mail-srv", &zone_with("", &format!("{host}{lines}")), &CAREFUL), *want, "{lines}");
    }
    // A wildcard answers for every service, the made-up one too.
    let wild = |name: &shared::DomainName, record| {
        if record == shared::inquiry::RecordType::Srv {
            let target = shared::evidence::Target::Name("gone.example.org".parse().unwrap());
            let records = vec![shared::evidence::Record::Srv { priority: 0, weight: 0, port: 143, target }];
            return Answer::Dns(DnsAnswer { records, ..DnsAnswer::default() });
        }
        Zone::new(ZONE).ask(name, record)
    };
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(wild(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        _ => Err(Unseen::Refused),
    });
    let found: Vec<_> = report.findings.iter().filter(|f| f.check == "mail-srv").map(|f| f.outcome.as_str()).collect();
    assert_eq!(found, ["absent"]);
    assert_eq!(
        outcomes("mail-srv", &zone_with("example.org MX", "example.org MX 0 ."), &CAREFUL),
        Vec::<String>::new()
    );
}

/// Where IMAP is spoken, in the order of the addresses, for a zone and hosts that the person named.
fn asked_over_imap(zone: &str, hosts: &[&str]) -> Vec<String> {
    let zone = Zone::new(zone);
    let mut case = case("example.org");
    case.options.hosts = hosts.iter().map(|host| name(host)).collect();
    let report = turn(case, &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        _ => Err(Unseen::Refused),
    });
    let asked = report.evidence.iter().filter_map(|piece| match &piece.inquiry {
        Inquiry::Probe { address, port: 143, .. } => Some(address.to_string()),
        _ => None,
    });
    asked.collect()
}

#[test]
fn which_hosts_people_use() {
    let own = "198.41.0.25";
    let foreign =
        zone_with("example.org MX", "example.org MX 10 mx.provider.example\nmx.provider.example A 198.41.7.7");
    let six: String = (1..=9)
        .map(|n| format!("_imaps._tcp.example.org SRV {n} 1 993 h{n}.example.net\nh{n}.example.net A 198.41.8.{n}\n"))
        .collect();
    let rows: &[(String, &[&str], &[&str])] = &[
        (ZONE.to_owned(), &[], &[own]),
        // A shared provider's MX is not where the domain's people go.
        (foreign.clone(), &[], &[]),
        (foreign.clone() + "\nimap.example.org A 198.41.0.9\nsmtp.example.org A 10.0.0.9", &[], &["198.41.0.9"]),
        (
            foreign.clone()
                + "\n_imap._tcp.example.org SRV 0 1 143 imap.provider.example\nimap.provider.example A 198.41.7.9",
            &[],
            &["198.41.7.9"],
        ),
        (foreign.clone() + "\n_imap._tcp.example.org SRV 0 0 0 .", &[], &[]),
        (
            foreign.clone() + "\nnew.example.org A 198.41.0.7\nelse.example.net A 198.41.0.8",
            &["new.example.org", "else.example.net"],
            &["198.41.0.7"],
        ),
        // Parked: nothing but what is named.
        (
            zone_with(
                "example.org MX",
                "example.org MX 0 .\nmail.example.org A 198.41.0.9\nnew.example.org A 198.41.0.7",
            ),
            &["new.example.org"],
            &["198.41.0.7"],
        ),
        (zone_with("example.org MX", "example.org MX 0 .\nmail.example.org A 198.41.0.9"), &[], &[]),
        // Two records of a service at most.
        (foreign.clone() + "\n" + &six, &[], &["198.41.8.1", "198.41.8.2"]),
        // An operator who minds.
        (
            foreign.clone() + "\nmail.example.org A 198.41.0.9\n_mailsins.mail.example.org TXT v=mailsins1; probe=none",
            &[],
            &[],
        ),
    ];
    for (zone, hosts, want) in rows {
        assert_eq!(asked_over_imap(zone, hosts), *want, "{zone} {hosts:?}");
    }
    // Where every name below the domain answers, a guess says nothing.
    let zone = Zone::new(&foreign);
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Dns { name, record: shared::inquiry::RecordType::A, .. }
            if name.as_str().ends_with(".example.org") =>
        {
            let records = vec![shared::evidence::Record::A("198.41.0.80".parse().unwrap())];
            Ok(Answer::Dns(DnsAnswer { records, ..DnsAnswer::default() }))
        }
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        _ => Err(Unseen::Refused),
    });
    assert!(!report.evidence.iter().any(|piece| matches!(piece.inquiry, Inquiry::Probe { port: 143, .. })));
}

#[test]
fn a_guessed_host_is_worded_so_and_a_named_one_is_asked_on_port_25() {
    let zone = zone_with(
        "example.org MX",
        "example.org MX 10 mx.provider.example\nmx.provider.example A 198.41.7.7\nmail.example.org A 198.41.0.9\nnew.example.org A 198.41.0.7",
    );
    let zone = Zone::new(&zone);
    let mut case = case("example.org");
    case.options.hosts = vec![name("new.example.org")];
    let report = turn(case, &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        Inquiry::Probe { port: 143, .. } => Ok(lines("* OK Dovecot ready.", "* CAPABILITY AUTH=PLAIN\na1 OK", "+ ")),
        _ => Err(Unseen::Refused),
    });
    let of = |check: &str, subject: &str| {
        let found = report.findings.iter().find(|f| f.check == check && f.subject == subject);
        found.unwrap_or_else(|| panic!("{check} {subject}")).clone()
    };
    let guessed = of("imap-cleartext-login", "mail.example.org, 198.41.0.9, port 143");
    assert!(guessed.why.contains("Nothing but its name"), "{}", guessed.why);
    assert_eq!(guessed.remedy.unwrap().recipes[0].software, "Dovecot");
    let named = of("imap-cleartext-login", "new.example.org, 198.41.0.7, port 143");
    assert!(!named.why.contains("Nothing but its name"), "{}", named.why);
    assert_eq!(of("open-relay", "new.example.org, 198.41.0.7, port 25").outcome, "refuses");
    assert!(
        !report.findings.iter().any(|f| f.subject.starts_with("mail.example.org") && f.subject.ends_with("port 25"))
    );
    assert_eq!(report.grade.map(|grade| grade.letter()), Some("D"));
}

#[test]
fn banners_of_imap_and_pop3() {
    let capability = "* CAPABILITY IMAP4rev1 LITERAL+ LOGINDISABLED STARTTLS\na1 OK";
    let rows: &[([&str; 3], [&str; 3], &[&str])] = &[
        (["* OK [CAPABILITY IMAP4rev1 STARTTLS] ready", capability, ""], CLOSED, &["silent clean"]),
        (["* OK Dovecot ready.", capability, ""], CLOSED, &["product note"]),
        (["* OK Dovecot (Debian) ready.", capability, ""], CLOSED, &["system venial"]),
        (["* OK Dovecot 2.3.19 ready.", capability, ""], CLOSED, &["version mortal"]),
        (CLOSED, ["+OK ready <1896.697170952@mail.test>", "+OK\nSTLS", ""], &["silent clean"]),
        (CLOSED, ["+OK ready", "+OK\nIMPLEMENTATION Cyrus POP3 v2.4.17\nSTLS", ""], &["version mortal"]),
    ];
    for (imap, pop, want) in rows {
        assert_eq!(client_outcomes("banner-version", ZONE, *imap, *pop), *want, "{imap:?} {pop:?}");
    }
}
