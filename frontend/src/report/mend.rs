//! The three worst faults with the least work first.

use std::cmp::Reverse;

use shared::grade::price;
use shared::visible::visible;
use shared::{Confidence, Finding, Verdict};
use yew::{Html, html};

use super::finding::anchor;

/// How many faults stand at the top.
const FIRST: usize = 3;

pub(crate) fn mend(findings: &[Finding]) -> Html {
    let worst = worst(findings);
    if worst.is_empty() {
        return Html::default();
    }
    let item = |(finding, places): &(&Finding, usize)| {
        let Some(remedy) = &finding.remedy else { return Html::default() };
        let software = remedy.recipes.first().map(|r| r.software.as_str()).filter(|s| *s != "other");
        let effort = match software {
            Some(software) => format!("{} min, {software}", remedy.minutes),
            None => format!("{} min", remedy.minutes),
        };
        let place =
            if *places > 1 { format!("{} and {} more", finding.subject, places - 1) } else { finding.subject.clone() };
        html! {
            <li>
                <span>
                    <a href={format!("#{}", anchor(finding))}><strong>{ visible(&remedy.action) }</strong></a>
                    <br /><span class="soft">{ visible(&finding.title) }{ ": " }{ visible(&place) }</span>
                    <br />{ visible(sentence(&finding.why)) }
                </span>
                <small>{ visible(&effort) }</small>
            </li>
        }
    };
    html! {
        <section class="plain" aria-labelledby="mend">
            <h2 id="mend">{ "Mend these first" }</h2>
            <ol class="mend">{ for worst.iter().map(item) }</ol>
        </section>
    }
}

/// The first sentence of a text.
fn sentence(text: &str) -> &str {
    text.find(". ").and_then(|end| text.get(..=end)).unwrap_or(text)
}

/// The worst faults that have a remedy, each with the number of places where it was seen.
fn worst(findings: &[Finding]) -> Vec<(&Finding, usize)> {
    let mut faults: Vec<(&Finding, usize)> = Vec::new();
    for finding in findings.iter().filter(|f| f.verdict >= Verdict::Venial && f.remedy.is_some()) {
        // What is mended by the same step is one, too.
        let action = |f: &Finding| f.remedy.as_ref().map(|remedy| remedy.action.clone());
        let alike = |known: &Finding| known.fault() == finding.fault() || action(known) == action(finding);
        match faults.iter_mut().find(|(known, _)| alike(known)) {
            Some((_, places)) => *places += 1,
            None => faults.push((finding, 1)),
        }
    }
    let mut worst = Vec::new();
    while worst.len() < FIRST
        && let Some((at, _)) = faults.iter().enumerate().min_by_key(|(_, (f, _))| urgency(f))
    {
        worst.push(faults.remove(at)); // among equals the first: the order of the sins
    }
    worst
}

/// The most harmful first, by what it costs in the grade's rule; then what is done soonest.
fn urgency(finding: &Finding) -> (Reverse<u32>, u16) {
    let sure = if finding.confidence == Some(Confidence::Suspected) { 2.0 } else { 1.0 }; // else it costs half
    let harm = (price(finding) * sure) as u32;
    (Reverse(harm), finding.remedy.as_ref().map_or(0, |remedy| remedy.minutes))
}
