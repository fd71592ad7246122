//! Which resolver, as the user or the system names it.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// A resolver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    /// UDP, and TCP where an answer does not fit.
    Plain(SocketAddr),
    /// DNS over HTTPS (RFC 8484).
    Https(reqwest::Url),
}

impl FromStr for Server {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains("://") {
            return https(text);
        }
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self::Plain(address));
        }
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        match bare.parse::<IpAddr>() {
            Ok(address) => Ok(Self::Plain(SocketAddr::new(address, 53))),
            Err(_) => Err("give an address (9.9.9.9, 127.0.0.1:5353, [2620:fe::fe]:53) or an https:// URL".to_owned()),
        }
    }
}

fn https(text: &str) -> Result<Server, String> {
    let url = reqwest::Url::parse(text).map_err(|error| error.to_string())?;
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let loopback = host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    match url.scheme() {
        "https" => Ok(Server::Https(url)),
        "http" if loopback => Ok(Server::Https(url)),
        "http" => Err("in the clear only on this very machine: use https://".to_owned()),
        _ => Err("use https://".to_owned()),
    }
}

/// The resolvers in /etc/resolv.conf.
pub(crate) fn system_servers() -> Vec<Server> {
    servers_in(&std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default())
}

/// resolv.conf(5): the first three `nameserver` lines.
fn servers_in(text: &str) -> Vec<Server> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split_ascii_whitespace();
            let address = (words.next() == Some("nameserver")).then(|| words.next()).flatten()?;
            Some(Server::Plain(SocketAddr::new(address.parse().ok()?, 53)))
        })
        .take(3)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_users_name() {
        let rows = [
            ("9.9.9.9", Some("9.9.9.9:53")),
            ("127.0.0.1:5353", Some("127.0.0.1:5353")),
            ("2620:fe::fe", Some("[2620:fe::fe]:53")),
            ("[2620:fe::fe]", Some("[2620:fe::fe]:53")),
            ("[::1]:5353", Some("[::1]:5353")),
            ("https://dns.example/dns-query", Some("https://dns.example/dns-query")),
            ("http://127.0.0.1:8054/dns-query", Some("http://127.0.0.1:8054/dns-query")),
            ("http://[::1]/dns-query", Some("http://[::1]/dns-query")),
            ("http://dns.example/dns-query", None),
            ("tls://dns.example", None),
            ("dns.example", None),
            ("", None),
        ];
        for (text, want) in rows {
            let got = text.parse::<Server>().ok().map(|server| match server {
                Server::Plain(address) => address.to_string(),
                Server::Https(url) => url.to_string(),
            });
            assert_eq!(got.as_deref(), want, "{text}");
        }
    }

    #[test]
    fn resolv_conf() {
        let text =
            "# nameserver 1.1.1.1\nsearch x\nnameserver 9.9.9.9\n nameserver ::1 \nnameserver fe80::1%eth0\nnameserver";
        let want = vec!["9.9.9.9".parse().unwrap(), "::1".parse().unwrap()];
        assert_eq!(servers_in(text), want);
    }
}
