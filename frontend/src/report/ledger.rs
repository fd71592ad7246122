//! The seven sins, a row each: the table of contents, and the progress of a scan.

use shared::report::SinSummary;
use shared::{Report, Verdict};
use yew::{Html, html};

use super::{is_pending, word};
use crate::icons::verdict_label;

pub(crate) fn ledger(report: &Report, live: bool) -> Html {
    let row = |summary: &SinSummary| {
        let SinSummary { sin, verdict, .. } = *summary;
        let waiting = report.findings.iter().any(|f| f.sin == sin && is_pending(f));
        let asking = live && waiting && verdict < Verdict::Venial;
        let number = u8::from(sin);
        html! {
            <li key={number}>
                <a href={format!("#sin-{number}")} data-sin={number.to_string()} data-verdict={verdict.word()}>
                    <span class="n">{ sin.numeral() }</span>
                    <span>{ sin.title() }<small>{ report.seen(summary) }</small></span>
                    { if asking { verdict_label(Verdict::Untested, "Asking") } else { verdict_label(verdict, word(verdict)) } }
                </a>
            </li>
        }
    };
    html! {
        <nav class="ledger" aria-label="The seven sins">
            <ol>{ for report.sins.iter().map(row) }</ol>
        </nav>
    }
}
