//! The requests that a scan object takes, all from the front of this Worker.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use shared::api::{Drive, Numbered, Scan, ScanState, Sent, Statement};
use shared::grant::Question;
use shared::{DomainName, Evidence, Inquiry, Options, plan};
use worker::{Request, Response};

use super::table::Table;
use super::{Head, Inner, Live, Opened, events, publish};
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
    /// Take what the owner says; the body is a [`Statement`].
    Tell,
    /// Say what a run of active tests wants to know, as [`Watched`].
    Watch,
    /// Hand over what was seen, to another scan.
    Share,
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
    /// The name under which what it sees is shared, if it is.
    pub shared: Option<String>,
    /// The id of a test of outgoing mail.
    #[serde(default)]
    pub mailtest: Option<String>,
    /// What a shared scan saw: there is nothing left to ask then.
    pub seed: Option<Seed>,
    /// What the domain's owner opened: only a run of active tests says so.
    pub opened: Option<Opened>,
}

/// What a shared scan saw, and when.
#[derive(Serialize, Deserialize)]
pub struct Seed {
    nonce: String,
    started: u64,
    evidence: Vec<Evidence>,
}

/// What publishing needs to know.
#[derive(Serialize, Deserialize)]
pub struct Publish {
    /// Scheme and host of this site.
    pub origin: String,
    /// The key that deletes the report, where its maker has one already.
    pub delete_key: Option<String>,
}

/// What a run wants to know of its scan.
#[derive(Default, Serialize, Deserialize)]
pub struct Watched {
    /// Nothing is missing.
    pub complete: bool,
    /// What the owner is asked.
    pub questions: Vec<Question>,
    /// What was sent.
    pub sent: Vec<Sent>,
}

impl Order {
    const ALL: [Self; 9] = [
        Self::Make,
        Self::Ask,
        Self::State,
        Self::Events,
        Self::Tell,
        Self::Watch,
        Self::Share,
        Self::Cancel,
        Self::Publish,
    ];

    /// The path.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Make => "/make",
            Self::Ask => "/ask",
            Self::State => "/state",
            Self::Events => "/events",
            Self::Tell => "/tell",
            Self::Watch => "/watch",
            Self::Share => "/share",
            Self::Cancel => "/cancel",
            Self::Publish => "/publish",
        }
    }

    /// May it be given while active tests go on? Only their run gives these. What all others answer would tell one-time
    /// addresses at which a message is waited for, or break off what belongs to the run.
    const fn is_of_run(self) -> bool {
        matches!(self, Self::Make | Self::Tell | Self::Watch)
    }
}

/// Carries out an order.
pub(super) async fn answer(scan: &Rc<Inner>, mut request: Request) -> Result<Response, Refusal> {
    let path = request.path();
    let order = Order::ALL.into_iter().find(|order| order.path() == path).ok_or_else(|| Refusal::of(Kind::Internal))?;
    if order == Order::Make {
        let status = if make(scan, request.json().await?).await? { 201 } else { 200 };
        return Ok(respond::json(status, &state(scan, 0)?)?);
    }
    let body = request.text().await?;
    if !scan.wake()? {
        return Err(Refusal::of(Kind::NoScan));
    }
    let is_hidden = scan.look(|live| live.head.opened.is_some() && !live.over) == Some(true);
    if is_hidden && !order.is_of_run() {
        return Err(Refusal::of(Kind::NoScan));
    }
    match order {
        Order::Make | Order::State => Ok(respond::json(200, &state(scan, since(&request)?)?)?),
        Order::Events => events::open(scan, since(&request)?),
        Order::Ask => {
            ask(scan, serde_json::from_str(&body)?)?;
            Ok(respond::empty(202)?)
        }
        Order::Tell => {
            let Statement { question, choice } = serde_json::from_str(&body)?;
            scan.tell(question, choice);
            Ok(respond::empty(204)?)
        }
        Order::Watch => Ok(respond::json(200, &watch(scan)?)?),
        Order::Share => Ok(respond::json(200, &share(scan)?)?),
        Order::Cancel => {
            scan.cancel()?;
            Ok(respond::empty(204)?)
        }
        Order::Publish => {
            let Publish { origin, delete_key } = serde_json::from_str(&body)?;
            Ok(respond::json(200, &publish::publish(scan, &origin, delete_key).await?)?)
        }
    }
}

/// Makes the scan, unless the same request made it already. Says whether it did.
async fn make(scan: &Rc<Inner>, make: Make) -> Result<bool, Refusal> {
    let Make { domain, options, probe_domain, blocklists, drive, shared, mailtest, seed, opened } = make;
    if scan.wake()? {
        let same = |head: &Head| {
            head.domain == domain && head.options == options && head.drive == drive && head.mailtest == mailtest
        };
        let same = scan.look(|live| same(&live.head)) == Some(true);
        return if same { Ok(false) } else { Err(Refusal::of(Kind::KeyReused)) };
    }
    if Table::of(&scan.state).started()?.is_some() {
        // The same key made a scan a day ago, whose alarm has not rung yet.
        scan.live.replace(None);
        scan.state.storage().delete_all().await?;
    }
    let (nonce, started, evidence) = match seed {
        Some(Seed { nonce, started, evidence }) => (nonce, started, evidence),
        // 64 bits: unguessable for the length of a scan, and short enough for a label or local part.
        None => (ids::random()?.chars().take(16).collect(), time::now(), Vec::new()),
    };
    // What was taken over is not offered again, or it would never grow old.
    let shared = shared.filter(|_| evidence.is_empty() && drive == Drive::Server);
    scan.make(
        Head { domain, options, probe_domain, blocklists, nonce, started, drive, shared, mailtest, opened },
        evidence,
    )?;
    Ok(true)
}

/// What was seen, of a scan that is complete and shared.
fn share(scan: &Rc<Inner>) -> Result<Seed, Refusal> {
    let seed = scan.look(|live| {
        let (head, done) = (&live.head, live.over && !live.case.cancelled);
        let evidence = || live.case.evidence().cloned().collect();
        (done && head.shared.is_some()).then(|| Seed {
            nonce: head.nonce.clone(),
            started: head.started,
            evidence: evidence(),
        })
    });
    seed.flatten().ok_or_else(|| Refusal::of(Kind::Incomplete))
}

fn watch(scan: &Rc<Inner>) -> Result<Watched, Refusal> {
    let watched = scan.look(|live| {
        let asked = live.asking.keys().filter_map(|inquiry| match inquiry {
            Inquiry::Owner { question } => Some(*question),
            _ => None,
        });
        let sent = live.case.evidence().filter_map(|evidence| sent(evidence, live.over)).collect();
        Watched { complete: live.over && !live.case.cancelled, questions: asked.collect(), sent }
    });
    watched.ok_or_else(|| Refusal::of(Kind::NoScan))
}

/// What a run tells of what was sent. A server may say a one-time address after us: until the end it stays untold.
fn sent(evidence: &Evidence, over: bool) -> Option<Sent> {
    let mut sent = Sent::of(evidence)?;
    if let (Inquiry::Probe { script, .. }, false) = (&evidence.inquiry, over)
        && let Some(token) = script.awaited()
    {
        sent.answer = sent.answer.replace(token.as_str(), "…");
    }
    Some(sent)
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

fn state(scan: &Rc<Inner>, since: u64) -> Result<Scan, Refusal> {
    let mut evidence = Vec::new();
    for stored in Table::of(&scan.state).after(since)? {
        evidence.push(Numbered { seq: stored.seq, evidence: serde_json::from_str(&stored.evidence)? });
    }
    let id = scan.state.id().to_string();
    let summary = scan.change(Live::summary).flatten();
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
        mail: live.case.mail,
        grant: live.case.grant.clone(),
        cancelled: live.case.cancelled,
        inquiries: if live.over { Vec::new() } else { live.unasked() },
        asking: live.asking.values().cloned().collect(),
        evidence,
        complete: live.over && !live.case.cancelled,
    });
    Ok(Scan { state: state.ok_or_else(|| Refusal::of(Kind::NoScan))?, summary })
}

/// The last one counts, and each has to be a number.
fn since(request: &Request) -> Result<u64, Refusal> {
    let url = request.url()?;
    let given = url.query_pairs().filter(|(name, _)| name == "since");
    given.map(|(_, text)| text.parse()).try_fold(0, |_, seq| seq).map_err(|_| Refusal::of(Kind::BadQuery))
}
