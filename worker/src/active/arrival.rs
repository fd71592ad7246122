//! Messages that came to a one-time address: an object for each address that somebody waits for, named by its token. It
//! takes one message, and only after the wait has begun; what comes at other times is nobody's.

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::Duration;

use shared::evidence::Arrival as Came;
use shared::grant::Token;
use shared::{Answer, Unseen};
use worker::wasm_bindgen::JsValue;
use worker::{DurableObject, Env, Method, Request, RequestInit, Response, State, durable_object};

use crate::config::ARRIVAL_MS;
use crate::problem::{Kind, Refusal};
use crate::{log, respond, time};

/// Where the message stands.
const CAME: &str = "came";

/// Where it stands until when one is taken, in milliseconds since 1970.
const UNTIL: &str = "until";

/// How often the object is asked: a call is one of the few that a request may make.
const LOOK: Duration = Duration::from_secs(if cfg!(feature = "lab") { 1 } else { 15 });

/// How long a message is kept after that, for whoever asks again, in milliseconds.
const KEPT_MS: u64 = 3_600_000;

/// The object.
#[durable_object(alarm)]
pub struct Arrival {
    state: State,
}

impl UnwindSafe for Arrival {}
impl RefUnwindSafe for Arrival {}

impl DurableObject for Arrival {
    fn new(state: State, _env: Env) -> Self {
        Self { state }
    }

    /// `/expect`, `/look`, and `/take` with a message.
    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let storage = self.state.storage();
        let now = time::now();
        let until: Option<u64> = storage.get(UNTIL).await?;
        if request.path() == "/expect" && until.is_none() {
            storage.put(UNTIL, now + ARRIVAL_MS).await?;
            storage.set_alarm(Duration::from_millis(ARRIVAL_MS + KEPT_MS)).await?;
            return respond::empty(201);
        }
        let came: Option<String> = storage.get(CAME).await?;
        match (request.path().as_str(), until, came) {
            ("/expect", ..) => respond::empty(200),
            ("/take", Some(until), None) if now < until => {
                storage.put(CAME, request.text().await?.as_str()).await?;
                respond::empty(204)
            }
            ("/look", _, Some(came)) => respond::json(200, &serde_json::from_str::<Came>(&came)?),
            ("/look", Some(until), None) if now < until => respond::empty(204),
            ("/look", Some(_), None) => respond::empty(410),
            _ => respond::empty(404),
        }
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.state.storage().delete_all().await?;
        Response::empty()
    }
}

/// From now on a message for this token is taken.
pub async fn expect(env: &Env, token: &Token) -> worker::Result<()> {
    call(env, token, "expect", None).await.map(drop)
}

/// Waits for a message.
pub async fn wait(env: &Env, token: &Token) -> Result<Answer, Unseen> {
    let ours = |error: worker::Error| {
        log::failure("arrival", &error);
        Unseen::Failed
    };
    expect(env, token).await.map_err(ours)?;
    loop {
        let mut response = call(env, token, "look", None).await.map_err(ours)?;
        match response.status_code() {
            200 => return Ok(Answer::Arrived(Some(response.json().await.map_err(ours)?))),
            204 => worker::Delay::from(LOOK).await,
            410 => return Ok(Answer::Arrived(None)),
            _ => return Err(Unseen::Failed),
        }
    }
}

/// A message has come. Only the first one that somebody waits for is taken.
pub async fn take(env: &Env, token: &Token, came: &Came) -> Result<(), Refusal> {
    let response = call(env, token, "take", Some(serde_json::to_string(came)?)).await?;
    if response.status_code() == 204 { Ok(()) } else { Err(Refusal::of(Kind::NoMailTest)) }
}

async fn call(env: &Env, token: &Token, what: &str, body: Option<String>) -> worker::Result<Response> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(body.map(|text| JsValue::from_str(&text)));
    let request = Request::new_with_init(&format!("https://arrival/{what}"), &init)?;
    env.durable_object("ARRIVAL")?.get_by_name(token.as_str())?.fetch_with_request(request).await
}
