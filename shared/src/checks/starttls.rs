//! # starttls
//!
//! **Objective.** Mail and passwords can be encrypted on their way.
//!
//! **Evidence.** The STARTTLS keyword of the EHLO reply on ports 25 and 587 of each MX address and on
//! port 587 of the hosts where people reach their mail, and what came of STARTTLS and the handshake
//! behind it; where people reach their mail also STARTTLS in IMAP's capabilities on port 143, and STLS
//! in those of POP3 on port 110.
//!
//! **Outcomes.**
//! - `offered`: the server offers STARTTLS, and the handshake works.
//! - `mx-without`: an MX does not. Venial: mail to it crosses the network in the clear.
//! - `submission-without`: a submission port does not. Mortal: whoever logs in there sends the
//!   password in the clear.
//! - `imap-without`, `pop3-without`: the same where people read their mail. Mortal.
//! - `mx-fails`: an MX offers STARTTLS, but refuses it for good (5xx), or what it sends then is not TLS. Venial.
//! - `submission-fails`: the same on a submission port. Mortal.
//!
//! A handshake that fails in another way may fail for what our end cannot do (it speaks TLS 1.2 and 1.3), so nothing is
//! concluded from it.
//!
//! **Source.** RFC 3207 section 4, RFC 9051 section 6.2.1, RFC 2595 section 4, RFC 8314 section 3.3.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{LineSession, LineStep, SmtpSession, Step, Tls};
use crate::facts::{Facts, IMAP, POP, SUBMISSION};
use crate::syntax::{capability, ehlo};
use crate::{Finding, Sin, Unseen};

outcomes! {
    Offered = "offered", Clean, "Offers encryption",
        "The server offers encryption, and the handshake works where we tried it, so that what is sent to it can be encrypted.";
    MxWithout = "mx-without", Venial, "Mail arrives unencrypted",
        "The server does not offer STARTTLS, so every mail to it crosses the network readable for anyone on the path." => OfferStartTls;
    SubmissionWithout = "submission-without", Mortal, "A submission port without any encryption",
        "Users hand in their mail on this port with their password, and it offers no STARTTLS." => OfferStartTls;
    ImapWithout = "imap-without", Mortal, "IMAP without any encryption",
        "Users read their mail on this port, with their password, and it offers no STARTTLS." => OfferClientTls;
    PopWithout = "pop3-without", Mortal, "POP3 without any encryption",
        "Users fetch their mail on this port, with their password, and it offers no STLS." => OfferClientTls;
    MxFails = "mx-fails", Venial, "The encryption on offer does not work",
        "The server says STARTTLS and then does not do it. Senders fall back to clear text, or never deliver." => OfferStartTls;
    SubmissionFails = "submission-fails", Mortal, "The submission port's encryption does not work",
        "Users hand in their mail on this port with their password. It says STARTTLS and then does not do it." => OfferStartTls;
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
    let mut seen = Seen::exchanges([exchange]);
    if ehlo::has(hello, "STARTTLS") {
        seen = seen.mark("STARTTLS").and(Seen::step(session, Step::StartTls)).and(Seen::tls(session));
        let fault = session.tls.as_ref().map(Tls::secured);
        let outcome = match fault {
            Some(Ok(_)) => Outcome::Offered,
            Some(Err(fault)) if !fault.is_servers() => return CHECK.untested(facts, fault.unseen(), subject, seen),
            Some(Err(_)) if port == SUBMISSION => Outcome::SubmissionFails,
            Some(Err(_)) => Outcome::MxFails,
            None => return CHECK.untested(facts, session.broke.unwrap_or(Unseen::NotAsked), subject, seen),
        };
        return CHECK.found(facts, outcome, subject, seen);
    }
    let outcome = if port == SUBMISSION { Outcome::SubmissionWithout } else { Outcome::MxWithout };
    CHECK.found(facts, outcome, subject, seen)
}
