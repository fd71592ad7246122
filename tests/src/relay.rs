//! A relay between the site and a server that it leans on: a resolver, an exit. It lets everything through, or is as
//! unkind as it is told to be.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What a relay does with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Passes on what either side says.
    Honest,
    /// Hangs up at once.
    Dead,
    /// Takes everything, and never says a word.
    Silent,
    /// Waits before it passes each piece of an answer on.
    Slow(Duration),
    /// Passes so many octets of the answer on, and hangs up.
    Cut(usize),
    /// Turns a bit of each answer's last octet but so many around.
    Flipped(usize),
    /// Answers this, whatever was asked.
    Says(&'static [u8]),
}

/// A relay that runs until it is dropped.
pub struct Relay {
    /// Its port on the loopback.
    pub port: u16,
    manner: Arc<Mutex<Manner>>,
    task: tokio::task::JoinHandle<()>,
}

impl Relay {
    /// Begins to relay to a server.
    pub async fn to(server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let manner = Arc::new(Mutex::new(Manner::Honest));
        let told = Arc::clone(&manner);
        let task = tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let told = Arc::clone(&told);
                open.spawn(async move {
                    let _ = relay(client, server, &told).await;
                });
            }
        });
        Ok(Self { port, manner, task })
    }

    /// What it does from now on, in connections that are open as well.
    pub fn be(&self, manner: Manner) {
        if let Ok(mut told) = self.manner.lock() {
            *told = manner;
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn relay(mut client: TcpStream, server: SocketAddr, told: &Mutex<Manner>) -> Result<()> {
    let now = || told.lock().map_or(Manner::Dead, |manner| *manner);
    if now() == Manner::Dead {
        return Ok(());
    }
    let mut server = TcpStream::connect(server).await?;
    let (mut asked, mut answered, mut passed) = (vec![0; 16_384], vec![0; 16_384], 0);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let read = read?;
                if read == 0 {
                    return Ok(());
                }
                match now() {
                    Manner::Dead => return Ok(()),
                    Manner::Silent => {}
                    Manner::Says(words) => client.write_all(words).await?,
                    _ => server.write_all(asked.get(..read).unwrap_or_default()).await?,
                }
            }
            read = server.read(&mut answered) => {
                let read = read?;
                let said = answered.get_mut(..read).unwrap_or_default();
                match now() {
                    _ if read == 0 => return Ok(()),
                    Manner::Dead => return Ok(()),
                    Manner::Silent | Manner::Says(_) => continue,
                    Manner::Honest => {}
                    Manner::Slow(pause) => tokio::time::sleep(pause).await,
                    Manner::Cut(most) => {
                        let rest = most.saturating_sub(passed);
                        if read >= rest {
                            client.write_all(said.get(..rest).unwrap_or_default()).await?;
                            return Ok(());
                        }
                    }
                    Manner::Flipped(place) => {
                        if let Some(octet) = said.iter_mut().rev().nth(place) {
                            *octet ^= 0x04;
                        }
                    }
                }
                passed += read;
                client.write_all(said).await?;
            }
        }
    }
}
