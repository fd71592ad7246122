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

/// A harmless file that every scanner knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TestFile {
    /// The test file of virus scanners.
    Eicar,
    /// The test line of spam filters.
    Gtube,
}

impl TestFile {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Eicar, Self::Gtube];

    /// As people know it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eicar => "EICAR",
            Self::Gtube => "GTUBE",
        }
    }

    /// As it stands in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Eicar => "eicar",
            Self::Gtube => "gtube",
        }
    }
}

/// Mails with harmless test files that every scanner knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct SampleTest {
    /// The address to send them to: each once.
    pub address: String,
    /// The one with the test file of virus scanners.
    #[serde(default)]
    pub eicar: FileTest,
    /// The one with the test line of spam filters.
    #[serde(default)]
    pub gtube: FileTest,
    /// When a mail came that had neither, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bare: Option<u64>,
}

/// One of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct FileTest {
    /// When its holder said that it was sent, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<u64>,
    /// When it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came: Option<u64>,
}

/// How long a mail with a test file is waited for, in milliseconds from when its holder said that it was sent.
pub const SAMPLE_MS: u64 = 600_000;

/// `POST /api/v1/mailtests/{id}`: what its holder says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MailTestWord {
    /// The mail with this test file was sent. The first time counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<TestFile>,
    /// Whether there is a limit on what one user, account or machine may send in a time. The last answer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limited: Option<bool>,
}

impl SampleTest {
    /// What is known of the mail with this file.
    pub const fn of(&self, file: TestFile) -> FileTest {
        match file {
            TestFile::Eicar => self.eicar,
            TestFile::Gtube => self.gtube,
        }
    }

    /// The same, to be changed.
    pub const fn of_mut(&mut self, file: TestFile) -> &mut FileTest {
        match file {
            TestFile::Eicar => &mut self.eicar,
            TestFile::Gtube => &mut self.gtube,
        }
    }

    /// What the mail with this file shows now, as an outcome of `outbound-virus`, and what was seen; nothing where it was not
    /// sent, or while that is open. A line of spam proves nothing of a scanner of viruses.
    pub fn outcome(&self, file: TestFile, now: u64) -> Option<(&'static str, String)> {
        let time = crate::report::timestamp;
        let [arrived, stripped, stopped] = match file {
            TestFile::Eicar => ["arrived", "stripped", "stopped"],
            TestFile::Gtube => ["spam-arrived", "spam-stopped", "spam-stopped"],
        };
        let (test, name) = (self.of(file), file.name());
        if let Some(came) = test.came {
            return Some((arrived, format!("{name} came at {}", time(came))));
        }
        let sent = test.sent?;
        let seen = format!("{name} was sent at {}", time(sent));
        match self.bare {
            Some(bare) => Some((stripped, format!("{seen}; a mail without it came at {}", time(bare)))),
            None if now > sent.saturating_add(SAMPLE_MS) => {
                Some((stopped, format!("{seen}, and did not come within 10 minutes")))
            }
            None => None,
        }
    }
}
