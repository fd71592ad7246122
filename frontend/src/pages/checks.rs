//! Every check, by sin, with everything that it can say.

use shared::Sin;
use yew::{Html, component, html, use_effect_with};

use crate::browser;
use crate::engine::{Check, Loading, Outcome, missing, use_engine};
use crate::icons::verdict_label;
use crate::report::word;

/// The list, which the engine has.
#[component]
pub(crate) fn Checks() -> Html {
    let (engine, attempt) = use_engine();
    let is_loaded = matches!(engine, Loading::Ready(_));
    use_effect_with(is_loaded, |is_loaded| {
        if *is_loaded {
            browser::to_fragment(); // it may lead to a check, which was not there until now
        }
    });
    let list = match &engine {
        Loading::Ready(engine) => engine.checks(),
        Loading::Coming => return html! { <p class="calm">{ "Loading the checks." }</p> },
        Loading::Failed => None,
    };
    list.map_or_else(|| missing(&attempt), |list| checks(&list))
}

fn checks(list: &[Check]) -> Html {
    let sin = |sin: &Sin| {
        let checks = list.iter().filter(|check| check.sin == *sin).map(check);
        html! {
            <>
                <h3 id={format!("sin-{}", u8::from(*sin))}><span class="n">{ sin.numeral() }</span>{ sin.title() }</h3>
                <p class="soft">{ sin.summary() }</p>
                { for checks }
            </>
        }
    };
    html! { <>{ for Sin::ALL.iter().map(sin) }</> }
}

fn check(check: &Check) -> Html {
    html! {
        <details class="fold" id={format!("check-{}", check.id)}>
            <summary>{ &check.title }<code>{ &check.id }</code></summary>
            <ul class="outcomes">{ for check.outcomes.iter().map(outcome) }</ul>
            <p class="source">{ &check.source }{ if check.consent { " · only with the domain's consent" } else { "" } }</p>
        </details>
    }
}

fn outcome(outcome: &Outcome) -> Html {
    let Outcome { verdict, suspected, title, why } = outcome;
    let suspected = if *suspected { ", suspected" } else { "" };
    html! {
        <li>
            { verdict_label(*verdict, &format!("{}{suspected}", word(*verdict))) }
            <span><strong>{ title }</strong><br />{ why }</span>
        </li>
    }
}
