//! Where a reply leads, and how long one is waited for.

use std::time::Duration;

use shared::Unseen;
use shared::evidence::Step;

use crate::dialogue::{GREETING_TIMEOUT, MESSAGE_TIMEOUT, QUIT_TIMEOUT, REPLY_TIMEOUT};

/// Where a reply leads.
pub(super) enum Turn {
    On,
    Quit(Unseen),
    Over(Option<Unseen>),
    OutOfStep,
}

/// What a reply's code means for the conversation (RFC 5321 sections 3.1, 3.8, 4.3.2).
pub(super) fn after(step: Step, code: u16) -> Turn {
    match (step, code) {
        (Step::Quit, _) => Turn::Over(None),
        (_, 421) => Turn::Over(Some(Unseen::TryLater)), // the server closes the connection itself
        (Step::Greeting, 220) => Turn::On,
        (Step::Greeting | Step::Ehlo | Step::Helo, 400..=499) => Turn::Quit(Unseen::TryLater),
        (Step::Ehlo, 500 | 502 | 504) => Turn::On, // section 3.2: fall back to HELO
        (Step::Greeting | Step::Ehlo | Step::Helo, 500..) => Turn::Quit(Unseen::ClientRefused),
        (Step::Ehlo | Step::Helo, 250) => Turn::On,
        (Step::Auth(_) | Step::Ntlm | Step::NtlmNegotiate | Step::AuthCancel, 334) => Turn::On,
        (Step::Vrfy(_) | Step::Expn(_), 250..=259 | 400..) => Turn::On,
        (Step::Help | Step::Auth(_) | Step::Ntlm | Step::NtlmNegotiate | Step::AuthCancel, 200..=299 | 400..) => {
            Turn::On
        }
        (Step::Mail(_) | Step::Rcpt(_), 250..=259 | 400..) => Turn::On,
        (Step::Data, 354 | 400..) | (Step::Message, 250..=259 | 400..) => Turn::On,
        (Step::Rset, 250..=259) => Turn::On,
        (Step::Bad | Step::LongLine | Step::Noop, 200..=299 | 400..) => Turn::On,
        (Step::StartTls, 400..) => Turn::On, // RFC 3207 section 4: 220 is the only yes
        _ => Turn::OutOfStep,
    }
}

/// How long the reply to a step is waited for.
pub(super) const fn patience(step: Step) -> Duration {
    match step {
        Step::Greeting => GREETING_TIMEOUT,
        Step::Quit => QUIT_TIMEOUT,
        Step::Message => MESSAGE_TIMEOUT,
        _ => REPLY_TIMEOUT,
    }
}
