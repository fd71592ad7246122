//! HTTPS requests of the Worker's own: no redirects, no cookies, no cache, one deadline, one cap.

use std::time::Duration;

use shared::evidence::{BODY_MAX, Fetched};
use shared::{Answer, DomainName, HttpsUrl, Unseen};
use worker::{AbortController, CacheMode, Fetch, Headers, Request, RequestInit, RequestRedirect, ResponseBody};

use crate::{body, time};

/// How long fetching a document may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// A response.
pub struct Got {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The body, up to the cap and a little more.
    pub body: Vec<u8>,
}

/// Why there is no response. The platform says no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Not within the deadline.
    Timeout,
    /// In any other way: no such name, refused, a certificate that is not valid.
    Failed,
}

/// Sends a request, and reads the body until it has more than `max` octets.
pub async fn exchange(url: &str, mut init: RequestInit, deadline: Duration, max: usize) -> Result<Got, Lost> {
    init.with_redirect(RequestRedirect::Manual);
    let controller = AbortController::default();
    let signal = controller.signal();
    let exchange = async {
        let request = Request::new_with_init(url, &init)?;
        let mut response = Fetch::Request(request).send_with_signal(&signal).await?;
        // Some answers have no body at all, such as 204.
        let body = match response.body() {
            ResponseBody::Empty => Vec::new(),
            _ => body::until(&mut response.stream()?, max).await?,
        };
        Ok(Got { status: response.status_code(), headers: response.headers().clone(), body })
    };
    let outcome: Option<worker::Result<Got>> = time::within(deadline, exchange).await;
    match outcome {
        Some(Ok(got)) if got.body.len() <= max => Ok(got),
        // The rest of the body, or whatever is still under way, is not waited for.
        outcome => {
            controller.abort();
            match outcome {
                Some(Ok(got)) => Ok(got),
                Some(Err(_)) => Err(Lost::Failed),
                None => Err(Lost::Timeout),
            }
        }
    }
}

/// What stands at an address that the plan named. The platform resolves and connects; on its edge
/// it reaches public addresses only, and everywhere the host must have a certificate in its name.
pub async fn document(url: &HttpsUrl, site: &DomainName) -> Result<Answer, Unseen> {
    let failed = |_| Unseen::Failed;
    let headers = Headers::new();
    headers.set("user-agent", &format!("mailsins (+https://{site}/)")).map_err(failed)?;
    let mut init = RequestInit::new();
    // RFC 8461 section 3.3: caches must not be used.
    init.with_headers(headers).with_cache(CacheMode::NoStore);
    let got = exchange(url.as_str(), init, DEADLINE, BODY_MAX).await.map_err(|_| Unseen::FetchFailed)?;
    let header = |name| got.headers.get(name).ok().flatten();
    let media_type = header("content-type").unwrap_or_default();
    let redirect = header("location");
    let redirect = redirect.as_deref().map(str::as_bytes);
    let fetched = Fetched::new(got.status, media_type.as_bytes(), redirect, &got.body);
    Ok(Answer::Fetch(fetched.with_certificate(probe::pem::certificate(&got.body))))
}
