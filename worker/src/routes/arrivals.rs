//! `/api/v1/arrivals`: what the receiving host tells.

use probe::arrival::{HEADER, is_signed};
use shared::api::NewArrival;
use shared::evidence::Arrival;
use worker::{Env, Request, Response};

use crate::active::arrival;
use crate::problem::{Kind, Refusal};
use crate::{body, config, respond, time};

/// The most of a header that is kept, in characters.
const HEADER_MAX: usize = 4096;

/// `POST /api/v1/arrivals`.
pub async fn post(mut request: Request, env: &Env) -> Result<Response, Refusal> {
    let signature = request.headers().get(HEADER)?.unwrap_or_default();
    let body = body::bytes(&mut request).await?;
    let secret = config::sink(env)?.ok_or_else(|| Refusal::of(Kind::BadSignature))?.secret;
    if !is_signed(secret.as_bytes(), &body, &signature, time::now() / 1000) {
        return Err(Refusal::of(Kind::BadSignature));
    }
    let NewArrival { token, sender, client, header } = body::read(&body)?;
    let came = Arrival {
        at: time::now(),
        sender: sender.chars().take(320).collect(),
        client: Some(client),
        header: header.chars().take(HEADER_MAX).collect(),
    };
    arrival::take(env, &token, &came).await?;
    Ok(respond::empty(204)?)
}
