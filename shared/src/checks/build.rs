//! How checks make findings.

use std::net::IpAddr;

use super::{Check, Outcome, Row};
use crate::evidence::{DnsAnswer, Exchange, Handshake, Path, Record, Secured, SmtpSession, Step, Target, Tls};
use crate::facts::{Facts, Host, IMAP, IMAPS, POP, POPS, SIEVE, SMTP};
use crate::finding::{Finding, Verdict};
use crate::inquiry::RecordType;
use crate::remedies::{Context, Software};
use crate::report::timestamp;
use crate::{DomainName, Unseen};

/// What a finding is about.
#[derive(Clone)]
pub(super) enum Subject {
    /// The domain itself.
    Domain,
    /// A name in DNS.
    Name(DomainName),
    /// A port of a host.
    Port(Host, u16),
    /// An address of a host.
    Address(Host),
}

/// What was seen, with marks on what decides.
#[derive(Clone, Default)]
pub(super) struct Seen {
    text: String,
    marks: Vec<(u32, u32)>,
}

impl Check {
    /// A finding with this outcome.
    pub(super) fn found(&self, facts: &Facts<'_>, outcome: impl Row, subject: &Subject, seen: Seen) -> Finding {
        self.found_row(facts, outcome.row(), subject, seen)
    }

    pub(super) fn found_row(&self, facts: &Facts<'_>, outcome: &Outcome, subject: &Subject, seen: Seen) -> Finding {
        let Outcome { code, verdict, confidence, title, why, fix } = *outcome;
        let remedy = fix.map(|fix| crate::remedies::remedy_for(fix, facts, subject.context(facts)));
        Finding {
            sin: self.sin,
            check: self.id.to_owned(),
            outcome: code.to_owned(),
            verdict,
            confidence,
            subject: subject.words(facts),
            title: title.to_owned(),
            why: why.to_owned(),
            seen: seen.text,
            marks: seen.marks,
            remedy,
        }
    }

    /// A finding that says why nothing can be said.
    pub(super) fn untested(&self, facts: &Facts<'_>, why: Unseen, subject: &Subject, seen: Seen) -> Finding {
        Finding {
            sin: self.sin,
            check: self.id.to_owned(),
            outcome: why.code().to_owned(),
            verdict: Verdict::Untested,
            confidence: None,
            subject: subject.words(facts),
            title: self.title.to_owned(),
            why: why.sentence().to_owned(),
            seen: seen.text,
            marks: seen.marks,
            remedy: None,
        }
    }

    /// Goes on only for a domain that takes mail; else gives what stands for all: nothing for one that takes
    /// none, "untested" where that is not known.
    pub(super) fn of_mail_domain(&self, facts: &Facts<'_>) -> Result<(), Vec<Finding>> {
        match facts.takes_mail() {
            Some(true) => Ok(()),
            Some(false) => Err(Vec::new()),
            None => {
                let why = facts.route().err().unwrap_or(Unseen::NoBase);
                Err(vec![self.untested(facts, why, &Subject::Domain, Seen::default())])
            }
        }
    }

    /// The hosts to judge, or the one finding that stands for all: none for a domain that takes
    /// no mail, "untested" where the hosts are not known.
    pub(super) fn hosts(&self, facts: &Facts<'_>) -> Result<Vec<Host>, Vec<Finding>> {
        self.of_mail_domain(facts)?;
        let untested = |why| vec![self.untested(facts, why, &Subject::Domain, Seen::default())];
        let (hosts, _) = facts.hosts();
        if hosts.is_empty() {
            let pending = facts.targets().iter().any(|target| facts.addresses(target).err() == Some(Unseen::Pending));
            return Err(untested(if pending { Unseen::Pending } else { Unseen::NoBase }));
        }
        Ok(hosts)
    }
}

impl Check {
    /// The hosts to judge and the address that is known to send, and what stands for the hosts where there are none.
    pub(super) fn hosts_and_sender(&self, facts: &Facts<'_>) -> (Vec<Host>, Vec<Finding>) {
        let (mut hosts, findings) = match self.hosts(facts) {
            Ok(hosts) => (hosts, Vec::new()),
            Err(findings) => (Vec::new(), findings),
        };
        hosts.extend(facts.sending_host().filter(|sender| hosts.iter().all(|host| host.address != sender.address)));
        (hosts, findings)
    }
}

impl Subject {
    fn words(&self, facts: &Facts<'_>) -> String {
        match self {
            Self::Domain => facts.domain().to_string(),
            Self::Name(name) => name.to_string(),
            Self::Port(host, port) => host.subject(*port),
            Self::Address(host) if host.names.is_empty() => host.address.to_string(),
            Self::Address(host) => format!("{}, {}", host.name(), host.address),
        }
    }

    fn context(&self, facts: &Facts<'_>) -> Context {
        let mut context = Context {
            domain: facts.domain().to_string(),
            host: facts.domain().to_string(),
            address: None,
            software: Software::Unknown,
            tlsa: None,
            record: None,
            targets: facts.targets().iter().map(DomainName::to_string).collect(),
            stamp: timestamp(facts.case.started).replace(['-', ':'], ""),
        };
        match self {
            Self::Domain => {
                if let Some(target) = context.targets.first() {
                    context.host.clone_from(target);
                }
            }
            Self::Name(name) => context.host = name.to_string(),
            Self::Port(host, _) | Self::Address(host) => {
                context.host = host.name().to_owned();
                context.address = Some(host.address);
                context.software =
                    software(facts, host.address, if let Self::Port(_, port) = self { *port } else { SMTP });
            }
        }
        context
    }
}

/// The software that a host's own words give away.
fn software(facts: &Facts<'_>, address: IpAddr, port: u16) -> Software {
    let in_the_clear = match port {
        IMAPS => IMAP,
        POPS => POP,
        _ => port,
    };
    if [IMAP, POP, SIEVE].contains(&in_the_clear) {
        let sessions = [port, in_the_clear].map(|port| facts.lines(address, port));
        let said = sessions.into_iter().flatten().flat_map(|session| session.exchanges.iter());
        let mut lines = said.flat_map(|exchange| exchange.reply.iter().flatten());
        return lines.find_map(|line| mailbox_software(line)).unwrap_or(Software::Unknown);
    }
    let texts = facts
        .survey(address, SMTP)
        .into_iter()
        .flat_map(|session| session.exchanges.iter())
        .filter_map(|exchange| exchange.reply.as_ref())
        .flat_map(|reply| reply.lines.iter());
    for text in texts {
        let text = text.to_ascii_lowercase();
        // The second is Postfix's own wording of 502 since 2.3.
        if text.contains("postfix") || text.contains("5.5.2 error: command not recognized") {
            return Software::Postfix;
        }
        // The second is how Exim begins its reply to HELP.
        if text.contains(" exim ") || text == "commands supported:" {
            return Software::Exim;
        }
        if text.contains(" opensmtpd") {
            return Software::OpenSmtpd;
        }
    }
    Software::Unknown
}

/// The server of IMAP, POP3 or ManageSieve that says such a line.
fn mailbox_software(line: &str) -> Option<Software> {
    let line = line.to_ascii_lowercase();
    if line.contains("dovecot") {
        return Some(Software::Dovecot);
    }
    // The second is Courier's greeting over POP3.
    (line.contains("courier") || line == "+ok hello there.").then_some(Software::Courier)
}

impl Seen {
    /// Text as it is.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), marks: Vec::new() }
    }

    /// Was nothing seen?
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The answer to a DNS question, a record a line.
    pub(super) fn dns(name: &DomainName, record: RecordType, answer: &DnsAnswer) -> Self {
        let mut lines = Vec::new();
        let mut owner = name.to_string();
        for alias in &answer.aliases {
            lines.push(format!("{owner} CNAME {alias}"));
            owner = alias.to_string();
        }
        for record in &answer.records {
            lines.push(format!("{owner} {} {}", record.record_type(), data(record)));
        }
        if answer.records.is_empty() {
            let what =
                if answer.nxdomain { "no such name (NXDOMAIN)".to_owned() } else { format!("no {record} record") };
            lines.push(format!("{owner}: {what}"));
        }
        Self::text(lines.join("\n"))
    }

    /// A TXT record, with marks on these places of its text, in octets.
    pub(super) fn txt(name: &str, text: &str, places: impl IntoIterator<Item = (usize, usize)>) -> Self {
        Self::quoted(&format!("{name} TXT \""), text, "\"", places)
    }

    /// A text between a head and a tail, with marks on these places of the text, in octets.
    pub(super) fn quoted(head: &str, text: &str, tail: &str, places: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let offset = head.chars().count();
        let count = |end: usize| text.get(..end).map_or(0, |text| offset + text.chars().count());
        let place = |end: usize| u32::try_from(count(end)).unwrap_or(u32::MAX);
        let mut marks: Vec<_> = places.into_iter().map(|(start, end)| (place(start), place(end))).collect();
        marks.retain(|(start, end)| start < end);
        marks.sort_unstable();
        marks.dedup();
        Self { text: format!("{head}{text}{tail}"), marks }
    }

    /// Commands with their replies.
    pub(super) fn exchanges<'a>(exchanges: impl IntoIterator<Item = &'a Exchange>) -> Self {
        let mut lines = Vec::new();
        for exchange in exchanges {
            if !exchange.sent.is_empty() {
                lines.push(format!("→ {}", exchange.sent));
            }
            lines.extend(exchange.reply.iter().flat_map(crate::evidence::Reply::wire));
        }
        Self::text(lines.join("\n"))
    }

    /// What came of a handshake, in a line.
    pub(super) fn tls(tls: Option<&Tls>) -> Self {
        let Some(tls) = tls else { return Self::default() };
        match &tls.outcome {
            Handshake::Done(secured) => Self::text(agreed(secured)),
            Handshake::Failed(fault, None) => Self::text(fault.sentence()),
            Handshake::Failed(fault, Some(detail)) => Self::text(format!("{} ({detail})", fault.sentence())),
        }
    }

    /// The server's own certificate, and what it leads to.
    pub(super) fn certificate(secured: &Secured) -> Self {
        let mut lines = vec![agreed(secured)];
        if let Some(own) = secured.own() {
            let date = |ms: i64| u64::try_from(ms).map_or("before 1970".to_owned(), timestamp);
            let more = if own.names.len() > 8 || own.more_names { " …" } else { "" };
            let names: Vec<&str> = own.names.iter().take(8).map(String::as_str).collect();
            let bits = own.bits.map(|bits| format!(" {bits}")).unwrap_or_default();
            lines.push(format!("subject: {}", own.subject));
            lines.push(format!("issuer: {}", own.issuer));
            lines.push(format!("names: {}{more}", names.join(" ")));
            lines.push(format!("valid: {} to {}", date(own.not_before), date(own.not_after)));
            lines.push(format!("key: {}{bits}, signed by {}", own.key, own.signature));
        }
        if let Some(path) = secured.path {
            lines.push(format!("chain of {}: {}", secured.chain.len(), leads(path)));
        }
        Self::text(lines.join("\n"))
    }

    /// The digests of what a server showed, as TLSA records hold them.
    pub(super) fn digests(secured: &Secured) -> Self {
        let mut lines = Vec::new();
        for (at, certificate) in secured.chain.iter().enumerate() {
            let whose = if at == 0 { "shown" } else { "above it" };
            if let Some(contents) = &certificate.contents {
                lines.push(format!("{whose}: {}", contents.subject));
                lines.push(format!("key, SHA-256: {}", contents.key_sha256));
            }
            lines.push(format!("whole, SHA-256: {}", certificate.sha256));
        }
        Self::text(lines.join("\n"))
    }

    /// One step of a conversation.
    pub(super) fn step(session: &SmtpSession, step: Step) -> Self {
        Self::exchanges(session.step(step))
    }

    /// This and then that.
    pub(super) fn and(mut self, other: Self) -> Self {
        if self.text.is_empty() {
            return other;
        }
        if other.text.is_empty() {
            return self;
        }
        self.text.push('\n');
        let shift = u32::try_from(self.text.chars().count()).unwrap_or(u32::MAX);
        self.text.push_str(&other.text);
        self.marks
            .extend(other.marks.iter().map(|(start, end)| (start.saturating_add(shift), end.saturating_add(shift))));
        self
    }

    /// Marks the last place where `part` stands.
    pub(super) fn mark(mut self, part: &str) -> Self {
        if let Some(at) = (!part.is_empty()).then(|| self.text.rfind(part)).flatten() {
            let count =
                |text: Option<&str>| text.map_or(0, |text| u32::try_from(text.chars().count()).unwrap_or(u32::MAX));
            let start = count(self.text.get(..at));
            let mark = (start, start.saturating_add(count(Some(part))));
            if !self.marks.contains(&mark) {
                self.marks.push(mark);
                self.marks.sort_unstable();
            }
        }
        self
    }

    /// Marks the last place where `part`, of ASCII letters, stands in whatever case.
    pub(super) fn mark_folded(self, part: &str) -> Self {
        let at = self.text.to_ascii_uppercase().rfind(&part.to_ascii_uppercase());
        match at.and_then(|at| self.text.get(at..at + part.len())).map(str::to_owned) {
            Some(found) => self.mark(&found),
            None => self,
        }
    }

    /// Marks the first line of the last reply in a conversation.
    pub(super) fn mark_reply(self, exchange: &Exchange) -> Self {
        let line = exchange.reply.as_ref().and_then(|reply| reply.wire().into_iter().next());
        match line {
            Some(line) => self.mark(&line),
            None => self,
        }
    }
}

fn agreed(secured: &Secured) -> String {
    format!("{} {} {}", secured.version, secured.suite, secured.group.as_deref().unwrap_or_default()).trim().to_owned()
}

const fn leads(path: Path) -> &'static str {
    match path {
        Path::Trusted => "leads to a widely trusted authority",
        Path::UnknownIssuer => "leads to no widely trusted authority",
        Path::Expired => "has expired",
        Path::NotYetValid => "is not valid yet",
        Path::BadSignature => "has a wrong signature",
        Path::Other => "could not be checked",
    }
}

/// The data of a record in the zone's presentation form.
pub(super) fn data(record: &Record) -> String {
    let target = |target: &Target| match target {
        Target::Root => ".".to_owned(),
        Target::Name(name) => format!("{name}."),
        Target::Odd(text) => text.clone(),
    };
    match record {
        Record::A(address) => address.to_string(),
        Record::Aaaa(address) => address.to_string(),
        Record::Mx { preference, exchange } => format!("{preference} {}", target(exchange)),
        Record::Ptr(name) | Record::Ns(name) => target(name),
        Record::Soa { primary, contact, serial, refresh, retry, expire, minimum } => {
            format!("{} {} {serial} {refresh} {retry} {expire} {minimum}", target(primary), target(contact))
        }
        Record::Tlsa { usage, selector, matching, data } => {
            // The digits of a SHA-512; a whole certificate is cut.
            let cut = data.get(..128).filter(|head| head.len() < data.len());
            format!("{usage} {selector} {matching} {}{}", cut.unwrap_or(data), if cut.is_some() { "…" } else { "" })
        }
        Record::Srv { priority, weight, port, target: host } => format!("{priority} {weight} {port} {}", target(host)),
        Record::Txt(strings) | Record::Spf(strings) => {
            strings.iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_count_characters() {
        let seen = Seen::text("grüße").and(Seen::text("ab cd ab").mark("ab"));
        assert_eq!(seen.text, "grüße\nab cd ab");
        assert_eq!(seen.marks, [(12, 14)]);
        let record = Seen::txt("x.test", "grüße pct", [(8, 11), (3, 3)]);
        assert_eq!((record.text.as_str(), record.marks), ("x.test TXT \"grüße pct\"", vec![(18, 21)]));
    }
}
