//! What a batch keeps in SQL.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shared::api::BatchScan;
use worker::{SqlStorage, SqlStorageValue, State};

use super::{Make, waiting};

const TABLES: [&str; 2] = [
    "CREATE TABLE batch (one INTEGER PRIMARY KEY CHECK (one = 1), head TEXT NOT NULL, pace TEXT NOT NULL)",
    "CREATE TABLE scans (place INTEGER PRIMARY KEY, scan TEXT NOT NULL)",
];

/// The tables of a batch.
pub struct Table(SqlStorage);

/// When the next scan may begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// The time, in milliseconds since 1970; 0 before the first.
    pub next: u64,
    /// How long was waited before it, in milliseconds.
    pub wait: u64,
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

impl Table {
    /// The tables of this object.
    pub fn of(state: &State) -> Self {
        Self(state.storage().sql())
    }

    /// Makes the tables, with all domains waiting.
    pub fn make(&self, make: &Make) -> worker::Result<()> {
        for table in TABLES {
            self.0.exec(table, None)?;
        }
        self.0
            .exec("INSERT INTO batch (one, head, pace) VALUES (1, ?, ?)", vec![json(make)?, json(&Pace::default())?])?;
        for (place, domain) in make.domains.iter().enumerate() {
            self.put(place, &waiting(domain))?;
        }
        Ok(())
    }

    /// What the batch was made with; nothing if there is no batch here.
    pub fn head(&self) -> worker::Result<Option<Make>> {
        let made = self.texts("SELECT name AS text FROM sqlite_master WHERE type = 'table' AND name = 'batch'")?;
        if made.is_empty() { Ok(None) } else { self.one("SELECT head AS text FROM batch") }
    }

    /// When the next scan may begin.
    pub fn pace(&self) -> worker::Result<Pace> {
        Ok(self.one("SELECT pace AS text FROM batch")?.unwrap_or_default())
    }

    /// Writes when the next scan may begin.
    pub fn set_pace(&self, pace: Pace) -> worker::Result<()> {
        self.0.exec("UPDATE batch SET pace = ?", vec![json(&pace)?])?;
        Ok(())
    }

    /// The scans, in order.
    pub fn scans(&self) -> worker::Result<Vec<BatchScan>> {
        let rows = self.texts("SELECT scan AS text FROM scans ORDER BY place")?;
        rows.iter().map(|row| Ok(serde_json::from_str(&row.text)?)).collect()
    }

    /// Writes how the scan at this place stands.
    pub fn put(&self, place: usize, scan: &BatchScan) -> worker::Result<()> {
        let place = SqlStorageValue::Integer(i64::try_from(place).unwrap_or(i64::MAX));
        self.0.exec("INSERT OR REPLACE INTO scans (place, scan) VALUES (?, ?)", vec![place, json(scan)?])?;
        Ok(())
    }

    fn one<T: DeserializeOwned>(&self, query: &str) -> worker::Result<Option<T>> {
        self.texts(query)?.first().map(|row| Ok(serde_json::from_str(&row.text)?)).transpose()
    }

    fn texts(&self, query: &str) -> worker::Result<Vec<Text>> {
        self.0.exec(query, None)?.to_array()
    }
}

fn json<T: Serialize>(value: &T) -> worker::Result<SqlStorageValue> {
    Ok(serde_json::to_string(value)?.into())
}
