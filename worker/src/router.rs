//! From a path to a route.

use crate::ids::{is_id, is_object_id};
use crate::routes::run::Deed;

/// The list of checks among the assets.
const CHECKS: &str = "/api/checks.json";

/// The OpenAPI document among the assets.
const OPENAPI: &str = "/api/openapi.json";

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `/api/v1/scans`
    Scans,
    /// `/api/v1/scans/{id}`
    Scan(String),
    /// `/api/v1/scans/{id}/inquiries`
    Inquiries(String),
    /// `/api/v1/scans/{id}/events`
    Events(String),
    /// `/api/v1/scans/{id}/report`
    Publish(String),
    /// `/api/v1/batches`
    Batches,
    /// `/api/v1/batches/{id}`
    Batch(String),
    /// A file for programs, by its path among the assets
    File(&'static str),
    /// `/api/v1/reports/{id}`
    Report(String),
    /// `/api/v1/consent/{domain}`
    Consent(String),
    /// `/api/v1/arrivals`
    Arrivals,
    /// `/api/v1/mailtests`
    MailTests,
    /// `/api/v1/mailtests/{id}`
    MailTest(String),
    /// `/mailtest`, and `/mailtest/{id}`
    MailTestPage(Option<String>),
    /// `/api/v1/runs`
    Runs,
    /// `/api/v1/runs/{id}`
    Run(String),
    /// `/api/v1/runs/{id}/code`, `/start` and `/answers`
    RunDeed(String, Deed),
    /// `/run`, and `/run/{id}`
    RunPage(Option<String>),
    /// `/d/{domain}`
    Owner(String),
    /// `/r/{id}` and its other forms
    Page(String, Form),
    /// `/badge/{badge}.svg`, where a domain can stand for an id
    BadgeSvg(String),
    /// `/badge/{badge}.json`
    BadgeJson(String),
    /// `/badge/{badge}/card`
    BadgeCard(String),
    /// `/app-{hash}.wasm` and `/engine-{hash}.wasm`
    Program(String),
    /// `/about`, `/checks`, `/checks/{id}` and `/example/{name}`: a page to read, by its name
    Learn(String),
    /// `/sitemap.xml` and `/robots.txt`, by their name: for search engines
    Crawl(&'static str),
    /// Anything else, for people
    NoPage,
    /// Anything else, for programs
    Nothing,
}

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A page for people.
    Html,
    /// The report itself.
    Json,
    /// A text to paste.
    Markdown,
}

impl Route {
    /// The templates of all routes for programs.
    #[cfg(test)]
    const ALL: [&'static str; 26] = [
        "/api/openapi.json",
        "/api/v1/checks",
        "/api/v1/scans",
        "/api/v1/scans/{id}",
        "/api/v1/scans/{id}/inquiries",
        "/api/v1/scans/{id}/events",
        "/api/v1/scans/{id}/report",
        "/api/v1/batches",
        "/api/v1/batches/{id}",
        "/api/v1/reports/{id}",
        "/api/v1/arrivals",
        "/api/v1/mailtests",
        "/api/v1/mailtests/{id}",
        "/api/v1/runs",
        "/api/v1/runs/{id}",
        "/api/v1/runs/{id}/code",
        "/api/v1/runs/{id}/start",
        "/api/v1/runs/{id}/answers",
        "/api/v1/consent/{domain}",
        "/d/{domain}",
        "/r/{id}",
        "/r/{id}.json",
        "/r/{id}.md",
        "/badge/{badge}.svg",
        "/badge/{badge}.json",
        "/badge/{badge}/card",
    ];

    /// Reads a path.
    pub fn of(path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match parts.as_slice() {
            ["api", "v1", "scans"] => Self::Scans,
            ["api", "v1", "scans", id, rest @ ..] if is_object_id(id) => match rest {
                [] => Self::Scan((*id).to_owned()),
                ["inquiries"] => Self::Inquiries((*id).to_owned()),
                ["events"] => Self::Events((*id).to_owned()),
                ["report"] => Self::Publish((*id).to_owned()),
                _ => Self::Nothing,
            },
            ["api", "v1", "batches"] => Self::Batches,
            ["api", "v1", "batches", id] if is_object_id(id) => Self::Batch((*id).to_owned()),
            ["api", "v1", "checks"] => Self::File(CHECKS),
            ["api", "openapi.json"] => Self::File(OPENAPI),
            ["api", "v1", "reports", id] if is_id(id) => Self::Report((*id).to_owned()),
            ["api", "v1", "consent", domain] if !domain.is_empty() => Self::Consent((*domain).to_owned()),
            ["api", "v1", "arrivals"] => Self::Arrivals,
            ["api", "v1", "mailtests"] => Self::MailTests,
            ["api", "v1", "mailtests", id] if is_id(id) => Self::MailTest((*id).to_owned()),
            ["api", "v1", "runs"] => Self::Runs,
            ["api", "v1", "runs", id, rest @ ..] if is_id(id) => match rest {
                [] => Self::Run((*id).to_owned()),
                ["code"] => Self::RunDeed((*id).to_owned(), Deed::Code),
                ["start"] => Self::RunDeed((*id).to_owned(), Deed::Start),
                ["answers"] => Self::RunDeed((*id).to_owned(), Deed::Answers),
                _ => Self::Nothing,
            },
            ["run"] => Self::RunPage(None),
            ["run", id] if is_id(id) => Self::RunPage(Some((*id).to_owned())),
            ["mailtest"] => Self::MailTestPage(None),
            ["mailtest", id] if is_id(id) => Self::MailTestPage(Some((*id).to_owned())),
            ["r", name] => Self::page(name),
            ["d", domain] if !domain.is_empty() => Self::Owner((*domain).to_owned()),
            ["badge", name] => match name.rsplit_once('.') {
                Some((of, "svg")) if is_id(of) || of.contains('.') => Self::BadgeSvg(of.to_owned()),
                Some((of, "json")) if is_id(of) || of.contains('.') => Self::BadgeJson(of.to_owned()),
                _ => Self::Nothing,
            },
            ["badge", id, "card"] if is_id(id) => Self::BadgeCard((*id).to_owned()),
            ["api" | "badge", ..] => Self::Nothing,
            [name] if name.ends_with(".wasm") && (name.starts_with("app-") || name.starts_with("engine-")) => {
                Self::Program((*name).to_owned())
            }
            ["about"] | ["about", ""] => Self::Learn("about".to_owned()),
            ["checks"] | ["checks", ""] => Self::Learn("checks".to_owned()),
            ["example", name @ ("saint" | "sinner")] => Self::Learn(format!("example/{name}")),
            ["checks", id] if id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') => {
                Self::Learn(format!("checks/{id}"))
            }
            ["sitemap.xml"] => Self::Crawl("sitemap"),
            ["robots.txt"] => Self::Crawl("robots"),
            _ => Self::NoPage,
        }
    }

    fn page(name: &str) -> Self {
        let (id, form) = match name.rsplit_once('.') {
            None => (name, Form::Html),
            Some((id, "json")) => (id, Form::Json),
            Some((id, "md")) => (id, Form::Markdown),
            Some(_) => return Self::NoPage,
        };
        match form {
            _ if is_id(id) => Self::Page(id.to_owned(), form),
            Form::Html => Self::NoPage,
            Form::Json | Form::Markdown => Self::Nothing,
        }
    }

    /// The route without its particulars, for the log.
    pub const fn template(&self) -> &'static str {
        match self {
            Self::Scans => "/api/v1/scans",
            Self::Scan(_) => "/api/v1/scans/{id}",
            Self::Inquiries(_) => "/api/v1/scans/{id}/inquiries",
            Self::Events(_) => "/api/v1/scans/{id}/events",
            Self::Publish(_) => "/api/v1/scans/{id}/report",
            Self::Batches => "/api/v1/batches",
            Self::Batch(_) => "/api/v1/batches/{id}",
            Self::File(path) => path,
            Self::Report(_) => "/api/v1/reports/{id}",
            Self::Consent(_) => "/api/v1/consent/{domain}",
            Self::Arrivals => "/api/v1/arrivals",
            Self::MailTests => "/api/v1/mailtests",
            Self::MailTest(_) => "/api/v1/mailtests/{id}",
            Self::MailTestPage(None) => "/mailtest",
            Self::MailTestPage(Some(_)) => "/mailtest/{id}",
            Self::Runs => "/api/v1/runs",
            Self::Run(_) => "/api/v1/runs/{id}",
            Self::RunDeed(_, Deed::Code) => "/api/v1/runs/{id}/code",
            Self::RunDeed(_, Deed::Start) => "/api/v1/runs/{id}/start",
            Self::RunDeed(_, Deed::Answers) => "/api/v1/runs/{id}/answers",
            Self::RunPage(None) => "/run",
            Self::RunPage(Some(_)) => "/run/{id}",
            Self::Owner(_) => "/d/{domain}",
            Self::Page(_, Form::Html) => "/r/{id}",
            Self::Page(_, Form::Json) => "/r/{id}.json",
            Self::Page(_, Form::Markdown) => "/r/{id}.md",
            Self::BadgeSvg(_) => "/badge/{badge}.svg",
            Self::BadgeJson(_) => "/badge/{badge}.json",
            Self::BadgeCard(_) => "/badge/{badge}/card",
            Self::Program(_) => "/{program}-{hash}.wasm",
            Self::Learn(_) => "/{page to read}",
            Self::Crawl(_) => "/{file for search engines}",
            Self::NoPage => "no page",
            Self::Nothing => "nothing",
        }
    }

    /// The methods that it takes, as in the Allow header.
    pub const fn allow(&self) -> &'static str {
        match self {
            Self::Scans
            | Self::Batches
            | Self::Inquiries(_)
            | Self::Publish(_)
            | Self::MailTests
            | Self::Arrivals
            | Self::Runs
            | Self::RunDeed(..) => "POST, OPTIONS",
            Self::Scan(_) => "GET, HEAD, DELETE, OPTIONS",
            Self::Report(_) => "DELETE, OPTIONS",
            Self::MailTestPage(_) | Self::MailTest(_) | Self::RunPage(_) => "GET, HEAD, POST, OPTIONS",
            _ => "GET, HEAD, OPTIONS",
        }
    }

    /// Does it take this method? What is not there takes all, to say so.
    pub fn takes(&self, method: &str) -> bool {
        *self == Self::Nothing || self.allow().split(", ").any(|allowed| allowed == method)
    }

    /// Is its reader a person rather than a program?
    pub const fn is_page(&self) -> bool {
        matches!(
            self,
            Self::Page(_, Form::Html)
                | Self::Owner(_)
                | Self::MailTestPage(_)
                | Self::RunPage(_)
                | Self::Learn(_)
                | Self::NoPage
        )
    }

    /// Should search engines leave it alone? Reports are unlisted until their owners consent.
    pub const fn is_unlisted(&self) -> bool {
        matches!(
            self,
            Self::Page(..) | Self::MailTestPage(Some(_)) | Self::RunPage(Some(_)) | Self::BadgeCard(_) | Self::NoPage
        )
    }

    /// Is it fetched for many people at once?
    pub const fn is_badge(&self) -> bool {
        matches!(self, Self::BadgeSvg(_) | Self::BadgeJson(_) | Self::BadgeCard(_))
    }

    /// May other sites' pages show and read it? What is only ever read, and holds nothing that a visitor's own
    /// standing with us could open: there is none.
    pub const fn is_open(&self) -> bool {
        self.is_badge() || matches!(self, Self::Page(_, Form::Json | Form::Markdown) | Self::File(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let id = "0123456789abcdef0123456789abcdef";
        let scan = format!("{id}{id}");
        let own = || id.to_owned();
        let rows = [
            ("/api/v1/scans".to_owned(), Route::Scans),
            (format!("/api/v1/scans/{scan}"), Route::Scan(scan.clone())),
            (format!("/api/v1/scans/{scan}/inquiries"), Route::Inquiries(scan.clone())),
            (format!("/api/v1/scans/{scan}/events"), Route::Events(scan.clone())),
            (format!("/api/v1/scans/{scan}/report"), Route::Publish(scan.clone())),
            (format!("/api/v1/scans/{scan}/other"), Route::Nothing),
            (format!("/api/v1/scans/{id}"), Route::Nothing),
            (format!("/api/v1/reports/{id}"), Route::Report(own())),
            ("/api/v1/batches".to_owned(), Route::Batches),
            (format!("/api/v1/batches/{scan}"), Route::Batch(scan.clone())),
            (format!("/api/v1/batches/{id}"), Route::Nothing),
            ("/api/v1/checks".to_owned(), Route::File("/api/checks.json")),
            ("/api/openapi.json".to_owned(), Route::File("/api/openapi.json")),
            ("/api/checks.json".to_owned(), Route::Nothing),
            ("/api/v1/consent/a.example".to_owned(), Route::Consent("a.example".to_owned())),
            ("/api/v1/consent/".to_owned(), Route::Nothing),
            ("/api/v1/consent/a.example/x".to_owned(), Route::Nothing),
            ("/api/v2/scans".to_owned(), Route::Nothing),
            ("/api/v1/scans/".to_owned(), Route::Nothing),
            (format!("/r/{id}"), Route::Page(own(), Form::Html)),
            (format!("/r/{id}.json"), Route::Page(own(), Form::Json)),
            (format!("/r/{id}.md"), Route::Page(own(), Form::Markdown)),
            (format!("/r/{id}.exe"), Route::NoPage),
            ("/r/x".to_owned(), Route::NoPage),
            ("/r/x.json".to_owned(), Route::Nothing),
            ("/r/x.y.md".to_owned(), Route::Nothing),
            (format!("/badge/{id}.svg"), Route::BadgeSvg(own())),
            (format!("/badge/{id}.json"), Route::BadgeJson(own())),
            (format!("/badge/{id}/card"), Route::BadgeCard(own())),
            (format!("/badge/{id}"), Route::Nothing),
            ("/badge/a.example.svg".to_owned(), Route::BadgeSvg("a.example".to_owned())),
            ("/badge/a.example.json".to_owned(), Route::BadgeJson("a.example".to_owned())),
            ("/badge/localhost.svg".to_owned(), Route::Nothing),
            ("/mailtest".to_owned(), Route::MailTestPage(None)),
            (format!("/mailtest/{id}"), Route::MailTestPage(Some(own()))),
            ("/mailtest/x".to_owned(), Route::NoPage),
            ("/run".to_owned(), Route::RunPage(None)),
            (format!("/run/{id}"), Route::RunPage(Some(own()))),
            ("/run/x".to_owned(), Route::NoPage),
            (format!("/api/v1/runs/{id}"), Route::Run(own())),
            (format!("/api/v1/runs/{id}/start"), Route::RunDeed(own(), Deed::Start)),
            (format!("/api/v1/runs/{id}/stop"), Route::Nothing),
            (format!("/api/v1/mailtests/{id}"), Route::MailTest(own())),
            ("/d/a.example".to_owned(), Route::Owner("a.example".to_owned())),
            ("/d/".to_owned(), Route::NoPage),
            ("/app-0123456789abcdef.wasm".to_owned(), Route::Program("app-0123456789abcdef.wasm".to_owned())),
            ("/engine-0123456789abcdef.wasm".to_owned(), Route::Program("engine-0123456789abcdef.wasm".to_owned())),
            ("/other-0123456789abcdef.wasm".to_owned(), Route::NoPage),
            ("/about".to_owned(), Route::Learn("about".to_owned())),
            ("/checks/".to_owned(), Route::Learn("checks".to_owned())),
            ("/example/saint".to_owned(), Route::Learn("example/saint".to_owned())),
            ("/example/devil".to_owned(), Route::NoPage),
            ("/checks/spf-record".to_owned(), Route::Learn("checks/spf-record".to_owned())),
            ("/checks/..%2fx".to_owned(), Route::NoPage),
            ("/learn/about.page".to_owned(), Route::NoPage),
            ("/robots.txt".to_owned(), Route::Crawl("robots")),
            ("/".to_owned(), Route::NoPage),
        ];
        for (path, want) in rows {
            assert_eq!(Route::of(&path), want, "{path}");
        }
    }

    #[test]
    fn methods() {
        assert!(Route::Scans.takes("POST") && !Route::Scans.takes("GET"));
        assert!(Route::NoPage.takes("HEAD") && Route::Nothing.takes("DELETE"));
        assert!(!Route::NoPage.takes("QUERY") && !Route::NoPage.takes("get"));
    }

    /// What the OpenAPI document lists is what there is.
    #[test]
    fn as_documented() {
        let document = include_str!("../../frontend/static/api/openapi.json");
        let document: serde_json::Value = serde_json::from_str(document).unwrap();
        let paths = document["paths"].as_object().unwrap();
        let mut documented: Vec<&str> = paths.keys().map(String::as_str).collect();
        for (template, item) in paths {
            let (id, object) = ("0".repeat(32), "0".repeat(64));
            let of_object = template.starts_with("/api/v1/scans/") || template.starts_with("/api/v1/batches/");
            let path = template
                .replace("{id}", if of_object { &object } else { &id })
                .replace("{badge}", &id)
                .replace("{domain}", "a.example");
            let route = Route::of(&path);
            let methods = item.as_object().unwrap().keys().map(|method| method.to_uppercase());
            let methods: Vec<String> = methods.filter(|method| method != "PARAMETERS").collect();
            let mut taken: Vec<&str> = route.allow().split(", ").collect();
            taken.retain(|method| !matches!(*method, "OPTIONS" | "HEAD"));
            assert_eq!(methods.len(), taken.len(), "{template}: {methods:?} documented, {taken:?} taken");
            assert!(methods.iter().all(|method| taken.contains(&method.as_str())), "{template}");
            let open = item["get"]["responses"]["200"]["headers"].get("Access-Control-Allow-Origin").is_some();
            assert_eq!(open, route.is_open(), "{template}");
        }
        documented.retain(|path| Route::ALL.iter().all(|known| known != path));
        assert!(documented.is_empty(), "documented, and not there: {documented:?}");
        for path in Route::ALL {
            assert!(paths.contains_key(path), "{path} is not documented");
        }
    }
}
