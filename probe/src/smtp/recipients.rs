//! Which recipients a server takes: a made-up one, a foreign one, the role names, the null sender, and other ways to a
//! foreign one, as far as the budget of refusals lasts. Never DATA. One recipient a transaction, but for the role names that only
//! a note hangs on: these share one, since Exim counts every RSET but the first among the ten commands without mail that
//! it takes (smtp_accept_max_nonmail).
//!
//! The order is that of the budget: first the two that are nearly always refused and that all others are read by, then
//! what is seldom refused, then one more way to relay, the other role names, and the rest of the ways.

use std::net::IpAddr;

use shared::DomainName;
use shared::evidence::{Exchange, Purpose, Role, Step, Variant, Weight};
use shared::local_part::LocalPart;
use shared::syntax::ehlo;
use shared::syntax::refusal::{Refusal, refusal};

use super::variant::{Names, Paths};
use super::{Command, code};
use crate::Identity;

/// No conversation goes on beyond so many errors (Postfix slows down after 10).
const ERRORS_MAX: usize = 10;

/// How many refusals a transaction in one flight can come to: a server that took this sender before may refuse MAIL all the
/// same, and RCPT is on its way already.
const TRANSACTION: usize = 2;

/// What every host is asked, in this order.
const FIRST: [Purpose; 4] = [Purpose::Control, Purpose::Relay(Variant::Plain), Purpose::Postmaster, Purpose::Abuse];

/// What is asked by consent beyond that: the variants behind the plain one, in two halves, each with the made-up name as control. So
/// neither comes to more than [`ERRORS_MAX`] refusals.
const HALF: usize = Variant::ALL.len() / 2;

/// The script for one domain at one host.
#[derive(Debug)]
pub(super) struct Recipients {
    helo: String,
    names: Names,
    /// The ways to a foreign recipient.
    variants: Vec<Variant>,
    /// Nothing else is asked.
    ways_only: bool,
}

impl Recipients {
    pub(super) fn new(
        (domain, contact): (&DomainName, Option<&LocalPart>),
        identity: &Identity,
        nonce: &str,
        peer: IpAddr,
    ) -> Self {
        let names = Names::new(domain, identity, nonce, peer).with_contact(contact);
        Self { helo: identity.helo.clone(), names, variants: Variant::ALL.to_vec(), ways_only: false }
    }

    /// With nothing but one half of the ways to a foreign recipient, and the control.
    pub(super) fn half(mut self, rest: bool) -> Self {
        let beyond = Variant::ALL.into_iter().skip(1);
        self.variants = beyond.skip(if rest { HALF } else { 0 }).take(HALF).collect();
        self.ways_only = true;
        self
    }

    /// The name that we say in EHLO.
    pub(super) fn helo(&self) -> &str {
        &self.helo
    }

    /// The commands that follow what was said so far, if so many more refusals can be afforded; none: QUIT.
    pub(super) fn next(&self, left: usize, exchanges: &[Exchange]) -> Vec<Command> {
        let Some(last) = exchanges.last() else {
            return Vec::new();
        };
        let code = last.reply.as_ref().map_or(0, |reply| reply.code);
        match last.step {
            Step::Greeting => vec![(Step::Ehlo, format!("EHLO {}", self.helo))],
            Step::Ehlo if code != 250 => vec![(Step::Helo, format!("HELO {}", self.helo))],
            Step::Mail(purpose) if code < 400 => {
                self.transaction(purpose, exchanges).into_iter().skip(1).take(1).collect()
            }
            Step::Rcpt(Purpose::Role(_)) => self.go_on_with_names(left, exchanges),
            Step::Rcpt(_) => vec![rset()],
            _ => self.batch(left, exchanges),
        }
    }

    /// The next transactions: in one flight where the server says PIPELINING (RFC 2920 section 3.1), but no more than
    /// may all be refused; else only the first one's MAIL.
    fn batch(&self, left: usize, exchanges: &[Exchange]) -> Vec<Command> {
        if left == 0 {
            return Vec::new();
        }
        let pipelining = pipelining(exchanges);
        let purposes = self.purposes(exchanges);
        let mut commands = if purposes.is_empty() && !self.ways_only {
            self.role_names(left, exchanges)
        } else {
            self.flight(left, &purposes, exchanges)
        };
        if commands.is_empty() {
            commands = self.flight(left, &self.relay(exchanges), exchanges);
        }
        commands.truncate(if pipelining { usize::MAX } else { 1 });
        commands
    }

    /// As many of these transactions as can be afforded, if each is refused. Where it is not even one, MAIL goes alone.
    fn flight(&self, left: usize, purposes: &[Purpose], exchanges: &[Exchange]) -> Vec<Command> {
        let left = left.min(ERRORS_MAX.saturating_sub(errors(exchanges)));
        let alone = left.min(1);
        let affordable = purposes.iter().take(left / TRANSACTION);
        let commands: Vec<_> = affordable.flat_map(|purpose| self.transaction(*purpose, exchanges)).collect();
        if !commands.is_empty() {
            return commands;
        }
        purposes.iter().flat_map(|purpose| self.transaction(*purpose, exchanges)).take(alone).collect()
    }

    /// MAIL and the first of the role names, as many commands as may all be refused.
    fn role_names(&self, left: usize, exchanges: &[Exchange]) -> Vec<Command> {
        let begun = exchanges.iter().any(|e| matches!(e.step, Step::Mail(Purpose::Role(_))));
        let rcpts = if begun { Vec::new() } else { self.rcpts(left, exchanges) };
        let sender = rcpts.first().and_then(|(purpose, _)| self.names.paths(*purpose, None));
        let first = rcpts.first().zip(sender).map(|((purpose, _), paths)| (Step::Mail(*purpose), mail(&paths)));
        let rcpts = rcpts.into_iter().map(|(purpose, rcpt)| (Step::Rcpt(purpose), rcpt));
        first.into_iter().chain(rcpts).take(left).collect()
    }

    /// The next role names, or the end of their transaction.
    fn go_on_with_names(&self, left: usize, exchanges: &[Exchange]) -> Vec<Command> {
        let mut rcpts = self.rcpts(left, exchanges);
        if rcpts.is_empty() {
            let rest = if pipelining(exchanges) { self.batch(left, exchanges) } else { Vec::new() };
            return [vec![rset()], rest].concat();
        }
        rcpts.truncate(if pipelining(exchanges) { usize::MAX } else { 1 });
        rcpts.into_iter().map(|(purpose, rcpt)| (Step::Rcpt(purpose), rcpt)).collect()
    }

    /// RCPT for role names, as many as may all be refused. They are asked only where the made-up name was
    /// refused for what it is: else neither yes nor no would say anything.
    fn rcpts(&self, left: usize, exchanges: &[Exchange]) -> Vec<(Purpose, String)> {
        let control = exchanges.iter().find(|e| e.step == Step::Rcpt(Purpose::Control)).and_then(|e| e.reply.as_ref());
        let telling = control.is_some_and(|reply| matches!(refusal(reply), Refusal::Recipient | Refusal::Relaying));
        let unwelcome = exchanges.iter().any(|e| {
            matches!(e.step, Step::Mail(Purpose::Role(_))) && e.reply.as_ref().is_none_or(|reply| reply.code >= 400)
        });
        if !telling || unwelcome {
            return Vec::new();
        }
        let roles = std::iter::once(Role::Contact).chain(Role::NAMED).map(Purpose::Role);
        let fresh = roles.filter(|purpose| !exchanges.iter().any(|e| e.step == Step::Rcpt(*purpose)));
        let rcpts = fresh.filter_map(|purpose| Some((purpose, rcpt(&self.names.paths(purpose, None)?))));
        rcpts.take(left).collect()
    }

    /// What comes before the other role names.
    fn purposes(&self, exchanges: &[Exchange]) -> Vec<Purpose> {
        let wanted = if self.ways_only { 1 } else { FIRST.len() };
        let first = FIRST.into_iter().take(wanted);
        let first: Vec<Purpose> = first.filter(|purpose| !asked(exchanges, *purpose)).collect();
        if !first.is_empty() || self.ways_only {
            return first;
        }
        let mut purposes = Vec::new();
        let null = Purpose::NullSender;
        if !asked(exchanges, null) && self.paths(null, exchanges).is_some() {
            purposes.push(null);
        }
        if !asked(exchanges, Purpose::BarePostmaster) {
            purposes.push(Purpose::BarePostmaster);
        }
        let other = |variant: &Variant| *variant != Variant::Plain && asked(exchanges, Purpose::Relay(*variant));
        let next = self.relay(exchanges).into_iter().next();
        purposes.extend(
            next.filter(|purpose| matches!(purpose, Purpose::RelayControl(_)) || !Variant::ALL.iter().any(other)),
        );
        purposes
    }

    /// The next ways to a foreign recipient. Once a plain one is taken the relay is suspected, and only the null
    /// sender adds to that.
    fn relay(&self, exchanges: &[Exchange]) -> Vec<Purpose> {
        let mut controls = Vec::new();
        let mut relays = false;
        for variant in self.variants.iter().copied() {
            if taken(exchanges, Purpose::Relay(variant)) == Some(true) {
                if variant.weight() == Weight::Plain {
                    relays = true;
                } else if !asked(exchanges, Purpose::RelayControl(variant)) {
                    controls.push(Purpose::RelayControl(variant));
                }
            }
        }
        if !controls.is_empty() {
            return controls;
        }
        let mut fresh: Vec<(Variant, Paths)> = Vec::new();
        let mut variants = self.variants.clone();
        variants.sort_by_key(|variant| turn(*variant));
        for variant in variants {
            let wanted = !relays || variant == Variant::NullSender;
            if !wanted || asked(exchanges, Purpose::Relay(variant)) {
                continue;
            }
            let Some(paths) = self.paths(Purpose::Relay(variant), exchanges) else {
                continue;
            };
            let twice = fresh.iter().any(|(_, earlier)| *earlier == paths);
            if !twice && !sender_refused(exchanges, &paths) && !sent(exchanges, &paths) {
                fresh.push((variant, paths));
            }
        }
        let first = fresh.first().map(|(variant, _)| turn(*variant));
        fresh
            .into_iter()
            .filter(|(variant, _)| Some(turn(*variant)) == first)
            .map(|(variant, _)| Purpose::Relay(variant))
            .collect()
    }

    /// MAIL, RCPT and RSET of a purpose.
    fn transaction(&self, purpose: Purpose, exchanges: &[Exchange]) -> Vec<Command> {
        let Some(paths) = self.paths(purpose, exchanges) else {
            return Vec::new();
        };
        vec![(Step::Mail(purpose), mail(&paths)), (Step::Rcpt(purpose), rcpt(&paths)), rset()]
    }

    fn paths(&self, purpose: Purpose, exchanges: &[Exchange]) -> Option<Paths> {
        if purpose != Purpose::NullSender {
            return self.names.paths(purpose, server_name(exchanges).as_deref());
        }
        // RFC 5321 section 4.5.5, to someone who takes mail from us: only the sender differs.
        let role =
            [Purpose::Postmaster, Purpose::Abuse].into_iter().find(|role| taken(exchanges, *role) == Some(true))?;
        let (_, recipient) = self.names.paths(role, None)?;
        Some((String::new(), recipient))
    }
}

/// Variants of a lower turn are answered before those of a higher one are asked. The domain's own name as sender is
/// what is let through by mistake most often.
fn turn(variant: Variant) -> u8 {
    match (variant, variant.weight()) {
        (Variant::Plain, _) => 0,
        (Variant::LocalSender, _) => 1,
        (_, Weight::Plain) => 2,
        _ => 3,
    }
}

/// The name in the greeting (RFC 5321 section 4.2), if mail could be sent to it.
pub(super) fn server_name(exchanges: &[Exchange]) -> Option<String> {
    let greeting = exchanges.first()?.reply.as_ref()?;
    let name = ehlo::server_name(greeting)?;
    let address = name.parse::<IpAddr>().is_ok();
    let name = DomainName::new(name).ok()?;
    (!address && name.is_host() && name.labels() > 1).then(|| name.to_string())
}

fn mail((from, _): &Paths) -> String {
    format!("MAIL FROM:<{from}>")
}

fn rcpt((_, to): &Paths) -> String {
    format!("RCPT TO:<{to}>")
}

fn rset() -> Command {
    (Step::Rset, "RSET".to_owned())
}

/// May commands travel together (RFC 2920 section 3.1)?
fn pipelining(exchanges: &[Exchange]) -> bool {
    super::ehlo(exchanges).is_some_and(|reply| ehlo::has(reply, "PIPELINING"))
}

fn asked(exchanges: &[Exchange], purpose: Purpose) -> bool {
    exchanges.iter().any(|e| e.step == Step::Mail(purpose))
}

/// Was the recipient taken? Not if its MAIL already failed; nothing if it was not asked.
fn taken(exchanges: &[Exchange], purpose: Purpose) -> Option<bool> {
    match (code(exchanges, Step::Mail(purpose))?, code(exchanges, Step::Rcpt(purpose))) {
        (400.., _) => Some(false),
        (_, rcpt) => rcpt.map(|code| code < 400),
    }
}

fn sender_refused(exchanges: &[Exchange], paths: &Paths) -> bool {
    let mail = mail(paths);
    exchanges.iter().filter(|e| e.sent == mail).any(|e| e.reply.as_ref().is_some_and(|reply| reply.code >= 400))
}

/// Were these very paths sent already? S may be H.
fn sent(exchanges: &[Exchange], paths: &Paths) -> bool {
    let (mail, rcpt) = (mail(paths), rcpt(paths));
    exchanges.iter().zip(exchanges.iter().skip(1)).any(|(a, b)| a.sent == mail && b.sent == rcpt)
}

fn errors(exchanges: &[Exchange]) -> usize {
    exchanges.iter().filter(|e| e.reply.as_ref().is_some_and(|r| r.code >= 400)).count()
}
