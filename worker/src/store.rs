//! Published reports: bodies in R2, the index in D1. A body is written before its row, and
//! deleted before it: so no row promises what is not there, and no body outlives its deletion.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::Deserialize;
use shared::{DomainName, Options, Report};
use worker::wasm_bindgen::JsValue;
use worker::{Env, HttpMetadata};

use crate::problem::{Kind, Refusal};
use crate::standing::Standing;
use crate::storage::{Call, call};
use crate::{config, ids, standing, time};

/// Where a report's evidence begins. No text in it can hold this: there a quotation mark has a backslash before it.
const EVIDENCE: &[u8] = b",\"evidence\":[";

/// How much of a report is unpacked at once, in octets of JSON.
const PIECE: u64 = 16 * 1024;

/// The most that a report may have, in octets of JSON.
const REPORT_MAX: u64 = 16 * 1024 * 1024;

/// Rows of the index, each with what is known of what its domain says.
const ROWS: &str = "SELECT id, reports.domain AS domain, expires, delete_hash, badge, \
    COALESCE(looked, 0) AS looked, COALESCE(heard, 0) AS heard, COALESCE(opted_out, 0) AS opted_out, \
    COALESCE(words, '') AS words FROM reports LEFT JOIN domains ON domains.domain = reports.domain";

/// How many reports are taken down at once.
const DOWN_MAX: usize = 20;

/// How often in a row reports are taken out that are too old: each report is two of the thousand calls that one round may
/// make.
const OLD_MAX: usize = 10;

/// Why a report is deleted, as it stands beside its id from then on.
#[derive(Clone, Copy)]
enum Reason {
    /// Its publisher's key.
    Key = 0,
    /// Its domain's word.
    OptedOut = 1,
    /// Its age.
    Age = 2,
}

/// The names of a report that is about to be stored.
pub struct Names<'a> {
    /// The report's id.
    pub id: &'a str,
    /// The badge's id.
    pub badge: &'a str,
    /// The key that deletes it.
    pub delete_key: &'a str,
}

/// A row of the index.
#[derive(Deserialize)]
pub struct Row {
    /// The report's id.
    pub id: String,
    /// The domain.
    pub domain: DomainName,
    /// The badge's id.
    pub badge: String,
    /// What the domain said when it was looked at last.
    #[serde(flatten)]
    known: standing::Known,
    expires: u64,
    delete_hash: String,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

/// Stores a report. Doing it again with the same names changes nothing.
pub async fn put(env: &Env, names: &Names<'_>, report: &Report) -> Result<(), Refusal> {
    let body = pack(report)?;
    let metadata = HttpMetadata {
        content_type: Some("application/json".to_owned()),
        content_encoding: Some("gzip".to_owned()),
        ..HttpMetadata::default()
    };
    let bucket = env.bucket("REPORTS")?;
    call(Call::Put, bucket.put(names.id, body).http_metadata(metadata).execute()).await?;
    let now = time::now();
    let grade = report.grade.map_or(JsValue::NULL, |grade| grade.letter().into());
    let values = [
        names.id.into(),
        report.domain.as_str().into(),
        number(now),
        number(now + config::year_ms(env)),
        grade,
        report.policy_version.into(),
        ids::hash(names.delete_key.as_bytes()).into(),
        names.badge.into(),
        u32::from(is_plain(report)).into(),
    ];
    let index = env.d1("DB")?;
    let insert = "INSERT OR IGNORE INTO reports (id, domain, created, expires, grade, policy_version, delete_hash, badge, plain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let report_row = index.prepare(insert).bind(&values)?;
    let domain_row = standing::unread(&index, &report.domain)?;
    call(Call::Write, index.batch(vec![report_row, domain_row])).await?;
    Ok(())
}

/// Does a report say only what the site saw of the domain? Not where somebody chose what to look at, or sent a mail.
pub fn is_plain(report: &Report) -> bool {
    report.options == Options::default() && !report.mail
}

/// The row of a report.
pub async fn row(env: &Env, id: &str) -> Result<Option<Row>, Refusal> {
    let query = format!("{ROWS} WHERE id = ?");
    let query = env.d1("DB")?.prepare(query).bind(&[id.into()])?;
    Ok(call(Call::Read, query.first(None)).await?)
}

/// What the report behind a badge says, and its row.
pub async fn by_badge(env: &Env, badge: &str) -> Result<(Row, Report), Refusal> {
    let query = format!("{ROWS} WHERE badge = ?");
    let query = env.d1("DB")?.prepare(query).bind(&[badge.into()])?;
    let row: Option<Row> = call(Call::Read, query.first(None)).await?;
    let row = row.ok_or_else(|| Refusal::of(Kind::NoBadge))?;
    standing::shown(env, &row.domain, &row.known).await?;
    let report = said(&body(env, &row).await?)?;
    Ok((row, report))
}

/// The row of a report, what its domain says now, and its packed body.
pub async fn get(env: &Env, id: &str) -> Result<(Row, Standing, Vec<u8>), Refusal> {
    let row = required(env, id).await?;
    let standing = standing::shown(env, &row.domain, &row.known).await?;
    let body = body(env, &row).await?;
    Ok((row, standing, body))
}

/// Forgets what a domain says where there is no report of it any more. Says whether it did.
pub async fn forget_domain_without_reports(env: &Env, domain: &DomainName) -> Result<bool, Refusal> {
    let delete = "DELETE FROM domains WHERE domain = ?1 AND NOT EXISTS (SELECT 1 FROM reports WHERE domain = ?1) RETURNING domain AS id";
    let delete = env.d1("DB")?.prepare(delete).bind(&[domain.as_str().into()])?;
    let gone: Option<Id> = call(Call::Write, delete.first(None)).await?;
    Ok(gone.is_some())
}

/// Deletes some of a domain's reports, since it asked not to be probed. Says whether there may be more.
pub async fn take_down(env: &Env, domain: &DomainName) -> Result<bool, Refusal> {
    let index = env.d1("DB")?;
    let query = format!("SELECT id FROM reports WHERE domain = ? LIMIT {DOWN_MAX}");
    let query = index.prepare(query).bind(&[domain.as_str().into()])?;
    let found = call(Call::Read, query.all()).await?;
    let rows: Vec<Id> = found.results()?;
    for Id { id } in &rows {
        forget(env, id, Reason::OptedOut).await?;
    }
    Ok(rows.len() == DOWN_MAX)
}

/// Deletes the reports that are too old to be shown: [`OLD_MAX`] times [`DOWN_MAX`] of them at most.
pub async fn take_out_the_old(env: &Env) -> Result<(), Refusal> {
    for _ in 0..OLD_MAX {
        let query = format!("SELECT id FROM reports WHERE expires < ? LIMIT {DOWN_MAX}");
        let query = env.d1("DB")?.prepare(query).bind(&[number(time::now())])?;
        let found = call(Call::Read, query.all()).await?;
        let rows: Vec<Id> = found.results()?;
        for Id { id } in &rows {
            forget(env, id, Reason::Age).await?;
        }
        if rows.len() < DOWN_MAX {
            break;
        }
    }
    Ok(())
}

/// Deletes a report and its badge. Only the id stays, so that the link can say so.
pub async fn delete(env: &Env, id: &str, key: &str) -> Result<(), Refusal> {
    let row = required(env, id).await?;
    if !ids::same(&row.delete_hash, &ids::hash(key.as_bytes())) {
        return Err(Refusal::of(Kind::WrongKey));
    }
    forget(env, id, Reason::Key).await
}

async fn forget(env: &Env, id: &str, reason: Reason) -> Result<(), Refusal> {
    let bucket = env.bucket("REPORTS")?;
    call(Call::Delete, bucket.delete(id)).await?;
    let index = env.d1("DB")?;
    let drop = index.prepare("DELETE FROM reports WHERE id = ?").bind(&[id.into()])?;
    let note = index.prepare("INSERT OR IGNORE INTO deleted (id, at, opted_out) VALUES (?, ?, ?)").bind(&[
        id.into(),
        number(time::now()),
        (reason as u32).into(),
    ])?;
    call(Call::Write, index.batch(vec![drop, note])).await?;
    Ok(())
}

/// The report in a packed body.
pub fn unpack(body: &[u8]) -> Result<Report, Refusal> {
    Ok(serde_json::from_slice(&unzip(body)?)?)
}

/// The report in a packed body without its evidence, which is most of it and stands last: for whoever shows only
/// what it says.
pub fn said(body: &[u8]) -> Result<Report, Refusal> {
    let mut unpacked = GzDecoder::new(body).take(REPORT_MAX);
    let mut json = Vec::new();
    let mut looked: usize = 0;
    loop {
        let from = looked.saturating_sub(EVIDENCE.len());
        let place =
            json.get(from..).and_then(|new: &[u8]| new.windows(EVIDENCE.len()).position(|part| part == EVIDENCE));
        if let Some(place) = place {
            json.truncate(from + place + EVIDENCE.len());
            json.extend_from_slice(b"]}");
            break;
        }
        looked = json.len();
        if unpacked.by_ref().take(PIECE).read_to_end(&mut json).map_err(worker::Error::from)? == 0 {
            break;
        }
    }
    Ok(serde_json::from_slice(&json)?)
}

/// The JSON in a packed body.
pub fn unzip(body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut json = Vec::new();
    GzDecoder::new(body).take(REPORT_MAX).read_to_end(&mut json).map_err(worker::Error::from)?;
    Ok(json)
}

fn pack(report: &Report) -> Result<Vec<u8>, Refusal> {
    let mut zip = GzEncoder::new(Vec::new(), Compression::default());
    zip.write_all(&serde_json::to_vec(report)?).map_err(worker::Error::from)?;
    Ok(zip.finish().map_err(worker::Error::from)?)
}

/// The row of a report that must be there; else whether it once was.
async fn required(env: &Env, id: &str) -> Result<Row, Refusal> {
    if let Some(row) = row(env, id).await? {
        return Ok(row);
    }
    let query = "SELECT opted_out FROM deleted WHERE id = ?";
    let query = env.d1("DB")?.prepare(query).bind(&[id.into()])?;
    let deleted: Option<u8> = call(Call::Read, query.first(Some("opted_out"))).await?;
    Err(Refusal::of(match deleted {
        None => Kind::NoReport,
        Some(0) => Kind::Deleted,
        Some(1) => Kind::OptedOut,
        Some(_) => Kind::Expired,
    }))
}

async fn body(env: &Env, row: &Row) -> Result<Vec<u8>, Refusal> {
    if row.expires < time::now() {
        return Err(Refusal::of(Kind::Expired));
    }
    // A row without a body is being deleted right now.
    let gone = || Refusal::of(Kind::Deleted);
    packed(env, &row.id).await?.ok_or_else(gone)
}

/// The packed body of a report, if it is there.
pub async fn packed(env: &Env, id: &str) -> Result<Option<Vec<u8>>, Refusal> {
    let bucket = env.bucket("REPORTS")?;
    let read = async {
        let Some(object) = bucket.get(id).execute().await? else { return Ok(None) };
        let Some(body) = object.body() else { return Ok(None) };
        Ok(Some(body.bytes().await?))
    };
    let body = call(Call::Get, read).await?;
    #[cfg(feature = "lab")]
    let body = body.map(crate::lab::damaged);
    Ok(body)
}

/// D1 takes no 64-bit integers; milliseconds fit a double exactly.
pub fn number(value: u64) -> JsValue {
    JsValue::from_f64(value as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_report_says_without_its_evidence() {
        let mut whole: Report =
            serde_json::from_str(include_str!("../../frontend/static/examples/sinner.json")).unwrap();
        // Its own words, in a text that a server said.
        whole.why.push_str(",\"evidence\":[");
        let said = said(&pack(&whole).ok().unwrap()).ok().unwrap();
        assert!(!whole.evidence.is_empty() && said.evidence.is_empty());
        whole.evidence.clear();
        assert_eq!(said, whole);
        assert_eq!(super::said(&pack(&whole).ok().unwrap()).ok(), Some(whole), "one that has none");
    }

    #[test]
    fn what_is_plain() {
        let plain: Report = serde_json::from_str(include_str!("../../frontend/static/examples/sinner.json")).unwrap();
        let chosen = Options { hosts: vec![plain.domain.clone()], ..Options::default() };
        assert!(is_plain(&plain));
        assert!(!is_plain(&Report { mail: true, ..plain.clone() }));
        assert!(!is_plain(&Report { options: chosen, ..plain }));
    }
}
