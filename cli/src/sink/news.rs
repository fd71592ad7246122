//! Tells the site of an arrival.

use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use probe::arrival::{HEADER, sign};
use reqwest::{Client, StatusCode, Url};
use shared::api::NewArrival;
use shared::visible::visible;

use super::session::Message;
use crate::fetch;

/// How long the site may take to answer.
const REQUEST: Duration = Duration::from_secs(20);

/// The site, and the secret that it shares with us.
pub(super) struct Site {
    client: Client,
    url: Url,
    secret: String,
}

impl Site {
    /// An error is a sentence for people.
    pub(super) fn new(address: &str, ca_file: Option<&Path>, secret: String) -> Result<Self, String> {
        let why =
            |what: &str| format!("the site {address} can't be told: {what}. Try: --post https://mailsins.example");
        let url = Url::parse(address).map_err(|error| why(&error.to_string()))?;
        let loopback = match url.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        };
        // The secret does not travel, but what came does.
        if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
            return Err(why("it is not https"));
        }
        let url = url.join("/api/v1/arrivals").map_err(|error| why(&error.to_string()))?;
        let mut builder = Client::builder()
            .timeout(REQUEST)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("mailsins/", env!("CARGO_PKG_VERSION")));
        if let Some(file) = ca_file {
            let pem = std::fs::read(file).map_err(|error| error.to_string());
            let found = pem.and_then(|pem| fetch::authorities(&pem));
            let found = found.map_err(|why| format!("{} can't be used: {why}", file.display()))?;
            builder = found.into_iter().fold(builder, reqwest::ClientBuilder::add_root_certificate);
        }
        Ok(Self { client: builder.build().map_err(|error| error.to_string())?, url, secret })
    }

    /// Tells it. An error is the reply to whoever sent the message.
    pub(super) async fn tell(&self, message: &Message, client: IpAddr) -> Result<(), &'static str> {
        const LATER: &str = "451 4.3.0 The site that waits for this can't be told now, try again later";
        let news = NewArrival {
            token: message.token.clone(),
            sender: message.sender.clone(),
            client,
            header: message.header.clone(),
        };
        let body = serde_json::to_vec(&news).map_err(|_| LATER)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| LATER)?.as_secs();
        let request = self
            .client
            .post(self.url.clone())
            .header("content-type", "application/json")
            .header(HEADER, sign(self.secret.as_bytes(), &body, now))
            .body(body);
        let (status, taken) = match request.send().await.map(|response| response.status()) {
            Ok(status) if status.is_success() => ("taken".to_owned(), Ok(())),
            Ok(StatusCode::NOT_FOUND) => {
                ("not waited for".to_owned(), Err("550 5.1.1 Nobody waits for a message at this address"))
            }
            Ok(status) => (format!("the site answers {status}"), Err(LATER)),
            Err(error) => (error.without_url().to_string(), Err(LATER)),
        };
        // One line a message, for whoever runs it.
        eprintln!("mailsins: {} from {client}: {}", message.token.as_str(), visible(&status));
        taken
    }
}
