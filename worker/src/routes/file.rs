//! `GET /api/openapi.json` and `GET /api/v1/checks`: files that the build made, for pages of other sites too.

use worker::{Env, Headers, Request, RequestInit, Response, ResponseBuilder};

use crate::problem::{Kind, Refusal};
use crate::respond::{self, Keep};

/// The file at this path among the assets.
pub async fn get(request: &Request, env: &Env, path: &str) -> Result<Response, Refusal> {
    let mut url = request.url()?;
    url.set_path(path);
    let mut init = RequestInit::new();
    if let Some(known) = request.headers().get("if-none-match")? {
        let headers = Headers::new();
        headers.set("if-none-match", &known)?;
        init.with_headers(headers);
    }
    let found = env.assets("ASSETS")?.fetch(url, Some(init)).await?;
    let status = found.status_code();
    // What is not there is answered with the start page.
    let page = found.headers().get("content-type")?.is_some_and(|kind| kind.starts_with("text/html"));
    if page || !matches!(status, 200 | 304) {
        return Err(Refusal::of(Kind::NotFound));
    }
    let tag = found.headers().get("etag")?;
    let (_, body) = found.into_parts();
    let mut builder: ResponseBuilder = respond::headed("application/json", Keep::FiveMinutes)?.with_status(status);
    if let Some(tag) = tag {
        builder = builder.with_header("etag", &tag)?;
    }
    Ok(if status == 304 { builder.empty() } else { builder.body(body) })
}
