//! What stands between the lab's sending server and the site: a receiving server that takes a message, notes who handed
//! it over, and gives it to the site as the platform's mail service does, with a Received field on top.

use std::net::IpAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mailsins_lab::outbound::{ADDRESS, DELIVERS_TO};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, MutexGuard};

use crate::Site;

/// A message as it was handed over.
pub struct Delivery {
    /// Who did.
    pub client: IpAddr,
    /// What it called itself.
    pub helo: String,
    /// The reverse-path.
    pub sender: String,
    /// The recipient.
    pub recipient: String,
    /// The message.
    pub message: String,
}

/// The receiving server. There is one at a time: it has a fixed address.
pub struct Sink(TcpListener, #[expect(dead_code, reason = "held")] MutexGuard<'static, ()>);

static TURN: Mutex<()> = Mutex::const_new(());

impl Sink {
    /// Begins to listen.
    pub async fn open() -> Result<Self> {
        let turn = TURN.lock().await;
        Ok(Self(TcpListener::bind(DELIVERS_TO).await.context("listen where the lab's server delivers to")?, turn))
    }

    /// Sends a message by the lab's server, and waits until it comes out.
    pub async fn through_postfix(&self, sender: &str, recipient: &str, message: &str) -> Result<Delivery> {
        inject(2525, sender, recipient, message).await?;
        let wait = tokio::time::timeout(Duration::from_secs(30), self.take());
        wait.await.context("the lab's server did not deliver")?
    }

    /// The next message that somebody delivers.
    pub async fn next(&self) -> Result<Delivery> {
        tokio::time::timeout(Duration::from_secs(90), self.take()).await.context("nobody delivered anything")?
    }

    /// The next message; a connection that brings none is none.
    async fn take(&self) -> Result<Delivery> {
        loop {
            let (stream, peer) = self.0.accept().await?;
            if let Some(delivery) = received_from(stream, peer.ip()).await? {
                return Ok(delivery);
            }
        }
    }
}

/// The first message of a connection. One is enough: a server that would keep the connection for its next has to open
/// another.
async fn received_from(stream: TcpStream, client: IpAddr) -> Result<Option<Delivery>> {
    let mut peer = BufReader::new(stream);
    let (mut helo, mut sender, mut recipient) = (String::new(), String::new(), String::new());
    let path = |line: &str| line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
    peer.write_all(b"220 sink ESMTP\r\n").await?;
    loop {
        let mut line = String::new();
        if peer.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        let upper = line.to_ascii_uppercase();
        match upper.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" | "HELO" => helo = line.get(5..).unwrap_or_default().to_owned(),
            "MAIL" => sender = path(line),
            "RCPT" => recipient = path(line),
            "DATA" => {
                peer.write_all(b"354 go on\r\n").await?;
                let Some(message) = data(&mut peer).await? else { return Ok(None) };
                peer.write_all(b"250 taken\r\n").await?;
                // It closes, or wants to go on with another message: both end the connection, after a word of ours.
                let mut line = String::new();
                if peer.read_line(&mut line).await.is_ok_and(|length| length > 0) {
                    let _ = peer.write_all(b"250 ok\r\n").await;
                }
                return Ok(Some(Delivery { client, helo, sender, recipient, message }));
            }
            _ => {}
        }
        peer.write_all(b"250 ok\r\n").await?;
    }
}

/// A message up to its end; nothing where it breaks off.
async fn data(peer: &mut BufReader<TcpStream>) -> Result<Option<String>> {
    let mut message = String::new();
    loop {
        let mut line = String::new();
        if peer.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        if line == ".\r\n" {
            return Ok(Some(message));
        }
        message += line.strip_prefix('.').unwrap_or(&line);
    }
}

/// Hands a message to the lab's server that scans what goes out: its refusal, or an error where it took it.
pub async fn refused_by_scanner(sender: &str, recipient: &str, message: &str) -> Result<String> {
    match inject(2527, sender, recipient, message).await {
        Ok(()) => anyhow::bail!("it was taken"),
        Err(error) => Ok(error.to_string()),
    }
}

/// Hands a message to the lab's server.
async fn inject(port: u16, sender: &str, recipient: &str, message: &str) -> Result<()> {
    let mut server = BufReader::new(TcpStream::connect((ADDRESS, port)).await.context("the lab's server")?);
    let text = format!("{}\r\n.\r\n", message.replace('\n', "\r\n"));
    let said = [
        String::new(),
        "EHLO test.consent.test\r\n".to_owned(),
        format!("MAIL FROM:<{sender}>\r\n"),
        format!("RCPT TO:<{recipient}>\r\n"),
        "DATA\r\n".to_owned(),
        text,
        "QUIT\r\n".to_owned(),
    ];
    for command in said {
        server.write_all(command.as_bytes()).await?;
        loop {
            let mut line = String::new();
            server.read_line(&mut line).await?;
            ensure!(line.starts_with(['2', '3']), "{command:?}: {line:?}");
            if line.as_bytes().get(3) == Some(&b' ') {
                break;
            }
        }
    }
    Ok(())
}

/// The Received field of the platform's mail service.
pub fn received(delivery: &Delivery) -> String {
    format!(
        "Received: from {} ({})\r\n        by cloudflare-email.net (cloudflare) id lab\r\n        for <{}>; Thu, 1 Oct 2026 22:02:05 +0000\r\n",
        delivery.helo, delivery.client, delivery.recipient
    )
}

/// Gives the site a message; the status code and text of the local runtime, which does not say whether it was refused.
pub async fn give(site: &Site, sender: &str, recipient: &str, raw: String) -> Result<(u16, String)> {
    let url = format!("{}/cdn-cgi/handler/email", site.origin);
    let request = reqwest::Client::new().post(url).query(&[("from", sender), ("to", recipient)]).body(raw);
    let response = request.send().await?;
    Ok((response.status().as_u16(), response.text().await?))
}
