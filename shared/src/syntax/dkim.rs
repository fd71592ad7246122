//! DKIM key records (RFC 6376 section 3.6.1, with RFC 8301 and RFC 8463).

mod key;

pub(crate) use key::base64;

#[cfg(test)]
mod tests;

use super::Fault;
use crate::DomainName;

pub use key::Kind;

/// How many tags are compared with those that follow, to find one that stands there twice.
const TAGS_COMPARED: usize = 64;

/// The code of the one fault that keeps nobody from using a key.
const BARE: &str = "bare-rsa-key";

/// What a key record says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// The key; nothing where it is revoked or can't be read.
    pub kind: Option<Kind>,
    /// `p=` is empty.
    pub revoked: bool,
    /// `t=y`: receivers treat mail whose signature fails as if it had none.
    pub testing: bool,
    /// `t=s`: the identity of the signature must be of this very domain, not of one below it.
    pub strict: bool,
    /// Where the whole of `p=` stands, in octets.
    pub key_at: (usize, usize),
    /// Where the whole of `t=` stands.
    pub flags_at: (usize, usize),
    /// Everything that is wrong with it, in no order.
    pub faults: Vec<Fault>,
}

impl Key {
    /// Is there a fault that may keep receivers from using it?
    pub fn is_faulty(&self) -> bool {
        self.faults.iter().any(|fault| fault.code != BARE)
    }

    /// Is the key written without its frame, which RFC 6376 asks for and few others do?
    pub fn is_bare(&self) -> bool {
        self.faults.iter().any(|fault| fault.code == BARE)
    }

    fn fault(&mut self, (start, end): (usize, usize), code: &'static str, message: &'static str) {
        self.faults.push(Fault { start, end, code, message });
    }
}

/// Where the keys of a domain stand (RFC 6376 section 3.6.2.1). Nothing if the name would be too
/// long.
pub fn name(selector: &str, domain: &DomainName) -> Option<DomainName> {
    domain.under(&format!("{selector}._domainkey"))
}

/// Was this text meant to be a key record? The version may be left out, and wildcards answer with
/// records of every other sort.
pub fn is_key(text: &str) -> bool {
    let mut keyed = false;
    for (index, part) in text.split(';').take(TAGS_COMPARED).enumerate() {
        let Some((name, value)) = part.split_once('=') else { continue };
        match (name.trim(), value.trim()) {
            ("v", version) if index == 0 => {
                return version.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("dkim"));
            }
            ("v", version) if version.starts_with("DKIM") => return true,
            ("p", value) if value.is_empty() || value.len() > 40 => keyed = true,
            _ => {}
        }
    }
    keyed
}

/// Reads a record. Of a repeated tag the first stands.
pub fn parse(text: &str) -> Key {
    let mut key = Key::default();
    let tags = tags(text, &mut key);
    let get = |name| tags.iter().find(|tag| tag.name == name);
    if let Some(version) = get("v") {
        if version.start != tags.first().map_or(0, |tag| tag.start) {
            key.fault(version.place(), "version-not-first", "v= must be the first tag (RFC 6376 section 3.6.1).");
        }
        if version.value != "DKIM1" {
            let message =
                "The version must be exactly DKIM1, or receivers discard the record (RFC 6376 section 3.6.1).";
            key.fault(version.place(), "bad-version", message);
        }
    }
    if let Some(hashes) = get("h").filter(|hashes| !hashes.lists(&["sha256"])) {
        // RFC 8301 section 3.1: rsa-sha1 must be neither used nor accepted.
        let message = "The only hash algorithm in use, sha256, is not among these (RFC 6376 section 3.6.1, RFC 8301 section 3.1).";
        key.fault(hashes.place(), "no-sha256", message);
    }
    if let Some(services) = get("s").filter(|services| !services.lists(&["*", "email"])) {
        let message =
            "The key is for neither email nor every service, so it does not count for mail (RFC 6376 section 3.6.1).";
        key.fault(services.place(), "not-for-email", message);
    }
    if let Some(flags) = get("t") {
        (key.testing, key.strict, key.flags_at) = (flags.lists(&["y"]), flags.lists(&["s"]), flags.place());
    }
    let ed25519 = match get("k") {
        None => Some(false), // RFC 6376 section 3.6.1: the default is rsa.
        Some(kind) if kind.value.eq_ignore_ascii_case("rsa") => Some(false),
        Some(kind) if kind.value.eq_ignore_ascii_case("ed25519") => Some(true),
        Some(kind) => {
            let message =
                "The key is neither rsa nor ed25519, and receivers ignore other types (RFC 6376 section 3.6.1).";
            key.fault(kind.place(), "unknown-key-type", message);
            None
        }
    };
    match get("p") {
        Some(data) => read(&mut key, data, ed25519),
        None => key.fault((text.len(), text.len()), "missing-key", "p= is missing (RFC 6376 section 3.6.1)."),
    }
    key
}

/// Everything that is wrong with a record, in the order of its places.
pub fn faults(text: &str) -> Vec<Fault> {
    let mut faults = parse(text).faults;
    faults.sort();
    faults
}

/// Reads the key itself; `ed25519` is its type, if known.
fn read(key: &mut Key, data: &Tag<'_>, ed25519: Option<bool>) {
    key.key_at = data.place();
    key.revoked = data.value.is_empty(); // RFC 6376 section 3.6.1
    if key.revoked {
        return;
    }
    let bytes = match key::base64(data.value) {
        Ok(bytes) => bytes,
        Err(places) => {
            for (start, end) in places {
                let message = "This is not base64 (RFC 6376 section 3.6.1).";
                key.fault((data.at + start, data.at + end), "bad-base64", message);
            }
            return;
        }
    };
    let place = (data.at, data.end);
    match ed25519 {
        // RFC 8463 section 4: the 32 octets of the key, without a frame.
        Some(true) if bytes.len() == 32 => key.kind = Some(Kind::Ed25519),
        Some(true) => {
            let message = "An Ed25519 key is the base64 of 32 octets, and this is something else (RFC 8463 section 4).";
            key.fault(place, "not-a-key", message);
        }
        Some(false) => match key::rsa(&bytes) {
            Some((bits, bare)) => {
                key.kind = Some(Kind::Rsa { bits });
                if bare {
                    let message = "This is a bare RSAPublicKey. RFC 6376 section 3.6.1 asks for it, but nearly everyone publishes a SubjectPublicKeyInfo, and some receivers read nothing else.";
                    key.fault(place, BARE, message);
                }
            }
            None => key.fault(place, "not-a-key", "This base64 holds no RSA public key (RFC 6376 section 3.6.1)."),
        },
        None => {}
    }
}

/// A tag with its place, in octets.
struct Tag<'a> {
    name: &'a str,
    value: &'a str,
    start: usize,
    end: usize,
    /// Where the value begins.
    at: usize,
}

impl Tag<'_> {
    fn place(&self) -> (usize, usize) {
        (self.start, self.end)
    }

    /// Is one of these in the value, a list with colons? Unknown members are ignored (RFC 6376
    /// section 3.6.1).
    fn lists(&self, wanted: &[&str]) -> bool {
        self.value.split(':').any(|word| wanted.iter().any(|wanted| trim(word).eq_ignore_ascii_case(wanted)))
    }
}

/// The tags of a list (RFC 6376 section 3.2), each name once.
fn tags<'a>(text: &'a str, key: &mut Key) -> Vec<Tag<'a>> {
    let mut tags: Vec<Tag<'a>> = Vec::new();
    let mut next = 0;
    for whole in text.split(';') {
        let part = trim(whole);
        let start = next + whole.len() - whole.trim_start_matches(SPACE).len();
        next += whole.len() + 1;
        let place = (start, start + part.len());
        // A semicolon may follow the last tag.
        if part.is_empty() && next > text.len() && !tags.is_empty() {
            continue;
        }
        let Some((name, value)) = part.split_once('=').filter(|(name, _)| is_name(trim(name))) else {
            // Between two semicolons there is nothing to show but the second.
            let place =
                if part.is_empty() { (next.min(text.len()).saturating_sub(1), next.min(text.len())) } else { place };
            key.fault(place, "not-a-tag", "This is not of the form tag=value (RFC 6376 section 3.2).");
            continue;
        };
        let (name, value) = (trim(name), trim(value));
        if tags.iter().take(TAGS_COMPARED).any(|tag| tag.name == name) {
            let message =
                "A tag stands here for the second time, which spoils the whole record (RFC 6376 section 3.2).";
            key.fault(place, "repeated-tag", message);
            continue;
        }
        tags.push(Tag { name, value, start, end: place.1, at: place.1 - value.len() });
    }
    tags
}

/// What may be folded in: RFC 6376 section 2.8.
const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

fn trim(text: &str) -> &str {
    text.trim_matches(SPACE)
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
