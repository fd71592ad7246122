//! What can be asked of the world.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::evidence::{Offer, Variant};
use crate::grant::{Question, Sample, Token};
use crate::local_part::LocalPart;
use crate::{DomainName, HttpsUrl};

/// One question to the world. Its answer is one piece of [`crate::Evidence`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub enum Inquiry {
    /// A DNS question to a recursive resolver.
    Dns {
        /// The name asked for.
        name: DomainName,
        /// The record type asked for.
        record: RecordType,
        /// The answer is wanted even where its signatures are wrong (CD, RFC 4035 section 3.2.2).
        unchecked: bool,
    },
    /// One conversation with one host.
    Probe {
        /// The address connected to; never a name.
        address: IpAddr,
        /// The port connected to.
        port: u16,
        /// The name that is asked for in TLS (SNI, RFC 6066 section 3). Without it the whole
        /// conversation is held in the clear.
        host: Option<DomainName>,
        /// What is said there.
        script: Script,
    },
    /// A document, by HTTPS GET. Redirects are not followed.
    Fetch {
        /// Where it is.
        url: HttpsUrl,
    },
    /// What a message showed that the domain sent to the test of outgoing mail that was named with the scan. Which test that
    /// is, the driver knows and nobody else: whoever has its id sees the header of what came.
    Mail,
    /// What came to us at the one-time address of this token, within ten minutes.
    Arrival {
        /// The token.
        token: Token,
    },
    /// What the domain's owner says.
    Owner {
        /// What they are asked.
        question: Question,
    },
}

impl Inquiry {
    /// A DNS question.
    pub fn dns(name: &DomainName, record: RecordType) -> Self {
        Self::Dns { name: name.clone(), record, unchecked: false }
    }

    /// The same question, to be answered without a look at signatures.
    pub fn unchecked(name: &DomainName, record: RecordType) -> Self {
        Self::Dns { name: name.clone(), record, unchecked: true }
    }
}

impl fmt::Display for Inquiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns { name, record, unchecked } => {
                write!(f, "{record} of {name}{}", if *unchecked { ", signatures unchecked" } else { "" })
            }
            Self::Probe { address, port, script, .. } => {
                let what = match script {
                    Script::SmtpSurvey => "what it says of itself",
                    Script::SubmissionSurvey { .. } => "what it says of itself, and takes without a login",
                    Script::SmtpRecipients { again: false, .. } => "which recipients it takes",
                    Script::SmtpRecipients { again: true, .. } => "which recipients it takes by now",
                    Script::ImapSurvey => "what it says over IMAP",
                    Script::PopSurvey => "what it says over POP3",
                    Script::SieveSurvey => "what it says over ManageSieve",
                    Script::Hello(_, Offer::Old) => "whether it takes old TLS",
                    Script::Hello(_, Offer::Weak) => "whether it takes weak ciphers",
                    Script::SmtpInjection | Script::ImapInjection | Script::PopInjection | Script::SieveInjection => {
                        "whether what comes before TLS counts inside"
                    }
                    Script::Deliver { sample, .. } => return write!(f, "{address} on port {port}: {}", sample.words()),
                    Script::RelayProof { variant: None, .. } => "whether our receiving host receives",
                    Script::RelayProof { .. } => "whether it relays a message",
                    Script::RelayVariants { .. } => "other ways to relay",
                    Script::RecipientLimit { .. } => "how many recipients it takes",
                    Script::ErrorLimit => "how many errors it suffers",
                    Script::LineLimit => "what it does with a long line",
                    Script::ConnectionLimit => "whether it takes five connections at once",
                    Script::Smuggling { .. } => "what it takes for the end of a message",
                    Script::Gateway { .. } => "whether it takes mail past the filter",
                };
                write!(f, "{address} on port {port}: {what}")
            }
            Self::Fetch { url } => url.fmt(f),
            Self::Mail => f.write_str("the test of outgoing mail"),
            Self::Arrival { token } => write!(f, "whether {} arrives", token.as_str()),
            Self::Owner { question: Question::Where(sample) } => {
                write!(f, "the owner, where it went: {}", sample.words())
            }
        }
    }
}

/// Does TLS begin with the first octet on this port (RFC 8314 section 3)?
pub const fn starts_in_tls(port: u16) -> bool {
    matches!(port, 465 | 993 | 995)
}

/// The DNS record types that the checks need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordType {
    /// IPv4 address.
    A,
    /// IPv6 address.
    Aaaa,
    /// Mail exchanger.
    Mx,
    /// Text.
    Txt,
    /// Name of an address.
    Ptr,
    /// Name server.
    Ns,
    /// Start of a zone.
    Soa,
    /// Key or certificate of a TLS server (RFC 6698).
    Tlsa,
    /// Host of a service (RFC 2782).
    Srv,
    /// The type 99 that SPF had once (RFC 7208 section 3.1).
    Spf,
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Mx => "MX",
            Self::Txt => "TXT",
            Self::Ptr => "PTR",
            Self::Ns => "NS",
            Self::Soa => "SOA",
            Self::Tlsa => "TLSA",
            Self::Srv => "SRV",
            Self::Spf => "SPF",
        })
    }
}

/// A fixed conversation. Nothing in it comes from a client: names derive from the case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Script {
    /// Says EHLO and asks what does not depend on the checked domain: HELP, whether AUTH starts
    /// in the clear (no credentials), what VRFY and EXPN tell, whether an absurd SIZE is taken. Then QUIT.
    SmtpSurvey,
    /// The same on a port of submission, without VRFY; then what it takes without a login: postmaster at `domain`, and
    /// one foreign recipient. Never DATA.
    SubmissionSurvey {
        /// The checked domain.
        domain: DomainName,
    },
    /// Asks for recipients: the role names of `domain`, a made-up one, the null sender, and the
    /// relay variants within the courtesy budget. Never DATA. Then QUIT.
    SmtpRecipients {
        /// The checked domain.
        domain: DomainName,
        /// The mailbox at the domain that its zone names as contact, unless it is one of the role names.
        contact: Option<LocalPart>,
        /// Once more, after the host deferred them.
        again: bool,
    },
    /// Asks over IMAP for capabilities, for ID where that is offered, and whether a login that is
    /// offered in the clear starts (no credentials); at the end whether TLS can be had. Then LOGOUT.
    ImapSurvey,
    /// The same over POP3: CAPA, AUTH, STLS, QUIT. Never USER.
    PopSurvey,
    /// Reads the greeting of ManageSieve, which holds the capabilities. Then STARTTLS where that is
    /// offered, and LOGOUT.
    SieveSurvey,
    /// Makes an old or weak offer in the first message of TLS, reads the answer, and hangs up.
    Hello(Opening, Offer),
    /// Says EHLO, then STARTTLS and NOOP in one piece. Inside TLS it says nothing but QUIT: whatever else is
    /// answered there was said in the clear.
    SmtpInjection,
    /// The same over IMAP.
    ImapInjection,
    /// The same over POP3.
    PopInjection,
    /// The same over ManageSieve.
    SieveInjection,
    /// Delivers one marked message to the mailbox that the domain's record names. Only where the case's grant has the address.
    Deliver {
        /// The checked domain.
        domain: DomainName,
        /// The mailbox there.
        mailbox: LocalPart,
        /// What the message carries.
        sample: Sample,
        /// It stands in the reverse-path, and so in the address that a bounce comes to.
        token: Token,
    },
    /// Sends one message to a one-time address at our receiving host, through a server that is suspected of relaying.
    RelayProof {
        /// The checked domain.
        domain: DomainName,
        /// The domain of our receiving host.
        sink: DomainName,
        /// The shape of the recipient. Without it the message goes to the receiving host itself, which shows that it receives.
        variant: Option<Variant>,
        /// The local part there.
        token: Token,
    },
    /// Asks for the relay variants that the courtesy budget leaves out, in two halves. Never DATA.
    RelayVariants {
        /// The checked domain.
        domain: DomainName,
        /// The second half.
        rest: bool,
    },
    /// Up to 101 recipients of the domain's role names in one transaction, then RSET.
    RecipientLimit {
        /// The checked domain.
        domain: DomainName,
    },
    /// Up to 25 commands that do not exist.
    ErrorLimit,
    /// A line of 4,000 octets, then a short one.
    LineLimit,
    /// Five connections that are held for some seconds side by side.
    ConnectionLimit,
    /// Delivers one message that holds what looks like its end to the mailbox that the domain's record names.
    Smuggling {
        /// The checked domain.
        domain: DomainName,
        /// The mailbox there.
        mailbox: LocalPart,
        /// What tells the message from all others.
        token: Token,
    },
    /// Asks a host behind the domain's filter for the mailbox that the domain's record names. Never DATA.
    Gateway {
        /// The checked domain.
        domain: DomainName,
        /// The mailbox there.
        mailbox: LocalPart,
    },
}

/// What is said before the first message of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Opening {
    /// Nothing: the port starts in TLS.
    Nothing,
    /// EHLO and STARTTLS.
    Smtp,
    /// STARTTLS of IMAP.
    Imap,
    /// STLS of POP3.
    Pop,
    /// STARTTLS of ManageSieve.
    Sieve,
}

impl Script {
    /// The token of what it sends and somebody may send to us: that is looked out for before it is said.
    pub const fn awaited(&self) -> Option<&Token> {
        match self {
            Self::Deliver { token, .. } | Self::RelayProof { token, .. } => Some(token),
            _ => None,
        }
    }

    /// Does it ask whether what comes before TLS counts inside?
    pub const fn injects(&self) -> bool {
        matches!(self, Self::SmtpInjection | Self::ImapInjection | Self::PopInjection | Self::SieveInjection)
    }

    /// Is it one of those that only the domain's owner can ask for?
    pub const fn is_active(&self) -> bool {
        matches!(
            self,
            Self::Deliver { .. }
                | Self::RelayProof { .. }
                | Self::RelayVariants { .. }
                | Self::RecipientLimit { .. }
                | Self::ErrorLimit
                | Self::LineLimit
                | Self::ConnectionLimit
                | Self::Smuggling { .. }
                | Self::Gateway { .. }
        )
    }

    /// How many connections it holds at once.
    pub const fn connections(&self) -> usize {
        if matches!(self, Self::ConnectionLimit) { 5 } else { 1 }
    }
}

/// An inquiry in JSON: one flat object, and nothing in it that its kind does not have.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<DomainName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    record: Option<RecordType>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unchecked: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host: Option<DomainName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    script: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    domain: Option<DomainName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contact: Option<LocalPart>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mailbox: Option<LocalPart>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sample: Option<Sample>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<Token>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sink: Option<DomainName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    variant: Option<Variant>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    rest: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    question: Option<Question>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<HttpsUrl>,
}

const SURVEY: &str = "smtp-survey";
const SUBMISSION: &str = "submission-survey";
const RECIPIENTS: &str = "smtp-recipients";
const AGAIN: &str = "smtp-recipients-again";
const IMAP: &str = "imap-survey";
const POP: &str = "pop3-survey";
const SIEVE: &str = "sieve-survey";
const INJECTION: &str = "smtp-starttls-injection";
const IMAP_INJECTION: &str = "imap-starttls-injection";
const POP_INJECTION: &str = "pop3-starttls-injection";
const SIEVE_INJECTION: &str = "sieve-starttls-injection";
const DELIVER: &str = "deliver";
const RELAY_PROOF: &str = "relay-proof";
const RELAY_VARIANTS: &str = "relay-variants";
const RECIPIENT_LIMIT: &str = "recipient-limit";
const ERROR_LIMIT: &str = "error-limit";
const LINE_LIMIT: &str = "line-limit";
const CONNECTION_LIMIT: &str = "connection-limit";
const SMUGGLING: &str = "smtp-smuggling";
const GATEWAY: &str = "gateway-bypass";

/// An offer behind each opening.
const HELLOS: [(Opening, Offer, &str); 10] = [
    (Opening::Smtp, Offer::Old, "smtp-old-tls"),
    (Opening::Smtp, Offer::Weak, "smtp-weak-tls"),
    (Opening::Nothing, Offer::Old, "old-tls"),
    (Opening::Nothing, Offer::Weak, "weak-tls"),
    (Opening::Imap, Offer::Old, "imap-old-tls"),
    (Opening::Imap, Offer::Weak, "imap-weak-tls"),
    (Opening::Pop, Offer::Old, "pop3-old-tls"),
    (Opening::Pop, Offer::Weak, "pop3-weak-tls"),
    (Opening::Sieve, Offer::Old, "sieve-old-tls"),
    (Opening::Sieve, Offer::Weak, "sieve-weak-tls"),
];

/// All names of scripts.
#[cfg(feature = "openapi")]
pub(crate) fn scripts() -> Vec<&'static str> {
    let surveys = [SURVEY, SUBMISSION, RECIPIENTS, AGAIN, IMAP, POP, SIEVE];
    let others = [INJECTION, IMAP_INJECTION, POP_INJECTION, SIEVE_INJECTION, DELIVER];
    let trials =
        [RELAY_PROOF, RELAY_VARIANTS, RECIPIENT_LIMIT, ERROR_LIMIT, LINE_LIMIT, CONNECTION_LIMIT, SMUGGLING, GATEWAY];
    surveys.into_iter().chain(HELLOS.map(|(_, _, name)| name)).chain(others).chain(trials).collect()
}

impl From<Inquiry> for Wire {
    fn from(inquiry: Inquiry) -> Self {
        match inquiry {
            Inquiry::Dns { name, record, unchecked } => {
                Self { kind: "dns".to_owned(), name: Some(name), record: Some(record), unchecked, ..Self::default() }
            }
            Inquiry::Probe { address, port, host, script } => {
                let mut wire = Self {
                    kind: "probe".to_owned(),
                    address: Some(address),
                    port: Some(port),
                    host,
                    ..Self::default()
                };
                let name = match script {
                    Script::SmtpSurvey => SURVEY,
                    Script::SubmissionSurvey { domain } => {
                        wire.domain = Some(domain);
                        SUBMISSION
                    }
                    Script::SmtpRecipients { domain, contact, again } => {
                        wire.domain = Some(domain);
                        wire.contact = contact;
                        if again { AGAIN } else { RECIPIENTS }
                    }
                    Script::ImapSurvey => IMAP,
                    Script::PopSurvey => POP,
                    Script::SieveSurvey => SIEVE,
                    Script::Hello(opening, offer) => {
                        let named = HELLOS.into_iter().find(|hello| (hello.0, hello.1) == (opening, offer));
                        named.map_or("", |hello| hello.2)
                    }
                    Script::SmtpInjection => INJECTION,
                    Script::ImapInjection => IMAP_INJECTION,
                    Script::PopInjection => POP_INJECTION,
                    Script::SieveInjection => SIEVE_INJECTION,
                    Script::Deliver { domain, mailbox, sample, token } => {
                        wire.domain = Some(domain);
                        wire.mailbox = Some(mailbox);
                        wire.sample = Some(sample);
                        wire.token = Some(token);
                        DELIVER
                    }
                    Script::RelayProof { domain, sink, variant, token } => {
                        (wire.domain, wire.sink, wire.variant, wire.token) =
                            (Some(domain), Some(sink), variant, Some(token));
                        RELAY_PROOF
                    }
                    Script::RelayVariants { domain, rest } => {
                        (wire.domain, wire.rest) = (Some(domain), rest);
                        RELAY_VARIANTS
                    }
                    Script::RecipientLimit { domain } => {
                        wire.domain = Some(domain);
                        RECIPIENT_LIMIT
                    }
                    Script::ErrorLimit => ERROR_LIMIT,
                    Script::LineLimit => LINE_LIMIT,
                    Script::ConnectionLimit => CONNECTION_LIMIT,
                    Script::Smuggling { domain, mailbox, token } => {
                        (wire.domain, wire.mailbox, wire.token) = (Some(domain), Some(mailbox), Some(token));
                        SMUGGLING
                    }
                    Script::Gateway { domain, mailbox } => {
                        (wire.domain, wire.mailbox) = (Some(domain), Some(mailbox));
                        GATEWAY
                    }
                };
                wire.script = Some(name.to_owned());
                wire
            }
            Inquiry::Fetch { url } => Self { kind: "fetch".to_owned(), url: Some(url), ..Self::default() },
            Inquiry::Mail => Self { kind: "mail".to_owned(), ..Self::default() },
            Inquiry::Arrival { token } => Self { kind: "arrival".to_owned(), token: Some(token), ..Self::default() },
            Inquiry::Owner { question } => {
                Self { kind: "owner".to_owned(), question: Some(question), ..Self::default() }
            }
        }
    }
}

impl Wire {
    /// What it says; whatever else stands there is left to be seen.
    fn read(self) -> Option<Inquiry> {
        Some(match self.kind.as_str() {
            "dns" => Inquiry::Dns { name: self.name?, record: self.record?, unchecked: self.unchecked },
            "probe" => {
                let script = match self.script?.as_str() {
                    SURVEY => Script::SmtpSurvey,
                    SUBMISSION => Script::SubmissionSurvey { domain: self.domain? },
                    name @ (RECIPIENTS | AGAIN) => {
                        Script::SmtpRecipients { domain: self.domain?, contact: self.contact, again: name == AGAIN }
                    }
                    IMAP => Script::ImapSurvey,
                    POP => Script::PopSurvey,
                    SIEVE => Script::SieveSurvey,
                    INJECTION => Script::SmtpInjection,
                    IMAP_INJECTION => Script::ImapInjection,
                    POP_INJECTION => Script::PopInjection,
                    SIEVE_INJECTION => Script::SieveInjection,
                    DELIVER => Script::Deliver {
                        domain: self.domain?,
                        mailbox: self.mailbox?,
                        sample: self.sample?,
                        token: self.token?,
                    },
                    RELAY_PROOF => Script::RelayProof {
                        domain: self.domain?,
                        sink: self.sink?,
                        variant: self.variant,
                        token: self.token?,
                    },
                    RELAY_VARIANTS => Script::RelayVariants { domain: self.domain?, rest: self.rest },
                    RECIPIENT_LIMIT => Script::RecipientLimit { domain: self.domain? },
                    ERROR_LIMIT => Script::ErrorLimit,
                    LINE_LIMIT => Script::LineLimit,
                    CONNECTION_LIMIT => Script::ConnectionLimit,
                    SMUGGLING => Script::Smuggling { domain: self.domain?, mailbox: self.mailbox?, token: self.token? },
                    GATEWAY => Script::Gateway { domain: self.domain?, mailbox: self.mailbox? },
                    name => {
                        let (opening, offer, _) = HELLOS.into_iter().find(|hello| hello.2 == name)?;
                        Script::Hello(opening, offer)
                    }
                };
                Inquiry::Probe { address: self.address?, port: self.port?, host: self.host, script }
            }
            "fetch" => Inquiry::Fetch { url: self.url? },
            "mail" => Inquiry::Mail,
            "arrival" => Inquiry::Arrival { token: self.token? },
            "owner" => Inquiry::Owner { question: self.question? },
            _ => return None,
        })
    }
}

impl TryFrom<Wire> for Inquiry {
    type Error = &'static str;

    fn try_from(wire: Wire) -> Result<Self, Self::Error> {
        let inquiry = wire.clone().read();
        // Whatever its kind does not have is missing when it is written again.
        inquiry.filter(|inquiry| Wire::from(inquiry.clone()) == wire).ok_or("not the shape of any inquiry")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_in_json() {
        for json in [
            r#"{"kind":"dns","name":"example.org","record":"MX"}"#,
            r#"{"kind":"dns","name":"_25._tcp.example.org","record":"TLSA","unchecked":true}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"smtp-survey"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"host":"mx.example.org","script":"smtp-survey"}"#,
            r#"{"kind":"probe","address":"2001:db8::25","port":25,"script":"smtp-recipients","domain":"example.org"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"smtp-recipients","domain":"example.org","contact":"first.last"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":587,"host":"mx.example.org","script":"submission-survey","domain":"example.org"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"relay-proof","domain":"example.org","token":"0123456789abcdef01234567","sink":"proof.example.net","variant":"percent-domain"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"relay-proof","domain":"example.org","token":"0123456789abcdef01234567","sink":"proof.example.net"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"relay-variants","domain":"example.org","rest":true}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"recipient-limit","domain":"example.org"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"error-limit"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"line-limit"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"connection-limit"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"smtp-smuggling","domain":"example.org","mailbox":"test","token":"0123456789abcdef01234567"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"gateway-bypass","domain":"example.org","mailbox":"test"}"#,
            r#"{"kind":"fetch","url":"https://mta-sts.example.org/.well-known/mta-sts.txt"}"#,
            r#"{"kind":"dns","name":"_imaps._tcp.example.org","record":"SRV"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":143,"script":"imap-survey"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":110,"script":"pop3-survey"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":4190,"script":"sieve-survey"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":110,"host":"mx.example.org","script":"pop3-starttls-injection"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"host":"mx.example.org","script":"smtp-old-tls"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":587,"host":"mx.example.org","script":"smtp-weak-tls"}"#,
            r#"{"kind":"mail"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":993,"host":"mx.example.org","script":"old-tls"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":4190,"host":"mx.example.org","script":"sieve-weak-tls"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"smtp-recipients-again","domain":"example.org"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"deliver","domain":"example.org","mailbox":"test","sample":"eicar-zip","token":"0123456789abcdef01234567"}"#,
            r#"{"kind":"arrival","token":"0123456789abcdef01234567"}"#,
            r#"{"kind":"owner","question":{"where":"gtube"}}"#,
        ] {
            let inquiry: Inquiry = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&inquiry).unwrap(), json);
        }
        for json in [
            r#"{"kind":"dns","name":"example.org"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"smtp-survey","unchecked":true}"#,
            r#"{"kind":"dns","name":"example.org","record":"MX","port":25}"#,
            r#"{"kind":"dns","name":"example.org","record":"MX","host":"example.org"}"#,
            r#"{"kind":"dns","name":"exa mple.org","record":"MX"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"send-mail"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":""}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":993,"script":"old-tls","domain":"example.org"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"smtp-survey","domain":"example.org"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"smtp-survey","data":"x"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":143,"script":"imap-survey","domain":"example.org"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"smtp-recipients","domain":"example.org","contact":"a b"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"smtp-survey","contact":"a"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"deliver","domain":"example.org","sample":"eicar","token":"0123456789abcdef01234567"}"#,
            r#"{"kind":"probe","address":"192.0.2.25","port":25,"script":"smtp-survey","mailbox":"test"}"#,
            r#"{"kind":"arrival","token":"x@y"}"#,
            r#"{"kind":"arrival","token":"0123456789abcdef01234567","port":25}"#,
            r#"{"kind":"fetch","url":"http://127.0.0.1/"}"#,
            r#"{"kind":"fetch","url":"https://127.0.0.1/"}"#,
            r#"{"kind":"fetch"}"#,
            r#"{"kind":"mail","name":"example.org"}"#,
            r#"{"kind":"fetch","url":"https://example.org/","port":443}"#,
            r#"{"kind":"dns","name":"example.org","record":"MX","url":"https://example.org/"}"#,
        ] {
            assert!(serde_json::from_str::<Inquiry>(json).is_err(), "{json}");
        }
    }
}
