//! How much one client may ask.

use shared::net;
use worker::{Env, Request};

use crate::problem::{Kind, Refusal};

/// Takes one of a client's requests (300 a minute).
pub async fn request(request: &Request, env: &Env) -> Result<(), Refusal> {
    take(request, env, "CLIENTS").await
}

/// Takes one of a client's scans (5 a minute).
pub async fn scan(request: &Request, env: &Env) -> Result<(), Refusal> {
    take(request, env, "SCANS").await
}

/// The same for a client that is not asking right now; says whether there was one left.
pub async fn scan_of(client: Option<&str>, env: &Env) -> Result<bool, Refusal> {
    let Some(key) = client else { return Ok(true) };
    Ok(env.rate_limiter("SCANS")?.limit(key.to_owned()).await?.success)
}

async fn take(request: &Request, env: &Env, binding: &str) -> Result<(), Refusal> {
    let Some(key) = client(request)? else { return Ok(()) };
    if env.rate_limiter(binding)?.limit(key).await?.success { Ok(()) } else { Err(Refusal::of(Kind::RateLimited)) }
}

/// Whose request it is; nothing for one that is not counted. The lab runs dozens of scans a
/// minute from one address, so its build counts only clients that name themselves in the header
/// `Mailsins-Lab-Client`.
pub fn client(request: &Request) -> Result<Option<String>, Refusal> {
    if cfg!(feature = "lab") {
        return Ok(request.headers().get("mailsins-lab-client")?);
    }
    let address = request.headers().get("cf-connecting-ip")?;
    Ok(Some(key(address.as_deref())))
}

/// All of an IPv6 client's /64 counts as one.
fn key(address: Option<&str>) -> String {
    match address.and_then(|text| text.parse().ok()) {
        Some(address) => net::host(address).to_string(),
        None => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        assert_eq!(key(Some("192.0.2.1")), "192.0.2.1");
        assert_eq!(key(Some("2001:db8:1:2:3:4:5:6")), "2001:db8:1:2::");
        assert_eq!(key(None), "unknown");
    }
}
