//! What a server's texts disclose to strangers: software, versions, systems, inner names and
//! addresses, and which characters do so.
//!
//! - `words` takes a line apart; `products` holds the names that are known, as data, and `named`
//!   finds them; `versions` knows the shapes of versions.
//! - `scan` finds software: known names, with `guess` whatever has the form of a name and a version, and with `place`
//!   names that stand where servers tell what they are.
//! - `hosts` and `inner` find names and addresses; `ntlm` and `id` read what has a form of its own.
//!
//! Queue ids, dates, versions of protocols, public host names and what a server repeats of its
//! client are no disclosures. In doubt a text discloses nothing.

mod guess;
mod hosts;
mod id;
mod inner;
mod named;
mod ntlm;
mod place;
mod products;
mod scan;
mod versions;
mod words;

use crate::facts::{IMAP, IMAPS, POP, POPS, SIEVE};

pub use hosts::greeting_name;
pub use inner::{NameKind, name_kind};
pub use ntlm::{Challenge, challenge, mask_challenge};

/// Whose text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// SMTP: a greeting begins with the host's name.
    Smtp,
    /// IMAP.
    Imap,
    /// POP3, and ManageSieve, which speaks of itself alike.
    Pop3,
}

impl Protocol {
    /// What is spoken on a port.
    pub const fn of(port: u16) -> Self {
        match port {
            IMAP | IMAPS => Self::Imap,
            POP | POPS | SIEVE => Self::Pop3,
            _ => Self::Smtp,
        }
    }
}

/// What a stretch of text discloses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// The product's name.
    Product,
    /// An exact version, patch level or date of the build.
    Version,
    /// The operating system or distribution.
    Os,
    /// A name under a suffix that only inner networks use.
    InternalName,
    /// A host's name without a domain.
    BareName,
    /// A private, unique local, carrier-grade NAT or link-local address.
    InternalAddress,
    /// An address of the host itself.
    Loopback,
}

impl What {
    /// The stable name: `product`, `version`, `os`, `internal-name`, `internal-address`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Version => "version",
            Self::Os => "os",
            Self::InternalName | Self::BareName => "internal-name",
            Self::InternalAddress | Self::Loopback => "internal-address",
        }
    }
}

/// A stretch of text that discloses something, in octets of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disclosure {
    /// What.
    pub what: What,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// All that a text discloses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What, in order of place.
    pub spans: Vec<Disclosure>,
    /// The product, as the text names it.
    pub product: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// The system.
    pub os: Option<String>,
}

impl Told {
    /// The stable names of what is disclosed, in the order of [`What`], each once.
    pub fn discloses(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for what in [What::Product, What::Version, What::Os, What::InternalName, What::InternalAddress] {
            if self.spans.iter().any(|span| span.what.name() == what.name()) {
                names.push(what.name());
            }
        }
        names
    }

    /// Is this disclosed?
    pub fn has(&self, what: What) -> bool {
        self.spans.iter().any(|span| span.what == what)
    }
}

/// A longer line is no server's text: RFC 5321 section 4.5.3.1.5 allows 512 octets, and drivers take
/// 4 KB. What stands behind is not read.
const LINE_MAX: usize = 8 * 1024;

/// What a text discloses: one or several lines, with or without the status in front of them.
pub fn told(protocol: Protocol, text: &str) -> Told {
    let mut told = Told::default();
    let mut offset = 0;
    for line in text.split('\n') {
        let mut start = offset;
        // People write line breaks as they see them in logs, too.
        for part in line.split_inclusive("\\r\\n") {
            let mut end = part.len().min(LINE_MAX);
            while !part.is_char_boundary(end) {
                end -= 1;
            }
            of_line(protocol, part.get(..end).unwrap_or(""), start, &mut told);
            start += part.len();
        }
        offset += line.len() + 1;
    }
    let part = |span: &Disclosure| text.get(span.start..span.end);
    let version = told.spans.iter().find(|span| span.what == What::Version);
    let mut product: Option<&Disclosure> = None;
    for span in told.spans.iter().filter(|span| span.what == What::Product) {
        // "(Nemesis) Haraka/2.8.27": a version is of the product before it, but "Cisco IronPort AsyncOS 15.0.1" is one
        // name, and an ID response tells each in a field of its own.
        let apart = |before: &Disclosure| {
            text.get(before.end..span.start).is_some_and(|gap| !gap.trim().is_empty() && !gap.contains('"'))
        };
        let owns = version.is_some_and(|version| span.end <= version.start);
        if product.is_none_or(|before| owns && apart(before)) {
            product = Some(span);
        }
    }
    told.product = product.and_then(part).map(str::to_owned);
    told.version = version.and_then(part).map(|version| versions::bare(version).to_owned());
    // "3.7.11-0+deb12u1 (Debian)": the longer name tells more.
    let systems = told.spans.iter().filter(|span| span.what == What::Os);
    let systems = systems.filter_map(|span| text.get(span.start..span.end));
    told.os = told.os.take().or_else(|| systems.rev().max_by_key(|system| system.len()).map(str::to_owned));
    told
}

/// What one line discloses, put behind what is known.
fn of_line(protocol: Protocol, line: &str, offset: usize, told: &mut Told) {
    let front = words::front(line);
    let mut found = Vec::new();
    let mut add = |what, start, end| found.push(Disclosure { what, start, end });
    if let Some((challenge, start, end)) = challenge(line) {
        if !challenge.names.is_empty() {
            add(What::InternalName, start, end);
        }
        if let Some((major, minor, build)) = challenge.build {
            add(What::Os, start, end);
            told.os.get_or_insert_with(|| format!("Windows {major}.{minor}.{build}"));
        }
    } else if !id::read(line, front, &mut found, &mut told.os) {
        let words = words::words(line, front.len);
        let skipped = hosts::names(protocol, front, line, &words, &mut found);
        scan::scan(line, &words, skipped, front, &mut found);
        if let Some((kind, _, start, end)) = ntlm::exchange_name(line) {
            match kind {
                NameKind::Internal => found.push(Disclosure { what: What::InternalName, start, end }),
                NameKind::SingleLabel => found.push(Disclosure { what: What::BareName, start, end }),
                NameKind::Public => {}
            }
        }
    }
    for (what, start, end) in inner::addresses(line) {
        // Four numbers behind a product's name are its version.
        if !found.iter().any(|known| known.what == What::Version && known.start < end && start < known.end) {
            found.push(Disclosure { what, start, end });
        }
    }
    found.sort_by_key(|span| (span.start, span.what));
    // A system in a version's tail is found with the product and with the version.
    found.dedup();
    told.spans.extend(found.into_iter().map(|span| Disclosure {
        start: span.start + offset,
        end: span.end + offset,
        ..span
    }));
}
