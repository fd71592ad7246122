//! The report on the page. A scan shows the same while it fills.

pub(crate) mod changes;
mod finding;
mod hero;
mod ledger;
mod mend;
pub(crate) mod names;
mod notice;
mod picture;
mod remedy;
mod section;
mod seen;
mod transcript;
mod untested;

use std::rc::Rc;

use shared::picture::Pictures;
use shared::{Finding, Report, Sin, Unseen, Verdict};
use yew::{Html, Properties, component, html};

use hero::hero;
use ledger::ledger;
use mend::mend;
#[cfg(feature = "browser")]
pub(crate) use notice::is_resolver_down;
use notice::notice;
use section::section;
#[cfg(any(feature = "browser", feature = "learn"))]
pub(crate) use seen::seen;
use transcript::transcript;
use untested::not_tested;

#[derive(Properties, PartialEq)]
pub(crate) struct ReportProps {
    pub(crate) report: Rc<Report>,
    /// Facts are still coming in.
    #[prop_or_default]
    pub(crate) live: bool,
    /// Its pictures, once it is whole.
    #[prop_or_default]
    pub(crate) pictures: Option<Rc<Pictures>>,
    /// Buttons below the headline.
    pub(crate) actions: Html,
    /// What stands between the headline and the sins.
    #[prop_or_default]
    pub(crate) above: Html,
    /// What stands below everything else.
    #[prop_or_default]
    pub(crate) below: Html,
}

/// Headline, ledger of sins, findings, pictures, transcript.
#[component]
pub(crate) fn ReportView(props: &ReportProps) -> Html {
    let ReportProps { report, live, .. } = props;
    let pictures = props.pictures.as_deref().filter(|_| !live);
    let sin = |sin: &Sin| section(*sin, &settled(report).filter(|f| f.sin == *sin).collect::<Vec<_>>(), *live);
    html! {
        <>
            { hero(report, *live, &props.actions) }
            { props.above.clone() }
            <div class="cols">
                { ledger(report, *live) }
                <div class="findings">
                    { notice(report) }
                    if !live { { mend(&report.findings) } }
                    { for Sin::ALL.iter().map(sin) }
                    { pictures.map(picture::pictures) }
                    if !live { { not_tested(&report.findings) } }
                    { pictures.and_then(|pictures| pictures.time.as_ref()).map(picture::time_line) }
                    { transcript(&report.evidence) }
                    { props.below.clone() }
                </div>
            </div>
        </>
    }
}

/// The findings that are not merely waiting for facts.
fn settled(report: &Report) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(|f| !is_pending(f))
}

/// Does this finding wait for facts that are still being asked for?
pub(crate) fn is_pending(finding: &Finding) -> bool {
    finding.verdict == Verdict::Untested && finding.outcome == Unseen::Pending.code()
}

/// The verdict as a word on the page.
pub(crate) const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Untested => "Untested",
        Verdict::Note => "Note",
        Verdict::Clean => "Clean",
        Verdict::Venial => "Venial",
        Verdict::Mortal => "Mortal",
    }
}
