//! A recorded report, judged again by this page.

use std::rc::Rc;

use shared::Report;
use wasm_bindgen_futures::spawn_local;
use yew::{AttrValue, Html, Properties, component, html, use_effect_with, use_memo, use_state};

use crate::api;
use crate::engine::{Loading, missing, use_engine};
use crate::report::ReportView;
use crate::shell::{message, shell, way_out};

#[derive(Properties, PartialEq)]
pub(crate) struct ExampleProps {
    /// `saint` or `sinner`.
    pub(crate) name: AttrValue,
}

#[component]
pub(crate) fn Example(props: &ExampleProps) -> Html {
    let recorded = use_state(|| None::<Option<Rc<str>>>);
    let (engine, attempt) = use_engine();
    {
        let recorded = recorded.clone();
        use_effect_with(props.name.clone(), move |name| {
            let path = format!("/examples/{name}.json");
            spawn_local(async move { recorded.set(Some(api::file(&path).await.ok().map(Rc::from))) });
        });
    }
    let is_loaded = matches!(engine, Loading::Ready(_));
    let report = use_memo(((*recorded).clone(), is_loaded), |(recorded, _)| match (&engine, recorded) {
        (_, Some(None)) => Some(None),
        (Loading::Ready(engine), Some(Some(recorded))) => {
            Some(engine.again::<Report>(recorded).map(|report| (Rc::new(report), engine.pictures(recorded))))
        }
        _ => None,
    });
    match &*report {
        None if matches!(engine, Loading::Failed) => shell("failed", missing(&attempt)),
        None => shell("loading", html! { <p class="calm">{ "Opening the example." }</p> }),
        Some(None) => {
            let why = "The recorded evidence could not be read, so there is nothing to judge. It may be missing on this site, or you are offline.";
            message(
                "failed",
                "This example is not here",
                html! { <><p>{ why }</p>{ way_out("/", "Check a domain") }</> },
            )
        }
        Some(Some((report, pictures))) => {
            let above = html! {
                <p class="hint">{ "An example: evidence recorded from real servers in our lab, judged just now by this page." }</p>
            };
            let actions = html! {
                <>
                    <a class="btn first" href="/">{ "Check a domain" }</a>
                    <a class="btn" href={format!("/examples/{}.json", props.name)} download="">{ "JSON" }</a>
                </>
            };
            shell(
                "complete",
                html! { <ReportView report={report.clone()} pictures={pictures.clone()} {actions} {above} /> },
            )
        }
    }
}
