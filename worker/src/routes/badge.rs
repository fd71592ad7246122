//! `GET /badge/{badge}.svg` and `.json`.

use frontend::badge::{Badge, flat, seal};
use serde::Serialize;
use shared::syntax::consent::Word;
use shared::{DomainName, Report};
use worker::{Env, Request, Response};

use crate::problem::{Kind, Refusal};
use crate::respond::{self, Keep};
use crate::{history, ids, standing, store, time};

/// A badge as <https://shields.io/badges/endpoint-badge> takes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint {
    schema_version: u8,
    label: String,
    message: String,
    color: String,
    cache_seconds: u32,
}

/// The badge as an image: the flat one, or with `?style=seal` the large one.
pub async fn svg(request: &Request, env: &Env, badge: &str) -> Result<Response, Refusal> {
    let large = request.url()?.query_pairs().any(|(name, value)| name == "style" && value == "seal");
    let badge = of(env, badge).await?;
    let image = if large { seal(&badge) } else { flat(&badge) };
    answer(request, "image/svg+xml", image.into_bytes())
}

/// The badge as an endpoint of shields.io.
pub async fn json(request: &Request, env: &Env, badge: &str) -> Result<Response, Refusal> {
    let badge = of(env, badge).await?;
    let color = badge.colour.hex().to_owned();
    let endpoint =
        Endpoint { schema_version: 1, label: badge.label, message: badge.message, color, cache_seconds: 300 };
    answer(request, "application/json", serde_json::to_vec(&endpoint)?)
}

async fn of(env: &Env, badge: &str) -> Result<Badge, Refusal> {
    let report = if ids::is_id(badge) { store::by_badge(env, badge).await? } else { of_domain(env, badge).await? };
    Ok(Badge::of(&report, time::now()))
}

/// The latest report of a domain whose record allows a badge.
async fn of_domain(env: &Env, domain: &str) -> Result<Report, Refusal> {
    let domain = DomainName::new(domain).map_err(|_| Refusal::of(Kind::NoBadge))?;
    let standing = standing::of(env, &domain).await?;
    if standing.opted_out {
        return Err(Refusal::of(Kind::OptedOut));
    }
    if !standing.words.contains(&Word::Badge) {
        return Err(Refusal::of(Kind::NoConsent));
    }
    let latest = history::latest(env, &domain).await?.ok_or_else(|| Refusal::of(Kind::NoBadge))?;
    store::unpack(&store::get(env, &latest.id).await?.1)
}

fn answer(request: &Request, kind: &str, body: Vec<u8>) -> Result<Response, Refusal> {
    let known = request.headers().get("if-none-match")?;
    Ok(respond::tagged(kind, Keep::FiveMinutes, body, known.as_deref())?)
}
