//! The batch object: one for each batch. It has a few scans of its domains run at a time, publishes each, and is asked
//! how far it is. Everything is done by its alarm, and all that it knows is in SQL.
//!
//! The platform's rate limiter says only yes or no, so that nothing can be set aside for a batch beforehand. Each scan
//! takes one of its client's when its turn comes, and waits where there is none; the pace leaves some for the client.

mod table;
mod turn;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use shared::api::{BatchScan, BatchState, Progress};
use shared::{DomainName, Options};
use worker::durable::Stub;
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use crate::problem::{Kind, Refusal};
use crate::{log, respond, routes, time};
use table::Table;

/// After a failure of ours, the alarm rings again after so many milliseconds.
const AGAIN_MS: u64 = 15_000;

/// The object.
#[durable_object(alarm)]
pub struct Batch {
    state: State,
    env: Env,
}

/// What a batch is made with.
#[derive(Serialize, Deserialize)]
pub struct Make {
    /// The domains, each once.
    pub domains: Vec<DomainName>,
    /// The choices.
    pub options: Options,
    /// The site's own domain.
    pub probe_domain: DomainName,
    /// The DNS blocklists that it asks.
    pub blocklists: Vec<DomainName>,
    /// Whose scans it takes; nothing where nobody's are counted.
    pub client: Option<String>,
    /// Scheme and host of this site.
    pub origin: String,
    /// The key that deletes its reports.
    pub delete_key: String,
    /// When it was made, in milliseconds since 1970.
    pub created: u64,
}

/// What is asked of a batch object.
pub enum Order {
    /// Make the batch.
    Make(Box<Make>),
    /// Say how it stands.
    State,
}

impl Order {
    /// Gives the order. The answer is the client's.
    pub async fn give(self, object: &Stub) -> Result<Response, Refusal> {
        let (path, body) = match self {
            Self::Make(make) => ("make", Some(serde_json::to_string(&make)?)),
            Self::State => ("state", None),
        };
        routes::scan::send(object, &format!("https://batch/{path}"), body).await
    }
}

impl DurableObject for Batch {
    fn new(state: State, env: Env) -> Self {
        Self { state, env }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        respond::caught(self.answer(request)).await
    }

    async fn alarm(&self) -> worker::Result<Response> {
        // An error would have the platform ring again and again.
        let next = match time::caught(turn::turn(&self.state, &self.env)).await {
            Some(Ok(next)) => next,
            Some(Err(_)) => Some(AGAIN_MS),
            None => {
                log::panicked("batch alarm");
                Some(AGAIN_MS)
            }
        };
        match next {
            Some(after) => self.ring(after).await?,
            None => self.state.storage().delete_all().await?,
        }
        Response::empty()
    }
}

impl Batch {
    async fn answer(&self, mut request: Request) -> Result<Response, Refusal> {
        let table = Table::of(&self.state);
        if request.path() != "/make" {
            let head = table.head()?.ok_or_else(|| Refusal::of(Kind::NoBatch))?;
            return Ok(respond::json(200, &self.stands(&table, &head, None)?)?);
        }
        let make: Make = request.json().await?;
        let (status, head) = match table.head()? {
            Some(head) if head.domains == make.domains && head.options == make.options => (200, head),
            Some(_) => return Err(Refusal::of(Kind::KeyReused)),
            None => {
                table.make(&make)?;
                self.ring(0).await?;
                (201, make)
            }
        };
        let key = Some(head.delete_key.clone());
        Ok(respond::json(status, &self.stands(&table, &head, key)?)?)
    }

    fn stands(&self, table: &Table, head: &Make, delete_key: Option<String>) -> Result<BatchState, Refusal> {
        let scans: Vec<BatchScan> = table.scans()?;
        Ok(BatchState {
            id: self.state.id().to_string(),
            created: head.created,
            options: head.options.clone(),
            complete: scans.iter().all(|scan| scan.progress.is_over()),
            delete_key,
            scans,
        })
    }

    async fn ring(&self, after_ms: u64) -> worker::Result<()> {
        self.state.storage().set_alarm(Duration::from_millis(after_ms)).await
    }
}

/// A domain whose turn has not come.
fn waiting(domain: &DomainName) -> BatchScan {
    let domain = domain.clone();
    BatchScan { domain, progress: Progress::Waiting, scan: None, report: None, url: None, badge: None, summary: None }
}
