//! Whole documents for the Worker.

use std::fmt::Write;
use std::rc::Rc;

use serde::Deserialize;
use shared::Report;
use shared::api::Problem;
use shared::picture::pictures;
use shared::visible::visible;
use yew::LocalServerRenderer;

use crate::badge::Badge;
pub use crate::served::Against;
use crate::served::{Served, ServedPage, ServedProps};
use crate::text::{day, percent};

/// Stands in the pages to read for the site's own address, without a trailing slash.
pub const ORIGIN: &str = "{{origin}}";

/// Where they say how to reach the site's operator, which the Worker puts in as well.
pub const CONTACT: &str = "{{contact}}";

/// Where the built files are; `dist/assets.json`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Assets {
    /// The module that starts the page.
    pub js: String,
    /// The WebAssembly that it loads.
    pub wasm: String,
    /// The style sheet.
    pub css: String,
}

/// A page to render.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// A published report.
    Report {
        /// Its id.
        id: String,
        /// The report.
        report: Box<Report>,
        /// Its badge without `.svg`: an address, or a path on this site.
        badge: String,
        /// An older report that it is to be compared with.
        against: Option<Against>,
        /// The domain's owner consented to its being found: search engines may list it. Else it is
        /// unlisted: whoever has the link finds it.
        published: bool,
    },
    /// A recorded report, by its name among the examples: written by the build.
    #[cfg(feature = "learn")]
    Example {
        /// `saint` or `sinner`.
        name: &'static str,
        /// The report.
        report: Box<Report>,
    },
    /// Nothing is there.
    NotFound {
        /// What was looked for, as a noun: `report`, `page`.
        what: String,
    },
    /// The report was deleted.
    Gone,
    /// Something else went wrong.
    Error {
        /// What.
        problem: Problem,
    },
}

/// The whole HTML document. `origin` is the site's own, without a trailing slash.
pub async fn render(page: Page, assets: &Assets, origin: &str) -> String {
    let head = head(&page, origin);
    let served = served(page, origin);
    let data = serde_json::to_string(&served).unwrap_or_else(|_| "null".to_owned());
    let body = LocalServerRenderer::<ServedPage>::with_props(ServedProps { page: served }).render().await;
    format!(
        concat!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">",
            "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">{head}",
            "<link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">",
            "<link rel=\"stylesheet\" href=\"{css}\"><link rel=\"modulepreload\" href=\"{js}\">",
            "<script type=\"module\" src=\"{js}\"></script></head>\n",
            "<body><div id=\"app\">{body}</div>\n",
            "<script type=\"application/json\" id=\"page\">{data}</script></body></html>\n",
        ),
        head = head,
        css = escape(&assets.css),
        js = escape(&assets.js),
        body = body,
        data = json_in_html(&data),
    )
}

/// Title, description and OpenGraph tags.
fn head(page: &Page, origin: &str) -> String {
    let (title, description) = match page {
        Page::Report { report, .. } => return report_head(page, report, origin),
        #[cfg(feature = "learn")]
        Page::Example { name, report } => return example_head(name, report, origin),
        Page::NotFound { what } => (format!("No such {what}"), "There is nothing at this address."),
        Page::Gone => ("Deleted".to_owned(), "This report was deleted."),
        Page::Error { problem } => (problem.title.clone(), "Something went wrong."),
    };
    format!(
        "<title>{} · mailsins</title><meta name=\"description\" content=\"{}\"><meta name=\"robots\" content=\"noindex\">",
        escape(&title),
        escape(description)
    )
}

fn report_head(page: &Page, report: &Report, origin: &str) -> String {
    let Page::Report { id, badge, published, .. } = page else { return String::new() };
    let verdict = match report.grade {
        Some(grade) => format!("grade {grade}"),
        None => format!("no grade, {} % seen", percent(report.coverage)),
    };
    let title = escape(&format!("{}: {verdict}", report.domain));
    let description = escape(&format!("{} Checked {}.", report.why, day(&report.checked_at)));
    let url = escape(&format!("{origin}/r/{id}"));
    let image = escape(&format!("{}.svg?style=seal", absolute(badge, origin)));
    let robots = if *published { "" } else { "<meta name=\"robots\" content=\"noindex\">" };
    let alt = escape(&Badge::of(report, 0).title);
    format!(
        concat!(
            "<title>{title} · mailsins</title><meta name=\"description\" content=\"{description}\">",
            "{robots}<link rel=\"canonical\" href=\"{url}\">",
            "<meta property=\"og:type\" content=\"article\"><meta property=\"og:site_name\" content=\"mailsins\">",
            "<meta property=\"og:title\" content=\"{title}\"><meta property=\"og:description\" content=\"{description}\">",
            "<meta property=\"og:url\" content=\"{url}\"><meta property=\"og:image\" content=\"{image}\">",
            "<meta property=\"og:image:alt\" content=\"{alt}\"><meta name=\"twitter:card\" content=\"summary\">",
        ),
        title = title,
        description = description,
        robots = robots,
        url = url,
        image = image,
        alt = alt,
    )
}

#[cfg(feature = "learn")]
fn example_head(name: &str, report: &Report, origin: &str) -> String {
    format!(
        "<title>An example: the {name} · mailsins</title><meta name=\"description\" content=\"A report as it is of a real domain: {}\">\
         <link rel=\"canonical\" href=\"{origin}/example/{name}\">",
        escape(&report.why)
    )
}

fn served(page: Page, origin: &str) -> Served {
    match page {
        #[cfg(feature = "learn")]
        Page::Example { name, report } => {
            let pictures = Rc::new(pictures(&report));
            Served::Example { name: name.to_owned(), report: Rc::new(*report), pictures }
        }
        Page::Report { id, report, badge, against, .. } => {
            let (url, badge) = (format!("{origin}/r/{id}"), absolute(&badge, origin));
            let pictures = Rc::new(pictures(&report));
            Served::Report { id, url, badge, report: Rc::new(*report), pictures, against }
        }
        Page::NotFound { what } => Served::NotFound { what },
        Page::Gone => Served::Gone,
        Page::Error { problem } => Served::Error { problem },
    }
}

/// An address of this site, whole.
fn absolute(address: &str, origin: &str) -> String {
    if address.starts_with('/') { format!("{origin}{address}") } else { address.to_owned() }
}

/// JSON that no HTML parser reads as anything but text, and that has no hidden characters.
fn json_in_html(json: &str) -> String {
    let is_special = |c: char| c == '<' || (!c.is_ascii() && visible(c.encode_utf8(&mut [0; 4])).starts_with('\\'));
    let mut out = String::with_capacity(json.len());
    let mut plain = 0;
    for (at, special) in json.match_indices(is_special) {
        out.push_str(json.get(plain..at).unwrap_or_default());
        plain = at + special.len();
        for unit in special.encode_utf16() {
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out.push_str(json.get(plain..).unwrap_or_default());
    out
}

/// Foreign text as an attribute's value or an element's text.
pub fn escape(text: &str) -> String {
    visible(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
