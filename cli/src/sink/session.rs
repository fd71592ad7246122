//! The receiving side of one conversation over SMTP (RFC 5321), without I/O: give it a line, it gives the reply.
//!
//! A line ends with CRLF and nothing else does: a host that proves what others let through must not take two messages for one
//! (RFC 5321 section 2.3.8). Whoever drives it reads by line feeds, so a line without CR in front is refused here.

use std::net::IpAddr;

use shared::DomainName;
use shared::grant::Token;

/// The longest line, in octets, with its end (RFC 5321 section 4.5.3.1.6 wants 1000).
pub(super) const LINE_MAX: usize = 4096;

/// The most octets of a message. What is sent here has some hundred, and its way adds some lines.
const MESSAGE_MAX: usize = 128 * 1024;

/// The most octets of a message's header that are told.
const HEADER_MAX: usize = 4096;

/// After so many replies that are no yes, the conversation is over.
const ERRORS_MAX: usize = 8;

/// The most messages of one conversation: each is for one address.
const MESSAGES_MAX: usize = 10;

/// What to do about a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing is said yet.
    Listen,
    /// Say this.
    Say(String),
    /// Say this, and close.
    Close(String),
    /// A message is here. Its reply depends on what the site says of it.
    Arrived(Message),
}

/// A message for a one-time address.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) token: Token,
    pub(super) sender: String,
    /// Its header, cut where it is long.
    pub(super) header: String,
}

/// One conversation.
#[derive(Debug)]
pub(super) struct Session {
    domain: DomainName,
    client: IpAddr,
    greeted: bool,
    /// The reverse-path of the transaction.
    sender: Option<String>,
    token: Option<Token>,
    data: Option<Data>,
    errors: usize,
    messages: usize,
}

/// A message that is on its way in.
#[derive(Debug, Default)]
struct Data {
    size: usize,
    header: Vec<u8>,
    /// The empty line behind the header has come.
    body: bool,
    /// There is a line in it that does not end as lines do.
    bare: bool,
}

impl Session {
    pub(super) const fn new(domain: DomainName, client: IpAddr) -> Self {
        Self { domain, client, greeted: false, sender: None, token: None, data: None, errors: 0, messages: 0 }
    }

    pub(super) fn greeting(&self) -> String {
        format!("220 {} ESMTP, takes test messages only", self.domain)
    }

    /// A line with its end, or as much of one as may come.
    pub(super) fn line(&mut self, line: &[u8]) -> Turn {
        let Some(text) = line.strip_suffix(b"\r\n") else {
            return match &mut self.data {
                // Within a message it is no end of anything.
                Some(data) => {
                    data.bare = true;
                    self.take(line)
                }
                None if line.ends_with(b"\n") => self.refuse("500 5.5.2 A line ends with CRLF"),
                None => Turn::Close("500 5.5.2 That line is too long".to_owned()),
            };
        };
        if self.data.is_some() {
            return if text == b"." { self.arrived() } else { self.take(text) };
        }
        self.command(&String::from_utf8_lossy(text))
    }

    /// What the site said of the message that arrived.
    pub(super) fn settle(&mut self, taken: Result<(), &'static str>) -> Turn {
        self.reset();
        match taken {
            Ok(()) => Turn::Say("250 2.0.0 It has arrived".to_owned()),
            Err(why) => self.refuse(why),
        }
    }

    fn command(&mut self, line: &str) -> Turn {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let say = |text: &str| Turn::Say(text.to_owned());
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" if rest.trim().is_empty() => self.refuse("501 5.5.4 Who are you?"),
            "EHLO" => {
                self.hello();
                let domain = &self.domain;
                Turn::Say(format!("250-{domain}\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE {MESSAGE_MAX}"))
            }
            "HELO" => {
                self.hello();
                Turn::Say(format!("250 {}", self.domain))
            }
            "MAIL" if !self.greeted => self.refuse("503 5.5.1 EHLO first"),
            "MAIL" if self.sender.is_some() => self.refuse("503 5.5.1 One sender a message"),
            "MAIL" if self.messages >= MESSAGES_MAX => Turn::Close("421 4.7.0 Enough for now".to_owned()),
            "MAIL" => match path(rest, "FROM:") {
                Some(sender) => {
                    self.sender = Some(sender.to_owned());
                    say("250 2.1.0 Ok")
                }
                None => self.refuse("501 5.5.4 MAIL FROM:<address>"),
            },
            "RCPT" if self.sender.is_none() => self.refuse("503 5.5.1 MAIL first"),
            "RCPT" if self.token.is_some() => self.refuse("452 4.5.3 One recipient a message"),
            "RCPT" => match path(rest, "TO:").map(|path| one_time(path, &self.domain)) {
                Some(Some(token)) => {
                    self.token = Some(token);
                    say("250 2.1.5 Ok")
                }
                Some(None) => self.refuse("550 5.1.1 Only test messages are taken here, and nothing is passed on"),
                None => self.refuse("501 5.5.4 RCPT TO:<address>"),
            },
            "DATA" if self.token.is_none() => self.refuse("503 5.5.1 RCPT first"),
            "DATA" => {
                self.data = Some(Data::default());
                say("354 End with a dot on a line of its own")
            }
            "RSET" => {
                self.reset();
                say("250 2.0.0 Ok")
            }
            "NOOP" => say("250 2.0.0 Ok"),
            "QUIT" => Turn::Close("221 2.0.0 Bye".to_owned()),
            "VRFY" | "EXPN" | "HELP" | "AUTH" | "STARTTLS" => self.refuse("502 5.5.1 Not here"),
            _ => self.refuse("500 5.5.2 What?"),
        }
    }

    fn hello(&mut self) {
        self.reset();
        self.greeted = true;
    }

    fn reset(&mut self) {
        (self.sender, self.token, self.data) = (None, None, None);
    }

    fn refuse(&mut self, why: &str) -> Turn {
        self.errors += 1;
        if self.errors >= ERRORS_MAX {
            return Turn::Close("421 4.7.0 Too many errors".to_owned());
        }
        Turn::Say(why.to_owned())
    }

    /// A line of a message.
    fn take(&mut self, line: &[u8]) -> Turn {
        let Some(data) = &mut self.data else { return Turn::Listen };
        data.size += line.len() + 2;
        if data.size > MESSAGE_MAX {
            // There is no polite way to stop a sender within a message.
            return Turn::Close("552 5.3.4 That is too big".to_owned());
        }
        data.body |= line.is_empty();
        if !data.body && data.header.len() + line.len() < HEADER_MAX {
            data.header.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
            data.header.push(b'\n');
        }
        Turn::Listen
    }

    /// The dot has come.
    fn arrived(&mut self) -> Turn {
        self.messages += 1;
        let (Some(data), Some(sender), Some(token)) = (self.data.take(), self.sender.take(), self.token.take()) else {
            return self.refuse("503 5.5.1 RCPT first");
        };
        if data.bare {
            return self.refuse("554 5.6.0 A line of that message does not end with CRLF");
        }
        Turn::Arrived(Message { token, sender, header: String::from_utf8_lossy(&data.header).into_owned() })
    }

    /// Who has connected.
    pub(super) const fn client(&self) -> IpAddr {
        self.client
    }
}

/// What stands in the angle brackets; parameters behind them change nothing here.
fn path<'a>(rest: &'a str, key: &str) -> Option<&'a str> {
    let start = rest.get(..key.len())?;
    let rest = rest.get(key.len()..)?.trim_start().strip_prefix('<')?;
    let (path, _) = rest.split_once('>')?;
    let odd = |c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER;
    (start.eq_ignore_ascii_case(key) && path.len() <= 320 && !path.contains(odd)).then_some(path)
}

/// The token of a one-time address at this domain. A source route before it is ignored (RFC 5321 section 4.1.1.3).
fn one_time(path: &str, domain: &DomainName) -> Option<Token> {
    let address = if path.starts_with('@') { path.split_once(':')?.1 } else { path };
    let (local, at) = address.rsplit_once('@')?;
    let token = Token::new(&local.to_ascii_lowercase())?;
    at.eq_ignore_ascii_case(domain.as_str()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef01234567";

    fn session() -> Session {
        let mut session = Session::new(DomainName::new("sink.test").unwrap(), "192.0.2.1".parse().unwrap());
        assert_eq!(said(session.line(b"EHLO a.test\r\n")).get(..4), Some("250-"));
        session
    }

    fn said(turn: Turn) -> String {
        match turn {
            Turn::Say(text) => text,
            Turn::Close(text) => format!("{text}!"),
            Turn::Listen => String::new(),
            Turn::Arrived(message) => {
                format!("{} from <{}>: {}", message.token.as_str(), message.sender, message.header)
            }
        }
    }

    /// Says the lines; gives the replies, three digits each, or the whole of the last one.
    fn check(lines: &[&str], want: &str) {
        let mut session = session();
        let said: Vec<String> = lines.iter().map(|line| said(session.line(line.as_bytes()))).collect();
        let last = said.last().cloned().unwrap_or_default();
        assert!(last.starts_with(want), "{lines:?}: {said:?}");
    }

    #[test]
    fn what_is_taken() {
        let to = format!("RCPT TO:<{TOKEN}@Sink.Test>\r\n");
        let capital = to.to_uppercase();
        let route = format!("rcpt to:<@a.test:{TOKEN}@sink.test> NOTIFY=NEVER\r\n");
        let mail = "MAIL FROM:<me@a.test> SIZE=300\r\n";
        let arrived = format!("{TOKEN} from <me@a.test>: Subject: x\n.y\n");
        let from_nobody = format!("{TOKEN} from <>: ");
        check(&[mail, &to, "DATA\r\n", "Subject: x\r\n", "..y\r\n", "\r\n", "body\r\n", ".\r\n"], &arrived);
        check(&["MAIL FROM:<>\r\n", &capital, "DATA\r\n", ".\r\n"], &from_nobody);
        check(&["MAIL FROM:<>\r\n", &route, "DATA\r\n", "\r\n", ".\r\n"], &from_nobody);
        check(&[mail, &to, &to], "452");
        check(&[mail, "RCPT TO:<postmaster@sink.test>\r\n"], "550");
        check(&[mail, &to.replace("Sink", "other")], "550");
        check(&[mail, &to.replace("0123", "012")], "550");
        check(&[mail, "RCPT TO:<>\r\n"], "550");
        check(&[mail, "RCPT TO:x\r\n"], "501");
        check(&["MAIL FROM:x\r\n"], "501");
        check(&["MAIL FROM:<a\u{1}b@c>\r\n"], "501");
        check(&[mail, mail], "503");
        check(&[&to], "503");
        check(&["DATA\r\n"], "503");
        check(&[mail, "RSET\r\n", &to], "503");
        check(&["QUIT\r\n"], "221");
        check(&["VRFY root\r\n"], "502");
        check(&["\r\n"], "500");
        assert_eq!(
            said(Session::new(DomainName::new("s.test").unwrap(), "::1".parse().unwrap()).line(mail.as_bytes())),
            "503 5.5.1 EHLO first"
        );
    }

    /// Look-alikes of the end of a message end nothing, and a message that has one is not taken.
    #[test]
    fn only_crlf_ends_a_line() {
        let to = format!("RCPT TO:<{TOKEN}@sink.test>\r\n");
        let start = ["MAIL FROM:<>\r\n", &to, "DATA\r\n"];
        for look_alike in [".\n", "\n", ".\r\r\n", "\r.\r\r\n"] {
            let mut session = session();
            start.iter().for_each(|line| drop(session.line(line.as_bytes())));
            assert_eq!(session.line(look_alike.as_bytes()), Turn::Listen, "{look_alike:?}");
            assert_eq!(session.line(b"MAIL FROM:<x@y>\r\n"), Turn::Listen, "{look_alike:?}");
        }
        check(&[start[0], &to, start[2], "x\n", ".\r\n"], "554");
        check(&["NOOP\n"], "500");
    }

    #[test]
    fn bounds() {
        let mut noisy = session();
        let replies: Vec<String> = (0..ERRORS_MAX).map(|_| said(noisy.line(b"X\r\n"))).collect();
        assert_eq!(replies.last().map(String::as_str), Some("421 4.7.0 Too many errors!"));
        assert_eq!(said(session().line(&[b'x'; LINE_MAX])), "500 5.5.2 That line is too long!");

        let to = format!("RCPT TO:<{TOKEN}@sink.test>\r\n");
        let lines = ["MAIL FROM:<>\r\n", &to, "DATA\r\n"];
        let mut big = session();
        lines.iter().for_each(|line| drop(big.line(line.as_bytes())));
        let line = [vec![b'x'; 1000], b"\r\n".to_vec()].concat();
        let mut taken = 0;
        while big.line(&line) == Turn::Listen {
            taken += 1;
            assert!(taken < 1000);
        }
        assert!(taken * 1000 < MESSAGE_MAX);

        let mut busy = session();
        for _ in 0..MESSAGES_MAX {
            lines.iter().for_each(|line| drop(busy.line(line.as_bytes())));
            assert!(matches!(busy.line(b".\r\n"), Turn::Arrived(_)));
            assert_eq!(said(busy.settle(Ok(()))), "250 2.0.0 It has arrived");
        }
        assert_eq!(said(busy.line(b"MAIL FROM:<>\r\n")), "421 4.7.0 Enough for now!");
    }
}
