//! Turns plan and evidence until nothing is missing.

use std::collections::BTreeSet;
use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use probe::Clock;
use shared::{Case, Unseen, plan};

use crate::ask::Asker;
use crate::progress::Progress;

/// How often the progress line is drawn.
const TICK: Duration = Duration::from_millis(250);

/// Asks what the plan names, all of it side by side, until the plan is empty, the time is over or
/// the user breaks off (then the case is cancelled).
pub(crate) async fn turn(case: &mut Case, asker: &Asker<'_>, progress: &Progress, deadline: u64) {
    let mut asking = BTreeSet::new();
    let mut answers = FuturesUnordered::new();
    let mut broken_off = pin!(broken_off());
    let mut tick = tokio::time::interval(TICK);
    loop {
        for inquiry in plan(case) {
            if asking.insert(inquiry.clone()) {
                let due = case.due(&inquiry);
                answers.push(asker.ask_at(inquiry, due));
            }
        }
        if answers.is_empty() {
            break;
        }
        tokio::select! {
            Some(evidence) = answers.next() => {
                asking.remove(&evidence.inquiry);
                progress.answered(case, &evidence);
                case.add(evidence);
            }
            () = asker.run.clock.until(deadline) => {
                case.give_up(asker.run.clock.now(), Unseen::OutOfTime);
                break;
            }
            () = &mut broken_off => {
                case.cancelled = true;
                asker.run.cancelled.set(true);
                break;
            }
            _ = tick.tick() => progress.draw(case, &asker.board.borrow(), asker.run.clock.now()),
        }
    }
    progress.done(case);
}

/// Ends when the user presses Ctrl-C.
async fn broken_off() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
