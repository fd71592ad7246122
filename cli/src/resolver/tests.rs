//! The transports against resolvers in this process.

use std::net::SocketAddr;

use super::*;
use shared::evidence::Record;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

const OK: u8 = 0;
const SERVFAIL: u8 = 2;

fn name() -> DomainName {
    DomainName::new("x.test").unwrap()
}

/// An answer to "A of x.test": 192.0.2.1, or only a code.
fn reply(question: &[u8], code: u8, truncated: bool) -> Vec<u8> {
    let mut reply = question[..2].to_vec();
    let count = u8::from(code == OK && !truncated);
    reply.extend([0x81 | (u8::from(truncated) << 1), 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0]);
    reply.extend(&question[12..24]);
    if count == 1 {
        reply.extend(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x01");
    }
    reply
}

/// A resolver over UDP that sends these answers to each question, built from it.
async fn udp(answers: impl Fn(&[u8]) -> Vec<Vec<u8>> + 'static) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::task::spawn_local(async move {
        let mut buffer = [0; 512];
        loop {
            let (count, from) = socket.recv_from(&mut buffer).await.unwrap();
            for answer in answers(&buffer[..count]) {
                socket.send_to(&answer, from).await.unwrap();
            }
        }
    });
    address
}

type Found = Result<Vec<Record>, Unseen>;

async fn look_up(servers: &[SocketAddr]) -> Found {
    let servers = servers.iter().map(|address| Server::Plain(*address)).collect();
    Resolver::new(servers).look_up(&name(), RecordType::A, false).await.map(|answer| answer.records)
}

fn found() -> Found {
    Ok(vec![Record::A([192, 0, 2, 1].into())])
}

#[tokio::test(flavor = "local")]
async fn over_udp() {
    let good = udp(|q| vec![reply(q, OK, false)]).await;
    let servfail = udp(|q| vec![reply(q, SERVFAIL, false)]).await;
    // Whoever guesses must guess the id: what does not fit is passed over.
    let spoofed = udp(|q| {
        let mut wrong = reply(q, SERVFAIL, false);
        wrong[0] ^= 1;
        vec![wrong, b"x".to_vec(), reply(q, OK, false)]
    })
    .await;
    let closed = {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.local_addr().unwrap()
    };
    let rows: &[(&str, &[SocketAddr], Found)] = &[
        ("an answer", &[good], found()),
        ("rubbish first", &[spoofed], found()),
        ("unreachable, then the next", &[closed, good], found()),
        ("a code is an answer: no next one", &[servfail, good], Err(Unseen::ServFail)),
        ("unreachable", &[closed], Err(Unseen::ResolverFailed)),
    ];
    for (what, servers, want) in rows {
        assert_eq!(look_up(servers).await, *want, "{what}");
    }
}

#[tokio::test(flavor = "local", start_paused = true)]
async fn silence() {
    let silent = udp(|_| vec![]).await;
    let begin = tokio::time::Instant::now();
    assert_eq!(look_up(&[silent]).await, Err(Unseen::DnsTimeout));
    assert!(begin.elapsed() <= ATTEMPT * 2);
    let rubbish = udp(|_| vec![b"x".to_vec()]).await;
    assert_eq!(look_up(&[rubbish]).await, Err(Unseen::DnsMalformed));
}

#[tokio::test(flavor = "local")]
async fn over_tcp_where_it_does_not_fit() {
    let address = udp(|q| vec![reply(q, OK, true)]).await;
    let listener = TcpListener::bind(address).await.unwrap();
    tokio::task::spawn_local(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut question = vec![0; usize::from(stream.read_u16().await.unwrap())];
        stream.read_exact(&mut question).await.unwrap();
        let answer = reply(&question, OK, false);
        stream.write_u16(answer.len() as u16).await.unwrap();
        // Cut in two: it is read whole.
        stream.write_all(&answer[..5]).await.unwrap();
        tokio::task::yield_now().await;
        stream.write_all(&answer[5..]).await.unwrap();
    });
    assert_eq!(look_up(&[address]).await, found());
}

/// A resolver over HTTP that gives this status and type.
async fn http(status: &'static str, kind: &'static str) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::task::spawn_local(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            let body = loop {
                let mut buffer = [0; 512];
                let count = stream.read(&mut buffer).await.unwrap();
                request.extend(&buffer[..count]);
                let head = request.windows(4).position(|four| four == b"\r\n\r\n");
                match head {
                    Some(at) if request.len() >= at + 4 + 35 => break request[at + 4..].to_vec(),
                    _ => {}
                }
            };
            assert_eq!(body[..2], [0, 0]);
            let answer = reply(&body, OK, false);
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nLocation: http://127.0.0.1:1/\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                answer.len()
            );
            stream.write_all(&[head.as_bytes(), &answer].concat()).await.unwrap();
        }
    });
    format!("http://{address}/dns-query").parse().unwrap()
}

#[tokio::test(flavor = "local")]
async fn over_https() {
    let rows = [
        ("200 OK", "application/dns-message", found()),
        ("200 OK", "text/html", Err(Unseen::ResolverFailed)),
        ("302 Found", "application/dns-message", Err(Unseen::ResolverFailed)),
        ("503 Busy", "application/dns-message", Err(Unseen::ResolverFailed)),
    ];
    for (status, kind, want) in rows {
        let resolver = Resolver::new(vec![http(status, kind).await]);
        let got = resolver.look_up(&name(), RecordType::A, false).await.map(|answer| answer.records);
        assert_eq!(got, want, "{status} {kind}");
    }
}
