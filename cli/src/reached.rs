//! What our own end could reach in this run: only who has reached another mail server may say that a
//! refusal is the host's own.

use std::collections::BTreeMap;
use std::net::SocketAddr;

const SMTP: u16 = 25;

/// How long a greeting proves that port 25 is open at our end, in milliseconds.
const HOUR_MS: u64 = 3_600_000;

/// Who answered, and when first.
#[derive(Default)]
pub(crate) struct Reached(BTreeMap<SocketAddr, u64>);

impl Reached {
    /// This host spoke to us at this time, in milliseconds since 1970.
    pub(crate) fn answered(&mut self, peer: SocketAddr, at: u64) {
        self.0.insert(peer, at);
    }

    /// Can a refusal by this peer be told from being blocked? Only on port 25; only where another host
    /// answered there, by the same family; and not of a host that answered before, on whatever port: it has
    /// rather shut us out.
    pub(crate) fn proves(&self, peer: SocketAddr, now: u64) -> bool {
        let other = |known: &SocketAddr| known.port() == SMTP && known.is_ipv4() == peer.is_ipv4();
        peer.port() == SMTP
            && !self.0.keys().any(|known| known.ip() == peer.ip())
            && self.0.iter().any(|(known, at)| other(known) && now.saturating_sub(*at) < HOUR_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_proves_a_refusal() {
        let rows: &[(&[&str], &str, u64, bool)] = &[
            (&[], "192.0.2.1:25", 0, false),
            (&["192.0.2.2:25"], "192.0.2.1:25", 0, true),
            (&["192.0.2.2:25"], "192.0.2.1:25", HOUR_MS, false),
            (&["192.0.2.2:25"], "192.0.2.1:587", 0, false),
            (&["192.0.2.2:587"], "192.0.2.1:25", 0, false),
            (&["[2001:db8::2]:25"], "192.0.2.1:25", 0, false),
            (&["[2001:db8::2]:25"], "[2001:db8::1]:25", 0, true),
            (&["192.0.2.1:25"], "192.0.2.1:25", 0, false),
            (&["192.0.2.2:25", "192.0.2.1:143"], "192.0.2.1:25", 0, false),
        ];
        for (answered, peer, later, want) in rows {
            let mut reached = Reached::default();
            answered.iter().for_each(|known| reached.answered(known.parse().unwrap(), 5));
            assert_eq!(reached.proves(peer.parse().unwrap(), 5 + later), *want, "{answered:?} {peer} {later}");
        }
    }
}
