//! What came of an inquiry.

mod fetched;
mod hello;
mod lines;
mod mail;
mod tls;

pub use fetched::{BODY_MAX, FetchFault, Fetched, PemCertificate};
pub use hello::{Hello, HelloAnswer, Offer, TLS11};
pub use lines::{LineExchange, LineSession, LineStep};
pub use mail::{MailSeen, Sender, Shown};
pub use tls::{CHAIN_MAX, Certificate, Contents, Handshake, NAMES_MAX, Path, Secured, Tls, TlsFault};

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::grant::Choice;
use crate::inquiry::RecordType;
use crate::syntax::refusal::is_counted;
use crate::{DomainName, Inquiry, Unseen};

/// What came of one inquiry, or why nothing could be seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Evidence {
    /// The question.
    pub inquiry: Inquiry,
    /// When it was asked, in milliseconds since 1970. Before the case's start where a transcript
    /// of the host's cool-down is served again.
    pub at: u64,
    /// How long the answer took, in milliseconds.
    pub took: u32,
    /// The answer, or why there is none.
    #[serde(with = "SeenOrNot")]
    pub answer: Result<Answer, Unseen>,
}

/// How an answer stands in JSON: `{"seen": …}` or `{"unseen": "reason"}`.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "SeenOrNot"))]
#[serde(remote = "Result::<Answer, Unseen>")]
enum SeenOrNot {
    #[serde(rename = "seen")]
    Ok(Answer),
    #[serde(rename = "unseen")]
    Err(Unseen),
}

/// An answer that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// A DNS answer.
    Dns(DnsAnswer),
    /// A conversation over SMTP, whole or broken off.
    Smtp(SmtpSession),
    /// A conversation over IMAP, POP3 or ManageSieve, whole or broken off.
    Lines(LineSession),
    /// The answer to an old or weak offer on a port that starts in TLS.
    Hello(Hello),
    /// A response over HTTPS.
    Fetch(Fetched),
    /// No response over HTTPS, by the fault of the host.
    NotFetched(FetchFault),
    /// What a message showed that the domain sent to a test of outgoing mail.
    Mail(MailSeen),
    /// What came at a one-time address; nothing where nothing did while it was waited for.
    Arrived(Option<Arrival>),
    /// What the domain's owner says.
    Stated(Choice),
}

/// A message that came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Arrival {
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// Its reverse-path; empty for a bounce.
    pub sender: String,
    /// The address that handed it over, where whoever received it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<IpAddr>,
    /// What of it shows where it went: the topmost lines of its header.
    pub header: String,
}

/// A week, in seconds: a record that is kept for longer is slow to change.
pub const TTL_LONG: u32 = 7 * 86_400;

/// A DNS answer whose code is NOERROR or NXDOMAIN. SERVFAIL and the like are [`Unseen`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct DnsAnswer {
    /// The name does not exist (RFC 2308).
    pub nxdomain: bool,
    /// The resolver vouches for the answer (AD, RFC 4035 section 3.2.3).
    pub authenticated: bool,
    /// Aliases followed, in order; the last is the name that holds the records.
    pub aliases: Vec<DomainName>,
    /// The records of the asked type, in the order of the answer.
    pub records: Vec<Record>,
    /// How long they may be kept, in seconds, where that is over [`TTL_LONG`]. What a resolver tells is what is left of
    /// it, so a lower value says nothing of what the zone says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
}

/// The data of one record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Record {
    /// IPv4 address.
    A(Ipv4Addr),
    /// IPv6 address.
    Aaaa(Ipv6Addr),
    /// Mail exchanger.
    Mx {
        /// Lower is tried first.
        preference: u16,
        /// The target.
        exchange: Target,
    },
    /// Text: its character strings, each with invalid UTF-8 written as `\xNN`.
    Txt(Vec<String>),
    /// The same under the type that SPF had once.
    Spf(Vec<String>),
    /// Name of an address.
    Ptr(Target),
    /// Name server.
    Ns(Target),
    /// Start of a zone (RFC 1035 section 3.3.13); times in seconds.
    Soa {
        /// The name server that holds the original.
        primary: Target,
        /// A mail address, with a dot in place of the @.
        contact: Target,
        /// The zone's version.
        serial: u32,
        /// How often secondaries look for a new version.
        refresh: u32,
        /// How soon they try again.
        retry: u32,
        /// How long they go on answering without having reached the primary.
        expire: u32,
        /// How long "no such name" is remembered (RFC 2308).
        minimum: u32,
    },
    /// Key or certificate of a TLS server (RFC 6698 section 2.1).
    Tlsa {
        /// What the data stands for: 2 an authority, 3 the server itself.
        usage: u8,
        /// 0 the whole certificate, 1 its public key.
        selector: u8,
        /// 0 the octets themselves, 1 their SHA-256, 2 their SHA-512.
        matching: u8,
        /// The data, in lower-case hexadecimal digits.
        data: String,
    },
    /// Host of a service (RFC 2782).
    Srv {
        /// Lower is tried first.
        priority: u16,
        /// Among those of one priority, higher is tried more often.
        weight: u16,
        /// The port.
        port: u16,
        /// The host; the root, where the service is decidedly not offered.
        target: Target,
    },
}

/// A name that a record points to. It may be the root or no host name at all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// The root, "." (Null MX, RFC 7505).
    Root,
    /// A name that can be looked up.
    Name(DomainName),
    /// Something else, such as a label with a space; as the zone's presentation form writes it.
    Odd(String),
}

/// A conversation over SMTP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct SmtpSession {
    /// What was said, in order. The first is the greeting.
    pub exchanges: Vec<Exchange>,
    /// Why the conversation ended early; nothing if the script came to its QUIT.
    pub broke: Option<Unseen>,
    /// Something was left out, since the host had refused enough for now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spared: bool,
    /// What came of STARTTLS; nothing if the conversation did not come to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// What came of an old or weak offer behind STARTTLS, in the scripts that make one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_hello: Option<Hello>,
}

/// One command with its reply. Without a reply it is the last one, and `broke` says why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Exchange {
    /// What the command is for.
    pub step: Step,
    /// The command as sent, without CRLF; empty for the greeting.
    pub sent: String,
    /// The server's reply.
    pub reply: Option<Reply>,
    /// How long the reply took, in milliseconds.
    pub took: u32,
    /// It was held inside TLS.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secure: bool,
}

/// An SMTP reply (RFC 5321 section 4.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Reply {
    /// The three digits.
    pub code: u16,
    /// The text of each line behind the code and its separator; invalid UTF-8 as `\xNN`.
    pub lines: Vec<String>,
}

/// What a command is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The server's greeting, before any command.
    Greeting,
    /// EHLO.
    Ehlo,
    /// HELO, where EHLO was not understood.
    Helo,
    /// HELP.
    Help,
    /// AUTH with this mechanism, without an initial response.
    Auth(Mechanism),
    /// VRFY, without a domain (RFC 5321 section 3.5).
    Vrfy(Person),
    /// EXPN, alike.
    Expn(Person),
    /// AUTH NTLM.
    Ntlm,
    /// The first message of NTLM, which holds no credentials ([MS-NLMP] section 2.2.1.1).
    NtlmNegotiate,
    /// `*`, which cancels AUTH (RFC 4954 section 4).
    AuthCancel,
    /// MAIL of the transaction.
    Mail(Purpose),
    /// RCPT of the transaction.
    Rcpt(Purpose),
    /// DATA.
    Data,
    /// The message, up to the dot on a line of its own (RFC 5321 section 4.1.1.4). What it says is not kept: only its
    /// length is.
    Message,
    /// Behind the reply to the message: what answers to none of our commands. Something within the message was taken for its end,
    /// and what stood behind it for commands.
    Smuggled,
    /// A command that does not exist.
    Bad,
    /// NOOP with an argument that makes it longer than a line may be.
    LongLine,
    /// NOOP.
    Noop,
    /// The greeting of a connection beside the first one.
    Beside,
    /// RSET.
    Rset,
    /// STARTTLS. What came of the handshake behind it stands in [`SmtpSession::tls`].
    #[serde(rename = "starttls")]
    StartTls,
    /// Nothing that we said inside TLS: what is answered there was said in the clear, behind STARTTLS.
    Injected,
    /// QUIT.
    Quit,
}

/// Whom VRFY and EXPN ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Person {
    /// The name that every server has (RFC 5321 section 4.5.1).
    Postmaster,
    /// One that nobody has.
    MadeUp,
}

/// SASL mechanisms that carry a reusable secret in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Mechanism {
    /// RFC 4616.
    Plain,
    /// The obsolete LOGIN.
    Login,
    /// Bearer token, XOAUTH2.
    Xoauth2,
    /// Bearer token, RFC 7628.
    Oauthbearer,
}

impl Mechanism {
    /// All. In this order, the first that is offered is tried.
    pub const ALL: [Self; 4] = [Self::Plain, Self::Login, Self::Xoauth2, Self::Oauthbearer];

    /// The name in AUTH and EHLO.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
            Self::Xoauth2 => "XOAUTH2",
            Self::Oauthbearer => "OAUTHBEARER",
        }
    }
}

/// What a transaction asks. It decides sender and recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// `MAIL FROM:<>` with a SIZE of a tebibyte (RFC 1870 section 6); no RCPT.
    Size,
    /// From us to postmaster at the domain.
    Postmaster,
    /// From us to the bare `Postmaster` (RFC 5321 section 4.1.1.3).
    BarePostmaster,
    /// From us to abuse at the domain.
    Abuse,
    /// From us to a made-up name at the domain.
    Control,
    /// From us to another role name at the domain. All of these share one transaction.
    Role(Role),
    /// From the null sender to the first of postmaster and abuse that we could write to.
    NullSender,
    /// A relay variant.
    Relay(Variant),
    /// The same shape as the variant, to a made-up name of the checked domain.
    RelayControl(Variant),
    /// From a one-time address of ours to the mailbox that the domain's record names.
    Deliver,
    /// A relay variant, to a one-time address at our receiving host.
    Proof(Variant),
    /// From us to one of the role names; many share the transaction.
    Nth(u8),
    /// From us to the mailbox that the domain's record names.
    Stranger,
}

/// The role names beside postmaster and abuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The mailbox that the SOA record names, where it is none of the others.
    Contact,
    /// RFC 2142 section 7: of DNS.
    Hostmaster,
    /// Section 4: of the security of the network.
    Security,
    /// Section 5: of the web.
    Webmaster,
    /// Section 4: of the network.
    Noc,
}

impl Role {
    /// Those that RFC 2142 names, in the order in which they are asked.
    pub const NAMED: [Self; 4] = [Self::Hostmaster, Self::Security, Self::Webmaster, Self::Noc];

    /// The local part; of the contact it stands in DNS.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contact => "",
            Self::Hostmaster => "hostmaster",
            Self::Security => "security",
            Self::Webmaster => "webmaster",
            Self::Noc => "noc",
        }
    }
}

/// The ways to ask for a relay. F is our sender, T@D our foreign recipient, S the server's name,
/// I its address, H the checked domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Variant {
    /// `<>` to T@D.
    NullSender,
    /// F to T@D.
    Plain,
    /// postmaster@H to T@D.
    LocalSender,
    /// F@S to T@D.
    ServerSender,
    /// F@[I] to T@D.
    LiteralSender,
    /// F to T%D@H.
    PercentDomain,
    /// F to T%D@S.
    PercentServer,
    /// F to T%D@[I].
    PercentLiteral,
    /// F to "T@D"@H.
    QuotedDomain,
    /// F to "T@D"@[I].
    QuotedLiteral,
    /// F to @H:T@D.
    RouteDomain,
    /// F to @S:T@D.
    RouteServer,
    /// F to @[I]:T@D.
    RouteLiteral,
    /// F to D!T@H.
    BangDomain,
    /// F to D!T.
    Bang,
    /// F to "T%D".
    QuotedPercent,
    /// F to "T@D".
    Quoted,
    /// F to T@D@S.
    DoubleAt,
    /// F to T.
    Bare,
}

impl Variant {
    /// All, in the order in which they are tried: the plain ones first.
    pub const ALL: [Self; 19] = [
        Self::Plain,
        Self::NullSender,
        Self::LocalSender,
        Self::ServerSender,
        Self::LiteralSender,
        Self::PercentDomain,
        Self::PercentServer,
        Self::PercentLiteral,
        Self::QuotedDomain,
        Self::QuotedLiteral,
        Self::RouteDomain,
        Self::RouteServer,
        Self::RouteLiteral,
        Self::BangDomain,
        Self::Bang,
        Self::QuotedPercent,
        Self::Quoted,
        Self::DoubleAt,
        Self::Bare,
    ];

    /// What taking it would prove.
    pub const fn weight(self) -> Weight {
        match self {
            Self::Plain | Self::NullSender | Self::LocalSender | Self::ServerSender | Self::LiteralSender => {
                Weight::Plain
            }
            Self::Bang | Self::QuotedPercent | Self::Quoted | Self::DoubleAt | Self::Bare => Weight::Note,
            _ => Weight::Odd,
        }
    }
}

/// What taking a relay variant would prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// An ordinary foreign recipient.
    Plain,
    /// An odd form that some servers rewrite into a foreign recipient.
    Odd,
    /// A form that most servers read as a local name: worth a note at most.
    Note,
}

impl Evidence {
    /// The DNS answer, if this is one and it was seen.
    pub fn dns(&self) -> Option<&DnsAnswer> {
        match &self.answer {
            Ok(Answer::Dns(answer)) => Some(answer),
            _ => None,
        }
    }

    /// The conversation, if this is one and it was seen.
    pub fn smtp(&self) -> Option<&SmtpSession> {
        match &self.answer {
            Ok(Answer::Smtp(session)) => Some(session),
            _ => None,
        }
    }

    /// The conversation over IMAP, POP3 or ManageSieve, if this is one and it was seen.
    pub fn lines(&self) -> Option<&LineSession> {
        match &self.answer {
            Ok(Answer::Lines(session)) => Some(session),
            _ => None,
        }
    }

    /// What a message showed, if this is one and it was seen.
    pub fn mail(&self) -> Option<&MailSeen> {
        match &self.answer {
            Ok(Answer::Mail(mail)) => Some(mail),
            _ => None,
        }
    }

    /// The answer to an old or weak offer, if this is one and it came to that.
    pub const fn client_hello(&self) -> Option<&Hello> {
        match &self.answer {
            Ok(Answer::Smtp(session)) => session.client_hello.as_ref(),
            Ok(Answer::Lines(session)) => session.client_hello.as_ref(),
            Ok(Answer::Hello(hello)) => Some(hello),
            _ => None,
        }
    }

    /// What came at a one-time address, if that is known.
    pub fn arrived(&self) -> Option<Option<&Arrival>> {
        match &self.answer {
            Ok(Answer::Arrived(arrival)) => Some(arrival.as_ref()),
            _ => None,
        }
    }

    /// What the owner said, if they did.
    pub fn stated(&self) -> Option<Choice> {
        match &self.answer {
            Ok(Answer::Stated(choice)) => Some(*choice),
            _ => None,
        }
    }

    /// What came of a fetch, if this is one and it was seen.
    pub fn fetched(&self) -> Option<Result<&Fetched, FetchFault>> {
        match &self.answer {
            Ok(Answer::Fetch(fetched)) => Some(Ok(fetched)),
            Ok(Answer::NotFetched(fault)) => Some(Err(*fault)),
            _ => None,
        }
    }
}

impl Record {
    /// The address of an A or AAAA record.
    pub const fn address(&self) -> Option<IpAddr> {
        match self {
            Self::A(v4) => Some(IpAddr::V4(*v4)),
            Self::Aaaa(v6) => Some(IpAddr::V6(*v6)),
            _ => None,
        }
    }

    /// The type of the record.
    pub const fn record_type(&self) -> RecordType {
        match self {
            Self::A(_) => RecordType::A,
            Self::Aaaa(_) => RecordType::Aaaa,
            Self::Mx { .. } => RecordType::Mx,
            Self::Txt(_) => RecordType::Txt,
            Self::Spf(_) => RecordType::Spf,
            Self::Ptr(_) => RecordType::Ptr,
            Self::Ns(_) => RecordType::Ns,
            Self::Soa { .. } => RecordType::Soa,
            Self::Tlsa { .. } => RecordType::Tlsa,
            Self::Srv { .. } => RecordType::Srv,
        }
    }
}

impl DnsAnswer {
    /// Each TXT record as one text: its character strings joined without a space.
    pub fn texts(&self) -> Vec<String> {
        self.records
            .iter()
            .filter_map(|record| match record {
                Record::Txt(strings) => Some(strings.concat()),
                _ => None,
            })
            .collect()
    }

    /// The names of PTR records.
    pub fn pointers(&self) -> Vec<DomainName> {
        self.records
            .iter()
            .filter_map(|record| match record {
                Record::Ptr(Target::Name(name)) => Some(name.clone()),
                _ => None,
            })
            .collect()
    }
}

impl Reply {
    /// The lines as they came over the wire, code and all.
    pub fn wire(&self) -> Vec<String> {
        let last = self.lines.len().saturating_sub(1);
        let line = |(index, text): (usize, &String)| {
            let separator = if index < last { '-' } else { ' ' };
            format!("{:03}{separator}{text}", self.code).trim_end().to_owned()
        };
        self.lines.iter().enumerate().map(line).collect()
    }

    /// A 2xx reply.
    pub const fn is_positive(&self) -> bool {
        self.code >= 200 && self.code < 300
    }

    /// A 4xx reply.
    pub const fn is_temporary(&self) -> bool {
        self.code >= 400 && self.code < 500
    }
}

impl SmtpSession {
    /// The exchange of a step, if the conversation came to it.
    pub fn step(&self, step: Step) -> Option<&Exchange> {
        self.exchanges.iter().find(|e| e.step == step)
    }

    /// Did the server put a recipient off, as greylisting does, and not us altogether?
    pub fn defers(&self) -> bool {
        let put_off = |exchange: &Exchange| {
            let reply = exchange.reply.as_ref();
            // RFC 5321 section 3.8: 421 is about the connection.
            matches!(exchange.step, Step::Rcpt(_))
                && reply.is_some_and(|reply| reply.is_temporary() && reply.code != 421)
        };
        self.broke.is_none() && self.exchanges.iter().any(put_off)
    }

    /// How many refusals of this conversation a guard of the server's may have counted.
    pub fn refusals(&self) -> usize {
        self.exchanges.iter().filter(|exchange| is_counted(exchange)).count()
    }

    /// The reply to a step, or why there is none.
    pub fn reply(&self, step: Step) -> Result<(&Exchange, &Reply), Unseen> {
        let unasked = if self.spared { Unseen::CourtesyBudget } else { Unseen::NotAsked };
        let missing = self.broke.unwrap_or(unasked);
        let exchange = self.step(step).ok_or(missing)?;
        let reply = exchange.reply.as_ref().ok_or(missing)?;
        Ok((exchange, reply))
    }
}
