//! One finding: what was seen, what it means, what to change.

use shared::checks::SOURCES;
use shared::visible::visible;
use shared::{Confidence, Finding};
use yew::{Html, html};

use super::remedy::remedy_view;
use super::seen::seen;
use super::word;
use crate::icons::verdict_label;

pub(crate) fn finding_view(f: &Finding) -> Html {
    let verdict = f.verdict;
    let suspected = if f.confidence == Some(Confidence::Suspected) { ", suspected" } else { "" };
    let confidence = f.confidence.map(|c| if c == Confidence::Suspected { "suspected" } else { "proved" });
    html! {
        <article key={anchor(f)} id={anchor(f)} class={verdict.word()} data-check={visible(&f.check)} data-outcome={visible(&f.outcome)}
            data-verdict={verdict.word()} data-confidence={confidence} data-subject={visible(&f.subject)}>
            <h3>
                <span>{ visible(&f.title) }</span>
                { verdict_label(verdict, &format!("{}{suspected}", word(verdict))) }
            </h3>
            <p class="subject">{ visible(&f.subject) }</p>
            <p>{ visible(&f.why) }</p>
            if !f.seen.is_empty() { { seen(&f.seen, &f.marks) } }
            if let Some(remedy) = &f.remedy { { remedy_view(remedy) } }
            <p class="source">
                if let Some((_, source)) = SOURCES.iter().find(|(id, _)| *id == f.check) { { *source }{ " · " } }
                <a href={format!("/checks/{}", slug(&f.check))}>{ "what this check does" }</a>
            </p>
        </article>
    }
}

/// The id of a finding on the page: the same for the same fault of the same subject.
pub(crate) fn anchor(finding: &Finding) -> String {
    format!("{}-{}-{}", slug(&finding.check), slug(&finding.outcome), slug(&finding.subject))
}

/// Letters, digits and single hyphens.
fn slug(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}
