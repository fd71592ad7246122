//! `GET /badge/{badge}.svg`, `.json`, and `/badge/{badge}/card`.

use frontend::badge::{Badge, Theme, flat, seal};
use serde::Serialize;
use shared::syntax::consent::Word;
use shared::{DomainName, Report, Sin};
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

/// How a badge is to look, by its query.
#[derive(Default)]
struct Look {
    large: bool,
    theme: Theme,
    sin: Option<Sin>,
}

impl Look {
    fn of(request: &Request) -> Result<Self, Refusal> {
        let mut look = Self::default();
        for (name, value) in request.url()?.query_pairs() {
            match (&*name, &*value) {
                ("style", "seal") => look.large = true,
                ("style", "flat") | ("theme", "light") => {}
                ("theme", "dark") => look.theme = Theme::Dark,
                ("theme", "auto") => look.theme = Theme::Auto,
                ("sin", number) => {
                    let sin = number.parse::<u8>().ok().and_then(|number| Sin::try_from(number).ok());
                    look.sin = Some(sin.ok_or_else(bad_look)?);
                }
                ("style" | "theme", _) => return Err(bad_look()),
                _ => {}
            }
        }
        Ok(look)
    }
}

fn bad_look() -> Refusal {
    let detail = "`style` is flat or seal, `theme` is light, dark or auto, `sin` is a number from 1 to 7.";
    Refusal::saying(Kind::BadQuery, detail)
}

/// The badge as an image: the flat one, or with `?style=seal` the large one.
pub async fn svg(request: &Request, env: &Env, badge: &str) -> Result<Response, Refusal> {
    let look = Look::of(request)?;
    let badge = drawn(&of(env, badge).await?, &look);
    let image = if look.large { seal(&badge, look.theme) } else { flat(&badge, look.theme) };
    answer(request, "image/svg+xml", image.into_bytes())
}

/// The badge as an endpoint of shields.io.
pub async fn json(request: &Request, env: &Env, badge: &str) -> Result<Response, Refusal> {
    let look = Look::of(request)?;
    let badge = drawn(&of(env, badge).await?, &look);
    let color = badge.colour.hex().to_owned();
    let endpoint =
        Endpoint { schema_version: 1, label: badge.label, message: badge.message, color, cache_seconds: 300 };
    answer(request, "application/json", serde_json::to_vec(&endpoint)?)
}

/// The badge as a small page for frames.
pub async fn card(request: &Request, env: &Env, badge: &str) -> Result<Response, Refusal> {
    let (row, report) = store::by_badge(env, badge).await?;
    let url = format!("{}/r/{}", request.url()?.origin().ascii_serialization(), row.id);
    let page = frontend::card::card(&report, &Badge::of(&report, time::now()), &url);
    answer(request, "text/html; charset=utf-8", page.into_bytes())
}

/// The report of a badge: by its id, or the latest of a domain.
async fn of(env: &Env, badge: &str) -> Result<Report, Refusal> {
    match ids::is_id(badge) {
        true => Ok(store::by_badge(env, badge).await?.1),
        false => of_domain(env, badge).await,
    }
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
    store::said(&store::get(env, &latest.id).await?.2)
}

fn drawn(report: &Report, look: &Look) -> Badge {
    match look.sin {
        Some(sin) => Badge::of_sin(report, sin, time::now()),
        None => Badge::of(report, time::now()),
    }
}

fn answer(request: &Request, kind: &str, body: Vec<u8>) -> Result<Response, Refusal> {
    let known = request.headers().get("if-none-match")?;
    let styles = respond::styles(&String::from_utf8_lossy(&body));
    let response = respond::tagged(kind, Keep::FiveMinutes, body, known.as_deref())?;
    response.headers().set(respond::STYLES, &styles)?;
    Ok(response)
}
