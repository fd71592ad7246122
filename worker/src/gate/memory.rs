//! What a gate remembers: transcripts while the host cools down, and which addresses have been
//! counted today.

use std::net::IpAddr;

use probe::rest::{REST, Rest};
use serde::Deserialize;
use shared::evidence::SmtpSession;
use shared::{Evidence, Inquiry};
use worker::{SqlStorage, SqlStorageValue, State};

/// A day, in milliseconds.
pub const DAY_MS: u64 = 24 * 3600 * 1000;

/// The tables of a gate.
pub struct Memory(SqlStorage);

#[derive(Deserialize)]
struct Kept {
    evidence: String,
}

#[derive(Deserialize)]
struct Next {
    at: Option<u64>,
}

impl Memory {
    /// The memory of this object.
    pub fn of(state: &State) -> Self {
        Self(state.storage().sql())
    }

    /// Makes the tables.
    pub fn prepare(&self) -> worker::Result<()> {
        self.0.exec("CREATE TABLE IF NOT EXISTS kept (inquiry TEXT PRIMARY KEY, evidence TEXT NOT NULL, until INTEGER NOT NULL)", None)?;
        self.0.exec("CREATE TABLE IF NOT EXISTS counted (address TEXT PRIMARY KEY, until INTEGER NOT NULL)", None)?;
        Ok(())
    }

    /// The evidence of this very inquiry, if it is fresh enough to be served again.
    pub fn recall(&self, inquiry: &Inquiry, now: u64) -> worker::Result<Option<Evidence>> {
        let found: Vec<Kept> = self
            .0
            .exec("SELECT evidence FROM kept WHERE inquiry = ? AND until > ?", vec![key(inquiry)?, number(now)])?
            .to_array()?;
        let kept: Option<Evidence> = found.first().map(|kept| serde_json::from_str(&kept.evidence)).transpose()?;
        Ok(kept.filter(|evidence| REST.serves_ms(evidence) > 0))
    }

    /// How often this address has refused something within the cool-down, on whatever port and whoever asked.
    pub fn refusals(&self, address: IpAddr, now: u64) -> worker::Result<usize> {
        let kept = self.kept_of(address, now)?;
        Ok(kept.iter().filter_map(Evidence::smtp).map(SmtpSession::refusals).sum())
    }

    /// Did this address talk to us within the cool-down, on whatever port?
    pub fn has_answered(&self, address: IpAddr, now: u64) -> worker::Result<bool> {
        Ok(self.kept_of(address, now)?.iter().any(|evidence| evidence.answer.is_ok()))
    }

    fn kept_of(&self, address: IpAddr, now: u64) -> worker::Result<Vec<Evidence>> {
        let kept: Vec<Kept> =
            self.0.exec("SELECT evidence FROM kept WHERE until > ?", vec![number(now)])?.to_array()?;
        let mut found = Vec::new();
        for kept in kept {
            let evidence: Evidence = serde_json::from_str(&kept.evidence)?;
            // A gate may stand for a whole /64.
            if matches!(evidence.inquiry, Inquiry::Probe { address: of, .. } if of == address) {
                found.push(evidence);
            }
        }
        Ok(found)
    }

    /// Keeps evidence for as long as it may be served again, or its refusals count.
    pub fn keep(&self, evidence: &Evidence, rest: Rest) -> worker::Result<()> {
        // What does not serve again was refused all the same: see `refusals`.
        let for_ = if evidence.answer.is_ok() { rest.answered } else { rest.serves_ms(evidence) };
        if for_ > 0 {
            let until = evidence.at + u64::from(evidence.took) + for_;
            let values = vec![key(&evidence.inquiry)?, serde_json::to_string(evidence)?.into(), number(until)];
            self.0.exec("INSERT OR REPLACE INTO kept (inquiry, evidence, until) VALUES (?, ?, ?)", values)?;
        }
        Ok(())
    }

    /// Has this address been counted today?
    pub fn is_counted(&self, address: &str, now: u64) -> worker::Result<bool> {
        let found: Vec<Next> = self
            .0
            .exec("SELECT until AS at FROM counted WHERE address = ? AND until > ?", vec![address.into(), number(now)])?
            .to_array()?;
        Ok(!found.is_empty())
    }

    /// This address has been counted, for the rest of the day (UTC).
    pub fn count(&self, address: &str, now: u64) -> worker::Result<()> {
        let values = vec![address.into(), number(day_end(now))];
        self.0.exec("INSERT OR REPLACE INTO counted (address, until) VALUES (?, ?)", values)?;
        Ok(())
    }

    /// Forgets what is no longer needed. Says when to look again, or nothing if nothing is left.
    pub fn forget(&self, now: u64) -> worker::Result<Option<u64>> {
        self.prepare()?;
        for sweep in ["DELETE FROM kept WHERE until <= ?", "DELETE FROM counted WHERE until <= ?"] {
            self.0.exec(sweep, vec![number(now)])?;
        }
        let next = "SELECT MIN(until) AS at FROM (SELECT until FROM kept UNION ALL SELECT until FROM counted)";
        let next: Vec<Next> = self.0.exec(next, None)?.to_array()?;
        Ok(next.first().and_then(|next| next.at))
    }
}

/// The end of the day (UTC) that this moment is in.
pub const fn day_end(now: u64) -> u64 {
    (now / DAY_MS + 1) * DAY_MS
}

fn key(inquiry: &Inquiry) -> worker::Result<SqlStorageValue> {
    Ok(serde_json::to_string(inquiry)?.into())
}

fn number(value: u64) -> SqlStorageValue {
    SqlStorageValue::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        assert_eq!((day_end(0), day_end(DAY_MS - 1), day_end(DAY_MS)), (DAY_MS, DAY_MS, 2 * DAY_MS));
    }
}
