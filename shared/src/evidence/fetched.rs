//! What came of fetching a document over HTTPS.

use serde::{Deserialize, Serialize};

/// The most that is kept of a body, in octets: what RFC 8461 section 3.3 suggests for a policy.
pub const BODY_MAX: usize = 64 * 1024;

/// The same where the status says that this is not the document: enough to see who speaks.
const ERROR_BODY_MAX: usize = 2 * 1024;

/// The most that is kept of a header's value, in characters.
const HEADER_MAX: usize = 1_024;

/// A response over HTTPS whose certificate is valid. Redirects are not followed: they are what was
/// seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Fetched {
    /// The status code.
    pub status: u16,
    /// The value of Content-Type, with its parameters; empty if there is none.
    pub media_type: String,
    /// The body, up to [`BODY_MAX`] octets; invalid UTF-8 as `\xNN`. Less where the status is not
    /// 200.
    pub body: String,
    /// There was more of the body.
    pub truncated: bool,
    /// The value of Location.
    pub redirect: Option<String>,
    /// What the certificate in it says, where the body is one in PEM that can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Box<PemCertificate>>,
}

/// What a certificate in a document says: of several, the first that is no authority's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PemCertificate {
    /// Whom it is for.
    pub subject: String,
    /// Who signed it. That is not checked.
    pub issuer: String,
    /// The DNS names of its subjectAltName, in lower case.
    pub names: Vec<String>,
    /// Valid from then on, in milliseconds since 1970.
    pub not_before: i64,
    /// Valid until then.
    pub not_after: i64,
    /// It vouches for a logo: it holds one (RFC 9399), or its extended key usage says so.
    pub mark: bool,
}

impl Fetched {
    /// A response from its parts; `body` may be longer than what is kept.
    pub fn new(status: u16, media_type: &[u8], redirect: Option<&[u8]>, body: &[u8]) -> Self {
        let header = |value: &[u8]| crate::visible::from_bytes(value).chars().take(HEADER_MAX).collect();
        let kept = body.get(..if status == 200 { BODY_MAX } else { ERROR_BODY_MAX });
        Self {
            status,
            media_type: header(media_type),
            body: crate::visible::from_bytes(kept.unwrap_or(body)),
            truncated: kept.is_some_and(|kept| kept.len() < body.len()),
            redirect: redirect.map(header),
            certificate: None,
        }
    }

    /// The same with what the certificate in its body says.
    pub fn with_certificate(self, certificate: Option<PemCertificate>) -> Self {
        Self { certificate: certificate.map(Box::new), ..self }
    }

    /// The media type without its parameters, in lower case.
    pub fn essence(&self) -> String {
        self.media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }
}

macro_rules! faults {
    ($($name:ident => $code:literal, $sentence:literal;)+) => {
        /// Why there is no response: facts about the host. What may as well be our end's fault is
        /// [`crate::Unseen`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
        pub enum FetchFault {
            $(#[doc = $sentence] #[serde(rename = $code)] $name,)+
        }

        impl FetchFault {
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
    NoAddress => "no-address", "The host has no address.";
    NotPublic => "not-public", "The host has no public address.";
    CertificateExpired => "certificate-expired", "The host's certificate has expired.";
    CertificateNotYetValid => "certificate-not-yet-valid", "The host's certificate is not valid yet.";
    CertificateName => "certificate-name", "The host's certificate is for other names.";
    CertificateUntrusted => "certificate-untrusted", "The host's certificate does not lead to an authority that is widely trusted: it signed itself, or an intermediate certificate is missing.";
    CertificateInvalid => "certificate-invalid", "The host's certificate cannot be used.";
    Tls => "tls", "The host and we could not agree on TLS.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept() {
        let kept = Fetched::new(200, b"Text/Plain; charset=utf-8", None, b"caf\xe9");
        assert_eq!((kept.body.as_str(), kept.truncated, kept.essence().as_str()), ("caf\\xe9", false, "text/plain"));
        let full = Fetched::new(200, b"", Some(b"/x"), &[b'a'; BODY_MAX]);
        assert_eq!((full.body.len(), full.truncated, full.redirect.as_deref()), (BODY_MAX, false, Some("/x")));
        let more = Fetched::new(200, b"", None, &[b'a'; BODY_MAX + 1]);
        assert_eq!((more.body.len(), more.truncated), (BODY_MAX, true));
        let error = Fetched::new(404, b"", None, &[b'a'; BODY_MAX]);
        assert_eq!((error.body.len(), error.truncated), (ERROR_BODY_MAX, true));
    }

    #[test]
    fn shapes_in_json() {
        use crate::Answer;
        for json in [
            r#"{"fetch":{"status":200,"media_type":"text/plain","body":"x","truncated":false,"redirect":null}}"#,
            r#"{"not-fetched":"certificate-expired"}"#,
        ] {
            let answer: Answer = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&answer).unwrap(), json);
        }
        for fault in FetchFault::ALL {
            let json = serde_json::to_string(fault).unwrap();
            assert_eq!(serde_json::from_str::<FetchFault>(&json).unwrap(), *fault);
        }
    }
}
