//! What the browser knows of a running scan. No clock and no network: those are the caller's.

use shared::api::{ASK_MAX, Asking, Numbered, ScanState, Stage};
use shared::{Case, Inquiry, plan};

/// A scan as seen from the browser.
pub(crate) struct Model {
    pub(crate) id: String,
    pub(crate) case: Case,
    /// The highest number of the evidence that came without a gap, to ask for what follows.
    pub(crate) seq: u64,
    /// Posted, or known by the server to be under way. A few hundred at most: a set of its own kind would be much code.
    asked: Vec<Inquiry>,
    asking: Vec<Asking>,
    /// The server's clock minus ours, in milliseconds.
    skew: i64,
}

impl Model {
    /// The scan that the server just made; `now` is our clock.
    pub(crate) fn new(state: ScanState, now: u64) -> Self {
        let mut case = Case::new(state.domain.clone(), state.probe_domain.clone(), state.nonce.clone(), state.started);
        case.options = state.options.clone();
        case.admit_private = state.admit_private;
        case.blocklists.clone_from(&state.blocklists);
        case.mail = state.mail;
        let skew = state.now as i64 - now as i64;
        let mut model = Self { id: state.id.clone(), case, seq: 0, asked: Vec::new(), asking: Vec::new(), skew };
        model.sync(state, true);
        model
    }

    /// A piece of evidence. Did it change anything?
    pub(crate) fn take(&mut self, piece: Numbered) -> bool {
        if piece.seq == self.seq + 1 {
            self.seq = piece.seq;
        }
        self.asking.retain(|asking| asking.inquiry != piece.evidence.inquiry);
        self.count_asked(&piece.evidence.inquiry);
        self.case.add(piece.evidence)
    }

    /// Something is being asked.
    pub(crate) fn waits(&mut self, asking: Asking) {
        if self.case.get(&asking.inquiry).is_none() {
            self.count_asked(&asking.inquiry);
            self.asking.retain(|known| known.inquiry != asking.inquiry);
            self.asking.push(asking);
        }
    }

    /// The server's view of the scan. If `idle`, no post of ours is under way, so what the server
    /// says nobody asked for will be posted again.
    pub(crate) fn sync(&mut self, state: ScanState, idle: bool) {
        for piece in state.evidence {
            // A poll answers everything above `since`, in order: no gap before any of these.
            self.seq = self.seq.max(piece.seq);
            self.take(piece);
        }
        self.asking.clear();
        for asking in state.asking {
            self.waits(asking);
        }
        if idle {
            self.unask(&state.inquiries);
        }
        self.case.cancelled |= state.cancelled;
    }

    /// What to post now, as far as one post goes; it counts as asked from here on.
    pub(crate) fn next(&mut self) -> Vec<Inquiry> {
        let missing = plan(&self.case).into_iter().filter(|inquiry| !self.asked.contains(inquiry));
        let batch: Vec<Inquiry> = missing.take(ASK_MAX).collect();
        self.asked.extend(batch.iter().cloned());
        batch
    }

    /// A post came to nothing: these are still to be asked.
    pub(crate) fn unask(&mut self, batch: &[Inquiry]) {
        self.asked.retain(|asked| !batch.contains(asked));
    }

    fn count_asked(&mut self, inquiry: &Inquiry) {
        if !self.asked.contains(inquiry) {
            self.asked.push(inquiry.clone());
        }
    }

    /// Is nothing missing any more?
    pub(crate) fn is_complete(&self) -> bool {
        !self.case.cancelled && plan(&self.case).is_empty()
    }

    /// What is being asked, the slowest first and what waits for its turn last, with the milliseconds that it took so far.
    pub(crate) fn slowest(&self, now: u64) -> Vec<(&Inquiry, Stage, u64)> {
        let now = now.saturating_add_signed(self.skew);
        let waited = |asking: &Asking| now.saturating_sub(asking.since);
        let mut waits: Vec<_> =
            self.asking.iter().map(|asking| (&asking.inquiry, asking.stage, waited(asking))).collect();
        waits.sort_by_key(|(inquiry, stage, ms)| (*stage == Stage::Queued, std::cmp::Reverse(*ms), *inquiry));
        waits
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use shared::evidence::{Answer, DnsAnswer};
    use shared::inquiry::RecordType;
    use shared::{DomainName, Evidence, Options};

    use super::*;

    fn state() -> ScanState {
        ScanState {
            id: "s".into(),
            domain: DomainName::new("a.example").unwrap(),
            options: Options::default(),
            probe_domain: DomainName::new("probe.example").unwrap(),
            nonce: "abcdef".into(),
            started: 1_000,
            now: 5_000,
            admit_private: false,
            blocklists: Vec::new(),
            mail: false,
            grant: None,
            cancelled: false,
            inquiries: Vec::new(),
            asking: Vec::new(),
            evidence: Vec::new(),
            complete: false,
        }
    }

    fn empty(seq: u64, inquiry: &Inquiry) -> Numbered {
        let answer = Ok(Answer::Dns(DnsAnswer { nxdomain: true, ..DnsAnswer::default() }));
        Numbered { seq, evidence: Evidence { inquiry: inquiry.clone(), at: 1_000, took: 1, answer } }
    }

    #[test]
    fn nothing_is_asked_twice_until_it_is_all_there() {
        let mut model = Model::new(state(), 0);
        let mut asked = BTreeSet::new();
        let mut seq = 0;
        while !model.is_complete() {
            let batch = model.next();
            assert!(batch.len() <= ASK_MAX && !batch.is_empty());
            assert!(model.next().iter().all(|inquiry| !batch.contains(inquiry)));
            for inquiry in batch {
                assert!(asked.insert(inquiry.clone()), "{inquiry} was asked twice");
                seq += 1;
                assert!(model.take(empty(seq, &inquiry)));
                assert!(!model.take(empty(seq, &inquiry)), "first answers stand");
            }
        }
        assert_eq!(model.seq, seq);
    }

    #[test]
    fn failed_posts_are_asked_again() {
        let mut model = Model::new(state(), 0);
        let batch = model.next();
        assert_eq!(model.next(), []);
        model.unask(&batch);
        assert_eq!(model.next(), batch);
        // The server says that nobody asked: only believed while no post is under way.
        model.sync(ScanState { inquiries: batch.clone(), ..state() }, false);
        assert_eq!(model.next(), []);
        model.sync(ScanState { inquiries: batch.clone(), ..state() }, true);
        assert_eq!(model.next(), batch);
    }

    #[test]
    fn a_gap_is_asked_for_again() {
        let mut model = Model::new(state(), 0);
        let mx = Inquiry::dns(&model.case.domain, RecordType::Mx);
        let txt = Inquiry::dns(&model.case.domain, RecordType::Txt);
        model.take(empty(2, &txt));
        assert_eq!(model.seq, 0);
        model.sync(ScanState { evidence: vec![empty(1, &mx), empty(2, &txt)], ..state() }, true);
        assert_eq!(model.seq, 2);
    }

    #[test]
    fn waits_are_told_in_our_clock_the_slowest_first() {
        let mut model = Model::new(state(), 4_000); // the server is a second ahead
        let mx = Inquiry::dns(&model.case.domain, RecordType::Mx);
        let txt = Inquiry::dns(&model.case.domain, RecordType::Txt);
        model.waits(Asking { inquiry: txt.clone(), since: 5_500, stage: Stage::Answer });
        model.waits(Asking { inquiry: mx.clone(), since: 5_000, stage: Stage::Answer });
        let slowest: Vec<_> = model.slowest(5_000).into_iter().map(|(i, _, ms)| (i.clone(), ms)).collect();
        assert_eq!(slowest, [(mx.clone(), 1_000), (txt.clone(), 500)]);
        model.waits(Asking { inquiry: mx.clone(), since: 4_000, stage: Stage::Queued });
        let first = model.slowest(5_000).first().map(|(inquiry, ..)| (*inquiry).clone());
        assert_eq!(first, Some(txt), "who waits for a turn is not slow");
        model.take(empty(1, &mx));
        assert_eq!(model.slowest(5_000).len(), 1);
    }
}
