//! The reports of one domain, as far as its record lets them be listed. Only plain ones count: those for which nobody
//! chose selectors or hosts, or sent a mail, so that they differ by what was found and nothing else.

use serde::Deserialize;
use shared::DomainName;
use shared::difference::{Difference, Judged, difference};
use shared::grade::Grade;
use worker::Env;

use crate::problem::Refusal;
use crate::storage::{Call, call};
use crate::store::{self, number};
use crate::time;

/// How many reports are listed.
const LISTED: u32 = 60;

/// A report of the list.
#[derive(Clone, Debug, Deserialize)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// When it was made, in milliseconds since 1970.
    pub created: u64,
    /// Its letter.
    pub grade: Option<Grade>,
    /// The policy that judged.
    pub policy_version: u32,
}

/// The latest reports, the newest first.
pub async fn list(env: &Env, domain: &DomainName) -> Result<Vec<Entry>, Refusal> {
    entries(env, domain, LISTED).await
}

/// The latest report.
pub async fn latest(env: &Env, domain: &DomainName) -> Result<Option<Entry>, Refusal> {
    Ok(entries(env, domain, 1).await?.pop())
}

async fn entries(env: &Env, domain: &DomainName, limit: u32) -> Result<Vec<Entry>, Refusal> {
    let query = "SELECT id, created, grade, policy_version FROM reports WHERE domain = ? AND plain = 1 AND expires > ? \
        ORDER BY created DESC LIMIT ?";
    let values = [domain.as_str().into(), number(time::now()), limit.into()];
    let query = env.d1("DB")?.prepare(query).bind(&values)?;
    Ok(call(Call::Read, query.all()).await?.results()?)
}

/// When the domain is checked again, in milliseconds since 1970.
pub async fn due(env: &Env, domain: &DomainName) -> Result<Option<u64>, Refusal> {
    let query = "SELECT due FROM domains WHERE domain = ? AND due IS NOT NULL";
    let query = env.d1("DB")?.prepare(query).bind(&[domain.as_str().into()])?;
    Ok(call(Call::Read, query.first(Some("due"))).await?)
}

/// What changed from the last report but one to the last.
pub async fn last_change(env: &Env, entries: &[Entry]) -> Result<Option<Difference>, Refusal> {
    let [last, before, ..] = entries else { return Ok(None) };
    let (last, before) = (judged(env, &last.id).await?, judged(env, &before.id).await?);
    Ok(before.zip(last).map(|(before, last)| difference(&before, &last)))
}

/// The report that the domain's new one is to be compared with: the last that was made without anybody asking, else the one
/// before it.
pub async fn compared_with(env: &Env, domain: &DomainName, new: &str) -> Result<Option<String>, Refusal> {
    let query = "SELECT COALESCE((SELECT id FROM reports WHERE id = domains.rechecked), (SELECT id FROM reports \
        WHERE domain = ?1 AND plain = 1 AND id <> ?2 ORDER BY created DESC LIMIT 1)) AS id FROM domains WHERE domain = ?1";
    let query = env.d1("DB")?.prepare(query).bind(&[domain.as_str().into(), new.into()])?;
    let found: Option<String> = call(Call::Read, query.first(Some("id"))).await?;
    Ok(found.filter(|id| id != new))
}

/// Notes that the domain's new report was made without anybody asking.
pub async fn rechecked(env: &Env, domain: &DomainName, new: &str) -> Result<(), Refusal> {
    let update = "UPDATE domains SET rechecked = ? WHERE domain = ?";
    let update = env.d1("DB")?.prepare(update).bind(&[new.into(), domain.as_str().into()])?;
    call(Call::Write, update.run()).await?;
    Ok(())
}

/// What a report says; nothing where its body is being deleted.
pub async fn judged(env: &Env, id: &str) -> Result<Option<Judged>, Refusal> {
    let Some(body) = store::packed(env, id).await? else { return Ok(None) };
    Ok(Some(serde_json::from_slice(&store::unzip(&body)?)?))
}
