//! `mailsins publish`: asks a site to check a domain by itself, and to publish what it finds. Nothing that this
//! program sees is sent: a client's evidence counts for nothing.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write as _};
use std::path::Path;
use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use shared::Options;
use shared::api::{Asking, Drive, NewScan, Problem, Published, ScanState};
use shared::case::selectors;
use shared::visible::visible;
use tokio::time::{Instant, sleep};

use crate::args::Publish;
use crate::formats::escaped;
use crate::{End, domains, refuse, site};

/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(30);

/// How long all of it may take: a scan ends after 110 s, and a site may make us wait.
const PATIENCE: Duration = Duration::from_secs(300);

/// How often is asked how far it is.
const TICK: Duration = Duration::from_secs(2);

/// How long to wait where a site says "later", but not when.
const LATER: Duration = Duration::from_secs(30);

/// The longest answer that is read, in octets: a scan's state carries evidence.
const ANSWER_MAX: usize = 16 * 1024 * 1024;

pub(crate) fn run(publish: &Publish) -> End {
    let (site, scan) = match begin(publish) {
        Ok(begun) => begun,
        Err(why) => return refuse(End::Usage, &why),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(End::Unable, &error.to_string()),
    };
    let told = Told { wanted: !publish.quiet, redraws: std::io::stderr().is_terminal() };
    let done = runtime.block_on(async {
        tokio::select! {
            done = site.publish(&scan, &told) => done,
            _ = tokio::signal::ctrl_c() => Err("cancelled; the site may still be at work".to_owned()),
        }
    });
    runtime.shutdown_background();
    told.clear();
    match done {
        Ok(published) => {
            let text = if publish.json { in_json(&published) } else { in_words(&published) };
            // A reader that has seen enough and closed the pipe is no failure.
            let _ = std::io::stdout().write_all(text.as_bytes());
            End::Clean
        }
        Err(why) => refuse(End::Unable, &why),
    }
}

fn begin(publish: &Publish) -> Result<(Site, NewScan), String> {
    let typed = domains::domain(&publish.domain)?;
    let hosts: BTreeSet<_> = publish.host.iter().cloned().collect();
    let options = Options { selectors: selectors(&publish.selector)?, hosts: hosts.into_iter().collect() };
    options.check(&typed.domain)?;
    let scan = NewScan {
        domain: typed.domain.to_string(),
        options,
        drive: Drive::Server,
        max_age: publish.max_age,
        mailtest: None,
    };
    Ok((Site::new(&publish.site, publish.ca_file.as_deref())?, scan))
}

/// A site that checks and publishes.
struct Site {
    client: Client,
    /// Its address, without a slash at the end.
    origin: String,
}

impl Site {
    fn new(address: &str, ca_file: Option<&Path>) -> Result<Self, String> {
        let (client, url) = site::open(("--site", address), ca_file, REQUEST)?;
        Ok(Self { client, origin: url.origin().ascii_serialization() })
    }

    /// Scans, waits and publishes.
    async fn publish(&self, scan: &NewScan, told: &Told) -> Result<Published, String> {
        let end = Instant::now() + PATIENCE;
        let body = serde_json::to_value(scan).map_err(|error| error.to_string())?;
        let mut state: ScanState = self.ask(Method::POST, "/api/v1/scans", Some(&body), end, told).await?;
        // It stands in paths from here on.
        if state.id.is_empty() || !state.id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) {
            return Err("the site gives its scan an id that is none".to_owned());
        }
        let path = format!("/api/v1/scans/{}", state.id);
        let mut seen = 0;
        while !state.complete {
            if state.cancelled {
                return Err("somebody has broken the scan off".to_owned());
            }
            seen = state.evidence.iter().map(|evidence| evidence.seq).max().unwrap_or(seen);
            told.say(&waiting(seen, &state));
            if Instant::now() + TICK > end {
                return Err(format!("the site was not done after {} seconds", PATIENCE.as_secs()));
            }
            sleep(TICK).await;
            state = self.ask(Method::GET, &format!("{path}?since={seen}"), None, end, told).await?;
        }
        self.ask(Method::POST, &format!("{path}/report"), None, end, told).await
    }

    /// One request; again where the site says "later", as long as there is time. An error is a sentence for people.
    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&serde_json::Value>,
        end: Instant,
        told: &Told,
    ) -> Result<T, String> {
        loop {
            let mut request = self.client.request(method.clone(), format!("{}{path}", self.origin));
            if let Some(body) = body {
                request = request.json(body);
            }
            let response = request
                .send()
                .await
                .map_err(|error| format!("{} could not be reached: {}", self.origin, reasons(&error.without_url())))?;
            let (status, wait) = (response.status(), retry_after(&response));
            let answer = read(response).await?;
            if status.is_success() {
                let bad = |error| format!("{} does not answer as a mailsins site does: {error}", self.origin);
                return serde_json::from_slice(&answer).map_err(bad);
            }
            let problem = problem(status, &answer);
            let later = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
            let wait = match (later, wait) {
                (true, Some(wait)) => wait,
                (true, None) if status == StatusCode::TOO_MANY_REQUESTS => LATER,
                _ => return Err(problem),
            };
            if Instant::now() + wait > end {
                return Err(format!("{problem} It says to come back in {} seconds.", wait.as_secs()));
            }
            told.say(&format!("{problem} Trying again in {} s", wait.as_secs()));
            sleep(wait).await;
        }
    }
}

/// Seconds to wait (RFC 9110 section 10.2.3); a date is not read.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(u64::max(seconds, 1)))
}

async fn read(mut response: Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_MAX => body.extend_from_slice(&chunk),
            Ok(Some(_)) => return Err(format!("the site's answer is longer than {ANSWER_MAX} octets")),
            Ok(None) => return Ok(body),
            Err(error) => return Err(format!("the site's answer broke off: {}", reasons(&error.without_url()))),
        }
    }
}

/// An error and what is behind it.
fn reasons(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(this) = cause {
        text = format!("{text}: {this}");
        cause = this.source();
    }
    text
}

/// What a problem document says (RFC 9457), or the status alone.
fn problem(status: StatusCode, body: &[u8]) -> String {
    match serde_json::from_slice::<Problem>(body) {
        Ok(problem) => format!("{}: {} ({})", problem.title, problem.detail, problem.kind),
        Err(_) => format!("The site answers with status {status}."),
    }
}

fn waiting(seen: u64, state: &ScanState) -> String {
    let longest = state.asking.iter().min_by_key(|asking| asking.since);
    let asking = |asking: &Asking| {
        let seconds = state.now.saturating_sub(asking.since) / 1000;
        format!(" Asking {}: {seconds} s", asking.inquiry)
    };
    format!("{seen} in, {} open.{}", state.asking.len(), longest.map(asking).unwrap_or_default())
}

fn in_words(published: &Published) -> String {
    let Published { url, badge, delete_key, .. } = published;
    let key = match delete_key {
        Some(key) => format!("{key}  (it deletes the report, and is told only once)"),
        None => "told already, to whoever published it first".to_owned(),
    };
    let line = |name: &str, text: &str| format!("{name:<11} {}\n", visible(text).replace('\n', " "));
    line("report", url) + &line("badge", &format!("{badge}.svg")) + &line("delete key", &key)
}

fn in_json(published: &Published) -> String {
    let json = serde_json::to_string_pretty(published).unwrap_or_default();
    format!("{}\n", escaped(&json))
}

/// Tells how far it is, on standard error.
struct Told {
    wanted: bool,
    /// One line that is drawn anew, rather than a line each.
    redraws: bool,
}

impl Told {
    fn say(&self, text: &str) {
        let text = visible(text).replace('\n', " ");
        match (self.wanted, self.redraws) {
            (false, _) => {}
            (true, true) => {
                let line: String = text.chars().take(crate::style::width() - 1).collect();
                eprint!("\r\x1b[2K{line}");
            }
            (true, false) => eprintln!("{text}"),
        }
    }

    fn clear(&self) {
        if self.wanted && self.redraws {
            eprint!("\r\x1b[2K");
        }
    }
}
