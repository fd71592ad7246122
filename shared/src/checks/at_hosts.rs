//! How checks go from host to host.

use super::Check;
use super::build::{Seen, Subject};
use crate::evidence::{LineExchange, LineSession, SmtpSession};
use crate::facts::{Client, Facts, Host, IMAP, POP, SIEVE, SMTP, SUBMISSION, Source, lines_inquiry, no_service};
use crate::{Finding, Unseen};

const GUESS: &str =
    " Nothing but its name says that this is a mail server of the domain: mail programs try such names.";

impl Check {
    /// Findings for each mail host on port 25, from which recipients it takes. A named host where
    /// nothing listens there is no subject.
    pub(super) fn at_each_host(
        &self,
        facts: &Facts<'_>,
        judge: impl Fn(&Host, &SmtpSession, &Subject) -> Vec<Finding>,
    ) -> Vec<Finding> {
        let (hosts, mut findings) = self.mail_hosts(facts);
        let named = others(facts, &hosts).into_iter().filter(|client| client.source == Source::Named);
        let named = named.map(|client| client.host).filter(|host| !is_closed(facts, host, SMTP));
        for host in hosts.iter().cloned().chain(named) {
            let subject = Subject::Port(host.clone(), SMTP);
            match facts.recipients(host.address) {
                Ok(session) => findings.extend(judge(&host, session, &subject)),
                Err(why) => findings.push(self.untested(facts, why, &subject, Seen::default())),
            }
        }
        findings
    }

    /// Findings for each port of each mail host, from what it says of itself over SMTP; and for the
    /// submission port of other hosts that people use. Such a port where nothing listens is no
    /// subject.
    pub(super) fn at_each_port(
        &self,
        facts: &Facts<'_>,
        judge: impl Fn(u16, &SmtpSession, &Subject) -> Vec<Finding>,
    ) -> Vec<Finding> {
        let (hosts, mut findings) = self.mail_hosts(facts);
        let others = others(facts, &hosts);
        for host in hosts {
            let subject = Subject::Port(host.clone(), SMTP);
            match facts.survey(host.address, SMTP) {
                Ok(session) => findings.extend(judge(SMTP, session, &subject)),
                Err(why) => findings.push(self.untested(facts, why, &subject, Seen::default())),
            }
            findings.extend(self.at_open_port(facts, &host, SUBMISSION, &judge));
        }
        for client in others {
            if client.source == Source::Named {
                findings.extend(self.at_open_port(facts, &client.host, SMTP, &judge));
            }
            let at_port = self.at_open_port(facts, &client.host, SUBMISSION, &judge);
            findings.extend(at_port.into_iter().map(|finding| worded(finding, client.source)));
        }
        findings
    }

    fn at_open_port(
        &self,
        facts: &Facts<'_>,
        host: &Host,
        port: u16,
        judge: &impl Fn(u16, &SmtpSession, &Subject) -> Vec<Finding>,
    ) -> Vec<Finding> {
        let subject = Subject::Port(host.clone(), port);
        match facts.survey(host.address, port) {
            Ok(session) => judge(port, session, &subject),
            Err(why) if no_service(why) => Vec::new(),
            Err(why) => vec![self.untested(facts, why, &subject, Seen::default())],
        }
    }

    /// The MX hosts, and what stands for them where there are none to judge.
    fn mail_hosts(&self, facts: &Facts<'_>) -> (Vec<Host>, Vec<Finding>) {
        match self.hosts(facts) {
            Ok(hosts) => (hosts, Vec::new()),
            Err(findings) => (Vec::new(), findings),
        }
    }

    /// Findings for these ports of each client host, from what is said there over IMAP, POP3 or
    /// ManageSieve. A port where nothing listens is no subject.
    pub(super) fn at_each_client(
        &self,
        facts: &Facts<'_>,
        ports: &[u16],
        judge: impl Fn(u16, &LineSession, &Subject) -> Finding,
    ) -> Vec<Finding> {
        if let Err(why) = facts.client_names() {
            return vec![self.untested(facts, why, &Subject::Domain, Seen::default())];
        }
        let mut findings = Vec::new();
        for client in &facts.clients().0 {
            for port in ports {
                // Nobody looks for filters on every host.
                if facts.evidence(&lines_inquiry(client.host.address, *port)).is_err() && *port == SIEVE {
                    continue;
                }
                let subject = Subject::Port(client.host.clone(), *port);
                let finding = match facts.lines(client.host.address, *port) {
                    Ok(session) => judge(*port, session, &subject),
                    Err(why) if no_service(why) => continue,
                    Err(why) => self.untested(facts, why, &subject, Seen::default()),
                };
                findings.push(worded(finding, client.source));
            }
        }
        findings
    }

    /// Findings for each port that speaks: of mail hosts, and where people reach their mail. Where no host
    /// is known, one word stands for both.
    pub(super) fn at_each_conversation(
        &self,
        facts: &Facts<'_>,
        smtp: impl Fn(&SmtpSession, &Subject) -> Finding,
        lines: impl Fn(u16, &LineSession, &Subject) -> Finding,
    ) -> Vec<Finding> {
        let mut findings = self.at_each_port(facts, |_, session, subject| vec![smtp(session, subject)]);
        findings.extend(self.at_each_client(facts, &[IMAP, POP, SIEVE], lines));
        if findings.len() > 1 && findings.iter().all(|finding| finding.subject == facts.domain().as_str()) {
            findings.truncate(1);
        }
        findings
    }

    /// What a command came to: its reply by way of `read`, or the finding that says why it says nothing.
    pub(super) fn reply_of<T>(
        &self,
        facts: &Facts<'_>,
        reply: Result<(&LineExchange, &[String]), Unseen>,
        read: impl Fn(&[String]) -> Option<T>,
        subject: &Subject,
    ) -> Result<(Seen, T), Box<Finding>> {
        match reply {
            Err(why) => Err(Box::new(self.untested(facts, why, subject, Seen::default()))),
            Ok((exchange, lines)) => {
                let seen = Seen::lines([exchange]);
                match read(lines) {
                    Some(found) => Ok((seen, found)),
                    None => Err(Box::new(self.untested(facts, Unseen::UnclearReply, subject, seen))),
                }
            }
        }
    }
}

impl Seen {
    /// Commands over IMAP, POP3 or ManageSieve with their replies.
    pub(super) fn lines<'a>(exchanges: impl IntoIterator<Item = &'a LineExchange>) -> Self {
        let mut lines = Vec::new();
        for exchange in exchanges {
            if !exchange.sent.is_empty() {
                lines.push(format!("→ {}", exchange.sent));
            }
            lines.extend(exchange.reply.iter().flatten().cloned());
        }
        Self::text(lines.join("\n"))
    }
}

/// The hosts that people may use and that are no MX hosts.
fn others(facts: &Facts<'_>, hosts: &[Host]) -> Vec<Client> {
    let clients = facts.clients().0.iter();
    clients.filter(|client| !hosts.iter().any(|host| host.address == client.host.address)).cloned().collect()
}

fn is_closed(facts: &Facts<'_>, host: &Host, port: u16) -> bool {
    facts.survey(host.address, port).is_err_and(no_service)
}

/// A finding at a host that was guessed says so.
fn worded(mut finding: Finding, source: Source) -> Finding {
    if source == Source::Guessed {
        finding.why.push_str(GUESS);
    }
    finding
}
