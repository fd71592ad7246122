//! A recorded report, judged again by this page.

use std::rc::Rc;

use shared::{Report, judge};
use wasm_bindgen_futures::spawn_local;
use yew::{AttrValue, Html, Properties, component, html, use_effect_with, use_state};

use crate::api;
use crate::report::ReportView;
use crate::shell::{message, shell, way_out};

#[derive(Properties, PartialEq)]
pub(crate) struct ExampleProps {
    /// `saint` or `sinner`.
    pub(crate) name: AttrValue,
}

#[component]
pub(crate) fn Example(props: &ExampleProps) -> Html {
    let report = use_state(|| None::<Option<Rc<Report>>>);
    {
        let report = report.clone();
        use_effect_with(props.name.clone(), move |name| {
            let path = format!("/examples/{name}.json");
            spawn_local(async move {
                let read = api::file::<Report>(&path).await;
                report.set(Some(read.ok().map(|recorded| Rc::new(judge(&recorded.case())))));
            });
        });
    }
    match &*report {
        None => shell("loading", html! { <p class="calm">{ "Opening the example." }</p> }),
        Some(None) => {
            let why = "The recorded evidence could not be read, so there is nothing to judge. It may be missing on this site, or you are offline.";
            message(
                "failed",
                "This example is not here",
                html! { <><p>{ why }</p>{ way_out("/", "Check a domain") }</> },
            )
        }
        Some(Some(report)) => {
            let above = html! {
                <p class="hint">{ "An example: evidence recorded from real servers in our lab, judged just now by this page." }</p>
            };
            let actions = html! {
                <>
                    <a class="btn first" href="/">{ "Check a domain" }</a>
                    <a class="btn" href={format!("/examples/{}.json", props.name)} download="">{ "JSON" }</a>
                </>
            };
            shell("complete", html! { <ReportView report={report.clone()} {actions} {above} /> })
        }
    }
}
