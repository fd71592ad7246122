//! Changes of the lab's zone `consent.test`, by updates (RFC 2136), as the domain's own operator makes them.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::{MX, TXT};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use tokio::net::UdpSocket;

const ZONE: &str = "consent.test.";

/// Makes a domain in the zone that takes no mail, with a record of ours.
pub async fn found(domain: &str, says: &str) -> Result<()> {
    let mx = RData::MX(MX::new(0, Name::root()));
    update(vec![Record::from_rdata(name(domain)?, 0, mx)]).await?;
    say(domain, &[says]).await
}

/// Makes a domain in the zone whose mail goes to this host, with a record of ours.
pub async fn found_at(domain: &str, mx: &str, says: &str) -> Result<()> {
    let mx = RData::MX(MX::new(10, name(mx)?));
    update(vec![Record::from_rdata(name(domain)?, 0, mx)]).await?;
    say(domain, &[says]).await
}

/// What stands at `_mailsins.` of the domain from now on.
pub async fn say(domain: &str, texts: &[&str]) -> Result<()> {
    set(&format!("_mailsins.{domain}"), texts).await
}

/// The TXT records of a name from now on.
pub async fn set(at: &str, texts: &[&str]) -> Result<()> {
    let mut gone = Record::update0(name(at)?, 0, RecordType::TXT);
    gone.dns_class = DNSClass::ANY; // RFC 2136 section 2.5.2: the whole set
    let mut changes = vec![gone];
    for text in texts {
        changes.push(Record::from_rdata(name(at)?, 0, RData::TXT(TXT::new(vec![(*text).to_owned()]))));
    }
    update(changes).await
}

fn name(text: &str) -> Result<Name> {
    Ok(Name::from_ascii(format!("{}.", text.trim_end_matches('.')))?)
}

async fn update(changes: Vec<Record>) -> Result<()> {
    let mut message = Message::new(25, MessageType::Query, OpCode::Update);
    message.add_query(Query::query(Name::from_ascii(ZONE)?, RecordType::SOA));
    message.add_authorities(changes);
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    socket.connect(mailsins_lab::NAME_SERVER).await?;
    socket.send(&message.to_vec()?).await?;
    let mut answer = [0; 512];
    let received = tokio::time::timeout(Duration::from_secs(5), socket.recv(&mut answer));
    let length = received.await.context("the name server does not answer")??;
    let answer = Message::from_vec(answer.get(..length).unwrap_or_default())?;
    ensure!(answer.metadata.response_code == ResponseCode::NoError, "{:?}", answer.metadata.response_code);
    Ok(())
}
