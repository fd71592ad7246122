//! What the owner of a domain consented to: messages to the mailbox that its record names, what comes back, and what the
//! owner says.

use std::collections::BTreeSet;

use crate::Inquiry;
use crate::facts::{Facts, Fate};
use crate::grant::{Question, Sample};
use crate::syntax::consent::Word;

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut BTreeSet<Inquiry>) {
    samples(facts, wanted);
}

fn samples(facts: &Facts<'_>, wanted: &mut BTreeSet<Inquiry>) {
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
