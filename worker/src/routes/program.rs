//! `GET /app-{hash}.wasm`, `GET /engine-{hash}.wasm`: the browser's two programs, packed by the build as small as Brotli can.

use worker::js_sys::Reflect;
use worker::{EncodeBody, Env, Request, Response};

use crate::problem::{Kind, Refusal};
use crate::respond::{self, Keep};

const WASM: &str = "application/wasm";

/// The packed program for whoever takes Brotli, the plain one for everybody else.
pub async fn get(request: &Request, env: &Env, name: &str) -> Result<Response, Refusal> {
    let assets = env.assets("ASSETS")?;
    let packed = takes_brotli(request)?;
    let mut url = request.url()?;
    url.set_path(&format!("/{name}{}", if packed { ".br" } else { "" }));
    let found = assets.fetch(url, None).await?;
    // What is not there is answered with the start page.
    let page = found.headers().get("content-type")?.is_some_and(|kind| kind.starts_with("text/html"));
    if found.status_code() != 200 || page {
        return Err(Refusal::of(Kind::NotFound));
    }
    let mut builder = respond::headed(WASM, Keep::Forever)?.with_header("vary", "accept-encoding")?;
    if packed {
        builder = builder.with_header("content-encoding", "br")?.with_encode_body(EncodeBody::Manual);
    }
    let (_, body) = found.into_parts();
    Ok(builder.body(body))
}

/// What the client itself takes: the platform puts its own list into the header, and the client's here.
fn takes_brotli(request: &Request) -> worker::Result<bool> {
    let edge = Reflect::get(request.inner(), &"cf".into())?;
    let client = match edge.is_object() {
        true => Reflect::get(&edge, &"clientAcceptEncoding".into())?.as_string(),
        false => None,
    };
    let said = match client {
        Some(said) => Some(said),
        None => request.headers().get("accept-encoding")?,
    };
    Ok(said.is_some_and(|said| accepts(&said, "br")))
}

/// RFC 9110 section 12.5.3: is a coding among those that are accepted?
fn accepts(list: &str, coding: &str) -> bool {
    list.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let refused = |weight: &str| weight.strip_prefix("q=").is_some_and(|q| q.trim_matches(['0', '.']).is_empty());
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding)) && !parts.any(refused)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings() {
        for yes in ["br", "gzip, deflate, br, zstd", "gzip;q=0.5, BR;q=0.1"] {
            assert!(accepts(yes, "br"), "{yes}");
        }
        for no in ["", "gzip, deflate", "br;q=0", "br; q=0.000", "brotli", "*"] {
            assert!(!accepts(no, "br"), "{no}");
        }
    }
}
