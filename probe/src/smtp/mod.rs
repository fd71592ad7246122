//! The SMTP client's side of a conversation, without I/O: give it bytes and the time, ask it what
//! to do next.
//!
//! What is said next is a function of what was said so far: [`survey`] and [`recipients`] look at
//! the transcript and name the next commands. An empty answer means QUIT.

mod active;
mod budget;
mod deliver;
mod recipients;
mod reply;
mod submission;
mod survey;
#[cfg(test)]
mod tests;
mod turn;
mod variant;

use std::net::IpAddr;
use std::time::Duration;

use shared::api::Stage;
use shared::evidence::{Exchange, Handshake, Hello, HelloAnswer, Reply, SmtpSession, Step, Tls, TlsFault};
use shared::inquiry::{Script, starts_in_tls};
use shared::syntax::ehlo;
use shared::{DomainName, Unseen};

use crate::Identity;
use crate::dialogue::{DELIVERY_TIMEOUT, Event, QUIT_TIMEOUT, REPLY_TIMEOUT, SESSION_MAX, SESSION_TIMEOUT, Secure, ms};
use crate::knock::Knock;
use crate::ntlm;
use active::Trial;
use budget::KEPT;
pub use budget::REFUSALS_MAX;
use deliver::Deliver;
use recipients::Recipients;
use reply::Parser;
use turn::{Turn, after, patience};

/// How long a connection is held beside others: they begin within a moment of each other.
const HOLD: Duration = Duration::from_secs(3);

/// The most answers to what stood within a message.
const SMUGGLED_MAX: usize = 60;

/// A command and what it is for.
type Command = (Step, String);

/// One conversation.
#[derive(Debug)]
pub struct Dialogue {
    talk: Talk,
    parser: Parser,
    exchanges: Vec<Exchange>,
    /// How many of the exchanges at the end have no reply yet.
    pending: usize,
    /// Where the commands that were sent together begin.
    flight: usize,
    /// How many refusals this conversation may come to.
    refusals_max: usize,
    /// The host's owner asked for it, so the budget is its own.
    by_consent: bool,
    /// The connection is held in silence until then.
    held_until: Option<u64>,
    spared: bool,
    /// The name to ask for in TLS; without it there is none.
    host: Option<DomainName>,
    secure: Secure,
    tls: Option<Tls>,
    hello: Option<Hello>,
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

/// Who chooses the next commands.
#[derive(Debug)]
enum Talk {
    Survey {
        helo: String,
        /// A local part that nobody has.
        made_up: String,
        /// Whom to write to on a port of submission.
        submission: Option<Box<variant::Names>>,
    },
    Recipients(Box<Recipients>),
    /// What the domain's owner asked for.
    Trial(Trial),
    Hello {
        helo: String,
        knock: Box<Knock>,
    },
    Deliver(Box<Deliver>),
    /// EHLO, then STARTTLS with NOOP behind it.
    Injection {
        helo: String,
    },
}

impl Dialogue {
    /// A conversation with the server at `peer`. `nonce` is the case's; the made-up recipient
    /// derives from it.
    pub fn new(script: &Script, identity: &Identity, nonce: &str, peer: IpAddr) -> Self {
        let talk = match script {
            Script::RelayVariants { domain, rest } => {
                Talk::Recipients(Box::new(Recipients::new((domain, None), identity, nonce, peer).half(*rest)))
            }
            Script::SmtpRecipients { domain, contact, .. } => {
                Talk::Recipients(Box::new(Recipients::new((domain, contact.as_ref()), identity, nonce, peer)))
            }
            Script::Hello(_, offer) => {
                Talk::Hello { helo: identity.helo.clone(), knock: Box::new(Knock::new(*offer, nonce, peer)) }
            }
            Script::SmtpInjection => Talk::Injection { helo: identity.helo.clone() },
            Script::Deliver { domain, mailbox, sample, token } => {
                Talk::Deliver(Box::new(Deliver::new((domain, mailbox), *sample, token, identity)))
            }
            Script::SubmissionSurvey { domain } => Talk::Survey {
                helo: identity.helo.clone(),
                made_up: String::new(),
                submission: Some(Box::new(variant::Names::new(domain, identity, nonce, peer))),
            },
            _ => match Trial::of(script, identity, nonce, peer) {
                Some(trial) => Talk::Trial(trial),
                None => {
                    Talk::Survey { helo: identity.helo.clone(), made_up: variant::made_up(nonce), submission: None }
                }
            },
        };
        let greeting = Exchange { step: Step::Greeting, sent: String::new(), reply: None, took: 0, secure: false };
        // Behind the message with the code stands the domain's word alone, and that may name anybody's host.
        let by_consent = script.is_active() && identity.letter.code.is_none();
        Self {
            talk,
            parser: Parser::default(),
            exchanges: vec![greeting],
            pending: 1,
            flight: 0,
            refusals_max: if by_consent { usize::MAX } else { REFUSALS_MAX },
            by_consent,
            held_until: None,
            spared: false,
            host: None,
            secure: Secure::No,
            tls: None,
            hello: None,
            out: Vec::new(),
            received: 0,
            since: 0,
            deadline: None,
            latest: u64::MAX,
            broke: None,
            done: false,
        }
    }

    /// Ends the conversation at this time at the latest (milliseconds since 1970), so that what was
    /// heard by then is kept when a scan runs out of time.
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

    /// How often this host may still refuse something: at first [`REFUSALS_MAX`], less what other
    /// conversations with it have used up. What the host's owner asked for has bounds of its own.
    #[must_use]
    pub const fn refusals_left(mut self, left: usize) -> Self {
        if !self.by_consent {
            self.refusals_max = left;
        }
        self
    }
}

impl crate::dialogue::Dialogue for Dialogue {
    type Session = SmtpSession;

    fn next(&mut self, now: u64) -> Event {
        let deadline = match self.deadline {
            Some(deadline) => deadline,
            None => {
                self.since = now;
                *self.deadline.insert((now + ms(self.session_timeout())).min(self.latest))
            }
        };
        if !self.out.is_empty() {
            self.since = now;
            let until = if self.done { now + ms(QUIT_TIMEOUT) } else { now + ms(REPLY_TIMEOUT) };
            return Event::Send { bytes: std::mem::take(&mut self.out), until: until.min(deadline.max(now)) };
        }
        if let (Secure::Ready(_), Some(host), false) = (self.secure, &self.host, self.done) {
            if let Talk::Hello { knock, .. } = &mut self.talk {
                return knock.next(host, &mut self.since, now).by(deadline.max(now));
            }
            let look = matches!(self.talk, Talk::Survey { .. });
            let until = (self.since + ms(REPLY_TIMEOUT)).min(deadline);
            return Event::StartTls { host: host.clone(), look, until };
        }
        if let (Some(until), false) = (self.held_until, self.done) {
            return Event::Wait { stage: Stage::Reply, until: until.min(deadline) };
        }
        match self.awaited() {
            Some(step) if !self.done => {
                let stage = if step == Step::Greeting { Stage::Greeting } else { Stage::Reply };
                Event::Wait { stage, until: (self.since + ms(patience(step))).min(deadline) }
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
                // RFC 3207 section 4.2: nothing that came in the clear counts inside TLS.
                *dropped = dropped.saturating_add(1);
                continue;
            }
            self.received += 1;
            if self.received > SESSION_MAX {
                return self.break_off(Unseen::Overlong);
            }
            match self.parser.push(*octet) {
                Ok(None) => {}
                Ok(Some(reply)) => self.reply(reply, now),
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
        if failed {
            // Not a break: the survey has asked all that it wanted. Whoever wanted more lacks it.
            let unfinished =
                matches!(self.talk, Talk::Recipients(_) | Talk::Deliver(_) | Talk::Trial(_)) || self.pending > 0;
            self.broke = unfinished.then_some(Unseen::NoTls);
            self.done = true;
        } else {
            self.secure = Secure::Yes;
            // On a port of TLS the greeting is still to come.
            if self.pending == 0 {
                self.go_on();
            }
        }
    }

    /// A server that is merely slow is told QUIT.
    fn timed_out(&mut self, now: u64) {
        if self.done {
            return;
        }
        if self.listening().is_some() {
            return self.heard(Some(HelloAnswer::Failed(TlsFault::Timeout)), now);
        }
        if self.held_until.take().is_some() {
            return self.quit(None);
        }
        let step = self.awaited();
        let why = match step {
            _ if self.deadline.is_some_and(|deadline| now >= deadline) => Unseen::OutOfTime,
            Some(Step::Greeting) => Unseen::GreetingTimeout,
            _ => Unseen::ReplyTimeout,
        };
        self.break_off(why);
        if !matches!(
            step,
            Some(Step::Greeting | Step::Auth(_) | Step::Ntlm | Step::NtlmNegotiate | Step::AuthCancel | Step::Quit)
        ) {
            self.farewell();
        }
    }

    fn ended(&mut self, why: Unseen) {
        self.break_off(why);
    }

    fn finish(mut self) -> Result<SmtpSession, Unseen> {
        if !self.done {
            self.break_off(Unseen::Closed);
        }
        match self.exchanges.first() {
            Some(Exchange { reply: Some(_), .. }) => Ok(SmtpSession {
                exchanges: self.exchanges,
                broke: self.broke,
                spared: self.spared,
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
        match &mut self.talk {
            Talk::Hello { knock, .. } if knock.has_spoken() && !self.done => Some(knock),
            _ => None,
        }
    }

    /// That answer is all that was wanted.
    fn heard(&mut self, answer: Option<HelloAnswer>, now: u64) {
        if let (Some(answer), Talk::Hello { knock, .. }) = (answer, &self.talk) {
            self.hello = Some(knock.hello(answer, self.since, now));
            self.done = true;
        }
    }

    /// How long the whole conversation may take.
    const fn session_timeout(&self) -> Duration {
        if matches!(self.talk, Talk::Deliver(_) | Talk::Trial(_)) { DELIVERY_TIMEOUT } else { SESSION_TIMEOUT }
    }

    /// The first step without a reply.
    fn awaited(&self) -> Option<Step> {
        self.exchanges.iter().rev().nth(self.pending.checked_sub(1)?).map(|e| e.step)
    }

    fn reply(&mut self, reply: Reply, now: u64) {
        let code = reply.code;
        let at = self.exchanges.len().saturating_sub(self.pending);
        if self.is_injected(code) {
            return self.keep_before_quit(Step::Injected, reply, now);
        }
        if self.is_smuggled(code) {
            return self.keep_before_quit(Step::Smuggled, reply, now);
        }
        let Some(exchange) = self.exchanges.get_mut(at) else {
            return;
        };
        let step = exchange.step;
        let mut reply = reply;
        if step == Step::NtlmNegotiate {
            reply.lines = reply.lines.into_iter().map(ntlm::masked).collect();
        }
        exchange.reply = Some(reply);
        exchange.took = u32::try_from(now.saturating_sub(self.since)).unwrap_or(u32::MAX);
        self.since = now;
        self.pending = self.pending.saturating_sub(1);
        if step == Step::StartTls && code == 220 {
            self.secure = Secure::Ready(0);
            return;
        }
        match after(step, code) {
            Turn::On if self.pending == 0 => self.go_on(),
            Turn::On => {}
            Turn::Quit(why) => self.quit(Some(why)),
            Turn::Over(why) => {
                self.exchanges.truncate(at + 1);
                self.broke = self.broke.or(why);
                self.done = true;
            }
            Turn::OutOfStep => self.out_of_step(),
        }
    }

    /// Everything is answered: the next commands.
    fn go_on(&mut self) {
        if let Some(Exchange { step: Step::StartTls, reply: Some(reply), took, .. }) = self.exchanges.last()
            && self.secure == Secure::No
        {
            let fault = if reply.is_temporary() { TlsFault::NotNow } else { TlsFault::Refused };
            self.tls = Some(Tls { took: *took, dropped: 0, outcome: Handshake::Failed(fault, None) });
        }
        let last = self.exchanges.last().map(|e| e.step);
        if matches!((&self.talk, last, self.secure), (Talk::Injection { .. }, Some(Step::StartTls), Secure::No)) {
            // Refused, the reply to NOOP is still to come; nothing depends on it.
            self.done = true;
            return self.farewell();
        }
        let commands = self.commands(self.refusals_max);
        // Where the budget changes what comes next, something is left out for it.
        self.spared |= commands.first() != self.commands(usize::MAX).first();
        if commands.is_empty() && matches!(self.talk, Talk::Trial(Trial::Held(_))) {
            self.held_until = Some(self.since + ms(HOLD));
            return;
        }
        if commands.is_empty() {
            return self.quit(None);
        }
        self.flight = self.exchanges.len();
        for command in commands {
            self.say(command);
        }
    }

    /// What comes next if the conversation may come to so many refusals; nothing: QUIT.
    fn commands(&self, refusals_max: usize) -> Vec<Command> {
        let left = budget::left(refusals_max, &self.exchanges);
        let (helo, commands) = match &self.talk {
            Talk::Survey { helo, made_up, .. } => {
                (helo.as_str(), survey::next(helo, made_up, left > KEPT, &self.exchanges))
            }
            Talk::Recipients(recipients) => (recipients.helo(), recipients.next(left, &self.exchanges)),
            Talk::Trial(trial) => (trial.helo(), trial.next(&self.exchanges, self.since)),
            Talk::Hello { helo, .. } | Talk::Injection { helo } => (helo.as_str(), only_ehlo(helo, &self.exchanges)),
            Talk::Deliver(deliver) if left == 0 => (deliver.helo(), Vec::new()),
            Talk::Deliver(deliver) => (deliver.helo(), deliver.next(&self.exchanges)),
        };
        match self.exchanges.last().map(|e| e.step) {
            Some(Step::StartTls) if matches!(self.talk, Talk::Injection { .. }) => commands,
            // RFC 3207 section 4.2: everything known of the server is asked anew.
            Some(Step::StartTls) if self.secure == Secure::Yes => vec![(Step::Ehlo, format!("EHLO {helo}"))],
            Some(step) if self.wants_tls(step, commands.is_empty()) => {
                vec![(Step::StartTls, self.starttls().to_owned())]
            }
            _ if commands.is_empty() => self.without_login(left > KEPT),
            _ => commands,
        }
    }

    /// What is asked behind the survey of a port of submission: inside TLS, or where none is offered.
    fn without_login(&self, affordable: bool) -> Vec<Command> {
        match &self.talk {
            Talk::Survey { submission: Some(names), .. } if self.secure == Secure::Yes || self.tls.is_none() => {
                submission::next(names, affordable, &self.exchanges)
            }
            _ => Vec::new(),
        }
    }

    /// Is it time for STARTTLS: at the end of the survey, at the beginning of everything else?
    fn wants_tls(&self, last: Step, at_the_end: bool) -> bool {
        let time = match self.talk {
            // Not while AUTH still waits for something.
            Talk::Survey { .. } => at_the_end && last_code(&self.exchanges) != 334,
            Talk::Recipients(_) | Talk::Hello { .. } | Talk::Deliver(_) | Talk::Trial(_) | Talk::Injection { .. } => {
                last == Step::Ehlo
            }
        };
        let offered = || ehlo(&self.exchanges).is_some_and(|reply| ehlo::has(reply, "STARTTLS"));
        time && self.host.is_some() && self.tls.is_none() && offered()
    }

    /// What is said in the clear to begin TLS, in one piece.
    const fn starttls(&self) -> &'static str {
        if matches!(self.talk, Talk::Injection { .. }) { "STARTTLS\r\nNOOP" } else { "STARTTLS" }
    }

    /// Is this the answer to what was said in the clear behind STARTTLS? RFC 5321 section 4.3.2: to QUIT,
    /// the only command inside, 250 is none.
    fn is_injected(&self, code: u16) -> bool {
        let before = self.exchanges.iter().any(|exchange| exchange.step == Step::Injected);
        matches!(self.talk, Talk::Injection { .. })
            && self.secure == Secure::Yes
            && self.awaited() == Some(Step::Quit)
            && code == 250
            && !before
    }

    /// Is this an answer to what stood within a message? To QUIT, the only command behind it, only 221 is one.
    fn is_smuggled(&self, code: u16) -> bool {
        let kept = self.exchanges.iter().filter(|exchange| exchange.step == Step::Smuggled).count();
        matches!(&self.talk, Talk::Trial(trial) if trial.may_split())
            && self.awaited() == Some(Step::Quit)
            && code != 221
            && kept < SMUGGLED_MAX
            && self.exchanges.iter().any(|exchange| exchange.step == Step::Message)
    }

    /// It stands before QUIT, whose own reply is still to come.
    fn keep_before_quit(&mut self, step: Step, reply: Reply, now: u64) {
        let took = u32::try_from(now.saturating_sub(self.since)).unwrap_or(u32::MAX);
        let secure = self.secure == Secure::Yes;
        let answered = Exchange { step, sent: String::new(), reply: Some(reply), took, secure };
        let at = self.exchanges.len().saturating_sub(self.pending);
        self.exchanges.insert(at, answered);
        self.since = now;
    }

    fn quit(&mut self, why: Option<Unseen>) {
        self.broke = why;
        self.say((Step::Quit, "QUIT".to_owned()));
    }

    fn say(&mut self, (step, sent): Command) {
        match &self.talk {
            // The transcript holds its length only.
            Talk::Deliver(deliver) if step == Step::Message => self.out.extend_from_slice(&deliver.wire()),
            _ => {
                self.out.extend_from_slice(sent.as_bytes());
                self.out.extend_from_slice(b"\r\n");
            }
        }
        let secure = self.secure == Secure::Yes;
        // A transcript is to be read, and a report is to be small.
        let sent = match (&self.talk, step) {
            (Talk::Trial(_), Step::Message | Step::LongLine) => format!("({} octets)", sent.len() + 2),
            _ => sent,
        };
        self.exchanges.push(Exchange { step, sent, reply: None, took: 0, secure });
        self.pending += 1;
    }

    /// A reply that its command cannot have. If it was sent among others, nobody knows which reply
    /// belongs to which, so none of them counts.
    fn out_of_step(&mut self) {
        if self.exchanges.len() - self.flight == 1 {
            return self.quit(Some(Unseen::Garbled));
        }
        self.exchanges.truncate(self.flight + 1);
        if let Some(first) = self.exchanges.last_mut() {
            first.reply = None;
            first.took = 0;
        }
        self.pending = 1;
        self.break_off(Unseen::Garbled);
        self.farewell();
    }

    /// Ends here; of the commands without a reply only the first stays. A missing reply to QUIT is
    /// no break.
    fn break_off(&mut self, why: Unseen) {
        if self.done {
            return;
        }
        if self.listening().is_some() {
            return self.heard(Some(HelloAnswer::Failed(TlsFault::Closed)), self.since);
        }
        if self.awaited() != Some(Step::Quit) {
            self.broke = Some(why);
        }
        let answered = self.exchanges.len().saturating_sub(self.pending);
        self.exchanges.truncate(answered + 1);
        self.out.clear();
        self.done = true;
    }

    /// QUIT out of courtesy, behind a break: not part of the transcript, and not waited for.
    fn farewell(&mut self) {
        self.out = b"QUIT\r\n".to_vec();
    }
}

/// One transcript of conversations that were held side by side: the first, and of each other how it was greeted.
pub fn beside(conversations: Vec<Result<SmtpSession, Unseen>>) -> Result<SmtpSession, Unseen> {
    let mut conversations = conversations.into_iter();
    let mut first = conversations.next().unwrap_or(Err(Unseen::Failed))?;
    for other in conversations {
        let greeting = other.ok().and_then(|session| session.exchanges.into_iter().next());
        let (reply, took) = greeting.map(|greeting| (greeting.reply, greeting.took)).unwrap_or_default();
        first.exchanges.push(Exchange { step: Step::Beside, sent: String::new(), reply, took, secure: false });
    }
    Ok(first)
}

/// What is said before a STARTTLS that is all that matters; nothing: QUIT.
fn only_ehlo(helo: &str, exchanges: &[Exchange]) -> Vec<Command> {
    match exchanges.last().map(|exchange| exchange.step) {
        Some(Step::Greeting) => vec![(Step::Ehlo, format!("EHLO {helo}"))],
        _ => Vec::new(),
    }
}

/// The reply to a step, if there is one.
fn code(exchanges: &[Exchange], step: Step) -> Option<u16> {
    exchanges.iter().find(|e| e.step == step)?.reply.as_ref().map(|reply| reply.code)
}

fn last_code(exchanges: &[Exchange]) -> u16 {
    exchanges.last().and_then(|e| e.reply.as_ref()).map_or(0, |reply| reply.code)
}

/// The latest EHLO reply, if EHLO was understood.
fn ehlo(exchanges: &[Exchange]) -> Option<&Reply> {
    let reply = exchanges.iter().rev().find(|e| e.step == Step::Ehlo)?.reply.as_ref()?;
    (reply.code == 250).then_some(reply)
}
