//! One file an endpoint. This is the way in: limits, methods, and the form of a refusal.

mod arrivals;
mod badge;
mod batches;
mod consent;
mod file;
mod history;
mod learn;
mod mailtest;
mod page;
mod program;
mod report;
pub mod run;
pub mod scan;
mod scans;

use worker::{Env, Method, Request, Response};

use crate::problem::{Kind, Refusal};
use crate::router::Route;
use crate::scan::Order;
use crate::{body, limit, respond};

/// Answers a request, or refuses it.
pub async fn answer(mut request: Request, env: &Env, route: &Route) -> Result<Response, Refusal> {
    if request.method() == Method::Options {
        body::drain(&mut request).await;
        return Ok(respond::options(route)?);
    }
    // As the client said it: the crate takes a method that it does not know for a GET.
    if !route.takes(&request.inner().method()) {
        body::drain(&mut request).await;
        return Err(Refusal::allowing(route.allow()));
    }
    // Badges are fetched by image proxies, each of which stands for many people.
    if !route.is_badge()
        && let Err(refusal) = limit::request(&request, env).await
    {
        body::drain(&mut request).await;
        return Err(refusal);
    }
    match route {
        Route::Scans => scans::post(request, env).await,
        Route::Scan(id) if request.method() == Method::Delete => scan::order(request, env, id, Order::Cancel).await,
        Route::Scan(id) => scan::order(request, env, id, Order::State).await,
        Route::Inquiries(id) => scan::ask(request, env, id).await,
        Route::Events(id) => scan::events(request, env, id).await,
        Route::Publish(id) => scan::publish(request, env, id).await,
        Route::Batches => batches::post(request, env).await,
        Route::Batch(id) => batches::get(request, env, id).await,
        Route::File(path) => file::get(&request, env, path).await,
        Route::Report(id) => report::delete(request, env, id).await,
        Route::Consent(domain) => consent::get(env, domain).await,
        Route::Arrivals => arrivals::post(request, env).await,
        Route::MailTests => mailtest::post(request, env).await,
        Route::MailTest(id) if request.method() == Method::Post => mailtest::tell(request, env, id).await,
        Route::MailTest(id) => mailtest::get(env, id).await,
        Route::MailTestPage(id) if request.method() == Method::Post => {
            mailtest::form(request, env, id.as_deref()).await
        }
        Route::MailTestPage(id) => mailtest::show(env, id.as_deref()).await,
        Route::Runs => run::post(request, env).await,
        Route::Run(id) => run::get(env, id).await,
        Route::RunDeed(id, deed) => run::deed(request, env, id, *deed).await,
        Route::RunPage(id) if request.method() == Method::Post => run::form(request, env, id.as_deref()).await,
        Route::RunPage(id) => run::show(env, id.as_deref()).await,
        Route::Owner(domain) => history::get(&request, env, domain).await,
        Route::Page(id, form) => page::get(&request, env, id, *form).await,
        Route::BadgeSvg(badge) => badge::svg(&request, env, badge).await,
        Route::BadgeCard(badge) => badge::card(&request, env, badge).await,
        Route::BadgeJson(badge) => badge::json(&request, env, badge).await,
        Route::Program(name) => program::get(&request, env, name).await,
        Route::Learn(name) => learn::page(&request, env, name).await,
        Route::Crawl(name) => learn::file(&request, env, name).await,
        Route::NoPage | Route::Nothing => Err(Refusal::of(Kind::NotFound)),
    }
}

/// A refusal in the form that its reader understands: a page or a problem document.
pub async fn refuse(route: &Route, refusal: Refusal) -> worker::Result<Response> {
    if route.is_page() { page::refuse(refusal).await } else { refusal.response() }
}
