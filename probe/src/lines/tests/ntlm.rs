//! NTLM over IMAP and POP3: its first message, the challenge masked, and nothing more.

use super::*;
use crate::ntlm::NEGOTIATE;
use base64::Engine as _;
use shared::disclosure::challenge;

/// A challenge that names the domain CORP.
fn told() -> String {
    let name: Vec<u8> = "CORP".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut octets = b"NTLMSSP\0\x02\0\0\0\x08\0\x08\0\x30\0\0\0\x05\x02\0\0".to_vec();
    octets.extend([0; 24]);
    octets.extend(name);
    base64::prelude::BASE64_STANDARD.encode(octets)
}

#[test]
fn over_imap() {
    let offer = "* CAPABILITY IMAP4rev1 ID AUTH=NTLM LOGINDISABLED\r\na1 OK";
    let goes_on = format!("+ {}", told());
    check(
        Protocol::Imap,
        &[
            (
                "its first message, and no further",
                &[
                    HELLO,
                    ("a1", offer),
                    ("a2 ID", "a2 OK"),
                    ("a3 AUTHENTICATE NTLM", "+"),
                    (NEGOTIATE, &goes_on),
                    ("*", "a3 BAD cancelled"),
                    BYE,
                ],
                &["a1 CAPABILITY", "a2 ID NIL", "a3 AUTHENTICATE NTLM", NEGOTIATE, "*", "a4 LOGOUT"],
                Ok(None),
            ),
            (
                "refused",
                &[HELLO, ("a1", offer), ("a2", "a2 OK"), ("a3", "a3 NO not here"), BYE],
                &["a1 CAPABILITY", "a2 ID NIL", "a3 AUTHENTICATE NTLM", "a4 LOGOUT"],
                Ok(None),
            ),
            (
                "behind a login in the clear",
                &[
                    HELLO,
                    ("a1", "* CAPABILITY AUTH=PLAIN AUTH=NTLM\r\na1 OK"),
                    ("a2", "+"),
                    ("*", "a2 BAD"),
                    ("a3", "+"),
                    (NEGOTIATE, "a3 NO"),
                    BYE,
                ],
                &["a1 CAPABILITY", "a2 AUTHENTICATE PLAIN", "*", "a3 AUTHENTICATE NTLM", NEGOTIATE, "a4 LOGOUT"],
                Ok(None),
            ),
            (
                "not while the login still waits",
                &[HELLO, ("a1", "* CAPABILITY AUTH=PLAIN AUTH=NTLM\r\na1 OK"), ("a2 A", "+"), ("*", "+"), BYE],
                &["a1 CAPABILITY", "a2 AUTHENTICATE PLAIN", "*", "*", "a3 LOGOUT"],
                Ok(None),
            ),
            (
                "goes on for ever",
                &[HELLO, ("a1", offer), ("a2", "a2 OK"), ("a3", "+"), (NEGOTIATE, "+"), ("*", "+"), BYE],
                &["a1 CAPABILITY", "a2 ID NIL", "a3 AUTHENTICATE NTLM", NEGOTIATE, "*", "*", "a4 LOGOUT"],
                Ok(None),
            ),
            (
                "offered inside only",
                &[
                    HELLO,
                    ("TLS a3", "* CAPABILITY AUTH=PLAIN AUTH=NTLM\r\na3 OK"),
                    ("TLS a4", "a4 NO"),
                    ("a1", "* CAPABILITY STARTTLS LOGINDISABLED\r\na1 OK"),
                    ("a2", "a2 OK"),
                    ("TLS", ""),
                    BYE,
                ],
                &["a1 CAPABILITY", "a2 STARTTLS", "(TLS)", "a3 CAPABILITY", "a4 AUTHENTICATE NTLM", "a5 LOGOUT"],
                Ok(None),
            ),
            (
                "who is logged in begins none",
                &[("", "* PREAUTH hi"), ("a1", "* CAPABILITY AUTH=NTLM\r\na1 OK"), BYE],
                &["a1 CAPABILITY", "a2 LOGOUT"],
                Ok(None),
            ),
        ],
    );
    at_port(
        Protocol::Imap,
        993,
        &[(
            "in TLS from the start",
            &[
                HELLO,
                ("a1", "* CAPABILITY AUTH=PLAIN AUTH=NTLM\r\na1 OK"),
                ("a2", "+"),
                (NEGOTIATE, &goes_on),
                ("*", "a2 BAD"),
                BYE,
            ],
            &["(TLS)", "a1 CAPABILITY", "a2 AUTHENTICATE NTLM", NEGOTIATE, "*", "a3 LOGOUT"],
            Ok(None),
        )],
    );
}

#[test]
fn over_pop() {
    let goes_on = format!("+ {}", told());
    check(
        Protocol::Pop,
        &[
            (
                "its first message, and no further",
                &[
                    ("", "+OK hi"),
                    ("CAPA", "+OK\r\nSASL NTLM\r\n."),
                    ("AUTH NTLM", "+ "),
                    (NEGOTIATE, &goes_on),
                    ("*", "-ERR cancelled"),
                    ("QUIT", "+OK"),
                ],
                &["CAPA", "AUTH NTLM", NEGOTIATE, "*", "QUIT"],
                Ok(None),
            ),
            (
                "refused",
                &[("", "+OK hi"), ("CAPA", "+OK\r\nSASL NTLM\r\n."), ("AUTH", "-ERR no"), ("QUIT", "+OK")],
                &["CAPA", "AUTH NTLM", "QUIT"],
                Ok(None),
            ),
            (
                "not offered",
                &[("", "+OK hi"), ("CAPA", "+OK\r\nSASL GSSAPI\r\n."), ("QUIT", "+OK")],
                &["CAPA", "QUIT"],
                Ok(None),
            ),
        ],
    );
}

/// Evidence is published: the name that the server told is not in it.
#[test]
fn names_are_masked_before_they_are_evidence() {
    let goes_on = format!("+ {}", told());
    let server: Server = &[
        ("", "+OK hi"),
        ("CAPA", "+OK\r\nSASL NTLM\r\n."),
        ("AUTH", "+"),
        (NEGOTIATE, &goes_on),
        ("*", "-ERR"),
        ("QUIT", "+OK"),
    ];
    let session = converse(dialogue(Protocol::Pop, 0), server).1.unwrap();
    let (_, reply) = session.reply(LineStep::NtlmNegotiate).unwrap();
    assert_eq!(challenge(&goes_on).unwrap().0.names, ["CORP"]);
    assert_eq!(challenge(&reply[0]).unwrap().0.names, ["C***"]);
}
