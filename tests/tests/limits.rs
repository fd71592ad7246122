//! What is tried by consent beside samples, against real servers: a relay is proved by what arrives at the receiving host,
//! limits are seen where they are. The test drives `plan` and `judge` itself, over sockets of its own, and plays the site
//! that the receiving host tells of arrivals.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::IpAddr;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use futures_util::future::join_all;
use mailsins_lab::sink::{ADDRESS, DOMAIN, SECRET};
use mailsins_lab::{PROBE_DOMAIN, RESOLVER};
use mailsins_tests::sink::Sink;
use mailsins_tests::{Site, dns as zone};
use probe::arrival::{HEADER, is_signed, sign};
use probe::dialogue::Talk;
use probe::{Clock, Identity, dialogue, dns, session};
use reqwest::Method;
use serde_json::json;
use shared::api::{NewArrival, Run, RunStage};
use shared::evidence::Arrival;
use shared::grade::Grade;
use shared::grant::{Grant, Token};
use shared::inquiry::RecordType;
use shared::local_part::LocalPart;
use shared::syntax::consent::Word;
use shared::{Answer, Case, DomainName, Evidence, Inquiry, Report, Unseen, judge, plan};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// How long an arrival is waited for: ten minutes in the world, a moment here.
const PATIENCE: Duration = Duration::from_secs(6);

#[derive(Clone, Copy)]
struct Wall;

impl Clock for Wall {
    fn now(&self) -> u64 {
        u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()).unwrap_or_default()
    }

    fn sleep(&self, for_: Duration) -> impl Future<Output = ()> {
        sleep(for_)
    }
}

/// What was told of arrivals, by token.
type Told = Arc<Mutex<HashMap<String, Arrival>>>;

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

/// What the inquiries of a case share.
struct World {
    identity: Identity,
    nonce: String,
    told: Told,
    turns: Mutex<HashMap<IpAddr, Arc<tokio::sync::Mutex<()>>>>,
}

impl World {
    async fn ask(&self, inquiry: Inquiry) -> Evidence {
        let at = Wall.now();
        let answer = match &inquiry {
            Inquiry::Dns { name, record, unchecked } => look_up(name, *record, *unchecked).await.map(Answer::Dns),
            Inquiry::Probe { address, port, host, script } => {
                let turn = self.turns.lock().map(|mut turns| turns.entry(*address).or_default().clone());
                let turn = turn.unwrap_or_default();
                let _turn = turn.lock().await;
                let talks = (0..script.connections()).map(|_| {
                    let talk = Talk::new(script, &self.identity, &self.nonce, *address);
                    converse(*address, *port, talk.inside_tls(host.clone(), *port).refusals_left(4))
                });
                dialogue::beside(join_all(talks).await)
            }
            Inquiry::Arrival { token } => {
                let come = async {
                    loop {
                        if let Some(arrival) = self.told.lock().ok().and_then(|told| told.get(token.as_str()).cloned())
                        {
                            return arrival;
                        }
                        sleep(Duration::from_millis(100)).await;
                    }
                };
                Ok(Answer::Arrived(timeout(PATIENCE, come).await.ok()))
            }
            Inquiry::Owner { .. } | Inquiry::Mail => Err(Unseen::OutOfTime),
            Inquiry::Fetch { .. } => Err(Unseen::FetchFailed),
        };
        let took = u32::try_from(Wall.now().saturating_sub(at)).unwrap_or(u32::MAX);
        Evidence { inquiry, at, took, answer }
    }
}

async fn converse(address: IpAddr, port: u16, talk: Talk) -> Result<Answer, Unseen> {
    let connect = timeout(session::CONNECT_TIMEOUT, TcpStream::connect((address, port)));
    let stream = connect.await.unwrap_or(Err(io::ErrorKind::TimedOut.into()));
    let stream = stream.map_err(|error| session::connect_error(&error, address))?;
    session::run(stream, talk, &Wall, &probe::tls::Authorities::default(), |_| {}).await
}

async fn look_up(
    name: &DomainName,
    record: RecordType,
    unchecked: bool,
) -> Result<shared::evidence::DnsAnswer, Unseen> {
    let question = dns::query(name, record, unchecked, 7)?;
    let exchange = async {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        socket.connect((RESOLVER, 53)).await?;
        socket.send(&question).await?;
        let mut buffer = vec![0; 65_535];
        let count = socket.recv(&mut buffer).await?;
        buffer.truncate(count);
        Ok::<_, io::Error>(buffer)
    };
    let bytes = timeout(Duration::from_secs(5), exchange).await.map_err(|_| Unseen::DnsTimeout)?;
    dns::answer(&bytes.map_err(|_| Unseen::ResolverFailed)?, name, record, 7)
}

/// A whole run by consent, of these addresses, with hosts that somebody names.
async fn run(told: Told, addresses: Vec<IpAddr>, hosts: &[&str]) -> Result<Report> {
    let nonce = format!("{:016x}", Wall.now());
    let mut case = Case::new("vow.test".parse()?, PROBE_DOMAIN.parse()?, nonce.clone(), Wall.now());
    case.admit_private = true;
    case.options.hosts = hosts.iter().map(|host| host.parse()).collect::<Result<_, _>>()?;
    let mailbox = LocalPart::new("postmaster").context("a local part")?;
    let allow = vec![Word::Relay, Word::Limits];
    case.grant = Some(Grant { allow, mailbox, addresses, sink: Some(DOMAIN.parse()?) });
    let world = World { identity: Identity::at(&case.probe_domain), nonce, told, turns: Mutex::default() };
    loop {
        let wanted = plan(&case);
        if wanted.is_empty() {
            return Ok(judge(&case));
        }
        for evidence in join_all(wanted.into_iter().map(|inquiry| world.ask(inquiry))).await {
            case.add(evidence);
        }
    }
}

#[tokio::test]
async fn real_servers_by_consent() -> Result<()> {
    let _turn = ONE_AT_A_TIME.lock().await;
    let told = Told::default();
    let port = site(told.clone()).await?;
    let _host = receiving_host(&format!("http://127.0.0.1:{port}")).await?;
    let addresses = (1..=4).map(|last| IpAddr::from([127, 25, 98, last])).collect();
    let report = run(told.clone(), addresses, &[]).await?;
    let behind = run(told, Vec::new(), &["back.vow.test", "shut.vow.test"]).await?;

    let mut found: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    let behind = behind.findings.iter().filter(|finding| finding.check == "gateway-bypass");
    for finding in report.findings.iter().chain(behind) {
        let host = finding.subject.split('.').next().unwrap_or_default();
        found.insert((&finding.check, host), &finding.outcome);
    }
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
    while run.stage != RunStage::Done {
        ensure!(begun.elapsed() < Duration::from_secs(120), "{run:#?}");
        sleep(Duration::from_millis(500)).await;
        run = site.get(&path).await?.error_for_status()?.json().await?;
    }
    let id = run.report.as_deref().and_then(|url| url.rsplit('/').next()).context("a report")?;
    let report = site.report(id).await?;
    let proof = report.findings.iter().find(|finding| finding.check == "open-relay-proof").context("no finding")?;
    ensure!(proof.outcome == "relays" && proof.seen.contains("arrived from 127.25.98.1 at "), "{proof:#?}");
    ensure!(report.grade == Some(Grade::F), "{:?}: {}", report.grade, report.why);
    ensure!(run.log.iter().any(|sent| sent.what.contains("whether it relays a message")), "{:#?}", run.log);
    Ok(())
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
