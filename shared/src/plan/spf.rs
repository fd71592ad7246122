//! The TXT records of the domain, where its SPF record is (RFC 7208 section 3.1), those of the type that it had once, and what the
//! record leads to: all of its tree that is known already, side by side, and what it asks of each
//! mail host.

use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::spf::{Lacks, Outcome};
use crate::{DomainName, Inquiry};

pub(super) fn wants(facts: &Facts<'_>, wanted: &mut Vec<Inquiry>) {
    wanted.extend([RecordType::Txt, RecordType::Spf].map(|record| Inquiry::dns(facts.domain(), record)));
    let Ok(Some(flat)) = facts.spf_tree() else {
        return;
    };
    lacking(flat.lacks, wanted);
    for host in facts.hosts().0 {
        if let Outcome::Lacks(lacks) = facts.spf_of(&host) {
            lacking(lacks, wanted);
        }
    }
}

fn lacking(lacks: Lacks, wanted: &mut Vec<Inquiry>) {
    for (name, record) in lacks {
        wanted.extend(DomainName::new(&name).map(|name| Inquiry::dns(&name, record)));
    }
}
