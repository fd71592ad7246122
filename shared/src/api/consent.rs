//! What a domain's own record allows the site.

use serde::{Deserialize, Serialize};

use crate::DomainName;
use crate::syntax::consent::Word;

/// `GET /api/v1/consent/{domain}`: what the domain's own record allows this site, as it stands in DNS now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ConsentState {
    /// The domain.
    pub domain: DomainName,
    /// Where its record is looked for.
    pub name: String,
    /// The host that `by` must name.
    pub by: DomainName,
    /// The TXT records that begin with `v=mailsins1`, by any of the resolvers.
    pub records: Vec<String>,
    /// The domain asked not to be probed.
    pub opted_out: bool,
    /// What it allows; nothing where the record is refused.
    pub allow: Vec<Word>,
    /// The mailbox that tests begin with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
    /// Where changes of its report are posted to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<String>,
    /// The public key by which this site signs what it posts there: Ed25519, as Standard Webhooks write it. Without one it posts
    /// nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_key: Option<String>,
    /// Why it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<ConsentRefusal>,
    /// A record to copy.
    pub example: String,
}

/// Why a consent record is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ConsentRefusal {
    /// The stable name: `no-record`, `another-site`.
    pub code: String,
    /// What is wrong and what to do, for people.
    pub detail: String,
    /// The faults of a `faulty-record`, with their places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<RecordFault>,
}

/// A fault of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct RecordFault {
    /// The stable name.
    pub code: String,
    /// What is wrong, as a sentence.
    pub message: String,
    /// Where it begins, in octets of the record.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}
