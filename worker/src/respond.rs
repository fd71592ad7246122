//! Answers, and the headers that every answer has.

use std::hash::{DefaultHasher, Hasher};

use serde::Serialize;
use worker::{Headers, Response, ResponseBody, ResponseBuilder};

use crate::problem::{CLASS, Kind, Refusal};
use crate::router::Route;
use crate::{ids, time};

/// For pages: nothing inline, nothing from elsewhere; WebAssembly needs its own word.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; manifest-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// For everything else, which loads nothing.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox";

/// For badges: their style is named by its hash.
const BADGE_POLICY: &str = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox";

/// For the card, which is shown in anyone's frame and does nothing there but lead to the report.
const CARD_POLICY: &str =
    "frame-ancestors *; base-uri 'none'; form-action 'none'; sandbox allow-popups allow-popups-to-escape-sandbox";

/// Where a badge's answer says what of it may be used, until the policy is written.
pub const STYLES: &str = "mailsins-styles";

/// The header that tells search engines what to keep.
pub const ROBOTS: &str = "x-robots-tag";

/// How long a copy may be shown before it is looked up again.
#[derive(Clone, Copy)]
pub enum Keep {
    /// Not at all.
    No,
    /// For a minute: pages and reports, which can be deleted.
    Minute,
    /// For five minutes at most: badges, which are shown far and wide. In the last of them the old one is shown while the
    /// new one is fetched.
    FiveMinutes,
    /// For ever: what its name says the content of.
    Forever,
}

impl Keep {
    const fn header(self) -> &'static str {
        match self {
            Self::No => "no-store",
            Self::Minute => "public, max-age=60",
            Self::FiveMinutes => "public, max-age=240, stale-while-revalidate=60",
            Self::Forever => "public, max-age=31536000, immutable",
        }
    }
}

/// What an object answers: what its work came to, or the problem that this met.
pub async fn caught(work: impl Future<Output = Result<Response, Refusal>>) -> worker::Result<Response> {
    match time::caught(work).await {
        Some(Ok(response)) => Ok(response),
        Some(Err(refusal)) => refusal.response(),
        None => Refusal::of(Kind::Panicked).response(),
    }
}

/// JSON that is not to be kept.
pub fn json<T: Serialize>(status: u16, value: &T) -> worker::Result<Response> {
    let builder = headed("application/json", Keep::No)?;
    Ok(builder.with_status(status).fixed(serde_json::to_vec(value)?))
}

/// No body.
pub fn empty(status: u16) -> worker::Result<Response> {
    Ok(ResponseBuilder::new().with_header("cache-control", Keep::No.header())?.with_status(status).empty())
}

/// A text or a document, with a tag by which a client's copy is known to be current.
pub fn tagged(kind: &str, keep: Keep, body: Vec<u8>, known: Option<&str>) -> worker::Result<Response> {
    let tag = tag(&body);
    let builder = headed(kind, keep)?.with_header("etag", &tag)?;
    if known.is_some_and(|known| matches(known, &tag)) {
        return Ok(builder.with_status(304).empty());
    }
    Ok(builder.fixed(body))
}

/// Tells one body from another. Nobody gains by two that are told alike, so it is no cryptographic hash: over a page that
/// would take longer than all else.
fn tag(body: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(body);
    format!("\"{:016x}{:x}\"", hasher.finish(), body.len())
}

/// What a method may be used with: the answer to OPTIONS, and to a browser that asks on behalf of another site's page.
pub fn options(route: &Route) -> worker::Result<Response> {
    let response = empty(204)?;
    let headers = response.headers();
    headers.set("allow", route.allow())?;
    if route.is_open() {
        headers.set("access-control-allow-methods", "GET, HEAD")?;
        headers.set("access-control-allow-headers", "if-none-match")?;
        headers.set("access-control-max-age", "86400")?;
    }
    Ok(response)
}

/// A builder with the headers of a body.
pub fn headed(kind: &str, keep: Keep) -> worker::Result<ResponseBuilder> {
    ResponseBuilder::new().with_header("content-type", kind)?.with_header("cache-control", keep.header())
}

/// Adds the headers of every answer, drops the body of an answer to HEAD, and takes off the
/// class of a problem, for the log.
pub fn finish(response: Response, route: &Route, head: bool) -> worker::Result<(Response, Option<String>)> {
    let status = response.status_code();
    let encode = *response.encode_body();
    let headers = Headers::new();
    for (name, value) in response.headers().entries() {
        headers.append(&name, &value)?;
    }
    let class = headers.get(CLASS)?;
    headers.delete(CLASS)?;
    secure(&headers, route)?;
    let (_, body) = response.into_parts();
    let body = if head { ResponseBody::Empty } else { body };
    let builder = ResponseBuilder::new().with_status(status).with_headers(headers).with_encode_body(encode);
    Ok((builder.body(body), class))
}

fn secure(headers: &Headers, route: &Route) -> worker::Result<()> {
    let html = headers.get("content-type")?.is_some_and(|kind| kind.starts_with("text/html"));
    let failed = headers.get("content-type")?.is_some_and(|kind| kind.starts_with("application/problem"));
    let styles = headers.get(STYLES)?.unwrap_or_else(|| "'none'".to_owned());
    headers.delete(STYLES)?;
    let drawn = |policy| format!("default-src 'none'; style-src {styles}; {policy}");
    let policy = match route {
        _ if failed => DATA_POLICY.to_owned(),
        Route::BadgeCard(_) => drawn(CARD_POLICY),
        Route::BadgeSvg(_) => drawn(BADGE_POLICY),
        _ if html => PAGE_POLICY.to_owned(),
        _ => DATA_POLICY.to_owned(),
    };
    headers.set("content-security-policy", &policy)?;
    headers.set("x-content-type-options", "nosniff")?;
    headers.set("referrer-policy", "no-referrer")?;
    headers.set("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")?;
    headers.set("strict-transport-security", "max-age=31536000")?;
    headers.set("cross-origin-opener-policy", "same-origin")?;
    let shown_by = if route.is_open() { "cross-origin" } else { "same-origin" };
    headers.set("cross-origin-resource-policy", shown_by)?;
    if route.is_open() {
        headers.set("access-control-allow-origin", "*")?;
        headers.set("access-control-expose-headers", "etag, retry-after")?;
    }
    if route.is_unlisted() && !headers.has(ROBOTS)? {
        headers.set(ROBOTS, "noindex")?;
    }
    Ok(())
}

/// The styles that stand in a text of our own, by their hashes, as a policy names them (CSP Level 3 section 2.3.1); nothing else may
/// style it.
pub fn styles(text: &str) -> String {
    let inner = text.split("<style>").skip(1).filter_map(|rest| rest.split("</style>").next());
    let hashes: Vec<String> = inner.map(|style| format!("'sha256-{}'", ids::hash_base64(style.as_bytes()))).collect();
    if hashes.is_empty() { "'none'".to_owned() } else { hashes.join(" ") }
}

/// RFC 9110 section 13.1.2: a list of tags, compared weakly, or `*`.
fn matches(known: &str, tag: &str) -> bool {
    known.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_named_by_their_hash() {
        assert_eq!(styles("<svg/>"), "'none'");
        let none = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";
        assert_eq!(styles("<style></style><p><style></style>"), format!("{none} {none}"));
    }

    #[test]
    fn tags() {
        assert_eq!(tag(b"a"), tag(b"a"));
        assert!(tag(b"a") != tag(b"b") && tag(b"") != tag(&[0]));
        assert!(matches("\"a\"", "\"a\"") && matches("\"b\", W/\"a\"", "\"a\"") && matches("*", "\"a\""));
        assert!(!matches("\"b\"", "\"a\"") && !matches("", "\"a\""));
    }
}
