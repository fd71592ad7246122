//! Lines, read octet by octet, so that it is all one how the stream was cut. An octet string that
//! is announced by its length (a literal: RFC 9051 section 4.3, RFC 5804 section 1.2) is part of its
//! line; of a long one only the beginning is kept.

use shared::Unseen;
use shared::visible::from_bytes;

use super::Protocol;
use crate::dialogue::LINE_MAX;

/// How long a line may be before no more of a literal is kept.
const KEPT_MAX: usize = LINE_MAX / 2;

#[derive(Debug)]
pub(super) struct Reader {
    protocol: Protocol,
    line: Vec<u8>,
    /// How many octets of a literal are still to come.
    literal: u64,
    /// How many octets have come since the last line end: what may announce a literal.
    tail: usize,
}

impl Reader {
    pub(super) const fn new(protocol: Protocol) -> Self {
        Self { protocol, line: Vec::new(), literal: 0, tail: 0 }
    }

    /// Takes an octet; gives a line when it is whole, without its end. A bare LF ends one as well; a
    /// bare CR does not. `first`: no line of this reply is whole yet.
    pub(super) fn push(&mut self, octet: u8, first: bool) -> Result<Option<String>, Unseen> {
        if self.literal > 0 {
            self.literal -= 1;
            if self.line.len() < KEPT_MAX {
                // A line end in a literal must not read as one of the reply.
                self.line.push(if matches!(octet, b'\r' | b'\n') { b' ' } else { octet });
            }
            return Ok(None);
        }
        if octet != b'\n' {
            if self.line.len() >= LINE_MAX {
                return Err(Unseen::Overlong);
            }
            // Said early, so that a peer of another protocol is not waited for.
            if self.line.is_empty() && !may_begin(self.protocol, octet, first) {
                return Err(Unseen::Garbled);
            }
            self.line.push(octet);
            self.tail += 1;
            return Ok(None);
        }
        if self.line.last() == Some(&b'\r') {
            self.line.pop();
            self.tail = self.tail.saturating_sub(1);
        }
        let from = self.line.len().saturating_sub(self.tail);
        self.tail = 0;
        let tail = self.line.get(from..).unwrap_or_default();
        if let Some(length) = announced(tail).filter(|_| may_hold_literals(self.protocol, &self.line)) {
            self.literal = length;
            self.line.push(b' ');
            return Ok(None);
        }
        Ok(Some(from_bytes(&std::mem::take(&mut self.line))))
    }
}

/// May a line begin with this octet?
fn may_begin(protocol: Protocol, octet: u8, first: bool) -> bool {
    match protocol {
        // Our own tags begin with an a.
        Protocol::Imap => b"*+a".contains(&octet),
        Protocol::Pop => !first || b"+-".contains(&octet),
        Protocol::Sieve => b"\"{OoNnBb".contains(&octet),
    }
}

/// The length in `{n}`, `{n+}` or `~{n}` at the end; one that is too large to count is as large as
/// can be.
fn announced(line: &[u8]) -> Option<u64> {
    let line = line.strip_suffix(b"}")?;
    let line = line.strip_suffix(b"+").unwrap_or(line);
    let brace = line.iter().rposition(|octet| *octet == b'{')?;
    let digits = line.get(brace + 1..)?;
    (!digits.is_empty() && digits.iter().all(u8::is_ascii_digit))
        .then(|| digits.iter().fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'))))
}

/// In IMAP the free text of a status may end like a literal and is none (RFC 9051 section 9:
/// resp-text), so only other untagged responses hold them.
fn may_hold_literals(protocol: Protocol, line: &[u8]) -> bool {
    match protocol {
        Protocol::Pop => false,
        Protocol::Sieve => true,
        Protocol::Imap => line.strip_prefix(b"* ").is_some_and(|rest| {
            let word = rest.split(|octet| *octet == b' ').next().unwrap_or_default();
            ![b"OK".as_slice(), b"NO", b"BAD", b"BYE", b"PREAUTH"]
                .iter()
                .any(|status| word.eq_ignore_ascii_case(status))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(protocol: Protocol, bytes: &[u8]) -> Result<Vec<String>, Unseen> {
        let mut reader = Reader::new(protocol);
        let mut lines = Vec::new();
        for octet in bytes {
            lines.extend(reader.push(*octet, lines.is_empty())?);
        }
        Ok(lines)
    }

    #[test]
    fn lines_and_literals() {
        use Protocol::{Imap, Pop, Sieve};
        type Lines<'a> = Result<&'a [&'a str], Unseen>;
        let rows: &[(Protocol, &[u8], Lines)] = &[
            (Imap, b"* OK hi\r\na1 OK\r\n", Ok(&["* OK hi", "a1 OK"])),
            (Imap, b"* OK a\rb\0c\n", Ok(&["* OK a\rb\0c"])),
            (Imap, b"* OK caf\xe9\r\n", Ok(&["* OK caf\\xe9"])),
            (Imap, b"* ID (\"name\" {5}\r\na\r\nb) NIL)\r\n", Ok(&["* ID (\"name\" {5} a  b) NIL)"])),
            (Imap, b"* ID ({2}\r\nab {1+}\r\nc)\n", Ok(&["* ID ({2} ab {1+} c)"])),
            (Imap, b"* ID {0}\r\n\r\n", Ok(&["* ID {0} "])),
            (Imap, b"* ID {3}\r\n{9}\r\n* X\r\n", Ok(&["* ID {3} {9}", "* X"])),
            (Imap, b"* ID {4294967296}\r\n* OK x\r\n", Ok(&[])),
            (Imap, b"* ID {99999999999999999999999}\r\n* OK x\r\n", Ok(&[])),
            (Imap, b"* OK try {5}\r\n* X {5x}\r\n* X {}\r\n", Ok(&["* OK try {5}", "* X {5x}", "* X {}"])),
            (Imap, b"a1 OK done {5}\r\n+ {5}\r\n", Ok(&["a1 OK done {5}", "+ {5}"])),
            (Imap, b"220 mx ESMTP", Err(Unseen::Garbled)),
            (Imap, b"\r\n", Err(Unseen::Garbled)),
            (Imap, b"\x15\x03\x01", Err(Unseen::Garbled)),
            (Imap, b"SSH-2.0", Err(Unseen::Garbled)),
            (Pop, b"+OK <1.2@h>\r\n-x\r\n{5}\r\n", Ok(&["+OK <1.2@h>", "-x", "{5}"])),
            (Pop, b"* OK imap", Err(Unseen::Garbled)),
            (Sieve, b"\"SIEVE\" {3}\r\na\"b\r\nOK {2}\r\nhi\r\n", Ok(&["\"SIEVE\" {3} a\"b", "OK {2} hi"])),
            (Sieve, b"HTTP/1.1 400", Err(Unseen::Garbled)),
        ];
        for (protocol, bytes, want) in rows {
            let want = want.map(|lines| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>());
            assert_eq!(read(*protocol, bytes), want, "{protocol:?} {}", from_bytes(bytes));
        }
    }

    #[test]
    fn caps() {
        let long = [b"* OK ".as_slice(), &[b'x'; LINE_MAX]].concat();
        assert_eq!(read(Protocol::Imap, &long), Err(Unseen::Overlong));
        let literal = [b"* ID {100000}\r\n".as_slice(), &[b'x'; 100_000], b")\r\n"].concat();
        let lines = read(Protocol::Imap, &literal).unwrap();
        assert!(lines.len() == 1 && lines[0].len() <= KEPT_MAX + 1 && lines[0].ends_with("x)"));
        // Literals on and on: the line comes to its end by its own length.
        let many = b"{1}\r\nx".repeat(LINE_MAX);
        assert_eq!(read(Protocol::Sieve, &many), Err(Unseen::Overlong));
    }
}
