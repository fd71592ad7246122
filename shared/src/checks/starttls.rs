//! # starttls
//!
//! **Objective.** Mail and passwords can be encrypted on their way.
//!
//! **Evidence.** The STARTTLS keyword of the EHLO reply on ports 25 and 587 of each MX address.
//!
//! **Outcomes.**
//! - `offered`: the server offers STARTTLS.
//! - `mx-without`: an MX does not. Venial: mail to it crosses the network in the clear.
//! - `submission-without`: a submission port does not. Mortal: whoever logs in there sends the
//!   password in the clear.
//!
//! **Source.** RFC 3207 section 4, RFC 8314 section 3.3.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::SmtpSession;
use crate::facts::{Facts, SUBMISSION};
use crate::syntax::ehlo;
use crate::{Finding, Sin};

outcomes! {
    Offered = "offered", Clean, "Offers encryption",
        "The server offers STARTTLS, so that other servers can encrypt what they send.";
    MxWithout = "mx-without", Venial, "Mail arrives unencrypted",
        "The server does not offer STARTTLS, so every mail to it crosses the network readable for anyone on the path." => OfferStartTls;
    SubmissionWithout = "submission-without", Mortal, "A submission port without any encryption",
        "Users hand in their mail on this port with their password, and it offers no STARTTLS." => OfferStartTls;
}

pub(super) const CHECK: Check = Check {
    id: "starttls",
    sin: Sin::PlainTextAuthentication,
    title: "Encryption on offer",
    source: "RFC 3207 section 4, RFC 8314 section 3.3",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.at_each_port(facts, |port, session, subject| vec![port_finding(facts, port, session, subject)])
}

fn port_finding(facts: &Facts<'_>, port: u16, session: &SmtpSession, subject: &Subject) -> Finding {
    let (exchange, hello) = match session.hello() {
        Ok(hello) => hello,
        Err(why) => return CHECK.untested(facts, why, subject, Seen::default()),
    };
    let seen = Seen::exchanges([exchange]);
    if ehlo::has(hello, "STARTTLS") {
        return CHECK.found(facts, Outcome::Offered, subject, seen.mark("STARTTLS"));
    }
    let outcome = if port == SUBMISSION { Outcome::SubmissionWithout } else { Outcome::MxWithout };
    CHECK.found(facts, outcome, subject, seen)
}
