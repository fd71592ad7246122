//! The badge as a card: a small page of its own, for a frame on someone's status page. No script, nothing loaded.

use std::fmt::Write;

use shared::Report;

use crate::badge::{Badge, Theme, escape, seal};

/// How the card looks; the page that frames it cannot say.
const STYLE: &str = "\
:root{color-scheme:light dark;--paper:#fbf8f1;--ink:#211d17;--soft:#655d50;--line:#ded6c6}\
@media(prefers-color-scheme:dark){:root{--paper:#15130f;--ink:#ece5d8;--soft:#a89f8f;--line:#37312a}}\
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:14px/1.4 system-ui,sans-serif;overflow-wrap:anywhere}\
main{display:grid;grid-template-columns:auto 1fr;gap:4px 14px;padding:12px;border:1px solid var(--line);min-height:100vh;align-content:start}\
svg{width:96px;height:96px}h1{font:600 20px/1.2 Georgia,serif;margin:4px 0}p{margin:4px 0}\
ol{list-style:none;margin:0;padding:0;grid-column:1/-1;border-top:1px solid var(--line)}\
li{display:flex;justify-content:space-between;gap:8px;padding:2px 0}a{color:inherit}small,b{color:var(--soft)}li span{font-weight:600}";

/// The whole HTML document; `url` is the report's page.
pub fn card(report: &Report, badge: &Badge, url: &str) -> String {
    let mut sins = String::new();
    for summary in &report.sins {
        let (numeral, title, verdict) = (summary.sin.numeral(), summary.sin.title(), summary.verdict);
        let _ = write!(sins, "<li><div><b>{numeral}</b> {title}</div><span>{verdict}</span></li>");
    }
    format!(
        concat!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">",
            "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">",
            "<title>{title}</title><meta name=\"robots\" content=\"noindex\"><style>{style}</style></head>\n",
            "<body><main>{seal}<div><h1>{domain}</h1><p>{why}</p>",
            "<p><a href=\"{url}\" target=\"_blank\" rel=\"noopener\">The whole report</a> <small>checked {day}</small></p></div>",
            "<ol>{sins}</ol></main></body></html>\n",
        ),
        title = escape(&badge.title),
        style = STYLE,
        seal = seal(badge, Theme::Auto),
        domain = escape(report.domain.as_str()),
        why = escape(&report.why),
        url = escape(url),
        day = escape(&badge.day),
        sins = sins,
    )
}
