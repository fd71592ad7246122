//! Pages that the Worker renders and the browser brings to life.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use shared::Report;
use shared::api::Problem;
use shared::difference::Difference;
use shared::picture::Pictures;
use shared::visible::visible;
use yew::{Html, Properties, component, html};

use crate::again::Again;
use crate::controls::Copy;
use crate::report::ReportView;
use crate::report::changes::changes;
use crate::share::{DeleteReport, badge_snippets};
use crate::shell::{message, shell, way_out};

/// What a served page shows, as it stands in the document for the browser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Served {
    /// A report.
    Report {
        id: String,
        /// Whole addresses of page and badge.
        url: String,
        badge: String,
        report: Rc<Report>,
        pictures: Rc<Pictures>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        against: Option<Against>,
    },
    /// A recorded report, by its name among the examples.
    Example { name: String, report: Rc<Report>, pictures: Rc<Pictures> },
    /// Nothing is there; the noun says what was looked for.
    NotFound { what: String },
    /// It was deleted.
    Gone,
    /// Something else went wrong.
    Error { problem: Problem },
}

/// An older report that this one was to be compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Against {
    /// What changed since.
    Difference(Difference),
    /// There is no such report.
    NotFound,
    /// It is of another domain.
    OtherDomain,
}

#[derive(Properties, PartialEq)]
pub(crate) struct ServedProps {
    pub(crate) page: Served,
}

#[component]
pub(crate) fn ServedPage(props: &ServedProps) -> Html {
    match &props.page {
        Served::Report { .. } => published(&props.page),
        Served::Example { name, report, pictures } => example(name, report, pictures),
        Served::NotFound { what } => not_found(&visible(what)),
        Served::Gone => {
            let why = "Whoever published it took it down with its key. Nothing of it is kept.";
            message("ready", "This report was deleted", html! { <><p>{ why }</p>{ way_out("/", "Check a domain") }</> })
        }
        Served::Error { problem } => {
            let detail = visible(&problem.detail);
            message(
                "failed",
                &visible(&problem.title),
                html! { <><p>{ detail }</p>{ way_out("/", "To the first page") }</> },
            )
        }
    }
}

/// Nothing is at this address; `what` was looked for.
pub(crate) fn not_found(what: &str) -> Html {
    let hint = "The address may be mistyped. Reports are kept for a year, and their publishers can delete them.";
    let content = html! { <><p>{ hint }</p>{ way_out("/", "Check a domain") }</> };
    message("ready", &format!("There is no such {what}"), content)
}

fn published(page: &Served) -> Html {
    let Served::Report { id, url, badge, report, pictures, against } = page else { return Html::default() };
    let file = |ending: &str| Some(format!("{}.{ending}", report.domain));
    let actions = html! {
        <>
            <Copy text={url.clone()} label="Copy link" what="to this report" first=true />
            <a class="btn" href="#badge">{ "Get the badge" }</a>
            { check_again(report) }
            <a class="btn" href={format!("/r/{id}.json")} download={file("json")}>{ "JSON" }</a>
            <a class="btn" href={format!("/r/{id}.md")} download={file("md")}>{ "Markdown" }</a>
        </>
    };
    let above = html! {
        <>
            { against.as_ref().map(compared) }
            <Again id={id.clone()} domain={report.domain.to_string()} />
        </>
    };
    let below = html! {
        <>
            <section class="plain" id="badge" aria-labelledby="badge-title">
                <h2 id="badge-title">{ "The badge" }</h2>
                { badge_snippets(url, badge, report.domain.as_str()) }
                <p>{ "A domain can allow a history of its reports and a badge in its own name: " }
                    <a href={format!("/d/{}", report.domain)}>{ "how, and whether it does" }</a>{ "." }</p>
            </section>
            <DeleteReport id={id.clone()} />
        </>
    };
    shell(
        "published",
        html! { <ReportView report={report.clone()} pictures={pictures.clone()} {actions} {above} {below} /> },
    )
}

fn example(name: &str, report: &Rc<Report>, pictures: &Rc<Pictures>) -> Html {
    let above = html! {
        <p class="hint">{ "An example: evidence recorded from real servers in our lab, judged by today's rules." }</p>
    };
    let actions = html! {
        <>
            <a class="btn first" href="/">{ "Check a domain" }</a>
            <a class="btn" href={format!("/examples/{name}.json")} download="">{ "JSON" }</a>
        </>
    };
    let (report, pictures) = (report.clone(), pictures.clone());
    shell("complete", html! { <ReportView {report} {pictures} {actions} {above} /> })
}

fn compared(against: &Against) -> Html {
    match against {
        Against::Difference(difference) => changes("What changed", difference),
        Against::NotFound => {
            html! { <p class="hint">{ "The report to compare this one with is not there any more." }</p> }
        }
        Against::OtherDomain => {
            html! { <p class="hint">{ "The report to compare this one with is of another domain." }</p> }
        }
    }
}

fn check_again(report: &Report) -> Html {
    html! { <a class="btn" href={format!("/scan?domain={}", report.domain)}>{ "Check again" }</a> }
}
