//! The pages of the API: `/api`, `/problems` and one for each problem's type. They are plain documents without a script,
//! written by `./x docs` into `frontend/static`, where the build puts in the name of the style sheet.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use shared::openapi::routes::{Place, ROUTES, Route, TAGS};
use shared::openapi::{COMMANDS, last_event};
use shared::problem::Kind;
use yew::{Html, LocalServerRenderer, Properties, component, html};

use crate::shell::{shell, way_out};

/// What can be on such a page.
#[derive(Clone, Copy, PartialEq)]
enum Topic {
    Api,
    Problems,
    Problem(Kind),
}

#[derive(Properties, PartialEq)]
struct ManualProps {
    topic: Topic,
}

#[component]
fn Manual(props: &ManualProps) -> Html {
    let content = match props.topic {
        Topic::Api => api(),
        Topic::Problems => problems(),
        Topic::Problem(kind) => problem(kind),
    };
    shell("ready", html! { <div class="prose">{ content }</div> })
}

fn api() -> Html {
    html! {
        <>
            <h1>{ "The API" }</h1>
            <p class="lead">
                { "Everything that this site does, a program can do. No key is needed, and pages of other sites may read reports and badges. " }
                { "The same as an OpenAPI 3.1 document: " }<a href="/api/openapi.json">{ "/api/openapi.json" }</a>{ "." }
            </p>
            <section class="plain" aria-labelledby="begin">
                <h2 id="begin">{ "To begin with" }</h2>
                { COMMANDS.iter().map(|(heading, script)| html! { <><h3>{ *heading }</h3>{ lines(script) }</> }).collect::<Html>() }
                <p>{ "The last event of a scan, as curl shows it:" }</p>
                { lines(&last_event()) }
            </section>
            { TAGS.iter().map(|(tag, about)| group(tag, about)).collect::<Html>() }
            <section class="plain" aria-labelledby="errors">
                <h2 id="errors">{ "When the answer is no" }</h2>
                { problem_table() }
            </section>
        </>
    }
}

fn group(tag: &'static str, about: &'static str) -> Html {
    let routes = ROUTES.iter().filter(|route| route.tag == tag).map(route).collect::<Html>();
    html! {
        <section class="plain" aria-labelledby={tag}>
            <h2 id={tag}>{ capital(tag) }</h2>
            <p>{ about }</p>
            { routes }
        </section>
    }
}

fn route(route: &Route) -> Html {
    let rows = route.parameters.iter().map(|parameter| {
        let place = match parameter.place {
            Place::Path => "in the path",
            Place::Query => "behind ?",
            Place::Header => "header",
        };
        let place = if parameter.required { place.to_owned() } else { format!("{place}, may be left out") };
        html! { <tr><td><code>{ parameter.name }</code></td><td>{ place }</td><td>{ words(parameter.about) }</td></tr> }
    });
    let answers = route.answers.iter().map(|answer| {
        html! { <tr><td>{ answer.status }</td><td>{ words(answer.about) }</td></tr> }
    });
    let refusals = route.problems().into_iter().map(|kind| {
        html! { <tr><td>{ kind.status() }</td><td>{ link(kind) }{ ": " }{ words(kind.words().3) }</td></tr> }
    });
    html! {
        <section aria-labelledby={route.id}>
            <h3 id={route.id}><code>{ format!("{} {}", route.method, route.path) }</code></h3>
            <p><strong>{ route.summary }{ "." }</strong>{ " " }{ words(route.about) }</p>
            if !route.parameters.is_empty() {
                <table>
                    <thead><tr><th scope="col">{ "Takes" }</th><th scope="col">{ "where" }</th><th scope="col">{ "what" }</th></tr></thead>
                    <tbody>{ rows.collect::<Html>() }</tbody>
                </table>
            }
            if let Some(body) = route.body {
                <p>{ "Its body:" }</p>
                { lines(&pretty(&(body.example)())) }
            }
            <details>
                <summary>{ "What it answers" }</summary>
                <table>
                    <thead><tr><th scope="col">{ "Status" }</th><th scope="col">{ "means" }</th></tr></thead>
                    <tbody>{ answers.collect::<Html>() }{ refusals.collect::<Html>() }</tbody>
                </table>
            </details>
        </section>
    }
}

fn problems() -> Html {
    html! {
        <>
            <h1>{ "When the answer is no" }</h1>
            <p class="lead">{ "Errors are problem documents (RFC 9457). Their type is one of these addresses, and does not change." }</p>
            { problem_table() }
            <p><a href="/api">{ "The API" }</a></p>
        </>
    }
}

fn problem_table() -> Html {
    let rows = Kind::ALL.iter().map(|kind| {
        html! { <tr><td>{ link(*kind) }</td><td>{ kind.status() }</td><td>{ words(kind.words().3) }</td></tr> }
    });
    html! {
        <table>
            <thead><tr><th scope="col">{ "Type" }</th><th scope="col">{ "status" }</th><th scope="col">{ "what it means" }</th></tr></thead>
            <tbody>{ rows.collect::<Html>() }</tbody>
        </table>
    }
}

fn problem(kind: Kind) -> Html {
    let (status, slug, title, detail) = kind.words();
    let answered = ROUTES.iter().filter(|route| route.problems().contains(&kind)).map(|route| {
        html! { <li><a href={format!("/api#{}", route.id)}><code>{ format!("{} {}", route.method, route.path) }</code></a></li> }
    });
    let answered = answered.collect::<Vec<_>>();
    html! {
        <>
            <h1>{ title }</h1>
            <p class="lead">{ words(detail) }</p>
            <p>{ words(kind.advice()) }</p>
            <p>{ "Status " }{ status }{ ", type " }<code>{ format!("/problems/{slug}") }</code>{ "." }</p>
            if let Some(seconds) = kind.retry_after() {
                <p>{ "The header Retry-After says in how many seconds to try again: " }{ seconds }{ "." }</p>
            }
            if !answered.is_empty() && answered.len() < ROUTES.len() {
                <h2>{ "Where it is met" }</h2>
                <ul>{ answered.into_iter().collect::<Html>() }</ul>
            }
            <p><a href="/problems">{ "All problems" }</a>{ ", " }<a href="/api">{ "the API" }</a></p>
            { way_out("/", "Check a domain") }
        </>
    }
}

fn link(kind: Kind) -> Html {
    html! { <a href={format!("/problems/{}", kind.slug())}><code>{ kind.slug() }</code></a> }
}

fn lines(text: &str) -> Html {
    html! { <pre tabindex="0"><code>{ text.trim_end() }</code></pre> }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

/// As much Markdown as these texts have: what stands between backquotes, and links.
fn words(text: &'static str) -> Html {
    let parts = text.split('`').enumerate().map(|(number, part)| {
        if number % 2 == 1 {
            html! { <code>{ part }</code> }
        } else {
            with_links(part)
        }
    });
    parts.collect()
}

fn with_links(text: &'static str) -> Html {
    let Some((before, rest)) = text.split_once('[') else { return html! { { text } } };
    let (label, rest) = rest.split_once("](").unwrap();
    let (target, after) = rest.split_once(')').unwrap();
    html! { <>{ before }<a href={target}>{ label }</a>{ with_links(after) }</> }
}

async fn document(topic: Topic) -> String {
    let title = match topic {
        Topic::Api => "The API",
        Topic::Problems => "When the answer is no",
        Topic::Problem(kind) => kind.words().2,
    };
    let body = LocalServerRenderer::<Manual>::with_props(ManualProps { topic }).hydratable(false).render().await;
    format!(
        concat!(
            "<!doctype html>\n<!-- Written by ./x docs. -->\n<html lang=\"en\"><head><meta charset=\"utf-8\">",
            "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title} · mailsins</title>",
            "<meta name=\"description\" content=\"{about}\"><meta name=\"color-scheme\" content=\"light dark\">",
            "<link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\"><link rel=\"stylesheet\" href=\"{{{{css}}}}\"></head>\n",
            "<body><div id=\"app\">{body}</div></body></html>\n",
        ),
        title = title,
        about = "The API of mailsins: routes, examples, errors.",
        body = body.replace("</section>", "</section>\n").replace("</tr>", "</tr>\n"),
    )
}

#[tokio::test]
async fn pages_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("static");
    let mut pages: Vec<(PathBuf, Topic)> =
        vec![("api.html".into(), Topic::Api), ("problems.html".into(), Topic::Problems)];
    pages.extend(Kind::ALL.iter().map(|kind| (format!("problems/{}.html", kind.slug()).into(), Topic::Problem(*kind))));
    let write = std::env::var_os("MAILSINS_WRITE_DOCS").is_some();
    for (path, topic) in &pages {
        let (file, text) = (folder.join(path), document(*topic).await);
        if write {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, &text).unwrap();
        }
        let there = fs::read_to_string(&file).unwrap_or_default();
        assert!(there == text, "frontend/static/{} is not current: run ./x docs", path.display());
    }
    let there = fs::read_dir(folder.join("problems")).unwrap().count();
    assert_eq!(there, Kind::ALL.len(), "a page of frontend/static/problems is of no problem");
}
