//! What a domain's owner has opened for one scan: see DESIGN "Consent". Whoever drives a scan makes the grant, from the
//! domain's record and a code that was typed back; a client never does.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::DomainName;
use crate::local_part::LocalPart;
use crate::syntax::consent::Word;

/// How long a scan with a grant may take, in milliseconds: bounces and stray messages are waited for.
pub const ACTIVE_MS: u64 = 15 * 60_000;

/// What may be tried, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Grant {
    /// What the record allows, of those words that send mail or try limits.
    pub allow: Vec<Word>,
    /// Where messages go, at the checked domain.
    pub mailbox: LocalPart,
    /// The addresses that took the message with the code.
    pub addresses: Vec<IpAddr>,
    /// The domain of our receiving host, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sink: Option<DomainName>,
}

impl Grant {
    /// Is this allowed?
    pub fn allows(&self, word: Word) -> bool {
        self.allow.contains(&word)
    }
}

/// What tells a message of a scan from all others: it stands in addresses that are used once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Token(String);

impl Token {
    /// That of one message of a scan. The nonce is what is unguessable; this only gives it a fixed form.
    pub fn of(nonce: &str, what: &str) -> Self {
        let hash = |seed: u64| {
            let octets = nonce.bytes().chain(*b" ").chain(what.bytes());
            octets.fold(seed, |hash, octet| (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3))
        };
        Self(format!("{:016x}{:08x}", hash(0xcbf2_9ce4_8422_2325), hash(0x9e37_79b9_7f4a_7c15) >> 32))
    }

    /// Reads one.
    pub fn new(text: &str) -> Option<Self> {
        let hex = |octet: u8| octet.is_ascii_digit() || (b'a'..=b'f').contains(&octet);
        (text.len() == 24 && text.bytes().all(hex)).then(|| Self(text.to_owned()))
    }

    /// As it stands in an address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Token {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text).ok_or("not a token of ours")
    }
}

impl From<Token> for String {
    fn from(token: Token) -> Self {
        token.0
    }
}

/// What a message carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Sample {
    /// Nothing but its text: the clean message that must arrive, or the others say nothing.
    Control,
    /// The test file of virus scanners, attached.
    Eicar,
    /// In a ZIP archive.
    EicarZip,
    /// In a ZIP archive inside another.
    EicarZipZip,
    /// Under the name of a picture.
    EicarRenamed,
    /// In Base64, without a file name.
    EicarInline,
    /// The test text of spam filters.
    Gtube,
}

impl Sample {
    /// Those of viruses.
    pub const VIRUSES: [Self; 5] =
        [Self::Eicar, Self::EicarZip, Self::EicarZipZip, Self::EicarRenamed, Self::EicarInline];

    /// All of them; the clean one comes first.
    pub const ALL: [Self; 7] = [
        Self::Control,
        Self::Eicar,
        Self::EicarZip,
        Self::EicarZipZip,
        Self::EicarRenamed,
        Self::EicarInline,
        Self::Gtube,
    ];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Eicar => "eicar",
            Self::EicarZip => "eicar-zip",
            Self::EicarZipZip => "eicar-zip-zip",
            Self::EicarRenamed => "eicar-renamed",
            Self::EicarInline => "eicar-inline",
            Self::Gtube => "gtube",
        }
    }

    /// What it is, in a few words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Control => "clean message",
            Self::Eicar => "EICAR, attached",
            Self::EicarZip => "EICAR in a ZIP archive",
            Self::EicarZipZip => "EICAR in a ZIP archive in another",
            Self::EicarRenamed => "EICAR named as a picture",
            Self::EicarInline => "EICAR inline in Base64",
            Self::Gtube => "GTUBE",
        }
    }
}

/// What only the owner can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// Where a message went that a server took.
    Where(Sample),
}

/// What the owner says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// It was delivered like any other.
    Inbox,
    /// It was delivered, marked as junk.
    Junk,
    /// It is held back.
    Quarantine,
    /// It never arrived.
    Nowhere,
}

impl Choice {
    /// Where a message can go.
    pub const PLACES: [Self; 4] = [Self::Inbox, Self::Junk, Self::Quarantine, Self::Nowhere];

    /// In a few words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Inbox => "in the inbox",
            Self::Junk => "in the junk folder",
            Self::Quarantine => "in quarantine",
            Self::Nowhere => "it never arrived",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        let token = Token::of("5eed", "eicar");
        assert_eq!(token, Token::of("5eed", "eicar"));
        assert!(token != Token::of("5eed", "gtube") && token != Token::of("5eee", "eicar"));
        assert_eq!(Token::new(token.as_str()), Some(token));
        for no in ["", "a@b", "0123456789abcdef0123456g", "0123456789ABCDEF01234567"] {
            assert_eq!(Token::new(no), None, "{no}");
        }
    }

    #[test]
    fn in_json() {
        let json = |question: Question| serde_json::to_string(&question).unwrap();
        assert_eq!(json(Question::Where(Sample::EicarZipZip)), r#"{"where":"eicar-zip-zip"}"#);
        for sample in Sample::ALL {
            assert_eq!(serde_json::to_string(&sample).unwrap(), format!("\"{}\"", sample.name()));
        }
    }
}
