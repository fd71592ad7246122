//! DNS over HTTPS, in the wire format of RFC 8484.

use std::time::Duration;

use shared::evidence::DnsAnswer;
use shared::inquiry::RecordType;
use shared::{DomainName, Unseen};
use worker::js_sys::Uint8Array;
use worker::{AbortController, Env, Fetch, Headers, Method, Request, RequestInit, RequestRedirect};

use crate::{body, config, time};

/// How long one resolver may take for one question.
const DEADLINE: Duration = Duration::from_secs(5);

/// The most that an answer may have, in octets (RFC 1035 section 4.2.2).
const ANSWER_MAX: usize = 65_535;

/// RFC 8484 section 4.1: an id of 0, so that caches can serve equal questions.
const ID: u16 = 0;

const MEDIA_TYPE: &str = "application/dns-message";

/// Asks the resolvers in turn. The next one is asked only where none came back that can be read:
/// trying another after a SERVFAIL would hide a bogus zone.
pub async fn lookup(env: &Env, name: &DomainName, record: RecordType, unchecked: bool) -> Result<DnsAnswer, Unseen> {
    let resolvers = config::resolvers(env).map_err(|_| Unseen::ResolverFailed)?;
    let question = probe::dns::query(name, record, unchecked, ID)?;
    let mut why = Unseen::ResolverFailed;
    for url in &resolvers {
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

async fn post(url: &str, question: &[u8]) -> Result<Vec<u8>, Unseen> {
    let controller = AbortController::default();
    let signal = controller.signal();
    let exchange = async {
        let mut response = Fetch::Request(request(url, question)?).send_with_signal(&signal).await?;
        if response.status_code() != 200 {
            return Ok(None);
        }
        let kind = response.headers().get("content-type")?.unwrap_or_default();
        if !kind.eq_ignore_ascii_case(MEDIA_TYPE) {
            return Ok(None);
        }
        body::all(&mut response.stream()?, ANSWER_MAX).await
    };
    let outcome: Option<worker::Result<Option<Vec<u8>>>> = time::within(DEADLINE, exchange).await;
    match outcome {
        Some(Ok(Some(bytes))) => Ok(bytes),
        Some(Ok(None) | Err(_)) => Err(Unseen::ResolverFailed),
        None => {
            controller.abort();
            Err(Unseen::DnsTimeout)
        }
    }
}

fn request(url: &str, question: &[u8]) -> worker::Result<Request> {
    let headers = Headers::new();
    headers.set("content-type", MEDIA_TYPE)?;
    headers.set("accept", MEDIA_TYPE)?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_headers(headers)
        .with_redirect(RequestRedirect::Manual)
        .with_body(Some(Uint8Array::from(question).into()));
    Request::new_with_init(url, &init)
}
