//! Findings: what was seen, what it means, what to change. The same of several hosts is shown once.

use shared::checks::SOURCES;
use shared::finding::{has_one_remedy, likewise};
use shared::visible::visible;
use shared::{Confidence, Finding, Verdict};
use yew::{Html, html};

use super::remedy::remedy_view;
use super::seen::seen;
use super::word;
use crate::icons::verdict_label;

/// What several findings say at once, folded unless it is a mortal sin.
pub(crate) fn group_view(group: &Vec<&Finding>) -> Html {
    let Some(f) = group.first() else { return Html::default() };
    let (verdict, id) = (f.verdict, anchor(f));
    let suspected = if f.confidence == Some(Confidence::Suspected) { ", suspected" } else { "" };
    let source = SOURCES.iter().find(|(check, _)| *check == f.check).map(|(_, source)| format!("{source} · "));
    // One remedy for all, where the lines are the same.
    let once = has_one_remedy(group);
    let body = match group.as_slice() {
        [only] => seen_of(only),
        many => html! { <>{ for many.iter().enumerate().map(|(n, finding)| place(finding, n == 0, once)) }</> },
    };
    let subject = match group.as_slice() {
        [only] => visible(&only.subject),
        many => format!("{} and {} more", visible(&f.subject), many.len() - 1),
    };
    let (key, class) = (id.clone(), verdict.word());
    html! {
        <article {key} {class} data-check={visible(&f.check)} data-outcome={visible(&f.outcome)} data-verdict={class}>
            <details open={verdict == Verdict::Mortal}>
                <summary>
                    <h3>
                        <span>{ visible(&f.title) }</span>
                        { verdict_label(verdict, &format!("{}{suspected}", word(verdict))) }
                    </h3>
                    <span class="subject">{ subject }</span>
                </summary>
                // Inside, so that the browser opens the fold for a link to it.
                <div id={id.clone()} data-subject={(group.len() == 1).then(|| visible(&f.subject))}>
                    <p>{ visible(&f.why) }</p>
                    { body }
                    if let Some(remedy) = f.remedy.as_ref().filter(|_| once) { { remedy_view(remedy, &likewise(group.len())) } }
                    <p class="source">
                        { source }
                        <a href={format!("/checks/{}", slug(&f.check))}>{ "what this check does" }</a>
                        { " · " }<a href={format!("#{id}")}>{ "link to this" }</a>
                    </p>
                </div>
            </details>
        </article>
    }
}

/// One of several subjects. The first is open, and the id of the whole is its own.
fn place(f: &Finding, first: bool, once: bool) -> Html {
    html! {
        <details class="place" key={anchor(f)} open={first}>
            <summary>{ visible(&f.subject) }</summary>
            <div id={(!first).then(|| anchor(f))} data-subject={visible(&f.subject)}>
                { seen_of(f) }
                if let Some(remedy) = f.remedy.as_ref().filter(|_| !once) { { remedy_view(remedy, "") } }
            </div>
        </details>
    }
}

fn seen_of(f: &Finding) -> Html {
    if f.seen.is_empty() { Html::default() } else { seen(&f.seen, &f.marks) }
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
