//! What servers of IMAP, POP3 and ManageSieve tell of the inner network: names in their greetings, and NTLM's challenge.

#![allow(clippy::indexing_slicing, clippy::unwrap_used)] // a test may fail

mod support;

use shared::evidence::{Answer, LineExchange, LineStep};
use shared::{Inquiry, Unseen};
use support::{CAREFUL, Zone, lines, run};

const ZONE: &str = "
    example.org MX 10 mx1.example.org
    example.org TXT v=spf1 mx -all
    _dmarc.example.org TXT v=DMARC1; p=reject
    mx1.example.org A 198.41.0.25
";

/// The finding of a check at a port where this was said, `outcome verdict`, and what it shows.
fn found(check: &str, port: u16, answer: &Answer) -> (String, String) {
    let zone = Zone::new(ZONE);
    let report = run("example.org", &|inquiry: &Inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        Inquiry::Probe { port: at, script, .. } if *at == port && !script.injects() => Ok(answer.clone()),
        _ => Err(Unseen::Refused),
    });
    let at_port = format!("port {port}");
    let found = report.findings.into_iter().find(|f| f.check == check && f.subject.ends_with(&at_port)).unwrap();
    let seen = serde_json::to_string(&found).unwrap();
    (format!("{} {}", found.outcome, found.verdict), seen)
}

#[test]
fn names_in_greetings() {
    let imap = "* CAPABILITY IMAP4rev1 LOGINDISABLED\na1 OK";
    let rows: &[(u16, &str, &str, &str)] = &[
        (143, "* OK imap.example.org Cyrus IMAP server ready", imap, "public clean"),
        (143, "* OK [CAPABILITY IMAP4rev1] Dovecot ready.", imap, "none clean"),
        (143, "* OK store3.ad.corp Cyrus IMAP server ready", imap, "internal mortal"),
        (143, "* OK IMAP4rev1 service on mbx2.example.lan ready", imap, "internal mortal"),
        (143, "* OK store-3 IMAP4rev1 ready", imap, "single-label venial"),
        // Exchange: EX01.corp.local in UTF-16 and base64.
        (143, "* OK The service is ready. [RQBYADAAMQAuAGMAbwByAHAALgBsAG8AYwBhAGwA]", imap, "internal mortal"),
        (110, "+OK ready <1896.697170952@pop.example.org>", "+OK\nTOP", "none clean"),
        (110, "+OK ready <1896.697170952@mailbox7>", "+OK\nTOP", "single-label venial"),
        (110, "+OK ready <1896.697170952@mail.intranet>", "+OK\nTOP", "internal mortal"),
        (110, "+OK POP3 server ready for you", "+OK\nTOP", "none clean"),
        (110, "+OK Hello client.example.lan, pleased to meet you", "+OK\nTOP", "none clean"),
    ];
    for (port, greeting, capability, want) in rows {
        let (got, _) = found("banner-internal-name", *port, &lines(greeting, capability, ""));
        assert_eq!(got, *want, "{greeting}");
    }
    let (_, seen) = found("banner-internal-name", 143, &lines("* OK on mbx2.example.lan ready", imap, ""));
    assert!(seen.contains("mbx2.example.lan"), "{seen}");
}

/// Software at the head of a greeting is no host.
#[test]
fn software_is_no_name() {
    let server = support::Server { greeting: "220 NetGuard SMTP Proxy 5.00.12 ready", ..CAREFUL };
    let zone = Zone::new(ZONE);
    let report = run("example.org", &|inquiry: &Inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(server.answer(script)),
        _ => Err(Unseen::Refused),
    });
    let found = report.findings.iter().find(|finding| finding.check == "banner-internal-name").unwrap();
    assert_eq!(found.outcome, "public", "the reply to EHLO has one");
}

/// A masked challenge with the name C***, as the probe keeps it.
const CHALLENGE: &str = "+ TlRMTVNTUAACAAAACAAIADAAAAAFAgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQwAqACoAKgA=";

/// The conversation with these steps before its farewell.
fn with(answer: Answer, steps: &[(LineStep, &str)], broke: Option<Unseen>) -> Answer {
    let Answer::Lines(mut session) = answer else { unreachable!() };
    let bye = session.exchanges.pop().unwrap();
    session.exchanges.extend(steps.iter().map(|(step, said)| LineExchange {
        step: *step,
        sent: String::new(),
        reply: (!said.is_empty()).then(|| vec![(*said).to_owned()]),
        took: 3,
        secure: false,
    }));
    match broke {
        Some(why) => session.broke = Some(why),
        None => session.exchanges.push(bye),
    }
    Answer::Lines(session)
}

#[test]
fn challenges_of_ntlm() {
    use LineStep::{AuthCancel, Ntlm, NtlmNegotiate};
    let imap = || lines("* OK", "* CAPABILITY IMAP4rev1 AUTH=NTLM LOGINDISABLED\na1 OK", "");
    let pop = || lines("+OK", "+OK\nSASL NTLM", "");
    let rows: &[(u16, Answer, &str)] = &[
        (143, lines("* OK", "* CAPABILITY IMAP4rev1 LOGINDISABLED\na1 OK", ""), "none clean"),
        (143, lines("* OK", "a1 NO later", ""), "unclear-reply untested"),
        (143, lines("* OK", "* CAPABILITY STARTTLS LOGINDISABLED\na1 OK", ""), "not-asked untested"),
        (143, imap(), "not-asked untested"),
        (143, with(imap(), &[(Ntlm, "a2 NO not here")], None), "silent clean"),
        (143, with(imap(), &[(Ntlm, "a2 NO [UNAVAILABLE] later")], None), "try-later untested"),
        (
            143,
            with(imap(), &[(Ntlm, "+ "), (NtlmNegotiate, CHALLENGE), (AuthCancel, "a2 BAD")], None),
            "discloses mortal",
        ),
        (143, with(imap(), &[(Ntlm, "+ "), (NtlmNegotiate, "a2 NO")], None), "silent clean"),
        (143, with(imap(), &[(Ntlm, "+ "), (NtlmNegotiate, "+ what?")], None), "unclear-reply untested"),
        (143, with(imap(), &[(Ntlm, "+ "), (NtlmNegotiate, "a2 NO [UNAVAILABLE]")], None), "try-later untested"),
        (143, with(imap(), &[(Ntlm, "+ "), (NtlmNegotiate, "")], Some(Unseen::Closed)), "closed untested"),
        (143, with(imap(), &[(Ntlm, "")], Some(Unseen::ReplyTimeout)), "reply-timeout untested"),
        (110, lines("+OK", "+OK\nSASL PLAIN", ""), "none clean"),
        (110, lines("+OK", "-ERR no", ""), "unclear-reply untested"),
        (110, with(pop(), &[(Ntlm, "-ERR [SYS/TEMP] later")], None), "try-later untested"),
        (110, with(pop(), &[(Ntlm, "+ "), (NtlmNegotiate, CHALLENGE), (AuthCancel, "-ERR")], None), "discloses mortal"),
    ];
    for (port, answer, want) in rows {
        assert_eq!(found("ntlm-disclosure", *port, answer).0, *want, "{answer:?}");
    }
    // A challenge is no banner.
    let told = with(imap(), &[(Ntlm, "+ "), (NtlmNegotiate, CHALLENGE), (AuthCancel, "a2 BAD")], None);
    for check in ["banner-version", "banner-internal-name", "banner-internal-address"] {
        assert!(found(check, 143, &told).0.ends_with("clean"), "{check}");
    }
    let (_, seen) = found("ntlm-disclosure", 143, &told);
    assert!(seen.contains("C…") && !seen.contains("C***"), "{seen}");
}
