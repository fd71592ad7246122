//! DKIM-Signature fields (RFC 6376 section 3.5).

use crate::DomainName;
use crate::syntax::dkim::base64;

/// How a part is made alike on both ends (section 3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canon {
    /// Almost as it is.
    Simple,
    /// Without differences of white space.
    Relaxed,
}

/// The key's kind that a signature wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// `rsa-sha256`.
    Rsa,
    /// `ed25519-sha256` (RFC 8463).
    Ed25519,
}

/// What a signature says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// `a=`.
    pub algorithm: Algorithm,
    /// `d=`: who signs.
    pub domain: DomainName,
    /// `s=`: which key.
    pub selector: String,
    /// `h=`: the fields that are signed, in lower case.
    pub fields: Vec<String>,
    /// `c=`, of the header.
    pub header: Canon,
    /// `c=`, of the body.
    pub body: Canon,
    /// `l=`: how much of the body is signed, in octets.
    pub length: Option<u64>,
    /// `x=`: until when it holds, in seconds since 1970.
    pub expires: Option<u64>,
    /// `bh=`: the hash of the body.
    pub body_hash: Vec<u8>,
    /// `b=`.
    pub signature: Vec<u8>,
}

/// The fault of a signature that cannot be used, as a sentence.
pub type Fault = &'static str;

/// The most fields that a signature may name.
const FIELDS_MAX: usize = 200;

/// The tags of a signature, in their order.
pub(super) struct Tags<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Tags<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, Fault> {
        let mut tags: Vec<(&str, &str)> = Vec::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()).take(64) {
            let (name, value) = part.split_once('=').ok_or("A part of the signature is not of the form name=value.")?;
            if tags.iter().any(|(known, _)| *known == name.trim()) {
                return Err("A tag of the signature stands there twice."); // section 3.2
            }
            tags.push((name.trim(), value.trim()));
        }
        Ok(Self(tags))
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    fn need(&self, name: &str, fault: Fault) -> Result<&'a str, Fault> {
        self.get(name).filter(|value| !value.is_empty()).ok_or(fault)
    }

    fn bytes(&self, name: &str, fault: Fault) -> Result<Vec<u8>, Fault> {
        base64(self.need(name, fault)?).map_err(|_| fault)
    }

    pub(super) fn algorithm(&self) -> Result<Algorithm, Fault> {
        match self.need("a", "The signature names no algorithm.")?.to_ascii_lowercase().as_str() {
            "rsa-sha256" => Ok(Algorithm::Rsa),
            "ed25519-sha256" => Ok(Algorithm::Ed25519),
            // RFC 8301 section 3.1
            "rsa-sha1" => {
                Err("It is made with rsa-sha1, which receivers must not accept any more (RFC 8301 section 3.1).")
            }
            _ => Err("It is made with an algorithm that receivers do not know."),
        }
    }

    /// Who signs, and with which key.
    pub(super) fn signer(&self) -> Result<(DomainName, String), Fault> {
        let domain = DomainName::new(self.need("d", "The signature does not say in d who signs.")?);
        let selector = self.need("s", "The signature does not say in s which key.")?.to_ascii_lowercase();
        Ok((domain.map_err(|_| "d is no domain.")?, selector))
    }

    pub(super) fn signature(&self) -> Result<Vec<u8>, Fault> {
        self.bytes("b", "The signature in b is missing or not base64.")
    }
}

/// Reads the body of a field.
pub fn read(text: &str) -> Result<Signature, Fault> {
    let tags = Tags::read(text)?;
    if tags.need("v", "The signature has no version.")? != "1" {
        return Err("The signature's version is not 1.");
    }
    of_tags(&tags)
}

/// What DKIM's signatures and those of messages in ARC have in common (RFC 8617 section 4.1.2).
pub(super) fn of_tags(tags: &Tags) -> Result<Signature, Fault> {
    let algorithm = tags.algorithm()?;
    let (domain, selector) = tags.signer()?;
    if let Some((_, at)) = tags.get("i").and_then(|identity| identity.rsplit_once('@')) {
        // section 3.5: i must be d or below it
        let within = DomainName::new(at).is_ok_and(|at| at.is_within(&domain));
        within.then_some(()).ok_or("The identity in i is not of the domain in d.")?;
    }
    let fields = tags.need("h", "The signature does not say in h what it signs.")?;
    let fields: Vec<String> = fields.split(':').map(|name| name.trim().to_ascii_lowercase()).take(FIELDS_MAX).collect();
    if !fields.iter().any(|name| name == "from") {
        return Err("From is not among what it signs."); // section 5.4
    }
    let (header, body) = match tags.get("c").unwrap_or("simple").to_ascii_lowercase().as_str() {
        "simple" | "simple/simple" => (Canon::Simple, Canon::Simple),
        "simple/relaxed" => (Canon::Simple, Canon::Relaxed),
        "relaxed" | "relaxed/simple" => (Canon::Relaxed, Canon::Simple),
        "relaxed/relaxed" => (Canon::Relaxed, Canon::Relaxed),
        _ => return Err("c names a canonicalization that there is not."),
    };
    let number = |name: &str| tags.get(name).map(|text| text.parse::<u64>()).transpose();
    Ok(Signature {
        algorithm,
        domain,
        selector,
        fields,
        header,
        body,
        length: number("l").map_err(|_| "l is no number.")?,
        expires: number("x").map_err(|_| "x is no number.")?,
        body_hash: tags.bytes("bh", "The hash of the body in bh is missing or not base64.")?,
        signature: tags.signature()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "v=1; a=rsa-sha256; c=relaxed/simple; d=Example.org; s=S1; t=1; x=2; h=From: to:from; bh=AQID; b= AQ ID";

    #[test]
    fn what_is_read() {
        let read = read(GOOD).unwrap();
        assert_eq!((read.domain.as_str(), read.selector.as_str()), ("example.org", "s1"));
        assert_eq!((read.header, read.body, read.expires), (Canon::Relaxed, Canon::Simple, Some(2)));
        assert_eq!(
            (read.fields.as_slice(), read.signature),
            (&["from".into(), "to".into(), "from".into()][..], vec![1, 2, 3])
        );
    }

    #[test]
    fn what_is_refused() {
        for (from, to) in [
            ("v=1", "v=2"),
            ("v=1; ", ""),
            ("rsa-sha256", "rsa-sha1"),
            ("rsa-sha256", "dsa"),
            ("d=Example.org", "d="),
            ("d=Example.org", "d=a b"),
            ("s=S1", "x=S1"),
            ("h=From: to:from", "h=to"),
            ("relaxed/simple", "strict"),
            ("bh=AQID", "bh=!"),
            ("b= AQ ID", "b="),
            ("x=2", "x=soon"),
            ("t=1", "i=me@other.org"),
            ("t=1", "l=-1"),
            ("t=1", "t"),
        ] {
            let text = GOOD.replacen(from, to, 1);
            assert!(read(&text).is_err(), "{text}");
        }
        assert!(read(&GOOD.replacen("t=1", "i=me@sub.example.org", 1)).is_ok());
    }
}
