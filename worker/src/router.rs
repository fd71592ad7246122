//! From a path to a route.

use worker::Method;

use crate::ids::{is_id, is_scan_id};

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
    /// `/api/v1/reports/{id}`
    Report(String),
    /// `/api/v1/consent/{domain}`
    Consent(String),
    /// `/api/v1/mailtests`
    MailTests,
    /// `/api/v1/mailtests/{id}`
    MailTest(String),
    /// `/mailtest`, and `/mailtest/{id}`
    MailTestPage(Option<String>),
    /// `/d/{domain}`
    Owner(String),
    /// `/r/{id}` and its other forms
    Page(String, Form),
    /// `/badge/{badge}.svg`, where a domain can stand for an id
    BadgeSvg(String),
    /// `/badge/{badge}.json`
    BadgeJson(String),
    /// `/app-{hash}.wasm` and `/engine-{hash}.wasm`
    Program(String),
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
    /// Reads a path.
    pub fn of(path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match parts.as_slice() {
            ["api", "v1", "scans"] => Self::Scans,
            ["api", "v1", "scans", id, rest @ ..] if is_scan_id(id) => match rest {
                [] => Self::Scan((*id).to_owned()),
                ["inquiries"] => Self::Inquiries((*id).to_owned()),
                ["events"] => Self::Events((*id).to_owned()),
                ["report"] => Self::Publish((*id).to_owned()),
                _ => Self::Nothing,
            },
            ["api", "v1", "reports", id] if is_id(id) => Self::Report((*id).to_owned()),
            ["api", "v1", "consent", domain] if !domain.is_empty() => Self::Consent((*domain).to_owned()),
            ["api", "v1", "mailtests"] => Self::MailTests,
            ["api", "v1", "mailtests", id] if is_id(id) => Self::MailTest((*id).to_owned()),
            ["mailtest"] => Self::MailTestPage(None),
            ["mailtest", id] if is_id(id) => Self::MailTestPage(Some((*id).to_owned())),
            ["r", name] => Self::page(name),
            ["d", domain] if !domain.is_empty() => Self::Owner((*domain).to_owned()),
            ["badge", name] => match name.rsplit_once('.') {
                Some((of, "svg")) if is_id(of) || of.contains('.') => Self::BadgeSvg(of.to_owned()),
                Some((of, "json")) if is_id(of) || of.contains('.') => Self::BadgeJson(of.to_owned()),
                _ => Self::Nothing,
            },
            ["api" | "badge", ..] => Self::Nothing,
            [name] if name.ends_with(".wasm") && (name.starts_with("app-") || name.starts_with("engine-")) => {
                Self::Program((*name).to_owned())
            }
            _ => Self::NoPage,
        }
    }

    fn page(name: &str) -> Self {
        let (id, form) = match name.split_once('.') {
            None => (name, Form::Html),
            Some((id, "json")) => (id, Form::Json),
            Some((id, "md")) => (id, Form::Markdown),
            Some(_) => return Self::NoPage,
        };
        if is_id(id) { Self::Page(id.to_owned(), form) } else { Self::NoPage }
    }

    /// The route without its particulars, for the log.
    pub const fn template(&self) -> &'static str {
        match self {
            Self::Scans => "/api/v1/scans",
            Self::Scan(_) => "/api/v1/scans/{id}",
            Self::Inquiries(_) => "/api/v1/scans/{id}/inquiries",
            Self::Events(_) => "/api/v1/scans/{id}/events",
            Self::Publish(_) => "/api/v1/scans/{id}/report",
            Self::Report(_) => "/api/v1/reports/{id}",
            Self::Consent(_) => "/api/v1/consent/{domain}",
            Self::MailTests => "/api/v1/mailtests",
            Self::MailTest(_) => "/api/v1/mailtests/{id}",
            Self::MailTestPage(None) => "/mailtest",
            Self::MailTestPage(Some(_)) => "/mailtest/{id}",
            Self::Owner(_) => "/d/{domain}",
            Self::Page(_, Form::Html) => "/r/{id}",
            Self::Page(_, Form::Json) => "/r/{id}.json",
            Self::Page(_, Form::Markdown) => "/r/{id}.md",
            Self::BadgeSvg(_) => "/badge/{badge}.svg",
            Self::BadgeJson(_) => "/badge/{badge}.json",
            Self::Program(_) => "/{program}-{hash}.wasm",
            Self::NoPage => "no page",
            Self::Nothing => "nothing",
        }
    }

    /// The methods that it takes, as in the Allow header.
    pub const fn allow(&self) -> &'static str {
        match self {
            Self::Scans | Self::Inquiries(_) | Self::Publish(_) | Self::MailTests => "POST, OPTIONS",
            Self::Scan(_) => "GET, HEAD, DELETE, OPTIONS",
            Self::Report(_) => "DELETE, OPTIONS",
            Self::MailTestPage(None) => "GET, HEAD, POST, OPTIONS",
            _ => "GET, HEAD, OPTIONS",
        }
    }

    /// Does it take this method?
    pub fn takes(&self, method: &Method) -> bool {
        let method = method.to_string();
        self.allow().split(", ").any(|allowed| allowed == method)
    }

    /// Is its reader a person rather than a program?
    pub const fn is_page(&self) -> bool {
        matches!(self, Self::Page(_, Form::Html) | Self::Owner(_) | Self::MailTestPage(_) | Self::NoPage)
    }

    /// Should search engines leave it alone? Reports are unlisted until their owners consent.
    pub const fn is_unlisted(&self) -> bool {
        matches!(self, Self::Page(..) | Self::MailTestPage(Some(_)) | Self::NoPage)
    }

    /// May other sites show it?
    pub const fn is_badge(&self) -> bool {
        matches!(self, Self::BadgeSvg(_) | Self::BadgeJson(_))
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
            (format!("/badge/{id}.svg"), Route::BadgeSvg(own())),
            (format!("/badge/{id}.json"), Route::BadgeJson(own())),
            (format!("/badge/{id}"), Route::Nothing),
            ("/badge/a.example.svg".to_owned(), Route::BadgeSvg("a.example".to_owned())),
            ("/badge/a.example.json".to_owned(), Route::BadgeJson("a.example".to_owned())),
            ("/badge/localhost.svg".to_owned(), Route::Nothing),
            ("/mailtest".to_owned(), Route::MailTestPage(None)),
            (format!("/mailtest/{id}"), Route::MailTestPage(Some(own()))),
            ("/mailtest/x".to_owned(), Route::NoPage),
            (format!("/api/v1/mailtests/{id}"), Route::MailTest(own())),
            ("/d/a.example".to_owned(), Route::Owner("a.example".to_owned())),
            ("/d/".to_owned(), Route::NoPage),
            ("/app-0123456789abcdef.wasm".to_owned(), Route::Program("app-0123456789abcdef.wasm".to_owned())),
            ("/engine-0123456789abcdef.wasm".to_owned(), Route::Program("engine-0123456789abcdef.wasm".to_owned())),
            ("/other-0123456789abcdef.wasm".to_owned(), Route::NoPage),
            ("/".to_owned(), Route::NoPage),
        ];
        for (path, want) in rows {
            assert_eq!(Route::of(&path), want, "{path}");
        }
    }

    #[test]
    fn methods() {
        assert!(Route::Scans.takes(&Method::Post) && !Route::Scans.takes(&Method::Get));
        assert!(Route::NoPage.takes(&Method::Head));
    }
}
