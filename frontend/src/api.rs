//! Asking the Worker. Every request has a deadline, and every failure has words.

use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::DomainName;
use shared::api::{Problem, Published};
use shared::visible::visible;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestInit, Response};

use crate::scan::{Choices, Wish};

/// How long an answer may take, in milliseconds.
const DEADLINE_MS: u32 = 20_000;

/// Why a request came to nothing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Failure {
    /// No answer, or none that this site's Worker gives.
    Unreachable,
    /// The Worker says no.
    Problem {
        problem: Problem,
        /// When to come back, in seconds.
        retry_after: Option<u32>,
    },
}

impl Failure {
    /// The status, where there was an answer.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Unreachable => None,
            Self::Problem { problem, .. } => Some(problem.status),
        }
    }

    /// May the same request succeed a little later?
    pub(crate) fn is_transient(&self) -> bool {
        self.status().is_none_or(|status| status >= 500 || status == 429)
    }

    /// In a sentence or two.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Unreachable => "This site's server cannot be reached. Are you online?".to_owned(),
            Self::Problem { problem, .. } => visible(&format!("{}: {}", problem.title, problem.detail)),
        }
    }
}

/// Makes a scan; its state, for the engine to read.
pub(crate) async fn start(domain: &DomainName, wish: &Wish) -> Result<String, Failure> {
    /// [`shared::api::NewScan`], before the server has read it.
    #[derive(Serialize)]
    struct NewScan<'a> {
        domain: &'a DomainName,
        options: Choices<'a>,
        #[serde(skip_serializing_if = "str::is_empty")]
        mailtest: &'a str,
    }
    let scan = NewScan { domain, options: wish.choices(), mailtest: &wish.mailtest };
    let body = serde_json::to_string(&scan).map_err(|_| Failure::Unreachable)?;
    post("/api/v1/scans", &body).await
}

/// Asks what `plan` named: a body that the engine wrote.
pub(crate) async fn ask(id: &str, body: &str) -> Result<(), Failure> {
    post(&format!("/api/v1/scans/{id}/inquiries"), body).await.map(drop)
}

/// The scan as it stands, with the evidence above `since`, for the engine to read.
pub(crate) async fn state(id: &str, since: u64) -> Result<String, Failure> {
    send("GET", &format!("/api/v1/scans/{id}?since={since}"), None, None).await
}

/// Breaks a scan off.
pub(crate) async fn cancel(id: &str) -> Result<(), Failure> {
    send("DELETE", &format!("/api/v1/scans/{id}"), None, None).await.map(drop)
}

/// Stores the report.
pub(crate) async fn publish(id: &str) -> Result<Published, Failure> {
    json(&send("POST", &format!("/api/v1/scans/{id}/report"), None, None).await?)
}

/// Deletes a report.
pub(crate) async fn delete_report(id: &str, key: &str) -> Result<(), Failure> {
    let header = Some(("Mailsins-Delete-Key", key));
    send("DELETE", &format!("/api/v1/reports/{id}"), header, None).await.map(drop)
}

/// A file of this site.
pub(crate) async fn file(path: &str) -> Result<String, Failure> {
    send("GET", path, None, None).await
}

async fn post(path: &str, body: &str) -> Result<String, Failure> {
    send("POST", path, Some(("Content-Type", "application/json")), Some(body)).await
}

async fn send(method: &str, path: &str, header: Option<(&str, &str)>, body: Option<&str>) -> Result<String, Failure> {
    let (response, text) = fetch(method, path, header, body).await.map_err(|_| Failure::Unreachable)?;
    if response.ok() {
        return Ok(text);
    }
    let problem = shared::json::read(&text).unwrap_or_else(|| Problem {
        kind: "about:blank".to_owned(),
        title: format!("Status {}", response.status()),
        status: response.status(),
        detail: "The server gave no reason.".to_owned(),
        inquiries: Vec::new(),
        door: None,
    });
    let retry_after = response.headers().get("Retry-After").ok().flatten().and_then(|v| v.parse().ok());
    Err(Failure::Problem { problem, retry_after })
}

/// The answer and its whole body, within the deadline.
async fn fetch(
    method: &str,
    path: &str,
    header: Option<(&str, &str)>,
    body: Option<&str>,
) -> Result<(Response, String), JsValue> {
    let init = RequestInit::new();
    init.set_method(method);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(DEADLINE_MS)));
    let headers = Headers::new()?;
    if let Some((name, value)) = header {
        headers.set(name, value)?; // fails where a typed key is no header value
    }
    init.set_headers(&headers);
    if let Some(body) = body {
        init.set_body(&body.into());
    }
    let window = web_sys::window().ok_or("no window")?;
    let response: Response = JsFuture::from(window.fetch_with_str_and_init(path, &init)).await?.unchecked_into();
    let text = JsFuture::from(response.text()?).await?;
    Ok((response, text.as_string().unwrap_or_default()))
}

/// Anything but the awaited JSON is not from our Worker: a proxy's or another server's page.
fn json<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    shared::json::read(text).ok_or(Failure::Unreachable)
}
