//! Peers on port 25.

use shared::Answer;
use shared::Unseen::{ClientRefused, Closed, Garbled, GreetingTimeout, OutOfTime, Overlong, ReplyTimeout, TryLater};
use shared::inquiry::Script::SmtpSurvey;

use crate::peer::Act::{self, *};
use crate::row::{Row, recipients, row};

const HELLO: Act = Say("220 mx.h.test ESMTP");
/// Hears EHLO and says that commands may come together.
const PIPELINES: [Act; 3] = [HELLO, Hear, Say("250-mx.h.test\r\n250 PIPELINING")];

/// The greeting, as many good replies, then these.
fn after(good: usize, acts: &[Act]) -> Vec<Act> {
    [&[HELLO, Good(good)], acts].concat()
}

fn pipelining(acts: &[Act]) -> Vec<Act> {
    [&PIPELINES, acts].concat()
}

pub fn greetings() -> Vec<Row> {
    vec![
        row("is silent", SmtpSurvey, vec![], Err(GreetingTimeout)).at(60),
        row("closes at once", SmtpSurvey, vec![Close], Err(Closed)),
        row("resets at once", SmtpSurvey, vec![Reset], Err(shared::Unseen::Reset)),
        row("greets without end", SmtpSurvey, vec![Flood(b"220-hello\r\n", 1 << 20)], Err(Overlong)),
        row(
            "greets in a line of 10 MB",
            SmtpSurvey,
            vec![Send(b"220 ".to_vec()), Flood(b"x", 10 << 20)],
            Err(Overlong),
        ),
        row("never sends LF", SmtpSurvey, vec![Flood(b"220 mx\r", 1 << 20)], Err(Overlong)),
        row("greets an octet a second", SmtpSurvey, vec![Drip(b"220-hello\r\n", 1000)], Err(GreetingTimeout)).at(60),
        row("greets with NUL", SmtpSurvey, vec![Flood(b"\0", 1 << 20)], Err(Garbled)),
        row("speaks HTTP", SmtpSurvey, vec![Say("HTTP/1.1 400 Bad Request")], Err(Garbled)),
        row("is in TLS already", SmtpSurvey, vec![Send(vec![0x16, 3, 1, 0, 5])], Err(Garbled)),
        row("greets with 999", SmtpSurvey, vec![Say("999 hello")], Err(Garbled)),
        row("greets with 354", SmtpSurvey, vec![Say("354 go ahead"), Good(9)], Ok((2, Some(Garbled)))),
        row("greets with 220 and 554", SmtpSurvey, vec![Say("220-mx\r\n554 no")], Err(Garbled)),
        row("refuses", SmtpSurvey, vec![Say("554 no"), Good(9)], Ok((2, Some(ClientRefused)))),
        row("goes away", SmtpSurvey, vec![Say("421 later")], Ok((1, Some(TryLater)))),
        row(
            "holds NUL in its greeting",
            SmtpSurvey,
            vec![Send(b"220 mx\0.h.test\r\n".to_vec()), Good(9)],
            Ok((9, None)),
        )
        .look(|answer| {
            let Answer::Smtp(session) = answer else { panic!() };
            assert_eq!(session.exchanges[0].reply.as_ref().unwrap().lines, ["mx\0.h.test"]);
        }),
    ]
}

pub fn replies() -> Vec<Row> {
    vec![
        row(
            "replies without end",
            SmtpSurvey,
            after(0, &[Hear, Flood(b"250-x\r\n", 1 << 20)]),
            Ok((2, Some(Overlong))),
        ),
        row(
            "replies in a line of 10 MB",
            SmtpSurvey,
            after(1, &[Hear, Send(b"214 ".to_vec()), Flood(b"x", 10 << 20)]),
            Ok((3, Some(Overlong))),
        ),
        row(
            "changes its mind in a reply",
            SmtpSurvey,
            after(0, &[Hear, Say("250-a\r\n550 b")]),
            Ok((2, Some(Garbled))),
        ),
        row(
            "replies in invalid UTF-8",
            SmtpSurvey,
            after(0, &[Hear, Send(b"250-mx.h.test\r\n250-STARTTLS\r\n250 \xff\xfe\xc0\x80\r\n".to_vec()), Good(9)]),
            Ok((7, None)),
        )
        .look(|answer| {
            let Answer::Smtp(session) = answer else { panic!() };
            assert_eq!(
                session.exchanges[1].reply.as_ref().unwrap().lines,
                ["mx.h.test", "STARTTLS", "\\xff\\xfe\\xc0\\x80"]
            );
        }),
        row("is silent at EHLO", SmtpSurvey, after(0, &[Hear]), Ok((2, Some(ReplyTimeout)))).at(30),
        row(
            "replies an octet a second",
            SmtpSurvey,
            after(0, &[Hear, Drip(b"250-x\r\n", 1000)]),
            Ok((2, Some(ReplyTimeout))),
        )
        .at(30),
        // EHLO takes it 20 s, HELP 6, AUTH PLAIN 12; for MAIL it would need 34. It hurries at VRFY and EXPN.
        row(
            "hears an octet a second",
            SmtpSurvey,
            after(
                0,
                &[
                    HearSlowly(1000),
                    Say("250-mx.h.test\r\n250-STARTTLS\r\n250 SIZE"),
                    HearSlowly(1000),
                    Say("502 no"),
                    HearSlowly(1000),
                    Say("502 no"),
                    Hear,
                    Say("502 no"),
                    Hear,
                    Say("502 no"),
                    HearSlowly(1000),
                    Say("250 ok"),
                ],
            ),
            Ok((7, Some(ReplyTimeout))),
        )
        .at(68),
        row(
            "is slow all the way",
            SmtpSurvey,
            vec![
                Pass(55_000),
                HELLO,
                Hear,
                Pass(29_000),
                Say("250-mx.h.test\r\n250 STARTTLS"),
                Hear,
                Pass(29_000),
                Say("502 no"),
            ],
            Ok((3, Some(OutOfTime))),
        )
        .at(100),
        row("says 334 to everything", SmtpSurvey, after(0, &[Hear, Say("334 "), Good(9)]), Ok((3, Some(Garbled)))),
        row(
            "never lets AUTH be cancelled",
            SmtpSurvey,
            after(2, &[Hear, Say("334 "), Hear, Say("334 "), Hear, Say("334 "), Hear, Say("334 ")]),
            Ok((7, None)),
        )
        // Here what is seen is the fault: it begins AUTH in the clear.
        .accused(&["smtp-cleartext-auth/accepted"]),
        row("says 354 to RCPT", recipients(), after(2, &[Hear, Say("354 go"), Good(9)]), Ok((5, Some(Garbled)))),
        row("says 235 to MAIL", recipients(), after(1, &[Hear, Say("235 in"), Good(9)]), Ok((4, Some(Garbled)))),
        row("closes behind 421", SmtpSurvey, after(2, &[Hear, Say("421 bye"), Close]), Ok((4, Some(TryLater)))),
        row(
            "closes in a reply",
            SmtpSurvey,
            after(0, &[Hear, Send(b"250-mx\r\n250".to_vec()), Close]),
            Ok((2, Some(Closed))),
        ),
        row(
            "resets in a reply",
            SmtpSurvey,
            after(0, &[Hear, Send(b"250-mx\r\n250".to_vec()), Reset]),
            Ok((2, Some(shared::Unseen::Reset))),
        ),
        row("is silent at QUIT", SmtpSurvey, after(7, &[Hear]), Ok((9, None))).at(5),
        row("floods at QUIT", SmtpSurvey, after(7, &[Hear, Flood(b"221-x\r\n", 1 << 20)]), Ok((9, None))),
    ]
}

/// Replies that belong to no command, or to which nobody knows.
pub fn flights() -> Vec<Row> {
    vec![
        row("answers one of twelve", recipients(), pipelining(&[Hear, Say("250 ok")]), Ok((4, Some(ReplyTimeout))))
            .at(30),
        row(
            "answers twelve with one line too odd",
            recipients(),
            pipelining(&[Hear, Flood(b"354 go\r\n", 12)]),
            Ok((3, Some(Garbled))),
        ),
        row(
            "answers the twelve without end",
            recipients(),
            pipelining(&[Hear, Flood(b"250-ok\r\n", 1 << 20)]),
            Ok((3, Some(Overlong))),
        ),
        row("takes all of the twelve and closes", recipients(), pipelining(&[Hear, Close]), Ok((3, Some(Closed)))),
        row("says 250 for ever, unasked", SmtpSurvey, after(0, &[Flood(b"250 ok\r\n", 1 << 20)]), Ok((9, None)))
            // It is taken at its word: its reply to EHLO offers nothing.
            .accused(&["starttls/mx-without"]),
        row(
            "takes everyone for ever, unasked",
            recipients(),
            pipelining(&[Flood(b"250 ok\r\n", 1 << 20)]),
            Ok((24, None)),
        ),
        row(
            "says 550 for ever, unasked",
            recipients(),
            pipelining(&[Flood(b"550 no\r\n", 1 << 20)]),
            Ok((3, Some(Garbled))),
        ),
    ]
}
