//! The OpenAPI document, the list of checks and the tables of docs/api.md are current.
//! `MAILSINS_WRITE_DOCS=1` writes them.

#![allow(clippy::disallowed_methods, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // a test may read files, and fail

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use shared::openapi::routes::{Place, ROUTES, Route};
use shared::openapi::{COMMANDS, check_list, document};
use shared::problem::Kind;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn is_writing() -> bool {
    std::env::var_os("MAILSINS_WRITE_DOCS").is_some()
}

#[test]
fn served_files_are_current() {
    let files = [("openapi.json", document()), ("checks.json", serde_json::to_value(check_list()).unwrap())];
    for (name, value) in files {
        let file = root().join("frontend/static/api").join(name);
        if is_writing() {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, serde_json::to_string_pretty(&value).unwrap() + "\n").unwrap();
        }
        let there = fs::read_to_string(&file).unwrap_or_default();
        let there: Value = serde_json::from_str(&there).unwrap_or_default();
        assert!(there == value, "frontend/static/api/{name} is not current: run ./x docs");
    }
}

#[test]
fn tables_are_current() {
    let file = root().join("docs/api.md");
    let there = fs::read_to_string(&file).unwrap();
    let mut page = there.clone();
    for (name, table) in [("commands", commands()), ("routes", routes()), ("problems", problems())] {
        let (begin, end) = (format!("<!-- {name}: written by ./x docs -->\n"), format!("<!-- end of {name} -->\n"));
        let (before, rest) = page.split_once(&begin).unwrap();
        let (_, after) = rest.split_once(&end).unwrap();
        page = format!("{before}{begin}{table}{end}{after}");
    }
    if is_writing() {
        fs::write(&file, &page).unwrap();
    } else {
        assert!(there == page, "docs/api.md is not current: run ./x docs");
    }
}

fn commands() -> String {
    let mut text = "```sh\nSITE=https://mailsins.example\n".to_owned();
    for (heading, script) in COMMANDS {
        let _ = write!(text, "\n# {heading}\n{script}");
    }
    text + "```\n"
}

fn routes() -> String {
    let mut table = "| route | what |\n|---|---|\n".to_owned();
    for route in &ROUTES {
        let about = route.about.replace("|", "\\|");
        let _ =
            writeln!(table, "| `{} {}` | **{}.** {about}{} |", route.method, route.path, route.summary, takes(route));
    }
    table
}

/// The parameters that a path does not show.
fn takes(route: &Route) -> String {
    let mut text = String::new();
    for parameter in route.parameters.iter().filter(|parameter| parameter.place != Place::Path) {
        let place = if parameter.place == Place::Query { "?" } else { "header " };
        let _ = write!(text, " `{place}{}`: {}", parameter.name, parameter.about);
    }
    text
}

fn problems() -> String {
    let mut table = "| type | status | what it means | what to do |\n|---|---|---|---|\n".to_owned();
    for kind in Kind::ALL {
        let (status, slug, _, detail) = kind.words();
        let _ = writeln!(table, "| `{slug}` | {status} | {detail} | {} |", kind.advice());
    }
    table
}

/// Every problem is one that some route answers with, and each route's are in the order of the list.
#[test]
fn problems_are_in_use() {
    // The last is said to the mail service, not to a client.
    let elsewhere = [Kind::NotFound, Kind::Method, Kind::Used];
    for kind in Kind::ALL {
        let of_a_route = ROUTES.iter().any(|route| route.problems().contains(kind));
        assert!(of_a_route != elsewhere.contains(kind), "{}", kind.slug());
    }
}

#[test]
fn routes_are_distinct_and_link_to_routes() {
    let ids: std::collections::BTreeSet<_> = ROUTES.iter().map(|route| route.id).collect();
    assert_eq!(ids.len(), ROUTES.len());
    for link in ROUTES.iter().flat_map(|route| route.answers).flat_map(|answer| answer.links) {
        let to = ROUTES.iter().find(|route| route.id == link.to).unwrap();
        assert!(to.parameters.iter().any(|parameter| parameter.name == link.parameter), "{}", link.to);
    }
}
