//! Posting to a domain's own server that its report says something else than the last one, where its record names an address
//! for that. The form is that of Standard Webhooks (<https://www.standardwebhooks.com>), signed by a key of the site's; how to
//! read and verify it is in docs/webhook.md.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use futures_util::future::join;
use serde::{Deserialize, Serialize};
use shared::difference::{Difference, Side, Turn, difference};
use shared::inquiry::RecordType;
use shared::net::is_admitted;
use shared::{DomainName, HttpsUrl};
use worker::wasm_bindgen::JsValue;
use worker::{Env, Headers, Method, RequestInit};

use crate::problem::{Kind, Refusal};
use crate::{config, history, https, log, resolver, time};

/// How long a server may take to answer.
const DEADLINE: Duration = Duration::from_secs(10);

/// What is read of an answer, in octets: only its status counts.
const ANSWER_MAX: usize = 1_024;

/// The ids of two reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The older one.
    pub before: String,
    /// The newer one.
    pub after: String,
}

/// The site's key, an Ed25519 seed.
pub struct Key(SigningKey);

impl Key {
    /// Reads 64 hexadecimal digits.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let mut seed = [0; 32];
        for (octet, pair) in seed.iter_mut().zip(text.as_bytes().chunks(2)) {
            *octet = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(SigningKey::from_bytes(&seed)))
    }

    /// Its public half, as Standard Webhooks write it.
    pub fn public(&self) -> String {
        format!("whpk_{}", STANDARD.encode(self.0.verifying_key().as_bytes()))
    }

    /// The value of the header `webhook-signature`.
    fn sign(&self, id: &str, at: u64, body: &str) -> String {
        format!("v1a,{}", STANDARD.encode(self.0.sign(format!("{id}.{at}.{body}").as_bytes()).to_bytes()))
    }
}

/// The body.
#[derive(Serialize)]
struct Told<'a> {
    r#type: &'static str,
    domain: &'a DomainName,
    before: One<'a>,
    after: One<'a>,
    /// The page that shows both.
    difference: String,
    worse: usize,
    better: usize,
    other: usize,
}

#[derive(Serialize)]
struct One<'a> {
    report: String,
    #[serde(flatten)]
    side: &'a Side,
}

impl<'a> Told<'a> {
    fn new(origin: &str, domain: &'a DomainName, change: &Change, difference: &'a Difference) -> Self {
        let Change { before, after } = change;
        let (mut worse, mut better, mut other) = (0, 0, 0);
        for change in &difference.changes {
            *match change.turn {
                Turn::Worse | Turn::New => &mut worse,
                Turn::Better | Turn::Gone => &mut better,
                Turn::Lost | Turn::Other | Turn::Shown => &mut other,
            } += 1;
        }
        Self {
            r#type: "report.changed",
            domain,
            before: One { report: format!("{origin}/r/{before}"), side: &difference.before },
            after: One { report: format!("{origin}/r/{after}"), side: &difference.after },
            difference: format!("{origin}/r/{after}?against={before}"),
            worse,
            better,
            other,
        }
    }
}

/// Posts what changed, if anything did. An error where it is to be tried again.
pub async fn tell(env: &Env, domain: &DomainName, url: &HttpsUrl, key: &Key, change: &Change) -> Result<(), Refusal> {
    let (before, after) = join(history::judged(env, &change.before), history::judged(env, &change.after)).await;
    // One that was deleted has nothing to say.
    let Some((before, after)) = before?.zip(after?) else { return Ok(()) };
    let difference = difference(&before, &after);
    if difference.is_nothing() {
        return Ok(());
    }
    if !is_public(env, url).await? {
        log::recheck("not-told: address");
        return Ok(());
    }
    let body = serde_json::to_string(&Told::new(&config::origin(env)?, domain, change, &difference))?;
    let request = request(env, key, &change.after, &body)?;
    match https::exchange(url.as_str(), request, DEADLINE, ANSWER_MAX).await {
        Ok(got) if (200..300).contains(&got.status) => Ok(()),
        // It wants to hear nothing more of this.
        Ok(got) if got.status == 410 => Ok(()),
        _ => Err(Refusal::saying(Kind::Internal, "the server did not take it")),
    }
}

/// Whether all addresses of the server are public. The platform connects to no other ones from its edge; elsewhere it would.
async fn is_public(env: &Env, url: &HttpsUrl) -> Result<bool, Refusal> {
    let host = DomainName::new(url.host()).map_err(|_| Refusal::of(Kind::Internal))?;
    let ask = |record| resolver::lookup(env, &host, record, false);
    let (v4, v6) = join(ask(RecordType::A), ask(RecordType::Aaaa)).await;
    let unseen = |_| Refusal::saying(Kind::Internal, "the server's addresses could not be looked up");
    let (v4, v6) = (v4.map_err(unseen)?, v6.map_err(unseen)?);
    let mut addresses = v4.records.iter().chain(&v6.records).filter_map(|record| record.address()).peekable();
    if addresses.peek().is_none() {
        return Err(Refusal::saying(Kind::Internal, "the server has no address"));
    }
    Ok(addresses.all(|address| is_admitted(address, cfg!(feature = "lab"))))
}

fn request(env: &Env, key: &Key, report: &str, body: &str) -> Result<RequestInit, Refusal> {
    let at = time::now() / 1_000;
    // The same each time that it is tried, so that who gets it twice knows.
    let id = format!("report-{report}");
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    headers.set("user-agent", &format!("mailsins (+{}/)", config::origin(env)?))?;
    headers.set("webhook-id", &id)?;
    headers.set("webhook-timestamp", &at.to_string())?;
    headers.set("webhook-signature", &key.sign(&id, at, body))?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_headers(headers).with_body(Some(JsValue::from_str(body)));
    Ok(init)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032 section 7.1, test 1.
    const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

    #[test]
    fn keys() {
        let key = Key::read(SEED).map(|key| key.public());
        assert_eq!(key.as_deref(), Some("whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="));
        for bad in ["", "9d61", &SEED[1..], &format!("{SEED}00"), &SEED.replace('9', "g"), "é"] {
            assert!(Key::read(bad).is_none(), "{bad}");
        }
    }
}
