//! What requests cost a site: processor time, beside a Worker that does nothing and beside a file.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use shared::Inquiry;

use crate::cpu::Group;
use crate::http::Ask;
use crate::row::{Row, number};
use crate::timing::{median, quantile};

/// The domain that is scanned.
const DOMAIN: &str = "saint.test";
/// How long after a response its work may still go on.
const AFTER: Duration = Duration::from_millis(6);

/// Work is over when so long nothing is done. The lab's servers answer within a few milliseconds.
const WINDOW: Duration = Duration::from_millis(80);

/// A running site.
pub struct Site {
    pub port: u16,
    pub group: Group,
}

/// What each route costs. `empty` is the same workerd with a Worker that does nothing.
pub fn rows(site: &Site, empty: &Site, count: usize) -> Result<Vec<Row>> {
    let nothing = Ask::get("/");
    let floor = median(spent(empty, &nothing, count)?);
    let mut rows = vec![
        Row::new("route cost, a Worker that does nothing", cost(&spent(empty, &nothing, count)?, 0.0))
            .with("the floor: what follows is above it"),
    ];
    let state = scanned(site, DOMAIN)?;
    let id = word(&state, "id")?;
    let (page, badge) = published(site, &id)?;
    let gets = [
        ("a file", "/favicon.svg".to_owned()),
        ("GET /r/{id}", format!("/r/{page}")),
        ("GET /r/{id}.json", format!("/r/{page}.json")),
        ("GET /r/{id}.md", format!("/r/{page}.md")),
        ("GET /badge/{id}.svg", format!("/badge/{badge}.svg")),
        ("GET /badge/{id}.json", format!("/badge/{badge}.json")),
        ("GET /checks", "/checks".to_owned()),
        ("GET /api/v1/checks", "/api/v1/checks".to_owned()),
        ("GET /api/v1/consent/{domain}", format!("/api/v1/consent/{DOMAIN}")),
        ("GET /d/{domain}", format!("/d/{DOMAIN}")),
        ("GET /api/v1/scans/{id}, complete", format!("/api/v1/scans/{id}")),
    ];
    for (what, path) in gets {
        let ask = Ask::get(path);
        rows.push(route(site, what, &ask, count, floor)?);
    }
    let ask = Ask::post("/api/v1/scans", json!({ "domain": DOMAIN }).to_string());
    let mut begun = Vec::new();
    let costs = spent_and(site, &ask, count / 4, &mut |body| begun.push(body))?;
    rows.push(Row::new("route cost, POST /api/v1/scans", cost(&costs, floor)));
    // A scan that nobody drives asks by itself after a while, beside what is measured then.
    for made in begun {
        let id = word(&serde_json::from_str(&made)?, "id")?;
        let (status, _) = Ask::delete(format!("/api/v1/scans/{id}")).send(site.port)?;
        ensure!(status == 204, "cancelling answers {status}");
    }
    let ask = Ask::post("/api/v1/mailtests", "");
    rows.push(route(site, "POST /api/v1/mailtests", &ask, count / 4, floor)?);
    rows.extend(scans(site, floor, (count / 40).max(3))?);
    rows.push(
        Row::new("peak memory, workerd after all that", format!("{:.0} MB", site.group.peak_mb()))
            .with(format!("with a Worker that does nothing {:.0} MB", empty.group.peak_mb())),
    );
    Ok(rows)
}

/// A complete scan that the site drove.
pub fn scanned(site: &Site, domain: &str) -> Result<Value> {
    let new = Ask::post("/api/v1/scans", json!({ "domain": domain, "drive": "server" }).to_string());
    let made: Value = serde_json::from_str(&new.fetch(site.port)?)?;
    let id = word(&made, "id")?;
    let begun = Instant::now();
    loop {
        let state: Value =
            serde_json::from_str(&Ask::get(format!("/api/v1/scans/{id}?since=100000")).fetch(site.port)?)?;
        if state.get("complete") == Some(&Value::Bool(true)) {
            return Ok(state);
        }
        ensure!(begun.elapsed() < Duration::from_secs(120), "the scan of {domain} does not end");
        sleep(Duration::from_millis(20));
    }
}

/// Publishes a complete scan: the ids of its report and its badge.
fn published(site: &Site, id: &str) -> Result<(String, String)> {
    let published = Ask::post(format!("/api/v1/scans/{id}/report"), "").fetch(site.port)?;
    let published: Value = serde_json::from_str(&published)?;
    let badge = word(&published, "badge")?;
    Ok((word(&published, "id")?, badge.rsplit('/').next().unwrap_or(&badge).to_owned()))
}

/// Scans and publishes: the ids of a report and of its badge.
pub fn publish(site: &Site) -> Result<(String, String)> {
    published(site, &word(&scanned(site, DOMAIN)?, "id")?)
}

/// Whole scans, driven from here: each conversation alone, and publishing.
fn scans(site: &Site, floor: f64, times: usize) -> Result<Vec<Row>> {
    let mut conversations: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let (mut batches, mut publishing) = (Vec::new(), Vec::new());
    for _ in 0..times {
        let new = Ask::post("/api/v1/scans", json!({ "domain": DOMAIN }).to_string());
        let made: Value = serde_json::from_str(&new.fetch(site.port)?)?;
        let id = word(&made, "id")?;
        let mut asked = Vec::new();
        loop {
            let state: Value =
                serde_json::from_str(&Ask::get(format!("/api/v1/scans/{id}?since=100000")).fetch(site.port)?)?;
            let open: Vec<Value> = state.get("inquiries").and_then(Value::as_array).cloned().unwrap_or_default();
            let (talks, questions): (Vec<Value>, Vec<Value>) = open.into_iter().partition(is_conversation);
            if state.get("complete") == Some(&Value::Bool(true)) {
                break;
            }
            for batch in questions.chunks(20) {
                let ms = posted(site, &id, batch)?;
                if batch.len() == 20 {
                    batches.push(ms - floor);
                }
            }
            for talk in talks.iter().take(1) {
                let ms = posted(site, &id, std::slice::from_ref(talk))?;
                let inquiry: Inquiry = serde_json::from_value(talk.clone())?;
                conversations.entry(kind(&inquiry)).or_default().push(ms - floor);
                asked.push(inquiry);
            }
            ensure!(asked.len() < 200, "the scan does not end");
        }
        let report = Ask::post(format!("/api/v1/scans/{id}/report"), "");
        let before = site.group.spent();
        report.fetch(site.port)?;
        publishing.push(site.group.until_quiet(before, WINDOW) - floor);
    }
    let mut rows = vec![
        Row::new("route cost, POST …/inquiries, 20 DNS questions and their answers", cost(&batches, 0.0)),
        Row::new("route cost, POST …/report: judged and published", cost(&publishing, 0.0)),
    ];
    for (what, costs) in conversations {
        rows.push(Row::new(format!("route cost, POST …/inquiries, one conversation: {what}"), cost(&costs, 0.0)));
    }
    Ok(rows)
}

/// Posts inquiries and waits until nothing more is done for them; what that cost, in milliseconds.
fn posted(site: &Site, id: &str, inquiries: &[Value]) -> Result<f64> {
    let ask = Ask::post(format!("/api/v1/scans/{id}/inquiries"), json!({ "inquiries": inquiries }).to_string());
    let before = site.group.spent();
    ask.fetch(site.port)?;
    Ok(site.group.until_quiet(before, WINDOW))
}

fn is_conversation(inquiry: &Value) -> bool {
    serde_json::from_value(inquiry.clone()).is_ok_and(|inquiry: Inquiry| matches!(inquiry, Inquiry::Probe { .. }))
}

fn kind(inquiry: &Inquiry) -> String {
    let text = inquiry.to_string();
    text.split_once(" on ").map_or(text.clone(), |(_, what)| what.to_owned())
}

/// A route, whatever it answers: a refusal has its cost, too.
fn route(site: &Site, what: &str, ask: &Ask, count: usize, floor: f64) -> Result<Row> {
    let (status, _) = ask.send(site.port)?;
    let row = Row::new(format!("route cost, {what}"), cost(&spent(site, ask, count)?, floor));
    Ok(if status < 300 { row } else { row.with(format!("it answers {status}")) })
}

/// What single requests cost, each in milliseconds.
fn spent(site: &Site, ask: &Ask, count: usize) -> Result<Vec<f64>> {
    spent_and(site, ask, count, &mut drop)
}

/// The same, handing on what each answers.
fn spent_and(site: &Site, ask: &Ask, count: usize, take: &mut dyn FnMut(String)) -> Result<Vec<f64>> {
    // The first ones compile.
    for _ in 0..count.min(20) {
        take(ask.send(site.port)?.1);
    }
    sleep(Duration::from_millis(50));
    let mut costs = Vec::new();
    for _ in 0..count.max(1) {
        let before = site.group.spent();
        let (_, body) = ask.send(site.port)?;
        sleep(AFTER);
        costs.push(site.group.spent() - before);
        take(body);
    }
    Ok(costs)
}

fn cost(costs: &[f64], floor: f64) -> String {
    let at = |part| number((quantile(costs.to_vec(), part) - floor).max(0.0));
    format!("{} ms CPU, 99 %: {} ms", at(0.5), at(0.99))
}

fn word(value: &Value, name: &str) -> Result<String> {
    let text = value.get(name).and_then(Value::as_str).map(str::to_owned);
    text.with_context(|| format!("no {name} in {value}"))
}
