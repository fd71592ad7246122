//! What a server answers to the first message of TLS, where nobody goes on from there.

use serde::{Deserialize, Serialize};

use super::TlsFault;

/// Which versions and cipher suites were offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Offer {
    /// TLS 1.1 at most, with the suites of its time.
    Old,
    /// TLS 1.2 at most, with weak suites only: without encryption, for export, RC4, DES, 3DES, and
    /// those without forward secrecy.
    Weak,
}

/// An offer and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Hello {
    /// What was offered.
    pub offer: Offer,
    /// How long the answer took, in milliseconds.
    pub took: u32,
    /// The answer.
    pub answer: HelloAnswer,
}

/// What a server answers to an offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum HelloAnswer {
    /// It takes this version (0x0301 is TLS 1.0) and this suite, which IANA names so.
    Takes {
        /// The version.
        version: u16,
        /// The suite's number.
        suite: u16,
        /// Its name, or its number in hexadecimal digits.
        name: String,
    },
    /// It breaks off with this alert (RFC 8446 section 6).
    Alert {
        /// The version in the head of the alert's record.
        version: u16,
        /// 1 for a warning, 2 for fatal.
        level: u8,
        /// The number of the alert.
        description: u8,
    },
    /// Neither of them came.
    Failed(TlsFault),
}

/// TLS 1.1, as it is written in messages.
pub const TLS11: u16 = 0x0302;

impl HelloAnswer {
    /// Does the server decidedly not take what was offered? Other alerts may be for another reason.
    pub const fn is_refusal(&self) -> bool {
        // RFC 8446 section 6.2: handshake_failure, protocol_version, insufficient_security.
        matches!(self, Self::Alert { level: 2, description: 40 | 70 | 71, .. })
    }

    /// Does the server hang up, with a goodbye of TLS or without?
    pub const fn hangs_up(&self) -> bool {
        matches!(self, Self::Failed(TlsFault::Closed) | Self::Alert { description: 0, .. })
    }

    /// The answer in a line.
    pub fn text(&self) -> String {
        match self {
            Self::Takes { version, name, .. } => format!("{} {name}", version_name(*version)),
            Self::Alert { description, .. } => {
                let name = match description {
                    0 => "close_notify",
                    40 => "handshake_failure",
                    47 => "illegal_parameter",
                    50 => "decode_error",
                    70 => "protocol_version",
                    71 => "insufficient_security",
                    80 => "internal_error",
                    112 => "unrecognized_name",
                    _ => "",
                };
                format!("alert {description} {name}").trim_end().to_owned()
            }
            Self::Failed(fault) => fault.sentence().to_owned(),
        }
    }
}

impl Offer {
    /// The offer in words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Old => "TLS 1.1 or older",
            Self::Weak => "TLS 1.2 or older with weak ciphers only",
        }
    }
}

impl Hello {
    /// Offer and answer in a line.
    pub fn text(&self) -> String {
        format!("{}: {}", self.offer.text(), self.answer.text())
    }
}

const fn version_name(version: u16) -> &'static str {
    match version {
        0x0300 => "SSLv3",
        0x0301 => "TLSv1.0",
        0x0302 => "TLSv1.1",
        0x0303 => "TLSv1.2",
        _ => "an unknown version,",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_in_json() {
        let rows = [
            (
                r#"{"offer":"old","took":1,"answer":{"takes":{"version":769,"suite":47,"name":"TLS_RSA_WITH_AES_128_CBC_SHA"}}}"#,
                "TLS 1.1 or older: TLSv1.0 TLS_RSA_WITH_AES_128_CBC_SHA",
                false,
            ),
            (
                r#"{"offer":"weak","took":1,"answer":{"alert":{"version":771,"level":2,"description":40}}}"#,
                "TLS 1.2 or older with weak ciphers only: alert 40 handshake_failure",
                true,
            ),
            (
                r#"{"offer":"old","took":1,"answer":{"alert":{"version":771,"level":2,"description":90}}}"#,
                "TLS 1.1 or older: alert 90",
                false,
            ),
            (
                r#"{"offer":"old","took":1,"answer":{"failed":"closed"}}"#,
                "TLS 1.1 or older: The server closed the connection during the handshake.",
                false,
            ),
        ];
        for (json, text, refusal) in rows {
            let hello: Hello = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&hello).unwrap(), json);
            assert_eq!((hello.text().as_str(), hello.answer.is_refusal()), (text, refusal));
        }
    }
}
