//! Does what is said in the clear behind STARTTLS count inside TLS (CVE-2011-0411 and its kin)? NOOP goes out in one piece
//! with STARTTLS, and inside nothing is said but the farewell: what else is answered there was said before.

use shared::Unseen;
use shared::evidence::{Handshake, LineExchange, LineStep, Tls};

use super::{Dialogue, Part, Protocol, imap, pop, sieve};
use crate::dialogue::Secure;

/// The tag of what is said behind STARTTLS.
const INJECTED: &str = "a2";

impl Dialogue {
    /// A conversation that asks this.
    pub fn injecting(protocol: Protocol) -> Self {
        Self { injects: true, ..Self::new(protocol) }
    }

    /// A reply in the clear is whole: what is said now.
    pub(super) fn turn_injecting(&mut self, step: LineStep) {
        if step == LineStep::Greeting {
            let tag = if self.protocol == Protocol::Imap { format!("{INJECTED} ") } else { String::new() };
            return self.say(LineStep::StartTls, format!("{}\r\n{tag}NOOP", self.starttls()));
        }
        match self.refusal() {
            None => self.secure = Secure::Ready(0),
            // The answer to NOOP is still to come; nothing depends on it.
            Some(fault) => {
                let took = self.exchanges.last().map_or(0, |exchange| exchange.took);
                self.tls = Some(Tls { took, dropped: 0, outcome: Handshake::Failed(fault, None) });
                self.tags += 1;
                self.done = true;
                self.out = format!("{}\r\n", self.farewell()).into_bytes();
            }
        }
    }

    /// All that is said inside.
    pub(super) fn leave(&mut self) {
        self.tags += 1;
        self.say(LineStep::Logout, self.logout().to_owned());
    }

    /// A line inside TLS.
    pub(super) fn heard_inside(&mut self, line: String, now: u64) {
        let of_injected = line.strip_prefix(INJECTED).is_some_and(|rest| rest.starts_with(' '));
        let part = match self.protocol {
            Protocol::Imap if of_injected => Part::Last,
            Protocol::Imap => imap::part(LineStep::Logout, &self.tag(), &line),
            Protocol::Pop => pop::part(LineStep::Logout, &self.lines, &line),
            Protocol::Sieve => sieve::part(&line),
        };
        match part {
            Part::Alien => self.break_off(Unseen::Garbled),
            Part::More => self.lines.push(line),
            Part::Last | Part::Bye => {
                self.lines.push(line);
                let reply = std::mem::take(&mut self.lines);
                let took = u32::try_from(now.saturating_sub(self.since)).unwrap_or(u32::MAX);
                self.since = now;
                self.answered_inside(reply, took, part == Part::Bye);
            }
        }
    }

    fn answered_inside(&mut self, reply: Vec<String>, took: u32, bye: bool) {
        // RFC 5804 section 2.2: behind a handshake the server says its capabilities, unasked.
        if self.protocol == Protocol::Sieve && reply.len() > 1 {
            return self.keep_before(LineStep::Capability, reply, took);
        }
        let last = reply.last().map(String::as_str).unwrap_or_default();
        let tells = match self.protocol {
            Protocol::Imap => last.starts_with(INJECTED),
            // RFC 1939 section 4: in this state QUIT has no -ERR.
            Protocol::Pop => last.starts_with('-') && !self.has_injected(),
            Protocol::Sieve => false,
        };
        if tells {
            return self.keep_before(LineStep::Injected, reply, took);
        }
        let certain = bye || self.protocol == Protocol::Imap || self.has_injected();
        let Some(farewell) = self.exchanges.last_mut() else { return };
        match farewell.reply.replace(reply) {
            // A second answer to one command: the first was to what was said in the clear.
            Some(first) => {
                let first_took = std::mem::replace(&mut farewell.took, took);
                self.keep_before(LineStep::Injected, first, first_took);
                self.done = true;
            }
            None => {
                farewell.took = took;
                self.done = certain;
                self.lingers = !certain;
            }
        }
    }

    fn has_injected(&self) -> bool {
        self.exchanges.iter().any(|exchange| exchange.step == LineStep::Injected)
    }

    /// It stands before the farewell.
    fn keep_before(&mut self, step: LineStep, reply: Vec<String>, took: u32) {
        let known = self.exchanges.iter().any(|exchange| exchange.step == step);
        if !known {
            let at = self.exchanges.len().saturating_sub(1);
            let exchange = LineExchange { step, sent: String::new(), reply: Some(reply), took, secure: true };
            self.exchanges.insert(at, exchange);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::{Dialogue as _, Event};
    use shared::DomainName;
    use shared::evidence::TlsFault;

    const NOW: u64 = 1_000_000;

    /// Name, protocol, what the server says in the clear and inside, and the steps behind STARTTLS with their answers.
    type Case<'a> = (&'a str, Protocol, &'a [&'a str], &'a [&'a str], &'a [(LineStep, Option<String>)]);

    /// What was sent behind the greeting; the steps with what was answered to each; why it ended.
    type Talked = (Vec<String>, Vec<(LineStep, Option<String>)>, Option<Unseen>);

    /// What the server says in the clear, a piece a time, and inside TLS; at the end it closes, or says no more.
    fn talk(protocol: Protocol, clear: &[&str], inside: &[&str], closes: bool) -> Talked {
        let mut dialogue = Dialogue::injecting(protocol).inside_tls(DomainName::new("imap.h.test").ok(), 143);
        let (mut clear, mut inside, mut secured) = (clear.iter(), inside.iter(), false);
        let (mut sent, mut now) = (Vec::new(), NOW);
        loop {
            match dialogue.next(now) {
                Event::Send { bytes, .. } => sent.push(String::from_utf8(bytes).unwrap()),
                Event::Wait { until, .. } => match if secured { inside.next() } else { clear.next() } {
                    Some(text) => dialogue.received(text.as_bytes(), now),
                    None if closes => dialogue.ended(Unseen::Closed),
                    None => {
                        now = until;
                        dialogue.timed_out(now);
                    }
                },
                Event::StartTls { .. } => {
                    secured = true;
                    dialogue.secured(Handshake::Done(Box::default()), now);
                    // As a driver does with what came in the last flight of the handshake.
                    if let Some(early) = inside.as_slice().first().and_then(|text| text.strip_prefix("EARLY ")) {
                        inside.next();
                        dialogue.received(early.as_bytes(), now);
                    }
                }
                Event::Done => break,
            }
        }
        let session = dialogue.finish().unwrap();
        let said = session.exchanges.iter().skip(1);
        let said = said.map(|e| (e.step, e.reply.as_ref().map(|lines| lines.join("|"))));
        (sent, said.collect(), session.broke)
    }

    #[test]
    fn what_is_answered_inside() {
        use LineStep::{Capability, Injected, Logout, StartTls};
        use Protocol::{Imap, Pop, Sieve};
        let list = "\"SASL\" \"PLAIN\"\r\nOK\r\n";
        let listed = || (Capability, Some("\"SASL\" \"PLAIN\"|OK".to_owned()));
        let said = |step, text: &str| (step, Some(text.to_owned()));
        let imap = ["* OK hi\r\n", "a1 OK begin\r\n"];
        let pop = ["+OK hi\r\n", "+OK begin\r\n"];
        let sieve = ["\"STARTTLS\"\r\nOK\r\n", "OK begin\r\n"];
        let rows: &[Case<'_>] = &[
            ("careful", Imap, &imap, &["* BYE\r\na3 OK\r\n"], &[said(Logout, "* BYE|a3 OK")]),
            ("acts", Imap, &imap, &["a2 OK\r\n", "a3 OK\r\n"], &[said(Injected, "a2 OK"), said(Logout, "a3 OK")]),
            (
                "acts early",
                Imap,
                &imap,
                &["EARLY a2 OK\r\n", "a3 OK\r\n"],
                &[said(Injected, "a2 OK"), said(Logout, "a3 OK")],
            ),
            (
                "refuses to act",
                Imap,
                &imap,
                &["a2 BAD\r\na3 OK\r\n"],
                &[said(Injected, "a2 BAD"), said(Logout, "a3 OK")],
            ),
            ("acts and closes", Imap, &imap, &["a2 OK\r\n"], &[said(Injected, "a2 OK"), (Logout, None)]),
            (
                "answers in the clear",
                Imap,
                &["* OK hi\r\n", "a1 OK\r\na2 OK\r\n"],
                &["a3 OK\r\n"],
                &[said(Logout, "a3 OK")],
            ),
            ("careful", Pop, &pop, &["+OK bye\r\n"], &[said(Logout, "+OK bye")]),
            (
                "does not know NOOP",
                Pop,
                &pop,
                &["-ERR\r\n", "+OK bye\r\n"],
                &[said(Injected, "-ERR"), said(Logout, "+OK bye")],
            ),
            ("knows NOOP", Pop, &pop, &["+OK\r\n+OK bye\r\n"], &[said(Injected, "+OK"), said(Logout, "+OK bye")]),
            ("only refuses", Pop, &pop, &["-ERR\r\n"], &[said(Injected, "-ERR"), (Logout, None)]),
            ("careful", Sieve, &sieve, &[list, "OK bye\r\n"], &[listed(), said(Logout, "OK bye")]),
            ("careful, early", Sieve, &sieve, &[&format!("EARLY {list}"), "BYE\r\n"], &[listed(), said(Logout, "BYE")]),
            (
                "acts",
                Sieve,
                &sieve,
                &[list, "OK\r\n", "BYE\r\n"],
                &[listed(), said(Injected, "OK"), said(Logout, "BYE")],
            ),
            ("acts, list unsaid", Sieve, &sieve, &["OK\r\nOK\r\n"], &[said(Injected, "OK"), said(Logout, "OK")]),
            ("says nothing", Sieve, &sieve, &[list], &[listed(), (Logout, None)]),
        ];
        for (name, protocol, clear, inside, want) in rows {
            let (both, leave) = match protocol {
                Imap => ("a1 STARTTLS\r\na2 NOOP\r\n", "a3 LOGOUT\r\n"),
                Pop => ("STLS\r\nNOOP\r\n", "QUIT\r\n"),
                Sieve => ("STARTTLS\r\nNOOP\r\n", "LOGOUT\r\n"),
            };
            for closes in [true, false] {
                let (sent, heard, broke) = talk(*protocol, clear, inside, closes);
                let name = format!("{protocol:?} {name}, {closes}");
                assert_eq!(sent, [both, leave], "{name}");
                assert_eq!((heard.first().map(|(step, _)| *step), broke), (Some(StartTls), None), "{name}");
                assert_eq!(&heard[1..], *want, "{name}");
            }
        }
    }

    #[test]
    fn servers_that_see_the_fraud() {
        for (protocol, greeting, no) in [
            (Protocol::Imap, "* OK hi\r\n", "a1 BAD no\r\na2 OK\r\n"),
            (Protocol::Pop, "+OK hi\r\n", "-ERR no\r\n"),
            (Protocol::Sieve, "OK\r\n", "NO \"no\"\r\n"),
        ] {
            let (sent, heard, broke) = talk(protocol, &[greeting, no], &[], true);
            assert!(sent.len() == 2 && broke.is_none() && heard.len() == 1, "{protocol:?} {sent:?} {heard:?}");
            let (_, heard, broke) = talk(protocol, &[greeting], &[], true);
            assert_eq!((heard, broke), (vec![(LineStep::StartTls, None)], Some(Unseen::Closed)));
        }
        let mut dialogue = Dialogue::injecting(Protocol::Imap).inside_tls(DomainName::new("h.test").ok(), 143);
        dialogue.next(NOW);
        dialogue.received(b"* OK hi\r\n", NOW);
        dialogue.next(NOW);
        dialogue.received(b"a1 OK\r\n", NOW);
        dialogue.secured(Handshake::Failed(TlsFault::Closed, None), NOW);
        assert_eq!(dialogue.next(NOW), Event::Done);
        let session = dialogue.finish().unwrap();
        assert_eq!((session.broke, session.tls.unwrap().secured().err()), (None, Some(TlsFault::Closed)));
    }
}
