//! Runs of active tests.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::evidence::{Answer, SmtpSession, Step};
use crate::grant::{Choice, Question};
use crate::inquiry::Script;
use crate::local_part::LocalPart;
use crate::syntax::consent::Word;
use crate::{DomainName, Evidence, Inquiry};

/// `POST /api/v1/runs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewRun {
    /// The domain, whose own record must allow it.
    #[cfg_attr(feature = "openapi", schemars(example = "example.org"))]
    pub domain: String,
    /// The mail server to test, by the name in its MX record: only it gets the message with the code. Without it the first one
    /// that takes the message is tested, which is seldom one that stands by for others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(example = "mx2.example.org"))]
    pub host: Option<DomainName>,
}

/// `POST /api/v1/runs/{id}/code`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RunCode {
    /// The code from the message; dashes, blanks and case do not matter.
    #[cfg_attr(feature = "openapi", schemars(example = "ABCD-2345"))]
    pub code: String,
}

/// `POST /api/v1/runs/{id}/answers`: what the domain's owner says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// What they are asked.
    pub question: Question,
    /// What they say. First answers stand.
    pub choice: Choice,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum RunStage {
    /// The message with the code is on its way.
    Sending,
    /// A server took it: its code is waited for.
    Code,
    /// The code was typed back: tests can begin.
    Open,
    /// They run.
    Running,
    /// They are over, and there is a report.
    Done,
    /// Nothing came of it, and nothing will; `trouble` says why.
    Closed,
}

/// A run of active tests as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Run {
    /// Its id, which is its secret as well.
    pub id: String,
    /// The domain.
    pub domain: DomainName,
    /// Where messages go, at the domain.
    pub mailbox: LocalPart,
    /// What is tested, as the record had it when it was read last.
    pub allow: Vec<Word>,
    /// How far it has come.
    pub stage: RunStage,
    /// Why nothing comes of it, or why it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// The address that took the message with the code: the only one that is tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// How many codes may still be tried.
    pub tries_left: u8,
    /// Until when tests can begin, in milliseconds since 1970.
    pub until: u64,
    /// The scan that tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan: Option<String>,
    /// What the owner is asked.
    pub questions: Vec<Question>,
    /// Everything that was sent, in order.
    pub log: Vec<Sent>,
    /// The report's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
    /// Deletes the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_key: Option<String>,
}

/// Something that was sent in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Sent {
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// To which address.
    pub address: IpAddr,
    /// What.
    pub what: String,
    /// What was answered: foreign text.
    pub answer: String,
}

impl Sent {
    /// What a piece of evidence has to tell of it; nothing where it is of no active test.
    pub fn of(evidence: &Evidence) -> Option<Self> {
        let Inquiry::Probe { address, script, .. } = &evidence.inquiry else { return None };
        let what = match script {
            Script::Deliver { sample, .. } => sample.words().to_owned(),
            script if script.is_active() => evidence.inquiry.to_string(),
            _ => return None,
        };
        let answer = match &evidence.answer {
            Ok(Answer::Smtp(session)) => last_words(session),
            Ok(_) => String::new(),
            Err(why) => why.sentence().to_owned(),
        };
        Some(Self { at: evidence.at, address: *address, what, answer })
    }
}

/// The last reply before QUIT, or why there is none.
fn last_words(session: &SmtpSession) -> String {
    let said = session.exchanges.iter().filter(|exchange| exchange.step != Step::Quit);
    match (said.filter_map(|exchange| exchange.reply.as_ref()).next_back(), session.broke) {
        (_, Some(why)) => why.sentence().to_owned(),
        (Some(reply), None) => reply.wire().join("\n"),
        (None, None) => String::new(),
    }
}
