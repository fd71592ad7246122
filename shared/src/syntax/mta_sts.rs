//! MTA-STS: the TXT record and the policy file (RFC 8461 sections 3.1 and 3.2).

use super::Fault;
use crate::evidence::DnsAnswer;
use crate::{DomainName, HttpsUrl};

/// The longest lifetime of a policy, in seconds (RFC 8461 section 3.2).
const MAX_AGE_MAX: u32 = 31_557_600;

/// The most faults that are told of one text.
const FAULTS_MAX: usize = 50;

/// Faults in spite of which senders can use the text: what is repeated is ignored (RFC 8461
/// section 3.2), and an empty line holds nothing.
const HARMLESS: [&str; 2] = ["repeated-field", "empty-line"];

/// What the TXT records of a name hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The records that begin with `v=STSv1;`: senders look at no others.
    pub records: Vec<String>,
    /// Others that were probably meant to be one.
    pub look_alikes: Vec<String>,
}

/// Where a domain's record stands.
pub fn name(domain: &DomainName) -> Option<DomainName> {
    domain.under("_mta-sts")
}

/// Where a domain's policy stands (RFC 8461 section 3.2).
pub fn policy_url(domain: &DomainName) -> Option<HttpsUrl> {
    HttpsUrl::of(&domain.under("mta-sts")?, "/.well-known/mta-sts.txt")
}

/// Sorts the TXT records of the name.
pub fn read(answer: &DnsAnswer) -> Found {
    let (records, rest) = answer.texts().into_iter().partition::<Vec<_>, _>(|text| begins_right(text));
    let close = |text: &String| text.to_ascii_lowercase().contains("stsv1");
    Found { records, look_alikes: rest.into_iter().filter(close).collect() }
}

/// The grammar allows space before the semicolon (RFC 8461 section 3.1, `sts-field-delim`); the
/// prose of the same section compares with `v=STSv1;` (erratum 6285).
fn begins_right(text: &str) -> bool {
    text.strip_prefix("v=STSv1").is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with(';'))
}

/// A TXT record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Txt {
    /// Changes with each change of the policy.
    pub id: Option<String>,
    /// What is wrong with the record.
    pub faults: Vec<Fault>,
}

/// What is wrong with a TXT record at `_mta-sts.`.
pub fn txt_faults(text: &str) -> Vec<Fault> {
    txt(text).faults
}

/// Can senders use the text, in spite of these faults?
pub fn usable(faults: &[Fault]) -> bool {
    faults.iter().all(|fault| HARMLESS.contains(&fault.code))
}

/// Reads a TXT record (RFC 8461 section 3.1, `sts-text-record`).
pub fn txt(text: &str) -> Txt {
    let mut found = Txt { id: None, faults: Vec::new() };
    let mut ids = 0;
    let mut start = 0;
    if !begins_right(text) {
        let end = text.find(';').unwrap_or(text.len());
        tell(
            &mut found.faults,
            (0, end),
            "version",
            "The record must begin with v=STSv1; (RFC 8461 section 3.1), or senders pass it over.",
        );
    }
    for (index, field) in text.split(';').enumerate() {
        let trimmed = field.trim_matches([' ', '\t']);
        let from = start + field.len() - field.trim_start_matches([' ', '\t']).len();
        let place = (from, from + trimmed.len());
        start += field.len() + 1;
        // The version; and the end, which may have a delimiter before it.
        if (index == 0 && trimmed.starts_with("v=")) || (trimmed.is_empty() && start > text.len()) {
            continue;
        }
        match trimmed.split_once('=') {
            Some(("id", value)) => {
                ids += 1;
                if ids > 1 {
                    repeated(&mut found.faults, place);
                } else if is_id(value) {
                    found.id = Some(value.to_owned());
                } else {
                    tell(
                        &mut found.faults,
                        place,
                        "id",
                        "The id must be 1 to 32 letters and digits (RFC 8461 section 3.1).",
                    );
                }
            }
            Some((name, value)) if is_name(name) && is_value(value, false) => {}
            _ => tell(
                &mut found.faults,
                place,
                "not-a-field",
                "Fields are name=value, without spaces, separated by semicolons (RFC 8461 section 3.1).",
            ),
        }
    }
    if ids == 0 {
        tell(
            &mut found.faults,
            (text.len(), text.len()),
            "id-missing",
            "The record must have an id (RFC 8461 section 3.1).",
        );
    }
    found
}

/// What senders do with the policy (RFC 8461 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They deliver only where it is followed.
    Enforce,
    /// They deliver, and report where it is not.
    Testing,
    /// Nothing: there is no policy any more.
    None,
}

/// A policy file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// What senders do with it.
    pub mode: Option<Mode>,
    /// How long senders may go by it, in seconds.
    pub max_age: Option<u32>,
    /// The patterns of MX hosts, in lower case, sorted.
    mx: Vec<String>,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

impl Policy {
    /// Does a pattern match this MX host? `*.` stands for exactly one label, the left-most (RFC
    /// 8461 section 4.1).
    pub fn allows(&self, host: &DomainName) -> bool {
        let has = |pattern: &str| self.mx.binary_search_by(|known| known.as_str().cmp(pattern)).is_ok();
        has(host.as_str()) || host.as_str().split_once('.').is_some_and(|(_, parent)| has(&format!("*.{parent}")))
    }
}

/// What is wrong with a policy file.
pub fn policy_faults(text: &str) -> Vec<Fault> {
    policy(text).faults
}

/// Reads a policy file (RFC 8461 section 3.2, `sts-policy-record`). The fields may come in any
/// order; those that nobody knows are allowed.
pub fn policy(text: &str) -> Policy {
    let mut read = Policy::default();
    let mut seen = [0_usize; 4];
    let mut start = 0;
    for line in text.split('\n') {
        let place = (start, start + line.strip_suffix('\r').unwrap_or(line).len());
        start += line.len() + 1;
        let line = line.strip_suffix('\r').unwrap_or(line).trim_end_matches([' ', '\t']);
        if line.is_empty() {
            // The last line may end like the others.
            if start <= text.len() {
                tell(
                    &mut read.faults,
                    place,
                    "empty-line",
                    "Each line must be a field (RFC 8461 section 3.2); this one is empty.",
                );
            }
            continue;
        }
        field(&mut read, &mut seen, line, place);
    }
    read.mx.sort_unstable();
    let end = (text.len(), text.len());
    let [versions, modes, ages, patterns] = seen;
    let missing = [
        (versions, "version-missing", "The policy must say version: STSv1 (RFC 8461 section 3.2)."),
        (modes, "mode-missing", "The policy must say mode: enforce, testing or none (RFC 8461 section 3.2)."),
        (ages, "max-age-missing", "The policy must say max_age (RFC 8461 section 3.2)."),
        // A policy of none applies to no host, and goes without.
        (
            patterns + usize::from(read.mode == Some(Mode::None)),
            "mx-missing",
            "The policy must name the MX hosts, each as mx: and its name (RFC 8461 section 3.2).",
        ),
    ];
    for (count, code, message) in missing {
        if count == 0 {
            tell(&mut read.faults, end, code, message);
        }
    }
    read
}

fn field(read: &mut Policy, seen: &mut [usize; 4], line: &str, place: (usize, usize)) {
    let [versions, modes, ages, patterns] = seen;
    let (name, value) = line.split_once(':').unwrap_or((line, ""));
    let value = value.trim_start_matches([' ', '\t']);
    let count = match name {
        "version" => versions,
        "mode" => modes,
        "max_age" => ages,
        "mx" => {
            *patterns += 1;
            if is_pattern(value) {
                read.mx.push(value.to_ascii_lowercase());
            } else {
                tell(
                    &mut read.faults,
                    place,
                    "mx",
                    "This must be a host name, or *. and a domain (RFC 8461 section 3.2).",
                );
            }
            return;
        }
        _ => {
            if !is_name(name) || !is_value(value, true) {
                tell(
                    &mut read.faults,
                    place,
                    "not-a-field",
                    "Each line must be a name, a colon and a value (RFC 8461 section 3.2).",
                );
            }
            return;
        }
    };
    *count += 1;
    if *count > 1 {
        repeated(&mut read.faults, place);
        return;
    }
    let fault = match name {
        "version" if value == "STSv1" => return,
        "version" => ("version", "The version must be STSv1 (RFC 8461 section 3.2)."),
        "mode" => {
            read.mode = match value {
                "enforce" => Some(Mode::Enforce),
                "testing" => Some(Mode::Testing),
                "none" => Some(Mode::None),
                _ => None,
            };
            ("mode", "The mode must be enforce, testing or none, in lower case (RFC 8461 section 3.2).")
        }
        _ => {
            read.max_age = seconds(value);
            ("max-age", "The max_age must be a number of seconds from 0 to 31557600 (RFC 8461 section 3.2).")
        }
    };
    let fine = (name == "mode" && read.mode.is_some()) || (name == "max_age" && read.max_age.is_some());
    if !fine {
        tell(&mut read.faults, place, fault.0, fault.1);
    }
}

fn tell(faults: &mut Vec<Fault>, (start, end): (usize, usize), code: &'static str, message: &'static str) {
    if faults.len() < FAULTS_MAX {
        faults.push(Fault { start, end, code, message });
    }
}

fn repeated(faults: &mut Vec<Fault>, place: (usize, usize)) {
    // RFC 8461 section 3.2, of records and policies alike.
    tell(
        faults,
        place,
        "repeated-field",
        "This field stands there already; senders ignore all but the first (RFC 8461 section 3.2).",
    );
}

fn is_id(value: &str) -> bool {
    (1..=32).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// The name of a field that RFC 8461 does not know: `sts-ext-name`, `sts-policy-ext-name`.
fn is_name(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

/// The value of such a field. In a record there is no "=" and no space in it; in a policy spaces
/// and UTF-8 are allowed.
fn is_value(value: &str, in_policy: bool) -> bool {
    let allowed = |c: char| match in_policy {
        true => !c.is_control(),
        false => c.is_ascii_graphic() && c != '=',
    };
    !value.is_empty() && value.chars().all(allowed)
}

fn is_pattern(value: &str) -> bool {
    let domain = value.strip_prefix("*.").unwrap_or(value);
    domain.parse::<std::net::IpAddr>().is_err()
        && !domain.ends_with('.')
        && DomainName::new(domain).is_ok_and(|domain| domain.is_host())
}

fn seconds(value: &str) -> Option<u32> {
    let digits = (1..=10).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit());
    value.parse().ok().filter(|seconds| digits && *seconds <= MAX_AGE_MAX)
}

#[cfg(test)]
mod tests;
