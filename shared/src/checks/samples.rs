//! What came of the samples that a domain's consent allows: told by the server at once, or by the domain's owner.

use std::net::IpAddr;

use super::Check;
use super::build::{Seen, Subject};
use crate::evidence::Step;
use crate::facts::{Facts, Fate, Host, SMTP};
use crate::grant::{Choice, Question, Sample};
use crate::syntax::consent::Word;
use crate::{Finding, Unseen};

/// Where a sample ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The server refused it while it was handed over.
    Refused,
    /// It was taken, and reached nobody, as the owner states.
    Stopped,
    /// It lies in the junk folder, and the clean message does not.
    Marked,
    /// It went where the clean message went.
    Delivered,
}

/// Where a sample ended, or why that is not known.
pub(super) fn end(facts: &Facts<'_>, address: IpAddr, sample: Sample) -> Result<End, Unseen> {
    if facts.delivery(address, sample)?.1 == Fate::Refused {
        return Ok(End::Refused);
    }
    let place = facts.stated(Question::Where(sample))?;
    let clean = facts.stated(Question::Where(Sample::Control))?;
    Ok(match (place, clean) {
        // One that arrives nowhere says nothing where the clean one does not arrive either.
        (_, Choice::Nowhere | Choice::Quarantine) => return Err(Unseen::NoControl),
        (Choice::Nowhere | Choice::Quarantine, _) => End::Stopped,
        (Choice::Junk, Choice::Inbox) => End::Marked,
        _ => End::Delivered,
    })
}

/// What a server answered to samples, and what the owner says of those that it took.
pub(super) fn seen(facts: &Facts<'_>, address: IpAddr, samples: &[Sample]) -> Seen {
    let mut seen = Seen::default();
    for sample in samples {
        let Ok((session, _)) = facts.delivery(address, *sample) else { continue };
        seen = seen.and(Seen::text(format!("{}:", sample.words()))).and(Seen::step(session, Step::Message));
        if let Ok(place) = facts.stated(Question::Where(*sample)) {
            seen = seen.and(Seen::text(format!("its owner states: {}", place.words())));
        }
    }
    seen
}

impl Check {
    /// A finding for each address that the grant opens for samples, or what stands for all.
    pub(super) fn at_opened(
        &self,
        facts: &Facts<'_>,
        judge: impl Fn(&Host, &Subject) -> Result<Finding, Unseen>,
    ) -> Vec<Finding> {
        if facts.takes_mail() == Some(false) {
            return Vec::new();
        }
        let untested = |why, subject: &Subject| self.untested(facts, why, subject, Seen::default());
        if !facts.is_granted(Word::Samples) {
            return vec![untested(Unseen::NeedsConsent, &Subject::Domain)];
        }
        if let Err(findings) = self.hosts(facts) {
            return findings;
        }
        let hosts = facts.opened(Word::Samples);
        if hosts.is_empty() {
            return vec![untested(Unseen::NoBase, &Subject::Domain)];
        }
        let finding = |host: Host| {
            let subject = Subject::Port(host.clone(), SMTP);
            judge(&host, &subject).unwrap_or_else(|why| untested(why, &subject))
        };
        hosts.into_iter().map(finding).collect()
    }
}
