//! `/api/v1/batches`: many domains, a few at a time.

use shared::api::{BATCH_MAX, NewBatch};
use worker::durable::Stub;
use worker::{Env, Request, Response};

use super::scans::{read, settings};
use crate::batch::{Make, Order};
use crate::problem::{Kind, Refusal};
use crate::{body, ids, limit, once, time};

/// Makes a batch, which takes one of the client's scans now, and one more for each domain behind the first when its
/// turn comes.
pub async fn post(mut request: Request, env: &Env) -> Result<Response, Refusal> {
    let NewBatch { domains: typed, options } = body::json(&mut request).await?;
    if typed.is_empty() || typed.len() > BATCH_MAX {
        return Err(Refusal::saying(Kind::BadShape, format!("A batch has 1 to {BATCH_MAX} domains.")));
    }
    let mut domains = Vec::new();
    for (place, text) in typed.iter().enumerate() {
        let domain = read(text).map_err(|refusal| refusal.at(&format!("domains[{place}]")))?;
        options.check(&domain).map_err(|why| Refusal::saying(Kind::BadShape, why))?;
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    let (probe_domain, blocklists) = settings(env)?;
    let make = Make {
        domains,
        options,
        probe_domain,
        blocklists,
        client: limit::client(&request)?,
        origin: request.url()?.origin().ascii_serialization(),
        delete_key: ids::random()?,
        created: time::now(),
    };
    limit::scan(&request, env).await?;
    let id = once::id(&request, env, "BATCH")?;
    let response = Order::Make(Box::new(make)).give(&object(env, &id)?).await?;
    response.headers().set("location", &format!("/api/v1/batches/{id}"))?;
    Ok(response)
}

/// How a batch stands.
pub async fn get(mut request: Request, env: &Env, id: &str) -> Result<Response, Refusal> {
    body::drain(&mut request).await;
    Order::State.give(&object(env, id)?).await
}

fn object(env: &Env, id: &str) -> Result<Stub, Refusal> {
    let namespace = env.durable_object("BATCH")?;
    let id = namespace.id_from_string(id).map_err(|_| Refusal::of(Kind::NoBatch))?;
    Ok(id.get_stub()?)
}
