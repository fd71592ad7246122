//! Judging a published report again in the browser, and comparing it with the one that this browser saw before.

use shared::difference::Difference;
use yew::{AttrValue, Callback, Html, Properties, component, html, use_effect_with, use_state};

use crate::platform;
use crate::report::changes::changes;

#[derive(Properties, PartialEq)]
pub(crate) struct AgainProps {
    pub(crate) id: AttrValue,
    pub(crate) domain: AttrValue,
}

/// A button that judges the enclosed evidence by the policy of today, and a link to what changed since the last report of
/// the domain that was opened here.
#[component]
pub(crate) fn Again(props: &AgainProps) -> Html {
    let outcome = use_state(|| None::<Option<Difference>>);
    let last = use_state(|| None::<String>);
    {
        let last = last.clone();
        use_effect_with((props.domain.clone(), props.id.clone()), move |(domain, id)| {
            last.set(platform::last_report(domain, id));
        });
    }
    let onclick = {
        let (outcome, id) = (outcome.clone(), props.id.clone());
        Callback::from(move |_| {
            let outcome = outcome.clone();
            platform::judge_again(&id, Callback::from(move |got| outcome.set(Some(got))));
        })
    };
    // Read aloud is one sentence, not the list.
    let (aloud, shown) = match &*outcome {
        None => ("", Html::default()),
        Some(None) => {
            ("It could not be judged again: the checks or the evidence could not be loaded.", Html::default())
        }
        Some(Some(difference)) => ("Judged again.", changes("By the policy of today", difference)),
    };
    html! {
        <div class="again">
            <p class="needs-js">
                <button type="button" {onclick}>{ "Judge again" }</button>
                <small>{ " by the policy of today, in your browser, from the evidence in this report" }</small>
            </p>
            if let Some(last) = &*last {
                <p><a href={format!("/r/{}?against={last}", props.id)}>{ "What changed since the report of this domain that you opened before" }</a></p>
            }
            <p role="status" class="hint">{ aloud }</p>
            { shown }
        </div>
    }
}
