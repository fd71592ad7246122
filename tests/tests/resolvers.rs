//! The Worker's two resolvers: the second is asked where the first gives no answer, and only there. The first one is a
//! server of this test's own, at a port that the site under test asks before the lab's.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, ensure};
use mailsins_tests::{Site, says, setting};
use shared::inquiry::RecordType;
use shared::{Inquiry, Unseen};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How the first resolver answers.
#[derive(Clone, Copy, Debug)]
enum Manner {
    /// Nobody listens.
    Dead,
    /// It takes the question, and says nothing.
    Slow,
    /// It hangs up.
    Rude,
    /// This status line, type and body.
    Says(&'static str, &'static str, &'static [u8]),
    /// A good answer whose code is SERVFAIL: the question's own octets, with the code in the header.
    Servfail,
}

const DNS: &str = "application/dns-message";

const NO_ANSWER: [Manner; 8] = [
    Manner::Dead,
    Manner::Slow,
    Manner::Rude,
    Manner::Says("503 Service Unavailable", "text/plain", b"busy"),
    Manner::Says("500 Internal Server Error", DNS, b""),
    Manner::Says("302 Found\r\nLocation: http://127.0.0.1:9/", "text/plain", b""),
    Manner::Says("200 OK", "text/html", b"<h1>Log in to this network</h1>"),
    Manner::Says("200 OK", DNS, b"\x00\x00garbage"),
];

/// A resolver that runs until it is stopped.
struct Resolver {
    task: tokio::task::JoinHandle<()>,
    asked: Arc<AtomicUsize>,
}

impl Resolver {
    async fn start(manner: Manner) -> Result<Option<Self>> {
        if matches!(manner, Manner::Dead) {
            return Ok(None);
        }
        let port: u16 = setting("MAILSINS_FIRST_RESOLVER")?.parse()?;
        let listener = TcpListener::bind(("127.0.0.1", port)).await.context("the port is taken")?;
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let task = tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let count = count.clone();
                open.spawn(async move {
                    let _ = answer(stream, manner, &count).await;
                });
            }
        });
        Ok(Some(Self { task, asked }))
    }

    /// Ends it, so that the port is free again; says how often it was asked.
    async fn stop(self) -> usize {
        self.task.abort();
        let _ = self.task.await;
        self.asked.load(Ordering::Relaxed)
    }
}

/// One question a connection.
async fn answer(mut stream: TcpStream, manner: Manner, asked: &AtomicUsize) -> Result<()> {
    let question = question(&mut stream).await?;
    asked.fetch_add(1, Ordering::Relaxed);
    let (status, kind, body) = match manner {
        Manner::Dead | Manner::Rude => return Ok(()),
        Manner::Slow => return std::future::pending().await,
        Manner::Says(status, kind, body) => (status, kind, body.to_vec()),
        Manner::Servfail => ("200 OK", DNS, servfail(question)),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body).await?;
    Ok(stream.shutdown().await?)
}

/// The body of a POST.
async fn question(stream: &mut TcpStream) -> Result<Vec<u8>> {
    let mut read = Vec::new();
    loop {
        if let Some(head) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(read.get(..head).unwrap_or_default()).to_ascii_lowercase();
            let length = text.split("content-length:").nth(1).and_then(|rest| rest.lines().next());
            let length: usize = length.context("a question without a length")?.trim().parse()?;
            let body = read.get(head + 4..).unwrap_or_default();
            if body.len() >= length {
                return Ok(body.to_vec());
            }
        }
        ensure!(stream.read_buf(&mut read).await? > 0, "the question ends early");
    }
}

/// RFC 1035 section 4.1.1: QR and RA set, RCODE 2, and the counts of the question.
fn servfail(mut message: Vec<u8>) -> Vec<u8> {
    for (place, set) in [(2, 0x80), (3, 0x82)] {
        if let Some(octet) = message.get_mut(place) {
            *octet |= set;
        }
    }
    message
}

#[tokio::test]
async fn the_second_is_asked_where_the_first_gives_no_answer() -> Result<()> {
    let site = Site::at("MAILSINS_SITE_WITH_TWO_RESOLVERS")?;
    let (_, by_one) = Site::new()?.scan("nullmx.test").await?;
    ensure!(by_one.grade.is_some());
    for manner in NO_ANSWER {
        let first = Resolver::start(manner).await?;
        let (_, report) = site.scan("nullmx.test").await.with_context(|| format!("{manner:?}"))?;
        ensure!(says(&report) == says(&by_one), "{manner:?}: {:#?}", says(&report));
        if let Some(first) = first {
            ensure!(first.stop().await > 0, "{manner:?}: the first was not asked");
        }
    }

    // A resolver that says SERVFAIL has answered: another one might not check signatures, and hide a bogus zone.
    let first = Resolver::start(Manner::Servfail).await?.context("it runs")?;
    let (_, report) = site.scan("nullmx.test").await?;
    let mx = Inquiry::dns(&report.domain, RecordType::Mx);
    let answer = report.evidence.iter().find(|evidence| evidence.inquiry == mx).map(|evidence| &evidence.answer);
    ensure!(matches!(answer, Some(Err(Unseen::ServFail))), "{answer:?}");
    ensure!(first.stop().await > 0 && report.grade.is_none());
    Ok(())
}
