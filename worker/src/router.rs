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
    /// `/r/{id}` and its other forms
    Page(String, Form),
    /// `/badge/{badge}.svg`
    BadgeSvg(String),
    /// `/badge/{badge}.json`
    BadgeJson(String),
    /// `/badge/{badge}/card`
    BadgeCard(String),
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
            ["r", name] => Self::page(name),
            ["badge", name] => match name.split_once('.') {
                Some((id, "svg")) if is_id(id) => Self::BadgeSvg(id.to_owned()),
                Some((id, "json")) if is_id(id) => Self::BadgeJson(id.to_owned()),
                _ => Self::Nothing,
            },
            ["badge", id, "card"] if is_id(id) => Self::BadgeCard((*id).to_owned()),
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
            Self::Page(_, Form::Html) => "/r/{id}",
            Self::Page(_, Form::Json) => "/r/{id}.json",
            Self::Page(_, Form::Markdown) => "/r/{id}.md",
            Self::BadgeSvg(_) => "/badge/{badge}.svg",
            Self::BadgeJson(_) => "/badge/{badge}.json",
            Self::BadgeCard(_) => "/badge/{badge}/card",
            Self::Program(_) => "/{program}-{hash}.wasm",
            Self::NoPage => "no page",
            Self::Nothing => "nothing",
        }
    }

    /// The methods that it takes, as in the Allow header.
    pub const fn allow(&self) -> &'static str {
        match self {
            Self::Scans | Self::Inquiries(_) | Self::Publish(_) => "POST, OPTIONS",
            Self::Scan(_) => "GET, HEAD, DELETE, OPTIONS",
            Self::Report(_) => "DELETE, OPTIONS",
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
        matches!(self, Self::Page(_, Form::Html) | Self::NoPage)
    }

    /// Should search engines leave it alone? Reports are unlisted until their owners consent.
    pub const fn is_unlisted(&self) -> bool {
        matches!(self, Self::Page(..) | Self::NoPage | Self::BadgeCard(_))
    }

    /// May other sites show it?
    pub const fn is_badge(&self) -> bool {
        matches!(self, Self::BadgeSvg(_) | Self::BadgeJson(_) | Self::BadgeCard(_))
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
            ("/api/v2/scans".to_owned(), Route::Nothing),
            ("/api/v1/scans/".to_owned(), Route::Nothing),
            (format!("/r/{id}"), Route::Page(own(), Form::Html)),
            (format!("/r/{id}.json"), Route::Page(own(), Form::Json)),
            (format!("/r/{id}.md"), Route::Page(own(), Form::Markdown)),
            (format!("/r/{id}.exe"), Route::NoPage),
            ("/r/x".to_owned(), Route::NoPage),
            (format!("/badge/{id}.svg"), Route::BadgeSvg(own())),
            (format!("/badge/{id}.json"), Route::BadgeJson(own())),
            (format!("/badge/{id}/card"), Route::BadgeCard(own())),
            (format!("/badge/{id}"), Route::Nothing),
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
