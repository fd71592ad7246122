//! POP3: CAPA, AUTH where the clear offers it. USER is never said: `+OK` to it proves nothing.

use shared::evidence::{LineExchange, LineStep};
use shared::syntax::capability;

use super::{Part, begin, cancel};

/// What a line is to a reply of which these lines came before (RFC 1939 section 3).
pub(super) fn part(step: LineStep, before: &[String], line: &str) -> Part {
    if !before.is_empty() {
        return if line == "." { Part::Last } else { Part::More };
    }
    let is = |status: &str| {
        line.get(..status.len()).is_some_and(|head| head.eq_ignore_ascii_case(status))
            && line.get(status.len()..).is_none_or(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    match step {
        // RFC 2449 section 5: the list follows a positive reply only.
        LineStep::Capability if is("+OK") => Part::More,
        LineStep::Greeting if is("-ERR") => Part::Bye,
        LineStep::Auth(_) | LineStep::Ntlm | LineStep::NtlmNegotiate | LineStep::AuthCancel if is("+") => Part::Last,
        _ if is("+OK") || is("-ERR") => Part::Last,
        _ => Part::Alien,
    }
}

/// A line of a list without the dot that guards it; nothing for the dot that ends the list.
pub(super) fn unstuffed(line: String) -> Option<String> {
    match line.strip_prefix('.') {
        Some("") => None,
        Some(rest) => Some(rest.to_owned()),
        None => Some(line),
    }
}

/// The command that follows what was said so far; none: that was all.
pub(super) fn next(exchanges: &[LineExchange]) -> Option<(LineStep, String)> {
    let last = exchanges.last()?;
    match last.step {
        LineStep::Greeting => Some((LineStep::Capability, "CAPA".to_owned())),
        // A login inside TLS is as it should be.
        LineStep::Capability if !last.secure => {
            let capabilities = capability::pop(last.reply.as_deref()?)?;
            begin("AUTH", &capability::pop_mechanisms(&capabilities))
        }
        LineStep::Auth(_) | LineStep::AuthCancel => cancel(exchanges),
        _ => None,
    }
}
