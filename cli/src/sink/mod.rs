//! `mailsins sink`: the receiving host that proves a relay. It takes messages for one-time addresses only, keeps none of them,
//! and tells the site of each, which knows whether it waits for it.
//!
//! A message is acknowledged once the site has taken the news, so there is no queue here that could lose it: as long as the site
//! cannot be reached, senders are told to try again.

mod news;
mod session;

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use probe::arrival::SECRET_MIN;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;
use tokio::time::timeout;

use crate::args::Sink;
use crate::{End, refuse};
use news::Site;
use session::{LINE_MAX, Session, Turn};

/// The most conversations at one time.
const CONVERSATIONS_MAX: usize = 50;

/// The most of them with one address.
const OF_ONE_MAX: usize = 5;

/// How long a line may take to come.
const LINE_PATIENCE: Duration = Duration::from_secs(60);

/// How long a conversation may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// How many conversations there are with each address.
type Guests = Rc<RefCell<HashMap<IpAddr, usize>>>;

pub(crate) fn run(sink: &Sink) -> End {
    let secret = match std::fs::read_to_string(&sink.secret_file) {
        Ok(text) => text.trim().to_owned(),
        Err(error) => return refuse(End::Usage, &format!("{} can't be read: {error}", sink.secret_file.display())),
    };
    if secret.len() < SECRET_MIN {
        return refuse(
            End::Usage,
            &format!("the secret is shorter than {SECRET_MIN} characters. Try: openssl rand -hex 32"),
        );
    }
    let site = match Site::new(&sink.post, sink.ca_file.as_deref(), secret) {
        Ok(site) => Rc::new(site),
        Err(why) => return refuse(End::Usage, &why),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(End::Unable, &error.to_string()),
    };
    let failed = runtime.block_on(LocalSet::new().run_until(serve(sink, &site))).err();
    refuse(End::Unable, &failed.map_or_else(|| "it has ended".to_owned(), |error| format!("{}: {error}", sink.listen)))
}

/// Takes connections until the system gives no more.
async fn serve(sink: &Sink, site: &Rc<Site>) -> io::Result<()> {
    let listener = TcpListener::bind(sink.listen).await?;
    eprintln!("mailsins: listening at {} for {}", listener.local_addr()?, sink.domain);
    let guests = Guests::default();
    loop {
        // A connection that broke off before it was taken is not the end of all.
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let address = peer.ip().to_canonical();
        let Some(place) = Place::of(&guests, address) else {
            tokio::task::spawn_local(turn_away(stream));
            continue;
        };
        let (site, session) = (site.clone(), Session::new(sink.domain.clone(), address));
        tokio::task::spawn_local(async move {
            let _place = place;
            // Whoever breaks off has sent nothing.
            let _ = timeout(PATIENCE, hold(stream, session, &site)).await;
        });
    }
}

async fn turn_away(mut stream: TcpStream) {
    let _ = timeout(Duration::from_secs(1), stream.write_all(b"421 4.7.0 Too many connections\r\n")).await;
}

async fn hold(mut stream: TcpStream, mut session: Session, site: &Site) -> io::Result<()> {
    let (reader, mut writer) = stream.split();
    let mut reader = BufReader::new(reader);
    writer.write_all(format!("{}\r\n", session.greeting()).as_bytes()).await?;
    loop {
        let mut line = Vec::new();
        let limit = u64::try_from(LINE_MAX).unwrap_or(u64::MAX);
        let mut at_most = (&mut reader).take(limit);
        if timeout(LINE_PATIENCE, at_most.read_until(b'\n', &mut line)).await.unwrap_or(Ok(0))? == 0 {
            return Ok(());
        }
        let mut turn = session.line(&line);
        if let Turn::Arrived(message) = turn {
            let taken = site.tell(&message, session.client()).await;
            turn = session.settle(taken);
        }
        match turn {
            Turn::Say(text) => writer.write_all(format!("{text}\r\n").as_bytes()).await?,
            Turn::Close(text) => return writer.write_all(format!("{text}\r\n").as_bytes()).await,
            Turn::Listen | Turn::Arrived(_) => {}
        }
    }
}

/// A place among the guests, given up when dropped.
struct Place(Guests, IpAddr);

impl Place {
    fn of(guests: &Guests, address: IpAddr) -> Option<Self> {
        let mut all = guests.borrow_mut();
        let of_one = all.get(&address).copied().unwrap_or_default();
        if of_one >= OF_ONE_MAX || all.values().sum::<usize>() >= CONVERSATIONS_MAX {
            return None;
        }
        all.insert(address, of_one + 1);
        Some(Self(guests.clone(), address))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.0.borrow_mut();
        match all.get_mut(&self.1) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(all.remove(&self.1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let guests = Guests::default();
        let of = |last: u8| Place::of(&guests, IpAddr::from([192, 0, 2, last]));
        let mut kept: Vec<Place> = (0..OF_ONE_MAX).filter_map(|_| of(1)).collect();
        assert!(kept.len() == OF_ONE_MAX && of(1).is_none());
        kept.pop();
        kept.extend(of(1));
        kept.extend((2..200).filter_map(of));
        assert!(kept.len() == CONVERSATIONS_MAX && of(201).is_none());
        kept.clear();
        assert!(guests.borrow().is_empty());
    }
}
