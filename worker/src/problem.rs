//! What is answered when the answer is no: RFC 9457 problem documents.

use shared::Inquiry;
use shared::api::Problem;
use worker::{Headers, Response, ResponseBuilder};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident => $status:literal, $slug:literal, $title:literal, $detail:literal;)+) => {
        /// Every problem that the API knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $(#[doc = $title] $name,)+
        }

        impl Kind {
            /// HTTP status, last part of the type, title, and what to say if nothing better is known.
            const fn words(self) -> (u16, &'static str, &'static str, &'static str) {
                match self { $(Self::$name => ($status, $slug, $title, $detail),)+ }
            }

            #[cfg(test)]
            const ALL: &'static [Self] = &[$(Self::$name,)+];
        }
    };
}

kinds! {
    NotFound => 404, "not-found", "Not found", "There is nothing at this address.";
    NoScan => 404, "no-scan", "No such scan", "There is no scan of this id, or it is older than 24 hours.";
    NoReport => 404, "no-report", "No such report", "There is no report of this id.";
    NoBadge => 404, "no-badge", "No such badge", "There is no badge of this id. Its report may have been deleted.";
    NoConsent => 404, "no-consent", "No badge of this domain", "A domain has a badge of its own where it has a report, and where its record at _mailsins. allows one; /api/v1/consent/{domain} says what is read there.";
    NoMailTest => 404, "no-mailtest", "No such test", "There is no test of this id, or it is older than 24 hours.";
    Used => 409, "used", "Address used", "This address took its message already.";
    Expired => 410, "expired", "Report expired", "This report is older than a year and is no longer kept.";
    Method => 405, "method-not-allowed", "Method not allowed", "See the Allow header.";
    BadJson => 400, "bad-json", "Not JSON", "The body is not JSON.";
    BadQuery => 400, "bad-query", "Bad query", "`since` is the number of a piece of evidence.";
    NotTypedJson => 415, "unsupported-media-type", "Unsupported media type", "Send JSON, with Content-Type: application/json.";
    TooLarge => 413, "too-large", "Body too large", "A body may have 16 KB at most.";
    BadShape => 422, "bad-shape", "Wrong shape", "The body is JSON, but not of the shape that this route takes.";
    BadDomain => 422, "bad-domain", "Not a domain", "This is not a domain.";
    TooMany => 422, "too-many", "Too many inquiries", "Ask at most 20 inquiries at once.";
    NotAsked => 409, "not-asked", "Not asked", "The scan's own plan does not ask this now. `inquiries` says what it does ask.";
    Incomplete => 409, "incomplete", "Scan incomplete", "Only a complete scan can be published. `inquiries` says what is missing.";
    Cancelled => 409, "cancelled", "Scan cancelled", "A cancelled scan asks nothing more and cannot be published.";
    Deleted => 410, "deleted", "Report deleted", "This report was published, and then deleted with its key.";
    OptedOut => 410, "opted-out", "Taken down", "The domain asked not to be probed, so its reports were taken down. Nothing of it is shown while its DNS says so.";
    WrongKey => 403, "wrong-key", "Wrong delete key", "The header Mailsins-Delete-Key does not carry this report's key.";
    RateLimited => 429, "rate-limited", "Too many requests", "Wait a minute, then try again.";
    Misconfigured => 503, "misconfigured", "Misconfigured", "This site is not set up correctly.";
    Internal => 500, "internal", "Something went wrong at our end", "It was not you. Try again.";
    Panicked => 500, "panicked", "Something went wrong at our end", "It was not you, and we have been told. Try again.";
}

/// A request that is refused, and why.
#[derive(Debug)]
pub struct Refusal {
    kind: Kind,
    detail: Option<String>,
    inquiries: Vec<Inquiry>,
    allow: Option<&'static str>,
}

/// Tells the outermost layer a problem's class, for the log; it is taken off there.
pub const CLASS: &str = "mailsins-class";

impl Kind {
    /// The last part of the type.
    pub const fn slug(self) -> &'static str {
        self.words().1
    }
}

impl Refusal {
    /// A refusal without particulars.
    pub fn of(kind: Kind) -> Self {
        Self { kind, detail: None, inquiries: Vec::new(), allow: None }
    }

    /// A refusal that says what went wrong here.
    pub fn saying(kind: Kind, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::of(kind) }
    }

    /// A refusal that says what the plan does ask.
    pub fn asking(kind: Kind, inquiries: Vec<Inquiry>) -> Self {
        Self { inquiries, ..Self::of(kind) }
    }

    /// A refusal of the method; `allow` names the others.
    pub fn allowing(allow: &'static str) -> Self {
        Self { allow: Some(allow), ..Self::of(Kind::Method) }
    }

    /// Why.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The problem document.
    pub fn problem(&self) -> Problem {
        let (status, slug, title, detail) = self.kind.words();
        Problem {
            kind: format!("/problems/{slug}"),
            title: title.to_owned(),
            status,
            detail: self.detail.clone().unwrap_or_else(|| detail.to_owned()),
            inquiries: self.inquiries.clone(),
        }
    }

    /// The headers that belong to the problem, whatever its body.
    pub fn headers(&self) -> worker::Result<Headers> {
        let headers = Headers::new();
        headers.set("cache-control", "no-store")?;
        headers.set(CLASS, self.kind.slug())?;
        if let Some(allow) = self.allow {
            headers.set("allow", allow)?;
        }
        if self.kind == Kind::RateLimited {
            headers.set("retry-after", "60")?;
        }
        Ok(headers)
    }

    /// The problem document as an answer.
    pub fn response(&self) -> worker::Result<Response> {
        let problem = self.problem();
        let headers = self.headers()?;
        headers.set("content-type", "application/problem+json")?;
        let body = serde_json::to_vec(&problem)?;
        Ok(ResponseBuilder::new().with_status(problem.status).with_headers(headers).fixed(body))
    }
}

impl From<worker::Error> for Refusal {
    fn from(error: worker::Error) -> Self {
        crate::log::failure("request", &error);
        Self::of(Kind::Internal)
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        worker::Error::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_stable_and_distinct() {
        let slugs: std::collections::BTreeSet<_> = Kind::ALL.iter().map(|k| k.slug()).collect();
        assert_eq!(slugs.len(), Kind::ALL.len());
        let problem = Refusal::of(Kind::RateLimited).problem();
        assert_eq!((problem.kind.as_str(), problem.status), ("/problems/rate-limited", 429));
    }
}
