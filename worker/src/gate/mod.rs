//! The gate: one object for each IPv4 address or IPv6 /64 that is ever probed, named by it. It
//! holds one conversation at a time and serves its transcript again while the host cools down.

mod conversation;
mod exit;
mod memory;
mod network;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::time::Duration;

use futures_channel::mpsc;
use futures_util::StreamExt;
use futures_util::lock::Mutex;
use serde::{Deserialize, Serialize};
use shared::api::Stage;
use shared::{DomainName, Evidence, Inquiry, net};
use worker::wasm_bindgen::JsValue;
use worker::{DurableObject, Env, Method, Request, RequestInit, Response, State, durable_object};

pub use network::is_left_today;

use crate::problem::{Kind, Refusal};
use crate::time;

/// What a scan asks of a gate.
#[derive(Serialize, Deserialize)]
pub struct Errand {
    /// The probe.
    pub inquiry: Inquiry,
    /// The site's own domain.
    pub probe_domain: DomainName,
    /// The nonce of the scan that asks.
    pub nonce: String,
    /// When the scan is over, in milliseconds since 1970: no conversation begins after it.
    pub until: u64,
    /// What goes into a message, where the errand is to deliver one.
    #[serde(default)]
    pub letter: Option<Enclosed>,
}

/// What whoever sends a message has put into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enclosed {
    /// The page of the run.
    pub link: String,
    /// The code that opens the tests.
    pub code: Option<String>,
}

/// A line of a gate's answer. The last one is the evidence.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Line {
    /// What is being waited for.
    Stage(Stage),
    /// What came of it.
    Evidence(Box<Evidence>),
}

/// The object.
#[durable_object(alarm)]
pub struct Gate {
    inner: Rc<Inner>,
}

/// What the conversations of a gate share.
struct Inner {
    state: State,
    env: Env,
    turn: Mutex<()>,
    waiting: Cell<usize>,
    /// What is being asked or waited for at this moment.
    asked: RefCell<BTreeMap<Inquiry, Rc<Mutex<()>>>>,
    /// When the object of our own end was last told of a greeting, in milliseconds since 1970.
    told: Cell<u64>,
}

// A panic in one conversation leaves nothing half-changed: cells hold plain counts, and the
// mutex guards no data.
impl UnwindSafe for Gate {}
impl RefUnwindSafe for Gate {}

impl DurableObject for Gate {
    fn new(state: State, env: Env) -> Self {
        let (turn, waiting, asked, told) = Default::default();
        Self { inner: Rc::new(Inner { state, env, turn, waiting, asked, told }) }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let Ok(errand) = request.json::<Errand>().await else {
            return Refusal::of(Kind::Internal).response();
        };
        let (lines, body) = mpsc::unbounded();
        // The work goes on when its asker goes away: the transcript is kept for the next.
        let inner = self.inner.clone();
        let work = async move { conversation::hold(&inner, &errand, &lines).await };
        self.inner.state.wait_until(Box::pin(work));
        Response::from_stream(body.map(Ok::<Vec<u8>, worker::Error>))
    }

    async fn alarm(&self) -> worker::Result<Response> {
        let storage = self.inner.state.storage();
        let now = time::now();
        match memory::Memory::of(&self.inner.state).forget(now) {
            Ok(Some(at)) => storage.set_alarm(Duration::from_millis(at.saturating_sub(now))).await?,
            // Whoever is heard at this moment wants to be kept.
            Ok(None) if !self.inner.asked.borrow().is_empty() => storage.set_alarm(AGAIN).await?,
            Ok(None) => storage.delete_all().await?,
            Err(error) => crate::log::failure("gate alarm", &error),
        }
        Response::empty()
    }
}

/// When a gate that is talking looks again whether it can be forgotten.
const AGAIN: Duration = Duration::from_secs(120);

/// The most that a gate may answer, in octets; a session has 512 KB at most.
const ANSWER_MAX: usize = 4 * 1024 * 1024;

/// Sends an errand to its gate, which answers in lines: stages, then the evidence.
pub async fn ask(env: &Env, errand: &Errand, on_stage: impl Fn(Stage)) -> worker::Result<Option<Evidence>> {
    let Inquiry::Probe { address, .. } = &errand.inquiry else { return Ok(None) };
    let (name, _) = names(*address);
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(Some(JsValue::from_str(&serde_json::to_string(errand)?)));
    let request = Request::new_with_init("https://gate/", &init)?;
    let mut response = env.durable_object("GATE")?.get_by_name(&name)?.fetch_with_request(request).await?;
    let mut stream = response.stream()?;
    let mut buffer = Vec::new();
    while let Some(chunk) = stream.next().await {
        buffer.extend_from_slice(&chunk?);
        while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = buffer.drain(..=end).collect();
            match serde_json::from_slice(&line)? {
                Line::Stage(stage) => on_stage(stage),
                Line::Evidence(evidence) => return Ok(Some(*evidence)),
            }
        }
        if buffer.len() > ANSWER_MAX {
            return Ok(None);
        }
    }
    Ok(None)
}

/// The names of an address's gate and of its network's object.
pub fn names(address: IpAddr) -> (String, String) {
    let (host, network) = (net::host(address), net::network(address));
    if address.is_ipv4() {
        (host.to_string(), format!("{network}/24"))
    } else {
        (format!("{host}/64"), format!("{network}/48"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_named_by_network() {
        let name = |text: &str| names(text.parse().unwrap());
        assert_eq!(name("192.0.2.77"), ("192.0.2.77".to_owned(), "192.0.2.0/24".to_owned()));
        assert_eq!(name("2001:db8:1:2:3::4"), ("2001:db8:1:2::/64".to_owned(), "2001:db8:1::/48".to_owned()));
    }

    #[test]
    fn lines() {
        let text = |line: &Line| serde_json::to_string(line).unwrap();
        assert_eq!(text(&Line::Stage(Stage::Greeting)), r#"{"stage":"greeting"}"#);
    }
}
