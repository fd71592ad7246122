//! What is tried by consent beside samples, against real servers: a relay is proved by what arrives at the receiving host,
//! limits are seen where they are. The test drives a case itself, and plays the site that the receiving host tells of
//! arrivals.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mailsins_lab::PROBE_DOMAIN;
use mailsins_lab::sink::{ADDRESS, DOMAIN, SECRET};
use mailsins_tests::sink::Sink;
use mailsins_tests::world::{Told, Wall, World};
use mailsins_tests::{Site, dns as zone};
use probe::Clock;
use probe::arrival::{HEADER, is_signed, sign};
use reqwest::Method;
use serde_json::json;
use shared::api::{NewArrival, Run, RunStage};
use shared::evidence::Arrival;
use shared::grade::Grade;
use shared::grant::{Grant, Token};
use shared::local_part::LocalPart;
use shared::syntax::consent::Word;
use shared::{Case, Inquiry, Report, Verdict, judge};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::sleep;

/// There is one place where the receiving host listens.
static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Takes arrivals as a site does; gives its port.
async fn site(told: Told) -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let status = take(&mut stream, &told).await.unwrap_or("400 Bad Request");
            let _ = stream
                .write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").as_bytes())
                .await;
        }
    });
    Ok(port)
}

async fn take(stream: &mut TcpStream, told: &Told) -> Result<&'static str> {
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut buffer).await?;
        ensure!(count > 0, "it hung up");
        text += std::str::from_utf8(buffer.get(..count).unwrap_or_default())?;
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let field = |name: &str| {
            head.lines().find_map(|line| {
                let (key, value) = line.split_once(": ")?;
                key.eq_ignore_ascii_case(name).then(|| value.to_owned())
            })
        };
        if body.len() < field("content-length").context("no length")?.parse()? {
            continue;
        }
        ensure!(head.starts_with("POST /api/v1/arrivals "), "{head}");
        let signature = field(HEADER).unwrap_or_default();
        ensure!(is_signed(SECRET.as_bytes(), body.as_bytes(), &signature, Wall.now() / 1000), "it is not signed");
        let NewArrival { token, sender, client, header } = serde_json::from_str(body)?;
        let arrival = Arrival { at: Wall.now(), sender, client: Some(client), header };
        if let Ok(mut told) = told.lock() {
            told.insert(token.as_str().to_owned(), arrival);
        }
        return Ok("204 No Content");
    }
}

/// The receiving host, which ends with the test.
async fn receiving_host(post: &str) -> Result<Child> {
    // The one of another test may still be on its way out.
    while TcpListener::bind(ADDRESS).await.is_err() {
        sleep(Duration::from_millis(100)).await;
    }
    let program = std::env::var("MAILSINS_CLI").context("MAILSINS_CLI names the program")?;
    let file = std::env::temp_dir().join(format!("mailsins-sink-{}", std::process::id()));
    std::fs::write(&file, SECRET)?;
    let mut command = Command::new(program);
    command.args(["sink", "--listen", ADDRESS, "--domain", DOMAIN, "--post", post, "--secret-file"]).arg(&file);
    let child = command.stderr(Stdio::null()).kill_on_drop(true).spawn().context("start the receiving host")?;
    for _ in 0..50 {
        if TcpStream::connect(ADDRESS).await.is_ok() {
            let _ = std::fs::remove_file(&file);
            return Ok(child);
        }
        sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("the receiving host does not listen")
}

/// A whole run by consent of a domain, at these addresses, with hosts that somebody names.
async fn run(told: Told, domain: &str, addresses: Vec<IpAddr>, hosts: &[&str]) -> Result<Report> {
    let nonce = format!("{:016x}", Wall.now());
    let mut case = Case::new(domain.parse()?, PROBE_DOMAIN.parse()?, nonce.clone(), Wall.now());
    case.admit_private = true;
    case.options.hosts = hosts.iter().map(|host| host.parse()).collect::<Result<_, _>>()?;
    let mailbox = LocalPart::new("postmaster").context("a local part")?;
    let allow = vec![Word::Relay, Word::Limits];
    case.grant = Some(Grant { allow, mailbox, addresses, sink: Some(DOMAIN.parse()?) });
    Ok(World::new(&case, told, |_| None).drive(case).await)
}

#[tokio::test]
async fn real_servers_by_consent() -> Result<()> {
    let _turn = ONE_AT_A_TIME.lock().await;
    let told = Told::default();
    let port = site(told.clone()).await?;
    let _host = receiving_host(&format!("http://127.0.0.1:{port}")).await?;
    let addresses = (1..=4).map(|last| IpAddr::from([127, 25, 98, last])).collect();
    let report = run(told.clone(), "vow.test", addresses, &[]).await?;
    let behind = run(told.clone(), "vow.test", Vec::new(), &["back.vow.test", "shut.vow.test"]).await?;
    let other = run(told, "pledge.test", vec![IpAddr::from([127, 25, 99, 1])], &[]).await?;

    let mut found: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    let behind = behind.findings.iter().filter(|finding| finding.check == "gateway-bypass");
    for finding in report.findings.iter().chain(behind) {
        let host = finding.subject.split('.').next().unwrap_or_default();
        found.insert((&finding.check, host), &finding.outcome);
    }
    let at_pledge = other.findings.iter().filter(|finding| finding.subject.starts_with("mx1.pledge."));
    found.extend(at_pledge.map(|finding| ((finding.check.as_str(), "pledge"), finding.outcome.as_str())));
    let rows = [
        // Postfix that relays, and has some limits.
        ("open-relay-proof", "mx1", "relays"),
        ("open-relay", "mx1", "relays"),
        ("recipient-limit", "mx1", "too-low"),
        ("connection-limit", "mx1", "limited"),
        ("error-limit", "mx1", "limited"),
        ("smtp-smuggling", "mx1", "second-message"),
        // Postfix that takes mail for everywhere and drops it, without limits.
        ("open-relay-proof", "mx2", "keeps"),
        ("open-relay", "mx2", "not-relayed"),
        ("recipient-limit", "mx2", "none-at-101"),
        ("connection-limit", "mx2", "takes-five"),
        ("error-limit", "mx2", "unlimited"),
        // Postfix that refuses at DATA.
        ("open-relay-proof", "mx3", "refuses"),
        ("open-relay", "mx3", "not-relayed"),
        ("recipient-limit", "mx3", "limited"),
        // Exim that does not relay.
        ("open-relay-proof", "mx4", "not-suspected"),
        ("open-relay", "mx4", "refuses"),
        ("recipient-limit", "mx4", "limited"),
        ("connection-limit", "mx4", "limited"),
        ("smtp-smuggling", "mx4", "one-message"),
        // OpenSMTPD.
        ("open-relay-proof", "pledge", "not-suspected"),
        ("open-relay", "pledge", "refuses"),
        ("recipient-limit", "pledge", "none-at-101"),
        ("connection-limit", "pledge", "takes-five"),
        ("error-limit", "pledge", "unlimited"),
        ("smtp-smuggling", "pledge", "refused"),
        // Behind the filter that mx1 says to be.
        ("gateway-bypass", "back", "open"),
        ("gateway-bypass", "shut", "closed"),
    ];
    let wrong: Vec<String> = rows
        .iter()
        .filter(|(check, host, want)| found.get(&(*check, *host)) != Some(want))
        .map(|(check, host, want)| format!("{check} of {host}: {:?}, not {want}", found.get(&(*check, *host))))
        .collect();
    let told: Vec<_> = report.findings.iter().filter(|f| rows.iter().any(|(check, ..)| f.check == *check)).collect();
    ensure!(wrong.is_empty(), "{wrong:#?}\n{told:#?}");
    // Who takes mail for everywhere and drops it is suspected of nothing any more.
    let dropping =
        report.findings.iter().filter(|f| f.check.starts_with("open-relay") && f.subject.starts_with("mx2."));
    ensure!(dropping.clone().count() == 2 && dropping.clone().all(|f| f.verdict < Verdict::Venial), "{found:#?}");
    let smuggled = found.get(&("smtp-smuggling", "mx2"));
    ensure!(smuggled.is_some_and(|outcome| ["refused", "one-message"].contains(outcome)), "mx2: {smuggled:?}");
    ensure!(found.contains_key(&("line-limit", "mx1")) && found.contains_key(&("line-limit", "mx4")));
    ensure!(report.grade == Some(Grade::F), "{:?}: {}", report.grade, report.why);
    let proof =
        report.findings.iter().find(|finding| finding.outcome == "relays" && finding.check == "open-relay-proof");
    ensure!(proof.is_some_and(|proof| proof.seen.contains("arrived from 127.25.98.1 at ")), "{proof:?}");
    // It is judged again as it was, from its own text.
    let again: Report = serde_json::from_str(&serde_json::to_string(&report)?)?;
    ensure!(judge(&again.case()) == report, "judged again it says something else");
    Ok(())
}

/// The same through a site, from the record to the report. The server takes mail for everybody, so nothing but a message shows
/// that it relays.
#[tokio::test]
async fn a_relay_is_proved_by_a_site() -> Result<()> {
    let _turn = ONE_AT_A_TIME.lock().await;
    let site = Site::new()?;
    let _host = receiving_host(&site.origin).await?;
    let mailbox = Sink::open().await?;
    let domain = "open.consent.test";
    zone::found_at(domain, "mx1.vow.test", "v=mailsins1; by=probe.test; allow=relay; mailbox=lab").await?;
    let begun = site.send(Method::POST, "/api/v1/runs", Some(json!({ "domain": domain }))).await?;
    let run: Run = begun.error_for_status()?.json().await?;
    let letter = mailbox.next().await?;
    let (_, rest) = letter.message.split_once("The code is ").with_context(|| letter.message.clone())?;
    let code = rest.get(..9).context("a code")?;
    let path = format!("/api/v1/runs/{}", run.id);
    let mut run: Run = site.get(&path).await?.error_for_status()?.json().await?;
    while run.stage == RunStage::Sending {
        sleep(Duration::from_millis(300)).await;
        run = site.get(&path).await?.error_for_status()?.json().await?;
    }
    let typed = Some(json!({ "code": code }));
    site.send(Method::POST, &format!("{path}/code"), typed).await?.error_for_status()?;
    site.send(Method::POST, &format!("{path}/start"), None).await?.error_for_status()?;
    let begun = std::time::Instant::now();
    let mut answers = String::new();
    while run.stage != RunStage::Done {
        ensure!(begun.elapsed() < Duration::from_secs(120), "{run:#?}");
        sleep(Duration::from_millis(500)).await;
        let before = site.get(&path).await?.error_for_status()?.text().await?;
        run = serde_json::from_str(&before)?;
        if let (RunStage::Running, Some(scan)) = (run.stage, &run.scan) {
            answers += &before;
            answers += &what_a_running_scan_says(&site, scan).await?;
        }
    }
    let id = run.report.as_deref().and_then(|url| url.rsplit('/').next()).context("a report")?;
    let report = site.report(id).await?;
    // Nobody who watches the run gets to know an address while a message to it is waited for.
    let case = report.case();
    let tokens = case.evidence().filter_map(|piece| match &piece.inquiry {
        Inquiry::Arrival { token } => Some(token.as_str()),
        _ => None,
    });
    let secrets: Vec<&str> = tokens.chain([case.nonce.as_str()]).collect();
    ensure!(secrets.len() > 1 && !answers.is_empty(), "{secrets:?}");
    ensure!(!secrets.iter().any(|secret| answers.contains(secret)), "{secrets:?} in {answers}");
    let proof = report.findings.iter().find(|finding| finding.check == "open-relay-proof").context("no finding")?;
    ensure!(proof.outcome == "relays" && proof.seen.contains("arrived from 127.25.98.1 at "), "{proof:#?}");
    ensure!(report.grade == Some(Grade::F), "{:?}: {}", report.grade, report.why);
    ensure!(run.log.iter().any(|sent| sent.what.contains("whether it relays a message")), "{:#?}", run.log);
    Ok(())
}

/// All that the scan of a run can be asked for, which is nothing until it is over; and it cannot be broken off.
async fn what_a_running_scan_says(site: &Site, scan: &str) -> Result<String> {
    let path = format!("/api/v1/scans/{scan}");
    let mut said = String::new();
    for (method, path) in [
        (Method::GET, path.clone()),
        (Method::DELETE, path.clone()),
        (Method::POST, format!("{path}/report")),
        (Method::GET, format!("{path}/events")),
    ] {
        let answer = site.send(method, &path, None).await?;
        // It may be over by now.
        let is_over = answer.status().is_success();
        let text = answer.text().await?;
        ensure!(is_over || text.contains("/problems/no-scan"), "{path}: {text}");
        if is_over {
            break;
        }
        said += &text;
    }
    Ok(said)
}

/// Only whoever has the secret tells a site of arrivals, and only of those that it waits for.
#[tokio::test]
async fn forged_arrivals() -> Result<()> {
    let site = Site::new()?;
    let now = Wall.now() / 1000;
    let news = NewArrival {
        token: Token::of("nobody", "waits"),
        sender: String::new(),
        client: IpAddr::from([192, 0, 2, 1]),
        header: "Subject: x".to_owned(),
    };
    let body = serde_json::to_string(&news)?;
    let good = sign(SECRET.as_bytes(), body.as_bytes(), now);
    let other = sign(b"another secret, which is as long as it", body.as_bytes(), now);
    let rows = [
        ("unsigned", String::new(), body.clone(), 403),
        ("under another secret", other, body.clone(), 403),
        ("an old one", sign(SECRET.as_bytes(), body.as_bytes(), now - 400), body.clone(), 403),
        ("one from the future", sign(SECRET.as_bytes(), body.as_bytes(), now + 400), body.clone(), 403),
        ("a signature of something else", good.clone(), body.replace("192.0.2.1", "192.0.2.2"), 403),
        ("of what nobody waits for", good, body, 404),
    ];
    for (name, signature, body, want) in rows {
        let request = reqwest::Client::new().post(format!("{}/api/v1/arrivals", site.origin));
        let request = request.header("content-type", "application/json").header(HEADER, signature).body(body);
        let status = request.send().await?.status().as_u16();
        ensure!(status == want, "{name}: {status}");
    }
    Ok(())
}
