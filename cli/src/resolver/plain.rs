//! DNS over UDP, and over TCP where an answer does not fit.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use probe::dns::{answer, query, truncated};
use shared::evidence::DnsAnswer;
use shared::inquiry::RecordType;
use shared::{DomainName, Unseen};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use super::{ATTEMPT, Lost};

/// One attempt, from a port and with an id that nobody can guess (RFC 5452). What does not answer
/// the question is not an answer: it is passed over, until the time is up.
pub(super) async fn ask(
    server: SocketAddr,
    name: &DomainName,
    record: RecordType,
    unchecked: bool,
) -> Result<Result<DnsAnswer, Unseen>, Lost> {
    let id = id()?;
    let question = query(name, record, unchecked, id).map_err(|_| Lost::Failed)?;
    let any = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await.map_err(|_| Lost::Failed)?;
    // Connected: the system passes on only what comes from the resolver's own address and port.
    socket.connect(server).await.map_err(|_| Lost::Failed)?;
    socket.send(&question).await.map_err(|_| Lost::Failed)?;
    let mut buffer = vec![0; 4096];
    let mut malformed = None;
    let wait = async {
        loop {
            let count = socket.recv(&mut buffer).await.map_err(|_| Lost::Failed)?;
            let bytes = buffer.get(..count).unwrap_or_default();
            if bytes.get(..2) == Some(&id.to_be_bytes()) && truncated(bytes) {
                return Ok(None);
            }
            match answer(bytes, name, record, id) {
                Err(Unseen::DnsMalformed) => malformed = Some(Unseen::DnsMalformed),
                answer => return Ok(Some(answer)),
            }
        }
    };
    // A little less than the attempt, so that a malformed answer can still be told.
    match tokio::time::timeout(ATTEMPT.mul_f32(0.9), wait).await {
        Ok(Ok(Some(answer))) => Ok(answer),
        Ok(Ok(None)) => over_tcp(server, name, record, unchecked).await,
        Ok(Err(lost)) => Err(lost),
        Err(_) => malformed.map_or(Err(Lost::Timeout), |why| Ok(Err(why))),
    }
}

/// RFC 7766: two octets of length before each message.
async fn over_tcp(
    server: SocketAddr,
    name: &DomainName,
    record: RecordType,
    unchecked: bool,
) -> Result<Result<DnsAnswer, Unseen>, Lost> {
    let id = id()?;
    let question = query(name, record, unchecked, id).map_err(|_| Lost::Failed)?;
    let length = u16::try_from(question.len()).map_err(|_| Lost::Failed)?;
    let exchange = async {
        let mut stream = TcpStream::connect(server).await?;
        stream.write_all(&[&length.to_be_bytes(), question.as_slice()].concat()).await?;
        let mut bytes = vec![0; usize::from(stream.read_u16().await?)];
        stream.read_exact(&mut bytes).await?;
        std::io::Result::Ok(bytes)
    };
    let bytes = exchange.await.map_err(|_| Lost::Failed)?;
    Ok(answer(&bytes, name, record, id))
}

fn id() -> Result<u16, Lost> {
    let random = getrandom::u32().map_err(|_| Lost::Failed)?;
    Ok((random >> 16) as u16)
}
