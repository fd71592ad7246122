#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, sleep};

use super::*;

struct Tokio(Instant);

impl Clock for Tokio {
    fn now(&self) -> u64 {
        1_000_000 + u64::try_from(self.0.elapsed().as_millis()).unwrap()
    }
    fn sleep(&self, for_: Duration) -> impl Future<Output = ()> {
        sleep(for_)
    }
}

/// What a proxy does.
enum Act<'a> {
    /// Reads exactly this.
    Hear(&'a [u8]),
    Say(&'a [u8]),
    /// Says it octet by octet.
    Drip(&'a [u8]),
    /// Says it again and again, until nobody listens.
    Flood(&'a [u8]),
    Silence,
}

use Act::{Drip, Flood, Hear, Say, Silence};

const GREETING: &[u8] = b"220 mx.test ESMTP\r\n";

async fn proxy(mut stream: DuplexStream, acts: &[Act<'_>]) -> u64 {
    let mut said = 0;
    for act in acts {
        match act {
            Hear(want) => {
                let mut heard = vec![0; want.len()];
                stream.read_exact(&mut heard).await.unwrap();
                assert_eq!(String::from_utf8_lossy(&heard), String::from_utf8_lossy(want));
            }
            Say(bytes) => stream.write_all(bytes).await.unwrap(),
            Drip(bytes) => {
                for byte in *bytes {
                    stream.write_all(&[*byte]).await.unwrap();
                    sleep(Duration::from_millis(1)).await;
                }
            }
            Flood(bytes) => {
                while stream.write_all(bytes).await.is_ok() {
                    said += bytes.len() as u64;
                }
            }
            Silence => sleep(Duration::from_secs(3600)).await,
        }
    }
    said
}

fn through(text: &str) -> Proxy {
    let Ok(Egress::Through(proxy)) = Egress::read(text) else { panic!("{text}") };
    proxy
}

/// The greeting that came through the tunnel, or why there was none.
async fn came(egress: &str, target: &str, acts: &[Act<'_>]) -> Result<Vec<u8>, Unseen> {
    let (here, there) = duplex(512);
    let clock = Tokio(Instant::now());
    let ours = async {
        let mut stream = tunnel(here, &through(egress), target.parse().unwrap(), &clock).await?;
        let mut greeting = vec![0; GREETING.len()];
        stream.read_exact(&mut greeting).await.map_err(|_| Unseen::Closed)?;
        Ok(greeting)
    };
    let (greeting, said) = tokio::join!(ours, proxy(there, acts));
    assert!(said < 40_000, "{said} octets were taken");
    greeting
}

const V4: &str = "192.0.2.1:25";
const V6: &str = "[2001:db8::1]:25";

const SOCKS: &str = "socks5://me:s3cret@exit.test:1080";
const METHODS: Act<'_> = Hear(b"\x05\x02\x00\x02");
const LOGIN: Act<'_> = Hear(b"\x01\x02me\x06s3cret");
const TO_V6: Act<'_> = Hear(b"\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x19");
const TO_V4: Act<'_> = Hear(b"\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x19");

#[tokio::test(start_paused = true)]
async fn socks_connects() {
    let bound = b"\x05\x00\x00\x01\x7f\x00\x00\x01\x04\x00";
    let together = [&bound[..], GREETING].concat();
    let named = [b"\x05\x00\x00\x03\x04exit\x04\x00", GREETING].concat();
    let v6 = [b"\x05\x00\x00\x04", &[0; 18][..], GREETING].concat();
    for (name, answer) in [
        ("apart", &[Say(bound), Say(GREETING)][..]),
        ("in one segment", &[Say(&together)]),
        ("octet by octet", &[Drip(&together)]),
        ("bound to a name", &[Say(&named)]),
        ("bound to an IPv6 address", &[Say(&v6)]),
    ] {
        let begin = [METHODS, Say(b"\x05\x02"), LOGIN, Drip(b"\x01\x00"), TO_V4];
        let acts: Vec<_> = begin.into_iter().chain(answer.iter().map(again)).collect();
        assert_eq!(came(SOCKS, V4, &acts).await.as_deref(), Ok(GREETING), "{name}");
    }
    let no_login = [Hear(b"\x05\x01\x00"), Say(b"\x05\x00"), TO_V6, Say(&together)];
    assert_eq!(came("socks5://127.0.0.1", V6, &no_login).await.as_deref(), Ok(GREETING));
}

fn again<'a>(act: &Act<'a>) -> Act<'a> {
    match act {
        Hear(bytes) => Hear(bytes),
        Say(bytes) => Say(bytes),
        Drip(bytes) => Drip(bytes),
        Flood(bytes) => Flood(bytes),
        Silence => Silence,
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_socks_reply_means() {
    let rows = [
        (1, V4, Unseen::ExitUnclear),
        (2, V4, Unseen::ExitRefused),
        (3, V4, Unseen::Unreachable),
        (3, V6, Unseen::NoIpv6),
        (4, V4, Unseen::Unreachable),
        (4, V6, Unseen::Unreachable),
        (5, V4, Unseen::Refused),
        (6, V4, Unseen::ConnectTimeout),
        (7, V4, Unseen::ExitDown),
        (8, V4, Unseen::ExitDown),
        (8, V6, Unseen::NoIpv6),
        (9, V4, Unseen::ExitDown),
        (255, V4, Unseen::ExitDown),
    ];
    for (reply, target, want) in rows {
        let answer = [5, reply, 0, 1, 0, 0, 0, 0, 0, 0];
        let asked = if target == V4 { TO_V4 } else { TO_V6 };
        let acts = [METHODS, Say(b"\x05\x02"), LOGIN, Say(b"\x01\x00"), asked, Say(&answer)];
        assert_eq!(came(SOCKS, target, &acts).await, Err(want), "{reply} {target}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_else_a_socks_proxy_may_do() {
    let rows: [(&str, &[Act<'_>], Unseen); 11] = [
        ("a wrong password", &[METHODS, Say(b"\x05\x02"), LOGIN, Say(b"\x01\x01")], Unseen::ExitRefused),
        ("no method of ours", &[METHODS, Say(b"\x05\xff")], Unseen::ExitRefused),
        ("a method that we did not offer", &[METHODS, Say(b"\x05\x01")], Unseen::ExitDown),
        ("SOCKS 4", &[METHODS, Say(b"\x00\x5b")], Unseen::ExitDown),
        ("HTTP", &[METHODS, Say(b"HTTP/1.1 400 Bad Request\r\n\r\n")], Unseen::ExitDown),
        ("closes at once", &[], Unseen::ExitDown),
        ("closes in the middle", &[METHODS, Say(b"\x05")], Unseen::ExitDown),
        ("closes instead of a reply", &[METHODS, Say(b"\x05\x00"), TO_V4, Say(b"\x05\x00\x00")], Unseen::ExitDown),
        ("an unknown kind of address", &[METHODS, Say(b"\x05\x00"), TO_V4, Say(b"\x05\x00\x00\x09")], Unseen::ExitDown),
        ("says nothing", &[METHODS, Silence], Unseen::ExitUnclear),
        ("babbles", &[METHODS, Flood(b"\xff\x00garbage")], Unseen::ExitDown),
    ];
    for (name, acts, want) in rows {
        assert_eq!(came(SOCKS, V4, acts).await, Err(want), "{name}");
    }
}

const HTTP: &str = "http://me:s3cret@exit.test:3128";
const ASKED: Act<'_> =
    Hear(b"CONNECT 192.0.2.1:25 HTTP/1.1\r\nHost: 192.0.2.1:25\r\nProxy-Authorization: Basic bWU6czNjcmV0\r\n\r\n");

#[tokio::test(start_paused = true)]
async fn connect_connects() {
    let with = |head: &str| [head.as_bytes(), GREETING].concat();
    let together = with("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n");
    for (name, answer) in [
        ("apart", vec![Say(b"HTTP/1.1 200 OK\r\n"), Say(b"\r\n"), Say(GREETING)]),
        ("in one segment", vec![Say(&together)]),
        ("octet by octet", vec![Drip(&together)]),
        ("in HTTP/1.0, bare", vec![Say(&with("HTTP/1.0 200\n\n"))]),
        ("with another 2xx", vec![Say(&with("HTTP/1.1 204 Yes\r\n\r\n"))]),
        ("after an interim response", vec![Say(&with("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"))]),
    ] {
        let acts: Vec<_> = [ASKED].into_iter().chain(answer).collect();
        assert_eq!(came(HTTP, V4, &acts).await.as_deref(), Ok(GREETING), "{name}");
    }
    let acts = [Hear(b"CONNECT [2001:db8::1]:25 HTTP/1.1\r\nHost: [2001:db8::1]:25\r\n\r\n"), Say(&together)];
    assert_eq!(came("https://exit.test", V6, &acts).await.as_deref(), Ok(GREETING));
}

#[tokio::test(start_paused = true)]
async fn what_an_http_response_means() {
    let rows = [
        ("400 Bad Request", "", Unseen::ExitRefused),
        ("403 Forbidden", "", Unseen::ExitRefused),
        ("407 Proxy Authentication Required", "Proxy-Authenticate: Basic realm=\"exit\"", Unseen::ExitRefused),
        ("301 Moved Permanently", "Location: /", Unseen::ExitDown),
        ("502 Bad Gateway", "", Unseen::ExitUnclear),
        ("503 Service Unavailable", "", Unseen::ExitUnclear),
        ("504 Gateway Timeout", "", Unseen::ExitUnclear),
        ("503 Service Unavailable", "X-Squid-Error: ERR_CONNECT_FAIL 111", Unseen::Refused),
        ("503 Service Unavailable", "x-squid-error: ERR_CONNECT_FAIL 110", Unseen::ConnectTimeout),
        ("503 Service Unavailable", "X-Squid-Error: ERR_CONNECT_FAIL 113", Unseen::Unreachable),
        ("503 Service Unavailable", "X-Squid-Error: ERR_CONNECT_FAIL 0", Unseen::ExitUnclear),
        ("503 Service Unavailable", "X-Squid-Error: ERR_DNS_FAIL 111", Unseen::ExitUnclear),
        ("502 Bad Gateway", "Proxy-Status: exit.test; error=connection_refused", Unseen::Refused),
        ("504 Gateway Timeout", "proxy-status: exit.test;error=connection_timeout;x=1", Unseen::ConnectTimeout),
        ("502 Bad Gateway", "Proxy-Status: a; error=connection_refused, b; error=dns_timeout", Unseen::ExitUnclear),
        ("502 Bad Gateway", "Proxy-Status: a; error=destination_ip_prohibited", Unseen::ExitRefused),
        ("502 Bad Gateway", "Proxy-Status: \u{fffd}", Unseen::ExitUnclear),
    ];
    for (status, field, want) in rows {
        let answer = format!("HTTP/1.1 {status}\r\n{field}\r\n\r\n").replace("\r\n\r\n\r\n", "\r\n\r\n");
        assert_eq!(came(HTTP, V4, &[ASKED, Say(answer.as_bytes())]).await, Err(want), "{status} {field}");
    }
    let unroutable = b"HTTP/1.1 503 No\r\nX-Squid-Error: ERR_CONNECT_FAIL 101\r\n\r\n";
    assert_eq!(came(HTTP, V4, &[ASKED, Say(unroutable)]).await, Err(Unseen::Unreachable));
    assert_eq!(came("http://exit.test", V6, &[Say(unroutable)]).await, Err(Unseen::NoIpv6));
}

#[tokio::test(start_paused = true)]
async fn what_else_an_http_proxy_may_do() {
    let rows: [(&str, &[Act<'_>], Unseen); 11] = [
        ("closes at once", &[], Unseen::ExitDown),
        ("closes after the request", &[ASKED], Unseen::ExitDown),
        ("closes in the head", &[ASKED, Say(b"HTTP/1.1 200 OK\r\nVia: ")], Unseen::ExitDown),
        ("says nothing", &[ASKED, Silence], Unseen::ExitUnclear),
        ("stops in the head", &[ASKED, Say(b"HTTP/1.1 200 OK\r\n"), Silence], Unseen::ExitUnclear),
        ("a head without end", &[ASKED, Say(b"HTTP/1.1 200 OK\r\n"), Flood(b"Via: more\r\n")], Unseen::ExitDown),
        ("a line without end", &[ASKED, Say(b"HTTP/1.1 200 OK\r\nVia: "), Flood(b"more")], Unseen::ExitDown),
        ("interim responses without end", &[ASKED, Flood(b"HTTP/1.1 100 Continue\r\n\r\n")], Unseen::ExitDown),
        ("garbage", &[ASKED, Say(b"\x00\xff\r\n\r\n")], Unseen::ExitDown),
        ("SOCKS", &[ASKED, Say(b"\x05\xff\n\n")], Unseen::ExitDown),
        ("SMTP", &[ASKED, Say(b"220 mx.test ESMTP\r\n\r\n")], Unseen::ExitDown),
    ];
    for (name, acts, want) in rows {
        assert_eq!(came(HTTP, V4, acts).await, Err(want), "{name}");
    }
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(FIELDS + 1));
    assert_eq!(came(HTTP, V4, &[ASKED, Flood(many.as_bytes())]).await, Err(Unseen::ExitDown));
}

/// As many fields as a response may have.
const FIELDS: usize = 64;

#[test]
fn settings() {
    let read = |text: &str| match Egress::read(text) {
        Ok(Egress::Direct) => "direct".to_owned(),
        Ok(Egress::Through(proxy)) => {
            let login = proxy.login.as_ref().map(|login| format!(" {} {}", login.user, login.password));
            format!("{proxy:?}{}", login.unwrap_or_default())
        }
        Err(_) => String::new(),
    };
    let good = [
        ("direct", "direct"),
        (" direct\n", "direct"),
        ("socks5://me:s3cret@exit.test:1080", "Socks5 exit.test 1080 me s3cret"),
        ("SOCKS5://me:s3cret@exit.test", "Socks5 exit.test 1080 me s3cret"),
        ("socks5://[2001:db8::1]:9050", "Socks5 2001:db8::1 9050"),
        ("socks5://a%3Ab:x@192.0.2.1:1", "Socks5 192.0.2.1 1 a:b x"),
        ("http://127.0.0.1:3128/", "Http 127.0.0.1 3128"),
        ("https://me:p%40ss%3Aword@exit.test", "Https exit.test 443 me p@ss:word"),
        ("https://me:p:w@exit.test:3129", "Https exit.test 3129 me p:w"),
        ("https://me:w%C3%B6rt@[2001:db8::1]:3129", "Https 2001:db8::1 3129 me wört"),
    ];
    for (text, want) in good {
        assert_eq!(read(text), want, "{text}");
    }
    let long = format!("socks5://me:{}@exit.test", "x".repeat(256));
    let longer = format!("https://me:{}@exit.test", "x".repeat(2000));
    let bad = [
        "",
        "Direct",
        "socks://exit.test:1080",
        "socks5h://exit.test:1080",
        "socks4://exit.test:1080",
        "exit.test:3128",
        "ftp://exit.test",
        "https://",
        "socks5://",
        "socks5://:1080",
        "https://exit.test:0",
        "https://exit.test:65536",
        "https://exit.test:x",
        "https://me@exit.test",
        "https://:s3cret@exit.test",
        "https://me:s3c/ret@exit.test",
        "https://me:s3c#ret@exit.test",
        "https://me:s3c?ret@exit.test",
        "https://exit.test/path",
        "https://a%3Ab:x@exit.test",
        "https://me:%0D%0A@exit.test",
        "https://me:%ff@exit.test",
        "socks5://ex%20it.test:1080",
        "https:exit.test",
        &long,
        &longer,
    ];
    for text in bad {
        assert_eq!(read(text), "", "{text}");
    }
    for text in ["https://me:s3cret@exit.test/x", "https://me@s3cret:x", "s3cret"] {
        assert!(!Egress::read(text).unwrap_err().contains("s3cret"), "{text}");
    }
    assert!(!format!("{:?}", Egress::read(SOCKS)).contains("s3cret"));
}

#[test]
fn where_it_is_used() {
    let egress = Egress::read(HTTP).unwrap();
    assert!(egress.proxy(25).is_some());
    assert!([110, 143, 465, 587, 993, 995, 4190].into_iter().all(|port| egress.proxy(port).is_none()));
    assert!(Egress::Direct.proxy(25).is_none());
    let confidential = |text| through(text).is_confidential();
    assert!(confidential("https://exit.test") && confidential("http://127.25.0.82:3128"));
    assert!(confidential("socks5://[::1]:1080") && confidential("socks5://localhost:1080"));
    assert!(
        !confidential("http://exit.test") && !confidential("socks5://192.0.2.1") && !confidential("socks5://10.0.0.1")
    );
}
