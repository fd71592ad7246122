//! A mail server that misbehaves by a list of acts.

use std::io::{Read, Write};
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection};
use shared::inquiry::Script;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::world::{Wire, World};

/// What a server does, one after the other; then it listens and says nothing.
#[derive(Clone)]
pub enum Act {
    /// Says a line, or several.
    Say(&'static str),
    /// Sends octets as they are.
    Send(Vec<u8>),
    /// Sends the same again and again, so many times.
    Flood(&'static [u8], usize),
    /// Sends an octet, again and again from the beginning, every so many milliseconds.
    Drip(&'static [u8], u64),
    /// Lets milliseconds pass.
    Pass(u64),
    /// Waits until the client has read everything.
    Settle,
    /// Reads a command.
    Hear,
    /// Reads a command, an octet every so many milliseconds.
    HearSlowly(u64),
    /// Hears so many commands, and answers them as a careful server does.
    Good(usize),
    /// Goes into TLS.
    Tls(Arc<ServerConfig>),
    /// Says goodbye inside TLS, and no more.
    CloseNotify,
    /// Sends in the clear what should be inside TLS.
    Clear(&'static [u8]),
    /// Closes.
    Close,
    /// Resets the connection.
    Reset,
}

/// How many octets a peer may send before it ends the connection, and whether by a reset.
pub type Cut = Option<(usize, bool)>;

/// Why a peer stops: the client is gone, or its octets are used up.
pub struct Stop;

pub struct Peer {
    wire: Option<Wire>,
    world: World,
    tls: Option<ServerConnection>,
    heard: Vec<u8>,
    cut: Cut,
    script: Script,
    /// How many octets were sent at the end of each reply.
    pub marks: Vec<usize>,
    /// How many were sent when the client had all that it needs for its part of the handshake.
    pub flight: usize,
    /// How many were sent.
    pub sent: usize,
}

impl Peer {
    pub fn new(wire: Wire, world: &World, script: &Script, cut: Cut) -> Self {
        let (world, script) = (world.clone(), script.clone());
        let (marks, heard) = (Vec::new(), Vec::new());
        Self { wire: Some(wire), world, tls: None, heard, cut, script, marks, flight: 0, sent: 0 }
    }

    /// Plays, until the client hangs up or nothing is left to do.
    pub async fn play(&mut self, acts: &[Act]) {
        for act in acts {
            if self.act(act).await.is_err() {
                break;
            }
        }
        while self.wire.is_some() && self.listen().await.is_ok() {}
    }

    async fn act(&mut self, act: &Act) -> Result<(), Stop> {
        match act {
            Act::Say(text) => self.say(text).await,
            Act::Send(bytes) => self.write(bytes).await,
            Act::Flood(bytes, times) => {
                // Many at once: a flood costs the machine little.
                let many = (16_384 / bytes.len()).clamp(1, *times);
                let chunk = bytes.repeat(many);
                for _ in 0..times.div_ceil(many) {
                    self.write(&chunk).await?;
                }
                Ok(())
            }
            Act::Drip(bytes, ms) => {
                for octet in bytes.iter().cycle() {
                    self.world.pass(*ms).await;
                    self.write(&[*octet]).await?;
                }
                Ok(())
            }
            Act::Pass(ms) => {
                self.world.pass(*ms).await;
                Ok(())
            }
            Act::Settle => {
                self.world.settled().await;
                Ok(())
            }
            Act::Hear => self.hear().await.map(drop),
            Act::HearSlowly(ms) => loop {
                self.world.pass(*ms).await;
                let mut octet = [0];
                let count = self.wire.as_mut().ok_or(Stop)?.read(&mut octet).await.unwrap_or(0);
                match octet.get(..count) {
                    Some([b'\n']) => return Ok(()),
                    Some([_]) => {}
                    _ => return Err(Stop),
                }
            },
            Act::Good(times) => {
                for _ in 0..*times {
                    let command = self.hear().await?;
                    let reply = careful(&self.script, &command);
                    self.say(&reply).await?;
                }
                Ok(())
            }
            Act::Tls(config) => self.handshake(config).await,
            Act::CloseNotify => {
                self.tls.as_mut().ok_or(Stop)?.send_close_notify();
                self.flush().await
            }
            Act::Clear(bytes) => {
                self.tls = None;
                self.write(bytes).await
            }
            Act::Close => self.end(false).await,
            Act::Reset => self.end(true).await,
        }
    }

    async fn say(&mut self, text: &str) -> Result<(), Stop> {
        self.write(format!("{text}\r\n").as_bytes()).await?;
        self.marks.push(self.sent);
        Ok(())
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        match &mut self.tls {
            None => self.raw(bytes).await,
            Some(_) => {
                for part in bytes.chunks(16_384) {
                    self.tls.as_mut().ok_or(Stop)?.writer().write_all(part).map_err(|_| Stop)?;
                    self.flush().await?;
                }
                Ok(())
            }
        }
    }

    /// Sends what TLS has to send.
    async fn flush(&mut self) -> Result<(), Stop> {
        let mut out = Vec::new();
        while let Some(tls) = self.tls.as_mut().filter(|tls| tls.wants_write()) {
            tls.write_tls(&mut out).map_err(|_| Stop)?;
        }
        self.raw(&out).await
    }

    async fn raw(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let left = self.cut.map_or(usize::MAX, |(most, _)| most - self.sent);
        let now = bytes.get(..left).unwrap_or(bytes);
        self.wire.as_mut().ok_or(Stop)?.write_all(now).await.map_err(|_| Stop)?;
        self.sent += now.len();
        match self.cut {
            Some((most, reset)) if self.sent == most => {
                self.end(reset).await?;
                Err(Stop)
            }
            _ => Ok(()),
        }
    }

    /// A closed stream is still read, for unread octets would turn its end into a reset.
    async fn end(&mut self, reset: bool) -> Result<(), Stop> {
        self.world.settled().await;
        self.world.hangs_up();
        if reset {
            self.wire.take().ok_or(Stop)?.reset();
        } else {
            self.wire.as_mut().ok_or(Stop)?.shutdown().await.map_err(|_| Stop)?;
        }
        Ok(())
    }

    /// Takes in what has come, of which there may be nothing for the mail server.
    async fn listen(&mut self) -> Result<(), Stop> {
        let mut buffer = [0; 1024];
        let count = self.wire.as_mut().ok_or(Stop)?.read(&mut buffer).await.unwrap_or(0);
        let mut bytes = buffer.get(..count).filter(|bytes| !bytes.is_empty()).ok_or(Stop)?;
        let Some(tls) = &mut self.tls else {
            self.heard.extend_from_slice(bytes);
            return Ok(());
        };
        while !bytes.is_empty() {
            tls.read_tls(&mut bytes).map_err(|_| Stop)?;
            let state = tls.process_new_packets().map_err(|_| Stop)?;
            let mut plain = vec![0; state.plaintext_bytes_to_read()];
            tls.reader().read_exact(&mut plain).map_err(|_| Stop)?;
            self.heard.extend(plain);
        }
        Ok(())
    }

    async fn hear(&mut self) -> Result<String, Stop> {
        loop {
            if let Some(end) = self.heard.iter().position(|octet| *octet == b'\n') {
                let line: Vec<u8> = self.heard.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            self.listen().await?;
        }
    }

    async fn handshake(&mut self, config: &Arc<ServerConfig>) -> Result<(), Stop> {
        self.tls = Some(ServerConnection::new(config.clone()).unwrap());
        while self.tls.as_ref().is_some_and(|tls| tls.is_handshaking()) {
            self.listen().await?;
            // The handshake ends on this side before its tickets leave.
            self.flight = self.sent;
            self.flush().await?;
        }
        Ok(())
    }
}

/// What a careful server says to a command.
fn careful(script: &Script, command: &str) -> String {
    let words: Vec<&str> = command.split(' ').collect();
    let text = match (script, words.as_slice()) {
        (Script::ImapSurvey, [tag, "CAPABILITY"]) => {
            return format!("* CAPABILITY IMAP4rev1 ID STARTTLS LOGINDISABLED\r\n{tag} OK done");
        }
        (Script::ImapSurvey, [tag, "ID", "NIL"]) => return format!("* ID NIL\r\n{tag} OK done"),
        (Script::ImapSurvey, [tag, "LOGOUT"]) => return format!("* BYE bye\r\n{tag} OK done"),
        (Script::PopSurvey, ["CAPA"]) => "+OK\r\nSTLS\r\n.",
        (Script::PopSurvey, ["QUIT"]) => "+OK bye",
        (Script::PopSurvey, _) => "-ERR no",
        (Script::SieveSurvey, _) => "OK \"bye\"",
        (_, ["EHLO", _]) => "250-mx.h.test\r\n250-SIZE 52428800\r\n250 STARTTLS",
        (_, ["MAIL", .., size]) if size.starts_with("SIZE") => "552 too large",
        (_, ["MAIL" | "RSET", ..]) => "250 ok",
        (_, ["RCPT", ..]) => "550 5.1.1 no such user",
        (_, ["STARTTLS"]) => "220 go",
        (_, ["QUIT"]) => "221 bye",
        _ => "502 what?",
    };
    text.to_owned()
}
