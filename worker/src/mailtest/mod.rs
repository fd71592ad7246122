//! A test of mail that goes out: an object for each, named by its address. It takes one message, reads it, and keeps its
//! header and what is said of it for a day; of the body it keeps nothing.

mod arrival;

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::Duration;

use futures_util::lock::Mutex;
use shared::DomainName;
use shared::api::MailTest as Test;
use shared::evidence::Arrival;
use shared::grant::Token;
use worker::js_sys::Uint8Array;
use worker::{
    DurableObject, Env, ForwardableEmailMessage, Method, Request, RequestInit, Response, State, durable_object,
};

use crate::active::arrival as letters;
use crate::problem::{Kind, Refusal};
use crate::{body, config, ids, respond, time};

/// The most that a message may have, in octets.
const MESSAGE_MAX: usize = 1024 * 1024;

/// The most that is kept of a bounce's header, in octets.
const HEADER_MAX: usize = 4096;

/// How an address begins.
const PREFIX: &str = "t-";

/// Where a test stands in its object.
const KEY: &str = "test";

/// The object.
#[durable_object(alarm)]
pub struct MailTest {
    state: State,
    env: Env,
    one_at_a_time: Mutex<()>,
}

// A panic leaves at worst a message unread: what is kept is one value.
impl UnwindSafe for MailTest {}
impl RefUnwindSafe for MailTest {}

impl DurableObject for MailTest {
    fn new(state: State, env: Env) -> Self {
        Self { state, env, one_at_a_time: Mutex::new(()) }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        match time::caught(self.answer(request)).await {
            Some(Ok(response)) => Ok(response),
            Some(Err(refusal)) => refusal.response(),
            None => Refusal::of(Kind::Panicked).response(),
        }
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.state.storage().delete_all().await?;
        Response::empty()
    }
}

impl MailTest {
    /// `/make` with the test, `/look`, and `/take` with a message.
    async fn answer(&self, mut request: Request) -> Result<Response, Refusal> {
        let storage = self.state.storage();
        if request.path() == "/make" {
            let text = request.text().await?;
            storage.put(KEY, text.as_str()).await?;
            storage.set_alarm(Duration::from_millis(config::day_ms(&self.env))).await?;
            return Ok(respond::empty(201)?);
        }
        let _turn = self.one_at_a_time.lock().await;
        let text: Option<String> = storage.get(KEY).await?;
        let mut test: Test = serde_json::from_str(&text.ok_or_else(|| Refusal::of(Kind::NoMailTest))?)?;
        if test.expires < time::now() {
            return Err(Refusal::of(Kind::NoMailTest));
        }
        if request.path() == "/take" {
            if test.arrived.is_some() {
                return Err(Refusal::of(Kind::Used));
            }
            let sender = request.headers().get("mailsins-sender")?.unwrap_or_default();
            let message = request.bytes().await?;
            test.arrived = Some(arrival::read(&self.env, &message, &sender).await?);
            storage.put(KEY, serde_json::to_string(&test)?.as_str()).await?;
        }
        Ok(respond::json(200, &test)?)
    }
}

/// Makes a test.
pub async fn make(env: &Env) -> Result<Test, Refusal> {
    let id = ids::random()?;
    let address = format!("{PREFIX}{}@{}", token(&id), config::probe_domain(env)?);
    let test = Test { address, expires: time::now() + config::day_ms(env), arrived: None, id };
    call(env, &token(&test.id), "make", Some(serde_json::to_vec(&test)?), "").await?;
    Ok(test)
}

/// A test as it stands.
pub async fn look(env: &Env, id: &str) -> Result<Test, Refusal> {
    Ok(call(env, &token(id), "look", None, "").await?.json().await?)
}

/// A message came. What is not for a test of ours, or too big, is refused while its sender still waits.
pub async fn take(env: &Env, message: &ForwardableEmailMessage) -> Result<(), &'static str> {
    const NOBODY: &str = "There is no such address here, or it was written to before";
    let failed = |_| "This could not be taken now, try again later";
    let site = config::probe_domain(env).map_err(|_| NOBODY)?;
    let to = message.to();
    if let Some(token) = bounce_token(&to, &site) {
        return bounced(env, &token, message).await.map_err(|_| NOBODY);
    }
    let token = of_address(&to, &site).ok_or(NOBODY)?;
    if message.raw_size() > MESSAGE_MAX as f64 {
        return Err("The message is larger than 1 MB");
    }
    let mut stream = message.raw_byte_stream();
    let raw = time::within(Duration::from_secs(20), body::all(&mut stream, MESSAGE_MAX));
    let raw = raw.await.ok_or("The message did not come in time")?.map_err(failed)?;
    let raw = raw.ok_or("The message is larger than 1 MB")?;
    match call(env, token, "take", Some(raw), &message.from()).await {
        Ok(_) => Ok(()),
        Err(refusal) if matches!(refusal.kind(), Kind::NoMailTest | Kind::Used) => Err(NOBODY),
        Err(_) => Err(failed(worker::Error::Infallible)),
    }
}

/// The name of the object: nobody gets from the address, which the sender's servers see, to the id.
fn token(id: &str) -> String {
    let mut hash = ids::hash(format!("mail test {id}").as_bytes());
    hash.truncate(32);
    hash
}

/// A bounce, or what else came to where one is waited for.
async fn bounced(env: &Env, token: &Token, message: &ForwardableEmailMessage) -> Result<(), Refusal> {
    let mut stream = message.raw_byte_stream();
    let raw = time::within(Duration::from_secs(20), body::all(&mut stream, MESSAGE_MAX)).await.transpose()?.flatten();
    let raw = raw.ok_or_else(|| Refusal::of(Kind::TooLarge))?;
    let header = shared::visible::from_bytes(raw.get(..HEADER_MAX).unwrap_or(&raw));
    let header = header.split("\r\n\r\n").next().unwrap_or_default().to_owned();
    let sender: String = message.from().chars().filter(|c| ('!'..='~').contains(c)).take(320).collect();
    // A message from nobody comes with brackets, or with nothing.
    let sender = sender.trim_matches(['<', '>']).to_owned();
    letters::take(env, token, &Arrival { at: time::now(), sender, client: None, header }).await
}

fn bounce_token(address: &str, site: &DomainName) -> Option<Token> {
    let (local, domain) = address.rsplit_once('@')?;
    let token = Token::new(local.strip_prefix("b-")?)?;
    domain.eq_ignore_ascii_case(site.as_str()).then_some(token)
}

fn of_address<'a>(address: &'a str, site: &DomainName) -> Option<&'a str> {
    let (local, domain) = address.rsplit_once('@')?;
    let token = local.strip_prefix(PREFIX)?;
    (ids::is_id(token) && domain.eq_ignore_ascii_case(site.as_str())).then_some(token)
}

async fn call(env: &Env, token: &str, what: &str, body: Option<Vec<u8>>, sender: &str) -> Result<Response, Refusal> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(body.map(|bytes| Uint8Array::from(bytes.as_slice()).into()));
    // A header takes no other octets.
    let sender: String = sender.chars().filter(|c| ('!'..='~').contains(c)).take(320).collect();
    init.headers.set("mailsins-sender", &sender)?;
    let request = Request::new_with_init(&format!("https://mailtest/{what}"), &init)?;
    let response = env.durable_object("MAILTEST")?.get_by_name(token)?.fetch_with_request(request).await?;
    match response.status_code() {
        404 => Err(Refusal::of(Kind::NoMailTest)),
        409 => Err(Refusal::of(Kind::Used)),
        200..=299 => Ok(response),
        _ => Err(Refusal::of(Kind::Internal)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let site = DomainName::new("site.example").unwrap();
        let token = token("0123456789abcdef0123456789abcdef");
        assert!(ids::is_id(&token));
        assert_eq!(of_address(&format!("t-{token}@Site.example"), &site), Some(token.as_str()));
        for other in [
            format!("t-{token}@other.example"),
            format!("{token}@site.example"),
            "t-x@site.example".to_owned(),
            String::new(),
        ] {
            assert_eq!(of_address(&other, &site), None, "{other}");
        }
    }
}
