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
    /// The second half, with a harmless test file; once a mail came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<SampleTest>,
    /// Is what one user may send limited, as its holder states?
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limited: Option<bool>,
    /// The domain whose full check can take this over, where SPF or DKIM show that the mail is of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
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

/// A mail with a harmless test file that every scanner knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct SampleTest {
    /// The address to send it to, once.
    pub address: String,
    /// When its holder said that it was sent, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<u64>,
    /// When it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came: Option<u64>,
    /// Which file was in it; nothing, where it came without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<String>,
}

/// How long a mail with a test file is waited for, in milliseconds from when its holder said that it was sent.
pub const SAMPLE_MS: u64 = 600_000;

/// `POST /api/v1/mailtests/{id}`: what its holder says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MailTestWord {
    /// The mail with the test file was sent. The first time counts.
    #[serde(default)]
    pub sent: bool,
    /// Whether there is a limit on what one user, account or machine may send in a time. The last answer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limited: Option<bool>,
}

impl SampleTest {
    /// What it shows now, as an outcome of `outbound-virus`, and what was seen; nothing while that is open.
    pub fn outcome(&self, now: u64) -> Option<(&'static str, String)> {
        let time = crate::report::timestamp;
        match (self.came, &self.carried, self.sent) {
            // A line of spam proves nothing of a scanner of viruses.
            (Some(came), Some(file), _) => {
                let outcome = if file == "GTUBE" { "spam-arrived" } else { "arrived" };
                Some((outcome, format!("{file} came at {}", time(came))))
            }
            (Some(came), None, _) => Some(("stripped", format!("a mail without the file came at {}", time(came)))),
            (None, _, Some(sent)) if now > sent.saturating_add(SAMPLE_MS) => {
                Some(("stopped", format!("sent at {}, and did not come within 10 minutes", time(sent))))
            }
            (None, ..) => None,
        }
    }
}
