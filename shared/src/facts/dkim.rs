//! Where a domain's DKIM keys may stand, and what stands there.
//!
//! DNS has no list of selectors (RFC 6376 section 3.1), so those that nobody named are guessed.

use super::{Facts, Route};
use crate::evidence::{DnsAnswer, Target};
use crate::inquiry::RecordType;
use crate::spf::record::{Mechanism, Qualifier, parse, records};
use crate::syntax::dkim;
use crate::{DomainName, Unseen};

/// The most selectors that are guessed.
const GUESSES_MAX: usize = 12;

/// The selectors that providers tell their customers to publish, by a name that their MX targets
/// and SPF includes end in.
const PROVIDERS: &[(&[&str], &[&str])] = &[
    (&["google.com", "googlemail.com"], &["google"]),
    (&["outlook.com", "mx.microsoft"], &["selector1", "selector2"]),
    (&["messagingengine.com"], &["fm1", "fm2", "fm3"]),
    (&["protonmail.ch"], &["protonmail", "protonmail2", "protonmail3"]),
    (&["zoho.com", "zoho.eu", "zohomail.com"], &["zoho", "zmail"]),
    (&["mail.icloud.com", "icloud.com"], &["sig1"]),
    (&["mailbox.org"], &["mbo0001", "mbo0002", "mbo0003", "mbo0004"]),
    (&["migadu.com"], &["key1", "key2", "key3"]),
    (&["gandi.net"], &["gm1", "gm2", "gm3"]),
    (&["tutanota.de"], &["s1", "s2"]),
    (&["hostinger.com"], &["hostingermail-a", "hostingermail-b", "hostingermail-c"]),
    (&["ionos.com", "ionos.de", "kundenserver.de"], &["s1-ionos", "s2-ionos"]),
    (&["yandex.net", "yandex.ru"], &["mail"]),
    (&["sendgrid.net"], &["s1", "s2"]),
    (&["mcsv.net"], &["k1", "k2", "k3"]),
    (&["mandrillapp.com"], &["mte1", "mte2", "mandrill"]),
    (&["mailgun.org"], &["mailo", "pic", "smtp"]),
    (&["mailjet.com"], &["mailjet"]),
    (&["sendinblue.com", "brevo.com"], &["brevo1", "brevo2", "mail"]),
    (&["zendesk.com"], &["zendesk1", "zendesk2"]),
];

/// What signers are called where no provider says so.
const COMMON: &[&str] =
    &["default", "dkim", "mail", "selector1", "selector2", "google", "s1", "s2", "k1", "key1", "dkim1", "smtp"];

/// What stands at a selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stands {
    /// One key record, with its text.
    Key(String),
    /// More than one.
    Several,
    /// An alias of a name that has no TXT record.
    Dangling,
    /// Nothing that was meant to be a key.
    Nothing,
}

/// Sorts the answer at a selector.
pub fn stands(answer: &DnsAnswer) -> Stands {
    let mut keys = answer.texts();
    keys.retain(|text| dkim::is_key(text));
    match (keys.pop(), keys.is_empty()) {
        (Some(key), true) => Stands::Key(key),
        (Some(_), false) => Stands::Several,
        (None, _) if !answer.aliases.is_empty() && answer.records.is_empty() => Stands::Dangling,
        (None, _) => Stands::Nothing,
    }
}

/// Is this the answer that a wildcard gives to a made-up name too?
pub fn is_of_wildcard(answer: &DnsAnswer, control: &DnsAnswer) -> bool {
    let empty = control.records.is_empty() && control.aliases.is_empty();
    // A name server may turn the records round. More than a few come from no wildcard.
    let same = answer.records.len() == control.records.len()
        && answer.records.iter().take(16).all(|record| control.records.contains(record));
    !empty && same && answer.aliases == control.aliases
}

impl Facts<'_> {
    /// May the domain send mail? Not if its SPF record lets nobody, nor if it has none and takes no
    /// mail either.
    pub fn sends(&self) -> Result<bool, Unseen> {
        if self.exists() == Ok(false) {
            return Ok(false);
        }
        let found = records(self.dns(self.domain(), RecordType::Txt)?).spf;
        let [text] = found.as_slice() else {
            return if found.is_empty() {
                Ok(matches!(self.route()?, Route::Mx(_) | Route::Implicit))
            } else {
                Ok(true)
            };
        };
        let record = parse(text);
        let nobody = record.faults.is_empty()
            && record.redirect.is_none()
            && record.directives.iter().all(|d| d.mechanism == Mechanism::All && d.qualifier == Qualifier::Fail)
            && !record.directives.is_empty();
        Ok(!nobody)
    }

    /// The selectors that the domain may have, besides those that were named; at most
    /// [`GUESSES_MAX`]. An error while it is not known who its providers are.
    fn guessed_selectors(&self) -> Result<Vec<&'static str>, Unseen> {
        let providers = self.provider_names()?;
        let mut guesses = Vec::new();
        let known = PROVIDERS.iter().filter(|(ends, _)| {
            providers.iter().any(|name| ends.iter().any(|end| name.strip_suffix(end).is_some_and(is_whole)))
        });
        for selector in known.flat_map(|(_, selectors)| *selectors).chain(COMMON) {
            let named = self.case.options.selectors.iter().any(|named| named == selector);
            if guesses.len() < GUESSES_MAX && !named && !guesses.contains(selector) {
                guesses.push(*selector);
            }
        }
        Ok(guesses)
    }

    /// Where the keys of the named selectors stand.
    pub fn named_keys(&self) -> impl Iterator<Item = DomainName> {
        self.case.options.selectors.iter().filter_map(|selector| dkim::name(selector, self.domain()))
    }

    /// Where keys may stand besides, of a domain that sends.
    pub fn guessed_keys(&self) -> Result<Vec<DomainName>, Unseen> {
        if !self.sends()? {
            return Ok(Vec::new());
        }
        Ok(self.guessed_selectors()?.into_iter().filter_map(|selector| dkim::name(selector, self.domain())).collect())
    }

    /// A made-up selector, which stands nowhere unless a wildcard answers.
    pub fn made_up_selector(&self) -> Option<DomainName> {
        dkim::name(&format!("mailsins-{}", self.case.nonce), self.domain())
    }

    /// The targets of the MX records and the names that the SPF record includes. Empty where
    /// neither could be seen.
    fn provider_names(&self) -> Result<Vec<String>, Unseen> {
        let open = |why: &Unseen| matches!(why, Unseen::Pending | Unseen::OverCap);
        let answers = [RecordType::Mx, RecordType::Txt].map(|record| self.dns(self.domain(), record));
        if let Some(why) = answers.iter().filter_map(|answer| answer.err()).find(open) {
            return Err(why);
        }
        let mut names = Vec::new();
        if let Ok(Route::Mx(targets)) = self.route() {
            names.extend(targets.into_iter().filter_map(|(_, target)| match target {
                Target::Name(name) => Some(name.to_string()),
                _ => None,
            }));
        }
        for text in answers.iter().flatten().flat_map(|answer| records(answer).spf) {
            let record = parse(&text);
            let included = record.directives.iter().filter_map(|directive| match directive.mechanism {
                Mechanism::Include(name) => Some(name),
                _ => None,
            });
            names.extend(included.chain(record.redirect).map(str::to_ascii_lowercase));
        }
        Ok(names)
    }
}

/// Does what stands before the end of a name end a label?
fn is_whole(head: &str) -> bool {
    head.is_empty() || head.ends_with('.')
}
