//! `GET /r/{id}`, `.json` and `.md`: a published report for people and programs.

use frontend::server::{Against, Assets, Page, render};
use shared::Report;
use shared::difference::{Judged, difference};
use shared::syntax::consent::Word;
use worker::{Env, Request, Response};

use crate::ids::is_id;
use crate::problem::{Kind, Refusal};
use crate::respond::{self, Keep, ROBOTS};
use crate::router::Form;
use crate::store;

/// The media type of a page.
pub const HTML: &str = "text/html; charset=utf-8";

/// The names of the browser's files; see build.rs.
const ASSETS: &str = include_str!(concat!(env!("OUT_DIR"), "/assets.json"));

/// The report in the form that was asked for.
pub async fn get(request: &Request, env: &Env, id: &str, form: Form) -> Result<Response, Refusal> {
    let (row, standing, packed) = store::get(env, id).await?;
    let known = request.headers().get("if-none-match")?;
    let mut is_listed = false;
    let (kind, body) = match form {
        // Unpacked here: what the client accepts is the platform's to know, which packs it again.
        Form::Json => ("application/json", store::unzip(&packed)?),
        Form::Markdown => {
            ("text/markdown; charset=utf-8", shared::report::markdown(&store::unpack(&packed)?).into_bytes())
        }
        Form::Html => {
            let url = request.url()?;
            let origin = url.origin().ascii_serialization();
            let badge = format!("{origin}/badge/{}", row.badge);
            let report = Box::new(store::unpack(&packed)?);
            let against = match url.query_pairs().find(|(name, _)| name == "against") {
                Some((_, id)) => Some(against(env, &id, &report).await?),
                None => None,
            };
            // Unlisted until its owner consents to the history, in which each plain report is.
            is_listed = standing.words.contains(&Word::History) && store::is_plain(&report);
            let page = Page::Report { id: row.id, report, badge, against, published: is_listed };
            (HTML, html(page, &origin).await?.into_bytes())
        }
    };
    let response = respond::tagged(kind, Keep::Minute, body, known.as_deref())?;
    if is_listed {
        response.headers().set(ROBOTS, "all")?;
    }
    Ok(response)
}

/// What changed since another report.
async fn against(env: &Env, id: &str, report: &Report) -> Result<Against, Refusal> {
    if !is_id(id) {
        return Ok(Against::NotFound);
    }
    let packed = match store::get(env, id).await {
        Ok((_, _, packed)) => packed,
        Err(refusal) if matches!(refusal.kind(), Kind::NoReport | Kind::Deleted | Kind::Expired) => {
            return Ok(Against::NotFound);
        }
        Err(refusal) => return Err(refusal),
    };
    let before: Judged = serde_json::from_slice(&store::unzip(&packed)?)?;
    if before.domain != report.domain {
        return Ok(Against::OtherDomain);
    }
    Ok(Against::Difference(difference(&before, &Judged::from(report))))
}

/// A refusal as a page.
pub async fn refuse(refusal: Refusal) -> worker::Result<Response> {
    let problem = refusal.problem();
    let status = problem.status;
    let page = match refusal.kind() {
        Kind::NotFound => Page::NotFound { what: "page".to_owned() },
        Kind::NoReport => Page::NotFound { what: "report".to_owned() },
        Kind::Deleted => Page::Gone,
        _ => Page::Error { problem },
    };
    let headers = refusal.headers()?;
    headers.set("content-type", HTML)?;
    let text = html(page, "").await?;
    Ok(worker::ResponseBuilder::new().with_status(status).with_headers(headers).fixed(text.into_bytes()))
}

/// The names of the browser's files.
pub fn assets() -> worker::Result<Assets> {
    Ok(serde_json::from_str(ASSETS)?)
}

async fn html(page: Page, origin: &str) -> worker::Result<String> {
    let assets = assets()?;
    Ok(render(page, &assets, origin).await)
}
