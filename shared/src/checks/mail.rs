//! How checks take over what came for a test of outgoing mail.

use super::Check;
use super::build::{Seen, Subject};
use crate::facts::Facts;
use crate::{Finding, Unseen};

impl Check {
    /// What the message showed, a finding each; or `missing`, where it showed nothing of this. A domain that has nothing to
    /// do with mail sends none.
    pub(super) fn of_mail(&self, facts: &Facts<'_>, missing: Unseen) -> Vec<Finding> {
        let untested = |why| vec![self.untested(facts, why, &Subject::Domain, Seen::default())];
        let mail = match facts.mail() {
            Ok(mail) => mail,
            Err(Unseen::NoMailTest) if facts.is_parked() => return Vec::new(),
            Err(why) => return untested(why),
        };
        let own = mail.shown.iter().filter(|shown| shown.check == self.id);
        let found = own.filter_map(|shown| {
            let seen = Seen::text(shown.seen.clone());
            if let Some(outcome) = self.outcomes.iter().find(|outcome| outcome.code == shown.outcome) {
                return Some(self.found_row(facts, outcome, &Subject::Domain, seen));
            }
            let why = Unseen::ALL.iter().find(|why| why.code() == shown.outcome)?;
            Some(self.untested(facts, *why, &Subject::Domain, seen))
        });
        let found: Vec<Finding> = found.collect();
        if found.is_empty() { untested(missing) } else { found }
    }
}
