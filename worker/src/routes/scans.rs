//! `POST /api/v1/scans`: a new scan of what a person typed.

use shared::api::NewScan;
use shared::domain::read_typed;
use worker::{Env, Request, Response, Url};

use super::scan::{call, object};
use crate::problem::{Kind, Refusal};
use crate::scan::{Make, Order};
use crate::{body, config, limit};

/// Makes a scan and answers its first inquiries.
pub async fn post(mut request: Request, env: &Env) -> Result<Response, Refusal> {
    let NewScan { domain, options, drive } = body::json(&mut request).await?;
    let typed = read_typed(&domain, to_ascii)
        .map_err(|bad| Refusal::saying(Kind::BadDomain, format!("This is not a domain: {bad}.")))?;
    options.check(&typed.domain).map_err(|why| Refusal::saying(Kind::BadShape, why))?;
    config::egress(env)?;
    config::resolvers(env)?;
    let (probe_domain, blocklists) = (config::probe_domain(env)?, config::blocklists(env)?);
    let make = Make { domain: typed.domain, options, probe_domain, blocklists, drive };
    limit::scan(&request, env).await?;
    let id = env.durable_object("SCAN")?.unique_id()?.to_string();
    let response = call(&object(env, &id)?, Order::Make, "", Some(serde_json::to_string(&make)?)).await?;
    response.headers().set("location", &format!("/api/v1/scans/{id}"))?;
    Ok(response)
}

/// UTS 46, as browsers do it.
fn to_ascii(host: &str) -> Option<String> {
    let url = Url::parse(&format!("http://{host}/")).ok()?;
    (url.path() == "/").then(|| url.host_str().map(str::to_owned)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internationalized_domains() {
        assert_eq!(to_ascii("bücher.example").as_deref(), Some("xn--bcher-kva.example"));
        assert_eq!(to_ascii("straße.example").as_deref(), Some("xn--strae-oqa.example"));
        assert_eq!(to_ascii("a b.example"), None);
    }
}
