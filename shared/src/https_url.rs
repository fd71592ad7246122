//! Addresses of documents on the web that a scan may fetch.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::DomainName;

/// The longest URL, in octets.
const URL_MAX: usize = 2_048;

/// Top-level names that are no part of the public DNS, or not of the web (RFC 6761 and the like).
const NOT_PUBLIC: [&str; 5] = ["localhost", "local", "internal", "onion", "arpa"];

/// An `https:` URL of a named host at the usual port: no address literal, user, port or fragment.
/// Scheme and host are in lower case, and the path is never empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HttpsUrl(String);

/// Why a text is not such a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// More than 2,048 octets.
    #[error("it is longer than 2,048 characters")]
    TooLong,
    /// Another scheme.
    #[error("it does not begin with https://")]
    NotHttps,
    /// Something that RFC 3986 section 2 does not allow as it is, or a fragment.
    #[error("it has a character that must not stand there")]
    BadCharacter,
    /// Not a host name of the public DNS, or with a user or a port.
    #[error("its host is not a public host name alone")]
    BadHost,
}

impl HttpsUrl {
    /// Reads a URL; the default port is dropped.
    pub fn new(text: &str) -> Result<Self, BadUrl> {
        if text.len() > URL_MAX {
            return Err(BadUrl::TooLong);
        }
        let rest = match text.split_at_checked(8) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https://") => rest,
            _ => return Err(BadUrl::NotHttps),
        };
        // RFC 3986 section 2, without the fragment's "#".
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(&b);
        if !rest.bytes().all(allowed) {
            return Err(BadUrl::BadCharacter);
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at_checked(end).ok_or(BadUrl::BadHost)?;
        let host = DomainName::new(authority.strip_suffix(":443").unwrap_or(authority)).map_err(|_| BadUrl::BadHost)?;
        if !is_public(&host) {
            return Err(BadUrl::BadHost);
        }
        let slash = if tail.starts_with('/') { "" } else { "/" };
        Ok(Self(format!("https://{host}{slash}{tail}")))
    }

    /// The URL of a path, which begins with a slash, at a host.
    pub fn of(host: &DomainName, path: &str) -> Option<Self> {
        Self::new(&format!("https://{host}{path}")).ok()
    }

    /// The host.
    pub fn host(&self) -> &str {
        self.0.split('/').nth(2).unwrap_or_default()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A host name that public DNS may have. One whose last label begins with a digit would be read as
/// an IPv4 address, in one of its odd forms.
fn is_public(host: &DomainName) -> bool {
    let top = host.as_str().rsplit('.').next().unwrap_or_default();
    host.is_host()
        && host.labels() > 1
        && top.starts_with(|c: char| c.is_ascii_alphabetic())
        && !NOT_PUBLIC.contains(&top)
}

impl fmt::Display for HttpsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for HttpsUrl {
    type Error = BadUrl;
    fn try_from(text: String) -> Result<Self, BadUrl> {
        Self::new(&text)
    }
}

impl From<HttpsUrl> for String {
    fn from(url: HttpsUrl) -> Self {
        url.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_fetched() {
        let rows: &[(&str, Result<&str, BadUrl>)] = &[
            ("https://mta-sts.example.org/.well-known/mta-sts.txt", Ok("mta-sts.example.org")),
            ("HTTPS://Logo.Example.ORG:443/a/b.svg?x=%20", Ok("logo.example.org")),
            ("https://example.org", Ok("example.org")),
            ("https://example.org?x", Ok("example.org")),
            ("http://example.org/", Err(BadUrl::NotHttps)),
            ("//example.org/", Err(BadUrl::NotHttps)),
            ("httpsé", Err(BadUrl::NotHttps)),
            ("", Err(BadUrl::NotHttps)),
            ("https://127.0.0.1/", Err(BadUrl::BadHost)),
            ("https://0x7f.1/", Err(BadUrl::BadHost)),
            ("https://a.0x7f/", Err(BadUrl::BadHost)),
            ("https://[2001:db8::1]/", Err(BadUrl::BadHost)),
            ("https://localhost/", Err(BadUrl::BadHost)),
            ("https://a.localhost/", Err(BadUrl::BadHost)),
            ("https://a.internal/", Err(BadUrl::BadHost)),
            ("https://user@example.org/", Err(BadUrl::BadHost)),
            ("https://example.org:8443/", Err(BadUrl::BadHost)),
            ("https://a_b.example.org/", Err(BadUrl::BadHost)),
            ("https:///x", Err(BadUrl::BadHost)),
            ("https://example.org/#x", Err(BadUrl::BadCharacter)),
            ("https://example.org/a b", Err(BadUrl::BadCharacter)),
            ("https://example.org\\@evil.test/", Err(BadUrl::BadCharacter)),
            ("https://exam\tple.org/", Err(BadUrl::BadCharacter)),
            ("https://müller.example/", Err(BadUrl::BadCharacter)),
        ];
        for (text, want) in rows {
            let got = HttpsUrl::new(text);
            assert_eq!(got.as_ref().map(HttpsUrl::host), want.as_ref().map(|host| *host), "{text}");
            if let Ok(url) = got {
                assert_eq!(HttpsUrl::new(url.as_str()), Ok(url));
            }
        }
        let long = format!("https://example.org/{}", "a".repeat(URL_MAX));
        assert_eq!(HttpsUrl::new(&long), Err(BadUrl::TooLong));
        assert_eq!(HttpsUrl::new("https://example.org?x").unwrap().as_str(), "https://example.org/?x");
    }
}
