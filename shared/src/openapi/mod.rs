//! The OpenAPI 3.1 document of the Worker's API. Its shapes come from the types themselves, its problems from
//! [`crate::problem`], its routes from the table in [`routes`].
//!
//! Nothing here is part of any program: `./x docs` writes the document into `frontend/static/api`, where it is served from.

#![allow(clippy::indexing_slicing, reason = "of JSON objects that are made here")]

mod checks;
mod commands;
mod examples;
pub mod routes;
mod shapes;

pub use checks::{CheckList, check_list};
pub use commands::COMMANDS;
pub use examples::last_event;

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::api::{
    Ask, Asking, BatchState, ConsentState, End, MailTest, MailTestWord, NewArrival, NewBatch, NewRun, NewScan,
    Numbered, Problem, Published, Run, RunCode, Scan, Statement,
};
use crate::problem::Kind;
use crate::report::Report;
use routes::{Answer, Body, HTML, Media, Parameter, Place, ROUTES, Route};

/// Where definitions stand in the document.
const DEFINITIONS: &str = "/components/schemas";

/// The whole document.
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in &ROUTES {
        let item = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(route.method.to_lowercase(), operation(route));
        }
    }
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "mailsins",
            "version": "1",
            "summary": "Checks how the mail of a domain is set up, and publishes graded reports.",
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "url": "https://spdx.org/licenses/MIT.html" },
        },
        "servers": [{ "url": "/" }],
        "tags": routes::TAGS.map(|(name, about)| json!({ "name": name, "description": about })),
        "paths": paths,
        "components": { "schemas": schemas() },
    })
}

const ABOUT: &str = "No key is needed. A client has 5 scans and 300 requests a minute; an answer of 429 says in Retry-After \
when to come back. Errors are RFC 9457 problem documents with a stable type. What is only read (reports as JSON and Markdown, \
badges, this document, the list of checks) may be read by pages of other sites (CORS); nothing else may.";

/// The definitions of all shapes, by name.
fn schemas() -> Map<String, Value> {
    let settings = || {
        SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = DEFINITIONS.into();
            settings.meta_schema = None;
        })
    };
    let mut requests = settings().for_deserialize().into_generator();
    requests.subschema_for::<NewScan>();
    requests.subschema_for::<Ask>();
    requests.subschema_for::<NewBatch>();
    requests.subschema_for::<NewArrival>();
    requests.subschema_for::<MailTestWord>();
    requests.subschema_for::<NewRun>();
    requests.subschema_for::<RunCode>();
    requests.subschema_for::<Statement>();
    let mut answers = settings().for_serialize().into_generator();
    answers.subschema_for::<Scan>();
    answers.subschema_for::<Numbered>();
    answers.subschema_for::<Asking>();
    answers.subschema_for::<End>();
    answers.subschema_for::<Published>();
    answers.subschema_for::<BatchState>();
    answers.subschema_for::<ConsentState>();
    answers.subschema_for::<MailTest>();
    answers.subschema_for::<Run>();
    answers.subschema_for::<Report>();
    answers.subschema_for::<Problem>();
    answers.subschema_for::<CheckList>();
    let mut all = definitions(&mut requests);
    // What stands in both has the same shape in both: a test sees to it.
    all.extend(definitions(&mut answers));
    all.values_mut().for_each(in_words);
    all
}

/// Descriptions are the types' doc comments: as text, without what links them to other items.
fn in_words(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                match value {
                    Value::String(text) if name == "description" => {
                        *text = text.replace("[`", "`").replace("`]", "`").replace('\n', " ");
                    }
                    value => in_words(value),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(in_words),
        _ => {}
    }
}

fn definitions(generator: &mut SchemaGenerator) -> Map<String, Value> {
    generator.take_definitions(true)
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#{DEFINITIONS}/{schema}") })
}

fn operation(route: &Route) -> Value {
    let mut responses = Map::new();
    for answer in route.answers {
        responses.insert(answer.status.to_string(), response(route, answer));
    }
    let problems = route.problems();
    for status in problems.iter().map(|kind| kind.status()) {
        let kinds: Vec<Kind> = problems.iter().copied().filter(|kind| kind.status() == status).collect();
        responses.insert(status.to_string(), refusal(route, &kinds));
    }
    let mut operation = json!({
        "operationId": route.id,
        "tags": [route.tag],
        "summary": route.summary,
        "description": route.about,
        "responses": responses,
    });
    if !route.parameters.is_empty() {
        operation["parameters"] = route.parameters.iter().map(parameter).collect();
    }
    if let Some(Body { schema, example }) = route.body {
        let content = json!({ "schema": reference(schema), "examples": { "usual": { "value": example() } } });
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": content } });
    }
    operation
}

fn parameter(parameter: &Parameter) -> Value {
    json!({
        "name": parameter.name,
        "in": match parameter.place { Place::Path => "path", Place::Query => "query", Place::Header => "header" },
        "required": parameter.required,
        "description": parameter.about,
        "schema": (parameter.schema)(),
    })
}

fn response(route: &Route, answer: &Answer) -> Value {
    let mut headers = Map::new();
    for (name, about) in answer.headers {
        headers.insert((*name).to_owned(), json!({ "description": about, "schema": { "type": "string" } }));
    }
    open(route, &mut headers);
    let mut response = json!({ "description": answer.about, "headers": headers });
    let content = match answer.media {
        Media::None => return response,
        Media::Json(schema, example) => {
            let mut content = json!({ "schema": reference(schema) });
            if let Some(example) = example {
                content["examples"] = json!({ "usual": example() });
            }
            json!({ "application/json": content })
        }
        Media::Object(schema) => json!({ "application/json": { "schema": schema() } }),
        Media::Events(schema) => json!({ "text/event-stream": { "schema": schema() } }),
        Media::Text(kind) => json!({ kind: { "schema": { "type": "string" } } }),
    };
    response["content"] = content;
    if !answer.links.is_empty() {
        response["links"] = answer.links.iter().map(|link| (link.to.to_owned(), link.value())).collect();
    }
    response
}

fn refusal(route: &Route, kinds: &[Kind]) -> Value {
    let mut headers = Map::new();
    if kinds.iter().any(|kind| kind.retry_after().is_some()) {
        let about = "In how many seconds to try again.";
        headers.insert("Retry-After".to_owned(), json!({ "description": about, "schema": { "type": "integer" } }));
    }
    open(route, &mut headers);
    let about: Vec<String> = kinds.iter().map(|kind| format!("`{}`: {}", kind.slug(), kind.words().3)).collect();
    // A card is for a frame of another site, which nobody reads a page of ours in.
    let is_page = route.tag != "badges" && route.answers.iter().any(|answer| answer.media == HTML);
    let content = if is_page {
        json!({ "text/html": { "schema": { "type": "string" } } })
    } else {
        let examples: Map<String, Value> =
            kinds.iter().map(|kind| (kind.slug().to_owned(), json!({ "value": examples::problem(*kind) }))).collect();
        json!({ "application/problem+json": { "schema": reference("Problem"), "examples": examples } })
    };
    json!({ "description": about.join(" "), "headers": headers, "content": content })
}

/// The header by which other sites' pages may read an answer.
fn open(route: &Route, headers: &mut Map<String, Value>) {
    if route.open {
        let about = "Always `*`: pages of other sites may read it.";
        let schema = json!({ "type": "string", "const": "*" });
        headers.insert("Access-Control-Allow-Origin".to_owned(), json!({ "description": about, "schema": schema }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_and_answered_has_one_shape() {
        let settings = |contract: fn(SchemaSettings) -> SchemaSettings| contract(SchemaSettings::draft2020_12());
        let shapes = |mut generator: SchemaGenerator| {
            generator.subschema_for::<crate::Inquiry>();
            generator.subschema_for::<crate::Options>();
            definitions(&mut generator)
        };
        let sent = shapes(settings(SchemaSettings::for_deserialize).into_generator());
        let answered = shapes(settings(SchemaSettings::for_serialize).into_generator());
        assert!(!sent.is_empty());
        assert_eq!(sent, answered);
    }

    /// Every reference leads somewhere, and every definition is of use.
    #[test]
    fn references() {
        let document = document();
        let text = document.to_string();
        let named: std::collections::BTreeSet<&str> =
            text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let defined = document["components"]["schemas"].as_object().unwrap();
        for name in &named {
            assert!(defined.contains_key(*name), "{name} is not defined");
        }
        for name in defined.keys() {
            assert!(named.contains(name.as_str()), "nobody refers to {name}");
        }
    }
}
