//! The client's side of IMAP, POP3 and ManageSieve, without I/O: one command at a time, each waited
//! for. At the end it goes inside TLS where that is offered; on a port of TLS it begins there.
//!
//! No name and no password is ever sent. A mechanism is begun without an initial response only where
//! the server offers it in the clear, and cancelled with `*` as soon as the server goes along. NTLM is begun wherever it is
//! offered, once, and cancelled behind its first message.

mod imap;
mod injection;
mod pop;
mod reader;
mod sieve;
#[cfg(test)]
mod tests;

use std::time::Duration;

use shared::api::Stage;
use shared::evidence::{Handshake, Hello, HelloAnswer, LineExchange, LineSession, LineStep, Mechanism, Tls, TlsFault};
use shared::inquiry::{Opening, Script, starts_in_tls};
use shared::syntax::capability;
use shared::{DomainName, Unseen};

use crate::dialogue::{
    Event, GREETING_TIMEOUT, LINES_MAX, QUIT_TIMEOUT, REPLY_TIMEOUT, SESSION_MAX, SESSION_TIMEOUT, Secure, ms,
};
use crate::knock::Knock;
use crate::ntlm;
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
    /// What a script speaks; nothing for one of SMTP, or of TLS alone.
    pub const fn of(script: &Script) -> Option<Self> {
        match script {
            Script::ImapSurvey | Script::ImapInjection | Script::Hello(Opening::Imap, _) => Some(Self::Imap),
            Script::PopSurvey | Script::PopInjection | Script::Hello(Opening::Pop, _) => Some(Self::Pop),
            Script::SieveSurvey | Script::SieveInjection | Script::Hello(Opening::Sieve, _) => Some(Self::Sieve),
            Script::SmtpSurvey
            | Script::SubmissionSurvey { .. }
            | Script::SmtpRecipients { .. }
            | Script::Hello(Opening::Nothing | Opening::Smtp, _)
            | Script::SmtpInjection
            | Script::Deliver { .. }
            | Script::RelayProof { .. }
            | Script::RelayVariants { .. }
            | Script::RecipientLimit { .. }
            | Script::ErrorLimit
            | Script::LineLimit
            | Script::ConnectionLimit
            | Script::Smuggling { .. }
            | Script::Gateway { .. } => None,
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
    /// A command goes out in one piece with STARTTLS, and nothing but the farewell behind it.
    injects: bool,
    /// An offer is made in place of the handshake, and nothing else is asked.
    knock: Option<Knock>,
    hello: Option<Hello>,
    /// The farewell is answered; there may be another answer.
    lingers: bool,
    /// The name to ask for in TLS; without it there is none.
    host: Option<DomainName>,
    secure: Secure,
    tls: Option<Tls>,
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
        let greeting =
            LineExchange { step: LineStep::Greeting, sent: String::new(), reply: None, took: 0, secure: false };
        Self {
            protocol,
            reader: Reader::new(protocol),
            exchanges: vec![greeting],
            lines: Vec::new(),
            tags: 0,
            injects: false,
            knock: None,
            hello: None,
            lingers: false,
            host: None,
            secure: Secure::No,
            tls: None,
            out: Vec::new(),
            received: 0,
            since: 0,
            deadline: None,
            latest: u64::MAX,
            broke: None,
            done: false,
        }
    }

    /// A conversation that makes an old or weak offer of TLS.
    pub(crate) fn offering(protocol: Protocol, knock: Knock) -> Self {
        Self { knock: Some(knock), ..Self::new(protocol) }
    }

    /// Ends the conversation at this time at the latest (milliseconds since 1970).
    #[must_use]
    pub fn until(mut self, latest: u64) -> Self {
        self.latest = latest;
        self
    }

    /// Goes inside TLS, asking for this name: on some ports from the first octet, else where the
    /// server offers it. Without a name it stays in the clear.
    #[must_use]
    pub fn inside_tls(mut self, host: Option<DomainName>, port: u16) -> Self {
        if starts_in_tls(port) && host.is_some() {
            self.secure = Secure::Ready(0);
            for greeting in &mut self.exchanges {
                greeting.secure = true;
            }
        }
        self.host = host;
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
        if let (Secure::Ready(_), Some(host), false) = (self.secure, &self.host, self.done) {
            if let Some(knock) = &mut self.knock {
                return knock.next(host, &mut self.since, now).by(deadline.max(now));
            }
            let until = (self.since + ms(REPLY_TIMEOUT)).min(deadline);
            return Event::StartTls { host: host.clone(), look: true, until };
        }
        match self.awaited() {
            Some(step) if !self.done => {
                let stage = if step == LineStep::Greeting { Stage::Greeting } else { Stage::Reply };
                Event::Wait { stage, until: (self.since + ms(patience(step))).min(deadline) }
            }
            None if self.lingers && !self.done => {
                Event::Wait { stage: Stage::Reply, until: (self.since + ms(QUIT_TIMEOUT)).min(deadline) }
            }
            _ => Event::Done,
        }
    }

    fn received(&mut self, bytes: &[u8], now: u64) {
        if let Some(answer) = self.listening().map(|knock| knock.received(bytes)) {
            return self.heard(answer, now);
        }
        for octet in bytes {
            if self.done {
                return;
            }
            if let Secure::Ready(dropped) = &mut self.secure {
                // RFC 9051 section 6.2.1, RFC 2595 section 4: nothing that came in the clear counts inside.
                *dropped = dropped.saturating_add(1);
                continue;
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

    /// After a failed handshake nothing more is said.
    fn secured(&mut self, outcome: Handshake, now: u64) {
        let Secure::Ready(dropped) = self.secure else {
            return;
        };
        let took = u32::try_from(now.saturating_sub(self.since)).unwrap_or(u32::MAX);
        let failed = matches!(outcome, Handshake::Failed(..));
        self.tls = Some(Tls { took, dropped, outcome });
        self.since = now;
        let greeted = self.awaited().is_none();
        if failed {
            // Not a break where everything else was asked before.
            self.broke = (!greeted).then_some(Unseen::NoTls);
            self.done = true;
            return;
        }
        self.secure = Secure::Yes;
        // On a port of TLS the greeting is still to come.
        if greeted {
            self.inside();
        }
    }

    /// A server that is merely slow is told that we leave.
    fn timed_out(&mut self, now: u64) {
        if self.done {
            return;
        }
        if self.listening().is_some() {
            return self.heard(Some(HelloAnswer::Failed(TlsFault::Timeout)), now);
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
            Some(LineExchange { reply: Some(_), .. }) => Ok(LineSession {
                exchanges: self.exchanges,
                broke: self.broke,
                tls: self.tls,
                client_hello: self.hello,
            }),
            _ => Err(self.broke.unwrap_or(Unseen::Closed)),
        }
    }
}

impl Dialogue {
    /// Who waits for the answer to an old or weak offer, if that was made.
    fn listening(&mut self) -> Option<&mut Knock> {
        self.knock.as_mut().filter(|knock| knock.has_spoken() && !self.done)
    }

    /// That answer is all that was wanted.
    fn heard(&mut self, answer: Option<HelloAnswer>, now: u64) {
        if let (Some(answer), Some(knock)) = (answer, &self.knock) {
            self.hello = Some(knock.hello(answer, self.since, now));
            self.done = true;
        }
    }

    /// The step without a reply: the last one.
    fn awaited(&self) -> Option<LineStep> {
        self.exchanges.last().filter(|exchange| exchange.reply.is_none()).map(|exchange| exchange.step)
    }

    fn line(&mut self, line: String, now: u64) {
        if self.lines.len() >= LINES_MAX {
            return self.break_off(Unseen::Overlong);
        }
        if self.injects && self.secure == Secure::Yes {
            return self.heard_inside(line, now);
        }
        let Some(step) = self.awaited() else {
            return;
        };
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
                    let lines = std::mem::take(&mut self.lines);
                    exchange.reply = Some(match step {
                        LineStep::NtlmNegotiate => lines.into_iter().map(ntlm::masked).collect(),
                        _ => lines,
                    });
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
        if self.injects {
            return self.turn_injecting(step);
        }
        if step == LineStep::Greeting && self.knock.is_some() {
            return self.say(LineStep::StartTls, self.starttls().to_owned());
        }
        if step == LineStep::StartTls {
            match self.refusal() {
                None => self.secure = Secure::Ready(0),
                Some(fault) => {
                    let took = self.exchanges.last().map_or(0, |exchange| exchange.took);
                    self.tls = Some(Tls { took, dropped: 0, outcome: Handshake::Failed(fault, None) });
                    self.say(LineStep::Logout, self.logout().to_owned());
                }
            }
            return;
        }
        let next = match self.protocol {
            // Behind STARTTLS only the capabilities are of interest, and NTLM.
            _ if self.exchanges.iter().any(|exchange| exchange.step == LineStep::StartTls) => None,
            Protocol::Imap => imap::next(&self.exchanges),
            Protocol::Pop => pop::next(&self.exchanges),
            Protocol::Sieve => None,
        };
        match next.or_else(|| self.ntlm()) {
            Some((step, command)) => self.say(step, command),
            None if self.wants_tls() => self.say(LineStep::StartTls, self.starttls().to_owned()),
            None => self.say(LineStep::Logout, self.logout().to_owned()),
        }
    }

    /// What is said as soon as STARTTLS has led inside.
    fn inside(&mut self) {
        if self.injects {
            return self.leave();
        }
        match self.protocol {
            Protocol::Imap => self.say(LineStep::Capability, "CAPABILITY".to_owned()),
            Protocol::Pop => self.say(LineStep::Capability, "CAPA".to_owned()),
            // RFC 5804 section 2.2: the server says its capabilities anew, unasked.
            Protocol::Sieve => self.expect(LineStep::Capability, String::new()),
        }
    }

    /// The next step of NTLM: it comes last, once, in the clear or inside TLS.
    fn ntlm(&self) -> Option<(LineStep, String)> {
        let last = self.exchanges.last()?;
        let begun = self.exchanges.iter().position(|exchange| exchange.step == LineStep::Ntlm);
        if let Some(begun) = begun {
            return match last.step {
                LineStep::Ntlm if last.goes_on() => Some((LineStep::NtlmNegotiate, ntlm::NEGOTIATE.to_owned())),
                _ => cancel(self.exchanges.get(begun..)?),
            };
        }
        let list = self.exchanges.iter().rfind(|exchange| exchange.step == LineStep::Capability)?.reply.as_deref()?;
        let verb = match self.protocol {
            // Who is logged in already has no login to begin (RFC 9051 section 7.1.4).
            Protocol::Imap if capability::is_preauth(&self.exchanges) => return None,
            Protocol::Imap => capability::imap_offers(list, "NTLM").then_some("AUTHENTICATE"),
            Protocol::Pop => capability::pop_offers(list, "NTLM").then_some("AUTH"),
            Protocol::Sieve => None,
        };
        // Not while another mechanism still waits for something.
        verb.filter(|_| !last.goes_on()).map(|verb| (LineStep::Ntlm, format!("{verb} NTLM")))
    }

    /// Is there more to see inside TLS? Not while a mechanism still waits for something.
    fn wants_tls(&self) -> bool {
        let reply = |step| {
            let exchange = self.exchanges.iter().find(|exchange| exchange.step == step)?;
            exchange.reply.as_deref()
        };
        let offered = || match self.protocol {
            // Who is logged in already cannot begin TLS (RFC 9051 section 6.2.1).
            Protocol::Imap if capability::is_preauth(&self.exchanges) => Some(false),
            Protocol::Imap => capability::imap_starttls(reply(LineStep::Capability)?),
            Protocol::Pop => capability::pop_stls(reply(LineStep::Capability)?),
            Protocol::Sieve => Some(capability::sieve_starttls(reply(LineStep::Greeting)?)),
        };
        let stuck = self.exchanges.last().is_some_and(LineExchange::goes_on);
        self.host.is_some() && self.tls.is_none() && !stuck && offered() == Some(true)
    }

    /// Why the server does not begin the TLS that it offers; nothing if it does.
    fn refusal(&self) -> Option<TlsFault> {
        let line = self.exchanges.last()?.reply.as_ref()?.last()?.to_ascii_uppercase();
        let status = line.strip_prefix(&self.tag().to_ascii_uppercase()).unwrap_or(&line).trim_start();
        if ["OK", "+OK"].contains(&status.split([' ', '(']).next().unwrap_or_default()) {
            return None;
        }
        // Response codes (RFC 5530, RFC 3206, RFC 5804 section 1.3), or words like them.
        let passing = ["UNAVAILABLE", "SYS/TEMP", "TEMPORAR", "TRYLATER", "LATER", "INUSE", "IN USE"];
        Some(if passing.iter().any(|word| status.contains(word)) { TlsFault::NotNow } else { TlsFault::Refused })
    }

    fn say(&mut self, step: LineStep, command: String) {
        let sent = match self.protocol {
            Protocol::Imap if !matches!(step, LineStep::AuthCancel | LineStep::NtlmNegotiate) => {
                self.tags += 1;
                format!("{} {command}", self.tag())
            }
            _ => command,
        };
        self.out = format!("{sent}\r\n").into_bytes();
        self.expect(step, sent);
    }

    /// A reply is to come.
    fn expect(&mut self, step: LineStep, sent: String) {
        let secure = self.secure == Secure::Yes;
        self.exchanges.push(LineExchange { step, sent, reply: None, took: 0, secure });
    }

    const fn starttls(&self) -> &'static str {
        match self.protocol {
            Protocol::Pop => "STLS",
            Protocol::Imap | Protocol::Sieve => "STARTTLS",
        }
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
        if self.listening().is_some() {
            return self.heard(Some(HelloAnswer::Failed(TlsFault::Closed)), self.since);
        }
        if !self.lingers && self.awaited() != Some(LineStep::Logout) {
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
