//! What a submission port takes without a login: a local recipient, and where that is not refused for lack of a login,
//! one foreign one, with a made-up local one as control. One recipient a transaction, never DATA.

use shared::evidence::{Exchange, Purpose, Step, Variant};
use shared::syntax::refusal::{Refusal, lacks_login, refusal};

use super::variant::Names;
use super::{Command, last_code};

const RELAY: Purpose = Purpose::Relay(Variant::Plain);

/// The commands that follow the survey; none: QUIT.
/// `affordable`: may another recipient be refused?
pub(super) fn next(names: &Names, affordable: bool, exchanges: &[Exchange]) -> Vec<Command> {
    let command = match exchanges.last().map(|last| last.step) {
        // Whoever refuses MAIL takes nothing.
        Some(Step::Mail(purpose)) if purpose != Purpose::Size && last_code(exchanges) >= 400 => None,
        Some(Step::Mail(purpose)) if purpose != Purpose::Size => {
            names.paths(purpose, None).map(|(_, to)| (Step::Rcpt(purpose), format!("RCPT TO:<{to}>")))
        }
        Some(Step::Rcpt(_)) => Some((Step::Rset, "RSET".to_owned())),
        // Not while AUTH still waits for something.
        _ if last_code(exchanges) == 334 || !affordable => None,
        _ => purpose(exchanges).and_then(|purpose| {
            names.paths(purpose, None).map(|(from, _)| (Step::Mail(purpose), format!("MAIL FROM:<{from}>")))
        }),
    };
    command.into_iter().collect()
}

/// What is asked next.
fn purpose(exchanges: &[Exchange]) -> Option<Purpose> {
    let answer = |purpose| exchanges.iter().find(|e| e.step == Step::Rcpt(purpose)).and_then(|e| e.reply.as_ref());
    let asked = |purpose| exchanges.iter().any(|e| e.step == Step::Mail(purpose));
    if !asked(Purpose::Postmaster) {
        return Some(Purpose::Postmaster);
    }
    let local = answer(Purpose::Postmaster)?;
    let open = local.is_positive() || (refusal(local) == Refusal::Recipient && !lacks_login(local));
    if open && !asked(RELAY) {
        return Some(RELAY);
    }
    (answer(RELAY)?.is_positive() && !asked(Purpose::Control)).then_some(Purpose::Control)
}
