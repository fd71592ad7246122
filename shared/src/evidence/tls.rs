//! What came of a handshake: what was agreed on, and which certificates the server showed. Drivers take
//! nothing for granted there: everything is accepted, and judged afterwards.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// The most certificates that are kept of a chain.
pub const CHAIN_MAX: usize = 10;

/// The most names that are kept of one certificate.
pub const NAMES_MAX: usize = 100;

/// One try to begin TLS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Tls {
    /// How long the handshake took, in milliseconds.
    pub took: u32,
    /// How many octets came in the clear behind the reply to STARTTLS. They were dropped.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub dropped: u32,
    /// What came of it.
    pub outcome: Handshake,
}

/// What came of a handshake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Handshake {
    /// The connection is encrypted.
    Done(Box<Secured>),
    /// It is not, and in a word of the TLS library or of the server's alert, why.
    Failed(TlsFault, Option<String>),
}

/// What was agreed on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Secured {
    /// "TLSv1.2" or "TLSv1.3".
    pub version: String,
    /// The cipher suite, as IANA names it.
    pub suite: String,
    /// The group of the key exchange, as IANA names it.
    pub group: Option<String>,
    /// Why the server's signature over the handshake could not be verified. It may be for a sort
    /// of signature that our end does not know.
    pub unverified: Option<String>,
    /// The certificates, the server's own first. Empty where nobody asked for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<Certificate>,
    /// The server sent more certificates than are kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// Whether the chain led to a widely trusted authority at that time, whatever its names.
    pub path: Option<Path>,
}

/// Where a chain leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Path {
    /// To a widely trusted authority, by valid signatures and dates.
    Trusted,
    /// To none that is widely trusted.
    UnknownIssuer,
    /// There, but a certificate of it has expired.
    Expired,
    /// There, but a certificate of it is not valid yet.
    NotYetValid,
    /// A signature in it is wrong.
    BadSignature,
    /// It breaks another rule, or is of a sort that our end cannot check.
    Other,
}

/// One certificate of a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Certificate {
    /// The whole of it (DER), in base64.
    pub der: String,
    /// SHA-256 of the whole, in lower-case hexadecimal digits.
    pub sha256: String,
    /// SHA-512 of the whole.
    pub sha512: String,
    /// What it says; nothing if it cannot be read.
    pub contents: Option<Contents>,
    /// For those above the first: does a valid path (signatures and dates) lead from the first to
    /// this one as its anchor? Nothing where our end cannot tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchors: Option<bool>,
}

/// What a certificate says (RFC 5280 section 4.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Contents {
    /// Whom it is for.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The DNS names of its subjectAltName, in lower case, at most [`NAMES_MAX`].
    pub names: Vec<String>,
    /// There are more names than are kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more_names: bool,
    /// The IP addresses there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<IpAddr>,
    /// The last common name of the subject.
    pub common_name: Option<String>,
    /// Valid from then on, in milliseconds since 1970.
    pub not_before: i64,
    /// Valid until then.
    pub not_after: i64,
    /// The sort of key: "RSA", "P-256", "Ed25519", or an OID.
    pub key: String,
    /// The length of the key.
    pub bits: Option<u32>,
    /// SHA-256 of the SubjectPublicKeyInfo, in lower-case hexadecimal digits.
    pub key_sha256: String,
    /// SHA-512 of it.
    pub key_sha512: String,
    /// Where the SubjectPublicKeyInfo stands in the whole: its first octet, and the first behind it.
    pub key_at: (u32, u32),
    /// How it was signed: "RSA-SHA256", "ECDSA-SHA384", "Ed25519", or an OID.
    pub signature: String,
    /// It may sign others (basicConstraints).
    pub authority: bool,
    /// Subject and issuer are the same.
    pub self_issued: bool,
}

macro_rules! faults {
    ($($name:ident => $code:literal, $sentence:literal;)+) => {
        /// Why there is no TLS.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
        pub enum TlsFault {
            $(#[doc = $sentence] #[serde(rename = $code)] $name,)+
        }

        impl TlsFault {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The fault as a sentence for people.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)+ }
            }
        }
    };
}

faults! {
    Refused => "refused", "The server offers STARTTLS and then refuses it.";
    NotNow => "not-now", "The server offers STARTTLS, but says that it cannot now.";
    NotTls => "not-tls", "What the server sends where TLS should begin is not TLS.";
    Incompatible => "incompatible", "The server and we have no version, cipher or group of TLS in common. We speak TLS 1.2 and 1.3.";
    Alert => "alert", "The server broke the handshake off with an alert.";
    Misbehaved => "misbehaved", "The server did what TLS does not allow.";
    Closed => "closed", "The server closed the connection during the handshake.";
    Timeout => "timeout", "The server did not finish the handshake in time.";
    Overlong => "overlong", "The server sent more than a handshake ever should, so we stopped reading.";
    Failed => "failed", "Something went wrong at our end.";
}

impl TlsFault {
    /// Would every client fare alike? The other faults may be for what our end cannot do, or for
    /// the moment.
    pub const fn is_servers(self) -> bool {
        matches!(self, Self::Refused | Self::NotTls)
    }
}

impl Tls {
    /// What was agreed on, or why nothing was.
    pub fn secured(&self) -> Result<&Secured, TlsFault> {
        match &self.outcome {
            Handshake::Done(secured) => Ok(secured),
            Handshake::Failed(fault, _) => Err(*fault),
        }
    }
}

impl Secured {
    /// What the server's own certificate says, if it can be read.
    pub fn own(&self) -> Option<&Contents> {
        self.chain.first()?.contents.as_ref()
    }
}

impl Contents {
    /// Is it for this host, by the DNS names of its subjectAltName (RFC 6125 section 6.4)? The whole
    /// left-most label may be a wildcard.
    pub fn names_host(&self, host: &str) -> bool {
        self.names.iter().any(|name| names(name, host))
    }

    /// The same, or by its common name where it has no DNS names at all (RFC 6125 section 6.4.4).
    pub fn names_host_loosely(&self, host: &str) -> bool {
        let common = self.common_name.as_deref().filter(|_| self.names.is_empty() && !self.more_names);
        self.names_host(host) || common.is_some_and(|name| names(name, host))
    }
}

fn names(name: &str, host: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    match name.strip_prefix("*.") {
        // A wildcard stands for exactly one label.
        Some(parent) => {
            host.split_once('.').is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(parent))
        }
        None => name.eq_ignore_ascii_case(host),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_hosts() {
        let rows: &[(&[&str], &str, bool, bool)] = &[
            (&["mx.example.org"], "", true, true),
            (&["MX.Example.ORG"], "", true, true),
            (&["*.example.org"], "", true, true),
            (&["*.org"], "", false, false),
            (&["*.mx.example.org"], "", false, false),
            (&["m*.example.org"], "", false, false),
            (&["example.org"], "mx.example.org", false, false),
            (&[], "mx.example.org", false, true),
            (&[], "*.example.org", false, true),
            (&[], "", false, false),
        ];
        for (names, common, strict, loose) in rows {
            let contents = Contents {
                names: names.iter().map(|name| (*name).to_owned()).collect(),
                common_name: (!common.is_empty()).then(|| (*common).to_owned()),
                ..Contents::default()
            };
            let host = "mx.example.org";
            assert_eq!((contents.names_host(host), contents.names_host_loosely(host)), (*strict, *loose), "{names:?}");
        }
    }

    #[test]
    fn shapes_in_json() {
        for json in [
            r#"{"took":1,"outcome":{"failed":["not-tls",null]}}"#,
            r#"{"took":1,"dropped":9,"outcome":{"failed":["alert","HandshakeFailure"]}}"#,
            r#"{"took":1,"outcome":{"done":{"version":"TLSv1.3","suite":"TLS_AES_128_GCM_SHA256","group":"X25519","unverified":null,"path":"trusted"}}}"#,
        ] {
            let tls: Tls = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&tls).unwrap(), json);
        }
        for fault in TlsFault::ALL {
            let json = serde_json::to_string(fault).unwrap();
            assert_eq!(serde_json::from_str::<TlsFault>(&json).unwrap(), *fault);
        }
    }
}
