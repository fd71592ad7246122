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

    async fn take(&self) -> Result<Delivery> {
        let (stream, peer) = self.0.accept().await?;
        let mut peer_lines = BufReader::new(stream);
        let (mut helo, mut sender, mut recipient) = (String::new(), String::new(), String::new());
        let mut message = String::new();
        let path = |line: &str| line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        peer_lines.write_all(b"220 sink ESMTP\r\n").await?;
        loop {
            let mut line = String::new();
            ensure!(peer_lines.read_line(&mut line).await? > 0, "it hung up");
            let line = line.trim_end();
            let upper = line.to_ascii_uppercase();
            let reply = match upper.split([' ', ':']).next().unwrap_or_default() {
                "EHLO" | "HELO" => {
                    helo = line.get(5..).unwrap_or_default().to_owned();
                    "250 sink\r\n"
                }
                "MAIL" => {
                    sender = path(line);
                    "250 ok\r\n"
                }
                "RCPT" => {
                    recipient = path(line);
                    "250 ok\r\n"
                }
                "DATA" => {
                    peer_lines.write_all(b"354 go on\r\n").await?;
                    loop {
                        let mut line = String::new();
                        ensure!(peer_lines.read_line(&mut line).await? > 0, "it hung up");
                        if line == ".\r\n" {
                            break;
                        }
                        message += line.strip_prefix('.').unwrap_or(&line);
                    }
                    "250 taken\r\n"
                }
                "QUIT" => {
                    peer_lines.write_all(b"221 bye\r\n").await?;
                    return Ok(Delivery { client: peer.ip(), helo, sender, recipient, message });
                }
                _ => "250 ok\r\n",
            };
            peer_lines.write_all(reply.as_bytes()).await?;
        }
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
