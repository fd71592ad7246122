//! `GET /about`, `/checks`, `/checks/{id}`, `/example/{name}`, `/sitemap.xml`, `/robots.txt`: written by the build, but for this
//! site's address and how to reach who runs it.

use frontend::server::{CONTACT, ORIGIN, escape};
use worker::{Env, Request, Response};

use crate::config;
use crate::problem::{Kind, Refusal};
use crate::respond::{self, Keep};

/// A page to read.
pub async fn page(request: &Request, env: &Env, name: &str) -> Result<Response, Refusal> {
    send(request, env, name, "text/html; charset=utf-8").await
}

/// A file for search engines.
pub async fn file(request: &Request, env: &Env, name: &str) -> Result<Response, Refusal> {
    let kind = if name == "sitemap" { "application/xml" } else { "text/plain; charset=utf-8" };
    send(request, env, name, kind).await
}

async fn send(request: &Request, env: &Env, name: &str, kind: &str) -> Result<Response, Refusal> {
    let mut url = request.url()?;
    let origin = url.origin().ascii_serialization();
    url.set_path(&format!("/learn/{name}.page"));
    url.set_query(None);
    let mut found = env.assets("ASSETS")?.fetch(url, None).await?;
    // What is not there is answered with the start page.
    let start = found.headers().get("content-type")?.is_some_and(|kind| kind.starts_with("text/html"));
    if found.status_code() != 200 || start {
        return Err(Refusal::of(Kind::NotFound));
    }
    let contact = escape(&config::contact(env)?);
    let text = found.text().await?.replace(ORIGIN, &origin).replace(CONTACT, &contact);
    let known = request.headers().get("if-none-match")?;
    Ok(respond::tagged(kind, Keep::FiveMinutes, text.into_bytes(), known.as_deref())?)
}
