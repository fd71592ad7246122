//! The scan object: one for each scan. It holds the case, answers only what the case's own plan
//! asks, and does the asking itself; so no client can bring evidence, choose it, or point a probe
//! anywhere that the domain's DNS did not lead to.
//!
//! - [`doors`] are the requests it takes, [`crank`] is what turns a scan, [`errand`] asks one
//!   inquiry, [`events`] tells listeners, [`publish`] makes the report, [`table`] is what lasts.
//!
//! What must outlive a crash is in SQL: evidence, and what is being asked. Memory holds the case
//! made from it, listeners, and which inquiries have a task right now.

mod crank;
mod doors;
mod errand;
mod events;
mod publish;
mod table;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::time::Duration;

use futures_channel::mpsc::UnboundedSender;
use futures_util::lock::Mutex;
use serde::{Deserialize, Serialize};
use shared::api::{Asking, Drive, Summary};
use shared::case::SCAN_MS;
use shared::grant::ACTIVE_MS;
use shared::{Case, DomainName, Grant, Inquiry, Options};
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use crate::{respond, time};

pub use doors::{Make, Order, Publish, Seed, Watched};

/// When an alarm that failed rings again.
const AGAIN: Duration = Duration::from_mins(15);

/// The object.
#[durable_object(alarm)]
pub struct Scan {
    inner: Rc<Inner>,
}

// A panic leaves at worst a listener untold: the case is made anew from SQL, every change of which
// is one statement, and no borrow outlives the function that took it.
impl UnwindSafe for Scan {}
impl RefUnwindSafe for Scan {}

/// What the requests, tasks and alarms of a scan share.
struct Inner {
    state: State,
    env: Env,
    live: RefCell<Option<Live>>,
    publishing: Mutex<()>,
}

/// A scan in memory.
struct Live {
    head: Head,
    case: Case,
    asking: BTreeMap<Inquiry, Asking>,
    listeners: Vec<UnboundedSender<String>>,
    /// Nothing more will come: complete or cancelled.
    over: bool,
    /// Others were told of it.
    offered: bool,
    /// See [`Live::summary`].
    summary: Option<Summary>,
}

/// What a scan was made with.
#[derive(Clone, Serialize, Deserialize)]
struct Head {
    domain: DomainName,
    options: Options,
    probe_domain: DomainName,
    /// Scans that began before there were any have none.
    #[serde(default)]
    blocklists: Vec<DomainName>,
    nonce: String,
    started: u64,
    drive: Drive,
    /// The name under which others find what it saw.
    #[serde(default)]
    shared: Option<String>,
    /// The id of the test of outgoing mail that was named. It stays here: whoever has it sees what came.
    #[serde(default)]
    mailtest: Option<String>,
    /// What the domain's owner opened.
    #[serde(default)]
    opened: Option<Opened>,
}

/// What the domain's owner opened, and where the run is that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The grant.
    pub grant: Grant,
    /// The page of the run.
    pub link: String,
}

impl DurableObject for Scan {
    fn new(state: State, env: Env) -> Self {
        let inner = Inner { state, env, live: RefCell::new(None), publishing: Mutex::new(()) };
        Self { inner: Rc::new(inner) }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        respond::caught(doors::answer(&self.inner, request)).await
    }

    async fn alarm(&self) -> worker::Result<Response> {
        // An error would have the platform ring again and again, and then no more.
        match time::caught(crank::ring(&self.inner)).await {
            Some(Ok(())) => return Response::empty(),
            Some(Err(error)) => crate::log::failure("scan alarm", &error),
            None => crate::log::panicked("scan alarm"),
        }
        self.inner.state.storage().set_alarm(AGAIN).await?;
        Response::empty()
    }
}

impl Head {
    /// A case without evidence.
    fn case(&self) -> Case {
        let mut case = Case::new(self.domain.clone(), self.probe_domain.clone(), self.nonce.clone(), self.started);
        case.options = self.options.clone();
        case.admit_private = cfg!(feature = "lab");
        case.blocklists.clone_from(&self.blocklists);
        case.mail = self.mailtest.is_some();
        case.grant = self.opened.as_ref().map(|opened| opened.grant.clone());
        case
    }

    /// When what is missing becomes untested, in milliseconds since 1970.
    const fn end_of_time(&self) -> u64 {
        self.started + if self.opened.is_some() { ACTIVE_MS } else { SCAN_MS }
    }
}

impl Live {
    /// A scan that begins, or is taken up again.
    fn new(head: Head, case: Case, over: bool) -> Self {
        Self { head, case, asking: BTreeMap::new(), listeners: Vec::new(), over, offered: false, summary: None }
    }

    /// What a complete scan amounts to. Judged once, and only if someone wants to know.
    fn summary(&mut self) -> Option<Summary> {
        if self.over && !self.case.cancelled && self.summary.is_none() {
            self.summary = Some(Summary::of(&shared::judge(&self.case)));
        }
        self.summary.clone()
    }

    /// What the plan asks and nobody has asked yet.
    fn unasked(&self) -> Vec<Inquiry> {
        let mut missing = shared::plan(&self.case);
        missing.retain(|inquiry| !self.asking.contains_key(inquiry));
        missing
    }

    /// Sends a text to all listeners and forgets those who went away.
    fn tell(&mut self, text: &str) {
        self.listeners.retain(|listener| listener.unbounded_send(text.to_owned()).is_ok());
    }
}
