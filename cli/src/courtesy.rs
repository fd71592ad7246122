//! What all cases of one run share towards mail servers: one conversation at a time with an address, what
//! was heard there a short while ago, how often a host refused, and who answered at all.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::rc::Rc;

use shared::{Answer, Evidence, Inquiry, Unseen};
use tokio::sync::Mutex;

use crate::reached::Reached;

/// For how long what was heard in a conversation answers the same inquiry of another case, in milliseconds.
const COOL_DOWN_MS: u64 = 600_000;

/// The same for a connection that did not come about.
const FAILED_COOL_DOWN_MS: u64 = 60_000;

/// Shared by everything that one run asks.
#[derive(Default)]
pub(crate) struct Courtesy {
    /// For each host its lock, which holds what the host has refused.
    hosts: RefCell<HashMap<IpAddr, Rc<Mutex<Refused>>>>,
    heard: RefCell<BTreeMap<Inquiry, Evidence>>,
    pub(crate) reached: RefCell<Reached>,
}

impl Courtesy {
    /// The lock of an address: who holds it may talk there, and counts what is refused.
    pub(crate) fn host(&self, address: IpAddr) -> Rc<Mutex<Refused>> {
        Rc::clone(self.hosts.borrow_mut().entry(address).or_default())
    }

    /// What came of this very inquiry, if that was a short while ago. Many domains have their mail at the same
    /// hosts, and scripts that name no domain are the same for all of them.
    pub(crate) fn recall(&self, inquiry: &Inquiry, now: u64) -> Option<Evidence> {
        let heard = self.heard.borrow();
        let known = heard.get(inquiry)?;
        let until = known.at.saturating_add(u64::from(known.took)).saturating_add(serves_ms(known));
        (now < until).then(|| known.clone())
    }

    /// Keeps what came of a conversation.
    pub(crate) fn keep(&self, evidence: &Evidence) {
        if serves_ms(evidence) > 0 {
            self.heard.borrow_mut().insert(evidence.inquiry.clone(), evidence.clone());
        }
    }
}

/// What a host has refused: when, and how often.
#[derive(Default)]
pub(crate) struct Refused(Vec<(u64, usize)>);

impl Refused {
    /// It refused so often in a conversation that ended at this time, in milliseconds since 1970.
    pub(crate) fn count(&mut self, at: u64, times: usize) {
        self.0.push((at, times));
    }

    /// How often within the cool-down: a run of many domains may take hours.
    pub(crate) fn lately(&mut self, now: u64) -> usize {
        self.0.retain(|(at, _)| now.saturating_sub(*at) < COOL_DOWN_MS);
        self.0.iter().map(|(_, times)| times).sum()
    }
}

/// How long evidence answers again: a conversation for the whole cool-down, what never became one briefly,
/// and what says nothing of the host not at all.
fn serves_ms(evidence: &Evidence) -> u64 {
    let cut_short = match &evidence.answer {
        Ok(Answer::Smtp(session)) => session.broke == Some(Unseen::OutOfTime),
        Ok(Answer::Lines(session)) => session.broke == Some(Unseen::OutOfTime),
        _ => false,
    };
    match evidence.answer {
        // The next case may have the time that this one lacked.
        Ok(_) if cut_short => 0,
        Err(
            Unseen::Failed
            | Unseen::PortBlocked
            | Unseen::ExitDown
            | Unseen::ExitRefused
            | Unseen::NoIpv6
            | Unseen::OutOfTime,
        ) => 0,
        Err(
            Unseen::ConnectTimeout
            | Unseen::Refused
            | Unseen::Rejected
            | Unseen::Unreachable
            | Unseen::Reset
            | Unseen::ExitUnclear,
        ) => FAILED_COOL_DOWN_MS,
        _ => COOL_DOWN_MS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::evidence::SmtpSession;
    use shared::inquiry::Script;

    fn evidence(answer: Result<Answer, Unseen>) -> Evidence {
        let inquiry =
            Inquiry::Probe { address: [192, 0, 2, 1].into(), port: 25, host: None, script: Script::SmtpSurvey };
        Evidence { inquiry, at: 1_000, took: 500, answer }
    }

    #[test]
    fn refusals_are_forgotten() {
        let mut refused = Refused::default();
        refused.count(1_000, 2);
        refused.count(5_000, 1);
        let rows = [(5_000, 3), (1_000 + COOL_DOWN_MS - 1, 3), (1_000 + COOL_DOWN_MS, 1), (5_000 + COOL_DOWN_MS, 0)];
        for (now, want) in rows {
            assert_eq!(refused.lately(now), want, "{now}");
        }
    }

    #[test]
    fn how_long_an_answer_serves() {
        let session = |broke| {
            Ok(Answer::Smtp(SmtpSession { exchanges: vec![], broke, tls: None, client_hello: None, spared: false }))
        };
        let rows = [
            (session(None), COOL_DOWN_MS),
            (session(Some(Unseen::Reset)), COOL_DOWN_MS),
            (session(Some(Unseen::OutOfTime)), 0),
            (Err(Unseen::GreetingTimeout), COOL_DOWN_MS),
            (Err(Unseen::Refused), FAILED_COOL_DOWN_MS),
            (Err(Unseen::ExitDown), 0),
        ];
        for (answer, for_) in rows {
            let courtesy = Courtesy::default();
            let evidence = evidence(answer);
            courtesy.keep(&evidence);
            let until = 1_500 + for_;
            assert_eq!(courtesy.recall(&evidence.inquiry, until), None, "{evidence:?}");
            let known = courtesy.recall(&evidence.inquiry, until - 1);
            assert_eq!(known, (for_ > 0).then_some(evidence));
        }
    }
}
