//! What the receiving host tells of a message.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::grant::Token;

/// `POST /api/v1/arrivals`: a message has come for a one-time address. It counts only under the signature of the receiving
/// host, which shares a secret with the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewArrival {
    /// The local part that it came for.
    pub token: Token,
    /// Its reverse-path; empty for a bounce.
    pub sender: String,
    /// The address that handed it over.
    pub client: IpAddr,
    /// Its header, cut where it is long.
    pub header: String,
}
