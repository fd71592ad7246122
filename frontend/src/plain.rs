//! Pages that the Worker renders whole, and that load nothing into the browser but the style sheet.

use yew::{Html, LocalServerRenderer, Properties, component};

use crate::server::{Assets, escape};

/// A page.
pub(crate) struct Plain {
    pub(crate) title: String,
    pub(crate) description: String,
    /// Search engines may list it.
    pub(crate) listed: bool,
    /// A script of this site that it needs, if any.
    pub(crate) script: Option<&'static str>,
    pub(crate) body: Html,
}

#[derive(Properties, PartialEq)]
struct BodyProps {
    body: Html,
}

#[component]
fn Body(props: &BodyProps) -> Html {
    props.body.clone()
}

/// The whole HTML document.
pub(crate) async fn document(page: Plain, assets: &Assets) -> String {
    let body = LocalServerRenderer::<Body>::with_props(BodyProps { body: page.body }).hydratable(false).render().await;
    let robots = if page.listed { "" } else { "<meta name=\"robots\" content=\"noindex\">" };
    let script = page.script.map_or_else(String::new, |path| format!("<script src=\"{path}\" defer></script>"));
    format!(
        concat!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">",
            "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title} · mailsins</title>",
            "<meta name=\"description\" content=\"{description}\">{robots}",
            "<link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\"><link rel=\"stylesheet\" href=\"{css}\">{script}",
            "</head>\n<body>{body}</body></html>\n",
        ),
        title = escape(&page.title),
        description = escape(&page.description),
        robots = robots,
        css = escape(&assets.css),
        script = script,
        body = body,
    )
}
