//! What is being asked right now, the slowest first; what waits for its turn last.

use std::collections::BTreeMap;
use std::net::IpAddr;

use shared::api::Stage;
use shared::{DomainName, Inquiry};
use yew::{Html, html};

/// How many lines are shown.
const LINES: usize = 6;

/// Something that is being waited for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Waiting {
    /// `mx1.example.org on port 25`, `MX of example.org`.
    what: String,
    /// `holding its greeting back`.
    stage: &'static str,
    seconds: u64,
}

impl Waiting {
    pub(crate) fn new(inquiry: &Inquiry, stage: Stage, ms: u64, hosts: &BTreeMap<IpAddr, DomainName>) -> Self {
        let what = match inquiry {
            Inquiry::Probe { address, port, .. } => match hosts.get(address) {
                Some(name) => format!("{name} ({address}) on port {port}"),
                None => format!("{address} on port {port}"),
            },
            _ => inquiry.to_string(),
        };
        let stage = match stage {
            Stage::Queued => "waiting for its turn",
            Stage::Connecting => "connecting",
            Stage::Greeting if ms >= 3_000 => "holding its greeting back",
            Stage::Greeting => "waiting for its greeting",
            Stage::Reply => "waiting for its reply",
            Stage::Answer => "asking our resolver",
            Stage::Arrival => "waiting for a message",
            Stage::Owner => "waiting for its owner's word",
        };
        Self { what, stage, seconds: ms / 1_000 }
    }
}

/// The list; `seconds` since the start.
pub(crate) fn now_asking(waiting: &[Waiting], seconds: u64) -> Html {
    let line = |w: &Waiting| html! { <li>{ &w.what }{ ": " }{ w.stage }<span class="secs">{ format!("{} s", w.seconds) }</span></li> };
    let more = waiting.len().saturating_sub(LINES);
    html! {
        <section class="now" aria-labelledby="now">
            <h2 id="now">{ "Being asked right now" }<small>{ format!("{} s of at most 110", seconds.min(110)) }</small></h2>
            <ul>
                { for waiting.iter().take(LINES).map(line) }
                if waiting.is_empty() { <li>{ "Sorting out what to ask next" }</li> }
                if more > 0 { <li class="soft">{ format!("and {more} more") }</li> }
            </ul>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use shared::inquiry::Script;

    use super::*;

    #[test]
    fn words() {
        let address: IpAddr = [192, 0, 2, 2].into();
        let probe = Inquiry::Probe { address, port: 25, host: None, script: Script::SmtpSurvey };
        let hosts = BTreeMap::from([(address, DomainName::new("mx2.unsure.test").unwrap())]);
        let waiting = Waiting::new(&probe, Stage::Greeting, 23_400, &hosts);
        assert_eq!(waiting.what, "mx2.unsure.test (192.0.2.2) on port 25");
        assert_eq!((waiting.stage, waiting.seconds), ("holding its greeting back", 23));
        let waiting = Waiting::new(&probe, Stage::Greeting, 900, &BTreeMap::new());
        assert_eq!((waiting.what.as_str(), waiting.stage), ("192.0.2.2 on port 25", "waiting for its greeting"));
    }
}
