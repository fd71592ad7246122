//! The message with the code: to the domain's mail servers in the order of their preference, until one takes it, as any
//! message goes; or to the one that was asked for. That one is tested, and no other.

use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::join_all;
use shared::api::Sent;
use shared::evidence::{Answer, Step};
use shared::facts::{Facts, Host, SMTP};
use shared::grant::{Sample, Token};
use shared::inquiry::Script;
use shared::local_part::LocalPart;
use shared::plan::way;
use shared::{Case, DomainName, Evidence, Inquiry, Unseen};
use worker::Env;

use super::code;
use crate::gate::{self, Enclosed, Errand};
use crate::problem::Refusal;
use crate::{config, ids, resolver, time};

/// So many servers are tried.
const HOSTS_MAX: usize = 4;

/// So many questions are asked at once.
const AT_ONCE: usize = 6;

/// How long all of it may take, in milliseconds: an alarm has 15 minutes.
const PATIENCE_MS: u64 = 10 * 60_000;

/// What the page says where a gate let nothing through.
const BUSY: &str = "A mail server is left alone for some minutes: many ask it, or it has refused us enough.";

/// What the page says where nobody knows whether it came.
const UNANSWERED: &str =
    "The server did not say whether it took the message, so it is not sent again. If it came, its code is good.";

/// How much longer than its time a gate may take to tell what it heard by then, in milliseconds.
const TELL_MS: u64 = 15_000;

/// What is sent, and for whom.
pub struct Letter<'a> {
    /// The run.
    pub run: &'a str,
    /// Its page.
    pub link: &'a str,
    /// The domain.
    pub domain: &'a DomainName,
    /// The one server that it goes to, where somebody asked for that.
    pub host: Option<&'a DomainName>,
    /// The mailbox there.
    pub mailbox: &'a LocalPart,
    /// Who refused it before: they are not asked again.
    pub refused: &'a [IpAddr],
}

/// What came of it.
#[derive(Default)]
pub struct Outcome {
    /// Who took it, or may have, and the digest of the code.
    pub taken: Option<(IpAddr, String)>,
    /// Who refused it.
    pub refused: Vec<IpAddr>,
    /// Somebody may take it later.
    pub later: bool,
    /// Somebody's turn did not come, and may after a host's rest.
    pub busy: bool,
    /// What was sent.
    pub log: Vec<Sent>,
    /// Why nothing was, where that is so.
    pub trouble: Option<&'static str>,
}

impl Letter<'_> {
    /// Sends it.
    pub async fn send(&self, env: &Env) -> Result<Outcome, Refusal> {
        let until = time::now() + PATIENCE_MS;
        let mut case = Case::new(self.domain.clone(), config::probe_domain(env)?, ids::random()?, time::now());
        case.admit_private = cfg!(feature = "lab");
        look_up(env, &mut case).await;
        let facts = Facts::new(&case);
        let mut outcome = Outcome::default();
        let hosts = facts.hosts().0;
        let wanted = |host: &&Host| self.host.is_none_or(|name| host.names.contains(name));
        let servers = hosts.iter().filter(wanted).take(HOSTS_MAX);
        for host in servers.filter(|host| !self.refused.contains(&host.address)) {
            match facts.is_letter_forbidden(host) {
                Ok(false) => {}
                Ok(true) => {
                    outcome.trouble = Some(Unseen::OptedOut.sentence());
                    continue;
                }
                Err(why) => {
                    outcome.trouble = Some(why.sentence());
                    outcome.later = true;
                    continue;
                }
            }
            // A code of its own: whoever did not take it has seen nothing that opens another.
            let new = code::new()?;
            let evidence = self.hand_over(env, &facts, host, &new, until).await;
            if matches!(evidence.answer, Err(Unseen::GateBusy | Unseen::OutOfTime)) {
                // Its turn did not come, so nothing was sent.
                outcome.trouble = Some(BUSY);
                (outcome.later, outcome.busy) = (true, true);
                continue;
            }
            outcome.log.push(entry(&evidence));
            match came(&evidence) {
                fate @ (Fate::Taken | Fate::Unanswered) => {
                    // It may have come: a second one elsewhere would be one too many.
                    if fate == Fate::Unanswered {
                        outcome.trouble = Some(UNANSWERED);
                    }
                    outcome.taken = Some((host.address, code::digest(self.run, &new)));
                    return Ok(outcome);
                }
                Fate::Refused => outcome.refused.push(host.address),
                Fate::Later => outcome.later = true,
            }
        }
        if let Err(why) = facts.all_routes() {
            // There may be others, of which a resolver did not tell.
            outcome.trouble = Some(why.sentence());
            outcome.later = true;
        }
        if outcome.log.is_empty() && outcome.trouble.is_none() && self.refused.is_empty() {
            outcome.trouble = Some(match self.host {
                None => "The domain has no mail server that could be asked.",
                Some(_) => "The domain has no mail server of that name that could be asked.",
            });
        }
        Ok(outcome)
    }

    async fn hand_over(&self, env: &Env, facts: &Facts<'_>, host: &Host, code: &str, until: u64) -> Evidence {
        let script = Script::Deliver {
            domain: self.domain.clone(),
            mailbox: self.mailbox.clone(),
            sample: Sample::Control,
            token: Token::of(&facts.case.nonce, &format!("code {}", host.address)),
        };
        let name = facts.tls_name(host.address).ok();
        let inquiry = Inquiry::Probe { address: host.address, port: SMTP, host: name, script };
        let at = time::now();
        let errand = Errand {
            inquiry: inquiry.clone(),
            probe_domain: facts.case.probe_domain.clone(),
            nonce: facts.case.nonce.clone(),
            until,
            letter: Some(Enclosed { link: self.link.to_owned(), code: Some(code.to_owned()) }),
        };
        // Many may stand before us; the gate begins nothing after this time.
        let left = Duration::from_millis(until.saturating_sub(at) + TELL_MS);
        let why = match time::within(left, gate::ask(env, &errand, |_| {})).await {
            Some(Ok(Some(evidence))) => return evidence,
            Some(Ok(None)) => Unseen::Failed,
            Some(Err(error)) => {
                crate::log::failure("gate call", &error);
                Unseen::Failed
            }
            None => Unseen::OutOfTime,
        };
        Evidence { inquiry, at, took: 0, answer: Err(why) }
    }
}

/// Asks DNS for all that must be known first.
async fn look_up(env: &Env, case: &mut Case) {
    // MX, addresses, names of addresses, records: four rounds, and one for luck.
    for _ in 0..5 {
        let open = way(case);
        if open.is_empty() {
            return;
        }
        for some in open.chunks(AT_ONCE) {
            let answers = join_all(some.iter().map(|inquiry| async move {
                match inquiry {
                    Inquiry::Dns { name, record, unchecked } => {
                        resolver::lookup(env, name, *record, *unchecked).await.map(Answer::Dns)
                    }
                    _ => Err(Unseen::Failed),
                }
            }));
            for (inquiry, answer) in some.iter().zip(answers.await) {
                case.add(Evidence { inquiry: inquiry.clone(), at: time::now(), took: 0, answer });
            }
        }
    }
}

/// What became of it at a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Taken,
    /// It was sent, and neither yes nor no came back.
    Unanswered,
    Refused,
    /// It may be taken later.
    Later,
}

fn came(evidence: &Evidence) -> Fate {
    let last = evidence.smtp().and_then(|session| session.exchanges.iter().rfind(|said| said.step != Step::Quit));
    match last.map(|said| (said.step, said.reply.as_ref().map(|reply| reply.code))) {
        Some((Step::Message, Some(200..=299))) => Fate::Taken,
        Some((Step::Message, None | Some(..=399))) => Fate::Unanswered,
        Some((_, Some(500..))) => Fate::Refused,
        _ => Fate::Later,
    }
}

fn entry(evidence: &Evidence) -> Sent {
    let mut sent = Sent::of(evidence).unwrap_or_else(|| Sent {
        at: evidence.at,
        address: IpAddr::from([0, 0, 0, 0]),
        what: String::new(),
        answer: String::new(),
    });
    "the message with the code".clone_into(&mut sent.what);
    sent
}

#[cfg(test)]
mod tests {
    use shared::evidence::{Exchange, Purpose, Reply, SmtpSession};

    use super::*;

    #[test]
    fn what_became_of_it() {
        let (rcpt, data, message) = (Step::Rcpt(Purpose::Deliver), Step::Data, Step::Message);
        let rows: [(&[(Step, Option<u16>)], Fate); 11] = [
            (&[(message, Some(250)), (Step::Quit, None)], Fate::Taken),
            (&[(message, None)], Fate::Unanswered),
            // No answer to a message.
            (&[(message, Some(354)), (Step::Quit, Some(221))], Fate::Unanswered),
            (&[(message, Some(451)), (Step::Quit, Some(221))], Fate::Later),
            (&[(message, Some(421))], Fate::Later),
            (&[(message, Some(554)), (Step::Quit, Some(221))], Fate::Refused),
            (&[(rcpt, Some(550)), (Step::Quit, Some(221))], Fate::Refused),
            (&[(Step::Greeting, Some(554)), (Step::Quit, None)], Fate::Refused),
            (&[(rcpt, Some(450)), (Step::Quit, Some(221))], Fate::Later),
            (&[(data, None)], Fate::Later),
            (&[], Fate::Later),
        ];
        let script = Script::SmtpSurvey; // whichever
        let inquiry = Inquiry::Probe { address: [192, 0, 2, 1].into(), port: SMTP, host: None, script };
        for (said, want) in rows {
            let exchanges = said
                .iter()
                .map(|(step, code)| Exchange {
                    step: *step,
                    sent: String::new(),
                    reply: code.map(|code| Reply { code, lines: Vec::new() }),
                    took: 0,
                    secure: false,
                })
                .collect();
            let session = SmtpSession { exchanges, broke: None, tls: None, client_hello: None, spared: false };
            let answer = Ok(Answer::Smtp(session));
            let evidence = Evidence { inquiry: inquiry.clone(), at: 0, took: 0, answer };
            assert_eq!(came(&evidence), want, "{said:?}");
        }
        let evidence = Evidence { inquiry, at: 0, took: 0, answer: Err(Unseen::Closed) };
        assert_eq!(came(&evidence), Fate::Later);
    }
}
