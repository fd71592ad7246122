//! What all conversations have in common: give them bytes and the time, ask them what to do next.

use std::net::IpAddr;
use std::time::Duration;

use shared::api::Stage;
use shared::evidence::Handshake;
use shared::inquiry::{Opening, Script};
use shared::{Answer, DomainName, Unseen};

use crate::knock::{self, Knock};
use crate::{Identity, lines, smtp};

/// How long a greeting may take.
pub const GREETING_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a reply may take.
pub const REPLY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long we stay for the reply to our farewell, which nothing depends on.
pub const QUIT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a whole conversation may take.
pub const SESSION_TIMEOUT: Duration = Duration::from_secs(100);
/// The same where a message is delivered, which servers look into before they answer.
pub const DELIVERY_TIMEOUT: Duration = Duration::from_secs(170);
/// How long the reply to a message may take (RFC 5321 section 4.5.3.2.6 says ten minutes).
pub const MESSAGE_TIMEOUT: Duration = Duration::from_secs(120);
/// The most octets that are read in a conversation.
pub(crate) const SESSION_MAX: usize = 512 * 1024;
/// The longest line, in octets. RFC 5321 section 4.5.3.1.5 says 512, RFC 2683 section 3.2.1.5 8000.
pub(crate) const LINE_MAX: usize = 4096;
/// The most lines of one reply.
pub(crate) const LINES_MAX: usize = 100;

/// How far TLS has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secure {
    No,
    /// It is time for the handshake; how many octets the server sent in the clear behind its yes.
    Ready(u32),
    Yes,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Send these octets by `until`, milliseconds since 1970; then ask again.
    Send {
        /// One or more whole command lines.
        bytes: Vec<u8>,
        /// The deadline.
        until: u64,
    },
    /// Read something by `until`, then ask again.
    Wait {
        /// What is missing: the greeting, or a reply.
        stage: Stage,
        /// The deadline, milliseconds since 1970.
        until: u64,
    },
    /// Do the TLS handshake by `until`, and call [`Dialogue::secured`]. From then on everything goes
    /// through it.
    StartTls {
        /// The name to ask for (SNI).
        host: DomainName,
        /// The certificates are of interest.
        look: bool,
        /// The deadline, milliseconds since 1970.
        until: u64,
    },
    /// Close the connection and call [`Dialogue::finish`].
    Done,
}

impl Event {
    /// The same, with an earlier deadline if this is one.
    pub(crate) fn by(mut self, latest: u64) -> Self {
        if let Self::Send { until, .. } | Self::Wait { until, .. } | Self::StartTls { until, .. } = &mut self {
            *until = latest.min(*until);
        }
        self
    }
}

/// The client's side of a conversation, without I/O.
pub trait Dialogue {
    /// What comes of it.
    type Session;

    /// What to do next. The first call starts the clock.
    fn next(&mut self, now: u64) -> Event;

    /// Takes what the server sent, cut as it may be.
    fn received(&mut self, bytes: &[u8], now: u64);

    /// What came of the handshake that was asked for.
    fn secured(&mut self, outcome: Handshake, now: u64);

    /// A deadline has passed.
    fn timed_out(&mut self, now: u64);

    /// The stream has ended, or failed.
    fn ended(&mut self, why: Unseen);

    /// What was said: a session if the server has greeted, else why it hasn't.
    fn finish(self) -> Result<Self::Session, Unseen>;
}

/// The conversation of any script.
#[derive(Debug)]
pub enum Talk {
    /// Over SMTP.
    Smtp(smtp::Dialogue),
    /// Over IMAP, POP3 or ManageSieve.
    Lines(lines::Dialogue),
    /// An offer on a port that starts in TLS.
    Hello(knock::Dialogue),
}

impl Talk {
    /// A conversation with the server at `peer`. `nonce` is the case's; made-up names derive from it.
    pub fn new(script: &Script, identity: &Identity, nonce: &str, peer: IpAddr) -> Self {
        let knock = |offer| Knock::new(offer, nonce, peer);
        if let Script::Hello(Opening::Nothing, offer) = script {
            return Self::Hello(knock::Dialogue::new(knock(*offer)));
        }
        match (lines::Protocol::of(script), script) {
            (Some(protocol), Script::Hello(_, offer)) => {
                Self::Lines(lines::Dialogue::offering(protocol, knock(*offer)))
            }
            (Some(protocol), _) if script.injects() => Self::Lines(lines::Dialogue::injecting(protocol)),
            (Some(protocol), _) => Self::Lines(lines::Dialogue::new(protocol)),
            (None, _) => Self::Smtp(smtp::Dialogue::new(script, identity, nonce, peer)),
        }
    }

    /// Ends the conversation at this time at the latest (milliseconds since 1970), so that what was
    /// heard by then is kept when a scan runs out of time.
    #[must_use]
    pub fn until(self, latest: u64) -> Self {
        match self {
            Self::Smtp(dialogue) => Self::Smtp(dialogue.until(latest)),
            Self::Lines(dialogue) => Self::Lines(dialogue.until(latest)),
            Self::Hello(dialogue) => Self::Hello(dialogue.until(latest)),
        }
    }

    /// Goes inside TLS, asking for this name: on some ports from the first octet, else where the server
    /// offers it. Without a name it stays in the clear.
    #[must_use]
    pub fn inside_tls(self, host: Option<DomainName>, port: u16) -> Self {
        match self {
            Self::Smtp(dialogue) => Self::Smtp(dialogue.inside_tls(host, port)),
            Self::Lines(dialogue) => Self::Lines(dialogue.inside_tls(host, port)),
            Self::Hello(dialogue) => Self::Hello(dialogue.at(host)),
        }
    }

    /// How often this host may still refuse something.
    #[must_use]
    pub fn refusals_left(self, left: usize) -> Self {
        match self {
            Self::Smtp(dialogue) => Self::Smtp(dialogue.refusals_left(left)),
            other => other,
        }
    }
}

impl Dialogue for Talk {
    type Session = Answer;

    fn next(&mut self, now: u64) -> Event {
        match self {
            Self::Smtp(dialogue) => dialogue.next(now),
            Self::Lines(dialogue) => dialogue.next(now),
            Self::Hello(dialogue) => dialogue.next(now),
        }
    }

    fn received(&mut self, bytes: &[u8], now: u64) {
        match self {
            Self::Smtp(dialogue) => dialogue.received(bytes, now),
            Self::Lines(dialogue) => dialogue.received(bytes, now),
            Self::Hello(dialogue) => dialogue.received(bytes, now),
        }
    }

    fn secured(&mut self, outcome: Handshake, now: u64) {
        match self {
            Self::Smtp(dialogue) => dialogue.secured(outcome, now),
            Self::Lines(dialogue) => dialogue.secured(outcome, now),
            Self::Hello(dialogue) => dialogue.secured(outcome, now),
        }
    }

    fn timed_out(&mut self, now: u64) {
        match self {
            Self::Smtp(dialogue) => dialogue.timed_out(now),
            Self::Lines(dialogue) => dialogue.timed_out(now),
            Self::Hello(dialogue) => dialogue.timed_out(now),
        }
    }

    fn ended(&mut self, why: Unseen) {
        match self {
            Self::Smtp(dialogue) => dialogue.ended(why),
            Self::Lines(dialogue) => dialogue.ended(why),
            Self::Hello(dialogue) => dialogue.ended(why),
        }
    }

    fn finish(self) -> Result<Answer, Unseen> {
        match self {
            Self::Smtp(dialogue) => dialogue.finish().map(Answer::Smtp),
            Self::Lines(dialogue) => dialogue.finish().map(Answer::Lines),
            Self::Hello(dialogue) => dialogue.finish().map(Answer::Hello),
        }
    }
}

/// What came of a script that holds several connections: of the first all, of the others how they were greeted.
pub fn beside(answers: Vec<Result<Answer, Unseen>>) -> Result<Answer, Unseen> {
    if answers.len() < 2 {
        return answers.into_iter().next().unwrap_or(Err(Unseen::Failed));
    }
    let session = |answer: Result<Answer, Unseen>| match answer? {
        Answer::Smtp(session) => Ok(session),
        _ => Err(Unseen::Failed),
    };
    smtp::beside(answers.into_iter().map(session).collect()).map(Answer::Smtp)
}

pub(crate) fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
