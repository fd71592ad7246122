//! A site of ours, as this program speaks to it.

use std::path::Path;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Url};

use crate::fetch;

/// The site at an address that was given with this option, and a client for it. What is said there is nobody else's, so
/// it is HTTPS, or this very machine. An error is a sentence for people.
pub(crate) fn open(
    (option, address): (&str, &str),
    ca_file: Option<&Path>,
    request: Duration,
) -> Result<(Client, Url), String> {
    let why = |what: &str| format!("the site {address} can't be asked: {what}. Try: {option} https://mailsins.example");
    let url = Url::parse(address).map_err(|error| why(&error.to_string()))?;
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
        return Err(why("it is not https"));
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || !url.username().is_empty() {
        return Err(why("an address of a site has no path, query or user"));
    }
    let agent = concat!("mailsins/", env!("CARGO_PKG_VERSION"));
    let mut builder = Client::builder().timeout(request).redirect(Policy::none()).user_agent(agent);
    if let Some(file) = ca_file {
        let pem = std::fs::read(file).map_err(|error| error.to_string());
        let found = pem.and_then(|pem| fetch::authorities(&pem));
        let found = found.map_err(|why| format!("{} can't be used: {why}", file.display()))?;
        builder = found.into_iter().fold(builder, ClientBuilder::add_root_certificate);
    }
    Ok((builder.build().map_err(|error| error.to_string())?, url))
}
