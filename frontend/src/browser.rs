//! Starting the page in a browser.

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Event, HtmlDetailsElement, HtmlElement};
use yew::Renderer;

use crate::app::App;
use crate::served::{Served, ServedPage, ServedProps};

/// Brings a served page to life where there is one, else draws the page of this address.
pub fn start() {
    let Some(document) = web_sys::window().and_then(|w| w.document()) else { return };
    let Some(root) = document.get_element_by_id("app") else { return };
    if let Some(html) = document.document_element() {
        let _ = html.class_list().add_1("js"); // shows what needs JavaScript
    }
    open_on_paper(&document);
    let served = document.get_element_by_id("page").and_then(|e| e.text_content());
    match served.and_then(|json| shared::json::read::<Served>(&json)) {
        Some(page) => drop(Renderer::<ServedPage>::with_root_and_props(root, ServedProps { page }).hydrate()),
        None => drop(Renderer::<App>::with_root(root).render()),
    }
}

/// Folded parts are printed, too.
fn open_on_paper(document: &Document) {
    let Some(window) = web_sys::window() else { return };
    let document = document.clone();
    let open = Closure::<dyn FnMut(Event)>::new(move |_| {
        let Ok(folds) = document.query_selector_all("details") else { return };
        for n in 0..folds.length() {
            if let Some(fold) = folds.item(n).and_then(|node| node.dyn_into::<HtmlDetailsElement>().ok()) {
                fold.set_open(true);
            }
        }
    });
    let _ = window.add_event_listener_with_callback("beforeprint", open.as_ref().unchecked_ref());
    open.forget(); // lives as long as the page
}

/// IDNA by the browser's own URL parser (UTS 46), so that the download need not carry the tables.
pub(crate) fn to_ascii(host: &str) -> Option<String> {
    let url = web_sys::Url::new(&format!("http://{host}/")).ok()?;
    Some(url.hostname()).filter(|name| !name.is_empty())
}

/// Milliseconds since 1970.
pub(crate) fn now() -> u64 {
    js_sys::Date::now() as u64
}

/// Names the page.
pub(crate) fn title(title: &str) {
    if let Some(document) = web_sys::window().and_then(|w| w.document()) {
        document.set_title(title);
    }
}

/// Moves the focus to the element of this id.
pub(crate) fn focus(id: &str) {
    let element = web_sys::window().and_then(|w| w.document()).and_then(|d| d.get_element_by_id(id));
    if let Some(element) = element.and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Scrolls to the part that the address's fragment names, and opens what it is folded in. Is there one?
pub(crate) fn to_fragment() -> bool {
    let Some(window) = web_sys::window() else { return false };
    let hash = window.location().hash().unwrap_or_default();
    let Some(target) = hash.strip_prefix('#').and_then(|id| window.document()?.get_element_by_id(id)) else {
        return false;
    };
    let mut inside = Some(target.clone());
    while let Some(fold) = inside.and_then(|e| e.closest("details").ok().flatten()) {
        let _ = fold.set_attribute("open", "");
        inside = fold.parent_element();
    }
    target.scroll_into_view();
    true
}

/// Does the browser know that it is offline?
pub(crate) fn is_offline() -> bool {
    web_sys::window().is_some_and(|w| !w.navigator().on_line())
}

/// The site's own address, without a trailing slash.
pub(crate) fn origin() -> String {
    web_sys::window().and_then(|w| w.location().origin().ok()).unwrap_or_default()
}

/// Changes the address without a new page, in place of the one that stands there.
pub(crate) fn replace(url: &str) {
    if let Some(history) = web_sys::window().and_then(|window| window.history().ok()) {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(url));
    }
}

/// Changes the address without a new page. The same address again is no new entry.
pub(crate) fn push(url: &str) {
    let Some(window) = web_sys::window() else { return };
    let Ok(history) = window.history() else { return };
    let location = window.location();
    let here = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
    // Where the browser refuses, the page changes anyway.
    let _ = if here == url {
        history.replace_state_with_url(&JsValue::NULL, "", Some(url))
    } else {
        history.push_state_with_url(&JsValue::NULL, "", Some(url))
    };
}
