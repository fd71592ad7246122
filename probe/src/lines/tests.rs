//! Every byte we send, per protocol and server behaviour; then what no peer can make us do.

use super::*;
use crate::dialogue::Dialogue as _;
use proptest::prelude::*;

mod ntlm;

const NOW: u64 = 1_000_000;

/// A server: what it answers to a command that begins like this; the first row is its greeting. An
/// answer of "-" is silence, "!" closes. What answers to a handshake stands at "TLS": "!" and it fails,
/// else what the server says then, unasked. Rules at "TLS " hold inside.
type Server<'a> = &'a [(&'a str, &'a str)];

/// Why a conversation broke off, or why there was none.
type End = Result<Option<Unseen>, Unseen>;

fn dialogue(protocol: Protocol, port: u16) -> Dialogue {
    Dialogue::new(protocol).inside_tls(DomainName::new("imap.h.test").ok(), port)
}

/// Holds the conversation; gives what was sent, a line each.
fn converse(mut dialogue: Dialogue, server: Server) -> (Vec<String>, Result<LineSession, Unseen>) {
    let mut inside = false;
    let mut sent = Vec::new();
    let mut now = NOW;
    let mut coming = std::collections::VecDeque::from([server[0].1]);
    loop {
        match dialogue.next(now) {
            Event::Send { bytes, .. } => {
                let text = String::from_utf8(bytes).unwrap();
                let command = text.strip_suffix("\r\n").unwrap().to_owned();
                assert!(command.chars().all(|c| c >= ' '), "{command}");
                let fits = |start: &str| match start.strip_prefix("TLS ") {
                    Some(start) => inside && command.starts_with(start),
                    None => command.starts_with(start),
                };
                let rule = server[1..].iter().find(|(start, _)| fits(start));
                coming.push_back(rule.map_or("!", |(_, reply)| *reply));
                sent.push(command);
            }
            Event::Wait { until, .. } => match coming.pop_front().unwrap_or("!") {
                "-" => {
                    now = until;
                    dialogue.timed_out(now);
                }
                "!" => dialogue.ended(Unseen::Closed),
                reply => dialogue.received(format!("{reply}\r\n").as_bytes(), now),
            },
            Event::StartTls { host, look, .. } => {
                assert!(look && host.as_str() == "imap.h.test");
                sent.push("(TLS)".to_owned());
                let then = server.iter().find(|(start, _)| *start == "TLS").map_or("", |(_, then)| then);
                inside = then != "!";
                if inside && !then.is_empty() {
                    coming.push_back(then);
                }
                dialogue.secured(if inside { done() } else { failed(TlsFault::Closed) }, now + 5);
            }
            Event::Done => return (sent, dialogue.finish()),
        }
    }
}

fn done() -> Handshake {
    Handshake::Done(Box::default())
}

fn failed(fault: TlsFault) -> Handshake {
    Handshake::Failed(fault, None)
}

fn check(protocol: Protocol, rows: &[(&str, Server, &[&str], End)]) {
    at_port(protocol, 0, rows);
}

fn at_port(protocol: Protocol, port: u16, rows: &[(&str, Server, &[&str], End)]) {
    for (name, server, want, end) in rows {
        let (sent, session) = converse(dialogue(protocol, port), server);
        assert_eq!(sent, *want, "{name}");
        for command in &sent {
            assert!(
                !["USER", "PASS", "APOP", "LOGIN"]
                    .contains(&command.split(' ').nth(usize::from(protocol == Protocol::Imap)).unwrap_or("")),
                "{command}"
            );
        }
        assert_eq!(session.map(|session| session.broke), *end, "{name}");
    }
}

const HELLO: (&str, &str) = ("", "* OK [CAPABILITY IMAP4rev1] ready");
const BYE: (&str, &str) = ("a", "* BYE bye\r\na9 OK");

#[test]
fn imap() {
    check(
        Protocol::Imap,
        &[
            (
                "careful, with ID",
                &[
                    HELLO,
                    ("a1 CAPABILITY", "* CAPABILITY IMAP4rev1 ID LOGINDISABLED\r\na1 OK done"),
                    ("a2 ID", "* ID (\"name\" {7}\r\nDovecot)\r\na2 OK done"),
                    ("a3 LOGOUT", "* BYE bye\r\na3 OK done"),
                ],
                &["a1 CAPABILITY", "a2 ID NIL", "a3 LOGOUT"],
                Ok(None),
            ),
            (
                "offers PLAIN in the clear and goes along",
                &[
                    HELLO,
                    ("a1", "* CAPABILITY IMAP4rev1 AUTH=LOGIN AUTH=PLAIN\r\na1 OK"),
                    ("a2", "+ "),
                    ("*", "a2 BAD cancelled"),
                    ("a3", "* BYE\r\na3 OK"),
                ],
                &["a1 CAPABILITY", "a2 AUTHENTICATE PLAIN", "*", "a3 LOGOUT"],
                Ok(None),
            ),
            (
                "offers it and refuses; hangs up at LOGOUT",
                &[HELLO, ("a1", "* CAPABILITY AUTH=OAUTHBEARER\r\na1 OK"), ("a2", "a2 NO [PRIVACYREQUIRED] no")],
                &["a1 CAPABILITY", "a2 AUTHENTICATE OAUTHBEARER", "a3 LOGOUT"],
                Ok(None),
            ),
            (
                "goes on asking behind *",
                &[HELLO, ("a1", "* CAPABILITY AUTH=LOGIN\r\na1 OK"), ("a2", "+ VXNlcg=="), ("*", "+ UGFzcw=="), BYE],
                &["a1 CAPABILITY", "a2 AUTHENTICATE LOGIN", "*", "*", "a3 LOGOUT"],
                Ok(None),
            ),
            (
                "challenges only",
                &[HELLO, ("a1", "* CAPABILITY AUTH=CRAM-MD5\r\na1 OK"), ("a2", "a2 OK")],
                &["a1 CAPABILITY", "a2 LOGOUT"],
                Ok(None),
            ),
            (
                "PREAUTH: nothing to log in to",
                &[("", "* PREAUTH hi"), ("a1", "* CAPABILITY AUTH=PLAIN\r\na1 OK"), ("a2", "a2 OK")],
                &["a1 CAPABILITY", "a2 LOGOUT"],
                Ok(None),
            ),
            ("BYE", &[("", "* BYE too many")], &[], Ok(Some(Unseen::ClientRefused))),
            ("BYE later", &[HELLO, ("a1", "* BYE down")], &["a1 CAPABILITY"], Ok(Some(Unseen::Closed))),
            (
                "refuses CAPABILITY",
                &[HELLO, ("a1", "a1 BAD"), ("a2", "a2 OK")],
                &["a1 CAPABILITY", "a2 LOGOUT"],
                Ok(None),
            ),
            ("a tag that is not ours", &[HELLO, ("a1", "a2 OK")], &["a1 CAPABILITY"], Ok(Some(Unseen::Garbled))),
            ("a tag that goes on", &[HELLO, ("a1", "a10 OK")], &["a1 CAPABILITY"], Ok(Some(Unseen::Garbled))),
            ("a tag without a status", &[HELLO, ("a1", "a1 YES")], &["a1 CAPABILITY"], Ok(Some(Unseen::Garbled))),
            ("goes on unasked", &[HELLO, ("a1", "+ more")], &["a1 CAPABILITY"], Ok(Some(Unseen::Garbled))),
            ("tagged greeting", &[("", "a0 OK")], &[], Err(Unseen::Garbled)),
            ("SMTP", &[("", "220 mx ESMTP")], &[], Err(Unseen::Garbled)),
            ("silent", &[("", "-")], &[], Err(Unseen::GreetingTimeout)),
            ("closes", &[("", "!")], &[], Err(Unseen::Closed)),
            (
                "silent at CAPABILITY",
                &[HELLO, ("a1", "-")],
                &["a1 CAPABILITY", "a2 LOGOUT"],
                Ok(Some(Unseen::ReplyTimeout)),
            ),
            (
                "silent inside AUTHENTICATE",
                &[HELLO, ("a1", "* CAPABILITY AUTH=PLAIN\r\na1 OK"), ("a2", "-")],
                &["a1 CAPABILITY", "a2 AUTHENTICATE PLAIN"],
                Ok(Some(Unseen::ReplyTimeout)),
            ),
        ],
    );
}

#[test]
fn pop() {
    let hello = ("", "+OK ready <1896.697170952@mail.test>");
    check(
        Protocol::Pop,
        &[
            (
                "careful",
                &[hello, ("CAPA", "+OK\r\nTOP\r\n..dotted\r\n."), ("QUIT", "+OK bye")],
                &["CAPA", "QUIT"],
                Ok(None),
            ),
            (
                "takes PLAIN",
                &[hello, ("CAPA", "+OK\r\nUSER\r\nSASL PLAIN\r\n."), ("AUTH", "+ "), ("*", "-ERR no"), ("QUIT", "+OK")],
                &["CAPA", "AUTH PLAIN", "*", "QUIT"],
                Ok(None),
            ),
            ("knows no CAPA", &[hello, ("CAPA", "-ERR what"), ("QUIT", "+OK")], &["CAPA", "QUIT"], Ok(None)),
            ("will not talk", &[("", "-ERR not you")], &[], Ok(Some(Unseen::ClientRefused))),
            (
                "a list without end",
                &[hello, ("CAPA", "+OK\r\nUSER"), ("QUIT", "!")],
                &["CAPA"],
                Ok(Some(Unseen::Closed)),
            ),
            ("alien", &[hello, ("CAPA", "+YES")], &["CAPA"], Ok(Some(Unseen::Garbled))),
            ("another protocol", &[("", "* OK imap")], &[], Err(Unseen::Garbled)),
        ],
    );
    let server = [hello, ("CAPA", "+OK\r\nTOP\r\n..dotted\r\n."), ("QUIT", "+OK bye")];
    let (_, session) = converse(dialogue(Protocol::Pop, 110), &server);
    let lines = session.unwrap().exchanges[1].reply.clone().unwrap();
    assert_eq!(lines, ["+OK", "TOP", ".dotted"]);
}

#[test]
fn inside_tls() {
    let imap = ("a1", "* CAPABILITY STARTTLS LOGINDISABLED\r\na1 OK");
    check(
        Protocol::Imap,
        &[
            (
                "the handshake works",
                &[HELLO, imap, ("a2", "a2 OK go"), ("TLS a3", "* CAPABILITY ID AUTH=PLAIN\r\na3 OK"), BYE],
                &["a1 CAPABILITY", "a2 STARTTLS", "(TLS)", "a3 CAPABILITY", "a4 LOGOUT"],
                Ok(None),
            ),
            (
                "after a login that was begun",
                &[
                    HELLO,
                    ("a1", "* CAPABILITY STARTTLS AUTH=PLAIN\r\na1 OK"),
                    ("a2", "+ "),
                    ("*", "a2 BAD"),
                    ("a3", "a3 OK"),
                    ("TLS a4", "a4 OK"),
                    BYE,
                ],
                &["a1 CAPABILITY", "a2 AUTHENTICATE PLAIN", "*", "a3 STARTTLS", "(TLS)", "a4 CAPABILITY", "a5 LOGOUT"],
                Ok(None),
            ),
            (
                "goes on asking behind *: no STARTTLS inside a login",
                &[HELLO, ("a1", "* CAPABILITY STARTTLS AUTH=PLAIN\r\na1 OK"), ("a2", "+ "), ("*", "+ "), BYE],
                &["a1 CAPABILITY", "a2 AUTHENTICATE PLAIN", "*", "*", "a3 LOGOUT"],
                Ok(None),
            ),
            (
                "the handshake fails: all was asked before",
                &[HELLO, imap, ("a2", "a2 OK"), ("TLS", "!")],
                &["a1 CAPABILITY", "a2 STARTTLS", "(TLS)"],
                Ok(None),
            ),
            (
                "refused",
                &[HELLO, imap, ("a2", "a2 BAD no"), BYE],
                &["a1 CAPABILITY", "a2 STARTTLS", "a3 LOGOUT"],
                Ok(None),
            ),
            ("closes at it", &[HELLO, imap], &["a1 CAPABILITY", "a2 STARTTLS"], Ok(Some(Unseen::Closed))),
            (
                "silent at it",
                &[HELLO, imap, ("a2", "-")],
                &["a1 CAPABILITY", "a2 STARTTLS"],
                Ok(Some(Unseen::ReplyTimeout)),
            ),
            (
                "says no more inside",
                &[HELLO, imap, ("a2", "a2 OK"), ("TLS a3", "-")],
                &["a1 CAPABILITY", "a2 STARTTLS", "(TLS)", "a3 CAPABILITY", "a4 LOGOUT"],
                Ok(Some(Unseen::ReplyTimeout)),
            ),
            ("PREAUTH: too late for it", &[("", "* PREAUTH hi"), imap, BYE], &["a1 CAPABILITY", "a2 LOGOUT"], Ok(None)),
        ],
    );
    let pop = ("", "+OK ready");
    check(
        Protocol::Pop,
        &[(
            "the handshake works",
            &[
                pop,
                ("TLS CAPA", "+OK\r\nUSER\r\nSASL PLAIN\r\n."),
                ("CAPA", "+OK\r\nSTLS\r\n."),
                ("STLS", "+OK"),
                ("QUIT", "+OK"),
            ],
            &["CAPA", "STLS", "(TLS)", "CAPA", "QUIT"],
            Ok(None),
        )],
    );
    let sieve = ("", "\"SASL\" \"\"\r\n\"STARTTLS\"\r\nOK");
    check(
        Protocol::Sieve,
        &[
            (
                "says its capabilities anew",
                &[sieve, ("STARTTLS", "OK"), ("TLS", "\"SASL\" \"PLAIN\"\r\nOK"), ("LOGOUT", "OK")],
                &["STARTTLS", "(TLS)", "LOGOUT"],
                Ok(None),
            ),
            (
                "and one that does not",
                &[sieve, ("STARTTLS", "OK"), ("TLS", "-")],
                &["STARTTLS", "(TLS)", "LOGOUT"],
                Ok(Some(Unseen::ReplyTimeout)),
            ),
        ],
    );
    let clear = Dialogue::new(Protocol::Imap).inside_tls(None, 143);
    assert_eq!(converse(clear, &[HELLO, imap, BYE]).0, ["a1 CAPABILITY", "a2 LOGOUT"]);
}

#[test]
fn tls_from_the_start() {
    at_port(
        Protocol::Imap,
        993,
        &[
            (
                "no login is begun inside",
                &[HELLO, ("a1", "* CAPABILITY ID AUTH=PLAIN STARTTLS\r\na1 OK"), ("a2", "* ID NIL\r\na2 OK"), BYE],
                &["(TLS)", "a1 CAPABILITY", "a2 ID NIL", "a3 LOGOUT"],
                Ok(None),
            ),
            ("the handshake fails", &[HELLO, ("TLS", "!")], &["(TLS)"], Err(Unseen::NoTls)),
            ("silent inside", &[("", "-")], &["(TLS)"], Err(Unseen::GreetingTimeout)),
        ],
    );
    let pop = ("", "+OK ready");
    let capa = ("CAPA", "+OK\r\nUSER\r\nSASL PLAIN\r\nSTLS\r\n.");
    at_port(Protocol::Pop, 995, &[("whole", &[pop, capa, ("QUIT", "+OK")], &["(TLS)", "CAPA", "QUIT"], Ok(None))]);
    let session = converse(dialogue(Protocol::Pop, 995), &[pop, capa, ("QUIT", "+OK")]).1.unwrap();
    assert!(session.exchanges.iter().all(|exchange| exchange.secure));
    assert_eq!(session.tls.map(|tls| (tls.took, tls.dropped)), Some((5, 0)));
}

#[test]
fn what_starttls_comes_to() {
    let rows = [
        ("a2 OK\r\n", None),
        ("a2 NO [UNAVAILABLE] not today\r\n", Some(TlsFault::NotNow)),
        ("a2 NO TLS is temporarily off\r\n", Some(TlsFault::NotNow)),
        ("a2 BAD no\r\n", Some(TlsFault::Refused)),
    ];
    for (reply, want) in rows {
        let mut dialogue = dialogue(Protocol::Imap, 143);
        for bytes in ["* OK hi\r\n", "* CAPABILITY STARTTLS\r\na1 OK\r\n", reply] {
            while let Event::Send { .. } = dialogue.next(NOW) {}
            dialogue.received(bytes.as_bytes(), NOW);
        }
        let ready = matches!(dialogue.next(NOW), Event::StartTls { .. });
        assert_eq!((ready, dialogue.tls.and_then(|tls| tls.secured().err())), (want.is_none(), want), "{reply}");
    }
}

#[test]
fn what_comes_behind_starttls_in_the_clear() {
    let mut dialogue = dialogue(Protocol::Pop, 110);
    for bytes in ["+OK\r\n", "+OK\r\nSTLS\r\n.\r\n", "+OK go\r\n+OK injected\r\n"] {
        while let Event::Send { .. } = dialogue.next(NOW) {}
        dialogue.received(bytes.as_bytes(), NOW);
    }
    dialogue.secured(done(), NOW + 5);
    assert!(matches!(dialogue.next(NOW + 5), Event::Send { .. }));
    assert!(matches!(dialogue.next(NOW + 5), Event::Wait { .. }), "the octets in the clear are no reply");
    assert_eq!(dialogue.tls.map(|tls| (tls.took, tls.dropped)), Some((5, 14)));
}

#[test]
fn sieve() {
    let hello = ("", "\"IMPLEMENTATION\" \"Dovecot Pigeonhole\"\r\n\"SASL\" \"\"\r\nOK \"ready\"");
    check(
        Protocol::Sieve,
        &[
            ("whole", &[hello, ("LOGOUT", "OK \"bye\"")], &["LOGOUT"], Ok(None)),
            ("closes at LOGOUT", &[hello], &["LOGOUT"], Ok(None)),
            ("will not talk", &[("", "BYE \"no\"")], &[], Ok(Some(Unseen::ClientRefused))),
            ("another protocol", &[("", "+OK pop")], &[], Err(Unseen::Garbled)),
        ],
    );
}

const PROTOCOLS: [Protocol; 3] = [Protocol::Imap, Protocol::Pop, Protocol::Sieve];

/// Feeds one stream that never heeds what we say; how it ended and how many octets it took in.
fn fed(protocol: Protocol, stream: &[u8], size: usize) -> (Result<LineSession, Unseen>, usize) {
    let mut dialogue = dialogue(protocol, 0);
    let mut chunks = stream.chunks(size);
    let mut taken = 0;
    for _ in 0..1_000_000 {
        match dialogue.next(NOW) {
            Event::Send { .. } => {}
            Event::Wait { .. } => match chunks.next() {
                Some(chunk) => {
                    taken += chunk.len();
                    dialogue.received(chunk, NOW);
                }
                None => dialogue.ended(Unseen::Closed),
            },
            Event::StartTls { .. } => dialogue.secured(done(), NOW),
            Event::Done => return (dialogue.finish(), taken),
        }
    }
    panic!("it does not end");
}

#[test]
fn it_does_not_matter_how_the_stream_is_cut_or_where_it_ends() {
    let streams: [(Protocol, &[u8]); 3] = [
        (Protocol::Imap, b"* OK hi\r\n* CAPABILITY ID AUTH=PLAIN\r\na1 OK\r\n* ID ({3}\r\na\r\n)\r\na2 OK\r\n+ \r\na3 NO\r\n* BYE\r\na4 OK\r\n"),
        (Protocol::Pop, b"+OK hi\r\n+OK\r\nUSER\r\nSASL PLAIN\r\n.\r\n+ \r\n-ERR\r\n+OK\r\n"),
        (Protocol::Sieve, b"\"A\" {3}\r\nx\r\n\r\nOK\r\nOK\r\n"),
    ];
    for (protocol, stream) in streams {
        let whole = fed(protocol, stream, stream.len()).0.unwrap();
        assert_eq!(whole.broke, None, "{protocol:?}");
        assert_eq!(whole.exchanges.last().map(|e| (e.step, e.reply.is_some())), Some((LineStep::Logout, true)));
        assert_eq!(fed(protocol, stream, 1).0.as_ref(), Ok(&whole), "{protocol:?}");
        for end in 0..stream.len() {
            match fed(protocol, &stream[..end], 7).0 {
                Err(why) => assert_eq!(why, Unseen::Closed, "{protocol:?} {end}"),
                Ok(session) => {
                    // What came before the end is as it was; only the last reply may be missing.
                    let count = session.exchanges.len();
                    for (index, (one, other)) in session.exchanges.iter().zip(&whole.exchanges).enumerate() {
                        assert!(one == other || (index + 1 == count && one.reply.is_none()), "{protocol:?} {end}");
                    }
                    let at_logout = session.exchanges.last().is_some_and(|e| e.step == LineStep::Logout);
                    assert_eq!(session.broke, (!at_logout).then_some(Unseen::Closed), "{protocol:?} {end}");
                }
            }
        }
    }
}

#[test]
fn endless_peers() {
    let rows: [(&str, Protocol, Vec<u8>, End); 7] = [
        ("a line", Protocol::Imap, [b"* OK ".as_slice(), &[b'x'; 1 << 20]].concat(), Err(Unseen::Overlong)),
        ("a line of NUL", Protocol::Pop, [b"+OK ".as_slice(), &[0; 1 << 20]].concat(), Err(Unseen::Overlong)),
        ("a line of CR", Protocol::Sieve, [b"OK ".as_slice(), &[b'\r'; 1 << 20]].concat(), Err(Unseen::Overlong)),
        (
            "untagged lines",
            Protocol::Imap,
            [b"* OK hi\r\n".to_vec(), b"* X\r\n".repeat(1 << 16)].concat(),
            Ok(Some(Unseen::Overlong)),
        ),
        (
            "capabilities",
            Protocol::Pop,
            [b"+OK hi\r\n+OK\r\n".to_vec(), b"X\r\n".repeat(1 << 16)].concat(),
            Ok(Some(Unseen::Overlong)),
        ),
        (
            "a literal of 4 GB",
            Protocol::Imap,
            [b"* OK hi\r\n* X {4294967296}\r\n".as_slice(), &[b'x'; 1 << 20]].concat(),
            Ok(Some(Unseen::Overlong)),
        ),
        (
            "a literal that nobody can count",
            Protocol::Sieve,
            [b"\"A\" {99999999999999999999999999}\r\n".as_slice(), &[b'\n'; 1 << 20]].concat(),
            Err(Unseen::Overlong),
        ),
    ];
    for (name, protocol, stream, want) in rows {
        let (session, taken) = fed(protocol, &stream, 4096);
        if let Ok(session) = &session {
            let kept: usize = session.exchanges.iter().flat_map(|e| e.reply.iter().flatten()).map(String::len).sum();
            assert!(kept < 4096, "{name}");
        }
        assert_eq!(session.map(|session| session.broke), want, "{name}");
        assert!(taken <= SESSION_MAX + 4096, "{name}: {taken}");
    }
}

proptest! {
    #[test]
    fn nothing_makes_it_panic_or_send_what_it_must_not(
        which in 0_usize..3,
        from_the_start in any::<bool>(),
        stream in prop::collection::vec(
            prop_oneof![
                Just(b"\r\n".to_vec()), Just(b"* OK ".to_vec()), Just(b"a1 OK".to_vec()), Just(b"a2 OK".to_vec()),
                Just(b"+ ".to_vec()), Just(b"+OK ".to_vec()), Just(b"-ERR".to_vec()), Just(b"\r\n.\r\n".to_vec()),
                Just(b"* CAPABILITY AUTH=PLAIN ID\r\n".to_vec()), Just(b"SASL LOGIN".to_vec()), Just(b"{3}\r\n".to_vec()),
                Just(b"OK \"x\"".to_vec()), Just(b"\"STARTTLS\"\r\n".to_vec()), Just(b"STLS\r\n".to_vec()),
                Just(b"* CAPABILITY STARTTLS\r\n".to_vec()), prop::collection::vec(any::<u8>(), 0..6),
            ],
            0..40,
        ),
    ) {
        let mut dialogue = dialogue(PROTOCOLS[which], if from_the_start { 993 } else { 143 });
        let mut chunks = stream.iter();
        loop {
            match dialogue.next(NOW) {
                Event::StartTls { .. } => dialogue.secured(done(), NOW),
                Event::Send { bytes, .. } => {
                    let text = String::from_utf8(bytes).unwrap();
                    let command = text.strip_suffix("\r\n").unwrap();
                    let words: Vec<&str> = command.split(' ').skip_while(|word| word.starts_with('a')).collect();
                    let known = match words.as_slice() {
                        ["CAPABILITY" | "CAPA" | "LOGOUT" | "QUIT" | "*" | "STARTTLS" | "STLS"] | ["ID", "NIL"] => true,
                        ["AUTHENTICATE" | "AUTH", mechanism] => Mechanism::ALL.iter().any(|known| known.name() == *mechanism),
                        _ => false,
                    };
                    prop_assert!(known, "{}", command);
                }
                Event::Wait { .. } => match chunks.next() {
                    Some(chunk) => dialogue.received(chunk, NOW),
                    None => dialogue.ended(Unseen::Closed),
                },
                Event::Done => break,
            }
        }
        if let Ok(session) = dialogue.finish() {
            let missing = session.exchanges.iter().filter(|e| e.reply.is_none()).count();
            prop_assert!(missing <= 1 && session.exchanges.len() < 10);
            prop_assert!(session.exchanges.iter().flat_map(|e| e.reply.iter().flatten()).all(|line| !line.contains('\n')));
        }
    }
}
