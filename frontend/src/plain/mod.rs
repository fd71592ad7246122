//! Pages that only the Worker renders, and that load nothing into the browser but the style sheet. They are texts with
//! gaps, since a page of components weighs ten times as much; whatever goes into a gap is escaped.

pub mod mailtest;
pub mod owner;
pub mod run;

use std::fmt::Write;

use yew::{Html, LocalServerRenderer, component, html};

use crate::server::{Assets, escape};
use crate::shell::shell;

/// A part of a page. It is made by [`fill`] only, so nothing in it is foreign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Markup(String);

impl Markup {
    /// Several parts, one after another.
    pub(crate) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        Self(parts.into_iter().map(|part| part.0).collect())
    }
}

/// What goes into a gap.
pub(crate) enum Gap<'a> {
    /// A text, which may be foreign.
    Text(&'a str),
    /// A part of the page.
    Part(Markup),
}

impl<'a> From<&'a str> for Gap<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Gap<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl From<Markup> for Gap<'_> {
    fn from(part: Markup) -> Self {
        Self::Part(part)
    }
}

/// Fills the gaps `{}` of a text of ours, in order.
pub(crate) fn fill(text: &'static str, gaps: &[Gap]) -> Markup {
    let mut out = String::new();
    let mut gaps = gaps.iter();
    for (index, piece) in text.split("{}").enumerate() {
        if index > 0 {
            match gaps.next() {
                Some(Gap::Text(text)) => out.push_str(&escape(text)),
                Some(Gap::Part(part)) => out.push_str(&part.0),
                None => {}
            }
        }
        out.push_str(piece);
    }
    Markup(out)
}

/// A page.
pub(crate) struct Plain<'a> {
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    /// Search engines may list it.
    pub(crate) listed: bool,
    /// A script of this site that it needs, if any.
    pub(crate) script: Option<&'static str>,
    pub(crate) content: Markup,
}

/// Where the content goes into the frame that all pages have: a character that is in none of them.
const HERE: &str = "\u{f8ff}";

#[component]
fn Frame() -> Html {
    shell("ready", html! { <div class="prose">{ HERE }</div> })
}

/// The whole HTML document.
pub(crate) async fn document(page: Plain<'_>, assets: &Assets) -> String {
    let frame = LocalServerRenderer::<Frame>::new().hydratable(false).render().await;
    let (before, behind) = frame.split_once(HERE).unwrap_or((&frame, ""));
    let mut head = String::new();
    if !page.listed {
        head.push_str("<meta name=\"robots\" content=\"noindex\">");
    }
    if let Some(path) = page.script {
        let _ = write!(head, "<script src=\"{path}\" defer></script>");
    }
    format!(
        concat!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">",
            "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title} · mailsins</title>",
            "<meta name=\"description\" content=\"{description}\">{head}",
            "<link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\"><link rel=\"stylesheet\" href=\"{css}\">",
            "</head>\n<body>{before}{content}{behind}</body></html>\n",
        ),
        title = escape(page.title),
        description = escape(page.description),
        head = head,
        css = escape(&assets.css),
        before = before,
        content = page.content.0,
        behind = behind,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_escaped() {
        let inner = fill("<b>{}</b>", &["<script>\u{202e}".into()]);
        let outer = fill("<p title=\"{}\">{}, {}</p>", &["\"x".into(), inner.into()]);
        assert_eq!(outer.0, "<p title=\"&quot;x\"><b>&lt;script&gt;\\u{202e}</b>, </p>");
    }
}
