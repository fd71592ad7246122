//! # implicit-tls
//!
//! **Objective.** Mail programs can have TLS from the first octet, where nobody on the path can suppress it.
//!
//! **Evidence.** What came of a connection to port 465 where port 587 answers, at each MX address and at each host
//! where people reach their mail; there also of 993 where 143 answers, and of 995 where 110 does. Where nothing
//! listens on either port of a pair, it is no subject.
//!
//! **Outcomes.**
//! - `present`: the port speaks, inside TLS.
//! - `missing`: the connection was refused, while the port that starts in the clear answered at the same address.
//!   Venial.
//! - Untested: silence, a time-out, or a handshake that failed. A firewall may drop our packets, and a handshake may
//!   fail for what our end cannot do.
//!
//! **Source.** RFC 8314 section 3.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::Step;
use crate::facts::{Facts, Host, SUBMISSION, SUBMISSIONS, no_service};
use crate::{Finding, Sin, Unseen};

outcomes! {
    Missing = "missing", Venial, "No port with TLS from the start",
        "Mail programs have to begin in the clear here, where somebody on the path can suppress the encryption before it begins." => OfferImplicitTls;
    Present = "present", Clean, "TLS from the start",
        "The port speaks inside TLS from the first octet.";
}

pub(super) const CHECK: Check = Check {
    id: "implicit-tls",
    sin: Sin::PlainTextAuthentication,
    title: "TLS from the start",
    source: "RFC 8314 section 3",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_pair(facts, |host, (clear, tls)| finding(facts, host, clear, tls))
}

fn finding(facts: &Facts<'_>, host: &Host, clear: u16, tls: u16) -> Option<Finding> {
    let subject = Subject::Port(host.clone(), tls);
    let untested = |why| Some(CHECK.untested(facts, why, &subject, Seen::default()));
    match (greeting(facts, host, tls), greeting(facts, host, clear)) {
        (Ok(seen), _) => Some(CHECK.found(facts, Outcome::Present, &subject, seen)),
        // RFC 8314 section 3: TLS from the start is the way to be preferred, and STARTTLS the old one.
        (Err(Unseen::Refused), Ok(seen)) => {
            let seen = Seen::text(format!("port {tls}: {}\nport {clear}:", Unseen::Refused)).and(seen);
            Some(CHECK.found(facts, Outcome::Missing, &subject, seen))
        }
        (Err(why), Ok(_)) => untested(why),
        (Err(why), Err(other)) if no_service(why) && no_service(other) => None,
        (Err(why), Err(other)) => untested(if no_service(why) { other } else { why }),
    }
}

/// What a port greets with.
fn greeting(facts: &Facts<'_>, host: &Host, port: u16) -> Result<Seen, Unseen> {
    if [SUBMISSION, SUBMISSIONS].contains(&port) {
        Ok(Seen::step(facts.survey(host.address, port)?, Step::Greeting))
    } else {
        Ok(Seen::lines(facts.lines(host.address, port)?.exchanges.first()))
    }
}
