//! The object of a run, named by its id. What it does next is in its alarm; what is kept is one value.
//!
//! The record of the domain is read by every door (`crate::consent`) before anything is done: when the run is made, before
//! each message with the code, when the code is typed back, and when tests begin.

use std::net::IpAddr;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::Duration;

use futures_util::lock::Mutex;
use serde::{Deserialize, Serialize};
use shared::api::{Drive, Published, Run as State_, RunStage as Stage, Sent, Statement};
use shared::grant::ACTIVE_MS;
use shared::local_part::LocalPart;
use shared::syntax::consent::{Consent, Refusal as Why, Word};
use shared::{DomainName, Grant, Options, Unseen};
use worker::wasm_bindgen::JsValue;
use worker::{DurableObject, Env, Method, Request, RequestInit, Response, State, durable_object};

use super::code;
use super::letter::Letter;
use crate::config::LETTER_AGAIN_MS;
use crate::problem::{Kind, Refusal};
use crate::routes::scan::{call, object};
use crate::scan::{Make, Opened, Order, Publish, Watched};
use crate::{config, consent, gate, ids, log, respond, time};

/// How long the code, and then what it opened, is good, in milliseconds.
const OPEN_MS: u64 = 24 * 3_600_000;

/// How long a run is kept, in milliseconds.
const KEPT_MS: u64 = 2 * OPEN_MS;

/// How long after its beginning a scan is over that nobody looks at, and its report is published, in milliseconds.
const OVER_MS: u64 = ACTIVE_MS + 30_000;

/// When it is looked at again if it is not, in milliseconds.
const OVER_AGAIN_MS: u64 = 60_000;

/// How often the message with the code is tried.
const ATTEMPTS: u8 = 3;

/// How often it waits besides, for a mail server that has its rest.
const WAITS: u8 = 3;

/// What the page says where there is a next time.
const AGAIN: &str = "It is tried again.";

/// The door of consent that is open once resolvers answer.
const UNSEEN: &str = Why::Unseen(Unseen::Failed).code();

/// Runs of a domain in a day.
const RUNS_MAX: u32 = 2;

/// Where a run stands in its object.
const KEY: &str = "run";

/// The object.
#[durable_object(alarm)]
pub struct Run {
    state: State,
    env: Env,
    one_at_a_time: Mutex<()>,
}

// A panic leaves at worst a change undone: what is kept is one value.
impl UnwindSafe for Run {}
impl RefUnwindSafe for Run {}

/// What a run is made with.
#[derive(Clone, Serialize, Deserialize)]
struct Made {
    id: String,
    domain: DomainName,
    /// The mail server that was asked for.
    #[serde(default)]
    host: Option<DomainName>,
    mailbox: LocalPart,
    allow: Vec<Word>,
    /// Scheme and host of this site.
    origin: String,
}

/// What is kept of a run.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    made: Made,
    created: u64,
    stage: Stage,
    trouble: Option<String>,
    attempts: u8,
    #[serde(default)]
    waits: u8,
    /// Who refused the message with the code.
    #[serde(default)]
    refused: Vec<IpAddr>,
    address: Option<IpAddr>,
    /// Of the code.
    digest: Option<String>,
    tries_left: u8,
    until: u64,
    scan: Option<String>,
    report: Option<String>,
    delete_key: Option<String>,
    log: Vec<Sent>,
}

impl DurableObject for Run {
    fn new(state: State, env: Env) -> Self {
        Self { state, env, one_at_a_time: Mutex::new(()) }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        respond::caught(self.answer(request)).await
    }

    async fn alarm(&self) -> worker::Result<Response> {
        // An error would have the platform ring again and again.
        match time::caught(self.ring()).await {
            Some(Ok(())) => {}
            Some(Err(refusal)) => log::recheck(refusal.kind().slug()),
            None => log::panicked("run alarm"),
        }
        Response::empty()
    }
}

impl Run {
    /// `/make`, `/look`, `/code`, `/start` and `/tell`.
    async fn answer(&self, mut request: Request) -> Result<Response, Refusal> {
        let (path, body) = (request.path(), request.text().await?);
        let _turn = self.one_at_a_time.lock().await;
        let mut run =
            if path == "/make" { self.make(serde_json::from_str(&body)?).await? } else { self.kept().await? };
        match path.as_str() {
            "/code" => self.open(&mut run, &body).await?,
            "/start" => self.start(&mut run).await?,
            "/tell" => self.tell(&run, &body).await?,
            _ => {}
        }
        Ok(respond::json(200, &self.stands(run).await?)?)
    }

    async fn make(&self, made: Made) -> Result<Kept, Refusal> {
        let created = time::now();
        let run = Kept {
            made,
            created,
            stage: Stage::Sending,
            trouble: None,
            attempts: 0,
            waits: 0,
            refused: Vec::new(),
            address: None,
            digest: None,
            tries_left: code::TRIES,
            until: created + OPEN_MS,
            scan: None,
            report: None,
            delete_key: None,
            log: Vec::new(),
        };
        self.keep(&run).await?;
        self.state.storage().set_alarm(Duration::from_millis(0)).await?;
        Ok(run)
    }

    async fn kept(&self) -> Result<Kept, Refusal> {
        let text: Option<String> = self.state.storage().get(KEY).await?;
        Ok(serde_json::from_str(&text.ok_or_else(|| Refusal::of(Kind::NoRun))?)?)
    }

    async fn keep(&self, run: &Kept) -> Result<(), Refusal> {
        Ok(self.state.storage().put(KEY, serde_json::to_string(run)?.as_str()).await?)
    }

    /// Sends the message with the code, publishes what nobody waits for, or forgets the run.
    async fn ring(&self) -> Result<(), Refusal> {
        let storage = self.state.storage();
        let Ok(mut run) = self.kept().await else { return Ok(storage.delete_all().await?) };
        let left = |run: &Kept| Duration::from_millis((run.created + KEPT_MS).saturating_sub(time::now()));
        if left(&run).is_zero() {
            return Ok(storage.delete_all().await?);
        }
        let mut again = Duration::from_millis(LETTER_AGAIN_MS);
        if run.stage == Stage::Sending {
            // Noted before, and when to go on: after a crash, a message less is better than one more.
            run.attempts += 1;
            self.keep(&run).await?;
            storage.set_alarm(again).await?;
            if run.attempts > ATTEMPTS {
                run.stage = Stage::Closed;
                run.trouble = Some("This site could not send the message with the code.".to_owned());
            } else {
                let busy = self.send(&mut run).await?;
                again = again.max(busy.unwrap_or_default());
            }
            self.keep(&run).await?;
        }
        if run.stage == Stage::Running {
            // Set before: what fails now may not fail then.
            storage.set_alarm(Duration::from_millis(OVER_AGAIN_MS)).await?;
            let _turn = self.one_at_a_time.lock().await;
            if self.stands(self.kept().await?).await?.stage == Stage::Running {
                return Ok(());
            }
        }
        let next = if run.stage == Stage::Sending { again } else { left(&run) };
        Ok(storage.set_alarm(next).await?)
    }

    /// Says how long a host has its rest, where that is waited for.
    async fn send(&self, run: &mut Kept) -> Result<Option<Duration>, Refusal> {
        if let Err(why) = self.read(&run.made).await {
            let problem = why.problem();
            // A resolver that fails for a moment takes nobody's word back: only what was answered does.
            let is_open = problem.door.as_deref() == Some(UNSEEN) && run.attempts < ATTEMPTS;
            if !is_open {
                run.stage = Stage::Closed;
            }
            run.trouble = Some(if is_open { format!("{} {AGAIN}", problem.detail) } else { problem.detail });
            return Ok(None);
        }
        let Made { id, domain, host, mailbox, .. } = &run.made;
        let link = run.made.link();
        let letter = Letter { run: id, link: &link, domain, host: host.as_ref(), mailbox, refused: &run.refused };
        let outcome = letter.send(&self.env).await?;
        run.log.extend(outcome.log);
        run.refused.extend(outcome.refused);
        run.trouble = outcome.trouble.map(str::to_owned);
        match outcome.taken {
            Some((address, digest)) => {
                (run.address, run.digest, run.stage) = (Some(address), Some(digest), Stage::Code);
            }
            None if outcome.later && (run.attempts < ATTEMPTS || outcome.busy && run.waits < WAITS) => {
                let why = outcome.trouble.unwrap_or("A server asked us to come back, or did not answer.");
                run.trouble = Some(format!("{why} {AGAIN}"));
                if outcome.busy && run.waits < WAITS {
                    // Who waits has had no attempt.
                    (run.attempts, run.waits) = (run.attempts.saturating_sub(1), run.waits + 1);
                    return Ok(Some(Duration::from_millis(config::rest(&self.env).answered + 1000)));
                }
            }
            None => {
                run.stage = Stage::Closed;
                run.trouble
                    .get_or_insert_with(|| "No mail server of the domain took the message with the code.".to_owned());
            }
        }
        Ok(None)
    }

    /// What the record allows now; all doors are tried anew. The mailbox must be the one that the code was sent to.
    async fn read(&self, made: &Made) -> Result<Vec<Word>, Refusal> {
        let consent = consent::read(&self.env, &made.domain).await.consent.map_err(|why| Refusal::closed(&why))?;
        let words = tests_of(&consent);
        if words.is_empty() {
            return Err(Refusal::closed(&Why::NotAllowed(Word::Samples)));
        }
        if consent.mailbox.as_ref() != Some(&made.mailbox) {
            return Err(Refusal::saying(
                Kind::NotConsented,
                "The record names another mailbox by now: begin a new run.",
            ));
        }
        Ok(words)
    }

    async fn open(&self, run: &mut Kept, typed: &str) -> Result<(), Refusal> {
        if run.stage != Stage::Code || time::now() >= run.until {
            return Err(Refusal::of(Kind::RunStage));
        }
        let digest = code::digest(&run.made.id, typed);
        if !run.digest.as_ref().is_some_and(|known| ids::same(known, &digest)) {
            run.tries_left = run.tries_left.saturating_sub(1);
            if run.tries_left == 0 {
                run.stage = Stage::Closed;
                run.trouble = Some("Too many wrong codes were tried.".to_owned());
            }
            self.keep(run).await?;
            return Err(Refusal::of(Kind::WrongCode));
        }
        run.made.allow = self.read(&run.made).await?;
        (run.stage, run.digest, run.until) = (Stage::Open, None, time::now() + OPEN_MS);
        run.trouble = None;
        self.keep(run).await
    }

    /// Begins the scan that tests.
    async fn start(&self, run: &mut Kept) -> Result<(), Refusal> {
        let address = run.address.filter(|_| run.stage == Stage::Open && time::now() < run.until);
        let address = address.ok_or_else(|| Refusal::of(Kind::RunStage))?;
        run.made.allow = self.read(&run.made).await?;
        let Made { domain, mailbox, allow, .. } = run.made.clone();
        let sink = config::sink(&self.env)?.map(|sink| sink.domain);
        let make = Make {
            domain,
            options: Options::default(),
            probe_domain: config::probe_domain(&self.env)?,
            blocklists: config::blocklists(&self.env)?,
            drive: Drive::Server,
            shared: None,
            seed: None,
            mailtest: None,
            opened: Some(Opened {
                grant: Grant { allow, mailbox, addresses: vec![address], sink },
                link: run.made.link(),
            }),
        };
        let id = self.env.durable_object("SCAN")?.unique_id()?.to_string();
        // Noted before, so that it begins once.
        (run.stage, run.scan) = (Stage::Running, Some(id.clone()));
        self.keep(run).await?;
        self.state.storage().set_alarm(Duration::from_millis(OVER_MS)).await?;
        let made = call(&object(&self.env, &id)?, Order::Make, "", Some(serde_json::to_string(&make)?)).await?;
        if made.status_code() < 300 {
            return Ok(());
        }
        (run.stage, run.scan) = (Stage::Open, None);
        self.keep(run).await?;
        Err(Refusal::of(Kind::Internal))
    }

    async fn tell(&self, run: &Kept, body: &str) -> Result<(), Refusal> {
        let scan = run.scan.as_ref().filter(|_| run.stage == Stage::Running);
        let scan = object(&self.env, scan.ok_or_else(|| Refusal::of(Kind::RunStage))?)?;
        call(&scan, Order::Tell, "", Some(body.to_owned())).await.map(drop)
    }

    /// The run as it stands; publishes the report of a scan that has come to its end.
    async fn stands(&self, mut run: Kept) -> Result<State_, Refusal> {
        let mut watched = Watched::default();
        if let Some(id) = &run.scan {
            let scan = object(&self.env, id)?;
            let mut response = call(&scan, Order::Watch, "", None).await?;
            match response.status_code() {
                200 => watched = response.json().await?,
                // Where its making failed and nobody knew whether it did.
                404 if run.stage == Stage::Running => {
                    (run.stage, run.scan) = (Stage::Open, None);
                    self.keep(&run).await?;
                }
                _ => {}
            }
            if watched.complete && run.stage == Stage::Running {
                let publish = Publish { origin: run.made.origin.clone(), delete_key: None };
                let mut response = call(&scan, Order::Publish, "", Some(serde_json::to_string(&publish)?)).await?;
                if response.status_code() == 200 {
                    let Published { url, delete_key, .. } = response.json().await?;
                    (run.stage, run.report, run.delete_key) = (Stage::Done, Some(url), delete_key);
                    run.log.append(&mut watched.sent);
                    self.keep(&run).await?;
                }
            }
        }
        let Kept { made, stage, trouble, address, tries_left, until, scan, report, delete_key, mut log, .. } = run;
        if stage == Stage::Running {
            log.append(&mut watched.sent);
        }
        log.sort_by_key(|sent| sent.at);
        let Made { id, domain, mailbox, allow, .. } = made;
        let questions = if stage == Stage::Running { watched.questions } else { Vec::new() };
        Ok(State_ {
            id,
            domain,
            mailbox,
            allow,
            stage,
            trouble,
            address,
            tries_left,
            until,
            scan,
            questions,
            log,
            report,
            delete_key,
        })
    }
}

impl Made {
    fn link(&self) -> String {
        format!("{}/run/{}", self.origin, self.id)
    }
}

/// The words that send something.
fn tests_of(consent: &Consent) -> Vec<Word> {
    consent.allow.iter().copied().filter(|word| word.sends()).collect()
}

/// Makes a run, if the domain's record allows any test.
pub async fn make(env: &Env, domain: DomainName, host: Option<DomainName>, origin: String) -> Result<State_, Refusal> {
    let consent = consent::read(env, &domain).await.consent.map_err(|why| Refusal::closed(&why))?;
    let allow = tests_of(&consent);
    let (Some(mailbox), false) = (consent.mailbox, allow.is_empty()) else {
        return Err(Refusal::closed(&Why::NotAllowed(Word::Samples)));
    };
    if !gate::is_left_today(env, &format!("runs of {domain}"), RUNS_MAX).await? {
        return Err(Refusal::of(Kind::RunsUsed));
    }
    let made = Made { id: ids::random()?, domain, host, mailbox, allow, origin };
    give(env, &made.id.clone(), "make", serde_json::to_string(&made)?).await
}

/// A run as it stands.
pub async fn look(env: &Env, id: &str) -> Result<State_, Refusal> {
    give(env, id, "look", String::new()).await
}

/// Tries a code.
pub async fn open(env: &Env, id: &str, typed: &str) -> Result<State_, Refusal> {
    give(env, id, "code", typed.to_owned()).await
}

/// Begins the tests.
pub async fn start(env: &Env, id: &str) -> Result<State_, Refusal> {
    give(env, id, "start", String::new()).await
}

/// Passes on what the owner says.
pub async fn tell(env: &Env, id: &str, said: &Statement) -> Result<State_, Refusal> {
    give(env, id, "tell", serde_json::to_string(said)?).await
}

async fn give(env: &Env, id: &str, what: &str, body: String) -> Result<State_, Refusal> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(Some(JsValue::from_str(&body)));
    let request = Request::new_with_init(&format!("https://run/{what}"), &init)?;
    let mut response = env.durable_object("RUN")?.get_by_name(id)?.fetch_with_request(request).await?;
    if response.status_code() == 200 {
        return Ok(response.json().await?);
    }
    let problem: shared::api::Problem = response.json().await?;
    let kind = Kind::ALL.iter().find(|kind| problem.kind.ends_with(&format!("/{}", kind.slug())));
    Err(Refusal::again(kind.copied().unwrap_or(Kind::Internal), problem))
}
