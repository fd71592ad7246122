//! DNS over UDP, TCP and HTTPS.
//!
//! Where a resolver can't be reached the next one is asked. An answer is an answer, whatever its
//! code: going on to another resolver after SERVFAIL would hide a bogus zone.

mod https;
mod plain;
mod server;

use std::time::Duration;

use shared::evidence::DnsAnswer;
use shared::inquiry::RecordType;
use shared::{DomainName, Unseen};
use tokio::sync::Semaphore;

use https::Https;
pub(crate) use server::{Server, system_servers};

/// What is said where there is nobody to ask.
pub(crate) const NO_RESOLVER: &str = "no DNS resolver in /etc/resolv.conf; name one with --resolver";

/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(5);
/// How often each resolver is asked.
const ATTEMPTS: usize = 2;
/// How many questions are open at once.
const OPEN_MAX: usize = 32;

/// Why an attempt brought nothing: the transport, so that another one may do better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lost {
    /// No answer in time.
    Timeout,
    /// It can't be reached, or doesn't speak DNS.
    Failed,
}

/// Asks the resolvers in their order.
pub(crate) struct Resolver {
    servers: Vec<Server>,
    https: Https,
    open: Semaphore,
}

impl Resolver {
    pub(crate) fn new(servers: Vec<Server>) -> Self {
        Self { servers, https: Https::default(), open: Semaphore::new(OPEN_MAX) }
    }

    /// Asks one question; `unchecked`, for an answer whatever its signatures.
    pub(crate) async fn look_up(
        &self,
        name: &DomainName,
        record: RecordType,
        unchecked: bool,
    ) -> Result<DnsAnswer, Unseen> {
        let _turn = self.open.acquire().await;
        let mut why = Unseen::ResolverFailed;
        for _ in 0..ATTEMPTS {
            for server in &self.servers {
                let attempt = async {
                    match server {
                        Server::Plain(address) => plain::ask(*address, name, record, unchecked).await,
                        Server::Https(url) => self.https.ask(url, name, record, unchecked).await,
                    }
                };
                match tokio::time::timeout(ATTEMPT, attempt).await {
                    Ok(Ok(answer)) => return answer,
                    Ok(Err(Lost::Failed)) => {}
                    Ok(Err(Lost::Timeout)) | Err(_) => why = Unseen::DnsTimeout,
                }
            }
        }
        Err(why)
    }
}

#[cfg(test)]
mod tests;
