//! Every check, by sin, with everything that it can say.

use shared::checks::{CHECKS, Check, Outcome};
use shared::{Confidence, Sin};
use yew::{Html, html};

use crate::icons::verdict_label;
use crate::report::word;

pub(crate) fn checks() -> Html {
    let sin = |sin: &Sin| {
        let checks = CHECKS.iter().filter(|check| check.sin == *sin).map(check);
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
            <summary>{ check.title }<code>{ check.id }</code></summary>
            <ul class="outcomes">{ for check.outcomes.iter().map(outcome) }</ul>
            <p class="source">{ check.source }{ if check.consent { " · only with the domain's consent" } else { "" } }</p>
        </details>
    }
}

fn outcome(outcome: &Outcome) -> Html {
    let Outcome { verdict, title, why, .. } = *outcome;
    let suspected = if outcome.confidence == Some(Confidence::Suspected) { ", suspected" } else { "" };
    html! {
        <li>
            { verdict_label(verdict, &format!("{}{suspected}", word(verdict))) }
            <span><strong>{ title }</strong><br />{ why }</span>
        </li>
    }
}
