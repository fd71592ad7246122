//! A site of one's own in the lab: started, killed, started again with what it had stored.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use reqwest::Method;

use crate::{Site, inspect, setting};
use mailsins_lab::workerd::{Workerd, kill_tree};

/// How long a site may take to answer first.
const START_LIMIT: Duration = Duration::from_secs(120);

/// How often the isolate is asked for its memory until it answers.
const INSPECTIONS: usize = 10;

/// A running site.
pub struct Served {
    x: Child,
    /// Its API.
    pub site: Site,
    /// Its port.
    pub port: u16,
    folder: PathBuf,
    vars: Vec<String>,
}

impl Served {
    /// Starts the site of `worker/build-lab`, with its storage and its log in a folder, and these variables besides the
    /// lab's.
    pub async fn start(folder: &Path, vars: &[String]) -> Result<Self> {
        Self::start_at(folder, free_port()?, vars.to_vec()).await
    }

    async fn start_at(folder: &Path, port: u16, vars: Vec<String>) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let log = File::options().create(true).append(true).open(folder.join("site.log"))?;
        let mut command = Command::new(setting("MAILSINS_X")?);
        command.args(["dev", "--lab", "--built", "--port", &port.to_string(), "--state"]).arg(folder.join("state"));
        for var in &vars {
            command.args(["--var", var]);
        }
        let x = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn().context("start ./x dev")?;
        let site = Site::on(format!("http://127.0.0.1:{port}"))?;
        let mut served = Self { x, site, port, folder: folder.to_owned(), vars };
        let begun = Instant::now();
        while served.site.get("/api/v1/checks").await.is_err() {
            if let Some(status) = served.x.try_wait()? {
                bail!("the site ended: {status}; see {}", folder.join("site.log").display());
            }
            if begun.elapsed() > START_LIMIT {
                bail!("the site does not answer; see {}", folder.join("site.log").display());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(served)
    }

    /// Kills everything that serves the site at once, workerd too.
    pub fn kill(&mut self) -> Result<()> {
        kill_tree(self.x.id())?;
        self.x.wait()?;
        Ok(())
    }

    /// Starts it again, with what it had stored.
    pub async fn again(&mut self) -> Result<()> {
        let other = Self::start_at(&self.folder.clone(), self.port, self.vars.clone()).await?;
        *self = other;
        Ok(())
    }

    /// What is wrong from now on, as `worker/src/lab.rs` reads it.
    pub async fn wrong(&self, faults: &str) -> Result<()> {
        self.site
            .send_with(Method::GET, "/api/v1/checks", ("mailsins-lab-faults", faults))
            .await?
            .error_for_status()?;
        Ok(())
    }

    /// Octets of memory that the Worker's process holds.
    pub fn memory(&self) -> Result<u64> {
        Ok(Workerd::of(self.port)?.worker()?.resident())
    }

    /// Octets of memory that the Worker's WebAssembly instance has by now, as its log says. It never gives any back.
    pub fn instance(&self) -> Result<u64> {
        let log = self.log()?;
        let said = log.rsplit_once("\"memory\":").map_or("", |(_, rest)| rest);
        said.split(['}', ',']).next().unwrap_or_default().parse().context("the Worker's log says nothing of memory")
    }

    /// Octets of the heap of the Worker's own isolate that are in use, with garbage that is not collected yet, as V8 says.
    pub async fn heap(&self) -> Result<u64> {
        let worker = Workerd::of(self.port)?.worker()?;
        let ask = async || inspect::isolate(&worker, "core:user:").await?.ask("Runtime.getHeapUsage").await;
        let (mut usage, mut asked) = (ask().await, 1);
        // A busy workerd hangs up at times.
        while usage.is_err() && asked < INSPECTIONS {
            tokio::time::sleep(Duration::from_secs(2)).await;
            (usage, asked) = (ask().await, asked + 1);
        }
        usage?.get("usedSize").and_then(serde_json::Value::as_u64).context("no usedSize")
    }

    /// The same site without wrangler's proxy, until it is started again.
    pub fn direct(&self) -> Result<Site> {
        Site::on(format!("http://127.0.0.1:{}", Workerd::of(self.port)?.worker()?.door()?))
    }

    /// Where its storage is.
    pub fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    /// What it has logged.
    pub fn log(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.folder.join("site.log"))?)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if matches!(self.x.try_wait(), Ok(None)) {
            let _ = self.kill();
        }
    }
}

/// A port that nobody listens on.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
