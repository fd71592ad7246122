//! IMAP: CAPABILITY, ID where it is offered, AUTHENTICATE where the clear offers it.

use shared::evidence::{LineExchange, LineStep};
use shared::syntax::capability;

use super::{Part, begin, cancel};

/// What a line is to the reply to the command with this tag (RFC 9051 section 7).
pub(super) fn part(step: LineStep, tag: &str, line: &str) -> Part {
    let is = |word: Option<&str>, known: &[&str]| {
        word.is_some_and(|word| known.iter().any(|known| word.eq_ignore_ascii_case(known)))
    };
    if let Some(rest) = line.strip_prefix("* ") {
        let word = rest.split_ascii_whitespace().next();
        return match step {
            LineStep::Greeting if is(word, &["OK", "PREAUTH"]) => Part::Last,
            LineStep::Greeting if !is(word, &["BYE"]) => Part::Alien,
            // Section 7.1.5: BYE announces the end, and belongs to LOGOUT.
            LineStep::Logout => Part::More,
            _ if is(word, &["BYE"]) => Part::Bye,
            _ => Part::More,
        };
    }
    if line == "+" || line.starts_with("+ ") {
        let asked = matches!(step, LineStep::Auth(_) | LineStep::Ntlm | LineStep::NtlmNegotiate | LineStep::AuthCancel);
        return if asked { Part::Last } else { Part::Alien };
    }
    let status = line.strip_prefix(tag).and_then(|rest| rest.strip_prefix(' '));
    match status {
        Some(rest) if step != LineStep::Greeting && is(rest.split(' ').next(), &["OK", "NO", "BAD"]) => Part::Last,
        _ => Part::Alien,
    }
}

/// The command that follows what was said so far; none: that was all.
pub(super) fn next(exchanges: &[LineExchange]) -> Option<(LineStep, String)> {
    let last = exchanges.last()?;
    let capabilities = || {
        let asked = exchanges.iter().find(|exchange| exchange.step == LineStep::Capability)?;
        capability::imap(asked.reply.as_deref()?)
    };
    match last.step {
        LineStep::Greeting => Some((LineStep::Capability, "CAPABILITY".to_owned())),
        LineStep::Capability if capabilities()?.iter().any(|word| word == "ID") => {
            Some((LineStep::Id, "ID NIL".to_owned()))
        }
        // A login inside TLS is as it should be, and a server that says PREAUTH has none to begin (RFC
        // 9051 section 7.1.4).
        LineStep::Capability | LineStep::Id if !last.secure && !capability::is_preauth(exchanges) => {
            begin("AUTHENTICATE", &capability::imap_mechanisms(&capabilities()?))
        }
        LineStep::Auth(_) | LineStep::AuthCancel => cancel(exchanges),
        _ => None,
    }
}
