//! Server-sent events: what has landed, what is being waited for, the end.

use std::rc::Rc;
use std::time::Duration;

use futures_channel::mpsc::{self, UnboundedSender};
use futures_util::StreamExt;
use shared::api::{Asking, End};
use worker::Response;

use super::Inner;
use super::table::{Stored, Table};
use crate::problem::{Kind, Refusal};
use crate::respond::{self, Keep};
use crate::time;

/// How often a silent stream says that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// A broken connection is taken up again after a second.
const OPENING: &str = "retry: 1000\n\n";

/// How many may listen to one scan at once: each holds memory for as long as it stays.
const LISTENERS_MAX: usize = 50;

/// A stream of what lands from now on, after the evidence above `seq` that landed already.
pub fn open(scan: &Rc<Inner>, seq: u64) -> Result<Response, Refusal> {
    let listening = scan.change(|live| {
        live.listeners.retain(|listener| !listener.is_closed());
        live.listeners.len()
    });
    if listening >= Some(LISTENERS_MAX) {
        return Err(Refusal::of(Kind::RateLimited));
    }
    let (sender, receiver) = mpsc::unbounded();
    // No await between what was stored and the listener's place in the list: nothing is missed.
    let _ = sender.unbounded_send(OPENING.to_owned());
    for stored in Table::of(&scan.state).after(seq)? {
        let _ = sender.unbounded_send(evidence(&stored));
    }
    if let Some(live) = scan.live.borrow_mut().as_mut() {
        if live.over {
            // With nobody left to send, the stream ends.
            let _ = sender.unbounded_send(done(&End { cancelled: live.case.cancelled, summary: live.summary() }));
        } else {
            for one in live.asking.values() {
                let _ = sender.unbounded_send(asking(one));
            }
            live.listeners.push(sender.clone());
            scan.state.wait_until(beat(sender));
        }
    }
    let chunks = receiver.map(|text: String| Ok::<Vec<u8>, worker::Error>(text.into_bytes()));
    Ok(respond::headed("text/event-stream", Keep::No)?.from_stream(chunks)?)
}

/// A piece of evidence, as [`shared::api::Numbered`].
pub fn evidence(stored: &Stored) -> String {
    let Stored { seq, evidence } = stored;
    format!("id: {seq}\nevent: evidence\ndata: {{\"seq\":{seq},\"evidence\":{evidence}}}\n\n")
}

/// What is being waited for.
pub fn asking(asking: &Asking) -> String {
    event("asking", asking)
}

/// The end.
pub fn done(end: &End) -> String {
    event("done", end)
}

fn event<T: serde::Serialize>(name: &str, data: &T) -> String {
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("event: {name}\ndata: {data}\n\n")
}

/// Ends when the stream does, from either side.
async fn beat(listener: UnboundedSender<String>) {
    loop {
        time::sleep(HEARTBEAT).await;
        if listener.unbounded_send(":\n\n".to_owned()).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let stored = Stored { seq: 7, evidence: r#"{"a":1}"#.to_owned() };
        assert_eq!(evidence(&stored), "id: 7\nevent: evidence\ndata: {\"seq\":7,\"evidence\":{\"a\":1}}\n\n");
        let broken_off = End { cancelled: true, summary: None };
        assert_eq!(done(&broken_off), "event: done\ndata: {\"cancelled\":true,\"summary\":null}\n\n");
    }
}
