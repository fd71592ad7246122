//! From a complete case to a stored report.

use std::rc::Rc;

use shared::api::Published;
use shared::judge;

use super::Inner;
use super::table::{Publication, Table};
use crate::ids;
use crate::problem::{Kind, Refusal};
use crate::store::{self, Names};

/// Publishes once; later calls get the same report, without its delete key. `key` is the delete key to use, if it is
/// not to be a new one.
pub(super) async fn publish(scan: &Rc<Inner>, origin: &str, key: Option<String>) -> Result<Published, Refusal> {
    let _one_at_a_time = scan.publishing.lock().await;
    let case = scan.look(|live| {
        if live.case.cancelled {
            return Err(Refusal::of(Kind::Cancelled));
        }
        if live.over { Ok(live.case.clone()) } else { Err(Refusal::asking(Kind::Incomplete, shared::plan(&live.case))) }
    });
    let case = case.ok_or_else(|| Refusal::of(Kind::NoScan))??;
    let table = Table::of(&scan.state);
    let publication = match table.publication()? {
        Some(publication) => publication,
        None => {
            let key = key.map_or_else(ids::random, Ok)?;
            let publication = Publication { id: ids::random()?, badge: ids::random()?, delete_key: Some(key) };
            table.publish(&publication)?;
            publication
        }
    };
    let Publication { id, badge, delete_key } = publication;
    match &delete_key {
        Some(delete_key) => {
            let names = Names { id: &id, badge: &badge, delete_key };
            store::put(&scan.env, &names, &judge(&case)).await?;
            table.publish(&Publication { id: id.clone(), badge: badge.clone(), delete_key: None })?;
        }
        None => {
            store::row(&scan.env, &id).await?.ok_or_else(|| Refusal::of(Kind::Deleted))?;
        }
    }
    Ok(Published { url: format!("{origin}/r/{id}"), badge: format!("{origin}/badge/{badge}"), id, delete_key })
}
