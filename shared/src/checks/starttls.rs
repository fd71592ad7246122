//! # starttls
//!
//! **Objective.** Mail and passwords can be encrypted on their way.
//!
//! **Evidence.** The STARTTLS keyword of the EHLO reply on ports 25 and 587 of each MX address and on
//! port 587 of the hosts where people reach their mail, and what came of STARTTLS and the handshake
//! behind it; where people reach their mail also STARTTLS in IMAP's capabilities on port 143, and STLS
//! in those of POP3 on port 110, and what comes of them.
//!
//! **Outcomes.**
//! - `offered`: the server offers STARTTLS, and the handshake works.
//! - `mx-without`: an MX does not. Venial: mail to it crosses the network in the clear.
//! - `submission-without`: a submission port does not. Mortal: whoever logs in there sends the
//!   password in the clear.
//! - `imap-without`, `pop3-without`: the same where people read their mail. Mortal.
//! - `mx-fails`: an MX offers STARTTLS, but refuses it for good (5xx), or what it sends then is not TLS. Venial.
//! - `submission-fails`: the same on a submission port. Mortal.
//! - `imap-fails`, `pop3-fails`: the same where people read their mail, unless the refusal says that it is for the moment.
//!   Mortal.
//!
//! A handshake that fails in another way may fail for what our end cannot do (it speaks TLS 1.2 and 1.3), so nothing is
//! concluded from it.
//!
//! **Source.** RFC 3207 section 4, RFC 9051 section 6.2.1, RFC 2595 section 4, RFC 8314 section 3.3.

use super::at_hosts::one_for_all;
use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{LineSession, LineStep, SmtpSession, Step, Tls};
use crate::facts::{Facts, IMAP, POP, SUBMISSION, offers_tls};
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
    ImapFails = "imap-fails", Mortal, "The encryption of IMAP does not work",
        "Users read their mail on this port, with their password. It says STARTTLS and then does not do it." => OfferClientTls;
    PopFails = "pop3-fails", Mortal, "The encryption of POP3 does not work",
        "Users fetch their mail on this port, with their password. It says STLS and then does not do it." => OfferClientTls;
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
    let mut findings =
        CHECK.at_each_port(facts, |port, session, subject| vec![port_finding(facts, port, session, subject)]);
    findings.extend(CHECK.at_each_client(facts, &[IMAP, POP], |port, session, subject| {
        vec![client_finding(facts, port, session, subject)]
    }));
    one_for_all(facts, findings)
}

fn client_finding(facts: &Facts<'_>, port: u16, session: &LineSession, subject: &Subject) -> Finding {
    let offer = CHECK.reply_of(facts, session.reply(LineStep::Capability), |lines| offers_tls(port, lines), subject);
    let (without, fails) = match port {
        IMAP => (Outcome::ImapWithout, Outcome::ImapFails),
        _ => (Outcome::PopWithout, Outcome::PopFails),
    };
    match offer {
        Err(untested) => *untested,
        Ok((seen, true)) => {
            let begun = session.exchanges.iter().find(|exchange| exchange.step == LineStep::StartTls);
            let seen = seen.mark_folded("STARTTLS").mark_folded("STLS");
            let seen = seen.and(Seen::lines(begun)).and(Seen::tls(session.tls.as_ref()));
            CHECK.tried(facts, session.tls.as_ref(), session.broke, fails, subject, seen)
        }
        // Who is logged in already cannot begin TLS (RFC 9051 section 6.2.1), so this says nothing.
        Ok((_, false)) if capability::is_preauth(&session.exchanges) => {
            CHECK.untested(facts, Unseen::UnclearReply, subject, Seen::lines(session.exchanges.first()))
        }
        Ok((seen, false)) => CHECK.found(facts, without, subject, seen),
    }
}

impl Check {
    /// What an offer of TLS came to.
    fn tried(
        &self,
        facts: &Facts<'_>,
        tls: Option<&Tls>,
        broke: Option<Unseen>,
        fails: Outcome,
        subject: &Subject,
        seen: Seen,
    ) -> Finding {
        match tls.map(Tls::secured) {
            Some(Ok(_)) => self.found(facts, Outcome::Offered, subject, seen),
            Some(Err(fault)) if fault.is_servers() => self.found(facts, fails, subject, seen),
            Some(Err(fault)) => self.untested(facts, fault.unseen(), subject, seen),
            None => self.untested(facts, broke.unwrap_or(Unseen::NotAsked), subject, seen),
        }
    }
}

fn port_finding(facts: &Facts<'_>, port: u16, session: &SmtpSession, subject: &Subject) -> Finding {
    let (exchange, hello) = match session.hello() {
        Ok(hello) => hello,
        Err(why) => return CHECK.untested(facts, why, subject, Seen::default()),
    };
    let mut seen = Seen::exchanges([exchange]);
    if ehlo::has(hello, "STARTTLS") {
        seen = seen.mark("STARTTLS").and(Seen::step(session, Step::StartTls)).and(Seen::tls(session.tls.as_ref()));
        let fails = if port == SUBMISSION { Outcome::SubmissionFails } else { Outcome::MxFails };
        return CHECK.tried(facts, session.tls.as_ref(), session.broke, fails, subject, seen);
    }
    let outcome = if port == SUBMISSION { Outcome::SubmissionWithout } else { Outcome::MxWithout };
    CHECK.found(facts, outcome, subject, seen)
}
