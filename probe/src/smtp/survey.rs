//! What does not depend on the checked domain: greeting, EHLO, HELP, whether AUTH starts in the
//! clear, whether an absurd SIZE is taken; at the end whether TLS can be had. On a port of TLS all but
//! AUTH is asked inside.
//!
//! EXPN and VRFY are asked only where a refusal of them can be afforded, EXPN first: it is refused by name least often, and
//! the made-up name only where the real one was not refused. They are asked here and not beside the recipients: they need no domain, and Exim takes no more than ten
//! commands without mail in one conversation (smtp_accept_max_nonmail).
//!
//! At most seven commands can meet with an error (HELP, AUTH or its cancelling, EXPN, VRFY twice, MAIL, STARTTLS), and
//! no more than four of them for being unknown. AUTH stands alone and is always cancelled, never left by hanging up.

use shared::evidence::{Exchange, Mechanism, Person, Purpose, Step};
use shared::syntax::ehlo;

use super::Command;
use crate::ntlm::NEGOTIATE;

/// A tebibyte: no server that has a limit takes it.
const ABSURD: u64 = 1 << 40;
/// How often `*` is said to a server that goes on with 334.
const CANCELS_MAX: usize = 2;

/// The command that follows what was said so far; none: QUIT. NTLM comes last, once, wherever it is offered.
/// `affordable`: may another name be refused?
pub(super) fn next(helo: &str, made_up: &str, affordable: bool, exchanges: &[Exchange]) -> Vec<Command> {
    let begun = exchanges.iter().any(|exchange| exchange.step == Step::Ntlm);
    let made_up = Some(made_up).filter(|name| !name.is_empty() && affordable);
    let commands = if begun { Vec::new() } else { questions(helo, made_up, exchanges) };
    if commands.is_empty() { ntlm(begun, exchanges) } else { commands }
}

/// AUTH NTLM, its first message, and `*`.
fn ntlm(begun: bool, exchanges: &[Exchange]) -> Vec<Command> {
    let waits = super::last_code(exchanges) == 334;
    match exchanges.last().map(|last| last.step) {
        Some(Step::Ntlm) if waits => one(Step::NtlmNegotiate, NEGOTIATE.to_owned()),
        Some(Step::NtlmNegotiate | Step::AuthCancel) if begun && waits => cancel(exchanges),
        Some(
            Step::Ehlo | Step::Rset | Step::Expn(_) | Step::Vrfy(_) | Step::Auth(_) | Step::AuthCancel | Step::Help,
        ) if !begun && !waits && super::ehlo(exchanges).is_some_and(|reply| ehlo::offers_auth(reply, "NTLM")) => {
            one(Step::Ntlm, "AUTH NTLM".to_owned())
        }
        _ => Vec::new(),
    }
}

/// What is asked before.
fn questions(helo: &str, made_up: Option<&str>, exchanges: &[Exchange]) -> Vec<Command> {
    let Some(last) = exchanges.last() else {
        return Vec::new();
    };
    let code = last.reply.as_ref().map_or(0, |reply| reply.code);
    let from_the_start = exchanges.first().is_some_and(|greeting| greeting.secure);
    match last.step {
        // Behind STARTTLS it has nothing more to ask.
        Step::Ehlo if last.secure && !from_the_start => Vec::new(),
        Step::Greeting => one(Step::Ehlo, format!("EHLO {helo}")),
        Step::Ehlo if code != 250 => one(Step::Helo, format!("HELO {helo}")),
        Step::Ehlo | Step::Helo => one(Step::Help, "HELP".to_owned()),
        // A login inside TLS is as it should be.
        Step::Help if from_the_start => size(exchanges),
        Step::Help => match mechanism(exchanges) {
            Some(mechanism) => one(Step::Auth(mechanism), format!("AUTH {}", mechanism.name())),
            None => expand(made_up, exchanges),
        },
        Step::Auth(_) | Step::AuthCancel if code == 334 => cancel(exchanges),
        Step::Auth(_) | Step::AuthCancel => expand(made_up, exchanges),
        // RFC 5321 section 3.5.1: the mailboxes.
        Step::Expn(Person::Postmaster) if code == 250 => match made_up {
            Some(name) => one(Step::Expn(Person::MadeUp), format!("EXPN {name}")),
            None => size(exchanges),
        },
        Step::Expn(_) => match made_up {
            Some(_) => one(Step::Vrfy(Person::Postmaster), "VRFY postmaster".to_owned()),
            None => size(exchanges),
        },
        // A server that does not know the command, or confirms nobody, is not asked again.
        Step::Vrfy(Person::Postmaster) if code < 400 => match made_up {
            Some(name) => one(Step::Vrfy(Person::MadeUp), format!("VRFY {name}")),
            None => size(exchanges),
        },
        Step::Vrfy(_) => size(exchanges),
        Step::Mail(Purpose::Size) => one(Step::Rset, "RSET".to_owned()),
        Step::Ntlm
        | Step::NtlmNegotiate
        | Step::Mail(_)
        | Step::Rcpt(_)
        | Step::Data
        | Step::Message
        | Step::Rset
        | Step::StartTls
        | Step::Injected
        | Step::Smuggled
        | Step::Bad
        | Step::LongLine
        | Step::Noop
        | Step::Beside
        | Step::Quit => Vec::new(),
    }
}

/// EXPN; not on ports of submission, where there is no made-up name.
fn expand(made_up: Option<&str>, exchanges: &[Exchange]) -> Vec<Command> {
    match made_up {
        Some(_) => one(Step::Expn(Person::Postmaster), "EXPN postmaster".to_owned()),
        None => size(exchanges),
    }
}

/// The mechanism to try: the first offered, or PLAIN where the server offers no AUTH at all but
/// might take it. None where it offers AUTH, but nothing that carries a secret in the clear.
fn mechanism(exchanges: &[Exchange]) -> Option<Mechanism> {
    let offered: Vec<String> = super::ehlo(exchanges)
        .map(ehlo::keywords)
        .unwrap_or_default()
        .into_iter()
        .filter(|(keyword, _)| keyword == "AUTH")
        .flat_map(|(_, mechanisms)| mechanisms)
        .collect();
    if offered.is_empty() {
        return Some(Mechanism::Plain);
    }
    Mechanism::ALL.into_iter().find(|mechanism| offered.iter().any(|name| name.eq_ignore_ascii_case(mechanism.name())))
}

/// RFC 4954 section 4: a client cancels with a lone `*`. A server that does not listen gets no
/// third one; QUIT is then the end.
fn cancel(exchanges: &[Exchange]) -> Vec<Command> {
    let said = exchanges.iter().filter(|e| e.step == Step::AuthCancel).count();
    if said < CANCELS_MAX { one(Step::AuthCancel, "*".to_owned()) } else { Vec::new() }
}

/// RFC 1870 section 6.1: a server may refuse a declared size at MAIL.
fn size(exchanges: &[Exchange]) -> Vec<Command> {
    match super::ehlo(exchanges) {
        Some(reply) if ehlo::has(reply, "SIZE") => {
            one(Step::Mail(Purpose::Size), format!("MAIL FROM:<> SIZE={ABSURD}"))
        }
        _ => Vec::new(),
    }
}

fn one(step: Step, command: String) -> Vec<Command> {
    vec![(step, command)]
}
