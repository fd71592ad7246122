//! What a domain's own record allows this site, or forbids it: see [`shared::syntax::consent`]. A record that allows
//! something is read from two resolvers that must agree, and beside a name that nobody made.

use futures_util::future::join;
use shared::DomainName;
use shared::Unseen;
use shared::evidence::DnsAnswer;
use shared::inquiry::RecordType;
use shared::syntax::consent::{self, Consent, Refusal, Word};
use worker::Env;

use crate::{config, ids, resolver};

/// What was read at a domain.
pub struct Reading {
    /// The records of ours, by any of the resolvers.
    pub records: Vec<String>,
    /// What they allow.
    pub consent: Result<Consent, Refusal>,
    /// All resolvers say that the domain asked not to be probed: enough for what cannot be undone.
    pub surely_opted_out: bool,
}

impl Reading {
    /// Did the domain ask not to be probed?
    pub fn opted_out(&self) -> bool {
        self.consent == Err(Refusal::OptedOut)
    }

    /// What the record allows, where it has this word.
    pub fn allowing(&self, word: Word) -> Result<&Consent, Refusal> {
        let consent = self.consent.as_ref().map_err(Clone::clone)?;
        if consent.allows(word) { Ok(consent) } else { Err(Refusal::NotAllowed(word)) }
    }
}

/// Reads the domain's record now.
pub async fn read(env: &Env, domain: &DomainName) -> Reading {
    let refused = |why| Reading { records: Vec::new(), consent: Err(why), surely_opted_out: false };
    let Some(name) = consent::name(domain) else { return refused(Refusal::NoName) };
    let (Ok(resolvers), Ok(by)) = (config::resolvers(env), config::site_host(env)) else {
        return refused(Refusal::Unseen(Unseen::ResolverFailed));
    };
    let pair = match resolvers.as_slice() {
        [one, other, ..] => (one.as_str(), Some(other.as_str())),
        [one] => (one.as_str(), None),
        [] => return refused(Refusal::OneResolver),
    };
    let (one, other) = ask(pair, &name).await;
    let answers: Vec<&DnsAnswer> = [Some(&one), other.as_ref()].into_iter().flatten().flatten().collect();
    let mut records: Vec<String> = answers.iter().flat_map(|answer| consent::records(answer)).collect();
    records.sort();
    records.dedup();
    // One resolver is enough to be told no.
    let forbidding = answers.iter().filter(|answer| consent::forbids(answer)).count();
    if forbidding > 0 {
        return Reading { records, consent: Err(Refusal::OptedOut), surely_opted_out: forbidding == 2 };
    }
    let consent = match (&one, &other) {
        (Ok(one), Some(Ok(other))) => consent::allowed(domain, one, other, &by),
        (Err(why), _) | (_, Some(Err(why))) => Err(Refusal::Unseen(*why)),
        (_, None) => Err(Refusal::OneResolver),
    };
    let consent = match consent {
        Ok(consent) => beside(pair, domain).await.map(|()| consent),
        refused => refused,
    };
    Reading { records, consent, surely_opted_out: false }
}

/// Looks beside the record, at a name that exists by a wildcard only.
async fn beside(pair: (&str, Option<&str>), domain: &DomainName) -> Result<(), Refusal> {
    let random = ids::random().map_err(|_| Refusal::Unseen(Unseen::Failed))?;
    let name = consent::sibling(domain, random.get(..16).unwrap_or_default()).ok_or(Refusal::NoName)?;
    let (one, other) = ask(pair, &name).await;
    for answer in [Some(one), other].into_iter().flatten() {
        if !consent::records(&answer.map_err(Refusal::Unseen)?).is_empty() {
            return Err(Refusal::Wildcard);
        }
    }
    Ok(())
}

type Answered = Result<DnsAnswer, Unseen>;

/// Asks two resolvers at once.
async fn ask((one, other): (&str, Option<&str>), name: &DomainName) -> (Answered, Option<Answered>) {
    let first = resolver::ask(one, name, RecordType::Txt);
    match other {
        None => (first.await, None),
        Some(other) => {
            let (first, second) = join(first, resolver::ask(other, name, RecordType::Txt)).await;
            (first, Some(second))
        }
    }
}
