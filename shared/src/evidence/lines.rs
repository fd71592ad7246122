//! Conversations in the protocols by which people reach their mail: IMAP (RFC 9051), POP3 (RFC 1939)
//! and ManageSieve (RFC 5804).

use serde::{Deserialize, Serialize};

use super::Mechanism;
use crate::Unseen;

/// A conversation over IMAP, POP3 or ManageSieve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineSession {
    /// What was said, in order. The first is the greeting.
    pub exchanges: Vec<LineExchange>,
    /// Why the conversation ended early; nothing if the script came to its end.
    pub broke: Option<Unseen>,
}

/// One command with its reply. Without a reply it is the last one, and `broke` says why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// What a command is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineStep {
    /// The server's greeting, before any command.
    Greeting,
    /// CAPABILITY of IMAP, CAPA of POP3 (RFC 2449).
    Capability,
    /// ID (RFC 2971).
    Id,
    /// AUTHENTICATE or AUTH with this mechanism, without an initial response.
    Auth(Mechanism),
    /// `*`, which cancels it.
    AuthCancel,
    /// LOGOUT or QUIT.
    Logout,
}

impl LineSession {
    /// The exchange of a step with its reply, or why there is none.
    pub fn reply(&self, step: LineStep) -> Result<(&LineExchange, &[String]), Unseen> {
        let missing = self.broke.unwrap_or(Unseen::NotAsked);
        let exchange = self.exchanges.iter().find(|exchange| exchange.step == step).ok_or(missing)?;
        Ok((exchange, exchange.reply.as_deref().ok_or(missing)?))
    }

    /// What the server says of itself, line by line: the whole line, and the part of it that is no
    /// protocol but the server's own words. These are free text of greeting and farewell, ID, and
    /// IMPLEMENTATION of POP3 and ManageSieve.
    pub fn told(&self) -> Vec<(&str, &str)> {
        let mut told = Vec::new();
        for exchange in &self.exchanges {
            for line in exchange.reply.iter().flatten() {
                let words = match exchange.step {
                    LineStep::Greeting | LineStep::Logout => free_text(line).or_else(|| implementation(line)),
                    LineStep::Id => line.strip_prefix("* ID "),
                    LineStep::Capability => implementation(line),
                    LineStep::Auth(_) | LineStep::AuthCancel => None,
                };
                told.extend(words.map(|words| (line.as_str(), words)));
            }
        }
        told
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

/// The text behind a status and its code: `* OK [CAPABILITY …] text`, `+OK text`, `OK (…) "text"`. What
/// POP3 adds for APOP (RFC 1939 section 7) is left out.
fn free_text(line: &str) -> Option<&str> {
    let mut rest = line.strip_prefix("* ").or_else(|| line.strip_prefix(['+', '-'])).unwrap_or(line);
    let status = rest.split([' ', '(']).next()?;
    if !["OK", "NO", "BYE", "ERR", "PREAUTH"].iter().any(|known| status.eq_ignore_ascii_case(known)) {
        return None;
    }
    rest = rest.get(status.len()..)?.trim_start();
    for (open, close) in [('[', ']'), ('(', ')')] {
        if let Some(code) = rest.strip_prefix(open) {
            rest = code.split_once(close)?.1.trim_start();
        }
    }
    Some(rest.split_once('<').map_or(rest, |(text, _)| text).trim_end())
}

/// The value of IMPLEMENTATION (RFC 2449 section 6.9, RFC 5804 section 1.7).
fn implementation(line: &str) -> Option<&str> {
    let line = line.trim_start_matches('"');
    let head = line.get(..14).filter(|head| head.eq_ignore_ascii_case("IMPLEMENTATION"))?;
    Some(line.get(head.len()..)?.trim_matches(['"', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_say_of_themselves() {
        let rows = [
            ("* OK [CAPABILITY IMAP4rev1 ID] Dovecot (Debian) ready.", Some("Dovecot (Debian) ready.")),
            ("* OK hi", Some("hi")),
            ("* bye", Some("")),
            ("+OK POP3 server v1.2 <1896.697@mail.test>", Some("POP3 server v1.2")),
            ("-ERR go away", Some("go away")),
            ("OK (TAG {3} abc) \"ready\"", Some("\"ready\"")),
            ("\"IMPLEMENTATION\" \"Dovecot Pigeonhole\"", Some("Dovecot Pigeonhole")),
            ("IMPLEMENTATION Cyrus POP3 v2.4", Some("Cyrus POP3 v2.4")),
            ("\"SIEVE\" \"fileinto\"", None),
            ("* OK [half", None),
            ("", None),
        ];
        for (line, want) in rows {
            assert_eq!(free_text(line).or_else(|| implementation(line)), want, "{line}");
        }
    }
}
