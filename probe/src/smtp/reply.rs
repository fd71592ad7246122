//! SMTP replies, read as they come in.

use shared::Unseen;
use shared::evidence::Reply;
use shared::visible::from_bytes;

use crate::dialogue::{LINE_MAX, LINES_MAX};

/// Reads replies octet by octet, so that it is all one how the stream was cut.
#[derive(Debug, Default)]
pub(super) struct Parser {
    line: Vec<u8>,
    code: Option<u16>,
    lines: Vec<String>,
}

impl Parser {
    /// Takes an octet; gives a reply when its last line is whole. A bare LF ends a line as well.
    pub(super) fn push(&mut self, octet: u8) -> Result<Option<Reply>, Unseen> {
        if octet == b'\n' {
            return self.line();
        }
        if self.line.len() >= LINE_MAX {
            return Err(Unseen::Overlong);
        }
        self.line.push(octet);
        // Said early, so that a peer of another protocol is not waited for.
        match self.line.as_slice() {
            [b'2'..=b'5'] | [_, b'0'..=b'9'] | [_, _, b'0'..=b'9'] => Ok(None),
            [_] | [_, _] | [_, _, _] => Err(Unseen::Garbled),
            [_, _, _, b' ' | b'-' | b'\r'] => Ok(None),
            [_, _, _, _] => Err(Unseen::Garbled),
            _ => Ok(None),
        }
    }

    /// The end of a line: `250-text`, `250 text` or `250` (RFC 5321 section 4.2.1).
    fn line(&mut self) -> Result<Option<Reply>, Unseen> {
        let line = std::mem::take(&mut self.line);
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        let (digits, rest) = line.split_at_checked(3).ok_or(Unseen::Garbled)?;
        let code = digits.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit.wrapping_sub(b'0')));
        if self.code.is_some_and(|earlier| earlier != code) {
            return Err(Unseen::Garbled); // RFC 5321 section 4.2.1: all lines carry the same code
        }
        let (more, text) = match rest {
            [] => (false, rest),
            [b' ', text @ ..] => (false, text),
            [b'-', text @ ..] => (true, text),
            _ => return Err(Unseen::Garbled),
        };
        if self.lines.len() >= LINES_MAX {
            return Err(Unseen::Overlong);
        }
        self.lines.push(from_bytes(text));
        if more {
            self.code = Some(code);
            return Ok(None);
        }
        self.code = None;
        Ok(Some(Reply { code, lines: std::mem::take(&mut self.lines) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<(u16, Vec<String>)>, Unseen> {
        let mut parser = Parser::default();
        let mut replies = Vec::new();
        for octet in bytes {
            replies.extend(parser.push(*octet)?.map(|reply| (reply.code, reply.lines)));
        }
        Ok(replies)
    }

    #[test]
    fn replies() {
        type Replies<'a> = Result<&'a [(u16, &'a [&'a str])], Unseen>;
        let rows: &[(&[u8], Replies)] = &[
            (b"220 mx.test ESMTP\r\n", Ok(&[(220, &["mx.test ESMTP"])])),
            (b"250-mx\r\n250-SIZE 1\r\n250 HELP\r\n", Ok(&[(250, &["mx", "SIZE 1", "HELP"])])),
            (b"250 a\n250 b\r\n", Ok(&[(250, &["a"]), (250, &["b"])])),
            (b"250\r\n", Ok(&[(250, &[""])])),
            (b"250-\r\n250\n", Ok(&[(250, &["", ""])])),
            (b"250 caf\xe9\x1b[0m\r\n", Ok(&[(250, &["caf\\xe9\x1b[0m"])])),
            (b"250 half a line", Ok(&[])),
            (b"250-a\r\n", Ok(&[])),
            (b"250-a\r\n251 b\r\n", Err(Unseen::Garbled)),
            (b"SSH-2.0-OpenSSH", Err(Unseen::Garbled)),
            (b"\x15\x03\x01", Err(Unseen::Garbled)),
            (b"150 x\r\n", Err(Unseen::Garbled)),
            (b"600 x\r\n", Err(Unseen::Garbled)),
            (b"25\r\n", Err(Unseen::Garbled)),
            (b"25\n", Err(Unseen::Garbled)),
            (b"\r\n", Err(Unseen::Garbled)),
            (b"\n", Err(Unseen::Garbled)),
            (b"250x\r\n", Err(Unseen::Garbled)),
            (b"250\rx\r\n", Err(Unseen::Garbled)),
        ];
        for (bytes, want) in rows {
            let want = want.map(|replies| {
                let own = |lines: &[&str]| lines.iter().map(|l| (*l).to_owned()).collect();
                replies.iter().map(|(code, lines)| (*code, own(lines))).collect::<Vec<_>>()
            });
            assert_eq!(read(bytes), want, "{}", from_bytes(bytes));
        }
    }

    #[test]
    fn caps() {
        let long = [b"250 ".as_slice(), &[b'x'; LINE_MAX]].concat();
        assert_eq!(read(&long), Err(Unseen::Overlong));
        let fits = [b"250 ".as_slice(), &[b'x'; LINE_MAX - 4], b"\n"].concat();
        assert_eq!(read(&fits).map(|replies| replies.len()), Ok(1));
        let many = b"250-x\r\n".repeat(LINES_MAX);
        assert_eq!(read(&many), Ok(vec![]));
        assert_eq!(read(&[&many, b"250 x\r\n".as_slice()].concat()), Err(Unseen::Overlong));
    }
}
