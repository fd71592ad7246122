//! One sin with its findings.

use shared::finding::groups;
use shared::{Finding, Sin, Verdict};
use yew::{Html, html};

use super::finding::group_view;
use crate::text::count;

/// The findings of a sin. In a scan that is `live`, more may come.
pub(crate) fn section(sin: Sin, findings: &[&Finding], live: bool) -> Html {
    let number = u8::from(sin);
    let of = |wanted: &[Verdict]| -> Vec<&Finding> {
        findings.iter().copied().filter(|f| wanted.contains(&f.verdict)).collect()
    };
    let (mortal, venial, notes) = (of(&[Verdict::Mortal]), of(&[Verdict::Venial]), of(&[Verdict::Note]));
    let (clean, untested) = (of(&[Verdict::Clean]), of(&[Verdict::Untested]));
    let calm = match (clean.len(), untested.len()) {
        _ if !(mortal.is_empty() && venial.is_empty()) => None,
        (0, _) if live && notes.is_empty() => Some("Nothing seen yet."),
        (0, 0) => Some("Nothing of this could be seen."),
        (0, _) if notes.is_empty() => Some("Nothing of this could be seen."),
        _ if live => None,
        _ => Some("Nothing to mend here."),
    };
    let open = mortal.into_iter().chain(venial).chain(notes);
    html! {
        <section key={number} class="sin" id={format!("sin-{number}")} aria-labelledby={format!("sin-{number}-title")}>
            <h2 id={format!("sin-{number}-title")}><span class="n">{ sin.numeral() }</span>{ sin.title() }</h2>
            <p class="soft">{ sin.summary() }</p>
            { for groups(open).iter().map(group_view) }
            if let Some(calm) = calm { <p class="calm">{ calm }</p> }
            { fold("clean", &clean) }
            { fold("untested", &untested) }
        </section>
    }
}

/// Findings that nobody needs to act on, folded, but there on paper and for searching.
fn fold(what: &'static str, findings: &[&Finding]) -> Html {
    if findings.is_empty() {
        return Html::default();
    }
    let title = count(findings.len(), &format!("{what} finding"), &format!("{what} findings"));
    html! {
        <details key={what} class="fold">
            <summary>{ title }</summary>
            { for groups(findings.iter().copied()).iter().map(group_view) }
        </details>
    }
}
