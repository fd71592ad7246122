//! What filters and scanners on the way out wrote into the header.

use super::Mail;
use super::words::Words;

/// How their fields begin, in lower case.
const FIELDS: [&str; 17] = [
    "x-virus",
    "x-antivirus",
    "x-amavis",
    "x-spam",
    "x-rspamd",
    "x-mailscanner",
    "x-barracuda",
    "x-ironport",
    "x-proofpoint",
    "x-mimecast",
    "x-sophos",
    "x-kaspersky",
    "x-kse",
    "x-eset",
    "x-fe-",
    "x-ms-exchange-organization-scl",
    "x-forefront-antispam",
];

/// So many are named.
const NAMED: usize = 12;

pub(super) fn of(mail: &Mail, words: &mut Words) {
    let mut names: Vec<&str> = Vec::new();
    let mut spam = false;
    for field in &mail.fields {
        let name = field.name.to_ascii_lowercase();
        // RFC 8601 section 5: results of one's own hosts are for one's own hosts.
        if !FIELDS.iter().any(|head| name.starts_with(head)) && name != "authentication-results" {
            continue;
        }
        let says_yes = field.text.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("yes"));
        spam |= says_yes && matches!(name.as_str(), "x-spam-flag" | "x-spam-status" | "x-spam");
        if !names.iter().any(|known| known.eq_ignore_ascii_case(&name)) && names.len() < NAMED {
            names.push(&field.name);
        }
    }
    if !names.is_empty() {
        words.say("filter-fields", names.join(", "));
    }
    if spam {
        words.say("marked-spam", names.join(", "));
    }
}
