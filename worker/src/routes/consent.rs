//! `GET /api/v1/consent/{domain}`: what the domain's own record allows this site, as it stands in DNS now.

use shared::DomainName;
use shared::api::{ConsentRefusal, ConsentState, RecordFault};
use shared::syntax::consent::{self, Refusal as Why};
use worker::{Env, Response};

use crate::problem::{Kind, Refusal};
use crate::{config, consent as reader, respond};

/// Reads the record and says why something is refused.
pub async fn get(env: &Env, domain: &str) -> Result<Response, Refusal> {
    let domain = named(domain)?;
    Ok(respond::json(200, &state(env, &domain, reader::read(env, &domain).await)?)?)
}

/// The domain in a path.
pub fn named(text: &str) -> Result<DomainName, Refusal> {
    let bad = |why| Refusal::saying(Kind::BadDomain, format!("This is not a domain: {why}."));
    let domain = DomainName::new(text).map_err(bad)?;
    if domain.labels() < 2 { Err(bad(shared::domain::BadName::SingleLabel)) } else { Ok(domain) }
}

/// What was read, for people and programs.
pub fn state(env: &Env, domain: &DomainName, reading: reader::Reading) -> Result<ConsentState, Refusal> {
    let by = config::site_host(env)?;
    let opted_out = reading.opted_out();
    let (allow, mailbox, notify, refusal) = match reading.consent {
        Ok(consent) => (consent.allow, consent.mailbox.map(String::from), consent.notify.map(String::from), None),
        Err(why) => (Vec::new(), None, None, Some(refusal(&why))),
    };
    Ok(ConsentState {
        name: consent::name(domain).map_or_else(|| format!("_mailsins.{domain}"), String::from),
        example: format!("v=mailsins1; by={by}; allow=history,badge"),
        domain: domain.clone(),
        by,
        records: reading.records,
        opted_out,
        allow,
        mailbox,
        notify,
        notify_key: config::notify_key(env)?.map(|key| key.public()),
        refusal,
    })
}

fn refusal(why: &Why) -> ConsentRefusal {
    let faults = match why {
        Why::Faulty(faults) => faults.as_slice(),
        _ => &[],
    };
    let faults = faults.iter().map(|fault| RecordFault {
        code: fault.code.to_owned(),
        message: fault.message.to_owned(),
        start: fault.start,
        end: fault.end,
    });
    ConsentRefusal { code: why.code().to_owned(), detail: why.to_string(), faults: faults.collect() }
}
