//! What nobody asks for at the moment: the hourly round names domains whose record is to be read again, and those that
//! are due for a new report; and reports that are a year old go. The queue carries them one by one, so that a failure costs one domain and is tried again.

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use shared::api::{Drive, Published};
use shared::syntax::consent::{Consent, Word};
use shared::{DomainName, Options};
use worker::{Env, Message, MessageBatch, MessageBuilder, MessageExt, QueueRetryOptionsBuilder, Response};

use crate::problem::{Kind, Refusal};
use crate::routes::scan as object;
use crate::scan::{Make, Order, Publish};
use crate::storage::{Call, call};
use crate::store::number;
use crate::{config, consent, history, log, notify, standing, store, time};

/// How many domains one round has read again.
const LOOKS: u32 = 100;

/// How many domains one round has checked again.
const SCANS: u32 = 20;

/// A record is read again after this long, in milliseconds.
const LOOK_MS: u64 = if cfg!(feature = "lab") { 1_000 } else { 24 * 3_600_000 };

/// How long a scan is left alone before it is asked for its report, in seconds.
const SCAN_S: u32 = if cfg!(feature = "lab") { 2 } else { 120 };

/// How long after a failure it is tried again, in seconds, at least: each time after as long again as it took so far.
const RETRY_S: u32 = if cfg!(feature = "lab") { 2 } else { 600 };

/// The longest that a queue keeps a message back, in seconds.
const RETRY_MAX_S: u64 = 12 * 3_600;

/// The end of the name of the queue that takes what failed again and again.
const DEAD: &str = "-dead";

/// What is to be done about a domain.
#[derive(Debug, Serialize, Deserialize)]
pub struct Job {
    task: Task,
    domain: DomainName,
    /// With [`Task::Publish`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scan: Option<String>,
    /// With [`Task::Notify`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    change: Option<notify::Change>,
}

impl Job {
    fn new(task: Task, domain: &DomainName) -> Self {
        Self { task, domain: domain.clone(), scan: None, change: None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Task {
    /// Read its record, and take its reports down if it says so.
    Look,
    /// Check it again, if its record still allows that.
    Scan,
    /// Make a report of the scan.
    Publish,
    /// Post what changed to the domain's own server, if its record still names one.
    Notify,
}

#[derive(Deserialize)]
struct Row {
    domain: DomainName,
}

/// The hourly round. What is promised to be gone goes first, and whatever fails, the rest is done.
pub async fn go(env: &Env) -> Result<(), Refusal> {
    let taken_out = store::take_out_the_old(env).await;
    let sent = send_what_is_due(env).await;
    taken_out.and(sent)
}

/// Queues what is to be read or checked again.
async fn send_what_is_due(env: &Env) -> Result<(), Refusal> {
    let index = env.d1("DB")?;
    let now = time::now();
    // Whom pages look at again and again without hearing anything, since they have less patience, is looked at as well.
    let old = "SELECT domain FROM domains WHERE looked NOT BETWEEN ?1 AND ?2 OR heard NOT BETWEEN ?3 AND ?2 \
        ORDER BY looked LIMIT ?4";
    let before = |ms| number(now.saturating_sub(ms));
    // What was looked at in the future was looked at by a clock that was wrong.
    let old = index.prepare(old).bind(&[before(LOOK_MS), number(now), before(2 * LOOK_MS), LOOKS.into()])?;
    let old = call(Call::Read, old.all()).await?;
    for Row { domain } in old.results()? {
        send(env, Job::new(Task::Look, &domain), 0).await?;
    }
    let due = "SELECT domain FROM domains WHERE due <= ? ORDER BY due LIMIT ?";
    let due = index.prepare(due).bind(&[number(now), SCANS.into()])?;
    let due = call(Call::Read, due.all()).await?;
    for Row { domain } in due.results()? {
        // Before it is sent: better a week too late than twice.
        postpone(env, &domain).await?;
        send(env, Job::new(Task::Scan, &domain), 0).await?;
    }
    Ok(())
}

/// What the queue brings.
pub async fn take(env: &Env, batch: &MessageBatch<Job>) {
    let dead = batch.queue().ends_with(DEAD);
    let one = async |message: worker::Result<Message<Job>>| match message {
        Ok(message) if dead => {
            log::recheck("given-up");
            message.ack();
        }
        Ok(message) => match time::caught(work(env, message.body())).await {
            Some(Ok(())) => message.ack(),
            failed => {
                let class = failed.and_then(Result::err).map_or(Kind::Panicked, |refusal| refusal.kind());
                log::recheck(class.slug());
                let age = time::now().saturating_sub(message.timestamp().as_millis()) / 1_000;
                let delay = u32::try_from(age.min(RETRY_MAX_S)).unwrap_or(RETRY_S).max(RETRY_S);
                message.retry_with_options(&QueueRetryOptionsBuilder::new().with_delay_seconds(delay).build());
            }
        },
        Err(error) => log::failure("queue message", &error),
    };
    join_all(batch.iter().map(one)).await;
}

async fn work(env: &Env, job: &Job) -> Result<(), Refusal> {
    match job {
        Job { task: Task::Look, domain, .. } => look(env, domain).await,
        Job { task: Task::Scan, domain, .. } => scan(env, domain).await,
        Job { task: Task::Publish, domain, scan: Some(scan), .. } => publish(env, domain, scan).await,
        Job { task: Task::Notify, domain, change: Some(change), .. } => tell(env, domain, change).await,
        Job { task: Task::Publish | Task::Notify, .. } => Err(Refusal::of(Kind::Internal)),
    }
}

async fn look(env: &Env, domain: &DomainName) -> Result<(), Refusal> {
    if store::forget_domain_without_reports(env, domain).await? {
        return Ok(());
    }
    let reading = consent::read(env, domain).await;
    standing::remember(env, domain, &reading).await?;
    if reading.surely_opted_out && store::take_down(env, domain).await? {
        send(env, Job::new(Task::Look, domain), RETRY_S).await?;
    }
    Ok(())
}

/// The domain's record, read anew, if it allows checking it again. An error where nothing could be read.
async fn allowed(env: &Env, domain: &DomainName) -> Result<Option<Consent>, Refusal> {
    let reading = consent::read(env, domain).await;
    standing::remember(env, domain, &reading).await?;
    match reading.allowing(Word::History).or_else(|_| reading.allowing(Word::Badge)) {
        Ok(consent) => Ok(Some(consent.clone())),
        Err(why) if why.is_passing() => Err(Refusal::saying(Kind::Internal, why.to_string())),
        Err(_) => Ok(None),
    }
}

async fn scan(env: &Env, domain: &DomainName) -> Result<(), Refusal> {
    if allowed(env, domain).await?.is_none() {
        return Ok(());
    }
    let id = env.durable_object("SCAN")?.unique_id()?.to_string();
    let make = Make {
        domain: domain.clone(),
        options: Options::default(),
        probe_domain: config::probe_domain(env)?,
        blocklists: config::blocklists(env)?,
        drive: Drive::Server,
        shared: None,
        mailtest: None,
        seed: None,
        opened: None,
    };
    let made = object::call(&object::object(env, &id)?, Order::Make, "", Some(serde_json::to_string(&make)?)).await?;
    require(&made)?;
    send(env, Job { scan: Some(id), ..Job::new(Task::Publish, domain) }, SCAN_S).await
}

async fn publish(env: &Env, domain: &DomainName, scan: &str) -> Result<(), Refusal> {
    let Some(consent) = allowed(env, domain).await? else { return Ok(()) };
    let body = Some(serde_json::to_string(&Publish { origin: config::origin(env)?, delete_key: None })?);
    // The key is told to nobody: such a report goes when its domain says so.
    let mut response = object::call(&object::object(env, scan)?, Order::Publish, "", body).await?;
    require(&response)?;
    let after = response.json::<Published>().await?.id;
    if let Some(before) = history::compared_with(env, domain, &after).await?
        && consent.notify.is_some()
    {
        let change = Some(notify::Change { before, after: after.clone() });
        send(env, Job { change, ..Job::new(Task::Notify, domain) }, 0).await?;
    }
    history::rechecked(env, domain, &after).await
}

async fn tell(env: &Env, domain: &DomainName, change: &notify::Change) -> Result<(), Refusal> {
    let consent = allowed(env, domain).await?;
    match (consent.and_then(|consent| consent.notify), config::notify_key(env)?) {
        (Some(url), Some(key)) => notify::tell(env, domain, &url, &key, change).await,
        // The record says so no longer, or the site has nothing to sign with.
        _ => Ok(()),
    }
}

fn require(response: &Response) -> Result<(), Refusal> {
    if response.status_code() < 300 { Ok(()) } else { Err(Refusal::of(Kind::Incomplete)) }
}

async fn postpone(env: &Env, domain: &DomainName) -> Result<(), Refusal> {
    let next = number(time::now() + standing::pause()?);
    let update = "UPDATE domains SET due = ? WHERE domain = ?";
    let update = env.d1("DB")?.prepare(update).bind(&[next, domain.as_str().into()])?;
    call(Call::Write, update.run()).await?;
    Ok(())
}

async fn send(env: &Env, job: Job, delay: u32) -> Result<(), Refusal> {
    Ok(env.queue("ROUNDS")?.send(MessageBuilder::new(job).delay_seconds(delay).build()).await?)
}
