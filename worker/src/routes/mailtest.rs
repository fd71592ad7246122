//! `/api/v1/mailtests` and `/mailtest`: tests of mail that goes out.

use frontend::plain::mailtest;
use worker::{Env, Request, Response};

use super::page;
use crate::problem::Refusal;
use crate::respond::{self, Keep};
use crate::{body, limit, mailtest as tests};

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

/// `POST /mailtest`: a new test, by a form.
pub async fn begin(mut request: Request, env: &Env) -> Result<Response, Refusal> {
    body::drain(&mut request).await;
    limit::scan(&request, env).await?;
    let response = respond::empty(303)?;
    response.headers().set("location", &format!("/mailtest/{}", tests::make(env).await?.id))?;
    Ok(response)
}

/// `GET /mailtest` and `GET /mailtest/{id}`. Nobody else may keep what came.
pub async fn show(env: &Env, id: Option<&str>) -> Result<Response, Refusal> {
    let (keep, test) = match id {
        None => (Keep::Minute, None),
        Some(id) => (Keep::No, Some(tests::look(env, id).await?)),
    };
    let html = mailtest::page(test.as_ref(), &page::assets()?).await;
    Ok(respond::headed(page::HTML, keep)?.fixed(html.into_bytes()))
}
