//! The processes of a site: their memory, and their end.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// The workerd processes of a site.
pub struct Workerd(Vec<PathBuf>);

impl Workerd {
    /// Those that wrangler started for the site on this port: the one that listens there, and its sisters.
    pub fn of(port: u16) -> Result<Self> {
        let listener = listeners().into_iter().find(|(other, _)| *other == port);
        let socket = socket(&listener.context("nobody listens on the site's port")?.1);
        let holds = |folder: &PathBuf| {
            let files = fs::read_dir(folder.join("fd")).into_iter().flatten().flatten();
            files.filter_map(|file| fs::read_link(file.path()).ok()).any(|link| link == socket)
        };
        let listener = folders().find(holds).context("the site's process is not ours to see")?;
        let parent = parent(&listener).context("the site's process has ended")?;
        let is_sister = |folder: &PathBuf| {
            self::parent(folder) == Some(parent)
                && fs::read_to_string(folder.join("comm")).is_ok_and(|name| name.trim() == "workerd")
        };
        let all: Vec<PathBuf> = folders().filter(is_sister).collect();
        ensure!(!all.is_empty(), "no workerd serves the site");
        Ok(Self(all))
    }

    /// The one that runs the Worker; the others are wrangler's proxy.
    pub fn worker(self) -> Result<Self> {
        let is_inspected = |folder: &PathBuf| {
            fs::read_to_string(folder.join("cmdline")).is_ok_and(|line| line.contains("--inspector-addr"))
        };
        let worker = self.0.into_iter().find(is_inspected).context("no workerd runs the Worker")?;
        Ok(Self(vec![worker]))
    }

    /// Where they answer HTTP on the loopback. Behind its proxy, whose memory grows with each request, wrangler's Worker
    /// has a port of its own.
    pub fn door(&self) -> Result<u16> {
        self.ports().into_iter().find(|port| answers(*port)).context("the Worker has no door of its own")
    }

    /// The ports of the loopback on which it listens.
    pub fn ports(&self) -> Vec<u16> {
        let files = self.0.iter().flat_map(|folder| fs::read_dir(folder.join("fd")).into_iter().flatten().flatten());
        let held: BTreeSet<PathBuf> = files.filter_map(|file| fs::read_link(file.path()).ok()).collect();
        listeners().into_iter().filter(|(_, inode)| held.contains(&socket(inode))).map(|(port, _)| port).collect()
    }

    /// Their numbers.
    pub fn ids(&self) -> Vec<u32> {
        self.0.iter().filter_map(|folder| number(folder)).collect()
    }

    /// Octets that are resident now.
    pub fn resident(&self) -> u64 {
        let pages = |folder: &PathBuf| {
            let fields = fs::read_to_string(folder.join("statm")).unwrap_or_default();
            fields.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0)
        };
        self.0.iter().map(pages).sum::<u64>() * 4096
    }
}

/// Kills a process and all that it started, all at once and with SIGKILL: nothing is written or said any more.
pub fn kill_tree(root: u32) -> Result<()> {
    let mut tree = BTreeSet::from([root]);
    loop {
        let children = folders().filter_map(|folder| Some((number(&folder)?, parent(&folder)?)));
        let new: Vec<u32> =
            children.filter(|(child, of)| tree.contains(of) && !tree.contains(child)).map(|(child, _)| child).collect();
        if new.is_empty() {
            break;
        }
        tree.extend(new);
    }
    // Some may have ended by themselves meanwhile.
    Command::new("kill").arg("-9").args(tree.iter().map(u32::to_string)).status().context("kill")?;
    Ok(())
}

fn folders() -> impl Iterator<Item = PathBuf> {
    fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path())
}

fn number(folder: &Path) -> Option<u32> {
    folder.file_name()?.to_str()?.parse().ok()
}

/// Does a request get a page there?
fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        Ok(line)
    };
    ask().is_ok_and(|line| line.starts_with("HTTP/1.1 200"))
}

/// The ports of the loopback on which somebody listens, and their sockets' inodes (proc_pid_net(5)).
fn listeners() -> Vec<(u16, String)> {
    let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let listener = |line: &str| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let (_, port) = fields.get(1)?.split_once(':')?;
        let port = u16::from_str_radix(port, 16).ok()?;
        (*fields.get(3)? == "0A").then_some((port, (*fields.get(9)?).to_owned()))
    };
    table.lines().skip(1).filter_map(listener).collect()
}

/// What a file descriptor of a socket is a link to.
fn socket(inode: &str) -> PathBuf {
    format!("socket:[{inode}]").into()
}

/// Field 4 of /proc/PID/stat, counted behind the command in parentheses.
fn parent(folder: &Path) -> Option<u32> {
    let stat = fs::read_to_string(folder.join("stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}
