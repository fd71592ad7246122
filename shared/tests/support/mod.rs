//! Evidence written by hand, for tests: a small language for zones and conversations.

#![allow(dead_code, clippy::indexing_slicing, clippy::string_slice, clippy::unwrap_used)]

use std::collections::BTreeMap;

use shared::evidence::{
    Answer, Certificate, Contents, DnsAnswer, Exchange, Handshake, Hello, HelloAnswer, LineExchange, LineSession,
    LineStep, Mechanism, Offer, Path, Person, Purpose, Record, Reply, Role, Secured, SmtpSession, Step, Target, Tls,
    TlsFault, Variant,
};
use shared::inquiry::{RecordType, Script};
use shared::local_part::LocalPart;
use shared::{Case, DomainName, Evidence, Inquiry, Report, Unseen, judge, plan};

pub const STARTED: u64 = 1_795_000_000_000;

/// An Ed25519 key.
pub const DKIM: &str = "v=DKIM1; k=ed25519; p=LgtgqXvLJCc5s8Qvphzz7JdWOZvbpBPgJ6xuPFgGVU8=";

/// What a world answers: nothing is asked of the network.
pub type World<'a> = dyn Fn(&Inquiry) -> Result<Answer, Unseen> + 'a;

pub fn name(text: &str) -> DomainName {
    text.parse().unwrap()
}

pub fn case(domain: &str) -> Case {
    Case::new(name(domain), name("probe.example"), "n0nce".to_owned(), STARTED)
}

pub fn evidence(inquiry: Inquiry, answer: Result<Answer, Unseen>) -> Evidence {
    Evidence { inquiry, at: STARTED + 5, took: 7, answer }
}

/// Turns the crank to the end.
pub fn run(domain: &str, world: &World<'_>) -> Report {
    turn(case(domain), world)
}

/// The verdicts of a check: `outcome verdict`, sorted, for a zone and a server on port 25.
pub fn outcomes(check: &str, zone: &str, server: &Server<'_>) -> Vec<String> {
    let zone = Zone::new(zone);
    let report = run("example.org", &|inquiry: &Inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(server.answer(script)),
        _ => Err(Unseen::Refused),
    });
    let of_check = report.findings.iter().filter(|finding| finding.check == check);
    let mut found: Vec<String> = of_check.map(|finding| format!("{} {}", finding.outcome, finding.verdict)).collect();
    found.sort();
    found
}

/// Turns the crank of this case to the end.
pub fn turn(mut case: Case, world: &World<'_>) -> Report {
    loop {
        let wanted = plan(&case);
        if wanted.is_empty() {
            return judge(&case);
        }
        for inquiry in wanted {
            let answer = world(&inquiry);
            assert!(case.add(evidence(inquiry, answer)));
        }
    }
}

/// A zone: lines of `name TYPE data`; `name CNAME target` is followed. Names that stand nowhere
/// are NXDOMAIN.
pub struct Zone(BTreeMap<String, Vec<(String, String)>>);

impl Zone {
    pub fn new(text: &str) -> Self {
        let mut zone: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let mut parts = line.splitn(3, ' ');
            let mut next = || parts.next().unwrap_or_default().trim().to_owned();
            zone.entry(next()).or_default().push((next(), next()));
        }
        Self(zone)
    }

    pub fn ask(&self, asked: &DomainName, record: RecordType) -> Answer {
        let mut answer = DnsAnswer::default();
        let mut at = asked.to_string();
        while let Some((_, target)) = self.0.get(&at).into_iter().flatten().find(|(kind, _)| kind == "CNAME") {
            answer.aliases.push(name(target));
            at.clone_from(target);
        }
        match self.0.get(&at) {
            None => {
                let parent = format!(".{at}");
                answer.nxdomain = !self.0.keys().any(|known| known.ends_with(&parent));
            }
            Some(records) => {
                let wanted = records.iter().filter(|(kind, _)| *kind == record.to_string());
                answer.records = wanted.map(|(_, data)| parse(record, data)).collect();
                // A line `name TTL seconds` holds for all records of the name.
                let ttl = records.iter().find(|(kind, _)| kind == "TTL");
                answer.ttl = ttl.filter(|_| !answer.records.is_empty()).map(|(_, ttl)| ttl.parse().unwrap());
            }
        }
        Answer::Dns(answer)
    }
}

fn parse(record: RecordType, data: &str) -> Record {
    match record {
        RecordType::A => Record::A(data.parse().unwrap()),
        RecordType::Aaaa => Record::Aaaa(data.parse().unwrap()),
        RecordType::Ptr => Record::Ptr(Target::Name(name(data))),
        // Its strings, where there are several, are parted by ¦.
        RecordType::Txt => Record::Txt(data.split('¦').map(str::to_owned).collect()),
        RecordType::Spf => Record::Spf(vec![data.to_owned()]),
        RecordType::Ns => Record::Ns(Target::Name(name(data))),
        RecordType::Soa => {
            let fields: Vec<&str> = data.split(' ').collect();
            let target = |text: &str| match text {
                "." => Target::Root,
                _ => DomainName::new(text).map_or(Target::Odd(text.to_owned()), Target::Name),
            };
            let number = |at: usize| fields[at].parse().unwrap();
            Record::Soa {
                primary: target(fields[0]),
                contact: target(fields[1]),
                serial: number(2),
                refresh: number(3),
                retry: number(4),
                expire: number(5),
                minimum: number(6),
            }
        }
        RecordType::Tlsa => {
            let fields: Vec<&str> = data.split(' ').collect();
            let number = |at: usize| fields[at].parse().unwrap();
            Record::Tlsa { usage: number(0), selector: number(1), matching: number(2), data: fields[3].to_owned() }
        }
        RecordType::Srv => {
            let fields: Vec<&str> = data.split(' ').collect();
            let number = |at: usize| fields[at].parse().unwrap();
            let target = if fields[3] == "." { Target::Root } else { Target::Name(name(fields[3])) };
            Record::Srv { priority: number(0), weight: number(1), port: number(2), target }
        }
        RecordType::Mx => {
            let (preference, target) = data.split_once(' ').unwrap();
            let exchange = if target == "." { Target::Root } else { Target::Name(name(target)) };
            Record::Mx { preference: preference.parse().unwrap(), exchange }
        }
    }
}

/// A reply from its lines: `250-one`, `250 two`.
pub fn reply(text: &str) -> Reply {
    let lines: Vec<&str> = text.lines().collect();
    Reply {
        code: lines[0][..3].parse().unwrap(),
        lines: lines.iter().map(|l| l.get(4..).unwrap_or("").to_owned()).collect(),
    }
}

/// What comes of STARTTLS.
#[derive(Clone, Copy)]
pub enum Encryption {
    /// The conversation does not come to it.
    NotReached,
    /// No handshake.
    Fails(TlsFault),
    /// This certificate.
    Shows(Shown),
}

/// What an old or weak offer comes to.
#[derive(Clone, Copy)]
pub enum Offered {
    /// A version and a suite.
    Takes(u16, &'static str),
    /// A fatal alert.
    Alert(u8),
    /// Nothing.
    Fails(TlsFault),
}

impl Offered {
    fn answer(self) -> HelloAnswer {
        match self {
            Self::Takes(version, name) => HelloAnswer::Takes { version, suite: 1, name: name.to_owned() },
            Self::Alert(description) => HelloAnswer::Alert { version: 0x0303, level: 2, description },
            Self::Fails(fault) => HelloAnswer::Failed(fault),
        }
    }
}

/// A certificate, and what it leads to.
#[derive(Clone, Copy)]
pub struct Shown {
    pub names: &'static [&'static str],
    /// It holds more names than were kept.
    pub more_names: bool,
    pub common: &'static str,
    pub path: Path,
    pub self_issued: bool,
    pub days_left: i64,
    pub key: (&'static str, u32),
    pub signature: &'static str,
    /// A path leads to the one above it.
    pub anchors: Option<bool>,
    pub unverified: bool,
    /// The signature of the one above it, where that is another, and whether it is its own.
    pub above: Option<(&'static str, bool)>,
}

/// What is right for mx1.example.org. The SHA-256 of its key is 64 times the letter a, that of the
/// whole b; of the one above it c and d. The whole is the octets 30 30 02 03, the key the two in
/// the middle.
pub const GOOD: Shown = Shown {
    names: &["mx1.example.org"],
    more_names: false,
    common: "mx1.example.org",
    path: Path::Trusted,
    self_issued: false,
    days_left: 60,
    key: ("P-256", 256),
    signature: "ECDSA-SHA384",
    anchors: Some(true),
    unverified: false,
    above: None,
};

impl Encryption {
    pub fn tls(&self) -> Option<Tls> {
        let shown = match self {
            Self::NotReached => return None,
            Self::Fails(fault) => return Some(Tls { took: 5, dropped: 0, outcome: Handshake::Failed(*fault, None) }),
            Self::Shows(shown) => shown,
        };
        let contents = |subject: &str, key: &str, names: &[&str]| Contents {
            subject: format!("CN={subject}"),
            issuer: "CN=Example CA".to_owned(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            common_name: Some(subject.to_owned()),
            not_after: i64::try_from(STARTED).unwrap() + shown.days_left * 86_400_000,
            key: shown.key.0.to_owned(),
            bits: Some(shown.key.1),
            key_sha256: key.repeat(64),
            key_sha512: key.repeat(128),
            key_at: (1, 3),
            signature: shown.signature.to_owned(),
            self_issued: shown.self_issued,
            more_names: shown.more_names,
            ..Contents::default()
        };
        let certificate = |whole: &str, contents| Certificate {
            der: "MDACAw==".to_owned(),
            sha256: whole.repeat(64),
            sha512: whole.repeat(128),
            contents: Some(contents),
            anchors: None,
        };
        let own = certificate("b", contents(shown.common, "a", shown.names));
        let mut authority = contents("Example CA", "c", &[]);
        if let Some((signature, self_issued)) = shown.above {
            authority = Contents { signature: signature.to_owned(), self_issued, authority: true, ..authority };
        }
        let above = Certificate { anchors: shown.anchors, ..certificate("d", authority) };
        let secured = Secured {
            version: "TLSv1.3".to_owned(),
            suite: "TLS_AES_128_GCM_SHA256".to_owned(),
            group: Some("x25519".to_owned()),
            unverified: shown.unverified.then(|| "bad signature".to_owned()),
            chain: if shown.self_issued { vec![own] } else { vec![own, above] },
            truncated: false,
            path: Some(shown.path),
        };
        Some(Tls { took: 5, dropped: 0, outcome: Handshake::Done(Box::new(secured)) })
    }
}

/// What a server says to each command, by what the command is for.
pub struct Server<'a> {
    pub greeting: &'a str,
    pub ehlo: &'a str,
    pub help: &'a str,
    pub auth: &'a str,
    pub size: &'a str,
    /// The replies to AUTH NTLM and to its first message; none where empty.
    pub ntlm: [&'a str; 2],
    /// The replies to VRFY and EXPN, of postmaster and of a made-up name; none where empty.
    pub vrfy: [&'a str; 2],
    pub expn: [&'a str; 2],
    pub mail: &'a str,
    pub postmaster: &'a str,
    pub bare: &'a str,
    pub abuse: &'a str,
    pub control: &'a str,
    /// The contact of the zone, hostmaster, security, webmaster, noc.
    pub roles: [&'a str; 5],
    pub null_sender: &'a str,
    /// The reply to RCPT for postmaster without a login, on a port of submission.
    pub submission: &'a str,
    pub relay: &'a str,
    pub greeting_took: u32,
    pub tls: Encryption,
    /// The answers to an old and to a weak offer.
    pub old: Offered,
    pub weak: Offered,
    /// What is answered inside TLS to NOOP in the clear, then to QUIT.
    pub injected: [&'a str; 2],
}

/// A careful server; tests change what they are about.
pub const CAREFUL: Server<'static> = Server {
    greeting: "220 mx1.example.org ESMTP",
    ehlo: "250-mx1.example.org\n250-PIPELINING\n250-SIZE 52428800\n250-STARTTLS\n250 ENHANCEDSTATUSCODES",
    help: "502 5.5.2 Error: command not recognized",
    auth: "503 5.5.1 Error: authentication not enabled",
    size: "552 5.3.4 Message size exceeds fixed limit",
    ntlm: ["", ""],
    vrfy: ["", "502 5.5.1 VRFY command is disabled"],
    expn: ["502 5.5.2 Error: command not recognized", ""],
    mail: "250 2.1.0 Ok",
    postmaster: "250 2.1.5 Ok",
    bare: "250 2.1.5 Ok",
    abuse: "250 2.1.5 Ok",
    control: "550 5.1.1 <mailsins-0@example.org>: Recipient address rejected: User unknown in local recipient table",
    roles: ["250 2.1.5 Ok"; 5],
    null_sender: "250 2.1.5 Ok",
    submission: "554 5.7.1 <postmaster@example.org>: Recipient address rejected: Access denied",
    relay: "554 5.7.1 <relaytest@probe.example>: Relay access denied",
    greeting_took: 20,
    tls: Encryption::Shows(GOOD),
    old: Offered::Alert(70),
    weak: Offered::Alert(40),
    injected: ["", "221 2.0.0 Bye"],
};

impl Server<'_> {
    pub fn answer(&self, script: &Script) -> Answer {
        let mut exchanges = vec![
            Exchange {
                step: Step::Greeting,
                sent: String::new(),
                reply: Some(reply(self.greeting)),
                took: self.greeting_took,
                secure: false,
            },
            exchange(Step::Ehlo, "EHLO probe.probe.example", self.ehlo),
        ];
        match script {
            Script::SmtpSurvey | Script::SubmissionSurvey { .. } => {
                exchanges.push(exchange(Step::Help, "HELP", self.help));
                let mechanism = shared::evidence::Mechanism::Plain;
                exchanges.push(exchange(Step::Auth(mechanism), "AUTH PLAIN", self.auth));
                if self.auth.starts_with("334") {
                    exchanges.push(exchange(Step::AuthCancel, "*", "501 5.7.0 Authentication aborted"));
                }
                let steps = [
                    Step::Vrfy(Person::MadeUp),
                    Step::Vrfy(Person::Postmaster),
                    Step::Expn(Person::Postmaster),
                    Step::Expn(Person::MadeUp),
                ];
                let said = [self.vrfy[1], self.vrfy[0], self.expn[0], self.expn[1]];
                for (step, said) in steps.into_iter().zip(said).filter(|(_, said)| !said.is_empty()) {
                    exchanges.push(exchange(step, "VRFY or EXPN", said));
                }
                for (step, said) in
                    [Step::Ntlm, Step::NtlmNegotiate].into_iter().zip(self.ntlm).filter(|(_, said)| !said.is_empty())
                {
                    exchanges.push(exchange(step, "AUTH NTLM", said));
                }
                if self.ehlo.contains("SIZE") {
                    exchanges.push(exchange(Step::Mail(Purpose::Size), "MAIL FROM:<> SIZE=1099511627776", self.size));
                }
            }
            Script::SmtpRecipients { domain, contact, .. } => {
                let role = |purpose, to: &str, said: &str, exchanges: &mut Vec<Exchange>| {
                    let from = if purpose == Purpose::NullSender { "" } else { "probe@probe.example" };
                    exchanges.push(exchange(Step::Mail(purpose), &format!("MAIL FROM:<{from}>"), self.mail));
                    if self.mail.starts_with('2') {
                        exchanges.push(exchange(Step::Rcpt(purpose), &format!("RCPT TO:<{to}>"), said));
                        exchanges.push(exchange(Step::Rset, "RSET", "250 2.0.0 Ok"));
                    }
                };
                role(Purpose::Postmaster, &format!("postmaster@{domain}"), self.postmaster, &mut exchanges);
                role(Purpose::BarePostmaster, "Postmaster", self.bare, &mut exchanges);
                role(Purpose::Abuse, &format!("abuse@{domain}"), self.abuse, &mut exchanges);
                role(Purpose::Control, &format!("mailsins-0@{domain}"), self.control, &mut exchanges);
                self.role_names(domain, contact.as_ref(), &mut exchanges);
                if self.postmaster.starts_with('2') {
                    role(Purpose::NullSender, &format!("postmaster@{domain}"), self.null_sender, &mut exchanges);
                }
                for variant in Variant::ALL.into_iter().take(4) {
                    role(Purpose::Relay(variant), "relaytest@probe.example", self.relay, &mut exchanges);
                    if self.relay.starts_with('2') {
                        break;
                    }
                }
            }
            // This server speaks nothing but SMTP, and nobody has asked for more.
            _ => {}
        }
        let tls = self.tls.tls().filter(|_| {
            let survey = matches!(script, Script::SmtpSurvey | Script::SubmissionSurvey { .. });
            self.ehlo.contains("STARTTLS") && survey
        });
        let knocks = matches!(script, Script::Hello(..)) && self.ehlo.contains("STARTTLS");
        if tls.is_some() || knocks {
            exchanges.push(exchange(Step::StartTls, "STARTTLS", "220 2.0.0 Ready to start TLS"));
        }
        if *script == Script::SmtpInjection && self.ehlo.contains("STARTTLS") {
            return self.injection(exchanges);
        }
        if let Script::SubmissionSurvey { domain } = script {
            self.without_login(domain, &mut exchanges);
        }
        exchanges.push(exchange(Step::Quit, "QUIT", "221 2.0.0 Bye"));
        let client_hello = match script {
            Script::Hello(_, offer) if self.ehlo.contains("STARTTLS") => Some(Hello {
                offer: *offer,
                took: 5,
                answer: if *offer == Offer::Old { self.old.answer() } else { self.weak.answer() },
            }),
            _ => None,
        };
        if client_hello.is_some() {
            exchanges.pop();
        }
        Answer::Smtp(SmtpSession { exchanges, broke: None, spared: false, tls, client_hello })
    }

    /// One transaction for all of them, until two were refused.
    fn role_names(&self, domain: &DomainName, contact: Option<&LocalPart>, exchanges: &mut Vec<Exchange>) {
        if !self.mail.starts_with('2') || !["550 5.1.1", "554 5.7.1"].iter().any(|no| self.control.starts_with(no)) {
            return;
        }
        let mut refused = 0;
        let first = if contact.is_some() { Role::Contact } else { Role::Hostmaster };
        exchanges.push(exchange(Step::Mail(Purpose::Role(first)), "MAIL FROM:<probe@probe.example>", self.mail));
        for (role, said) in [Role::Contact].into_iter().chain(Role::NAMED).zip(self.roles) {
            let local = match (role, contact) {
                (Role::Contact, None) => continue,
                (Role::Contact, Some(local)) => local.as_str(),
                _ => role.name(),
            };
            if refused < 2 {
                let sent = format!("RCPT TO:<{local}@{domain}>");
                exchanges.push(exchange(Step::Rcpt(Purpose::Role(role)), &sent, said));
                refused += usize::from(!said.starts_with('2'));
            }
        }
        exchanges.push(exchange(Step::Rset, "RSET", "250 2.0.0 Ok"));
    }

    fn without_login(&self, domain: &DomainName, exchanges: &mut Vec<Exchange>) {
        let relay = Purpose::Relay(Variant::Plain);
        let rows = [
            (Purpose::Postmaster, format!("postmaster@{domain}"), self.submission),
            (relay, "relaytest@probe.example".to_owned(), self.relay),
            (Purpose::Control, format!("mailsins-0@{domain}"), self.control),
        ];
        for (purpose, to, said) in rows {
            exchanges.push(exchange(Step::Mail(purpose), "MAIL FROM:<probe@probe.example>", self.mail));
            if !self.mail.starts_with('2') {
                return;
            }
            exchanges.push(exchange(Step::Rcpt(purpose), &format!("RCPT TO:<{to}>"), said));
            exchanges.push(exchange(Step::Rset, "RSET", "250 2.0.0 Ok"));
            if !said.starts_with('2') && !said.starts_with("550 5.1.1") {
                return;
            }
        }
    }

    fn injection(&self, mut exchanges: Vec<Exchange>) -> Answer {
        exchanges.push(exchange(Step::StartTls, "STARTTLS\r\nNOOP", "220 2.0.0 Ready to start TLS"));
        let [injected, bye] = self.injected;
        if !injected.is_empty() {
            exchanges.push(Exchange { secure: true, ..exchange(Step::Injected, "", injected) });
        }
        let reply = (!bye.is_empty()).then(|| reply(bye));
        exchanges.push(Exchange { reply, secure: true, ..exchange(Step::Quit, "QUIT", "221") });
        Answer::Smtp(SmtpSession { exchanges, broke: None, spared: false, tls: self.tls.tls(), client_hello: None })
    }
}

pub fn exchange(step: Step, sent: &str, said: &str) -> Exchange {
    Exchange { step, sent: sent.to_owned(), reply: Some(reply(said)), took: 12, secure: false }
}

/// The delivery of a message: what is said to MAIL, RCPT, DATA and the message; nothing behind the first refusal.
pub fn delivery(said: [&str; 4]) -> Answer {
    let steps = [Step::Mail(Purpose::Deliver), Step::Rcpt(Purpose::Deliver), Step::Data, Step::Message];
    let mut exchanges = vec![exchange(Step::Greeting, "", "220 x"), exchange(Step::Ehlo, "EHLO x", "250 x")];
    for (step, said) in steps.into_iter().zip(said) {
        exchanges.push(exchange(step, "sent", said));
        if said >= "4" {
            break;
        }
    }
    Answer::Smtp(SmtpSession { exchanges, broke: None, spared: false, tls: None, client_hello: None })
}

/// A conversation over IMAP or POP3: the replies to each command; no AUTH where that is empty.
pub fn lines(greeting: &str, capability: &str, auth: &str) -> Answer {
    let said = |step, sent: &str, said: &str| LineExchange {
        step,
        sent: sent.to_owned(),
        reply: Some(said.lines().map(str::to_owned).collect()),
        took: 12,
        secure: false,
    };
    let mut exchanges =
        vec![said(LineStep::Greeting, "", greeting), said(LineStep::Capability, "CAPABILITY", capability)];
    if !auth.is_empty() {
        exchanges.push(said(LineStep::Auth(Mechanism::Plain), "AUTH PLAIN", auth));
    }
    exchanges.push(said(LineStep::Logout, "LOGOUT", "OK"));
    Answer::Lines(LineSession { exchanges, broke: None, tls: None, client_hello: None })
}

/// The same, gone into TLS in the end where the capabilities offer that; or held there from the start.
pub fn lines_in_tls(said: [&str; 3], tls: &Encryption, from_the_start: bool) -> Answer {
    let Answer::Lines(mut session) = lines(said[0], said[1], said[2]) else { unreachable!() };
    session.tls = tls.tls().filter(|_| from_the_start || said[1].contains("STARTTLS") || said[1].contains("STLS"));
    if from_the_start {
        session.exchanges.retain(|exchange| !matches!(exchange.step, LineStep::Auth(_)));
        session.exchanges.iter_mut().for_each(|exchange| exchange.secure = true);
    } else if session.tls.is_some() {
        let reply = Some(vec!["a3 OK begin".to_owned()]);
        let exchange =
            LineExchange { step: LineStep::StartTls, sent: "a3 STARTTLS".to_owned(), reply, took: 9, secure: false };
        session.exchanges.insert(session.exchanges.len() - 1, exchange);
    }
    Answer::Lines(session)
}

/// Words in the clear behind STARTTLS: what is answered inside TLS to those, and to LOGOUT; empty is nothing.
pub fn lines_injected([injected, bye]: [&str; 2], tls: &Encryption) -> Answer {
    let said = |step, sent: &str, said: &str, secure| LineExchange {
        step,
        sent: sent.to_owned(),
        reply: (!said.is_empty()).then(|| vec![said.to_owned()]),
        took: 12,
        secure,
    };
    let mut exchanges = vec![
        said(LineStep::Greeting, "", "* OK hi", false),
        said(LineStep::StartTls, "a1 STARTTLS\r\na2 NOOP", "a1 OK begin", false),
    ];
    if matches!(tls, Encryption::Shows(_)) {
        if !injected.is_empty() {
            exchanges.push(said(LineStep::Injected, "", injected, true));
        }
        exchanges.push(said(LineStep::Logout, "a3 LOGOUT", bye, true));
    }
    Answer::Lines(LineSession { exchanges, broke: None, tls: tls.tls(), client_hello: None })
}

/// A survey over SMTP, held in TLS from the start.
pub fn smtp_in_tls(server: &Server<'_>) -> Answer {
    let Answer::Smtp(mut session) = server.answer(&Script::SubmissionSurvey { domain: name("example.org") }) else {
        unreachable!()
    };
    session.exchanges.retain(|exchange| !matches!(exchange.step, Step::Auth(_) | Step::AuthCancel | Step::StartTls));
    session.exchanges.iter_mut().for_each(|exchange| exchange.secure = true);
    session.tls = server.tls.tls();
    Answer::Smtp(session)
}
