//! The part of a mail address before the @.

use serde::{Deserialize, Serialize};

/// A local part that may stand in a command as it is: letters, digits and a few marks, with single dots between them,
/// at most 64 octets (RFC 5321 sections 4.1.2 and 4.5.3.1.1). In lower case. The standard allows more; what we write to is
/// held to this.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalPart(String);

impl LocalPart {
    /// Reads one; nothing where the text is no such local part.
    pub fn new(text: &str) -> Option<Self> {
        let atom =
            |atom: &str| !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_+".contains(&b));
        (text.len() <= 64 && text.split('.').all(atom)).then(|| Self(text.to_ascii_lowercase()))
    }

    /// The local part as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for LocalPart {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text).ok_or("not a local part that we would write to")
    }
}

impl From<LocalPart> for String {
    fn from(part: LocalPart) -> String {
        part.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_parts() {
        for yes in ["hostmaster", "first.last", "a+b", "dns_admin-1"] {
            assert_eq!(LocalPart::new(yes).unwrap().as_str(), yes);
        }
        for no in ["", ".", "a..b", "a.", "a b", "a>", "a@b", "a\r\nDATA", "\"a\"", "ä", &"a".repeat(65)] {
            assert_eq!(LocalPart::new(no), None, "{no:?}");
        }
        assert_eq!(LocalPart::new("Admin").unwrap().as_str(), "admin");
    }
}
