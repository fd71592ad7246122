//! The Cloudflare Worker: the API, the scan object, the gate, and published reports.
//!
//! - [`routes`] answers requests; what it may not answer is a [`problem`].
//! - [`scan`] holds a case and answers only what the case's own plan asks.
//! - [`batch`] has many domains scanned, a few at a time.
//! - [`gate`] holds the only sockets, and keeps hosts from being asked too much.
//! - [`store`] keeps published reports.

mod batch;
mod body;
mod config;
mod dial;
mod gate;
mod https;
mod ids;
mod limit;
mod log;
mod once;
mod pool;
mod problem;
mod resolver;
mod respond;
mod router;
mod routes;
mod scan;
mod store;
mod time;

use worker::{Context, Env, Request, Response, event};

use crate::problem::{Kind, Refusal};
use crate::router::Route;

/// Every request of the Worker. Answers always, and writes one line of log.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> worker::Result<Response> {
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
