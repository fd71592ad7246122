//! The shapes of the Worker's JSON API, version 1.

mod arrival;
mod batch;
mod consent;
mod mailtest;
mod run;

use serde::{Deserialize, Serialize};

pub use arrival::NewArrival;
pub use batch::{BATCH_MAX, BatchScan, BatchState, NewBatch, Progress};
pub use consent::{ConsentRefusal, ConsentState, RecordFault};
pub use mailtest::{Arrived, FileTest, MailTest, MailTestWord, SAMPLE_MS, SampleTest, TestFile};
pub use run::{NewRun, Run, RunCode, RunStage, Sent, Statement};

use crate::case::Options;
use crate::grade::Grade;
use crate::report::SinSummary;
use crate::{DomainName, Evidence, Grant, Inquiry, Report};

/// `POST /api/v1/scans`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewScan {
    /// What the person typed: a domain, a mail address or a URL.
    #[cfg_attr(feature = "openapi", schemars(example = "example.org"))]
    pub domain: String,
    /// Choices.
    #[serde(default)]
    pub options: Options,
    /// Who calls `plan`.
    #[serde(default)]
    pub drive: Drive,
    /// What another such scan of the same domain and options saw will do, if it began at most so many seconds ago; and
    /// what this one sees may serve others, if the site drives it. Without it nothing is shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(range(max = MAX_AGE)))]
    pub max_age: Option<u32>,
    /// The id of a test of outgoing mail ([`MailTest`]), whose result is taken over where the mail is shown to be of this
    /// domain. The report says that there was one, and not which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailtest: Option<String>,
}

/// The most that `max_age` may say, in seconds: an hour.
pub const MAX_AGE: u32 = 3600;

/// Who turns the crank of a scan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Drive {
    /// The client posts the inquiries that its own `plan` names.
    #[default]
    Client,
    /// The scan object does it all.
    Server,
}

/// As much of [`Scan`] as a browser needs, which judges by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ScanState {
    /// The scan's id.
    pub id: String,
    /// The checked domain.
    pub domain: DomainName,
    /// The choices.
    pub options: Options,
    /// The site's own domain, where its sender and foreign recipient are.
    pub probe_domain: DomainName,
    /// The case's nonce.
    pub nonce: String,
    /// When it began, in milliseconds since 1970.
    pub started: u64,
    /// The server's clock now, in milliseconds since 1970.
    pub now: u64,
    /// Whether private addresses count as public (a lab build).
    pub admit_private: bool,
    /// The DNS blocklists that mail hosts are looked for in.
    #[serde(default)]
    pub blocklists: Vec<DomainName>,
    /// Whether a test of outgoing mail was named.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mail: bool,
    /// What the domain's owner opened, in a scan of active tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant>,
    /// It was broken off.
    pub cancelled: bool,
    /// What `plan` asks and nobody has asked for yet.
    pub inquiries: Vec<Inquiry>,
    /// What is being asked right now.
    pub asking: Vec<Asking>,
    /// Evidence with a number above `since`, in order.
    pub evidence: Vec<Numbered>,
    /// Nothing is missing: it can be published.
    pub complete: bool,
}

/// A piece of evidence and its number in the scan, from 1. Also an event of name `evidence`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Numbered {
    /// The number, which is also the event's id.
    pub seq: u64,
    /// The evidence.
    pub evidence: Evidence,
}

/// An inquiry that is being asked. Also an event of name `asking`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Asking {
    /// The inquiry.
    pub inquiry: Inquiry,
    /// Since when, in milliseconds since 1970.
    pub since: u64,
    /// What is being waited for: `queued`, `connecting`, `greeting`, `reply`, `answer`, `arrival` or `owner`.
    pub stage: Stage,
}

/// What an inquiry waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Another conversation with the same host to end.
    Queued,
    /// The connection.
    Connecting,
    /// The greeting.
    Greeting,
    /// A reply.
    Reply,
    /// A DNS answer.
    Answer,
    /// A message that may come to us.
    Arrival,
    /// What the owner says.
    Owner,
}

/// A scan as it stands, and what it amounts to: the answer to `POST /api/v1/scans` and `GET /api/v1/scans/{id}?since=N`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Scan {
    /// As it stands.
    #[serde(flatten)]
    pub state: ScanState,
    /// What it amounts to; once it is complete.
    pub summary: Option<Summary>,
}

/// What a complete scan amounts to: the head of its report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Summary {
    /// The letter; none where too little could be seen.
    pub grade: Option<Grade>,
    /// Points out of 100 before caps.
    pub points: f64,
    /// The share of applicable facts that could be seen, 0 to 1.
    pub coverage: f64,
    /// One sentence that says why the grade.
    pub why: String,
    /// The seven sins, in order.
    pub sins: Vec<SinSummary>,
}

impl Summary {
    /// The head of a report.
    pub fn of(report: &Report) -> Self {
        Self {
            grade: report.grade,
            points: report.points,
            coverage: report.coverage,
            why: report.why.clone(),
            sins: report.sins.clone(),
        }
    }
}

/// The last event of a scan, of name `done`, with what the scan amounts to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct End {
    /// It was broken off rather than complete.
    pub cancelled: bool,
    /// What it amounts to; nothing of a scan that was broken off.
    pub summary: Option<Summary>,
}

/// As much of [`End`] as a browser needs, which judges by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Done {
    /// It was broken off rather than complete.
    pub cancelled: bool,
}

/// `POST /api/v1/scans/{id}/inquiries`: what to ask next, at most 20.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Inquiries that the scan's own `plan` asks.
    #[cfg_attr(feature = "openapi", schemars(length(max = ASK_MAX)))]
    pub inquiries: Vec<Inquiry>,
}

/// The most inquiries in one [`Ask`].
pub const ASK_MAX: usize = 20;

/// `POST /api/v1/scans/{id}/report`: where the report is. The delete key is told once, to the
/// first caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Published {
    /// The report's id.
    pub id: String,
    /// Its page.
    pub url: String,
    /// Its live badge, without `.svg` or `.json`.
    pub badge: String,
    /// Deletes the report, in the header `Mailsins-Delete-Key`.
    pub delete_key: Option<String>,
}

/// An RFC 9457 problem document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Problem {
    /// A stable URI reference, `/problems/rate-limited`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What went wrong, in general.
    pub title: String,
    /// The HTTP status.
    #[cfg_attr(feature = "openapi", schemars(range(min = 400, max = 599)))]
    pub status: u16,
    /// What went wrong here, and what to do.
    pub detail: String,
    /// With `/problems/not-asked`: what `plan` does ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inquiries: Vec<Inquiry>,
    /// With `/problems/not-consented`: which door stayed closed, by the codes of `ConsentRefusal`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door: Option<String>,
}
