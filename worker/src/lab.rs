//! Faults, in the lab's build only: storage that fails, and a clock that is wrong. A request says from when on, in its
//! header `Mailsins-Lab-Faults`, such as `r2-put=fail, d1-read=slow, clock=-3600000`; an empty one ends them all. `./x faults`
//! sends it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use worker::Request;

use crate::storage::Call;
use crate::time;

/// How much longer a slow call takes.
const SLOW: Duration = Duration::from_millis(500);

/// So long that nobody waits for it.
const NEVER: Duration = Duration::from_secs(600);

thread_local! {
    /// What is wrong at the moment, for all objects: an isolate has one thread.
    static FAULTS: RefCell<BTreeMap<String, String>> = const { RefCell::new(BTreeMap::new()) };
}

/// Hears what a request says about faults, if it does.
pub fn hear(request: &Request) {
    let Ok(Some(text)) = request.headers().get("mailsins-lab-faults") else { return };
    let pairs = text.split(',').filter_map(|fault| fault.trim().split_once('='));
    let told = pairs.map(|(name, manner)| (name.to_owned(), manner.to_owned())).collect();
    FAULTS.with_borrow_mut(|faults| *faults = told);
}

/// Octets of the instance's memory.
pub fn memory() -> usize {
    #[cfg(target_arch = "wasm32")]
    return core::arch::wasm32::memory_size(0) << 16;
    #[cfg(not(target_arch = "wasm32"))]
    return 0;
}

fn manner(name: &str) -> String {
    FAULTS.with_borrow(|faults| faults.get(name).cloned()).unwrap_or_default()
}

/// How wrong the clock is, in milliseconds.
pub fn clock() -> i64 {
    manner("clock").parse().unwrap_or(0)
}

/// Carries a call out as badly as it is told to.
pub async fn faulty<T>(what: Call, work: impl Future<Output = worker::Result<T>>) -> worker::Result<T> {
    let broken = || Err(worker::Error::RustError(format!("{} fails in the lab", what.name())));
    match manner(what.name()).as_str() {
        "fail" => broken(),
        // Done, and nobody hears of it.
        "lost" => {
            work.await?;
            broken()
        }
        "slow" => {
            time::sleep(SLOW).await;
            work.await
        }
        "hang" => {
            time::sleep(NEVER).await;
            broken()
        }
        _ => work.await,
    }
}

/// A body as it comes out of storage that does not keep what it is given.
pub fn damaged(mut body: Vec<u8>) -> Vec<u8> {
    let half = body.len() / 2;
    match manner("body").as_str() {
        "cut" => body.truncate(half),
        "flipped" => body.iter_mut().skip(half).take(1).for_each(|byte| *byte ^= 0x10),
        "empty" => body.clear(),
        _ => {}
    }
    body
}
