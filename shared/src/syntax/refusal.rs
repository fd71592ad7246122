//! What a refusal of a recipient means: "What a refusal means" of the catalogue.
//!
//! A wrong guess accuses or acquits falsely, so whatever is not plainly one thing is
//! [`Refusal::Unclear`]. Texts decide before codes, because servers use one code for many reasons;
//! what they say of the client decides before what they say of the recipient.

use crate::evidence::{Exchange, Purpose, Reply, Step};

/// What a server refused when it refused RCPT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// To relay for strangers.
    Relaying,
    /// This recipient.
    Recipient,
    /// Nothing yet: a 4xx reply.
    Temporary,
    /// Us: our address, name, sender, lack of TLS, or manners.
    Client,
    /// It does not say.
    Unclear,
}

/// Reads the reply to RCPT. A reply that is no refusal is unclear.
pub fn refusal(reply: &Reply) -> Refusal {
    match reply.code {
        400..=499 => return Refusal::Temporary,
        500..=599 => {}
        _ => return Refusal::Unclear,
    }
    let text = Text::of(reply);
    let relaying = text.names_relaying();
    if text.has_any(CLIENT) || text.has_word(CLIENT_WORDS) {
        return Refusal::Client;
    }
    if relaying {
        return Refusal::Relaying;
    }
    if text.has_any(WEAK_CLIENT) || wants_something_first(reply.code) {
        return Refusal::Client;
    }
    by_code(text.code, reply.code, &text)
}

/// A command out of place, or a login or encryption that is missing.
const fn wants_something_first(code: u16) -> bool {
    matches!(code, 502 | 503 | 530 | 534 | 535 | 538)
}

/// Is the null sender refused for something else? The server has had enough of this session, wants something first, or takes
/// bounces only to addresses that it signed (BATV).
pub fn says_nothing_of_bounces(reply: &Reply) -> bool {
    wants_something_first(reply.code) || Text::of(reply).has_any(&["too many", "batv", "prvs"])
}

/// Is it refused because nobody has logged in? RFC 4954 section 6: 530 with 5.7.0; Postfix says "Access denied" of
/// whatever its last rule refuses.
pub fn lacks_login(reply: &Reply) -> bool {
    let text = Text::of(reply);
    (500..=599).contains(&reply.code)
        && (reply.code == 530
            || text.has_any(&["authenticat", "access denied", "log in", "login", "auth first", "auth required"]))
}

/// Is it refused because the message has as many recipients as it may have? RFC 3463 section 3.6: x.5.3.
pub fn too_many_recipients(reply: &Reply) -> bool {
    let text = Text::of(reply);
    let coded = reply.lines.iter().any(|line| line.starts_with("4.5.3") || line.starts_with("5.5.3"));
    reply.code >= 400
        && (coded || text.has_any(&["too many recipients", "too many rcpt", "recipient limit", "recipients limit"]))
}

/// May a guard that reads the server's log, such as fail2ban with its stock filters, count this exchange against us?
///
/// Those of Postfix, Exim and Sendmail count refusals of recipients, senders and clients, temporary ones too, and of
/// names by VRFY; they count no EXPN, no size (552, 452), no command out of place or unknown (503, 502, 500, 504), and no
/// lack of a login, unless it is said of the client ("Client host rejected", Postfix) or of relaying.
pub fn is_counted(exchange: &Exchange) -> bool {
    let Some(reply) = &exchange.reply else { return false };
    match (exchange.step, reply.code) {
        (_, ..=399 | 500 | 502..=504 | 530) | (Step::Mail(Purpose::Size), 452 | 552) => false,
        (Step::Mail(_) | Step::Rcpt(_), _) => {
            let text = Text::of(reply);
            !lacks_login(reply) || text.has_any(&["client host"]) || text.names_relaying()
        }
        (Step::Vrfy(_), _) => refusal(reply) != Refusal::Unclear,
        _ => false,
    }
}

/// RFC 3463, the registry of enhanced status codes, and what the big providers make of them.
fn by_code(enhanced: Option<(u16, u16)>, code: u16, text: &Text) -> Refusal {
    match enhanced {
        Some((7, 54 | 64)) => Refusal::Relaying, // Exchange, Microsoft 365
        // Sender's addresses (RFC 3463 section 3.2), SPF, DKIM, reverse DNS, Null MX of the sender
        // (RFC 7372, RFC 7505), Microsoft's bans.
        Some((1, 7 | 8) | (7, 20..=27 | 500..=999)) => Refusal::Client,
        Some((1, 0..=4 | 6 | 10)) => Refusal::Recipient,
        // Microsoft 365 knows no such recipient, or no such domain.
        Some((4, 1)) if text.has_any(&["recipient address rejected", "access denied"]) => Refusal::Recipient,
        Some((2, 1)) if text.has_any(&["disabled", "inactive"]) => Refusal::Recipient,
        _ if code == 551 => Refusal::Recipient, // RFC 5321 section 3.4: user not local
        _ if text.has_any(RECIPIENT) || text.postfix_refuses_recipient() => Refusal::Recipient,
        _ if code == 501 && text.has_any(MALFORMED) => Refusal::Recipient,
        _ => Refusal::Unclear,
    }
}

/// Texts about the client, its address, name or sender. They win over all else.
const CLIENT: &[&str] = &[
    "blocked using",
    "blocked by",
    "blocked -",
    "is blocked",
    "been blocked",
    "blocklist",
    "block list",
    "blacklist",
    "black list",
    "denylist",
    "listed at",
    "listed in",
    "listed on",
    "listed by",
    "is listed",
    "listed as",
    "spamhaus",
    "spamcop",
    "barracudacentral",
    "sorbs",
    "reputation",
    "banned",
    "client host",
    "client address",
    "your ip",
    "your host",
    "your server",
    "your mail server",
    "your relay",
    "your network",
    "your domain",
    "your connection",
    "sending ip",
    "sending server",
    "sending mta",
    "sender address",
    "sender rejected",
    "sender denied",
    "sender refused",
    "sender verif",
    "sender domain",
    "sender not",
    "sender is",
    "sender does",
    "sender's",
    "of sender",
    "the sender",
    "bad sender",
    "invalid sender",
    "unknown sender",
    "envelope sender",
    "from address",
    "return address",
    "reverse-path",
    "return-path",
    "callback",
    "callout",
    "call-out",
    "reverse dns",
    "reverse lookup",
    "reverse hostname",
    "unauthenticated",
    "pass authentication checks",
    "synchronization",
    "synchronisation",
    "pipelining",
    "bad sequence",
    "out of sequence",
    "need mail",
    "mail first",
    "mail command",
    "no mail from",
    "too many",
    "greylist",
    "graylist",
    "rate limit",
    "at a rate",
    "too quickly",
    "try again later",
    "temporarily",
    "must issue a starttls",
    "issue a starttls",
    "encryption required",
    "encryption needed",
    "session encryption",
    "unsolicited",
];

/// Words about the client; only whole words count.
const CLIENT_WORDS: &[&str] = &[
    "spf", "dkim", "dmarc", "helo", "ehlo", "tls", "starttls", "rbl", "dnsbl", "ptr", "rdns", "spam", "spammer",
    "spammers",
];

/// Texts about the client that also stand beside a refusal to relay ("Relaying denied. IP name
/// lookup failed", Sendmail), where the refusal to relay is what counts.
const WEAK_CLIENT: &[&str] = &[
    "lookup failed",
    "authentication required",
    "authentication is required",
    "requires authentication",
    "must authenticate",
    "not authenticated",
    "authenticate first",
    "need to authenticate",
];

/// Texts about the recipient.
const RECIPIENT: &[&str] = &[
    "user unknown",
    "unknown user",
    "no such user",
    "user not found",
    "user does not exist",
    "user doesn't exist",
    "user not local",
    "recipient unknown",
    "unknown recipient",
    "no such recipient",
    "invalid recipient",
    "recipient not found",
    "recipient does not exist",
    "recipient rejected",
    "not a valid recipient",
    "no valid recipient",
    "mailbox not found",
    "mailbox unknown",
    "unknown mailbox",
    "invalid mailbox",
    "no such mailbox",
    "no mailbox here",
    "mailbox does not exist",
    "mailbox doesn't exist",
    "not a valid mailbox",
    "unknown local part",
    "no such address",
    "address does not exist",
    "address doesn't exist",
    "unrouteable address",
    "unroutable address",
    "undeliverable address",
    "is undeliverable",
    "account not found",
    "no such account",
    "account does not exist",
    "account that you tried to reach",
    "this user doesn't have",
    "delivery is not allowed to this address",
];

/// Texts about the form of the address. MAIL was taken, so it is the recipient's.
const MALFORMED: &[&str] = &[
    "malformed address",
    "recipient address",
    "bad address syntax",
    "invalid address",
    "bad recipient",
    "syntax error in recipient",
    "must contain a domain",
];

/// The text of a reply, ready to be searched.
struct Text {
    /// Lower case, one line, without addresses: they may hold any word.
    plain: String,
    /// Subject and detail of the enhanced status code (RFC 3463), if there is one of class 5.
    code: Option<(u16, u16)>,
}

impl Text {
    fn of(reply: &Reply) -> Self {
        let words = reply.lines.iter().flat_map(|line| line.split_ascii_whitespace());
        let code = reply
            .lines
            .iter()
            .flat_map(|line| line.split_ascii_whitespace().enumerate())
            .find_map(|(place, word)| enhanced(word, place == 0));
        let plain: Vec<String> = words.filter(|word| !is_address(word)).map(str::to_ascii_lowercase).collect();
        Self { plain: plain.join(" "), code }
    }

    fn has_any(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| self.plain.contains(text))
    }

    fn has_word(&self, words: &[&str]) -> bool {
        self.plain.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word))
    }

    /// "Relay access denied", "Relaying to … is not allowed", "unable to relay", "not in my list
    /// of allowed rcpthosts": a denial within three words of relaying. Digits in between are an
    /// address that is called a relay.
    fn names_relaying(&self) -> bool {
        if self.has_any(&["rcpthosts", "non-local e-mail address"]) {
            return true;
        }
        let words: Vec<&str> = self
            .plain
            .split_ascii_whitespace()
            .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
            .filter(|word| !word.is_empty())
            .collect();
        words.iter().enumerate().filter(|(_, word)| is_relay(word)).any(|(at, _)| {
            let before = words.iter().take(at).rev().take(3);
            let behind = words.iter().skip(at + 1).take(3);
            denies(before, &["not", "no", "unable", "cannot", "can't", "don't", "required", "never"])
                || denies(behind, DENIED)
        })
    }

    /// Postfix says "Recipient address rejected:" for anything in smtpd_recipient_restrictions,
    /// policy servers included; these reasons are about the recipient.
    fn postfix_refuses_recipient(&self) -> bool {
        let Some((_, reason)) = self.plain.split_once("recipient address rejected") else {
            return false;
        };
        let reason = reason.trim_start_matches([':', ' ']);
        reason.is_empty()
            || ["access denied", "user unknown", "undeliverable", "unverified", "domain not found"]
                .iter()
                .any(|known| reason.starts_with(known))
    }
}

const DENIED: &[&str] =
    &["denied", "not", "prohibited", "disallowed", "rejected", "refused", "forbidden", "disabled", "unauthorized"];

fn is_relay(word: &str) -> bool {
    matches!(word, "relay" | "relaying" | "relayed" | "relays")
}

/// Is one of the words a denial, with no number before it?
fn denies<'a>(words: impl Iterator<Item = &'a &'a str>, denials: &[&str]) -> bool {
    words.take_while(|word| !word.contains(|c: char| c.is_ascii_digit())).any(|word| denials.contains(word))
}

fn is_address(word: &str) -> bool {
    word.contains('@') || (word.starts_with('<') && word.contains('>'))
}

/// `5.1.1` as the first word of a line, or `(#5.1.1)`, `#5.1.1` anywhere.
fn enhanced(word: &str, first: bool) -> Option<(u16, u16)> {
    if !first && !word.contains('#') {
        return None;
    }
    let bare = word.trim_matches(|c: char| !c.is_ascii_digit());
    let mut parts = bare.split('.');
    let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
    if class != "5" || parts.next().is_some() || subject.len() > 3 || detail.len() > 3 {
        return None;
    }
    Some((subject.parse().ok()?, detail.parse().ok()?))
}

#[cfg(test)]
mod tests;
