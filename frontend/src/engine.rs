//! The engine: the mail knowledge in a module of its own (`engine/`), loaded when a page needs it.
//! Across the boundary go JSON texts and plain numbers.

use std::rc::Rc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use shared::Verdict;
use shared::difference::Difference;
use shared::picture::Pictures;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::{Callback, Html, hook, html, use_effect_with, use_state};

use crate::browser;

#[wasm_bindgen(module = "/engine.js")]
extern "C" {
    // One function only: with more, wasm-bindgen names their file more than once in one object.
    #[wasm_bindgen(js_name = load)]
    fn start_loading(patient: bool) -> js_sys::Promise;
}

#[wasm_bindgen]
extern "C" {
    /// The loaded module.
    #[derive(Clone)]
    pub(crate) type Engine;

    #[wasm_bindgen(method, js_name = blank)]
    fn blank_text(this: &Engine, domain: &str, now: f64) -> Option<String>;

    #[wasm_bindgen(method, js_name = pictures)]
    fn pictures_text(this: &Engine, report: &str) -> Option<String>;

    #[wasm_bindgen(method, js_name = judge_again)]
    fn judge_again_text(this: &Engine, report: &str) -> Option<String>;

    #[wasm_bindgen(method, js_name = lint)]
    fn lint_text(this: &Engine, kind: &str, text: &str, most: usize) -> Option<String>;

    #[wasm_bindgen(method, getter, js_name = Scan)]
    fn scans(this: &Engine) -> Scans;

    type Scans;

    #[wasm_bindgen(method)]
    fn open(this: &Scans, state: &str, now: f64) -> Option<Model>;

    /// A scan as seen from the browser. The engine's documentation says what each call does.
    pub(crate) type Model;

    #[wasm_bindgen(method)]
    pub(crate) fn id(this: &Model) -> String;

    #[wasm_bindgen(method)]
    pub(crate) fn seq(this: &Model) -> f64;

    #[wasm_bindgen(method)]
    pub(crate) fn take(this: &Model, event: &str) -> Option<bool>;

    #[wasm_bindgen(method)]
    pub(crate) fn waits(this: &Model, event: &str) -> bool;

    #[wasm_bindgen(method)]
    pub(crate) fn sync(this: &Model, state: &str, idle: bool) -> bool;

    #[wasm_bindgen(method)]
    pub(crate) fn next_post(this: &Model) -> Option<String>;

    #[wasm_bindgen(method)]
    pub(crate) fn unask(this: &Model, body: &str);

    #[wasm_bindgen(method)]
    pub(crate) fn is_complete(this: &Model) -> bool;

    #[wasm_bindgen(method)]
    pub(crate) fn is_cancelled(this: &Model) -> bool;

    #[wasm_bindgen(method)]
    pub(crate) fn cancel(this: &Model);

    #[wasm_bindgen(method)]
    pub(crate) fn slowest(this: &Model, now: f64) -> Option<String>;

    #[wasm_bindgen(method)]
    pub(crate) fn report(this: &Model) -> Option<String>;
}

/// A text that the engine wrote.
pub(crate) fn read<T: DeserializeOwned>(text: Option<String>) -> Option<T> {
    shared::json::read(&text?)
}

/// Loads the engine, from the call on; nothing if it can't be had now.
pub(crate) fn load() -> impl Future<Output = Option<Engine>> {
    let loading = JsFuture::from(start_loading(false));
    async { loading.await.ok().map(JsValue::unchecked_into) }
}

/// Loads the engine when the browser has nothing better to do. A failure is left to the next [`load`].
pub(crate) fn soon() {
    let loading = JsFuture::from(start_loading(true));
    spawn_local(async { drop(loading.await) });
}

/// What is wrong with a text.
#[derive(Deserialize)]
pub(crate) struct Lint {
    pub(crate) verdict: Verdict,
    /// How many faults there are; not all of them need be listed.
    pub(crate) total: usize,
    pub(crate) faults: Vec<Fault>,
}

/// One fault, with its place in octets of the text.
#[derive(Deserialize)]
pub(crate) struct Fault {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) verdict: Verdict,
}

impl Engine {
    /// The empty frame of a domain's report, as JSON.
    pub(crate) fn blank(&self, domain: &str, now: u64) -> Option<String> {
        self.blank_text(domain, now as f64)
    }

    /// The pictures of a report as JSON, judged again from its evidence.
    pub(crate) fn pictures(&self, report: &str) -> Option<Rc<Pictures>> {
        read(self.pictures_text(report)).map(Rc::new)
    }

    /// What changes in a report when it is judged again.
    pub(crate) fn judge_again(&self, report: &str) -> Option<Difference> {
        read(self.judge_again_text(report))
    }

    /// What is wrong with a text of this kind; at most so many faults are listed.
    pub(crate) fn lint(&self, kind: &str, text: &str, most: usize) -> Option<Lint> {
        read(self.lint_text(kind, text, most))
    }

    /// A scan that the server just made, from its state as JSON.
    pub(crate) fn open(&self, state: &str, now: u64) -> Option<Model> {
        self.scans().open(state, now as f64)
    }
}

/// Where the loading of the engine stands, for a page.
#[derive(Clone)]
pub(crate) enum Loading {
    Coming,
    Failed,
    Ready(Engine),
}

/// The engine for a page, and what tries again to load it.
#[hook]
pub(crate) fn use_engine() -> (Loading, Callback<()>) {
    let loading = use_state(|| Loading::Coming);
    let attempt = {
        let loading = loading.clone();
        Callback::from(move |()| {
            let (coming, loading) = (load(), loading.clone());
            loading.set(Loading::Coming);
            spawn_local(async move { loading.set(coming.await.map_or(Loading::Failed, Loading::Ready)) });
        })
    };
    {
        let attempt = attempt.clone();
        use_effect_with((), move |()| attempt.emit(()));
    }
    ((*loading).clone(), attempt)
}

/// What happened when the engine could not be loaded: a title and a sentence.
pub(crate) fn why_missing() -> (&'static str, &'static str) {
    if browser::is_offline() {
        ("You are offline", "The checks are a part of this site that has not been loaded yet. Nothing is concluded.")
    } else {
        (
            "The checks could not be loaded",
            "This site's server cannot be reached or has newer ones: if trying again does not help, load the page anew. \
             Nothing is concluded.",
        )
    }
}

/// The same on a page, with a button that tries again.
pub(crate) fn missing(attempt: &Callback<()>) -> Html {
    let (title, detail) = why_missing();
    html! {
        <section class="notice trouble" role="alert" aria-labelledby="trouble">
            <h2 id="trouble">{ title }</h2>
            <p>{ detail }</p>
            <div class="actions">
                <button type="button" class="first" onclick={attempt.reform(|_| ())}>{ "Try again" }</button>
            </div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the engine writes is what is read here.
    #[test]
    fn both_sides_of_the_boundary() {
        let lint: Lint = read(engine::lint("spf", "v=spf1 a:% b:%", 1)).unwrap();
        let fault = lint.faults.first().unwrap();
        assert!(lint.total > 1 && lint.faults.len() == 1 && lint.verdict == Verdict::Mortal);
        assert!(fault.start < fault.end && !fault.code.is_empty() && !fault.message.is_empty());
        assert_eq!(fault.verdict, Verdict::Mortal);

        let blank = engine::blank("a.example", 1_000.0);
        let report: shared::Report = read(blank.clone()).unwrap();
        assert_eq!(report.domain.as_str(), "a.example");
        let again: Difference = read(engine::judge_again(blank.as_deref().unwrap())).unwrap();
        assert!(again.is_nothing());
        let pictures: Pictures = read(engine::pictures(blank.as_deref().unwrap())).unwrap();
        assert_eq!(pictures, Pictures::default());
    }
}
