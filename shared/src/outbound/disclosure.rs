//! What the header tells strangers: names and addresses of inner networks, versions.

use std::net::IpAddr;

use super::Mail;
use super::message::Field;
use super::words::Words;
use crate::DomainName;
use crate::disclosure::{NameKind, Protocol, What, name_kind, told};
use crate::facts::Facts;
use crate::net::{NotPublic, not_public};

/// Fields in which mail programs and servers speak of themselves.
const PROGRAMS: [&str; 4] = ["X-Mailer", "User-Agent", "X-MimeOLE", "X-Newsreader"];

/// Fields that carry the address of whoever wrote the message.
const ORIGINS: [&str; 3] = ["X-Originating-IP", "X-Sender-IP", "X-Client-IP"];

/// The check.
const CHECK: &str = "header-disclosure";

/// So many lines are shown.
const SHOWN: usize = 10;

/// Fields in which filters write which rules they went by.
const RULES: [&str; 6] = [
    "X-Spam-Status",
    "X-Spam-Report",
    "X-Spamd-Result",
    "X-Spamd-Bar",
    "X-Spam-Level",
    "X-MS-Exchange-Organization-SCL",
];

pub(super) fn of(mail: &Mail, facts: &Facts, words: &mut Words) {
    let lines = |wanted: &dyn Fn(&Field) -> bool, skip: usize| {
        let found = mail.fields.iter().filter(|field| wanted(field)).skip(skip);
        found.map(|field| format!("{}: {}", field.name, field.text)).collect::<Vec<_>>()
    };
    // The first Received is of the service that took the message, where it wrote one.
    let own = usize::from(mail.hop.is_some());
    let inner = lines(&|field| field.is("Received"), own);
    let inner: Vec<_> = inner.into_iter().filter(|line| is_inner(line)).collect();
    let ids = lines(&|field| field.is("Message-ID") && is_inner(&field.text), 0);
    let origins = lines(&|field| ORIGINS.iter().any(|name| field.is(name)), 0);
    let programs = lines(
        &|field| {
            let speaks =
                PROGRAMS.iter().any(|name| field.is(name)) && field.text.contains(|c: char| c.is_ascii_digit());
            speaks
                || (field.is("Received") && {
                    let told = told(Protocol::Imap, &field.text);
                    told.has(What::Version) || told.has(What::Os)
                })
        },
        0,
    );
    let rules = lines(&|field| RULES.iter().any(|name| field.is(name)), 0);
    // A provider's own hops are not the domain's to change.
    let (hosts, id) = if is_own_server(mail, facts) {
        ("inner-hosts", "inner-message-id")
    } else {
        ("provider-hosts", "provider-hosts")
    };
    let all =
        [(hosts, inner), (id, ids), ("origin-address", origins), ("software", programs), ("filter-details", rules)];
    if all.iter().all(|(_, lines)| lines.is_empty()) {
        return words.say_of(CHECK, "silent", "");
    }
    for (code, mut lines) in all.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        lines.truncate(SHOWN);
        words.say_of(CHECK, code, lines.join("\n"));
    }
}

/// Is there a name or address of an inner network in it?
fn is_inner(text: &str) -> bool {
    // Numbers of versions and dates look like neither.
    text.split(|c: char| c.is_whitespace() || "()[]<>;,@=\"".contains(c)).any(|word| {
        let word = word.strip_prefix("IPv6:").unwrap_or(word);
        match word.parse::<IpAddr>() {
            Ok(address) => {
                use NotPublic::{LinkLocal, Private, SharedCgnat, UniqueLocal};
                matches!(not_public(address), Some(Private | LinkLocal | SharedCgnat | UniqueLocal))
            }
            Err(_) => word.contains('.') && name_kind(word) == Some(NameKind::Internal),
        }
    })
}

/// Was it handed over by a server of the author's own organization?
fn is_own_server(mail: &Mail, facts: &Facts) -> bool {
    let (Some(hop), Ok(author)) = (&mail.hop, &mail.author) else { return false };
    let Ok(helo) = DomainName::new(&hop.helo) else { return false };
    facts.organization(author).is_ok_and(|organization| helo.is_within(&organization)) || helo.is_within(author)
}
