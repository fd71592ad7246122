//! The live scan: the engine calls `plan` and `judge`, the Worker asks.

mod asking;
mod drive;
mod published;
mod spoken;
mod stream;
mod trouble;
mod view;
mod wish;

use std::rc::Rc;

use gloo_timers::callback::{Interval, Timeout};
use shared::api::Published;
use shared::picture::Pictures;
use shared::{DomainName, Report};
use wasm_bindgen_futures::spawn_local;
use yew::{AttrValue, Callback, Component, Context, Html, Properties};

use crate::api::{self, Failure};
use crate::browser::{self, now};
use crate::engine::{self, Engine, Model};
use crate::pages::read;
use crate::platform;
pub(crate) use wish::{Choices, Wish};

use spoken::Spoken;
use stream::{News, Stream};
use trouble::{Trouble, Way};

#[derive(Properties, PartialEq)]
pub(crate) struct ScanProps {
    /// What the person asks for.
    pub(crate) wish: Wish,
    /// What was made of it on the page before.
    pub(crate) note: Option<String>,
    /// To another address of this site.
    pub(crate) go: Callback<(String, Option<String>)>,
}

/// Where a scan stands.
#[derive(Clone, Debug, PartialEq)]
enum Phase {
    /// The engine is on its way.
    Loading,
    Scanning,
    Complete,
    Publishing,
    Published(Published),
    Cancelled,
    Failed(Trouble),
}

pub(crate) enum Msg {
    Loaded(Option<Engine>),
    Started(Result<String, Failure>),
    News(News),
    /// Post what is to be asked.
    Post,
    /// The body that was posted, and what came of it.
    Posted(String, Result<(), Failure>),
    Polled(Result<String, Failure>),
    Judge,
    Second,
    Cancel,
    Resume,
    Again,
    /// Save the report as a file.
    Save,
    Publish,
    Published(Result<Published, Failure>),
}

pub(crate) struct Scan {
    domain: Option<DomainName>,
    note: Option<AttrValue>,
    phase: Phase,
    engine: Option<Engine>,
    model: Option<Model>,
    report: Option<Rc<Report>>,
    /// The same as the engine wrote it.
    json: String,
    /// Its pictures, once it is whole.
    pictures: Option<Rc<Pictures>>,
    /// Why publishing came to nothing.
    unpublished: Option<String>,
    spoken: Spoken,
    aloud: String,
    stream: Option<Stream>,
    /// The stream failed: ask by polling from now on.
    polling: bool,
    poll_under_way: bool,
    posts_under_way: u32,
    failures: u32,
    breaks: u32,
    /// Our clock, when something last came.
    heard: u64,
    began: u64,
    /// What gets the focus once it is drawn.
    focus: Option<&'static str>,
    post: Option<Timeout>,
    judging: Option<Timeout>,
    _seconds: Interval,
}

impl Component for Scan {
    type Message = Msg;
    type Properties = ScanProps;

    fn create(ctx: &Context<Self>) -> Self {
        let link = ctx.link().clone();
        let mut scan = Self {
            domain: None,
            note: None,
            phase: Phase::Loading,
            engine: None,
            model: None,
            report: None,
            json: String::new(),
            pictures: None,
            unpublished: None,
            spoken: Spoken::default(),
            aloud: String::new(),
            stream: None,
            polling: false,
            poll_under_way: false,
            posts_under_way: 0,
            failures: 0,
            breaks: 0,
            heard: now(),
            began: now(),
            focus: None,
            post: None,
            judging: None,
            _seconds: Interval::new(1_000, move || link.send_message(Msg::Second)),
        };
        scan.begin(ctx);
        scan
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Loaded(engine) => return self.loaded(ctx, engine),
            Msg::Started(answer) => return self.started(ctx, answer),
            Msg::News(news) => return self.news(ctx, news),
            Msg::Post => self.post(ctx),
            Msg::Posted(batch, answer) => return self.posted(ctx, &batch, answer),
            Msg::Polled(answer) => return self.polled(ctx, answer),
            Msg::Judge => return self.judge(),
            Msg::Second => return self.second(ctx),
            Msg::Cancel => return self.cancel(),
            Msg::Resume => self.resume(ctx),
            Msg::Again => {
                ctx.props().go.emit((ctx.props().wish.address(), None));
            }
            Msg::Save => self.save(),
            Msg::Publish => self.publish(ctx),
            Msg::Published(answer) => match answer {
                Ok(published) => {
                    if let Some(domain) = &self.domain {
                        let _ = platform::last_report(domain.as_str(), &published.id);
                    }
                    self.phase = Phase::Published(published);
                    self.focus = Some("published-panel");
                }
                Err(failure) => {
                    self.phase = Phase::Complete;
                    self.unpublished = Some(failure.words());
                }
            },
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        view::view(self, ctx)
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        if let Some(id) = self.focus.take() {
            browser::focus(id);
        }
    }
}

impl Scan {
    /// Reads what was typed and loads the engine.
    fn begin(&mut self, ctx: &Context<Self>) {
        match read(&ctx.props().wish.domain) {
            Err(bad) => {
                let detail = format!("Read as a domain, {bad}.");
                self.fail(Trouble { title: "That can't be checked".to_owned(), detail, way: Way::Other });
            }
            Ok(typed) => {
                self.note = ctx.props().note.clone().or(typed.note).map(AttrValue::from);
                self.domain = Some(typed.domain);
                let (link, engine) = (ctx.link().clone(), engine::load());
                spawn_local(async move { link.send_message(Msg::Loaded(engine.await)) });
            }
        }
    }

    fn judge(&mut self) -> bool {
        self.judging = None;
        let Some(model) = &self.model else { return false };
        let complete = self.phase == Phase::Scanning && model.is_complete();
        let json = model.report();
        if !self.show(json) {
            return false;
        }
        let Some(report) = &self.report else { return false };
        if let Some(news) = self.spoken.news(report, complete) {
            self.aloud = news;
        }
        if complete {
            let grade = report.grade.map_or("no grade".to_owned(), |grade| format!("grade {grade}"));
            browser::title(&format!("{}: {grade} · mailsins", report.domain));
            self.phase = Phase::Complete;
            self.pictures = self.engine.as_ref().and_then(|engine| engine.pictures(&self.json));
            self.rest();
        }
        true
    }

    /// Takes a report of the engine's. Could it be read?
    fn show(&mut self, json: Option<String>) -> bool {
        let Some(json) = json else { return false };
        let Some(report) = shared::json::read(&json) else { return false };
        self.report = Some(Rc::new(report));
        self.json = json;
        true
    }

    fn cancel(&mut self) -> bool {
        self.phase = Phase::Cancelled;
        self.rest();
        self.aloud = "The check was cancelled.".to_owned();
        if let Some(model) = &self.model {
            model.cancel();
            let id = model.id();
            spawn_local(async move { drop(api::cancel(&id).await) }); // else it ends by itself
        }
        self.judge();
        true
    }

    fn resume(&mut self, ctx: &Context<Self>) {
        self.phase = Phase::Scanning;
        self.polling = true;
        self.failures = 0;
        self.heard = now();
        self.began = now();
        self.poll(ctx);
    }

    fn save(&self) {
        let Some(report) = &self.report else { return };
        platform::download(&format!("{}.json", report.domain), "application/json", &self.json);
    }

    fn publish(&mut self, ctx: &Context<Self>) {
        let Some(model) = &self.model else { return };
        self.phase = Phase::Publishing;
        self.unpublished = None;
        let (link, id) = (ctx.link().clone(), model.id());
        spawn_local(async move { link.send_message(Msg::Published(api::publish(&id).await)) });
    }

    fn fail(&mut self, trouble: Trouble) {
        self.phase = Phase::Failed(trouble);
        self.rest();
    }

    /// Nothing more is to come.
    fn rest(&mut self) {
        self.stream = None;
        self.post = None;
        self.judging = None;
    }
}
