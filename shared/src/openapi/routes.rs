//! The routes: what each takes, answers and refuses. A test of the Worker compares them with what it has.

use serde_json::{Value, json};

use super::examples;
use crate::problem::Kind;

/// The groups of routes, each with what they are for.
pub const TAGS: [(&str, &str); 8] = [
    ("scans", "Checking one domain."),
    ("batches", "Checking many domains, one address to poll."),
    ("reports", "Published reports. Their ids are unguessable: whoever has the link can read one."),
    ("badges", "A report's live badge, or a domain's."),
    ("mailtests", "What receivers make of the mail that you send."),
    ("runs", "Active tests, which a domain's own record allows."),
    ("consent", "What a domain's own record in DNS allows, and what that opens."),
    ("about", "What there is to ask, and what it can say."),
];

/// One method of one path.
pub struct Route {
    /// The method, in capitals.
    pub method: &'static str,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// A name for programs.
    pub id: &'static str,
    /// Its group.
    pub tag: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What else there is to know; Markdown.
    pub about: &'static str,
    /// What it takes besides the body.
    pub parameters: &'static [Parameter],
    /// The body that it takes.
    pub body: Option<Body>,
    /// What it answers if all is well.
    pub answers: &'static [Answer],
    /// How it refuses, besides what every route may answer.
    pub refuses: &'static [Kind],
    /// Pages of other sites may read it.
    pub open: bool,
}

/// A parameter.
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// Without it nothing goes.
    pub required: bool,
    /// What it is.
    pub about: &'static str,
    /// Its shape.
    pub schema: fn() -> Value,
}

/// Where a parameter stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In braces in the path.
    Path,
    /// Behind the question mark.
    Query,
    /// In a header.
    Header,
}

/// A body of JSON.
#[derive(Clone, Copy)]
pub struct Body {
    /// The name of its shape.
    pub schema: &'static str,
    /// An example.
    pub example: fn() -> Value,
}

/// An answer.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// What it means.
    pub about: &'static str,
    /// What it holds.
    pub media: Media,
    /// The headers that belong to it, each with what it holds.
    pub headers: &'static [(&'static str, &'static str)],
    /// What can be asked next with what is in it.
    pub links: &'static [Link],
}

/// What an answer holds.
#[derive(Clone, Copy)]
pub enum Media {
    /// Nothing.
    None,
    /// JSON of a shape by this name, with an example.
    Json(&'static str, Option<fn() -> Value>),
    /// JSON of this shape.
    Object(fn() -> Value),
    /// Server-sent events, each of this shape.
    Events(fn() -> Value),
    /// Something else of this type.
    Text(&'static str),
}

impl PartialEq for Media {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Json(one, _), Self::Json(other, _)) => one == other,
            (Self::Text(one), Self::Text(other)) => one == other,
            _ => false,
        }
    }
}

/// A page: it refuses in pages too.
pub const HTML: Media = Media::Text("text/html");

/// Another route that takes something of an answer.
pub struct Link {
    /// The route's name.
    pub to: &'static str,
    /// Its parameter.
    pub parameter: &'static str,
    /// Where in the answer it stands.
    pub from: &'static str,
}

impl Link {
    /// As it stands in the document.
    pub fn value(&self) -> Value {
        let mut parameters = serde_json::Map::new();
        parameters.insert(self.parameter.to_owned(), json!(format!("$response.body#{}", self.from)));
        json!({ "operationId": self.to, "parameters": parameters })
    }
}

impl Route {
    /// All ways in which it refuses, by status.
    pub fn problems(&self) -> Vec<Kind> {
        let mut kinds = self.refuses.to_vec();
        if self.tag != "badges" {
            kinds.push(Kind::RateLimited);
        }
        if self.body.is_some() {
            kinds.extend([Kind::BadJson, Kind::TooLarge, Kind::NotTypedJson, Kind::BadShape]);
        }
        kinds.extend([Kind::Internal, Kind::Panicked]);
        kinds.sort_by_key(|kind| Kind::ALL.iter().position(|known| known == kind));
        kinds
    }
}

const fn path_id(name: &'static str, about: &'static str, schema: fn() -> Value) -> Parameter {
    Parameter { name, place: Place::Path, required: true, about, schema }
}

fn object_id() -> Value {
    json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })
}

fn random_id() -> Value {
    json!({ "type": "string", "pattern": "^[0-9a-f]{32}$" })
}

fn badge_of() -> Value {
    json!({ "anyOf": [random_id(), { "type": "string", "pattern": "^[^/]+\\.[^/]+$" }] })
}

fn number() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn text() -> Value {
    json!({ "type": "string" })
}

const SCAN: Parameter = path_id("id", "The scan's id.", object_id);
const BATCH: Parameter = path_id("id", "The batch's id.", object_id);
const REPORT: Parameter = path_id("id", "The report's id.", random_id);
const BADGE: Parameter =
    path_id("badge", "The badge's id; or a domain, for its latest report, where its record allows `badge`.", badge_of);
const CARD: Parameter = path_id("badge", "The badge's id.", random_id);
const MAILTEST: Parameter = path_id("id", "The test's id, which is its secret too.", random_id);
const RUN: Parameter = path_id("id", "The run's id, which is its secret too.", random_id);
const DOMAIN: Parameter = path_id("domain", "The domain.", text);
const SIGNATURE: Parameter = Parameter {
    name: "Mailsins-Signature",
    place: Place::Header,
    required: true,
    about: "`t=` and seconds since 1970, `, v1=` and the HMAC-SHA-256 of those seconds, a dot and the body in hexadecimal digits, under the \
secret that site and receiving host share.",
    schema: text,
};
const SINCE: Parameter = Parameter {
    name: "since",
    place: Place::Query,
    required: false,
    about: "Only the evidence above this number.",
    schema: number,
};
const LAST_EVENT: Parameter = Parameter {
    name: "Last-Event-ID",
    place: Place::Header,
    required: false,
    about: "The number of the last event of name `evidence` that arrived: the stream goes on behind it. Browsers send it by themselves.",
    schema: number,
};
const ONCE: Parameter = Parameter {
    name: "Idempotency-Key",
    place: Place::Header,
    required: false,
    about: "A key of your own, such as a UUID. The same request with the same key, from the same address and within 24 hours, is answered with what the first one made.",
    schema: || json!({ "type": "string", "pattern": "^[!-~]{16,128}$", "minLength": 16, "maxLength": 128 }),
};
const KNOWN: Parameter = Parameter {
    name: "If-None-Match",
    place: Place::Header,
    required: false,
    about: "The ETag of the copy that you have.",
    schema: text,
};
const KEY: Parameter = Parameter {
    name: "Mailsins-Delete-Key",
    place: Place::Header,
    required: true,
    about: "The key that was told when the report was published.",
    schema: text,
};
const STYLE: Parameter = Parameter {
    name: "style",
    place: Place::Query,
    required: false,
    about: "`seal` is the large one.",
    schema: || json!({ "type": "string", "enum": ["flat", "seal"] }),
};

const THEME: Parameter = Parameter {
    name: "theme",
    place: Place::Query,
    required: false,
    about: "For pages of which colour; `auto` is as the reader's system says.",
    schema: || json!({ "type": "string", "enum": ["light", "dark", "auto"] }),
};
const OF_SIN: Parameter = Parameter {
    name: "sin",
    place: Place::Query,
    required: false,
    about: "The badge of one sin.",
    schema: || json!({ "type": "integer", "minimum": 1, "maximum": 7 }),
};
const AGAINST: Parameter = Parameter {
    name: "against",
    place: Place::Query,
    required: false,
    about: "The id of another report of the same domain: the page shows what changed since. What is no such id counts for nothing.",
    schema: text,
};

const fn plain(status: u16, about: &'static str, media: Media) -> Answer {
    Answer { status, about, media, headers: &[], links: &[] }
}

const fn copy(about: &'static str, media: Media) -> Answer {
    Answer { headers: &[("ETag", "Names this content.")], ..plain(200, about, media) }
}

const SAME: Answer = plain(304, "The copy that you have is current.", Media::None);
const LOCATION: &[(&str, &str)] = &[("Location", "Its path.")];
const SCAN_LINKS: &[Link] =
    &[Link { to: "getScan", parameter: "id", from: "/id" }, Link { to: "publishReport", parameter: "id", from: "/id" }];
const BATCH_LINKS: &[Link] = &[Link { to: "getBatch", parameter: "id", from: "/id" }];
const MAILTEST_LINKS: &[Link] = &[Link { to: "getMailTest", parameter: "id", from: "/id" }];
const RUN_LINKS: &[Link] = &[Link { to: "getRun", parameter: "id", from: "/id" }];
const RUN_STATE: Media = Media::Json("Run", Some(examples::run));
const REPORT_LINKS: &[Link] = &[
    Link { to: "getReport", parameter: "id", from: "/id" },
    Link { to: "getReportAsMarkdown", parameter: "id", from: "/id" },
];
const SCAN_STATE: Media = Media::Json("Scan", Some(examples::scan));
const BATCH_STATE: Media = Media::Json("BatchState", Some(examples::batch));

/// An event, as an object of its fields: as OpenAPI 3.2 describes them, and tools of 3.1 read them.
fn events() -> Value {
    let event = |name: &str, schema: &str| {
        let data = json!({
            "type": "string", "contentMediaType": "application/json", "contentSchema": super::reference(schema),
        });
        let properties =
            json!({ "event": { "const": name }, "id": text(), "retry": { "type": "integer" }, "data": data });
        json!({ "type": "object", "required": ["event", "data"], "properties": properties })
    };
    json!({ "oneOf": [event("evidence", "Numbered"), event("asking", "Asking"), event("done", "End")] })
}

/// A badge as <https://shields.io/badges/endpoint-badge> takes it.
fn endpoint() -> Value {
    json!({
        "type": "object",
        "required": ["schemaVersion", "label", "message", "color", "cacheSeconds"],
        "properties": {
            "schemaVersion": { "const": 1 }, "label": text(), "message": text(), "color": text(),
            "cacheSeconds": { "type": "integer" },
        },
    })
}

/// All routes for programs.
pub const ROUTES: [Route; 28] = [
    Route {
        method: "POST",
        path: "/api/v1/scans",
        id: "newScan",
        tag: "scans",
        summary: "Begin a scan",
        about: "Takes one of the client's 5 scans a minute. `domain` may be a mail address, a URL or an internationalized name. \
With `\"drive\": \"server\"` the site asks everything by itself; with `client`, the default, the client posts the inquiries that \
its own `plan` names, as the browser does, and what it has not posted 15 seconds later the site asks by itself. `\"options\": {\"selectors\": [\"2026a\"]}` names up to 10 DKIM selectors to look at besides those in \
common use; `\"hosts\": [\"new.example.org\"]` up to 5 hosts of the domain to look at besides those that DNS leads to, such as a mail \
server before its MX goes live. With `\"max_age\": 600` what another scan that gave a `max_age` saw up to 600 seconds ago will do: \
the answer is complete at once then, and `started` says when that was. The limit is 3600.",
        parameters: &[ONCE],
        body: Some(Body { schema: "NewScan", example: examples::new_scan }),
        answers: &[
            Answer { headers: LOCATION, links: SCAN_LINKS, ..plain(201, "The scan has begun.", SCAN_STATE) },
            Answer {
                headers: LOCATION,
                links: SCAN_LINKS,
                ..plain(200, "The same request made this scan before.", SCAN_STATE)
            },
        ],
        refuses: &[Kind::BadDomain, Kind::BadKey, Kind::KeyReused, Kind::Misconfigured],
        open: false,
    },
    Route {
        method: "GET",
        path: "/api/v1/scans/{id}",
        id: "getScan",
        tag: "scans",
        summary: "How a scan stands",
        about: "What the scan asks, what it waits for, the evidence above number `since`, and once it is `complete` a `summary`. \
A scan ends 110 seconds after it began; what is missing then is untested. It forgets itself after 24 hours. \
A scan of active tests cannot be looked at until it is over: its run can.",
        parameters: &[SCAN, SINCE],
        body: None,
        answers: &[plain(200, "As it stands.", SCAN_STATE)],
        refuses: &[Kind::BadQuery, Kind::NoScan],
        open: false,
    },
    Route {
        method: "DELETE",
        path: "/api/v1/scans/{id}",
        id: "cancelScan",
        tag: "scans",
        summary: "Break a scan off",
        about: "It can no longer be published. A complete scan stays complete.",
        parameters: &[SCAN],
        body: None,
        answers: &[plain(204, "It asks nothing more.", Media::None)],
        refuses: &[Kind::NoScan],
        open: false,
    },
    Route {
        method: "POST",
        path: "/api/v1/scans/{id}/inquiries",
        id: "ask",
        tag: "scans",
        summary: "Ask what the plan asks",
        about: "At most 20 inquiries that the scan's own plan asks now. With anything else in the list nothing is asked, and \
the refusal says what the plan does ask. For clients that drive a scan.",
        parameters: &[SCAN],
        body: Some(Body { schema: "Ask", example: examples::ask }),
        answers: &[plain(202, "They are being asked; what comes of them are events.", Media::None)],
        refuses: &[Kind::NoScan, Kind::NotAsked, Kind::Cancelled, Kind::TooMany],
        open: false,
    },
    Route {
        method: "GET",
        path: "/api/v1/scans/{id}/events",
        id: "scanEvents",
        tag: "scans",
        summary: "Watch a scan",
        about: "Server-sent events: `evidence` (its `id` is the piece's number, its data a `Numbered`), `asking` (an `Asking`), and at the \
end `done` (an `End`, with the summary of what was found), after which the stream ends. A line with a colon every 15 seconds says that \
it is alive.",
        parameters: &[SCAN, SINCE, LAST_EVENT],
        body: None,
        answers: &[plain(200, "A stream of events.", Media::Events(events))],
        refuses: &[Kind::BadQuery, Kind::NoScan],
        open: false,
    },
    Route {
        method: "POST",
        path: "/api/v1/scans/{id}/report",
        id: "publishReport",
        tag: "scans",
        summary: "Publish a complete scan",
        about: "The site judges its own evidence; the request has no body. The first time, `delete_key` tells the key that deletes the \
report. Again: the same report, without the key.",
        parameters: &[SCAN],
        body: None,
        answers: &[Answer {
            links: REPORT_LINKS,
            ..plain(200, "Where the report is.", Media::Json("Published", Some(examples::published)))
        }],
        refuses: &[Kind::NoScan, Kind::Incomplete, Kind::Cancelled, Kind::Deleted],
        open: false,
    },
    Route {
        method: "POST",
        path: "/api/v1/batches",
        id: "newBatch",
        tag: "batches",
        summary: "Check up to 50 domains",
        about: "The site scans and publishes them, three at a time. Each scan takes one of the client's 5 a minute when its turn comes, at \
most 4 a minute, so 50 domains take a quarter of an hour; what has not begun within an hour is `not-begun`. `delete_key` deletes each of \
the reports; it is told here only.",
        parameters: &[ONCE],
        body: Some(Body { schema: "NewBatch", example: examples::new_batch }),
        answers: &[
            Answer { headers: LOCATION, links: BATCH_LINKS, ..plain(201, "The batch has begun.", BATCH_STATE) },
            Answer {
                headers: LOCATION,
                links: BATCH_LINKS,
                ..plain(200, "The same request made this batch before.", BATCH_STATE)
            },
        ],
        refuses: &[Kind::BadDomain, Kind::BadKey, Kind::KeyReused, Kind::Misconfigured],
        open: false,
    },
    Route {
        method: "GET",
        path: "/api/v1/batches/{id}",
        id: "getBatch",
        tag: "batches",
        summary: "How a batch stands",
        about: "Poll it every 15 seconds or so, until it is `complete`. It forgets itself after 24 hours; the reports stay.",
        parameters: &[BATCH],
        body: None,
        answers: &[plain(200, "As it stands.", BATCH_STATE)],
        refuses: &[Kind::NoBatch],
        open: false,
    },
    Route {
        method: "GET",
        path: "/r/{id}",
        id: "getReportPage",
        tag: "reports",
        summary: "A report as a page",
        about: "For people.",
        parameters: &[REPORT, AGAINST, KNOWN],
        body: None,
        answers: &[copy("The page.", HTML), SAME],
        refuses: &[Kind::NoReport, Kind::Deleted, Kind::Expired, Kind::OptedOut],
        open: false,
    },
    Route {
        method: "GET",
        path: "/r/{id}.json",
        id: "getReport",
        tag: "reports",
        summary: "A report",
        about: "With all of its evidence, from which `mailsins replay` judges it again. It is kept for a year.",
        parameters: &[REPORT, KNOWN],
        body: None,
        answers: &[copy("The report.", Media::Json("Report", Some(examples::report))), SAME],
        refuses: &[Kind::NoReport, Kind::Deleted, Kind::Expired, Kind::OptedOut],
        open: true,
    },
    Route {
        method: "GET",
        path: "/r/{id}.md",
        id: "getReportAsMarkdown",
        tag: "reports",
        summary: "A report as Markdown",
        about: "To paste.",
        parameters: &[REPORT, KNOWN],
        body: None,
        answers: &[copy("The report.", Media::Text("text/markdown")), SAME],
        refuses: &[Kind::NoReport, Kind::Deleted, Kind::Expired, Kind::OptedOut],
        open: true,
    },
    Route {
        method: "DELETE",
        path: "/api/v1/reports/{id}",
        id: "deleteReport",
        tag: "reports",
        summary: "Delete a report",
        about: "With its badge. Copies that browsers and proxies hold are gone within a minute, of badges within five.",
        parameters: &[REPORT, KEY],
        body: None,
        answers: &[plain(204, "It is gone.", Media::None)],
        refuses: &[Kind::WrongKey, Kind::NoReport, Kind::Deleted, Kind::Expired, Kind::OptedOut],
        open: false,
    },
    Route {
        method: "GET",
        path: "/badge/{badge}.svg",
        id: "getBadge",
        tag: "badges",
        summary: "A badge as an image",
        about: "Grey after 30 days.",
        parameters: &[BADGE, STYLE, THEME, OF_SIN, KNOWN],
        body: None,
        answers: &[copy("The image.", Media::Text("image/svg+xml")), SAME],
        refuses: &[
            Kind::BadQuery,
            Kind::NoBadge,
            Kind::NoConsent,
            Kind::Deleted,
            Kind::Expired,
            Kind::OptedOut,
            Kind::Misconfigured,
        ],
        open: true,
    },
    Route {
        method: "GET",
        path: "/badge/{badge}.json",
        id: "getBadgeEndpoint",
        tag: "badges",
        summary: "A badge for shields.io",
        about: "The schema of a [shields endpoint](https://shields.io/badges/endpoint-badge).",
        parameters: &[BADGE, OF_SIN, KNOWN],
        body: None,
        answers: &[copy("The badge.", Media::Object(endpoint)), SAME],
        refuses: &[
            Kind::BadQuery,
            Kind::NoBadge,
            Kind::NoConsent,
            Kind::Deleted,
            Kind::Expired,
            Kind::OptedOut,
            Kind::Misconfigured,
        ],
        open: true,
    },
    Route {
        method: "GET",
        path: "/badge/{badge}/card",
        id: "getBadgeCard",
        tag: "badges",
        summary: "A badge as a small page",
        about: "With grade and sins, for a frame on a status page of any site. It holds no script.",
        parameters: &[CARD, KNOWN],
        body: None,
        answers: &[copy("The page.", HTML), SAME],
        refuses: &[Kind::NoBadge, Kind::Deleted, Kind::Expired, Kind::OptedOut],
        open: true,
    },
    Route {
        method: "POST",
        path: "/api/v1/mailtests",
        id: "newMailTest",
        tag: "mailtests",
        summary: "Begin a test of outgoing mail",
        about: "Takes one of the client's 5 scans a minute; the request has no body. Send one message to `address`, then look at the test \
until `arrived` stands in it. Whoever has the id sees what came.",
        parameters: &[],
        body: None,
        answers: &[Answer {
            headers: LOCATION,
            links: MAILTEST_LINKS,
            ..plain(201, "The address waits.", Media::Json("MailTest", Some(examples::mailtest)))
        }],
        refuses: &[Kind::Misconfigured],
        open: false,
    },
    Route {
        method: "GET",
        path: "/api/v1/mailtests/{id}",
        id: "getMailTest",
        tag: "mailtests",
        summary: "What came",
        about: "The header of the message and what receivers make of it: SPF, DKIM, DMARC, ARC, PTR and HELO of who handed it over, what the \
header discloses. It is forgotten after 24 hours.",
        parameters: &[MAILTEST],
        body: None,
        answers: &[plain(200, "As it stands.", Media::Json("MailTest", Some(examples::mailtest)))],
        refuses: &[Kind::NoMailTest],
        open: false,
    },
    Route {
        method: "POST",
        path: "/api/v1/arrivals",
        id: "newArrival",
        tag: "mailtests",
        summary: "Tell of an arrival",
        about: "For the receiving host of the site (`mailsins sink`): a message has come to a one-time address. It counts if a scan waits for it, \
and the first one of an address only. A signature is good for five minutes.",
        parameters: &[SIGNATURE],
        body: Some(Body { schema: "NewArrival", example: examples::arrival }),
        answers: &[plain(204, "The scan that waits is told.", Media::None)],
        refuses: &[Kind::BadSignature, Kind::NoMailTest, Kind::Misconfigured],
        open: false,
    },
    Route {
        method: "POST",
        path: "/api/v1/mailtests/{id}",
        id: "tellMailTest",
        tag: "mailtests",
        summary: "Say what only its holder knows",
        about: "Which of the test files was sent to `sample.address`: what does not come within 10 minutes counts as stopped. \
And whether anything limits what one user may send.",
        parameters: &[MAILTEST],
        body: Some(Body { schema: "MailTestWord", example: examples::mailtest_word }),
        answers: &[plain(200, "As it stands.", Media::Json("MailTest", Some(examples::mailtest)))],
        refuses: &[Kind::NoMailTest],
        open: false,
    },
    Route {
        method: "POST",
        path: "/api/v1/runs",
        id: "newRun",
        tag: "runs",
        summary: "Begin a run of active tests",
        about: "Reads the domain's record by every door, and sends one message with a code to the mailbox that it names, by way of the \
domain's own mail servers. Two runs a domain a day. Whoever has the id can do what the owner can.",
        parameters: &[],
        body: Some(Body { schema: "NewRun", example: examples::new_run }),
        answers: &[Answer {
            headers: LOCATION,
            links: RUN_LINKS,
            ..plain(201, "The message is on its way.", RUN_STATE)
        }],
        refuses: &[Kind::NotConsented, Kind::RunsUsed, Kind::BadDomain, Kind::Misconfigured],
        open: false,
    },
    Route {
        method: "GET",
        path: "/api/v1/runs/{id}",
        id: "getRun",
        tag: "runs",
        summary: "How a run stands",
        about: "Its stage, what the owner is asked, everything that was sent, and the report once there is one. Kept for two days.",
        parameters: &[RUN],
        body: None,
        answers: &[plain(200, "As it stands.", RUN_STATE)],
        refuses: &[Kind::NoRun],
        open: false,
    },
    Route {
        method: "POST",
        path: "/api/v1/runs/{id}/code",
        id: "openRun",
        tag: "runs",
        summary: "Type the code back",
        about: "Opens the tests for 24 hours, on the address that took the message. The record is read anew.",
        parameters: &[RUN],
        body: Some(Body { schema: "RunCode", example: examples::run_code }),
        answers: &[plain(200, "The tests can begin.", RUN_STATE)],
        refuses: &[Kind::NoRun, Kind::WrongCode, Kind::RunStage, Kind::NotConsented],
        open: false,
    },
    Route {
        method: "POST",
        path: "/api/v1/runs/{id}/start",
        id: "startRun",
        tag: "runs",
        summary: "Begin the tests",
        about: "Begins a scan that may also do what the record allows, which is read anew; the request has no body. It takes up to 15 minutes.",
        parameters: &[RUN],
        body: None,
        answers: &[plain(200, "They have begun.", RUN_STATE)],
        refuses: &[Kind::NoRun, Kind::RunStage, Kind::NotConsented],
        open: false,
    },
    Route {
        method: "POST",
        path: "/api/v1/runs/{id}/answers",
        id: "answerRun",
        tag: "runs",
        summary: "Say what only the owner can",
        about: "An answer to one of the run's `questions`. First answers stand.",
        parameters: &[RUN],
        body: Some(Body { schema: "Statement", example: examples::statement }),
        answers: &[plain(200, "It was noted.", RUN_STATE)],
        refuses: &[Kind::NoRun, Kind::RunStage],
        open: false,
    },
    Route {
        method: "GET",
        path: "/api/v1/consent/{domain}",
        id: "getConsent",
        tag: "consent",
        summary: "What a domain allows this site",
        about: "Its record at `_mailsins.` of the domain, read now from two resolvers that must agree; if it is refused, why, with the \
faults of the record; and a record to copy.",
        parameters: &[DOMAIN],
        body: None,
        answers: &[plain(200, "What was read.", Media::Json("ConsentState", Some(examples::consent)))],
        refuses: &[Kind::BadDomain, Kind::Misconfigured],
        open: false,
    },
    Route {
        method: "GET",
        path: "/d/{domain}",
        id: "getHistoryPage",
        tag: "consent",
        summary: "The history of a domain as a page",
        about: "Of a domain whose record allows `history`: its latest 60 reports for which nobody chose selectors or hosts. For others a \
page that says why not, and shows the record.",
        parameters: &[DOMAIN, KNOWN],
        body: None,
        answers: &[copy("The page.", HTML), SAME, plain(404, "It allows none; the page says why.", HTML)],
        refuses: &[Kind::OptedOut, Kind::Misconfigured],
        open: false,
    },
    Route {
        method: "GET",
        path: "/api/v1/checks",
        id: "getChecks",
        tag: "about",
        summary: "The checks, and what each can say",
        about: "The same as docs/checks, for programs.",
        parameters: &[KNOWN],
        body: None,
        answers: &[copy("The list.", Media::Json("CheckList", Some(examples::checks))), SAME],
        refuses: &[],
        open: true,
    },
    Route {
        method: "GET",
        path: "/api/openapi.json",
        id: "getOpenApi",
        tag: "about",
        summary: "This document",
        about: "OpenAPI 3.1.",
        parameters: &[KNOWN],
        body: None,
        answers: &[copy("The document.", Media::Object(|| json!({ "type": "object" }))), SAME],
        refuses: &[],
        open: true,
    },
];
