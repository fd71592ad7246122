//! What a scan keeps in SQL. The tables are made with the scan, so an object that never was one
//! stores nothing.

use serde::{Deserialize, Serialize};
use shared::{Evidence, Inquiry};
use worker::{SqlStorage, SqlStorageValue, State};

use super::Head;

const TABLES: [&str; 4] = [
    "CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), head TEXT NOT NULL, cancelled INTEGER NOT NULL DEFAULT 0)",
    "CREATE TABLE evidence (seq INTEGER PRIMARY KEY AUTOINCREMENT, inquiry TEXT NOT NULL UNIQUE, evidence TEXT NOT NULL)",
    "CREATE TABLE pending (inquiry TEXT PRIMARY KEY)",
    "CREATE TABLE publication (one INTEGER PRIMARY KEY CHECK (one = 1), publication TEXT NOT NULL)",
];

/// The tables of a scan.
pub struct Table(SqlStorage);

/// A piece of evidence as it is stored.
#[derive(Deserialize)]
pub struct Stored {
    /// Its number, from 1.
    pub seq: u64,
    /// It, in JSON.
    pub evidence: String,
}

/// Where the scan is published. Written before the report is stored, so that a second try after a
/// crash stores the same report under the same names.
#[derive(Clone, Serialize, Deserialize)]
pub struct Publication {
    /// The report's id.
    pub id: String,
    /// The badge's id.
    pub badge: String,
    /// Deletes the report; gone once the report is stored.
    pub delete_key: Option<String>,
}

#[derive(Deserialize)]
struct HeadRow {
    head: String,
    cancelled: u8,
}

/// As much of a head as is read of any, however old.
#[derive(Deserialize)]
struct Started {
    started: u64,
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

#[derive(Deserialize)]
struct Seq {
    seq: u64,
}

impl Table {
    /// The tables of this object.
    pub fn of(state: &State) -> Self {
        Self(state.storage().sql())
    }

    /// Makes the tables and writes the head.
    pub fn make(&self, head: &Head) -> worker::Result<()> {
        for table in TABLES {
            self.0.exec(table, None)?;
        }
        self.0.exec("INSERT INTO head (one, head) VALUES (1, ?)", vec![json(head)?])?;
        Ok(())
    }

    /// The head, and whether the scan was cancelled; nothing if there is no scan here.
    pub fn head(&self) -> worker::Result<Option<(Head, bool)>> {
        let row = self.head_row()?;
        row.map(|row| Ok((serde_json::from_str(&row.head)?, row.cancelled != 0))).transpose()
    }

    /// When the scan began, in milliseconds since 1970; nothing if there is none. One whose head cannot be read is as old
    /// as can be.
    pub fn started(&self) -> worker::Result<Option<u64>> {
        Ok(self.head_row()?.map(|row| serde_json::from_str(&row.head).map_or(0, |Started { started }| started)))
    }

    fn head_row(&self) -> worker::Result<Option<HeadRow>> {
        let made: Vec<Text> = self
            .0
            .exec("SELECT name AS text FROM sqlite_master WHERE type = 'table' AND name = 'head'", None)?
            .to_array()?;
        if made.is_empty() {
            return Ok(None);
        }
        let rows: Vec<HeadRow> = self.0.exec("SELECT head, cancelled FROM head", None)?.to_array()?;
        Ok(rows.into_iter().next())
    }

    /// Notes that the scan was cancelled.
    pub fn cancel(&self) -> worker::Result<()> {
        self.0.exec("UPDATE head SET cancelled = 1", None)?;
        self.0.exec("DELETE FROM pending", None)?;
        Ok(())
    }

    /// Stores a piece of evidence and says its number; nothing if its inquiry has one already.
    pub fn add(&self, evidence: &Evidence) -> worker::Result<Option<Stored>> {
        let text = serde_json::to_string(evidence)?;
        let values = vec![json(&evidence.inquiry)?, text.as_str().into()];
        let insert = "INSERT OR IGNORE INTO evidence (inquiry, evidence) VALUES (?, ?) RETURNING seq";
        let added: Vec<Seq> = self.0.exec(insert, values)?.to_array()?;
        Ok(added.first().map(|row| Stored { seq: row.seq, evidence: text }))
    }

    /// The evidence numbered above `seq`, in order.
    pub fn after(&self, seq: u64) -> worker::Result<Vec<Stored>> {
        let seq = SqlStorageValue::Integer(i64::from(u32::try_from(seq).unwrap_or(u32::MAX)));
        self.0.exec("SELECT seq, evidence FROM evidence WHERE seq > ? ORDER BY seq", vec![seq])?.to_array()
    }

    /// Notes that an inquiry is being asked.
    pub fn pend(&self, inquiry: &Inquiry) -> worker::Result<()> {
        self.0.exec("INSERT OR IGNORE INTO pending (inquiry) VALUES (?)", vec![json(inquiry)?])?;
        Ok(())
    }

    /// Notes that an inquiry is no longer being asked.
    pub fn unpend(&self, inquiry: &Inquiry) -> worker::Result<()> {
        self.0.exec("DELETE FROM pending WHERE inquiry = ?", vec![json(inquiry)?])?;
        Ok(())
    }

    /// What is being asked, or was when the object was last awake.
    pub fn pending(&self) -> worker::Result<Vec<Inquiry>> {
        let rows: Vec<Text> = self.0.exec("SELECT inquiry AS text FROM pending", None)?.to_array()?;
        rows.iter().map(|row| Ok(serde_json::from_str(&row.text)?)).collect()
    }

    /// Where the scan is published, or is about to be.
    pub fn publication(&self) -> worker::Result<Option<Publication>> {
        let rows: Vec<Text> = self.0.exec("SELECT publication AS text FROM publication", None)?.to_array()?;
        rows.first().map(|row| Ok(serde_json::from_str(&row.text)?)).transpose()
    }

    /// Writes where the scan is published.
    pub fn publish(&self, publication: &Publication) -> worker::Result<()> {
        self.0.exec("INSERT OR REPLACE INTO publication (one, publication) VALUES (1, ?)", vec![json(publication)?])?;
        Ok(())
    }
}

fn json<T: Serialize>(value: &T) -> worker::Result<SqlStorageValue> {
    Ok(serde_json::to_string(value)?.into())
}
