//! DNS over HTTPS, in the wire format of RFC 8484.

use std::time::Duration;

use shared::evidence::DnsAnswer;
use shared::inquiry::RecordType;
use shared::{DomainName, Unseen};
use worker::js_sys::Uint8Array;
use worker::{Env, Headers, Method, RequestInit};

use crate::config;
use crate::https::{self, Lost};

/// How long one resolver may take for one question.
const DEADLINE: Duration = Duration::from_secs(5);

/// The most that an answer may have, in octets (RFC 1035 section 4.2.2).
const ANSWER_MAX: usize = 65_535;

/// RFC 8484 section 4.1: an id of 0, so that caches can serve equal questions.
const ID: u16 = 0;

const MEDIA_TYPE: &str = "application/dns-message";

/// Asks the resolvers in turn, and the first once more: a connection kept open may be closed by the other
/// end just as a question goes out. The next one is asked only where nothing came back that can be
/// read: trying another after a SERVFAIL would hide a bogus zone.
pub async fn lookup(env: &Env, name: &DomainName, record: RecordType, unchecked: bool) -> Result<DnsAnswer, Unseen> {
    let resolvers = config::resolvers(env).map_err(|_| Unseen::ResolverFailed)?;
    let question = probe::dns::query(name, record, unchecked, ID)?;
    let mut why = Unseen::ResolverFailed;
    for url in resolvers.iter().chain(resolvers.first()) {
        let read = match post(url, &question).await {
            Ok(bytes) => probe::dns::answer(&bytes, name, record, ID),
            Err(unseen) => Err(unseen),
        };
        match read {
            Err(failed @ (Unseen::ResolverFailed | Unseen::DnsTimeout | Unseen::DnsMalformed)) => why = failed,
            decided => return decided,
        }
    }
    Err(why)
}

/// Asks one resolver, and once more where nothing came back: for what two must agree on.
pub async fn ask(url: &str, name: &DomainName, record: RecordType) -> Result<DnsAnswer, Unseen> {
    let question = probe::dns::query(name, record, false, ID)?;
    let bytes = match post(url, &question).await {
        Err(Unseen::ResolverFailed) => post(url, &question).await?,
        answered => answered?,
    };
    probe::dns::answer(&bytes, name, record, ID)
}

async fn post(url: &str, question: &[u8]) -> Result<Vec<u8>, Unseen> {
    let init = request(question).map_err(|_| Unseen::ResolverFailed)?;
    let got = https::exchange(url, init, DEADLINE, ANSWER_MAX).await.map_err(|lost| match lost {
        Lost::Timeout => Unseen::DnsTimeout,
        Lost::Failed => Unseen::ResolverFailed,
    })?;
    let kind = got.headers.get("content-type").ok().flatten().unwrap_or_default();
    if got.status == 200 && kind.eq_ignore_ascii_case(MEDIA_TYPE) && got.body.len() <= ANSWER_MAX {
        Ok(got.body)
    } else {
        Err(Unseen::ResolverFailed)
    }
}

fn request(question: &[u8]) -> worker::Result<RequestInit> {
    let headers = Headers::new();
    headers.set("content-type", MEDIA_TYPE)?;
    headers.set("accept", MEDIA_TYPE)?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_headers(headers).with_body(Some(Uint8Array::from(question).into()));
    Ok(init)
}
