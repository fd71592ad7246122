//! The scan on the page: the frame of the report, with what the scan needs around it.

use std::rc::Rc;

use shared::api::Stage;
use shared::visible::visible;
use shared::{Inquiry, Report};
use yew::{Context, Html, html};

use super::asking::{Waiting, now_asking};
use super::published::published_view;
use super::trouble::trouble_view;
use super::{Msg, Phase, Scan};
use crate::browser::now;
use crate::controls::Copy;
use crate::engine::read;
use crate::report::names::hosts;
use crate::report::{ReportView, is_resolver_down};
use crate::shell::{message, shell};

pub(super) fn view(scan: &Scan, ctx: &Context<Scan>) -> Html {
    let trouble = match &scan.phase {
        Phase::Failed(trouble) => {
            trouble_view(trouble, &ctx.link().callback(|()| Msg::Resume), &ctx.link().callback(|()| Msg::Again))
        }
        _ => Html::default(),
    };
    let Some(report) = scan.report.as_ref().filter(|_| !matches!(scan.phase, Phase::Failed(_)) || scan.model.is_some())
    else {
        let title = scan.domain.as_ref().map_or_else(|| visible(&ctx.props().wish.domain), ToString::to_string);
        return match scan.phase {
            Phase::Failed(_) => message("failed", &title, trouble), // it never began
            _ => message("loading", &title, html! { <p class="calm">{ "Loading the checks." }</p> }),
        };
    };
    let live = scan.phase == Phase::Scanning;
    let report = match scan.phase {
        Phase::Failed(_) => Rc::new(stopped(report)),
        _ => report.clone(),
    };
    let above = html! {
        <>
            if let Some(note) = &scan.note { <p class="hint">{ note }</p> }
            <p class="unseen" role="status">{ &scan.aloud }</p>
            { trouble }
            { around(scan, &report) }
        </>
    };
    let actions = actions(scan, ctx, &report);
    shell(
        state(scan, &report),
        html! { <ReportView {report} {live} pictures={scan.pictures.clone()} {actions} {above} /> },
    )
}

/// What there is of a report whose scan broke down: no grade.
fn stopped(report: &Report) -> Report {
    let why = "The check stopped before its end, so there is no grade.".to_owned();
    Report { grade: None, why, ..report.clone() }
}

fn state(scan: &Scan, report: &Report) -> &'static str {
    match scan.phase {
        Phase::Loading => "loading",
        Phase::Scanning => "scanning",
        Phase::Complete | Phase::Publishing if is_resolver_down(report) => "failed",
        Phase::Complete | Phase::Publishing => "complete",
        Phase::Published(_) => "published",
        Phase::Cancelled => "cancelled",
        Phase::Failed(_) => "failed",
    }
}

/// What stands between headline and sins.
fn around(scan: &Scan, report: &Report) -> Html {
    match &scan.phase {
        Phase::Scanning => {
            let now = now();
            let slowest = scan.model.as_ref().and_then(|model| read(model.slowest(now as f64)));
            let slowest: Vec<(Inquiry, Stage, u64)> = slowest.unwrap_or_default();
            let hosts = hosts(report.evidence.iter());
            let waiting: Vec<_> =
                slowest.iter().map(|(inquiry, stage, ms)| Waiting::new(inquiry, *stage, *ms, &hosts)).collect();
            let seconds = now.saturating_sub(scan.began) / 1_000;
            now_asking(&waiting, seconds)
        }
        Phase::Cancelled => html! {
            <section class="notice" aria-labelledby="cancelled">
                <h2 id="cancelled">{ "Cancelled" }</h2>
                <p>{ "You stopped this check. What was seen until then stays here, but it gets no grade and can't be published." }</p>
            </section>
        },
        Phase::Published(published) => published_view(published, report.domain.as_str()),
        Phase::Complete | Phase::Publishing => match &scan.unpublished {
            Some(why) => html! { <p class="error" role="alert">{ "It was not published. " }{ why }</p> },
            None => Html::default(),
        },
        Phase::Loading | Phase::Failed(_) => Html::default(),
    }
}

fn actions(scan: &Scan, ctx: &Context<Scan>, report: &Report) -> Html {
    let button = |label: &'static str, first: bool, msg: fn() -> Msg| {
        let onclick = ctx.link().callback(move |_| msg());
        html! { <button type="button" class={first.then_some("first")} {onclick}>{ label }</button> }
    };
    let json = button("JSON", false, || Msg::Save);
    match &scan.phase {
        Phase::Scanning => button("Cancel", false, || Msg::Cancel),
        Phase::Complete if is_resolver_down(report) => button("Check again", true, || Msg::Again),
        Phase::Complete => html! {
            <>{ button("Publish", true, || Msg::Publish) }{ button("Check again", false, || Msg::Again) }{ json }</>
        },
        Phase::Publishing => html! { <button type="button" class="first" disabled=true>{ "Publishing" }</button> },
        Phase::Published(published) => html! {
            <>
                <Copy text={published.url.clone()} label="Copy link" what="to this report" first=true />
                { button("Check again", false, || Msg::Again) }{ json }
            </>
        },
        Phase::Cancelled => button("Start again", true, || Msg::Again),
        Phase::Loading | Phase::Failed(_) => Html::default(),
    }
}
