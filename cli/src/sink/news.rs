//! Tells the site of an arrival.

use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use probe::arrival::{HEADER, sign};
use reqwest::{Client, StatusCode, Url};
use shared::api::NewArrival;
use shared::visible::visible;

use super::session::Message;
use crate::site;

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
        let (client, url) = site::open(("--post", address), ca_file, REQUEST)?;
        let url = url.join("/api/v1/arrivals").map_err(|error| error.to_string())?;
        Ok(Self { client, url, secret })
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
