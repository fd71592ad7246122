//! The Cloudflare Worker: the API, the scan object, the gate, and published reports.
//!
//! - [`routes`] answers requests; what it may not answer is a [`problem`].
//! - [`scan`] holds a case and answers only what the case's own plan asks.
//! - [`active`] holds the tests that a domain's owner consented to.
//! - [`batch`] has many domains scanned, a few at a time.
//! - [`gate`] holds the only sockets, and keeps hosts from being asked too much.
//! - [`consent`] reads what a domain's own record allows; [`standing`] remembers it for a while.
//! - [`rounds`] checks domains again that consented, and takes down what a domain no longer wants shown.
//! - [`notify`] posts to a domain's own server what changed.
//! - [`mailtest`] takes messages at one-time addresses and says what receivers make of them.
//! - [`store`] keeps published reports; [`storage`] is how storage is called.

mod active;
mod batch;
mod body;
mod config;
mod consent;
mod dial;
mod gate;
mod history;
mod https;
mod ids;
#[cfg(feature = "lab")]
mod lab;
mod limit;
mod log;
mod mailtest;
mod notify;
mod once;
mod pool;
mod problem;
mod resolver;
mod respond;
mod rounds;
mod router;
mod routes;
mod scan;
mod standing;
mod storage;
mod store;
mod time;

use worker::{
    Context, Env, ForwardableEmailMessage, MessageBatch, Request, Response, ScheduleContext, ScheduledEvent, event,
};

use crate::problem::{Kind, Refusal};
use crate::router::Route;

/// Every request of the Worker. Answers always, and writes one line of log.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> worker::Result<Response> {
    #[cfg(feature = "lab")]
    lab::hear(&request);
    let started = time::now();
    let route = Route::of(&request.path());
    let method = request.method();
    let head = method == worker::Method::Head;
    let answer = time::caught(routes::answer(request, &env, &route)).await;
    let response = match answer {
        Some(Ok(response)) => response,
        Some(Err(refusal)) => routes::refuse(&route, refusal).await?,
        None => routes::refuse(&route, Refusal::of(Kind::Panicked)).await?,
    };
    let (response, class) = respond::finish(response, &route, head)?;
    log::request(route.template(), &method, response.status_code(), time::now().saturating_sub(started), class);
    Ok(response)
}

/// A message came, for a test of outgoing mail. What is not for one is refused.
#[event(email)]
async fn email(message: ForwardableEmailMessage, env: Env, _context: Context) -> worker::Result<()> {
    match time::caught(mailtest::take(&env, &message)).await {
        Some(Ok(())) => {}
        Some(Err(why)) => message.set_reject(why),
        None => message.set_reject("This could not be taken now, try again later"),
    }
    Ok(())
}

/// The hourly round.
#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    match time::caught(rounds::go(&env)).await {
        Some(Ok(())) => {}
        Some(Err(refusal)) => log::recheck(refusal.kind().slug()),
        None => log::panicked("round"),
    }
}

/// What a round found to do. Each message is acknowledged or sent back by itself.
#[event(queue)]
async fn queue(batch: MessageBatch<rounds::Job>, env: Env, _context: Context) -> worker::Result<()> {
    rounds::take(&env, &batch).await;
    Ok(())
}
