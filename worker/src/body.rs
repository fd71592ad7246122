//! Bodies from outside, read up to a cap.

use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use worker::{ByteStream, Request};

use crate::problem::{Kind, Refusal};

/// The most that a client's body may have, in octets.
const CLIENT_MAX: usize = 16 * 1024;

/// What is still read of a body that is refused: a client that is still sending when the answer
/// comes may never read it.
const DRAIN_MAX: usize = 1024 * 1024;

/// A body of JSON.
pub async fn json<T: DeserializeOwned>(request: &mut Request) -> Result<T, Refusal> {
    read(&bytes(request).await?)
}

/// A body as it came, for whoever looks at its octets first.
pub async fn bytes(request: &mut Request) -> Result<Vec<u8>, Refusal> {
    let kind = request.headers().get("content-type")?.unwrap_or_default();
    let bytes = client(request).await?;
    if is_json(&kind) { Ok(bytes) } else { Err(Refusal::of(Kind::NotTypedJson)) }
}

/// The fields of a form of ours.
pub async fn form(request: &mut Request) -> Result<Vec<(String, String)>, Refusal> {
    let bytes = client(request).await?;
    Ok(crate::routes::run::fields(&String::from_utf8_lossy(&bytes)))
}

/// Reads a body and throws it away.
pub async fn drain(request: &mut Request) {
    let _ = client(request).await;
}

/// All of a stream; nothing if it has more than `max` octets.
pub async fn all(stream: &mut ByteStream, max: usize) -> worker::Result<Option<Vec<u8>>> {
    let bytes = until(stream, max).await?;
    Ok(if bytes.len() > max { None } else { Some(bytes) })
}

/// A stream until there are more than `max` octets of it, or all.
pub async fn until(stream: &mut ByteStream, max: usize) -> worker::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while bytes.len() <= max
        && let Some(chunk) = stream.next().await
    {
        bytes.extend_from_slice(&chunk?);
    }
    Ok(bytes)
}

async fn client(request: &mut Request) -> Result<Vec<u8>, Refusal> {
    let Ok(mut stream) = request.stream() else { return Ok(Vec::new()) };
    match all(&mut stream, CLIENT_MAX).await? {
        Some(bytes) => Ok(bytes),
        None => {
            all(&mut stream, DRAIN_MAX).await?;
            Err(Refusal::of(Kind::TooLarge))
        }
    }
}

fn is_json(kind: &str) -> bool {
    let essence = kind.split(';').next().unwrap_or(kind).trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// JSON of a shape, which is an object: a list of its values in their order would be read as one, too.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(Refusal::of(Kind::BadShape));
    }
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        Category::Data => Refusal::saying(Kind::BadShape, format!("The body has the wrong shape: {error}.")),
        _ => Refusal::saying(Kind::BadJson, format!("The body is not JSON: {error}.")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::api::{Ask, NewScan};

    #[test]
    fn shapes() {
        let kind = |text: &str| read::<NewScan>(text.as_bytes()).err().map(|r| r.kind());
        assert_eq!(kind(r#"{"domain":"a.example"}"#), None);
        assert_eq!(kind(r#"{"domain":"a.example","drive":"server"}"#), None);
        assert_eq!(kind(r#"{"domain":"a.example","nonce":"x"}"#), Some(Kind::BadShape));
        assert_eq!(kind(r#"{"domain":"a.example","options":{"x":1}}"#), Some(Kind::BadShape));
        assert_eq!(kind(r#"{"domain":"a.example","options":{"selectors":["s1"]}}"#), None);
        assert_eq!(kind(r#"{"domain":"a.example","options":{"selectors":["s 1"]}}"#), Some(Kind::BadShape));
        assert_eq!(kind(r#"{"domain":"a.example""#), Some(Kind::BadJson));
        assert_eq!(kind(""), Some(Kind::BadJson));
        assert_eq!(kind(r#" ["a.example"]"#), Some(Kind::BadShape));
    }

    #[test]
    fn made_up_scripts() {
        let body = |script: &str| {
            format!(r#"{{"inquiries":[{{"kind":"probe","address":"192.0.2.1","port":25,"script":"{script}"}}]}}"#)
        };
        let kind = |script: &str| read::<Ask>(body(script).as_bytes()).err().map(|r| r.kind());
        assert_eq!(kind("smtp-survey"), None);
        assert_eq!(kind("rm-rf"), Some(Kind::BadShape));
    }

    #[test]
    fn media_types() {
        assert!(is_json("application/json") && is_json("Application/JSON; charset=utf-8"));
        assert!(!is_json("text/plain") && !is_json(""));
    }
}
