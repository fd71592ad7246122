//! The scan's server-sent events.

use serde::de::DeserializeOwned;
use shared::api::{Asking, Done, Numbered};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Event, EventSource, MessageEvent};
use yew::Callback;

/// What the stream tells.
pub(crate) enum News {
    Evidence(Box<Numbered>),
    Asking(Asking),
    Done(Done),
    /// The connection broke. The browser tries again by itself, unless it is closed for good.
    Broken {
        closed: bool,
    },
}

/// An open stream; closed when dropped.
pub(crate) struct Stream {
    source: EventSource,
    _messages: [Closure<dyn FnMut(MessageEvent)>; 3],
    _error: Closure<dyn FnMut(Event)>,
}

impl Stream {
    /// Opens the stream of a scan; nothing if the browser can't.
    pub(crate) fn open(id: &str, tell: &Callback<News>) -> Option<Self> {
        let source = EventSource::new(&format!("/api/v1/scans/{id}/events")).ok()?;
        let evidence = parsed(tell, |piece| News::Evidence(Box::new(piece)));
        let asking = parsed(tell, News::Asking);
        let done = parsed(tell, News::Done);
        for (name, closure) in [("evidence", &evidence), ("asking", &asking), ("done", &done)] {
            source.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref()).ok()?;
        }
        let error = {
            let (tell, source) = (tell.clone(), source.clone());
            Closure::<dyn FnMut(Event)>::new(move |_| {
                tell.emit(News::Broken { closed: source.ready_state() == EventSource::CLOSED });
            })
        };
        source.set_onerror(Some(error.as_ref().unchecked_ref()));
        Some(Self { source, _messages: [evidence, asking, done], _error: error })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.set_onerror(None);
        self.source.close();
    }
}

/// Reads an event's JSON; what can't be read is left to the next poll.
fn parsed<T: DeserializeOwned + 'static>(
    tell: &Callback<News>,
    news: impl Fn(T) -> News + 'static,
) -> Closure<dyn FnMut(MessageEvent)> {
    let tell = tell.clone();
    Closure::new(move |event: MessageEvent| {
        let data = event.data().as_string().unwrap_or_default();
        if let Ok(data) = serde_json::from_str(&data) {
            tell.emit(news(data));
        }
    })
}
