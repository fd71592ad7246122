//! What the header tells strangers: names and addresses of inner networks, versions.

use std::net::IpAddr;

use super::judge::say;
use super::{Mail, Said};
use crate::disclosure::{NameKind, Protocol, What, name_kind, told};
use crate::facts::Facts;
use crate::net::{NotPublic, not_public};
use crate::{DomainName, Verdict};

/// Fields in which mail programs and servers speak of themselves.
const PROGRAMS: [&str; 4] = ["X-Mailer", "User-Agent", "X-MimeOLE", "X-Newsreader"];

/// Fields that carry the address of whoever wrote the message.
const ORIGINS: [&str; 3] = ["X-Originating-IP", "X-Sender-IP", "X-Client-IP"];

/// So many lines are shown.
const SHOWN: usize = 10;

pub(super) fn of(mail: &Mail, facts: &Facts, said: &mut Vec<Said>) {
    let add = |said: &mut Vec<Said>,
               outcome: &str,
               verdict: Verdict,
               title: &str,
               mut lines: Vec<String>,
               change: Option<&str>| {
        lines.truncate(SHOWN);
        said.push(Said {
            check: "header-disclosure".to_owned(),
            ..say(outcome, verdict, title, lines.join("\n"), change)
        });
    };
    let line = |name: &str, text: &str| format!("{name}: {text}");
    // The first Received is of the service that took the message.
    let own = mail.fields.iter().filter(|field| field.is("Received")).skip(1);
    let inner: Vec<_> = own.filter(|field| is_inner(&field.text)).map(|field| line("Received", &field.text)).collect();
    let ids = mail.fields.iter().filter(|field| field.is("Message-ID"));
    let ids: Vec<_> = ids.filter(|field| is_inner(&field.text)).map(|field| line("Message-ID", &field.text)).collect();
    let origins = mail.fields.iter().filter(|field| ORIGINS.iter().any(|name| field.is(name)));
    let origins: Vec<_> = origins.map(|field| line(&field.name, &field.text)).collect();
    let programs = mail.fields.iter().filter(|field| {
        let speaks = PROGRAMS.iter().any(|name| field.is(name)) && field.text.contains(|c: char| c.is_ascii_digit());
        speaks
            || (field.is("Received") && {
                let told = told(Protocol::Imap, &field.text);
                told.has(What::Version) || told.has(What::Os)
            })
    });
    let programs: Vec<_> = programs.map(|field| line(&field.name, &field.text)).collect();
    if inner.is_empty() && ids.is_empty() && origins.is_empty() && programs.is_empty() {
        return add(said, "silent", Verdict::Clean, "The header tells nothing of what is inside", Vec::new(), None);
    }
    // A provider's own hops are not the domain's to change.
    let verdict = if is_own_server(mail, facts) { Verdict::Venial } else { Verdict::Note };
    let change = (verdict == Verdict::Venial)
        .then_some("Let the outgoing server drop or rewrite what inner hosts wrote into Received and Message-ID.");
    if !inner.is_empty() {
        add(said, "inner-hosts", verdict, "Received fields name hosts or addresses of an inner network", inner, change);
    }
    if !ids.is_empty() {
        add(said, "inner-message-id", verdict, "The Message-ID names a host of an inner network", ids, change);
    }
    if !origins.is_empty() {
        add(
            said,
            "origin-address",
            Verdict::Note,
            "The header tells the address that the message was written at",
            origins,
            None,
        );
    }
    if !programs.is_empty() {
        add(said, "software", Verdict::Note, "The header tells software and its version", programs, None);
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
