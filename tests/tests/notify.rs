//! A domain's own server is told of what changed, by its record only: signed, tried again, given up in the end, and never where
//! the domain does not reach.

#![allow(clippy::indexing_slicing, reason = "what JSON does not have is null")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use mailsins_tests::{Site, dns, setting};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Longer than the lab's build remembers a record.
const FORGOTTEN: Duration = Duration::from_millis(1_500);

const PATIENCE: Duration = Duration::from_secs(60);

/// One post.
#[derive(Clone)]
struct Post {
    at: Instant,
    host: String,
    request: String,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Post {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What comes to the lab's hosts, behind its web server, which speaks TLS for them.
#[derive(Clone, Default)]
struct Receiver(Arc<Mutex<Vec<Post>>>);

impl Receiver {
    /// Begins to listen; `answer` is the status of the post of this number (from 0) to a host.
    async fn open(answer: fn(&str, usize) -> &'static str) -> Result<Self> {
        let receiver = Self::default();
        let listener = TcpListener::bind(mailsins_lab::HOOK).await.context("listen behind the lab's web server")?;
        let heard = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let heard = heard.clone();
                tokio::spawn(async move { heard.take(stream, answer).await });
            }
        });
        Ok(receiver)
    }

    async fn take(&self, stream: TcpStream, answer: fn(&str, usize) -> &'static str) -> Result<()> {
        let mut stream = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let mut lines = lines.into_iter();
        let request = lines.next().unwrap_or_default();
        let field = |line: String| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        let headers: BTreeMap<String, String> = lines.filter_map(field).collect();
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        let host = headers.get("host").cloned().unwrap_or_default();
        let number = self.of(&host).len();
        let post = Post { at: Instant::now(), host: host.clone(), request, headers, body: String::from_utf8(body)? };
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(post);
        let status = answer(&host, number);
        let answer =
            format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nlocation: /elsewhere\r\nconnection: close\r\n\r\n");
        stream.get_mut().write_all(answer.as_bytes()).await?;
        Ok(())
    }

    /// What came to a host so far.
    fn of(&self, host: &str) -> Vec<Post> {
        let posts = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        posts.iter().filter(|post| post.host == host).cloned().collect()
    }
}

/// The hourly round, now.
async fn round(site: &Site) -> Result<()> {
    site.get("/__scheduled?cron=17+*+*+*+*").await?.error_for_status()?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(())
}

/// Rounds until something is so.
async fn until(site: &Site, what: &str, mut is: impl FnMut() -> bool) -> Result<()> {
    let begun = Instant::now();
    while !is() {
        ensure!(begun.elapsed() < PATIENCE, "the rounds do not come to it: {what}");
        round(site).await?;
    }
    Ok(())
}

/// Runs what docs/webhook.md says of verifying.
fn verify(post: &Post, key: &str) -> Result<bool> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/webhook.md"))?;
    let script = page.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).context("no script")?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("webhook");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("body"), &post.body)?;
    let mut sh = Command::new("sh");
    sh.args(["-e", "-c", script]).current_dir(&folder).env("KEY", key);
    sh.env("ID", post.header("webhook-id")).env("AT", post.header("webhook-timestamp"));
    let output = sh.env("SIGNATURE", post.header("webhook-signature")).output().context("run sh")?;
    Ok(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("Signature Verified Successfully"))
}

fn record(domain: &str) -> String {
    format!("v=mailsins1; by=probe.test; allow=history; notify=https://hook.{domain}/of/{domain}?a=b")
}

/// How many messages of the queue the site gave up.
fn given_up() -> Result<usize> {
    Ok(fs::read_to_string(setting("MAILSINS_SITE_LOG")?)?.matches(r#"{"recheck":"given-up"}"#).count())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_is_told_of_changes() -> Result<()> {
    let site = Site::new()?;
    let [told, inside, numb] = ["told.consent.test", "inside.consent.test", "numb.consent.test"];
    let hooks = [told, inside, numb].map(|domain| format!("hook.{domain}"));
    ensure!(hooks == mailsins_lab::HOOKS.map(str::to_owned), "the lab has other hosts");
    // One that is down at first, then sends us elsewhere, then takes it; and one that never does.
    let receiver = Receiver::open(|host, number| match (host, number) {
        ("hook.told.consent.test", 0) => "503 Service Unavailable",
        ("hook.told.consent.test", 1) => "302 Found",
        ("hook.told.consent.test", _) => "204 No Content",
        _ => "500 Internal Server Error",
    })
    .await?;
    for domain in [told, inside, numb] {
        dns::found(domain, &record(domain)).await?;
        dns::set(domain, &["v=spf1 ?all"]).await?;
        site.scan(domain).await?;
    }
    let state: Value = site.get(&format!("/api/v1/consent/{told}")).await?.json().await?;
    ensure!(state["notify"] == format!("https://hook.{told}/of/{told}?a=b"), "{state}");
    let key = state["notify_key"].as_str().context("no key")?;
    let lost = given_up()?;

    // Checked again without a change, nobody is told anything.
    for _ in 0..6 {
        round(&site).await?;
    }
    ensure!(hooks.iter().all(|hook| receiver.of(hook).is_empty()), "told of nothing");

    for domain in [told, inside, numb] {
        dns::set(domain, &["v=spf1 -all"]).await?;
    }
    until(&site, "told in the end", || receiver.of(&hooks[0]).len() >= 3).await?;
    let posts = receiver.of(&hooks[0]);
    for post in &posts {
        ensure!(post.request == format!("POST /of/{told}?a=b HTTP/1.0"), "{}", post.request);
        ensure!(post.header("content-type") == "application/json" && verify(post, key)?, "{}", post.body);
        ensure!(post.header("webhook-id") == posts[0].header("webhook-id") && post.body == posts[0].body);
    }
    let forged = Post { body: posts[0].body.replace("better", "worse!"), ..posts[0].clone() };
    ensure!(!verify(&forged, key)?, "a forged body is verified");
    let gaps = [posts[1].at - posts[0].at, posts[2].at - posts[1].at];
    ensure!(gaps.iter().all(|gap| *gap >= Duration::from_millis(1_800)), "it waits before it tries again: {gaps:?}");

    let body: Value = serde_json::from_str(&posts[0].body)?;
    ensure!(body["type"] == "report.changed" && body["domain"] == told && body["better"].as_u64() >= Some(1), "{body}");
    ensure!(body["before"]["grade"].is_null() != body["before"]["grade"].is_string(), "{body}");
    let path = |place: &str| -> Result<String> {
        let url = body.pointer(place).and_then(Value::as_str).with_context(|| format!("no {place} in {body}"))?;
        Ok(url.strip_prefix("https://probe.test").with_context(|| format!("{url} is elsewhere"))?.to_owned())
    };
    let page = site.get(&path("/difference")?).await?.error_for_status()?.text().await?;
    ensure!(page.contains("data-turn=\"better\""), "{page}");
    for report in ["/before/report", "/after/report"] {
        site.get(&path(report)?).await?.error_for_status()?;
    }

    // Who takes nothing is given up, after tries that take longer and longer: on the edge five, in the local runtime four.
    let begun = Instant::now();
    while receiver.of(&hooks[2]).len() < 4 || given_up()? == lost {
        ensure!(begun.elapsed() < PATIENCE, "never given up, after {} tries", receiver.of(&hooks[2]).len());
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let tries = receiver.of(&hooks[2]);
    let gaps: Vec<Duration> = tries.windows(2).map(|two| two[1].at - two[0].at).collect();
    ensure!((4..=5).contains(&tries.len()) && gaps.last() > gaps.first().map(|gap| *gap * 3 / 2).as_ref(), "{gaps:?}");
    // Neither the address that nobody may be sent to was tried, nor where a redirect leads.
    ensure!(receiver.of(&hooks[1]).is_empty(), "connected to where nobody may be sent");
    ensure!(receiver.of(&hooks[0]).len() == 3, "told again");

    // Nor is anybody told once the record says so no longer.
    dns::say(told, &["v=mailsins1; by=probe.test; allow=history"]).await?;
    dns::set(told, &["v=spf1 ?all"]).await?;
    tokio::time::sleep(FORGOTTEN).await;
    // The page shows what changed last: only until the next check.
    let begun = Instant::now();
    loop {
        round(&site).await?;
        let page = site.get(&format!("/d/{told}")).await?.text().await?;
        if page.contains("data-turn=\"worse\"") {
            break;
        }
        ensure!(begun.elapsed() < PATIENCE, "not checked again: {page}");
    }
    for _ in 0..3 {
        round(&site).await?;
    }
    ensure!(receiver.of(&hooks[0]).len() == 3, "told without consent");
    Ok(())
}
