//! DNS over HTTPS (RFC 8484).

use std::sync::OnceLock;

use probe::dns::{answer, query};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Client, Url, redirect};
use shared::evidence::DnsAnswer;
use shared::inquiry::RecordType;
use shared::{DomainName, Unseen};

use super::Lost;

const MESSAGE: &str = "application/dns-message";
/// The largest DNS message, in octets.
const MESSAGE_MAX: usize = 65_535;

/// The client is made when it is first needed: it loads root certificates.
#[derive(Default)]
pub(super) struct Https {
    clear: OnceLock<Option<Client>>,
    secure: OnceLock<Option<Client>>,
}

impl Https {
    /// One attempt. Only a DNS message is an answer; any other status is the resolver's trouble.
    pub(super) async fn ask(
        &self,
        url: &Url,
        name: &DomainName,
        record: RecordType,
        unchecked: bool,
    ) -> Result<Result<DnsAnswer, Unseen>, Lost> {
        // Section 4.1: id 0, for the caches on the way.
        let question = query(name, record, unchecked, 0).map_err(|_| Lost::Failed)?;
        let request = self.client(url).ok_or(Lost::Failed)?.post(url.clone());
        let request = request.header(ACCEPT, MESSAGE).header(CONTENT_TYPE, MESSAGE).body(question);
        let mut response = request.send().await.map_err(|error| lost(&error))?;
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !response.status().is_success() || !kind.starts_with(MESSAGE) {
            return Err(Lost::Failed);
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| lost(&error))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MESSAGE_MAX {
                return Ok(Err(Unseen::OverCap));
            }
        }
        Ok(answer(&bytes, name, record, 0))
    }

    /// In the clear only to this very machine, and then past any proxy.
    fn client(&self, url: &Url) -> Option<&Client> {
        let builder = || Client::builder().redirect(redirect::Policy::none()).user_agent("mailsins");
        if url.scheme() == "https" {
            self.secure.get_or_init(|| builder().https_only(true).build().ok()).as_ref()
        } else {
            self.clear.get_or_init(|| builder().no_proxy().build().ok()).as_ref()
        }
    }
}

fn lost(error: &reqwest::Error) -> Lost {
    if error.is_timeout() { Lost::Timeout } else { Lost::Failed }
}
