//! Turning the crank: post what `plan` names, take what comes, notice when nothing does.

use gloo_timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use yew::Context;

use super::stream::{News, Stream};
use super::trouble::Trouble;
use super::{Msg, Phase, Scan, Wish};
use crate::api::{self, Failure};
use crate::browser::{now, replace};
use crate::engine::{Engine, Model};

/// How long what arrives is gathered before the next post, in milliseconds.
const GATHER_MS: u32 = 50;
/// The shortest time between two judgements, in milliseconds: about a frame of a slow screen.
const JUDGE_MS: u32 = 40;
/// After this long without news, look whether the stream still lives, in milliseconds.
const SILENCE_MS: u64 = 20_000;
/// After this long since the start there will be no end, in milliseconds.
const END_MS: u64 = 150_000;
/// How often a request is tried again; the waits double from one second.
const TRIES: u32 = 5;

impl Scan {
    /// The engine is here: draws the empty frame and makes a scan.
    pub(super) fn loaded(&mut self, ctx: &Context<Self>, engine: Option<Engine>) -> bool {
        let (Some(engine), Some(domain)) = (engine, &self.domain) else {
            self.fail(Trouble::no_engine());
            return true;
        };
        let (link, domain, wish) = (ctx.link().clone(), domain.clone(), ctx.props().wish.clone());
        if !wish.mailtest.is_empty() {
            // Whoever has the id sees what came: it must not stand where people copy addresses from.
            replace(&Wish { mailtest: String::new(), ..wish.clone() }.address());
        }
        self.phase = Phase::Scanning;
        (self.began, self.heard) = (now(), now());
        self.show(engine.blank(domain.as_str(), self.began));
        self.engine = Some(engine);
        spawn_local(async move { link.send_message(Msg::Started(api::start(&domain, &wish).await)) });
        true
    }

    pub(super) fn started(&mut self, ctx: &Context<Self>, answer: Result<String, Failure>) -> bool {
        let model = answer.and_then(|state| {
            let model = self.engine.as_ref().and_then(|engine| engine.open(&state, now()));
            model.ok_or(Failure::Unreachable)
        });
        let model = match model {
            Ok(model) => model,
            Err(failure) => {
                self.fail(Trouble::of(&failure, false));
                return true;
            }
        };
        if self.phase == Phase::Cancelled {
            // Cancelled before it had begun: the server has to hear of it.
            spawn_local(async move { drop(api::cancel(&model.id()).await) });
            return true;
        }
        self.stream = Stream::open(&model.id(), &ctx.link().callback(Msg::News));
        self.polling = self.stream.is_none();
        self.model = Some(model);
        self.heard = now();
        self.post(ctx);
        self.judge()
    }

    pub(super) fn news(&mut self, ctx: &Context<Self>, news: News) -> bool {
        if self.phase != Phase::Scanning {
            return false;
        }
        let Some(model) = &self.model else { return false };
        match news {
            News::Broken { closed } => {
                self.breaks += 1;
                if closed || self.breaks >= 3 {
                    self.stream = None;
                    self.polling = true;
                    self.poll(ctx);
                }
                return false;
            }
            News::Asking(asking) => {
                let readable = model.waits(&asking);
                if readable {
                    self.heard = now();
                }
                return readable;
            }
            News::Done(done) if done.cancelled => {
                model.cancel();
                self.phase = Phase::Cancelled;
                self.rest();
                return self.judge();
            }
            News::Done(_) => {
                self.stream = None;
                self.polling = true;
                if !model.is_complete() {
                    self.poll(ctx); // something was missed
                }
            }
            News::Evidence(piece) => {
                let Some(changed) = model.take(&piece) else { return false };
                self.heard = now();
                self.breaks = 0;
                if !changed {
                    return false;
                }
            }
        }
        self.changed(ctx)
    }

    /// There is new evidence: judge soon, ask on soon.
    fn changed(&mut self, ctx: &Context<Self>) -> bool {
        if self.model.as_ref().is_some_and(Model::is_complete) {
            return self.judge();
        }
        if self.judging.is_none() {
            let link = ctx.link().clone();
            self.judging = Some(Timeout::new(JUDGE_MS, move || link.send_message(Msg::Judge)));
        }
        self.post_in(ctx, GATHER_MS);
        false
    }

    fn post_in(&mut self, ctx: &Context<Self>, ms: u32) {
        if self.post.is_none() {
            let link = ctx.link().clone();
            self.post = Some(Timeout::new(ms, move || link.send_message(Msg::Post)));
        }
    }

    pub(super) fn post(&mut self, ctx: &Context<Self>) {
        self.post = None;
        let Some(model) = self.model.as_ref().filter(|_| self.phase == Phase::Scanning) else { return };
        while let Some(batch) = model.next_post() {
            self.posts_under_way += 1;
            let (link, id) = (ctx.link().clone(), model.id());
            spawn_local(async move {
                let answer = api::ask(&id, &batch).await;
                link.send_message(Msg::Posted(batch, answer));
            });
        }
    }

    pub(super) fn posted(&mut self, ctx: &Context<Self>, batch: &str, answer: Result<(), Failure>) -> bool {
        self.posts_under_way = self.posts_under_way.saturating_sub(1);
        let Some(model) = self.model.as_ref().filter(|_| self.phase == Phase::Scanning) else { return false };
        let failure = match answer {
            Ok(()) => {
                self.failures = 0;
                return false;
            }
            Err(failure) => failure,
        };
        if failure.status() == Some(409) {
            self.poll(ctx); // the server knows more than we do: catch up, then ask on
            return false;
        }
        model.unask(batch);
        self.try_later(ctx, &failure)
    }

    /// Counts a failure: tries again after a while, or gives up.
    fn try_later(&mut self, ctx: &Context<Self>, failure: &Failure) -> bool {
        self.failures += 1;
        if !failure.is_transient() || self.failures > TRIES {
            self.fail(Trouble::of(failure, failure.is_transient()));
            return true;
        }
        let asked = match failure {
            Failure::Problem { retry_after: Some(seconds), .. } => seconds.saturating_mul(1_000),
            _ => 0,
        };
        self.post_in(ctx, asked.max(1_000 << (self.failures - 1)).min(30_000));
        false
    }

    pub(super) fn poll(&mut self, ctx: &Context<Self>) {
        let Some(model) = self.model.as_ref().filter(|_| !self.poll_under_way) else { return };
        self.poll_under_way = true;
        let (link, id, seq) = (ctx.link().clone(), model.id(), model.seq() as u64);
        spawn_local(async move { link.send_message(Msg::Polled(api::state(&id, seq).await)) });
    }

    pub(super) fn polled(&mut self, ctx: &Context<Self>, answer: Result<String, Failure>) -> bool {
        self.poll_under_way = false;
        let Some(model) = self.model.as_ref().filter(|_| self.phase == Phase::Scanning) else { return false };
        let idle = self.posts_under_way == 0;
        match answer.and_then(|state| if model.sync(&state, idle) { Ok(()) } else { Err(Failure::Unreachable) }) {
            Ok(()) => {
                (self.failures, self.heard) = (0, now());
                if model.is_cancelled() {
                    self.phase = Phase::Cancelled;
                    self.rest();
                    return self.judge();
                }
                self.changed(ctx);
                true
            }
            Err(failure) => self.try_later(ctx, &failure),
        }
    }

    /// Once a second: the waits grow, and silence is noticed.
    pub(super) fn second(&mut self, ctx: &Context<Self>) -> bool {
        if self.phase != Phase::Scanning {
            return false;
        }
        let now = now();
        if now.saturating_sub(self.began) > END_MS {
            self.fail(Trouble::silent());
            return true;
        }
        // With failures the polls thin out: every 1, 2, 4, 8, 16 seconds.
        let due = (now / 1_000).is_multiple_of(1 << self.failures.min(4));
        let silent = now.saturating_sub(self.heard) > SILENCE_MS;
        if (self.polling && due) || (silent && due && (now / 1_000).is_multiple_of(5)) {
            self.poll(ctx);
        }
        true
    }
}
