//! A test of mail that goes out.

use serde::{Deserialize, Serialize};

use crate::outbound::Said;

/// `POST /api/v1/mailtests` and `GET /api/v1/mailtests/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct MailTest {
    /// Its id, which is its secret as well: whoever has it sees what came.
    pub id: String,
    /// The address to write to, once.
    pub address: String,
    /// When it is forgotten, in milliseconds since 1970.
    pub expires: u64,
    /// What came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrived: Option<Arrived>,
}

/// A message that came. Anybody may have sent it who knew the address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Arrived {
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// The reverse-path that the service was told. Foreign text, as is all that follows.
    pub sender: String,
    /// What stands in From.
    pub author: String,
    /// Who handed it over, as the service wrote it: HELO and address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Its size, in octets.
    pub size: u64,
    /// What is said of it.
    pub said: Vec<Said>,
    /// Its header.
    pub header: String,
}
