//! What a RCPT for a local name came to, shared by the checks of role names.

use super::build::Seen;
use crate::Unseen;
use crate::evidence::{Purpose, SmtpSession, Step};
use crate::syntax::refusal::{Refusal, refusal};

/// What became of a recipient.
pub(super) enum Fate {
    /// Taken, while a made-up one was not.
    Taken(Seen),
    /// Refused for what it is.
    Refused(Seen),
    /// It cannot be said.
    Unseen(Unseen, Seen),
}

/// What became of the recipient of a transaction. Only a refusal of the recipient itself counts,
/// and a yes counts only where a made-up recipient gets a no.
pub(super) fn fate(session: &SmtpSession, purpose: Purpose) -> Fate {
    let mail = session.reply(Step::Mail(purpose));
    if let Ok((exchange, reply)) = mail
        && !reply.is_positive()
    {
        let why = if reply.is_temporary() { Unseen::TryLater } else { Unseen::ClientRefused };
        return Fate::Unseen(why, Seen::exchanges([exchange]));
    }
    let (exchange, reply) = match session.reply(Step::Rcpt(purpose)) {
        Ok(found) => found,
        Err(why) => return Fate::Unseen(why, Seen::default()),
    };
    let seen = Seen::exchanges([exchange]).mark_reply(exchange);
    if !reply.is_positive() {
        return match refusal(reply) {
            Refusal::Recipient | Refusal::Relaying => Fate::Refused(seen),
            Refusal::Temporary => Fate::Unseen(Unseen::TryLater, seen),
            Refusal::Client => Fate::Unseen(Unseen::ClientRefused, seen),
            Refusal::Unclear => Fate::Unseen(Unseen::UnclearReply, seen),
        };
    }
    let control = session.step(Step::Rcpt(Purpose::Control));
    let with_control = seen.and(Seen::exchanges(control));
    match session.reply(Step::Rcpt(Purpose::Control)) {
        Ok((_, reply)) if reply.is_positive() => Fate::Unseen(Unseen::AcceptsAll, with_control),
        Ok((_, reply)) if matches!(refusal(reply), Refusal::Recipient | Refusal::Relaying) => Fate::Taken(with_control),
        // Without the control's no, this yes might be said to everyone.
        Ok((_, reply)) if reply.is_temporary() => Fate::Unseen(Unseen::TryLater, with_control),
        Ok(_) => Fate::Unseen(Unseen::UnclearReply, with_control),
        Err(why) => Fate::Unseen(why, with_control),
    }
}
