//! Linters: everything that is wrong with one record, policy or greeting, each fault with its place.
//!
//! - The readers in [`crate::syntax`] and [`crate::spf`] name the faults of what they read; here
//!   stands what they need not know, such as a version that is almost right.
//! - [`verdict`] is the table of what each fault is worth.

mod banner;
mod dkim;
mod dmarc;
mod spf;
mod version;
mod zone;

pub use banner::disclosed;

use crate::Verdict;
use crate::syntax::{Bad, Fault, bimi, consent, mta_sts, tls_rpt, tlsa};

/// What a text is meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An SPF record.
    Spf,
    /// A DMARC record.
    Dmarc,
    /// A DKIM key record.
    Dkim,
    /// The TXT record of MTA-STS.
    MtaStsTxt,
    /// The policy file of MTA-STS.
    MtaStsPolicy,
    /// A TLS reporting record.
    TlsRpt,
    /// The data of a TLSA record.
    Tlsa,
    /// A BIMI record.
    Bimi,
    /// What a domain's operator allows or forbids us.
    Consent,
    /// What an SMTP server says: its greeting, or another reply.
    SmtpBanner,
    /// What an IMAP server says.
    ImapBanner,
    /// What a POP3 server says.
    Pop3Banner,
}

impl Kind {
    /// All of them, in the order of a page.
    pub const ALL: &[Self] = &[
        Self::Spf,
        Self::Dmarc,
        Self::Dkim,
        Self::MtaStsTxt,
        Self::MtaStsPolicy,
        Self::TlsRpt,
        Self::Tlsa,
        Self::Bimi,
        Self::Consent,
        Self::SmtpBanner,
        Self::ImapBanner,
        Self::Pop3Banner,
    ];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spf => "spf",
            Self::Dmarc => "dmarc",
            Self::Dkim => "dkim",
            Self::MtaStsTxt => "mta-sts-txt",
            Self::MtaStsPolicy => "mta-sts-policy",
            Self::TlsRpt => "tls-rpt",
            Self::Tlsa => "tlsa",
            Self::Bimi => "bimi",
            Self::Consent => "consent",
            Self::SmtpBanner => "smtp-banner",
            Self::ImapBanner => "imap-banner",
            Self::Pop3Banner => "pop3-banner",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Is it the text of a TXT record?
    pub const fn is_txt(self) -> bool {
        !matches!(self, Self::MtaStsPolicy | Self::Tlsa) && !self.is_banner()
    }

    /// Is it what a server says?
    pub const fn is_banner(self) -> bool {
        matches!(self, Self::SmtpBanner | Self::ImapBanner | Self::Pop3Banner)
    }
}

/// The most octets that drivers take.
pub const TEXT_MAX: usize = 64 * 1024;

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// The worst of the faults; clean if there is none.
    pub verdict: Verdict,
    /// All of them, by their place.
    pub faults: Vec<Fault>,
}

/// Everything that is wrong with a text. The text of a TXT record may stand in the quotes of a
/// zone file, in one string or in several; places are those in the text as it was given.
pub fn lint(kind: Kind, text: &str) -> Lint {
    let faults = in_zone(kind, text, &|text| of_text(kind, text));
    let verdict = faults.iter().map(|fault| verdict(kind, fault.code)).max().unwrap_or(Verdict::Clean);
    Lint { verdict, faults }
}

const UNBALANCED: Bad = ("unbalanced-quotes", "The quotation marks around the text are not in pairs.");

/// The faults of [`lint`] for an SPF record, for whoever needs no other linter.
pub(crate) fn spf(text: &str) -> Vec<Fault> {
    in_zone(Kind::Spf, text, &spf::faults)
}

/// The faults of a text that may stand in the quotes of a zone file, by their place.
fn in_zone(kind: Kind, text: &str, of_text: &dyn Fn(&str) -> Vec<Fault>) -> Vec<Fault> {
    let zone = if kind.is_txt() { zone::read(text) } else { None };
    let mut faults = match &zone {
        Some(zone) => {
            let faults = of_text(&zone.text).into_iter().chain(zone.long()).map(|fault| zone.place(fault));
            faults.chain(zone.glued(kind)).collect()
        }
        None => without_zone(kind, text, of_text),
    };
    faults.sort();
    faults.dedup();
    faults
}

/// Reads a text that is not in quotes, or in none that can be made out.
fn without_zone(kind: Kind, text: &str, of_text: &dyn Fn(&str) -> Vec<Fault>) -> Vec<Fault> {
    let Some(bare) = text.trim_start().strip_prefix('"').filter(|_| kind.is_txt()) else {
        return of_text(text);
    };
    let skipped = text.len() - bare.len();
    let moved = |fault: Fault| Fault { start: fault.start + skipped, end: fault.end + skipped, ..fault };
    let mut faults: Vec<_> = of_text(bare).into_iter().map(moved).collect();
    faults.push(Fault::new(UNBALANCED, skipped - 1, skipped));
    faults
}

fn of_text(kind: Kind, text: &str) -> Vec<Fault> {
    match kind {
        Kind::Spf => spf::faults(text),
        Kind::Dmarc => dmarc::faults(text),
        Kind::TlsRpt => version::with(text, &version::TLS_RPT, tls_rpt::faults(text)),
        Kind::Bimi => version::with(text, &version::BIMI, bimi::faults(text)),
        Kind::Consent => {
            let mut faults = consent::faults(text);
            faults.retain(|fault| fault.code != "version-case"); // told more closely here
            version::with(text, &version::CONSENT, faults)
        }
        Kind::Dkim => dkim::faults(text),
        Kind::MtaStsTxt => {
            let mut faults = mta_sts::txt_faults(text);
            faults.retain(|fault| fault.code != "version"); // told more closely here
            version::with(text, &version::MTA_STS, faults)
        }
        Kind::MtaStsPolicy => {
            let policy = mta_sts::policy(text);
            let mut faults = policy.faults;
            if policy.mode == Some(mta_sts::Mode::Enforce)
                && policy.max_age.is_some_and(|age| age < DAY)
                && let Some(at) = text.find("max_age:")
            {
                let end = text.get(at..).and_then(|rest| rest.find(['\r', '\n'])).map_or(text.len(), |end| at + end);
                faults.push(Fault::new(SHORT_LIVED, at, end));
            }
            faults
        }
        Kind::Tlsa => {
            let text = &uncommented(text);
            let data = tlsa_data(text);
            let rest = text.get(data..).unwrap_or("");
            if let Some(at) = rest.find(|c: char| !c.is_whitespace()).filter(|at| rest.get(*at..*at + 2) == Some("\\#"))
            {
                return vec![Fault::new(GENERIC, data + at, data + at + 2)];
            }
            let moved = |fault: Fault| Fault { start: fault.start + data, end: fault.end + data, ..fault };
            tlsa::faults(text.get(data..).unwrap_or("")).into_iter().map(moved).collect()
        }
        Kind::SmtpBanner | Kind::ImapBanner | Kind::Pop3Banner => banner::faults(kind, text),
    }
}

const SHORT_LIVED: Bad =
    ("short-lived", "Senders forget the policy within a day: weeks are usual (RFC 8461 section 3.2).");
const DAY: u32 = 86_400;
const GENERIC: Bad = (
    "generic-form",
    "This is the form for types that a server does not know (RFC 3597 section 5): it is not read here.",
);

/// A text of a zone with spaces in place of its comments (RFC 1035 section 5.1).
fn uncommented(text: &str) -> String {
    let mut comment = false;
    let octets = text.bytes().map(|octet| {
        comment = octet != b'\n' && (comment || octet == b';');
        if comment { b' ' } else { octet }
    });
    // Comments begin and end with ASCII, so that no character is cut.
    String::from_utf8(octets.collect()).unwrap_or_default()
}

/// Where the data begins in a whole line of a zone, such as `_25._tcp.mx 3600 IN TLSA 3 1 1 ...`.
fn tlsa_data(text: &str) -> usize {
    let mut end = 0;
    // Name, TTL and class may stand before the type.
    for word in text.split_inclusive(char::is_whitespace).take(8) {
        end += word.len();
        if word.trim_end().eq_ignore_ascii_case("TLSA") {
            return end;
        }
    }
    0
}

/// What a fault is worth: mortal where receivers can't use the record, or where it allows what it
/// must not; venial where it should be better; a note where receivers skip or forgive it.
pub fn verdict(kind: Kind, code: &str) -> Verdict {
    let milder = MILDER.iter().find(|(kinds, known, _)| *known == code && kinds.contains(&kind));
    milder.map_or(Verdict::Mortal, |(_, _, verdict)| *verdict)
}

/// The faults that are not mortal.
const MILDER: &[(&[Kind], &str, Verdict)] = {
    use Kind::{
        Bimi, Consent, Dkim, Dmarc, ImapBanner, MtaStsPolicy, MtaStsTxt, Pop3Banner, SmtpBanner, Spf, TlsRpt, Tlsa,
    };
    use Verdict::{Note, Venial};
    &[
        (&[Spf], "split-without-space", Venial),
        (&[Dmarc, MtaStsTxt, TlsRpt, Bimi, Consent], "split-without-semicolon", Venial),
        (&[Spf], "neutral-all", Venial),
        (&[Spf], "no-all", Venial),
        (&[Spf], "ptr", Venial),
        (&[Spf], "equals-for-colon", Venial),
        (&[Spf], "repeated-version", Venial),
        (&[Spf], "behind-all", Note),
        (&[Spf], "redirect-ignored", Note),
        (&[Spf], "repeated-term", Note),
        (&[Spf], "unknown-modifier", Note),
        (&[Spf], "long", Note),
        (&[Spf], "macro-p", Note),
        (&[Spf], "odd-domain", Note),
        (&[Dmarc], "missing-policy", Venial),
        (&[Dmarc], "bad-policy", Venial),
        (&[Dmarc], "comma-for-semicolon", Venial),
        (&[Dmarc], "no-mailto", Venial),
        (&[Dmarc], "bad-address", Venial),
        (&[Dmarc], "removed-tag", Note),
        (&[Dmarc], "size-limit", Note),
        (&[Dmarc], "mailto-slashes", Note),
        (&[Dmarc, Bimi], "bad-value", Note),
        (&[Dmarc, Bimi], "not-a-tag", Note),
        (&[Dmarc, Bimi], "unknown-tag", Note),
        (&[Dmarc, Bimi], "repeated-tag", Note),
        (&[Consent], "contradiction", Note),
        (&[Bimi], "not-svg", Note),
        (&[Bimi], "old-self", Note),
        (&[Dkim], "weak-key", Venial),
        (&[Dkim], "bare-rsa-key", Note),
        (&[Dkim], "long-key", Note),
        (&[Dkim], "revoked", Note),
        (&[Dkim], "testing", Note),
        (&[MtaStsTxt, MtaStsPolicy], "repeated-field", Note),
        (&[MtaStsTxt, MtaStsPolicy], "empty-line", Note),
        (&[MtaStsPolicy], "short-lived", Note),
        (&[Tlsa], "generic-form", Note),
        (&[Tlsa], "pkix-usage", Venial),
        (&[SmtpBanner, ImapBanner, Pop3Banner], "os", Venial),
        (&[SmtpBanner, ImapBanner, Pop3Banner], "bare-name", Venial),
        (&[SmtpBanner, ImapBanner, Pop3Banner], "product", Note),
        (&[SmtpBanner, ImapBanner, Pop3Banner], "loopback-address", Note),
    ]
};

#[cfg(test)]
mod tests;
