//! The requests that a scan object takes, all from the front of this Worker.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use shared::api::{Drive, Numbered, ScanState};
use shared::{DomainName, Inquiry, Options, plan};
use worker::{Request, Response};

use super::table::Table;
use super::{Head, Inner, events, publish};
use crate::problem::{Kind, Refusal};
use crate::{ids, respond, time};

/// What is asked of a scan object, as the path of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Make the scan; the body is [`Make`].
    Make,
    /// Ask inquiries; the body is a list of them.
    Ask,
    /// Say how the scan stands; `since` in the query.
    State,
    /// Stream events; `since` in the query.
    Events,
    /// Break off.
    Cancel,
    /// Publish; the body is [`Publish`].
    Publish,
}

/// What a scan is made with. Time and nonce are the object's own.
#[derive(Serialize, Deserialize)]
pub struct Make {
    /// The domain.
    pub domain: DomainName,
    /// The choices.
    pub options: Options,
    /// The site's own domain.
    pub probe_domain: DomainName,
    /// The DNS blocklists that it asks.
    pub blocklists: Vec<DomainName>,
    /// Who turns the crank.
    pub drive: Drive,
}

/// What publishing needs to know.
#[derive(Serialize, Deserialize)]
pub struct Publish {
    /// Scheme and host of this site.
    pub origin: String,
}

impl Order {
    const ALL: [Self; 6] = [Self::Make, Self::Ask, Self::State, Self::Events, Self::Cancel, Self::Publish];

    /// The path.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Make => "/make",
            Self::Ask => "/ask",
            Self::State => "/state",
            Self::Events => "/events",
            Self::Cancel => "/cancel",
            Self::Publish => "/publish",
        }
    }
}

/// Carries out an order.
pub(super) async fn answer(scan: &Rc<Inner>, mut request: Request) -> Result<Response, Refusal> {
    let path = request.path();
    let order = Order::ALL.into_iter().find(|order| order.path() == path).ok_or_else(|| Refusal::of(Kind::Internal))?;
    if order == Order::Make {
        make(scan, request.json().await?)?;
        return Ok(respond::json(201, &state(scan, 0)?)?);
    }
    let body = request.text().await?;
    if !scan.wake()? {
        return Err(Refusal::of(Kind::NoScan));
    }
    match order {
        Order::Make | Order::State => Ok(respond::json(200, &state(scan, since(&request)?)?)?),
        Order::Events => Ok(events::open(scan, since(&request)?)?),
        Order::Ask => {
            ask(scan, serde_json::from_str(&body)?)?;
            Ok(respond::empty(202)?)
        }
        Order::Cancel => {
            scan.cancel()?;
            Ok(respond::empty(204)?)
        }
        Order::Publish => {
            let Publish { origin } = serde_json::from_str(&body)?;
            Ok(respond::json(200, &publish::publish(scan, &origin).await?)?)
        }
    }
}

fn make(scan: &Rc<Inner>, make: Make) -> Result<(), Refusal> {
    let Make { domain, options, probe_domain, blocklists, drive } = make;
    // 64 bits: unguessable for the length of a scan, and short enough for a label or local part.
    let nonce: String = ids::random()?.chars().take(16).collect();
    Ok(scan.make(Head { domain, options, probe_domain, blocklists, nonce, started: time::now(), drive })?)
}

/// All or nothing: one inquiry that the plan doesn't ask, and none is asked.
fn ask(scan: &Rc<Inner>, inquiries: Vec<Inquiry>) -> Result<(), Refusal> {
    let no_scan = || Refusal::of(Kind::NoScan);
    let planned = scan.look(|live| {
        if live.case.cancelled {
            return Err(Refusal::of(Kind::Cancelled));
        }
        let planned: BTreeSet<Inquiry> = plan(&live.case).into_iter().collect();
        let known = |inquiry: &Inquiry| planned.contains(inquiry) || live.case.get(inquiry).is_some();
        if inquiries.iter().all(known) { Ok(planned) } else { Err(Refusal::asking(Kind::NotAsked, live.unasked())) }
    });
    let planned = planned.ok_or_else(no_scan)??;
    for inquiry in inquiries {
        if planned.contains(&inquiry) {
            scan.start(inquiry);
        }
    }
    Ok(())
}

fn state(scan: &Rc<Inner>, since: u64) -> Result<ScanState, Refusal> {
    let mut evidence = Vec::new();
    for stored in Table::of(&scan.state).after(since)? {
        evidence.push(Numbered { seq: stored.seq, evidence: serde_json::from_str(&stored.evidence)? });
    }
    let id = scan.state.id().to_string();
    let state = scan.look(|live| ScanState {
        id,
        domain: live.head.domain.clone(),
        options: live.head.options.clone(),
        probe_domain: live.head.probe_domain.clone(),
        nonce: live.head.nonce.clone(),
        started: live.head.started,
        now: time::now(),
        admit_private: live.case.admit_private,
        blocklists: live.case.blocklists.clone(),
        cancelled: live.case.cancelled,
        inquiries: if live.over { Vec::new() } else { live.unasked() },
        asking: live.asking.values().cloned().collect(),
        evidence,
        complete: live.over && !live.case.cancelled,
    });
    state.ok_or_else(|| Refusal::of(Kind::NoScan))
}

fn since(request: &Request) -> Result<u64, Refusal> {
    let url = request.url()?;
    let query: BTreeMap<_, _> = url.query_pairs().collect();
    query.get("since").map_or(Ok(0), |text| text.parse()).map_err(|_| Refusal::of(Kind::BadQuery))
}
