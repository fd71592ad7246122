//! What nobody asks for at the moment: the hourly round names domains whose record is to be read again, and those that
//! are due for a new report. The queue carries them one by one, so that a failure costs one domain and is tried again.

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use shared::api::Drive;
use shared::syntax::consent::Word;
use shared::{DomainName, Options};
use worker::{Env, Message, MessageBatch, MessageBuilder, MessageExt, QueueRetryOptionsBuilder, Response};

use crate::problem::{Kind, Refusal};
use crate::routes::scan as object;
use crate::scan::{Make, Order, Publish};
use crate::storage::{Call, call};
use crate::store::number;
use crate::{config, consent, log, standing, store, time};

/// How many domains one round has read again.
const LOOKS: u32 = 100;

/// How many domains one round has checked again.
const SCANS: u32 = 20;

/// A record is read again after this long, in milliseconds.
const LOOK_MS: u64 = if cfg!(feature = "lab") { 1_000 } else { 24 * 3_600_000 };

/// How long a scan is left alone before it is asked for its report, in seconds.
const SCAN_S: u32 = if cfg!(feature = "lab") { 2 } else { 120 };

/// How long after a failure it is tried again, in seconds.
const RETRY_S: u32 = if cfg!(feature = "lab") { 2 } else { 600 };

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
}

#[derive(Deserialize)]
struct Row {
    domain: DomainName,
}

/// The hourly round.
pub async fn go(env: &Env) -> Result<(), Refusal> {
    let index = env.d1("DB")?;
    let now = time::now();
    let old = "SELECT domain FROM domains WHERE looked NOT BETWEEN ? AND ? ORDER BY looked LIMIT ?";
    // What was looked at in the future was looked at by a clock that was wrong.
    let old = index.prepare(old).bind(&[number(now.saturating_sub(LOOK_MS)), number(now), LOOKS.into()])?;
    let old = call(Call::Read, old.all()).await?;
    for Row { domain } in old.results()? {
        send(env, Job { task: Task::Look, domain, scan: None }, 0).await?;
    }
    let due = "SELECT domain FROM domains WHERE due <= ? ORDER BY due LIMIT ?";
    let due = index.prepare(due).bind(&[number(now), SCANS.into()])?;
    let due = call(Call::Read, due.all()).await?;
    for Row { domain } in due.results()? {
        // Before it is sent: better a week too late than twice.
        postpone(env, &domain).await?;
        send(env, Job { task: Task::Scan, domain, scan: None }, 0).await?;
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
                message.retry_with_options(&QueueRetryOptionsBuilder::new().with_delay_seconds(RETRY_S).build());
            }
        },
        Err(error) => log::failure("queue message", &error),
    };
    join_all(batch.iter().map(one)).await;
}

async fn work(env: &Env, job: &Job) -> Result<(), Refusal> {
    match (job.task, &job.scan) {
        (Task::Look, _) => look(env, &job.domain).await,
        (Task::Scan, _) => scan(env, &job.domain).await,
        (Task::Publish, Some(scan)) => publish(env, &job.domain, scan).await,
        (Task::Publish, None) => Err(Refusal::of(Kind::Internal)),
    }
}

async fn look(env: &Env, domain: &DomainName) -> Result<(), Refusal> {
    if store::forget_domain_without_reports(env, domain).await? {
        return Ok(());
    }
    let reading = consent::read(env, domain).await;
    standing::remember(env, domain, &reading).await?;
    if reading.surely_opted_out && store::take_down(env, domain).await? {
        send(env, Job { task: Task::Look, domain: domain.clone(), scan: None }, RETRY_S).await?;
    }
    Ok(())
}

/// Whether the domain's record allows checking it again, read anew. An error where nothing could be read.
async fn is_allowed(env: &Env, domain: &DomainName) -> Result<bool, Refusal> {
    let reading = consent::read(env, domain).await;
    standing::remember(env, domain, &reading).await?;
    match reading.allowing(Word::History).or_else(|_| reading.allowing(Word::Badge)) {
        Ok(_) => Ok(true),
        Err(why) if why.is_passing() => Err(Refusal::saying(Kind::Internal, why.to_string())),
        Err(_) => Ok(false),
    }
}

async fn scan(env: &Env, domain: &DomainName) -> Result<(), Refusal> {
    if !is_allowed(env, domain).await? {
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
    send(env, Job { task: Task::Publish, domain: domain.clone(), scan: Some(id) }, SCAN_S).await
}

async fn publish(env: &Env, domain: &DomainName, scan: &str) -> Result<(), Refusal> {
    if !is_allowed(env, domain).await? {
        return Ok(());
    }
    let origin = format!("https://{}", config::site_host(env)?);
    let body = Some(serde_json::to_string(&Publish { origin, delete_key: None })?);
    // The key is told to nobody: such a report goes when its domain says so.
    require(&object::call(&object::object(env, scan)?, Order::Publish, "", body).await?)
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
