//! The scan's server-sent events.

use shared::api::Done;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Event, EventSource, MessageEvent};
use yew::Callback;

/// What the stream tells; evidence and waits as they came, for the engine to read.
pub(crate) enum News {
    Evidence(String),
    Asking(String),
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
        let evidence = message(tell, |data| Some(News::Evidence(data)));
        let asking = message(tell, |data| Some(News::Asking(data)));
        let done = message(tell, |data| shared::json::read(&data).map(News::Done));
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

/// Takes an event's text; what can't be read is left to the next poll.
fn message(tell: &Callback<News>, news: fn(String) -> Option<News>) -> Closure<dyn FnMut(MessageEvent)> {
    let tell = tell.clone();
    Closure::new(move |event: MessageEvent| {
        if let Some(news) = event.data().as_string().and_then(news) {
            tell.emit(news);
        }
    })
}
