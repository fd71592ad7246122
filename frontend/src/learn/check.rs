//! One check: what it looks at, what it can say, an example, and what to change.

use shared::checks::{CHECKS, Check, Outcome};
use shared::remedies::{Context, Fix, Recipe, Remedy, Software, remedy};
use shared::visible::visible;
use shared::{Confidence, Finding, Verdict};
use yew::{Html, html};

use super::words::{Spec, plain, source, text};
use super::{Leaf, example};
use crate::icons::verdict_label;
use crate::report::{seen, word};

/// How much of an objective describes the page, in characters.
const DESCRIPTION_MAX: usize = 155;

pub(super) fn leaf(check: &Check, examples: &[Finding]) -> Leaf {
    let spec = Spec::of(check);
    let of_mail = check.id.starts_with("outbound-") || check.id == "header-disclosure";
    let content = html! {
        <div class="prose">
            <p class="soft"><a href="/checks">{ "All checks" }</a>{ " · " }
                <a href={format!("/checks#sin-{}", u8::from(check.sin))}>{ format!("Sin {}: {}", check.sin.numeral(), check.sin.title()) }</a>
            </p>
            <h1>{ check.title }</h1>
            <p class="lead">{ text(&spec.objective) }</p>
            <p class="soft">{ "In reports and in the API it is " }<code>{ check.id }</code>{ "." }
                if of_mail {
                    { " It needs a mail of the domain: " }<a href="/mailtest">{ "test outgoing mail" }</a>{ "." }
                } else if check.consent {
                    { " It needs the domain's consent." }
                }
            </p>
            <section class="plain" aria-labelledby="evidence">
                <h2 id="evidence">{ "What it looks at" }</h2>
                { for spec.evidence.iter().map(|paragraph| html! { <p>{ text(paragraph) }</p> }) }
            </section>
            { outcomes(check, &spec) }
            { seen_so_far(check, examples) }
            { remedies(check) }
            <section class="plain" aria-labelledby="source">
                <h2 id="source">{ "Where the rule stands" }</h2>
                <p>{ source(check.source) }</p>
            </section>
            { neighbours(check) }
        </div>
    };
    Leaf {
        path: format!("checks/{}", check.id),
        title: format!("{}: what {} checks", check.title, check.id),
        description: cut(&plain(&spec.objective)),
        content,
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= DESCRIPTION_MAX {
        return text.to_owned();
    }
    let head: String = text.chars().take(DESCRIPTION_MAX).collect();
    format!("{}…", head.rsplit_once(' ').map_or(head.as_str(), |(head, _)| head))
}

fn outcomes(check: &Check, spec: &Spec) -> Html {
    let outcome = |outcome: &Outcome| {
        let said_when = match spec.item(outcome.code) {
            Some(item) => text(item),
            None => html! { <code>{ outcome.code }</code> },
        };
        html! {
            <li>
                { label(outcome.verdict, outcome.confidence) }
                <span><strong>{ outcome.title }</strong><br />{ outcome.why }<br /><span class="soft">{ said_when }</span></span>
            </li>
        }
    };
    html! {
        <section class="plain" aria-labelledby="outcomes">
            <h2 id="outcomes">{ "What it can say" }</h2>
            <ul class="outcomes">{ for check.outcomes.iter().map(outcome) }</ul>
            { for spec.notes.iter().map(|note| html! { <p>{ text(note) }</p> }) }
            <p class="soft">{ "What could not be seen is untested, with its reason, and counts neither way." }</p>
        </section>
    }
}

fn label(verdict: Verdict, confidence: Option<Confidence>) -> Html {
    let suspected = if confidence == Some(Confidence::Suspected) { ", suspected" } else { "" };
    verdict_label(verdict, &format!("{}{suspected}", word(verdict)))
}

/// A bad and a good one, of the lab.
fn seen_so_far(check: &Check, examples: &[Finding]) -> Html {
    let found = [example::bad(examples, check.id), example::good(examples, check.id)];
    if found.iter().all(Option::is_none) {
        return Html::default();
    }
    let view = |finding: &Finding| {
        html! {
            <article class={finding.verdict.word()}>
                <h3><span>{ visible(&finding.title) }</span>{ label(finding.verdict, finding.confidence) }</h3>
                <p class="subject">{ visible(&finding.subject) }</p>
                { seen(&finding.seen, &finding.marks) }
            </article>
        }
    };
    html! {
        <section class="plain" aria-labelledby="example">
            <h2 id="example">{ "For example" }</h2>
            <p class="soft">{ "Recorded from real servers in our lab; marked is what decides." }</p>
            { for found.into_iter().flatten().map(view) }
        </section>
    }
}

fn remedies(check: &Check) -> Html {
    let mut fixes: Vec<Fix> = Vec::new();
    for fix in check.outcomes.iter().filter_map(|outcome| outcome.fix) {
        if !fixes.contains(&fix) {
            fixes.push(fix);
        }
    }
    if fixes.is_empty() {
        return Html::default();
    }
    html! {
        <section class="plain" aria-labelledby="remedies">
            <h2 id="remedies">{ "What to change" }</h2>
            <p class="soft">{ "The lines are for example.org, whose mail arrives at mx1.example.org. A report has those for your own domain and server." }</p>
            { for fixes.into_iter().map(|fix| remedy_view(&remedy(fix, &context()))) }
        </section>
    }
}

fn context() -> Context {
    Context {
        domain: "example.org".to_owned(),
        host: "mx1.example.org".to_owned(),
        address: Some([192, 0, 2, 25].into()),
        software: Software::Unknown,
        tlsa: None,
        record: None,
        targets: vec!["mx1.example.org".to_owned()],
        stamp: "20261124T080000Z".to_owned(),
    }
}

/// Like that of a report, without what needs a script.
fn remedy_view(remedy: &Remedy) -> Html {
    let Remedy { action, minutes, recipes } = remedy;
    let recipe = |recipe: &Recipe| {
        let Recipe { software, place, lines } = recipe;
        let (other, title) = match software.as_str() {
            "other" => (true, "In words".to_owned()),
            _ => (false, format!("{software}, in {place}")),
        };
        html! {
            <details class="recipe" open={true}>
                <summary>{ title }</summary>
                if other { <p>{ lines.clone() }</p> } else { <pre>{ lines.clone() }</pre> }
            </details>
        }
    };
    html! {
        <div class="remedy">
            <p class="action"><strong>{ action.clone() }</strong><small>{ format!("about {minutes} min") }</small></p>
            { for recipes.iter().map(recipe) }
        </div>
    }
}

/// To the checks before and behind.
fn neighbours(check: &Check) -> Html {
    let at = CHECKS.iter().position(|known| known.id == check.id).unwrap_or_default();
    let link = |check: &Check, label: &'static str| {
        html! { <a class="btn" href={format!("/checks/{}", check.id)}>{ label }{ check.title }</a> }
    };
    html! {
        <nav class="actions" aria-label="Other checks">
            { at.checked_sub(1).and_then(|at| CHECKS.get(at)).map(|before| link(before, "Before: ")) }
            { CHECKS.get(at + 1).map(|next| link(next, "Next: ")) }
        </nav>
    }
}
