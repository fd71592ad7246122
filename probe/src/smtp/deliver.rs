//! Delivers one message. Told apart is where it is refused: before the server has seen it, or for what is in it.

use shared::DomainName;
use shared::evidence::{Exchange, Purpose, Step};
use shared::grant::{Sample, Token};
use shared::local_part::LocalPart;

use super::Command;
use crate::Identity;
use crate::letter::{self, Envelope, bounce_address};

/// A message and its envelope.
#[derive(Debug)]
pub(super) struct Deliver {
    helo: String,
    from: String,
    to: String,
    message: Vec<u8>,
}

impl Deliver {
    pub(super) fn new(
        (domain, mailbox): (&DomainName, &LocalPart),
        sample: Sample,
        token: &Token,
        identity: &Identity,
    ) -> Self {
        let site = identity.sender.rsplit('@').next().unwrap_or_default();
        let envelope = Envelope {
            author: identity.sender.clone(),
            site: site.to_owned(),
            domain: domain.clone(),
            mailbox: mailbox.clone(),
            token: token.clone(),
        };
        Self {
            helo: identity.helo.clone(),
            from: bounce_address(token, site),
            to: format!("{}@{domain}", mailbox.as_str()),
            message: letter::message(&envelope, sample, &identity.letter),
        }
    }

    /// The name that we say in EHLO.
    pub(super) fn helo(&self) -> &str {
        &self.helo
    }

    /// What goes over the wire behind DATA.
    pub(super) fn wire(&self) -> Vec<u8> {
        letter::stuffed(&self.message)
    }

    /// The next command; none: QUIT. Commands go one at a time, so that DATA is never sent where a recipient was refused.
    pub(super) fn next(&self, exchanges: &[Exchange]) -> Vec<Command> {
        let Some(last) = exchanges.last() else { return Vec::new() };
        let code = last.reply.as_ref().map_or(0, |reply| reply.code);
        let next = match (last.step, code) {
            (Step::Greeting, _) => (Step::Ehlo, format!("EHLO {}", self.helo)),
            (Step::Ehlo, 500..) => (Step::Helo, format!("HELO {}", self.helo)),
            (Step::Ehlo | Step::Helo, _) => (Step::Mail(Purpose::Deliver), format!("MAIL FROM:<{}>", self.from)),
            (Step::StartTls, _) => (Step::Mail(Purpose::Deliver), format!("MAIL FROM:<{}>", self.from)),
            (Step::Mail(_), ..=399) => (Step::Rcpt(Purpose::Deliver), format!("RCPT TO:<{}>", self.to)),
            (Step::Rcpt(_), ..=399) => (Step::Data, "DATA".to_owned()),
            (Step::Data, 354) => (Step::Message, format!("({} octets and a dot)", self.message.len())),
            _ => return Vec::new(),
        };
        vec![next]
    }
}

#[cfg(test)]
mod tests {
    use shared::Unseen;
    use shared::evidence::SmtpSession;
    use shared::inquiry::Script;

    use super::super::Dialogue;
    use super::*;
    use crate::dialogue::{Dialogue as _, Event};
    use crate::letter::Letter;

    /// A conversation with a server that says these things; what was sent, and what came of it.
    fn talk(replies: &[&str]) -> (String, Result<SmtpSession, Unseen>) {
        talk_with(None, usize::MAX, replies)
    }

    /// The same with a code in the message, for a host that may refuse something so many times more.
    fn talk_with(code: Option<&str>, left: usize, replies: &[&str]) -> (String, Result<SmtpSession, Unseen>) {
        let domain = DomainName::new("h.test").unwrap();
        let mut identity = Identity::at(&DomainName::new("us.test").unwrap());
        identity.letter =
            Letter { link: "https://us.test/run/1".to_owned(), at: 1_791_000_000_000, code: code.map(str::to_owned) };
        let script = Script::Deliver {
            domain,
            mailbox: LocalPart::new("box").unwrap(),
            sample: Sample::EicarZip,
            token: Token::of("n", "x"),
        };
        let mut dialogue = Dialogue::new(&script, &identity, "n", "192.0.2.1".parse().unwrap()).refusals_left(left);
        let (mut sent, mut replies) = (String::new(), replies.iter());
        loop {
            match dialogue.next(1_000) {
                Event::Send { bytes, .. } => sent += &String::from_utf8(bytes).unwrap(),
                Event::Wait { .. } => match replies.next() {
                    Some(reply) => dialogue.received(format!("{reply}\r\n").as_bytes(), 1_000),
                    None => dialogue.ended(Unseen::Closed),
                },
                Event::StartTls { .. } => panic!("no TLS was offered"),
                Event::Done => return (sent, dialogue.finish()),
            }
        }
    }

    const START: [&str; 2] = ["220 mx", "250 mx"];

    #[test]
    fn a_message_is_delivered() {
        let (sent, session) = talk(&[&START[..], &["250 a", "250 b", "354 c", "250 d", "221 e"]].concat());
        let token = Token::of("n", "x");
        let head = format!(
            "EHLO probe.us.test\r\nMAIL FROM:<b-{}@us.test>\r\nRCPT TO:<box@h.test>\r\nDATA\r\nDate: ",
            token.as_str()
        );
        assert!(sent.starts_with(&head), "{sent}");
        assert!(sent.ends_with("--\r\n.\r\nQUIT\r\n"), "{sent}");
        let session = session.unwrap();
        let message = session.step(Step::Message).unwrap();
        assert!(message.sent.starts_with('(') && message.reply.as_ref().is_some_and(|reply| reply.code == 250));
        assert_eq!(session.broke, None);
    }

    /// Whatever is refused, nothing more is sent but QUIT.
    #[test]
    fn where_it_is_refused() {
        let rows: [(&[&str], Step, &str); 4] = [
            (&["550 no"], Step::Mail(Purpose::Deliver), "MAIL"),
            (&["250 a", "550 no"], Step::Rcpt(Purpose::Deliver), "RCPT"),
            (&["250 a", "250 b", "554 no"], Step::Data, "DATA\r\n"),
            (&["250 a", "250 b", "354 c", "554 virus"], Step::Message, "\r\n.\r\n"),
        ];
        for (replies, step, last) in rows {
            let (sent, session) = talk(&[&START[..], replies, &["221 bye"]].concat());
            let session = session.unwrap();
            assert!(session.step(step).unwrap().reply.as_ref().unwrap().code >= 500, "{step:?}");
            let (before, _) = sent.split_once("QUIT\r\n").unwrap();
            let tail = before.rsplit_once(last).unwrap().1;
            assert!(tail.is_empty() || !tail.contains('\n') || tail.ends_with(">\r\n"), "{step:?}: {tail}");
        }
    }

    /// What brings the code keeps to the host's budget; what the code opened does not.
    #[test]
    fn the_code_is_within_the_budget() {
        let yes = [&START[..], &["250 a", "250 b", "354 c", "250 d", "221 e"]].concat();
        for (code, left, is_sent) in [(Some("ABCD-2345"), 0, false), (Some("ABCD-2345"), 1, true), (None, 0, true)] {
            let (sent, session) = talk_with(code, left, &yes);
            let session = session.unwrap();
            assert_eq!((sent.contains("MAIL FROM"), session.spared), (is_sent, !is_sent), "{code:?} {left}: {sent}");
            assert_eq!(session.step(Step::Message).is_some(), is_sent, "{code:?} {left}");
        }
    }

    #[test]
    fn silence_after_the_dot_is_no_yes() {
        let (_, session) = talk(&[&START[..], &["250 a", "250 b", "354 c"]].concat());
        let session = session.unwrap();
        assert_eq!(session.broke, Some(Unseen::Closed));
        assert!(session.step(Step::Message).is_some_and(|message| message.reply.is_none()));
        // A server without EHLO gets HELO.
        let (sent, _) = talk(&["220 x", "500 what", "250 x", "550 no", "221 bye"]);
        assert!(sent.starts_with("EHLO probe.us.test\r\nHELO probe.us.test\r\nMAIL"), "{sent}");
    }
}
