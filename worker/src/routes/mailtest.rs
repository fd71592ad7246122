//! `/api/v1/mailtests` and `/mailtest`: tests of mail that goes out.

use frontend::plain::mailtest;
use shared::api::{MailTestWord, TestFile};
use worker::{Env, Request, Response};

use super::page;
use crate::problem::Refusal;
use crate::respond::{self, Keep};
use crate::{body, limit, mailtest as tests, time};

/// `POST /api/v1/mailtests`: a new test, with the address to write to.
pub async fn post(mut request: Request, env: &Env) -> Result<Response, Refusal> {
    body::drain(&mut request).await;
    limit::scan(&request, env).await?;
    let test = tests::make(env).await?;
    let response = respond::json(201, &test)?;
    response.headers().set("location", &format!("/api/v1/mailtests/{}", test.id))?;
    Ok(response)
}

/// `GET /api/v1/mailtests/{id}`.
pub async fn get(env: &Env, id: &str) -> Result<Response, Refusal> {
    Ok(respond::json(200, &tests::look(env, id).await?)?)
}

/// `POST /api/v1/mailtests/{id}`: what its holder says.
pub async fn tell(mut request: Request, env: &Env, id: &str) -> Result<Response, Refusal> {
    let word: MailTestWord = body::json(&mut request).await?;
    Ok(respond::json(200, &tests::tell(env, id, &word, ago(&request)?).await?)?)
}

/// `POST /mailtest`: a new test; `POST /mailtest/{id}`: what its holder says. Both by a form.
pub async fn form(mut request: Request, env: &Env, id: Option<&str>) -> Result<Response, Refusal> {
    let said = body::form(&mut request).await?;
    let id = match id {
        Some(id) => {
            let says = |name: &str, value: &str| said.iter().any(|field| field.0 == name && field.1 == value);
            let limited = if says("limited", "yes") { Some(true) } else { says("limited", "no").then_some(false) };
            let sent = TestFile::ALL.into_iter().find(|file| says("sent", file.word()));
            tests::tell(env, id, &MailTestWord { sent, limited }, 0).await?.id
        }
        None => {
            limit::scan(&request, env).await?;
            tests::make(env).await?.id
        }
    };
    let response = respond::empty(303)?;
    response.headers().set("location", &format!("/mailtest/{id}"))?;
    Ok(response)
}

/// How long ago the test file was sent, in milliseconds: now, but as a test of the lab says.
fn ago(request: &Request) -> Result<u64, Refusal> {
    let said = if cfg!(feature = "lab") { request.headers().get("mailsins-lab-ago")? } else { None };
    Ok(said.and_then(|ms| ms.parse().ok()).unwrap_or(0))
}

/// `GET /mailtest` and `GET /mailtest/{id}`. Nobody else may keep what came.
pub async fn show(env: &Env, id: Option<&str>) -> Result<Response, Refusal> {
    let (keep, test) = match id {
        None => (Keep::Minute, None),
        Some(id) => (Keep::No, Some(tests::look(env, id).await?)),
    };
    let html = mailtest::page(test.as_ref(), time::now(), &page::assets()?).await;
    Ok(respond::headed(page::HTML, keep)?.fixed(html.into_bytes()))
}
