//! What V8 says of an isolate of workerd, over its inspector (<https://chromedevtools.github.io/devtools-protocol/>).

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use mailsins_lab::workerd::Workerd;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(30);

/// A connection to the inspector of one isolate.
pub struct Isolate {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    asked: u64,
}

/// The isolate whose name begins so.
pub async fn isolate(of: &Workerd, name: &str) -> Result<Isolate> {
    let client = reqwest::Client::builder().timeout(LIMIT).build()?;
    for port in of.ports() {
        let Ok(answer) = client.get(format!("http://127.0.0.1:{port}/json")).send().await else { continue };
        let Ok(Value::Array(targets)) = answer.json().await else { continue };
        let text = |target: &Value, of: &str| target.get(of).and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some(target) = targets.iter().find(|target| text(target, "id").starts_with(name)) {
            let url = text(target, "webSocketDebuggerUrl");
            let (socket, _) = timeout(LIMIT, connect_async(url)).await??;
            return Ok(Isolate { socket, asked: 0 });
        }
    }
    bail!("workerd lets nobody inspect {name}")
}

impl Isolate {
    /// What a method without parameters comes to.
    pub async fn ask(&mut self, method: &str) -> Result<Value> {
        self.asked += 1;
        let question = json!({ "id": self.asked, "method": method }).to_string();
        self.socket.send(Message::text(question)).await?;
        timeout(LIMIT, self.answer()).await.with_context(|| format!("{method} is not answered"))?
    }

    async fn answer(&mut self) -> Result<Value> {
        while let Some(message) = self.socket.next().await {
            let Message::Text(text) = message? else { continue };
            let mut said: Value = serde_json::from_str(&text)?;
            if said.get("id").and_then(Value::as_u64) == Some(self.asked) {
                ensure!(said.get("error").is_none(), "{said}");
                return Ok(said.get_mut("result").map(Value::take).unwrap_or_default());
            }
        }
        bail!("the inspector has hung up")
    }
}
