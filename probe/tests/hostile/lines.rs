//! Peers on the ports 143, 110 and 4190.

use shared::Unseen::{ClientRefused, Closed, Garbled, GreetingTimeout, OutOfTime, Overlong, ReplyTimeout};
use shared::inquiry::Script::{ImapSurvey, PopSurvey, SieveSurvey};

use crate::peer::Act::{self, *};
use crate::row::{Row, row};

const IMAP: Act = Say("* OK hi");
const POP: Act = Say("+OK hi");
const SIEVE: Act = Say("\"SIEVE\" \"fileinto\"\r\nOK");

fn after(greeting: Act, good: usize, acts: &[Act]) -> Vec<Act> {
    [&[greeting, Good(good)], acts].concat()
}

fn octets(bytes: &[u8]) -> Act {
    Send(bytes.to_vec())
}

pub fn imap() -> Vec<Row> {
    let imap = |good, acts: &[Act]| after(IMAP, good, acts);
    vec![
        row("is silent", ImapSurvey, vec![], Err(GreetingTimeout)).at(60),
        row("speaks SMTP", ImapSurvey, vec![Say("220 mx ESMTP")], Err(Garbled)),
        row("greets an octet a second", ImapSurvey, vec![Drip(b"* OK hello ", 1000)], Err(GreetingTimeout)).at(60),
        row("greets in a line of 10 MB", ImapSurvey, vec![octets(b"* OK "), Flood(b"x", 10 << 20)], Err(Overlong)),
        row("says goodbye first", ImapSurvey, vec![Say("* BYE not you")], Ok((1, Some(ClientRefused)))),
        row("says goodbye in the middle", ImapSurvey, imap(0, &[Hear, Say("* BYE enough")]), Ok((2, Some(Closed)))),
        row(
            "announces 4 GB and sends them",
            ImapSurvey,
            imap(0, &[Hear, octets(b"* X {4294967296}\r\n"), Flood(b"x", 10 << 20)]),
            Ok((2, Some(Overlong))),
        ),
        row(
            "announces 4 GB and sends nothing",
            ImapSurvey,
            imap(0, &[Hear, Say("* X {4294967296}")]),
            Ok((2, Some(ReplyTimeout))),
        )
        .at(30),
        row(
            "announces more than can be counted",
            ImapSurvey,
            imap(0, &[Hear, octets(b"* X {99999999999999999999999999}\r\n"), Flood(b"\r\n", 10 << 20)]),
            Ok((2, Some(Overlong))),
        ),
        row(
            "announces 4 GB and drips them",
            ImapSurvey,
            imap(1, &[Hear, octets(b"* ID ({4294967296}\r\n"), Drip(b"x", 1000)]),
            Ok((3, Some(ReplyTimeout))),
        )
        .at(30),
        row(
            "sends untagged lines without end",
            ImapSurvey,
            imap(0, &[Hear, Flood(b"* X\r\n", 1 << 20)]),
            Ok((2, Some(Overlong))),
        ),
        row("asks to go on, unasked", ImapSurvey, imap(0, &[Hear, Say("+ go on")]), Ok((2, Some(Garbled)))),
        row(
            "answers a command that was never sent",
            ImapSurvey,
            imap(0, &[Hear, Say("a9 OK")]),
            Ok((2, Some(Garbled))),
        ),
        row(
            "lies with NUL and invalid UTF-8",
            ImapSurvey,
            imap(0, &[Hear, octets(b"* CAPABILITY STARTTLS LOGINDISABLED \0 \xff\r\na1 OK \xc0\r\n"), Good(9)]),
            Ok((3, None)),
        ),
        // Its password would be wanted in the clear: that is seen, whatever comes of the cancelling.
        row(
            "never lets AUTHENTICATE be cancelled",
            ImapSurvey,
            imap(
                0,
                &[
                    Hear,
                    Say("* CAPABILITY STARTTLS AUTH=PLAIN\r\na1 OK"),
                    Hear,
                    Say("+ "),
                    Hear,
                    Say("+ "),
                    Hear,
                    Say("+ "),
                    Hear,
                    Say("+ "),
                ],
            ),
            Ok((6, None)),
        )
        .accused(&["imap-cleartext-login/offered"]),
        row(
            "is slow all the way",
            ImapSurvey,
            vec![
                Pass(55_000),
                IMAP,
                Hear,
                Pass(29_000),
                Say("* CAPABILITY ID STARTTLS LOGINDISABLED\r\na1 OK"),
                Hear,
                Pass(29_000),
            ],
            Ok((3, Some(OutOfTime))),
        )
        .at(100),
        row("is silent at LOGOUT", ImapSurvey, imap(2, &[Hear]), Ok((4, None))).at(5),
        row("floods at LOGOUT", ImapSurvey, imap(2, &[Hear, Flood(b"* BYE\r\n", 1 << 20)]), Ok((4, None))),
    ]
}

pub fn pop() -> Vec<Row> {
    let pop = |good, acts: &[Act]| after(POP, good, acts);
    vec![
        row("is silent", PopSurvey, vec![], Err(GreetingTimeout)).at(60),
        row("speaks IMAP", PopSurvey, vec![Say("* OK hi")], Err(Garbled)),
        row("refuses", PopSurvey, vec![Say("-ERR not you")], Ok((1, Some(ClientRefused)))),
        row(
            "never ends its list",
            PopSurvey,
            pop(0, &[Hear, octets(b"+OK\r\n"), Flood(b"X\r\n", 1 << 20)]),
            Ok((2, Some(Overlong))),
        ),
        row(
            "never ends its list, slowly",
            PopSurvey,
            pop(0, &[Hear, octets(b"+OK\r\n"), Drip(b"X\r\n", 500)]),
            Ok((2, Some(ReplyTimeout))),
        )
        .at(30),
        row(
            "has a line of 10 MB in its list",
            PopSurvey,
            pop(0, &[Hear, octets(b"+OK\r\n"), Flood(b"X", 10 << 20)]),
            Ok((2, Some(Overlong))),
        ),
        row("closes in its list", PopSurvey, pop(0, &[Hear, octets(b"+OK\r\nUSER\r\n"), Close]), Ok((2, Some(Closed)))),
        row(
            "resets in its list",
            PopSurvey,
            pop(0, &[Hear, octets(b"+OK\r\nUSER\r\n"), Reset]),
            Ok((2, Some(shared::Unseen::Reset))),
        ),
        row("says yes in another way", PopSurvey, pop(0, &[Hear, Say("+YES")]), Ok((2, Some(Garbled)))),
        row(
            "has NUL in its list",
            PopSurvey,
            pop(0, &[Hear, octets(b"+OK\r\nSTLS\r\n\0\r\n\xff\r\n.\r\n"), Good(9)]),
            Ok((3, None)),
        ),
        row("sends NUL without end", PopSurvey, vec![octets(b"+OK "), Flood(b"\0", 10 << 20)], Err(Overlong)),
    ]
}

pub fn sieve() -> Vec<Row> {
    vec![
        row("is silent", SieveSurvey, vec![], Err(GreetingTimeout)).at(60),
        row("speaks HTTP", SieveSurvey, vec![Say("HTTP/1.1 400")], Err(Garbled)),
        row("never ends its capabilities", SieveSurvey, vec![Flood(b"\"X\" \"\"\r\n", 1 << 20)], Err(Overlong)),
        row("never ends its capabilities, slowly", SieveSurvey, vec![Drip(b"\"X\"\r\n", 2000)], Err(GreetingTimeout))
            .at(60),
        row(
            "announces 4 GB",
            SieveSurvey,
            vec![octets(b"\"A\" {4294967296}\r\n"), Flood(b"x", 10 << 20)],
            Err(Overlong),
        ),
        row(
            "strings literals together",
            SieveSurvey,
            vec![octets(b"\"A\" "), Flood(b"{1}\r\nx", 1 << 20)],
            Err(Overlong),
        ),
        row("says goodbye first", SieveSurvey, vec![Say("BYE \"no\"")], Ok((1, Some(ClientRefused)))),
        row("is silent at LOGOUT", SieveSurvey, vec![SIEVE, Hear], Ok((2, None))).at(5),
    ]
}
