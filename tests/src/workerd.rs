//! The processes of a site: their memory, and their end.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The workerd processes of a site.
pub struct Workerd(Vec<PathBuf>);

impl Workerd {
    /// Those that wrangler started for the site on this port: the one that listens there, and its sisters.
    pub fn of(port: u16) -> Result<Self> {
        let socket = format!("socket:[{}]", inode(port).context("nobody listens on the site's port")?);
        let holds = |folder: &PathBuf| {
            let files = fs::read_dir(folder.join("fd")).into_iter().flatten().flatten();
            files.filter_map(|file| fs::read_link(file.path()).ok()).any(|link| link.to_string_lossy() == socket)
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

/// The inode of the socket that listens on a port of the loopback (proc_pid_net(5)).
fn inode(port: u16) -> Option<String> {
    let table = fs::read_to_string("/proc/net/tcp").ok()?;
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let listens = fields.get(1)?.ends_with(&format!(":{port:04X}")) && *fields.get(3)? == "0A";
        listens.then(|| fields.get(9).map(|inode| (*inode).to_owned()))?
    })
}

/// Field 4 of /proc/PID/stat, counted behind the command in parentheses.
fn parent(folder: &Path) -> Option<u32> {
    let stat = fs::read_to_string(folder.join("stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}
