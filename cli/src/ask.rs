//! Answers one inquiry.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::SocketAddr;
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

use crate::clock::Wall;
use crate::courtesy::{Courtesy, Refused};
use crate::exit::Exit;
use crate::fetch::Fetcher;
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

/// What all cases of one run share: the ways out, the clock, and what they owe to mail servers.
pub(crate) struct Run {
    pub(crate) resolver: Resolver,
    pub(crate) fetcher: Fetcher,
    pub(crate) exit: Exit,
    pub(crate) authorities: Authorities,
    pub(crate) clock: Wall,
    pub(crate) courtesy: Courtesy,
    /// The user broke off: nothing begins any more.
    pub(crate) cancelled: Cell<bool>,
}

/// Holds what the inquiries of one case share.
pub(crate) struct Asker<'a> {
    pub(crate) run: &'a Run,
    identity: Identity,
    nonce: String,
    admit_private: bool,
    deadline: u64,
    pub(crate) board: RefCell<Board>,
}

impl<'a> Asker<'a> {
    pub(crate) fn new(run: &'a Run, case: &Case, deadline: u64) -> Self {
        Self {
            run,
            identity: Identity::at(&case.probe_domain),
            nonce: case.nonce.clone(),
            admit_private: case.admit_private,
            deadline,
            board: RefCell::default(),
        }
    }

    /// Asks at this time, or now if that is past.
    pub(crate) async fn ask_at(&self, inquiry: Inquiry, due: u64) -> Evidence {
        if due > self.run.clock.now() {
            self.post(&inquiry, Stage::Queued);
            self.run.clock.until(due).await;
        }
        self.ask(inquiry).await
    }

    /// Asks, and says when it was asked and how long the answer took.
    pub(crate) async fn ask(&self, inquiry: Inquiry) -> Evidence {
        let evidence = match &inquiry {
            Inquiry::Dns { name, record, unchecked } => {
                self.post(&inquiry, Stage::Answer);
                let at = self.run.clock.now();
                let answer = self.run.resolver.look_up(name, *record, *unchecked).await.map(Answer::Dns);
                self.evidence(&inquiry, at, answer)
            }
            Inquiry::Probe { address, port, host, script } => {
                self.post(&inquiry, Stage::Queued);
                let turn = self.run.courtesy.host(*address);
                let mut refused = turn.lock().await;
                let at = self.run.clock.now();
                let peer = SocketAddr::new(*address, *port);
                self.probe_once(&inquiry, at, self.probe(&inquiry, peer, host, script, &mut refused)).await
            }
            // Mail comes to sites only.
            Inquiry::Mail => self.evidence(&inquiry, self.run.clock.now(), Err(Unseen::NoMailTest)),
            Inquiry::Fetch { url } => {
                self.post(&inquiry, Stage::Reply);
                let at = self.run.clock.now();
                let answer = self.run.fetcher.fetch(url, &self.run.resolver).await;
                self.evidence(&inquiry, at, answer)
            }
            // A case in the terminal has no grant, so its plan never asks these.
            Inquiry::Arrival { .. } | Inquiry::Owner { .. } => {
                self.evidence(&inquiry, self.run.clock.now(), Err(Unseen::NeedsConsent))
            }
        };
        self.board.borrow_mut().remove(&inquiry);
        evidence
    }

    fn evidence(&self, inquiry: &Inquiry, at: u64, answer: Result<Answer, Unseen>) -> Evidence {
        let took = u32::try_from(self.run.clock.now().saturating_sub(at)).unwrap_or(u32::MAX);
        Evidence { inquiry: inquiry.clone(), at, took, answer }
    }

    /// What came of this conversation a short while ago, in whatever case, else what comes of it now.
    async fn probe_once(
        &self,
        inquiry: &Inquiry,
        at: u64,
        probe: impl Future<Output = Result<Answer, Unseen>>,
    ) -> Evidence {
        if let Some(known) = self.run.courtesy.recall(inquiry, at) {
            return known;
        }
        let evidence = self.evidence(inquiry, at, probe.await);
        self.run.courtesy.keep(&evidence);
        evidence
    }

    /// Talks to a host, or says why not.
    async fn probe(
        &self,
        inquiry: &Inquiry,
        peer: SocketAddr,
        name: &Option<DomainName>,
        script: &Script,
        refused: &mut Refused,
    ) -> Result<Answer, Unseen> {
        // The plan asks for no other; this is the second lock on the door.
        if !is_admitted(peer.ip(), self.admit_private) || !PORTS.contains(&peer.port()) {
            return Err(Unseen::Failed);
        }
        let lately = self.run.courtesy.lately(refused, self.run.clock.now());
        match self.converse(inquiry, peer, name.clone(), script, lately).await {
            Err(Unseen::Refused) => Err(self.refusal(peer).await),
            answer => {
                if let Ok(Answer::Smtp(session)) = &answer {
                    refused.count(self.run.clock.now(), session.refusals());
                }
                answer
            }
        }
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
        let stream = self.run.exit.connect(peer, &self.run.clock).await?;
        let talk = Talk::new(script, &self.identity, &self.nonce, peer.ip())
            .inside_tls(name, peer.port())
            .refusals_left(REFUSALS_MAX.saturating_sub(refusals))
            .until(self.deadline.saturating_sub(LAST_WORDS_MS));
        let answered = || self.run.courtesy.reached.borrow_mut().answered(peer, self.run.clock.now());
        let on_stage = |stage| {
            // What is waited for behind the greeting.
            if stage == Stage::Reply {
                answered();
            }
            self.post(inquiry, stage);
        };
        let answer = run(stream, talk, &self.run.clock, &self.run.authorities, on_stage).await;
        if answer.is_ok() {
            answered();
        }
        answer
    }

    /// Is a refusal surely the host's own?
    async fn refusal(&self, peer: SocketAddr) -> Unseen {
        let proved = async {
            while !self.run.courtesy.reached.borrow().proves(peer, self.run.clock.now()) {
                self.run.clock.sleep(PROOF_TICK).await;
            }
        };
        let wait = if peer.port() == 25 { PROOF_WAIT } else { Duration::ZERO };
        tokio::time::timeout(wait, proved).await.map_or(Unseen::Refused, |()| Unseen::Rejected)
    }

    fn post(&self, inquiry: &Inquiry, stage: Stage) {
        self.board.borrow_mut().insert(inquiry.clone(), (stage, self.run.clock.now()));
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

    pub(super) fn run_admitting(admit_private: bool) -> Run {
        Run {
            resolver: Resolver::new(vec![]),
            fetcher: Fetcher::new(admit_private, vec![]),
            exit: Exit::new(Egress::Direct, vec![]),
            authorities: Authorities::default(),
            clock: Wall::start(),
            courtesy: Courtesy::default(),
            cancelled: Cell::new(false),
        }
    }

    pub(super) fn asker(run: &Run, admit_private: bool) -> Asker<'_> {
        let name = |text: &str| DomainName::new(text).unwrap();
        let now = run.clock.now();
        let mut case = Case::new(name("h.test"), name("us.test"), "n".into(), now);
        case.admit_private = admit_private;
        Asker::new(run, &case, now + 60_000)
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
        let script = Script::SmtpRecipients { domain: DomainName::new("h.test").unwrap(), contact: None, again: false };
        let inquiry = Inquiry::Probe { address: peer.ip(), port: peer.port(), host: None, script: script.clone() };
        let run = run_admitting(true);
        let asker = asker(&run, true);
        let (session, heard) = tokio::join!(asker.converse(&inquiry, peer, None, &script, 0), serve(listener));
        let Ok(Answer::Smtp(session)) = session else { panic!("{session:?}") };
        assert_eq!(session.broke, None);
        assert_eq!(session.reply(Step::Rcpt(Purpose::Abuse)).unwrap().1.code, 250);
        let sent: Vec<&str> = session.exchanges.iter().skip(1).map(|e| e.sent.as_str()).collect();
        assert_eq!(sent, heard);
        assert_eq!(asker.board.borrow().get(&inquiry).map(|(stage, _)| *stage), Some(Stage::Reply));
    }

    #[tokio::test]
    async fn two_cases_ask_a_host_once() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = listener.local_addr().unwrap();
        let inquiry = Inquiry::Probe { address: peer.ip(), port: peer.port(), host: None, script: Script::SmtpSurvey };
        let run = run_admitting(true);
        let (one, other) = (asker(&run, true), asker(&run, true));
        // What the second would do if it were not served what the first has heard; no port of mail is free here.
        let ask = async |asker: &Asker<'_>| {
            let turn = run.courtesy.host(peer.ip());
            let _turn = turn.lock().await;
            let at = run.clock.now();
            asker.probe_once(&inquiry, at, asker.converse(&inquiry, peer, None, &Script::SmtpSurvey, 0)).await
        };
        let (first, second, heard) = tokio::join!(ask(&one), ask(&other), serve(listener));
        assert!(first.answer.is_ok() && first == second && !heard.is_empty(), "{first:?} {second:?}");
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
            let run = run_admitting(admit);
            let evidence = asker(&run, admit).ask(inquiry).await;
            assert_eq!(evidence.answer, Err(Unseen::Failed), "{address} {port}");
        }
    }

    #[tokio::test]
    async fn a_refused_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = listener.local_addr().unwrap();
        drop(listener);
        let inquiry = Inquiry::Probe { address: peer.ip(), port: peer.port(), host: None, script: Script::SmtpSurvey };
        let run = run_admitting(true);
        let session = asker(&run, true).converse(&inquiry, peer, None, &Script::SmtpSurvey, 0).await;
        assert_eq!(session, Err(Unseen::Refused));
    }
}
