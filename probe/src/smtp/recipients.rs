//! Which recipients a server takes: the role names, a made-up one, the null sender, and foreign
//! ones within the courtesy budget. Never DATA. One recipient a transaction, but for the role names that only
//! a note hangs on: these share one, since Exim counts every RSET but the first among the ten commands without mail that
//! it takes (smtp_accept_max_nonmail), and the others need nine.

use std::net::IpAddr;

use shared::DomainName;
use shared::evidence::{Exchange, Purpose, Role, Step, Variant, Weight};
use shared::local_part::LocalPart;
use shared::syntax::ehlo;
use shared::syntax::refusal::{Refusal, refusal};

use super::variant::{Names, Paths};
use super::{Command, code};
use crate::Identity;

/// After so many relay attempts that were not taken within the cool-down we stop: servers count
/// them, and fail2ban acts on them.
pub const RELAY_REFUSALS_MAX: usize = 4;
/// After so many refused role names no other is asked: fail2ban counts unknown users, too.
const ROLE_REFUSALS_MAX: usize = 2;
/// No conversation goes on beyond so many errors (Postfix slows down after 10).
const ERRORS_MAX: usize = 10;
/// What every host is asked, in this order.
const ROLES: [Purpose; 4] = [Purpose::Postmaster, Purpose::BarePostmaster, Purpose::Abuse, Purpose::Control];

/// The script for one domain at one host.
#[derive(Debug)]
pub(super) struct Recipients {
    helo: String,
    names: Names,
    relay_refusals_max: usize,
}

impl Recipients {
    pub(super) fn new(
        (domain, contact): (&DomainName, Option<&LocalPart>),
        identity: &Identity,
        nonce: &str,
        peer: IpAddr,
    ) -> Self {
        Self {
            helo: identity.helo.clone(),
            names: Names::new(domain, identity, nonce, peer).with_contact(contact),
            relay_refusals_max: RELAY_REFUSALS_MAX,
        }
    }

    /// The name that we say in EHLO.
    pub(super) fn helo(&self) -> &str {
        &self.helo
    }

    /// Another budget than that of a host that nobody has asked lately.
    pub(super) fn allow(&mut self, relay_refusals: usize) {
        self.relay_refusals_max = relay_refusals;
    }

    /// The commands that follow what was said so far; none: QUIT.
    pub(super) fn next(&self, exchanges: &[Exchange]) -> Vec<Command> {
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
            Step::Rcpt(Purpose::Role(_)) => self.go_on_with_names(exchanges),
            Step::Rcpt(_) => vec![rset()],
            _ => self.batch(exchanges),
        }
    }

    /// The next transactions: all in one flight where the server says PIPELINING (RFC 2920
    /// section 3.1), else only the first one's MAIL.
    fn batch(&self, exchanges: &[Exchange]) -> Vec<Command> {
        let pipelining = pipelining(exchanges);
        let mut commands = self.names(exchanges);
        if commands.is_empty() {
            let mut left = ERRORS_MAX.saturating_sub(errors(exchanges));
            let affordable = self.purposes(exchanges).into_iter().take_while(|purpose| {
                let cost = self.cost(*purpose, exchanges);
                let enough = cost <= left;
                left = left.saturating_sub(cost);
                enough
            });
            commands = affordable.flat_map(|purpose| self.transaction(purpose, exchanges)).collect();
        }
        commands.truncate(if pipelining { usize::MAX } else { 1 });
        commands
    }

    /// How many errors a transaction can come to: two where MAIL may be refused, and RCPT is on its way already.
    fn cost(&self, purpose: Purpose, exchanges: &[Exchange]) -> usize {
        let mail = self.paths(purpose, exchanges).map(|paths| mail(&paths)).unwrap_or_default();
        let welcome = |e: &Exchange| e.sent == mail && e.reply.as_ref().is_some_and(|reply| reply.code < 400);
        if exchanges.iter().any(welcome) { 1 } else { 2 }
    }

    /// MAIL and the first of the role names, once it is their turn.
    fn names(&self, exchanges: &[Exchange]) -> Vec<Command> {
        let begun = exchanges.iter().any(|e| matches!(e.step, Step::Mail(Purpose::Role(_))));
        let rcpts = if begun { Vec::new() } else { self.rcpts(exchanges) };
        let sender = rcpts.first().and_then(|(purpose, _)| self.names.paths(*purpose, None));
        let first = rcpts.first().zip(sender).map(|((purpose, _), paths)| (Step::Mail(*purpose), mail(&paths)));
        first.into_iter().chain(rcpts.into_iter().map(|(purpose, rcpt)| (Step::Rcpt(purpose), rcpt))).collect()
    }

    /// The next role names, or the end of their transaction.
    fn go_on_with_names(&self, exchanges: &[Exchange]) -> Vec<Command> {
        let mut rcpts = self.rcpts(exchanges);
        if rcpts.is_empty() {
            let rest = if pipelining(exchanges) { self.batch(exchanges) } else { Vec::new() };
            return [vec![rset()], rest].concat();
        }
        rcpts.truncate(if pipelining(exchanges) { usize::MAX } else { 1 });
        rcpts.into_iter().map(|(purpose, rcpt)| (Step::Rcpt(purpose), rcpt)).collect()
    }

    /// RCPT for role names, as many as may be refused together. They are asked only where the made-up name was
    /// refused for what it is: else neither yes nor no would say anything.
    fn rcpts(&self, exchanges: &[Exchange]) -> Vec<(Purpose, String)> {
        let control = exchanges.iter().find(|e| e.step == Step::Rcpt(Purpose::Control)).and_then(|e| e.reply.as_ref());
        let telling = control.is_some_and(|reply| matches!(refusal(reply), Refusal::Recipient | Refusal::Relaying));
        let refused = exchanges.iter().filter(|e| {
            matches!(e.step, Step::Mail(Purpose::Role(_)) | Step::Rcpt(Purpose::Role(_)))
                && e.reply.as_ref().is_some_and(|reply| reply.code >= 400)
        });
        let refused = refused.count();
        let unwelcome = exchanges.iter().any(|e| {
            matches!(e.step, Step::Mail(Purpose::Role(_))) && e.reply.as_ref().is_none_or(|reply| reply.code >= 400)
        });
        if !telling || unwelcome {
            return Vec::new();
        }
        let roles = std::iter::once(Role::Contact).chain(Role::NAMED).map(Purpose::Role);
        let fresh = roles.filter(|purpose| !exchanges.iter().any(|e| e.step == Step::Rcpt(*purpose)));
        let rcpts = fresh.filter_map(|purpose| Some((purpose, rcpt(&self.names.paths(purpose, None)?))));
        rcpts.take(ROLE_REFUSALS_MAX.saturating_sub(refused)).collect()
    }

    /// What can be asked now. All of it is wanted, whatever the answers to the rest of it are.
    fn purposes(&self, exchanges: &[Exchange]) -> Vec<Purpose> {
        let roles: Vec<Purpose> = ROLES.into_iter().filter(|role| !asked(exchanges, *role)).collect();
        if !roles.is_empty() {
            return roles;
        }
        let mut purposes = Vec::new();
        let null = Purpose::NullSender;
        if !asked(exchanges, null) && self.paths(null, exchanges).is_some() {
            purposes.push(null);
        }
        purposes.extend(self.relay(exchanges));
        purposes
    }

    /// The next relay variants. Once a plain one is taken the relay is suspected, and only the null
    /// sender adds to that.
    fn relay(&self, exchanges: &[Exchange]) -> Vec<Purpose> {
        let mut controls = Vec::new();
        let mut refusals = 0;
        let mut relays = false;
        for variant in Variant::ALL {
            match taken(exchanges, Purpose::Relay(variant)) {
                Some(true) if variant.weight() == Weight::Plain => relays = true,
                Some(true) if !asked(exchanges, Purpose::RelayControl(variant)) => {
                    controls.push(Purpose::RelayControl(variant));
                }
                Some(false) => refusals += 1,
                _ => {}
            }
        }
        if !controls.is_empty() {
            return controls;
        }
        let mut fresh: Vec<(Variant, Paths)> = Vec::new();
        for variant in Variant::ALL {
            let wanted = !relays || turn(variant) == 0;
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
        let first = fresh.iter().map(|(variant, _)| turn(*variant)).min();
        fresh
            .into_iter()
            .filter(|(variant, _)| Some(turn(*variant)) == first)
            .map(|(variant, _)| Purpose::Relay(variant))
            .take(self.relay_refusals_max.saturating_sub(refusals))
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

/// Variants of a lower turn are answered before those of a higher one are asked.
fn turn(variant: Variant) -> u8 {
    match (variant, variant.weight()) {
        (Variant::Plain | Variant::NullSender, _) => 0,
        (_, Weight::Plain) => 1,
        _ => 2,
    }
}

/// The name in the greeting (RFC 5321 section 4.2), if mail could be sent to it.
fn server_name(exchanges: &[Exchange]) -> Option<String> {
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
