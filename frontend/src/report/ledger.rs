//! The seven sins, a row each: the table of contents, and the progress of a scan.

use shared::report::SinSummary;
use shared::{Finding, Report, Unseen, Verdict};
use yew::{Html, html};

use super::{is_pending, word};
use crate::icons::verdict_label;

pub(crate) fn ledger(report: &Report, live: bool) -> Html {
    let row = |summary: &SinSummary| {
        let SinSummary { sin, verdict, tested, total } = *summary;
        let waiting = report.findings.iter().any(|f| f.sin == sin && is_pending(f));
        let asking = live && waiting && verdict < Verdict::Venial;
        let consent = |f: &Finding| f.sin == sin && f.outcome == Unseen::NeedsConsent.code();
        let seen = match total {
            0 if report.findings.iter().any(consent) => "needs consent".to_owned(),
            0 => "nothing applies".to_owned(),
            _ => format!("{tested} of {total} seen"),
        };
        let number = u8::from(sin);
        html! {
            <li key={number}>
                <a href={format!("#sin-{number}")} data-sin={number.to_string()} data-verdict={verdict.word()}>
                    <span class="n">{ sin.numeral() }</span>
                    <span>{ sin.title() }<small>{ seen }</small></span>
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
