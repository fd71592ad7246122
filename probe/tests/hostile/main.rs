//! Peers that mean harm, over real sockets. Each is met by the client's own session runner, and must
//! come to its end in time, within memory, and with a truthful account: what was not seen is not
//! held against the domain.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

mod certificates;
mod cuts;
mod lines;
mod peer;
mod row;
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
use shared::inquiry::Script;
use shared::{Answer, Unseen};
use tokio::net::{TcpListener, TcpStream};

use peer::{Act, Cut, Peer};
use row::{Row, Time, domain, end_of};
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

/// Plays a table of peers.
fn check(rows: &[Row]) {
    let _alone = alone();
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

#[test]
fn smtp_greetings() {
    check(&smtp::greetings());
}

#[test]
fn smtp_replies() {
    check(&smtp::replies());
}

#[test]
fn smtp_flights() {
    check(&smtp::flights());
}

#[test]
fn imap() {
    check(&lines::imap());
}

#[test]
fn pop() {
    check(&lines::pop());
}

#[test]
fn sieve() {
    check(&lines::sieve());
}

#[test]
fn tls_handshakes() {
    check(&tls::handshakes());
}

#[test]
fn tls_certificates_of_all_sorts() {
    check(&tls::certificates_of_all_sorts());
}

#[test]
fn tls_inside() {
    check(&tls::inside());
}
