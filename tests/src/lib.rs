//! What the tests of the whole share: the site's API and the terminal program, as their users
//! meet them. Everything here needs what `./x test` sets up.

pub mod dns;
pub mod faults;
pub mod inspect;
pub mod page;
pub mod relay;
pub mod served;
pub mod sink;
pub mod wire;
pub mod world;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use reqwest::{Method, Response, StatusCode};
use shared::api::{Drive, NewScan, Published, ScanState};
use shared::{Options, Report};

/// The longest that a scan may take, with room for the machine.
pub const SCAN_LIMIT: Duration = Duration::from_secs(130);

/// A variable that `./x test` sets.
pub fn setting(name: &str) -> Result<String> {
    std::env::var(name).with_context(|| format!("{name} is not set: run these tests by `./x test`"))
}

/// What makes two reports say the same: check, subject, outcome, verdict.
pub fn says(report: &Report) -> BTreeSet<(String, String, String, String)> {
    let row = |finding: &shared::Finding| {
        (finding.check.clone(), finding.subject.clone(), finding.outcome.clone(), finding.verdict.word().to_owned())
    };
    report.findings.iter().map(row).collect()
}

/// Runs `mailsins` with these arguments: its exit code and what it printed.
pub async fn terminal(arguments: &[&str]) -> Result<(i32, String, String)> {
    let mut command = tokio::process::Command::new(setting("MAILSINS_CLI")?);
    command.args(arguments).kill_on_drop(true);
    let output = tokio::time::timeout(SCAN_LIMIT, command.output()).await.context("mailsins took too long")??;
    let code = output.status.code().context("mailsins was killed")?;
    Ok((code, String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?))
}

/// The site under test.
pub struct Site {
    client: reqwest::Client,
    /// Its address, without a slash at the end.
    pub origin: String,
}

impl Site {
    /// The site that `./x test` started.
    pub fn new() -> Result<Self> {
        Self::at("MAILSINS_SITE")
    }

    /// Another one of those that it started, by the variable that names it.
    pub fn at(variable: &str) -> Result<Self> {
        Self::on(setting(variable)?)
    }

    /// A site by its address.
    pub fn on(origin: String) -> Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            // Long before workerd closes it: a request must not meet that.
            .pool_idle_timeout(Duration::from_secs(1))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { client, origin })
    }

    /// A request with a JSON body, or none.
    pub async fn send(&self, method: Method, path: &str, body: Option<serde_json::Value>) -> Result<Response> {
        let mut request = self.client.request(method, format!("{}{path}", self.origin));
        if let Some(body) = body {
            request = request.json(&body);
        }
        Ok(request.send().await?)
    }

    /// A request with this header.
    pub async fn send_with(&self, method: Method, path: &str, header: (&str, &str)) -> Result<Response> {
        Ok(self.client.request(method, format!("{}{path}", self.origin)).header(header.0, header.1).send().await?)
    }

    /// A GET.
    pub async fn get(&self, path: &str) -> Result<Response> {
        self.send(Method::GET, path, None).await
    }

    /// Begins a scan.
    pub async fn begin(&self, domain: &str, drive: Drive) -> Result<ScanState> {
        self.begin_with(domain, Options::default(), drive).await
    }

    /// Begins a scan with these choices.
    pub async fn begin_with(&self, domain: &str, options: Options, drive: Drive) -> Result<ScanState> {
        let body = NewScan { domain: domain.to_owned(), options, drive, max_age: None, mailtest: None };
        let response = self.send(Method::POST, "/api/v1/scans", Some(serde_json::to_value(body)?)).await?;
        if response.status() != StatusCode::CREATED {
            bail!("no scan of {domain}: {} {}", response.status(), response.text().await?);
        }
        Ok(response.json().await?)
    }

    /// The scan as it stands.
    pub async fn state(&self, id: &str) -> Result<ScanState> {
        Ok(self.get(&format!("/api/v1/scans/{id}?since=0")).await?.error_for_status()?.json().await?)
    }

    /// Waits for a scan that the site drives.
    pub async fn finish(&self, id: &str) -> Result<ScanState> {
        let begun = Instant::now();
        loop {
            let state = self.state(id).await?;
            if state.complete {
                return Ok(state);
            }
            if begun.elapsed() > SCAN_LIMIT {
                bail!("the scan does not end; it asks {:?} and waits for {:?}", state.inquiries, state.asking);
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Publishes a complete scan.
    pub async fn publish(&self, id: &str) -> Result<Published> {
        let response = self.send(Method::POST, &format!("/api/v1/scans/{id}/report"), None).await?;
        if !response.status().is_success() {
            bail!("not published: {} {}", response.status(), response.text().await?);
        }
        Ok(response.json().await?)
    }

    /// A published report's JSON.
    pub async fn report(&self, id: &str) -> Result<Report> {
        Ok(self.get(&format!("/r/{id}.json")).await?.error_for_status()?.json().await?)
    }

    /// Scans and publishes a domain.
    pub async fn scan(&self, domain: &str) -> Result<(Published, Report)> {
        self.scan_with(domain, Options::default()).await
    }

    /// Scans and publishes a domain, with these choices.
    pub async fn scan_with(&self, domain: &str, options: Options) -> Result<(Published, Report)> {
        let scan = self.begin_with(domain, options, Drive::Server).await?;
        self.finish(&scan.id).await?;
        let published = self.publish(&scan.id).await?;
        let report = self.report(&published.id).await?;
        Ok((published, report))
    }
}
