//! Peers that offer STARTTLS and mean something else by it.

use shared::Answer;
use shared::Unseen::{Closed, Garbled, NoTls, Overlong, ReplyTimeout};
use shared::evidence::{Path, Secured, Tls, TlsFault};
use shared::inquiry::Script::SmtpSurvey;

use crate::certificates;
use crate::peer::Act::{self, *};
use crate::row::{Row, recipients, row};

/// All of the survey up to STARTTLS, which is heard and not yet answered.
fn starttls(acts: &[Act]) -> Vec<Act> {
    [&[Say("220 mx.h.test ESMTP"), Good(7), Hear], acts].concat()
}

/// The same, answered with a yes. What came at once with that would not be looked at.
fn ready(acts: &[Act]) -> Vec<Act> {
    starttls(&[&[Say("220 go"), Settle], acts].concat())
}

fn tls(answer: &Answer) -> &Tls {
    let Answer::Smtp(session) = answer else { panic!("{answer:?}") };
    session.tls.as_ref().unwrap()
}

fn secured(answer: &Answer) -> &Secured {
    tls(answer).secured().unwrap()
}

/// The survey has asked all that it wanted before STARTTLS, so a failed handshake breaks nothing off.
pub fn handshakes() -> Vec<Row> {
    let end = Ok((9, None));
    vec![
        row("says 250 to STARTTLS", SmtpSurvey, starttls(&[Say("250 go"), Good(9)]), Ok((10, Some(Garbled)))).no_tls(),
        row("goes on in the clear", SmtpSurvey, ready(&[Say("250 mx.h.test")]), end)
            .tls(Some(TlsFault::NotTls))
            // Whoever offers STARTTLS and does not mean TLS fails everybody.
            .accused(&["starttls/mx-fails"]),
        row("sends TLS of its own making", SmtpSurvey, ready(&[Send(vec![0x16, 3, 3, 0, 4, 9, 0, 0, 0])]), end)
            .tls(Some(TlsFault::Misbehaved)),
        row(
            "sends a record of 64 KB",
            SmtpSurvey,
            ready(&[Send(vec![0x16, 3, 3, 0xff, 0xff]), Flood(b"x", 1 << 16)]),
            end,
        )
        .tls(Some(TlsFault::Misbehaved)),
        row("sends a handshake of 16 MB", SmtpSurvey, ready(&[Flood(&ENDLESS, 600)]), end)
            .tls(Some(TlsFault::Overlong)),
        row("changes ciphers for ever", SmtpSurvey, ready(&[Flood(&[0x14, 3, 3, 0, 1, 1], 1 << 20)]), end)
            .tls(Some(TlsFault::Misbehaved)),
        row("warns for ever", SmtpSurvey, ready(&[Flood(&[0x15, 3, 3, 0, 2, 1, 90], 1 << 20)]), end)
            .tls(Some(TlsFault::Misbehaved)),
        row("breaks off with an alert", SmtpSurvey, ready(&[Send(vec![0x15, 3, 3, 0, 2, 2, 40])]), end)
            .tls(Some(TlsFault::Incompatible)),
        row("is silent", SmtpSurvey, ready(&[]), end).tls(Some(TlsFault::Timeout)).at(30),
        row("sends an octet a second", SmtpSurvey, ready(&[Drip(&[0x16, 3, 3, 0x3f, 0xff], 1000)]), end)
            .tls(Some(TlsFault::Timeout))
            .at(30),
        row("closes", SmtpSurvey, ready(&[Close]), end).tls(Some(TlsFault::Closed)),
        row("resets", SmtpSurvey, ready(&[Reset]), end).tls(Some(TlsFault::Closed)),
        // What more was wanted is missing.
        row(
            "goes on in the clear before recipients",
            recipients(),
            vec![Say("220 mx.h.test"), Good(2), Settle, Say("250 mx.h.test")],
            Ok((3, Some(NoTls))),
        )
        .tls(Some(TlsFault::NotTls)),
    ]
}

/// The beginning of a message of 16 MB, in a record of the largest size.
static ENDLESS: [u8; 5 + 0x3fff] = {
    let mut record = [0; 5 + 0x3fff];
    let head = [0x16, 3, 3, 0x3f, 0xff, 2, 0xff, 0xff, 0xff];
    let mut at = 0;
    while at < head.len() {
        record[at] = head[at];
        at += 1;
    }
    record
};

pub fn certificates_of_all_sorts() -> Vec<Row> {
    let shows = |act: Act| ready(&[act, Good(9)]);
    let end = Ok((11, None));
    vec![
        row("shows 1 MB", SmtpSurvey, shows(certificates::heavy(1 << 20)), Ok((9, None))).tls(Some(TlsFault::Overlong)),
        row("shows 10,000 names", SmtpSurvey, shows(certificates::names(10_000)), Ok((9, None)))
            .tls(Some(TlsFault::Overlong)),
        row("shows 1,000 names", SmtpSurvey, shows(certificates::names(1000)), end).tls(None).look(|answer| {
            let own = secured(answer).own().unwrap();
            assert!(own.more_names && own.names.len() == 100);
        }),
        row("shows a chain of 100", SmtpSurvey, shows(certificates::chain(100)), end).tls(None).look(|answer| {
            let secured = secured(answer);
            // Its root may be among those that were not kept.
            assert_eq!((secured.chain.len(), secured.truncated, secured.path), (10, true, Some(Path::Other)));
        }),
        row("shows rubbish", SmtpSurvey, shows(certificates::rubbish()), end).tls(None).look(|answer| {
            let secured = secured(answer);
            assert_eq!((secured.own(), secured.path), (None, Some(Path::Other)));
        }),
        row("shows what is not its own", SmtpSurvey, shows(certificates::stolen()), end)
            .tls(None)
            .look(|answer| assert!(secured(answer).unverified.is_some())),
    ]
}

pub fn inside() -> Vec<Row> {
    let inside = |acts: &[Act]| ready(&[&[certificates::plain()], acts].concat());
    vec![
        row(
            "says more in the clear before it",
            SmtpSurvey,
            starttls(&[Send(b"220 go\r\n250 injected\r\n".to_vec()), certificates::plain(), Good(9)]),
            Ok((11, None)),
        )
        .tls(None)
        .look(|answer| assert_eq!(tls(answer).dropped, 14)),
        row("replies without end", SmtpSurvey, inside(&[Hear, Flood(b"250-x\r\n", 10_000)]), Ok((10, Some(Overlong))))
            .tls(None),
        row(
            "replies in a line of 1 MB",
            SmtpSurvey,
            inside(&[Hear, Send(b"250-".to_vec()), Flood(b"x", 1 << 20)]),
            Ok((10, Some(Overlong))),
        )
        .tls(None),
        row(
            "goes back into the clear",
            SmtpSurvey,
            inside(&[Hear, Clear(b"250 mx.h.test\r\n")]),
            Ok((10, Some(Garbled))),
        )
        .tls(None),
        row("is silent at EHLO", SmtpSurvey, inside(&[Hear]), Ok((10, Some(ReplyTimeout)))).tls(None).at(30),
        row(
            "replies an octet a second",
            SmtpSurvey,
            inside(&[Hear, Drip(b"250-x\r\n", 1000)]),
            Ok((10, Some(ReplyTimeout))),
        )
        .tls(None)
        .at(30),
        row("says goodbye to TLS alone", SmtpSurvey, inside(&[Hear, CloseNotify]), Ok((10, Some(Closed)))).tls(None),
        row("closes without a goodbye", SmtpSurvey, inside(&[Hear, Close]), Ok((10, Some(Closed)))).tls(None),
    ]
}
