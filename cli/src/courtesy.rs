//! What all cases of one run share towards mail servers: one conversation at a time with an address, what
//! was heard there a short while ago, how often a host refused, and who answered at all.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::rc::Rc;

use probe::rest::REST;
use shared::{Evidence, Inquiry, net};
use tokio::sync::Mutex;

use crate::reached::Reached;

/// Shared by everything that one run asks.
pub(crate) struct Courtesy {
    /// For how long a refusal counts, in milliseconds.
    counts_ms: u64,
    /// For each host its lock, which holds what the host has refused.
    hosts: RefCell<HashMap<IpAddr, Rc<Mutex<Refused>>>>,
    heard: RefCell<BTreeMap<Inquiry, Evidence>>,
    pub(crate) reached: RefCell<Reached>,
}

impl Default for Courtesy {
    fn default() -> Self {
        Self::forgetting(REST.answered)
    }
}

impl Courtesy {
    /// Nothing yet; refusals are forgotten after so many milliseconds.
    pub(crate) fn forgetting(counts_ms: u64) -> Self {
        Self { counts_ms, hosts: RefCell::default(), heard: RefCell::default(), reached: RefCell::default() }
    }

    /// How often a host has refused something that still counts: a run of many domains may take hours.
    pub(crate) fn lately(&self, refused: &mut Refused, now: u64) -> usize {
        refused.lately(now, self.counts_ms)
    }

    /// The lock of an address's host: who holds it may talk there, and counts what is refused.
    pub(crate) fn host(&self, address: IpAddr) -> Rc<Mutex<Refused>> {
        Rc::clone(self.hosts.borrow_mut().entry(net::host(address)).or_default())
    }

    /// What came of this very inquiry, if that was a short while ago. Many domains have their mail at the same
    /// hosts, and scripts that name no domain are the same for all of them.
    pub(crate) fn recall(&self, inquiry: &Inquiry, now: u64) -> Option<Evidence> {
        let heard = self.heard.borrow();
        let known = heard.get(inquiry)?;
        let until = known.at.saturating_add(u64::from(known.took)).saturating_add(REST.serves_ms(known));
        (now < until).then(|| known.clone())
    }

    /// Keeps what came of a conversation.
    pub(crate) fn keep(&self, evidence: &Evidence) {
        if REST.serves_ms(evidence) > 0 {
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

    fn lately(&mut self, now: u64, counts_ms: u64) -> usize {
        self.0.retain(|(at, _)| now.saturating_sub(*at) < counts_ms);
        self.0.iter().map(|(_, times)| times).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Unseen;
    use shared::inquiry::Script;

    fn evidence(why: Unseen) -> Evidence {
        let inquiry =
            Inquiry::Probe { address: [192, 0, 2, 1].into(), port: 25, host: None, script: Script::SmtpSurvey };
        Evidence { inquiry, at: 1_000, took: 500, answer: Err(why) }
    }

    #[test]
    fn refusals_are_forgotten() {
        let mut refused = Refused::default();
        refused.count(1_000, 2);
        refused.count(5_000, 1);
        let rows = [(5_000, 3), (1_000 + REST.answered - 1, 3), (1_000 + REST.answered, 1), (5_000 + REST.answered, 0)];
        for (now, want) in rows {
            assert_eq!(refused.lately(now, REST.answered), want, "{now}");
        }
    }

    #[test]
    fn a_64_is_one_host() {
        let courtesy = Courtesy::default();
        let same = |a: &str, b: &str| {
            let [a, b] = [a, b].map(|text| courtesy.host(text.parse().unwrap()));
            Rc::ptr_eq(&a, &b)
        };
        assert!(same("192.0.2.1", "192.0.2.1") && same("2001:db8:1:2::1", "2001:db8:1:2:f::2"));
        assert!(!same("192.0.2.1", "192.0.2.2") && !same("2001:db8:1:2::1", "2001:db8:1:3::1"));
    }

    #[test]
    fn what_was_heard_answers_for_a_while() {
        for (why, for_) in
            [(Unseen::GreetingTimeout, REST.answered), (Unseen::Refused, REST.failed), (Unseen::ExitDown, 0)]
        {
            let courtesy = Courtesy::default();
            let evidence = evidence(why);
            courtesy.keep(&evidence);
            let until = 1_500 + for_;
            assert_eq!(courtesy.recall(&evidence.inquiry, until), None, "{evidence:?}");
            let known = courtesy.recall(&evidence.inquiry, until - 1);
            assert_eq!(known, (for_ > 0).then_some(evidence));
        }
    }
}
