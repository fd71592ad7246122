//! # starttls
//!
//! **Objective.** Mail and passwords can be encrypted on their way.
//!
//! **Evidence.** The STARTTLS keyword of the EHLO reply on ports 25 and 587 of each MX address and on
//! port 587 of the hosts where people reach their mail; there also STARTTLS in IMAP's capabilities
//! on port 143, and STLS in those of POP3 on port 110.
//!
//! **Outcomes.**
//! - `offered`: the server offers STARTTLS.
//! - `mx-without`: an MX does not. Venial: mail to it crosses the network in the clear.
//! - `submission-without`: a submission port does not. Mortal: whoever logs in there sends the
//!   password in the clear.
//! - `imap-without`, `pop3-without`: the same where people read their mail. Mortal.
//!
//! **Source.** RFC 3207 section 4, RFC 9051 section 6.2.1, RFC 2595 section 4, RFC 8314 section 3.3.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{LineSession, LineStep, SmtpSession};
use crate::facts::{Facts, IMAP, POP, SUBMISSION};
use crate::syntax::{capability, ehlo};
use crate::{Finding, Sin, Unseen};

outcomes! {
    Offered = "offered", Clean, "Offers encryption",
        "The server offers STARTTLS, so that what is sent to it can be encrypted.";
    MxWithout = "mx-without", Venial, "Mail arrives unencrypted",
        "The server does not offer STARTTLS, so every mail to it crosses the network readable for anyone on the path." => OfferStartTls;
    SubmissionWithout = "submission-without", Mortal, "A submission port without any encryption",
        "Users hand in their mail on this port with their password, and it offers no STARTTLS." => OfferStartTls;
    ImapWithout = "imap-without", Mortal, "IMAP without any encryption",
        "Users read their mail on this port, with their password, and it offers no STARTTLS." => OfferClientTls;
    PopWithout = "pop3-without", Mortal, "POP3 without any encryption",
        "Users fetch their mail on this port, with their password, and it offers no STLS." => OfferClientTls;
}

pub(super) const CHECK: Check = Check {
    id: "starttls",
    sin: Sin::PlainTextAuthentication,
    title: "Encryption on offer",
    source: "RFC 3207 section 4, RFC 9051 section 6.2.1, RFC 2595 section 4, RFC 8314 section 3.3",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = CHECK.at_each_port(facts, |port, session, subject| vec![port_finding(facts, port, session, subject)]);
    findings.extend(CHECK.at_each_client(facts, &[IMAP, POP], |port, session, subject| {
        let (has, without): (Has, Outcome) = match port {
            IMAP => (|lines| Some(capability::imap(lines)?.iter().any(|word| word == "STARTTLS")), Outcome::ImapWithout),
            _ => (|lines| Some(capability::pop_has(&capability::pop(lines)?, "STLS")), Outcome::PopWithout),
        };
        client_finding(facts, session, subject, has, without)
    }));
    // The domain stands for hosts that are not known yet, once.
    if findings.len() > 1 && findings.iter().all(|finding| finding.subject == facts.domain().as_str()) {
        findings.truncate(1);
    }
    findings
}

/// Whether a reply to the question for capabilities offers TLS; nothing where it is no such list.
type Has = fn(&[String]) -> Option<bool>;

fn client_finding(
    facts: &Facts<'_>,
    session: &LineSession,
    subject: &Subject,
    has: Has,
    without: Outcome,
) -> Finding {
    match CHECK.reply_of(facts, session.reply(LineStep::Capability), has, subject) {
        Err(untested) => *untested,
        Ok((seen, true)) => CHECK.found(facts, Outcome::Offered, subject, seen.mark_folded("STARTTLS").mark_folded("STLS")),
        // Who is logged in already cannot begin TLS (RFC 9051 section 6.2.1), so this says nothing.
        Ok((_, false)) if capability::is_preauth(&session.exchanges) => {
            CHECK.untested(facts, Unseen::UnclearReply, subject, Seen::lines(session.exchanges.first()))
        }
        Ok((seen, false)) => CHECK.found(facts, without, subject, seen),
    }
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
