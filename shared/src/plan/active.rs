//! What the owner of a domain consented to: messages to the mailbox that its record names, what comes back, and what the
//! owner says.

use crate::facts::{Facts, Fate};
use crate::grant::{Question, Sample};
use crate::inquiry::RecordType;
use crate::syntax::consent::Word;
use crate::{Case, DomainName, Inquiry};

/// What must be known before the message with the code is sent: where the domain's mail goes, and whether the operators of
/// those hosts mind. A part of what [`super::plan`] asks.
pub fn way(case: &Case) -> Vec<Inquiry> {
    let facts = Facts::new(case);
    let mut wanted = Vec::new();
    super::route::wants(&facts, &mut wanted);
    for host in facts.hosts().0 {
        wanted.push(Inquiry::dns(&DomainName::reverse(host.address), RecordType::Ptr));
        let names = facts.letter_names(&host).unwrap_or_default();
        wanted.extend(names.iter().map(|name| Inquiry::dns(name, RecordType::Txt)));
    }
    super::open(case, wanted)
}

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    samples(facts, wanted);
}

fn samples(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    for host in facts.opened(Word::Samples) {
        let mut taken = Vec::new();
        for sample in Sample::ALL {
            wanted.extend(facts.delivery_inquiry(host.address, sample));
            if facts.delivery(host.address, sample).is_ok_and(|(_, fate)| fate == Fate::Taken) {
                taken.push(sample);
            }
        }
        let carriers = taken.iter().filter(|sample| **sample != Sample::Control);
        wanted.extend(carriers.clone().map(|sample| facts.bounce_inquiry(host.address, *sample)));
        // Where the clean one went says nothing alone.
        if carriers.count() > 0 {
            wanted.extend(taken.iter().map(|sample| Inquiry::Owner { question: Question::Where(*sample) }));
        }
    }
}
