//! A long way: runs a command in a network of its own, from which everything of the lab is so far off.
//!
//! Two network interfaces of ours (TUN) face each other, one here and one in the command's network. What goes
//! into one comes out of the other half a round trip later: UDP, TCP with its handshake, for whatever program, and
//! without a module of the kernel that most do not have.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::channel;
use std::sync::{Arc, mpsc};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tun_rs::{DeviceBuilder, SyncDevice};

/// The interface, in both networks.
const NAME: &str = "mailsins0";
/// The near end: whom the lab sees.
const NEAR: Ipv4Addr = Ipv4Addr::new(127, 26, 0, 2);
/// The lab's addresses.
const LAB: &str = "127.25.0.0/16";
/// More than a packet.
const PACKET_MAX: usize = 65_536;

/// Runs a command `rtt` away from the lab of this network; its exit code.
pub fn run(rtt: Duration, command: &[String]) -> Result<i32> {
    let folder = Folder(std::env::temp_dir().join(format!("mailsins-bench-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0)?;
    let (here, there) = (folder.0.join("far"), folder.0.join("near"));
    let socket = UnixDatagram::bind(&here).context("a socket between the networks")?;
    let device = device()?;
    ip(&["route", "replace", &format!("{NEAR}/32"), "dev", NAME, "table", "local"])?;
    let mut inner = Command::new("unshare");
    inner.args(["--net", "--"]).arg(std::env::current_exe()?).arg("delay-near").args([&there, &here]);
    inner.arg(rtt.as_micros().to_string()).args(command);
    let mut child = inner.spawn().context("start unshare")?;
    pump(device, socket, there, rtt / 2);
    let status = child.wait()?;
    Ok(status.code().unwrap_or(1))
}

/// The other end of [`run`]: in the command's own network.
pub fn near(own: &Path, other: &Path, rtt: Duration, command: &[String]) -> Result<i32> {
    let socket = UnixDatagram::bind(own)?;
    ip(&["link", "set", "lo", "up"])?;
    let device = device()?;
    ip(&["addr", "add", &format!("{NEAR}/32"), "dev", NAME])?;
    let via = NEAR.to_string();
    ip(&["route", "replace", LAB, "dev", NAME, "src", &via, "scope", "link", "table", "local"])?;
    pump(device, socket, other.to_owned(), rtt / 2);
    let (program, arguments) = command.split_first().context("no command")?;
    let status = Command::new(program).args(arguments).status().with_context(|| format!("start {program}"))?;
    Ok(status.code().unwrap_or(1))
}

/// Removed when we end.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn device() -> Result<Arc<SyncDevice>> {
    let device = DeviceBuilder::new().name(NAME).build_sync().context("make a TUN interface (this needs root)")?;
    ip(&["link", "set", NAME, "up", "mtu", "1500"])?;
    // The lab is on loopback addresses, which don't leave a machine of their own accord.
    let path = format!("/proc/sys/net/ipv4/conf/{NAME}/route_localnet");
    std::fs::write(&path, "1").with_context(|| format!("write {path}"))?;
    Ok(Arc::new(device))
}

/// Sends what the interface has for the other end, after a while, and gives it what comes from there.
fn pump(device: Arc<SyncDevice>, socket: UnixDatagram, other: PathBuf, after: Duration) {
    let socket = Arc::new(socket);
    let (waiting, due) = channel::<(Instant, Vec<u8>)>();
    let reader = device.clone();
    spawn(move || {
        let mut packet = vec![0; PACKET_MAX];
        while let Ok(count) = reader.recv(&mut packet) {
            let _ = waiting.send((Instant::now() + after, packet.get(..count).unwrap_or_default().to_vec()));
        }
    });
    let sender = socket.clone();
    spawn(move || late(&due, |packet| drop(sender.send_to(packet, &other))));
    spawn(move || {
        let mut packet = vec![0; PACKET_MAX];
        while let Ok(count) = socket.recv(&mut packet) {
            let _ = device.send(packet.get(..count).unwrap_or_default());
        }
    });
}

/// Passes each packet on when it is due: all wait equally long, so that none overtakes another.
fn late(due: &mpsc::Receiver<(Instant, Vec<u8>)>, mut pass: impl FnMut(&[u8])) {
    let mut queue: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
    loop {
        queue.extend(due.try_iter());
        let Some((when, packet)) = queue.pop_front().or_else(|| due.recv().ok()) else { return };
        sleep(when.saturating_duration_since(Instant::now()));
        pass(&packet);
    }
}

fn ip(arguments: &[&str]) -> Result<()> {
    let output = Command::new("ip").args(arguments).output().context("start ip")?;
    if !output.status.success() {
        bail!("ip {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim_end());
    }
    Ok(())
}
