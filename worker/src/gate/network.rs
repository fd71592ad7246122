//! How often something may be done in a day: one object for each, named by it. So many hosts of one /24 or /48 are asked,
//! so many runs of active tests begin for a domain, so many messages with a code go to a host.

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::Duration;

use serde::Deserialize;
use worker::{DurableObject, Env, Request, Response, SqlStorageValue, State, durable_object};

use super::memory::day_end;
use crate::{config, time};

/// The object. Its table lives until the day (UTC) is over.
#[durable_object(alarm)]
pub struct Network {
    state: State,
}

impl UnwindSafe for Network {}
impl RefUnwindSafe for Network {}

#[derive(Deserialize)]
struct Count {}

impl DurableObject for Network {
    fn new(state: State, _env: Env) -> Self {
        Self { state }
    }

    /// The path is how often.
    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        let cap = request.path().trim_start_matches('/').parse().unwrap_or(0);
        let status = if self.take(cap).await? { 204 } else { 429 };
        Ok(Response::empty()?.with_status(status))
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.state.storage().delete_all().await?;
        Response::empty()
    }
}

impl Network {
    async fn take(&self, cap: u32) -> worker::Result<bool> {
        let storage = self.state.storage();
        let now = time::now();
        let end = day_end(now);
        let sql = storage.sql();
        sql.exec("CREATE TABLE IF NOT EXISTS days (day_end INTEGER PRIMARY KEY, n INTEGER NOT NULL)", None)?;
        let integer = |value: u64| SqlStorageValue::Integer(i64::try_from(value).unwrap_or(i64::MAX));
        let upsert = "INSERT INTO days (day_end, n) SELECT ?1, 1 WHERE ?2 > 0 ON CONFLICT (day_end) DO UPDATE SET n = n + 1 WHERE n < ?2 RETURNING n";
        let taken: Vec<Count> = sql.exec(upsert, vec![integer(end), integer(cap.into())])?.to_array()?;
        storage.set_alarm(Duration::from_millis(end - now + 1000)).await?;
        Ok(!taken.is_empty())
    }
}

/// Takes one new host from a network's share of today.
pub async fn admits(env: &Env, network: &str) -> worker::Result<bool> {
    is_left_today(env, network, config::network_cap(env)).await
}

/// How long the object may take to answer: a host's turn waits for it.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Takes one of so many that there are today. No answer is neither yes nor no.
pub async fn is_left_today(env: &Env, what: &str, cap: u32) -> worker::Result<bool> {
    let object = env.durable_object("NETWORK")?.get_by_name(what)?;
    let url = format!("https://network/{cap}");
    let answer = time::within(ANSWER_TIMEOUT, object.fetch_with_str(&url)).await.transpose()?;
    let answer = answer.ok_or_else(|| worker::Error::RustError("a count of the day does not answer".to_owned()))?;
    Ok(answer.status_code() == 204)
}
