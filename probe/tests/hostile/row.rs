//! A misbehaviour, and what is to come of it. Those who play with these peers differ in the client that meets them.

use shared::evidence::TlsFault;
use shared::inquiry::Script;
use shared::{Answer, DomainName, Unseen};

use crate::peer::Act;

/// When a conversation is to be over, in seconds.
#[derive(Clone, Copy)]
pub enum Time {
    /// At this time, not before it.
    At(u64),
    /// At this time at the latest.
    By(u64),
}

/// How many exchanges there are and why it broke off, or why there is no session.
pub type End = Result<(usize, Option<Unseen>), Unseen>;

/// A misbehaviour, and what is to come of it.
pub struct Row {
    pub name: &'static str,
    pub script: Script,
    pub acts: Vec<Act>,
    pub end: End,
    pub time: Time,
    /// The client goes into TLS; then what comes of that, if it comes to it: nothing is a success.
    pub tls: Option<Option<Option<TlsFault>>>,
    /// What the report accuses the domain of, on the strength of this alone.
    pub accused: &'static [&'static str],
    /// More to be looked at.
    pub look: fn(&Answer),
}

/// A row that ends at once, and accuses nobody.
pub fn row(name: &'static str, script: Script, acts: Vec<Act>, end: End) -> Row {
    Row { name, script, acts, end, time: Time::By(0), tls: None, accused: &[], look: |_| {} }
}

impl Row {
    /// It ends at its deadline.
    pub fn at(self, seconds: u64) -> Self {
        Self { time: Time::At(seconds), ..self }
    }

    /// The client would go into TLS, but it does not come to that.
    pub fn no_tls(self) -> Self {
        Self { tls: Some(None), ..self }
    }

    /// A handshake has 30 seconds.
    pub fn tls(self, fault: Option<TlsFault>) -> Self {
        Self { tls: Some(Some(fault)), time: Time::By(30), ..self }
    }

    /// What is seen is a fault.
    pub fn accused(self, accused: &'static [&'static str]) -> Self {
        Self { accused, ..self }
    }

    /// More to be looked at.
    pub fn look(self, look: fn(&Answer)) -> Self {
        Self { look, ..self }
    }
}

/// A name.
pub fn domain(name: &str) -> DomainName {
    DomainName::new(name).unwrap()
}

/// The script that asks for recipients.
pub fn recipients() -> Script {
    Script::SmtpRecipients { domain: domain("h.test"), contact: None, again: false }
}

/// How a conversation ended, for comparison.
pub fn end_of(answer: &Result<Answer, Unseen>) -> End {
    match answer {
        Ok(Answer::Smtp(session)) => Ok((session.exchanges.len(), session.broke)),
        Ok(Answer::Lines(session)) => Ok((session.exchanges.len(), session.broke)),
        Ok(other) => panic!("{other:?}"),
        Err(why) => Err(*why),
    }
}
