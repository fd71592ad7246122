//! Grade, domain, the reason, and what can be done with the report.

use shared::visible::visible;
use shared::{Report, Verdict};
use yew::{Html, html};

use super::settled;
use crate::icons::seal;
use crate::text::{count, duration, moment, percent};

/// The headline of a report, or of a scan that is `live`.
pub(crate) fn hero(report: &Report, live: bool, actions: &Html) -> Html {
    let grade = report.grade.filter(|_| !live);
    let letter = grade.map_or("none", |g| g.letter());
    let why = if live { so_far(report) } else { visible(&report.why) };
    let coverage = percent(report.coverage);
    let facts = format!("{} of {} facts seen ({coverage} %)", report.tested, report.total);
    let meta = if live {
        format!("Started {} · {facts} · policy {}", moment(&report.checked_at), report.policy_version)
    } else {
        format!(
            "Checked {} · {facts} · policy {} · took {}",
            moment(&report.checked_at),
            report.policy_version,
            duration(report.took)
        )
    };
    html! {
        <div class="hero" data-grade={letter}>
            { seal(grade, coverage) }
            <div>
                <h1>{ report.domain.to_string() }</h1>
                <p class="lead">{ why }</p>
                <p class="meta">{ meta }</p>
                if let Some(words) = report.by_consent() { <p class="meta">{ words }</p> }
                <div class="actions">{ actions.clone() }</div>
            </div>
        </div>
    }
}

/// What was found so far, in a sentence.
fn so_far(report: &Report) -> String {
    let of = |verdict: Verdict| settled(report).filter(|f| f.verdict == verdict).count();
    match (of(Verdict::Mortal), of(Verdict::Venial)) {
        (0, 0) if report.evidence.is_empty() => "Asking DNS where its mail goes.".to_owned(),
        (0, 0) => "Nothing amiss so far.".to_owned(),
        (0, venial) => format!("So far {}.", count(venial, "venial finding", "venial findings")),
        (mortal, 0) => format!("So far {}.", count(mortal, "mortal finding", "mortal findings")),
        (mortal, venial) => {
            format!("So far {} and {venial} venial.", count(mortal, "mortal finding", "mortal findings"))
        }
    }
}
