//! How checks go from host to host.

use super::build::{Seen, Subject};
use super::{Check, Row};
use crate::evidence::{LineExchange, LineSession, SmtpSession};
use crate::facts::{
    Client, Facts, Host, IMAP, IMAPS, POP, POPS, SIEVE, SMTP, SUBMISSION, SUBMISSIONS, Source, Today, no_service,
};
use crate::{Finding, Unseen};

const GUESS: &str =
    " Nothing but its name says that this is a mail server of the domain: mail programs try such names.";

/// Where servers speak to people's mail programs.
pub(super) const CLIENT_PORTS: &[u16] = &[IMAP, IMAPS, POP, POPS, SIEVE];

/// What a check says of one port from what was said there over SMTP.
type JudgeSmtp<'a> = &'a dyn Fn(u16, &SmtpSession, &Subject) -> Vec<Finding>;

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

    /// Findings for each port of each mail host that begins in the clear, from what it says of itself over
    /// SMTP; and for the submission port of other hosts that people use. Such a port where nothing
    /// listens is no subject.
    pub(super) fn at_each_port(
        &self,
        facts: &Facts<'_>,
        judge: impl Fn(u16, &SmtpSession, &Subject) -> Vec<Finding>,
    ) -> Vec<Finding> {
        self.at_smtp_ports(facts, &[SUBMISSION], &judge)
    }

    /// The same, and for the submission port with TLS from the start.
    pub(super) fn at_each_smtp(
        &self,
        facts: &Facts<'_>,
        judge: impl Fn(u16, &SmtpSession, &Subject) -> Vec<Finding>,
    ) -> Vec<Finding> {
        self.at_smtp_ports(facts, &[SUBMISSION, SUBMISSIONS], &judge)
    }

    /// Findings for each submission port of mail hosts and of hosts that people use. Such a port where nothing listens is
    /// no subject.
    pub(super) fn at_each_submission(&self, facts: &Facts<'_>, judge: JudgeSmtp<'_>) -> Vec<Finding> {
        let (hosts, mut findings) = self.mail_hosts(facts);
        let others = others(facts, &hosts).into_iter().map(|client| (client.host, client.source));
        for (host, source) in hosts.into_iter().map(|host| (host, Source::Mx)).chain(others) {
            for port in [SUBMISSION, SUBMISSIONS] {
                let at_port = self.at_open_port(facts, &host, port, judge);
                findings.extend(at_port.into_iter().map(|finding| worded(finding, source)));
            }
        }
        findings
    }

    fn at_smtp_ports(&self, facts: &Facts<'_>, submission: &[u16], judge: JudgeSmtp<'_>) -> Vec<Finding> {
        let (hosts, mut findings) = self.mail_hosts(facts);
        let others = others(facts, &hosts);
        for host in hosts {
            let subject = Subject::Port(host.clone(), SMTP);
            match facts.survey(host.address, SMTP) {
                Ok(session) => findings.extend(judge(SMTP, session, &subject)),
                Err(why) => findings.push(self.untested(facts, why, &subject, Seen::default())),
            }
            for port in submission {
                findings.extend(self.at_open_port(facts, &host, *port, judge));
            }
        }
        for client in others {
            if client.source == Source::Named {
                findings.extend(self.at_open_port(facts, &client.host, SMTP, judge));
            }
            for port in submission {
                let at_port = self.at_open_port(facts, &client.host, *port, judge);
                findings.extend(at_port.into_iter().map(|finding| worded(finding, client.source)));
            }
        }
        findings
    }

    fn at_open_port(&self, facts: &Facts<'_>, host: &Host, port: u16, judge: JudgeSmtp<'_>) -> Vec<Finding> {
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
        judge: impl Fn(u16, &LineSession, &Subject) -> Vec<Finding>,
    ) -> Vec<Finding> {
        if let Err(why) = facts.client_names() {
            return vec![self.untested(facts, why, &Subject::Domain, Seen::default())];
        }
        let mut findings = Vec::new();
        for client in &facts.clients().0 {
            for port in ports {
                // Nobody looks for filters on every host.
                if *port == SIEVE && !facts.has_lines(client.host.address, *port) {
                    continue;
                }
                let subject = Subject::Port(client.host.clone(), *port);
                let at_port = match facts.lines(client.host.address, *port) {
                    Ok(session) => judge(*port, session, &subject),
                    Err(why) if no_service(why) => continue,
                    Err(why) => vec![self.untested(facts, why, &subject, Seen::default())],
                };
                findings.extend(at_port.into_iter().map(|finding| worded(finding, client.source)));
            }
        }
        findings
    }

    /// Findings for each port where TLS can be had: of mail hosts `mx` and those of submission, of hosts that people
    /// use all. `outcome` is told what a client of today gets there. A port without TLS, or where nothing listens, is no
    /// subject; nor is one for which the same host's other address stands.
    pub(super) fn at_each_tls<O: Row>(
        &self,
        facts: &Facts<'_>,
        mx: &[u16],
        outcome: impl Fn(u16, Today<'_>, &Subject, &mut Seen) -> Result<O, Unseen>,
    ) -> Vec<Finding> {
        let (hosts, mut findings) = self.mail_hosts(facts);
        if let Err(why) = facts.client_names() {
            findings.push(self.untested(facts, why, &Subject::Domain, Seen::default()));
        }
        let mut places: Vec<(Client, u16, bool)> = Vec::new();
        for host in &hosts {
            let host = Client { host: host.clone(), source: Source::Mx };
            places.extend(mx.iter().map(|port| (host.clone(), *port, true)));
            places.extend([SUBMISSION, SUBMISSIONS].map(|port| (host.clone(), port, false)));
        }
        for client in others(facts, &hosts) {
            let named = mx.iter().copied().filter(|_| client.source == Source::Named);
            places.extend(named.chain([SUBMISSION, SUBMISSIONS]).map(|port| (client.clone(), port, false)));
        }
        for client in &facts.clients().0 {
            places.extend([IMAP, IMAPS, POP, POPS, SIEVE].map(|port| (client.clone(), port, false)));
        }
        for (Client { host, source }, port, must_answer) in places {
            let address = host.address;
            // Nobody looks for filters on every host.
            let unasked = port == SIEVE && !facts.has_lines(address, port);
            if unasked || facts.is_spoken_for(address, port) == Ok(true) {
                continue;
            }
            let subject = Subject::Port(host, port);
            let finding = match facts.today(address, port) {
                Ok(None) => continue,
                Ok(Some(today)) => {
                    let mut seen = Seen::tls(today.tls);
                    match outcome(port, today, &subject, &mut seen) {
                        Ok(outcome) => self.found(facts, outcome, &subject, seen),
                        Err(why) => self.untested(facts, why, &subject, seen),
                    }
                }
                Err(why) if no_service(why) && !must_answer => continue,
                Err(why) => self.untested(facts, why, &subject, Seen::default()),
            };
            findings.push(worded(finding, source));
        }
        one_for_all(facts, findings)
    }

    /// Findings for a port of submission, IMAP or POP3 that begins in the clear together with that of TLS
    /// from the start: of mail hosts the first such pair, where people reach their mail all.
    pub(super) fn at_each_pair(
        &self,
        facts: &Facts<'_>,
        judge: impl Fn(&Host, (u16, u16)) -> Option<Finding>,
    ) -> Vec<Finding> {
        let pairs = [(SUBMISSION, SUBMISSIONS), (IMAP, IMAPS), (POP, POPS)];
        let (hosts, mut findings) = self.mail_hosts(facts);
        findings.extend(hosts.iter().filter_map(|host| judge(host, (SUBMISSION, SUBMISSIONS))));
        if let Err(why) = facts.client_names() {
            findings.push(self.untested(facts, why, &Subject::Domain, Seen::default()));
        }
        for client in &facts.clients().0 {
            let is_mx = hosts.iter().any(|host| host.address == client.host.address);
            let found = pairs.into_iter().skip(usize::from(is_mx)).filter_map(|pair| judge(&client.host, pair));
            findings.extend(found.map(|finding| worded(finding, client.source)));
        }
        one_for_all(facts, findings)
    }

    /// Findings for each port that speaks: of mail hosts, and where people reach their mail. Where no host
    /// is known, one word stands for both.
    pub(super) fn at_each_conversation(
        &self,
        facts: &Facts<'_>,
        ports: &[u16],
        smtp: impl Fn(&SmtpSession, &Subject) -> Finding,
        lines: impl Fn(u16, &LineSession, &Subject) -> Finding,
    ) -> Vec<Finding> {
        let mut findings = self.at_each_smtp(facts, |_, session, subject| vec![smtp(session, subject)]);
        findings
            .extend(self.at_each_client(facts, ports, |port, session, subject| vec![lines(port, session, subject)]));
        one_for_all(facts, findings)
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

/// Where no host is known, the domain stands for all of them, once.
pub(super) fn one_for_all(facts: &Facts<'_>, mut findings: Vec<Finding>) -> Vec<Finding> {
    if findings.len() > 1 && findings.iter().all(|finding| finding.subject == facts.domain().as_str()) {
        findings.truncate(1);
    }
    findings
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
