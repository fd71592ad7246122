//! `GET /d/{domain}`: the history of a domain whose record allows it; for all others, what such a record looks like.

use frontend::plain::owner::{self, Entry, History, Owner};
use shared::DomainName;
use shared::syntax::consent::Word;
use worker::{Env, Request, Response};

use super::{consent as api, page};
use crate::problem::{Kind, Refusal};
use crate::respond::{self, Keep, ROBOTS};
use crate::{config, consent, history, standing};

/// The page. Where there is no history, its status says so as well.
pub async fn get(request: &Request, env: &Env, domain: &str) -> Result<Response, Refusal> {
    let domain = api::named(domain).map_err(|_| Refusal::of(Kind::NotFound))?;
    let origin = request.url()?.origin().ascii_serialization();
    let known = standing::of(env, &domain).await?;
    if known.opted_out {
        return Err(Refusal::of(Kind::OptedOut));
    }
    let mut about = Owner { by: config::site_host(env)?, words: known.words, history: None, read: None, domain };
    if !about.words.contains(&Word::History) {
        // It may have been allowed a moment ago; and else the page says why it is not.
        let reading = consent::read(env, &about.domain).await;
        // Where it cannot be written down, it counts all the same; why is in the log.
        let _ = standing::remember(env, &about.domain, &reading).await;
        if reading.opted_out() {
            return Err(Refusal::of(Kind::OptedOut));
        }
        about.words = reading.consent.as_ref().map(|consent| consent.allow.clone()).unwrap_or_default();
        about.read = Some(api::state(env, &about.domain, reading)?);
    }
    if !about.words.contains(&Word::History) {
        let body = owner::owner(&about, &page::assets()?, &origin).await.into_bytes();
        let builder = respond::headed(page::HTML, Keep::No)?.with_header(ROBOTS, "noindex")?;
        return Ok(builder.with_status(404).fixed(body));
    }
    about.history = Some(listed(env, &about.domain).await?);
    let body = owner::owner(&about, &page::assets()?, &origin).await.into_bytes();
    let known = request.headers().get("if-none-match")?;
    Ok(respond::tagged(page::HTML, Keep::Minute, body, known.as_deref())?)
}

async fn listed(env: &Env, domain: &DomainName) -> Result<History, Refusal> {
    let entries = history::list(env, domain).await?;
    let difference = history::last_change(env, &entries).await?;
    let due = history::due(env, domain).await?;
    let entry = |entry: history::Entry| Entry {
        id: entry.id,
        at: entry.created,
        grade: entry.grade,
        policy: entry.policy_version,
    };
    Ok(History { entries: entries.into_iter().map(entry).collect(), difference, due })
}
