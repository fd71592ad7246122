//! What is said of a message, in the words of the checks.

use super::message::Hop;
use super::{Mail, Said};
use crate::checks::row;
use crate::remedies::{Context, Remedy, Software, remedy};
use crate::{Finding, Unseen, Verdict};

/// Gathers what is said.
pub(super) struct Words {
    context: Context,
    said: Vec<Said>,
}

/// The check that most of it is of.
const MAIL: &str = "outbound-mail";

/// An outcome of a check with its remedy, of a domain that need not be known.
pub fn in_words(check: &str, outcome: &str, seen: &str) -> Option<(Said, Option<Remedy>)> {
    let row = row(check, outcome)?;
    let said = Said {
        check: check.to_owned(),
        outcome: outcome.to_owned(),
        verdict: row.verdict,
        title: row.title.to_owned(),
        seen: seen.to_owned(),
        change: None,
    };
    let context = Words::context("example.org".to_owned(), None);
    Some((said, row.fix.map(|fix| remedy(fix, &context))))
}

impl Words {
    pub(super) fn of(mail: &Mail) -> Self {
        let domain = mail.author.as_ref().map_or_else(|_| "example.org".to_owned(), |domain| domain.to_string());
        let context = Self::context(domain, mail.hop.as_ref());
        Self { context, said: Vec::new() }
    }

    fn context(domain: String, hop: Option<&Hop>) -> Context {
        Context {
            host: hop.map_or_else(|| domain.clone(), |hop| hop.helo.clone()),
            domain,
            address: hop.map(|hop| hop.address),
            software: Software::Unknown,
            tlsa: None,
            record: None,
            targets: Vec::new(),
            stamp: String::new(),
        }
    }

    /// An outcome of `outbound-mail`.
    pub(super) fn say(&mut self, code: &str, seen: impl Into<String>) {
        self.say_of(MAIL, code, seen);
    }

    /// An outcome of this check.
    pub(super) fn say_of(&mut self, check: &str, code: &str, seen: impl Into<String>) {
        let Some(outcome) = row(check, code) else { return };
        let change = outcome.fix.and_then(|fix| change(remedy(fix, &self.context)));
        self.push(check, code, outcome.verdict, outcome.title, seen.into(), change);
    }

    /// Something that could not be seen.
    pub(super) fn unseen(&mut self, why: Unseen, title: &str, seen: impl Into<String>) {
        self.push(MAIL, why.code(), Verdict::Untested, title, seen.into(), None);
    }

    /// What another check found.
    pub(super) fn take(&mut self, finding: Finding) {
        let Finding { check, outcome, verdict, title, seen, remedy, .. } = finding;
        self.push(&check, &outcome, verdict, &title, seen, remedy.and_then(change));
    }

    pub(super) fn done(self) -> Vec<Said> {
        self.said
    }

    fn push(
        &mut self,
        check: &str,
        outcome: &str,
        verdict: Verdict,
        title: &str,
        seen: String,
        change: Option<String>,
    ) {
        let (check, outcome, title) = (check.to_owned(), outcome.to_owned(), title.to_owned());
        self.said.push(Said { check, outcome, verdict, title, seen, change });
    }
}

/// What to change, in words.
fn change(remedy: Remedy) -> Option<String> {
    remedy.recipes.into_iter().find(|recipe| recipe.software == "other").map(|recipe| recipe.lines)
}
