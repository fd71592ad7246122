//! What the domains of reports say in their records, as it was last read: so that pages and badges need not ask DNS
//! each time, and that the rounds know what is due.

use std::time::Duration;

use serde::Deserialize;
use shared::DomainName;
use shared::syntax::consent::{Refusal as Why, Word};
use worker::{D1Database, D1PreparedStatement, Env};

use crate::config::{RECHECK_MS, STANDING_MS};
use crate::consent::{self, Reading};
use crate::problem::{Kind, Refusal};
use crate::storage::{Call, call};
use crate::store::number;
use crate::{ids, time};

/// How long a page waits for a record to be read.
const PATIENCE: Duration = Duration::from_secs(3);

/// When a record that did not come within [`PATIENCE`] is asked for again, in milliseconds.
const RETRY_MS: u64 = STANDING_MS / 10;

/// How long what was heard last counts while nothing more can be heard, in milliseconds.
const STALE_MS: u64 = 24 * 3_600_000;

/// What a domain says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// It asked not to be probed.
    pub opted_out: bool,
    /// What it allows.
    pub words: Vec<Word>,
}

/// What a domain said when it was looked at last, as the index has it.
#[derive(Deserialize)]
pub struct Known {
    looked: u64,
    heard: u64,
    opted_out: u8,
    words: String,
}

impl Known {
    fn standing(&self, now: u64) -> Standing {
        if now.abs_diff(self.heard) > STALE_MS {
            return Standing { opted_out: self.opted_out != 0, words: Vec::new() };
        }
        let words = Word::ALL.into_iter().filter(|word| self.words.split(',').any(|name| name == word.name()));
        Standing { opted_out: self.opted_out != 0, words: words.collect() }
    }
}

/// A row for a domain that nobody has read yet, unless it has one.
pub fn unread(index: &D1Database, domain: &DomainName) -> worker::Result<D1PreparedStatement> {
    let insert = "INSERT OR IGNORE INTO domains (domain, looked, heard, opted_out, words) VALUES (?, 0, 0, 0, '')";
    index.prepare(insert).bind(&[domain.as_str().into()])
}

/// Refuses to show what is about a domain that asked not to be probed; else what it says.
pub async fn shown(env: &Env, domain: &DomainName, known: &Known) -> Result<Standing, Refusal> {
    let standing = current(env, domain, known).await;
    if standing.opted_out { Err(Refusal::of(Kind::OptedOut)) } else { Ok(standing) }
}

/// What a domain of reports says. One without reports says nothing.
pub async fn of(env: &Env, domain: &DomainName) -> Result<Standing, Refusal> {
    let query = "SELECT looked, heard, opted_out, words FROM domains WHERE domain = ?";
    let query = env.d1("DB")?.prepare(query).bind(&[domain.as_str().into()])?;
    let known: Option<Known> = call(Call::Read, query.first(None)).await?;
    let Some(known) = known else { return Ok(Standing::default()) };
    Ok(current(env, domain, &known).await)
}

/// What a domain says: what is known, read again where that is too old.
async fn current(env: &Env, domain: &DomainName, known: &Known) -> Standing {
    let now = time::now();
    // What was read in the future was read by a clock that was wrong.
    if now.abs_diff(known.looked) < STANDING_MS {
        return known.standing(now);
    }
    match time::within(PATIENCE, consent::read(env, domain)).await {
        // Where it cannot be written down, it counts all the same; why is in the log.
        Some(reading) => {
            let _ = remember(env, domain, &reading).await;
            said(&reading).unwrap_or_else(|| known.standing(now))
        }
        None => {
            // Nobody waits for it again just now.
            let _ = looked(env, domain, time::now().saturating_sub(STANDING_MS - RETRY_MS)).await;
            known.standing(now)
        }
    }
}

/// Notes when a domain was looked at without anything being heard.
async fn looked(env: &Env, domain: &DomainName, at: u64) -> Result<(), Refusal> {
    let update = "UPDATE domains SET looked = ? WHERE domain = ?";
    let update = env.d1("DB")?.prepare(update).bind(&[number(at), domain.as_str().into()])?;
    call(Call::Write, update.run()).await?;
    Ok(())
}

/// What a reading comes to; nothing where only what was known before counts.
fn said(reading: &Reading) -> Option<Standing> {
    let words = match &reading.consent {
        Ok(consent) => consent.allow.clone(),
        Err(why) if why.is_passing() => return None,
        Err(_) => Vec::new(),
    };
    Some(Standing { opted_out: reading.consent == Err(Why::OptedOut), words })
}

/// Notes what was read, and when the domain is due.
pub async fn remember(env: &Env, domain: &DomainName, reading: &Reading) -> Result<(), Refusal> {
    let Some(standing) = said(reading) else { return looked(env, domain, time::now()).await };
    let index = env.d1("DB")?;
    let list: Vec<_> = standing.words.iter().map(|word| word.name()).collect();
    // A domain that has just consented is due a while after its last report; for all others that is settled.
    let update = "UPDATE domains SET looked = ?1, heard = ?1, opted_out = ?2, words = ?3, due = CASE WHEN ?4 THEN \
        COALESCE(due, (SELECT MAX(created) FROM reports WHERE reports.domain = domains.domain) + ?5) END WHERE domain = ?6";
    let values = [
        number(time::now()),
        u32::from(standing.opted_out).into(),
        list.join(",").into(),
        u32::from(is_rechecked(&standing.words)).into(),
        number(pause()?),
        domain.as_str().into(),
    ];
    call(Call::Write, index.prepare(update).bind(&values)?.run()).await?;
    Ok(())
}

/// Does a record that allows this have its domain checked again?
pub fn is_rechecked(words: &[Word]) -> bool {
    words.iter().any(|word| word.rechecks())
}

/// How long to wait for the next check, in milliseconds: at least [`RECHECK_MS`], and up to a seventh more, so that
/// what came at once does not come at once again.
pub fn pause() -> Result<u64, Refusal> {
    let random = ids::random()?.get(..4).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default();
    Ok(RECHECK_MS + RECHECK_MS / 7 * random / 0xffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered() {
        let known = |heard, words: &str| Known { looked: heard, heard, opted_out: 0, words: words.to_owned() };
        let words = |known: Known, now| known.standing(now).words;
        assert_eq!(words(known(0, "history,badge"), 1), [Word::History, Word::Badge]);
        assert_eq!(words(known(0, "history,badge"), STALE_MS + 1), []);
        assert_eq!(words(known(STALE_MS + 2, "history"), 1), [], "by a clock that was wrong");
        assert_eq!(words(known(0, ""), 1), []);
        assert_eq!(words(known(0, "nonsense,historyx"), 1), []);
        let out = Known { opted_out: 1, ..known(0, "") };
        assert!(out.standing(STALE_MS * 9).opted_out, "who asked to be left alone is left alone");
    }
}
