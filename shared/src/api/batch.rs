//! Many domains at once.

use serde::{Deserialize, Serialize};

use super::Summary;
use crate::DomainName;
use crate::case::Options;

/// The most domains in one [`NewBatch`].
pub const BATCH_MAX: usize = 50;

/// `POST /api/v1/batches`: domains to scan and publish, a few at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewBatch {
    /// Domains, mail addresses or URLs. What is named twice is scanned once.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = BATCH_MAX)))]
    pub domains: Vec<String>,
    /// Choices for each of them.
    #[serde(default)]
    pub options: Options,
}

/// A batch as it stands: the answer to `POST /api/v1/batches` and `GET /api/v1/batches/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct BatchState {
    /// The batch's id. Whoever has it can read this.
    pub id: String,
    /// When it began, in milliseconds since 1970.
    pub created: u64,
    /// The choices.
    pub options: Options,
    /// Nothing is waiting or running any more.
    pub complete: bool,
    /// Deletes each report of the batch, in the header `Mailsins-Delete-Key`. Told once, in the answer to the request
    /// that made the batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_key: Option<String>,
    /// The scans, in the order in which the domains were named.
    pub scans: Vec<BatchScan>,
}

/// One domain of a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct BatchScan {
    /// The domain.
    pub domain: DomainName,
    /// How far it is.
    pub progress: Progress,
    /// The scan's id, once it has begun.
    pub scan: Option<String>,
    /// The report's id, once it is published.
    pub report: Option<String>,
    /// The report's page; `.json` and `.md` behind it are its other forms.
    pub url: Option<String>,
    /// Its live badge, without `.svg` or `.json`.
    pub badge: Option<String>,
    /// What the scan amounts to, once it is complete.
    pub summary: Option<Summary>,
}

/// How far a scan of a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Progress {
    /// Its turn has not come.
    Waiting,
    /// It is being scanned.
    Running,
    /// Its report is published.
    Published,
    /// It was broken off, or something failed at our end.
    Failed,
    /// Its turn did not come within an hour.
    NotBegun,
}

impl Progress {
    /// Will nothing more come of it?
    pub const fn is_over(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}
