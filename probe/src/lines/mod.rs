//! The client's side of IMAP, POP3 and ManageSieve, without I/O: one command at a time, each waited
//! for.
//!
//! No name and no password is ever sent. A mechanism is begun without an initial response only where
//! the server offers it in the clear, and cancelled with `*` as soon as the server goes along.

mod imap;
mod pop;
mod reader;
mod sieve;
#[cfg(test)]
mod tests;

use std::time::Duration;

use shared::Unseen;
use shared::api::Stage;
use shared::evidence::{Handshake, LineExchange, LineSession, LineStep, Mechanism};
use shared::inquiry::Script;

use crate::dialogue::{
    Event, GREETING_TIMEOUT, LINES_MAX, QUIT_TIMEOUT, REPLY_TIMEOUT, SESSION_MAX, SESSION_TIMEOUT, ms,
};
use reader::Reader;

/// How often `*` is said to a server that goes on all the same.
const CANCELS_MAX: usize = 2;

/// What is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// RFC 9051, and RFC 3501 before it.
    Imap,
    /// RFC 1939, RFC 2449, RFC 5034.
    Pop,
    /// RFC 5804.
    Sieve,
}

impl Protocol {
    /// What a script speaks; nothing for one of SMTP.
    pub const fn of(script: &Script) -> Option<Self> {
        match script {
            Script::ImapSurvey => Some(Self::Imap),
            Script::PopSurvey => Some(Self::Pop),
            Script::SieveSurvey => Some(Self::Sieve),
            Script::SmtpSurvey | Script::SmtpRecipients { .. } | Script::SmtpHello(_) => None,
        }
    }
}

/// What a line is to the reply that it comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// More lines follow.
    More,
    /// It is the last one.
    Last,
    /// It is the last one, and the server is about to hang up.
    Bye,
    /// No server of this protocol says so here.
    Alien,
}

/// One conversation.
#[derive(Debug)]
pub struct Dialogue {
    protocol: Protocol,
    reader: Reader,
    exchanges: Vec<LineExchange>,
    /// The lines of the reply that is coming in.
    lines: Vec<String>,
    /// How many tagged commands were sent (IMAP).
    tags: usize,
    out: Vec<u8>,
    received: usize,
    /// Since when the reply that is missing is waited for.
    since: u64,
    /// When the whole conversation has to be over; known from the first event on.
    deadline: Option<u64>,
    latest: u64,
    broke: Option<Unseen>,
    done: bool,
}

impl Dialogue {
    /// A conversation.
    pub fn new(protocol: Protocol) -> Self {
        let greeting = LineExchange { step: LineStep::Greeting, sent: String::new(), reply: None, took: 0 };
        Self {
            protocol,
            reader: Reader::new(protocol),
            exchanges: vec![greeting],
            lines: Vec::new(),
            tags: 0,
            out: Vec::new(),
            received: 0,
            since: 0,
            deadline: None,
            latest: u64::MAX,
            broke: None,
            done: false,
        }
    }

    /// Ends the conversation at this time at the latest (milliseconds since 1970).
    #[must_use]
    pub fn until(mut self, latest: u64) -> Self {
        self.latest = latest;
        self
    }
}

impl crate::dialogue::Dialogue for Dialogue {
    type Session = LineSession;

    fn next(&mut self, now: u64) -> Event {
        let deadline = match self.deadline {
            Some(deadline) => deadline,
            None => {
                self.since = now;
                *self.deadline.insert((now + ms(SESSION_TIMEOUT)).min(self.latest))
            }
        };
        if !self.out.is_empty() {
            self.since = now;
            let until = if self.done { now + ms(QUIT_TIMEOUT) } else { now + ms(REPLY_TIMEOUT) };
            return Event::Send { bytes: std::mem::take(&mut self.out), until: until.min(deadline.max(now)) };
        }
        match self.awaited() {
            Some(step) if !self.done => {
                let stage = if step == LineStep::Greeting { Stage::Greeting } else { Stage::Reply };
                Event::Wait { stage, until: (self.since + ms(patience(step))).min(deadline) }
            }
            _ => Event::Done,
        }
    }

    fn received(&mut self, bytes: &[u8], now: u64) {
        for octet in bytes {
            if self.done {
                return;
            }
            self.received += 1;
            if self.received > SESSION_MAX {
                return self.break_off(Unseen::Overlong);
            }
            match self.reader.push(*octet, self.lines.is_empty()) {
                Ok(None) => {}
                Ok(Some(line)) => self.line(line, now),
                Err(why) => return self.break_off(why),
            }
        }
    }

    /// No script of ours goes into TLS here yet.
    fn secured(&mut self, _: Handshake, _: u64) {}

    /// A server that is merely slow is told that we leave.
    fn timed_out(&mut self, now: u64) {
        if self.done {
            return;
        }
        let step = self.awaited();
        let why = match step {
            _ if self.deadline.is_some_and(|deadline| now >= deadline) => Unseen::OutOfTime,
            Some(LineStep::Greeting) => Unseen::GreetingTimeout,
            _ => Unseen::ReplyTimeout,
        };
        self.break_off(why);
        if matches!(step, Some(LineStep::Capability | LineStep::Id)) {
            self.out = format!("{}\r\n", self.farewell()).into_bytes();
        }
    }

    fn ended(&mut self, why: Unseen) {
        self.break_off(why);
    }

    fn finish(mut self) -> Result<LineSession, Unseen> {
        self.break_off(Unseen::Closed);
        match self.exchanges.first() {
            Some(LineExchange { reply: Some(_), .. }) => {
                Ok(LineSession { exchanges: self.exchanges, broke: self.broke })
            }
            _ => Err(self.broke.unwrap_or(Unseen::Closed)),
        }
    }
}

impl Dialogue {
    /// The step without a reply: the last one.
    fn awaited(&self) -> Option<LineStep> {
        self.exchanges.last().filter(|exchange| exchange.reply.is_none()).map(|exchange| exchange.step)
    }

    fn line(&mut self, line: String, now: u64) {
        let Some(step) = self.awaited() else {
            return;
        };
        if self.lines.len() >= LINES_MAX {
            return self.break_off(Unseen::Overlong);
        }
        let part = match self.protocol {
            Protocol::Imap => imap::part(step, &self.tag(), &line),
            Protocol::Pop => pop::part(step, &self.lines, &line),
            Protocol::Sieve => sieve::part(&line),
        };
        match part {
            Part::Alien => self.break_off(Unseen::Garbled),
            Part::More => self.keep(line),
            Part::Last | Part::Bye => {
                self.keep(line);
                if let Some(exchange) = self.exchanges.last_mut() {
                    exchange.reply = Some(std::mem::take(&mut self.lines));
                    exchange.took = u32::try_from(now.saturating_sub(self.since)).unwrap_or(u32::MAX);
                }
                self.since = now;
                self.turn(step, part == Part::Bye);
            }
        }
    }

    fn keep(&mut self, line: String) {
        match self.protocol {
            Protocol::Pop if !self.lines.is_empty() => self.lines.extend(pop::unstuffed(line)),
            _ => self.lines.push(line),
        }
    }

    /// A reply is whole: what is said now.
    fn turn(&mut self, step: LineStep, bye: bool) {
        if step == LineStep::Logout || bye {
            self.done = true;
            if step != LineStep::Logout {
                let greeting = step == LineStep::Greeting;
                self.broke = Some(if greeting { Unseen::ClientRefused } else { Unseen::Closed });
            }
            return;
        }
        let next = match self.protocol {
            Protocol::Imap => imap::next(&self.exchanges),
            Protocol::Pop => pop::next(&self.exchanges),
            Protocol::Sieve => None,
        };
        match next {
            Some((step, command)) => self.say(step, command),
            None => self.say(LineStep::Logout, self.logout().to_owned()),
        }
    }

    fn say(&mut self, step: LineStep, command: String) {
        let sent = match self.protocol {
            Protocol::Imap if step != LineStep::AuthCancel => {
                self.tags += 1;
                format!("{} {command}", self.tag())
            }
            _ => command,
        };
        self.out = format!("{sent}\r\n").into_bytes();
        self.exchanges.push(LineExchange { step, sent, reply: None, took: 0 });
    }

    const fn logout(&self) -> &'static str {
        match self.protocol {
            Protocol::Pop => "QUIT",
            Protocol::Imap | Protocol::Sieve => "LOGOUT",
        }
    }

    /// Said behind a break, out of courtesy: not part of the transcript, and not waited for.
    fn farewell(&self) -> String {
        match self.protocol {
            Protocol::Imap => format!("a{} LOGOUT", self.tags + 1),
            _ => self.logout().to_owned(),
        }
    }

    fn tag(&self) -> String {
        format!("a{}", self.tags)
    }

    /// Ends here. A missing reply to our farewell is no break.
    fn break_off(&mut self, why: Unseen) {
        if self.done {
            return;
        }
        if self.awaited() != Some(LineStep::Logout) {
            self.broke = Some(why);
        }
        self.out.clear();
        self.done = true;
    }
}

/// The command that begins the first mechanism that is offered and carries a secret in the clear.
fn begin(verb: &str, offered: &[&str]) -> Option<(LineStep, String)> {
    let mechanism = Mechanism::ALL.into_iter().find(|mechanism| offered.contains(&mechanism.name()))?;
    Some((LineStep::Auth(mechanism), format!("{verb} {}", mechanism.name())))
}

/// `*` to a server that waits for what follows the mechanism (RFC 4422 section 3.5).
fn cancel(exchanges: &[LineExchange]) -> Option<(LineStep, String)> {
    let said = exchanges.iter().filter(|exchange| exchange.step == LineStep::AuthCancel).count();
    let goes_on = exchanges.last().is_some_and(LineExchange::goes_on);
    (goes_on && said < CANCELS_MAX).then(|| (LineStep::AuthCancel, "*".to_owned()))
}

/// How long the reply to a step is waited for.
const fn patience(step: LineStep) -> Duration {
    match step {
        LineStep::Greeting => GREETING_TIMEOUT,
        LineStep::Logout => QUIT_TIMEOUT,
        _ => REPLY_TIMEOUT,
    }
}
