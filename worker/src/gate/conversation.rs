//! One errand: wait for the turn, look whether the answer is known, else dial.

use std::cell::Cell;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use futures_channel::mpsc::UnboundedSender;
use futures_util::future::join_all;
use futures_util::lock::{Mutex, MutexGuard};
use probe::dialogue::Talk;
use probe::letter::Letter;
use probe::smtp::REFUSALS_MAX;
use shared::api::Stage;
use shared::inquiry::Script;
use shared::{Evidence, Inquiry, Unseen};

use super::memory::{Memory, day_end};
use super::{Errand, Inner, Line, exit, is_left_today, names, network};
use crate::{config, dial, time};

/// How many may wait for a host behind the one who is talking to it.
const WAITING_MAX: usize = 20;

/// How many may wait for a gate in all, those included who ask the same.
const CALLERS_MAX: usize = 1_000;

/// So many conversations a host has with us within its rest, whatever they are about and by whatever name it was found. A scan
/// has 32 with an address at most: four a port, eight ports. That leaves room for a neighbour in its /64, and for other
/// domains, each of which asks three questions of its own. What the host's owner asked for has bounds of its own.
const CONVERSATIONS_MAX: usize = 96;

/// So many of them are for what a host says to everybody: many domains at one host don't use them up.
const FOR_ALL: usize = 32;

/// A conversation ends this long before the scan does, in milliseconds, so that it can say QUIT and
/// what was heard is kept.
const FAREWELL_MS: u64 = 3_000;

type Lines = UnboundedSender<Vec<u8>>;

/// Runs an errand and writes the lines of its answer.
pub async fn hold(gate: &Inner, errand: &Errand, lines: &Lines) {
    let asked = time::now();
    let evidence = match time::caught(answer(gate, errand, lines)).await {
        Some(Ok(evidence)) => evidence,
        Some(Err(why)) => unseen(errand, asked, why),
        None => unseen(errand, asked, Unseen::Failed),
    };
    send(lines, &Line::Evidence(Box::new(evidence)));
    lines.close_channel();
}

async fn answer(gate: &Inner, errand: &Errand, lines: &Lines) -> Result<Evidence, Unseen> {
    let Inquiry::Probe { address, port, host, script } = &errand.inquiry else { return Err(Unseen::Failed) };
    if !dial::is_allowed(*address, *port) {
        return Err(Unseen::Failed);
    }
    let memory = Memory::of(&gate.state);
    if let Some(known) = memory.recall(&errand.inquiry, time::now()).map_err(ours)? {
        return Ok(known);
    }
    // Those who ask the same stand in the host's queue as one: whoever comes behind finds the answer.
    let same = Same::of(gate, &errand.inquiry).ok_or(Unseen::GateBusy)?;
    let _first = same.first(lines).await;
    if let Some(known) = memory.recall(&errand.inquiry, time::now()).map_err(ours)? {
        return Ok(known);
    }
    let _turn = turn(gate, lines).await?;
    let now = time::now();
    if now >= errand.until {
        return Err(Unseen::OutOfTime);
    }
    let lately = memory.lately(now).map_err(ours)?;
    let refusals_left = REFUSALS_MAX.saturating_sub(lately.refusals());
    if !script.is_active() && lately.conversations() >= most(script) {
        return Err(Unseen::GateBusy);
    }
    let brings_code = errand.letter.as_ref().is_some_and(|letter| letter.code.is_some());
    if brings_code && refusals_left == 0 {
        return Err(Unseen::GateBusy);
    }
    admit(gate, &memory, *address, now).await?;
    if brings_code {
        let letters = format!("letters to {}", names(*address).0);
        if !is_left_today(&gate.env, &letters, config::LETTERS_MAX).await.map_err(ours)? {
            return Err(Unseen::GateCap);
        }
    }
    let mut identity = probe::Identity::at(&errand.probe_domain);
    match (&errand.letter, script) {
        (Some(letter), _) => {
            identity.letter = Letter { link: letter.link.clone(), at: now, code: letter.code.clone() };
        }
        // Only a run of active tests has messages sent.
        (None, script) if script.is_active() => return Err(Unseen::NeedsConsent),
        _ => {}
    }
    let dialogue = || {
        Talk::new(script, &identity, &errand.nonce, *address)
            .inside_tls(host.clone(), *port)
            .refusals_left(refusals_left)
            .until(errand.until.saturating_sub(FAREWELL_MS))
    };
    let dialogues = (0..script.connections()).map(|_| dialogue()).collect();
    let mut evidence = talk(gate, errand, *address, *port, dialogues, lines).await;
    exit::weigh(gate, &memory, *address, *port, &mut evidence).await;
    let rest = config::rest(&gate.env);
    memory.keep(&evidence, rest).map_err(ours)?;
    gate.state.storage().set_alarm(Duration::from_millis(rest.answered + 1000)).await.map_err(ours)?;
    Ok(evidence)
}

/// How many conversations a host may have had where another one is to begin.
const fn most(script: &Script) -> usize {
    match script {
        Script::SmtpRecipients { .. } | Script::SubmissionSurvey { .. } => CONVERSATIONS_MAX - FOR_ALL,
        _ => CONVERSATIONS_MAX,
    }
}

/// Waits until nobody else talks to this host.
async fn turn<'a>(gate: &'a Inner, lines: &Lines) -> Result<MutexGuard<'a, ()>, Unseen> {
    if let Some(turn) = gate.turn.try_lock() {
        return Ok(turn);
    }
    if gate.waiting.get() >= WAITING_MAX {
        return Err(Unseen::GateBusy);
    }
    let _place = Place::take(&gate.waiting);
    send(lines, &Line::Stage(Stage::Queued));
    Ok(gate.turn.lock().await)
}

/// The first conversation with a host in a day is counted in its network.
async fn admit(gate: &Inner, memory: &Memory, address: IpAddr, now: u64) -> Result<(), Unseen> {
    let (host, network) = names(address);
    if memory.is_counted(&host, now).map_err(ours)? {
        return Ok(());
    }
    if !network::admits(&gate.env, &network).await.map_err(ours)? {
        return Err(Unseen::GateCap);
    }
    memory.count(&host, now).map_err(ours)?;
    // Whatever becomes of the conversation, this is forgotten.
    gate.state.storage().set_alarm(Duration::from_millis(day_end(now) - now + 1000)).await.map_err(ours)
}

async fn talk(
    gate: &Inner,
    errand: &Errand,
    address: IpAddr,
    port: u16,
    dialogues: Vec<Talk>,
    lines: &Lines,
) -> Evidence {
    let at = time::now();
    let conversation = async {
        // The scan would not have begun if this were of no use.
        let egress = config::egress(&gate.env).map_err(|_| Unseen::Failed)?;
        let way = dial::Way { egress, prohibited: config::is_port_25_prohibited(&gate.env) };
        let authorities = config::authorities(&gate.env);
        let on_stage = |stage| send(lines, &Line::Stage(stage));
        let held = dialogues.into_iter().map(|talk| dial::converse(address, port, &way, talk, &authorities, on_stage));
        probe::dialogue::beside(join_all(held).await)
    };
    // Caught here rather than by the caller, so that a defect of ours costs one piece of evidence
    // and the turn is passed on.
    let answer = time::caught(conversation).await.unwrap_or(Err(Unseen::Failed));
    let took = u32::try_from(time::now().saturating_sub(at)).unwrap_or(u32::MAX);
    Evidence { inquiry: errand.inquiry.clone(), at, took, answer }
}

fn unseen(errand: &Errand, at: u64, why: Unseen) -> Evidence {
    let took = u32::try_from(time::now().saturating_sub(at)).unwrap_or(u32::MAX);
    Evidence { inquiry: errand.inquiry.clone(), at, took, answer: Err(why) }
}

/// A failure of the platform's, which says nothing of the host.
fn ours(error: worker::Error) -> Unseen {
    crate::log::failure("gate", &error);
    Unseen::Failed
}

/// A closed channel means that the asker went away, which changes nothing.
fn send(lines: &Lines, line: &Line) {
    if let Ok(mut text) = serde_json::to_vec(line) {
        text.push(b'\n');
        let _ = lines.unbounded_send(text);
    }
}

/// Everyone who asks one inquiry at this moment.
struct Same<'a> {
    gate: &'a Inner,
    inquiry: &'a Inquiry,
    lock: Rc<Mutex<()>>,
}

impl<'a> Same<'a> {
    /// Joins them, unless they are too many.
    fn of(gate: &'a Inner, inquiry: &'a Inquiry) -> Option<Self> {
        let mut asked = gate.asked.borrow_mut();
        if asked.values().map(Rc::strong_count).sum::<usize>() >= CALLERS_MAX {
            return None;
        }
        let lock = Rc::clone(asked.entry(inquiry.clone()).or_default());
        Some(Self { gate, inquiry, lock })
    }

    /// Waits until none of the others is asking.
    async fn first(&self, lines: &Lines) -> MutexGuard<'_, ()> {
        if let Some(first) = self.lock.try_lock() {
            return first;
        }
        send(lines, &Line::Stage(Stage::Queued));
        self.lock.lock().await
    }
}

impl Drop for Same<'_> {
    fn drop(&mut self) {
        // The map's own, and ours.
        if Rc::strong_count(&self.lock) <= 2 {
            self.gate.asked.borrow_mut().remove(self.inquiry);
        }
    }
}

/// A place in the waiting list, given up when dropped.
struct Place<'a>(&'a Cell<usize>);

impl<'a> Place<'a> {
    fn take(waiting: &'a Cell<usize>) -> Self {
        waiting.set(waiting.get() + 1);
        Self(waiting)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}
