//! Conversations in the protocols by which people reach their mail: IMAP (RFC 9051), POP3 (RFC 1939)
//! and ManageSieve (RFC 5804).

use serde::{Deserialize, Serialize};

use super::{Hello, Mechanism, Tls};
use crate::Unseen;

/// A conversation over IMAP, POP3 or ManageSieve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct LineSession {
    /// What was said, in order. The first is the greeting.
    pub exchanges: Vec<LineExchange>,
    /// Why the conversation ended early; nothing if the script came to its end.
    pub broke: Option<Unseen>,
    /// What came of the handshake; nothing if the conversation did not come to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// What came of an old or weak offer behind STARTTLS, in the scripts that make one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_hello: Option<Hello>,
}

/// One command with its reply. Without a reply it is the last one, and `broke` says why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct LineExchange {
    /// What the command is for.
    pub step: LineStep,
    /// The command as sent, without CRLF; empty for the greeting.
    pub sent: String,
    /// The lines of the reply as they came, without line ends; invalid UTF-8 as `\xNN`. The octets
    /// of an IMAP literal stand behind its `{n}`, line ends among them as spaces. POP3's dots
    /// (RFC 1939 section 3) are taken off.
    pub reply: Option<Vec<String>>,
    /// How long the reply took, in milliseconds.
    pub took: u32,
    /// It was held inside TLS.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secure: bool,
}

/// What a command is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LineStep {
    /// The server's greeting, before any command.
    Greeting,
    /// CAPABILITY of IMAP, CAPA of POP3 (RFC 2449). Behind a handshake ManageSieve says them by itself.
    Capability,
    /// ID (RFC 2971).
    Id,
    /// AUTHENTICATE or AUTH with this mechanism, without an initial response.
    Auth(Mechanism),
    /// AUTHENTICATE NTLM, or AUTH NTLM.
    Ntlm,
    /// The first message of NTLM, which holds no credentials ([MS-NLMP] section 2.2.1.1).
    NtlmNegotiate,
    /// `*`, which cancels it.
    AuthCancel,
    /// STARTTLS, or STLS of POP3. What came of the handshake behind it stands in [`LineSession::tls`].
    #[serde(rename = "starttls")]
    StartTls,
    /// Nothing that we said inside TLS: what is answered there was said in the clear, behind STARTTLS.
    Injected,
    /// LOGOUT or QUIT.
    Logout,
}

impl LineSession {
    /// The first exchange of a step with its reply, or why there is none.
    pub fn reply(&self, step: LineStep) -> Result<(&LineExchange, &[String]), Unseen> {
        let missing = self.broke.unwrap_or(Unseen::NotAsked);
        let exchange = self.exchanges.iter().find(|exchange| exchange.step == step).ok_or(missing)?;
        Ok((exchange, exchange.reply.as_deref().ok_or(missing)?))
    }

    /// The attempt to log in, if there was one.
    pub fn auth(&self) -> Option<&LineExchange> {
        self.exchanges.iter().find(|exchange| matches!(exchange.step, LineStep::Auth(_)))
    }
}

impl LineExchange {
    /// Did the server ask for what follows the mechanism's name (a continuation)?
    pub fn goes_on(&self) -> bool {
        let last = self.reply.iter().flatten().next_back();
        last.and_then(|line| line.strip_prefix('+')).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    }
}
