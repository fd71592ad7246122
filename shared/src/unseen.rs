//! Why something could not be seen. Never a failure, never a pass.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! unseen {
    ($($(#[$doc:meta])* $name:ident => $code:literal, $sentence:literal;)+) => {
        /// The reason why a fact could not be seen, each with a sentence for people.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
        pub enum Unseen {
            $(#[doc = $sentence] #[serde(rename = $code)] $name,)+
        }

        impl Unseen {
            /// All reasons, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable name of the reason, as it stands in JSON.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The reason as a sentence for people.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)+ }
            }
        }
    };
}

unseen! {
    Pending => "pending", "This has not been asked yet.";
    ConnectTimeout => "connect-timeout", "Nothing answered within 10 seconds: the host is down, or something drops our packets.";
    Refused => "refused", "The connection was refused.";
    Rejected => "rejected", "The connection was refused by a host that had not answered us before, while our end could reach another mail server's port 25 within the hour.";
    Unreachable => "unreachable", "There is no route to this address from here.";
    NoIpv6 => "no-ipv6", "Our end has no IPv6, so this address could not be tried.";
    GreetingTimeout => "greeting-timeout", "The server took the connection but did not greet us within 60 seconds. Servers may hold their greeting back on purpose, and nothing is concluded from it.";
    ReplyTimeout => "reply-timeout", "The server stopped answering in the middle of the conversation.";
    Closed => "closed", "The server closed the connection before it answered.";
    Reset => "reset", "The connection was reset before the server answered.";
    Overlong => "overlong", "The server sent more than a mail server ever should, so we stopped reading.";
    Garbled => "garbled", "What came back is not what a server of this port says.";
    TryLater => "try-later", "The server asked us to come back later (a 4xx reply), as greylisting does.";
    ClientRefused => "client-refused", "The server would not talk to us: it refused our address, name or sender, not the recipient.";
    UnclearReply => "unclear-reply", "The server refused, but its reply does not say what it refused.";
    ListsAnyway => "lists-anyway", "This software lists the login even where it refuses it without TLS, and we never try one.";
    AcceptsAll => "accepts-all", "The server takes every recipient, made-up ones too, so a yes says nothing.";
    OwnRecipient => "own-recipient", "Our own test domain is served by this very host, so it may rightly take mail for it.";
    NotAsked => "not-asked", "The conversation ended before it came to this question.";
    CourtesyBudget => "courtesy-budget", "We stop after a few refusals so as not to trip the server's own defences; the rest needs the domain's consent.";
    Delayed => "delayed", "The server holds its greeting back for more than 10 seconds, so we did not knock a second time.";
    Banned => "banned", "The host answered earlier in this scan and then no longer: it has probably shut us out.";
    PortBlocked => "port-blocked", "This site has no way out to port 25, so mail servers could not be asked.";
    ExitDown => "exit-down", "Our exit to port 25 could not be reached, or did not answer as a proxy does. That is at our end and says nothing of the host.";
    ExitRefused => "exit-refused", "Our exit to port 25 refused us: our login there is wrong, or its rules forbid this connection. That is at our end and says nothing of the host.";
    ExitUnclear => "exit-unclear", "Our exit to port 25 got no connection to this host and does not say why.";
    GateBusy => "gate-busy", "Too many people are asking this host right now.";
    GateCap => "gate-cap", "We have asked enough hosts of this network today.";
    OptedOut => "opted-out", "The operator asked not to be probed (probe=none).";
    OverCap => "over-cap", "There is more here than one scan asks.";
    OutOfTime => "out-of-time", "The scan was out of time: it may take 110 seconds, with active tests 15 minutes.";
    ResolverFailed => "resolver-failed", "Our DNS resolver could not be reached.";
    DnsTimeout => "dns-timeout", "Our DNS resolver did not answer in time.";
    ServFail => "servfail", "The domain's name servers did not give an answer (SERVFAIL).";
    Bogus => "bogus-answer", "Our DNS resolver rejected the answer: its signatures (DNSSEC) are wrong.";
    NameServersDown => "name-servers-down", "None of the domain's name servers could be reached.";
    DnsRefused => "dns-refused", "The DNS question was refused.";
    DnsMalformed => "dns-malformed", "The DNS answer could not be read.";
    NoList => "no-list", "The blocklist does not answer our resolver as a list should, so its answers say nothing.";
    FetchFailed => "fetch-failed", "The document could not be fetched over HTTPS: the host could not be reached, or its certificate is not valid. We cannot tell which from here; the terminal program can.";
    Failed => "failed", "Something went wrong at our end.";
    NeedsConsent => "needs-consent", "This is tested only with the domain's consent.";
    NotStated => "not-stated", "The server took it, and the domain's owner has not said where it went.";
    NoControl => "no-control", "The clean message that goes first was not taken, so the others would say nothing.";
    NoSink => "no-sink", "This site has no receiving host of its own, so it cannot prove that a message is relayed.";
    SinkDown => "sink-down", "The message that we sent straight to our receiving host did not arrive, so what does not arrive says nothing.";
    NoBackend => "no-backend", "No filter of incoming mail was recognised in front of this domain, or no host behind it is known.";
    NoBase => "no-base", "This rests on something else that could not be seen.";
    NoTls => "no-tls", "The TLS handshake did not succeed. It may for others, so nothing is concluded from that.";
    NoCertificate => "no-certificate", "The server's certificate has not been looked at.";
    BlockedOrRefused => "blocked-or-refused", "Refused at every address, and we cannot tell whether by the host or by something between it and us.";
    NoSelector => "no-selector", "No DKIM key was found under the names that we know, and DNS has no list of them. Name the selector that the domain signs with.";
    Wildcard => "wildcard", "DNS gives the same answer here for every name, a made-up one too, so it says nothing of this one.";
    NoMailTest => "no-mail-test", "No mail of this domain was sent to us for this scan.";
    ForeignMail => "foreign-mail", "Neither SPF nor DKIM shows that the mail which came for the test is of this domain, so it says nothing of it.";
    NoReceived => "no-received", "The service that took the mail did not say who handed it over.";
    NoSample => "no-sample", "The harmless test file was not sent out to us.";
    NotSaid => "not-said", "Only whoever runs the domain's servers knows, and did not say.";
}

impl Unseen {
    /// How it can be seen after all, as a sentence for whoever wants to know; nothing where we know no way.
    pub const fn way(self) -> Option<&'static str> {
        use Unseen::{
            Banned, ClientRefused, CourtesyBudget, Delayed, DnsTimeout, ExitDown, ExitRefused, ExitUnclear, Failed,
            FetchFailed, GateBusy, GateCap, GreetingTimeout, NeedsConsent, NoIpv6, NoMailTest, NoSample, NoSelector,
            NotSaid, OptedOut, OutOfTime, PortBlocked, ResolverFailed, ServFail, TryLater,
        };
        Some(match self {
            PortBlocked | ExitDown | ExitRefused | ExitUnclear => {
                "Run the terminal program, `mailsins check`, on a machine from which port 25 is open."
            }
            NoIpv6 => "Run the terminal program, `mailsins check`, on a machine with IPv6.",
            FetchFailed => "The terminal program, `mailsins check`, says what is wrong there.",
            NoSelector => {
                "Check again, and name the selector: it stands behind s= in the DKIM-Signature of a mail from the domain."
            }
            OutOfTime | ResolverFailed | DnsTimeout | Failed | GateBusy | ServFail => "Check again in some minutes.",
            TryLater => {
                "Let the terminal program come back later, `mailsins check --patient`, or ask the server's operator what it has against us."
            }
            Banned => "Check again in an hour, or ask the server's operator what it has against us.",
            GateCap => "Check again tomorrow.",
            GreetingTimeout | Delayed | CourtesyBudget | ClientRefused => {
                "The server's operator can let our address in without a delay, then check again."
            }
            OptedOut => "The operator can take that record away.",
            NoMailTest => "Send a mail to the address that the page /mailtest makes, and begin the check from there.",
            NoSample | NotSaid => "The page of the test of outgoing mail, /mailtest, asks for it.",
            NeedsConsent => {
                "Whoever runs the domain can allow it by a record in its DNS: the page /d/ with the domain's name behind it shows how."
            }
            _ => return None,
        })
    }
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_sentences() {
        let ways: Vec<&str> = Unseen::ALL.iter().filter_map(|unseen| unseen.way()).collect();
        assert!(ways.len() > 10 && ways.iter().all(|way| way.ends_with('.')), "{ways:?}");
        assert_eq!(Unseen::Pending.way(), None);
    }
}
