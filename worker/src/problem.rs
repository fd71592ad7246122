//! What is answered when the answer is no: RFC 9457 problem documents.

use shared::Inquiry;
use shared::api::Problem;
pub use shared::problem::Kind;
use worker::{Headers, Response, ResponseBuilder};

/// A request that is refused, and why.
#[derive(Debug)]
pub struct Refusal {
    kind: Kind,
    detail: Option<String>,
    inquiries: Vec<Inquiry>,
    allow: Option<&'static str>,
    door: Option<&'static str>,
}

/// Tells the outermost layer a problem's class, for the log; it is taken off there.
pub const CLASS: &str = "mailsins-class";

impl Refusal {
    /// A refusal without particulars.
    pub fn of(kind: Kind) -> Self {
        Self { kind, detail: None, inquiries: Vec::new(), allow: None, door: None }
    }

    /// A refusal that says what went wrong here.
    pub fn saying(kind: Kind, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::of(kind) }
    }

    /// A refusal that says what the plan does ask.
    pub fn asking(kind: Kind, inquiries: Vec<Inquiry>) -> Self {
        Self { inquiries, ..Self::of(kind) }
    }

    /// A refusal that names the door of consent which stayed closed.
    pub fn closed(why: &shared::syntax::consent::Refusal) -> Self {
        Self { door: Some(why.code()), ..Self::saying(Kind::NotConsented, why.to_string()) }
    }

    /// One that an object of ours gave.
    pub fn again(kind: Kind, problem: Problem) -> Self {
        let door = shared::syntax::consent::CODES.into_iter().find(|code| problem.door.as_deref() == Some(code));
        Self { door, ..Self::saying(kind, problem.detail) }
    }

    /// A refusal of the method; `allow` names the others.
    pub fn allowing(allow: &'static str) -> Self {
        Self { allow: Some(allow), ..Self::of(Kind::Method) }
    }

    /// The same, with the place in the request that it is about.
    pub fn at(self, place: &str) -> Self {
        let detail = format!("{place}: {}", self.problem().detail);
        Self { detail: Some(detail), ..self }
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
            door: self.door.map(str::to_owned),
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
        if let Some(seconds) = self.kind.retry_after() {
            headers.set("retry-after", &seconds.to_string())?;
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
    fn documents() {
        let problem = Refusal::of(Kind::RateLimited).problem();
        assert_eq!((problem.kind.as_str(), problem.status), ("/problems/rate-limited", 429));
    }
}
