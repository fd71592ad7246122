//! What our own end could reach lately: one small object for all gates. Only where another mail server
//! answered within the hour is an explicit refusal the host's own.

use std::net::IpAddr;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::Duration;

use serde::Deserialize;
use shared::{Evidence, Unseen};
use worker::{DurableObject, Env, Request, Response, SqlStorageValue, State, durable_object};

use super::Inner;
use super::memory::Memory;
use crate::time;

const SMTP: u16 = 25;

/// How long a greeting proves that port 25 is open at our end, in milliseconds.
const HOUR_MS: u64 = 3_600_000;

/// How long the object may take to answer; without it a refusal is a plain one.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// How often greetings are written down, in milliseconds.
const NEWS_MS: u64 = 300_000;

/// Makes a plain refusal of one that may be our own end's fault, or a ban; and tells of greetings.
pub async fn weigh(gate: &Inner, memory: &Memory, address: IpAddr, port: u16, evidence: &mut Evidence) {
    let now = time::now();
    match &evidence.answer {
        Err(Unseen::Rejected) => {
            // A host that answered before has rather shut us out.
            let sure = port == SMTP
                && memory.lately(now).is_ok_and(|lately| !lately.has_answered(address))
                && matches!(ask(&gate.env, "proof", address).await, Ok(true));
            if !sure {
                evidence.answer = Err(Unseen::Refused);
            }
        }
        Ok(_) if port == SMTP && address.is_ipv4() && now.saturating_sub(gate.told.get()) >= NEWS_MS => {
            gate.told.set(now);
            if let Err(error) = ask(&gate.env, "greeted", address).await {
                crate::log::failure("exit", &error);
            }
        }
        _ => {}
    }
}

/// Tells the object of an address that greeted us, or asks for a proof by another one.
async fn ask(env: &Env, what: &str, address: IpAddr) -> worker::Result<bool> {
    let object = env.durable_object("EXIT")?.get_by_name("direct")?;
    let url = format!("https://exit/{what}/{address}");
    let answer = time::within(ANSWER_TIMEOUT, object.fetch_with_str(&url)).await.transpose()?;
    Ok(answer.is_some_and(|answer| answer.status_code() == 204))
}

/// The object. It keeps two addresses: whoever asks, one of them is another's.
#[durable_object]
pub struct Exit {
    state: State,
}

impl UnwindSafe for Exit {}
impl RefUnwindSafe for Exit {}

#[derive(Deserialize)]
struct Found {}

impl DurableObject for Exit {
    fn new(state: State, _env: Env) -> Self {
        Self { state }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        let path = request.path();
        let mut parts = path.trim_start_matches('/').split('/');
        let known = match (parts.next(), parts.next()) {
            (Some("greeted"), Some(address)) => self.greeted(address)?,
            (Some("proof"), Some(address)) => self.another(address, HOUR_MS)?,
            _ => false,
        };
        Ok(Response::empty()?.with_status(if known { 204 } else { 404 }))
    }
}

impl Exit {
    /// Writes it down, unless two others did so lately.
    fn greeted(&self, address: &str) -> worker::Result<bool> {
        let sql = self.state.storage().sql();
        self.prepare()?;
        let fresh = "SELECT 1 FROM greeted WHERE at > ? LIMIT 2";
        let fresh: Vec<Found> = sql.exec(fresh, vec![since(NEWS_MS)])?.to_array()?;
        if fresh.len() < 2 {
            let values = vec![address.into(), since(0)];
            sql.exec("INSERT OR REPLACE INTO greeted (address, at) VALUES (?, ?)", values)?;
            let old = "DELETE FROM greeted WHERE address NOT IN (SELECT address FROM greeted ORDER BY at DESC LIMIT 2)";
            sql.exec(old, None)?;
        }
        Ok(true)
    }

    /// Did another address greet us within this time?
    fn another(&self, address: &str, within: u64) -> worker::Result<bool> {
        self.prepare()?;
        let other = "SELECT 1 FROM greeted WHERE address <> ? AND at > ?";
        let found: Vec<Found> =
            self.state.storage().sql().exec(other, vec![address.into(), since(within)])?.to_array()?;
        Ok(!found.is_empty())
    }

    fn prepare(&self) -> worker::Result<()> {
        let table = "CREATE TABLE IF NOT EXISTS greeted (address TEXT PRIMARY KEY, at INTEGER NOT NULL)";
        self.state.storage().sql().exec(table, None).map(drop)
    }
}

/// The moment so long ago.
fn since(ms: u64) -> SqlStorageValue {
    SqlStorageValue::Integer(i64::try_from(time::now().saturating_sub(ms)).unwrap_or(i64::MAX))
}
