//! One line of JSON a request. No domain, no address, no text from a client or a peer.

use serde::Serialize;
use shared::Unseen;
use worker::{Method, console_error, console_log};

#[derive(Serialize)]
struct Line<'a> {
    route: &'a str,
    method: String,
    status: u16,
    ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    /// In the lab, what the instance has for its memory by now, in octets. It never gives any back.
    #[cfg(feature = "lab")]
    memory: usize,
}

/// A request was answered. `class` is the last part of a problem's type.
pub fn request(route: &str, method: &Method, status: u16, ms: u64, class: Option<String>) {
    let line = Line {
        route,
        method: method.to_string(),
        status,
        ms,
        class,
        #[cfg(feature = "lab")]
        memory: crate::lab::memory(),
    };
    if let Ok(text) = serde_json::to_string(&line) {
        console_log!("{text}");
    }
}

/// Something of ours failed: where, and the kind of the error.
pub fn failure(place: &str, error: &worker::Error) {
    let kind: &'static str = error.into();
    console_error!("{}", serde_json::json!({ "failure": place, "kind": kind }));
}

/// The exit to port 25 is of no use, and why: something for the operator to mend.
pub fn exit(why: Unseen) {
    console_error!("{}", serde_json::json!({ "exit": why.code() }));
}

/// A domain could not be checked again, or is given up until the next time: the kind of the failure.
pub fn recheck(class: &str) {
    console_error!("{}", serde_json::json!({ "recheck": class }));
}

/// From now on a panic is logged by its place only: its text may quote a peer. The platform's crate
/// sets a hook of its own at start, so this is called later. Where panics abort, that hook has to
/// stay, since it restarts the instance.
pub fn panics_by_place() {
    #[cfg(panic = "unwind")]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        ONCE.call_once(|| {
            std::panic::set_hook(Box::new(|panic| {
                let place = panic.location().map(ToString::to_string);
                console_error!("{}", serde_json::json!({ "panic": place }));
            }));
        });
    }
}

/// A panic was caught: what it broke off.
pub fn panicked(place: &str) {
    console_error!("{}", serde_json::json!({ "panicked": place }));
}
