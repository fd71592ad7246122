//! Which page an address shows, and moving between pages without loading them anew.

use shared::lint::Kind;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, Event, MouseEvent, UrlSearchParams};
use yew::{Component, Context, Html, html};

use crate::pages::{LintPage, home, lint_index, lint_title};
use crate::scan::{Scan, Wish};
use crate::served::not_found;
use crate::{browser, engine};

/// A page of the browser's own. Reports come from the Worker.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Route {
    Home,
    Scan(Wish),
    /// All linters, or one.
    Lint(Option<Kind>),
    NotFound,
}

impl Route {
    /// The page at a path; `wish` is that of the query.
    fn of(path: &str, wish: Wish) -> Self {
        let path = path.trim_end_matches('/');
        if let Some(domain) = path.strip_prefix("/check/") {
            return Self::Scan(Wish { domain: domain.to_owned(), ..wish });
        }
        if let Some(kind) = path.strip_prefix("/lint/").and_then(Kind::named) {
            return Self::Lint(Some(kind));
        }
        match path {
            "" | "/index.html" => Self::Home,
            "/scan" if wish.domain.trim().is_empty() => Self::Home,
            "/scan" => Self::Scan(wish),
            "/lint" => Self::Lint(None),
            _ => Self::NotFound,
        }
    }

    fn here() -> Self {
        let Some(location) = web_sys::window().map(|w| w.location()) else { return Self::NotFound };
        let query = location.search().ok().and_then(|s| UrlSearchParams::new_with_str(&s).ok());
        let path = location.pathname().unwrap_or_default();
        let path = js_sys::decode_uri_component(&path).map_or(path, String::from);
        Self::of(&path, Wish::of(query.as_ref()))
    }

    fn title(&self) -> String {
        match self {
            Self::Home => "mailsins: the seven deadly sins of mail servers".to_owned(),
            Self::Scan(wish) => format!("Checking {} · mailsins", wish.domain),
            Self::Lint(kind) => format!("{} · mailsins", kind.map_or("Lint a record", lint_title)),
            Self::NotFound => "No such page · mailsins".to_owned(),
        }
    }
}

pub(crate) enum Msg {
    /// To an address of this site, perhaps with a word on what was made of the typed text.
    Go(String, Option<String>),
    /// The address changed under us: back, forward.
    Moved,
}

type Listener<E> = Closure<dyn FnMut(E)>;

pub(crate) struct App {
    route: Route,
    /// Counts visits, so that the same address twice is two scans.
    visit: u32,
    note: Option<String>,
    moved: bool,
    _listeners: Option<(Listener<Event>, Listener<MouseEvent>)>,
}

impl Component for App {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let route = Route::here();
        Self { route, visit: 0, note: None, moved: true, _listeners: listen(ctx) }
    }

    fn update(&mut self, _: &Context<Self>, msg: Msg) -> bool {
        let before = self.route.clone();
        self.note = None;
        match msg {
            Msg::Go(url, note) => {
                browser::push(&url);
                self.note = note;
                self.visit += 1;
            }
            Msg::Moved if Route::here() == before => return false, // a fragment only
            Msg::Moved => self.visit += 1,
        }
        self.route = Route::here();
        self.moved = true;
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let go = ctx.link().callback(|(url, note)| Msg::Go(url, note));
        match &self.route {
            Route::Home => home(go),
            Route::Scan(wish) => {
                html! { <Scan key={self.visit} wish={wish.clone()} note={self.note.clone()} {go} /> }
            }
            Route::Lint(None) => lint_index(),
            Route::Lint(Some(kind)) => html! { <LintPage key={kind.name()} kind={*kind} /> },
            Route::NotFound => not_found("page"),
        }
    }

    fn rendered(&mut self, _: &Context<Self>, first: bool) {
        if !std::mem::take(&mut self.moved) {
            return;
        }
        browser::title(&self.route.title());
        if !browser::to_fragment() && !first {
            browser::focus("main"); // so that a screen reader starts at the new page
            if let Some(window) = web_sys::window() {
                window.scroll_to_with_x_and_y(0.0, 0.0); // focus scrolls, so this comes after it
            }
        }
        if self.route == Route::Home {
            engine::soon(); // so that the scan to come need not wait for it
        }
    }
}

/// Back and forward, and plain clicks on links to pages of the browser's own.
fn listen(ctx: &Context<App>) -> Option<(Listener<Event>, Listener<MouseEvent>)> {
    let window = web_sys::window()?;
    let link = ctx.link().clone();
    let popped = Closure::<dyn FnMut(Event)>::new(move |_| link.send_message(Msg::Moved));
    window.add_event_listener_with_callback("popstate", popped.as_ref().unchecked_ref()).ok()?;
    let link = ctx.link().clone();
    let clicked = Closure::<dyn FnMut(MouseEvent)>::new(move |event: MouseEvent| {
        if let Some(url) = own_page(&event) {
            event.prevent_default();
            link.send_message(Msg::Go(url, None));
        }
    });
    window.document()?.add_event_listener_with_callback("click", clicked.as_ref().unchecked_ref()).ok()?;
    Some((popped, clicked))
}

/// Where a click leads, if that is a page that needs no loading.
fn own_page(event: &MouseEvent) -> Option<String> {
    let modified = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
    if event.button() != 0 || modified || event.default_prevented() {
        return None;
    }
    let anchor = event.target()?.dyn_into::<Element>().ok()?.closest("a[href^='/']").ok()??;
    if anchor.has_attribute("download") || anchor.has_attribute("target") {
        return None;
    }
    let url = anchor.get_attribute("href")?;
    let path = url.split(['?', '#']).next()?;
    let known = Route::of(path, Wish { domain: "x".to_owned(), ..Wish::default() }) != Route::NotFound;
    known.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes() {
        let wish = |domain: &str| Wish { domain: domain.to_owned(), ..Wish::default() };
        let rows = [
            ("/", None, Route::Home),
            ("/scan", None, Route::Home),
            ("/scan", Some(" "), Route::Home),
            ("/scan", Some("a.example"), Route::Scan(wish("a.example"))),
            ("/check/a.example/", None, Route::Scan(wish("a.example"))),
            // The Worker's: the browser loads them.
            ("/example/saint", None, Route::NotFound),
            ("/about", None, Route::NotFound),
            ("/lint/", None, Route::Lint(None)),
            ("/lint/spf", None, Route::Lint(Some(Kind::Spf))),
            ("/lint/mx", None, Route::NotFound),
            ("/r/abc", None, Route::NotFound),
        ];
        for (path, domain, want) in rows {
            assert_eq!(Route::of(path, wish(domain.unwrap_or_default())), want, "{path}");
        }
    }
}
