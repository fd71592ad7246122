//! What was not tested, and why: nothing is concluded from it.

use std::collections::BTreeMap;

use shared::visible::visible;
use shared::{Finding, Unseen, Verdict};
use yew::{Html, html};

use crate::text::count;

pub(crate) fn not_tested(findings: &[Finding]) -> Html {
    let mut reasons: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings.iter().filter(|f| f.verdict == Verdict::Untested) {
        reasons.entry(&finding.outcome).or_default().push(finding);
    }
    if reasons.is_empty() {
        return Html::default();
    }
    let item = |f: &&Finding| html! { <li>{ visible(&f.title) }<span class="soft">{ ", " }{ visible(&f.subject) }</span></li> };
    let group = |(code, findings): (&&str, &Vec<&Finding>)| {
        let unseen = Unseen::ALL.iter().find(|u| u.code() == *code);
        let reason = unseen.map_or_else(|| visible(code), |u| u.sentence().to_owned());
        let way = unseen.and_then(|unseen| unseen.way());
        html! {
            <>
                <dt>{ reason }</dt>
                <dd>
                    if let Some(way) = way { <p>{ "To have it tested: " }{ way }</p> }
                    <details class="fold">
                        <summary>{ count(findings.len(), "fact", "facts") }</summary>
                        <ul>{ for findings.iter().map(item) }</ul>
                    </details>
                </dd>
            </>
        }
    };
    html! {
        <section class="plain" id="untested" aria-labelledby="untested-title">
            <h2 id="untested-title">{ "What was not tested, why, and how to have it tested" }</h2>
            <p class="soft">{ "What could not be seen counts neither against the domain nor in its favour." }</p>
            <dl class="reasons">{ for reasons.iter().map(group) }</dl>
        </section>
    }
}
