//! Every byte we send, per script and server behaviour; then what no peer can make us do.

use super::*;
use crate::dialogue::Dialogue as _;
use proptest::prelude::*;
use shared::DomainName;
use shared::evidence::{Mechanism, Purpose, Variant};

const NOW: u64 = 1_000_000;

fn dialogue(script: &Script) -> Dialogue {
    let identity = Identity::at(&DomainName::new("us.test").unwrap());
    Dialogue::new(script, &identity, "nonce", "192.0.2.1".parse().unwrap())
        .inside_tls(DomainName::new("mx.h.test").ok(), 25)
}

fn recipients() -> Script {
    Script::SmtpRecipients { domain: DomainName::new("h.test").unwrap(), contact: None, again: false }
}

/// A server: what it answers to a command that begins like this; "502 no" to VRFY and EXPN, "250 ok" to all else. An answer
/// of "-" is silence, "!" closes. What answers to a handshake stands at "TLS": "!" and it fails.
/// Rules at "TLS " hold inside it.
type Server<'a> = &'a [(&'a str, &'a str)];

/// Holds the conversation; gives what was sent, a line each, with flights divided by "--".
fn converse(mut dialogue: Dialogue, server: Server) -> (Vec<String>, Result<SmtpSession, Unseen>) {
    let answer = |line: &str, inside: bool| {
        let outside = |start: &str| line.starts_with(start) && start.is_empty() == line.is_empty();
        let fits =
            |start: &str| start.strip_prefix("TLS ").map_or(outside(start), |start| inside && line.starts_with(start));
        let rule = server.iter().find(|(start, _)| fits(start));
        let other = if line.starts_with("VRFY") || line.starts_with("EXPN") { "502 no" } else { "250 ok" };
        rule.map_or(other, |(_, reply)| *reply).to_owned()
    };
    let mut inside = false;
    let mut sent = Vec::new();
    let mut now = NOW;
    let mut coming = vec![answer("", false)];
    loop {
        match dialogue.next(now) {
            Event::Send { bytes, .. } => {
                let text = String::from_utf8(bytes).unwrap();
                assert!(text.ends_with("\r\n") && text.replace("\r\n", "").chars().all(|c| c >= ' '));
                let lines = text.lines().map(str::to_owned);
                coming.extend(lines.clone().map(|line| answer(&line, inside)));
                sent.push(lines.collect::<Vec<_>>().join("\n"));
            }
            Event::Wait { until, .. } => match coming.remove(0).as_str() {
                "-" => {
                    now = until;
                    dialogue.timed_out(now);
                }
                "!" => dialogue.ended(Unseen::Closed),
                reply => dialogue.received(format!("{reply}\r\n").as_bytes(), now),
            },
            Event::StartTls { host, look, .. } => {
                sent.push(format!("(TLS {host}{})", if look { ", looking" } else { "" }));
                inside = answer("TLS", false) != "!";
                dialogue.secured(if inside { done() } else { Handshake::Failed(TlsFault::Closed, None) }, now + 5);
            }
            Event::Done => return (sent, dialogue.finish()),
        }
    }
}

fn done() -> Handshake {
    Handshake::Done(Box::default())
}

fn check(script: &Script, rows: &[(&str, Server, &[&str], Option<Unseen>)]) {
    for (name, server, want, broke) in rows {
        let (sent, session) = converse(dialogue(script), server);
        assert_eq!(sent, *want, "{name}");
        assert!(!sent.concat().to_ascii_uppercase().contains("DATA"), "{name}");
        assert_eq!(session.map(|session| session.broke), Ok(*broke), "{name}");
    }
}

const EHLO: &str = "EHLO probe.us.test";
const BARE: &str = "250 mx.h.test";
const VRFY: &str = "VRFY postmaster";
const MADE_UP: &str = "VRFY mailsins-f90879f8";
const NEGOTIATE: &str = "TlRMTVNTUAABAAAAB4IIAgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADw==";
const EXPN: &str = "EXPN postmaster";
const SIZE: &str = "MAIL FROM:<> SIZE=1099511627776";

#[test]
fn survey() {
    let greeting = ("", "220 mx.h.test ESMTP");
    check(
        &Script::SmtpSurvey,
        &[
            (
                "Postfix with a limit and without AUTH",
                &[
                    greeting,
                    ("EHLO", "250-mx.h.test\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250 STARTTLS"),
                    ("HELP", "502 5.5.1 Error: command not recognized"),
                    ("AUTH", "503 5.5.1 Error: authentication not enabled"),
                    ("MAIL", "552 5.3.4 Message size exceeds fixed limit"),
                    ("STARTTLS", "454 4.7.0 TLS not available due to local problem"),
                    ("QUIT", "221 Bye"),
                ],
                &[EHLO, "HELP", "AUTH PLAIN", EXPN, VRFY, SIZE, "RSET", "STARTTLS", "QUIT"],
                None,
            ),
            (
                "AUTH in the clear, in the old form too",
                &[
                    greeting,
                    ("EHLO", "250-mx.h.test\r\n250-AUTH=LOGIN XOAUTH2\r\n250 AUTH CRAM-MD5"),
                    ("AUTH", "334 VXNlcm5hbWU6"),
                    ("*", "501 5.7.0 cancelled"),
                ],
                &[EHLO, "HELP", "AUTH LOGIN", "*", EXPN, VRFY, "QUIT"],
                None,
            ),
            (
                "nothing that carries a secret: no AUTH",
                &[greeting, ("EHLO", "250-mx.h.test\r\n250-SIZE\r\n250 AUTH CRAM-MD5")],
                &[EHLO, "HELP", EXPN, VRFY, SIZE, "RSET", "QUIT"],
                None,
            ),
            (
                "NTLM: its first message, and no further",
                &[
                    greeting,
                    ("EHLO", "250-mx.h.test\r\n250-SIZE\r\n250 AUTH NTLM"),
                    ("AUTH NTLM", "334 NTLM supported"),
                    ("TlRM", "334 TlRMTVNTUAACAAAA"),
                    ("*", "501 cancelled"),
                ],
                &[EHLO, "HELP", EXPN, VRFY, SIZE, "RSET", "AUTH NTLM", NEGOTIATE, "*", "QUIT"],
                None,
            ),
            (
                "NTLM is refused",
                &[greeting, ("EHLO", "250-mx.h.test\r\n250 AUTH NTLM"), ("AUTH", "504 no")],
                &[EHLO, "HELP", EXPN, VRFY, "AUTH NTLM", "QUIT"],
                None,
            ),
            (
                "bearer tokens only",
                &[
                    greeting,
                    ("EHLO", "250-mx.h.test\r\n250 auth oauthbearer xoauth2"),
                    ("AUTH", "334 "),
                    ("*", "501 no"),
                ],
                &[EHLO, "HELP", "AUTH XOAUTH2", "*", EXPN, VRFY, "QUIT"],
                None,
            ),
            (
                "VRFY and EXPN tell",
                &[
                    greeting,
                    ("EHLO", BARE),
                    ("VRFY mailsins-", "550 5.1.1 User unknown"),
                    ("VRFY", "250 ok"),
                    ("EXPN post", "250 <root@h.test>"),
                ],
                &[EHLO, "HELP", "AUTH PLAIN", EXPN, "EXPN mailsins-f90879f8", VRFY, MADE_UP, "QUIT"],
                None,
            ),
            (
                "252 to all",
                &[greeting, ("EHLO", BARE), ("VRFY", "252 ok")],
                &[EHLO, "HELP", "AUTH PLAIN", EXPN, VRFY, MADE_UP, "QUIT"],
                None,
            ),
            (
                "goes on asking behind *",
                &[
                    greeting,
                    ("EHLO", "250-mx.h.test\r\n250 AUTH LOGIN"),
                    ("AUTH", "334 VXNlcm5hbWU6"),
                    ("*", "334 UGFzc3dvcmQ6"),
                ],
                &[EHLO, "HELP", "AUTH LOGIN", "*", "*", "QUIT"],
                None,
            ),
            (
                "EHLO is unknown",
                &[
                    greeting,
                    ("EHLO", "502 what?"),
                    ("HELO", "250 mx.h.test"),
                    ("HELP", "214-no\r\n214 help"),
                    ("AUTH", "500 what?"),
                ],
                &[EHLO, "HELO probe.us.test", "HELP", "AUTH PLAIN", EXPN, VRFY, "QUIT"],
                None,
            ),
            ("EHLO is refused", &[greeting, ("EHLO", "550 go away")], &[EHLO, "QUIT"], Some(Unseen::ClientRefused)),
            (
                "HELO is refused",
                &[greeting, ("EHLO", "500 ?"), ("HELO", "501 bad name")],
                &[EHLO, "HELO probe.us.test", "QUIT"],
                Some(Unseen::ClientRefused),
            ),
            ("EHLO not now", &[greeting, ("EHLO", "451 later")], &[EHLO, "QUIT"], Some(Unseen::TryLater)),
            ("greeting 554", &[("", "554 5.7.1 no")], &["QUIT"], Some(Unseen::ClientRefused)),
            ("greeting 450", &[("", "450 busy")], &["QUIT"], Some(Unseen::TryLater)),
            ("greeting 421", &[("", "421 too many connections")], &[], Some(Unseen::TryLater)),
            ("no greeting's code", &[("", "250 hello")], &["QUIT"], Some(Unseen::Garbled)),
            ("closes on EHLO", &[greeting, ("EHLO", "!")], &[EHLO], Some(Unseen::Closed)),
            ("421 on HELP", &[greeting, ("EHLO", BARE), ("HELP", "421 bye")], &[EHLO, "HELP"], Some(Unseen::TryLater)),
            (
                "silent at HELP",
                &[greeting, ("EHLO", BARE), ("HELP", "-")],
                &[EHLO, "HELP", "QUIT"],
                Some(Unseen::ReplyTimeout),
            ),
            (
                "silent at AUTH: nothing is said inside it",
                &[greeting, ("EHLO", BARE), ("AUTH", "-")],
                &[EHLO, "HELP", "AUTH PLAIN"],
                Some(Unseen::ReplyTimeout),
            ),
            (
                "not SMTP any more",
                &[greeting, ("EHLO", BARE), ("HELP", "hello")],
                &[EHLO, "HELP"],
                Some(Unseen::Garbled),
            ),
            (
                "HELP asks for data",
                &[greeting, ("EHLO", BARE), ("HELP", "354 go on")],
                &[EHLO, "HELP", "QUIT"],
                Some(Unseen::Garbled),
            ),
            (
                "no reply to QUIT",
                &[greeting, ("EHLO", BARE), ("QUIT", "-")],
                &[EHLO, "HELP", "AUTH PLAIN", EXPN, VRFY, "QUIT"],
                None,
            ),
            (
                "closes on QUIT",
                &[greeting, ("EHLO", BARE), ("QUIT", "!")],
                &[EHLO, "HELP", "AUTH PLAIN", EXPN, VRFY, "QUIT"],
                None,
            ),
            (
                "rubbish on QUIT",
                &[greeting, ("EHLO", BARE), ("QUIT", "bye")],
                &[EHLO, "HELP", "AUTH PLAIN", EXPN, VRFY, "QUIT"],
                None,
            ),
        ],
    );
}

#[test]
fn inside_tls() {
    let greeting = ("", "220 mx.h.test ESMTP");
    let offered = ("EHLO", "250-mx.h.test\r\n250-PIPELINING\r\n250 STARTTLS");
    let ready = ("STARTTLS", "220 go ahead");
    check(
        &Script::SmtpSurvey,
        &[
            (
                "the handshake works",
                &[greeting, ("TLS EHLO", "250 mx.h.test"), offered, ready],
                &[EHLO, "HELP", "AUTH PLAIN", EXPN, VRFY, "STARTTLS", "(TLS mx.h.test, looking)", EHLO, "QUIT"],
                None,
            ),
            (
                "NTLM is offered inside only",
                &[
                    greeting,
                    ("TLS EHLO", "250-mx.h.test\r\n250 AUTH NTLM"),
                    offered,
                    ready,
                    ("TLS AUTH", "334 "),
                    ("TLS TlRM", "334 TlRMTVNTUAACAAAA"),
                    ("TLS *", "501 cancelled"),
                ],
                &[
                    EHLO,
                    "HELP",
                    "AUTH PLAIN",
                    EXPN,
                    VRFY,
                    "STARTTLS",
                    "(TLS mx.h.test, looking)",
                    EHLO,
                    "AUTH NTLM",
                    NEGOTIATE,
                    "*",
                    "QUIT",
                ],
                None,
            ),
            (
                "the handshake fails: all was asked before",
                &[greeting, offered, ready, ("TLS", "!")],
                &[EHLO, "HELP", "AUTH PLAIN", EXPN, VRFY, "STARTTLS", "(TLS mx.h.test, looking)"],
                None,
            ),
            (
                "not now",
                &[greeting, offered, ("STARTTLS", "454 4.7.0 TLS not available")],
                &[EHLO, "HELP", "AUTH PLAIN", EXPN, VRFY, "STARTTLS", "QUIT"],
                None,
            ),
            (
                "closes at STARTTLS",
                &[greeting, offered, ("STARTTLS", "!")],
                &[EHLO, "HELP", "AUTH PLAIN", EXPN, VRFY, "STARTTLS"],
                Some(Unseen::Closed),
            ),
            (
                "asks on behind *: nothing is said inside AUTH",
                &[
                    greeting,
                    ("EHLO", "250-mx.h.test\r\n250-STARTTLS\r\n250 AUTH LOGIN"),
                    ("AUTH", "334 x"),
                    ("*", "334 y"),
                ],
                &[EHLO, "HELP", "AUTH LOGIN", "*", "*", "QUIT"],
                None,
            ),
            (
                "says no more inside",
                &[greeting, ("TLS EHLO", "!"), offered, ready],
                &[EHLO, "HELP", "AUTH PLAIN", EXPN, VRFY, "STARTTLS", "(TLS mx.h.test, looking)", EHLO],
                Some(Unseen::Closed),
            ),
        ],
    );
    let from_the_start = || dialogue(&Script::SmtpSurvey).inside_tls(DomainName::new("mx.h.test").ok(), 465);
    let (sent, session) =
        converse(from_the_start(), &[greeting, ("EHLO", "250-mx.h.test\r\n250-SIZE 9\r\n250 AUTH PLAIN")]);
    assert_eq!(sent, ["(TLS mx.h.test, looking)", EHLO, "HELP", SIZE, "RSET", "QUIT"], "no login is begun inside");
    let session = session.unwrap();
    assert!(session.tls.is_some() && session.exchanges.iter().all(|e| e.secure));
    let (_, session) = converse(from_the_start(), &[greeting, ("TLS", "!")]);
    assert_eq!(session, Err(Unseen::NoTls));
    let refused = ("RCPT TO:<relaytest", "554 5.7.1 Relay access denied");
    let bare = ("TLS EHLO", "250 mx.h.test");
    let (sent, session) = converse(dialogue(&recipients()), &[greeting, bare, offered, ready, refused]);
    assert_eq!(sent[..4], [EHLO, "STARTTLS", "(TLS mx.h.test)", EHLO]);
    assert_eq!(sent[4], "MAIL FROM:<probe@us.test>", "one at a time: inside it says no PIPELINING");
    let session = session.unwrap();
    let clear: Vec<_> = session.exchanges.iter().take_while(|e| !e.secure).map(|e| e.sent.as_str()).collect();
    assert_eq!(clear, ["", EHLO, "STARTTLS"]);
    assert!(session.exchanges.iter().skip(3).all(|e| e.secure));
    let (sent, session) = converse(dialogue(&recipients()), &[greeting, offered, ready, ("TLS", "!")]);
    assert_eq!((sent.len(), session.unwrap().broke), (3, Some(Unseen::NoTls)));
    let clear = dialogue(&recipients()).inside_tls(None, 25);
    let (sent, _) = converse(clear, &[greeting, offered, refused]);
    assert!(!sent.concat().contains("STARTTLS"));
    let (sent, session) = converse(dialogue(&recipients()), &[greeting, offered, ("STARTTLS", "502 no"), refused]);
    assert_eq!(sent[1..3], ["STARTTLS", FIRST], "goes on in the clear");
    assert_eq!(session.unwrap().tls.unwrap().secured(), Err(TlsFault::Refused));
}

/// What a submission port takes without a login, behind the survey.
#[test]
fn submission() {
    let script = Script::SubmissionSurvey { domain: DomainName::new("h.test").unwrap() };
    let (greeting, bare) = (("", "220 mx.h.test ESMTP"), ("EHLO", BARE));
    let offered = ("EHLO", "250-mx.h.test\r\n250 STARTTLS");
    let (from, local) = ("MAIL FROM:<probe@us.test>", "RCPT TO:<postmaster@h.test>");
    let (foreign, control) = ("RCPT TO:<relaytest@us.test>", "RCPT TO:<mailsins-f90879f8@h.test>");
    check(
        &script,
        &[
            (
                "as it should be, inside TLS",
                &[
                    greeting,
                    ("TLS EHLO", BARE),
                    offered,
                    ("STARTTLS", "220 go"),
                    ("TLS MAIL", "530 5.7.0 Authentication required"),
                ],
                &[EHLO, "HELP", "AUTH PLAIN", "STARTTLS", "(TLS mx.h.test, looking)", EHLO, from, "QUIT"],
                None,
            ),
            (
                "refused at RCPT for lack of a login: no foreign recipient",
                &[greeting, bare, (local, "554 5.7.1 <postmaster@h.test>: Recipient address rejected: Access denied")],
                &[EHLO, "HELP", "AUTH PLAIN", from, local, "RSET", "QUIT"],
                None,
            ),
            (
                "no such user: one refusal is enough",
                &[greeting, bare, (local, "550 5.1.1 User unknown"), (foreign, "554 5.7.1 Relay access denied")],
                &[EHLO, "HELP", "AUTH PLAIN", from, local, "RSET", "QUIT"],
                None,
            ),
            (
                "an open relay",
                &[greeting, bare, (control, "550 5.1.1 User unknown")],
                &[
                    EHLO,
                    "HELP",
                    "AUTH PLAIN",
                    from,
                    local,
                    "RSET",
                    from,
                    foreign,
                    "RSET",
                    from,
                    control,
                    "RSET",
                    "QUIT",
                ],
                None,
            ),
            (
                "TLS is offered and does not come: nothing in the clear",
                &[greeting, offered, ("STARTTLS", "454 not now")],
                &[EHLO, "HELP", "AUTH PLAIN", "STARTTLS", "QUIT"],
                None,
            ),
            (
                "nothing is said inside AUTH",
                &[greeting, ("EHLO", "250-mx.h.test\r\n250 AUTH LOGIN"), ("AUTH", "334 x"), ("*", "334 y")],
                &[EHLO, "HELP", "AUTH LOGIN", "*", "*", "QUIT"],
                None,
            ),
        ],
    );
    let on_465 = dialogue(&script).inside_tls(DomainName::new("mx.h.test").ok(), 465);
    let (sent, _) = converse(on_465, &[greeting, bare, ("MAIL", "530 5.7.0 no")]);
    assert_eq!(sent, ["(TLS mx.h.test, looking)", EHLO, "HELP", from, "QUIT"]);
}

#[test]
fn what_comes_behind_starttls_in_the_clear() {
    let mut dialogue = dialogue(&recipients());
    for bytes in ["220 mx.h.test\r\n", "250-mx.h.test\r\n250 STARTTLS\r\n", "220 go\r\n250 injected\r\n"] {
        while let Event::Send { .. } = dialogue.next(NOW) {}
        dialogue.received(bytes.as_bytes(), NOW);
    }
    assert!(matches!(dialogue.next(NOW), Event::StartTls { .. }));
    dialogue.secured(done(), NOW + 5);
    assert!(matches!(dialogue.next(NOW + 5), Event::Send { .. }));
    assert!(
        matches!(dialogue.next(NOW + 5), Event::Wait { stage: Stage::Reply, .. }),
        "not answered by what came before"
    );
    let tls = dialogue.finish().unwrap().tls.unwrap();
    assert_eq!((tls.dropped, tls.took), (14, 5));
}

const PIPELINING: &str = "250-mx.h.test\r\n250-SIZE 100\r\n250 PIPELINING";
const C: &str = "mailsins-f90879f8";
/// What is nearly always refused, and what seldom is.
const FIRST: &str = "MAIL FROM:<probe@us.test>\nRCPT TO:<mailsins-f90879f8@h.test>\nRSET
MAIL FROM:<probe@us.test>\nRCPT TO:<relaytest@us.test>\nRSET";
const NAMES: &str = "MAIL FROM:<probe@us.test>\nRCPT TO:<postmaster@h.test>\nRSET
MAIL FROM:<probe@us.test>\nRCPT TO:<abuse@h.test>\nRSET";
const NULL: &str = "MAIL FROM:<>\nRCPT TO:<postmaster@h.test>\nRSET";
const BARE_NAME: &str = "MAIL FROM:<probe@us.test>\nRCPT TO:<Postmaster>\nRSET";
/// Other relay variants in their order.
const LOCAL: &str = "MAIL FROM:<postmaster@h.test>\nRCPT TO:<relaytest@us.test>\nRSET";
const NULL_SENDER: &str = "MAIL FROM:<>\nRCPT TO:<relaytest@us.test>\nRSET";
const SERVER: &str = "MAIL FROM:<probe@mx.h.test>\nRCPT TO:<relaytest@us.test>\nRSET";
const LITERAL: &str = "MAIL FROM:<probe@[192.0.2.1]>\nRCPT TO:<relaytest@us.test>\nRSET";
/// The other role names, in one transaction.
const HOSTMASTER: &str = "MAIL FROM:<probe@us.test>\nRCPT TO:<hostmaster@h.test>";
const SECURITY: &str = "RCPT TO:<security@h.test>";
const WEBMASTER: &str = "RCPT TO:<webmaster@h.test>";
const NOC: &str = "RCPT TO:<noc@h.test>";

#[test]
fn recipients_in_flights() {
    let greeting = ("", "220 mx.h.test ESMTP");
    let pipelining = ("EHLO", PIPELINING);
    let control = ("RCPT TO:<mailsins-", "550 5.1.1 User unknown");
    let relay = ("RCPT TO:<relaytest@us.test>", "554 5.7.1 Relay access denied");
    let joined = |flights: &[&str]| flights.join("\n");
    let pieces = |transaction: &'static str| transaction.lines().collect::<Vec<_>>();
    let (server, literal) = (pieces(SERVER), pieces(LITERAL));
    let (names, null_sender) = (pieces(NAMES), pieces(NULL_SENDER));
    let (postmaster, abuse) = (&*names[..3].join("\n"), &*names[3..].join("\n"));
    let (hostmaster, bare_name) = (pieces(HOSTMASTER), pieces(BARE_NAME));
    let rset_and_null_sender = joined(&["RSET", null_sender[0]]);
    let rows: &[(&str, Server, &[&str], Option<Unseen>)] = &[
        (
            "as it should be",
            &[greeting, pipelining, control, relay],
            &[
                EHLO,
                FIRST,
                postmaster,
                abuse,
                NULL,
                BARE_NAME,
                LOCAL,
                hostmaster[0],
                hostmaster[1],
                SECURITY,
                WEBMASTER,
                NOC,
                &rset_and_null_sender,
                null_sender[1],
                "RSET",
                "QUIT",
            ],
            None,
        ),
        (
            "a role name is refused",
            &[greeting, pipelining, control, relay, ("RCPT TO:<security", "550 5.1.1 no")],
            &[
                EHLO,
                FIRST,
                postmaster,
                abuse,
                NULL,
                BARE_NAME,
                LOCAL,
                hostmaster[0],
                hostmaster[1],
                SECURITY,
                "RSET",
                "QUIT",
            ],
            None,
        ),
        (
            "abuse is refused: what may be refused twice goes in two pieces",
            &[greeting, pipelining, control, relay, ("RCPT TO:<abuse", "550 5.1.1 no")],
            &[
                EHLO,
                FIRST,
                postmaster,
                abuse,
                "MAIL FROM:<>",
                "RCPT TO:<postmaster@h.test>",
                "RSET",
                bare_name[0],
                bare_name[1],
                "RSET",
                "MAIL FROM:<postmaster@h.test>",
                "RCPT TO:<relaytest@us.test>",
                "RSET",
                "QUIT",
            ],
            None,
        ),
        (
            "takes everything: no other role name says anything",
            &[greeting, pipelining, relay],
            &[
                EHLO,
                FIRST,
                postmaster,
                abuse,
                NULL,
                BARE_NAME,
                LOCAL,
                NULL_SENDER,
                server[0],
                server[1],
                "RSET",
                "QUIT",
            ],
            None,
        ),
        (
            "the greeting's name is no host name",
            &[("", "220 ready_now"), pipelining, relay],
            &[
                EHLO,
                FIRST,
                postmaster,
                abuse,
                NULL,
                BARE_NAME,
                LOCAL,
                NULL_SENDER,
                literal[0],
                literal[1],
                "RSET",
                "QUIT",
            ],
            None,
        ),
        (
            "an open relay",
            &[greeting, pipelining, control],
            &[
                EHLO,
                FIRST,
                postmaster,
                abuse,
                NULL,
                BARE_NAME,
                NULL_SENDER,
                &joined(&[HOSTMASTER, SECURITY]),
                &joined(&[WEBMASTER, NOC]),
                "RSET",
                "QUIT",
            ],
            None,
        ),
        (
            "no role name is taken",
            &[greeting, pipelining, ("RCPT", "550 5.1.1 no")],
            &[EHLO, FIRST, postmaster, names[3], names[4], "RSET", "QUIT"],
            None,
        ),
        (
            "only abuse is taken",
            &[greeting, pipelining, ("RCPT TO:<abuse", "250 ok"), ("RCPT", "550 5.1.1 no")],
            &[
                EHLO,
                FIRST,
                postmaster,
                names[3],
                names[4],
                "RSET",
                "MAIL FROM:<>",
                "RCPT TO:<abuse@h.test>",
                "RSET",
                bare_name[0],
                bare_name[1],
                "RSET",
                "QUIT",
            ],
            None,
        ),
        (
            "our sender is refused",
            &[greeting, pipelining, ("MAIL FROM:<probe@us.test>", "550 5.1.8 no"), ("RCPT", "503 5.5.1 need MAIL")],
            &[EHLO, FIRST, postmaster, "MAIL FROM:<probe@us.test>", "QUIT"],
            None,
        ),
        (
            "greylisting",
            &[greeting, pipelining, ("RCPT", "450 4.7.1 later")],
            &[EHLO, FIRST, postmaster, names[3], names[4], "RSET", "QUIT"],
            None,
        ),
        (
            "a login is wanted: that is counted by nobody, and after ten errors there is no more",
            &[greeting, pipelining, ("MAIL", "530 5.7.0 Authentication required"), ("RCPT", "503 5.5.1 need MAIL")],
            &[EHLO, FIRST, NAMES, BARE_NAME, "QUIT"],
            None,
        ),
        (
            "421 in the middle of a flight",
            &[greeting, pipelining, ("RCPT TO:<postmaster@", "421 bye")],
            &[EHLO, FIRST, NAMES],
            Some(Unseen::TryLater),
        ),
        (
            "out of step: RSET is refused",
            &[greeting, pipelining, ("RSET", "550 5.1.1 User unknown")],
            &[EHLO, FIRST, "QUIT"],
            Some(Unseen::Garbled),
        ),
        (
            "slow in the middle of a flight",
            &[greeting, pipelining, ("RCPT TO:<abuse", "-")],
            &[EHLO, FIRST, NAMES, "QUIT"],
            Some(Unseen::ReplyTimeout),
        ),
        (
            "our sender is refused, and so is what comes behind it",
            &[greeting, pipelining, ("MAIL FROM:<probe@us.test>", "550 5.1.1 no"), ("RCPT", "550 5.1.1 no")],
            &[EHLO, FIRST, "QUIT"],
            None,
        ),
        (
            "drops us at the first relay variant",
            &[greeting, pipelining, control, ("RCPT TO:<relaytest", "!")],
            &[EHLO, FIRST],
            Some(Unseen::Closed),
        ),
    ];
    check(&recipients(), rows);
}

#[test]
fn recipients_one_at_a_time() {
    let lines = |flights: &[&str]| flights.join("\n").lines().map(str::to_owned).collect::<Vec<_>>();
    let greeting = ("", "220 mx.h.test ESMTP");
    let control = ("RCPT TO:<mailsins-", "550 5.1.1 User unknown");
    let relay = ("RCPT TO:<relaytest@us.test>", "554 5.7.1 Relay access denied");
    let whole =
        [FIRST, NAMES, NULL, BARE_NAME, LOCAL, HOSTMASTER, SECURITY, WEBMASTER, NOC, "RSET", NULL_SENDER, "QUIT"];
    let rows: &[(&str, Server, Vec<String>)] = &[
        ("as it should be", &[greeting, ("EHLO", BARE), control, relay], [lines(&[EHLO]), lines(&whole)].concat()),
        (
            "an open relay",
            &[greeting, ("EHLO", BARE), control],
            lines(&[
                EHLO,
                FIRST,
                NAMES,
                NULL,
                BARE_NAME,
                NULL_SENDER,
                HOSTMASTER,
                SECURITY,
                WEBMASTER,
                NOC,
                "RSET",
                "QUIT",
            ]),
        ),
        (
            "bounces are refused",
            &[greeting, ("EHLO", BARE), control, ("MAIL FROM:<>", "550 no"), ("RCPT TO:<relaytest", "450 later")],
            lines(&[EHLO, FIRST, NAMES, "MAIL FROM:<>", BARE_NAME, LOCAL, "QUIT"]),
        ),
        (
            "our sender is refused: no RCPT",
            &[greeting, ("EHLO", BARE), ("MAIL FROM:<probe@us.test>", "550 5.1.8 no"), relay],
            [vec![EHLO.to_owned()], vec!["MAIL FROM:<probe@us.test>".to_owned(); 4], lines(&["QUIT"])].concat(),
        ),
        (
            "EHLO is unknown",
            &[greeting, ("EHLO", "500 what?"), control, relay],
            [lines(&[EHLO, "HELO probe.us.test"]), lines(&whole)].concat(),
        ),
    ];
    for (name, server, want) in rows {
        let (sent, session) = converse(dialogue(&recipients()), server);
        assert_eq!(sent, *want, "{name}");
        assert_eq!(session.unwrap().broke, None, "{name}");
    }
}

/// What other conversations have used up is missing in this one, and it says so.
#[test]
fn what_is_left_of_the_budget() {
    let submission = Script::SubmissionSurvey { domain: DomainName::new("h.test").unwrap() };
    let server: Server = &[
        ("", "220 mx.h.test ESMTP"),
        ("EHLO", PIPELINING),
        ("VRFY", "252 ok"),
        ("RCPT TO:<mailsins-", "550 5.1.1 User unknown"),
        ("RCPT TO:<relaytest", "554 5.7.1 Relay access denied"),
    ];
    let survey = [EHLO, "HELP", "AUTH PLAIN"];
    let (from, local, foreign) =
        ("MAIL FROM:<probe@us.test>", "RCPT TO:<postmaster@h.test>", "RCPT TO:<relaytest@us.test>");
    let control = FIRST.split_once("RSET\n").map_or("", |(first, _)| first).to_owned() + "RSET";
    let rows: &[(&Script, usize, &[&str], bool)] = &[
        (&Script::SmtpSurvey, 4, &["EXPN postmaster", "VRFY postmaster", MADE_UP, SIZE, "RSET"], false),
        (&Script::SmtpSurvey, 3, &[SIZE, "RSET"], true),
        (&submission, 4, &[SIZE, "RSET", from, local, "RSET", from, foreign, "RSET"], false),
        (&submission, 3, &[SIZE, "RSET"], true),
        // A made-up and a foreign name, and no more.
        (&recipients(), 2, &[&control, from, foreign, "RSET"], true),
        (&recipients(), 1, &[from, &format!("RCPT TO:<{C}@h.test>"), "RSET"], true),
        (&recipients(), 0, &[], true),
    ];
    for (script, left, want, spared) in rows {
        let (sent, session) = converse(dialogue(script).refusals_left(*left), server);
        let begins: &[&str] = if matches!(script, Script::SmtpRecipients { .. }) { &survey[..1] } else { &survey };
        assert_eq!(sent, [begins, want, &["QUIT"]].concat(), "{script:?} with {left}");
        assert_eq!(session.unwrap().spared, *spared, "{script:?} with {left}");
    }
}

#[test]
fn odd_variants_beyond_the_budget() {
    // With a larger budget the odd variants follow, and
    // each that is taken is asked for again with a made-up name of the checked domain.
    let dialogue = dialogue(&recipients()).refusals_left(20);
    let server: Server = &[
        ("", "220 mx.h.test ESMTP"),
        ("EHLO", PIPELINING),
        ("RCPT TO:<relaytest%us.test@h.test>", "250 ok"),
        ("RCPT TO:<mailsins-f90879f8%", "550 5.1.1 no"),
        ("RCPT TO:<mailsins-", "550 5.1.1 no"),
        ("RCPT TO:<relaytest", "554 5.7.1 Relay access denied"),
        ("RCPT TO:<@", "554 5.7.1 Relay access denied"),
        ("RCPT TO:<\"", "554 5.7.1 Relay access denied"),
    ];
    let (sent, session) = converse(dialogue, server);
    let sent = sent.join("\n");
    let control = format!("RCPT TO:<{C}%h.test@h.test>");
    for line in ["RCPT TO:<relaytest%us.test@mx.h.test>", &control] {
        assert!(sent.lines().any(|sent| sent == line), "{line}\n{sent}");
    }
    let session = session.unwrap();
    let code = |purpose| session.reply(Step::Rcpt(purpose)).unwrap().1.code;
    assert_eq!(code(Purpose::Relay(Variant::PercentDomain)), 250);
    assert_eq!(code(Purpose::RelayControl(Variant::PercentDomain)), 550);
    assert!(errors_of(&session) <= 10);
}

fn errors_of(session: &SmtpSession) -> usize {
    session.exchanges.iter().filter(|e| e.reply.as_ref().is_some_and(|r| r.code >= 400)).count()
}

#[test]
fn transcript() {
    let mut dialogue = dialogue(&Script::SmtpSurvey);
    assert_eq!(dialogue.next(NOW), Event::Wait { stage: Stage::Greeting, until: NOW + 60_000 });
    dialogue.received(b"220-mx.h.test\r\n220 rea", NOW + 1);
    assert_eq!(dialogue.next(NOW + 1), Event::Wait { stage: Stage::Greeting, until: NOW + 60_000 });
    dialogue.received(b"dy\r\n", NOW + 41_000);
    let bytes = b"EHLO probe.us.test\r\n".to_vec();
    assert_eq!(dialogue.next(NOW + 41_000), Event::Send { bytes, until: NOW + 71_000 });
    assert_eq!(dialogue.next(NOW + 42_000), Event::Wait { stage: Stage::Reply, until: NOW + 71_000 });
    dialogue.received(b"250-mx.h.test\r\n250 AUTH PLAIN\r\n", NOW + 42_000);
    dialogue.next(NOW + 42_000);
    dialogue.received(b"214 x\r\n", NOW + 42_000);
    dialogue.next(NOW + 43_000);
    dialogue.received(b"334 \r\n", NOW + 43_500);
    dialogue.next(NOW + 99_000);
    assert_eq!(dialogue.next(NOW + 99_000), Event::Wait { stage: Stage::Reply, until: NOW + 100_000 });
    dialogue.timed_out(NOW + 100_000);
    assert_eq!(dialogue.next(NOW + 100_000), Event::Done);
    let session = dialogue.finish().unwrap();
    assert_eq!(session.broke, Some(Unseen::OutOfTime));
    let took: Vec<(Step, u32)> = session.exchanges.iter().map(|e| (e.step, e.took)).collect();
    let want = [
        (Step::Greeting, 41_000),
        (Step::Ehlo, 1_000),
        (Step::Help, 0),
        (Step::Auth(Mechanism::Plain), 500),
        (Step::AuthCancel, 0),
    ];
    assert_eq!(took, want);
    assert_eq!(session.exchanges[0].reply.as_ref().unwrap().lines, ["mx.h.test", "ready"]);
}

#[test]
fn without_a_greeting() {
    type End = fn(&mut Dialogue);
    let rows: &[(End, Unseen)] = &[
        (|d| d.timed_out(NOW + 60_000), Unseen::GreetingTimeout),
        (|d| d.ended(Unseen::Reset), Unseen::Reset),
        (|d| d.received(b"220-wait\r\n", NOW), Unseen::Closed),
        (|d| d.received(b"SSH-2.0-x\r\n", NOW), Unseen::Garbled),
        (|d| d.received(&b"220-".repeat(2000), NOW), Unseen::Overlong),
        (|_| {}, Unseen::Closed),
    ];
    for (end, want) in rows {
        let mut dialogue = dialogue(&Script::SmtpSurvey);
        dialogue.next(NOW);
        end(&mut dialogue);
        assert_eq!(dialogue.finish(), Err(*want));
    }
    let mut late = dialogue(&Script::SmtpSurvey).until(NOW + 5_000);
    assert_eq!(late.next(NOW), Event::Wait { stage: Stage::Greeting, until: NOW + 5_000 });
    late.timed_out(NOW + 5_000);
    assert_eq!(late.finish(), Err(Unseen::OutOfTime));
}

/// Replies as a server might give them, and rubbish.
fn peer() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        8 => (200u16..560, "[ -~]{0,20}").prop_map(|(code, text)| format!("{code} {text}\r\n").into_bytes()),
        20 => Just(b"250 ok\r\n".to_vec()),
        8 => Just(b"550 5.1.1 no\r\n".to_vec()),
        4 => Just(b"250-mx.h.test\r\n250-PIPELINING\r\n250-AUTH LOGIN\r\n250 SIZE\r\n".to_vec()),
        4 => Just(b"334 \r\n".to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..40),
    ];
    (any::<bool>(), proptest::collection::vec(line, 0..80)).prop_map(|(greets, lines)| {
        let greeting: &[u8] = if greets { b"220 mx.h.test\r\n" } else { b"" };
        [greeting, &lines.concat()].concat()
    })
}

/// Feeds the bytes in pieces of these sizes, closes, and gives all that was sent and said.
fn feed(script: &Script, bytes: &[u8], sizes: &[usize]) -> (Vec<u8>, Result<SmtpSession, Unseen>) {
    let mut dialogue = dialogue(script);
    let mut sent = Vec::new();
    let mut rest = bytes;
    let mut sizes = sizes.iter().cycle();
    for _ in 0..bytes.len() + 500 {
        match dialogue.next(NOW) {
            Event::Send { bytes, .. } => sent.extend(bytes),
            Event::Wait { .. } if rest.is_empty() => dialogue.ended(Unseen::Closed),
            Event::Wait { .. } => {
                let (piece, left) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
                dialogue.received(piece, NOW);
                rest = left;
            }
            Event::StartTls { .. } => dialogue.secured(done(), NOW),
            Event::Done => return (sent, dialogue.finish()),
        }
        assert!(sent.len() < 8192 && dialogue.exchanges.len() < 120 && dialogue.out.len() < 4096);
    }
    panic!("does not end");
}

proptest! {
    #[test]
    fn any_peer_cut_anyhow(
        bytes in peer(),
        sizes in proptest::collection::vec(1usize..50, 1..10),
        which in 0..3_usize,
    ) {
        let submission = Script::SubmissionSurvey { domain: DomainName::new("h.test").unwrap() };
        let script = [Script::SmtpSurvey, recipients(), submission][which].clone();
        let (sent, session) = feed(&script, &bytes, &sizes);
        for other in [&[1][..], &[usize::MAX]] {
            let (_, same) = feed(&script, &bytes, other);
            prop_assert_eq!(&same, &session);
        }
        let sent = String::from_utf8(sent).unwrap();
        prop_assert!(sent.lines().all(|line| !line.starts_with("DATA") && !line.starts_with("BDAT")));
        if let Ok(session) = session {
            prop_assert!(errors_of(&session) <= 12);
            prop_assert!(session.refusals() <= REFUSALS_MAX);
            let open = session.exchanges.iter().filter(|e| e.reply.is_none()).count();
            prop_assert!(open <= 1 && session.exchanges.iter().rev().skip(1).all(|e| e.reply.is_some()));
        }
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let script = Script::Hello(shared::inquiry::Opening::Smtp, shared::evidence::Offer::Weak);
        prop_assert_eq!(feed(&script, &bytes, &[7, 1, 100]).1, feed(&script, &bytes, &[1]).1);
        let (_, session) = feed(&recipients(), &bytes, &[7, 1, 100]);
        prop_assert_eq!(&session, &feed(&recipients(), &bytes, &[usize::MAX]).1);
    }
}

/// A server that takes our sender once may refuse it the next time, and the recipient behind it, too.
#[test]
fn a_flight_is_within_the_budget_whatever_is_refused() {
    let (ehlo, yes, no) = ("250-mx.h.test\r\n250 PIPELINING", "250 ok", "550 5.1.1 no");
    let rows: [&[&str]; 4] = [
        &[yes, no, yes, no, no, yes, no, no],
        &[yes, no, yes, yes, no, yes, yes, no, yes, no, no],
        &[yes, yes, yes, yes, no, yes, yes, no, yes, yes, no, yes, no, no],
        &[yes, no, yes, yes, no, yes, yes, yes, yes, yes, yes, yes, yes, yes, yes, no, no, yes, no, no],
    ];
    for row in rows {
        let said = [&["220 mx.h.test", ehlo], row, &[no; 30]].concat().join("\r\n") + "\r\n";
        let (_, session) = feed(&recipients(), said.as_bytes(), &[usize::MAX]);
        let session = session.unwrap();
        assert_eq!(session.refusals(), REFUSALS_MAX, "{row:?}: {:?}", session.exchanges);
    }
}

/// An old or weak offer: EHLO, STARTTLS, one message, its answer, and no further; no QUIT, as the
/// server waits for TLS.
#[test]
fn offers() {
    use shared::evidence::{HelloAnswer, Offer};
    let talk = |server: &[&[u8]]| {
        let mut dialogue = dialogue(&Script::Hello(shared::inquiry::Opening::Smtp, Offer::Old));
        let (mut coming, mut sent) = (server.iter(), Vec::new());
        loop {
            match dialogue.next(NOW) {
                Event::Send { bytes, .. } => sent.push(bytes),
                Event::Wait { .. } => match coming.next() {
                    Some(bytes) => dialogue.received(bytes, NOW),
                    None => dialogue.ended(Unseen::Closed),
                },
                Event::StartTls { .. } => panic!("nobody goes on from there"),
                Event::Done => break,
            }
        }
        let session = dialogue.finish();
        let said: Vec<String> =
            sent.iter().map(|bytes| String::from_utf8_lossy(bytes.get(..4).unwrap_or_default()).into_owned()).collect();
        let hello = session.as_ref().ok().and_then(|session| session.client_hello.clone());
        (said, hello.map(|hello| hello.answer), session.map(|session| session.broke))
    };
    let (greets, offers, ready) = (&b"220 mx.h.test\r\n"[..], &b"250-mx\r\n250 STARTTLS\r\n"[..], &b"220 go\r\n"[..]);
    let alert = &[21, 3, 2, 0, 2, 2, 70][..];
    let protocol_version = HelloAnswer::Alert { version: 0x0302, level: 2, description: 70 };
    let hello = "\u{16}\u{3}\u{1}\0";
    let all = vec!["EHLO".to_owned(), "STAR".to_owned(), hello.to_owned()];
    assert_eq!(talk(&[greets, offers, ready, alert]), (all.clone(), Some(protocol_version.clone()), Ok(None)));
    let (head, tail) = alert.split_at(3);
    assert_eq!(talk(&[greets, offers, ready, head, tail]), (all.clone(), Some(protocol_version), Ok(None)));
    for cut in 0..alert.len() {
        let closed = Some(HelloAnswer::Failed(TlsFault::Closed));
        assert_eq!(talk(&[greets, offers, ready, &alert[..cut]]), (all.clone(), closed, Ok(None)), "{cut}");
    }
    // What comes in the clear behind the reply to STARTTLS is no answer.
    let both = [ready, alert].concat();
    assert_eq!(talk(&[greets, offers, &both]).1, Some(HelloAnswer::Failed(TlsFault::Closed)));
    assert_eq!(talk(&[greets, offers, ready, b"500 no\r\n"]).1, Some(HelloAnswer::Failed(TlsFault::NotTls)));
    let refused = talk(&[greets, offers, b"454 no\r\n", b"221 bye\r\n"]);
    assert_eq!(refused, (vec!["EHLO".to_owned(), "STAR".to_owned(), "QUIT".to_owned()], None, Ok(None)));
    let plain = talk(&[greets, b"250 mx\r\n", b"221 bye\r\n"]);
    assert_eq!(plain, (vec!["EHLO".to_owned(), "QUIT".to_owned()], None, Ok(None)));
    assert_eq!(talk(&[greets, offers]).2, Ok(Some(Unseen::Closed)));

    let mut late = dialogue(&Script::Hello(shared::inquiry::Opening::Smtp, Offer::Old));
    for bytes in [greets, offers, ready] {
        while let Event::Send { .. } = late.next(NOW) {}
        late.received(bytes, NOW);
    }
    while let Event::Send { .. } = late.next(NOW) {}
    let Event::Wait { until, .. } = late.next(NOW) else { panic!() };
    assert_eq!(until, NOW + 30_000);
    late.timed_out(until);
    assert_eq!(late.next(until), Event::Done);
    let hello = late.finish().unwrap().client_hello.unwrap();
    assert_eq!((hello.took, hello.answer), (30_000, HelloAnswer::Failed(TlsFault::Timeout)));
}

/// Words in the clear behind STARTTLS: what is answered inside TLS before QUIT was said there.
#[test]
fn injection() {
    let talk = |clear: &[&[u8]], inside: &[&[u8]]| {
        let mut dialogue = dialogue(&Script::SmtpInjection);
        let (mut clear, mut inside, mut secured) = (clear.iter(), inside.iter(), false);
        let mut sent = Vec::new();
        loop {
            match dialogue.next(NOW) {
                Event::Send { bytes, .. } => sent.push(String::from_utf8(bytes).unwrap()),
                Event::Wait { .. } => match if secured { inside.next() } else { clear.next() } {
                    Some(bytes) => dialogue.received(bytes, NOW),
                    None => dialogue.ended(Unseen::Closed),
                },
                Event::StartTls { .. } => {
                    secured = true;
                    dialogue.secured(done(), NOW);
                }
                Event::Done => break,
            }
        }
        let session = dialogue.finish().unwrap();
        let said = session.exchanges.iter().skip(2).map(|e| (e.step, e.reply.as_ref().map(|reply| reply.code)));
        (sent.split_off(1), said.collect::<Vec<_>>(), session.broke)
    };
    let (greets, offers, ready) = (&b"220 mx.h.test\r\n"[..], &b"250-mx\r\n250 STARTTLS\r\n"[..], &b"220 go\r\n"[..]);
    let both = vec!["STARTTLS\r\nNOOP\r\n".to_owned(), "QUIT\r\n".to_owned()];
    let (begin, quit) = ((Step::StartTls, Some(220)), (Step::Quit, Some(221)));
    let careful = talk(&[greets, offers, ready], &[b"221 bye\r\n"]);
    assert_eq!(careful, (both.clone(), vec![begin, quit], None));
    let executed = (both.clone(), vec![begin, (Step::Injected, Some(250)), quit], None);
    assert_eq!(talk(&[greets, offers, ready], &[b"250 ok\r\n", b"221 bye\r\n"]), executed);
    assert_eq!(talk(&[greets, offers, ready], &[b"250 ok\r\n221 bye\r\n"]), executed);
    // Answered in the clear, it counts for nothing inside.
    assert_eq!(talk(&[greets, offers, b"220 go\r\n250 ok\r\n"], &[b"221 bye\r\n"]), careful);
    let odd = talk(&[greets, offers, ready], &[b"250 ok\r\n", b"250 ok\r\n"]);
    assert_eq!(odd.1, [begin, (Step::Injected, Some(250)), (Step::Quit, Some(250))]);
    let refused = talk(&[greets, offers, b"554 5.5.1 Synchronization error\r\n250 ok\r\n"], &[]);
    assert_eq!(refused, (both.clone(), vec![(Step::StartTls, Some(554))], None));
    let hung_up = talk(&[greets, offers], &[]);
    assert_eq!(hung_up, (both[..1].to_vec(), vec![(Step::StartTls, None)], Some(Unseen::Closed)));
    let none = talk(&[greets, b"250 mx\r\n", b"221 bye\r\n"], &[]);
    assert_eq!(none, (both[1..].to_vec(), vec![quit], None));
}
