//! `/api/v1/scans/{id}` and below: what the scan object answers.

use shared::api::{ASK_MAX, Ask};
use worker::durable::Stub;
use worker::wasm_bindgen::JsValue;
use worker::{Env, Headers, Method, Request, RequestInit, Response};

use crate::problem::{Kind, Refusal};
use crate::scan::{Order, Publish};
use crate::{body, respond};

/// `GET` and `DELETE /api/v1/scans/{id}`.
pub async fn order(mut request: Request, env: &Env, id: &str, order: Order) -> Result<Response, Refusal> {
    body::drain(&mut request).await;
    let query = request.url()?.query().unwrap_or_default().to_owned();
    call(&object(env, id)?, order, &query, None).await
}

/// `POST /api/v1/scans/{id}/inquiries`.
pub async fn ask(mut request: Request, env: &Env, id: &str) -> Result<Response, Refusal> {
    let Ask { inquiries } = body::json(&mut request).await?;
    if inquiries.len() > ASK_MAX {
        return Err(Refusal::of(Kind::TooMany));
    }
    call(&object(env, id)?, Order::Ask, "", Some(serde_json::to_string(&inquiries)?)).await
}

/// `GET /api/v1/scans/{id}/events`. A browser that takes a stream up again says in a header what it
/// has; the first time it can say so only in the query.
pub async fn events(request: Request, env: &Env, id: &str) -> Result<Response, Refusal> {
    let object = object(env, id)?;
    if request.method() == Method::Head {
        let state = call(&object, Order::State, "", None).await?;
        if state.status_code() != 200 {
            return Ok(state);
        }
        return Ok(respond::headed("text/event-stream", respond::Keep::No)?.empty());
    }
    let mut query = request.url()?.query().unwrap_or_default().to_owned();
    if let Some(seq) = request.headers().get("last-event-id")? {
        let seq: u64 = seq.parse().map_err(|_| Refusal::of(Kind::BadQuery))?;
        query = format!("{query}&since={seq}");
    }
    call(&object, Order::Events, &query, None).await
}

/// `POST /api/v1/scans/{id}/report`.
pub async fn publish(mut request: Request, env: &Env, id: &str) -> Result<Response, Refusal> {
    body::drain(&mut request).await;
    let origin = request.url()?.origin().ascii_serialization();
    call(&object(env, id)?, Order::Publish, "", Some(serde_json::to_string(&Publish { origin, delete_key: None })?))
        .await
}

/// The scan object of an id. Ids carry a signature of the platform's: a made-up one wakes no object.
pub fn object(env: &Env, id: &str) -> Result<Stub, Refusal> {
    let namespace = env.durable_object("SCAN")?;
    let id = namespace.id_from_string(id).map_err(|_| Refusal::of(Kind::NoScan))?;
    Ok(id.get_stub()?)
}

/// Gives an order. The answer is the client's, streams included.
pub async fn call(object: &Stub, order: Order, query: &str, body: Option<String>) -> Result<Response, Refusal> {
    send(object, &format!("https://scan{}?{query}", order.path()), body).await
}

/// Posts a text to an object.
pub async fn send(object: &Stub, url: &str, body: Option<String>) -> Result<Response, Refusal> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(body.map(|text| JsValue::from_str(&text)));
    let request = Request::new_with_init(url, &init)?;
    let response = object.fetch_with_request(request).await?;
    let headers = Headers::new();
    for (name, value) in response.headers().entries() {
        headers.append(&name, &value)?;
    }
    Ok(response.with_headers(headers))
}
