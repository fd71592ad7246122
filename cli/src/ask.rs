//! Answers one inquiry.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use probe::dialogue::Talk;
use probe::session::run;
use probe::smtp::REFUSALS_MAX;
use probe::tls::Authorities;
use probe::{Clock, Identity};
use shared::api::Stage;
use shared::inquiry::Script;
use shared::net::is_admitted;
use shared::{Answer, Case, DomainName, Evidence, Inquiry, Unseen};
use tokio::sync::Mutex;

use crate::clock::Wall;
use crate::exit::Exit;
use crate::fetch::Fetcher;
use crate::reached::Reached;
use crate::resolver::Resolver;

/// The ports that mail is spoken on; no other one is ever connected to.
const PORTS: [u16; 8] = [25, 110, 143, 465, 587, 993, 995, 4190];

/// Conversations end this long before the scan does, in milliseconds, so that they can say QUIT and
/// what they heard is not lost.
const LAST_WORDS_MS: u64 = 3_000;

/// How long a refusal waits for a proof that our own end was open: conversations begin side by side, and
/// another host's greeting may be on its way.
const PROOF_WAIT: Duration = Duration::from_secs(3);

/// How often it looks.
const PROOF_TICK: Duration = Duration::from_millis(100);

/// What is being asked right now: what is waited for, and since when.
pub(crate) type Board = BTreeMap<Inquiry, (Stage, u64)>;

/// Holds what inquiries share: the resolver, one lock an address, who we are.
pub(crate) struct Asker {
    resolver: Resolver,
    fetcher: Fetcher,
    exit: Exit,
    authorities: Authorities,
    pub(crate) clock: Wall,
    identity: Identity,
    nonce: String,
    admit_private: bool,
    deadline: u64,
    /// For each host its lock, which holds how often the host has refused something in this run.
    hosts: RefCell<HashMap<IpAddr, Rc<Mutex<usize>>>>,
    reached: RefCell<Reached>,
    pub(crate) board: RefCell<Board>,
}

impl Asker {
    pub(crate) fn new(
        resolver: Resolver,
        fetcher: Fetcher,
        exit: Exit,
        authorities: Authorities,
        clock: Wall,
        case: &Case,
        deadline: u64,
    ) -> Self {
        Self {
            resolver,
            fetcher,
            exit,
            authorities,
            clock,
            identity: Identity::at(&case.probe_domain),
            nonce: case.nonce.clone(),
            admit_private: case.admit_private,
            deadline,
            hosts: RefCell::default(),
            reached: RefCell::default(),
            board: RefCell::default(),
        }
    }

    /// Asks, and says when it was asked and how long the answer took.
    pub(crate) async fn ask(&self, inquiry: Inquiry) -> Evidence {
        let (at, answer) = match &inquiry {
            Inquiry::Dns { name, record, unchecked } => {
                self.post(&inquiry, Stage::Answer);
                let at = self.clock.now();
                (at, self.resolver.look_up(name, *record, *unchecked).await.map(Answer::Dns))
            }
            Inquiry::Probe { address, port, host: name, script } => {
                self.post(&inquiry, Stage::Queued);
                let host = Rc::clone(self.hosts.borrow_mut().entry(*address).or_default());
                let mut refusals = host.lock().await;
                let at = self.clock.now();
                // The plan asks for no other; this is the second lock on the door.
                let allowed = is_admitted(*address, self.admit_private) && PORTS.contains(port);
                let peer = SocketAddr::new(*address, *port);
                let answer = match allowed {
                    true => self.converse(&inquiry, peer, name.clone(), script, *refusals).await,
                    false => Err(Unseen::Failed),
                };
                if let Ok(Answer::Smtp(session)) = &answer {
                    *refusals += session.refusals();
                }
                (at, if answer == Err(Unseen::Refused) { Err(self.refusal(peer).await) } else { answer })
            }
            Inquiry::Fetch { url } => {
                self.post(&inquiry, Stage::Reply);
                let at = self.clock.now();
                (at, self.fetcher.fetch(url, &self.resolver).await)
            }
        };
        self.board.borrow_mut().remove(&inquiry);
        let took = u32::try_from(self.clock.now().saturating_sub(at)).unwrap_or(u32::MAX);
        Evidence { inquiry, at, took, answer }
    }

    async fn converse(
        &self,
        inquiry: &Inquiry,
        peer: SocketAddr,
        name: Option<DomainName>,
        script: &Script,
        refusals: usize,
    ) -> Result<Answer, Unseen> {
        self.post(inquiry, Stage::Connecting);
        let stream = self.exit.connect(peer, &self.clock).await?;
        let talk = Talk::new(script, &self.identity, &self.nonce, peer.ip())
            .inside_tls(name, peer.port())
            .refusals_left(REFUSALS_MAX.saturating_sub(refusals))
            .until(self.deadline.saturating_sub(LAST_WORDS_MS));
        let answered = || self.reached.borrow_mut().answered(peer, self.clock.now());
        let on_stage = |stage| {
            // What is waited for behind the greeting.
            if stage == Stage::Reply {
                answered();
            }
            self.post(inquiry, stage);
        };
        let answer = run(stream, talk, &self.clock, &self.authorities, on_stage).await;
        if answer.is_ok() {
            answered();
        }
        answer
    }

    /// Is a refusal surely the host's own?
    async fn refusal(&self, peer: SocketAddr) -> Unseen {
        let proved = async {
            while !self.reached.borrow().proves(peer, self.clock.now()) {
                self.clock.sleep(PROOF_TICK).await;
            }
        };
        let wait = if peer.port() == 25 { PROOF_WAIT } else { Duration::ZERO };
        tokio::time::timeout(wait, proved).await.map_or(Unseen::Refused, |()| Unseen::Rejected)
    }

    fn post(&self, inquiry: &Inquiry, stage: Stage) {
        self.board.borrow_mut().insert(inquiry.clone(), (stage, self.clock.now()));
    }
}

#[cfg(test)]
mod patience;

#[cfg(test)]
mod tests {
    use super::*;
    use probe::egress::Egress;
    use shared::DomainName;
    use shared::evidence::{Purpose, Step};
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    pub(super) fn asker(admit_private: bool) -> Asker {
        let name = |text: &str| DomainName::new(text).unwrap();
        let clock = Wall::start();
        let mut case = Case::new(name("h.test"), name("us.test"), "n".into(), clock.now());
        case.admit_private = admit_private;
        let fetcher = Fetcher::new(admit_private, vec![]);
        let exit = Exit::new(Egress::Direct, vec![]);
        Asker::new(Resolver::new(vec![]), fetcher, exit, Authorities::default(), clock, &case, clock.now() + 60_000)
    }

    /// A server that takes its own recipients only; ends after one conversation and gives what it
    /// heard.
    async fn serve(listener: TcpListener) -> Vec<String> {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        let mut heard = Vec::new();
        stream.write_all(b"220 mx.h.test ESMTP\r\n").await.unwrap();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap() == 0 {
                return heard;
            }
            let reply = match line.trim_end() {
                "EHLO probe.us.test" => "250-mx.h.test\r\n250 PIPELINING\r\n",
                "QUIT" => "221 bye\r\n",
                l if l.starts_with("RCPT") && l.contains("us.test") => "554 5.7.1 Relay access denied\r\n",
                _ => "250 ok\r\n",
            };
            heard.push(line.trim_end().to_owned());
            stream.write_all(reply.as_bytes()).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_conversation_over_tcp() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = listener.local_addr().unwrap();
        let script = Script::SmtpRecipients { domain: DomainName::new("h.test").unwrap(), contact: None };
        let inquiry = Inquiry::Probe { address: peer.ip(), port: peer.port(), host: None, script: script.clone() };
        let asker = asker(true);
        let (session, heard) = tokio::join!(asker.converse(&inquiry, peer, None, &script, 0), serve(listener));
        let Ok(Answer::Smtp(session)) = session else { panic!("{session:?}") };
        assert_eq!(session.broke, None);
        assert_eq!(session.reply(Step::Rcpt(Purpose::Abuse)).unwrap().1.code, 250);
        let sent: Vec<&str> = session.exchanges.iter().skip(1).map(|e| e.sent.as_str()).collect();
        assert_eq!(sent, heard);
        assert_eq!(asker.board.borrow().get(&inquiry).map(|(stage, _)| *stage), Some(Stage::Reply));
    }

    #[tokio::test]
    async fn what_is_not_connected_to() {
        let rows = [
            ("127.0.0.1", 25, false),
            ("169.254.169.254", 25, true),
            ("::ffff:127.0.0.1", 25, true),
            ("127.0.0.1", 80, true),
        ];
        for (address, port, admit) in rows {
            let inquiry =
                Inquiry::Probe { address: address.parse().unwrap(), port, host: None, script: Script::SmtpSurvey };
            let evidence = asker(admit).ask(inquiry).await;
            assert_eq!(evidence.answer, Err(Unseen::Failed), "{address} {port}");
        }
    }

    #[tokio::test]
    async fn a_refused_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = listener.local_addr().unwrap();
        drop(listener);
        let inquiry = Inquiry::Probe { address: peer.ip(), port: peer.port(), host: None, script: Script::SmtpSurvey };
        let session = asker(true).converse(&inquiry, peer, None, &Script::SmtpSurvey, 0).await;
        assert_eq!(session, Err(Unseen::Refused));
    }
}
