//! `POST /api/v1/scans`: a new scan of what a person typed.

use shared::DomainName;
use shared::api::{MAX_AGE, NewScan};
use shared::domain::read_typed;
use worker::{Env, Request, Response, Url};

use super::scan::{call, object};
use crate::problem::{Kind, Refusal};
use crate::scan::{Make, Order};
use crate::{body, config, ids, limit, once, pool};

/// Makes a scan and answers its first inquiries.
pub async fn post(mut request: Request, env: &Env) -> Result<Response, Refusal> {
    let NewScan { domain, options, drive, max_age, mailtest } = body::json(&mut request).await?;
    let domain = read(&domain)?;
    options.check(&domain).map_err(|why| Refusal::saying(Kind::BadShape, why))?;
    if mailtest.as_deref().is_some_and(|id| !ids::is_id(id)) {
        return Err(Refusal::saying(Kind::BadShape, "`mailtest` is not the id of a test."));
    }
    if max_age.is_some_and(|seconds| seconds > MAX_AGE) {
        return Err(Refusal::saying(Kind::BadShape, format!("`max_age` is {MAX_AGE} seconds at most.")));
    }
    let (probe_domain, blocklists) = settings(env)?;
    let mut make =
        Make { domain, options, probe_domain, blocklists, drive, shared: None, mailtest, seed: None, opened: None };
    limit::scan(&request, env).await?;
    // What a mail showed is for whoever has the link of its test.
    if let Some(seconds) = max_age.filter(|_| make.mailtest.is_none()) {
        let key = pool::key(&make)?;
        // Where it cannot be looked up, one scans anew; why is in the log.
        make.seed = pool::find(env, &key, seconds).await.unwrap_or_default();
        make.shared = Some(key);
    }
    let id = once::id(&request, env, "SCAN")?;
    let response = call(&object(env, &id)?, Order::Make, "", Some(serde_json::to_string(&make)?)).await?;
    response.headers().set("location", &format!("/api/v1/scans/{id}"))?;
    Ok(response)
}

/// The domain that a person typed, as a domain, a mail address or a URL.
pub fn read(typed: &str) -> Result<DomainName, Refusal> {
    let read = read_typed(typed, to_ascii);
    Ok(read.map_err(|bad| Refusal::saying(Kind::BadDomain, format!("This is not a domain: {bad}.")))?.domain)
}

/// The site's own domain and its blocklists, of a site that is set up to scan.
pub fn settings(env: &Env) -> Result<(DomainName, Vec<DomainName>), Refusal> {
    config::egress(env)?;
    config::resolvers(env)?;
    Ok((config::probe_domain(env)?, config::blocklists(env)?))
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
