//! `DELETE /api/v1/reports/{id}`. Its page is 410 from then on.

use worker::{Env, Request, Response};

use crate::problem::{Kind, Refusal};
use crate::{body, respond, store};

/// Deletes a report with the key that its publisher was told.
pub async fn delete(mut request: Request, env: &Env, id: &str) -> Result<Response, Refusal> {
    body::drain(&mut request).await;
    let key = request.headers().get("mailsins-delete-key")?.ok_or_else(|| Refusal::of(Kind::WrongKey))?;
    store::delete(env, id, &key).await?;
    Ok(respond::empty(204)?)
}
