//! Pages to read: what the site does, and what each check looks at.
//!
//! They are written when the site is built, from the checks' own specifications and from recorded evidence, and need no
//! script; so are two recorded reports, which are alive as every report is. Where the site's own address belongs they hold [`ORIGIN`], which the Worker replaces.

mod about;
mod check;
mod example;
mod list;
mod words;

use shared::checks::CHECKS;
use yew::{Html, LocalServerRenderer, Properties, component};

use crate::server::{self, Assets, ORIGIN, escape, render};
use crate::shell::shell;

/// A page as it is stored.
pub struct Page {
    /// Its path on the site; `sitemap` and `robots` are files besides.
    pub name: String,
    /// The document.
    pub text: String,
}

/// What a page says, and of itself.
struct Leaf {
    path: String,
    title: String,
    description: String,
    content: Html,
}

/// All pages, which load these files.
pub async fn pages(assets: &Assets) -> Vec<Page> {
    let examples = example::all();
    let mut leaves = vec![about::leaf(), list::leaf()];
    leaves.extend(CHECKS.iter().map(|check| check::leaf(check, &examples)));
    let urls: String = leaves.iter().map(|leaf| format!("<url><loc>{ORIGIN}/{}</loc></url>\n", leaf.path)).collect();
    let sitemap = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n\
         <url><loc>{ORIGIN}/</loc></url>\n<url><loc>{ORIGIN}/lint</loc></url>\n{urls}</urlset>\n"
    );
    let mut pages = vec![
        Page { name: "sitemap".to_owned(), text: sitemap },
        Page { name: "robots".to_owned(), text: include_str!("robots.txt").to_owned() },
    ];
    for leaf in leaves {
        pages.push(Page { name: leaf.path.clone(), text: document(leaf, &assets.css).await });
    }
    for (name, report) in example::reports() {
        let page = server::Page::Example { name, report: Box::new(report) };
        pages.push(Page { name: format!("example/{name}"), text: render(page, assets, ORIGIN).await });
    }
    pages
}

async fn document(leaf: Leaf, style: &str) -> String {
    let Leaf { path, title, description, content } = leaf;
    let html = shell("ready", content);
    let body = LocalServerRenderer::<Body>::with_props(BodyProps { html }).hydratable(false).render().await;
    format!(
        concat!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">",
            "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">",
            "<title>{title} · mailsins</title><meta name=\"description\" content=\"{description}\">",
            "<link rel=\"canonical\" href=\"{origin}/{path}\">",
            "<meta property=\"og:type\" content=\"article\"><meta property=\"og:site_name\" content=\"mailsins\">",
            "<meta property=\"og:title\" content=\"{title}\"><meta property=\"og:description\" content=\"{description}\">",
            "<meta property=\"og:url\" content=\"{origin}/{path}\"><meta name=\"color-scheme\" content=\"light dark\">",
            "<link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">",
            "<link rel=\"stylesheet\" href=\"{style}\"></head>\n<body><div id=\"app\">{body}</div></body></html>\n",
        ),
        title = escape(&title),
        description = escape(&description),
        origin = ORIGIN,
        path = path,
        style = escape(style),
        body = body,
    )
}

#[derive(Properties, PartialEq)]
struct BodyProps {
    html: Html,
}

#[component]
fn Body(props: &BodyProps) -> Html {
    props.html.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_check_has_a_page_that_says_everything() {
        let assets = Assets { js: "/app.js".into(), wasm: "/app.wasm".into(), css: "/style.css".into() };
        let pages = pages(&assets).await;
        assert_eq!(pages.len(), CHECKS.len() + 6);
        let text = |name: &str| pages.iter().find(|page| page.name == name).map_or("", |page| page.text.as_str());
        for check in CHECKS {
            let page = text(&format!("checks/{}", check.id));
            assert!(
                page.contains(&format!("<link rel=\"canonical\" href=\"{ORIGIN}/checks/{}\">", check.id)),
                "{}",
                check.id
            );
            for outcome in check.outcomes {
                assert!(page.contains(&format!("<code>{}</code>", outcome.code)), "{} {}", check.id, outcome.code);
            }
            for part in ["What it looks at", "Where the rule stands", "<h1>"] {
                assert!(page.contains(part), "{}: {part}", check.id);
            }
            assert!(!page.contains("**") && !page.contains('`'), "{}: Markdown is left over", check.id);
            assert!(text("checks").contains(&format!("href=\"/checks/{}\"", check.id)), "{}", check.id);
            assert!(text("sitemap").contains(&format!("<loc>{ORIGIN}/checks/{}</loc>", check.id)), "{}", check.id);
        }
        for page in &pages {
            assert_eq!(page.text.contains("<script"), page.name.starts_with("example/"), "{}", page.name);
        }
        for (name, grade) in [("example/saint", "A+"), ("example/sinner", "F")] {
            assert!(text(name).contains(&format!("data-grade=\"{grade}\"")) && text(name).contains("id=\"page\""));
        }
        for part in ["id=\"opt-out\"", "id=\"privacy\"", "id=\"grading\"", "id=\"probe\"", "href=\"/checks#sin-7\""] {
            assert!(text("about").contains(part), "{part}");
        }
        assert!(text("robots").contains("Sitemap: "));
    }

    #[test]
    fn examples_are_of_both_sorts() {
        let examples = example::all();
        let (bad, good) = (example::bad(&examples, "open-relay"), example::good(&examples, "open-relay"));
        assert!(bad.is_some_and(|found| !found.seen.is_empty()) && good.is_some_and(|found| !found.seen.is_empty()));
    }
}
