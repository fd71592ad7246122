//! What a message showed that came for a test of outgoing mail.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// What a message of the domain showed. Of its header only what says who sent it: the rest is for whoever has the link
/// of the test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct MailSeen {
    /// When it came, in milliseconds since 1970.
    pub came: u64,
    /// Who handed it over, where SPF says that this address sends for the domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Sender>,
    /// What was found of it.
    pub shown: Vec<Shown>,
}

/// An address that sends for the domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Sender {
    /// What it called itself in HELO or EHLO. Foreign text.
    pub helo: String,
    /// The address.
    pub address: IpAddr,
}

/// An outcome of a check that looks at mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Shown {
    /// The check.
    pub check: String,
    /// Its outcome, or the reason why there is none.
    pub outcome: String,
    /// What of it may be told. Foreign text.
    pub seen: String,
}
