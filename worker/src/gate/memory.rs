//! What a gate remembers: transcripts while the host cools down, and whether the host has been counted today.

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

/// What was heard of a host within its cool-down, on whatever port and whoever asked. A whole /64 is one host.
pub struct Lately(Vec<Evidence>);

impl Lately {
    /// How often it refused something.
    pub fn refusals(&self) -> usize {
        self.0.iter().filter_map(Evidence::smtp).map(SmtpSession::refusals).sum()
    }

    /// How often somebody spoke to it, or tried to, but for what its owner asked for.
    pub fn conversations(&self) -> usize {
        let by_consent = |inquiry: &Inquiry| matches!(inquiry, Inquiry::Probe { script, .. } if script.is_active());
        self.0.iter().filter(|evidence| !by_consent(&evidence.inquiry)).count()
    }

    /// Did this very address talk to us?
    pub fn has_answered(&self, address: IpAddr) -> bool {
        let is_its = |inquiry: &Inquiry| matches!(inquiry, Inquiry::Probe { address: of, .. } if *of == address);
        self.0.iter().any(|evidence| evidence.answer.is_ok() && is_its(&evidence.inquiry))
    }
}

impl Memory {
    /// The memory of this object.
    pub fn of(state: &State) -> Self {
        Self(state.storage().sql())
    }

    /// Are there tables? Where nothing was ever kept there are none, and nothing is left behind for each address that
    /// somebody names.
    fn is_made(&self) -> worker::Result<bool> {
        let tables = "SELECT 0 AS at FROM sqlite_master WHERE type = 'table' AND name = 'counted'";
        let tables: Vec<Next> = self.0.exec(tables, None)?.to_array()?;
        Ok(!tables.is_empty())
    }

    /// Makes the tables, behind which goes an alarm.
    fn prepare(&self) -> worker::Result<()> {
        self.0.exec("CREATE TABLE IF NOT EXISTS kept (inquiry TEXT PRIMARY KEY, evidence TEXT NOT NULL, until INTEGER NOT NULL)", None)?;
        self.0.exec("CREATE TABLE IF NOT EXISTS counted (address TEXT PRIMARY KEY, until INTEGER NOT NULL)", None)?;
        Ok(())
    }

    /// The evidence of this very inquiry, if it is fresh enough to be served again.
    pub fn recall(&self, inquiry: &Inquiry, now: u64) -> worker::Result<Option<Evidence>> {
        if !self.is_made()? {
            return Ok(None);
        }
        let found: Vec<Kept> = self
            .0
            .exec("SELECT evidence FROM kept WHERE inquiry = ? AND until > ?", vec![key(inquiry)?, number(now)])?
            .to_array()?;
        let kept: Option<Evidence> = found.first().map(|kept| serde_json::from_str(&kept.evidence)).transpose()?;
        Ok(kept.filter(|evidence| REST.serves_ms(evidence) > 0))
    }

    /// What was heard within the cool-down.
    pub fn lately(&self, now: u64) -> worker::Result<Lately> {
        if !self.is_made()? {
            return Ok(Lately(Vec::new()));
        }
        let kept: Vec<Kept> =
            self.0.exec("SELECT evidence FROM kept WHERE until > ?", vec![number(now)])?.to_array()?;
        let heard: Result<_, _> = kept.iter().map(|kept| serde_json::from_str(&kept.evidence)).collect();
        Ok(Lately(heard?))
    }

    /// Keeps evidence for as long as it may be served again, or its refusals count.
    pub fn keep(&self, evidence: &Evidence, rest: Rest) -> worker::Result<()> {
        // What does not serve again was refused all the same: see `refusals`.
        let for_ = if evidence.answer.is_ok() { rest.answered } else { rest.serves_ms(evidence) };
        if for_ > 0 {
            let until = evidence.at + u64::from(evidence.took) + for_;
            // The alarm may have taken the tables away meanwhile.
            self.prepare()?;
            let values = vec![key(&evidence.inquiry)?, serde_json::to_string(evidence)?.into(), number(until)];
            self.0.exec("INSERT OR REPLACE INTO kept (inquiry, evidence, until) VALUES (?, ?, ?)", values)?;
        }
        Ok(())
    }

    /// Has this host been counted today?
    pub fn is_counted(&self, host: &str, now: u64) -> worker::Result<bool> {
        if !self.is_made()? {
            return Ok(false);
        }
        let found: Vec<Next> = self
            .0
            .exec("SELECT until AS at FROM counted WHERE address = ? AND until > ?", vec![host.into(), number(now)])?
            .to_array()?;
        Ok(!found.is_empty())
    }

    /// This host has been counted, for the rest of the day (UTC).
    pub fn count(&self, host: &str, now: u64) -> worker::Result<()> {
        self.prepare()?;
        let values = vec![host.into(), number(day_end(now))];
        self.0.exec("INSERT OR REPLACE INTO counted (address, until) VALUES (?, ?)", values)?;
        Ok(())
    }

    /// Forgets what is no longer needed. Says when to look again, or nothing if nothing is left.
    pub fn forget(&self, now: u64) -> worker::Result<Option<u64>> {
        if !self.is_made()? {
            return Ok(None);
        }
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
    use shared::evidence::{Exchange, Purpose, Reply, Step};
    use shared::inquiry::Script;
    use shared::{Answer, Unseen};

    use super::*;

    fn heard(address: &str, port: u16, script: Script, refused: usize) -> Evidence {
        let refusal = Exchange {
            step: Step::Rcpt(Purpose::Control),
            sent: String::new(),
            reply: Some(Reply { code: 554, lines: vec!["5.7.1 Relay access denied".to_owned()] }),
            took: 0,
            secure: false,
        };
        let exchanges = vec![refusal; refused];
        let session = SmtpSession { exchanges, broke: None, tls: None, client_hello: None, spared: false };
        let inquiry = Inquiry::Probe { address: address.parse().unwrap(), port, host: None, script };
        Evidence { inquiry, at: 0, took: 0, answer: Ok(Answer::Smtp(session)) }
    }

    #[test]
    fn a_network_of_a_host_is_one_host() {
        let heard = |address, refused| heard(address, 25, Script::SmtpSurvey, refused);
        let lately = Lately(vec![heard("2001:db8::1", 2), heard("2001:db8::2", 2)]);
        assert_eq!(lately.refusals(), 4);
        let answered = ["2001:db8::1", "2001:db8::3"].map(|address| lately.has_answered(address.parse().unwrap()));
        assert_eq!(answered, [true, false]);
    }

    #[test]
    fn conversations_count_but_for_those_by_consent() {
        let other = |script| heard("192.0.2.1", 587, script, 0);
        let lately = Lately(vec![
            heard("192.0.2.1", 25, Script::SmtpSurvey, 1),
            other(Script::SmtpInjection),
            other(Script::ErrorLimit),
        ]);
        assert_eq!(lately.conversations(), 2);
        let failed = Evidence { answer: Err(Unseen::Refused), ..other(Script::SmtpSurvey) };
        assert_eq!(Lately(vec![failed]).conversations(), 1);
    }

    #[test]
    fn days() {
        assert_eq!((day_end(0), day_end(DAY_MS - 1), day_end(DAY_MS)), (DAY_MS, DAY_MS, 2 * DAY_MS));
    }
}
