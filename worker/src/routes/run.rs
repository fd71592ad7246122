//! `/api/v1/runs` and `/run`: active tests, by the domain's consent.

use frontend::plain::run as page_of;
use shared::DomainName;
use shared::api::{NewRun, Run, RunCode, Statement};
use worker::{Env, Request, Response, Url};

use super::{consent, page, scans};
use crate::active::run;
use crate::problem::{Kind, Refusal};
use crate::respond::{self, Keep};
use crate::{body, config, limit};

/// What can be done with a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Type the code back.
    Code,
    /// Begin the tests.
    Start,
    /// Say where something went.
    Answers,
}

/// `POST /api/v1/runs`.
pub async fn post(mut request: Request, env: &Env) -> Result<Response, Refusal> {
    let NewRun { domain, host } = body::json(&mut request).await?;
    let run = begin(&request, env, &domain, host).await?;
    let response = respond::json(201, &run)?;
    response.headers().set("location", &format!("/api/v1/runs/{}", run.id))?;
    Ok(response)
}

async fn begin(request: &Request, env: &Env, typed: &str, host: Option<DomainName>) -> Result<Run, Refusal> {
    let domain = scans::read(typed)?;
    scans::settings(env)?;
    limit::scan(request, env).await?;
    run::make(env, domain, host, config::origin_for(env, request)?).await
}

/// `GET /api/v1/runs/{id}`.
pub async fn get(env: &Env, id: &str) -> Result<Response, Refusal> {
    Ok(respond::json(200, &run::look(env, id).await?)?)
}

/// `POST /api/v1/runs/{id}/…`.
pub async fn deed(mut request: Request, env: &Env, id: &str, deed: Deed) -> Result<Response, Refusal> {
    let run = match deed {
        Deed::Code => run::open(env, id, &body::json::<RunCode>(&mut request).await?.code).await,
        Deed::Start => {
            body::drain(&mut request).await;
            run::start(env, id).await
        }
        Deed::Answers => run::tell(env, id, &body::json::<Statement>(&mut request).await?).await,
    };
    Ok(respond::json(200, &run?)?)
}

/// `GET /run` and `GET /run/{id}`.
pub async fn show(env: &Env, id: Option<&str>) -> Result<Response, Refusal> {
    let run = match id {
        Some(id) => Some(run::look(env, id).await?),
        None => None,
    };
    let by = config::site_host(env)?;
    let html = page_of::page(run.as_ref(), by.as_str(), &page::assets()?).await;
    Ok(respond::headed(page::HTML, Keep::No)?.fixed(html.into_bytes()))
}

/// `POST /run` and `POST /run/{id}`: the same by forms, which say in `domain`, `code`, `start`, or a sample's name what is
/// to be done.
pub async fn form(mut request: Request, env: &Env, id: Option<&str>) -> Result<Response, Refusal> {
    let fields = body::form(&mut request).await?;
    let field = |name: &str| fields.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str());
    let id = match (id, field("domain"), field("code")) {
        (None, Some(domain), _) => {
            let host = field("host").filter(|typed| !typed.trim().is_empty()).map(consent::named).transpose()?;
            begin(&request, env, domain, host).await?.id
        }
        (Some(id), _, Some(code)) => run::open(env, id, code).await?.id,
        (Some(id), ..) if field("start").is_some() => run::start(env, id).await?.id,
        (Some(id), ..) => {
            for (name, value) in &fields {
                let said = page_of::statement(name, value).ok_or_else(|| Refusal::of(Kind::BadShape))?;
                run::tell(env, id, &said).await?;
            }
            id.to_owned()
        }
        _ => return Err(Refusal::of(Kind::BadShape)),
    };
    let response = respond::empty(303)?;
    response.headers().set("location", &format!("/run/{id}"))?;
    Ok(response)
}

/// The fields of a form.
pub fn fields(body: &str) -> Vec<(String, String)> {
    let url = Url::parse(&format!("http://form/?{body}")).ok();
    url.map(|url| url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(fields("domain=a+b%40c&x=%0d%0a"), [pair("domain", "a b@c"), pair("x", "\r\n")]);
        assert_eq!(fields(""), []);
    }
}
