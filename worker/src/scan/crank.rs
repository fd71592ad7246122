//! What turns a scan: waking, asking, evidence landing, the end.

use std::rc::Rc;
use std::time::Duration;

use shared::api::{Asking, Drive, End, Stage};
use shared::grant::{Choice, Question};
use shared::{Answer, Evidence, Inquiry, Unseen, plan};

use super::table::Table;
use super::{Head, Inner, Live, errand, events};
use crate::{config, log, pool, time};

/// How often the alarm rings while a scan runs: the platform may evict an object without clients
/// after about 70 seconds, and an alarm brings it back.
const AWAKE_MS: u64 = 30_000;

/// A client drives for so long, in milliseconds. Then the scan asks by itself what is left: else a client could leave out
/// what it would rather not have in the report, and what is untested costs nothing.
const CLIENT_MS: u64 = 15_000;

/// The alarm: the scan is too old to keep, or out of time (which waking sees to), or still running.
pub async fn ring(scan: &Rc<Inner>) -> worker::Result<()> {
    let storage = scan.state.storage();
    // Before anything else is read: what cannot be read any more goes as well.
    let started = Table::of(&scan.state).started()?;
    if started.is_none_or(|started| scan.is_old(started)) || !scan.wake()? {
        scan.live.replace(None);
        return storage.delete_all().await;
    }
    if scan.look(|live| live.over) == Some(false) {
        // A client may have driven until now.
        scan.turn();
    }
    let look = |live: &Live| (live.over, live.head.started, live.head.end_of_time());
    let (over, started, end) = scan.look(look).unwrap_or((true, 0, 0));
    let now = time::now();
    let next = if over { started + config::day_ms(&scan.env) } else { (now + AWAKE_MS).min(end) };
    storage.set_alarm(Duration::from_millis(next.saturating_sub(now))).await
}

impl Inner {
    /// Makes the scan, with what was seen already.
    pub fn make(self: &Rc<Self>, head: Head, seen: Vec<Evidence>) -> worker::Result<()> {
        let table = Table::of(&self.state);
        table.make(&head)?;
        let mut live = Live::new(head.clone(), head.case(), false);
        for evidence in seen {
            add(&table, &mut live, evidence);
        }
        self.live.replace(Some(live));
        self.turn();
        if self.look(|live| live.over) == Some(false) {
            self.arm(CLIENT_MS);
        }
        Ok(())
    }

    /// Brings the scan back from SQL if it isn't in memory, asks again what was being asked when
    /// it was last awake, and ends it if its time is over. Says whether there is a scan.
    pub fn wake(self: &Rc<Self>) -> worker::Result<bool> {
        if self.live.borrow().is_none() {
            let table = Table::of(&self.state);
            let Some((head, cancelled)) = table.head()? else { return Ok(false) };
            if self.is_old(head.started) {
                return Ok(false);
            }
            let mut case = head.case();
            case.cancelled = cancelled;
            for stored in table.after(0)? {
                case.add(serde_json::from_str(&stored.evidence)?);
            }
            let over = cancelled || plan(&case).is_empty();
            self.live.replace(Some(Live::new(head, case, over)));
            if !over && time::now() < self.end_of_time() {
                for inquiry in table.pending()? {
                    self.start(inquiry);
                }
                self.turn();
            }
        }
        let now = time::now();
        if self.look(|live| live.over) == Some(false) && now >= self.end_of_time() {
            self.give_up(now);
        }
        Ok(self.look(|live| !self.is_old(live.head.started)) == Some(true))
    }

    /// Is a scan that began then to be forgotten?
    fn is_old(&self, started: u64) -> bool {
        time::now() >= started + config::day_ms(&self.env)
    }

    /// When what is missing becomes untested.
    fn end_of_time(&self) -> u64 {
        self.look(|live| live.head.end_of_time()).unwrap_or_default()
    }

    /// Reads the scan in memory.
    pub fn look<T>(&self, read: impl FnOnce(&Live) -> T) -> Option<T> {
        self.live.borrow().as_ref().map(read)
    }

    /// Changes the scan in memory.
    pub fn change<T>(&self, write: impl FnOnce(&mut Live) -> T) -> Option<T> {
        self.live.borrow_mut().as_mut().map(write)
    }

    /// Begins to ask an inquiry, unless it is being asked already.
    pub fn start(self: &Rc<Self>, inquiry: Inquiry) {
        let stage = match inquiry {
            Inquiry::Dns { .. } | Inquiry::Mail => Stage::Answer,
            Inquiry::Probe { .. } => Stage::Queued,
            Inquiry::Fetch { .. } => Stage::Reply,
            Inquiry::Arrival { .. } => Stage::Arrival,
            Inquiry::Owner { .. } => Stage::Owner,
        };
        let asking = Asking { inquiry: inquiry.clone(), since: time::now(), stage };
        let begun = self.change(|live| {
            if live.over || live.asking.contains_key(&inquiry) {
                return false;
            }
            live.tell(&events::asking(&asking));
            live.asking.insert(inquiry.clone(), asking);
            true
        });
        if begun != Some(true) {
            return;
        }
        if let Err(error) = Table::of(&self.state).pend(&inquiry) {
            log::failure("pend", &error);
        }
        let scan = self.clone();
        self.state.wait_until(Box::pin(async move {
            let evidence = errand::run(&scan, inquiry).await;
            if time::caught(async { scan.land(evidence) }).await.is_none() {
                log::panicked("land");
            }
        }));
    }

    /// An inquiry now waits for something else.
    pub fn stage(&self, inquiry: &Inquiry, stage: Stage) {
        self.change(|live| {
            let Some(asking) = live.asking.get_mut(inquiry) else { return };
            if asking.stage == stage {
                return;
            }
            *asking = Asking { stage, since: time::now(), ..asking.clone() };
            let text = events::asking(asking);
            live.tell(&text);
        });
    }

    /// The owner has said something. First answers stand.
    pub fn tell(self: &Rc<Self>, question: Question, choice: Choice) {
        let inquiry = Inquiry::Owner { question };
        let asked = self.look(|live| live.asking.get(&inquiry).map(|asking| asking.since)).flatten();
        if let Some(at) = asked {
            let took = u32::try_from(time::now().saturating_sub(at)).unwrap_or(u32::MAX);
            self.land(Evidence { inquiry, at, took, answer: Ok(Answer::Stated(choice)) });
        }
    }

    /// Evidence has come. What comes after the end is dropped.
    fn land(self: &Rc<Self>, evidence: Evidence) {
        let table = Table::of(&self.state);
        self.change(|live| {
            live.asking.remove(&evidence.inquiry);
            if !live.over {
                add(&table, live, evidence);
            }
        });
        self.turn();
    }

    /// Ends a complete scan; else, where the scan drives itself, asks what can be asked now.
    fn turn(self: &Rc<Self>) {
        let next = self.change(|live| {
            if live.over {
                return Vec::new();
            }
            let missing = plan(&live.case);
            if missing.is_empty() {
                end(live);
            }
            if live.head.drives_itself(time::now()) { missing } else { Vec::new() }
        });
        for inquiry in next.unwrap_or_default() {
            self.start(inquiry);
        }
        self.offer();
        if self.look(|live| live.over) == Some(true) {
            self.arm_for_the_end();
        }
    }

    /// Lets others have what was seen, once, if the scan's maker said so. Not what was given up: whoever scans anew may
    /// see more.
    fn offer(self: &Rc<Self>) {
        let offered = self.change(|live| {
            let whole = live.over && !live.case.cancelled;
            let late = |evidence: &Evidence| evidence.answer == Err(Unseen::OutOfTime);
            let key = live.head.shared.clone().filter(|_| whole && !live.offered && !live.case.evidence().any(late));
            live.offered |= key.is_some();
            Some((key?, live.head.started))
        });
        let Some((key, started)) = offered.flatten() else { return };
        let scan = self.clone();
        self.state.wait_until(Box::pin(async move {
            // What went wrong is in the log; the next scan is offered again.
            let _ = pool::offer(&scan.env, &key, &scan.state.id().to_string(), started).await;
        }));
    }

    /// The time is over: what is missing is untested.
    fn give_up(self: &Rc<Self>, now: u64) {
        let table = Table::of(&self.state);
        self.change(|live| {
            let mut case = live.case.clone();
            for evidence in case.give_up(now, Unseen::OutOfTime) {
                add(&table, live, evidence);
            }
            end(live);
        });
        self.arm_for_the_end();
    }

    /// Breaks the scan off. A complete scan stays complete.
    pub fn cancel(self: &Rc<Self>) -> worker::Result<()> {
        if self.look(|live| live.over) == Some(true) {
            return Ok(());
        }
        Table::of(&self.state).cancel()?;
        self.change(|live| {
            live.case.cancelled = true;
            end(live);
        });
        self.arm_for_the_end();
        Ok(())
    }

    fn arm_for_the_end(&self) {
        let started = self.look(|live| live.head.started).unwrap_or_default();
        self.arm((started + config::day_ms(&self.env)).saturating_sub(time::now()));
    }

    fn arm(&self, after_ms: u64) {
        let storage = self.state.storage();
        self.state.wait_until(async move {
            if let Err(error) = storage.set_alarm(Duration::from_millis(after_ms)).await {
                log::failure("set alarm", &error);
            }
        });
    }
}

impl Head {
    /// Does the scan ask by itself? `drive` stays what its maker said, by which the same request is known again.
    fn drives_itself(&self, now: u64) -> bool {
        self.drive == Drive::Server || now >= self.started + CLIENT_MS
    }
}

/// Stores evidence, adds it to the case and tells it. First answers stand.
fn add(table: &Table, live: &mut Live, evidence: Evidence) {
    match table.add(&evidence) {
        Ok(Some(stored)) => live.tell(&events::evidence(&stored)),
        Ok(None) => {}
        Err(error) => log::failure("store evidence", &error),
    }
    if let Err(error) = table.unpend(&evidence.inquiry) {
        log::failure("unpend", &error);
    }
    live.case.add(evidence);
}

/// The end: listeners are told, and nothing more is asked.
fn end(live: &mut Live) {
    live.over = true;
    live.asking.clear();
    if live.listeners.is_empty() {
        return;
    }
    let text = events::done(&End { cancelled: live.case.cancelled, summary: live.summary() });
    for listener in live.listeners.drain(..) {
        let _ = listener.unbounded_send(text.clone());
        listener.close_channel();
    }
}
