//! # gateway-bypass
//!
//! **Objective.** Nobody gets past the filter of incoming mail.
//!
//! **Evidence.** By consent (`allow=limits`), where the MX hosts are those of a known filter: MAIL and RCPT for the named mailbox on port 25 of the
//! hosts behind it, never DATA. Known are those that whoever asked has named, and the host that a tenant has at Microsoft 365.
//!
//! **Outcomes.**
//! - `open`: the mailbox is taken from a stranger. Venial, suspected: the host might still refuse the message.
//! - `closed`: it is refused, or nobody answers there.
//! - Untested: the domain has not consented, no filter or no host behind one is known, or the host asks us to come back later.
//!
//! **Source.** The filters' set-up guides, each of which has the host behind it take mail from the filter only.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{Purpose, Step};
use crate::facts::{Facts, Host, SMTP, no_service};
use crate::syntax::consent::Word;
use crate::{Finding, Sin, Unseen};

outcomes! {
    Open = "open", Venial suspected, "The filter can be passed by",
        "A host behind the filter of incoming mail takes mail for the domain from strangers. Spammers know such hosts, and send there what the filter would stop." => CloseBackend;
    Closed = "closed", Clean, "Nobody gets past the filter",
        "The host behind the filter does not take mail for the domain from strangers.";
}

pub(super) const CHECK: Check = Check {
    id: "gateway-bypass",
    sin: Sin::NoScanning,
    title: "The way past the filter",
    source: "Filters' set-up guides",
    consent: true,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    if let Err(findings) = CHECK.of_mail_domain(facts) {
        return findings;
    }
    let untested = |why| vec![CHECK.untested(facts, why, &Subject::Domain, Seen::default())];
    if !facts.is_granted(Word::Limits) {
        return untested(Unseen::NeedsConsent);
    }
    let hosts = facts.backends();
    if hosts.is_empty() {
        return untested(Unseen::NoBackend);
    }
    hosts.iter().map(|host| finding(facts, host)).collect()
}

fn finding(facts: &Facts<'_>, host: &Host) -> Finding {
    let subject = &Subject::Port(host.clone(), SMTP);
    let untested = |why, seen| CHECK.untested(facts, why, subject, seen);
    let session = match facts.past_gateway(host) {
        Ok(session) => session,
        // Who is not there takes no mail from strangers; silence is what a closed door sounds like, too.
        Err(why) if no_service(why) => {
            return CHECK.found(facts, Outcome::Closed, subject, Seen::text(why.sentence()));
        }
        Err(why) => return untested(why, Seen::default()),
    };
    let mut seen = Seen::default();
    for step in [Step::Mail(Purpose::Stranger), Step::Rcpt(Purpose::Stranger)] {
        match session.reply(step) {
            Ok((exchange, reply)) => {
                seen = seen.and(Seen::exchanges([exchange]));
                if reply.is_temporary() {
                    return untested(Unseen::TryLater, seen);
                }
                if !reply.is_positive() {
                    return CHECK.found(facts, Outcome::Closed, subject, seen);
                }
            }
            // It would not even hear of us, for good.
            Err(Unseen::ClientRefused) => return CHECK.found(facts, Outcome::Closed, subject, seen),
            Err(why) => return untested(why, seen),
        }
    }
    CHECK.found(facts, Outcome::Open, subject, seen)
}
