//! Fetches a document over HTTPS, by address, and tells what is wrong with a certificate.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Certificate, Client, Response, redirect};
use rustls::CertificateError;
use shared::evidence::{BODY_MAX, FetchFault, Fetched, Record};
use shared::inquiry::RecordType;
use shared::net::is_admitted;
use shared::{Answer, DomainName, HttpsUrl, Unseen};
use tokio::time::{Instant, timeout_at};

use crate::resolver::Resolver;

/// How long the whole of it may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// Fetches; holds what every fetch goes by.
pub(crate) struct Fetcher {
    admit_private: bool,
    /// Authorities to trust besides the widely trusted ones.
    authorities: Vec<Certificate>,
    /// The port to connect to instead of 443: for tests.
    port: u16,
}

impl Fetcher {
    pub(crate) fn new(admit_private: bool, authorities: Vec<Certificate>) -> Self {
        Self { admit_private, authorities, port: 0 }
    }

    /// What stands there. Redirects are not followed, cookies are neither sent nor kept.
    pub(crate) async fn fetch(&self, url: &HttpsUrl, resolver: &Resolver) -> Result<Answer, Unseen> {
        let end = Instant::now() + DEADLINE;
        let found = timeout_at(end, addresses(url, resolver)).await.unwrap_or(Err(Unseen::DnsTimeout))?;
        if found.is_empty() {
            return Ok(Answer::NotFetched(FetchFault::NoAddress));
        }
        let admitted: Vec<_> = found.into_iter().filter(|ip| is_admitted(*ip, self.admit_private)).collect();
        if admitted.is_empty() {
            return Ok(Answer::NotFetched(FetchFault::NotPublic));
        }
        self.get(url, &admitted, end).await
    }

    /// From these addresses and no others.
    async fn get(&self, url: &HttpsUrl, addresses: &[IpAddr], end: Instant) -> Result<Answer, Unseen> {
        let peers: Vec<_> = addresses.iter().map(|ip| SocketAddr::new(*ip, self.port)).collect();
        let mut builder = Client::builder()
            .https_only(true)
            .no_proxy()
            .redirect(redirect::Policy::none())
            .user_agent(concat!("mailsins/", env!("CARGO_PKG_VERSION")))
            .resolve_to_addrs(url.host(), &peers);
        for authority in &self.authorities {
            builder = builder.add_root_certificate(authority.clone());
        }
        let client = builder.build().map_err(|_| Unseen::Failed)?;
        match timeout_at(end, client.get(url.as_str()).send()).await {
            Ok(Ok(response)) => {
                timeout_at(end, read(response)).await.unwrap_or(Err(Unseen::ReplyTimeout)).map(Answer::Fetch)
            }
            Ok(Err(error)) => failed(&error).map(Answer::NotFetched),
            Err(_) => Err(Unseen::ConnectTimeout),
        }
    }
}

/// The certificates in a PEM file.
pub(crate) fn authorities(pem: &[u8]) -> Result<Vec<Certificate>, String> {
    match Certificate::from_pem_bundle(pem) {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err("there is no certificate in it".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// All addresses of the host, IPv4 first.
async fn addresses(url: &HttpsUrl, resolver: &Resolver) -> Result<Vec<IpAddr>, Unseen> {
    let host = DomainName::new(url.host()).map_err(|_| Unseen::Failed)?;
    let ask = |record| resolver.look_up(&host, record, false);
    let (v4, v6) = tokio::join!(ask(RecordType::A), ask(RecordType::Aaaa));
    let mut found = Vec::new();
    let mut unseen = None;
    for family in [v4, v6] {
        match family {
            Ok(answer) => found.extend(answer.records.iter().filter_map(Record::address)),
            Err(why) => unseen = unseen.or(Some(why)),
        }
    }
    // Only where both families were seen does "none" mean that there is none.
    unseen.filter(|_| found.is_empty()).map_or(Ok(found), Err)
}

async fn read(mut response: Response) -> Result<Fetched, Unseen> {
    let mut body = Vec::new();
    while body.len() <= BODY_MAX {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(_) => return Err(Unseen::Closed),
        }
    }
    let header = |name| response.headers().get(name).map(|value| value.as_bytes());
    let media_type = header(CONTENT_TYPE).unwrap_or_default();
    let fetched = Fetched::new(response.status().as_u16(), media_type, header(LOCATION), &body);
    Ok(fetched.with_certificate(probe::pem::certificate(&body)))
}

/// Why there was no response: the host's fault, or not known to be.
fn failed(error: &reqwest::Error) -> Result<FetchFault, Unseen> {
    let mut cause: Option<&dyn Error> = Some(error);
    while let Some(this) = cause {
        if let Some(tls) = this.downcast_ref::<rustls::Error>() {
            return tls_failed(tls);
        }
        let io = this.downcast_ref::<std::io::Error>();
        if let Some(why) = io.and_then(|io| io_failed(io.kind())) {
            return Err(why);
        }
        // The `source` of an I/O error passes over the error that it holds.
        let held = io.and_then(std::io::Error::get_ref).map(|held| held as &dyn Error);
        cause = held.or_else(|| this.source());
    }
    Err(if error.is_connect() { Unseen::Unreachable } else { Unseen::Closed })
}

fn io_failed(kind: std::io::ErrorKind) -> Option<Unseen> {
    use std::io::ErrorKind as Kind;
    match kind {
        Kind::ConnectionRefused => Some(Unseen::Refused),
        Kind::ConnectionReset => Some(Unseen::Reset),
        Kind::UnexpectedEof => Some(Unseen::Closed),
        Kind::TimedOut => Some(Unseen::ConnectTimeout),
        Kind::HostUnreachable | Kind::NetworkUnreachable => Some(Unseen::Unreachable),
        _ => None,
    }
}

fn tls_failed(error: &rustls::Error) -> Result<FetchFault, Unseen> {
    use CertificateError as Bad;
    Ok(match error {
        rustls::Error::InvalidCertificate(why) => match why {
            Bad::Expired | Bad::ExpiredContext { .. } => FetchFault::CertificateExpired,
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => FetchFault::CertificateNotYetValid,
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => FetchFault::CertificateName,
            // A signature is bad also where only the name of the authority is a known one.
            Bad::UnknownIssuer | Bad::BadSignature => FetchFault::CertificateUntrusted,
            // What a self-signed certificate with CA:TRUE comes to.
            Bad::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => FetchFault::CertificateUntrusted,
            _ => FetchFault::CertificateInvalid,
        },
        rustls::Error::AlertReceived(_)
        | rustls::Error::PeerIncompatible(_)
        | rustls::Error::PeerMisbehaved(_)
        | rustls::Error::InvalidMessage(_) => FetchFault::Tls,
        _ => return Err(Unseen::Failed),
    })
}

#[cfg(test)]
mod tests;
