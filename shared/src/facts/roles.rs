//! Whom the domain's zone names as its contact.

use super::Facts;
use crate::Unseen;
use crate::evidence::{Purpose, Record, Role, Target};
use crate::inquiry::RecordType;
use crate::local_part::LocalPart;

impl Facts<'_> {
    /// The mailbox at the domain itself that the SOA record of its own zone names (RFC 1035 section 3.3.13), by its
    /// local part. Nothing where the record names a mailbox elsewhere, even below the domain: other hosts take its mail.
    pub fn contact(&self) -> Result<Option<LocalPart>, Unseen> {
        let soa = match self.dns(self.domain(), RecordType::Soa) {
            Err(why @ (Unseen::Pending | Unseen::OverCap)) => return Err(why),
            Err(_) => return Ok(None),
            Ok(soa) => soa,
        };
        let Some(Record::Soa { contact, .. }) = soa.records.first().filter(|_| soa.aliases.is_empty()) else {
            return Ok(None);
        };
        Ok(match contact {
            Target::Name(name) => mailbox(name.as_str(), self.domain().as_str()),
            Target::Odd(text) => mailbox(text, self.domain().as_str()),
            Target::Root => None,
        })
    }

    /// The transaction that asks for the contact of the zone; nothing where it is not at the domain.
    pub fn contact_purpose(&self) -> Result<Option<Purpose>, Unseen> {
        Ok(self.contact()?.map(|local| of_local_part(&local)))
    }

    /// The contact where no other transaction asks for it.
    pub(super) fn odd_contact(&self) -> Result<Option<LocalPart>, Unseen> {
        Ok(self.contact()?.filter(|local| of_local_part(local) == Purpose::Role(Role::Contact)))
    }
}

fn of_local_part(local: &LocalPart) -> Purpose {
    match local.as_str() {
        "postmaster" => Purpose::Postmaster,
        "abuse" => Purpose::Abuse,
        name => Purpose::Role(Role::NAMED.into_iter().find(|role| role.name() == name).unwrap_or(Role::Contact)),
    }
}

/// The local part of a mailbox in the form of a name, if it is at the domain: what is before the first dot that has no
/// backslash in front (RFC 1035 section 8).
fn mailbox(text: &str, domain: &str) -> Option<LocalPart> {
    let mut escaped = false;
    let dot = text.char_indices().find(|(_, c)| {
        let found = *c == '.' && !escaped;
        escaped = *c == '\\' && !escaped;
        found
    })?;
    let (local, rest) = text.split_at(dot.0);
    let at = rest.strip_prefix('.')?.trim_end_matches('.').eq_ignore_ascii_case(domain);
    // Another escape than that of a dot is nothing that we would write to.
    at.then(|| LocalPart::new(&local.replace("\\.", ".")))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_in_the_form_of_names() {
        for (text, want) in [
            ("hostmaster.h.test", Some("hostmaster")),
            ("First\\.Last.H.test.", Some("first.last")),
            ("hostmaster.ns.h.test", None),
            ("dns.provider.example", None),
            ("h.test", None),
            ("a\\@b.h.test", None),
            ("a\\\\.h.test", None),
            ("a\\.h.test", None),
            ("", None),
        ] {
            assert_eq!(mailbox(text, "h.test").as_ref().map(LocalPart::as_str), want, "{text:?}");
        }
    }
}
