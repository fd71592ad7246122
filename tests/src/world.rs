//! A case that a test drives itself, `plan` and `judge` over sockets of its own: with what a site would grant, know of
//! arrivals and be told by a domain's owner.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use futures_util::future::join_all;
use mailsins_lab::RESOLVER;
use probe::dialogue::Talk;
use probe::{Clock, Identity, dialogue, dns, session};
use shared::evidence::Arrival;
use shared::grant::{Choice, Question, Sample};
use shared::inquiry::RecordType;
use shared::{Answer, Case, DomainName, Evidence, Inquiry, Report, Unseen, judge, plan};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{sleep, timeout};

/// How long an arrival is waited for: ten minutes in the world, a moment here.
const PATIENCE: Duration = Duration::from_secs(6);

/// The clock on the wall.
#[derive(Clone, Copy)]
pub struct Wall;

impl Clock for Wall {
    fn now(&self) -> u64 {
        u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()).unwrap_or_default()
    }

    fn sleep(&self, for_: Duration) -> impl Future<Output = ()> {
        sleep(for_)
    }
}

/// What was told of arrivals, by token.
pub type Told = Arc<Mutex<HashMap<String, Arrival>>>;

/// What the owner of a domain finds of a sample; nothing yet.
pub type Owner = Box<dyn Fn(Sample) -> Option<Choice>>;

/// What the inquiries of a case share.
pub struct World {
    identity: Identity,
    nonce: String,
    told: Told,
    owner: Owner,
    turns: Mutex<HashMap<IpAddr, Arc<tokio::sync::Mutex<()>>>>,
}

impl World {
    /// The world around a case.
    pub fn new(case: &Case, told: Told, owner: impl Fn(Sample) -> Option<Choice> + 'static) -> Self {
        let (identity, nonce) = (Identity::at(&case.probe_domain), case.nonce.clone());
        Self { identity, nonce, told, owner: Box::new(owner), turns: Mutex::default() }
    }

    /// Asks what the plan asks, until that is nothing more, and judges.
    pub async fn drive(&self, mut case: Case) -> Report {
        loop {
            let wanted = plan(&case);
            if wanted.is_empty() {
                return judge(&case);
            }
            for evidence in join_all(wanted.into_iter().map(|inquiry| self.ask(inquiry))).await {
                case.add(evidence);
            }
        }
    }

    async fn ask(&self, inquiry: Inquiry) -> Evidence {
        let at = Wall.now();
        let answer = match &inquiry {
            Inquiry::Dns { name, record, unchecked } => look_up(name, *record, *unchecked).await.map(Answer::Dns),
            Inquiry::Probe { address, port, host, script } => {
                let turn = self.turns.lock().map(|mut turns| turns.entry(*address).or_default().clone());
                let turn = turn.unwrap_or_default();
                let _turn = turn.lock().await;
                let talks = (0..script.connections()).map(|_| {
                    let talk = Talk::new(script, &self.identity, &self.nonce, *address);
                    converse(*address, *port, talk.inside_tls(host.clone(), *port).refusals_left(4))
                });
                dialogue::beside(join_all(talks).await)
            }
            Inquiry::Arrival { token } => {
                let come = async {
                    loop {
                        if let Some(arrival) = self.told.lock().ok().and_then(|told| told.get(token.as_str()).cloned())
                        {
                            return arrival;
                        }
                        sleep(Duration::from_millis(100)).await;
                    }
                };
                Ok(Answer::Arrived(timeout(PATIENCE, come).await.ok()))
            }
            Inquiry::Owner { question: Question::Where(sample) } => {
                // Mail takes its time.
                let begun = Instant::now();
                let mut found = (self.owner)(*sample);
                while found.is_none() && begun.elapsed() < PATIENCE {
                    sleep(Duration::from_millis(200)).await;
                    found = (self.owner)(*sample);
                }
                Ok(Answer::Stated(found.unwrap_or(Choice::Nowhere)))
            }
            Inquiry::Mail => Err(Unseen::OutOfTime),
            Inquiry::Fetch { .. } => Err(Unseen::FetchFailed),
        };
        let took = u32::try_from(Wall.now().saturating_sub(at)).unwrap_or(u32::MAX);
        Evidence { inquiry, at, took, answer }
    }
}

async fn converse(address: IpAddr, port: u16, talk: Talk) -> Result<Answer, Unseen> {
    let connect = timeout(session::CONNECT_TIMEOUT, TcpStream::connect((address, port)));
    let stream = connect.await.unwrap_or(Err(io::ErrorKind::TimedOut.into()));
    let stream = stream.map_err(|error| session::connect_error(&error, address))?;
    session::run(stream, talk, &Wall, &probe::tls::Authorities::default(), |_| {}).await
}

async fn look_up(
    name: &DomainName,
    record: RecordType,
    unchecked: bool,
) -> Result<shared::evidence::DnsAnswer, Unseen> {
    let question = dns::query(name, record, unchecked, 7)?;
    let exchange = async {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        socket.connect((RESOLVER, 53)).await?;
        socket.send(&question).await?;
        let mut buffer = vec![0; 65_535];
        let count = socket.recv(&mut buffer).await?;
        buffer.truncate(count);
        Ok::<_, io::Error>(buffer)
    };
    let bytes = timeout(Duration::from_secs(5), exchange).await.map_err(|_| Unseen::DnsTimeout)?;
    dns::answer(&bytes.map_err(|_| Unseen::ResolverFailed)?, name, record, 7)
}
