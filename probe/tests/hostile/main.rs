//! Peers that mean harm, over real sockets. Each is met by the client's own session runner, and must
//! come to its end in time, within memory, and with a truthful account: what was not seen is not
//! held against the domain.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

mod certificates;
mod cuts;
mod lines;
mod peer;
mod smtp;
mod tls;
mod verdicts;
mod world;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mailsins_probe::dialogue::Talk;
use mailsins_probe::session::run;
use mailsins_probe::tls::Authorities;
use mailsins_probe::{Clock, Identity};
use peak_alloc::PeakAlloc;
use shared::evidence::TlsFault;
use shared::inquiry::Script;
use shared::{Answer, DomainName, Unseen};
use tokio::net::{TcpListener, TcpStream};

use peer::{Act, Cut, Peer};
use world::{Wire, World};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The most octets that a conversation may take from the heap, the peer's own included.
const MEMORY_MAX: usize = 20 * 1024 * 1024;

/// How far behind its deadline a conversation may end, in milliseconds.
const LATE_MAX: u64 = 2_000;

/// Memory is that of the whole program, so only one test may do anything at a time.
type Alone = MutexGuard<'static, ()>;

/// Waits for the other tests to end.
pub fn alone() -> Alone {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// When a conversation is to be over, in seconds.
#[derive(Clone, Copy)]
pub enum Time {
    /// At this time, not before it.
    At(u64),
    /// At this time at the latest.
    By(u64),
}

/// How many exchanges there are and why it broke off, or why there is no session.
pub type End = Result<(usize, Option<Unseen>), Unseen>;

/// A misbehaviour, and what is to come of it.
pub struct Row {
    name: &'static str,
    script: Script,
    acts: Vec<Act>,
    end: End,
    time: Time,
    /// The client goes into TLS; then what comes of that, if it comes to it: nothing is a success.
    tls: Option<Option<Option<TlsFault>>>,
    /// What the report accuses the domain of, on the strength of this alone.
    accused: &'static [&'static str],
    /// More to be looked at.
    look: fn(&Answer),
}

/// A row that ends at once, and accuses nobody.
pub fn row(name: &'static str, script: Script, acts: Vec<Act>, end: End) -> Row {
    Row { name, script, acts, end, time: Time::By(0), tls: None, accused: &[], look: |_| {} }
}

impl Row {
    /// It ends at its deadline.
    pub fn at(self, seconds: u64) -> Self {
        Self { time: Time::At(seconds), ..self }
    }

    /// The client would go into TLS, but it does not come to that.
    pub fn no_tls(self) -> Self {
        Self { tls: Some(None), ..self }
    }

    /// A handshake has 30 seconds.
    pub fn tls(self, fault: Option<TlsFault>) -> Self {
        Self { tls: Some(Some(fault)), time: Time::By(30), ..self }
    }

    /// What is seen is a fault.
    pub fn accused(self, accused: &'static [&'static str]) -> Self {
        Self { accused, ..self }
    }

    /// More to be looked at.
    pub fn look(self, look: fn(&Answer)) -> Self {
        Self { look, ..self }
    }
}

/// A name.
pub fn domain(name: &str) -> DomainName {
    DomainName::new(name).unwrap()
}

/// The script that asks for recipients.
pub fn recipients() -> Script {
    Script::SmtpRecipients { domain: domain("h.test"), contact: None }
}

/// What came of a conversation.
pub struct Ended {
    answer: Result<Answer, Unseen>,
    /// How long it took, in milliseconds, skipped time included.
    took: u64,
    memory: usize,
    /// How many octets the peer had sent: at the end of each reply, of its first flight in TLS, in all.
    marks: Vec<usize>,
    flight: usize,
    sent: usize,
}

/// Holds one conversation.
pub fn play(script: &Script, tls: bool, acts: &[Act], cut: Cut) -> Ended {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut ended = runtime.block_on(async {
        let world = World::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (ours, theirs) = tokio::join!(TcpStream::connect(address), listener.accept());
        let ours = Wire::new(ours.unwrap(), &world, false);
        let mut peer = Peer::new(Wire::new(theirs.unwrap().0, &world, true), &world, script, cut);
        let talk = Talk::new(script, &Identity::at(&domain("us.test")), "n", address.ip())
            .inside_tls(tls.then(|| domain("mx.h.test")), 25);
        let authorities = Authorities::default();
        let start = world.now();
        let answer = tokio::select! {
            biased;
            answer = run(ours, talk, &world, &authorities, |_| {}) => answer,
            _ = async { tokio::join!(peer.play(acts), world.turn()) } => panic!("time has ended"),
            () = tokio::time::sleep(Duration::from_secs(40)) => panic!("it hangs"),
        };
        let took = world.now() - start;
        Ended { answer, took, memory: 0, marks: peer.marks, flight: peer.flight, sent: peer.sent }
    });
    ended.memory = MEMORY.peak_usage().saturating_sub(before);
    ended
}

/// How a conversation ended, for comparison.
fn end_of(answer: &Result<Answer, Unseen>) -> End {
    match answer {
        Ok(Answer::Smtp(session)) => Ok((session.exchanges.len(), session.broke)),
        Ok(Answer::Lines(session)) => Ok((session.exchanges.len(), session.broke)),
        Ok(other) => panic!("{other:?}"),
        Err(why) => Err(*why),
    }
}

/// Plays a table of peers.
pub fn check(_: Alone, rows: &[Row]) {
    let mut wrong = Vec::new();
    for row in rows {
        let ended = play(&row.script, row.tls.is_some(), &row.acts, None);
        let (name, took, memory) = (row.name, ended.took, ended.memory);
        println!("{took:>7} ms {:>6} KB  {name}", memory / 1024);
        let mut expect = |is: bool, what: String| {
            if !is {
                wrong.push(format!("{name}: {what}"));
            }
        };
        let end = end_of(&ended.answer);
        expect(end == row.end, format!("{end:?}, not {:?}: {:?}", row.end, ended.answer));
        let (earliest, latest) = match row.time {
            Time::At(seconds) => (seconds * 1000, seconds * 1000),
            Time::By(seconds) => (0, seconds * 1000),
        };
        expect((earliest..=latest + LATE_MAX).contains(&took), format!("{took} ms"));
        expect(memory <= MEMORY_MAX, format!("{memory} octets"));
        let session = ended.answer.as_ref().ok();
        let outcome = match session {
            Some(Answer::Smtp(session)) => session.tls.as_ref().map(|tls| tls.secured().err()),
            _ => None,
        };
        expect(outcome == row.tls.flatten(), format!("TLS: {outcome:?}"));
        if let Some(answer) = session {
            (row.look)(answer);
        }
        let accused = verdicts::accused(&row.script, ended.answer);
        expect(accused == row.accused, format!("accused of {accused:?}"));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
